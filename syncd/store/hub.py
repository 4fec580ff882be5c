"""The hub's file: every version with its result in one line of seq, and where each record stands."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from schema.leaves import Leaves, digest_hex, ordered
from schema.version import Dot, Knows, Version
from schema.wire import Proof, Row
from syncd.store.connection import BY_KEYS, Database, keys_json
from syncd.store.paging import read_rows
from syncd.store.tables import HUB_VERSION, migrate_hub

_VERSION = (
    "v.seq, v.replica, v.n, v.knows, v.base, v.rev, v.author, v.at, v.eff, v.deleted, v.content"
)
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

    def body(self, kind: str, id: str, dot: Dot) -> bytes | None:
        """What a version of a record says, deleted or not; None where it is missing."""
        row = self.conn.execute(
            "SELECT body FROM versions WHERE replica = ? AND n = ? AND kind = ? AND id = ?",
            (dot.replica, dot.n, kind, id),
        ).fetchone()
        return bytes(row[0]) if row and row[0] is not None else None

    def kinds_of(self, ids: Iterable[str], kinds: Iterable[str]) -> list[tuple[str, str]]:
        """The records of some kinds that have one of these ids, deleted or not, as (kind, id)."""
        # By what was taken of them: versions have an index by id alone.
        return self.conn.execute(
            """SELECT DISTINCT v.kind, v.id FROM json_each(?) i CROSS JOIN versions v ON v.id = i.value
            WHERE v.result != 'refused' AND v.kind IN (SELECT value FROM json_each(?))""",
            (json.dumps(list(ids)), json.dumps(list(kinds))),
        ).fetchall()

    def contents(self, kind: str, id: str) -> set[bytes]:
        """What the undeleted versions of a record that were not refused say, as in `content_of`."""
        rows = self.conn.execute(
            """SELECT content FROM versions
            WHERE id = ? AND kind = ? AND NOT deleted AND result != 'refused'""",
            (id, kind),
        )
        return {bytes(content) for (content,) in rows}

    def heads(self, kind: str) -> dict[str, bytes]:
        """What all records of a kind say now, by id; those deleted are left out."""
        rows = self.conn.execute(
            """SELECT r.id, v.body FROM records r JOIN versions v ON v.seq = r.head
            WHERE r.kind = ? AND NOT v.deleted""",
            (kind,),
        )
        return {id: bytes(body) for id, body in rows}

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
            rows, ended = read_rows(conn, since)
            if not ended:
                return rows[-1].seq, rows, None
            proof = self.proof()
            return proof.seq, rows, proof

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
