from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.calendar_data import shipped
from schema.records import KINDS
from schema.rules.policy import DEFAULT, ROWS, Policy
from schema.rules.timing import TimeRule, instant, wall_of
from schema.wording import use
from tests.schema.test_workdays import calls

ZONE = "Asia/Shanghai"


@pytest.fixture
def chinese() -> Iterator[None]:
    use("zh")
    yield
    use("en")


def told(**body: Any) -> Policy:
    return Policy.under([body])


@pytest.mark.parametrize(
    ("key", "rule"),
    [
        ("answer", (24, "hours", "next")),
        ("escalate.initiator", (24, "hours", "next")),
        ("escalate.decision", (24, "hours", "next")),
        ("warn", (2, "working_days", "none")),
        ("late.emergency", (3, "working_days", "none")),
        ("emergency", (24, "hours", "next")),
        ("minutes", (24, "hours", "next")),
        ("objection", (24, "hours", "next")),
        ("notice.least", (3, "working_days", "none")),
        ("notice.most", (5, "working_days", "none")),
        ("remind", (1, "working_days", "none")),
        ("dispute", (2, "working_days", "next")),
        ("retro.after", (3, "working_days", "next")),
    ],
)
def test_the_time_rules_are_those_of_the_guides(key: str, rule: tuple[int, str, str]) -> None:
    assert DEFAULT.rule(key)[:3] == rule


@pytest.mark.parametrize(
    ("key", "n"),
    [
        ("warn", 2),
        ("departments", 5),
        ("meeting.people", 8),
        ("meeting.minutes.least", 60),
        ("meeting.minutes.most", 90),
        ("topic.minutes.least", 30),
        ("topic.minutes.most", 60),
        ("opening", 5),
        ("intro", 3),
        ("closing", 10),
        ("sync.minutes", 30),
        ("weekly.meeting", 30),
    ],
)
def test_the_counts_are_those_of_the_guides(key: str, n: int) -> None:
    assert DEFAULT.count(key) == n


def test_the_words_are_those_of_the_guides() -> None:
    assert DEFAULT.text("zone") == ZONE
    assert DEFAULT.text("hours") == "09:00-18:00"
    assert DEFAULT.text("weekly.progress") == "fri 17:00"
    assert DEFAULT.text("figures") == "month"
    assert not DEFAULT.flag("fulfilment.person")
    assert told(key="fulfilment.person", value="yes").flag("fulfilment.person")


def test_every_row_names_its_guide_and_every_numbered_kind_has_a_row() -> None:
    assert all(row.source.startswith("S0") and row.label for row in ROWS.values())
    numbered = {f"number.{name}" for name, kind in KINDS.items() if kind.number}
    assert numbered == {key for key in ROWS if key.startswith("number.")}


def test_a_record_overrides_what_it_fills() -> None:
    policy = told(key="answer", amount="8", unit="working_hours")
    assert policy.rule("answer")[:3] == (8, "working_hours", "next")
    assert told(key="answer", unit="working_hours").rule("answer")[:3] == (
        24,
        "working_hours",
        "next",
    )
    assert told(key="answer", roll="none").rule("answer")[:3] == (24, "hours", "none")
    assert told(key="opening", amount="1.5", unit="hours").count("opening") == 90
    assert told(key="opening", amount="1", unit="hours").count("opening") == 60
    assert told(key="departments", amount="7").count("departments") == 7
    assert told(key="zone", value="Europe/Berlin").text("zone") == "Europe/Berlin"
    assert policy.wrong == ()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"key": "answer", "amount": "-3"}, "amount"),
        ({"key": "answer", "amount": "soon"}, "amount"),
        ({"key": "answer", "amount": 8}, "amount"),
        ({"key": "departments", "amount": "2.5"}, "amount"),
        ({"key": "warn", "amount": "48", "unit": "hours"}, "unit"),
        ({"key": "answer", "roll": "sideways"}, "roll"),
        ({"key": "zone", "value": "Nowhere/At_All"}, "value"),
        ({"key": "hours", "value": "18:00-09:00"}, "value"),
        ({"key": "hours", "value": "all day"}, "value"),
        ({"key": "weekly.progress", "value": "someday"}, "value"),
        ({"key": "weekly.progress", "value": "fri 25:00"}, "value"),
        ({"key": "number.task", "value": "T"}, "value"),
        ({"key": "figures", "value": "sometimes"}, "value"),
        ({"key": "fulfilment.person", "value": "perhaps"}, "value"),
        ({"key": "sla"}, "key"),
        ({"amount": "3"}, "key"),
    ],
)
def test_what_cannot_be_is_passed_over_and_named(body: dict[str, Any], field: str) -> None:
    policy = Policy.under([body])
    assert [each.field for each in policy.wrong] == [field]
    if body.get("key") in ROWS:
        key = str(body["key"])
        if field == "value":
            assert policy.text(key) == DEFAULT.text(key)
        elif field != "unit":
            assert policy.rule(key) == DEFAULT.rule(key)


