"""How the dates of a record were computed: from when, by which rule of the policy, which days were passed over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from schema.records import lift
from schema.records.bodies import due_at
from schema.rules.answers import AnswerClock, unpublished
from schema.rules.basis import basis
from schema.rules.explained import (
    Explained,
    days_explained,
    ending_explained,
    late_explained,
)
from schema.rules.owed.table import Line
from schema.rules.policy import ROWS
from schema.rules.timing import TimeRule
from schema.wording import _
from syncd.store.blockers import detail
from syncd.store.reckoning import Reckoning
from tui.acts import body_of
from tui.rulebook import in_words
from tui.workspace import Workspace

CLOCKS = {"answer": "answer", "emergency": "emergency"}
"""The rules whose clock is a time rule of the policy, by its key."""
WEEKLY = {"weekly": "weekly.progress"}
"""The rules that end at a moment of every week."""
BY_DATE = ("due", "explain", "warn", "remind", "verify")
"""The rules that end with the date of the paper itself."""


def line_explained(workspace: Workspace, line: Line) -> list[str]:
    """How the end of what waits for somebody was computed; none where nothing runs, or it is a day as it was written."""
    if line.rule in CLOCKS and line.began is not None:
        return clock_explained(workspace, line.began, CLOCKS[line.rule])
    if line.rule in WEEKLY:
        by = Reckoning.of(workspace.conn, workspace.now())
        key = WEEKLY[line.rule]
        return [
            _(
                "{label}: {span} ({row})",
                label=_(ROWS[key].label),
                span=in_words(by.policy, key, by.today.year),
                row=ROWS[key].source,
            )
        ]
    return explained(workspace, line.kind, line.id) if line.rule in BY_DATE else []


def explained(workspace: Workspace, kind: str, id: str) -> list[str]:
    """How the date that runs of a record was computed, in sentences; none where nothing runs."""
    by = Reckoning.of(workspace.conn, workspace.now())
    record = workspace.replica.record(kind, id)
    if record is None or record.shown.deleted:
        return []
    body = body_of(record)
    if kind == "blocker":
        told = detail(workspace.conn, id, now=by.now)
        if told is None:
            return []
        if not told.stuck.answered:
            return _answer(told.clock, by) if told.clock is not None else [told.why_clock]
        shown, due = told.stuck.shown, told.stuck.verify_on
    else:
        shown, due = by.shown(kind, body), lift(record.shown.body or b"{}").due or ""
    if shown.light is None or due_at(due) is None:
        return []
    day = date.fromisoformat(due[:10])
    late = by.policy.count("late.emergency")
    lines = _due(day, due[10:].replace("T", " "), by)
    why = basis(body, shown, day, by.moment.calendar, late)
    return [*lines, why] if why and why != unpublished(day.year) else lines


def clock_explained(workspace: Workspace, began: int, key: str) -> list[str]:
    """How the end of a time rule that began then, in microseconds, is computed."""
    by = Reckoning.of(workspace.conn, workspace.now())
    zone, calendar = by.moment.zone, by.moment.calendar
    try:
        found = ending_explained(began, key, zone=zone, calendar=calendar, policy=by.policy)
    except OverflowError:
        return []
    return found.brief


def _answer(clock: AnswerClock, by: Reckoning) -> list[str]:
    zone, calendar = by.moment.zone, by.moment.calendar
    return ending_explained(
        clock.began, "answer", zone=zone, calendar=calendar, policy=by.policy
    ).brief


def _due(due: date, hour: str, by: Reckoning) -> list[str]:
    """The working days until a day or since it, and when it warns or calls for a meeting."""
    calendar, policy = by.moment.calendar, by.policy
    try:
        if by.today > due:
            found = late_explained(due, by.today, calendar)
            return [*found.brief, _by_rule("late.emergency", policy.rule("late.emergency"))]
        found = late_explained(by.today, due, calendar)
        # On a day off the working day before it is the last on which anything is done.
        last = due if calendar.is_workday(due) else calendar.add_workdays(due, -1)
        warned = days_explained(last, -policy.count("warn"), calendar=calendar, key="warn")
    except OverflowError:
        return []
    return [
        *_until(found, hour).brief,
        _(
            "Yellow from {day}: {rule}",
            day=warned.ended,
            rule=_by_rule("warn", policy.rule("warn")),
        ),
        *_more_unpublished(warned, found),
    ]


def _until(found: Explained, hour: str) -> Explained:
    day, _space, weekday = found.ended.partition(" ")
    return found._replace(ended=f"{day}{hour} {weekday}") if hour else found


def _by_rule(key: str, rule: TimeRule) -> str:
    return _(
        "{label}: {span} ({row})",
        label=_(ROWS[key].label),
        span=rule.words,
        row=ROWS[key].source,
    )


def _more_unpublished(found: Explained, told: Explained) -> Iterable[str]:
    """The years without an official list that only this one touches."""
    return (unpublished(year) for year in found.unpublished if year not in told.unpublished)
