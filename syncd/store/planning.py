"""Edits that are worked out inside the transaction that saves them.

What is read before a save may have moved on by the save: another shell, the app or a page from
the hub writes to the same file. A body patched from an older reading would put their work out
without a conflict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import overload

from syncd.store.rows import Change


class Planned(Sequence[Change]):
    """Changes that a function gives when `Replica.save` first asks for one."""

    def __init__(self, plan: Callable[[], Sequence[Change]]) -> None:
        self._plan = plan
        self._changes: Sequence[Change] | None = None

    @property
    def changes(self) -> Sequence[Change]:
        if self._changes is None:
            self._changes = self._plan()
        return self._changes

    def __iter__(self) -> Iterator[Change]:
        return iter(self.changes)

    def __len__(self) -> int:
        return len(self.changes)

    @overload
    def __getitem__(self, place: int) -> Change: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Change]: ...
    def __getitem__(self, place: int | slice) -> Change | Sequence[Change]:
        return self.changes[place]
