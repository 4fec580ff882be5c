"""What others changed since somebody looked: by the hub's numbers, the newest first."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from schema.conflicts import Said, changed
from schema.records import KINDS, title_of
from syncd.store.reading import meta
from syncd.store.replica import Replica
from syncd.store.tables import using

SHOWN = 50

_decode = msgspec.json.Decoder(dict[str, Any]).decode


class News(NamedTuple):
    """One record that somebody else changed; `at` in microseconds.

    `fields` are those that differ from what was here before, empty where that is not known here;
    `new` says that nothing was here.
    """

    kind: str
    id: str
    number: str
    title: str
    author: str
    department: str
    at: int
    fields: tuple[str, ...]
    new: bool
    deleted: bool


class Changes(NamedTuple):
    """How many records others changed, and the newest of them."""

    total: int
    newest: list[News]


def changes(conn: sqlite3.Connection, since: int, *, limit: int = SHOWN) -> Changes:
    """What others changed after the hub's number `since`; their departments are those they have now."""
    index = using(conn, "records_news")
    where = f"records {index} WHERE seq IS NOT NULL AND seq > ? AND author <> ?"
    me = meta(conn, "name")
    (total,) = conn.execute(f"SELECT count(*) FROM {where}", (since, me)).fetchone()
    rows = conn.execute(
        f"""SELECT kind, id, ifnull(number, ''), author, iif(eff > 0, eff, at), rev, deleted, body
        FROM {where} ORDER BY seq DESC LIMIT ?""",
        (since, me, limit),
    ).fetchall()
    departments = _departments(conn)
    newest = []
    for kind, id, number, author, at, rev, deleted, text in rows:
        body = _decode(text or "{}")
        before = _before(conn, kind, id, since)
        newest.append(
            News(
                kind=kind,
                id=id,
                number=number,
                title=title_of(KINDS[kind], body) if kind in KINDS else "",
                author=author,
                department=departments.get(author, ""),
                at=at,
                fields=_differing(body, bool(deleted), before),
                new=before is None and rev == 1,
                deleted=bool(deleted),
            )
        )
    return Changes(total, newest)


def looked(conn: sqlite3.Connection) -> int | None:
    """The hub's number up to which somebody has looked; None where nobody has yet."""
    said = meta(conn, "looked")
    return int(said) if said.isdecimal() else None


def note_looked(replica: Replica) -> None:
    """What is here has been looked at; what comes from now on is news."""
    if looked(replica.conn) != replica.seq:
        with replica.write():
            replica.set_meta(looked=replica.seq)


def _before(conn: sqlite3.Connection, kind: str, id: str, since: int) -> Said | None:
    """What a record said at a number, as far as its versions are here."""
    row = conn.execute(
        """SELECT body, deleted FROM versions WHERE kind = ? AND id = ? AND NOT beside
            AND vseq > 0 AND vseq <= ? AND body IS NOT NULL ORDER BY vseq DESC LIMIT 1""",
        (kind, id, since),
    ).fetchone()
    return Said(_decode(row[0]), bool(row[1])) if row else None


def _differing(body: Mapping[str, Any], deleted: bool, before: Said | None) -> tuple[str, ...]:
    if before is None:
        return ()
    return tuple(changed(before, Said(dict(body), deleted)))


def _departments(conn: sqlite3.Connection) -> dict[str, str]:
    return {
        name: department or ""
        for name, department in conn.execute(
            """SELECT json_extract(body, '$.name'), department FROM records
            WHERE kind = 'person' AND deleted = 0"""
        )
        if name
    }
