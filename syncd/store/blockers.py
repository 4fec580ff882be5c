"""The queue of blockers, and one blocker with everything that points at it (S004)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from schema.records.registry import KINDS
from schema.rules.answers import (
    OPEN,
    STEPS,
    AnswerClock,
    Replies,
    answered,
    beyond_open,
    reopened,
)
from schema.rules.lights import RED, Shown
from schema.wording import _
from syncd.store.board import department_labels
from syncd.store.reading import ENVELOPE, select
from syncd.store.reckoning import (
    Reckoning,
    decode,
    running,
    unfinished,
    with_computed,
    with_shown,
)
from syncd.store.tables import STANDING

TALK = 200
_HELD_KINDS = ("task", "milestone", "request")
_LAST = 2**63 - 1

# When a version was written: as the hub settled it, or by this machine's clock before that.
_WRITTEN = "iif(eff > 0, eff, at)"
# When a comment was first said: an edit of it makes no later answer of it.
_SAID = f"min({_WRITTEN}, ifnull(accepted, {_LAST}))"
_BEYOND = ", ".join(f"'{state}'" for state in KINDS["blocker"].states if state != OPEN)
_COLUMNS = f"{ENVELOPE}, id, number, title, state, owner, author, accepted, conflicts, unsent, body"


class Stuck(NamedTuple):
    """One blocker of the queue; `envelope` is the record as JSON text.

    `raised_by` and `asked` are departments by their shown names, `asked` empty where nobody has
    to answer; `began` and `answer_by` are of the answer's clock, in microseconds, None before the
    hub has taken it; `holds` counts the unfinished papers that wait for it.
    """

    envelope: str
    id: str
    number: str
    title: str
    state: str
    raised_by: str
    asked: tuple[str, ...]
    owner: str
    began: int | None
    answer_by: int | None
    answered: bool
    verify_on: str
    holds: int
    conflicts: int
    unsent: int
    shown: Shown

    def as_json(self, by: Reckoning) -> str:
        """The record with what is shown of it, and how the end of its clock was computed."""
        found = by.due(self.verify_on) if self.answered else by.ending(self.began, "answer")
        return with_computed(with_shown(self.envelope, self.shown), found)


class Step(NamedTuple):
    """One of the six steps, 1 to 6; `done_at`, in microseconds, is None where it is not known."""

    step: int
    label: str
    done: bool
    now: bool
    done_at: int | None


class Held(NamedTuple):
    """A paper that waits for a blocker."""

    kind: str
    id: str
    number: str
    title: str
    state: str
    due: str
    shown: Shown


class Said(NamedTuple):
    """One comment on a blocker; `at` in microseconds, `type` a word of the kind `comment`."""

    id: str
    at: int
    author: str
    type: str
    text: str
    unsent: int


class Detail(NamedTuple):
    """A blocker with what it says and what points at it, texts as they were written.

    `effect` is rows of a word of `effect.on` and how much; `why_clock` tells how the end of
    `clock` was computed, or why none runs; `answered_at` is in microseconds.
    """

    stuck: Stuck
    phenomenon: str
    essence: str
    effect: tuple[tuple[str, str], ...]
    attributed: tuple[str, ...]
    why: str
    unblock: str
    steps: tuple[Step, ...]
    clock: AnswerClock | None
    why_clock: str
    answered_at: int | None
    held: list[Held]
    talk: list[Said]


def queue(conn: sqlite3.Connection, *, now: int, text: str = "", project: str = "") -> list[Stuck]:
    """The blockers that are not closed: unanswered ones by the time left, then by the day of verification and age.

    Those of ended projects are left out, unless the filter or `project` (an id) asks for one;
    closed ones unless the filter asks for a state. `now` is in microseconds.
    """
    selection = select(conn, "blocker", text, now=now)
    where, parameters = [selection.where], list(selection.parameters)
    if "state" not in selection.fields:
        # By an index that holds few kinds; closed ones are passed over without a look at them.
        where.append(f"deleted = 0 AND {STANDING} AND ifnull(state, '') <> 'closed'")
    if project:
        where.append("project = ?")
        parameters.append(project)
    elif "project" not in selection.fields:
        where.append(running(conn))
    read = _read(conn, " AND ".join(where), parameters, Reckoning.of(conn, now))
    return sorted((each.stuck for each in read), key=_order)


def detail(conn: sqlite3.Connection, id: str, *, now: int) -> Detail | None:
    """One blocker, closed ones too; None where there is none or it is deleted."""
    by = Reckoning.of(conn, now)
    read = _read(conn, "kind = 'blocker' AND id = ? AND NOT deleted", [id], by)
    if not read:
        return None
    stuck, body, clock, pointing = read[0]
    labels = department_labels(conn)
    return Detail(
        stuck=stuck,
        phenomenon=_text(body.get("phenomenon")),
        essence=_text(body.get("essence")),
        effect=tuple(
            (_text(row.get("on")), _text(row.get("how_much"))) for row in _rows(body.get("effect"))
        ),
        attributed=tuple(labels.get(name) or name for name in _texts(body.get("attributed"))),
        why=_text(body.get("why")),
        unblock=_text(body.get("unblock")),
        steps=_steps(conn, stuck, pointing),
        clock=clock,
        why_clock=_why(clock, stuck, by),
        answered_at=pointing.replies.answered,
        held=[
            Held(
                kind=kind,
                id=waiting,
                number=number or "",
                title=title or "",
                state=state or "",
                due=due or "",
                shown=by.shown(kind, decode(text or "{}")),
            )
            for kind, waiting, number, title, state, due, text in _held_rows(
                conn, {id: body}, "kind, id, number, title, state, due, body"
            )
        ],
        talk=_talk(conn, id),
    )


class _Pointing(NamedTuple):
    """What points at a blocker, and when the first of its tasks was written, in microseconds."""

    replies: Replies
    first_task: int | None


class _Read(NamedTuple):
    stuck: Stuck
    body: Mapping[str, object]
    clock: AnswerClock | None
    pointing: _Pointing


def _pointing(
    conn: sqlite3.Connection, bodies: Mapping[str, Mapping[str, object]]
) -> dict[str, _Pointing]:
    """What points at each of these blockers, given with their bodies by id.

    A blocker that is past `open` without an answer counts as answered from the first version
    known here that was.
    """
    again = reopenings(conn, bodies)
    first = _answers(conn, bodies, again)
    moved = [
        id for id, body in bodies.items() if id not in first and beyond_open(body.get("state"))
    ]
    first |= _moved(conn, moved, again)
    tasks = _tasks_of(conn, list(bodies))
    return {
        id: _Pointing(Replies(first.get(id), n, again.get(id)), first_task)
        for id in bodies
        for n, first_task in [tasks.get(id, (0, None))]
    }


def answers(conn: sqlite3.Connection, ids: Iterable[str]) -> dict[str, int]:
    """When each of these blockers first had a comment that answers it, in microseconds.

    Of one that was reopened only what was said since then is an answer.
    """
    ids = list(ids)
    return _answers(conn, ids, reopenings(conn, ids))


def _answers(
    conn: sqlite3.Connection, ids: Iterable[str], again: Mapping[str, int]
) -> dict[str, int]:
    return dict(
        conn.execute(
            f"""SELECT of, min({_SAID}) FROM records LEFT JOIN json_each(?2) AS again ON again.key = of
            WHERE of IN (SELECT value FROM json_each(?1)) AND kind = 'comment' AND NOT deleted
                AND json_extract(body, '$.type') = 'answer'
                AND {_SAID} >= ifnull(again.value, 0) GROUP BY of""",
            (json.dumps(list(ids)), json.dumps(again)),
        )
    )


def reopenings(conn: sqlite3.Connection, ids: Iterable[str]) -> dict[str, int]:
    """When each of these blockers was last put back to `open`, as far as the versions known here tell."""
    history: dict[str, list[tuple[int, object]]] = {}
    rows = conn.execute(
        f"""WITH asked(id) AS (SELECT value FROM json_each(?)),
            turned(id) AS (SELECT DISTINCT id FROM versions WHERE kind = 'blocker' AND NOT beside
                AND id IN (SELECT id FROM asked) AND json_extract(body, '$.state') IN ({_BEYOND}))
        SELECT id, {_WRITTEN}, json_extract(body, '$.state') FROM
            (SELECT id, eff, at, body FROM records WHERE kind = 'blocker'
                AND id IN (SELECT id FROM turned)
            UNION ALL SELECT id, eff, at, body FROM versions WHERE kind = 'blocker'
                AND id IN (SELECT id FROM turned) AND NOT beside)
        ORDER BY 2""",
        (json.dumps(list(ids)),),
    )
    for id, moment, state in rows:
        history.setdefault(id, []).append((moment, state))
    found = {id: reopened(versions) for id, versions in history.items()}
    return {id: moment for id, moment in found.items() if moment is not None}


def late(conn: sqlite3.Connection, *, now: int) -> list[str]:
    """The ids of the blockers whose answer or day of verification is over; `now` in microseconds."""
    over = KINDS["blocker"].finished | KINDS["blocker"].delivered
    ended = ", ".join(f"'{state}'" for state in over)
    where = f"kind = 'blocker' AND NOT deleted AND ifnull(state, '') NOT IN ({ended})"
    read = _read(conn, where, [], Reckoning.of(conn, now))
    return [each.stuck.id for each in read if each.stuck.shown.light == RED]


def _moved(
    conn: sqlite3.Connection, ids: Sequence[str], again: Mapping[str, int]
) -> dict[str, int]:
    """When each of these blockers was first known to be past `open`, since it was last reopened."""
    if not ids:
        return {}
    return dict(
        conn.execute(
            f"""SELECT of.id, min({_WRITTEN}) FROM
                (SELECT id, eff, at, body FROM records WHERE kind = 'blocker'
                    AND id IN (SELECT value FROM json_each(?1))
                UNION ALL SELECT id, eff, at, body FROM versions WHERE kind = 'blocker'
                    AND id IN (SELECT value FROM json_each(?1)) AND NOT beside) AS of
                LEFT JOIN json_each(?2) AS again ON again.key = of.id
            WHERE json_extract(body, '$.state') IN ({_BEYOND})
                AND {_WRITTEN} >= ifnull(again.value, 0) GROUP BY of.id""",
            (json.dumps(ids), json.dumps(again)),
        )
    )


def _tasks_of(conn: sqlite3.Connection, ids: Sequence[str]) -> dict[str, tuple[int, int]]:
    """How many tasks come from each of these blockers, dropped ones left out, and when the first was written."""
    if not ids:
        return {}
    rows = conn.execute(
        f"""SELECT source, count(*), min({_SAID}) FROM records INDEXED BY records_source
        WHERE source IN (SELECT value FROM json_each(?)) AND kind = 'task' AND NOT deleted
            AND ifnull(state, '') <> 'dropped'
        GROUP BY source""",
        (json.dumps(ids),),
    )
    return {source: (n, first) for source, n, first in rows}


def _read(
    conn: sqlite3.Connection,
    where: str,
    parameters: Sequence[object],
    by: Reckoning,
) -> list[_Read]:
    rows = conn.execute(f"SELECT {_COLUMNS} FROM records WHERE {where}", parameters).fetchall()
    bodies = {row[1]: decode(row[-1] or "{}") for row in rows}
    pointing = _pointing(conn, bodies)
    held = _held(conn, bodies)
    labels = department_labels(conn)
    departments = _departments_of(conn)
    found = []
    for (
        envelope,
        id,
        number,
        title,
        state,
        owner,
        author,
        accepted,
        conflicts,
        unsent,
        _body,
    ) in rows:
        body = bodies[id]
        clock = by.clock(accepted, pointing[id].replies.reopened)
        raised_by = _text(body.get("lead")) or departments.get(author, "")
        stuck = Stuck(
            envelope=envelope,
            id=id,
            number=number or "",
            title=title or "",
            state=state or "",
            raised_by=labels.get(raised_by) or raised_by,
            asked=tuple(labels.get(name) or name for name in asked(body, raised_by)),
            owner=owner or "",
            began=clock.began if clock else None,
            answer_by=clock.ends if clock else None,
            answered=answered(body, pointing[id].replies),
            verify_on=_text(body.get("verify_on")),
            holds=len(held.get(id, ())),
            conflicts=conflicts,
            unsent=unsent,
            shown=by.blocker(body, clock, pointing[id].replies),
        )
        found.append(_Read(stuck, body, clock, pointing[id]))
    return found


def asked(body: Mapping[str, object], raised_by: str) -> list[str]:
    """The departments that have to answer, by key: those it is attributed to and those asked to cooperate."""
    named = [*_texts(body.get("attributed")), *_texts(body.get("departments"))]
    return [name for name in dict.fromkeys(named) if name != raised_by]


def _order(stuck: Stuck) -> tuple[object, ...]:
    if stuck.answered:
        return 2, stuck.verify_on or "9999", stuck.id
    return (0, stuck.answer_by, stuck.id) if stuck.answer_by is not None else (1, "", stuck.id)


def _departments_of(conn: sqlite3.Connection) -> dict[str, str]:
    """The department of each person, by name."""
    return {
        name: department or ""
        for name, department in conn.execute(
            """SELECT json_extract(body, '$.name'), department FROM records
            WHERE kind = 'person' AND NOT deleted"""
        )
        if name
    }


def _held_rows(
    conn: sqlite3.Connection, bodies: Mapping[str, Mapping[str, object]], columns: str
) -> Iterable[tuple[Any, ...]]:
    """The unfinished papers that wait for these blockers, the nearest due first.

    They wait through a dependency, or are what a blocker comes from.
    """
    pairs = [(id, body["source"]) for id, body in bodies.items() if body.get("source")]
    return conn.execute(
        f"""WITH waiting(blocker, held) AS (
            SELECT before, after FROM records
            WHERE before IN (SELECT value FROM json_each(?)) AND kind = 'dependency' AND NOT deleted
            UNION SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?))
        SELECT {columns} FROM waiting CROSS JOIN records
        WHERE kind IN ({", ".join(f"'{kind}'" for kind in _HELD_KINDS)}) AND id = held
            AND NOT deleted AND {unfinished(*_HELD_KINDS)}
        ORDER BY due_at IS NULL, due_at, id""",
        (json.dumps(list(bodies)), json.dumps(pairs)),
    )


def _held(
    conn: sqlite3.Connection, bodies: Mapping[str, Mapping[str, object]]
) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for blocker, id in _held_rows(conn, bodies, "blocker, id"):
        found.setdefault(blocker, []).append(id)
    return found


def _steps(conn: sqlite3.Connection, stuck: Stuck, pointing: _Pointing) -> tuple[Step, ...]:
    """The steps with when each was done, as far as the versions known here tell."""
    history = [
        (at, decode(text))
        for at, text in conn.execute(
            f"""SELECT {_WRITTEN}, body FROM records WHERE kind = 'blocker' AND id = ?1
            UNION ALL SELECT {_WRITTEN}, body FROM versions
                WHERE kind = 'blocker' AND id = ?1 AND NOT beside AND body IS NOT NULL
            ORDER BY 1""",
            (stuck.id,),
        )
    ]

    def since(*states: str) -> int | None:
        return next((at for at, each in history if each.get("state") in states), None)

    clarified = next((at for at, each in history if each.get("lead") and each.get("essence")), None)
    closed = stuck.state == "closed"
    times = (
        clarified,
        pointing.replies.answered,
        pointing.first_task,
        since("resolved", "verified", "closed"),
        since("verified", "closed"),
        since("closed"),
    )
    return tuple(
        Step(n, label, done, n == stuck.shown.step and not done, at if done else None)
        for n, (label, at) in enumerate(zip(STEPS, times, strict=True), 1)
        for done in [closed or n < (stuck.shown.step or 1)]
    )


def _why(clock: AnswerClock | None, stuck: Stuck, by: Reckoning) -> str:
    if clock is not None:
        return clock.why(now=by.now, zone=by.moment.zone)
    if stuck.answered:
        return ""
    return _("not delivered: the clock starts when the hub has it")


def _talk(conn: sqlite3.Connection, id: str) -> list[Said]:
    """The newest comments, the oldest of them first."""
    rows = conn.execute(
        f"""SELECT id, {_SAID} AS said, author, json_extract(body, '$.type'),
            json_extract(body, '$.text'), unsent
        FROM records WHERE of = ? AND kind = 'comment' AND NOT deleted
        ORDER BY said DESC, id DESC LIMIT {TALK}""",
        (id,),
    ).fetchall()
    return [
        Said(comment, at, author, _text(type), _text(text), unsent)
        for comment, at, author, type, text, unsent in reversed(rows)
    ]


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _rows(value: object) -> list[dict[str, object]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
