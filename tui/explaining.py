"""How the dates of a record were computed: from when, by which rule of the policy, which days were passed over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from schema.records import lift
from schema.records.bodies import due_at
from schema.rules.answers import unpublished
from schema.rules.basis import basis
from schema.rules.explained import Explained
from schema.rules.owed.table import BY_DATE, Line
from schema.rules.owed.table import CLOCKS as CLOCKS
from schema.rules.policy import ROWS
from schema.rules.timing import TimeRule
from schema.wording import _
from syncd.store.blockers import detail
from syncd.store.reckoning import Reckoning
from tui.acts import body_of
from tui.rulebook import in_words
from tui.workspace import Workspace

WEEKLY = {"weekly": "weekly.progress"}
"""The rules that end at a moment of every week."""


def line_explained(workspace: Workspace, line: Line) -> list[str]:
    """How the end of what waits for somebody was computed; none where nothing runs, or it is a day as it was written."""
    if line.rule in CLOCKS and line.began is not None:
        by = Reckoning.of(workspace.conn, workspace.now())
        return _told(by.ending(line.began, CLOCKS[line.rule]))
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
            clock = told.clock
            return _told(by.ending(clock.began, "answer")) if clock else [told.why_clock]
        shown, due = told.stuck.shown, told.stuck.verify_on
    else:
        shown, due = by.shown(kind, body), lift(record.shown.body or b"{}").due or ""
    if shown.light is None or due_at(due) is None:
        return []
    day = date.fromisoformat(due[:10])
    late = by.policy.count("late.emergency")
    lines = _due(due, by)
    why = basis(body, shown, day, by.moment.calendar, late)
    return [*lines, why] if why and why != unpublished(day.year) else lines


def _told(found: Iterable[Explained]) -> list[str]:
    return [line for each in found for line in each.brief]


def _due(due: str, by: Reckoning) -> list[str]:
    """The working days until a date or since it, and when it warns or calls for a meeting."""
    match by.due(due):
        case [late]:
            return [*late.brief, _by_rule("late.emergency", by.policy.rule("late.emergency"))]
        case [left, warned]:
            return [
                *left.brief,
                _(
                    "Yellow from {day}: {rule}",
                    day=warned.ended,
                    rule=_by_rule("warn", by.policy.rule("warn")),
                ),
                *_more_unpublished(warned, left),
            ]
    return []


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
