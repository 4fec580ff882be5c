"""The task board: every task of the projects that run, by department and state."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from schema.records import KINDS
from schema.records.stages import STAGES
from schema.rules.lights import Shown
from syncd.store.moment import Moment
from syncd.store.reading import ENVELOPE, select

ORDER = "due_at NULLS LAST, rank, id"
BACKWARDS = "due_at DESC NULLS FIRST, rank DESC, id DESC"

# A deleted task stands in no stage; a filter that asks for deleted ones goes by the state.
_CASES = " ".join(f"WHEN '{state}' THEN {stage}" for stage, state in enumerate(STAGES))
_STAGE_OF_STATE = f"CASE state {_CASES} END"
_FINISHED = ", ".join(f"'{state}'" for state in sorted(KINDS["project"].finished))
_ENDED = f"SELECT id FROM records WHERE kind = 'project' AND deleted = 0 AND state IN ({_FINISHED})"

_encode = msgspec.json.Encoder().encode


class Card(NamedTuple):
    """One task on the board; `envelope` is the record as JSON text."""

    envelope: str
    id: str
    number: str
    title: str
    state: str
    department: str
    owner: str
    due: str
    conflicts: int
    unsent: int
    shown: Shown

    def as_json(self) -> str:
        """The record with what is shown of it."""
        return f'{self.envelope[:-1]},"shown":{_encode(self.shown).decode()}}}'


class Lane(NamedTuple):
    """A department's tasks in the order shown; `label` is the department's shown name."""

    department: str
    label: str
    cards: list[Card]


class Tasks(NamedTuple):
    """The tasks that a board shows: those whose `stage`, their place in STAGES, is at least 0.

    `also` are the further conditions, each after an AND, and `parameters` theirs.
    """

    stage: str
    also: str
    parameters: tuple[object, ...]

    @classmethod
    def found(cls, conn: sqlite3.Connection, text: str, *, project: str = "", now: int) -> Tasks:
        """Those that a filter finds, of one project where its id is given.

        Tasks of closed and dropped projects are left out, unless a project is asked for.
        """
        stage, also, parameters, fields = "stage", "", list[object](), frozenset[str]()
        if text.strip():
            selection = select(conn, "task", text, now=now)
            also, parameters = f" AND {selection.where}", selection.parameters
            fields = selection.fields
            if selection.deleted:
                stage = _STAGE_OF_STATE
        if project:
            also, parameters = f" AND project = ?{also}", [project, *parameters]
        elif "project" not in fields and conn.execute(f"{_ENDED} LIMIT 1").fetchone():
            also += f" AND (project IS NULL OR project NOT IN ({_ENDED}))"
        return cls(stage, also, tuple(parameters))

    @property
    def where(self) -> str:
        return f"{self.stage} >= 0{self.also}"


def board(conn: sqlite3.Connection, *, now: int, text: str = "") -> list[Lane]:
    """The lanes by name, tasks of no department last; in each the states in order, the nearest due first.

    Tasks of closed and dropped projects are left out, unless the filter asks for a project.
    """
    tasks = Tasks.found(conn, text, now=now)
    found = cards(
        conn,
        f"{tasks.where} ORDER BY department NULLS LAST, {tasks.stage}, {ORDER}",
        tasks.parameters,
        Moment.of(conn, now),
    )
    labels = department_labels(conn)
    lanes: list[Lane] = []
    for card in found:
        if not lanes or lanes[-1].department != card.department:
            name = card.department
            lanes.append(Lane(name, labels.get(name) or name, []))
        lanes[-1].cards.append(card)
    return lanes


def cards(
    conn: sqlite3.Connection, where: str, parameters: tuple[object, ...], moment: Moment
) -> Iterator[Card]:
    """The tasks of a where-clause as cards."""
    rows = conn.execute(
        f"""SELECT {ENVELOPE}, id, number, title, state, department, owner, due, conflicts, unsent,
            accepted, body
        FROM records WHERE {where}""",
        parameters,
    )
    for row in rows:
        *texts, conflicts, unsent, accepted, body = row
        envelope, id, number, title, state, department, owner, due = (text or "" for text in texts)
        yield Card(
            envelope=envelope,
            id=id,
            number=number,
            title=title,
            state=state,
            department=department,
            owner=owner,
            due=due,
            conflicts=conflicts,
            unsent=unsent,
            shown=moment.shown("task", body, accepted),
        )


def department_labels(conn: sqlite3.Connection) -> dict[str, str]:
    """What departments are called that have another name than records hold, by that name."""
    return dict(
        conn.execute(
            """SELECT json_extract(body, '$.name'), title FROM records
            WHERE kind = 'department' AND deleted = 0 AND ifnull(title, '') <> ''"""
        )
    )
