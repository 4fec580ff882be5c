"""A dialog of a few lines to fill in and one thing to do with them, which may take a while."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Static

from schema.errors import DuijieError, Offline
from schema.records import problems
from schema.safe_text import clean, safe_text
from schema.wording import N_, _
from tui.palette import Shades
from tui.screens.dialog import Dialog
from tui.widgets.typing import TypeLine


def anything(text: str) -> object:
    """Takes whatever is typed."""


class Entry(NamedTuple):
    """A line to fill in: its label and what may stand there, as source strings.

    `check` raises the DuijieError of a text that cannot be meant.
    """

    label: str
    example: str
    check: Callable[[str], object] = anything


class Told(NamedTuple):
    """The words of the dialog, as source strings."""

    heading: str
    words: str
    waiting: str


class Entries(Dialog[bool]):
    """Gives True once `do` has done its part with the texts; a DuijieError of it is said here."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
    ]
    DEFAULT_CSS = """
    Entries Horizontal { height: 1; margin-top: 1; background: $shade-raise; }
    Entries Horizontal:focus-within { background: $shade-cursor; }
    Entries Horizontal > Static { width: 15; padding: 0 2; color: $shade-muted; }
    Entries Horizontal > TypeLine { margin: 0; background: transparent; }
    Entries .told { height: auto; margin-top: 1; color: $shade-yellow; }
    Entries .told.waiting { color: $shade-muted; }
    Entries .foot { height: 1; margin-top: 1; color: $shade-muted; }
    """

    def __init__(
        self,
        shades: Shades,
        told: Told,
        entries: Sequence[Entry],
        do: Callable[[list[str]], Awaitable[object]],
    ) -> None:
        super().__init__(shades)
        self._words = told
        self._entries = entries
        self._do = do
        self._busy = False
        self._labels = [Static("", markup=False) for _entry in entries]
        self._lines = [TypeLine() for _entry in entries]
        self._head = Static("", markup=False, classes="heading")
        self._say = Static("", markup=False, classes="words")
        self._told = Static("", markup=False, classes="told")
        self._foot = Static("", markup=False, classes="foot")
        self._wrong: Input | None = None

    def compose(self) -> ComposeResult:
        with Vertical(classes="panel"):
            yield self._head
            yield self._say
            for label, line in zip(self._labels, self._lines, strict=True):
                with Horizontal():
                    yield label
                    yield line
            yield self._told
            yield self._foot

    def on_mount(self) -> None:
        self._told.display = False
        self.retell()
        self._lines[0].focus()

    def retell(self) -> None:
        """Say everything in the language of now."""
        self._head.update(_(self._words.heading))
        self._say.update(_(self._words.words))
        for entry, label, line in zip(self._entries, self._labels, self._lines, strict=True):
            label.update(_(entry.label))
            line.placeholder = _(entry.example)
        self._tell_foot()
        if self._busy:
            self._tell(_(self._words.waiting), waiting=True)
        elif self._wrong is not None and self._checked():
            # What only trying could tell is told by trying again.
            self._tell("")

    def action_give_up(self) -> None:
        if not self._busy:
            self.dismiss(False)

    @on(Input.Submitted)
    async def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        place = next(n for n, line in enumerate(self._lines) if line is event.input)
        empty = next((line for line in self._lines[place + 1 :] if not line.value.strip()), None)
        if self._busy:
            return
        if empty is not None:
            empty.focus()
            return
        if not self._checked():
            return
        self._busy = True
        self._tell(_(self._words.waiting), waiting=True)
        self.run_worker(self._try([line.value.strip() for line in self._lines]))

    def _checked(self) -> bool:
        """Whether every line can be meant; the first that cannot is said and takes the focus."""
        for entry, line in zip(self._entries, self._lines, strict=True):
            try:
                entry.check(line.value.strip())
            except DuijieError as error:
                self._say_wrong(error, line)
                return False
        return True

    async def _try(self, texts: list[str]) -> None:
        try:
            await self._do(texts)
        except DuijieError as error:
            # Nobody there: the address; turned down: what was said there.
            self._say_wrong(error, self._lines[0 if isinstance(error, Offline) else -1])
        else:
            self.dismiss(True)
        finally:
            self._busy = False

    def _say_wrong(self, error: DuijieError, line: Input) -> None:
        self._tell(str(error))
        self._wrong = line
        self._tell_foot()
        line.focus()

    def _tell_foot(self) -> None:
        wrong = self._wrong is not None
        self._foot.update(
            _("Mend it, Enter tries again   Esc back") if wrong else _("Enter goes on   Esc back")
        )

    def _tell(self, text: str, *, waiting: bool = False) -> None:
        self._told.set_class(waiting, "waiting")
        self._told.update(safe_text(text, lines=True))
        self._told.display = bool(text)
        self._wrong = None


def _address(text: str) -> None:
    from syncd.address import checked

    checked(text)


def _named(kind: str, text: str) -> None:
    for problem in problems(kind, {"name": clean(text, lines=False)}):
        raise problem


JOIN = Told(
    N_("Join a hub"),
    N_("The address and the code are in the invitation; a code works once, within 72 hours."),
    N_("Asking the hub, and taking over what it holds ..."),
)
JOIN_ENTRIES = (
    Entry(N_("Address"), "wss://hub.example.com:8765", _address),
    Entry(N_("Code"), N_("from the invitation")),
)
ALONE = Told(
    N_("Start alone"),
    N_("A workspace of your own on this machine. Joining a hub later takes everything along."),
    N_("Making the workspace ..."),
)
ALONE_ENTRIES = (
    Entry(N_("Name"), N_("your name; * before a post: *manager"), partial(_named, "person")),
    Entry(N_("Department"), N_("the department you speak for"), partial(_named, "department")),
)
