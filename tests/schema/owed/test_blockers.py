"""Steps 1 to 3: clarified, answered, led, shared out."""

from __future__ import annotations

from typing import Any

import pytest

from schema.rules.answers import Replies, step
from schema.rules.world import Open, Write
from tests.schema.owed.conftest import (
    ACCOUNTANT,
    DIRECTOR,
    ENGINEER,
    FINANCE,
    MANAGER,
    MARKET,
    RESEARCH,
    Office,
)
from tests.schema.owed.room import us


@pytest.mark.row("S003-14")
def test_an_answer_is_owed_by_whoever_it_is_attributed_to_within_24_hours(office: Office) -> None:
    blocker = office.blocker()
    line = office.room.one("answer")
    assert line.to == (MANAGER,)
    assert (line.began, line.ends) == (us("2026-11-18T10:00"), us("2026-11-19T10:00"))
    assert line.step == Write(
        "comment", {"of": blocker.id, "type": "answer", "project": office.project.id}
    )
    office.room.follow(line, text="今天给")
    assert office.room.lines("answer") == []


@pytest.mark.row("S004-01")
def test_the_lead_is_asked_too_where_another_raised_it(office: Office) -> None:
    office.blocker(by=ENGINEER, departments=[RESEARCH])
    assert office.room.asked("answer") == [(ACCOUNTANT, MANAGER)]


@pytest.mark.row("S004-01")
def test_each_level_asks_one_more_and_lets_nobody_off(office: Office) -> None:
    office.blocker(attributed=[RESEARCH])
    found = []
    for wall in ("2026-11-19T10:00", "2026-11-19T10:01", "2026-11-20T10:01"):
        found.append(office.room.at(wall).one("answer").to)
    assert found == [(ENGINEER,), (ENGINEER, MANAGER), (ENGINEER, MANAGER, DIRECTOR)]


@pytest.mark.row("S003-14")
def test_a_clock_over_a_weekend_ends_on_monday(office: Office) -> None:
    office.room.at("2026-11-20T16:30")
    office.blocker()
    assert office.room.one("answer").ends == us("2026-11-23T16:30")


@pytest.mark.row("S003-14")
def test_before_the_hub_has_it_the_author_is_told_and_nobody_asked(office: Office) -> None:
    blocker = office.blocker(taken=False)
    line = office.room.one("answer")
    assert (line.verb, line.to, line.began, line.ends) == ("Unsent", (ACCOUNTANT,), None, None)
    office.room.take(blocker)
    assert office.room.one("answer").to == (MANAGER,)


@pytest.mark.row("S004-01")
def test_what_is_blamed_on_the_raiser_alone_goes_to_the_initiator(office: Office) -> None:
    office.blocker(attributed=[FINANCE])
    assert office.room.asked("answer") == [(MANAGER,)]


@pytest.mark.row("S004-03")
def test_what_is_not_said_of_a_blocker_is_asked_of_whoever_raised_it(office: Office) -> None:
    blocker = office.blocker(essence=None, effect=None)
    line = office.room.one("clarify")
    assert line.to == (ACCOUNTANT,)
    assert line.step == Open("blocker", blocker.id, "essence")
    assert "Essence" in line.why
    assert "Effect" in line.why
    office.room.follow(line, essence="x", effect=[{"on": "team", "how_much": "2 天"}])
    assert office.room.lines("clarify") == []


@pytest.mark.row("S004-02", "S004-03")
def test_step_one_lasts_as_long_as_clarifying_is_asked_for(office: Office) -> None:
    said: dict[str, Any] = {
        "essence": "x",
        "effect": [{"on": "team", "how_much": "2 天"}],
        "lead": FINANCE,
    }
    blocker = office.blocker(lead=None, attributed=None)
    office.answer(blocker)
    for name, value in {**said, "attributed": [RESEARCH]}.items():
        assert step(blocker.body, Replies(answered=1)) == 1
        assert office.room.lines("clarify", blocker)
        blocker = office.room.edit(blocker, **{name: value})
    assert step(blocker.body, Replies(answered=1)) == 2
    assert office.room.lines("clarify", blocker) == []


