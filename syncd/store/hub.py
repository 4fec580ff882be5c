"""The hub's file: every version with its result in one line of seq, and where each record stands."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from schema.leaves import Leaves, digest_hex, ordered
from schema.version import Dot, Knows, Version
from schema.wire import PAGE_LIMIT, RECORD_LIMIT, Leaf, Proof, Row
from syncd.store.connection import BY_KEYS, Database, keys_json
from syncd.store.tables import HUB_VERSION, migrate_hub

_VERSION = (
    "v.seq, v.replica, v.n, v.knows, v.base, v.rev, v.author, v.at, v.eff, v.deleted, v.content"
)
_PAGE_ROWS = f"""
    SELECT r.kind, r.id, r.seq, r.accepted, r.number, r.leaves, {_VERSION}, v.body
    FROM records r JOIN versions v ON v.seq = r.head
    WHERE r.seq > ? ORDER BY r.seq LIMIT 2000"""
_RECORDS_BY_KEYS = f"""
    SELECT t.kind, t.id, t.number, t.accepted, t.author, t.mark, t.seq, {_VERSION}
    FROM {BY_KEYS.format(table="records")} JOIN versions v ON v.seq = t.head"""
_LEAVES_BY_KEYS = f"""
    SELECT t.kind, t.id, {_VERSION}
    FROM {BY_KEYS.format(table="leaves")} JOIN versions v ON v.seq = t.version"""


class Held(msgspec.Struct, gc=False):
    """A record as a transaction works on it; the leaves carry no bodies."""

    kind: str
    id: str
    leaves: Leaves
    number: str | None
    accepted: int
    author: str
    mark: int
    seq: int
    spread: bool  # whether the leaves table has rows of it


class Result(NamedTuple):
    """The hub's answer to one edit; `seq` is None where nothing was stored."""

    n: int
    result: str
    seq: int | None
    reason: str | None


class Judged(NamedTuple):
    """One line of `versions` about to be written."""

    version: Version
    kind: str
    id: str
    hash: bytes
    body: bytes | None
    result: str
    reason: str | None


