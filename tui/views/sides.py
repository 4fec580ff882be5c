"""The three sides of a conflict, field by field, as the source of a list."""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from itertools import accumulate

from textual.geometry import Region

from schema.settling import Draft
from tui.ink import Ink
from tui.views.side_drawing import Drawing
from tui.views.side_layout import Block, Layout
from tui.widgets.lines import Key, Look, Step


class Fields:
    """What the list of a conflict's fields shows; a `Source` for `Lines`."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self._conn = conn
        self.draft: Draft | None = None
        self.kind = ""
        self.marks = True
        self.unfolded = False
        self.cells = 120
        self.height = 0
        self._layout: Layout | None = None
        self._blocks: list[Block] = []
        self._tops: list[int] = [0]

    def show(self, draft: Draft | None, kind: str, *, marks: bool) -> None:
        """Show another draft, or the same one with other choices."""
        self.marks = marks
        if (draft, kind) != (self.draft, self.kind):
            self.draft, self.kind = draft, kind
            self.read()
        else:
            self._lay()

    def label(self, name: str) -> str:
        """A field of the draft by its label."""
        return self._layout.label(name) if self._layout is not None else name

    # -- what the list asks

    def fit(self, cells: int, lines: int) -> None:
        if cells != self.cells:
            self.cells = cells
            self.read()

    def read(self) -> None:
        draft = self.draft
        self._layout = Layout(self._conn, draft, self.kind, self.cells) if draft else None
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

    def draw(self, y: int, ink: Ink, look: Look) -> None:
        block, part = self._block(y)
        if block is not None and self._layout is not None:
            drawing = Drawing(self._layout, marks=self.marks)
            drawing.draw(block, part, ink, look, unfolded=self.unfolded)

    # -- laying

    def _lay(self) -> None:
        layout = self._layout
        self._blocks = layout.blocks(unfolded=self.unfolded) if layout is not None else []
        self._tops = [0, *accumulate(block.height for block in self._blocks)]
        self.height = self._tops[-1]

    def _block(self, y: int) -> tuple[Block | None, int]:
        place = bisect_right(self._tops, y) - 1
        if not 0 <= place < len(self._blocks):
            return None, 0
        return self._blocks[place], y - self._tops[place]
