"""What goes wrong: crashes between transactions, and frames that are lost, doubled or late."""

from __future__ import annotations

from random import Random
from typing import NamedTuple


class Crash(BaseException):
    """The process is gone; `point` is where: before a transaction (begin) or after it (commit)."""

    def __init__(self, point: str) -> None:
        super().__init__(point)
        self.point = point


class Fuse:
    """Called around every write transaction of one file: notes changes, and crashes when lit."""

    def __init__(self) -> None:
        self.left = 0
        self.changed = True

    def __call__(self, point: str) -> None:
        if point == "commit":
            self.changed = True
        if self.left:
            self.left -= 1
            if not self.left:
                raise Crash(point)


class Rates(NamedTuple):
    """How often a frame is lost, doubled, overtaken, or the last on its connection."""

    lost: float = 0.0
    doubled: float = 0.0
    overtaken: float = 0.0
    cut: float = 0.0

    @property
    def garbled(self) -> bool:
        """Whether what one side says may be something else than what the other hears."""
        return self.lost + self.doubled + self.overtaken > 0

    @classmethod
    def drawn(cls, random: Random) -> Rates:
        """The weather of one run: calm, rough in one way, or rough in all."""
        weather = random.random()
        if weather < 0.2:
            return cls()
        rough = 0.02 if weather < 0.6 else 0.08
        return cls(*(random.choice((0.0, rough, 2 * rough)) for _rate in cls._fields))
