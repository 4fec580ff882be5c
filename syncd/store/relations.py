"""What stands around a record: what it waits for, what waits for it, and what is said of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from schema.records.registry import KINDS
from syncd.store.tables import STANDING

if TYPE_CHECKING:
    from schema.rules.world import Paper

_decode = msgspec.json.Decoder(dict[str, Any]).decode


class Related(NamedTuple):
    """A record that is named beside another one; "" where something is missing."""

    kind: str
    id: str
    number: str
    title: str
    state: str
    due: str
    deleted: bool


_RELATED = """SELECT DISTINCT r.kind, r.id, ifnull(r.number, ''), ifnull(r.title, ''), ifnull(r.state, ''),
        ifnull(r.due, ''), r.deleted
    FROM records d JOIN records r
        ON r.id = d."{far}" AND r.kind IN ('task', 'milestone', 'request', 'blocker')
    WHERE d."{near}" = ? AND d.kind = 'dependency' AND NOT d.deleted
    ORDER BY r.due_at IS NULL, r.due_at, r.id LIMIT ?"""

# An id is looked up kind by kind, for the table is ordered by kind first.
_BY_ID = f"""SELECT kind, id, ifnull(number, ''), ifnull(title, ''), ifnull(state, ''),
        ifnull(due, ''), deleted
    FROM records WHERE kind IN ({", ".join(f"'{name}'" for name in KINDS)}) AND id = ?"""

_SAID = """SELECT id, author, iif(eff > 0, eff, at) AS written, body FROM records
    WHERE "of" = ? AND kind = ? AND NOT deleted ORDER BY id DESC LIMIT ?"""

WAITING = ("task", "milestone", "request")
"""The kinds that may wait for another record."""

CHAIN = 2_000
"""How many dependencies are followed from one record."""

_PAPER = "d.kind, d.id, ifnull(d.number, ''), ifnull(d.body, '{}')"

OFFERED_AMONG = 20_000
"""How many of the newest records are looked through for what begins to be typed."""


def held_up_by(conn: sqlite3.Connection, id: str, *, limit: int = 20) -> list[Related]:
    """What may begin only when this is done."""
    return _related(conn, _RELATED.format(near="before", far="after"), id, limit)


class Chain(NamedTuple):
    """What a slip of one record can push: every record that waits for it, itself first, and by what."""

    papers: list[Paper]
    dependencies: list[Paper]


def dependents(conn: sqlite3.Connection, id: str, *, most: int = CHAIN) -> Chain:
    """Whatever waits for a record, through however many others; those `most` links that are found first."""
    links = conn.execute(
        f"""WITH RECURSIVE waiting(id) AS (SELECT ? UNION
            SELECT d."after" FROM waiting JOIN records d ON d."before" = waiting.id
            WHERE d.kind = 'dependency' AND d.deleted = 0 AND d."after" > '' LIMIT ?)
        SELECT {_PAPER} FROM waiting JOIN records d ON d."before" = waiting.id
        WHERE d.kind = 'dependency' AND d.deleted = 0 LIMIT ?""",
        (id, most, most),
    ).fetchall()
    found = [_paper(*row) for row in links]
    ids = [id, *dict.fromkeys(each.text("after") for each in found if each.text("after") != id)]
    kinds = ", ".join(f"'{kind}'" for kind in WAITING)
    rows = (
        conn.execute(
            f"SELECT {_PAPER} FROM records d WHERE kind IN ({kinds}) AND id = ? AND deleted = 0",
            (each,),
        ).fetchone()
        for each in ids
    )
    return Chain([_paper(*row) for row in rows if row is not None], found)


def _paper(kind: str, id: str, number: str, body: str) -> Paper:
    # The first screen reads relations and has no use for the rules.
    from schema.rules.world import Paper

    return Paper(kind=kind, id=id, number=number, body=_decode(body))


def waits_for(conn: sqlite3.Connection, id: str, *, limit: int = 20) -> list[Related]:
    """What must be done before this begins."""
    return _related(conn, _RELATED.format(near="after", far="before"), id, limit)


def open_blockers(conn: sqlite3.Connection, project: str = "") -> int:
    """How many blockers are not closed, of one project or of all."""
    row = conn.execute(
        f"""SELECT count(*) FROM records INDEXED BY records_standing
            WHERE deleted = 0 AND {STANDING} AND kind = 'blocker'
            AND (state < 'closed' OR state > 'closed' OR state IS NULL) AND ? IN ('', project)""",
        (project,),
    ).fetchone()
    return int(row[0])


def stuck_tasks(conn: sqlite3.Connection) -> frozenset[str]:
    """The ids of what a blocker that is not solved yet holds up; as few as there are blockers."""
    return frozenset(
        id
        for (id,) in conn.execute(
            f"""WITH b AS MATERIALIZED (SELECT id, source FROM records INDEXED BY records_standing
                WHERE deleted = 0 AND {STANDING} AND kind = 'blocker'
                    AND state IN ('open', 'coordinating'))
            SELECT source FROM b
            UNION SELECT d."after" FROM b JOIN records d ON d."before" = b.id
            WHERE d.kind = 'dependency' AND NOT d.deleted"""
        )
        if id
    )


def _related(conn: sqlite3.Connection, sql: str, id: str, limit: int) -> list[Related]:
    return [Related._make((*row[:6], bool(row[6]))) for row in conn.execute(sql, (id, limit))]


class Remark(NamedTuple):
    """A line of progress or a comment; `at` is when it was written, in microseconds."""

    id: str
    author: str
    at: int
    body: dict[str, Any]


def by_id(conn: sqlite3.Connection, id: str) -> Related | None:
    """The record of an id, whatever known kind it is of, or None."""
    return next(iter(_related(conn, f"{_BY_ID} LIMIT ?", id, 1)), None)


def remarks(conn: sqlite3.Connection, kind: str, of: str, *, limit: int) -> list[Remark]:
    """What was said of a record as `kind`, progress or comment, newest first."""
    return [
        Remark(id, author, at, _decode(body or "{}"))
        for id, author, at, body in conn.execute(_SAID, (of, kind, limit))
    ]


def remarks_count(conn: sqlite3.Connection, kind: str, of: str) -> int:
    """How many records of a kind say something of a record."""
    row = conn.execute(
        'SELECT count(*) FROM records WHERE "of" = ? AND kind = ? AND NOT deleted', (of, kind)
    ).fetchone()
    return int(row[0])


def blocked_by(conn: sqlite3.Connection, id: str, *, limit: int = 20) -> list[Related]:
    """The blockers that were raised from a record and are not closed."""
    return _related(
        conn,
        """SELECT kind, id, ifnull(number, ''), ifnull(title, ''), ifnull(state, ''),
            ifnull(due, ''), deleted FROM records
        WHERE kind = 'blocker' AND NOT deleted AND ifnull(state, '') <> 'closed'
            AND source = ? ORDER BY id DESC LIMIT ?""",
        id,
        limit,
    )


def made_from(conn: sqlite3.Connection, id: str, *, limit: int = 20) -> list[Related]:
    """The tasks that name a record as what they come from."""
    return _related(
        conn,
        """SELECT kind, id, ifnull(number, ''), ifnull(title, ''), ifnull(state, ''),
            ifnull(due, ''), deleted FROM records
        WHERE source = ? AND kind = 'task' AND NOT deleted
        ORDER BY due_at IS NULL, due_at, id LIMIT ?""",
        id,
        limit,
    )


def of_project(conn: sqlite3.Connection, id: str, *, limit: int = 20) -> list[Related]:
    """The first unfinished tasks of a project, in the order of the board."""
    return _related(
        conn,
        """SELECT kind, id, ifnull(number, ''), ifnull(title, ''), ifnull(state, ''),
            ifnull(due, ''), deleted FROM records
        WHERE project = ? AND stage IS NOT NULL AND stage < 3
        ORDER BY stage, due_at IS NULL, due_at, rank, id LIMIT ?""",
        id,
        limit,
    )


def offered_names(
    conn: sqlite3.Connection, kind: str, text: str, *, limit: int = 8
) -> list[tuple[str, str]]:
    """(name, shown name) of the departments or persons whose name has this text, the nearest first."""
    return [
        (name, title)
        for name, title in conn.execute(
            """SELECT json_extract(body, '$.name') AS name, ifnull(title, '') AS title
            FROM records WHERE kind = ?1 AND NOT deleted
                AND (instr(lower(name), ?2) OR instr(lower(title), ?2))
            ORDER BY instr(lower(name), ?2) <> 1, name LIMIT ?3""",
            (kind, text.lower(), limit),
        )
        if isinstance(name, str)
    ]


def offered_records(
    conn: sqlite3.Connection, kinds: Collection[str], text: str, *, limit: int = 8
) -> list[Related]:
    """The newest records of these kinds (of any, where none is named) whose number or title has this text."""
    among = ", ".join("?" * len(kinds or KINDS))
    return [
        Related._make((*row[:6], bool(row[6])))
        for row in conn.execute(
            f"""SELECT * FROM (SELECT kind, id, ifnull(number, '') AS number,
                    ifnull(title, '') AS title, ifnull(state, ''), ifnull(due, ''), deleted
                FROM records WHERE kind IN ({among}) AND NOT deleted
                ORDER BY id DESC LIMIT {OFFERED_AMONG})
            WHERE title <> '' AND (instr(lower(number), ?) OR instr(lower(title), ?)) LIMIT ?""",
            (*(kinds or KINDS), text.lower(), text.lower(), limit),
        )
    ]
