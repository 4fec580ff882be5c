"""What stands around a record: what it waits for, what waits for it, and what is said of it."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple


class Related(NamedTuple):
    """A record that is named beside another one; "" where something is missing."""

    kind: str
    id: str
    number: str
    title: str
    state: str
    due: str
    deleted: bool


_RELATED = """SELECT r.kind, r.id, ifnull(r.number, ''), ifnull(r.title, ''), ifnull(r.state, ''),
        ifnull(r.due, ''), r.deleted
    FROM records d JOIN records r ON r.id = d."{far}"
    WHERE d."{near}" = ? AND d.kind = 'dependency' AND NOT d.deleted
    ORDER BY r.due_at IS NULL, r.due_at, r.id LIMIT ?"""


def held_up_by(conn: sqlite3.Connection, id: str, *, limit: int = 20) -> list[Related]:
    """What may begin only when this is done."""
    return _related(conn, _RELATED.format(near="before", far="after"), id, limit)


def waits_for(conn: sqlite3.Connection, id: str, *, limit: int = 20) -> list[Related]:
    """What must be done before this begins."""
    return _related(conn, _RELATED.format(near="after", far="before"), id, limit)


def _related(conn: sqlite3.Connection, sql: str, id: str, limit: int) -> list[Related]:
    return [
        Related(*texts, deleted=bool(deleted)) for *texts, deleted in conn.execute(sql, (id, limit))
    ]
