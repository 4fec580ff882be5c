"""The main story with keys: written together, changed apart without a network, settled by the coordinator."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from syncd.home import Home
from syncd.store.replica import Replica
from tests.processes.stage import Stage, staged, stands
from tests.terminal.terminal import Terminal

WORDS: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "form": "任务名称",
        "offline": "离线",
        "one": "冲突 1",
        "none": "没有待裁的冲突",
        "step": "一致",
        "saved": "已存",
    },
    "en": {
        "form": "Task name",
        "offline": "Offline",
        "one": "Conflicts 1",
        "none": "No conflicts",
        "step": "In step",
        "saved": "Saved",
    },
}
TITLE = "产品说明书定稿"
MINE, THEIRS = "（含支付参数）", "（含安装图）"


class Cast(NamedTuple):
    """The homes of the story."""

    chief: Home
    mine: Home
    theirs: Home


async def cast(stage: Stage) -> Cast:
    await stage.serve()
    return Cast(
        await stage.join("*经理", "coordinator"),
        await stage.join("*工程师"),
        await stage.join("*主管"),
    )


def titled(home: Home) -> str:
    """The title of the one task as a home shows it."""
    replica = Replica(home.database, readonly=True)
    try:
        (title,) = replica.conn.execute("SELECT title FROM records WHERE kind = 'task'").fetchone()
        return str(title)
    finally:
        replica.close()


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_the_story_is_played_with_keys(tmp_path: Path, lang: str) -> None:
    say = WORDS[lang]
    async with staged(tmp_path) as stage:
        homes = await cast(stage)
        with ExitStack() as stack:
            chief, mine, theirs = (
                stack.enter_context(Terminal.duijie(home.path, size=(120, 36), lang=lang))
                for home in homes
            )
            await asyncio.to_thread(_write, chief, say)
            for each in (mine, theirs):
                await asyncio.to_thread(each.wait, TITLE, say["step"])
            assert stage.serving is not None
            await stage.serving.end(signal.SIGTERM)
            await asyncio.to_thread(_retitle, mine, mine.type, MINE, say)
            await asyncio.to_thread(_retitle, theirs, theirs.paste, THEIRS, say)
            await stage.serve()
            await asyncio.to_thread(_settle, chief, say)
            settled = titled(homes.chief)
            assert settled in (TITLE + MINE, TITLE + THEIRS)
            for each in (mine, theirs):
                await asyncio.to_thread(each.press, "escape")
                await asyncio.to_thread(each.wait, settled, say["step"])
            for each in (chief, mine, theirs):
                each.press("ctrl+q")
                assert await asyncio.to_thread(each.wait_exit) == 0
        assert len({stands(home) for home in homes}) == 1


def _write(terminal: Terminal, say: Mapping[str, str]) -> None:
    """Write the task."""
    terminal.wait(say["step"])
    terminal.press("2", "ctrl+n")
    terminal.wait(say["form"])
    terminal.type(TITLE)
    terminal.wait(TITLE)
    terminal.press("f4")
    terminal.wait(say["saved"])
    terminal.press("escape")
    terminal.wait(TITLE, say["step"], "T-001")


def _retitle(
    terminal: Terminal, put: Callable[[str], None], words: str, say: Mapping[str, str]
) -> None:
    """Change the title without the hub, typed or pasted, and save."""
    terminal.wait(say["offline"])
    terminal.press("enter")
    terminal.wait(say["form"])
    terminal.press("tab")
    terminal.wait("7/80")
    put(words)
    terminal.wait(TITLE + words)
    terminal.press("f4")
    terminal.wait(say["saved"], say["offline"])


def _settle(terminal: Terminal, say: Mapping[str, str]) -> None:
    """Take the other side, and settle."""
    terminal.wait(say["one"])
    terminal.press("9")
    terminal.wait(MINE, THEIRS)
    terminal.press("right", "ctrl+r")
    terminal.wait(say["none"], say["step"])
