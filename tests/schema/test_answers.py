"""The answer clock of a blocker, its levels and its six steps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema import wording
from schema.calendar_data import shipped
from schema.rules.answers import (
    DEFAULTS,
    AnswerClock,
    AnswerRules,
    Replies,
    answer_clock,
    level,
    reopened,
    step,
)
from schema.rules.lights import Shown, shown
from schema.rules.policy import Policy
from schema.rules.timing import TimeRule, instant, wall_of

ZONE = "Asia/Shanghai"
HOUR = 3_600_000_000


def us(wall: str, zone: str = ZONE) -> int:
    return instant(datetime.fromisoformat(wall), zone)


def wall(at: int, zone: str = ZONE) -> str:
    return wall_of(at, zone).isoformat(timespec="minutes")


def clock(accepted: str, rules: AnswerRules = DEFAULTS) -> AnswerClock:
    found = answer_clock(us(accepted), zone=ZONE, calendar=shipped(), rules=rules)
    assert found is not None
    return found


def ends(rule: TimeRule, began: str) -> str:
    return wall(rule.end(us(began), zone=ZONE, calendar=shipped()).at)


def look(
    now: str, accepted: str | None, replies: Replies | None = None, warn: int = 2, **body: Any
) -> Shown:
    return shown(
        "blocker",
        {"state": "open", "lead": "市场部", **body},
        now=datetime.fromisoformat(now).replace(tzinfo=ZoneInfo(ZONE)),
        zone=ZONE,
        calendar=shipped(),
        warn=warn,
        accepted=us(accepted) if accepted else None,
        replies=replies or Replies(),
    )


# -- when it ends


@pytest.mark.parametrize(
    ("accepted", "end"),
    [
        # S003-14, by the clock; the end on a day off rolls to the same time (S001-41).
        ("2026-11-19T17:44", "2026-11-20T17:44"),
        ("2026-11-20T17:44", "2026-11-23T17:44"),
        ("2026-11-21T09:00", "2026-11-23T09:00"),
        ("2026-11-22T09:00", "2026-11-23T09:00"),
        # The holiday of 2024, and the Saturday that was worked for it (S004-24).
        ("2024-09-30T10:00", "2024-10-08T10:00"),
        ("2024-10-07T10:00", "2024-10-08T10:00"),
        ("2024-10-11T17:00", "2024-10-12T17:00"),
        ("2024-10-12T17:00", "2024-10-14T17:00"),
        ("2026-11-20T00:00", "2026-11-23T00:00"),
        ("2026-11-19T23:59", "2026-11-20T23:59"),
    ],
)
def test_an_answer_is_due_24_hours_on_or_then_on_the_next_working_day(
    accepted: str, end: str
) -> None:
    assert wall(clock(accepted).ends) == end


def test_no_clock_runs_before_the_hub_has_taken_it() -> None:
    assert answer_clock(None, zone=ZONE, calendar=shipped()) is None


def test_an_end_beyond_the_calendar_is_no_clock() -> None:
    assert answer_clock(2**62, zone=ZONE, calendar=shipped()) is None
    assert answer_clock(us("9999-12-31T12:00"), zone=ZONE, calendar=shipped()) is None


@pytest.mark.parametrize(
    ("rule", "end"),
    [
        (TimeRule(24), "2026-11-23T17:44"),
        (TimeRule(24, "hours", "none"), "2026-11-21T17:44"),
        (TimeRule(24, "hours", "previous"), "2026-11-20T17:44"),
        (TimeRule(90, "minutes"), "2026-11-20T19:14"),
        (TimeRule(24, "working_hours"), "2026-11-23T17:44"),
        (TimeRule(48, "working_hours"), "2026-11-24T17:44"),
        (TimeRule(6, "working_hours"), "2026-11-20T23:44"),
        (TimeRule(3, "days", "none"), "2026-11-23T17:44"),
        (TimeRule(1, "days"), "2026-11-23T17:44"),
        (TimeRule(2, "working_days"), "2026-11-24T17:44"),
        (TimeRule(0), "2026-11-20T17:44"),
    ],
)
def test_every_unit_and_way_to_roll(rule: TimeRule, end: str) -> None:
    assert ends(rule, "2026-11-20T17:44") == end


def test_hours_are_hours_where_clocks_are_put_back() -> None:
    began = us("2026-10-24T12:00", "Europe/Berlin")
    rule = TimeRule(24, "hours", "none")
    end = rule.end(began, zone="Europe/Berlin", calendar=shipped()).at
    assert end - began == 24 * HOUR
    assert wall(end, "Europe/Berlin") == "2026-10-25T11:00"


@given(st.datetimes(datetime(2024, 1, 1), datetime(2026, 12, 20)), st.integers(0, 100))
def test_an_end_lies_on_a_working_day_and_never_before_its_hours(
    began: datetime, hours: int
) -> None:
    start = us(began.isoformat())
    end = TimeRule(hours).end(start, zone=ZONE, calendar=shipped())
    assert end.at - start >= hours * HOUR
    assert shipped().is_workday(wall_of(end.at, ZONE).date())
    assert (end.at - start == hours * HOUR) == (end.rolled is None)


@pytest.mark.parametrize(
    ("policy", "rule"),
    [
        (None, TimeRule(24)),
        ({"amount": "8"}, TimeRule(8)),
        ({"amount": "8", "unit": "working_hours", "roll": "none"}, TimeRule(8, "working_hours", "none")),
        ({"amount": "1", "unit": "working_days"}, TimeRule(1, "working_days")),
        ({"amount": "1.5"}, TimeRule(90, "minutes")),
        ({"amount": "1.0", "unit": "days"}, TimeRule(1, "days")),
        # What cannot be is passed over.
        ({"amount": "1.5", "unit": "days"}, TimeRule(24)),
        ({"amount": "-3"}, TimeRule(24)),
        ({"amount": "99999"}, TimeRule(24)),
        ({"amount": "soon"}, TimeRule(24)),
        ({"amount": 3}, TimeRule(24)),
        ({"amount": "3", "unit": "count"}, TimeRule(24)),
        ({"roll": "sideways"}, TimeRule(24)),
    ],
)  # fmt: skip
def test_the_policy_sets_the_rule(policy: dict[str, Any] | None, rule: TimeRule) -> None:
    assert TimeRule(24).under(policy) == rule


def test_the_three_rules_are_those_of_their_keys() -> None:
    rules = AnswerRules.of(
        Policy.under(
            [{"key": "answer", "amount": "8"}, {"key": "escalate.decision", "amount": "48"}]
        )
    )
    assert [rules.answer.amount, rules.initiator.amount, rules.decision.amount] == [8, 24, 48]


# -- how it is explained


def test_the_clock_says_start_rule_and_skipped_day() -> None:
    now = us("2026-11-23T09:00")
    assert clock("2026-11-19T17:44").why(now=now, zone=ZONE) == (
        "From 11-19 17:44, 24 hours on the clock"
    )
    assert clock("2026-11-20T17:44").why(now=now, zone=ZONE) == (
        "From 11-20 17:44, 24 hours on the clock; "
        "11-21 is a day off, so it moves to the same time on 11-23"
    )
    wording.use("zh")
    assert clock("2026-11-19T17:44").why(now=now, zone=ZONE) == (
        "11-19 17:44 起算，24 小时，按时钟走"
    )
    assert clock("2026-11-20T17:44").why(now=now, zone=ZONE) == (
        "11-20 17:44 起算，24 小时，按时钟走；11-21 休息，移到 11-23 同一时刻"
    )


def test_a_year_without_its_list_says_so() -> None:
    found = clock("2026-12-31T10:00")
    assert (wall(found.ends), found.published) == ("2027-01-01T10:00", False)
    assert found.why(now=found.began, zone=ZONE).endswith(
        "; the days off of 2027 are not published"
    )


# -- what is shown


def test_time_is_counted_on_the_clock_in_the_last_24_hours_and_on_the_last_day() -> None:
    # Handed in on Friday at 17:44, to be answered on Monday at 17:44.
    sent = "2026-11-20T17:44"
    counts = {
        now: (told.light, told.left, told.unit)
        for now in ("2026-11-20T18:00", "2026-11-22T17:43", "2026-11-22T17:44", "2026-11-23T00:00")
        for told in [look(now, sent)]
    }
    assert counts == {
        "2026-11-20T18:00": ("yellow", 1, "working_days"),
        "2026-11-22T17:43": ("yellow", 1, "working_days"),
        "2026-11-22T17:44": ("yellow", 1440, "minutes"),
        "2026-11-23T00:00": ("yellow", 1064, "minutes"),
    }


def test_a_clock_is_late_after_its_end_and_not_at_it() -> None:
    sent = "2026-11-19T17:44"
    assert look("2026-11-20T17:44", sent).light == "yellow"
    late = look("2026-11-20T17:44:01", sent)
    assert (late.light, late.left, late.unit, late.late_days) == ("red", -1, "minutes", 0)
    # Over a weekend no working day is lost; on Tuesday two are.
    assert look("2026-11-21T09:00", sent).late_days == 0
    tuesday = look("2026-11-24T09:00", sent)
    assert (tuesday.left, tuesday.unit, tuesday.late_days) == (-2, "working_days", 2)


def test_before_it_is_taken_nothing_runs_and_the_liaison_has_it() -> None:
    assert look("2026-11-24T09:00", None) == Shown(step=1, level=1)


def test_once_answered_the_day_of_verification_counts() -> None:
    replies = Replies(answered=us("2026-11-20T09:00"))
    told = look("2026-11-20T10:00", "2026-11-19T17:44", replies, verify_on="2026-11-25")
    assert (told.light, told.left, told.unit) == ("green", 3, "working_days")
    assert look("2026-11-26T10:00", "2026-11-19T17:44", replies, verify_on="2026-11-25").light == (
        "red"
    )
    assert look("2026-11-20T10:00", "2026-11-19T17:44", replies).left is None


def test_of_a_blocker_whose_replies_are_not_known_nothing_is_said() -> None:
    now = datetime(2026, 11, 20, tzinfo=UTC)
    body = {"state": "open"}
    assert shown("blocker", body, now=now, zone=ZONE, calendar=shipped(), accepted=1) == Shown()


# -- levels


def climbed(sent: AnswerClock, state: str | None, replies: Replies) -> int | None:
    """The level two weeks on."""
    now = us("2026-12-01T09:00")
    return level(sent, {"state": state}, replies, now=now, zone=ZONE, calendar=shipped())


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-20T17:44", 1),
        ("2026-11-20T17:44:01", 2),
        # 24 hours more end on Saturday, and roll to Monday.
        ("2026-11-23T17:44", 2),
        ("2026-11-23T17:44:01", 3),
    ],
)
def test_the_level_climbs_while_nobody_answers(now: str, expected: int) -> None:
    assert look(now, "2026-11-19T17:44").level == expected


def test_the_answer_ends_the_climbing() -> None:
    sent = clock("2026-11-16T09:00")
    for moment, expected in (("2026-11-17T08:59", 1), ("2026-11-17T12:00", 2)):
        replies = Replies(answered=us(moment))
        assert climbed(sent, "open", replies) == expected


def test_the_policy_sets_when_it_climbs() -> None:
    rules = AnswerRules(TimeRule(24), TimeRule(2), TimeRule(3))
    sent = clock("2026-11-16T09:00", rules)
    levels = [
        level(
            sent, {}, Replies(), now=us(f"2026-11-16T{hour}:01"),
            zone=ZONE, calendar=shipped(), rules=rules,
        )
        for hour in ("10", "11", "14")
    ]  # fmt: skip
    assert levels == [1, 2, 3]


def test_a_state_alone_answers_but_not_one_that_is_not_known() -> None:
    sent = clock("2026-11-16T09:00")
    states = ("open", "coordinating", "resolved", "verified", "closed", "neu", None)
    found = [climbed(sent, state, Replies()) for state in states]
    assert found == [3, 1, 1, None, None, 3, 3]


# -- steps

CLEAR: dict[str, Any] = {
    "lead": "市场部",
    "essence": "x",
    "effect": [{"on": "team", "how_much": "2 天"}],
    "attributed": ["研发部"],
}


@pytest.mark.parametrize(
    ("body", "replies", "expected"),
    [
        ({}, Replies(), 1),
        ({"lead": "市场部"}, Replies(), 1),
        ({"lead": "市场部", "essence": "x"}, Replies(), 1),
        (CLEAR, Replies(), 2),
        ({}, Replies(answered=1), 1),
        (CLEAR, Replies(answered=1), 2),
        ({"target": "x"}, Replies(answered=1), 1),
        ({**CLEAR, "target": "x"}, Replies(), 2),
        ({**CLEAR, "target": "x"}, Replies(answered=1), 3),
        ({**CLEAR, "options": ["x"]}, Replies(answered=1, tasks=1), 4),
        (CLEAR, Replies(tasks=1), 2),
        (CLEAR, Replies(answered=1, tasks=1), 4),
        ({"state": "coordinating"}, Replies(), 3),
        ({"state": "coordinating"}, Replies(tasks=2), 4),
        ({"state": "resolved"}, Replies(tasks=2), 5),
        ({"state": "verified"}, Replies(), 6),
        ({"state": "closed"}, Replies(), 6),
    ],
)
def test_the_step_follows_from_the_record_and_what_points_at_it(
    body: dict[str, Any], replies: Replies, expected: int
) -> None:
    assert step({"state": "open", **body}, replies) == expected


@given(st.integers(0, 200))
def test_left_agrees_with_the_light(hours: int) -> None:
    sent = "2026-11-16T10:00"
    moment = datetime.fromisoformat(sent) + timedelta(hours=hours)
    told = look(moment.isoformat(), sent)
    assert told.left is not None
    assert (told.light == "red") == (moment > datetime(2026, 11, 17, 10))
    assert (told.left < 0) <= (told.light == "red")


# -- reopened


@pytest.mark.parametrize(
    ("states", "found"),
    [
        ("open", None),
        ("open open coordinating", None),
        ("open coordinating open", 2),
        ("open coordinating open open", 2),
        ("open resolved open coordinating open", 4),
        ("open resolved verified open closed", 3),
        ("coordinating", None),
        ("strange open", None),
    ],
)
def test_the_last_return_to_open_is_when_a_blocker_was_reopened(
    states: str, found: int | None
) -> None:
    assert reopened(enumerate(states.split())) == found


def test_a_new_clock_begins_when_a_blocker_is_reopened() -> None:
    first, again = us("2026-11-16T09:00"), us("2026-11-18T15:00")
    clock = answer_clock(first, zone=ZONE, calendar=shipped(), reopened=again)
    assert clock is not None
    assert (wall(clock.began), wall(clock.ends)) == ("2026-11-18T15:00", "2026-11-19T15:00")
    assert answer_clock(None, zone=ZONE, calendar=shipped(), reopened=again) is None
    told = look("2026-11-18T16:00", "2026-11-16T09:00", Replies(reopened=again))
    assert (told.light, told.level, told.step) == ("yellow", 1, 1)
    assert look("2026-11-18T16:00", "2026-11-16T09:00").light == "red"
