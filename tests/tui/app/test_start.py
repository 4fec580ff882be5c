"""The start is kept lean: what is imported for the first screen, how often it is drawn, what a tab counts."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from typing import Any

import pytest

from schema import wording
from syncd.home import Home
from syncd.store.windows import BoardWindow
from tests.conftest import Duijie
from tests.tui.app.grid import grid
from tests.tui.app.showing import app_of, seen, shown, until
from tui.app import DuijieApp
from tui.opening import opening
from tui.views.board import Board

TITLE = "新品官网产品页"

# What the first screen does not show is not paid for.
NOT_YET = {
    "argparse",
    "gettext",
    "hashlib",
    "json",
    "secrets",
    "sqlite_utils",
    "websockets",
    "schema.query",
    "schema.records.meetings",
    "schema.records.people",
    "schema.records.plan",
    "schema.records.requests",
    "schema.records.review",
    "schema.records.tasks",
    "schema.wire",
    "syncd.agent",
    "syncd.store.deadlines",
    "syncd.store.search",
    "syncd.store.undoing",
    "tui.demo.scene",
    "tui.live",
    "tui.screens.help",
    "tui.screens.palette",
    "tui.views.blockers",
    "tui.views.deadlines",
    "tui.views.record",
    "tui.widgets.filter_line",
}

FIRST = """
import asyncio, sys
from pathlib import Path
import tui.running
before = sorted(each for each in sys.modules if each.partition(".")[0] == "textual")
from syncd.home import Home
from tui.app import DuijieApp

class Told(DuijieApp):
    def _display(self, screen, update):
        if update is not None and not self._batch_count and "told" not in globals():
            globals()["told"] = sorted(sys.modules)
        super()._display(screen, update)

async def main():
    async with Told(Home(Path(sys.argv[1])), synced=False).run_test(size=(120, 36)):
        pass

asyncio.run(main())
import json
print(json.dumps([before, told]))
"""


@pytest.fixture
def home(alone: Duijie) -> Home:
    alone.ok("add", "task", f"title={TITLE}", "state=todo", "department=研发部")
    return Home(alone.home)


def test_the_first_screen_imports_what_it_shows(home: Home) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FIRST, str(home.path)], capture_output=True, check=True, text=True
    )
    before, told = json.loads(done.stdout)
    assert before == [], "the home is opened while Textual is imported, so not after it"
    assert "tui.views.board" in told
    assert NOT_YET & set(told) == set()


async def test_the_first_drawing_is_whole(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    wording.use("en")
    drawn: list[list[str]] = []
    display = DuijieApp._display

    def told(app: DuijieApp, screen: Any, update: Any) -> None:
        if update is not None and not app._batch_count:
            drawn.append(grid(app))
        display(app, screen, update)

    monkeypatch.setattr(DuijieApp, "_display", told)
    app = DuijieApp(home, synced=False, theme="dark")
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        first = "\n".join(drawn[0])
        assert first.count(TITLE) == 2, "the card and the peek of it"
        for words in ("研发部", "Enter Open", "not joined to a hub", "1 task"):
            assert words in first
        (board,) = app.screen.query(Board)
        assert board.list.cursor is not None
        assert app.screen_stack == [app.frame]


async def test_a_home_that_is_on_its_way_is_not_opened_twice(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[str] = []
    refresh = BoardWindow.refresh

    def told(window: BoardWindow, now: int) -> None:
        counted.append(threading.current_thread().name)
        refresh(window, now)

    monkeypatch.setattr(BoardWindow, "refresh", told)
    app = DuijieApp(home, synced=False, opening=opening(home))
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        assert TITLE in "\n".join(grid(app))
    assert len(counted) == 1
    assert counted[0].startswith("opening")


async def test_a_tab_that_nothing_happened_to_is_not_counted_again(
    alone: Duijie, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with shown(home.path) as pilot:
        app = app_of(pilot)
        read: list[Board] = []
        reread = Board.reread

        def told(board: Board) -> None:
            read.append(board)
            reread(board)

        monkeypatch.setattr(Board, "reread", told)
        for key in "4242":
            await pilot.press(key)
        assert read == []
        await pilot.press("4")
        alone.ok("add", "task", "title=另一项", "department=研发部")
        app.hearing.look()
        await pilot.press("2")
        assert len(read) == 1
        await seen(pilot, "另一项")


async def test_what_takes_long_to_count_is_counted_beside_the_loop(
    alone: Duijie, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with shown(home.path) as pilot:
        app = app_of(pilot)
        counted: list[threading.Thread] = []
        refresh = BoardWindow.refresh

        def told(window: BoardWindow, now: int) -> None:
            counted.append(threading.current_thread())
            refresh(window, now)

        monkeypatch.setattr(BoardWindow, "refresh", told)
        monkeypatch.setattr("tui.hearing.QUICK", -1.0)
        for title in ("另一项", "再一项"):
            alone.ok("add", "task", f"title={title}", "department=研发部")
            app.hearing.rest_until = 0.0
            app.hearing.look()
            await seen(pilot, title)
        assert counted[0] is threading.main_thread()
        assert counted[-1] is not threading.main_thread()
        await until(pilot, lambda: app.hearing.rest_until != float("inf"))
