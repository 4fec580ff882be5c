"""Drawing one line: texts put at cells, every gap filled with the ground it stands on.

All that a view draws goes through here, so that no text of a record reaches the screen unsafe,
as markup, or wider than its place.
"""

from __future__ import annotations

from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from schema.safe_text import safe_text
from tui.palette import FOCUS_ASCII, Shades
from tui.width import cut, width


class Ink:
    """A line of so many cells; `strip` gives it when all has been put."""

    __slots__ = ("_grounds", "_runs", "cells", "shades")

    def __init__(self, shades: Shades, cells: int, ground: str = "bg") -> None:
        self.shades = shades
        self.cells = cells
        self._grounds = [ground] * cells
        self._runs: list[tuple[int, str, int, str, str | None, bool, bool]] = []

    def fill(self, x: int, cells: int, ground: str) -> None:
        """Lay a ground over some cells; later ones lie over earlier ones."""
        begin, end = max(x, 0), min(x + cells, self.cells)
        if begin < end:
            self._grounds[begin:end] = [ground] * (end - begin)

    def put(
        self,
        x: int,
        text: str,
        role: str = "text",
        *,
        size: int | None = None,
        bold: bool = False,
        underline: bool = False,
        ground: str | None = None,
    ) -> int:
        """Put a text at a cell, cut to `size` cells; gives the cell after it."""
        room = self.cells - x if size is None else min(size, self.cells - x)
        if room <= 0 or not text:
            return x
        shown, cells = _fitted(str(text), room, self.shades.marks.cut)
        self._runs.append((x, shown, cells, role, ground, bold, underline))
        return x + cells

    def put_right(
        self,
        end: int,
        text: str,
        role: str = "text",
        *,
        size: int | None = None,
        bold: bool = False,
        underline: bool = False,
    ) -> int:
        """Put a text so that it ends before a cell; gives the cell it begins at."""
        room = end if size is None else min(size, end)
        shown, cells = _fitted(str(text), room, self.shades.marks.cut) if room > 0 else ("", 0)
        if cells:
            self._runs.append((end - cells, shown, cells, role, None, bold, underline))
        return end - cells

    def rule(self, x: int, cells: int, role: str = "line", *, heavy: bool = False) -> None:
        """A stitched line."""
        mark = self.shades.marks.heavy if heavy else self.shades.marks.rule
        if cells > 0:
            self._runs.append((x, mark * cells, cells, role, None, False, False))

    def stripe(self, x: int, role: str, *, focus: bool = False) -> None:
        """The half bar at the left of a row: in the row's own shade over the stripe's colour."""
        if not 0 <= x < self.cells:
            return
        if self.shades.ascii:
            mark = FOCUS_ASCII if focus else self.shades.marks.stripe
            self._runs.append((x, mark, 1, role, None, True, False))
        else:
            ground = self._grounds[x]
            self._runs.append((x, self.shades.marks.stripe, 1, ground, role, False, False))

    def strip(self) -> Strip:
        """The finished line, exactly as wide as it was asked for."""
        style = self.shades.style
        segments: list[Segment] = []
        at = 0
        for x, text, cells, role, ground, bold, underline in sorted(
            self._runs, key=lambda run: run[0]
        ):
            if x < at or x + cells > self.cells:
                continue
            if x > at:
                self._gap(segments, at, x)
            segments.append(Segment(text, style(role, ground or self._grounds[x], bold, underline)))
            at = x + cells
        if at < self.cells:
            self._gap(segments, at, self.cells)
        return Strip(segments, self.cells)

    def _gap(self, segments: list[Segment], begin: int, end: int) -> None:
        """Blanks, in as many pieces as there are grounds under them."""
        while begin < end:
            ground = self._grounds[begin]
            cells = end - begin
            if self._grounds[begin:end].count(ground) != cells:
                cells = next(n for n in range(cells) if self._grounds[begin + n] != ground)
            segments.append(blanks(cells, self.shades.style("text", ground)))
            begin += cells


@lru_cache(1024)
def blanks(cells: int, style: Style) -> Segment:
    """So many blanks: half of what a line is made of, and the same in most lines."""
    return Segment(" " * cells, style)


@lru_cache(4096)
def _fitted(text: str, room: int, mark: str) -> tuple[str, int]:
    """A text made safe and cut to so many cells, and the cells it takes."""
    shown = cut(safe_text(text), room, mark)
    return shown, width(shown)
