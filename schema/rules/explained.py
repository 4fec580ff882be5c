"""How a date was computed: from when, by which rule, and every day that was passed over, with why (S000-41, S001-41)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

from schema.records.bodies import due_at
from schema.rules.answers import unpublished
from schema.rules.policy import DEFAULT, ROWS, Policy
from schema.rules.timing import Ending, TimeRule, wall_of
from schema.wording import N_, _, n_
from schema.workdays import MAKE_UP, OFF, WEEKEND, Calendar

BRIEF = 3  # runs of days that are told one by one where there is little room
_DAY = timedelta(days=1)
_MINUTE = "%Y-%m-%dT%H:%M"
_WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))


class Passed(NamedTuple):
    """A day that was not counted, or counted though of a weekend: `why` is OFF, WEEKEND or MAKE_UP."""

    day: date
    why: str


class Explained(NamedTuple):
    """A computed date and how it came about.

    `since` and `until` are stored dates, a day alone where no hour is meant; `what` it is: the name
    of the policy's row (`key`), else `left` or `late`. `row` is the guide's row, `passed` in the
    order of the calendar, `unpublished` the years without an official list.
    """

    what: str
    since: str
    until: str
    day: date
    rule: TimeRule
    key: str
    row: str
    passed: tuple[Passed, ...]
    unpublished: tuple[int, ...]

    @property
    def began(self) -> str:
        """Its start as it is said, `2026-11-20 17:44 Fri`."""
        return _on_wall(self.since)

    @property
    def ended(self) -> str:
        """Its end as it is said."""
        return _on_wall(self.until)

    def as_json(self) -> dict[str, object]:
        """It as data, in no language."""
        rule = self.rule
        return {
            "what": self.what,
            "from": self.since,
            "until": self.until,
            "rule": {
                "key": self.key,
                "amount": rule.amount,
                "unit": rule.unit,
                "roll": rule.roll,
                "row": self.row,
            },
            "passed": [{"day": each.day.isoformat(), "why": each.why} for each in self.passed],
            "unpublished": self.unpublished,
        }

    @property
    def lines(self) -> list[str]:
        """It in sentences, the start first."""
        return [
            _("From {began}", began=self.began),
            self._rule(),
            *(_run(days) for days in _runs(self.passed)),
            _("Until {ended}", ended=self.ended),
            *(unpublished(year) for year in self.unpublished),
        ]

    @property
    def brief(self) -> list[str]:
        """It in few sentences: where it passes over many days, weekends and what comes last by their number."""
        runs = list(_runs(self.passed))
        told = [_run(days) for days in runs]
        if len(runs) > BRIEF:
            kept = [days for days in runs if days[0].why != WEEKEND]
            told = [_run(days) for days in kept[:BRIEF]]
            more = sum(len(days) for days in kept[BRIEF:])
            weekends = sum(len(days) for days in runs if days[0].why == WEEKEND)
            if more:
                told.append(
                    n_(
                        "{n} more day of holidays or make-up",
                        "{n} more days of holidays or make-up",
                        more,
                    )
                )
            if weekends:
                told.append(
                    n_(
                        "{n} day of weekends, not counted",
                        "{n} days of weekends, not counted",
                        weekends,
                    )
                )
        lines = self.lines
        return [*lines[:2], *told, *lines[2 + len(runs) :]]

    def _rule(self) -> str:
        if not self.key:
            return self.rule.words
        label = _(ROWS[self.key].label)
        return _("{label}: {span} ({row})", label=label, span=self.rule.words, row=self.row)


def ending_explained(
    began: int, key: str, *, zone: str, calendar: Calendar, policy: Policy = DEFAULT
) -> Explained:
    """How the end of a policy's time rule that began then, in microseconds, is computed.

    Raises OverflowError outside the years 1 to 9999, KeyError where the row is no time.
    """
    rule = policy.rule(key)
    end = rule.end(began, zone=zone, calendar=calendar)
    start = wall_of(began, zone)
    return Explained(
        what=key,
        since=start.strftime(_MINUTE),
        until=wall_of(end.at, zone).strftime(_MINUTE),
        day=end.day,
        rule=rule,
        key=key,
        row=ROWS[key].source,
        passed=tuple(_passed(rule, start.date(), end, calendar)),
        unpublished=_unpublished(start.date(), end.day, calendar),
    )


def days_explained(
    start: date, n: int, *, calendar: Calendar, key: str = "", unit: str = "working_days"
) -> Explained:
    """How the day that is `n` days of a unit after a day (before it, where n is negative) is computed.

    Raises OverflowError outside the years 1 to 9999.
    """
    working = unit == "working_days"
    day = calendar.add_workdays(start, n) if working else start + n * _DAY
    return Explained(
        what=key or ("left" if n > 0 else "late"),
        since=start.isoformat(),
        until=day.isoformat(),
        day=day,
        rule=TimeRule(abs(n), unit, "none"),
        key=key,
        row=ROWS[key].source if key else "",
        passed=tuple(_between(start, day + (_DAY if n > 0 else -_DAY), calendar))
        if working
        else (),
        unpublished=_unpublished(start, day, calendar),
    )


def late_explained(due: date, today: date, calendar: Calendar) -> Explained:
    """How the working days after a due day, up to and including today, are counted."""
    late = calendar.days_late(due, today)
    return Explained(
        what="late",
        since=due.isoformat(),
        until=today.isoformat(),
        day=today,
        rule=TimeRule(late, "working_days", "none"),
        key="",
        row=ROWS["late.emergency"].source,
        passed=tuple(_between(due, today + _DAY, calendar)),
        unpublished=_unpublished(due, today, calendar),
    )


def due_explained(
    due: str, today: date, *, calendar: Calendar, policy: Policy = DEFAULT
) -> tuple[Explained, ...]:
    """The working days since a stored date that is over; else those until it, and from when it is near.

    None where it is no date, or the years 1 to 9999 do not hold what is asked.
    """
    if due_at(due) is None:
        return ()
    day = date.fromisoformat(due[:10])
    try:
        if today > day:
            return (late_explained(day, today, calendar),)
        left = late_explained(today, day, calendar)._replace(what="left", until=due)
        # On a day off the working day before it is the last on which anything is done.
        last = day if calendar.is_workday(day) else calendar.add_workdays(day, -1)
        return left, days_explained(last, -policy.count("warn"), calendar=calendar, key="warn")
    except OverflowError:
        return ()


def _passed(rule: TimeRule, start: date, end: Ending, calendar: Calendar) -> Iterator[Passed]:
    """The days that the rule did not count, and those it counted though of a weekend."""
    if rule.unit == "working_hours":
        yield from _between(start - _DAY, end.day + _DAY, calendar)
    elif rule.unit == "working_days":
        yield from _between(start, end.day + _DAY, calendar)
    elif end.rolled is not None:
        step = _DAY if end.day > end.rolled else -_DAY
        yield from sorted(_off(end.rolled, end.day, step, calendar))


def _between(a: date, b: date, calendar: Calendar) -> Iterator[Passed]:
    """What is to be known of the days between two, both left out, in the order of the calendar."""
    day, last = min(a, b) + _DAY, max(a, b)
    while day < last:
        why = calendar.sort_of(day)
        if why in (OFF, WEEKEND, MAKE_UP):
            yield Passed(day, why)
        day += _DAY


def _off(first: date, beyond: date, step: timedelta, calendar: Calendar) -> Iterator[Passed]:
    day = first
    while day != beyond:
        yield Passed(day, calendar.sort_of(day))
        day += step


def _runs(passed: Iterable[Passed]) -> Iterator[list[Passed]]:
    """Days that follow each other for the same reason, together."""
    run: list[Passed] = []
    for each in passed:
        if run and (each.why != run[-1].why or each.day - run[-1].day != _DAY):
            yield run
            run = []
        run.append(each)
    if run:
        yield run


def _run(days: list[Passed]) -> str:
    first, last = days[0].day, days[-1].day
    when = f"{first} {_weekday(first)}"
    if last != first:
        when = _("{first} to {last}", first=when, last=f"{last:%m-%d} {_weekday(last)}")
    match days[0].why:
        case "off":
            return _("{when}: official day off, not counted", when=when)
        case "make_up":
            return _("{when}: make-up day, counted", when=when)
    return _("{when}: weekend, not counted", when=when)


def _unpublished(a: date, b: date, calendar: Calendar) -> tuple[int, ...]:
    years = range(min(a, b).year, max(a, b).year + 1)
    return tuple(year for year in years if not calendar.published(year))


def _on_wall(stored: str) -> str:
    return f"{stored.replace('T', ' ')} {_weekday(date.fromisoformat(stored[:10]))}"


def _weekday(day: date) -> str:
    return _(_WEEKDAYS[day.weekday()])
