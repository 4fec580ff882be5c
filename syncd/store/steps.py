"""What the six steps of one blocker have come to: the papers that point at it, step by step (S004)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from schema.records.kind import Body
from schema.rules.steps import conclusion, feedback_missing, round_of
from syncd.store.reckoning import decode

_SAID = "min(iif(eff > 0, eff, at), ifnull(accepted, 9223372036854775807))"
_PAPER = f"kind, id, ifnull(number, ''), author, {_SAID}, body"
_OF = "'acceptance', 'signoff', 'report', 'seat'"
_MEETINGS = 40


class Pointing(NamedTuple):
    """An undeleted paper that points at a blocker; `said` is when it was first said, in microseconds."""

    kind: str
    id: str
    number: str
    author: str
    said: int
    body: Body

    def text(self, field: str) -> str:
        """A field that is one text; "" where it is none."""
        value = self.body.get(field)
        return value if isinstance(value, str) else ""


class Around(NamedTuple):
    """A blocker, `dot` of the version shown, with the papers of its steps, oldest first.

    `revisions` are the tasks that come from `lessons`; `meetings` are those about it that were
    not cancelled.
    """

    id: str
    dot: str
    body: Body
    tasks: Sequence[Pointing]
    acceptances: Sequence[Pointing]
    signoffs: Sequence[Pointing]
    sheets: Sequence[Pointing]
    seats: Sequence[Pointing]
    meetings: Sequence[Pointing]
    lessons: Sequence[Pointing]
    revisions: Sequence[Pointing]

    @property
    def round(self) -> int:
        return round_of(self.body)

    @property
    def verifications(self) -> list[Pointing]:
        """The submitted verifications of this round."""
        return [
            each
            for each in self.acceptances
            if each.text("type") == "blocker"
            and each.text("state") == "submitted"
            and round_of(each.body) == self.round
        ]

    @property
    def result(self) -> str | None:
        """What this round's verification says; None before it is submitted."""
        return conclusion(self.body, [each.body for each in self.acceptances])

    @property
    def tasks_of_round(self) -> list[Pointing]:
        """The tasks of this round, dropped ones left out: those made after the one before was unsolved."""
        again = max(
            (
                each.said
                for each in self.acceptances
                if each.text("type") == "blocker"
                and (each.text("state"), each.text("result")) == ("submitted", "unsolved")
                and round_of(each.body) < self.round
            ),
            default=None,
        )
        return [
            each
            for each in self.tasks
            if each.text("state") != "dropped" and (again is None or each.said > again)
        ]

    @property
    def feedback_missing(self) -> list[str]:
        """The departments touched, those of its tasks too, that have not given feedback."""
        said = self.body.get("departments")
        named = [*(said if isinstance(said, list) else []), *_departments(self.tasks_of_round)]
        touched = {**self.body, "departments": named}
        return feedback_missing(touched, [each.body for each in self.signoffs])


def around(
    conn: sqlite3.Connection, id: str, meetings: Mapping[str, Sequence[str]] | None = None
) -> Around | None:
    """What stands around a blocker, by index; None where there is none or it is deleted.

    `meetings` are those of `meetings_about`, where somebody asks often.
    """
    row = conn.execute(
        "SELECT dot, body FROM records WHERE kind = 'blocker' AND id = ? AND NOT deleted", (id,)
    ).fetchone()
    if row is None:
        return None
    of = _papers(conn, f"of = ? AND kind IN ({_OF})", id)
    sheets = [each for each in of if each.kind == "report" and each.body.get("type") == "feedback"]
    lessons = _papers(
        conn,
        "kind = 'lesson' AND of IN (SELECT value FROM json_each(?))",
        _json([id, *(each.id for each in sheets)]),
    )
    revisions = _papers(
        conn,
        "kind = 'task' AND source IN (SELECT value FROM json_each(?))",
        _json(each.id for each in lessons),
        table="records INDEXED BY records_source",
    )
    met = (meetings_about(conn) if meetings is None else meetings).get(id, [])[:_MEETINGS]
    return Around(
        id=id,
        dot=row[0],
        body=decode(row[1] or "{}"),
        tasks=_papers(conn, "kind = 'task' AND source = ?", id),
        acceptances=[each for each in of if each.kind == "acceptance"],
        signoffs=[each for each in of if each.kind == "signoff"],
        sheets=sheets,
        seats=[each for each in of if each.kind == "seat"],
        meetings=_papers(
            conn, "kind = 'meeting' AND id IN (SELECT value FROM json_each(?))", _json(met)
        ),
        lessons=lessons,
        revisions=revisions,
    )


def _papers(
    conn: sqlite3.Connection, where: str, value: str, *, table: str = "records"
) -> list[Pointing]:
    rows = conn.execute(
        f"SELECT {_PAPER} FROM {table} WHERE NOT deleted AND {where} ORDER BY 5, id", (value,)
    )
    return [
        Pointing(kind, id, number, author, said, decode(body or "{}"))
        for kind, id, number, author, said, body in rows
    ]


def meetings_about(conn: sqlite3.Connection) -> dict[str, list[str]]:
    """The ids of the meetings about each paper that are not cancelled, the newest first.

    What a meeting is about is a list, and no column of its own: all of them are looked through.
    """
    found: dict[str, list[str]] = {}
    for about, id in conn.execute(
        """SELECT j.value, records.id FROM records, json_each(records.body, '$.about') j
        WHERE kind = 'meeting' AND NOT deleted AND ifnull(state, '') <> 'cancelled'
        ORDER BY records.id DESC"""
    ):
        found.setdefault(about, []).append(id)
    return found


def _departments(papers: Iterable[Pointing]) -> list[str]:
    return [each.text("department") for each in papers if each.text("department")]


def _json(ids: Iterable[str]) -> str:
    return json.dumps(list(ids))
