from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schema.calendar_data import shipped
from schema.rules.basis import basis
from schema.rules.explained import days_explained, ending_explained, late_explained
from schema.rules.lights import Shown
from schema.rules.policy import DEFAULT, Policy
from schema.rules.timing import instant
from schema.wording import use
from schema.workdays import Calendar

ZONE = "Asia/Shanghai"
CALENDAR = shipped()


@pytest.fixture
def chinese() -> Iterator[None]:
    use("zh")
    yield
    use("en")


def us(wall: str) -> int:
    return instant(datetime.fromisoformat(wall), ZONE)


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.row("S001-41", "S003-14", "S000-41")
def test_a_clock_says_the_day_off_from_which_it_rolled() -> None:
    told = ending_explained(us("2026-11-20T16:30"), "answer", zone=ZONE, calendar=CALENDAR)
    assert told.lines == [
        "From 2026-11-20 16:30 Fri",
        "Answer to a blocker: 24 hours on the clock (S003-14)",
        "2026-11-21 Sat to 11-22 Sun: weekend, not counted",
        "Until 2026-11-23 16:30 Mon",
    ]


@pytest.mark.row("S001-41")
@pytest.mark.usefixtures("chinese")
def test_a_clock_says_it_in_chinese() -> None:
    told = ending_explained(us("2026-11-20T16:30"), "answer", zone=ZONE, calendar=CALENDAR)
    assert told.lines == [
        "从 2026-11-20 16:30 周五 算起",
        "卡点回应时限：24 小时，按时钟走（S003-14）",
        "2026-11-21 周六 至 11-22 周日：周末，不计",
        "到 2026-11-23 16:30 周一 为止",
    ]


@pytest.mark.row("S000-25")
def test_working_days_name_every_day_passed_over_and_make_up_days() -> None:
    told = ending_explained(us("2024-09-30T18:00"), "retro.after", zone=ZONE, calendar=CALENDAR)
    assert told.day == day("2024-10-10")
    assert told.lines[1:-1] == [
        "Retrospective after the end: 3 working days (S000-25)",
        "2024-10-01 Tue to 10-07 Mon: official day off, not counted",
    ]


@pytest.mark.row("S001-10")
def test_notice_counted_back_passes_a_weekend_and_counts_a_make_up_saturday() -> None:
    for n, end in [(3, "2024-05-15"), (5, "2024-05-13"), (6, "2024-05-11")]:
        told = days_explained(day("2024-05-20"), -n, calendar=CALENDAR, key="notice.least")
        assert told.day == day(end)
    assert [(str(each.day), each.why) for each in told.passed] == [
        ("2024-05-11", "make_up"),
        ("2024-05-12", "weekend"),
        ("2024-05-18", "weekend"),
        ("2024-05-19", "weekend"),
    ]
    assert "2024-05-11 Sat: make-up day, counted" in told.lines


@pytest.mark.row("S003-13", "S004-24")
@pytest.mark.parametrize(
    ("due", "warned", "passed"),
    [
        ("2024-10-08", "2024-09-29", "10-01 10-02 10-03 10-04 10-05 10-06 10-07 09-29"),
        ("2024-10-15", "2024-10-12", "10-13 10-12"),
    ],
)
def test_the_warning_of_the_golden_dates(due: str, warned: str, passed: str) -> None:
    told = days_explained(day(due), -2, calendar=CALENDAR, key="warn")
    assert told.day == day(warned)
    assert {f"{each.day:%m-%d}" for each in told.passed} == set(passed.split())


@pytest.mark.row("S000-41")
def test_eight_days_over_the_holiday_are_one_working_day_and_it_says_why() -> None:
    told = late_explained(day("2024-09-30"), day("2024-10-08"), CALENDAR)
    assert told.rule.amount == 1
    assert [each.why for each in told.passed] == ["off"] * 7


