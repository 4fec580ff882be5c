"""Help is about what has the focus, with the keys as they are bound now."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
from textual.widgets import Input

from schema import wording
from tests.played import COORDINATOR, copied
from tests.tui.app.grid import grid
from tests.tui.app.showing import SMALL, USUAL, seen, shown, text
from tui.screens.help import Help
from tui.views.tabs import TABS

VIEWS = {digit: tab.where for digit, tab in TABS.items()} | {
    "record": "record:RecordPage",
    "records": "records:Records",
    "trash": "trash:Trash",
    "search": "search:Search",
    "history": "history:History",
}


@pytest.fixture
def home(played: dict[str, Path], tmp_path: Path) -> Path:
    return copied(played[COORDINATOR], tmp_path / "home")


@pytest.mark.parametrize("size", [SMALL, USUAL])
@pytest.mark.parametrize(
    ("lang", "words"),
    [("zh", ("这里", "换分道", "列表里")), ("en", ("Here", "Lanes", "In lists"))],
)
async def test_it_says_the_live_keys_in_groups(
    home: Path, size: tuple[int, int], lang: str, words: tuple[str, ...]
) -> None:
    async with shown(home, lang, size) as pilot:
        await pilot.press("question_mark")
        await seen(pilot, words[0])
        pages = text(pilot)
        for _page in range(4):
            await pilot.press("pagedown")
            await pilot.pause()
            pages += text(pilot)
        assert [word for word in (*words, "^G", "F10") if word not in pages] == []


async def test_a_question_mark_is_typed_where_one_types_and_f1_still_helps(home: Path) -> None:
    async with shown(home) as pilot:
        await pilot.press("slash", "question_mark")
        assert pilot.app.screen.query_one(Input).value == "?"
        await pilot.press("f1")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Help)


async def test_f1_helps_in_a_dialog(home: Path) -> None:
    async with shown(home) as pilot:
        await pilot.press("f2", "f1")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Help)
        await pilot.press("f1")
        await pilot.pause()
        assert not isinstance(pilot.app.screen, Help)


async def test_keys_bound_otherwise_are_the_ones_said(home: Path) -> None:
    (home / "config.toml").write_text('[keys]\n"board.lanes" = "f3,ctrl+t"\n', "utf-8")
    async with shown(home) as pilot:
        await pilot.press("question_mark")
        await seen(pilot, "Lanes")
        line = next(row for row in grid(pilot.app) if "Lanes" in row)
        assert "F3" in line
        assert "^T" in line
        assert "^G" not in line


async def test_it_follows_the_language(home: Path) -> None:
    async with shown(home) as pilot:
        await pilot.press("question_mark")
        await seen(pilot, "Here")
        await pilot.press("f10")
        await seen(pilot, "这里")
        assert "Lanes" not in text(pilot)


@pytest.mark.parametrize("name", sorted(VIEWS))
def test_every_view_says_what_is_seen_in_it(name: str) -> None:
    module, _colon, view = VIEWS[name].partition(":")
    about = getattr(import_module(f"tui.views.{module}"), view).help
    assert len(about) >= 2
    assert all(wording.chinese(sentence) != sentence for sentence in about)


async def test_shift_and_a_key_are_written_alike(home: Path) -> None:
    async with shown(home) as pilot:
        await pilot.press("enter")
        await pilot.press("f1")
        await seen(pilot, "Help")
        pages = text(pilot)
        for _page in range(4):
            await pilot.press("pagedown")
            await pilot.pause()
            pages += text(pilot)
        assert "Shift+Tab" in pages
        assert "Shift+tab" not in pages
