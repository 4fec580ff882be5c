"""Virtual time: one line of it for everybody, and a wall clock for each machine that may be wrong."""

from __future__ import annotations

from syncd.clock import Clock

SECOND = 1_000_000
YEAR = 365 * 86_400 * SECOND
BEGINNING = 1_790_000_000 * SECOND


class Time:
    """How long the run has lasted, in microseconds; only the run moves it."""

    def __init__(self) -> None:
        self.us = 0

    def pass_by(self, seconds: float) -> None:
        self.us += round(seconds * SECOND)

    @property
    def seconds(self) -> float:
        return self.us / SECOND


class WrongClock(Clock):
    """A machine's clocks: the wall clock is `ahead` microseconds of the true one."""

    def __init__(self, time: Time, ahead: int) -> None:
        self.time = time
        self.ahead = ahead

    def now(self) -> int:
        return BEGINNING + self.time.us + self.ahead

    def monotonic(self) -> float:
        return self.time.seconds
