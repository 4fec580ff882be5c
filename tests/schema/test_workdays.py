"""Working days, with the golden dates of the guides."""

import sys
from collections.abc import Callable
from datetime import date, timedelta
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schema.calendar_data import shipped
from schema.workdays import Calendar

CALENDAR = shipped()
DAYS = st.dates(date(2023, 6, 1), date(2028, 6, 1))


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.row("S001-10", "S003-13", "S000-25", "S004-24")
@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        ("2024-05-20", -1, "2024-05-17"),
        ("2024-05-20", -2, "2024-05-16"),
        ("2024-05-20", -3, "2024-05-15"),
        ("2024-05-20", -4, "2024-05-14"),
        ("2024-05-20", -5, "2024-05-13"),
        ("2024-05-20", -6, "2024-05-11"),
        ("2024-10-08", -2, "2024-09-29"),
        ("2024-10-15", -2, "2024-10-12"),
        ("2024-09-30", 3, "2024-10-10"),
    ],
)
def test_golden_dates_of_the_guides(start: str, n: int, end: str) -> None:
    assert CALENDAR.add_workdays(day(start), n) == day(end)


def test_eight_days_over_the_national_holiday_are_one_working_day_late() -> None:
    assert (day("2024-10-08") - day("2024-09-30")).days == 8
    assert CALENDAR.days_late(day("2024-09-30"), day("2024-10-08")) == 1


@pytest.mark.parametrize(
    ("today", "late"),
    [
        ("2024-10-08", 1),
        ("2024-10-09", 2),
        ("2024-10-10", 3),
        ("2024-10-11", 4),
        ("2024-10-12", 5),
        ("2024-10-13", 5),
    ],
)
def test_days_late_count_make_up_days_and_skip_sundays(today: str, late: int) -> None:
    assert CALENDAR.days_late(day("2024-09-30"), day(today)) == late


@pytest.mark.parametrize("today", ["2024-09-29", "2024-09-30", "2024-10-07"])
def test_nothing_is_late_on_its_due_day_or_over_the_holiday_after_it(today: str) -> None:
    assert CALENDAR.days_late(day("2024-09-30"), day(today)) == 0


@pytest.mark.row("S001-39", "S003-32", "S004-24")
@pytest.mark.parametrize(
    ("text", "works"),
    [
        ("2024-05-11", True),
        ("2024-10-12", True),
        ("2024-10-13", False),
        ("2024-10-20", False),
        ("2024-10-01", False),
        ("2024-05-19", False),
        ("2024-05-25", False),
        ("2024-06-30", False),
        ("2024-07-20", False),
        ("2024-08-10", False),
        ("2025-01-26", True),
        ("2025-10-08", False),
        ("2026-02-14", True),
        ("2026-02-23", False),
        ("2026-09-25", False),
        ("2026-10-10", True),
    ],
)
def test_official_days_off_and_make_up_days(text: str, works: bool) -> None:
    assert CALENDAR.is_workday(day(text)) is works


@pytest.mark.parametrize(("year", "count"), [(2024, 251), (2025, 248), (2026, 248)])
def test_the_working_days_of_a_year_are_as_many_as_published(year: int, count: int) -> None:
    assert CALENDAR.workdays_between(date(year - 1, 12, 31), date(year, 12, 31)) == count


def test_a_year_without_a_list_says_so() -> None:
    assert [year for year in range(2020, 2030) if CALENDAR.published(year)] == [2024, 2025, 2026]


def test_a_make_up_day_wins_where_a_calendar_names_a_day_twice() -> None:
    twice = Calendar(off=[day("2024-05-11")], work=[day("2024-05-11")], published=[2024])
    assert twice.is_workday(day("2024-05-11"))


def test_equal_calendars_are_equal_values() -> None:
    same = Calendar(CALENDAR.off, CALENDAR.work, [2026, 2025, 2024])
    assert (same, hash(same)) == (CALENDAR, hash(CALENDAR))
    assert same != Calendar()


@settings(deadline=None)
@given(DAYS, DAYS)
def test_working_days_between_are_those_counted_one_by_one(a: date, b: date) -> None:
    first, last = min(a, b), max(a, b)
    counted = sum(
        CALENDAR.is_workday(first + timedelta(days=n)) for n in range(1, (last - first).days + 1)
    )
    assert CALENDAR.workdays_between(a, b) == (counted if a <= b else -counted)


@settings(deadline=None)
@given(DAYS, st.integers(1, 300))
def test_adding_working_days_counts_back_to_the_same_number(start: date, n: int) -> None:
    end = CALENDAR.add_workdays(start, n)
    assert CALENDAR.is_workday(end)
    assert CALENDAR.workdays_between(start, end) == n
    before = CALENDAR.add_workdays(start, -n)
    assert CALENDAR.is_workday(before)
    assert CALENDAR.workdays_between(before - timedelta(days=1), start - timedelta(days=1)) == n


@settings(deadline=None)
@given(DAYS)
def test_adding_none_stays_on_the_day(start: date) -> None:
    assert CALENDAR.add_workdays(start, 0) == start


def test_the_end_of_all_dates_is_an_overflow() -> None:
    with pytest.raises(OverflowError):
        CALENDAR.add_workdays(date.max, 1)


def calls(what: Callable[[], object]) -> int:
    """How many Python functions are entered while this is done."""
    entered = 0

    def note(_frame: FrameType, event: str, _arg: object) -> None:
        nonlocal entered
        entered += event == "call"

    sys.setprofile(note)
    try:
        what()
    finally:
        sys.setprofile(None)
    return entered


def test_far_working_days_are_reckoned_not_walked_to() -> None:
    assert CALENDAR.add_workdays(day("2026-11-20"), 9999) > day("2064-01-01")
    assert calls(lambda: CALENDAR.add_workdays(day("2026-11-20"), 9999)) < 60
    assert calls(lambda: CALENDAR.add_workdays(day("2026-11-20"), -9999)) < 60


def at_rest(years: range) -> Calendar:
    first, last = date(years[0], 1, 1).toordinal(), date(years[-1], 12, 31).toordinal()
    return Calendar(off=map(date.fromordinal, range(first, last + 1)))


def test_where_people_rest_for_ever_no_working_day_is_sought() -> None:
    calendar = at_rest(range(1990, 3000))

    def sought() -> None:
        with pytest.raises(OverflowError):
            calendar.add_workdays(day("2026-11-20"), 1)
        with pytest.raises(OverflowError):
            calendar.add_workdays(day("2026-11-20"), -1)

    assert calls(sought) < 60


def test_a_working_day_after_years_of_rest_is_found() -> None:
    calendar = at_rest(range(2027, 2035))
    assert calendar.add_workdays(day("2026-12-31"), 1) == day("2035-01-01")
    assert calendar.add_workdays(day("2035-01-01"), -1) == day("2026-12-31")
