"""The command palette: what it offers, how it is found, and what Enter does."""

from __future__ import annotations

from pathlib import Path

import pytest

from schema import wording
from tests.played import COORDINATOR, copied
from tests.tui.app.grid import grid
from tests.tui.app.showing import SMALL, USUAL, app_of, seen, shown, text
from tui.screens.frame import Frame
from tui.screens.palette import Palette
from tui.views.board import Board


@pytest.fixture
def home(played: dict[str, Path], tmp_path: Path) -> Path:
    return copied(played[COORDINATOR], tmp_path / "home")


@pytest.mark.parametrize(
    ("lang", "typed"),
    [
        ("en", "lanes"),
        ("zh", "lanes"),
        ("en", "分道"),
        ("zh", "分道"),
        ("en", "LANE"),
    ],
)
async def test_an_action_is_found_by_its_words_in_both_languages(
    home: Path, lang: str, typed: str
) -> None:
    async with shown(home, lang) as pilot:
        await pilot.press("ctrl+p", *typed)
        await seen(pilot, "换分道" if lang == "zh" else "Lanes", "^G")


async def test_initials_find_an_action(home: Path) -> None:
    async with shown(home) as pilot:
        await pilot.press("ctrl+p", *"ar")
        await seen(pilot, "All records")


@pytest.mark.parametrize("size", [SMALL, USUAL])
async def test_enter_does_it_where_the_focus_was(home: Path, size: tuple[int, int]) -> None:
    async with shown(home, size=size) as pilot:
        board = pilot.app.screen.query_one(Board)
        await pilot.press("ctrl+p", *"lanes", "enter")
        await pilot.pause()
        assert board.by == "project"
        assert isinstance(pilot.app.screen, Frame)
        assert board.list.has_focus


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_a_record_is_found_by_its_number_and_opened(
    home: Path, lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    async def open_record(kind: str, id: str) -> None:
        opened.append(kind)

    async with shown(home, lang) as pilot:
        monkeypatch.setattr(app_of(pilot), "open_record", open_record)
        await pilot.press("ctrl+p", *"T-002")
        await seen(pilot, "任务" if lang == "zh" else "Task", "T-002")
        await pilot.press("enter")
        await pilot.pause()
        assert opened == ["task"]


async def test_escape_leaves_everything_as_it_was(home: Path) -> None:
    async with shown(home) as pilot:
        before = grid(pilot.app)
        await pilot.press("ctrl+p", *"zzzz", "escape")
        await pilot.pause()
        assert grid(pilot.app) == before


async def test_it_does_not_open_over_itself(home: Path) -> None:
    async with shown(home) as pilot:
        await pilot.press("ctrl+p", "ctrl+p")
        assert [type(screen) for screen in pilot.app.screen_stack].count(Palette) == 1


async def test_it_changes_its_language_while_it_is_open(home: Path) -> None:
    async with shown(home) as pilot:
        await pilot.press("ctrl+p")
        await seen(pilot, "lanes by department")
        await pilot.press("f10")
        await seen(pilot, "按部门或按项目分道")
        assert "lanes by department" not in text(pilot)
        assert wording.current() == "zh"
