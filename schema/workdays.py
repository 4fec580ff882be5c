"""Working days: weekdays, less the official days off, plus the weekend days worked in their stead (调休)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from schema.records.kind import Body

WORKDAY, MAKE_UP, OFF, WEEKEND = "workday", "make_up", "off", "weekend"

_EPOCH = 1  # date.fromordinal(1) is a Monday
_LAST = date.max.toordinal()
_FORTNIGHT, _LONGEST_REST = 14, 3653


class Calendar:
    """The days off, the make-up days, and the years whose official list is published; a value, never changed.

    In a year that is not published the weekdays are only a guess: whoever shows such a date says so.
    """

    __slots__ = ("_gained", "_lost", "_years", "off", "work")

    def __init__(
        self, off: Iterable[date] = (), work: Iterable[date] = (), published: Iterable[int] = ()
    ) -> None:
        self.work = frozenset(work)
        self.off = frozenset(off) - self.work
        self._years = frozenset(published)
        self._lost = sorted(day.toordinal() for day in self.off if day.weekday() < 5)
        self._gained = sorted(day.toordinal() for day in self.work if day.weekday() >= 5)

    @classmethod
    def under(cls, records: Iterable[Body]) -> Calendar:
        """What is shipped, each year replaced that a calendar record, an undeleted body, is of.

        Days of another year and what is no day are passed over.
        """
        from schema.calendar_data import shipped

        base = shipped()
        lists = {
            year: each
            for each in records
            if type(year := each.get("year")) is int and date.min.year <= year <= date.max.year
        }
        if not lists:
            return base
        return cls(
            off=_merged(base.off, lists, "off"),
            work=_merged(base.work, lists, "work"),
            published={
                *(year for year in base.years if year not in lists),
                *(year for year, each in lists.items() if each.get("published") is True),
            },
        )

    @property
    def years(self) -> frozenset[int]:
        """The years whose official list is known."""
        return self._years

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Calendar):
            return NotImplemented
        return (self.off, self.work, self._years) == (other.off, other.work, other._years)

    def __hash__(self) -> int:
        return hash((self.off, self.work, self._years))

    def published(self, year: int) -> bool:
        """Whether the official list of this year is known."""
        return year in self._years

    def is_workday(self, day: date) -> bool:
        """Whether people work on this day."""
        return day in self.work or (day.weekday() < 5 and day not in self.off)

    def sort_of(self, day: date) -> str:
        """What sort of day it is: WORKDAY, MAKE_UP (worked though of a weekend), OFF (by the official list) or WEEKEND."""
        if day in self.work:
            return MAKE_UP if day.weekday() >= 5 else WORKDAY
        if day in self.off:
            return OFF
        return WORKDAY if day.weekday() < 5 else WEEKEND

    def add_workdays(self, day: date, n: int) -> date:
        """The n-th working day after the day (before it, where n is negative); the day itself for 0.

        Raises OverflowError outside the years 1 to 9999, and where people rest for ten years on end.
        """
        if not n:
            return day
        start = day.toordinal()
        wanted = self._worked_through(start) + n
        if n < 0:
            wanted = self._worked_through(start - 1) + n + 1
        for reach in (2 * abs(n) + _FORTNIGHT, 2 * abs(n) + _LONGEST_REST):
            first = start + 1 if n > 0 else max(start - reach, 1)
            last = min(start + reach, _LAST) if n > 0 else start - 1
            if self._worked_through(first - 1) < wanted <= self._worked_through(last):
                days = range(first, last + 1)
                return date.fromordinal(days[bisect_left(days, wanted, key=self._worked_through)])
        raise OverflowError(f"no working day {n} of {day}")

    def workdays_between(self, a: date, b: date) -> int:
        """The working days after `a` up to and including `b`; negative where `b` is the earlier."""
        return self._worked_through(b.toordinal()) - self._worked_through(a.toordinal())

    def days_late(self, due: date, today: date) -> int:
        """The working days after the due day up to and including today, 0 before it is over (guides, A rows)."""
        return max(0, self.workdays_between(due, today))

    def _worked_through(self, ordinal: int) -> int:
        """The working days from the first of the calendar up to and including a day, 0 for the day before it."""
        weeks, rest = divmod(ordinal - _EPOCH + 1, 7)
        weekdays = weeks * 5 + min(rest, 5)
        return weekdays - bisect_right(self._lost, ordinal) + bisect_right(self._gained, ordinal)


def _merged(days: Iterable[date], lists: dict[int, Body], field: str) -> Iterator[date]:
    """The days of the years that no record is of, and of each record those of its own year."""
    yield from (day for day in days if day.year not in lists)
    for year, record in lists.items():
        said = record.get(field)
        for text in said if isinstance(said, list | tuple) else ():
            day = _day(text)
            if day is not None and day.year == year:
                yield day


def _day(text: object) -> date | None:
    if not isinstance(text, str) or len(text) != 10:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
