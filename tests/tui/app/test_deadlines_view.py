"""The countdowns at a frozen time, and as it passes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from textual.pilot import Pilot

from schema import wording
from syncd.home import Home
from tests.conftest import Duijie
from tests.played import FrozenClock
from tests.tui.app.grid import grid
from tui.app import DuijieApp
from tui.views.deadlines import Deadlines

FRIDAY = datetime(2026, 11, 20, 14, 32, tzinfo=ZoneInfo("Asia/Shanghai"))
SECOND = 1_000_000


@pytest.fixture
def dated(alone: Duijie) -> Duijie:
    """Tasks before, on and after the day."""
    for title, due in (
        ("晚了四天", "2026-11-16"),
        ("今天五点", "2026-11-20T17:00"),
        ("下周二", "2026-11-24"),
        ("明年", "2027-01-05"),
    ):
        alone.ok("add", "task", f"title={title}", f"due={due}", "department=研发部")
    return alone


@asynccontextmanager
async def shown(
    home: Path, clock: FrozenClock, size: tuple[int, int] = (120, 36)
) -> AsyncIterator[Pilot[int]]:
    wording.use("zh")
    app = DuijieApp(Home(home), synced=False, theme="dark", clock=clock)
    async with app.run_test(size=size, notifications=True) as pilot:
        await pilot.press("4")
        await pilot.pause()
        yield pilot


def row_of(pilot: Pilot[int], title: str) -> str:
    return next(row for row in grid(pilot.app) if title in row)


async def test_each_group_says_how_long_is_left_in_working_days(dated: Duijie) -> None:
    async with shown(dated.home, FrozenClock(FRIDAY)) as pilot:
        assert "红     -4 工作日" in row_of(pilot, "晚了四天")
        assert "2:28:00" in row_of(pilot, "今天五点")
        assert "黄      2 工作日" in row_of(pilot, "下周二")
        assert "未公布" in row_of(pilot, "明年")
        rows = "\n".join(grid(pilot.app))
        for heading in ("已延迟  1", "今天  1", "下周  1", "以后  1"):
            assert heading in rows


async def test_the_clock_runs_and_turns_late(dated: Duijie) -> None:
    clock = FrozenClock(FRIDAY)
    async with shown(dated.home, clock) as pilot:
        app = pilot.app
        assert isinstance(app, DuijieApp)
        clock.pass_(60 * SECOND)
        app.hearing.tick()
        await pilot.pause()
        assert "2:27:00" in row_of(pilot, "今天五点")
        clock.pass_(3 * 3600 * SECOND)
        app.hearing.tick()
        await pilot.pause()
        assert "-0:33:00" in row_of(pilot, "今天五点")
        assert "已延迟  2" in "\n".join(grid(app))


@pytest.mark.parametrize("seconds", [1, 3_000, 7_200])
async def test_a_clock_that_goes_on_is_drawn_as_if_all_was(dated: Duijie, seconds: int) -> None:
    """One second, fewer digits, and none left: only its cells are drawn, and the line is the same."""
    clock = FrozenClock(FRIDAY)
    async with shown(dated.home, clock) as pilot:
        app = pilot.app
        assert isinstance(app, DuijieApp)
        assert app.frame is not None
        view = app.frame.view
        assert isinstance(view, Deadlines)
        before = row_of(pilot, "今天五点")
        for _time in range(2):
            clock.pass_(seconds * SECOND)
            view.tick()
        await pilot.pause()
        assert row_of(pilot, "今天五点") != before
        drawn = dict(view.list._drawn)
        assert drawn == {line: view.list._draw(line, view.list.look) for line in drawn}


async def test_the_strip_counts_the_days_of_the_weeks(dated: Duijie) -> None:
    async with shown(dated.home, FrozenClock(FRIDAY)) as pilot:
        strip = grid(pilot.app)[3:6]
        assert "第 47 周" in strip[0]
        assert strip[1].split()[:7] == ["16", "17", "18", "19", "20", "23", "24"]
        assert strip[2].split()[:7] == ["1", "-", "-", "-", "1", "-", "1"]
        await pilot.press("left_square_bracket")
        await pilot.pause()
        assert "第 46 周" in grid(pilot.app)[3]


async def test_groups_by_department(dated: Duijie) -> None:
    async with shown(dated.home, FrozenClock(FRIDAY)) as pilot:
        await pilot.press("ctrl+g")
        await pilot.pause()
        assert "研发部  4" in "\n".join(grid(pilot.app))


async def test_a_small_screen_keeps_title_and_countdown(dated: Duijie) -> None:
    async with shown(dated.home, FrozenClock(FRIDAY), (80, 24)) as pilot:
        row = row_of(pilot, "晚了四天")
        assert "-4 工作日" in row
        assert "11-16 周一" in row


async def test_nothing_with_a_deadline_is_said(alone: Duijie) -> None:
    async with shown(alone.home, FrozenClock(FRIDAY)) as pilot:
        assert "没有带期限的事" in "\n".join(grid(pilot.app))
