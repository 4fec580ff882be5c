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


async def test_a_blocker_moves_on_to_closed_and_leaves_the_queue(alone: Duijie, stuck: str) -> None:
    async with shown(alone.home) as pilot:
        for _state in range(4):
            await pilot.press("greater_than_sign")
            await pilot.pause()
        assert told(pilot, "SELECT state FROM records WHERE kind = 'blocker'") == [("closed",)]
        assert "没有卡点" in text(pilot)
        await pilot.press("ctrl+z")
        await pilot.pause()
        assert "缺产品说明书" in text(pilot)


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
