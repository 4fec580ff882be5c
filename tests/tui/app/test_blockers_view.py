"""The queue of blockers and the one in full, under keys."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from schema import wording
from syncd.home import Home
from syncd.store.relations import held_up_by
from tests.conftest import Duijie
from tests.tui.app.grid import grid
from tests.tui.app.showing import until
from tui.app import DuijieApp
from tui.views.beside import items
from tui.views.blockers import Blockers
from tui.views.record import RecordPage

WIDE, SMALL = (120, 36), (80, 24)


@pytest.fixture
def stuck(alone: Duijie) -> str:
    """A blocker that holds up a task."""
    task = alone.ok("add", "task", "title=上市宣传素材").id
    return alone.ok(
        "add",
        "blocker",
        "title=缺产品说明书",
        "why=参数页空着",
        "unblock=支付参数表",
        "departments=市场部",
        f"source={task}",
    ).id


@asynccontextmanager
async def shown(
    home: Path, size: tuple[int, int] = WIDE, lang: str = "zh"
) -> AsyncIterator[Pilot[int]]:
    wording.use(lang)
    app = DuijieApp(Home(home), synced=False, theme="dark")
    async with app.run_test(size=size, notifications=True) as pilot:
        await pilot.press("3")
        await until(pilot, lambda: bool(pilot.app.screen.query(Blockers)))
        await pilot.pause()
        yield pilot


def text(pilot: Pilot[int]) -> str:
    return "\n".join(grid(pilot.app))


def told(pilot: Pilot[int], sql: str) -> list[tuple[object, ...]]:
    assert isinstance(pilot.app, DuijieApp)
    return pilot.app.workspace.conn.execute(sql).fetchall()


async def test_the_queue_names_who_waits_for_whom_and_the_detail_says_why(
    alone: Duijie, stuck: str
) -> None:
    async with shown(alone.home) as pilot:
        for words in (
            "研发部 › 市场部",
            "卡 1",
            "为何卡住",
            "参数页空着",
            "上市宣传素材",
        ):
            assert words in text(pilot)
        assert "未送达" not in text(pilot)


async def test_an_answer_is_written_and_sent(alone: Duijie, stuck: str) -> None:
    async with shown(alone.home) as pilot:
        await pilot.press("ctrl+r")
        assert isinstance(pilot.app.focused, Input)
        pilot.app.focused.value = "印厂今天要参数页"
        await pilot.press("ctrl+r")
        await pilot.pause()
        ((of, type_, said),) = told(
            pilot,
            "SELECT of, json_extract(body, '$.type'), json_extract(body, '$.text') "
            "FROM records WHERE kind = 'comment'",
        )
        assert (of, type_, said) == (stuck, "answer", "印厂今天要参数页")
        assert "已回应" in text(pilot)
        assert "2 启动" in text(pilot)


async def test_an_answer_stays_with_the_blocker_it_was_written_for(
    alone: Duijie, stuck: str
) -> None:
    alone.ok("add", "blocker", "title=另一件", "why=甲", "unblock=乙")
    async with shown(alone.home) as pilot:
        first = pilot.app.screen.query_one(Blockers).list.cursor
        await pilot.press("ctrl+r")
        assert isinstance(pilot.app.focused, Input)
        pilot.app.focused.value = "写给第一个"
        await pilot.press("escape", "down", "ctrl+r")
        await pilot.pause()
        assert told(pilot, "SELECT count(*) FROM records WHERE kind = 'comment'") == [(0,)]
        await pilot.press("escape", "up", "ctrl+r")
        await pilot.pause()
        assert told(
            pilot, "SELECT of, json_extract(body, '$.text') FROM records WHERE kind = 'comment'"
        ) == [(first, "写给第一个")]


async def test_a_blocker_moves_back_and_forth_and_a_move_is_taken_back(
    alone: Duijie, stuck: str
) -> None:
    async with shown(alone.home) as pilot:
        await pilot.press("greater_than_sign")
        await until(pilot, lambda: state(pilot) == "coordinating")
        await pilot.press("less_than_sign")
        await until(pilot, lambda: state(pilot) == "open")
        await pilot.press("ctrl+z")
        await until(pilot, lambda: state(pilot) == "coordinating")


def state(pilot: Pilot[int]) -> object:
    return told(pilot, "SELECT state FROM records WHERE kind = 'blocker'")[0][0]


@pytest.mark.row("S004-14", "S004-10")
async def test_what_was_solved_without_a_task_says_why_in_a_line(alone: Duijie, stuck: str) -> None:
    alone.ok("set", stuck, "state=coordinating")
    async with shown(alone.home) as pilot:
        await pilot.press("greater_than_sign")
        await until(pilot, lambda: "须有一项" in text(pilot) or "说明" in text(pilot))
        assert state(pilot) == "coordinating"
        await pilot.press("enter")
        await until(pilot, lambda: "写一句原因" in text(pilot))
        written = pilot.app.focused
        assert isinstance(written, Input)
        written.value = "当面说开了"
        await pilot.press("enter")
        await until(pilot, lambda: state(pilot) == "resolved")
        assert told(
            pilot, "SELECT of, json_extract(body, '$.text') FROM records WHERE kind = 'comment'"
        ) == [(stuck, "当面说开了")]


@pytest.mark.row("S004-14", "S004-16")
async def test_verified_is_refused_in_the_view_and_the_way_out_is_said(
    alone: Duijie, stuck: str
) -> None:
    alone.ok("set", stuck, "state=resolved", "note=说开了")
    async with shown(alone.home) as pilot:
        await pilot.press("greater_than_sign")
        await until(pilot, lambda: "请提交对它的验证" in text(pilot))
        assert state(pilot) == "resolved"


@pytest.mark.row("S004-14", "S004-16")
@pytest.mark.parametrize(
    ("result", "becomes", "says"),
    [("已解决", "verified", "同时转为已验证"), ("未解决", "open", "第 2 轮重新开始")],
)
async def test_a_verification_asks_once_and_moves_its_blocker_with_it(
    alone: Duijie, stuck: str, result: str, becomes: str, says: str
) -> None:
    alone.ok("set", stuck, "state=resolved", "note=说开了", "phenomenon=参数页空着")
    async with shown(alone.home) as pilot:
        assert "^G 验证" in text(pilot)
        await pilot.press("ctrl+g")
        await until(pilot, lambda: bool(pilot.app.screen.query(RecordPage)))
        page = pilot.app.screen.query_one(RecordPage)
        await until(pilot, lambda: page.pane.key == "lines")
        assert "现象：参数页空着" in text(pilot)
        await pilot.press("tab")
        await until(pilot, lambda: page.pane.key == "result")
        page.pane.put(result)
        await pilot.press("f4")
        await until(pilot, lambda: says in text(pilot))
        assert state(pilot) == "resolved"
        await pilot.press("down", "enter")
        await until(pilot, lambda: state(pilot) == becomes)
        await until(pilot, lambda: not pilot.app.screen.query(RecordPage))


async def test_a_verification_that_is_not_agreed_to_saves_nothing(
    alone: Duijie, stuck: str
) -> None:
    alone.ok("set", stuck, "state=resolved", "note=说开了", "phenomenon=参数页空着")
    async with shown(alone.home) as pilot:
        await pilot.press("ctrl+g")
        await until(pilot, lambda: bool(pilot.app.screen.query(RecordPage)))
        page = pilot.app.screen.query_one(RecordPage)
        await until(pilot, lambda: page.pane.key == "lines")
        await pilot.press("tab")
        page.pane.put("已解决")
        await pilot.press("f4")
        await until(pilot, lambda: "这次会一起存下" in text(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: "这次会一起存下" not in text(pilot))
        assert state(pilot) == "resolved"
        assert told(pilot, "SELECT count(*) FROM records WHERE kind = 'acceptance'") == [(0,)]


@pytest.mark.row("S004-08")
async def test_the_topic_meeting_is_made_with_its_three_topics_in_one_act(
    alone: Duijie, stuck: str
) -> None:
    alone.ok("set", stuck, "state=coordinating")
    async with shown(alone.home) as pilot:
        assert "^G 专题会" in text(pilot)
        await pilot.press("ctrl+g")
        await until(pilot, lambda: "为它约一次专题会" in text(pilot))
        await pilot.press("down", "enter")
        await until(pilot, lambda: bool(pilot.app.screen.query(RecordPage)))
        topics = told(
            pilot,
            "SELECT title, of FROM records WHERE kind = 'topic' ORDER BY json_extract(body, '$.order')",
        )
        ((meeting, minutes),) = told(
            pilot, "SELECT id, json_extract(body, '$.minutes') FROM records WHERE kind = 'meeting'"
        )
        assert [title for title, _of in topics] == ["问题根源", "解决目标", "可行方案"]
        assert {of for _title, of in topics} == {meeting}
        assert isinstance(minutes, int)
        assert 30 <= minutes <= 60
        await pilot.press("escape")
        await until(pilot, lambda: "^G 看专题会" in text(pilot))
        await pilot.press("ctrl+z")
        await until(
            pilot,
            lambda: (
                told(
                    pilot,
                    "SELECT count(*) FROM records WHERE kind IN ('meeting', 'topic') AND NOT deleted",
                )
                == [(0,)]
            ),
        )


@pytest.mark.row("S004-09")
async def test_a_solution_task_is_begun_from_the_blocker_and_lacking_letters_are_named(
    alone: Duijie, stuck: str
) -> None:
    alone.ok("set", stuck, "state=coordinating")
    async with shown(alone.home) as pilot:
        await pilot.press("ctrl+t")
        await until(pilot, lambda: bool(pilot.app.screen.query(RecordPage)))
        page = pilot.app.screen.query_one(RecordPage)
        assert page.begun["source"] == stuck
        assert page.begun["smart"] == {"r": "支付参数表"}
        await until(pilot, lambda: page.pane.key == "title")
        page.pane.put("补参数表")
        await pilot.press("f4")
        await until(pilot, lambda: "SMART 缺 S M A T" in text(pilot))
        assert "补参数表" in text(pilot)


@pytest.mark.row("S004-15", "S004-17", "S004-18", "S004-19")
async def test_after_verification_the_key_goes_from_feedback_to_the_rule(
    alone: Duijie, stuck: str
) -> None:
    alone.ok("set", stuck, "state=resolved", "note=说开了", "departments=")
    values = ("type=blocker", f"of={stuck}", "state=submitted", "result=solved")
    alone.ok("add", "acceptance", "title=验", *values)
    dot = alone.ok("show", stuck, "--json").json["dot"]
    async with shown(alone.home) as pilot:
        assert "^G 写反馈" in text(pilot)
        assert "还没写反馈：研发部" in text(pilot)
        signed = ("meaning=feedback", "department=研发部", "text=参数表提前给")
        alone.ok("add", "signoff", f"of={stuck}", f"of_dot={dot}", *signed, lang="zh")
        await until(pilot, lambda: "^G 反馈单" in text(pilot))
        assert "参数表提前给" in text(pilot)
        await pilot.press("ctrl+g")
        await until(pilot, lambda: bool(pilot.app.screen.query(RecordPage)))
        await pilot.press("f4")
        await until(pilot, lambda: "^G 分享经验" in text(pilot))
        (sheet,) = told(pilot, "SELECT id, state FROM records WHERE kind = 'report'")
        assert sheet[1] == "submitted"
        lesson = ("state=shared", "rule=参数表提报规范", "rule_department=研发部")
        alone.ok("add", "lesson", "title=先给参数", f"of={sheet[0]}", *lesson, lang="zh")
        await until(pilot, lambda: "^G 修订制度" in text(pilot))
        await pilot.press("ctrl+g")
        await until(pilot, lambda: bool(pilot.app.screen.query(RecordPage)))
        page = pilot.app.screen.query_one(RecordPage)
        (shared,) = told(pilot, "SELECT id FROM records WHERE kind = 'lesson'")
        assert (page.begun["source"], page.begun["title"]) == (shared[0], "参数表提报规范")
        await pilot.press("f4")
        await until(pilot, lambda: "^G 关闭" in text(pilot))
        await pilot.press("ctrl+g")
        await until(pilot, lambda: state(pilot) == "closed")


@pytest.mark.row("S004-14")
async def test_what_was_first_said_stands_beside_what_is_said_now(
    alone: Duijie, stuck: str
) -> None:
    alone.ok("set", stuck, "phenomenon=参数页空着", "state=coordinating")
    alone.ok("set", stuck, "phenomenon=只缺支付参数", "round=2")
    async with shown(alone.home) as pilot:
        lines = [line for line in grid(pilot.app) if "现象" in line or "当初" in line]
        assert "只缺支付参数" in lines[0]
        assert "参数页空着" in lines[1]
        assert "第 2 轮" in text(pilot)


@pytest.mark.row("S003-14", "S004-01")
@pytest.mark.parametrize(
    ("lang", "words"),
    [("zh", ("现在该回应的", "中心收到后才起算")), ("en", ("Asked now", "when the hub has it"))],
)
async def test_who_is_asked_is_said_and_nobody_sets_the_level(
    alone: Duijie, stuck: str, lang: str, words: tuple[str, str]
) -> None:
    async with shown(alone.home, lang=lang) as pilot:
        await pilot.press("plus")
        await until(pilot, lambda: all(each in text(pilot) for each in words))
        assert told(pilot, "SELECT count(*) FROM versions WHERE kind = 'blocker'") == [(1,)]


async def test_the_next_step_fits_a_small_screen(alone: Duijie, stuck: str) -> None:
    alone.ok("set", stuck, "state=resolved", "note=说开了")
    async with shown(alone.home, SMALL, "en") as pilot:
        await pilot.press("enter")
        await until(pilot, lambda: "^G Verify" in text(pilot))


async def test_a_small_screen_opens_the_detail_over_the_queue_and_goes_back(
    alone: Duijie, stuck: str
) -> None:
    async with shown(alone.home, SMALL) as pilot:
        assert "为何卡住" not in text(pilot)
        await pilot.press("enter")
        await pilot.pause()
        assert "为何卡住" in text(pilot)
        await pilot.press("escape")
        await pilot.pause()
        assert "为何卡住" not in text(pilot)
        assert "缺产品说明书" in text(pilot)


async def test_what_does_not_fit_is_read_on_while_an_answer_is_written(
    alone: Duijie, stuck: str
) -> None:
    alone.ok("set", stuck, "state=coordinating", "phenomenon=" + "现象很长。" * 60)
    async with shown(alone.home, SMALL) as pilot:
        await pilot.press("enter")
        await until(pilot, lambda: "为何卡住" in text(pilot))
        await until(pilot, lambda: isinstance(pilot.app.focused, Input))
        await pilot.pause()
        assert "上市宣传素材" not in text(pilot)
        await pilot.press("pagedown")
        await until(pilot, lambda: "上市宣传素材" in text(pilot))
        await pilot.press("pageup")
        await until(pilot, lambda: "上市宣传素材" not in text(pilot))


async def test_nothing_is_stuck_is_said(alone: Duijie) -> None:
    async with shown(alone.home) as pilot:
        assert "没有卡点" in text(pilot)
        assert "24 小时内有人回应" in text(pilot)


def drafts(pilot: Pilot[int]) -> list[tuple[object, ...]]:
    return told(pilot, "SELECT body FROM drafts")


@pytest.mark.parametrize(
    ("lang", "words"), [("zh", "回应写好了还没发出：缺产品说明书"), ("en", "written and not sent yet: 缺产品说明书")]
)  # fmt: skip
async def test_an_answer_that_was_not_sent_is_there_again(
    alone: Duijie, stuck: str, lang: str, words: str
) -> None:
    alone.ok("add", "blocker", "title=另一件", "why=甲", "unblock=乙")
    async with shown(alone.home) as pilot:
        pilot.app.screen.query_one(Blockers).list.go_to(stuck)
        await pilot.press("ctrl+r", "x", "y")
        await pilot.press("escape", "down")
    async with shown(alone.home, lang=lang) as pilot:
        await until(pilot, lambda: words in text(pilot).replace("\n", ""))
        view = pilot.app.screen.query_one(Blockers)
        view.list.go_to(stuck)
        await until(pilot, lambda: view.answer.value == "xy")
        await pilot.press("ctrl+r")
        await until(pilot, lambda: view.answer.value == "")
        assert told(
            pilot, "SELECT of, json_extract(body, '$.text') FROM records WHERE kind = 'comment'"
        ) == [(stuck, "xy")]
        await view.drafting.keep()
        assert drafts(pilot) == []


async def test_going_from_one_blocker_to_another_keeps_no_draft(alone: Duijie, stuck: str) -> None:
    alone.ok("add", "blocker", "title=另一件", "why=甲", "unblock=乙")
    async with shown(alone.home) as pilot:
        await pilot.press("down", "up")
        assert not pilot.app.screen.query_one(Blockers).drafting.unkept
    async with shown(alone.home) as pilot:
        assert drafts(pilot) == []


async def test_a_blocker_that_a_task_waits_for_and_raised_is_named_once(
    alone: Duijie, stuck: str
) -> None:
    async with shown(alone.home) as pilot:
        (source,) = [row[0] for row in told(pilot, "SELECT id FROM records WHERE kind = 'task'")]
        for _twice in range(2):
            alone.ok("add", "dependency", f"before={stuck}", f"after={source}")
        app = pilot.app
        assert isinstance(app, DuijieApp)
        app.reread()
        linked = [
            each.record
            for each in items(app.workspace, "task", str(source), 40)
            if each.record == ("blocker", stuck)
        ]
        assert len(linked) == 1
        assert len(held_up_by(app.workspace.conn, stuck)) == 1