@pytest.mark.row("S000-19", "S000-41")
@pytest.mark.parametrize(("late", "fires"), [(3, False), (4, True)])
def test_more_than_three_days_is_the_fourth(late: int, fires: bool) -> None:
    told = Shown(light="red", late_days=late)
    said = basis({}, told, day("2026-11-16"), CALENDAR, DEFAULT.count("late.emergency"))
    assert bool(said) is fires


def test_a_year_without_a_list_says_so_beside_the_date() -> None:
    told = days_explained(day("2026-12-30"), 5, calendar=CALENDAR)
    assert told.unpublished == (2027,)
    assert told.lines[-1] == "the days off of 2027 are not published"


def test_working_hours_pass_over_a_start_on_a_day_off() -> None:
    policy = Policy.under([{"key": "answer", "amount": "4", "unit": "working_hours"}])
    told = ending_explained(
        us("2026-11-21T12:00"), "answer", zone=ZONE, calendar=CALENDAR, policy=policy
    )
    assert (told.ended, [str(each.day) for each in told.passed]) == (
        "2026-11-23 13:00 Mon",
        ["2026-11-21", "2026-11-22"],
    )


def test_a_rule_that_rolls_back_names_the_days_it_left() -> None:
    policy = Policy.under([{"key": "answer", "roll": "previous"}])
    told = ending_explained(
        us("2026-11-21T12:00"), "answer", zone=ZONE, calendar=CALENDAR, policy=policy
    )
    assert told.day == day("2026-11-20")
    assert [str(each.day) for each in told.passed] == ["2026-11-21", "2026-11-22"]


@settings(deadline=None)
@given(st.dates(date(2024, 1, 1), date(2027, 12, 31)), st.integers(-40, 40))
def test_the_days_named_are_all_that_were_passed_over(start: date, n: int) -> None:
    told = days_explained(start, n, calendar=CALENDAR)
    skipped = {each.day for each in told.passed if each.why != "make_up"}
    days = (start.toordinal(), told.day.toordinal())
    between = {
        date.fromordinal(each) for each in range(min(days), max(days) + 1) if each != days[0]
    }
    assert skipped == {each for each in between if not CALENDAR.is_workday(each)}


# A calendar record replaces its year


def test_a_calendar_record_replaces_its_year_and_no_other() -> None:
    calendar = Calendar.under(
        [
            {
                "year": 2026,
                "off": ["2026-11-20", "2026-10-01"],
                "work": ["2026-11-21"],
                "published": True,
            }
        ]
    )
    assert calendar.sort_of(day("2026-11-20")) == "off"
    assert calendar.sort_of(day("2026-11-21")) == "make_up"
    assert calendar.sort_of(day("2026-10-02")) == "workday"
    assert calendar.sort_of(day("2024-10-02")) == "off"
    assert [year for year in range(2023, 2029) if calendar.published(year)] == [2024, 2025, 2026]


def test_a_calendar_record_is_a_guess_until_it_is_published() -> None:
    guess = {"year": 2027, "off": ["2027-10-01"]}
    assert not Calendar.under([guess]).published(2027)
    assert Calendar.under([guess]).sort_of(day("2027-10-01")) == "off"
    assert Calendar.under([{**guess, "published": True}]).published(2027)
    assert not Calendar.under([{"year": 2026}]).published(2026)


def test_what_a_calendar_record_cannot_say_is_passed_over() -> None:
    odd: list[dict[str, object]] = [
        {"year": "2026", "off": ["2026-11-20"]},
        {"year": True},
        {"year": 99_999, "off": ["x"]},
        {"off": ["2026-11-20"]},
    ]
    assert Calendar.under(odd) == shipped()
    strange = {
        "year": 2026,
        "off": ["2025-11-20", "soon", 7, "2026-11-20"],
        "work": "2026-11-21",
        "published": True,
    }
    calendar = Calendar.under([strange])
    assert calendar.off - shipped().off == {day("2026-11-20")}
    assert not any(each.year == 2026 for each in calendar.work)


def test_without_records_the_calendar_is_the_shipped_one() -> None:
    assert Calendar.under([]) is shipped()
