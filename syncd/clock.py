"""Time as the store and the sessions see it: handed in, so that tests can bend it."""

from __future__ import annotations

import time


class Clock:
    """The machine's clocks."""

    def now(self) -> int:
        """The wall clock in microseconds since 1970."""
        return time.time_ns() // 1_000

    def monotonic(self) -> float:
        """Seconds that only run forwards, for timeouts."""
        return time.monotonic()
