"""The network: one line a connection, with frames under way in both directions."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from syncd.session import HubSession


class Told(NamedTuple):
    """A frame on its way to a replica; of a page also whence, whither and the hub's seq when read."""

    data: bytes
    since: int = -1
    to: int = -1
    read_at: int = -1


class Line:
    """A connection; either end may be gone without the other having noticed."""

    def __init__(self, seat: str) -> None:
        self.seat = seat
        self.up: deque[bytes] = deque()
        self.down: deque[Told] = deque()
        self.session: HubSession | None = None
        self.client = True
        self.woken = False

    def wake(self) -> None:
        self.woken = True

    @property
    def gone(self) -> bool:
        """Whether nothing can come of it any more."""
        return not self.client and (self.session is None or not self.up)

    def close_hub_side(self) -> None:
        if self.session is not None:
            self.session.close()
            self.session = None
        self.up.clear()
