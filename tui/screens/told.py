"""What a screen over or before the frame answers to."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from tui.palette import Shades


@runtime_checkable
class Told(Protocol):
    """A screen that can say itself again, in the language and the colours of now."""

    shades: Shades

    def retell(self) -> None:
        """Say everything again."""
