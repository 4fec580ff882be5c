"""A list of rows under headings, read in windows: the plain shape of a `Source`."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar

from msgspec import Struct
from textual.geometry import Region

from tui.ink import Ink
from tui.widgets.lines import Key, Look, Step

PAGE = 64
R = TypeVar("R")
Rc = TypeVar("Rc", covariant=True)


class Window(Protocol[Rc]):
    """What rows are read from."""

    @property
    def count(self) -> int: ...

    def rows(self, first: int, n: int) -> Sequence[Rc]: ...

    def place(self, key: Key) -> int | None: ...


class Heading(Struct, frozen=True):
    """A heading before the row of this place, with its count and more words for its columns."""

    first: int
    text: str
    total: int | None = None


class RowSource(Generic[R]):
    """Rows of `lines` lines with `gap` blank lines after each; a subclass draws one.

    A heading takes a line, and `above` blanks go before every heading but the first.
    """

    lines = 1
    gap = 0
    above = 1

    def __init__(self, window: Window[R]) -> None:
        self.window = window
        self.cells = 0
        self.height = 0
        self._pages: dict[int, Sequence[R]] = {}
        self._known: dict[Key, int] = {}
        self._headings: list[Heading] = []
        self._firsts: list[int] = []
        self._tops: list[int] = []
        self._lay()

    # -- what a subclass says

    def key(self, row: R) -> Key:
        """What a row is known by."""
        raise NotImplementedError

    def draw_row(self, row: R, part: int, ink: Ink, look: Look, place: int) -> None:
        """Draw one line of a row; the row's ground and stripe are its own to lay."""
        raise NotImplementedError

    def headings(self) -> list[Heading]:
        """The headings in order; none makes a plain list."""
        return []

    def draw_heading(self, heading: Heading, ink: Ink) -> None:
        """Draw a heading: bold, with a muted count two cells on."""
        x = ink.put(3 if ink.cells >= 100 else 2, heading.text, bold=True)
        if heading.total is not None:
            ink.put(x + 2, str(heading.total), "muted")

    # -- what the list asks

    def fit(self, cells: int, lines: int) -> None:
        self.cells = cells
        self._lay()

    def read(self) -> None:
        self._pages.clear()
        self._known.clear()
        self._lay()

    def row(self, place: int) -> R | None:
        """The row of a place, 0 the first."""
        if not 0 <= place < self.window.count:
            return None
        page, offset = divmod(place, PAGE)
        if page not in self._pages:
            self._pages[page] = self.window.rows(page * PAGE, PAGE)
            self._known.update(
                (self.key(row), n) for n, row in enumerate(self._pages[page], page * PAGE)
            )
        rows = self._pages[page]
        return rows[offset] if offset < len(rows) else None

    def _place_of(self, key: Key) -> int | None:
        """The place of a row: known of those that were read, else asked for."""
        known = self._known.get(key)
        return known if known is not None else self.window.place(key)

    @property
    def _tall(self) -> int:
        return self.lines + self.gap

    def _lay(self) -> None:
        """Where each heading stands: before its rows, a blank before all but the first."""
        self._headings = self.headings()
        self._firsts = [heading.first for heading in self._headings]
        self._tops = []
        extra = 0
        for n, heading in enumerate(self._headings):
            extra += self.above if n else 0
            self._tops.append(heading.first * self._tall + extra)
            extra += 1
        self.height = self.window.count * self._tall + extra

    def _top(self, place: int) -> int:
        """The line that a row begins at."""
        return place * self._tall + self._extra(bisect_right(self._firsts, place))

    def _extra(self, headings: int) -> int:
        """The lines that so many headings take."""
        return headings * (1 + self.above) - self.above if headings else 0

    def _place_at(self, y: int) -> tuple[int, int] | Heading | None:
        """The row and its line at a line of the canvas, or the heading, or None for a blank."""
        n = bisect_right(self._tops, y) - 1
        if n >= 0 and self._tops[n] == y:
            return self._headings[n]
        place, part = divmod(y - self._extra(n + 1), self._tall)
        if n + 1 < len(self._tops) and y >= self._tops[n + 1] - self.above:
            return None
        return (place, part) if 0 <= place < self.window.count and part < self.lines else None

    def draw(self, y: int, ink: Ink, look: Look) -> None:
        found = self._place_at(y)
        if isinstance(found, Heading):
            self.draw_heading(found, ink)
        elif found is not None:
            row = self.row(found[0])
            if row is not None:
                self.draw_row(row, found[1], ink, look, found[0])

    def at(self, x: int, y: int) -> Key | None:
        found = self._place_at(y)
        if found is None or isinstance(found, Heading):
            return None
        row = self.row(found[0])
        return self.key(row) if row is not None else None

    def where(self, key: Key) -> Region | None:
        place = self._place_of(key)
        if place is None:
            return None
        return Region(0, self._top(place), max(self.cells, 1), self.lines)

    def step(self, key: Key | None, step: Step, lines: int) -> Key | None:
        count = self.window.count
        if not count:
            return None
        place = self._place_of(key) if key is not None else None
        if place is None:
            wanted = 0
        else:
            screen = max(lines // self._tall - 1, 1)
            moves = {"up": -1, "down": 1, "page_up": -screen, "page_down": screen}
            wanted = place + moves.get(step, 0)
            if step in ("first", "last"):
                wanted = 0 if step == "first" else count - 1
        row = self.row(max(0, min(wanted, count - 1)))
        return self.key(row) if row is not None else None


class Held(Generic[R]):
    """Rows that are few enough to be held: the window of a dialog's choices."""

    def __init__(self, rows: Sequence[R], keys: Sequence[Key]) -> None:
        self._rows = rows
        self._places = {key: place for place, key in enumerate(keys)}

    @property
    def count(self) -> int:
        return len(self._rows)

    def rows(self, first: int, n: int) -> Sequence[R]:
        return self._rows[first : first + n]

    def place(self, key: Key) -> int | None:
        return self._places.get(key)
