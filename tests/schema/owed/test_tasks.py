"""What a task asks of people: its date, its words when it slips, its lines of progress."""

from __future__ import annotations

from typing import Any

import pytest

from schema.rules.world import Open, Paper, Write
from tests.schema.owed.conftest import (
    ACCOUNTANT,
    DIRECTOR,
    ENGINEER,
    MANAGER,
    RESEARCH,
    Office,
)
from tests.schema.owed.room import us

SAID: dict[str, Any] = {"delay_cause": "*经理出差", "need": "代签一次"}


@pytest.mark.row("S000-13")
def test_an_owner_is_reminded_two_working_days_before_and_until_it_is_handed_over(
    office: Office,
) -> None:
    task = office.task(due="2026-11-23")
    assert office.room.lines("due") == []
    line = office.room.at("2026-11-19T00:00").one("due")
    assert line.to == (ENGINEER,)
    assert line.step == Open("task", task.id, "state")
    assert line.ends == us("2026-11-24T00:00")
    office.room.follow(line, state="review")
    assert office.room.lines("due") == []


@pytest.mark.row("S000-13")
def test_a_task_without_an_owner_is_its_departments(office: Office) -> None:
    office.task(owner=None, due="2026-11-19")
    assert office.room.asked("due") == [(ENGINEER,)]


@pytest.mark.row("S000-13")
def test_what_is_late_with_its_cause_said_is_still_to_be_done(office: Office) -> None:
    task = office.task(due="2026-11-16", **SAID)
    assert "2 working days late" in office.room.one("due").why
    assert office.room.lines("explain") == []
    office.room.follow(office.room.one("due"), state="done")
    assert office.room.lines(of=task) == []


@pytest.mark.row("S000-16", "S001-23")
def test_what_is_late_says_its_cause_or_gets_a_new_date(office: Office) -> None:
    task = office.task(due="2026-11-17")
    line = office.room.one("explain")
    assert line.to == (ENGINEER,)
    assert line.step == Open("task", task.id, "delay_cause")
    assert office.room.lines("due") == []
    office.room.follow(line, **SAID)
    assert office.room.lines("explain") == []


@pytest.mark.row("S000-16")
def test_a_cause_without_what_is_needed_explains_nothing(office: Office) -> None:
    office.task(due="2026-11-17", delay_cause="出差")
    assert len(office.room.lines("explain")) == 1


@pytest.mark.row("S004-12")
def test_a_line_that_says_late_explains_only_a_date_that_it_came_after(office: Office) -> None:
    task = office.task(due="2026-11-18")
    office.room.put("progress", ENGINEER, of=task.id, day="2026-11-18", says="late", **SAID)
    assert len(office.room.at("2026-11-19T09:00").lines("explain")) == 1
    office.room.put("progress", ENGINEER, of=task.id, day="2026-11-19", says="late", **SAID)
    assert office.room.lines("explain") == []


@pytest.mark.row("S004-12")
def test_a_new_date_ends_the_asking(office: Office) -> None:
    task = office.task(due="2024-10-12")
    line = office.room.at("2024-10-13T09:00").one("explain", task)
    office.room.follow(line, due="2024-10-31")
    assert office.room.lines("explain") == []


@pytest.mark.row("S003-13")
def test_a_foreseen_delay_reaches_initiator_and_superior_until_each_has_received_it(
    office: Office,
) -> None:
    office.room.person(ENGINEER, RESEARCH, superior=DIRECTOR)
    task = office.task(due="2026-11-20", **SAID)
    lines = office.room.lines("warn")
    assert [line.to for line in lines] == [(MANAGER,), (DIRECTOR,)]
    assert "*经理出差" in lines[0].why
    assert "代签一次" in lines[0].why
    office.room.follow(lines[0], department="市场部")
    assert office.room.asked("warn") == [(DIRECTOR,)]
    office.room.edit(task, due="2026-12-20")
    assert office.room.lines("warn") == []


@pytest.mark.row("S003-13")
def test_only_the_newest_word_counts(office: Office) -> None:
    task = office.task(due="2026-11-20")
    late: Paper = office.room.put(
        "progress", ENGINEER, of=task.id, day="2026-11-17", says="late", **SAID
    )
    assert office.room.asked("warn") == [(MANAGER,)]
    office.room.put("progress", ENGINEER, of=task.id, day="2026-11-18", says="doing")
    assert office.room.lines("warn") == []
    office.room.edit(late, day="2026-11-19")
    assert office.room.asked("warn") == [(MANAGER,)]


@pytest.mark.row("S003-13")
def test_a_delay_far_ahead_warns_nobody_yet(office: Office) -> None:
    office.task(due="2026-11-23", **SAID)
    assert office.room.lines("warn") == []
    assert office.room.at("2026-11-19T00:00").asked("warn") == [(MANAGER,)]


