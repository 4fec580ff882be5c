"""Dialogs: a panel over the frame, a question with its choices, and a list to pick from by typing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from schema.safe_text import safe_text
from tui.actions import bindings
from tui.palette import Shades
from tui.widgets.choices import Choice, Choices
from tui.widgets.lines import Lines
from tui.widgets.rows import Held
from tui.widgets.typing import TypeLine

T = TypeVar("T")
Text = str | Callable[[], str]  # words, or what says them in the language of now
Offered = Sequence[Choice] | Callable[[], Sequence[Choice]]


def said(text: Text) -> str:
    """The words, safe to show."""
    return safe_text(text() if callable(text) else text, lines=True)


class Dialog(ModalScreen[T], Generic[T]):
    """A panel in the middle of the screen; Esc gives None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "give_up", show=False),
        *bindings("app.help"),
    ]
    DEFAULT_CSS = """
    Dialog { align: center middle; background: $shade-bg 60%; }
    Dialog > .panel {
        width: 72; max-width: 96%; height: auto; max-height: 90%;
        background: $shade-panel; padding: 1 2;
    }
    Dialog .heading { text-style: bold; color: $shade-text; height: auto; }
    Dialog .words { color: $shade-muted; height: auto; padding-top: 1; }
    Dialog Lines { height: auto; margin-top: 1; }
    Dialog Input { margin-top: 1; background: $shade-raise; color: $shade-text; }
    """

    def __init__(self, shades: Shades) -> None:
        super().__init__()
        self.shades = shades

    def action_give_up(self) -> None:
        self.dismiss(None)

    async def action_help(self) -> None:
        """The keys of this dialog; the app's own binding ends before it."""
        await self.app.run_action("app.help")

    def retell(self) -> None:
        """The language or the colours are others; what was composed in words stays as it is."""
        for lines in self.query(Lines):
            lines.shades = self.shades
            lines.reread()


class Ask(Dialog[str]):
    """A question; gives the key of the choice, the safe one first, or None.

    Words and choices that are functions follow the language while it is asked.
    """

    def __init__(
        self, shades: Shades, question: Text, choices: Offered, *, words: Text = ""
    ) -> None:
        super().__init__(shades)
        self._question = question
        self._words = words
        self._choices = choices
        self._head = Static("", markup=False, classes="heading")
        self._more = Static("", markup=False, classes="words")
        self._source = Choices(self._held())
        self._list = Lines(self._source, shades, ground="panel")

    def _held(self) -> Held[Choice]:
        choices = self._choices() if callable(self._choices) else self._choices
        return Held(choices, [each.key for each in choices])

    def compose(self) -> ComposeResult:
        with Vertical(classes="panel"):
            yield self._head
            yield self._more
            yield self._list

    def on_mount(self) -> None:
        self.retell()
        self._list.focus()

    def retell(self) -> None:
        """Ask in the language and the colours of now."""
        self._head.update(said(self._question))
        words = said(self._words)
        self._more.update(words)
        self._more.display = bool(words)
        self._source.window = self._held()
        self._list.styles.height = self._source.window.count
        super().retell()

    @on(Lines.Opened)
    def _picked(self, message: Lines.Opened) -> None:
        self.dismiss(message.key)


class Pick(Dialog[str]):
    """A line to type in and the choices it leaves; gives the key of one, or None.

    `offer` gives the choices for what is typed, best first; it is asked at every key.
    """

    DEFAULT_CSS = "Pick { align: center top; } Pick > .panel { margin-top: 3; }"
    SHOWN = 14

    def __init__(
        self,
        shades: Shades,
        heading: str,
        offer: Callable[[str], Sequence[Choice]],
        *,
        placeholder: str = "",
    ) -> None:
        super().__init__(shades)
        self._heading = heading
        self._offer = offer
        self._placeholder = placeholder

    def compose(self) -> ComposeResult:
        with Vertical(classes="panel"):
            yield Static(safe_text(self._heading), markup=False, classes="heading")
            yield TypeLine(placeholder=self._placeholder)
            self._source = Choices(self._held(""))
            self._list = Lines(self._source, self.shades, ground="panel")
            self._list.can_focus = False
            self._list.styles.height = self.SHOWN
            yield self._list

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    def _held(self, text: str) -> Held[Choice]:
        choices = self._offer(text)
        return Held(choices, [each.key for each in choices])

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self.offer_again()
        self._list.action_first()

    def offer_again(self) -> None:
        """Ask for the choices anew; the cursor stays on its own while that is offered."""
        self._source.window = self._held(self.query_one(Input).value)
        self._list.reread()

    def rename(self, heading: str, placeholder: str) -> None:
        """Say the words around the choices again."""
        self.query_one(".heading", Static).update(safe_text(heading))
        self.query_one(Input).placeholder = placeholder

    @on(Input.Submitted)
    def _entered(self) -> None:
        self._list.action_open()

    @on(Lines.Opened)
    def _picked(self, message: Lines.Opened) -> None:
        self.dismiss(message.key)

    def key_down(self) -> None:
        self._list.action_down()

    def key_up(self) -> None:
        self._list.action_up()

    def key_pagedown(self) -> None:
        self._list.action_page_down()

    def key_pageup(self) -> None:
        self._list.action_page_up()
