"""The guides' own example of the six steps (S004), played by `duijie` on three homes through a hub, partly offline.

市场部 misses the day of its Q3 data, 财务部 leads, 运营部 has a wish. At each step the wrong person
and an illegal move are tried too: at home, and where the right is the hub's, at the hub.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from syncd.clock import Clock
from tests.wiring import Wired
from tui.cli.main import main

FINANCE, MARKET, OPERATIONS = "财务主管", "市场经理", "运营专员"
OF = {FINANCE: "财务部", MARKET: "市场部", OPERATIONS: "运营部"}
SMART = '{"s":"写清","m":"一份","a":"两日内","r":"数据按时","t":"按期"}'


def at(wall: str) -> int:
    """The microseconds at which a clock on a wall of Shanghai shows this."""
    return int(datetime.fromisoformat(f"{wall}+08:00").timestamp()) * 1_000_000


class Bent(Clock):
    """A clock that goes on a little at every look, from where it is set."""

    us = 0

    def now(self) -> int:
        self.us += 1_000
        return self.us


class Said(NamedTuple):
    """What a command gave back."""

    code: int
    out: str
    err: str


class Story:
    """Three homes at a hub, at the story's own times; `ids` are the records by what the story calls them."""

    def __init__(self, folder: Path) -> None:
        self.clock = Bent()
        self.set_clock("2024-10-08T09:00")
        self.wired = Wired(folder, self.clock)
        self.ids: dict[str, str] = {}
        roles = {OPERATIONS: "viewer"}
        for name, department in OF.items():
            self.wired.join(name, roles.get(name, "liaison"), department)

    def set_clock(self, wall: str) -> None:
        self.clock.us = max(self.clock.us, at(wall))

    def run(self, who: str, *words: str) -> Said:
        out, err = io.StringIO(), io.StringIO()
        with (
            pytest.MonkeyPatch.context() as patched,
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            patched.setattr(Clock, "now", lambda _self: self.clock.now())
            code = main(["--home", str(self.wired.home(who)), "--lang", "en", *words])
        return Said(code, out.getvalue().strip(), err.getvalue())

    def does(self, who: str, *words: str) -> Said:
        """What must be done, at home; the hub hears of it at the next exchange."""
        said = self.run(who, *words)
        assert said.code == 0, said.err
        return said

    def adds(self, who: str, called: str, kind: str, *values: str) -> Said:
        said = self.does(who, "add", kind, *values)
        self.ids[called] = said.out
        return said

    def refused(self, who: str, sentence: str, *words: str, code: int = 1) -> None:
        """What is not allowed is refused at home: a sentence, exit 1 (2 for words that cannot be meant), nothing is saved."""
        before = self.wired.replicas[who].number("next")
        said = self.run(who, *words)
        assert (said.code, sentence in said.err) == (code, True), said.err
        assert self.wired.replicas[who].number("next") == before

    def refused_by_the_hub(self, who: str, *words: str) -> None:
        """What the hub does not allow is said at home and refused by it; nobody else sees it."""
        n = self.wired.replicas[who].number("next")
        assert "refuse" in self.does(who, *words).err
        self.wired.sync(who)
        assert self.wired.replicas[who].number("next") > n
        held = json.loads(self.does(who, "refused", "--json").out)
        assert held
        self.does(who, "refused", "--discard")

    def body(self, who: str, called: str) -> dict[str, Any]:
        said = self.does(who, "show", self.ids[called], "--json")
        found: dict[str, Any] = json.loads(said.out)["body"]
        return found

    def turns(self, who: str) -> set[str]:
        """The rules by which something waits for somebody, in their own home."""
        items = json.loads(self.does(who, "today", "--json").out)
        return {each["line"]["rule"] for each in items}

    def exchange(self) -> None:
        self.wired.sync()


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    told = Story(tmp_path)
    yield told
    told.wired.close()


@pytest.mark.row(
    "S004-01", "S004-02", "S004-03", "S004-04", "S004-05", "S004-06", "S004-07", "S004-08",
    "S004-09", "S004-10", "S004-11", "S004-12", "S004-13", "S004-14", "S004-15", "S004-16",
    "S004-17", "S004-18", "S004-19", "S004-20", "S004-21", "S004-22", "S004-23", "S004-24",
)  # fmt: skip
def test_the_example_of_the_guides_goes_through_its_six_steps(story: Story) -> None:
    people(story)
    clarified(story)
    kicked_off(story)
    co_created(story)
    executed(story)
    verified(story)
    fed_back(story)
    alike(story)


def people(story: Story) -> None:
    for name in (FINANCE, MARKET):
        story.does(name, "add", "department", f"name={OF[name]}")
        story.does(name, "add", "person", f"name={name}", f"department={OF[name]}", "decides=yes")
    story.does(FINANCE, "add", "department", "name=运营部", f"head={OPERATIONS}")
    story.refused_by_the_hub(MARKET, "add", "person", f"name={OPERATIONS}", "department=运营部")
    story.adds(
        FINANCE, "project", "project", "title=Q3利润报告", "initiator=财务部", "departments=市场部",
        "departments=运营部", "state=running", "start=2024-10-08", "due=2024-10-20",
    )  # fmt: skip
    for name, department in OF.items():
        seat = ("seat", f"of={story.ids['project']}", f"department={department}", "role=liaison")
        story.adds(FINANCE, f"seat {name}", *seat, "layer=execution", f"person={name}")
    story.exchange()


def clarified(story: Story) -> None:
    """Step 1, offline at first: what is seen, what lies behind it, what it costs, whose it may be."""
    story.adds(
        FINANCE, "blocker", "blocker", "title=Q3活动数据未按时提交", f"project={story.ids['project']}",
        "why=财务部收不到数据，成本核算停着", "unblock=市场部指定提报人，财务部确认格式",
        "trigger=duty", "lead=财务部", "departments=市场部", "departments=运营部",
        "phenomenon=市场部的Q3活动数据未在9月30日前同步至财务部",
    )  # fmt: skip
    blocker = story.ids["blocker"]
    assert {"answer", "clarify"} <= story.turns(FINANCE)
    story.refused(FINANCE, "cannot become", "set", blocker, "state=verified")
    story.refused(FINANCE, "needs a task of it that is done", "set", blocker, "state=resolved")
    story.does(
        FINANCE, "set", blocker, "essence=数据提报流程未明确责任人和截止时间",
        'effect={"on":"business","how_much":"月度报表延误2天"}', "attributed=市场部", "attributed=财务部",
    )  # fmt: skip
    story.exchange()
    assert "answer" not in story.turns(FINANCE)
    assert "answer" in story.turns(MARKET)
    story.refused_by_the_hub(OPERATIONS, "set", blocker, "essence=与运营部无关")
    assert story.body(OPERATIONS, "blocker")["essence"].startswith("数据提报流程")


def kicked_off(story: Story) -> None:
    """Step 2: the answer within 24 hours, one liaison of each department, the lead named."""
    blocker = story.ids["blocker"]
    story.set_clock("2024-10-08T15:00")
    story.adds(MARKET, "answer", "comment", f"of={blocker}", "type=answer", "text=由经理负责提报")
    story.exchange()
    assert "answer" not in story.turns(MARKET)
    assert "lead" in story.turns(FINANCE)
    seat = ("seat", f"of={blocker}", "role=liaison", f"project={story.ids['project']}")
    story.adds(FINANCE, "finance", *seat, f"person={FINANCE}", "department=财务部")
    story.adds(FINANCE, "market", *seat, f"person={MARKET}", "department=市场部")
    twice = story.adds(FINANCE, "second", *seat, "person=*专员", "department=市场部")
    assert "has a liaison here already" in twice.err
    assert "no power of decision" in twice.err
    story.does(FINANCE, "undo")
    story.refused_by_the_hub(OPERATIONS, "add", *seat, "person=*专员", "department=运营部")
    story.refused(MARKET, "cannot become", "set", blocker, "state=verified")
    story.does(FINANCE, "set", blocker, "state=coordinating", f"owner={FINANCE}")
    assert story.body(FINANCE, "blocker")["first_said"]["essence"].startswith("数据提报流程")
    story.exchange()
    assert "lead" not in story.turns(FINANCE)
    assert "cocreate" in story.turns(FINANCE)


def co_created(story: Story) -> None:
    """Step 3: a topic meeting on root, target and options; tasks with one owner each, SMART."""
    blocker, project = story.ids["blocker"], story.ids["project"]
    story.set_clock("2024-10-09T09:00")
    story.adds(
        FINANCE, "meeting", "meeting", "title=数据提报专题会", "type=topic", "gate=complex",
        f"about={blocker}", f"project={project}", "minutes=60", "start=2024-10-09T14:00",
    )  # fmt: skip
    for order, title in enumerate(("问题根源", "解决目标", "可行方案"), 1):
        topic = (f"title={title}", f"of={story.ids['meeting']}", f"order={order}", "minutes=15")
        story.adds(FINANCE, title, "topic", *topic)
    story.refused(FINANCE, "cannot become", "set", story.ids["meeting"], "state=confirmed")
    begun = (f"source={blocker}", f"project={project}", "start=2024-10-09")
    two = ("add", "task", "title=共同修订", *begun, f"owner={MARKET}", f"owner={FINANCE}")
    story.refused(FINANCE, "given twice", *two, code=2)
    off = "due=2024-10-12"
    for called, title, owner, due, deliverable in (
        ("note", "市场部提交数据延迟原因说明", MARKET, "due=2024-10-10", "延迟原因说明报告"),
        ("format", "财务部明确数据格式要求", FINANCE, off, "数据提报格式模板"),
        ("rules", "共同修订数据提报流程", MARKET, "due=2024-10-15", "跨部门数据提报规范"),
    ):
        values = (f"owner={owner}", f"department={OF[owner]}", due, f"deliverable={deliverable}")
        said = story.adds(FINANCE, called, "task", f"title={title}", *begun, *values)
        # The Saturday is a make-up working day (S004-24).
        assert "weekend" not in said.err
        # 运营部 has no part in it yet, said once (S004-05).
        assert ("运营部: cooperating on it" in said.err) == (called == "note")
    story.adds(
        FINANCE, "waits", "dependency", f"before={story.ids['format']}", f"after={story.ids['rules']}",
        "condition=格式模板定稿",
    )  # fmt: skip
    assert "smart" in story.turns(FINANCE)
    tasks = [story.ids[called] for called in ("note", "format", "rules")]
    story.does(FINANCE, "set", *tasks, f"smart={SMART}")
    assert story.turns(FINANCE).isdisjoint({"smart", "cocreate"})
    story.exchange()
    story.refused_by_the_hub(OPERATIONS, "set", story.ids["note"], f"owner={OPERATIONS}")


def executed(story: Story) -> None:
    """Step 4, both offline: a line a day, the slip with its cause, the reminder, the new date."""
    assert "remind" in story.turns(FINANCE)
    story.adds(FINANCE, "reminder", "comment", f"of={story.ids['note']}", "text=明天到期，能交吗")
    assert "remind" not in story.turns(FINANCE)
    story.does(MARKET, "set", story.ids["note"], "state=doing")
    story.does(FINANCE, "set", story.ids["format"], "state=doing")
    assert "daily" in story.turns(FINANCE)
    line = ("add", "progress", f"of={story.ids['format']}", "did=模板初稿完成", "next=待市场部确认")
    story.refused(FINANCE, "needed", *line, "day=2024-10-09", "says=late")
    story.does(FINANCE, *line, "day=2024-10-09", "says=doing")
    assert "daily" not in story.turns(FINANCE)
    story.set_clock("2024-10-10T17:00")
    story.does(MARKET, "set", story.ids["note"], "state=done")
    story.refused(MARKET, "cannot become", "set", story.ids["note"], "state=todo")
    story.exchange()
    story.refused_by_the_hub(OPERATIONS, "set", story.ids["format"], "state=done")
    # The wish of 运营部 is a comment, which a viewer may write.
    wish = ("type=comment", "text=模板需增加运营部需求")
    story.adds(OPERATIONS, "wish", "comment", f"of={story.ids['blocker']}", *wish)
    story.set_clock("2024-10-12T09:00")
    assert story.turns(FINANCE) >= {"due"}, "who owns it is told, and reminds nobody"
    assert "remind" not in story.turns(FINANCE)
    late = story.does(
        FINANCE, "set", story.ids["format"], "due=2024-10-13", "delay_type=travel",
        "delay_cause=负责人出差", "need=市场部当日确认",
        'plan={"at":"2024-10-12","was":"2024-10-12","to":"2024-10-13","why":"负责人出差"}',
    )  # fmt: skip
    assert "2024-10-13 is on a weekend" in late.err
    again = ("type=topic", "gate=complex", "minutes=30", f"about={story.ids['blocker']}")
    story.adds(FINANCE, "again", "meeting", "title=模板增加运营部需求，再议", *again)
    story.refused(FINANCE, "Fill in both", "set", story.ids["format"], "need=")
    story.set_clock("2024-10-13T16:00")
    story.does(FINANCE, "set", story.ids["format"], "state=done")
    story.refused(FINANCE, "cannot become", "set", story.ids["blocker"], "state=verified")
    story.exchange()
    assert story.body(OPERATIONS, "format")["plan"][0]["was"] == "2024-10-12"
    talk = json.loads(
        story.does(MARKET, "list", "comment", f"of:{story.ids['blocker']}", "--json").out
    )
    assert {each["author"] for each in talk} == {MARKET, OPERATIONS}
    story.set_clock("2024-10-15T16:00")
    story.does(MARKET, "set", story.ids["rules"], "state=done")
    story.exchange()
    assert "resolve" in story.turns(FINANCE)


def verified(story: Story) -> None:
    """Step 5: compared with what was first said; the verification moves the blocker, nothing else does."""
    blocker = story.ids["blocker"]
    said = story.does(FINANCE, "set", blocker, "state=resolved", "verify_on=2024-10-20")
    assert "2024-10-20 is on a weekend" in said.err
    story.refused(FINANCE, "Submit a verification", "set", blocker, "state=verified")
    story.exchange()
    assert "verify" not in story.turns(FINANCE)
    story.set_clock("2024-10-20T16:00")
    assert "verify" in story.turns(FINANCE)
    values = ("acceptance", f"of={blocker}", "type=blocker", "title=验证", "state=submitted")
    story.refused_by_the_hub(OPERATIONS, "add", *values, "result=unsolved")
    story.refused(FINANCE, "says its result", "add", *values)
    story.adds(
        FINANCE, "verification", *values, "result=solved",
        'lines={"standard":"数据按时提交","met":"yes","evidence":"10月20日按时提交"}',
        'lines={"standard":"报告按期发布","met":"yes","evidence":"按期发布"}',
    )  # fmt: skip
    assert story.body(FINANCE, "blocker")["state"] == "verified"
    story.exchange()
    assert story.body(MARKET, "blocker")["state"] == "verified"
    story.refused(MARKET, "cannot become", "set", blocker, "state=resolved")


def fed_back(story: Story) -> None:
    """Step 6, offline at first: feedback of every department, the sheet, the lesson, the rule revised."""
    blocker = story.ids["blocker"]
    assert all("feedback" in story.turns(name) for name in OF)
    for name, text in (
        (MARKET, "新流程中截止时间明确，后续可避免延迟"),
        (FINANCE, "建议增加数据预审环节"),
        (OPERATIONS, "模板已含运营部需求"),
    ):
        values = (f"of={blocker}", "meaning=feedback", f"department={OF[name]}")
        story.refused(name, "needed", "add", "signoff", *values)
        story.adds(name, f"feedback {name}", "signoff", *values, f"text={text}")
    story.exchange()
    others = story.ids[f"feedback {MARKET}"]
    story.refused(MARKET, "given", "set", others, "text=改口")
    story.refused_by_the_hub(FINANCE, "rm", others)
    assert all("feedback" not in story.turns(name) for name in OF)
    assert "sheet" in story.turns(FINANCE)
    story.adds(
        FINANCE, "sheet", "report", "title=反馈与改进", f"of={blocker}", "type=feedback", "state=submitted",
        "did=每日进度同步机制高效", "next=跨部门流程修订时需增加法务部预审", f"attendees={MARKET}",
    )  # fmt: skip
    assert "lesson" in story.turns(FINANCE)
    story.adds(
        FINANCE, "lesson", "lesson", "title=跨部门流程修订需法务部预审", f"of={story.ids['sheet']}",
        "type=improve", "state=shared", "rule=未明确跨部门任务优先级", "rule_department=财务部",
    )  # fmt: skip
    story.exchange()
    story.refused_by_the_hub(OPERATIONS, "set", story.ids["lesson"], "state=retired")
    assert "lesson" not in story.turns(FINANCE)
    assert "revise" in story.turns(FINANCE)
    story.adds(
        FINANCE, "revision", "task", "title=修订跨部门任务优先级制度", f"source={story.ids['lesson']}",
        "department=财务部", f"owner={FINANCE}", "due=2024-11-29",
    )  # fmt: skip
    assert "revise" not in story.turns(FINANCE)
    story.does(FINANCE, "set", blocker, "state=closed")
    story.exchange()


def alike(story: Story) -> None:
    """Everybody holds the same, nothing of the blocker waits for anybody, and nothing is in conflict."""
    story.exchange()
    replicas = list(story.wired.replicas.values())
    assert len({(each.seq, each.meta("digest"), each.meta("count")) for each in replicas}) == 1
    assert story.body(OPERATIONS, "blocker")["state"] == "closed"
    assert story.body(OPERATIONS, "blocker")["first_said"]["phenomenon"].startswith("市场部的Q3")
    assert json.loads(story.does(FINANCE, "conflicts", "--json").out) == []
    for name in OF:
        assert story.turns(name) <= {"weekly", "settle", "receipt"}, name


@pytest.mark.row("S004-16")
def test_two_who_verify_apart_and_differ_leave_it_unsolved(story: Story) -> None:
    people(story)
    story.adds(
        FINANCE, "blocker", "blocker", "title=Q3活动数据未按时提交", f"project={story.ids['project']}",
        "why=收不到数据", "unblock=指定提报人", "essence=流程未明确", "lead=财务部", "departments=市场部",
    )  # fmt: skip
    blocker = story.ids["blocker"]
    story.does(FINANCE, "set", blocker, "state=resolved", "note=口头说定")
    story.exchange()
    verdict = ("acceptance", "title=验证", "type=blocker", f"of={blocker}", "state=submitted")
    assert "as round 2" in story.adds(MARKET, "unsolved", *verdict, "result=unsolved").err
    assert "verified with it" in story.adds(FINANCE, "solved", *verdict, "result=solved").err
    story.exchange()
    held = [json.loads(story.does(name, "conflicts", "--json").out) for name in (FINANCE, MARKET)]
    assert [len(each) for each in held] == [1, 1]
    replicas = story.wired.replicas.values()
    assert len({each.meta("digest") for each in replicas}) == 1
    # The later word stands, and the worse of both counts: it has to be opened again.
    assert story.body(FINANCE, "blocker")["state"] == "verified"
    assert "restart" in story.turns(FINANCE)
    story.does(FINANCE, "set", blocker, "state=open")
    assert story.body(FINANCE, "blocker")["round"] == 2
    assert "restart" not in story.turns(FINANCE)
