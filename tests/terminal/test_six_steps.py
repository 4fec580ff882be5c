"""The guides' own example of the six steps (S004) walked with keys: the lead's liaison from Today, the others by command.

市场部 misses the day of its Q3 data, 财务部 raises the blocker and leads, 运营部 cooperates. The programs
keep the guides' dates; the hub is away while the blocker is written.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path

import pytest

from syncd.clock import Clock
from tests.processes.stage import staged, stands
from tests.terminal.bent import Dial
from tests.terminal.six_steps import LEAD, MARKET, OF, OPERATIONS, ROLES, STUCK, Story
from tests.terminal.terminal import DUIJIE, Terminal

SEEN = "市场部的Q3活动数据未在9月30日前同步至财务部"
ROOT = "数据提报流程未明确责任人和截止时间"
LOST = "月度报表延误2天"
NOTE, FORMAT, RULES = "市场部提交数据延迟原因说明", "财务部明确数据格式要求", "共同修订数据提报流程"
SMART = {"smart.s": "写清", "smart.m": "一份", "smart.a": "两日内", "smart.t": "按期"}


def people(story: Story) -> None:
    """Who there is, the project, and the task that will be stuck."""
    for name in (LEAD, MARKET):
        story.runs(name, "add", "department", f"name={OF[name]}")
        story.runs(name, "add", "person", f"name={name}", f"department={OF[name]}", "decides=yes")
    story.runs(LEAD, "add", "department", "name=运营部", f"head={OPERATIONS}")
    project = story.runs(
        LEAD, "add", "project", "title=Q3利润报告", "initiator=财务部", "departments=市场部",
        "departments=运营部", "state=running", "start=2024-10-08", "due=2024-11-29",
    )  # fmt: skip
    for name, department in OF.items():
        seat = (f"of={project}", f"department={department}", f"person={name}", "role=liaison")
        story.runs(LEAD, "add", "seat", *seat, "layer=execution")
    values = ("title=Q3成本核算", f"project={project}", "department=财务部", "due=2024-11-29")
    story.runs(LEAD, "add", "task", *values)


def raised(story: Story) -> None:
    """From the page of the task, without the hub: what is seen, and then from Today what lies behind it."""
    terminal = story.terminal
    terminal.wait("离线")
    story.keys("2")
    terminal.wait("T-001")
    story.keys("enter")
    terminal.wait("交付标准", "Q3成本核算")
    story.keys("!")
    terminal.wait("新建卡点")
    story.fill(
        "blocker",
        "title",
        {
            "title": STUCK,
            "why": "财务部收不到数据，成本核算停着",
            "unblock": "市场部指定提报人，财务部确认格式",
            "trigger": "职责",
            "phenomenon": SEEN,
        },
    )
    story.save("已存")
    story.back("交付标准")
    story.back("改状态")
    story.today("未送达", "厘清", "还没写：本质、影响、归因")
    story.settle("厘清", "卡在哪里")
    story.fill("blocker", "essence", {"essence": ROOT, "effect": f"业务 | {LOST}"})
    story.fill("blocker", "effect", {"attributed": "市场部", "departments": "运营部"})
    story.save("已存")
    story.back("轮到我 1", "未送达")


def started(story: Story) -> None:
    """The hub hears of it, the others answer, and somebody of the lead is named."""
    terminal = story.terminal
    terminal.wait("一致", "今天没有轮到你的事", "回应 B-001")
    story.at("2024-10-08T15:00")
    story.keys("3")
    terminal.wait("启动 2/6", "^G 派人")
    story.today()
    of = f"of={story.blocker['id']}"
    story.runs(MARKET, "add", "comment", of, "type=answer", "text=由经理负责提报")
    story.settle("派人", "新建席位", f"人员        {LEAD}")
    story.save("已存", "共创")


def no_decision_layer(story: Story) -> None:
    """Who does not decide calls no emergency meeting: said on the page, and by the hub."""
    terminal = story.terminal
    story.keys("3")
    terminal.wait("^G 专题会")
    story.keys("ctrl+g")
    terminal.wait("为它约一次专题会？")
    story.keys("down", "enter")
    terminal.wait(f"专题会：{STUCK}", " ▐ 开始")
    story.keys("'2024-10-09 14:00")
    story.save("已存", "M-001")
    story.keys(*["shift+tab"] * 6, "'应急", "tab")
    terminal.wait("只有该项目的决策层可以这么做，中枢会拒收这一步")
    story.save("1 项被拒收：只有该项目的决策层可以这么做")
    terminal.wait("类别        专题")
    story.keys("f2")
    terminal.wait("中枢拒收了下面的修改")
    story.keys("enter")
    terminal.wait("改动史里还留着")
    story.keys("down", "enter")
    terminal.wait_gone("改动史里还留着")
    story.keys("escape")
    terminal.wait_gone("条数")


def co_created(story: Story) -> None:
    """The meeting's three topics, and three tasks with one owner each, SMART."""
    terminal = story.terminal
    story.back("^G 看专题会")
    (meeting,) = story.found("meeting")
    assert {each["body"]["of"] for each in story.found("topic")} == {meeting["id"]}
    assert len(story.found("topic")) == 3
    blocker = story.blocker
    for title, due, made in (
        (NOTE, "2024-10-10", "延迟原因说明报告"),
        (RULES, "2024-10-15", "跨部门数据提报规范"),
    ):
        story.runs(
            MARKET, "add", "task", f"title={title}", f"source={blocker['id']}", f"owner={MARKET}",
            f"project={blocker['body']['project']}", "start=2024-10-09", f"due={due}",
            f"deliverable={made}", 'smart={"s":"写清","m":"一份","a":"两日内","r":"按时","t":"按期"}',
        )  # fmt: skip
    terminal.wait("任务完成 0/2", "执行 4/6")
    story.keys("ctrl+t")
    terminal.wait("新建任务", " ▐ 任务名称", "SMART 相关    市场部指定提报人")
    texts = {"title": FORMAT, "owner": LEAD, "start": "10-9", "due": "10-12"}
    story.fill("task", "title", {**texts, "deliverable": "数据提报格式模板", **SMART})
    story.save("任务完成 0/3", FORMAT)
    terminal.wait("执行 4/6")
    assert "SMART 缺" not in terminal.text


