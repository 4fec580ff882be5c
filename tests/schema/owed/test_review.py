"""Steps 5 and 6: verified, and what is learnt."""

from __future__ import annotations

import pytest

from schema.rules.world import Open, Write
from tests.schema.owed.conftest import (
    ACCOUNTANT,
    ENGINEER,
    FINANCE,
    MANAGER,
    MARKET,
    RESEARCH,
    Office,
)

FEEDBACK = [(ACCOUNTANT,), (MANAGER,)]


@pytest.mark.row("S004-14")
def test_a_resolved_blocker_is_compared_with_what_was_first_said_on_its_day(
    office: Office,
) -> None:
    said = {"phenomenon": "最初的现象", "effect": [{"on": "team", "how_much": "2 天"}]}
    blocker = office.blocker(state="resolved", verify_on="2026-11-19", first_said=said)
    assert office.room.lines("verify") == []
    line = office.room.at("2026-11-19T00:00").one("verify")
    assert line.to == (MANAGER,)
    assert isinstance(line.step, Write)
    assert (line.step.body["type"], line.step.body["round"]) == ("blocker", 1)
    assert line.step.body["lines"] == [
        {"standard": "Phenomenon: 最初的现象"},
        {"standard": "Effect: 2 天"},
    ]
    draft = office.room.follow(line, state="draft")
    assert office.room.one("verify").step == Open("acceptance", draft.id, "state")
    assert blocker.state == "resolved"
    office.room.edit(draft, state="submitted", result="solved")
    assert office.room.lines("verify") == []


@pytest.mark.row("S004-16")
def test_a_draft_or_another_round_verifies_nothing(office: Office) -> None:
    blocker = office.blocker(state="resolved", round=2)
    office.verification(blocker, "solved", round=1)
    office.room.put("acceptance", MANAGER, of=blocker.id, type="blocker", round=2, state="draft")
    assert len(office.room.lines("verify")) == 1
    office.verification(blocker, "solved", round=2)
    assert office.room.lines("verify") == []


@pytest.mark.row("S004-16")
def test_what_was_verified_as_solved_is_called_verified(office: Office) -> None:
    blocker = office.blocker(state="resolved")
    office.verification(blocker, "solved")
    line = office.room.one("conclude")
    assert line.to == (MANAGER,)
    office.room.follow(line, state="verified")
    assert office.room.lines("conclude") == []


@pytest.mark.row("S004-16")
def test_what_is_unsolved_begins_again_at_step_one_in_the_next_round(office: Office) -> None:
    blocker = office.blocker(state="resolved", owner=ACCOUNTANT)
    office.answer(blocker)
    office.solving(blocker, state="done")
    office.room.at("2026-11-18T11:00")
    office.verification(blocker, "unsolved")
    assert office.room.lines("follow") == []
    line = office.room.one("restart")
    assert line.to == (ACCOUNTANT,)
    assert line.step == Open("blocker", blocker.id, "round")
    office.room.follow(line, state="open", round=2)
    assert office.room.lines("restart") == []
    # The tasks of the first round do not stand for those of the second.
    assert len(office.room.lines("cocreate")) == 1


@pytest.mark.row("S004-16")
def test_what_is_partly_solved_is_followed_by_a_task_and_verified_again(office: Office) -> None:
    blocker = office.blocker(state="resolved", owner=ACCOUNTANT)
    office.solving(blocker, state="done")
    office.room.at("2026-11-18T11:00")
    office.verification(blocker, "partly")
    line = office.room.one("follow")
    assert line.to == (ACCOUNTANT,)
    assert office.room.lines("verify") == []
    office.room.at("2026-11-18T12:00")
    task = office.room.follow(line, title="x", state="todo")
    assert office.room.lines("follow") == []
    office.room.edit(task, state="done")
    again = office.room.one("verify")
    assert again.to == (MANAGER,)
    office.room.at("2026-11-18T13:00")
    office.verification(blocker, "solved")
    assert office.room.lines("follow") + office.room.lines("verify") == []


@pytest.mark.row("S004-15")
def test_every_department_touched_says_how_it_went(office: Office) -> None:
    blocker = office.blocker(state="verified")
    assert office.room.asked("feedback") == FEEDBACK
    office.solving(blocker, state="done")
    lines = office.room.lines("feedback")
    assert [line.key for line in lines] == [FINANCE, MARKET, RESEARCH]
    assert [line.to for line in lines] == [*FEEDBACK, (ENGINEER,)]
    for line in lines:
        office.room.follow(line, text="流程顺了")
    assert office.room.lines("feedback") == []


@pytest.mark.row("S004-15")
def test_a_receipt_is_no_feedback(office: Office) -> None:
    blocker = office.blocker(state="verified")
    office.room.put("signoff", MANAGER, of=blocker.id, meaning="receipt", department=MARKET)
    assert office.room.asked("feedback") == FEEDBACK


@pytest.mark.row("S004-17")
def test_the_lead_sums_up_in_the_feedback_sheet(office: Office) -> None:
    blocker = office.blocker(state="verified")
    line = office.room.one("sheet")
    assert line.to == (ACCOUNTANT,)
    assert isinstance(line.step, Write)
    draft = office.room.follow(line, title="x", state="draft")
    again = office.room.one("sheet")
    assert again.step == Open("report", draft.id, "state")
    office.room.follow(again, state="submitted")
    assert office.room.lines("sheet") == []
    assert blocker.state == "verified"


@pytest.mark.row("S004-15", "S004-17")
def test_the_sheet_is_begun_as_a_draft_until_every_department_is_heard(office: Office) -> None:
    office.blocker(state="verified")

    def begun_as() -> object:
        step = office.room.one("sheet").step
        assert isinstance(step, Write)
        return step.body["state"]

    assert begun_as() == "draft"
    for line in office.room.lines("feedback"):
        office.room.follow(line, text="流程顺了")
    assert begun_as() == "submitted"


@pytest.mark.row("S004-18")
def test_what_was_learnt_is_shared(office: Office) -> None:
    blocker = office.blocker(state="verified")
    assert office.room.lines("lesson") == []
    report = office.room.put(
        "report", ACCOUNTANT, of=blocker.id, type="feedback", state="submitted"
    )
    line = office.room.one("lesson")
    assert line.to == (ACCOUNTANT,)
    assert isinstance(line.step, Write)
    assert line.step.body["of"] == report.id
    draft = office.room.follow(line, title="x", state="draft")
    again = office.room.one("lesson")
    assert again.step == Open("lesson", draft.id, "state")
    office.room.follow(again, state="shared")
    assert office.room.lines("lesson") == []


@pytest.mark.row("S004-19")
def test_a_gap_in_a_rule_becomes_a_task_of_the_rules_department(office: Office) -> None:
    lesson = office.room.put(
        "lesson",
        ACCOUNTANT,
        title="预审",
        rule="跨部门任务优先级",
        rule_department=RESEARCH,
        state="shared",
    )
    line = office.room.one("revise")
    assert line.to == (ENGINEER,)
    assert line.step == Write(
        "task", {"title": "跨部门任务优先级", "source": lesson.id, "department": RESEARCH}
    )
    office.room.follow(line, state="todo")
    assert office.room.lines("revise") == []


@pytest.mark.row("S004-19")
def test_a_rules_department_that_is_not_said_leaves_it_to_the_coordinators(office: Office) -> None:
    office.room.put("lesson", ACCOUNTANT, title="预审", rule="x")
    assert office.room.one("revise").unowned
