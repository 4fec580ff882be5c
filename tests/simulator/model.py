"""What the simulator knows by itself: every body saved, on top of what, and what the hub made of it.

Knowledge is kept here as plain sets of dots, never as vectors, so that it can judge them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from schema.version import Dot, Version

Key = tuple[str, str]
State = frozenset[tuple[Dot, int]]


class Saved(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One edit as a person made it; `known` are all the edits below it, itself included.

    `open_own` are the author's own losers that were open and in sight, and not settled by it.
    """

    dot: Dot
    key: Key
    act: int
    seat: str
    known: frozenset[Dot]
    open_own: frozenset[Dot]
    settles: bool
    content: bytes
    body: bytes
    deleted: bool


class Judgement(msgspec.Struct, frozen=True, gc=False):
    """What the hub's file says of an edit."""

    result: str
    seq: int
    reason: str | None


class Model:
    """The list of everything saved, and the hub's answers as they came to be."""

    def __init__(self) -> None:
        self.saved: dict[Dot, Saved] = {}
        self.of_record: defaultdict[Key, list[Dot]] = defaultdict(list)
        self.acts: defaultdict[tuple[str, int], list[Dot]] = defaultdict(list)
        self.bytes: dict[Dot, bytes] = {}
        self.judged: dict[Dot, Judgement] = {}
        self.acked: dict[Dot, tuple[str, int | None, str | None]] = {}
        self.versions: dict[Dot, Version] = {}
        self.taken: defaultdict[Key, set[Dot]] = defaultdict(set)
        self.covered: defaultdict[Key, set[Dot]] = defaultdict(set)
        self.states: defaultdict[Key, list[tuple[int, State]]] = defaultdict(list)
        self.heads: dict[Key, Dot] = {}

    def save(self, saved: Iterable[Saved]) -> None:
        for each in saved:
            self.saved[each.dot] = each
            self.of_record[each.key].append(each.dot)
            self.acts[each.dot.replica, each.act].append(each.dot)

    def known(self, bases: Iterable[Dot]) -> frozenset[Dot]:
        """Everything below these edits, themselves included."""
        return frozenset().union(*(self.saved[dot].known for dot in bases))

    def take(self, dot: Dot) -> None:
        """The hub has taken an edit: what is below it is history."""
        saved = self.saved[dot]
        self.taken[saved.key].add(dot)
        self.covered[saved.key] |= saved.known - {dot}

    def leaves(self, key: Key) -> set[Dot]:
        """The taken edits that no taken edit knows: what the leaves must be."""
        return self.taken[key] - self.covered[key]

    def rank(self, dot: Dot) -> tuple[bool, int, Dot]:
        """How the head is to be found, said once more: undeleted, later stamp, greater dot."""
        return (not self.saved[dot].deleted, self.versions[dot].eff, dot)

    def losers(self, dots: Iterable[Dot]) -> set[Dot]:
        """Of the leaves of a record, those that say something else than the head."""
        leaves = set(dots)
        head = max(leaves, key=self.rank)
        return {dot for dot in leaves if self.saved[dot].content != self.saved[head].content}

    def states_for(self, key: Key, cursor: int, read_at: int) -> list[State]:
        """What a replica may hold of a record at a cursor, its last page read at a seq of the hub.

        Just one state, but of a record that had changed again before the page was read: that one
        comes with a later page, and until then an older state stands.
        """
        states = self.states[key]
        before = [state for seq, state in states if seq <= cursor]
        moved = any(cursor < seq <= read_at for seq, _state in states)
        return [frozenset(), *before] if moved else before[-1:] or [frozenset()]
