"""Time rules: so long, in a unit, and what becomes of an end that falls on a day off (S000-41, S001-41).

A rule in hours runs on the clock; its end, on a day off, rolls to the same time on the next
working day. A rule in days counts working days unless its unit says otherwise.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from re import fullmatch
from typing import NamedTuple
from zoneinfo import ZoneInfo

from schema.records.kind import Body
from schema.wording import _, n_
from schema.workdays import Calendar

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_US = timedelta(microseconds=1)
_MINUTE = 60_000_000
_DAY = timedelta(days=1)
ROLLS = ("none", "next", "previous")
_WHOLE_DAY = (0, 24 * 60)


class Ending(NamedTuple):
    """When a rule's time is over, in microseconds, on which day, and the day off from which it rolled there."""

    at: int
    day: date
    rolled: date | None


class TimeRule(NamedTuple):
    """One time rule of the policy; `unit` is minutes, hours, working_hours, days or working_days.

    `day` is when working hours begin and end, in minutes after midnight.
    """

    amount: int
    unit: str = "hours"
    roll: str = "next"
    day: tuple[int, int] = _WHOLE_DAY

    def under(self, policy: Body | None) -> TimeRule:
        """The rule as a policy record asks for it; what cannot be is taken from this one."""
        if policy is None:
            return self
        unit = policy.get("unit") or self.unit
        amount, unit = amount_of(policy.get("amount"), str(unit)) or (self.amount, self.unit)
        roll = policy.get("roll")
        return TimeRule(amount, unit, roll if roll in ROLLS else self.roll, self.day)

    def end(self, began: int, *, zone: str, calendar: Calendar) -> Ending:
        """When the time that began then is over; both are microseconds since 1970.

        `working_hours` pass between the hours of `day`, on working days. Raises OverflowError
        outside the years 1 to 9999.
        """
        if self.unit in ("minutes", "hours"):
            at = began + self.amount * (_MINUTE if self.unit == "minutes" else 60 * _MINUTE)
            over = wall_of(at, zone)
        else:
            over = self._days_on(wall_of(began, zone), calendar)
            at = instant(over, zone)
        day = over.date()
        if self.roll == "none" or calendar.is_workday(day):
            return Ending(at, day, None)
        to = calendar.add_workdays(day, 1 if self.roll == "next" else -1)
        return Ending(instant(datetime.combine(to, over.time()), zone), to, day)

    def _days_on(self, wall: datetime, calendar: Calendar) -> datetime:
        match self.unit:
            case "working_hours":
                return _work_through(wall, timedelta(hours=self.amount), self.day, calendar)
            case "working_days":
                day = calendar.add_workdays(wall.date(), self.amount)
                return datetime.combine(day, wall.time())
        return wall + self.amount * _DAY

    def before(self, day: date, calendar: Calendar) -> date:
        """The first day that is no further than this before a day; the first there is, beyond the calendar."""
        try:
            match self.unit:
                case "working_days" | "count":
                    return calendar.add_workdays(day, -self.amount)
                case "days":
                    return day - self.amount * _DAY
                case "minutes":
                    return day - timedelta(minutes=self.amount)
            return day - timedelta(hours=self.amount)
        except OverflowError:
            return date.min

    @property
    def years(self) -> float:
        """How many years it runs, about, as a calendar without days off has them; 0 where it is no time."""
        opens, closes = self.day
        days = {
            "minutes": 1 / 1440,
            "hours": 1 / 24,
            "working_hours": 60 / max(closes - opens, 1) * 7 / 5,
            "days": 1.0,
            "working_days": 7 / 5,
        }
        return self.amount * days.get(self.unit, 0) / 365

    @property
    def words(self) -> str:
        """How long it runs: `24 hours on the clock`."""
        match self.unit:
            case "minutes":
                return n_("{n} minute on the clock", "{n} minutes on the clock", self.amount)
            case "working_hours":
                return n_("{n} hour of working days", "{n} hours of working days", self.amount)
            case "days":
                return n_("{n} calendar day", "{n} calendar days", self.amount)
            case "working_days":
                return n_("{n} working day", "{n} working days", self.amount)
        return n_("{n} hour on the clock", "{n} hours on the clock", self.amount)

    @property
    def short(self) -> str:
        """How long it runs, without how it is counted where that is by the clock: `24 h`."""
        match self.unit:
            case "minutes":
                return _("{n} min", n=self.amount)
            case "hours":
                return _("{n} h", n=self.amount)
        return self.words


def instant(wall: datetime, zone: str) -> int:
    """The microseconds since 1970 at which a clock on the wall of the zone shows this."""
    return (wall.replace(tzinfo=_zone(zone)) - _EPOCH) // _US


def wall_of(us: int, zone: str) -> datetime:
    """What a clock on the wall of the zone shows at an instant in microseconds."""
    return (_EPOCH + us * _US).astimezone(_zone(zone)).replace(tzinfo=None)


@cache
def _zone(zone: str) -> ZoneInfo:
    return ZoneInfo(zone)


def amount_of(text: object, unit: str) -> tuple[int, str] | None:
    """A policy's amount and unit; hours that are not whole become minutes."""
    found = fullmatch(r"([0-9]{1,4})(?:\.([0-9]{1,3}))?", text) if isinstance(text, str) else None
    if found is None or unit not in ("minutes", "hours", "working_hours", "days", "working_days"):
        return None
    whole, parts = int(found[1]), found[2] or ""
    if not parts.strip("0"):
        return whole, unit
    if unit != "hours":
        return None
    return whole * 60 + round(int(parts) * 60 / 10 ** len(parts)), "minutes"


def _work_through(
    wall: datetime, left: timedelta, day: tuple[int, int], calendar: Calendar
) -> datetime:
    """The moment after so much working time, which passes between the two minutes of a day."""
    opens, closes = (timedelta(minutes=each) for each in day)
    midnight = datetime.combine(wall.date(), datetime.min.time())
    if calendar.is_workday(wall.date()):
        wall = max(wall, midnight + opens)
        rest = midnight + closes - wall
        if timedelta(0) <= rest and left <= rest:
            return wall + left
        left -= max(rest, timedelta(0))
    days = max(1, -(-left // (closes - opens)))
    last = calendar.add_workdays(wall.date(), days)
    return (
        datetime.combine(last, datetime.min.time()) + opens + left - (days - 1) * (closes - opens)
    )