@pytest.mark.row("S003-13")
def test_the_warning_before_a_holiday_falls_on_the_sunday_that_is_worked(office: Office) -> None:
    office.room.at("2024-09-28T12:00")
    office.task(due="2024-10-08", **SAID)
    assert office.room.lines("warn") == []
    assert len(office.room.at("2024-09-29T00:00").lines("warn")) == 1


@pytest.mark.row("S004-12")
def test_the_lead_reminds_the_owner_a_working_day_before(office: Office) -> None:
    blocker = office.blocker(owner=ACCOUNTANT, state="coordinating")
    task = office.solving(blocker, due="2026-11-20")
    assert office.room.lines("remind") == []
    office.room.put("comment", ACCOUNTANT, of=task.id, text="早了")
    line = office.room.at("2026-11-19T09:00").one("remind")
    assert line.to == (ACCOUNTANT,)
    assert line.step == Write(
        "comment",
        {"of": task.id, "type": "comment", "about": [ENGINEER], "project": office.project.id},
    )
    office.room.put("comment", ENGINEER, of=task.id, text="自己说的不算")
    assert len(office.room.lines("remind")) == 1
    office.room.follow(line, text="明天到期")
    assert office.room.lines("remind") == []


def test_who_owns_a_task_reminds_nobody_of_it(office: Office) -> None:
    blocker = office.blocker(owner=ACCOUNTANT, state="coordinating")
    office.solving(blocker, due="2026-11-20", owner=ACCOUNTANT)
    office.room.at("2026-11-19T09:00")
    assert office.room.lines("remind") == []
    assert office.room.one("due").to == (ACCOUNTANT,)


@pytest.mark.row("S004-12")
def test_a_task_that_comes_from_no_blocker_is_reminded_of_by_nobody(office: Office) -> None:
    office.task(due="2026-11-18")
    assert office.room.lines("remind") == []


@pytest.mark.row("S000-41")
def test_three_working_days_late_is_no_emergency_and_four_are(office: Office) -> None:
    office.task(due="2026-11-13")
    assert office.room.at("2026-11-18T23:59").lines("emergency") == []
    line = office.room.at("2026-11-19T00:00").one("emergency")
    assert line.to == (DIRECTOR,)
    assert line.why.startswith("4 working days late")


@pytest.mark.row("S000-41")
def test_the_holiday_is_not_counted_as_late(office: Office) -> None:
    office.task(due="2024-09-30")
    assert office.room.at("2024-10-10T23:59").lines("emergency") == []
    assert len(office.room.at("2024-10-11T00:00").lines("emergency")) == 1


@pytest.mark.row("S000-19")
def test_an_emergency_meeting_is_called_within_24_hours(office: Office) -> None:
    task = office.task(due="2026-11-12")
    line = office.room.one("emergency")
    assert (line.began, line.ends) == (us("2026-11-18T00:00"), us("2026-11-19T00:00"))
    assert isinstance(line.step, Write)
    assert line.step.body == {
        "title": "Emergency meeting: 修订数据提报规范",
        "type": "emergency",
        "about": [task.id],
        "gate": "decision",
        "start": "2026-11-18",
        "departments": [RESEARCH],
        "project": office.project.id,
    }
    meeting = office.room.follow(line, title="应急会")
    assert office.room.lines("emergency") == []
    office.room.edit(meeting, state="cancelled")
    assert len(office.room.lines("emergency")) == 1
    office.room.edit(task, due="2026-11-25")
    assert office.room.lines("emergency") == []


@pytest.mark.row("S000-19", "S000-41")
@pytest.mark.parametrize(
    ("due", "now", "day"),
    [
        ("2026-11-16", "2026-11-20T09:00", "2026-11-20"),  # ends on Saturday, rolls to Monday
        ("2026-11-12", "2026-11-20T09:00", "2026-11-23"),  # over: 24 h from Friday roll to Monday
        ("2026-11-12", "2026-11-18T23:00", "2026-11-18"),
    ],
)
def test_the_meeting_is_proposed_for_a_day_within_24_hours(
    office: Office, due: str, now: str, day: str
) -> None:
    office.task(due=due)
    step = office.room.at(now).one("emergency").step
    assert isinstance(step, Write)
    assert step.body["start"] == day


@pytest.mark.row("S000-19")
def test_a_meeting_of_another_type_or_from_before_is_none(office: Office) -> None:
    task = office.task(due="2026-11-12")
    office.room.put("meeting", DIRECTOR, type="weekly", about=[task.id])
    office.room.at("2026-11-12T09:00").put("meeting", DIRECTOR, type="emergency", about=[task.id])
    assert len(office.room.at("2026-11-18T10:00").lines("emergency")) == 1