class HubStore:
    """Reads and writes the hub's file; judging is the hub's, keeping is here."""

    def __init__(
        self,
        path: Path,
        *,
        synchronous: str = "FULL",
        crash_point: Callable[[str], None] | None = None,
        readonly: bool = False,
    ) -> None:
        self.db = Database(
            path,
            migrate=migrate_hub,
            schema_version=HUB_VERSION,
            synchronous=synchronous,
            crash_point=crash_point,
            readonly=readonly,
        )
        self.conn = self.db.conn
        if not readonly and not self.state("epoch"):
            with self.write():
                if not self.state("epoch"):
                    self.set_state("workspace", secrets.token_hex(8))
                    self.set_state("epoch", secrets.token_hex(8))
                    for key in ("seq", "eff", "count"):
                        self.set_state(key, 0)
                    self.set_state("digest", digest_hex(0))

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One write transaction."""
        with self.db.write() as conn:
            yield conn

    def state(self, key: str) -> str:
        """A word about the whole file: workspace epoch seq eff count digest; "" when unset."""
        row = self.conn.execute("SELECT value FROM state WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else ""

    def set_state(self, key: str, value: object) -> None:
        self.conn.execute(
            "INSERT INTO state VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            (key, str(value)),
        )

    @property
    def seq(self) -> int:
        return int(self.state("seq"))

    def proof(self) -> Proof:
        """What the whole file adds up to."""
        return Proof(self.state("epoch"), self.seq, int(self.state("count")), self.state("digest"))

    # -- what judging reads

    def held(self, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Held]:
        """Where records stand, by (kind, id); those that are missing are left out."""
        wanted = keys_json(keys)
        beside: dict[tuple[str, str], list[Version]] = {}
        for kind, id, *row in self.conn.execute(_LEAVES_BY_KEYS, (wanted,)):
            beside.setdefault((kind, id), []).append(_version(row))
        found: dict[tuple[str, str], Held] = {}
        for kind, id, number, accepted, author, mark, seq, *row in self.conn.execute(
            _RECORDS_BY_KEYS, (wanted,)
        ):
            others = beside.get((kind, id), [])
            found[kind, id] = Held(
                kind=kind,
                id=id,
                leaves=ordered([_version(row), *others]) if others else (_version(row),),
                number=number,
                accepted=accepted,
                author=author,
                mark=int.from_bytes(mark, "big"),
                seq=seq,
                spread=bool(others),
            )
        return found

    def judged(self, replica: str, n: int) -> tuple[Result, bytes] | None:
        """The first result of an edit and the hash of its bytes, or None."""
        row = self.conn.execute(
            "SELECT result, seq, reason, hash FROM versions WHERE replica = ? AND n = ?",
            (replica, n),
        ).fetchone()
        return (Result(n, row[0], row[1], row[2]), row[3]) if row else None

    def filed(self, kind: str, id: str, dot: Dot) -> tuple[Version, str] | None:
        """A version of a record and its result, or None."""
        row = self.conn.execute(
            f"""SELECT {_VERSION}, v.result FROM versions v
            WHERE v.replica = ? AND v.n = ? AND v.kind = ? AND v.id = ?""",
            (dot.replica, dot.n, kind, id),
        ).fetchone()
        return (_version(row[:11]), row[11]) if row else None

    def replica(self, replica: str) -> tuple[str, int, int] | None:
        """A replica's device, its greatest judged number and the stamp of its last edit."""
        row: tuple[str, int, int] | None = self.conn.execute(
            "SELECT device, have, eff FROM replicas WHERE id = ?", (replica,)
        ).fetchone()
        return row

    def body_of_head(self, kind: str, id: str) -> bytes | None:
        """What a record says now; None where it is missing or deleted."""
        row = self.conn.execute(
            """SELECT v.body FROM records r JOIN versions v ON v.seq = r.head
            WHERE r.kind = ? AND r.id = ? AND NOT v.deleted""",
            (kind, id),
        ).fetchone()
        return bytes(row[0]) if row else None

    def last_serial(self, series: str) -> int:
        """The last number given in a series, 0 before the first."""
        row = self.conn.execute("SELECT last FROM numbers WHERE series = ?", (series,)).fetchone()
        return int(row[0]) if row else 0

    # -- what judging writes, inside its transaction

    def file(self, judged: Iterable[Judged]) -> None:
        """Append versions with their results."""
        self.conn.executemany(
            """INSERT INTO versions (seq, kind, id, replica, n, knows, base, rev, author, at, eff,
                deleted, content, hash, body, result, reason)
            VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)""",
            [
                (
                    (v := line.version).seq,
                    line.kind,
                    line.id,
                    v.dot.replica,
                    v.dot.n,
                    str(v.knows),
                    str(v.base) if v.base else None,
                    v.rev,
                    v.author,
                    v.at,
                    v.eff,
                    v.deleted,
                    v.content,
                    line.hash,
                    line.body,
                    line.result,
                    line.reason,
                )
                for line in judged
            ],
        )

    def stand(self, records: Iterable[Held]) -> None:
        """Write where records stand after this transaction."""
        rows = list(records)
        self.conn.executemany(
            """INSERT INTO records (kind, id, seq, head, leaves, number, accepted, author, mark)
            VALUES (?,?,?,?,?,?,?,?,?)
            ON CONFLICT (kind, id) DO UPDATE SET seq = excluded.seq, head = excluded.head,
                leaves = excluded.leaves, number = excluded.number, mark = excluded.mark""",
            [
                (
                    held.kind,
                    held.id,
                    held.seq,
                    held.leaves[0].seq,
                    len(held.leaves),
                    held.number,
                    held.accepted,
                    held.author,
                    held.mark.to_bytes(16, "big"),
                )
                for held in rows
            ],
        )
        for held in rows:
            if held.spread:
                self.conn.execute(
                    "DELETE FROM leaves WHERE kind = ? AND id = ?", (held.kind, held.id)
                )
            if len(held.leaves) > 1:
                self.conn.executemany(
                    "INSERT INTO leaves VALUES (?, ?, ?)",
                    [(held.kind, held.id, leaf.seq) for leaf in held.leaves[1:]],
                )

    def keep_serials(self, serials: Mapping[str, int]) -> None:
        """Remember the last number given in each series; none is given twice."""
        self.conn.executemany(
            """INSERT INTO numbers VALUES (?, ?)
            ON CONFLICT (series) DO UPDATE SET last = excluded.last""",
            serials.items(),
        )

    def seen_replica(self, replica: str, device: str, have: int, eff: int) -> None:
        """Remember a replica: whose it is, its greatest number and its last stamp."""
        self.conn.execute(
            """INSERT INTO replicas VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE
            SET device = excluded.device, have = excluded.have, eff = excluded.eff""",
            (replica, device, have, eff),
        )

    # -- what sessions read

    def page(self, since: int) -> tuple[int, list[Row], Proof | None]:
        """Changed records after a seq: the seq reached, the rows, and at the end the proof."""
        with self.db.read() as conn:
            rows: list[Row] = []
            size = 0
            to = since
            full = False
            for line in conn.execute(_PAGE_ROWS, (since,)):
                row, weight = self._row(line)
                if rows and size + weight > PAGE_LIMIT:
                    full = True
                    break
                rows.append(row)
                size += weight
                to = line[2]
            if full or len(rows) == 2000:
                return to, rows, None
            proof = self.proof()
            return proof.seq, rows, proof

    def _row(self, line: tuple[Any, ...]) -> tuple[Row, int]:
        """One record for a page, and about how many bytes it takes."""
        kind, id, seq, accepted, number, count, *head = line
        bases: list[Leaf] = []
        if count == 1:
            leaves = [_leaf(head)]
            weight = len(head[-1]) + 300
        else:
            beside = self.conn.execute(
                f"""SELECT {_VERSION}, v.body FROM leaves l JOIN versions v ON v.seq = l.version
                WHERE l.kind = ? AND l.id = ?""",
                (kind, id),
            ).fetchall()
            beside.sort(key=_rank, reverse=True)
            bases = self._bases(kind, id, head, beside)
            leaves, weight = _within_limit([head, *beside])
            weight += sum(len(base.body) for base in bases if base.body)
        row = Row(
            kind=kind,
            id=id,
            seq=seq,
            accepted=accepted,
            number=number,
            leaves=leaves,
            bases=bases,
        )
        return row, weight

    def _bases(
        self, kind: str, id: str, head: Sequence[Any], beside: Sequence[Sequence[Any]]
    ) -> list[Leaf]:
        """For each loser the version of greatest seq that it and the head both know."""
        content, top = head[10], Knows.parse(head[3])
        open_ends = [Knows.parse(leaf[3]) for leaf in beside if leaf[10] != content]
        found: list[int] = []
        for seq, replica, n in self.conn.execute(
            """SELECT seq, replica, n FROM versions
            WHERE id = ? AND kind = ? AND result != 'refused' ORDER BY seq DESC""",
            (id, kind),
        ):
            if not open_ends:
                break
            dot = Dot(replica, n)
            left = [knows for knows in open_ends if dot not in knows or dot not in top]
            if len(left) < len(open_ends):
                found.append(seq)
                open_ends = left
        return [
            _leaf(row)
            for seq in found
            for row in self.conn.execute(
                f"SELECT {_VERSION}, v.body FROM versions v WHERE v.seq = ?", (seq,)
            )
        ]

    def history(self, kind: str, id: str) -> list[Version]:
        """The taken versions of a record with their bodies, in seq order."""
        rows = self.conn.execute(
            f"""SELECT {_VERSION}, v.body FROM versions v
            WHERE v.id = ? AND v.kind = ? AND v.result != 'refused' ORDER BY v.seq""",
            (id, kind),
        )
        return [_version(row[:11], row[11]) for row in rows]

    def close(self) -> None:
        self.db.close()


