from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.records import kind, problems
from schema.rules.answers import Replies, step
from schema.rules.policy import Policy
from schema.rules.steps import (
    answered,
    conclusion,
    feedback_missing,
    feedback_sheet,
    move_faults,
    one_line,
    reopened,
    smart_missing,
    topic_meeting,
    verification,
    verification_lines,
)
from schema.rules.zi import count_zi
from schema.wording import use

ID = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
MEETING = "017f22e2-79b0-7cc3-98c4-dc0c0c073990"
BLOCKER: dict[str, Any] = {
    "title": "月报数据迟交",
    "state": "resolved",
    "why": "没有指定提报人",
    "unblock": "定下提报人和格式",
    "phenomenon": "市场部三季度数据 9-30 未交",
    "essence": "没有提报人，格式未统一",
    "effect": [{"on": "business", "how_much": "月报晚 2 天"}],
    "attributed": ["市场部", "财务部"],
    "lead": "财务部",
    "departments": ["运营部", "财务部"],
    "owner": "*主管",
    "target": "每月 5 日前交齐",
    "options": ["统一模板", "专人提报"],
}


@pytest.fixture
def chinese() -> Iterator[None]:
    use("zh")
    yield
    use("en")


def verified(result: str, **more: Any) -> dict[str, Any]:
    return {"type": "blocker", "state": "submitted", "result": result, **more}


def faults(state: str, now: str = "resolved", **given: Any) -> list[str]:
    given = {"tasks": [], "acceptances": [], **given}
    return move_faults({**BLOCKER, "state": now}, state, **given)


@pytest.mark.row("S004-14", "S004-10")
def test_resolved_needs_a_task_done_or_a_word_why() -> None:
    assert faults("resolved", "coordinating", tasks=[{"state": "doing"}])
    assert faults("resolved", "coordinating", tasks=[{"state": "doing"}, {"state": "done"}]) == []
    assert faults("resolved", "open", why="说开了就好了") == []
    assert faults("resolved", "open", why="  ")
    assert faults("coordinating", "open") == []


@pytest.mark.row("S004-14", "S004-16")
@pytest.mark.parametrize(
    ("acceptances", "may"),
    [
        ([], False),
        ([verified("solved")], True),
        ([verified("partly")], True),
        ([verified("unsolved")], False),
        ([verified("solved", state="draft")], False),
        ([verified("solved", type="verdict")], False),
        ([verified("solved", round=2)], False),
        ([verified("solved"), verified("unsolved")], False),
        ([verified("pass")], False),
    ],
)
def test_verified_only_through_a_verification_of_this_round(
    acceptances: list[dict[str, Any]], may: bool
) -> None:
    assert (faults("verified", acceptances=acceptances) == []) is may


def test_a_verification_of_an_earlier_round_verifies_nothing() -> None:
    second = {**BLOCKER, "round": 2}
    assert move_faults(second, "verified", tasks=[], acceptances=[verified("solved")])
    assert conclusion(second, [verified("solved", round=2), verified("partly")]) == "solved"


def test_what_was_not_verified_is_closed_with_a_word_why() -> None:
    assert faults("closed", "open")
    assert faults("closed", "open", why="重复提出") == []
    assert faults("closed", "verified") == []
    assert faults("resolved", "resolved") == []


@pytest.mark.row("S004-16", "S004-02")
def test_unsolved_begins_again_at_step_one_of_the_next_round() -> None:
    again = reopened(BLOCKER)
    assert (again["state"], again["round"]) == ("open", 2)
    assert step(again, Replies(answered=1, tasks=2)) == 1
    assert again["first_said"]["essence"] == BLOCKER["essence"]
    assert "essence" not in again
    assert "options" not in again
    found = {**again, "essence": "模板没人维护"}
    assert step(found, Replies(answered=1)) == 2
    assert reopened(again)["round"] == 3
    assert problems("blocker", again, base=BLOCKER) == []


@pytest.mark.row("S004-14")
def test_what_was_first_said_is_copied_once_and_never_edited() -> None:
    said = answered({**BLOCKER, "state": "open"})
    assert said["first_said"] == {
        name: BLOCKER[name] for name in ("phenomenon", "effect", "essence")
    }
    later = answered({**said, "phenomenon": "别的"})
    assert later["first_said"] == said["first_said"]
    changed = {**said, "first_said": {"phenomenon": "别的"}}
    (told,) = problems("blocker", changed, base=said)
    assert told.field == "first_said"
    (emptied,) = problems("blocker", {**said, "first_said": None}, base=said)
    assert emptied.field == "first_said"
    assert problems("blocker", said, base=BLOCKER) == []
    assert "first_said" not in answered({"title": "空"})


