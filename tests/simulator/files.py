"""The two kinds of file read with SQL of our own, so that what is checked is what is stored."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from typing import NamedTuple

from schema.version import Dot
from tests.simulator.model import Key


class Shown(NamedTuple):
    """A row of a replica's `records`."""

    dot: Dot
    eff: int
    deleted: bool
    content: bytes
    body: bytes
    unsent: int
    conflicts: int
    number: str | None


class ReplicaFile(NamedTuple):
    """Everything that the invariants ask of a replica's file."""

    meta: dict[str, str]
    outbox: dict[int, tuple[int, Key, bytes]]
    shown: dict[Key, Shown]
    shadow: dict[Key, set[tuple[Dot, int]]]
    refused: dict[int, tuple[Key, bytes, bool]]
    notices: set[tuple[str, str]]

    def pending(self, key: Key) -> list[int]:
        return [n for n, (_act, of, _edit) in self.outbox.items() if of == key]


def read_replica(conn: sqlite3.Connection) -> ReplicaFile:
    meta = dict(conn.execute("SELECT key, value FROM meta"))
    outbox = {
        n: (act, (kind, id), edit)
        for n, act, kind, id, edit in conn.execute(
            "SELECT n, act, kind, id, edit FROM outbox ORDER BY n"
        )
    }
    shadow: dict[Key, set[tuple[Dot, int]]] = {}
    shown = {}
    for kind, id, dot, *rest in conn.execute(
        """SELECT kind, id, dot, eff, deleted, content, body, unsent, conflicts, number
        FROM records"""
    ):
        eff, deleted, content, body, unsent, conflicts, number = rest
        key = (kind, id)
        named = Dot.parse(dot)
        shown[key] = Shown(
            named, eff, bool(deleted), content, body.encode(), unsent, conflicts, number
        )
        shadow[key] = set() if unsent else {(named, eff)}
    for kind, id, dot, eff in conn.execute("SELECT kind, id, dot, eff FROM leaves"):
        shadow.setdefault((kind, id), set()).add((Dot.parse(dot), eff))
    refused = {
        n: ((kind, id), body.encode(), bool(deleted))
        for n, kind, id, body, deleted in conn.execute(
            "SELECT n, kind, id, body, deleted FROM refused"
        )
    }
    notices = set(conn.execute("SELECT dot, what FROM notices"))
    return ReplicaFile(meta, outbox, shown, shadow, refused, notices)


class Line(NamedTuple):
    """A row of the hub's `versions`."""

    seq: int
    key: Key
    dot: Dot
    author: str
    eff: int
    deleted: bool
    content: bytes
    hash: bytes
    body: bytes | None
    result: str
    reason: str | None


class Standing(NamedTuple):
    """Where the hub says a record stands."""

    seq: int
    head: Dot
    leaves: dict[Dot, int]
    width: int
    number: str | None


class HubFile(NamedTuple):
    """Everything that the invariants ask of the hub's file; `lines` only those after a seq."""

    state: dict[str, str]
    lines: list[Line]
    records: dict[Key, Standing]


def read_hub(conn: sqlite3.Connection, after: int) -> HubFile:
    state = dict(conn.execute("SELECT key, value FROM state"))
    lines = [
        Line(seq, (kind, id), Dot(replica, n), author, eff, bool(deleted), *rest)
        for seq, kind, id, replica, n, author, eff, deleted, *rest in conn.execute(
            """SELECT seq, kind, id, replica, n, author, eff, deleted, content, hash, body,
                result, reason FROM versions WHERE seq > ? ORDER BY seq""",
            (after,),
        )
    ]
    others: defaultdict[Key, dict[Dot, int]] = defaultdict(dict)
    for kind, id, replica, n, eff in conn.execute(
        """SELECT l.kind, l.id, v.replica, v.n, v.eff
        FROM leaves l JOIN versions v ON v.seq = l.version"""
    ):
        others[kind, id][Dot(replica, n)] = eff
    records = {}
    for kind, id, seq, count, number, replica, n, eff in conn.execute(
        """SELECT r.kind, r.id, r.seq, r.leaves, r.number, v.replica, v.n, v.eff
        FROM records r JOIN versions v ON v.seq = r.head"""
    ):
        head = Dot(replica, n)
        records[kind, id] = Standing(seq, head, {head: eff, **others[kind, id]}, count, number)
    return HubFile(state, lines, records)


def count_lines(conn: sqlite3.Connection) -> tuple[int, int]:
    """How many results the hub's file holds, and the last seq."""
    count, last = conn.execute("SELECT count(*), ifnull(max(seq), 0) FROM versions").fetchone()
    return int(count), int(last)
