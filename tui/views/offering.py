"""What may be meant by the line that is typed, in a list below it."""

from __future__ import annotations

from collections.abc import Sequence

from tui.palette import Shades
from tui.widgets.choices import Choice, Choices
from tui.widgets.lines import Lines
from tui.widgets.rows import Held

OFFERED = 8  # lines


class Offering(Lines):
    """The offers while there are any; one of them is always under the cursor."""

    DEFAULT_CSS = "Offering { display: none; height: 1; width: 40; }"

    def __init__(self, shades: Shades) -> None:
        self._offered = Choices(Held([], []))
        super().__init__(self._offered, shades, ground="raise")
        self.can_focus = False

    @property
    def open(self) -> bool:
        """Whether anything is offered."""
        return self.display

    @property
    def lines_wanted(self) -> int:
        """The lines that it takes."""
        return max(min(self._offered.height, OFFERED), 1)

    def offer(self, choices: Sequence[Choice], near: str) -> None:
        """Offer these, the cursor on the one whose key is `near`, else on the first."""
        keys = [each.key for each in choices]
        self._offered.window = Held(choices, keys)
        self.cursor = near if near in keys else keys[0]
        self.display = True
        self.reread()

    def close(self) -> bool:
        """Put the offers away; whether there were any."""
        had = self.open
        self.display = False
        return had

    def chosen_offer(self) -> Choice | None:
        """What is under the cursor."""
        if not self.open or self.cursor is None:
            return None
        place = self._offered.window.place(self.cursor)
        return self._offered.row(place) if place is not None else None
