"""The filter line: what it offers, how lists narrow, and filters kept by a name."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from syncd.store.filters import NamedFilter, named_filters
from syncd.store.replica import Replica
from tests.tui.app.grid import grid, place, style_at
from tests.tui.app.test_lists import asked, home, records, settled, shown, text_of, until, written
from tui.app import DuijieApp
from tui.widgets.filter_line import LEAST_PAUSE, FilterLine
from tui.widgets.view import View

__all__ = ["home"]


def line(app: DuijieApp) -> FilterLine:
    assert app.frame is not None
    found = app.frame.filter_line
    assert found is not None
    return found


def kept(home: Path) -> list[NamedFilter]:
    replica = Replica(home / "replica.db", readonly=True)
    found = named_filters(replica.conn)
    replica.close()
    return found


def typed(app: DuijieApp, text: str) -> None:
    """Text that comes in one piece, as an input method or the clipboard gives it."""
    focused = app.focused
    assert isinstance(focused, Input)
    focused.insert_text_at_cursor(text)


async def test_words_are_offered_and_tab_takes_the_first(home: Path) -> None:
    async with shown(home) as (app, pilot):
        rows = await settled(app, pilot, "f5", "slash", *"状")
        assert "状态:" in rows[3]
        rows = await settled(app, pilot, "tab")
        assert rows[2].strip().startswith("筛选  状态:")
        assert "未开始" in rows[3]
        rows = await settled(app, pilot, "down", "down", "enter")
        assert "状态:进行中" in rows[2]
        assert "3 项符合" in rows[2]
        rows = await settled(app, pilot, "enter")
        assert "1 / 3" in rows[1]
        assert app.focused is records(app).list


async def test_typing_on_passes_the_offers_by(home: Path) -> None:
    async with shown(home, "en") as (app, pilot):
        rows = await settled(app, pilot, "f5", "slash", *"is:")
        x, y = place(app, "late", 3)
        assert style_at(app, app.shades, x, y).ground == "raise"
        rows = await settled(app, pilot, *"conflict", "enter")
        assert rows[2].strip().startswith("Filter  is:conflict")
        assert "/ 2" in rows[1]


async def test_people_and_departments_are_offered(home: Path) -> None:
    async with shown(home) as (app, pilot):
        await settled(app, pilot, "f5", "slash", *"owner:")
        assert "*工程师" in text_of(grid(app)[3:12])
        await settled(app, pilot, "escape", "slash", *"department:研")
        assert "研发部" in grid(app)[3]


@pytest.mark.parametrize(
    ("lang", "sentence"),
    [("zh", "筛选"), ("en", "Nothing matches; Esc clears the filter (9 in all)")],
)
@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_nothing_found_says_how_to_clear_it(
    home: Path, lang: str, sentence: str, size: tuple[int, int]
) -> None:
    async with shown(home, lang, size) as (app, pilot):
        rows = await settled(app, pilot, "f5", "slash", *"xyzzy", "enter")
        expected = "没有符合的，Esc 清除筛选（共 9 项）" if lang == "zh" else sentence
        assert expected in text_of(rows)
        rows = await settled(app, pilot, "escape")
        assert "1 / 9" in rows[1]
        assert rows[2].strip() == ""


async def test_an_error_is_said_beside_with_the_nearest_name_and_the_list_stays(home: Path) -> None:
    async with shown(home, "en") as (app, pilot):
        rows = await settled(app, pilot, "f5", "slash", *"onwer:me")
        assert "No field is called onwer. The nearest is owner" in rows[2]
        assert "9" in rows[1]
        rows = await settled(app, pilot, "enter")
        assert line(app).typing
        rows = await settled(app, pilot, "escape")
        assert rows[2].strip() == ""


async def test_full_width_punctuation_counts_as_ascii(home: Path) -> None:
    async with shown(home) as (app, pilot):
        await settled(app, pilot, "f5", "slash")
        typed(app, "is：conflict，unsent")
        await settled(app, pilot, "enter")
        assert records(app).found() == 3


async def test_escape_while_typing_does_not_close_the_view(home: Path) -> None:
    async with shown(home) as (app, pilot):
        await settled(app, pilot, "f5", "slash", "escape")
        assert records(app).kind == "task"
        assert app.focused is records(app).list


async def test_a_filter_is_kept_by_a_name_offered_and_forgotten(home: Path) -> None:
    async with shown(home, "en") as (app, pilot):
        await settled(app, pilot, "f5", "slash", *"is:conflict")
        rows = await asked(app, pilot, "f4")
        assert "Keep this filter by a name" in text_of(rows)
        rows = await settled(app, pilot, *"quarrels", "enter")
        assert kept(home) == [NamedFilter("quarrels", "task", "is:conflict")]
        assert "Kept as quarrels" in text_of(rows)
        rows = await settled(app, pilot, "escape", "slash")
        assert "quarrels  is:conflict" in rows[3]
        rows = await settled(app, pilot, "down", "enter", "enter")
        assert "/ 2" in rows[1]
        await settled(app, pilot, "escape", "slash", "down", "ctrl+r")
        assert kept(home) == []
        assert "quarrels" not in grid(app)[3]


async def test_a_filter_of_another_kind_is_not_offered(home: Path) -> None:
    async with shown(home, "en") as (app, pilot):
        await settled(app, pilot, "f5", "slash", *"is:conflict")
        await asked(app, pilot, "f4")
        await settled(app, pilot, *"quarrels", "enter", "escape")
        await settled(app, pilot, "left_square_bracket", "slash")
        assert "quarrels" not in text_of(grid(app)[:20])


async def test_what_is_pasted_cannot_drive_the_terminal(home: Path) -> None:
    async with shown(home) as (app, pilot):
        await settled(app, pilot, "f5", "slash")
        typed(app, "a\x1b]0;x\x07\u202eb")
        rows = await settled(app, pilot)
        assert not [row for row in rows if "\x1b" in row or "\u202e" in row]
        assert "a]0;xb" in rows[2]


async def test_a_slow_list_is_narrowed_only_by_the_newest_text(home: Path) -> None:
    async with shown(home) as (app, pilot):
        await settled(app, pilot, "2", "slash")
        assert app.frame is not None
        board = app.frame.view
        assert board is not None
        given: list[str] = []
        board.set_filter = given.append  # type: ignore[method-assign, assignment]
        line(app).took(10 * LEAST_PAUSE)
        await pilot.press(*"abc")
        assert given == []
        while not given:
            await pilot.pause()
        assert given == ["abc"]


async def test_a_filter_over_ten_thousand_records_is_tried_once_and_off_the_loop(
    home: Path,
) -> None:
    written(home, *(f"任务{n}" for n in range(10_000)))
    async with shown(home) as (app, pilot):
        asked_here: list[str] = []
        await settled(app, pilot, "f5")
        app.workspace.conn.set_trace_callback(asked_here.append)
        rows = await settled(app, pilot, "slash", *"任务99", "enter")
        assert "1 / 111" in rows[1]
        rows = await settled(app, pilot, "end", "up", "home", "pagedown")
        tried = [each for each in asked_here if "search_text" in each]
        assert tried == []
        app.workspace.conn.set_trace_callback(None)


@pytest.mark.parametrize("tab", ["2", "3", "4"])
async def test_every_tab_says_how_many_match_and_keeps_its_list_at_an_error(
    home: Path, tab: str
) -> None:
    async with shown(home, "en") as (app, pilot):
        rows = await settled(app, pilot, tab, "slash", *"is:late")
        assert app.frame is not None
        assert app.frame.view is not None
        found = app.frame.view.found()
        assert f"{found} match" in rows[2]
        rows = await settled(app, pilot, *",x")
        assert "is: does not know x" in rows[2]
        assert "x" not in app.frame.view.filter
        await settled(app, pilot, "escape")
        assert app.frame.view.filter == ""


async def test_a_move_on_the_board_says_how_to_take_it_back(home: Path) -> None:
    async with shown(home, "en") as (app, pilot):
        await settled(app, pilot, "2", "greater_than_sign")
        await until(app, pilot, "Now to be accepted: T-001")


@pytest.mark.parametrize("tab", ["2", "3", "4"])
async def test_every_tab_says_how_many_there_are_where_nothing_matches(
    home: Path, tab: str
) -> None:
    async with shown(home, "en") as (app, pilot):
        rows = await settled(app, pilot, tab, "slash", *"xyzzy", "enter")
        assert "Nothing matches; Esc clears the filter (" in text_of(rows)


class Held:
    """Questions that a thread answers when it is let, each by the text that it is about."""

    def __init__(self, view: View) -> None:
        self.begun: list[str] = []
        self.answers: dict[str, threading.Event] = {}
        self._view = view
        self._counting = view.counting
        view.counting = self.counting  # type: ignore[method-assign]

    def counting(self) -> Callable[[sqlite3.Connection], Any] | None:
        count, text = self._counting(), self._view.filter
        assert count is not None
        answer = self.answers.setdefault(text, threading.Event())

        def counted(conn: sqlite3.Connection) -> Any:
            self.begun.append(text)
            answer.wait(10)
            return count(conn)

        return counted

    def let_go(self) -> None:
        for answer in self.answers.values():
            answer.set()


async def holds(pilot: Pilot[int], what: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not what():
            await pilot.pause(0.01)


@pytest.mark.parametrize("tab", ["2", "3", "4"])
async def test_a_slow_filter_holds_up_no_key_and_only_the_newest_is_shown(
    home: Path, tab: str
) -> None:
    async with shown(home, "en") as (app, pilot):
        before = await settled(app, pilot, tab)
        assert app.frame is not None
        view = app.frame.view
        assert view is not None
        there, shows = view.found(), [view.shows]
        taken = view.take

        def told(counted: Any) -> None:
            taken(counted)
            shows.append(view.shows)

        view.take = told  # type: ignore[method-assign]
        held = Held(view)
        await pilot.press("slash", *"xy")
        await holds(pilot, lambda: "x" in held.begun)
        await pilot.press("escape", "slash", *"is:late")
        assert view.filter == "is:late"
        rows = grid(app)
        assert rows[2].strip().startswith("Filter  is:late")
        assert "match" not in rows[2]
        assert view.found() is None
        assert rows[12:20] == before[12:20]
        await pilot.press("comma", "x")
        assert "is: does not know x" in grid(app)[2]
        await pilot.press("backspace", "backspace", "enter")
        assert not line(app).typing
        held.let_go()
        await settled(app, pilot)
        assert {each[0] for each in shows if each is not None} == {"", "is:late"}
        assert view.found() is not None
        assert view.found() != there
        held.answers.clear()
        await pilot.press("escape")
        assert view.filter == ""
        held.let_go()
        await settled(app, pilot)
        assert view.found() == there


async def test_a_filter_that_was_left_unanswered_is_asked_again_when_its_tab_comes_back(
    home: Path,
) -> None:
    async with shown(home, "en") as (app, pilot):
        await settled(app, pilot, "2")
        assert app.frame is not None
        board = app.frame.view
        assert board is not None
        held = Held(board)
        await pilot.press("slash", *"xyzzy", "enter")
        await holds(pilot, lambda: bool(held.begun))
        await pilot.press("4")
        held.let_go()
        await settled(app, pilot)
        assert board.shows is not None
        assert board.shows[0] == ""
        rows = await settled(app, pilot, "2")
        assert "Nothing matches; Esc clears the filter (" in text_of(rows)


@pytest.mark.parametrize("tab", ["2", "4"])
async def test_a_filter_over_a_tab_is_never_tried_on_the_loop(home: Path, tab: str) -> None:
    written(home, *(f"任务{n}" for n in range(200)))
    async with shown(home, "en") as (app, pilot):
        await settled(app, pilot, tab)
        asked_here: list[str] = []
        app.workspace.conn.set_trace_callback(asked_here.append)
        await settled(app, pilot, "slash", *"任务1", "enter", "end", "up", "pageup", "home")
        written(home, "任务1000")
        app.hearing.rest_until = 0.0
        app.hearing.look()
        await settled(app, pilot)
        app.hearing.tick()
        await settled(app, pilot, "escape")
        app.workspace.conn.set_trace_callback(None)
        assert asked_here
        assert [each for each in asked_here if "search_text" in each] == []