def executed(story: Story) -> None:
    """A reminder the day before, a line a day; then the template slips, and the old date is kept."""
    terminal = story.terminal
    story.at("2024-10-09T09:00")
    story.today()
    story.settle("提醒", "新建留言", f"涉及人员    {MARKET}", " ▐ 正文")
    story.keys("'明天到期，能按时交吗")
    story.save("今天没有轮到你的事")
    story.keys("2")
    terminal.wait("004")
    story.keys("/")
    terminal.wait("Tab 取用")
    story.keys("'004")
    terminal.wait("1 项符合")
    story.keys("enter")
    terminal.wait("改状态")
    story.keys(">")
    terminal.wait("进行中                1")
    story.back("未筛选")
    story.today()
    story.settle("日报", "新建进展", " ▐ 已做")
    story.keys("'模板初稿完成", "tab", "'待市场部确认")
    story.save("今天没有轮到你的事")
    story.at("2024-10-10T17:00")
    note = story.id("task", NOTE)
    story.runs(MARKET, "set", note, "state=doing")
    story.runs(MARKET, "set", note, "state=done")


def slipped(story: Story) -> None:
    """On the make-up working day: the cause, what is needed, and a new date."""
    terminal = story.terminal
    story.at("2024-10-12T09:00", "今天到期 2")
    story.settle("到期", FORMAT, "状态")
    story.keys("ctrl+l")
    terminal.wait("申报延迟", " ▐ 到期")
    story.keys("ctrl+u", "'10-13", "tab", "'负责人出差", "tab", "'市场部当日确认", "tab", "'出差")
    story.save("10-13 周日", "改期记录", "负责人出差")
    story.back("轮到我", "明天")


def finished(story: Story) -> None:
    """What waits is done, and Today asks whether the blocker is."""
    story.at("2024-10-13T16:00", "今天到期 1")
    story.settle("到期", FORMAT, " ▐ 状态")
    story.keys("'已完成")
    story.save("已存")
    story.back("今天没有轮到你的事")
    story.at("2024-10-15T16:00")
    rules = story.id("task", RULES)
    story.runs(MARKET, "set", rules, "state=doing")
    story.runs(MARKET, "set", rules, "state=done")
    story.settle("解决", " ▐ 状态", "卡在哪里")
    story.fill("blocker", "state", {"state": "已解决", "verify_on": "10-20"})
    story.save("已存")
    story.back("今天没有轮到你的事")


def verified(story: Story) -> None:
    """Compared with what was first said: partly at first, so that a task follows, then solved."""
    terminal = story.terminal
    story.at("2024-10-20T16:00", "验证")
    verdict = ("新建验收单", f"现象：{SEEN}", f"影响：{LOST}", f"根因：{ROOT}")
    story.settle("验证", *verdict)
    story.save("提交验证要写明结论")
    story.keys(*judged("达标"), *judged("部分达标"), *judged("达标"), "'部分解决")
    story.save("跟进", "验证为部分解决")
    story.settle("跟进", "新建任务", f"来源          B-001 {STUCK}")
    values = {"title": "再看一次月报", "owner": LEAD, "start": "10-21", "due": "10-25"}
    story.fill("task", "title", values | SMART)
    story.save("今天没有轮到你的事")
    story.at("2024-10-24T16:00", "到期")
    story.settle("到期", "再看一次月报", " ▐ 状态")
    story.keys("'已完成")
    story.save("已存")
    story.back("验证")
    story.settle("验证", *verdict)
    story.keys(*judged("达标") * 3, "'已解决")
    story.save("这次会一起存下", f"B-001 {STUCK}：已解决，同时转为已验证")
    story.keys("down", "enter")
    terminal.wait("写反馈", "填表")
    assert story.blocker["body"]["state"] == "verified"


