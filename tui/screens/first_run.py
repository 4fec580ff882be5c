"""The first screen of a home that has no workspace: see the example, start alone, join."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.screen import Screen
from textual.widgets import Static

from schema.errors import DuijieError
from schema.safe_text import safe_text
from schema.wording import N_, _
from tui.actions import ACTIONS, display
from tui.screens.entries import ALONE, ALONE_ENTRIES, JOIN, JOIN_ENTRIES, Entries
from tui.widgets.choices import Choice, Choices
from tui.widgets.chrome import KeysRow, ShownKey
from tui.widgets.lines import Lines
from tui.widgets.rows import Held

if TYPE_CHECKING:
    from tui.app import DuijieApp

EXAMPLE, START, JOINING = "example", "alone", "join"
SETTING = N_("Setting the stage: a hub, three people, two edits too many ...")


class FirstRun(Screen[None]):
    """Three choices; each opens the workspace when it has gone well."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back", show=False)]
    DEFAULT_CSS = """
    FirstRun { layout: vertical; background: $shade-bg; color: $shade-text; }
    FirstRun > #middle { height: 1fr; align: center middle; }
    FirstRun > #middle > Vertical { width: 72; max-width: 96%; height: auto; }
    FirstRun Static { height: auto; width: 1fr; padding-left: 2; color: $shade-muted; }
    FirstRun .fact { text-style: bold; color: $shade-text; margin-bottom: 1; }
    FirstRun Lines { height: 3; margin: 1 0; }
    FirstRun .told { color: $shade-yellow; margin-top: 1; }
    FirstRun .told.waiting { color: $shade-muted; }
    """

    def __init__(self, app: DuijieApp) -> None:
        super().__init__()
        self._duijie = app
        self.shades = app.shades
        self._busy = False
        self._fact = Static("", markup=False, classes="fact")
        self._words = Static("", markup=False)
        self._source = Choices(Held([], []))
        self._list = Lines(self._source, app.shades, ground="panel")
        self._after = Static("", markup=False)
        self._told = Static("", markup=False, classes="told")
        self._keys = KeysRow(app.current_shades)

    def compose(self) -> ComposeResult:
        with Container(id="middle"), Vertical():
            yield self._fact
            yield self._words
            yield self._list
            yield self._after
            yield self._told
        yield self._keys

    def on_mount(self) -> None:
        self._told.display = False
        self.retell()
        self._list.focus()

    def retell(self) -> None:
        """Say everything in the language and the colours of now."""
        self._fact.update(_("duijie: work across departments, with or without a network"))
        self._words.update(
            _("There is no workspace in {path} yet.", path=safe_text(str(self._duijie.home.path)))
        )
        self._after.update(
            _("Works without a network; what you write alone goes along when you join.")
        )
        choices = [
            Choice(EXAMPLE, _("See the example"), _("a launch, three people, two conflicts")),
            Choice(START, _("Start alone"), _("your name and your department")),
            Choice(JOINING, _("Join a hub"), _("with an invitation's code")),
        ]
        self._source.window = Held(choices, [choice.key for choice in choices])
        self._list.shades = self.shades
        self._list.reread()
        self._keys.keys = [
            ShownKey("Enter", _("Choose"), "list.open", False),
            *(
                ShownKey(display(id, *ACTIONS[id].keys.split(",")), _(ACTIONS[id].words), id, right)
                for id, right in (("app.language", False), ("app.quit", False), ("app.help", True))
            ),
        ]
        self._keys.refresh()
        if self._busy:
            self._tell(_(SETTING), True)
        else:
            self._told.display = False

    def action_back(self) -> None:
        """There is nothing to go back to: say how to leave."""
        self._told.display = self._busy
        self._duijie.say(_("Nothing has been made here yet; ^Q quits."))

    @on(KeysRow.Pressed)
    async def _pressed(self, message: KeysRow.Pressed) -> None:
        await self._duijie.run_by_id(message.id)

    @on(Lines.Opened)
    def _chosen(self, message: Lines.Opened) -> None:
        if self._busy:
            return
        if message.key == EXAMPLE:
            # The app's worker: this screen's own would end with it, before its work is done.
            self.app.run_worker(self._show_example())
            return
        duijie = self._duijie
        if message.key == START:
            dialog = Entries(duijie.shades, ALONE, ALONE_ENTRIES, duijie.start_alone)
        else:
            dialog = Entries(duijie.shades, JOIN, JOIN_ENTRIES, duijie.join_hub)
        self.app.push_screen(dialog, self._begun)

    def _begun(self, done: bool | None) -> None:
        if done:
            self.app.run_worker(self._duijie.attempt(self._duijie.open_workspace()))

    async def _show_example(self) -> None:
        self._busy = True
        self._tell(_(SETTING), True)
        try:
            await self._duijie.show_example(self._tell_far)
        except DuijieError as error:
            self._tell(str(error))
        finally:
            self._busy = False

    def _tell_far(self, far: str) -> None:
        if self._busy and self.is_attached:
            self._tell(far, True)

    def _tell(self, text: str, waiting: bool = False) -> None:
        self._told.set_class(waiting, "waiting")
        self._told.update(safe_text(text, lines=True))
        self._told.display = True
