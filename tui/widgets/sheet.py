"""A sheet of lines to read: drawn, folded by who writes it, scrolled when it is longer than its place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.ink import Ink
from tui.palette import Shades
from tui.width import fold


class Piece(NamedTuple):
    """A text at a cell; `right` puts it so that it ends there."""

    x: int
    text: str
    role: str = "text"
    bold: bool = False
    right: bool = False


class RuleOf(NamedTuple):
    """A stitched line of so many cells."""

    x: int
    cells: int
    role: str = "line"
    heavy: bool = False


Line = Sequence[Piece | RuleOf]


def folded(x: int, text: str, cells: int, role: str = "text") -> list[Line]:
    """A text as lines at a cell."""
    return [[Piece(x, line, role)] for line in fold(text, cells)]


def labelled(label: str, lines: Sequence[Line], x: int = 0) -> list[Line]:
    """A faint label before the first of some lines."""
    return [[Piece(x, label, "faint"), *lines[0]], *lines[1:]] if lines else []


class Sheet(ScrollView, can_focus=False):
    """Shows lines on a ground; the wheel and `scroll_by` move them."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    Sheet { scrollbar-size: 0 0; overflow-x: hidden; overflow-y: scroll; height: 1fr; }
    """

    def __init__(self, shades: Shades, *, ground: str = "panel", id: str | None = None) -> None:
        super().__init__(id=id)
        self.shades = shades
        self.ground = ground
        self._lines: Sequence[Line] = ()

    def show(self, lines: Sequence[Line], *, top: bool = False) -> None:
        """Show other lines; `top` begins at the first."""
        if lines == self._lines and not top:
            return
        self._lines = lines
        self.virtual_size = Size(self.size.width, len(lines))
        if top:
            self.scroll_to(y=0, animate=False, force=True)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        ink = Ink(self.shades, self.size.width, self.ground)
        place = y + self.scroll_offset.y
        for piece in self._lines[place] if place < len(self._lines) else ():
            if isinstance(piece, RuleOf):
                ink.rule(piece.x, piece.cells, piece.role, heavy=piece.heavy)
            elif piece.right:
                ink.put_right(piece.x, piece.text, piece.role, bold=piece.bold)
            else:
                ink.put(piece.x, piece.text, piece.role, bold=piece.bold)
        return ink.strip()
