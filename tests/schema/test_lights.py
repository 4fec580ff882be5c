from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.calendar_data import shipped
from schema.errors import DateError
from schema.rules.lights import Shown, shown

ZONE = "Asia/Shanghai"
FRIDAY = "2026-11-20T14:32"


def at(wall: str) -> datetime:
    return datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(ZONE))


def look(due: str | None, now: str = FRIDAY, kind: str = "task", **body: Any) -> Shown:
    body = {"state": "doing", **body} | ({} if due is None else {"due": due})
    return shown(kind, body, now=at(now), zone=ZONE, calendar=shipped(), accepted=None)


@pytest.mark.row("S000-27")
@pytest.mark.parametrize(
    ("due", "left", "light"),
    [
        ("2026-11-23", 1, "yellow"),
        ("2026-11-24", 2, "yellow"),
        ("2026-11-24T09:00", 2, "yellow"),
        ("2026-11-25", 3, "green"),
        ("2026-12-10", 14, "green"),
        ("2026-11-20", 0, "yellow"),
        ("2026-11-19", -1, "red"),
        ("2026-11-16", -4, "red"),
    ],
)
def test_days_left_and_light_are_those_of_the_pictures(due: str, left: int, light: str) -> None:
    assert look(due) == Shown(light=light, left=left, unit="working_days", late_days=max(0, -left))


def test_a_date_without_an_hour_is_late_from_the_next_midnight() -> None:
    assert look("2026-11-20", "2026-11-20T23:59").light == "yellow"
    assert look("2026-11-20", "2026-11-21T00:00").light == "red"


def test_an_hour_of_today_counts_down_in_minutes_and_then_up() -> None:
    assert look("2026-11-20T17:44") == Shown(light="yellow", left=192, unit="minutes")
    assert look("2026-11-20T14:32") == Shown(light="yellow", left=0, unit="minutes")
    assert look("2026-11-20T14:00") == Shown(light="red", left=-32, unit="minutes")


def test_an_hour_missed_by_seconds_is_late() -> None:
    now = at("2026-11-20T17:00") + timedelta(seconds=1)
    body = {"state": "doing", "due": "2026-11-20T17:00"}
    missed = shown("task", body, now=now, zone=ZONE, calendar=shipped(), accepted=None)
    assert (missed.light, missed.left) == ("red", -1)


def test_late_over_a_weekend_is_red_with_no_working_day_lost() -> None:
    assert look("2026-11-20", "2026-11-22T10:00") == Shown(
        light="red", left=0, unit="working_days", late_days=0
    )


@pytest.mark.row("S000-41")
def test_more_than_three_days_late_starts_at_the_fourth_working_day() -> None:
    assert [look("2026-11-20", f"2026-11-{day}T09:00").late_days for day in (25, 26, 27)] == [
        3,
        4,
        5,
    ]


def test_the_holiday_of_2024_counts_one_working_day() -> None:
    assert look("2024-09-30", "2024-10-08T09:00").late_days == 1


def test_a_make_up_saturday_counts_towards_the_warning() -> None:
    # Working days after Saturday, the make-up day: Sunday is off, so Monday is the first.
    assert look("2024-10-15", "2024-10-12T09:00").left == 2
    assert look("2024-10-15", "2024-10-11T09:00").left == 3


def test_what_waits_for_acceptance_is_not_yellow_but_red_when_late() -> None:
    assert look("2026-11-23", state="review").light == "green"
    assert look("2026-11-19", state="review").light == "red"


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        ("task", "done"),
        ("task", "dropped"),
        ("project", "closed"),
        ("milestone", "reached"),
        ("request", "accepted"),
        ("request", "closed"),
    ],
)
def test_what_is_finished_or_handed_over_has_no_light(kind: str, state: str) -> None:
    assert look("2026-11-16", kind=kind, state=state) == Shown()


@pytest.mark.parametrize("due", [None, "", "soon", "2026-02-30", 20261120, ["2026-11-20"]])
def test_no_due_or_one_that_is_no_date_has_no_light(due: Any) -> None:
    assert look(due) == Shown()


@pytest.mark.row("S000-27")
def test_warn_is_the_policys_number_of_working_days() -> None:
    body = {"state": "todo", "due": "2026-11-27"}
    for warn, light in ((4, "green"), (5, "yellow")):
        told = shown("task", body, now=at(FRIDAY), zone=ZONE, calendar=shipped(), warn=warn)
        assert told.light == light


def test_the_day_is_that_of_the_workspaces_zone() -> None:
    midnight = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
    body = {"state": "doing", "due": "2026-11-20"}
    lights = [
        shown("task", body, now=midnight, zone=zone, calendar=shipped()).light
        for zone in (ZONE, "Europe/London")
    ]
    assert lights == ["red", "yellow"]


def test_a_zone_that_does_not_exist_is_said() -> None:
    with pytest.raises(DateError):
        shown("task", {"due": "2026-11-20"}, now=at(FRIDAY), zone="Mars", calendar=shipped())


@given(st.dates(date(2026, 1, 1), date(2026, 12, 20)), st.integers(0, 400))
def test_red_exactly_once_the_due_day_is_over(due: date, hours: int) -> None:
    now = datetime(due.year, due.month, due.day) - timedelta(hours=200) + timedelta(hours=hours)
    told = look(due.isoformat(), now.isoformat())
    assert (told.light == "red") == (now.date() > due)
    assert told.left is not None
    assert told.late_days == max(0, -told.left)
