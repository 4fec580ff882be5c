"""A meeting with its topics and its seats, as far as they are held here."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from schema.records.kind import Body
from syncd.store.reckoning import decode


class Agenda(NamedTuple):
    """A meeting, with the undeleted topics and seats of it by id."""

    meeting: Body
    topics: dict[str, Body]
    seats: dict[str, Body]


def agenda(conn: sqlite3.Connection, id: str) -> Agenda | None:
    """The agenda of a meeting, by index; None where there is none or it is deleted."""
    row = conn.execute(
        "SELECT body FROM records WHERE kind = 'meeting' AND id = ? AND NOT deleted", (id,)
    ).fetchone()
    if row is None:
        return None
    found = Agenda(decode(row[0] or "{}"), {}, {})
    for kind, each, body in conn.execute(
        """SELECT kind, id, body FROM records
        WHERE of = ? AND kind IN ('topic', 'seat') AND NOT deleted ORDER BY kind, id""",
        (id,),
    ):
        (found.topics if kind == "topic" else found.seats)[each] = decode(body or "{}")
    return found
