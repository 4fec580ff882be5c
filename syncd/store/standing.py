"""How a replica stands: the figures of `status`, and what the sync line is said from."""

from __future__ import annotations

import sqlite3

from msgspec import Struct

from schema.rules.refusals import refusal_words
from schema.rules.truth import Link, Standing
from syncd.store.reading import rfc3339
from syncd.store.replica import Replica


class Status(Struct, frozen=True, kw_only=True):
    """The figures of `status --json`, in the order it gives them."""

    member: str | None
    role: str | None
    department: str | None
    replica: str
    file: str
    hub: str | None
    epoch: str | None
    seq: int
    unsent: int
    oldest_unsent: str | None
    refused: int
    conflicts: int
    clock_offset_ms: int | None
    last_sync: str | None
    count: int
    digest: str


def status(replica: Replica) -> Status:
    """The figures of a replica."""
    s = standing(replica)
    return Status(
        member=replica.meta("name") or None,
        role=replica.meta("role") or None,
        department=replica.meta("department") or None,
        replica=replica.id,
        file=str(replica.db.path.absolute()),
        hub=replica.meta("hub") or None,
        epoch=replica.meta("epoch") or None,
        seq=replica.seq,
        unsent=s.unsent,
        oldest_unsent=rfc3339(s.oldest) if s.oldest is not None else None,
        refused=s.refused,
        conflicts=s.conflicts,
        clock_offset_ms=s.offset // 1000 if s.offset is not None else None,
        last_sync=rfc3339(s.last_sync) if s.last_sync is not None else None,
        count=replica.number("count"),
        digest=replica.meta("digest"),
    )


def standing(replica: Replica, *, link: Link = "idle", another: bool = False) -> Standing:
    """What the replica's file says of it, beside what the caller knows of the connection.

    Who knows nothing of it is told by the outcome of the last attempt.
    """
    conn = replica.conn
    if link == "idle" and replica.number("unreached") > replica.number("last_sync"):
        link = "down"
    unsent = replica.unsent()
    oldest = conn.execute("SELECT made FROM outbox ORDER BY n LIMIT 1").fetchone()
    refusals = conn.execute("SELECT reason FROM refused ORDER BY n DESC").fetchall()
    joined = bool(replica.meta("hub"))
    return Standing(
        joined=joined,
        revoked=bool(replica.meta("revoked")),
        link=link,
        another=another,
        mending=replica.meta("proof") == "broken",
        readonly=replica.meta("readonly") == "1",
        older=_waits_for_newer(replica),
        seq=replica.seq,
        records=_records(conn),
        unsent=unsent,
        oldest=oldest[0] if oldest else None,
        refused=len(refusals),
        reason=refusal_words(refusals[0][0]) if refusals else "",
        conflicts=open_conflicts(replica),
        offset=replica.number("offset") if replica.meta("epoch") else None,
        last_sync=replica.number("last_sync") or None,
    )


def _records(conn: sqlite3.Connection) -> int:
    """How many records are here, without looking at one."""
    return int(
        conn.execute(
            "SELECT (SELECT count(*) FROM records) - count(*) FROM records WHERE deleted = 1"
        ).fetchone()[0]
    )


def open_conflicts(replica: Replica) -> int:
    """How many conflicts are open and not settled here."""
    row = replica.conn.execute("SELECT sum(conflicts) FROM records WHERE conflicts > 0").fetchone()
    return int(row[0] or 0)


def note_reached(replica: Replica, reached: bool) -> None:
    """Keep whether the last attempt reached the hub, for whoever asks without trying."""
    if reached and not replica.meta("unreached"):
        return
    with replica.write():
        replica.set_meta(unreached=None if reached else replica.clock.now())


def _waits_for_newer(replica: Replica) -> bool:
    """Whether an edit waits whose kind the hub, as it last said, does not know yet."""
    kinds = [kind for kind in replica.meta("older").split(",") if kind]
    if not kinds:
        return False
    row = replica.conn.execute(
        f"SELECT 1 FROM outbox WHERE kind IN ({', '.join('?' * len(kinds))}) LIMIT 1", kinds
    ).fetchone()
    return row is not None