@pytest.mark.row("S004-03")
def test_an_edit_by_another_department_does_not_pass_the_clarifying_on(office: Office) -> None:
    blocker = office.blocker(attributed=None)
    office.room.edit(blocker, ENGINEER, departments=[RESEARCH])
    assert office.room.asked("clarify") == [(ACCOUNTANT,)]


@pytest.mark.row("S004-04")
def test_an_answered_blocker_without_a_lead_is_given_one_by_the_initiator(office: Office) -> None:
    blocker = office.blocker(lead=None)
    office.answer(blocker)
    line = office.room.one("lead")
    assert line.to == (MANAGER,)
    assert line.step == Open("blocker", blocker.id, "lead")
    office.room.follow(line, lead=FINANCE, owner=ACCOUNTANT)
    assert office.room.lines("lead") == []


@pytest.mark.row("S004-06")
def test_somebody_of_the_lead_is_named_once_it_is_answered(office: Office) -> None:
    blocker = office.blocker()
    assert office.room.lines("lead") == []
    office.answer(blocker)
    line = office.room.one("lead")
    assert line.to == (ACCOUNTANT,)
    assert isinstance(line.step, Write)
    assert line.step.body["person"] == ACCOUNTANT
    office.room.follow(line)
    assert office.room.lines("lead") == []


@pytest.mark.row("S004-06")
def test_an_owner_of_another_department_does_not_speak_for_the_lead(office: Office) -> None:
    blocker = office.blocker(owner=ENGINEER)
    office.answer(blocker)
    assert len(office.room.lines("lead")) == 1
    office.room.edit(blocker, owner=ACCOUNTANT)
    assert office.room.lines("lead") == []


@pytest.mark.row("S004-08", "S004-10")
def test_what_is_answered_and_led_is_broken_down_into_tasks(office: Office) -> None:
    blocker = office.blocker(owner=ACCOUNTANT, state="coordinating")
    line = office.room.one("cocreate")
    assert line.to == (ACCOUNTANT,)
    begun = {"source": blocker.id, "project": office.project.id, "department": FINANCE}
    assert line.step == Write("task", {**begun, "smart": {"r": blocker.text("unblock")}})
    task = office.room.follow(line, title="x", state="todo")
    assert office.room.lines("cocreate") == []
    office.room.edit(task, state="dropped")
    assert len(office.room.lines("cocreate")) == 1


@pytest.mark.row("S004-14")
def test_when_all_its_tasks_are_done_somebody_says_whether_it_is_resolved(office: Office) -> None:
    blocker = office.blocker(owner=ACCOUNTANT, state="coordinating")
    first, second = office.solving(blocker), office.solving(blocker, state="done")
    assert office.room.lines("resolve") == []
    office.room.edit(first, state="dropped")
    line = office.room.one("resolve")
    assert line.to == (ACCOUNTANT,)
    office.room.follow(line, state="resolved")
    assert office.room.lines("resolve") == []
    assert second.state == "done"


def test_what_is_closed_or_of_an_ended_project_asks_nobody(office: Office) -> None:
    office.blocker(state="closed")
    office.blocker(essence=None)
    office.task(due="2026-11-02")
    assert office.room.lines()
    office.room.edit(office.project, state="closed")
    assert [line.rule for line in office.room.lines()] == []


def test_a_blocker_in_a_state_from_a_newer_program_is_open(office: Office) -> None:
    office.blocker(state="冻结")
    assert office.room.asked("answer") == [(MANAGER,)]


def test_nobody_to_ask_is_the_coordinators_affair_and_says_so(office: Office) -> None:
    office.blocker(attributed=["法务部"])
    line = office.room.one("answer")
    assert line.unowned
    assert "nobody is named" in line.why
    assert MARKET not in line.to
