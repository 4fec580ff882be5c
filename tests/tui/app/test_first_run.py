"""A home without a workspace: one screen, three choices, and nothing left where one fails."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from schema import wording
from schema.errors import Offline, Refused, StoreError
from syncd.home import Home
from tests.tui.app.grid import grid
from tests.tui.app.showing import SMALL, USUAL, app_of, seen, shown, text, until
from tui.running import run
from tui.screens.first_run import FirstRun
from tui.screens.frame import Frame

CHOICES = {
    "zh": ("看示例", "先自己用", "加入中枢"),
    "en": ("See the example", "Start alone", "Join a hub"),
}


@pytest.mark.parametrize("size", [SMALL, USUAL])
@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_it_offers_three_ways(tmp_path: Path, lang: str, size: tuple[int, int]) -> None:
    async with shown(tmp_path / "home", lang, size) as pilot:
        await seen(pilot, *CHOICES[lang], str(tmp_path / "home")[:40])
        assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_starting_alone_opens_the_workspace(tmp_path: Path, lang: str) -> None:
    home = tmp_path / "home"
    async with shown(home, lang) as pilot:
        await pilot.press("down", "enter", *"Zhang", "enter", *"Sales", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, Frame))
        await seen(pilot, "单机" if lang == "zh" else "Alone", "Zhang", "Sales")
        assert not any(isinstance(each, FirstRun) for each in pilot.app.screen_stack)
    assert Home(home).begun()


async def test_the_language_switched_before_stays(tmp_path: Path) -> None:
    async with shown(tmp_path / "home", "zh") as pilot:
        await pilot.press("f10", "down", "enter")
        await seen(pilot, "Start alone", "Department")
        await pilot.press(*"Zhang", "enter", *"Sales", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, Frame))
        await seen(pilot, "Board")
        await until(pilot, lambda: '"en"' in app_of(pilot).workspace.replica.meta("app"))


async def test_a_missing_name_is_said_and_nothing_is_made(tmp_path: Path) -> None:
    home = tmp_path / "home"
    async with shown(home) as pilot:
        await pilot.press("down", "enter", *"Zhang", "enter", "enter")
        await seen(pilot, "Department name")
        assert not home.exists()
        await pilot.press("escape")
        await seen(pilot, "See the example")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (Offline("The hub is not there.", "Try later."), "The hub is not there."),
        (Refused("The hub does not take this code."), "The hub does not take this code."),
        (PermissionError(13, "Permission denied", "/home"), "you may not do that there"),
    ],
)
async def test_joining_that_fails_is_said_in_a_sentence(
    tmp_path: Path, error: Exception, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def join(_home: Home, url: str, code: str) -> None:
        assert (url, code) == ("wss://hub", "abc")
        raise error

    monkeypatch.setattr(Home, "join", join)
    async with shown(tmp_path / "home") as pilot:
        await pilot.press("end", "enter", *"wss://hub", "enter", *"abc", "enter")
        await until(pilot, lambda: words in " ".join(text(pilot).split()))
        await pilot.press("escape")
        await seen(pilot, "See the example")


async def test_an_address_that_is_none_leaves_nothing_behind(tmp_path: Path) -> None:
    home = tmp_path / "home"
    async with shown(home) as pilot:
        await pilot.press("end", "enter", *"nowhere", "enter", *"abc", "enter")
        await until(pilot, lambda: "Asking the hub" not in text(pilot) and "address" in text(pilot))
        assert not Home(home).exists()


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_an_init_that_was_killed_is_begun_again(tmp_path: Path, lang: str) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "replica.db").touch()
    async with shown(home, lang) as pilot:
        await seen(pilot, *CHOICES[lang])
        await pilot.press("down", "enter", *"Zhang", "enter", *"Sales", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, Frame))


async def test_help_and_colours_work_before_there_is_a_home(tmp_path: Path) -> None:
    async with shown(tmp_path / "home") as pilot:
        await pilot.press("f1")
        await seen(pilot, "Everywhere")
        await pilot.press("escape", "f9", "f2", "f8", "ctrl+z")
        await seen(pilot, "See the example")
        assert all(len(row) <= 120 for row in grid(pilot.app))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_broken_home_is_one_sentence_before_there_is_a_screen(tmp_path: Path, lang: str) -> None:
    wording.use(lang)
    home = tmp_path / "home"
    home.mkdir()
    (home / "replica.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(StoreError) as raised:
        run(Home(home))
    assert raised.value.sentence
    assert raised.value.way_out


async def test_a_line_that_cannot_be_meant_takes_the_focus_and_is_said_in_the_language_of_now(
    tmp_path: Path,
) -> None:
    async with shown(tmp_path / "home") as pilot:
        await pilot.press("end", "enter", *"nowhere", "enter", *"abc", "enter")
        await seen(pilot, "is not the address of a hub", "Write it like", "Enter tries again")
        focused = pilot.app.focused
        assert isinstance(focused, Input)
        assert focused.value == "nowhere"
        await pilot.press("f10")
        await seen(pilot, "不是中枢的地址", "改好后按 Enter 再试")
        assert "is not" not in text(pilot)
        await pilot.press("ctrl+a", "ctrl+k", *"ws://127.0.0.1:9", "f10")
        await until(pilot, lambda: "address of a hub" not in text(pilot))


async def test_what_a_hub_turned_down_is_not_left_in_the_other_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def join(_home: Home, url: str, code: str) -> None:
        raise Refused("The hub does not take this code.")

    monkeypatch.setattr(Home, "join", join)
    async with shown(tmp_path / "home") as pilot:
        await pilot.press("end", "enter", *"wss://hub", "enter", *"abc", "enter")
        await seen(pilot, "does not take")
        focused = pilot.app.focused
        assert isinstance(focused, Input)
        assert focused.value == "abc"
        await pilot.press("f10")
        await seen(pilot, "加入中枢")
        assert "does not take" not in text(pilot)


async def test_the_palette_offers_only_what_can_be_done_without_a_workspace(tmp_path: Path) -> None:
    async with shown(tmp_path / "home") as pilot:
        await pilot.press("ctrl+p")
        await seen(pilot, "Language", "Quit")
        for words in ("Load a plan", "with an invitation's address", "Board", "Conflicts"):
            assert words not in text(pilot).split("Works without")[0].split("Command")[-1]


async def test_escape_says_how_to_leave(tmp_path: Path) -> None:
    async with shown(tmp_path / "home") as pilot:
        await pilot.press("escape")
        await seen(pilot, "^Q quits")
