"""Dates as people write them."""

import re
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schema import dates
from schema.calendar_data import shipped
from schema.dates import Kind
from schema.errors import DateError

SHANGHAI = timezone(timedelta(hours=8))
NOW = datetime(2026, 11, 18, 9, 30, tzinfo=SHANGHAI)  # a Wednesday
ZONE = "Asia/Shanghai"


def parse(text: str, kind: Kind = "when", now: datetime = NOW, zone: str = ZONE) -> str:
    return dates.parse(text, now=now, zone=zone, calendar=shipped(), kind=kind)


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("2026-11-27", "2026-11-27"),
        ("2026-1-5", "2026-01-05"),
        ("2026/11/27", "2026-11-27"),
        ("2026.11.27", "2026-11-27"),
        ("2026年11月27日", "2026-11-27"),
        ("２０２６－１１－２７", "2026-11-27"),
        (" 2026-11-27 ", "2026-11-27"),
        ("11-27", "2026-11-27"),
        ("11/27", "2026-11-27"),
        ("11月27日", "2026-11-27"),
        ("11月27号", "2026-11-27"),
        ("１１月２７日", "2026-11-27"),
        ("today", "2026-11-18"),
        ("Tomorrow", "2026-11-19"),
        ("yesterday", "2026-11-17"),
        ("今天", "2026-11-18"),
        ("明天", "2026-11-19"),
        ("后天", "2026-11-20"),
        ("昨天", "2026-11-17"),
        ("+3d", "2026-11-21"),
        ("＋３ｄ", "2026-11-21"),
        ("-1d", "2026-11-17"),
        ("−1d", "2026-11-17"),
        ("3d", "2026-11-21"),
        ("+2wd", "2026-11-20"),
        ("+3wd", "2026-11-23"),
        ("-3wd", "2026-11-13"),
        ("+1w", "2026-11-25"),
        ("3天后", "2026-11-21"),
        ("3天前", "2026-11-15"),
        ("3个工作日后", "2026-11-23"),
        ("3工作日以后", "2026-11-23"),
        ("1周后", "2026-11-25"),
        ("wed", "2026-11-18"),
        ("fri", "2026-11-20"),
        ("Friday", "2026-11-20"),
        ("tue", "2026-11-24"),
        ("周五", "2026-11-20"),
        ("星期二", "2026-11-24"),
        ("周日", "2026-11-22"),
        ("本周五", "2026-11-20"),
        ("本周一", "2026-11-16"),
        ("this mon", "2026-11-16"),
        ("下周五", "2026-11-27"),
        ("下周一", "2026-11-23"),
        ("下个星期天", "2026-11-29"),
        ("下下周一", "2026-11-30"),
        ("上周五", "2026-11-13"),
        ("next friday", "2026-11-27"),
        ("last fri", "2026-11-13"),
    ],
)
def test_a_day_is_understood(text: str, stored: str) -> None:
    assert parse(text, "date") == stored
    assert parse(text, "when") == stored


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("2026-11-27T17:00", "2026-11-27T17:00"),
        ("2026-11-27t9:05", "2026-11-27T09:05"),
        ("2026-11-27 17:00", "2026-11-27T17:00"),
        ("11-27 17:00", "2026-11-27T17:00"),
        ("11月27日17点", "2026-11-27T17:00"),
        ("fri 17:00", "2026-11-20T17:00"),
        ("sat17:00", "2026-11-21T17:00"),
        ("周五 17:00", "2026-11-20T17:00"),
        ("周五　１７：００", "2026-11-20T17:00"),
        ("下周五17点", "2026-11-27T17:00"),
        ("下周五17点半", "2026-11-27T17:30"),
        ("下周五9点05分", "2026-11-27T09:05"),
        ("明天下午5点", "2026-11-19T17:00"),
        ("明天上午9点", "2026-11-19T09:00"),
        ("+2wd 9:00", "2026-11-20T09:00"),
        ("17:00", "2026-11-18T17:00"),
        ("8:00", "2026-11-18T08:00"),
        ("5pm", "2026-11-18T17:00"),
        ("fri 9:30 am", "2026-11-20T09:30"),
        ("fri 12am", "2026-11-20T00:00"),
        ("fri 12pm", "2026-11-20T12:00"),
        ("fri 00:00", "2026-11-20T00:00"),
    ],
)
def test_an_hour_is_understood_where_the_field_takes_one(text: str, stored: str) -> None:
    assert parse(text) == stored
    with pytest.raises(DateError, match="a day, not an hour"):
        parse(text, "date")


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("2026-11", "2026-11"),
        ("2026/3", "2026-03"),
        ("2026年11月", "2026-11"),
        ("11月", "2026-11"),
        ("3月", "2027-03"),
        ("6月", "2026-06"),
        ("this month", "2026-11"),
        ("next month", "2026-12"),
        ("last month", "2026-10"),
        ("本月", "2026-11"),
        ("下个月", "2026-12"),
        ("上月", "2026-10"),
    ],
)
def test_a_month_is_understood(text: str, stored: str) -> None:
    assert parse(text, "month") == stored


def test_the_month_after_december_is_in_the_next_year() -> None:
    assert parse("下月", "month", now=NOW.replace(month=12)) == "2027-01"
    assert parse("last month", "month", now=NOW.replace(month=1)) == "2025-12"