@pytest.mark.row("S004-13")
def test_what_waits_is_planned_anew_where_the_first_ends_too_late(office: Office) -> None:
    first = office.task(title="模板", owner=MANAGER, due="2026-12-03")
    after = office.task(title="规范", start="2026-12-01", due="2026-12-10")
    held = office.room.put("dependency", MANAGER, before=first.id, after=after.id)
    line = office.room.one("replan")
    assert (line.to, line.id) == ((ENGINEER,), after.id)
    assert line.step == Open("task", after.id, "start")
    assert line.why == "模板 comes first and ends on 12-03"
    office.room.follow(line, start="2026-12-03")
    assert office.room.lines("replan") == []
    office.room.edit(held, lag=1)
    assert len(office.room.lines("replan")) == 1
    office.room.remove(held)
    assert office.room.lines("replan") == []


@pytest.mark.row("S004-13")
def test_what_is_done_holds_nothing_up(office: Office) -> None:
    first = office.task(owner=MANAGER, due="2026-12-03")
    after = office.task(start="2026-12-01", due="2026-12-02")
    office.room.put("dependency", MANAGER, before=first.id, after=after.id)
    assert len(office.room.lines("replan")) == 1
    office.room.edit(first, state="done")
    assert office.room.lines("replan") == []


@pytest.mark.row("S004-09")
def test_a_task_of_a_solution_has_all_five_letters(office: Office) -> None:
    blocker = office.blocker(owner=ACCOUNTANT, state="coordinating")
    task = office.solving(blocker, smart={"s": "x", "m": "x", "a": "x"})
    line = office.room.one("smart")
    assert line.to == (ACCOUNTANT,)
    assert line.why == "Not SMART yet: R, T"
    assert line.step == Open("task", task.id, "smart")
    office.room.follow(line, smart=dict.fromkeys("smart", "x"))
    assert office.room.lines("smart") == []


@pytest.mark.row("S001-32")
def test_a_task_of_a_resolution_has_them_too(office: Office) -> None:
    topic = office.room.put("topic", MANAGER, title="议题")
    office.task(source=topic.id)
    assert office.room.asked("smart") == [(ENGINEER,)]


@pytest.mark.row("S004-11", "S003-11")
def test_whoever_solves_a_blocker_writes_a_line_each_working_day(office: Office) -> None:
    blocker = office.blocker(owner=ACCOUNTANT, state="coordinating")
    task = office.solving(blocker)
    line = office.room.one("daily")
    assert line.to == (ENGINEER,)
    assert line.step == Write(
        "progress",
        {"of": task.id, "day": "2026-11-18", "says": "doing", "project": office.project.id},
    )
    office.room.follow(line, did="x")
    assert office.room.lines("daily") == []
    assert office.room.at("2026-11-19T00:00").one("daily").key == "2026-11-19"
    assert office.room.at("2026-11-21T10:00").lines("daily") == []
    office.room.at("2026-11-19T10:00").edit(task, state="todo")
    assert office.room.lines("daily") == []


@pytest.mark.row("S000-14")
def test_each_owner_says_how_it_goes_from_thursday_on(office: Office) -> None:
    office.room.at("2026-11-13T10:00")
    office.task()
    assert office.room.at("2026-11-18T23:59").lines("weekly") == []
    line = office.room.at("2026-11-19T00:00").one("weekly")
    assert (line.to, line.key, line.ends) == ((ENGINEER,), "2026-W47", us("2026-11-20T17:00"))
    assert len(office.room.at("2026-11-22T10:00").lines("weekly")) == 1
    office.room.follow(line, day="2026-11-22", did="x")
    assert office.room.lines("weekly") == []
    assert office.room.at("2026-11-26T10:00").one("weekly").key == "2026-W48"


@pytest.mark.row("S000-14")
def test_an_edit_of_ones_own_is_a_word_and_anothers_is_none(office: Office) -> None:
    office.room.at("2026-11-13T10:00")
    task = office.task()
    office.room.at("2026-11-19T10:00").edit(task, MANAGER, note="x")
    assert len(office.room.lines("weekly")) == 1
    office.room.edit(task, ENGINEER, note="y")
    assert office.room.lines("weekly") == []


@pytest.mark.row("S000-14")
def test_a_friday_off_moves_it_before_and_a_week_off_has_none(office: Office) -> None:
    office.room.at("2026-02-02T10:00")
    office.task()
    # The festival of 2026: its whole week is off, and the Friday of 10-02 is.
    assert office.room.at("2026-02-20T10:00").lines("weekly") == []
    line = office.room.at("2026-09-29T10:00").one("weekly")
    assert line.ends == us("2026-09-30T17:00")


@pytest.mark.row("S000-14")
def test_what_has_not_begun_is_not_asked_about(office: Office) -> None:
    office.room.at("2026-11-13T10:00")
    office.task(state="todo", start="2026-11-20")
    office.task(state="todo")
    assert office.room.at("2026-11-19T10:00").lines("weekly") == []
    assert len(office.room.at("2026-11-20T10:00").lines("weekly")) == 1