@pytest.mark.row("S004-14")
@pytest.mark.usefixtures("chinese")
def test_a_verification_has_a_line_for_what_was_first_said() -> None:
    said = answered(BLOCKER)
    assert [line["standard"] for line in verification_lines({**said, "phenomenon": "改过"})] == [
        "现象：市场部三季度数据 9-30 未交",
        "影响：月报晚 2 天",
        "根因：没有提报人，格式未统一",
    ]
    begun = verification({**said, "round": 2}, ID)
    assert (begun["type"], begun["of"], begun["round"]) == ("blocker", ID, 2)
    assert begun["state"] == "submitted"
    assert problems("acceptance", begun) == []


@pytest.mark.row("S004-08")
def test_a_topic_meeting_has_root_target_and_options_and_lasts_an_hour() -> None:
    meeting, topics = topic_meeting(BLOCKER, ID, MEETING)
    assert [topic["title"] for topic in topics] == [
        "Source of the problem",
        "Goal of the solution",
        "Feasible options",
    ]
    assert topics[2]["content"] == "统一模板\n专人提报"
    assert [topic["of"] for topic in topics] == [MEETING] * 3
    assert 30 <= meeting["minutes"] <= 60
    spent = sum(topic["minutes"] for topic in topics) + meeting["opening"] + meeting["closing"]
    assert spent <= meeting["minutes"]
    assert meeting["departments"] == ["财务部", "市场部", "运营部"]
    assert problems("meeting", meeting) == []
    assert [problems("topic", topic) for topic in topics] == [[], [], []]


def test_a_topic_meeting_is_as_long_as_the_policy_says() -> None:
    policy = Policy.under([{"key": "topic.minutes.most", "amount": "45"}])
    meeting, topics = topic_meeting(BLOCKER, ID, MEETING, policy)
    assert (meeting["minutes"], topics[0]["minutes"]) == (45, 10)


@pytest.mark.row("S004-15", "S004-17", "S004-22")
@pytest.mark.usefixtures("chinese")
def test_the_feedback_sheet_gathers_what_each_department_said() -> None:
    signoffs: list[tuple[str, dict[str, Any]]] = [
        ("张三", {"meaning": "feedback", "department": "市场部", "text": "模板好用"}),
        ("李四", {"meaning": "receipt", "department": "财务部"}),
        ("李四", {"meaning": "feedback", "department": "财务部", "text": "提前一天\n更好"}),
        ("王五", {"meaning": "feedback", "text": 7}),
    ]
    sheet = feedback_sheet(BLOCKER, ID, signoffs, whole=False)
    assert sheet["did"] == ["市场部：模板好用", "财务部：提前一天 更好"]
    assert sheet["attendees"] == ["张三", "李四"]
    assert (sheet["type"], sheet["department"], sheet["of"]) == ("feedback", "财务部", ID)
    assert sheet["state"] == "draft"
    assert feedback_sheet(BLOCKER, ID, signoffs, whole=True)["state"] == "submitted"
    assert problems("report", sheet) == []
    assert feedback_missing(BLOCKER, [body for _author, body in signoffs]) == ["运营部"]


@pytest.mark.row("S004-09", "S001-32")
def test_smart_has_five_letters() -> None:
    assert smart_missing({}) == list("smart")
    assert smart_missing({"smart": {"s": "一份", "m": " ", "t": "10-15"}}) == ["m", "a", "r"]
    assert smart_missing({"smart": dict.fromkeys("smart", "有")}) == []
    assert smart_missing({"smart": "全部"}) == list("smart")


@given(st.text(max_size=400), st.integers(1, 80))
def test_one_line_fits_whatever_it_is_made_of(text: str, limit: int) -> None:
    line = one_line(text, limit)
    assert "\n" not in line
    assert count_zi(line) <= limit
    assert len(line) <= 8 * limit


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["how_much", "phenomenon"]), inner)
    ),
    max_leaves=3,
)


@given(st.dictionaries(st.sampled_from([*kind("blocker").by_name, "meaning", "result"]), ODD))
def test_no_odd_body_raises(body: dict[str, Any]) -> None:
    move_faults(body, "verified", tasks=[body], acceptances=[body])
    verification(reopened(body), ID)
    topic_meeting(body, ID, MEETING)
    feedback_sheet(
        body, ID, [("甲", body), ("乙", {**body, "meaning": "feedback", "text": "x"})], whole=True
    )
    feedback_missing(body, [body])
    smart_missing(body)
