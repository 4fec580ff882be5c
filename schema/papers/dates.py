"""Dates as a document says them: with their weekday, and what of the day the weekday does not say."""

from __future__ import annotations

from datetime import date

from schema.records.bodies import due_at
from schema.rules.timing import wall_of
from schema.wording import N_, _
from schema.workdays import Calendar

WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
_SATURDAY = 5


def dated(stored: str, calendar: Calendar) -> str:
    """A stored date with its weekday; a day off or a make-up day is said to be one (S004-24).

    What is no date stays as it is.
    """
    if due_at(stored) is None:
        return stored
    day = date.fromisoformat(stored[:10])
    words = " ".join(filter(None, [stored[:10], _(WEEKDAYS[day.weekday()]), stored[11:]]))
    if not calendar.is_workday(day):
        return _("{date} (day off)", date=words)
    if day.weekday() >= _SATURDAY:
        return _("{date} (make-up working day)", date=words)
    return words


def moment(us: int, zone: str) -> str:
    """An instant in microseconds on the wall of a zone, to the minute; "" where no calendar has it."""
    try:
        wall = wall_of(us, zone)
    except OverflowError:
        return ""
    return f"{wall:%Y-%m-%d} {_(WEEKDAYS[wall.weekday()])} {wall:%H:%M}"
