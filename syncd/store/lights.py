"""The light of each department and the sentence why: late, due soon, waiting for a ruling, or nothing (S000-27)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from schema.rules.answers import DECISION, Replies
from schema.rules.lights import GREEN, RED, YELLOW
from schema.wording import _, n_
from syncd.store.blockers import answers, asked, reopenings
from syncd.store.board import department_labels
from syncd.store.reckoning import Reckoning, decode, running
from syncd.store.tables import STANDING, using

_REVIEW = 2
_ORDER = (RED, YELLOW, GREEN)


class Light(NamedTuple):
    """A department by its name, "" for none, and its shown name; `why` is "" where it is green.

    `late` counts its late tasks and overdue answers, `days` the working days of the longest,
    `near` what is due within the days of warning and not handed over, `idle` those of them not
    begun, `ruling` the blockers of its own that wait for the decision layer.
    """

    department: str
    label: str
    light: str
    why: str
    late: int = 0
    days: int = 0
    near: int = 0
    idle: int = 0
    ruling: int = 0


class _Found:
    def __init__(self) -> None:
        self.late = self.near = self.idle = self.ruling = self.overdue = 0
        self.first: date | None = None


def lights(conn: sqlite3.Connection, now: int) -> list[Light]:
    """The lights of the departments that have tasks or are asked, red ones first; `now` in microseconds."""
    by = Reckoning.of(conn, now)
    found: dict[str, _Found] = {}
    for department in _departments(conn):
        found[department] = _tasks(conn, by, department)
    _answers(conn, by, found)
    labels = department_labels(conn)
    lit = [_lit(by, name, labels.get(name) or name, each) for name, each in found.items()]
    lit = [each for each in lit if each.department or each.light != GREEN]
    return sorted(lit, key=lambda each: (_ORDER.index(each.light), -each.days, each.department))


def _departments(conn: sqlite3.Connection) -> list[str]:
    """Whoever has tasks on the board, found by hopping along their index; "" where some name none."""
    index = using(conn, "board_departments")
    rows = conn.execute(
        f"""WITH RECURSIVE named(name) AS (
            SELECT min(department) FROM records {index} WHERE stage IS NOT NULL AND department > ''
            UNION ALL SELECT (SELECT min(r.department) FROM records r {index}
                WHERE r.stage IS NOT NULL AND r.department > named.name)
            FROM named WHERE name IS NOT NULL)
        SELECT name FROM named WHERE name IS NOT NULL"""
    )
    return [*(name for (name,) in rows), ""]


def _tasks(conn: sqlite3.Connection, by: Reckoning, department: str) -> _Found:
    """What of a department is late or near, of the tasks of running projects."""
    found = _Found()
    index = using(conn, "board_departments")
    for stage, n, late, first in conn.execute(
        f"""SELECT stage, count(*), count(*) FILTER (WHERE due_at < ?), min(due_at)
        FROM records {index} WHERE department IS ? AND stage IN (0, 1, 2) AND due_at < ?
            AND {running(conn)} GROUP BY stage""",
        (by.moment.late_before, department or None, by.moment.near_before),
    ):
        found.late += late
        if late:
            day = date.fromisoformat(first[:10])
            found.first = min(day, found.first or day)
        if stage != _REVIEW:
            found.near += n - late
            found.idle += n - late if stage == 0 else 0
    return found


def _answers(conn: sqlite3.Connection, by: Reckoning, found: dict[str, _Found]) -> None:
    """Adds the answers that are overdue to whoever owes them, and what waits for a ruling to its lead."""
    rows = conn.execute(
        f"""SELECT id, accepted, body FROM records INDEXED BY records_standing
        WHERE deleted = 0 AND {STANDING} AND kind = 'blocker' AND ifnull(state, 'open') = 'open'
            AND accepted IS NOT NULL AND {running(conn)}"""
    ).fetchall()
    ids = [id for id, _accepted, _body in rows]
    done, again = answers(conn, ids), reopenings(conn, ids)
    for id, accepted, text in rows:
        clock = by.clock(accepted, again.get(id)) if id not in done else None
        if clock is None or clock.ends >= by.now:
            continue
        body = decode(text or "{}")
        lead = body.get("lead")
        lead = lead if isinstance(lead, str) else ""
        for name in asked(body, lead):
            found.setdefault(name, _Found()).overdue += 1
        if by.blocker(body, clock, Replies(reopened=again.get(id))).level == DECISION and lead:
            found.setdefault(lead, _Found()).ruling += 1


def _lit(by: Reckoning, name: str, label: str, found: _Found) -> Light:
    days = by.moment.calendar.days_late(found.first, by.today) if found.first else 0
    light = GREEN
    if found.near or found.ruling:
        light = YELLOW
    if found.late or found.overdue:
        light = RED
    return Light(
        department=name,
        label=label,
        light=light,
        why=_(", ").join(_why(by, found, days)),
        late=found.late + found.overdue,
        days=days,
        near=found.near,
        idle=found.idle,
        ruling=found.ruling,
    )


def _why(by: Reckoning, found: _Found, days: int) -> Iterable[str]:
    if found.late and not days:
        yield n_("{n} task just overdue", "{n} tasks just overdue", found.late)
    elif found.late:
        yield n_(
            "{n} task late, the longest by {days} w.d.",
            "{n} tasks late, the longest by {days} w.d.",
            found.late,
            days=days,
        )
        if days > by.policy.count("late.emergency"):
            yield _("an emergency meeting is due")
    if found.overdue:
        yield n_("{n} answer overdue", "{n} answers overdue", found.overdue)
    if found.near:
        warn = by.moment.warn
        yield n_("{n} due within {warn} w.d.", "{n} due within {warn} w.d.", found.near, warn=warn)
    if found.idle:
        yield n_("{n} not begun", "{n} not begun", found.idle)
    if found.ruling:
        yield n_("{n} waits for a ruling", "{n} wait for a ruling", found.ruling)
