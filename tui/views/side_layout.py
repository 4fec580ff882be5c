"""Where the sides of a conflict stand: blocks of lines, beside each other, or stacked with little room."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from schema.conflicts import DELETED, Side
from schema.marking import Run, folded, marked
from schema.settling import By, Draft, Point, Written
from schema.wording import _
from tui.views import side_values
from tui.widgets.view import NARROW
from tui.width import fold

Lines = list[list[Run]]
What = Literal["pad", "point", "gap", "rest", "fold", "blank"]

NAME = 12
SHORT = 11  # the names of the sides where they stand under each other


class Columns(NamedTuple):
    """Where base, head and other stand: (first cell, cells) each."""

    base: tuple[int, int]
    head: tuple[int, int]
    other: tuple[int, int]


def columns(cells: int) -> Columns:
    """The columns of a screen so many cells wide."""
    room = cells - 19
    base = room * 31 // 101
    head = (room - base) // 2
    return Columns((16, base), (17 + base, head), (18 + base + head, cells - 1 - 18 - base - head))


class Block(NamedTuple):
    """Lines of the canvas that belong together; `sides` are those of base, head and other."""

    what: What
    height: int
    point: Point | None = None
    name: Sequence[str] = ()
    sides: tuple[Sequence[list[Run]], Sequence[list[Run]], Sequence[list[Run]]] = ((), (), ())
    written: Sequence[list[Run]] = ()


class Layout:
    """Lays out a conflict of a kind in so many cells; what was folded once is kept."""

    def __init__(self, conn: sqlite3.Connection, draft: Draft, kind: str, cells: int) -> None:
        self._conn = conn
        self.draft = draft
        self.kind = kind
        self.cells = cells
        self._laid: dict[str, tuple[Lines, Lines, Lines]] = {}

    @property
    def wide(self) -> bool:
        return self.cells >= NARROW

    def label(self, name: str) -> str:
        """A field's label; what a deletion is about is the record."""
        if name == DELETED and self.draft.deletion:
            return _("This record")
        return side_values.label_of(self.kind, name)

    def blocks(self, *, unfolded: bool) -> list[Block]:
        """The blocks from the top, as the choices stand now; `unfolded` adds the equal fields."""
        draft = self.draft
        blocks: list[Block] = []
        if self.wide:
            blocks.append(Block("pad", 1))
        for point in draft.points:
            blocks.append(self._point(point))
            if self.wide:
                blocks.append(Block("gap", 1))
        if draft.rest:
            blocks += [Block("blank", 1), Block("fold", 1)]
        if unfolded and draft.rest:
            blocks += [Block("blank", 1), *(self._rest(point) for point in draft.rest)]
        return blocks

    def _point(self, point: Point) -> Block:
        name = fold(self.label(point.name), NAME)[:2]
        base, head, other = self._sides(point)
        written = self._written(point)
        if self.wide:
            height = max(len(name) + 1, len(base), len(head), len(other))
            return Block("point", height + len(written), point, name, (base, head, other), written)
        shown = self._shown(point)
        sides = (base if shown[0] else [], head if shown[1] else [], other if shown[2] else [])
        height = 1 + sum(map(len, sides)) + len(written)
        return Block("point", height, point, name, sides, written)

    def _rest(self, point: Point) -> Block:
        name = fold(self.label(point.name), NAME)[:2]
        written = self._written(point)
        lines = [[Run(line, False)] for line in self._folded(self._told(point.name, point.head))]
        lines = [] if written else lines
        height = max(len(lines) + len(written), 1)
        return Block("rest", height, point, name, (lines, [], []), written)

    def _folded(self, lines: Sequence[str]) -> list[str]:
        return [part for line in lines for part in fold(line, self._room)]

    @property
    def _room(self) -> int:
        """The cells of a value that stands alone on its lines."""
        return self.cells - 19 - 4 if self.wide else self.cells - 4 - SHORT - 2

    def _shown(self, point: Point) -> tuple[bool, bool, bool]:
        """Which sides are stacked: the base, those that changed, and the one that is taken."""
        choice = self.draft.choices.get(point.name)
        head = point.by is not By.OTHER or choice is Side.HEAD or point.name == DELETED
        other = point.by not in (By.HEAD, By.ALIKE) or choice is Side.OTHER
        return self.draft.base is not None, head, other

    def _sides(self, point: Point) -> tuple[Lines, Lines, Lines]:
        """The marked and folded lines of base, head and other; kept, for folding takes its time."""
        if point.name not in self._laid:
            values = (point.base, point.head, point.other)
            told = [self._told(point.name, value) for value in values]
            gone = [value is None and point.name != DELETED for value in values]
            places = columns(self.cells) if self.wide else None
            whole = self.draft.base is None
            made: list[Lines] = []
            for n, lines in enumerate(told):
                if n and not whole and not (gone[0] and gone[n]):
                    runs = marked([] if gone[0] or gone[n] else told[0], lines)
                else:
                    runs = [[Run(line, False)] for line in lines]
                if whole and not n:
                    runs = []
                if side_values.numbered(self.kind, point.name) and not gone[n]:
                    runs = [_number(place, line) for place, line in enumerate(runs, 1)]
                size = places[n][1] - 5 if places else self._room
                made.append(_fold(runs if places else [_joined(runs)], size) if runs else [])
            self._laid[point.name] = (made[0], made[1], made[2])
        return self._laid[point.name]

    def _written(self, point: Point) -> Lines:
        choice = self.draft.choices.get(point.name)
        if not isinstance(choice, Written):
            return []
        return [[Run(line, True)] for line in self._folded(self._told(point.name, choice.value))]

    def _told(self, name: str, value: Any) -> list[str]:
        """A value by lines, safe to show."""
        if name == DELETED and self.draft.deletion:
            return [_("is deleted") if value else _("is here")]
        return side_values.told(self._conn, self.kind, name, value)


def _number(place: int, runs: list[Run]) -> list[Run]:
    return [Run(f"{place}. ", all(run.changed for run in runs)), *runs]


def _joined(lines: Lines) -> list[Run]:
    """Several lines on one, as they stand where there is little room."""
    runs: list[Run] = []
    for place, line in enumerate(lines):
        if place:
            runs.append(Run(_("; "), all(run.changed for run in line)))
        runs += line
    return runs


def _fold(lines: Lines, cells: int) -> Lines:
    out: Lines = []
    for runs in lines:
        out += folded(runs, fold("".join(run.text for run in runs), cells))
    return out
