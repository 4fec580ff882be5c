"""Why a countdown stands as it does, in a few words beside it (look: Countdown, basis)."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from schema.records.kind import Body
from schema.rules.answers import AnswerClock, unpublished
from schema.rules.lights import GREEN, Shown
from schema.rules.policy import DEFAULT
from schema.wording import _
from schema.workdays import Calendar

LATE_DAYS = DEFAULT.count("late.emergency")
"""Where no policy says otherwise: more working days late than these call for an emergency meeting (S000-19)."""


class Around(NamedTuple):
    """What other papers say of a dated one.

    `meeting` is when the emergency meeting about it is, "" where it was called without a time,
    None where none was; `remind`: its lead department is to remind the owner today; `ruling`: it
    waits for the decision layer.
    """

    meeting: str | None = None
    remind: bool = False
    ruling: bool = False


ALONE = Around()
"""Nothing is said by others."""


def basis(
    body: Body,
    told: Shown,
    due: date,
    calendar: Calendar,
    late: int = LATE_DAYS,
    around: Around = ALONE,
) -> str:
    """What is to be known of a dated paper first; "" where its date says everything.

    More than `late` working days late call for an emergency meeting (policy `late.emergency`).
    """
    if told.late_days > late:
        return _emergency(late, around.meeting)
    if around.remind:
        return _("the lead reminds the owner today")
    if around.ruling:
        return _("waits for a ruling")
    cause = body.get("delay_cause")
    if isinstance(cause, str) and cause:
        return _("cause given: {cause}", cause=cause.partition("\n")[0])
    if not calendar.published(due.year):
        return unpublished(due.year)
    if not calendar.is_workday(due):
        return _("falls on a day off")
    if body.get("state") == "todo" and told.light not in (None, GREEN):
        return _("not begun yet")
    return ""


def _emergency(late: int, meeting: str | None) -> str:
    if meeting is None:
        return _("past {n} w.d.: emergency", n=late)
    if not meeting:
        return _("past {n} w.d.: meeting called", n=late)
    return _("past {n} w.d.: meets {day}", n=late, day=meeting[5:10])


def answer_basis(clock: AnswerClock) -> str:
    """By which rule a blocker is to be answered then."""
    parts = [_("{span} after it was raised", span=clock.rule.short)]
    if clock.rolled:
        parts.append(_("{day} is a day off", day=f"{clock.rolled:%m-%d}"))
    if not clock.published:
        parts.append(unpublished(clock.end_day.year))
    return _("; ").join(parts)
