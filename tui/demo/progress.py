"""How far the stage is set, in one line, for somebody who waits and does not read the story."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

from schema.wording import _
from tui.demo.telling import Telling


class Progress(Telling):
    """Tells nothing but the part that is played, with a dot for each command of it."""

    heard = False

    def __init__(self, say: Callable[[str], None]) -> None:
        super().__init__(io.StringIO(), {})
        self._say_line = say
        self._part = ""

    def act(self, place: int, heading: str, why: str) -> None:
        self._part = _("Setting the stage: {part} ", part=heading)
        self._say_line(self._part)

    def command(self, who: str, words: Sequence[str]) -> None:
        self._part += "."
        self._say_line(self._part)
