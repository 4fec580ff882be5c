"""How a paper stands against its date, computed where it is shown and never stored."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from re import fullmatch

from msgspec import Struct

from schema.dates import local
from schema.records.fields import WHEN
from schema.records.kind import Body, Kind
from schema.records.registry import kind as kind_named
from schema.workdays import Calendar

RED, YELLOW, GREEN = "red", "yellow", "green"
WORKING_DAYS, MINUTES = "working_days", "minutes"


class Shown(Struct, frozen=True, gc=False, kw_only=True):
    """What every view says of a paper and a moment.

    `left` is in `unit` and negative once the paper is late; `late_days` counts the working days
    after the due day up to and including today. `step` and `level` are a blocker's.
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
    warn: int = 2,
    accepted: int | None = None,
) -> Shown:
    """The light and the countdown of a paper at `now` (aware), in the workspace's `zone`.

    Red is late; yellow is due within `warn` working days and not in review; else green; none
    where it is finished or has no due (guides, "Decided": Lights, Days late). A date without an
    hour is late from the next midnight. `accepted`, in microseconds, is when the hub first took
    the record: clocks against somebody else start there.
    """
    kind = kind_named(kind) if isinstance(kind, str) else kind
    state = body.get("state")
    due = body.get("due")
    if state in kind.finished or state in kind.delivered or not isinstance(due, str):
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


def _deadline(due: str) -> tuple[date, time | None] | None:
    if not fullmatch(WHEN, due):
        return None
    try:
        day = date.fromisoformat(due[:10])
    except ValueError:
        return None
    return day, time.fromisoformat(due[11:]) if len(due) > 10 else None