def fed_back(story: Story) -> None:
    """What each department says, the sheet of it, the lesson, the rule that has a gap; then it is closed."""
    terminal = story.terminal
    of = f"of={story.blocker['id']}"
    for who, text in ((MARKET, "新流程中截止时间明确"), (OPERATIONS, "模板已含运营部需求")):
        values = (of, "meaning=feedback", f"department={OF[who]}", f"text={text}")
        story.runs(who, "add", "signoff", *values)
    terminal.wait("一致")
    story.settle("写反馈", "新建", " ▐ 正文")
    story.keys("'建议增加数据预审环节")
    story.save("填表")
    story.settle("填表", "已提交", "新流程中截止时间明确", "建议增加数据预审环节")
    story.save("分享")
    story.settle("分享", " ▐ 标题")
    texts = {"title": "跨部门流程修订需法务部预审", "rule": "未明确跨部门任务优先级"}
    story.fill("lesson", "title", {**texts, "rule_department": "财务部"})
    story.save("修订")
    story.settle("修订", "新建任务", "未明确跨部门任务优先级")
    story.fill(
        "task", "title", {"title": "修订跨部门任务优先级制度", "owner": LEAD, "due": "11-29"}
    )
    story.save("今天没有轮到你的事")
    story.keys("3")
    terminal.wait("^G 关闭")
    story.keys("ctrl+g")
    terminal.wait("没有卡点", "一致", "0 待发")


def kept(story: Story) -> None:
    """What is saved of it: the first description, the round, the old date, and who did what."""
    body = story.blocker["body"]
    assert (body["state"], body.get("round", 1)) == ("closed", 1)
    assert body["first_said"]["essence"] == ROOT
    assert body["first_said"]["effect"] == [{"on": "business", "how_much": LOST}]
    template = next(e for e in story.found("task") if e["body"]["title"] == FORMAT)
    (moved,) = template["body"]["plan"]
    assert (moved["was"], moved["to"]) == ("2024-10-12", "2024-10-13")
    results = [each["body"]["result"] for each in story.found("acceptance")]
    assert sorted(results) == ["partly", "solved"]
    versions = json.loads(story.runs(LEAD, "log", story.blocker["id"], "--json"))
    assert {each["author"] for each in versions} == {LEAD}
    assert [each["changed"] for each in versions][:3] == [
        ["state"], ["state"], ["state", "first_said", "verify_on"]
    ]  # fmt: skip


def judged(word: str) -> list[str]:
    """The keys that say of a line of the verification whether it is met, and go on to the next."""
    return ["end", "left", f"'{word} ", "down"]


@pytest.mark.row(
    "S004-01", "S004-02", "S004-03", "S004-08", "S004-09", "S004-10", "S004-11", "S004-12",
    "S004-13", "S004-14", "S004-15", "S004-16", "S004-17", "S004-18", "S004-19", "S004-20",
    "S004-21", "S004-22", "S004-24",
)  # fmt: skip
async def test_the_lead_walks_the_six_steps_from_today(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dial = Dial(tmp_path / "time")
    dial.set("2024-10-08T09:00")
    monkeypatch.setattr(Clock, "now", lambda _clock: dial.now())
    async with staged(tmp_path) as stage:
        stage.through = dial.words
        await stage.serve()
        homes = {name: await stage.join(name, role, OF[name]) for name, role in ROLES.items()}
        words = [sys.executable, "-m", *dial.words, DUIJIE[-1], "--home", homes[LEAD].path]
        with Terminal([*words, "--lang", "zh"], size=(120, 36)) as terminal:
            story = Story(homes, dial, terminal)
            await asyncio.to_thread(people, story)
            await asyncio.to_thread(terminal.wait, "一致", "T-001")
            assert stage.serving is not None
            await stage.serving.end(signal.SIGTERM)
            await asyncio.to_thread(raised, story)
            await stage.serve()
            for part in (
                started, no_decision_layer, co_created, executed, slipped, finished, verified,
                fed_back, kept,
            ):  # fmt: skip
                await asyncio.to_thread(part, story)
            terminal.press("ctrl+q")
            assert await asyncio.to_thread(terminal.wait_exit) == 0
        for name in (MARKET, OPERATIONS):
            await stage.sync(homes[name])
        assert len({stands(home) for home in homes.values()}) == 1
