"""Effective stamps: the hub's hybrid clock, in microseconds below 2^53.

A clock that is a year ahead is never believed beyond the hub's own time, and an edit always
stands after what it was made on, so a wrong clock costs nobody an edit.
"""

from __future__ import annotations

from collections.abc import Iterable

STAMP_LIMIT = (1 << 53) - 1


def effective(
    *, at: int, offset: int, heard: int, before: int, made_on: Iterable[int], now: int
) -> int:
    """The stamp of an edit.

    `at`, `offset` and `heard` are as the edit says them, `before` is the stamp of the same
    replica's edit before, `made_on` are the stamps of its base and of the leaves it knows,
    `now` is the hub's time. What an edit claims to have heard is not believed beyond `now`.
    """
    low = max(before, min(heard, now), *made_on, 0) + 1
    return min(max(low, min(at + offset, now)), STAMP_LIMIT)
