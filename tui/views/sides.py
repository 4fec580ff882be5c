"""The three sides of a conflict, field by field: beside each other, or stacked where there is little room."""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Any, Literal, NamedTuple

import msgspec
from textual.geometry import Region

from schema.conflicts import DELETED, Side
from schema.marking import Run, folded, marked
from schema.records import KINDS, FieldSpec
from schema.safe_text import safe_text
from schema.settling import By, Draft, Point, Written
from schema.wording import N_, _, n_
from tui.actions import display
from tui.cli.text import lines_of
from tui.ink import Ink
from tui.widgets.lines import Key, Look, Step
from tui.widgets.view import NARROW
from tui.width import fold, width

Lines = list[list[Run]]
What = Literal["pad", "point", "gap", "rest", "fold", "blank"]

BY: dict[By, tuple[str, str]] = {
    By.BOTH: (N_("both sides"), "yellow"),
    By.HEAD: (N_("head only"), "faint"),
    By.OTHER: (N_("other only"), "faint"),
    By.ALIKE: (N_("both alike"), "faint"),
    By.UNKNOWN: (N_("no base"), "yellow"),
    By.NOBODY: ("", "faint"),
}
NAME = 12
DONE = "done"
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


class Fields:
    """What the list of a conflict's fields shows; a `Source` for `Lines`."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self.conn = conn
        self.draft: Draft | None = None
        self.kind = ""
        self.marks = True
        self.unfolded = False
        self.cells = 120
        self.height = 0
        self._blocks: list[Block] = []
        self._tops: list[int] = [0]
        self._laid: dict[tuple[str, int], tuple[Lines, Lines, Lines]] = {}

    def show(self, draft: Draft | None, kind: str, *, marks: bool) -> None:
        """Show another draft, or the same one with other choices."""
        if draft is not self.draft:
            self._laid = {}
        self.draft, self.kind, self.marks = draft, kind, marks
        self._lay()

    # -- what the list asks

    def fit(self, cells: int, lines: int) -> None:
        if cells != self.cells:
            self.cells = cells
            self._laid = {}
            self._lay()

    def read(self) -> None:
        self._laid = {}
        self._lay()

    def at(self, x: int, y: int) -> Key | None:
        block = self._block(y)[0]
        return block.point.name if block is not None and block.point is not None else None

    def where(self, key: Key) -> Region | None:
        for top, block in zip(self._tops, self._blocks, strict=False):
            if block.point is not None and block.point.name == key:
                return Region(0, top, max(self.cells, 1), block.height)
        return None

    def step(self, key: Key | None, step: Step, lines: int) -> Key | None:
        names = [block.point.name for block in self._blocks if block.point is not None]
        if not names:
            return None
        if key not in names:
            return names[0]
        at = names.index(key)
        ends = {"first": 0, "last": len(names) - 1, "up": at - 1, "down": at + 1}
        return names[max(0, min(ends.get(step, at), len(names) - 1))]

    # -- laying

    @property
    def wide(self) -> bool:
        return self.cells >= NARROW

    def _lay(self) -> None:
        self._blocks = list(self._made()) if self.draft is not None else []
        self._tops = [0, *accumulate(block.height for block in self._blocks)]
        self.height = self._tops[-1]

    def _made(self) -> list[Block]:
        draft = self.draft
        assert draft is not None
        blocks: list[Block] = []
        if self.wide:
            blocks.append(Block("pad", 1))
        for point in draft.points:
            blocks.append(self._point(point))
            if self.wide:
                blocks.append(Block("gap", 1))
        if draft.rest:
            blocks += [Block("blank", 1), Block("fold", 1)]
        if self.unfolded and draft.rest:
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
        lines = [[Run(line, False)] for line in self._folded(self.told(point.name, point.head))]
        lines = [] if written else lines
        return Block(
            "rest", max(len(lines) + len(written), 1), point, name, (lines, [], []), written
        )

    def _folded(self, lines: Sequence[str]) -> list[str]:
        return [part for line in lines for part in fold(line, self._room)]

    @property
    def _room(self) -> int:
        """The cells of a value that stands alone on its lines."""
        return self.cells - 19 - 4 if self.wide else self.cells - 4 - SHORT - 2

    def _shown(self, point: Point) -> tuple[bool, bool, bool]:
        """Which sides are stacked: the base, those that changed, and the one that is taken."""
        assert self.draft is not None
        choice = self.draft.choices.get(point.name)
        head = point.by is not By.OTHER or choice is Side.HEAD
        other = point.by not in (By.HEAD, By.ALIKE) or choice is Side.OTHER
        if point.name == DELETED:
            head = True
        return self.draft.base is not None, head, other

    def _sides(self, point: Point) -> tuple[Lines, Lines, Lines]:
        """The marked and folded lines of base, head and other; kept, for folding takes its time."""
        key = (point.name, self.cells)
        if key not in self._laid:
            values = (point.base, point.head, point.other)
            told = [self.told(point.name, value) for value in values]
            gone = [value is None and point.name != DELETED for value in values]
            places = columns(self.cells) if self.wide else None
            whole = self.draft is not None and self.draft.base is None
            made: list[Lines] = []
            for n, lines in enumerate(told):
                if n and not whole and not (gone[0] and gone[n]):
                    runs = marked([] if gone[0] or gone[n] else told[0], lines)
                else:
                    runs = [[Run(line, False)] for line in lines]
                if whole and not n:
                    runs = []
                if self._numbered(point.name) and not gone[n]:
                    runs = [_number(place, line) for place, line in enumerate(runs, 1)]
                size = places[n][1] - 5 if places else self._room
                made.append(_fold(runs if places else [_joined(runs)], size) if runs else [])
            self._laid[key] = (made[0], made[1], made[2])
        return self._laid[key]

    def _written(self, point: Point) -> Lines:
        choice = self.draft.choices.get(point.name) if self.draft else None
        if not isinstance(choice, Written):
            return []
        return [[Run(line, True)] for line in self._folded(self.told(point.name, choice.value))]

    def label(self, name: str) -> str:
        """A field by its label; one that this program does not know by its name."""
        if name == DELETED and self.draft is not None and self.draft.deletion:
            return _("This record")
        of = KINDS.get(self.kind)
        spec = of.by_name.get(name) if of else None
        return _(spec.label) if spec else safe_text(name)

    def told(self, name: str, value: Any) -> list[str]:
        """A value by lines, safe to show."""
        if name == DELETED and self.draft is not None and self.draft.deletion:
            return [_("is deleted") if value else _("is here")]
        if value is None:
            return [_("(empty)")]
        of = KINDS.get(self.kind)
        spec = of.by_name.get(name) if of else None
        if spec is None:
            text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
            return safe_text(text, lines=True).split("\n")
        if spec.cells:
            rows = value if isinstance(value, list) else [value]
            return [safe_text(self._row(spec, row)) for row in rows] or [""]
        lines = [safe_text(line) for line in lines_of(self.conn, spec, value)] or [""]
        if spec.type == "list" and not self._numbered(name):
            return [_(", ").join(lines)]
        return lines

    def _row(self, spec: FieldSpec, row: Any) -> str:
        """A row by its values, in the order of its cells; cells that are not known by their names too."""
        if not isinstance(row, dict):
            return msgspec.json.encode(row).decode()
        cells = {cell.name: cell for cell in spec.cells}
        told = [
            " ".join(lines_of(self.conn, cell, row[name]))
            for name, cell in cells.items()
            if name in row
        ]
        told += [
            f"{name} {msgspec.json.encode(value).decode()}"
            for name, value in row.items()
            if name not in cells
        ]
        return "  ".join(told)

    def _numbered(self, name: str) -> bool:
        of = KINDS.get(self.kind)
        spec = of.by_name.get(name) if of else None
        item = spec.item if spec is not None else None
        return item is not None and not isinstance(item, tuple) and item.type == "line"

    # -- drawing

    def _block(self, y: int) -> tuple[Block | None, int]:
        place = bisect_right(self._tops, y) - 1
        if not 0 <= place < len(self._blocks):
            return None, 0
        return self._blocks[place], y - self._tops[place]

    def draw(self, y: int, ink: Ink, look: Look) -> None:
        block, part = self._block(y)
        if block is None or self.draft is None or block.what == "blank":
            return
        if block.what == "fold":
            self._draw_fold(ink)
        elif self.wide:
            self._draw_wide(block, part, ink, look)
        else:
            self._draw_stacked(block, part, ink, look)

    def _ground(self, block: Block, ink: Ink, look: Look) -> tuple[bool, bool]:
        """Lay the ground of a row; whether it has the cursor, and the focus too."""
        here = block.point is not None and block.point.name == look.cursor
        focused = here and look.focused
        edge = 1 if self.wide else 0
        if here:
            ink.fill(edge, ink.cells - 2 * edge, "cursor" if focused else "sel")
        if focused:
            ink.stripe(edge, "accent", focus=True)
        return here, focused

    def _draw_wide(self, block: Block, part: int, ink: Ink, look: Look) -> None:
        places = columns(ink.cells)
        if block.what != "rest":
            for x, size in places:
                ink.fill(x, size, "panel")
        here, focused = self._ground(block, ink, look)
        point = block.point
        if point is None:
            return
        quiet = "muted" if here else "faint"
        if part < len(block.name):
            ink.put(3, block.name[part], size=NAME, bold=focused)
        elif part == len(block.name):
            words, role = BY[point.by]
            ink.put(3, _(words), quiet if role == "faint" else role, size=NAME)
        if block.what == "rest":
            self._one(block, part, ink, 17, 19)
            return
        tall = block.height - len(block.written)
        if part >= tall:
            if part == tall:
                ink.put(places.base[0] + 1, ink.shades.marks.done, "accent")
            _put(ink, places.base[0] + 3, block.written[part - tall], "text")
            return
        for (x, _size), lines, side in zip(places, block.sides, (None, *Side), strict=True):
            mark, role = self._mark(point, side)
            if part == 0 and mark:
                self._put_mark(ink, x + 1, mark)
            if part < len(lines):
                _put(ink, x + 3, lines[part], role)

    def _one(self, block: Block, part: int, ink: Ink, mark: int, x: int) -> None:
        """A value that stands alone: what was written, or what all three sides say."""
        lines = block.written or block.sides[0]
        if part == 0 and block.written:
            ink.put(mark, ink.shades.marks.done, "accent")
        if part < len(lines):
            _put(ink, x, lines[part], "text" if block.written else "muted")

    def _draw_stacked(self, block: Block, part: int, ink: Ink, look: Look) -> None:
        here, focused = self._ground(block, ink, look)
        point = block.point
        if point is None:
            return
        quiet = "muted" if here else "faint"
        if block.what == "rest":
            if part == 0:
                ink.put(2, self.label(point.name), size=NAME - 1)
            self._one(block, part, ink, 0, 4 + SHORT)
            return
        if part == 0:
            words, role = BY[point.by]
            x = ink.put(2, self.label(point.name), size=ink.cells - 24, bold=focused)
            x = ink.put(x + 2, _(words), "muted" if role == "faint" else role)
            ink.rule(x + 2, ink.cells - 2 - x - 2)
            return
        part -= 1
        names = (_("Base"), _("Head"), _("The other"))
        for name, lines, side in zip(names, block.sides, (None, *Side), strict=True):
            if part < len(lines):
                mark, role = self._mark(point, side)
                if part == 0:
                    if mark:
                        self._put_mark(ink, 2, mark)
                    ink.put(4, name, quiet, size=SHORT - 1)
                _put(ink, 4 + SHORT, lines[part], role)
                return
            part -= len(lines)
        if part == 0:
            ink.put(2, ink.shades.marks.done, "accent")
            ink.put(4, _("Anew"), quiet, size=SHORT - 1)
        if part < len(block.written):
            _put(ink, 4 + SHORT, block.written[part], "text")

    def _mark(self, point: Point, side: Side | None) -> tuple[str, str]:
        """The mark before a side's value, and the value's shade."""
        draft = self.draft
        assert draft is not None
        if side is None:
            return "", "muted"
        if not self.marks or not point.differs or (draft.deletion and point.name != DELETED):
            return "", "text" if point.by is By.BOTH else "muted"
        choice = draft.choices.get(point.name)
        if choice is None:
            return "?", "text"
        return (DONE, "text") if choice is side else ("", "muted")

    def _put_mark(self, ink: Ink, x: int, mark: str) -> None:
        if mark == DONE:
            ink.put(x, ink.shades.marks.done, "accent")
        else:
            ink.put(x, mark, "yellow")

    def _draw_fold(self, ink: Ink) -> None:
        assert self.draft is not None
        n = len(self.draft.rest)
        left = 3 if self.wide else 2
        said = n_(
            "{n} other field is the same in all three",
            "{n} other fields are the same in all three",
            n,
        )
        if self.draft.base is None:
            said = n_(
                "{n} other field is the same in both", "{n} other fields are the same in both", n
            )
        x = ink.put(left, said, "faint")
        x = ink.put(x + 3, display("conflicts.unfold", "space"), "accent")
        x = ink.put(x + 1, _("fold") if self.unfolded else _("unfold"), "muted")
        if not self.marks:
            return
        legend = (
            (ink.shades.marks.done, _("this value")),
            ("?", _("to pick")),
            (_("underlined"), _("not as in the base")),
        )
        words = "   ".join(f"{mark} {told}" for mark, told in legend)
        end = ink.cells - left
        if end - width(words) > x + 3:
            ink.put_right(end, words, "muted")


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


def _put(ink: Ink, x: int, runs: Sequence[Run], role: str) -> None:
    for run in runs:
        if run.changed:
            x = ink.put(x, run.text, role, ground="diff", underline=True)
        else:
            x = ink.put(x, run.text, role)