@pytest.mark.parametrize(
    ("today", "text", "stored"),
    [
        ("2026-11-18", "11-10", "2026-11-10"),
        ("2026-11-18", "05-20", "2026-05-20"),
        ("2026-11-18", "05-18", "2027-05-18"),
        ("2026-12-20", "01-05", "2027-01-05"),
        ("2026-01-10", "12-20", "2026-12-20"),
        ("2027-11-18", "2-29", "2028-02-29"),
    ],
)
def test_a_day_without_a_year_is_this_years_unless_over_half_a_year_back(
    today: str, text: str, stored: str
) -> None:
    now = datetime.fromisoformat(f"{today}T12:00+08:00")
    assert parse(text, now=now) == stored


def test_a_weekday_is_today_on_that_day_and_the_next_one_after_it() -> None:
    assert parse("fri", now=datetime(2026, 11, 20, 23, 59, tzinfo=SHANGHAI)) == "2026-11-20"
    saturday = datetime(2026, 11, 21, 0, 0, tzinfo=SHANGHAI)
    assert parse("fri", now=saturday) == "2026-11-27"
    assert parse("本周五", now=saturday) == "2026-11-20"
    assert parse("下周五", now=saturday) == "2026-11-27"


def test_next_friday_is_that_of_the_next_iso_week_on_a_sunday_too() -> None:
    assert parse("下周五", now=datetime(2026, 11, 22, 12, tzinfo=SHANGHAI)) == "2026-11-27"


def test_working_days_go_round_the_holidays() -> None:
    assert parse("+3wd", now=datetime(2024, 9, 30, 12, tzinfo=SHANGHAI)) == "2024-10-10"
    assert parse("-6wd", now=datetime(2024, 5, 20, 12, tzinfo=SHANGHAI)) == "2024-05-11"


@pytest.mark.parametrize("kind", ["date", "when", "month"])
@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "尽快",
        "2026-02-30",
        "2026-13-01",
        "02-30",
        "fri 25:00",
        "fri 17:60",
        "24:00",
        "2026-11-2717:00",
        "17",
        "+99999d",
        "+3x",
        "下周",
        "13月",
        "2026-11-27T17:00:00",
        "2026-11-27T17:00Z",
        "\x1b[2J",
        "\ud800",
    ],
)
def test_anything_else_is_an_error_with_examples(text: str, kind: Kind) -> None:
    with pytest.raises(DateError) as caught:
        parse(text, kind)
    assert "2026-11" in caught.value.way_out
    assert str(caught.value).isprintable()


@settings(deadline=None)
@given(
    st.text(st.sampled_from("0123456789-/:.+ 年月日号周下上本五天点半个工作dwtfriTamp\x00１："))
    | st.text()
)
def test_whatever_is_written_gives_a_stored_form_or_a_date_error(text: str) -> None:
    for kind, shape in (
        ("date", r"\d{4}-\d\d-\d\d"),
        ("when", r"\d{4}-\d\d-\d\d(T\d\d:\d\d)?"),
        ("month", r"\d{4}-\d\d"),
    ):
        try:
            stored = parse(text, kind)  # type: ignore[arg-type]
        except DateError:
            continue
        assert re.fullmatch(shape, stored, re.ASCII)
        assert parse(stored, kind) == stored  # type: ignore[arg-type]
        if kind != "month":
            datetime.fromisoformat(stored)


@settings(deadline=None)
@given(st.datetimes(datetime(1900, 1, 1), datetime(2999, 1, 1)))
def test_a_stored_form_is_read_as_it_is(moment: datetime) -> None:
    stored = moment.isoformat(timespec="minutes")
    assert parse(stored) == stored
    assert parse(stored[:10], "date") == stored[:10]
    assert dates.day_of(stored) == dates.day_of(stored[:10]) == moment.date()


def test_today_is_the_day_of_the_workspaces_zone() -> None:
    late = datetime(2026, 11, 18, 16, 30, tzinfo=UTC)
    assert dates.today(late, ZONE) == date(2026, 11, 19)
    assert dates.today(late, "Europe/London") == date(2026, 11, 18)
    assert parse("today", now=late) == "2026-11-19"


def test_a_now_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        dates.today(datetime(2026, 11, 18), ZONE)


@pytest.mark.parametrize(
    "zone", ["Asia/Nowhere", "", "America", "../etc/passwd", "/etc/passwd", "a\x00b", "\x1b[2J"]
)
def test_an_unknown_zone_is_a_date_error(zone: str) -> None:
    assert not dates.known_zone(zone)
    with pytest.raises(DateError) as caught:
        dates.today(NOW, zone)
    assert str(caught.value).isprintable()


def test_a_known_zone_is_known() -> None:
    assert dates.known_zone(ZONE)


@pytest.mark.parametrize(
    ("stored", "clock", "passed"),
    [
        ("2026-11-18", "2026-11-18T23:59:59", False),
        ("2026-11-18", "2026-11-19T00:00:00", True),
        ("2026-11-19", "2026-11-18T09:00:00", False),
        ("2026-11-18T17:00", "2026-11-18T16:59:59", False),
        ("2026-11-18T17:00", "2026-11-18T17:00:00", False),
        ("2026-11-18T17:00", "2026-11-18T17:00:01", True),
        ("", "2026-11-18T17:00:01", False),
    ],
)
def test_a_date_without_an_hour_is_late_from_the_next_midnight(
    stored: str, clock: str, passed: bool
) -> None:
    now = datetime.fromisoformat(f"{clock}+08:00")
    assert dates.due_passed(stored, now, ZONE) is passed
    assert dates.due_passed(stored, now.astimezone(UTC), ZONE) is passed
