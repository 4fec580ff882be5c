"""The deadlines in windows: papers with a due and answers that are waited for, in one order."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from schema import wording
from schema.errors import QueryError
from schema.ids import new_id
from schema.records import encode
from schema.rules.timing import instant
from syncd.store.deadlines import By, Countdown, Day, DeadlinesWindow
from syncd.store.reckoning import Reckoning
from syncd.store.rows import Change
from syncd.store.tables import drop_sorting
from tests.syncd.test_blockers import Office

NOW = "2026-11-20T14:32"


def us(wall: str) -> int:
    return instant(datetime.fromisoformat(wall), "Asia/Shanghai")


class Desk(Office):
    """The same office, its deadlines seen on Friday 2026-11-20 at 14:32."""

    def task(self, title: str, due: str, **body: Any) -> str:
        said = {"title": title, "due": due, "state": "doing", "department": "研发部", **body}
        return self.put("task", said)

    def window(
        self, *, now: str = NOW, text: str = "", project: str = "", by: By = "time"
    ) -> DeadlinesWindow:
        return DeadlinesWindow(self.replica.conn, now=us(now), text=text, project=project, by=by)

    def rows(self, **how: Any) -> list[Countdown]:
        window = self.window(**how)
        rows = window.rows(0, window.count)
        assert len(rows) == window.count == sum(group.count for group in window.groups)
        assert [window.place(row.id) for row in rows] == list(range(window.count))
        return rows

    def said(self) -> dict[str, Any]:
        """The first row as JSON."""
        by = Reckoning.of(self.replica.conn, us(NOW))
        said: dict[str, Any] = json.loads(self.rows()[0].as_json(by))
        return said

    def titles(self, **how: Any) -> list[str]:
        return [row.title for row in self.rows(**how)]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.wired.close()


# -- order and groups


def test_groups_are_late_today_this_week_next_and_later(desk: Desk) -> None:
    for title, due in (
        ("以后", "2026-11-30"), ("下周日", "2026-11-29"), ("下周一", "2026-11-23"),
        ("周日", "2026-11-22"), ("周六", "2026-11-21T09:00"), ("今天", "2026-11-20"),
        ("今天17点", "2026-11-20T17:00"), ("过了", "2026-11-20T14:31"), ("昨天", "2026-11-19"),
    ):  # fmt: skip
        desk.task(title, due)
    assert desk.titles() == [
        "昨天", "过了", "今天17点", "今天", "周六", "周日", "下周一", "下周日", "以后",
    ]  # fmt: skip
    window = desk.window()
    assert [(group.key, group.count) for group in window.groups] == [
        ("late", 2), ("today", 2), ("week", 2), ("next", 2), ("later", 1),
    ]  # fmt: skip


def test_empty_groups_are_left_out(desk: Desk) -> None:
    assert (desk.window().groups, desk.window().count, desk.rows()) == ([], 0, [])
    desk.task("x", "2026-11-23")
    assert [group.key for group in desk.window().groups] == ["next"]


def test_answers_stand_among_the_papers_by_their_instant(desk: Desk) -> None:
    desk.blocker("要答", at="2026-11-19T17:44")
    answered = desk.blocker("答了")
    desk.say(answered, "x", at="2026-11-19T18:00")
    desk.blocker("在办", state="coordinating")
    for title, due in (
        ("前", "2026-11-20T17:00"),
        ("后", "2026-11-20T18:00"),
        ("当天", "2026-11-20"),
    ):
        desk.task(title, due)
    desk.save("blocker", {"title": "没送", "state": "open"})
    rows = desk.rows()
    assert [row.title for row in rows] == ["前", "要答", "后", "当天"]
    answer = rows[1]
    assert (answer.kind, answer.answer, answer.number, answer.department) == (
        "blocker", True, "B-001", "研发部",
    )  # fmt: skip
    assert (answer.due, answer.basis) == ("2026-11-20T17:44", "24 h after it was raised")
    assert 0 <= answer.seconds - 192 * 60 < 2
    assert (answer.shown.light, answer.shown.unit, answer.shown.step) == ("yellow", "minutes", 1)


def test_what_is_finished_or_handed_over_does_not_run(desk: Desk) -> None:
    due = "2026-11-27"
    for kind, states in (
        ("task", ("done", "dropped")),
        ("milestone", ("reached", "dropped")),
        ("request", ("accepted", "confirmed", "closed", "dropped")),
        ("project", ("closed", "dropped")),
    ):
        for state in states:
            desk.put(kind, {"title": f"{kind} {state}", "due": due, "state": state})
    desk.put("milestone", {"title": "m", "due": due, "state": "open", "department": "研发部"})
    desk.put("request", {"title": "r", "due": due, "state": "sent", "initiator": "产品部"})
    desk.put("project", {"title": "p", "due": due, "state": "running", "initiator": "市场部"})
    desk.task("t", due, state="review")
    desk.put("task", {"title": "无期", "state": "todo"})
    assert sorted((row.kind, row.department) for row in desk.rows()) == [
        ("milestone", "研发部"), ("project", "市场部"), ("request", "产品部"), ("task", "研发部"),
    ]  # fmt: skip


def test_by_department_each_has_its_deadlines_and_none_comes_last(desk: Desk) -> None:
    desk.put("department", {"name": "研发部", "title": "研发中心"})
    desk.task("a", "2026-11-27")
    desk.task("b", "2026-11-25")
    desk.task("c", "2026-11-24", department="产品部")
    desk.task("d", "2026-11-23", department="")
    desk.put("request", {"title": "e", "due": "2026-11-26", "state": "sent", "initiator": "产品部"})
    desk.blocker("f", departments=["市场部", "研发部"], at="2026-11-19T17:44")
    for text in ("", "kind:task,request,blocker"):
        assert desk.titles(by="department", text=text) == ["c", "e", "f", "b", "a", "d"]
        groups = desk.window(by="department", text=text).groups
        assert [(group.key, group.label, group.count) for group in groups] == [
            ("产品部", "产品部", 2), ("研发部", "研发中心", 3), ("", "", 1),
        ]  # fmt: skip


def test_every_window_agrees_with_the_whole(desk: Desk) -> None:
    changes = []
    for n in range(90):
        due = (date(2026, 11, 18) + timedelta(days=n % 7)).isoformat()
        body = {"title": str(n), "state": "todo", "due": due, "department": f"部门{n % 3}"}
        changes.append(Change("task", new_id(desk.clock.now()), encode(body)))
    desk.replica.save(changes)
    for hour in (9, 12, 15, 18):
        desk.blocker(f"b{hour}", at=f"2026-11-19T{hour:02}:00")
    ways: tuple[By, ...] = ("time", "department")
    for by in ways:
        whole = [row.id for row in desk.rows(by=by)]
        window = desk.window(by=by)
        assert len(set(whole)) == window.count == 94
        for first in range(0, 96, 7):
            for n in (1, 5, 40):
                assert [row.id for row in window.rows(first, n)] == whole[first : first + n]


# -- which


def test_a_filter_goes_over_all_kinds(desk: Desk) -> None:
    desk.task("说明书定稿", "2026-11-27", owner="张三")
    desk.task("别的", "2026-11-27")
    desk.blocker("缺说明书", at="2026-11-19T17:44")
    assert desk.titles(text="说明书") == ["缺说明书", "说明书定稿"]
    assert desk.titles(text="owner:张三") == ["说明书定稿"]
    assert desk.titles(text="kind:blocker") == ["缺说明书"]
    assert desk.titles(text="没有") == []
    with pytest.raises(QueryError):
        desk.window(text="ownr:x")


def test_papers_of_ended_projects_are_left_out_unless_asked_for(desk: Desk) -> None:
    ended = desk.put("project", {"title": "旧", "state": "closed"})
    running = desk.put("project", {"title": "新", "state": "running"})
    desk.task("旧的", "2026-11-27", project=ended)
    desk.task("新的", "2026-11-27", project=running)
    desk.task("别的", "2026-11-28")
    desk.blocker("旧卡点", project=ended, at="2026-11-19T17:44")
    ways: tuple[By, ...] = ("time", "department")
    for by in ways:
        assert desk.titles(by=by) == ["新的", "别的"]
        assert desk.titles(by=by, project=ended) == ["旧卡点", "旧的"]
        assert desk.titles(by=by, project=running) == ["新的"]
        assert desk.titles(by=by, text="project:旧") == ["旧卡点", "旧的"]


def test_deleted_papers_have_no_deadline(desk: Desk) -> None:
    id = desk.task("x", "2026-11-27")
    desk.replica.save(
        [Change("task", id, encode({"title": "x", "due": "2026-11-27"}), deleted=True)]
    )
    assert desk.rows() == desk.rows(text="is:deleted") == []
    assert desk.window().place(id) is None


# -- what is shown


@pytest.mark.parametrize(
    ("due", "body", "words"),
    [
        ("2026-11-16", {}, "past 3 w.d.: emergency"),
        ("2026-11-17", {}, ""),
        (
            "2026-11-18",
            {"delay_cause": "提报人未指定\nx", "need": "x"},
            "cause given: 提报人未指定",
        ),
        ("2027-01-05", {}, "the days off of 2027 are not published"),
        ("2026-11-28", {}, "falls on a day off"),
        ("2026-11-24", {"state": "todo"}, "not begun yet"),
        ("2026-11-26", {"state": "todo"}, ""),
    ],
)
def test_each_says_what_its_date_rests_on(
    desk: Desk, due: str, body: dict[str, Any], words: str
) -> None:
    desk.task("x", due, **body)
    assert desk.rows()[0].basis == words


@pytest.mark.row("S000-19", "S000-41")
def test_an_emergency_says_whether_the_meeting_was_called(desk: Desk) -> None:
    id = desk.task("x", "2026-11-16")
    said = {"title": "应急会", "type": "emergency", "gate": "decision", "about": [id]}
    meeting = desk.put("meeting", said, at="2026-11-20T09:00")
    assert desk.rows()[0].basis == "past 3 w.d.: meeting called"
    desk.put("meeting", {**said, "start": "2026-11-23T10:00"}, id=meeting)
    assert desk.rows()[0].basis == "past 3 w.d.: meets 11-23"
    desk.put("meeting", {**said, "state": "cancelled"}, id=meeting)
    assert desk.rows()[0].basis == "past 3 w.d.: emergency"


@pytest.mark.row("S004-12")
def test_a_task_from_a_blocker_is_reminded_of_the_day_before_until_the_lead_does(
    desk: Desk,
) -> None:
    blocker = desk.blocker(at="2026-11-18T10:00", state="coordinating")
    later = desk.task("later", "2026-11-24", source=blocker)
    id = desk.task("x", "2026-11-23", source=blocker, delay_cause="c", need="n")
    told = {row.id: row.basis for row in desk.rows()}
    assert told[id] == "the lead reminds the owner today"
    assert told[later] == ""
    desk.put("person", {"name": "*经理", "department": "市场部"})
    desk.put("comment", {"of": id, "type": "comment", "text": "提醒"}, at="2026-11-20T14:00")
    assert {row.id: row.basis for row in desk.rows()}[id] == "cause given: c"


@pytest.mark.row("S000-20", "S003-14")
def test_what_waits_for_the_decision_layer_says_so(desk: Desk) -> None:
    held, contested = desk.task("held", "2026-11-25"), desk.task("contested", "2026-11-26")
    waiting = desk.task("waiting", "2026-11-27")
    blocker = desk.blocker(at="2026-11-16T10:00", source=held)
    desk.put("dependency", {"before": blocker, "after": waiting})
    claim = {"title": "场地", "of": contested, "contest": "场地", "state": "claimed"}
    claimed = desk.put("resource", claim)
    told = {row.id: row.basis for row in desk.rows()}
    assert [told[each] for each in (held, contested, waiting, blocker)] == 4 * [
        "waits for a ruling"
    ]
    desk.put("resource", {**claim, "outcome": "granted", "state": "ruled"}, id=claimed)
    desk.say(blocker, "好", at="2026-11-20T14:00")
    assert not any(row.basis for row in desk.rows())


def test_an_answer_says_which_day_it_skips(desk: Desk) -> None:
    desk.blocker(at="2026-11-20T14:00")
    assert desk.rows()[0].basis == "24 h after it was raised; 11-21 is a day off"
    wording.use("zh")
    assert desk.rows()[0].basis == "提出后 24 小时；11-21 休息"


def test_seconds_run_to_the_end_of_the_hour_or_day(desk: Desk) -> None:
    desk.task("小时", "2026-11-20T17:00")
    desk.task("天", "2026-11-20")
    desk.task("过了", "2026-11-19T14:32")
    left = {row.title: row.seconds for row in desk.rows()}
    assert left == {"小时": 148 * 60, "天": 568 * 60, "过了": -24 * 3600}


def test_a_row_is_the_record_with_what_is_shown(desk: Desk) -> None:
    id = desk.task("x", "2026-11-24")
    record = desk.said()
    assert (record["id"], record["kind"], record["body"]["due"]) == (id, "task", "2026-11-24")
    assert record["shown"] == {
        "light": "yellow", "left": 2, "unit": "working_days", "late_days": 0, "step": None, "level": None,
    }  # fmt: skip


def rule(key: str, amount: int, unit: str, roll: str, row: str) -> dict[str, Any]:
    return {"key": key, "amount": amount, "unit": unit, "roll": roll, "row": row}


WEEKEND = [{"day": "2026-11-21", "why": "weekend"}, {"day": "2026-11-22", "why": "weekend"}]


def test_json_says_how_the_end_of_an_answer_was_computed(desk: Desk) -> None:
    desk.blocker(at="2026-11-20T14:00")
    answer = {
        "what": "answer",
        "from": "2026-11-20T14:00",
        "until": "2026-11-23T14:00",
        "rule": rule("answer", 24, "hours", "next", "S003-14"),
        "passed": WEEKEND,
        "unpublished": [],
    }
    assert desk.said()["computed"] == [answer]
    (stuck,) = desk.queue()
    by = Reckoning.of(desk.replica.conn, us(NOW))
    assert json.loads(stuck.as_json(by))["computed"] == [answer]


def test_json_says_how_the_time_until_a_day_is_counted_and_from_when_it_warns(desk: Desk) -> None:
    desk.task("x", "2026-11-24T17:00")
    left, warn = desk.said()["computed"]
    assert (left["what"], left["from"], left["until"]) == ("left", "2026-11-20", "2026-11-24T17:00")
    assert (left["rule"]["amount"], left["rule"]["unit"]) == (2, "working_days")
    assert left["passed"] == WEEKEND
    assert (warn["what"], warn["from"], warn["until"]) == ("warn", "2026-11-24", "2026-11-20")
    assert warn["rule"] == rule("warn", 2, "working_days", "none", "S003-13")


def test_json_says_how_the_days_late_are_counted(desk: Desk) -> None:
    desk.task("x", "2026-11-13")
    (late,) = desk.said()["computed"]
    assert (late["what"], late["from"], late["until"]) == ("late", "2026-11-13", "2026-11-20")
    assert late["rule"]["amount"] == 5
    assert [each["day"] for each in late["passed"]] == ["2026-11-14", "2026-11-15"]


def test_json_of_what_is_answered_counts_to_its_verification(desk: Desk) -> None:
    desk.blocker(state="coordinating", verify_on="2026-11-24")
    by = Reckoning.of(desk.replica.conn, us(NOW))
    computed = json.loads(desk.queue()[0].as_json(by))["computed"]
    assert [each["what"] for each in computed] == ["left", "warn"]
    assert computed[0]["until"] == "2026-11-24"


# -- the strip of days


def test_days_off_are_left_out_unless_something_is_due(desk: Desk) -> None:
    desk.task("x", "2026-11-19")
    desk.task("x", "2026-11-20T09:00")
    desk.task("x", "2026-11-20")
    desk.task("x", "2026-11-28")
    days = desk.window().days(date(2026, 11, 18), 12)
    assert [f"{day.day:%d}" for day in days] == [
        "18", "19", "20", "23", "24", "25", "26", "27", "28",
    ]  # fmt: skip
    assert days[:4] == [
        Day(date(2026, 11, 18), True, 0, False),
        Day(date(2026, 11, 19), True, 1, True),
        Day(date(2026, 11, 20), True, 2, True),
        Day(date(2026, 11, 23), True, 0, False),
    ]
    assert days[-1] == Day(date(2026, 11, 28), False, 1, False)


def test_make_up_days_stand_in_the_strip(desk: Desk) -> None:
    days = desk.window().days(date(2024, 9, 28), 17)
    assert [f"{day.day:%m-%d}" for day in days] == [
        "09-29", "09-30", "10-08", "10-09", "10-10", "10-11", "10-12", "10-14",
    ]  # fmt: skip


def test_during_a_first_sync_the_lists_are_only_slower(desk: Desk) -> None:
    desk.task("x", "2026-11-27")
    desk.blocker("y", at="2026-11-19T17:44")
    window = desk.window()
    with desk.replica.write():
        drop_sorting(desk.replica.conn)
    ways: tuple[By, ...] = ("time", "department")
    for by in ways:
        assert desk.titles(by=by) == ["y", "x"]
    assert len(window.rows(0, 2)) == 2


# -- time passing


def test_a_tick_says_when_something_has_become_late(desk: Desk) -> None:
    desk.task("x", "2026-11-20T17:00")
    desk.task("y", "2026-11-23")
    window = desk.window()
    assert window.tick(us("2026-11-20T17:00"))
    assert [group.key for group in window.groups] == ["today", "next"]
    assert window.rows(0, 1)[0].seconds == 0
    assert not window.tick(us("2026-11-20T17:00:01"))
    window.refresh(us("2026-11-20T17:00:01"))
    assert [group.key for group in window.groups] == ["late", "next"]
    assert not window.tick(us("2026-11-23T00:00"))
    window.refresh(us("2026-11-23T00:00"))
    assert [group.key for group in window.groups] == ["late", "today"]


def test_a_tick_alone_reads_next_to_nothing(desk: Desk) -> None:
    desk.task("x", "2026-11-20T17:00")
    window = desk.window()
    statements: list[str] = []
    desk.replica.conn.set_trace_callback(statements.append)
    assert window.tick(us("2026-11-20T14:33"))
    desk.replica.conn.set_trace_callback(None)
    assert statements == []


def test_windows_walk_the_index_and_read_only_their_rows(desk: Desk) -> None:
    statements: list[str] = []
    ways: tuple[By, ...] = ("time", "department")
    for by in ways:
        desk.task("x", "2026-11-20T17:00")
        window = desk.window(by=by)
        desk.replica.conn.set_trace_callback(statements.append)
        window.rows(0, 1)
        window.days(date(2026, 11, 16), 3)
        window.refresh(us(NOW))
        desk.replica.conn.set_trace_callback(None)
    counting = [each for each in statements if each.startswith("SELECT count(*)")]
    assert counting
    for statement in counting:
        plan = desk.replica.conn.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()
        assert "COVERING INDEX" in plan[0][3]
