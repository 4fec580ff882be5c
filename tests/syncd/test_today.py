"""What waits for a person as a replica finds it, what others changed, and the lights."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from schema.ids import derived_id, new_id
from schema.records import encode, own_id
from schema.rules.owed.table import owed
from schema.rules.world import Paper, World
from syncd.home import Home
from syncd.store import owing
from syncd.store.lights import lights
from syncd.store.news import changes, looked, note_looked
from syncd.store.reckoning import Reckoning
from syncd.store.replica import Replica
from syncd.store.rows import NEW_RECORD_SQL, Change, lifted_row
from syncd.store.today import Today, today, waiting
from tests.conftest import Duijie
from tests.schema.owed.room import us
from tests.schema.owed.test_properties import MOMENTS, NAMES, papers
from tests.schema.test_workdays import calls
from tests.syncd.test_blockers import Stopped
from tests.wiring import Wired
from tui.cli.today import Turns

_encode = msgspec.json.Encoder(order="deterministic").encode


def put(replica: Replica, papers: Iterable[Paper]) -> None:
    """The papers as rows, as if they had come in pages."""
    with replica.write() as conn:
        conn.execute("DELETE FROM records")
        replica.set_meta(role="liaison")
        conn.executemany(NEW_RECORD_SQL, [row(n, each) for n, each in enumerate(papers, 1)])


def row(seq: int, paper: Paper) -> tuple[object, ...]:
    body = _encode(paper.body)
    return (
        paper.kind,
        paper.id,
        paper.dot,
        paper.dot,
        None,
        1,
        paper.author,
        paper.at,
        paper.at,
        seq,
        0,
        b"",
        body.decode(),
        seq,
        paper.number or None,
        paper.accepted,
        None,
        0,
        paper.conflicts,
        *lifted_row(paper.kind, body, deleted=False),
    )


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replica]:
    replica = Replica(tmp_path_factory.mktemp("today") / "replica.db", synchronous="OFF")
    yield replica
    replica.close()


@given(papers(), MOMENTS, st.sampled_from(NAMES), st.booleans())
@settings(
    max_examples=200,
    deadline=None,
    # To make such a world small takes minutes; the first that fails tells enough.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_narrowed_to_a_person_nothing_is_lost_and_nothing_added(
    held: Replica, papers: list[Paper], now: int, person: str, coordinates: bool
) -> None:
    put(held, papers)
    with held.write():
        role = "coordinator" if coordinates else "liaison"
        held.set_meta(name=person, role=role, hub="ws://127.0.0.1:1")
    lines, beyond = waiting(held.conn, now, person)
    whole = owed(World.of(papers, now=now, coordinating=(person,) if coordinates else ()))
    wanted = [line for line in whole if person in line.to]
    assert {line.identity: line for line in lines} == {line.identity: line for line in wanted}
    assert beyond == 0


def paper(kind: str, id: str, **body: Any) -> Paper:
    return Paper(kind=kind, id=derived_id("test", id), body=body, author="李雷", accepted=0)


TASK = paper("task", "task", title="t", state="doing", due="2026-09-01")
STATELESS = (
    paper("task", "first", due="2999-12-31"),
    paper("task", "then", due="2026-12-01"),
)
BLOCKER = paper("blocker", "blocker", title="b", state="open", due="2026-11-01")
ENDED = paper("project", "ended", title="p", state="closed")
WITHIN = paper("project", "within", title="q", project=ENDED.id)
THERE = paper("blocker", "there", title="b", state="open", lead="研发部", project=ENDED.id)
MINE = paper("project", "mine", title="m", initiator="市场部")
DECIDES = paper("person", "a", name="李雷", department="市场部", decides=True)
ELSEWHERE = paper("department", "elsewhere", name="研发部", head="王总")
LATE = paper(
    "task", "late", state="doing", department="市场部", owner="没有", due="2026-11-20",
    delay_cause="x", need="y", initiator="研发部",
)  # fmt: skip
TOLD = replace(
    paper("comment", "told", type="announcement", of=TASK.id, about=["李雷"], text="x"),
    author="王总",
)
TWIN = replace(paper("milestone", "twin", due="2026-12-01", state="open"), id=STATELESS[0].id)


@pytest.mark.parametrize(
    "papers",
    [
        [paper("person", "a", name="李雷", decides=True), TASK],
        [
            paper("person", "a", name="李雷", decides=True, department="研发部"),
            *STATELESS,
            paper("dependency", "d", before=STATELESS[0].id, after=STATELESS[1].id),
        ],
        [
            BLOCKER,
            paper("seat", "seat", of=BLOCKER.id, person="李雷", layer="decision"),
            paper("task", "late", state="doing", due="2026-09-01", project=BLOCKER.id),
        ],
        [
            ENDED,
            THERE,
            paper("seat", "seat", of=ENDED.id, department="研发部", person="李雷", role="liaison"),
            ELSEWHERE,
            paper("task", "from", state="doing", owner="王总", source=THERE.id),
        ],
        [
            ENDED,
            WITHIN,
            paper("seat", "seat", of=WITHIN.id, person="李雷", layer="decision"),
            paper("task", "late", state="doing", due="2026-09-01", project=WITHIN.id),
        ],
        [
            replace(ENDED, body={"state": "closed", "initiator": "财务部"}),
            paper("department", "other", name="财务部", head="王总"),
            MINE,
            DECIDES,
            paper("task", "from", state="doing", owner="王总", source=THERE.id, project=MINE.id),
            THERE,
        ],
        [paper("person", "a", name="李雷", department="市场部"), LATE],
        [
            paper("person", "a", name="李雷", department="研发部"),
            paper("department", "b", name="市场部", head="王总"),
            LATE,
            STATELESS[0],
            paper("dependency", "d", before=STATELESS[0].id, after=LATE.id),
        ],
        [
            paper("person", "a", name="李雷"),
            replace(paper("comment", "x", type="announcement", about=[""]), author="王总"),
        ],
        [
            paper("task", "task", state="doing", owner="李雷"),
            TOLD,
            paper("signoff", "s", of=TOLD.id, meaning="receipt"),
        ],
        [
            paper("person", "a", name="李雷", department="研发部"),
            replace(TWIN, body={**TWIN.body, "department": "研发部"}),
            replace(STATELESS[1], id=TWIN.id, body={"state": "doing", "owner": "王总"}),
            paper("task", "before", state="doing", due="2999-12-31", owner="王总"),
            paper("dependency", "d", before=derived_id("test", "before"), after=TWIN.id),
        ],
        [
            paper("milestone", "m", state="accepted", due="2026-12-01", department="研发部"),
            paper("person", "a", name="李雷", department="研发部"),
            paper("task", "before", state="doing", due="2999-12-31", owner="王总"),
            paper(
                "dependency",
                "d",
                before=derived_id("test", "before"),
                after=derived_id("test", "m"),
            ),
        ],
        [
            replace(TWIN, kind="meeting", id=MINE.id, body={"title": "x"}),
            replace(MINE, body={**MINE.body, "state": "running"}),
            replace(paper("seat", "seat", of=MINE.id, person="李雷"), author="王总"),
        ],
    ],
    ids=[
        "nobody's department",
        "no state",
        "a blocker's seat",
        "a seat of an ended project",
        "a project in an ended one",
        "a blocker of another project",
        "late without a project",
        "a field of another kind",
        "nobody's name",
        "an announcement of a task, received",
        "two kinds of one id",
        "a state of another kind",
        "a meeting with a project's id",
    ],
)
def test_odd_papers_are_the_same_to_one_person_as_to_all(
    held: Replica, papers: list[Paper]
) -> None:
    put(held, papers)
    lines, _beyond = waiting(held.conn, us("2026-11-20T09:00"), "李雷")
    whole = owed(World.of(papers, now=us("2026-11-20T09:00")), "李雷")
    assert {line.identity: line for line in lines} == {line.identity: line for line in whole}


def test_where_nobody_works_for_years_the_list_is_soon_there(held: Replica) -> None:
    put(held, [TASK, *(at_rest(year) for year in range(2000, 2100))])
    now = us("2026-11-20T09:00")
    waiting(held.conn, now, "李雷")
    assert calls(lambda: waiting(held.conn, now, "李雷")) < 20_000


def at_rest(year: int) -> Paper:
    first = date(year, 1, 1).toordinal()
    days = [date.fromordinal(first + n).isoformat() for n in range(365)]
    return paper("calendar", f"{year}", year=year, off=days)


# -- through a hub, as people see it

FRIDAY = "2026-11-20T09:00"
SUNDAY = "2026-11-22T09:00"


class Office:
    """市场部 began the project, 研发部 is blamed; everybody is a member of one hub."""

    def __init__(self, folder: Path) -> None:
        self.clock = Stopped("2026-11-16T09:00")
        self.wired = Wired(folder, self.clock)
        self.lead = self.wired.join("*经理", "coordinator", "市场部")
        self.engineer = self.wired.join("*工程师", "liaison", "研发部")
        self.put("person", {"name": "*经理", "department": "市场部"})
        self.put("department", {"name": "市场部", "head": "*经理"})
        self.put("department", {"name": "研发部", "head": "*工程师"})
        body = {"title": "新产品X上市", "state": "running", "initiator": "市场部"}
        self.project = self.put("project", body)

    def put(self, kind: str, body: dict[str, Any], replica: Replica | None = None) -> str:
        id = own_id(kind, body) or new_id(self.clock.now())
        (replica or self.lead).save([Change(kind, id, encode(body))])
        self.wired.sync()
        self.wired.sync()
        return id

    def task(self, **body: Any) -> str:
        said = {"title": "规范", "state": "doing", "owner": "*工程师", "department": "研发部"}
        return self.put("task", {**said, "project": self.project, **body})

    def today(self, replica: Replica, wall: str = FRIDAY, person: str = "") -> Today:
        return today(replica.conn, us(wall), person)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path)
    yield office
    office.wired.close()


def test_a_day_is_the_same_on_every_replica_and_what_ends_first_comes_first(office: Office) -> None:
    office.task(title="later", due="2026-11-24")
    office.task(title="late", due="2026-11-19")
    office.task(title="now", due="2026-11-20")
    own = office.today(office.engineer)
    titles = [item.line.title for item in own.items if item.line.rule != "weekly"]
    assert titles == ["late", "now", "later"]
    assert (own.late, own.due) == (1, 1 + 3)
    assert office.today(office.lead, person="*工程师").items == own.items
    assert [item.due for item in own.items if item.line.rule == "due"] == [
        "2026-11-20",
        "2026-11-24",
    ]


def test_json_is_the_record_with_what_is_shown_and_the_line(office: Office) -> None:
    office.put("blocker", {"title": "x", "state": "open", "why": "y", "unblock": "z", "lead": "市场部",
        "departments": ["研发部"], "project": office.project})  # fmt: skip
    (item,) = office.today(office.engineer, "2026-11-16T10:00").items
    by = Reckoning.of(office.engineer.conn, us("2026-11-16T10:00"))
    said = json.loads(item.as_json(by))
    assert said["kind"] == "blocker"
    assert said["shown"]["level"] == 1
    assert said["line"]["rule"] == "answer"
    assert said["line"]["row"] == ["S003-14", "S004-01"]
    assert said["line"]["to"] == ["*工程师"]
    assert said["line"]["ends"].startswith("2026-11-17T01:00:")
    assert [(each["what"], each["until"]) for each in said["computed"]] == [
        ("answer", "2026-11-17T09:00")
    ]


def test_json_says_how_the_date_of_a_line_is_counted_where_it_is_the_papers(office: Office) -> None:
    office.task(due="2026-11-13")
    by = Reckoning.of(office.engineer.conn, us(FRIDAY))
    computed = {
        item.line.rule: json.loads(item.as_json(by))["computed"]
        for item in office.today(office.engineer).items
    }
    (late,) = computed["explain"]
    assert (late["what"], late["rule"]["amount"]) == ("late", 5)
    assert computed["weekly"] == []


def test_what_others_changed_is_told_with_the_fields(office: Office) -> None:
    id = office.task(due="2026-11-24")
    since = office.engineer.seq
    assert changes(office.engineer.conn, since).total == 0
    record = office.lead.record("task", id)
    assert record is not None
    assert record.shown.body is not None
    body = json.loads(record.shown.body)
    office.lead.save([Change("task", id, encode({**body, "due": "2026-11-25", "title": "改"}))])
    office.wired.sync()
    office.wired.sync()
    office.put("comment", {"of": id, "text": "own"}, office.engineer)
    found = changes(office.engineer.conn, since)
    (news,) = found.newest
    assert (found.total, news.author, news.department) == (1, "*经理", "市场部")
    assert (set(news.fields), news.new) == ({"due", "title"}, False)


def test_what_was_looked_at_is_no_news(office: Office) -> None:
    assert looked(office.engineer.conn) is None
    note_looked(office.engineer)
    since = looked(office.engineer.conn)
    assert since == office.engineer.seq
    office.task()
    assert changes(office.engineer.conn, since or 0).total == 1


def test_a_light_says_why(office: Office) -> None:
    office.task(due="2026-11-11")
    office.task(due="2026-11-23", department="市场部", state="todo")
    office.task(due="2026-12-23", department="财务部")
    red, yellow, green = lights(office.lead.conn, us(FRIDAY))
    assert (red.department, red.light, red.days) == ("研发部", "red", 7)
    assert red.why == "1 task late, the longest by 7 w.d., an emergency meeting is due"
    assert (yellow.department, yellow.light) == ("市场部", "yellow")
    assert yellow.why == "1 due within 2 w.d., 1 not begun"
    assert (green.department, green.light, green.why) == ("财务部", "green", "")


def test_what_is_late_since_the_last_working_day_is_just_overdue(office: Office) -> None:
    office.task(due="2026-11-20T12:00")
    (red,) = lights(office.lead.conn, us(SUNDAY))
    assert (red.light, red.days, red.why) == ("red", 0, "1 task just overdue")


def test_an_overdue_answer_lights_red_and_a_ruling_waited_for_yellow(office: Office) -> None:
    office.put("blocker", {"title": "x", "state": "open", "why": "y", "unblock": "z", "lead": "市场部",
        "departments": ["研发部"], "project": office.project})  # fmt: skip
    found = {each.department: each for each in lights(office.lead.conn, us(FRIDAY))}
    assert (found["研发部"].light, found["研发部"].why) == ("red", "1 answer overdue")
    assert (found["市场部"].light, found["市场部"].why) == ("yellow", "1 waits for a ruling")


@pytest.mark.row("S003-14", "S004-16")
def test_what_was_reopened_is_overdue_by_its_new_clock_alone(office: Office) -> None:
    body = {"title": "x", "state": "open", "why": "y", "unblock": "z", "lead": "市场部", "essence": "e",
        "departments": ["研发部"], "project": office.project}  # fmt: skip
    id = office.put("blocker", body)
    for state, at in (("resolved", "2026-11-18T09:00"), ("open", "2026-11-19T09:30")):
        office.clock.set(at)
        office.lead.save([Change("blocker", id, encode({**body, "state": state}))])
        office.wired.sync()
    now = us(FRIDAY)
    found = {each.department: each.light for each in lights(office.lead.conn, now)}
    assert "red" not in found.values()
    shown = {item.record.level: item for item in today(office.lead.conn, now, "*工程师").items if item.line.rule == "answer"}  # fmt: skip
    assert list(shown) == [1]
    assert shown[1].record.light == "yellow"
    later = us("2026-11-23T10:00")
    found = {each.department: each.light for each in lights(office.lead.conn, later)}
    assert found["研发部"] == "red"


def test_tasks_of_an_ended_project_light_nothing_and_wait_for_nobody(office: Office) -> None:
    office.task(due="2026-11-11")
    office.put("seat", {"of": office.project, "person": "*经理", "layer": "decision"})
    assert office.today(office.lead).items
    body = {"title": "新产品X上市", "state": "closed", "initiator": "市场部"}
    office.lead.save([Change("project", office.project, encode(body))])
    assert office.today(office.lead).items == []
    assert {each.light for each in lights(office.lead.conn, us(FRIDAY))} == {"green"}


def test_of_more_tasks_than_are_looked_at_the_rest_is_counted(
    held: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owing, "WINDOW", 5)
    at = us("2026-11-02T09:00")
    late = [
        Paper(kind="task", id=derived_id("test", str(n)), author="*经理", at=at, accepted=at,
            body={"state": "doing", "owner": "*工程师", "due": f"2026-11-{n:02}"}, dot=f"aaaaaaaa:{n}")
        for n in range(3, 15)
    ]  # fmt: skip
    put(held, late)
    lines, beyond = waiting(held.conn, us(FRIDAY), "*工程师")
    explained = [line for line in lines if line.rule == "explain"]
    assert [line.ends for line in explained] == [us(f"2026-11-{n:02}T00:00") for n in range(4, 9)]
    assert beyond == len(late) - 5


def test_a_turn_is_told_once_when_it_is_new(office: Office) -> None:
    office.task(title="alt", due="2026-11-20")
    turns = Turns(office.engineer.conn, us("2026-11-17T09:00"))
    assert turns.fresh(office.engineer.conn, us("2026-11-17T09:01")) == []
    (told,) = turns.fresh(office.engineer.conn, us("2026-11-18T09:00"))
    assert told.startswith("Your turn: Do")
    assert "alt" in told
    assert turns.fresh(office.engineer.conn, us("2026-11-18T09:01")) == []


def test_today_is_printed_with_counts_and_lights(office: Office, duijie: Duijie) -> None:
    office.task(title="说明书", due="2026-11-11")
    home = office.wired.home("*工程师")
    out = duijie.ok("today", home=home, lang="zh").out
    assert out.startswith("轮到我 ")
    assert "  说因" in out
    assert "信号灯" in out
    said = duijie.ok("today", "--json", home=home).json
    assert {each["line"]["rule"] for each in said} >= {"explain"}
    assert duijie.ok("today", "--json", "--as", "没有这个人", home=home).json == []
    line = duijie.ok("status", "--line", home=home).out
    assert "My turn " in line


def test_whoever_is_a_coordinator_at_the_hub_settles_what_no_project_has(office: Office) -> None:
    second = office.wired.join("*协调", "coordinator", "运营部")
    id = office.put("task", {"title": "无项目", "state": "todo", "department": "市场部"})
    for replica, title in ((office.lead, "甲"), (office.engineer, "乙")):
        replica.save(
            [Change("task", id, encode({"title": title, "state": "todo", "department": "市场部"}))]
        )
    office.wired.sync()

    def settled(replica: Replica, person: str = "") -> list[str]:
        return [each.line.id for each in office.today(replica, person=person).items
                if each.line.rule == "settle"]  # fmt: skip

    assert settled(second) == [id]
    assert settled(office.engineer) == []
    assert settled(office.engineer, "*协调") == []
    body = {"title": "x", "state": "doing", "department": "无人部", "due": "2026-11-20"}
    stray = office.put("task", body)
    assert stray in {each.line.id for each in office.today(second).items}


@pytest.mark.row("S004-02")
def test_alone_a_blocker_goes_through_its_steps_by_what_is_asked(alone: Duijie) -> None:
    home = Home(alone.home)
    replica = home.open_replica()
    name, department = replica.meta("name"), replica.meta("department")
    walk = Walk(replica)
    blocker = walk.save("blocker", title="缺说明书", why="y", unblock="z", state="open",
        lead=department, departments=[department])  # fmt: skip
    assert walk.rules() == {"clarify"}
    walk.edit("blocker", blocker, essence="e", attributed=[department],
        effect=[{"on": "team", "how_much": "2 天"}])  # fmt: skip
    assert walk.rules() == set()
    walk.save("comment", of=blocker, type="answer", text="今天发")
    assert walk.rules() == {"lead"}
    walk.save("seat", of=blocker, department=department, role="liaison", person=name)
    assert walk.rules() == {"cocreate"}
    smart = dict.fromkeys("smart", "x")
    task = walk.save("task", title="写", state="done", source=blocker, smart=smart, owner=name,
        department=department)  # fmt: skip
    assert walk.rules() == {"resolve"}
    walk.edit("blocker", blocker, state="resolved")
    assert walk.rules() == {"verify"}
    walk.save("acceptance", title="v", type="blocker", of=blocker, round=1, state="submitted",
        result="solved")  # fmt: skip
    assert {"conclude", "feedback", "sheet"} == walk.rules()
    walk.edit("blocker", blocker, state="verified")
    assert walk.rules() == {"feedback", "sheet"}
    walk.save("signoff", of=blocker, meaning="feedback", department=department, person=name)
    walk.save("report", title="r", type="feedback", of=blocker, state="submitted")
    assert walk.rules() == {"lesson"}
    assert task
    replica.close()


class Walk:
    """The acts of one person on a replica, and the rules that then ask them something."""

    def __init__(self, replica: Replica) -> None:
        self.replica = replica

    def save(self, kind: str, **body: Any) -> str:
        id = own_id(kind, body, self.replica.meta("name")) or new_id(self.replica.clock.now())
        self.replica.save([Change(kind, id, encode(body))])
        return id

    def edit(self, kind: str, id: str, **body: Any) -> None:
        record = self.replica.record(kind, id)
        assert record is not None
        known = json.loads(record.shown.body or b"")
        self.replica.save([Change(kind, id, encode({**known, **body}))])

    def rules(self) -> set[str]:
        return {item.line.rule for item in today(self.replica.conn, self.replica.clock.now()).items}


def test_nothing_to_do_is_said_beside_the_data(alone: Duijie) -> None:
    result = alone.ok("today")
    assert result.out.strip() == "My turn 0"
    assert "Nothing waits for you today." in result.err


def test_alone_nothing_waits_for_a_hub(alone: Duijie) -> None:
    alone.ok("add", "blocker", "title=缺图", "why=空着", "unblock=补图", "departments=市场部")
    replica = Replica(alone.home / "replica.db")
    try:
        keys = [each.line.key for each in today(replica.conn, replica.clock.now()).items]
        assert "unsent" not in keys
        replica.set_meta(hub="ws://h")
        keys = [each.line.key for each in today(replica.conn, replica.clock.now()).items]
        assert "unsent" in keys
    finally:
        replica.close()
