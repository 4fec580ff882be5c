"""What is chosen in config.toml and what is switched inside the app."""

from __future__ import annotations

from pathlib import Path

import pytest

from schema import wording
from syncd.home import Home
from tests.played import COORDINATOR, copied
from tests.tui.app.showing import app_of, seen, shown, text, until
from tui import running
from tui.app import DuijieApp
from tui.settings import named, read_settings
from tui.views.board import Board


@pytest.fixture
def home(played: dict[str, Path], tmp_path: Path) -> Path:
    return copied(played[COORDINATOR], tmp_path / "home")


def configured(home: Path, text: str) -> None:
    (home / "config.toml").write_text(text, "utf-8")


async def test_keys_of_the_file_are_bound_and_the_usual_ones_are_not(home: Path) -> None:
    configured(home, '[keys]\n"board.lanes" = "f3, ctrl+t"\n"tab.9" = "ctrl+l"\n')
    async with shown(home) as pilot:
        board = pilot.app.screen.query_one(Board)
        seen_by = []
        for key in ("ctrl+g", "f3", "ctrl+t"):
            await pilot.press(key)
            seen_by.append(board.by)
        assert seen_by == ["department", "project", "department"]
        assert "F3" in text(pilot)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ('[keys]\n"board.fly" = "f3"\n', "no action board.fly"),
        ('[keys]\n"board.lanes" = "f99"\n', "no key f99"),
        ('[keys]\n"board.lanes" = "ctrl+h"\n', "Backspace"),
        ('[keys]\n"board.lanes" = "ctrl+z"\n', "^Z is the key of app.undo"),
        ('[keys]\n"app.quit" = "q"\n', "q would be taken"),
        ('[keys]\n"board.lanes" = 3\n', "no key 3"),
        ("keys = 3\n", "[keys] is a table"),
        ('theme = "pink"\n', "theme is one of"),
        ('colour = "pink"\n', "no setting colour"),
        ("lang = [\n", "cannot be read"),
        ('lang = "\\u001b[31m[/b] [abc]"\n', "lang is one of"),
        ('"[/b] [abc]" = 1\n', "no setting [/b] [abc]"),
    ],
)
async def test_what_cannot_be_is_said_and_the_usual_holds(
    home: Path, said: str, words: str
) -> None:
    configured(home, said)
    async with shown(home, size=(160, 48)) as pilot:
        await until(pilot, lambda: words in " ".join(text(pilot).split()))
        await pilot.press("ctrl+g")
        assert pilot.app.screen.query_one(Board).by == "project"


def test_a_file_of_other_bytes_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes(b'lang = "\xff\xfe"')
    assert "UTF-8" in read_settings(tmp_path / "config.toml").faults[0]


def test_keys_are_named_as_people_write_them() -> None:
    assert [named(text) for text in ("F5", "^R", "ctrl+r", "?", " f5 ", "Enter")] == [
        "f5",
        "ctrl+r",
        "ctrl+r",
        "question_mark",
        "f5",
        "enter",
    ]
    assert [named(text) for text in ("f99", "", "hyper+", "ctrl+nothing")] == [None] * 4


def test_an_action_may_take_a_key_that_its_holder_gave_up(tmp_path: Path) -> None:
    configured(tmp_path, '[keys]\n"app.undo" = "alt+z"\n"board.lanes" = "ctrl+z"\n')
    settings = read_settings(tmp_path / "config.toml")
    assert settings.faults == ()
    assert settings.keys == {"app.undo": "alt+z", "board.lanes": "ctrl+z"}


async def test_what_is_switched_is_kept_in_the_home(home: Path) -> None:
    async with shown(home, theme="") as pilot:
        await pilot.press("f10")
        await pilot.press("f9")
        theme = app_of(pilot).shades.name
        await until(pilot, lambda: app_of(pilot).workspace.replica.meta("app").count(theme) == 1)
    async with shown(home, "en", theme="") as pilot:
        await seen(pilot, "看板")
        assert app_of(pilot).shades.name == theme


async def test_the_file_wins_over_what_was_switched(home: Path) -> None:
    async with shown(home, theme="") as pilot:
        await pilot.press("f10")
        await until(pilot, lambda: "zh" in app_of(pilot).workspace.replica.meta("app"))
    configured(home, 'lang = "en"\ntheme = "light"\n')
    async with shown(home, theme="") as pilot:
        assert wording.current() == "en"
        assert app_of(pilot).shades.name == "light"


async def test_what_the_command_line_names_wins_over_the_file(home: Path) -> None:
    configured(home, 'lang = "en"\n')
    app = DuijieApp(Home(home), lang="zh", synced=False)
    async with app.run_test() as pilot:
        await seen(pilot, "看板")


async def test_lanes_stay_as_they_were_switched(home: Path) -> None:
    async with shown(home) as pilot:
        await pilot.press("ctrl+g")
        await until(pilot, lambda: "project" in app_of(pilot).workspace.replica.meta("app"))
    async with shown(home) as pilot:
        assert pilot.app.screen.query_one(Board).by == "project"


async def test_the_project_that_is_picked_is_kept_and_restricts_the_board(home: Path) -> None:
    async with shown(home) as pilot:
        await pilot.press("f8")
        await seen(pilot, "all projects")
        await pilot.press("down", "enter")
        await until(pilot, lambda: bool(app_of(pilot).project))
        title = app_of(pilot).project_title
        await seen(pilot, title)
        await until(pilot, lambda: "project" in app_of(pilot).workspace.replica.meta("app"))
    async with shown(home) as pilot:
        await seen(pilot, title)
        await pilot.press("f8", "home", "up", "enter")
        await until(pilot, lambda: not app_of(pilot).project)


async def test_what_this_start_names_wins_over_what_was_kept_and_a_switch_is_kept(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with shown(home) as pilot:
        await pilot.press("f10")
        await until(pilot, lambda: '"zh"' in app_of(pilot).workspace.replica.meta("app"))
    monkeypatch.setenv("DUIJIE_LANG", "en_GB.UTF-8")
    started: list[str] = []

    def begun(app: DuijieApp) -> None:
        started.append(app._lang_named)

    monkeypatch.setattr(DuijieApp, "run", begun)
    running.run(Home(home))
    running.run(Home(home), lang="zh")
    assert started == ["en", "zh"]
    app = DuijieApp(Home(home), lang="en", synced=False)
    async with app.run_test(notifications=True) as pilot:
        await seen(pilot, "Board")
        await pilot.press("f10")
        await seen(pilot, "看板")
        await until(pilot, lambda: '"zh"' in app.workspace.replica.meta("app"))


async def test_a_question_and_a_wrong_filter_follow_the_language(home: Path) -> None:
    async with shown(home) as pilot:
        await pilot.press("slash", *"ownr:x")
        await seen(pilot, "No field is called")
        await pilot.press("f10")
        await until(pilot, lambda: "No field is called" not in text(pilot))
        await seen(pilot, "筛选  ownr:x", "的栏目")
        await pilot.press("escape", "delete")
        await seen(pilot, "删除", "留着")
        await pilot.press("f10")
        await seen(pilot, "Delete ", "Keep it", "to the trash")


async def test_a_filter_in_the_words_of_one_language_outlives_the_switch(home: Path) -> None:
    async with shown(home, "zh") as pilot:
        await pilot.press("slash", *"状态:进行中", "enter", "f10")
        await seen(pilot, "Board")
