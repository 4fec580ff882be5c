"""How a paper stands against its date, computed where it is shown and never stored."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from re import fullmatch

from msgspec import Struct
from msgspec.structs import replace

from schema.dates import local
from schema.records.fields import WHEN
from schema.records.kind import Body, Kind
from schema.records.registry import KINDS
from schema.records.registry import kind as kind_named
from schema.rules.answers import (
    DEFAULTS,
    AnswerClock,
    AnswerRules,
    Replies,
    answer_clock,
    answered,
    level,
    step,
)
from schema.rules.policy import DEFAULT
from schema.rules.timing import wall_of
from schema.workdays import Calendar

RED, YELLOW, GREEN = "red", "yellow", "green"
WORKING_DAYS, MINUTES = "working_days", "minutes"
WARN = DEFAULT.count("warn")

_LAST_DAY = 24 * 60 * 60_000_000


class Shown(Struct, frozen=True, gc=False, kw_only=True):
    """What every view says of a paper and a moment.

    `left` is in `unit` and negative once the paper is late; `late_days` counts the working days
    after the due day up to and including today. A blocker's are those of its answer clock, once
    it is answered of the day it is verified on; `step` (1 to 6) and `level` (1 to 3) are its own.
    """

    light: str | None = None
    left: int | None = None
    unit: str | None = None
    late_days: int = 0
    step: int | None = None
    level: int | None = None


def shown(
    kind: Kind | str,
    body: Body,
    *,
    now: datetime,
    zone: str,
    calendar: Calendar,
    warn: int = WARN,
    accepted: int | None = None,
    replies: Replies | None = None,
    rules: AnswerRules = DEFAULTS,
) -> Shown:
    """The light and the countdown of a paper at `now` (aware), in the workspace's `zone`.

    Red is late; yellow is due within `warn` working days and not in review; else green; none
    where it is finished or has no due (guides, "Decided": Lights, Days late). A date without an
    hour is late from the next midnight. `accepted`, in microseconds, is when the hub first took
    the record: clocks against somebody else start there. A blocker needs `replies`, what points
    at it: without them nothing is said of it.
    """
    kind = kind_named(kind) if isinstance(kind, str) else kind
    if kind.name == "blocker":
        since = replies.reopened if replies is not None else None
        clock = answer_clock(accepted, zone=zone, calendar=calendar, rules=rules, reopened=since)
        return (
            Shown()
            if replies is None
            else blocker_shown(
                body, clock, replies, now=now, zone=zone, calendar=calendar, warn=warn, rules=rules
            )
        )
    return _dated(kind, body, body.get("due"), now=now, zone=zone, calendar=calendar, warn=warn)


def blocker_shown(
    body: Body,
    clock: AnswerClock | None,
    replies: Replies,
    *,
    now: datetime,
    zone: str,
    calendar: Calendar,
    warn: int = WARN,
    rules: AnswerRules = DEFAULTS,
) -> Shown:
    """A blocker's light, countdown, step and level, where its answer clock is at hand."""
    us = (now - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    if answered(body, replies):
        kind, due = KINDS["blocker"], body.get("verify_on")
        told = _dated(kind, body, due, now=now, zone=zone, calendar=calendar, warn=warn)
    elif clock is None:
        told = Shown()
    else:
        told = _until(clock.ends, us, zone=zone, calendar=calendar, warn=warn)
    return replace(
        told,
        step=step(body, replies),
        level=level(clock, body, replies, now=us, zone=zone, calendar=calendar, rules=rules),
    )


def _dated(
    kind: Kind,
    body: Body,
    due: object,
    *,
    now: datetime,
    zone: str,
    calendar: Calendar,
    warn: int,
) -> Shown:
    """How a paper stands against this due."""
    state = body.get("state")
    if not isinstance(due, str) or (
        isinstance(state, str) and (state in kind.finished or state in kind.delivered)
    ):
        return Shown()
    deadline = _deadline(due)
    if deadline is None:
        return Shown()
    due_day, due_hour = deadline
    wall = local(now, zone)
    today = wall.date()
    if due_day == today and due_hour is not None:
        left = int((datetime.combine(today, due_hour) - wall) // timedelta(minutes=1))
        unit = MINUTES
        late = left < 0
    else:
        left = calendar.workdays_between(today, due_day)
        late, unit = today > due_day, WORKING_DAYS
    near = unit == MINUTES or left <= warn
    return Shown(
        light=RED if late else YELLOW if near and state != "review" else GREEN,
        left=left,
        unit=unit,
        late_days=calendar.days_late(due_day, today),
    )


def _until(end: int, now: int, *, zone: str, calendar: Calendar, warn: int) -> Shown:
    """How a clock stands that ends at an instant, both in microseconds.

    It counts in minutes on its last day and for the last 24 hours (look: Countdown words).
    """
    last, today = wall_of(end, zone).date(), wall_of(now, zone).date()
    late = end < now
    if last == today or 0 <= end - now <= _LAST_DAY:
        left, unit = (end - now) // 60_000_000, MINUTES
    else:
        left, unit = calendar.workdays_between(today, last), WORKING_DAYS
    near = unit == MINUTES or left <= warn
    return Shown(
        light=RED if late else YELLOW if near else GREEN,
        left=left,
        unit=unit,
        late_days=calendar.days_late(last, today),
    )


def _deadline(due: str) -> tuple[date, time | None] | None:
    if not fullmatch(WHEN, due):
        return None
    try:
        day = date.fromisoformat(due[:10])
    except ValueError:
        return None
    return day, time.fromisoformat(due[11:]) if len(due) > 10 else None
