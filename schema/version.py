"""Versions: what one save of one record made, and what it was made on top of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

import msgspec

REPLICA_ID = re.compile(r"[a-z2-7]{10}\Z")
KNOWS_LIMIT = 16_384
SHORT = 256
DELETED = b"deleted"
N_LIMIT = 1 << 53
REV_LIMIT = 1 << 31


class Dot(NamedTuple):
    """The name of an edit: the replica it was made on and its number there, from 1."""

    replica: str
    n: int

    def __str__(self) -> str:
        return f"{self.replica}:{self.n}"

    @staticmethod
    @lru_cache(maxsize=8192)
    def parse(text: str) -> Dot:
        """Read `replica:n`; ValueError for anything else."""
        replica, _, n = text.partition(":")
        if not REPLICA_ID.match(replica) or not n.isascii() or not n.isdigit() or n[0] == "0":
            raise ValueError(f"not a dot: {text!r}")
        if not int(n) < N_LIMIT:
            raise ValueError(f"not a dot: {text!r}")
        return Dot(replica, int(n))


class Knows(msgspec.Struct, frozen=True, gc=False):
    """The edits of a record that a version was made on top of, itself included.

    A version vector over this record's edits less the excepted dots. The vector alone would
    count a lost edit of one's own as seen after one's next edit; the exceptions keep it open.
    """

    vector: Mapping[str, int]
    less: frozenset[Dot]

    def __contains__(self, dot: Dot) -> bool:
        return dot.n <= self.vector.get(dot.replica, 0) and dot not in self.less

    def covers(self, other: Knows) -> bool:
        """Whether everything known there is known here."""
        return not any(dot in other for dot in self.less) and all(
            n <= self.vector.get(replica, 0) for replica, n in other.vector.items()
        )

    def __str__(self) -> str:
        """The wire form: dots sorted, then excepted ones with `!`: `ab…:5 cd…:7 !ab…:3`."""
        if len(self.vector) > 1:
            words = [f"{replica}:{n}" for replica, n in sorted(self.vector.items())]
        else:
            words = [f"{replica}:{n}" for replica, n in self.vector.items()]
        if self.less:
            words += [f"!{dot}" for dot in sorted(self.less)]
        return " ".join(words)

    @staticmethod
    def parse(text: str) -> Knows:
        """Read the wire form; ValueError unless it is exactly what `str` would write."""
        return _parse_short(text) if len(text) <= SHORT else Knows._parse(text)

    @staticmethod
    def _parse(text: str) -> Knows:
        if " " not in text:
            dot = Dot.parse(text)
            return Knows({dot.replica: dot.n}, frozenset())
        vector: dict[str, int] = {}
        less: set[Dot] = set()
        for word in text.split(" "):
            if word[:1] == "!":
                less.add(Dot.parse(word[1:]))
            else:
                replica, n = Dot.parse(word)
                vector[replica] = n
        knows = Knows(vector, frozenset(less))
        if str(knows) != text:
            raise ValueError("knows is not in its one form")
        if any(dot.n > vector.get(dot.replica, 0) for dot in less):
            raise ValueError("knows excepts what it does not cover")
        return knows


@lru_cache(maxsize=4096)
def _parse_short(text: str) -> Knows:
    """The same short text comes again and again; long ones would fill the memory."""
    return Knows._parse(text)


class Version(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What an edit made.

    `at` is the author's clock and `eff` the effective stamp, both in microseconds; `eff` and
    `seq` are 0 until the hub gave them. `content` names what it says: equal bytes, equal
    content. `body` is canonical JSON (of a deletion: the last one), or None where left out.
    """

    dot: Dot
    knows: Knows
    base: Dot | None
    rev: int
    author: str
    at: int
    eff: int = 0
    seq: int = 0
    deleted: bool = False
    content: bytes
    body: bytes | None = None


def content_of(body: bytes, deleted: bool) -> bytes:
    """Name what a version says in 16 bytes; all deletions say the same."""
    from hashlib import sha256

    return DELETED if deleted else sha256(body).digest()[:16]


def made_on(dot: Dot, bases: Iterable[Version], own_earlier: Iterable[Dot]) -> Knows:
    """What an edit `dot` knows when it is made on `bases`.

    `own_earlier` are all the edits of the record by the same replica: those that no base
    knows are excepted, leaves or not, and so are the bases' own exceptions that none knows.
    """
    seen = [base.knows for base in bases]
    vector: dict[str, int] = {}
    for knows in seen:
        for replica, n in knows.vector.items():
            if n > vector.get(replica, 0):
                vector[replica] = n
    vector[dot.replica] = dot.n
    doubtful = {d for knows in seen for d in knows.less}
    doubtful.update(d for d in own_earlier if d != dot)
    less = frozenset(d for d in doubtful if not any(d in knows for knows in seen))
    return Knows(vector, less)
