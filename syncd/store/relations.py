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


def open_blockers(conn: sqlite3.Connection, project: str = "") -> int:
    """How many blockers are not closed, of one project or of all."""
    row = conn.execute(
        """SELECT count(*) FROM records WHERE kind = 'blocker' AND NOT deleted
            AND ifnull(state, '') <> 'closed' AND ? IN ('', project)""",
        (project,),
    ).fetchone()
    return int(row[0])


def stuck_tasks(conn: sqlite3.Connection) -> frozenset[str]:
    """The ids of what a blocker that is not solved yet holds up; as few as there are blockers."""
    return frozenset(
        id
        for (id,) in conn.execute(
            """SELECT json_extract(b.body, '$.source') FROM records b
            WHERE b.kind = 'blocker' AND b.state IN ('open', 'coordinating') AND NOT b.deleted
            UNION SELECT d."after" FROM records b JOIN records d ON d."before" = b.id
            WHERE b.kind = 'blocker' AND b.state IN ('open', 'coordinating') AND NOT b.deleted
                AND d.kind = 'dependency' AND NOT d.deleted"""
        )
        if id
    )


def _related(conn: sqlite3.Connection, sql: str, id: str, limit: int) -> list[Related]:
    return [
        Related(*texts, deleted=bool(deleted)) for *texts, deleted in conn.execute(sql, (id, limit))
    ]
