"""What is pointed out about a meeting: the guides' own example, and each rule at its limit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from schema.calendar_data import shipped
from schema.records.kind import Body
from schema.rules import agenda
from schema.rules.policy import Policy
from schema.wording import use
from tests import hostile

MEETING: dict[str, Any] = {"title": "评审会", "type": "review", "gate": "decision", "minutes": 90}
TOPICS = [
    {"title": title, "minutes": minutes, "criterion": "按用户优先级排序"}
    for title, minutes in (
        ("市场需求反馈与功能优先级梳理", 20),
        ("技术可行性评估", 30),
        ("销售渠道适配性分析", 20),
        ("功能优先级最终确认", 20),
    )
]


@pytest.fixture
def chinese() -> Iterator[None]:
    use("zh")
    yield
    use("en")


def meeting_hints(
    meeting: Body, topics: Sequence[Body], seats: Sequence[Body], *policy: Body
) -> list[str]:
    return agenda.meeting_hints(
        meeting, topics, seats, calendar=shipped(), policy=Policy.under(policy)
    )


def seats(n: int, **more: str) -> list[Body]:
    return [{"person": f"*专员{each}", "role": "member", **more} for each in range(n)]


@pytest.mark.row("S001-13", "S001-38")
@pytest.mark.usefixtures("chinese")
def test_the_guides_own_agenda_takes_more_than_its_meeting() -> None:
    assert meeting_hints(MEETING, TOPICS, []) == [
        "连开场 5 分钟和收尾 10 分钟，议程共 105 分钟，超过会议时长 90 分钟。"
    ]
    assert meeting_hints({**MEETING, "minutes": 105}, TOPICS, []) == [
        "会议时长 105 分钟；以 60 至 90 分钟为宜。"
    ]
    assert meeting_hints(MEETING, TOPICS[:3], []) == []
    assert meeting_hints({**MEETING, "opening": 0, "closing": 0}, TOPICS, []) == []


def test_what_is_over_is_not_pointed_out() -> None:
    long = {**MEETING, "minutes": 120}
    for state in ("draft", "noticed", "running"):
        assert meeting_hints({**long, "state": state}, [], [])
    for state in ("closed", "minuted", "confirmed", "cancelled"):
        assert meeting_hints({**long, "state": state}, [], []) == []


@pytest.mark.row("S001-09", "S004-08")
@pytest.mark.parametrize(
    ("type", "fits", "not_so"),
    [
        ("review", (60, 90), (59, 91)),
        ("", (60, 90), (59, 91)),
        ("topic", (30, 60), (29, 61)),
        ("weekly", (10, 30), (31,)),
        ("sync", (10, 30), (31,)),
        ("alignment", (15, 90), (91,)),
    ],
)
def test_each_type_of_meeting_is_as_long_as_the_policy_says(
    type: str, fits: tuple[int, ...], not_so: tuple[int, ...]
) -> None:
    for minutes in fits:
        assert meeting_hints({**MEETING, "type": type, "minutes": minutes}, [], []) == []
    for minutes in not_so:
        (said,) = meeting_hints({**MEETING, "type": type, "minutes": minutes}, [], [])
        assert f"The meeting lasts {minutes} minutes" in said
    longer = {"key": "meeting.minutes.most", "amount": "2", "unit": "hours"}
    assert meeting_hints({**MEETING, "minutes": 120}, [], [], longer) == []


@pytest.mark.row("S001-12")
def test_material_comes_a_working_day_before_at_least() -> None:
    # Monday 20 May 2024: a working day before is the Friday, for the Saturday is off.
    monday = {**MEETING, "start": "2024-05-20T14:00"}
    for due in ("2024-05-16T18:00", "2024-05-17", "", "soon"):
        assert meeting_hints({**monday, "material_due": due}, [], []) == []
    for due in ("2024-05-19", "2024-05-20T09:00"):
        assert meeting_hints({**monday, "material_due": due}, [], []) == [
            f"Material comes on {due[:10]}; 1 working day before the meeting is advised."
        ]
    two_days = {"key": "material", "amount": "2", "unit": "days"}
    assert meeting_hints({**monday, "material_due": "2024-05-18"}, [], [], two_days) == []
    assert meeting_hints({**monday, "material_due": "2024-05-19"}, [], [], two_days) != []


@pytest.mark.row("S001-29")
def test_the_ninth_who_takes_part_is_pointed_out_and_who_gets_the_minutes_is_not() -> None:
    assert meeting_hints(MEETING, [], [*seats(8), *seats(20, role="cc")]) == []
    assert meeting_hints(MEETING, [], seats(9)) == [
        "9 people take part; at most 8 are advised, others can get the minutes."
    ]
    assert meeting_hints(MEETING, [], [*seats(8), *seats(8), {"department": "市场部"}]) == []


@pytest.mark.row("S001-30")
def test_a_topic_without_a_criterion_is_pointed_out_until_it_is_decided() -> None:
    topic = {"title": "上线优先级", "state": "planned"}
    assert meeting_hints(MEETING, [topic], []) == [
        "Topic 上线优先级: nothing says by which criterion it is decided."
    ]
    assert meeting_hints(MEETING, [{**topic, "criterion": "按开发成本排序"}], []) == []
    assert meeting_hints(MEETING, [{**topic, "state": "decided"}], []) == []
    three = {**MEETING, "type": "topic", "minutes": 60}
    assert meeting_hints(three, [{"title": "问题根源", "minutes": 15}], []) == []


def test_hostile_records_get_hints_that_hold_no_mark_of_theirs() -> None:
    for everywhere in (False, True):
        bodies = [each.body for each in hostile.records(everywhere=everywhere)]
        for body in bodies:
            said = meeting_hints(body, bodies, bodies)
            assert not any("\x1b" in line or "\u202e" in line for line in said)
