"""What follows from an act for the blockers it is about, by the command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from schema.records import kind
from tests.conftest import Duijie
from tests.wiring import Wired


@pytest.fixture
def blocker(alone: Duijie) -> str:
    return alone.ok(
        "add",
        "blocker",
        "title=月报数据迟交",
        "why=没有指定提报人",
        "unblock=定下提报人",
        "phenomenon=三季度数据未交",
        "essence=没有提报人",
        'effect={"on": "business", "how_much": "月报晚 2 天"}',
        "lead=财务部",
    ).id


def body(duijie: Duijie, id: str) -> dict[str, Any]:
    found: dict[str, Any] = duijie.ok("show", id, "--json").json["body"]
    return found


def resolved(duijie: Duijie, id: str) -> None:
    task = duijie.ok("add", "task", "title=定提报人", f"source={id}", "state=doing").id
    duijie.ok("set", task, "state=done")
    duijie.ok("set", id, "state=resolved")


def verify(duijie: Duijie, id: str, result: str, *more: str) -> Any:
    values = ("type=blocker", f"of={id}", "state=submitted", f"result={result}")
    return duijie("add", "acceptance", "title=验证", *values, *more)


@pytest.mark.row("S004-14", "S004-10")
def test_a_blocker_without_a_task_done_is_not_resolved_but_with_a_word_why(
    alone: Duijie, blocker: str
) -> None:
    refused = alone("set", blocker, "state=resolved")
    assert refused.code == 1
    assert "needs a task of it that is done" in refused.err
    assert "Say why in its note" in refused.err
    assert body(alone, blocker)["state"] == "open"
    alone.ok("set", blocker, "state=resolved", "note=说开了就好了")
    assert body(alone, blocker)["state"] == "resolved"


def test_a_note_of_long_ago_is_no_word_why(alone: Duijie, blocker: str) -> None:
    alone.ok("set", blocker, "note=旧话")
    assert alone("set", blocker, "state=closed").code == 1
    assert alone("set", blocker, "state=closed", "note=旧话").code == 1
    alone.ok("set", blocker, "state=closed", "note=重复提出")


@pytest.mark.row("S004-14", "S004-16")
def test_verified_only_through_a_verification(alone: Duijie, blocker: str) -> None:
    resolved(alone, blocker)
    refused = alone("set", blocker, "state=verified")
    assert refused.code == 1
    assert "Submit a verification" in refused.err
    said = verify(alone, blocker, "solved")
    assert "solved, and verified with it" in said.err
    assert body(alone, blocker)["state"] == "verified"
    alone.ok("undo")
    assert body(alone, blocker)["state"] == "resolved"


@pytest.mark.row("S004-16")
def test_unsolved_opens_it_again_in_the_same_act(alone: Duijie, blocker: str) -> None:
    resolved(alone, blocker)
    said = verify(alone, blocker, "unsolved")
    assert "open again at step 1 as round 2" in said.err
    now = body(alone, blocker)
    assert (now["state"], now["round"]) == ("open", 2)
    assert now["first_said"]["essence"] == "没有提报人"
    assert "essence" not in now
    # What was done in the first round resolves nothing in the second.
    assert alone("set", blocker, "state=resolved").code == 1
    late = verify(alone, blocker, "solved", "round=1")
    assert "is of round 1 and moves nothing" in late.err
    assert body(alone, blocker)["state"] == "open"


def test_a_verification_is_of_the_round_that_its_blocker_is_in(alone: Duijie, blocker: str) -> None:
    resolved(alone, blocker)
    verify(alone, blocker, "unsolved")
    alone.ok("set", blocker, "state=resolved", "note=改了流程")
    second = verify(alone, blocker, "solved")
    assert body(alone, second.id)["round"] == 2
    assert body(alone, blocker)["state"] == "verified"


def test_partly_solved_stays_resolved_until_what_follows_is_done(
    alone: Duijie, blocker: str
) -> None:
    resolved(alone, blocker)
    said = verify(alone, blocker, "partly")
    assert "A task follows what is left" in said.err
    assert body(alone, blocker)["state"] == "resolved"
    verify(alone, blocker, "solved")
    assert body(alone, blocker)["state"] == "verified"


def test_a_submitted_verification_says_its_result(alone: Duijie, blocker: str) -> None:
    resolved(alone, blocker)
    refused = alone(
        "add", "acceptance", "title=验", "type=blocker", f"of={blocker}", "state=submitted"
    )
    assert refused.code == 1
    assert "says its result" in refused.err


def test_a_draft_moves_nothing_and_once_submitted_it_does(alone: Duijie, blocker: str) -> None:
    resolved(alone, blocker)
    values = ("type=blocker", f"of={blocker}", "state=draft", "result=solved")
    draft = alone.ok("add", "acceptance", "title=验", *values).id
    assert body(alone, blocker)["state"] == "resolved"
    alone.ok("set", draft, "state=submitted")
    assert body(alone, blocker)["state"] == "verified"
    # Said once: an edit of it beside does nothing to the blocker.
    alone.ok("set", blocker, "state=open")
    alone.ok("set", draft, "note=补充")
    assert body(alone, blocker)["state"] == "open"


def test_what_is_not_resolved_yet_is_not_verified_by_a_verification(
    alone: Duijie, blocker: str
) -> None:
    said = verify(alone, blocker, "solved")
    assert "is not resolved yet" in said.err
    assert body(alone, blocker)["state"] == "open"


@pytest.mark.row("S004-14")
def test_what_was_first_said_is_kept_when_what_is_answered_says_something_else(
    alone: Duijie, blocker: str
) -> None:
    alone.ok("add", "comment", f"of={blocker}", "type=comment", "text=在看")
    alone.ok("set", blocker, "phenomenon=三季度数据没交")
    assert "first_said" not in body(alone, blocker)
    alone.ok("add", "comment", f"of={blocker}", "type=answer", "text=*经理负责")
    alone.ok("set", blocker, "owner=*经理")
    assert "first_said" not in body(alone, blocker)
    alone.ok("set", blocker, "phenomenon=四季度也没交")
    alone.ok("set", blocker, "essence=没有人管", "state=coordinating")
    now = body(alone, blocker)
    assert (now["phenomenon"], now["essence"]) == ("四季度也没交", "没有人管")
    assert now["first_said"] == {
        "phenomenon": "三季度数据没交",
        "essence": "没有提报人",
        "effect": [{"on": "business", "how_much": "月报晚 2 天"}],
    }


@pytest.mark.row("S004-14")
def test_an_answer_given_offline_beside_an_edit_of_the_blocker_is_no_conflict(
    duijie: Duijie, tmp_path: Path
) -> None:
    wired = Wired(tmp_path)
    wired.join("*经理", "liaison", "市场部")
    wired.join("*工程师", "liaison", "研发部")
    market, engineers = wired.home("*经理"), wired.home("*工程师")
    values = ("title=缺说明书", "why=空着", "unblock=给", "phenomenon=参数空着", "lead=市场部")
    id = duijie.ok("add", "blocker", *values, home=market).id
    wired.sync()
    wired.sync()
    duijie.ok("add", "comment", f"of={id}", "type=answer", "text=明天给", home=engineers)
    duijie.ok("set", id, "essence=没有终版", home=market)
    wired.sync()
    wired.sync()
    assert [duijie.ok("conflicts", "--json", home=home).json for home in (market, engineers)] == [
        [],
        [],
    ]
    duijie.ok("set", id, "phenomenon=还空着", home=market)
    said = duijie.ok("show", id, "--json", home=market).json["body"]["first_said"]
    assert said == {"phenomenon": "参数空着", "essence": "没有终版"}
    wired.close()


def test_a_move_beyond_open_copies_it_too(alone: Duijie, blocker: str) -> None:
    alone.ok("set", blocker, "state=coordinating")
    assert body(alone, blocker)["first_said"]["essence"] == "没有提报人"


def loaded(duijie: Duijie, kind: str, id: str, **said: Any) -> None:
    line = json.dumps({"kind": kind, "id": id, "body": said}, ensure_ascii=False)
    plan = duijie.home.parent / "plan.jsonl"
    plan.write_text(line + "\n")
    duijie.ok("load", str(plan))


def test_what_is_opened_by_hand_after_unsolved_is_a_new_round(alone: Duijie, blocker: str) -> None:
    resolved(alone, blocker)
    said = {"title": "验", "type": "blocker", "of": blocker, "state": "submitted"}
    loaded(alone, "acceptance", "0193d5a0-0000-7000-8000-000000000001", **said, result="unsolved")
    assert "says unsolved" in alone("set", blocker, "state=verified").err
    alone.ok("set", blocker, "state=open")
    assert body(alone, blocker)["round"] == 2


def test_a_load_and_what_is_taken_back_are_put_in_as_they_are(alone: Duijie, blocker: str) -> None:
    loaded(alone, "blocker", blocker, **{**body(alone, blocker), "state": "verified"})
    assert body(alone, blocker)["state"] == "verified"
    alone.ok("set", blocker, "state=open")
    alone.ok("undo")
    assert body(alone, blocker)["state"] == "verified"


@pytest.mark.row("S001-39", "S003-32")
def test_a_day_off_is_pointed_out_once(alone: Duijie) -> None:
    said = alone.ok("add", "task", "title=改版", "due=2024-10-13")
    assert "2024-10-13 is on a weekend" in said.err
    assert "weekend" not in alone.ok("set", said.id, "title=改版二").err
    assert "weekend" not in alone.ok("set", said.id, "due=2024-10-12").err


@pytest.mark.row("S000-03")
def test_a_sixth_department_is_pointed_out(alone: Duijie) -> None:
    names = [f"departments=部门{n}" for n in range(6)]
    said = alone.ok("add", "project", "title=上市", *names)
    assert "at most 5 core ones" in said.err


@pytest.mark.row("S001-03", "S001-27")
def test_two_liaisons_and_one_without_power_of_decision_are_pointed_out(alone: Duijie) -> None:
    project = alone.ok("add", "project", "title=上市").id
    seat = ("seat", f"of={project}", "department=市场部", "role=liaison")
    first = alone.ok("add", *seat, "person=*专员")
    assert "has no power of decision" in first.err
    assert "has a liaison here already" in alone.ok("add", *seat, "person=*经理").err


@pytest.mark.row("S004-05")
def test_a_department_without_a_part_in_a_blocker_is_pointed_out_and_not_refused(
    alone: Duijie, blocker: str
) -> None:
    idle = "with neither a task nor a seat"
    named = [f"departments={name}" for name in ("市场部", "数据部", "运营部")]
    assert idle not in alone.ok("set", blocker, *named).err
    seat = ("add", "seat", f"of={blocker}", "department=数据部", "person=*主管")
    alone.ok(*seat)
    task = ("add", "task", f"source={blocker}")
    first = alone.ok(*task, "title=说明原因", "department=市场部")
    assert f"运营部: cooperating on it {idle}" in first.err
    # Once said it is not said again, but of another department or when a part is taken away.
    assert idle not in alone.ok(*task, "title=定格式", "department=财务部").err
    assert (
        f"法务部: cooperating on it {idle}"
        in alone.ok("set", blocker, *named, "departments=法务部").err
    )
    assert idle not in alone.ok("set", first.id, "state=doing").err
    assert f"市场部: cooperating on it {idle}" in alone.ok("set", first.id, "state=dropped").err


@pytest.mark.row("S001-07")
def test_a_meeting_says_which_of_three_reasons_it_has(alone: Duijie) -> None:
    refused = alone("add", "meeting", "title=评审会")
    assert (refused.code, "Why a meeting (gate) is needed" in refused.err) == (1, True)
    assert alone("add", "meeting", "title=评审会", "gate=information").code != 0
    for gate in ("complex", "decision", "confirmation"):
        alone.ok("add", "meeting", "title=评审会", f"gate={gate}")
    assert kind("meeting").by_name["gate"].help == "None of these: a document does it"


@pytest.mark.row("S001-09", "S001-29", "S001-30", "S001-38")
def test_what_is_not_as_advised_of_a_meeting_is_pointed_out_once_and_not_refused(
    alone: Duijie,
) -> None:
    first = alone.ok("add", "meeting", "title=评审会", "minutes=120", "gate=decision")
    assert "lasts 120 minutes; 60 to 90 are advised" in first.err
    assert "minutes" not in alone.ok("set", first.id, "goal=定优先级").err
    alone.ok("set", first.id, "minutes=90")
    topic = ("add", "topic", f"of={first.id}", "criterion=按用户优先级排序")
    for title, minutes in (("需求", 20), ("可行性", 30), ("渠道", 20)):
        assert "The agenda" not in alone.ok(*topic, f"title={title}", f"minutes={minutes}").err
    last = alone.ok(*topic, "title=优先级", "minutes=20")
    assert "The agenda takes 105 minutes with opening 5 and closing 10" in last.err
    assert "The agenda" not in alone.ok("set", last.id, "output=排序表").err
    assert "Topic 优先级: nothing says" in alone.ok("set", last.id, "criterion=").err
    seat = ("add", "seat", f"of={first.id}", "role=member")
    told = [alone.ok(*seat, f"person=*专员{n}").err for n in range(9)]
    assert ["people take part" in err for err in told] == [False] * 8 + [True]
    minutes_only = ("add", "seat", f"of={first.id}", "role=cc", "person=*经理")
    assert "people take part" not in alone.ok(*minutes_only).err
