"""Reading a page out of the hub's file: changed records in seq order, as many as a page holds.

A record's leaves and the bases of its losers go with it. What the records of one page need is
asked in one statement each, and columns become leaves without a detour.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from schema.version import Dot, Knows
from schema.wire import PAGE_LIMIT, RECORD_LIMIT, Leaf, Row
from syncd.store.connection import BY_KEYS, keys_json

_COLUMNS = (
    "v.seq, v.replica, v.n, v.knows, v.base, v.rev, v.author, v.at, v.eff, v.deleted, v.content, "
    "v.body"
)
_CHANGED = f"""
    SELECT r.kind, r.id, r.seq, r.accepted, r.number, r.leaves, {_COLUMNS}
    FROM records r JOIN versions v ON v.seq = r.head WHERE r.seq > ? ORDER BY r.seq"""
_BESIDE = f"""
    SELECT t.kind, t.id, {_COLUMNS}
    FROM {BY_KEYS.format(table="leaves")} JOIN versions v ON v.seq = t.version"""
_PAST = f"""
    SELECT t.kind, t.id, t.seq, t.replica, t.n
    FROM {BY_KEYS.format(table="versions")} WHERE t.result != 'refused'"""
_NAMED = f"SELECT {_COLUMNS} FROM json_each(?) j CROSS JOIN versions v ON v.seq = j.value"

ENVELOPE = 300  # about what a version takes beside its body and what it knows, in bytes

Key = tuple[str, str]
Columns = Sequence[Any]


def read_rows(conn: sqlite3.Connection, since: int) -> tuple[list[Row], bool]:
    """The rows of the page after a seq, at least one where there is one, and whether it ends."""
    lines, ended = _changed(conn, since)
    beside = _beside(conn, [(line[0], line[1]) for line in lines if line[5] > 1])
    heads = {(line[0], line[1]): line[6:] for line in lines}
    bases = _bases(conn, heads, beside)
    rows: list[Row] = []
    no_bases: list[Leaf] = []
    size = 0
    for kind, id, seq, accepted, number, count, *head in lines:
        if count == 1:
            leaves, known = [_leaf(head)], no_bases
            weight = _weight(head)
        else:
            leaves, known, weight = _crowd(
                [head, *beside[kind, id]], bases.get((kind, id), []), RECORD_LIMIT
            )
        if rows and size + weight > PAGE_LIMIT:
            return rows, False
        size += weight
        rows.append(
            Row(
                kind=kind,
                id=id,
                seq=seq,
                accepted=accepted,
                number=number,
                leaves=leaves,
                bases=known,
            )
        )
    return rows, ended


def _changed(conn: sqlite3.Connection, since: int) -> tuple[list[Columns], bool]:
    """Records and their heads in seq order, about as many as fit with their leaves and bases."""
    lines: list[Columns] = []
    size = 0
    for line in conn.execute(_CHANGED, (since,)):
        versions = 1 if line[5] == 1 else line[5] + 1
        size += versions * _weight(line[6:])
        if lines and size > PAGE_LIMIT:
            return lines, False
        lines.append(line)
    return lines, True


def _beside(conn: sqlite3.Connection, keys: Sequence[Key]) -> dict[Key, list[Columns]]:
    """The leaves that are not the head, by rank."""
    found: dict[Key, list[Columns]] = {}
    if keys:
        for kind, id, *leaf in conn.execute(_BESIDE, (keys_json(keys),)):
            found.setdefault((kind, id), []).append(leaf)
        for leaves in found.values():
            leaves.sort(key=_rank, reverse=True)
    return found


def _bases(
    conn: sqlite3.Connection, heads: dict[Key, Columns], beside: dict[Key, list[Columns]]
) -> dict[Key, list[Columns]]:
    """For each loser the version of greatest seq that it and the head both know."""
    contested = {
        key: losers
        for key, leaves in beside.items()
        if (losers := [leaf for leaf in leaves if leaf[10] != heads[key][10]])
    }
    if not contested:
        return {}
    past: dict[Key, list[tuple[int, Dot]]] = {}
    for kind, id, seq, replica, n in conn.execute(_PAST, (keys_json(contested),)):
        past.setdefault((kind, id), []).append((seq, Dot(replica, n)))
    wanted: dict[int, Key] = {}
    for key, losers in contested.items():
        top = Knows.parse(heads[key][3])
        shared = [(seq, dot) for seq, dot in past[key] if dot in top]
        for loser in losers:
            knows = Knows.parse(loser[3])
            seq = max((seq for seq, dot in shared if dot in knows), default=None)
            if seq is not None:
                wanted[seq] = key
    found: dict[Key, list[Columns]] = {}
    for base in conn.execute(_NAMED, (json.dumps(list(wanted)),)):
        found.setdefault(wanted[base[0]], []).append(base)
    return found


def _leaf(row: Columns, *, with_body: bool = True) -> Leaf:
    """A version as the hub tells it, straight from its columns."""
    seq, replica, n, knows, base, rev, author, at, eff, deleted, content, body = row
    return Leaf(
        dot=f"{replica}:{n}",
        knows=knows,
        base=base,
        rev=rev,
        author=author,
        at=at,
        eff=eff,
        seq=seq,
        deleted=bool(deleted),
        body=msgspec.Raw(body) if with_body else msgspec.UNSET,
        content="" if with_body or deleted else content.hex(),
    )


def _weight(row: Columns) -> int:
    """About how many bytes a version takes on the wire."""
    return len(row[11]) + len(row[3]) + ENVELOPE


def _rank(row: Columns) -> tuple[bool, int, Dot]:
    """`schema.leaves.rank` over columns."""
    return (not row[9], row[8], Dot(row[1], row[2]))


def _crowd(
    leaves: Sequence[Columns], bases: Sequence[Columns], limit: int
) -> tuple[list[Leaf], list[Leaf], int]:
    """Several leaves and their bases for the wire, and about how many bytes they take.

    Above the limit the oldest losers go without bodies, and where even that is not enough the
    bases too; the replica asks for them after the page.
    """
    heavy = sum(len(base[11]) for base in bases)
    weight = heavy + sum(map(_weight, leaves))
    left_out = _oldest(leaves[1:], weight - limit)
    weight -= sum(len(leaf[11]) for leaf in leaves if leaf[0] in left_out)
    with_bases = weight <= limit
    if not with_bases:
        weight -= heavy
    return (
        [_leaf(leaf, with_body=leaf[0] not in left_out) for leaf in leaves],
        [_leaf(base, with_body=with_bases) for base in bases],
        weight + sum(map(_weight, bases)) - heavy,
    )


def _oldest(losers: Iterable[Columns], excess: int) -> set[int]:
    """The seqs of the oldest losers whose bodies together are at least `excess` bytes."""
    found: set[int] = set()
    for leaf in sorted(losers, key=lambda leaf: leaf[8]):
        if excess <= 0:
            break
        excess -= len(leaf[11])
        found.add(leaf[0])
    return found
