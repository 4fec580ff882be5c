"""The panes around the conflicts: the fields, why the head won, the heads of the columns, the outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from schema.safe_text import safe_text
from schema.wording import _
from tui.actions import bindings
from tui.ink import Ink
from tui.views.side_layout import columns
from tui.widgets.chrome import Row
from tui.widgets.lines import Lines
from tui.widgets.view import NARROW
from tui.width import fold

if TYPE_CHECKING:
    from tui.views.conflicts import Conflicts

LABEL = 12


class FieldLines(Lines, inherit_bindings=False):
    """The fields; a field that is higher than the screen is read before the next one comes."""

    BINDINGS = bindings("list.up", "list.down", "list.first", "list.last")

    def action_down(self) -> None:
        stands = self.source.where(self.cursor) if self.cursor else None
        end = self.scroll_offset.y + self.size.height
        if stands is not None and stands.bottom > end:
            self._scroll(min(self.scroll_offset.y + self._much, stands.bottom - self.size.height))
            self.redraw()
        elif self._at_end("down"):
            self._scroll(self.source.height)
            self.redraw()
        else:
            super().action_down()

    def action_up(self) -> None:
        stands = self.source.where(self.cursor) if self.cursor else None
        if stands is not None and stands.y < self.scroll_offset.y:
            self._scroll(max(self.scroll_offset.y - self._much, stands.y))
            self.redraw()
        elif self._at_end("up"):
            self._scroll(0)
            self.redraw()
        else:
            super().action_up()

    def _show(self, stands: Region) -> None:
        if stands.height <= self.size.height:
            super()._show(stands)
        elif self.scroll_offset.y < stands.y:
            self._scroll(stands.y)
        else:
            self._scroll(min(self.scroll_offset.y, stands.bottom - self.size.height))

    @property
    def _much(self) -> int:
        return max(self.size.height - 2, 1)

    def _at_end(self, step: str) -> bool:
        there = "last" if step == "down" else "first"
        return self.source.step(self.cursor, there, self.size.height) == self.cursor  # type: ignore[arg-type]


class Why(Widget):
    """Why the head won, under a label; as high as its words."""

    DEFAULT_CSS = "Why { height: 1; width: 1fr; }"

    def __init__(self, view: Conflicts) -> None:
        super().__init__()
        self._view = view

    def fit(self) -> None:
        """Take the height that the words need."""
        self.styles.height = max(len(self._lines()), 1)
        self.refresh()

    def _lines(self) -> list[str]:
        wide = self.size.width >= NARROW
        room = self.size.width - (20 if wide else 17)
        lines = [
            line for said in self._view.words.why() for line in fold(safe_text(said), max(room, 20))
        ]
        return lines[: 5 if wide else 3]

    def on_resize(self) -> None:
        self.fit()

    def render_line(self, y: int) -> Strip:
        wide = self.size.width >= NARROW
        ink = Ink(self._view.shades, self.size.width)
        lines = self._lines()
        left = 3 if wide else 2
        if y == 0 and lines:
            ink.put(left, _("Why head won"), "faint", size=LABEL)
        if y < len(lines):
            ink.put(left + LABEL + (2 if wide else 1), lines[y], "muted")
        return ink.strip()


class SideHeads(Row):
    """Who wrote which side, and when: over the columns."""

    DEFAULT_CSS = "SideHeads { height: 3; }"

    def __init__(self, view: Conflicts) -> None:
        super().__init__(view.duijie.current_shades)
        self._view = view

    def render_line(self, y: int) -> Strip:
        ink = Ink(self._shades(), self.size.width)
        conflict = self._view.conflict
        if y and conflict is not None and ink.cells >= NARROW:
            told = self._view.words.heads()
            for (x, size), (name, beside, who, when) in zip(columns(ink.cells), told, strict=True):
                ink.fill(x, size, "raise")
                first = x < 20
                if y == 1:
                    end = ink.put_right(x + size - 2, beside, "muted")
                    ink.put(
                        x + 3, name, "muted" if first else "text", size=end - x - 4, bold=not first
                    )
                else:
                    end = ink.put_right(x + size - 2, when, "muted")
                    ink.put(x + 3, who, "muted", size=end - x - 4)
        return ink.strip()


class Outcome(Widget):
    """What the settlement will be: its version, from which side how much, and what is left to pick."""

    DEFAULT_CSS = """
    Outcome { height: 4; width: 1fr; }
    """

    def __init__(self, view: Conflicts) -> None:
        super().__init__(classes="foot")
        self._view = view

    def render_line(self, y: int) -> Strip:
        cells = self.size.width
        ink = Ink(self._view.shades, cells)
        if y < 3:
            ink.fill(1, cells - 2, "panel")
        lines = self._view.words.outcome()
        if y < len(lines):
            label, facts = lines[y]
            ink.put(3, label, "faint", size=LABEL)
            x = 16
            for text, role in facts:
                if x < cells - 8:
                    x = 3 + ink.put(x, text, role, size=cells - 3 - x)
        return ink.strip()
