"""Loading a plan from inside the app: checked at the first Enter, done at the second."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.conftest import Duijie
from tests.tui.app.showing import app_of, seen, shown, text, until


async def typed(pilot: Pilot[int], path: Path | str) -> None:
    """Open the dialog and type a path."""
    await pilot.app.run_action("app.load")
    await pilot.pause()
    await pilot.press(*str(path), "enter")


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    file = tmp_path / "plan.jsonl"
    body = {"title": "写文案", "department": "研发部"}
    file.write_text(json.dumps({"kind": "task", "body": body}), "utf-8")
    return file


@pytest.mark.parametrize(
    ("lang", "checked", "loaded"),
    [
        ("en", ["Not loaded yet", "1 new", "Enter loads it"], "Loaded:"),
        ("zh", ["还没有载入", "Enter 载入   Esc 不载入"], "已载入："),
    ],
)
async def test_a_check_does_not_read_as_done(
    alone: Duijie, plan: Path, lang: str, checked: list[str], loaded: str
) -> None:
    async with shown(alone.home, lang) as pilot:
        await typed(pilot, plan)
        await seen(pilot, *checked)
        assert loaded not in text(pilot)
        assert not tasks(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: tasks(pilot) == 1)


async def test_what_was_checked_is_forgotten_when_another_path_is_typed(
    alone: Duijie, plan: Path
) -> None:
    async with shown(alone.home) as pilot:
        await typed(pilot, plan)
        await seen(pilot, "Not loaded yet")
        await pilot.press("x")
        await seen(pilot, "Enter checks it")
        await pilot.press("enter")
        await seen(pilot, "no such file")
        assert not tasks(pilot)


@pytest.mark.parametrize(
    ("name", "words"),
    [("missing.jsonl", "没有这个文件"), ("", "文件夹"), ("~nobody-of-that-name/x", "不是文件名")],
)
async def test_what_is_no_file_is_said_in_one_language(
    alone: Duijie, tmp_path: Path, name: str, words: str
) -> None:
    async with shown(alone.home, "zh") as pilot:
        await pilot.app.run_action("app.load")
        await pilot.pause()
        dialog = pilot.app.screen
        dialog._line.value = name if name.startswith("~") else f"{tmp_path}/{name}"  # type: ignore[attr-defined]
        await pilot.press("enter")
        await seen(pilot, words)
        assert "No such" not in text(pilot)


def tasks(pilot: Pilot[int]) -> int:
    conn = app_of(pilot).workspace.conn
    return int(conn.execute("SELECT count(*) FROM records WHERE kind = 'task'").fetchone()[0])
