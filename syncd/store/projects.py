"""The projects of a workspace, those that run first."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from schema.records.stages import STAGES

ORDER = ("running", "accepting", "agreed", "draft", "closed", "dropped")


class Project(NamedTuple):
    """A project as it is picked; `open_tasks` are those on the board and not done."""

    id: str
    number: str
    title: str
    state: str
    open_tasks: int


def projects(conn: sqlite3.Connection, text: str = "", *, limit: int) -> list[Project]:
    """The projects whose title or number holds a text in lower case, the running ones first."""
    rank = " ".join(f"WHEN '{state}' THEN {place}" for place, state in enumerate(ORDER))
    rows = conn.execute(
        f"""SELECT id, ifnull(number, ''), ifnull(title, ''), ifnull(state, ''), (
                SELECT count(*) FROM records t WHERE t.project = p.id
                AND t.stage BETWEEN 0 AND {STAGES.index("done") - 1})
            FROM records p WHERE kind = 'project' AND NOT deleted
                AND (instr(lower(ifnull(title, '')), ?1) OR instr(lower(ifnull(number, '')), ?1))
            ORDER BY CASE state {rank} ELSE {len(ORDER)} END, title, id LIMIT ?2""",
        (text, limit),
    )
    return [Project(*row) for row in rows]
