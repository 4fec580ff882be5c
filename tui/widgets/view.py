"""What stands between the context row and the keys row: a view of the workspace."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from msgspec import Struct
from textual.widget import Widget

from tui.palette import Shades
from tui.workspace import Workspace

if TYPE_CHECKING:
    from tui.app import DuijieApp


NARROW = 100  # cells; below it a screen has its narrow form
HIGH = 30  # lines; below it there is no peek


EVERY = "*"  # what `filtered_kind` is where records of all kinds are listed


class Fact(Struct, frozen=True):
    """A word of the context row in its shade."""

    text: str
    role: str = "muted"
    bold: bool = False
    underline: bool = False


class Context(Struct, frozen=True):
    """The context row: facts from the left, and from the right."""

    left: list[Fact]
    right: list[Fact]


class View(Widget):
    """One screen's worth; the frame around it belongs to `Frame`.

    `tab` is the digit of the tab it belongs to, "" where it has none.
    """

    tab: ClassVar[str] = ""
    #: A few sentences about what is seen here, as source strings, for the help.
    help: ClassVar[tuple[str, ...]] = ()
    DEFAULT_CSS = """
    View { height: 1fr; width: 1fr; layout: vertical; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.filter = ""
        self.read_at: object = None  # when the frame last had it read
        self.asked = 0  # how many of its questions a thread has yet to answer
        self.shows: tuple[str, ...] | None = None  # what was chosen when the list was counted

    @property
    def duijie(self) -> DuijieApp:
        """The app, as what it is."""
        from tui.app import DuijieApp

        assert isinstance(self.app, DuijieApp)
        return self.app

    @property
    def workspace(self) -> Workspace:
        return self.duijie.workspace

    @property
    def shades(self) -> Shades:
        return self.duijie.shades

    def on_resize(self) -> None:
        self.set_class(self.size.width < NARROW, "-narrow")

    # -- what the frame asks

    def context(self) -> Context:
        """What the context row says."""
        return Context([], [])

    def reread(self) -> None:
        """The replica has changed, or what is shown of it: the project, the filter, the language."""

    def counting(self) -> Callable[[sqlite3.Connection], Any] | None:
        """What counts the list for `take`, in any thread; None where `reread` is all there is."""
        return None

    def take(self, counted: Any) -> None:
        """Reread with what `counting` gave."""
        self.reread()

    def showing(self) -> tuple[str, ...]:
        """What is chosen of all there is; what was counted for another choice is of no use."""
        return (self.filter, self.duijie.project)

    def words_of(self, action: str) -> str:
        """What an action is called by what is shown now; "" for its usual words."""
        return ""

    def tick(self) -> None:
        """A second has passed."""

    def take_focus(self) -> None:
        """Focus what should have it when this view comes up."""

    def set_filter(self, text: str) -> None:
        """Narrow the list, which stays as it is until that is counted; QueryError where the text cannot be read."""
        self.check_filter(text)
        text = text if text.strip() else ""
        if text != self.filter:
            self.filter = text
            self.count_beside()

    def count_beside(self) -> None:
        """Count in a thread, for a filter is tried on every record; it counts as read once that is taken."""
        self.read_at = None
        self.duijie.hearing.count(self)

    @property
    def listed(self) -> bool:
        """Whether the list is that of what is chosen, and not still that of what was."""
        return self.is_mounted and self.shows == self.showing()

    #: The kind whose fields the filter line completes; "" where the view has no filter.
    filtered_kind: str = ""

    def check_filter(self, text: str) -> None:
        """QueryError where a filter over this list cannot be read."""
        from syncd.store.found import check_filter

        kind = None if self.filtered_kind == EVERY else self.filtered_kind
        check_filter(self.workspace.conn, kind, text, now=self.workspace.now())

    def found(self) -> int | None:
        """How many the list shows; None where it does not say."""
        return None

    #: The kind that New makes here; "" where one is to be picked.
    new_kind: str = ""

    def new_values(self) -> dict[str, Any]:
        """What a new record of that kind begins with here."""
        return {}

    @property
    def called(self) -> str:
        """What the record that is shown is called by its kind; "" where none is."""
        return ""

    def made_of(self) -> dict[str, dict[str, Any]]:
        """The kinds that can be made of the record that is shown, and what each begins with."""
        return {}

    def show_record(self, kind: str, id: str) -> None:
        """Put the cursor on a record that was just looked at, where it is listed here."""
        from tui.widgets.lines import Lines

        for lines in self.query(Lines):
            if lines.source.where(id) is not None:
                lines.go_to(id)

    def foot(self) -> int:
        """The lines at the bottom that are read and that no toast may cover: those of class `foot`."""
        below = self.region.bottom
        return max(
            (below - each.region.y for each in self.query(".foot") if each.region.height), default=0
        )

    def back(self) -> bool:
        """Esc was pressed: go back inside the view; False where there is nothing to go back from."""
        return False

    def leave(self) -> bool:
        """Whether the view may be closed now; it asks where something would be lost."""
        return True