@pytest.mark.usefixtures("chinese")
def test_what_is_wrong_is_a_sentence_that_no_value_can_break() -> None:
    (wrong,) = told(key="zone", value="\x1b]0;x\x07火星").wrong
    assert "\x1b" not in wrong.words
    assert wrong.words.startswith("规则 zone")
    assert told(key="sla").wrong[0].words == "没有叫 sla 的规则。"


ANYTHING = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=12)
    | st.lists(st.text(max_size=3), max_size=2)
)


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["key", "amount", "unit", "roll", "value"]),
            ANYTHING | st.sampled_from(sorted(ROWS)) | st.sampled_from(["next", "hours", "count"]),
        )
    )
)
def test_no_record_breaks_the_policy(records: list[dict[str, Any]]) -> None:
    policy = Policy.under(records)
    for key, row in ROWS.items():
        if row.units:
            policy.rule(key)
            policy.count(key)
        if row.form:
            policy.text(key)
    for wrong in policy.wrong:
        assert wrong.words
    policy.weekly("weekly.progress")


def us(wall: str) -> int:
    return instant(datetime.fromisoformat(wall), ZONE)


@pytest.mark.parametrize(
    ("began", "hours", "end"),
    [
        ("2026-11-20T16:00", 2, "2026-11-20T18:00"),
        ("2026-11-20T16:00", 3, "2026-11-23T10:00"),
        ("2026-11-20T20:00", 1, "2026-11-23T10:00"),
        ("2026-11-21T12:00", 9, "2026-11-23T18:00"),
        ("2026-11-20T07:30", 0, "2026-11-20T09:00"),
    ],
)
def test_working_hours_are_those_of_the_policy(began: str, hours: int, end: str) -> None:
    rule = told(key="answer", amount=str(hours), unit="working_hours").rule("answer")
    assert (
        wall_of(rule.end(us(began), zone=ZONE, calendar=shipped()).at, ZONE).isoformat(
            timespec="minutes"
        )
        == end
    )


def test_working_hours_of_a_minute_a_day_are_reckoned_not_walked_through() -> None:
    rule = TimeRule(9999, "working_hours", "next", (1439, 1440))

    def over() -> None:
        rule.end(us("2026-11-20T16:00"), zone=ZONE, calendar=shipped())

    assert calls(over) < 200


@pytest.mark.parametrize(
    ("key", "amount", "unit", "hours"),
    [
        ("answer", "9999", "working_hours", "23:59-24:00"),
        ("escalate.decision", "9999", "working_hours", "23:50-24:00"),
        ("answer", "3651", "days", ""),
        ("late.emergency", "2609", "working_days", ""),
    ],
)
def test_a_time_of_more_than_ten_years_cannot_be(
    key: str, amount: str, unit: str, hours: str
) -> None:
    said = {"key": key, "amount": amount, "unit": unit}
    policy = Policy.under([said, *([{"key": "hours", "value": hours}] if hours else [])])
    assert [(each.key, each.field, each.value) for each in policy.wrong] == [
        (key, "amount", amount)
    ]
    assert policy.rule(key)[:3] == DEFAULT.rule(key)[:3]


@pytest.mark.parametrize(
    ("amount", "unit"), [("9999", "working_hours"), ("3650", "days"), ("9999", "hours")]
)
def test_a_time_of_ten_years_can_be(amount: str, unit: str) -> None:
    policy = told(key="answer", amount=amount, unit=unit)
    assert policy.wrong == ()
    assert policy.rule("answer").amount == int(amount)


def test_a_workspace_that_works_at_night_says_so() -> None:
    policy = Policy.under(
        [
            {"key": "hours", "value": "06:00-24:00"},
            {"key": "answer", "amount": "4", "unit": "working_hours"},
        ]
    )
    assert policy.rule("answer") == TimeRule(4, "working_hours", "next", (360, 1440))


@pytest.mark.row("S000-14", "S000-17")
@pytest.mark.parametrize(
    ("key", "week", "stored"),
    [
        ("weekly.progress", "2026-11-23", "2026-11-27T17:00"),
        ("weekly.progress", "2026-09-24", "2026-09-24T17:00"),  # the 25th is off: the day before
        ("weekly.meeting", "2026-11-26", "2026-11-23T10:00"),
        ("weekly.meeting", "2026-10-06", "2026-10-08T10:00"),  # the 5th is off, to the 8th
        ("weekly.report", "2026-11-23", "2026-11-27"),
    ],
)
def test_a_moment_of_the_week_rolls_off_a_day_off(key: str, week: str, stored: str) -> None:
    assert DEFAULT.weekly(key).stored(date.fromisoformat(week), shipped()) == stored
