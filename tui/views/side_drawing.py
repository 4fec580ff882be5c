"""Drawing the sides of a conflict, a line at a time."""

from __future__ import annotations

from collections.abc import Sequence

from schema.conflicts import DELETED, Side
from schema.marking import Run
from schema.settling import By, Point
from schema.wording import N_, _, n_
from tui.actions import display
from tui.ink import Ink
from tui.views.side_layout import NAME, SHORT, Block, Layout, columns
from tui.widgets.lines import Look
from tui.width import width

BY: dict[By, tuple[str, str]] = {
    By.BOTH: (N_("both sides"), "yellow"),
    By.HEAD: (N_("head only"), "faint"),
    By.OTHER: (N_("other only"), "faint"),
    By.ALIKE: (N_("both alike"), "faint"),
    By.UNKNOWN: (N_("no base"), "yellow"),
    By.NOBODY: ("", "faint"),
}
DONE = "done"


class Drawing:
    """Draws the blocks of a layout; `marks` says what is taken and what is to pick."""

    def __init__(self, layout: Layout, *, marks: bool) -> None:
        self._layout = layout
        self._draft = layout.draft
        self._wide = layout.wide
        self._marks = marks

    def draw(self, block: Block, part: int, ink: Ink, look: Look, *, unfolded: bool) -> None:
        """One line of a block."""
        if block.what == "fold":
            self._draw_fold(ink, unfolded=unfolded)
        elif block.what == "blank":
            return
        elif self._wide:
            self._draw_wide(block, part, ink, look)
        else:
            self._draw_stacked(block, part, ink, look)

    def _ground(self, block: Block, ink: Ink, look: Look) -> tuple[bool, bool]:
        """Lay the ground of a row; whether it has the cursor, and the focus too."""
        here = block.point is not None and block.point.name == look.cursor
        focused = here and look.focused
        edge = 1 if self._wide else 0
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
                ink.put(2, self._layout.label(point.name), size=NAME - 1)
            self._one(block, part, ink, 0, 4 + SHORT)
            return
        if part == 0:
            words, role = BY[point.by]
            x = ink.put(2, self._layout.label(point.name), size=ink.cells - 24, bold=focused)
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
        draft = self._draft
        if side is None:
            return "", "muted"
        if not self._marks or not point.differs or (draft.deletion and point.name != DELETED):
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

    def _draw_fold(self, ink: Ink, *, unfolded: bool) -> None:
        n = len(self._draft.rest)
        left = 3 if self._wide else 2
        said = n_(
            "{n} other field is the same in all three",
            "{n} other fields are the same in all three",
            n,
        )
        if self._draft.base is None:
            said = n_(
                "{n} other field is the same in both", "{n} other fields are the same in both", n
            )
        x = ink.put(left, said, "faint")
        x = ink.put(x + 3, display("conflicts.unfold", "space"), "accent")
        x = ink.put(x + 1, _("fold") if unfolded else _("unfold"), "muted")
        if not self._marks:
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


def _put(ink: Ink, x: int, runs: Sequence[Run], role: str) -> None:
    for run in runs:
        if run.changed:
            x = ink.put(x, run.text, role, ground="diff", underline=True)
        else:
            x = ink.put(x, run.text, role)