def _leaf(row: Sequence[Any], *, with_body: bool = True) -> Leaf:
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


def _rank(row: Sequence[Any]) -> tuple[bool, int, Dot]:
    """`schema.leaves.rank` over columns."""
    return (not row[9], row[8], Dot(row[1], row[2]))


def _within_limit(leaves: Sequence[Sequence[Any]]) -> tuple[list[Leaf], int]:
    """The leaves for the wire; above the record's limit the oldest losers go without bodies."""
    total = sum(len(leaf[11]) + 300 for leaf in leaves)
    left_out: set[int] = set()
    for leaf in sorted(leaves[1:], key=lambda leaf: leaf[8]):
        if total <= RECORD_LIMIT:
            break
        total -= len(leaf[11])
        left_out.add(leaf[0])
    return [_leaf(leaf, with_body=leaf[0] not in left_out) for leaf in leaves], total


def _version(row: Sequence[Any], body: bytes | None = None) -> Version:
    seq, replica, n, knows, base, rev, author, at, eff, deleted, content = row
    return Version(
        dot=Dot(replica, n),
        knows=Knows.parse(knows),
        base=Dot.parse(base) if base else None,
        rev=rev,
        author=author,
        at=at,
        eff=eff,
        seq=seq,
        deleted=bool(deleted),
        content=content,
        body=body,
    )
