"""Rows to pick from: in dialogs, empty states and the first screen."""

from __future__ import annotations

from msgspec import Struct

from schema.safe_text import safe_text
from tui.ink import Ink
from tui.widgets.lines import Key, Look
from tui.widgets.rows import PAGE, RowSource
from tui.width import width


class Choice(Struct, frozen=True):
    """One row to pick: its key, its text, and a muted hint after it or flush right."""

    key: Key
    text: str
    hint: str = ""
    right: str = ""


class Choices(RowSource[Choice]):
    """Choices on a panel, their hints in a column."""

    COLUMN = 24  # the widest that a text may make the column of texts

    def _lay(self) -> None:
        super()._lay()
        texts = [width(safe_text(row.text)) for row in self.window.rows(0, PAGE)]
        self._column = max((size for size in texts if size <= self.COLUMN), default=0)

    def key(self, row: Choice) -> Key:
        return row.key

    def draw_row(self, row: Choice, part: int, ink: Ink, look: Look, place: int) -> None:
        focused = row.key == look.cursor
        if focused:
            ink.fill(0, ink.cells, "cursor")
            ink.stripe(0, "accent", focus=True)
        end = ink.cells - 2
        if row.right:
            end = ink.put_right(end, row.right, "muted" if focused else "faint") - 2
        x = ink.put(2, row.text, size=end - 2, bold=focused)
        if row.hint and end - x > 5:
            x = max(x, self._column + 2) + 3
            ink.put(x, row.hint, "muted", size=end - x)
