"""Receipts and conflicts: what any paper may ask for."""

from __future__ import annotations

import msgspec
import pytest

from schema.rules.world import Settle, Write
from tests.schema.owed.conftest import (
    ACCOUNTANT,
    DIRECTOR,
    ENGINEER,
    MANAGER,
    RESEARCH,
    Office,
)
from tests.schema.owed.room import us


@pytest.mark.row("S001-28")
def test_an_announcement_is_received_by_everyone_that_it_names(office: Office) -> None:
    said = office.room.put(
        "comment",
        MANAGER,
        type="announcement",
        text="周会改期",
        about=[ACCOUNTANT],
        departments=[RESEARCH],
        project=office.project.id,
    )
    lines = office.room.lines("receipt")
    assert {line.to for line in lines} == {(ENGINEER,), (ACCOUNTANT,)}
    assert lines[0].step == Write(
        "signoff", {"of": said.id, "of_dot": said.dot, "meaning": "receipt"}
    )
    for line in lines:
        office.room.follow(line)
    assert office.room.lines("receipt") == []


@pytest.mark.row("S001-28")
def test_what_names_nobody_concerns_its_project_or_else_all_but_its_author(office: Office) -> None:
    office.room.put("comment", MANAGER, type="announcement", text="x", project=office.project.id)
    assert set(office.room.asked("receipt")) == {(ENGINEER,), (ACCOUNTANT,)}
    office.room.put("comment", MANAGER, type="announcement", text="y")
    assert office.room.asked("receipt").count((DIRECTOR,)) == 1


@pytest.mark.row("S001-28")
def test_whoever_came_later_and_a_plain_comment_ask_for_no_receipt(office: Office) -> None:
    office.room.put("comment", MANAGER, type="comment", text="x", departments=[RESEARCH])
    office.room.put("comment", MANAGER, type="announcement", text="x", departments=["法务部"])
    office.room.at("2026-11-18T12:00").person("小王", "法务部")
    assert office.room.lines("receipt") == []


@pytest.mark.row("S000-08")
def test_who_has_a_part_in_a_project_and_the_superior_say_that_they_know(office: Office) -> None:
    office.room.person(ENGINEER, RESEARCH, superior=DIRECTOR)
    seat = office.room.seat(office.project, ENGINEER, RESEARCH, role="liaison", layer="execution")
    assert office.room.asked("receipt", seat) == [(ENGINEER,), (DIRECTOR,)]
    for line in office.room.lines("receipt"):
        office.room.follow(line)
    assert office.room.lines("receipt") == []
    office.room.edit(office.project, state="draft")
    office.room.seat(office.project, ACCOUNTANT, "财务部", role="liaison")
    assert office.room.lines("receipt") == []


def test_a_conflict_is_settled_by_a_coordinator(office: Office) -> None:
    task = office.task()
    office.room.papers[task.id] = msgspec.structs.replace(task, conflicts=2)
    line = office.room.one("settle")
    assert line.step == Settle("task", task.id)
    assert line.why.startswith("2 conflicts")
    office.room.edit(task)
    assert office.room.lines("settle") == []


@pytest.mark.row("S000-08")
def test_a_deputy_is_asked_in_the_absent_ones_place_and_is_told_whose(office: Office) -> None:
    away = {"from": "2026-11-17", "until": "2026-11-19", "deputy": ACCOUNTANT}
    office.room.person(ENGINEER, RESEARCH, away=away)
    office.task(due="2026-11-19")
    line = office.room.one("due")
    assert (line.to, line.instead) == ((ACCOUNTANT,), {ACCOUNTANT: ENGINEER})
    back = office.room.at("2026-11-20T00:00").one("explain")
    assert (back.to, back.instead) == ((ENGINEER,), {})


@pytest.mark.row("S000-08")
def test_who_has_left_is_asked_through_the_successor_or_not_at_all(office: Office) -> None:
    office.room.person(ENGINEER, RESEARCH, left="2026-11-17", successor=ACCOUNTANT)
    office.task(due="2026-11-19")
    assert office.room.one("due").to == (ACCOUNTANT,)
    office.room.person(ENGINEER, RESEARCH, left="2026-11-17", successor=None)
    assert office.room.one("due").unowned


def test_a_receipt_of_the_deputy_counts_when_the_absent_one_is_back(office: Office) -> None:
    away = {"from": "2026-11-17", "until": "2026-11-19", "deputy": ACCOUNTANT}
    office.room.person(ENGINEER, RESEARCH, away=away)
    office.room.put("comment", MANAGER, type="announcement", text="x", about=[ENGINEER])
    line = office.room.one("receipt")
    assert line.to == (ACCOUNTANT,)
    assert line.began == us("2026-11-18T10:00")
    office.room.follow(line)
    assert office.room.at("2026-11-23T09:00").lines("receipt") == []
