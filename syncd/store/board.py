"""The task board: every task of the projects that run, by department and state."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from schema.calendar_data import shipped
from schema.rules.lights import Shown, shown
from syncd.store.reading import ENVELOPE, Selection, select, setting

STATES = ("todo", "doing", "review", "done")

_RUNNING = """ AND ifnull(project, '') NOT IN
    (SELECT id FROM records WHERE kind = 'project' AND NOT deleted AND state IN ('closed', 'dropped'))"""

_decode = msgspec.json.Decoder(dict[str, Any]).decode
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


def board(conn: sqlite3.Connection, *, now: int, text: str = "") -> list[Lane]:
    """The lanes by name, tasks of no department last; in each the states in order, the nearest due first.

    Tasks of closed and dropped projects are left out, unless the filter asks for a project.
    """
    lanes: dict[str, list[Card]] = {}
    for card in _cards(conn, select(conn, "task", text, now=now), now):
        lanes.setdefault(card.department, []).append(card)
    labels: dict[str, str] = dict(
        conn.execute(
            """SELECT json_extract(body, '$.name'), title FROM records
            WHERE kind = 'department' AND NOT deleted"""
        )
    )
    return [
        Lane(name, labels.get(name) or name, lanes[name])
        for name in sorted(lanes, key=lambda name: (not name, name))
    ]


def _cards(conn: sqlite3.Connection, selection: Selection, now: int) -> list[Card]:
    said = setting(conn)
    at = datetime.fromtimestamp(now / 1_000_000, UTC)
    calendar = shipped()
    running = "" if "project" in selection.fields else _RUNNING
    rows = conn.execute(
        f"""SELECT {ENVELOPE}, id, number, title, state, department, owner, due, conflicts, unsent,
            accepted, body, priority
        FROM records WHERE {selection.where}{running}
            AND state IN ({", ".join("?" * len(STATES))})""",
        [*selection.parameters, *STATES],
    )
    found: list[tuple[tuple[object, ...], Card]] = []
    for row in rows:
        *texts, conflicts, unsent, accepted, body, priority = row
        envelope, id, number, title, state, department, owner, due = (text or "" for text in texts)
        light = shown(
            "task",
            _decode(body or "{}"),
            now=at,
            zone=said.zone,
            calendar=calendar,
            warn=said.warn,
            accepted=accepted,
        )
        card = Card(
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
            shown=light,
        )
        # A date without an hour ends with its day.
        due = card.due if len(card.due) > 10 else f"{card.due or '9999'}T24:00"
        found.append(((STATES.index(card.state), due, priority or 9, card.id), card))
    found.sort(key=lambda each: each[0])
    return [card for _key, card in found]
