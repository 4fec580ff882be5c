"""Working days: weekdays, less the official days off, plus the weekend days worked in their stead (调休)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date, timedelta

_DAY = timedelta(days=1)
_EPOCH = 1  # date.fromordinal(1) is a Monday


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

    def add_workdays(self, day: date, n: int) -> date:
        """The n-th working day after the day (before it, where n is negative); the day itself for 0.

        Raises OverflowError outside the years 1 to 9999.
        """
        step = _DAY if n > 0 else -_DAY
        left = abs(n)
        while left:
            day += step
            left -= self.is_workday(day)
        return day

    def workdays_between(self, a: date, b: date) -> int:
        """The working days after `a` up to and including `b`; negative where `b` is the earlier."""
        return self._worked_through(b) - self._worked_through(a)

    def days_late(self, due: date, today: date) -> int:
        """The working days after the due day up to and including today, 0 before it is over (guides, A rows)."""
        return max(0, self.workdays_between(due, today))

    def _worked_through(self, day: date) -> int:
        ordinal = day.toordinal()
        weeks, rest = divmod(ordinal - _EPOCH + 1, 7)
        weekdays = weeks * 5 + min(rest, 5)
        return weekdays - bisect_right(self._lost, ordinal) + bisect_right(self._gained, ordinal)
