"""The queue of blockers and one in full, as a replica reads them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from schema.errors import QueryError
from schema.ids import new_id
from schema.records import encode, own_id
from schema.rules.lights import Shown
from schema.rules.timing import instant, wall_of
from syncd.clock import Clock
from syncd.store.blockers import Detail, Stuck, answers, detail, queue
from syncd.store.reckoning import Reckoning
from syncd.store.rows import Change
from syncd.store.steps import around
from tests.wiring import Wired


def us(wall: str) -> int:
    return instant(datetime.fromisoformat(wall), "Asia/Shanghai")


class Stopped(Clock):
    """A clock that is set by hand, and moves a microsecond whenever it is asked."""

    def __init__(self, wall: str) -> None:
        self.set(wall)

    def set(self, wall: str) -> None:
        self.at = us(wall)

    def now(self) -> int:
        self.at += 1
        return self.at


class Office:
    """One coordinator, the hub, and the time, which only runs forwards."""

    def __init__(self, folder: Path) -> None:
        self.clock = Stopped("2026-11-13T09:00")
        self.wired = Wired(folder, self.clock)
        self.replica = self.wired.join("*经理", "coordinator", "市场部")

    def save(self, kind: str, body: dict[str, Any], *, id: str = "", at: str = "") -> str:
        """Save a record without sending it, at a time if one is said."""
        if at:
            self.clock.set(at)
        id = id or own_id(kind, body) or new_id(self.clock.now())
        self.replica.save([Change(kind, id, encode(body))])
        return id

    def put(self, kind: str, body: dict[str, Any], *, id: str = "", at: str = "") -> str:
        """The same, sent."""
        id = self.save(kind, body, id=id, at=at)
        self.wired.sync()
        return id

    def say(self, of: str, text: str, type: str = "answer", *, at: str) -> str:
        return self.put("comment", {"of": of, "type": type, "text": text}, at=at)

    def blocker(self, title: str = "x", *, id: str = "", at: str = "", **body: Any) -> str:
        said = {
            "title": title,
            "state": "open",
            "lead": "市场部",
            "departments": ["研发部"],
            **body,
        }
        return self.put("blocker", said, id=id, at=at)

    def queue(
        self, now: str = "2026-11-20T14:32", text: str = "", project: str = ""
    ) -> list[Stuck]:
        return queue(self.replica.conn, now=us(now), text=text, project=project)

    def one(self, now: str = "2026-11-20T14:32") -> Stuck:
        (stuck,) = self.queue(now)
        return stuck

    def detail(self, id: str) -> Detail:
        found = detail(self.replica.conn, id, now=us("2026-11-20T14:32"))
        assert found is not None
        return found


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    yield made
    made.wired.close()


def wall(at: int | None) -> str:
    """A moment as the wall shows it, to the minute."""
    assert at is not None
    return wall_of(at, "Asia/Shanghai").isoformat(timespec="minutes")


def titles(found: list[Stuck]) -> list[str]:
    return [each.title for each in found]


# -- the queue


def test_a_blocker_is_shown_as_in_the_picture(office: Office) -> None:
    office.put("department", {"name": "研发部", "title": "研发中心"})
    held = office.put("task", {"title": "主视觉与海报", "state": "todo"})
    source = office.put("task", {"title": "资料", "state": "doing"})
    id = office.blocker(
        "素材缺最终版产品说明书",
        essence="没有登记依赖",
        source=source,
        at="2026-11-19T17:44",
        attributed=["研发部"],
        effect=[{"on": "team", "how_much": "2 天"}],
    )
    office.put("dependency", {"before": id, "after": held})
    stuck = office.one()
    assert (stuck.title, stuck.number, stuck.state) == ("素材缺最终版产品说明书", "B-001", "open")
    assert (stuck.raised_by, stuck.asked, stuck.holds) == ("市场部", ("研发中心",), 2)
    assert stuck.answer_by is not None
    assert us("2026-11-20T17:44") <= stuck.answer_by < us("2026-11-20T17:45")
    assert stuck.shown == Shown(
        light="yellow", left=192, unit="minutes", late_days=0, step=2, level=1
    )
    record = json.loads(stuck.as_json(Reckoning.of(office.replica.conn, us("2026-11-20T14:32"))))
    assert record["body"]["title"] == "素材缺最终版产品说明书"
    assert record["shown"]["step"] == 2


def test_what_the_hub_has_not_taken_has_no_clock(office: Office) -> None:
    id = office.save("blocker", {"title": "x", "state": "open"})
    stuck = office.one("2026-11-30T09:00")
    assert (stuck.answer_by, stuck.answered, stuck.unsent > 0) == (None, False, True)
    assert stuck.shown == Shown(step=1, level=1)
    found = office.detail(id)
    assert found.clock is None
    assert "not delivered" in found.why_clock


def test_the_queue_goes_by_time_left_then_by_verification(office: Office) -> None:
    office.blocker("答了,晚验", state="coordinating", verify_on="2026-12-01")
    office.blocker("答了,早验", state="coordinating", verify_on="2026-11-24")
    office.blocker("答了", state="resolved")
    office.blocker("早", at="2026-11-19T09:00")
    office.blocker("晚", at="2026-11-19T10:00")
    office.blocker("关了", state="closed")
    office.save("blocker", {"title": "没送", "state": "open"})
    assert titles(office.queue()) == ["早", "晚", "没送", "答了,早验", "答了,晚验", "答了"]


def test_an_answer_ends_the_clock_and_the_climbing(office: Office) -> None:
    id = office.blocker(at="2026-11-16T09:00")
    assert office.one("2026-11-19T09:00").shown.level == 3
    office.say(id, "x", "comment", at="2026-11-16T10:00")
    assert not office.one().answered
    answer = office.say(id, "x", at="2026-11-17T12:00")
    stuck = office.one("2026-11-30T09:00")
    assert (stuck.answered, stuck.shown.left, stuck.shown.level) == (True, None, 2)
    # Correcting the answer later does not make it late.
    corrected = {"of": id, "type": "answer", "text": "y"}
    office.put("comment", corrected, id=answer, at="2026-11-30T08:00")
    assert office.one("2026-11-30T09:00").shown.level == 2
    office.replica.save([Change("comment", answer, encode(corrected), deleted=True)])
    assert not office.one("2026-11-30T09:00").answered


def test_an_answer_that_is_not_sent_yet_counts_at_home(office: Office) -> None:
    id = office.blocker(at="2026-11-16T09:00")
    office.save("comment", {"of": id, "type": "answer", "text": "x"}, at="2026-11-16T10:00")
    stuck = office.one("2026-11-30T09:00")
    assert (stuck.answered, stuck.shown.level) == (True, 1)


def test_a_state_beyond_open_answers_from_the_first_version_that_had_it(office: Office) -> None:
    id = office.blocker(at="2026-11-16T09:00")
    for at in ("2026-11-16T10:00", "2026-11-30T10:00"):
        office.blocker(at, id=id, state="coordinating", at=at)
    stuck = office.one("2026-12-02T09:00")
    assert (stuck.answered, stuck.shown.level, stuck.shown.step) == (True, 1, 3)


def test_tasks_from_a_blocker_are_its_fourth_step(office: Office) -> None:
    id = office.blocker(state="coordinating")
    task = office.put("task", {"title": "t", "state": "todo", "source": id})
    assert office.one().shown.step == 4
    office.put("task", {"title": "t", "state": "dropped", "source": id}, id=task)
    assert office.one().shown.step == 3


@pytest.mark.parametrize(
    ("body", "asked"),
    [
        ({}, ("研发部",)),
        ({"departments": ["市场部", "研发部", "产品部"]}, ("研发部", "产品部")),
        ({"departments": [], "attributed": ["销售部"]}, ("销售部",)),
        (
            {"departments": [], "attributed": ["销售部", "生产部"], "owner": "*主管"},
            ("销售部", "生产部"),
        ),
        # Two departments push it to each other (S002-18): both are asked, as on Today.
        ({"departments": [], "attributed": ["销售部", "生产部"]}, ("销售部", "生产部")),
        ({"departments": ["产品部"], "attributed": ["销售部"]}, ("销售部", "产品部")),
        ({"departments": []}, ()),
    ],
)
def test_who_has_to_answer(office: Office, body: dict[str, Any], asked: tuple[str, ...]) -> None:
    office.blocker(**body)
    assert office.one().asked == asked


def test_without_a_lead_the_authors_department_raised_it(office: Office) -> None:
    office.put("person", {"name": "*经理", "title": "*经理", "department": "市场部"})
    office.blocker(lead="")
    assert office.one().raised_by == "市场部"


def test_only_unfinished_papers_are_held_up_and_each_once(office: Office) -> None:
    tasks = [
        office.put("task", {"title": "t", "state": state}) for state in ("todo", "done", "dropped")
    ]
    milestone = office.put("milestone", {"title": "m", "state": "open"})
    id = office.blocker(source=tasks[0])
    for after in (*tasks, milestone, new_id(1)):
        office.put("dependency", {"before": id, "after": after})
    assert office.one().holds == 2
    assert {each.id for each in office.detail(id).held} == {tasks[0], milestone}


def test_the_policy_says_how_long_an_answer_may_take(office: Office) -> None:
    office.put("policy", {"key": "answer", "amount": "3", "unit": "working_days"})
    office.put("policy", {"key": "escalate.initiator", "amount": "1", "unit": "hours"})
    office.blocker(at="2026-11-19T17:44")
    stuck = office.one()
    assert (stuck.shown.unit, stuck.shown.left, stuck.shown.level) == ("working_days", 2, 2)


def test_closed_ones_and_those_of_ended_projects_wait_for_a_filter(office: Office) -> None:
    ended = office.put("project", {"title": "旧", "state": "closed"})
    office.blocker("旧的", project=ended)
    office.blocker("关了", state="closed")
    running = office.put("project", {"title": "新", "state": "running"})
    office.blocker("新的", project=running)
    assert titles(office.queue()) == ["新的"]
    assert titles(office.queue(text="state:closed")) == ["关了"]
    assert titles(office.queue(text="project:旧")) == ["旧的"]
    assert titles(office.queue(project=ended)) == ["旧的"]
    assert titles(office.queue(project=running)) == ["新的"]
    assert titles(office.queue(text="没有")) == []
    with pytest.raises(QueryError):
        office.queue(text="ownr:x")


# -- one in full


def test_a_blocker_in_full(office: Office) -> None:
    task = office.put("task", {"title": "素材", "state": "todo", "due": "2026-11-24"})
    id = office.blocker(
        why="缺参数页",
        unblock="最终版说明书",
        phenomenon="参数页空着",
        essence="没有登记依赖",
        effect=[{"on": "business", "how_much": "顺延 3 个工作日"}],
        attributed=["研发部"],
        at="2026-11-19T17:44",
    )
    office.put("dependency", {"before": id, "after": task})
    office.say(id, "一", "comment", at="2026-11-20T09:10")
    office.say(id, "二", "comment", at="2026-11-20T09:32")
    found = office.detail(id)
    assert (found.why, found.unblock) == ("缺参数页", "最终版说明书")
    assert (found.phenomenon, found.essence) == ("参数页空着", "没有登记依赖")
    assert (found.effect, found.attributed) == ((("business", "顺延 3 个工作日"),), ("研发部",))
    assert found.why_clock == "From 11-19 17:44, 24 hours on the clock"
    assert [(each.id, each.title, each.shown.left) for each in found.held] == [(task, "素材", 2)]
    assert [said.text for said in found.talk] == ["一", "二"]
    assert {said.author for said in found.talk} == {"*经理"}
    assert [(step.step, step.done, step.now) for step in found.steps] == [
        (1, True, False),
        (2, False, True),
        *((n, False, False) for n in (3, 4, 5, 6)),
    ]
    first = found.steps[0].done_at
    assert first is not None
    assert us("2026-11-19T17:44") <= first < us("2026-11-19T17:45")
    assert found.steps[1].done_at is None


def test_every_step_says_when_it_was_done(office: Office) -> None:
    id = office.blocker(at="2026-11-16T09:00", essence="x")
    office.say(id, "x", at="2026-11-16T10:00")
    office.blocker(id=id, essence="x", state="coordinating", at="2026-11-16T11:00")
    office.put("task", {"title": "t", "state": "todo", "source": id}, at="2026-11-16T12:00")
    for hour, state in ((13, "resolved"), (14, "verified"), (15, "closed")):
        office.blocker(id=id, essence="x", state=state, at=f"2026-11-16T{hour}:00")
    found = office.detail(id)
    midnight = us("2026-11-16T00:00")
    hours = [((step.done_at or 0) - midnight) // 3_600_000_000 for step in found.steps]
    assert hours == [9, 10, 12, 13, 14, 15]
    assert all(step.done and not step.now for step in found.steps)


def test_of_what_is_not_here_or_deleted_there_is_nothing(office: Office) -> None:
    id = office.blocker()
    office.replica.save([Change("blocker", id, encode({"title": "x"}), deleted=True)])
    for each in (id, new_id(1)):
        assert detail(office.replica.conn, each, now=us("2026-11-20T14:32")) is None


def test_bodies_that_no_form_makes_are_read(office: Office) -> None:
    id = office.save(
        "blocker",
        {
            "state": "neu", "departments": "x", "attributed": {"a": 1}, "effect": ["x", {"on": 3}],
            "source": ["x"], "lead": ["x"], "verify_on": "bald", "phenomenon": 4, "options": "x",
            "target": [1], "title": 3,
        },
    )  # fmt: skip
    office.save("comment", {"of": id, "type": "answer", "text": {"x": 1}})
    assert office.detail(id).phenomenon == ""
    assert office.one().id == id


def test_a_reopened_blocker_is_to_be_answered_anew(office: Office) -> None:
    id = office.blocker(at="2026-11-16T09:00")
    office.say(id, "第一次", at="2026-11-16T10:00")
    office.blocker(id=id, state="coordinating", at="2026-11-17T09:00")
    office.blocker(id=id, at="2026-11-18T09:00")
    stuck = office.one("2026-11-18T15:00")
    assert (stuck.answered, stuck.shown.level, stuck.shown.step) == (False, 1, 1)
    assert wall(stuck.answer_by) == "2026-11-19T09:00"
    assert answers(office.replica.conn, [id]) == {}
    office.say(id, "第二次", at="2026-11-18T16:00")
    assert office.one("2026-11-18T17:00").answered
    assert wall(answers(office.replica.conn, [id])[id]) == "2026-11-18T16:00"


def test_a_blocker_that_is_moved_on_again_is_answered_from_then(office: Office) -> None:
    id = office.blocker(at="2026-11-16T09:00")
    for state, at in (
        ("coordinating", "2026-11-17T09:00"),
        ("open", "2026-11-20T09:00"),
        ("coordinating", "2026-11-20T10:00"),
    ):
        office.blocker(id=id, state=state, at=at)
    assert wall(office.detail(id).answered_at) == "2026-11-20T10:00"


def test_late_finds_answers_and_verifications_that_are_over(office: Office) -> None:
    office.blocker("回应晚了", at="2026-11-16T09:00")
    office.blocker("还有时间", at="2026-11-20T09:00")
    checked = office.blocker("验证晚了", at="2026-11-20T09:00", verify_on="2026-11-19")
    office.say(checked, "答", at="2026-11-20T10:00")
    closed = office.blocker("已关闭", at="2026-11-16T09:00")
    office.blocker("已关闭", id=closed, state="coordinating", at="2026-11-16T10:00")
    found = office.queue("2026-11-20T14:32", "is:late")
    assert sorted(titles(found)) == ["回应晚了", "验证晚了"]
    assert "还有时间" in titles(office.queue("2026-11-20T14:32", "-is:late"))


def test_what_stands_around_a_blocker_is_found_by_index(office: Office) -> None:
    """However many tasks there are; only meetings are looked through, the newest first."""
    id = office.blocker()
    conn = office.replica.conn
    asked: list[str] = []
    conn.set_trace_callback(asked.append)
    assert around(conn, id) is not None
    conn.set_trace_callback(None)
    plans = [
        line[3]
        for sql in asked
        if "'meeting'" not in sql
        for line in conn.execute(f"EXPLAIN QUERY PLAN {sql}")
    ]
    assert any("records_source" in each for each in plans)
    assert [each for each in plans if each.endswith("(kind=?)") or "SCAN records" in each] == []
