"""What others do is seen while one works, and moves nothing under one's hands."""

from __future__ import annotations

import asyncio
import re
import time
from pathlib import Path

from schema.ids import new_id
from schema.records import encode
from syncd.clock import Clock
from syncd.home import Home
from syncd.store.rows import Change
from tests.processes.stage import Stage, staged
from tests.terminal.terminal import Terminal
from tui.acts import body_of

MANY = 10_000
WITHIN = 1.0  # seconds from a colleague's save to the bytes in this terminal, left to itself


def fill(home: Home, count: int) -> list[str]:
    """So many tasks, saved without being sent; their ids in the order of the list."""
    clock = Clock()
    ids = [new_id(clock.now()) for _ in range(count)]
    replica = home.open_replica()
    states = ("todo", "doing", "review", "done")
    changes = [
        Change(
            "task",
            id,
            encode(
                {
                    "title": f"第 {n:05} 项",
                    "state": states[n % 4],
                    "department": f"第{n % 5 + 1}部",
                    "due": f"2031-{1 + n // 28 % 12:02}-{1 + n % 28:02}",
                }
            ),
        )
        for n, id in enumerate(ids)
    ]
    replica.save(changes, many=True)
    replica.close()
    return ids


async def two_with_many(stage: Stage) -> tuple[Home, Home, list[str]]:
    """Two homes that hold the same 10,000 tasks."""
    await stage.serve()
    mine, theirs = await stage.join("张三"), await stage.join("李四")
    ids = await asyncio.to_thread(fill, theirs, MANY)
    await stage.sync(theirs)
    await stage.sync(mine)
    return mine, theirs, ids


def retitle(home: Home, id: str, title: str) -> None:
    """Save another title, as a command of theirs does beside their agent."""
    replica = home.open_replica()
    record = replica.record("task", id)
    assert record is not None
    replica.save([Change("task", id, encode({**body_of(record), "title": title}))])
    replica.close()


async def test_a_colleagues_edit_is_seen_within_a_second_while_one_types(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        mine, theirs, ids = await two_with_many(stage)
        staying = await stage.start("tests.processes.worker", "stay", theirs.path)
        await staying.hears("AgentState")
        with Terminal.duijie(mine.path, size=(120, 36)) as terminal:
            await asyncio.to_thread(_type_beside, terminal, theirs, ids)


def _type_beside(terminal: Terminal, theirs: Home, ids: list[str]) -> None:
    terminal.wait("第 00000 项", "一致", "10000 项")
    terminal.press(*["pagedown"] * 5, "/")
    terminal.wait("Tab 取用")
    terminal.type("项 第")
    terminal.wait("   筛选  项 第")
    terminal.wait_gone("取用")
    terminal.settle()
    before = terminal.rows
    places = {
        int(n): y
        for y, row in enumerate(before[4:32], 4)
        for n in re.findall(r"第 (\d{5}) 项", row)
    }
    assert places
    assert 0 not in places
    typed, took = "项 第", []
    for n, y in sorted(places.items())[:4]:
        retitle(theirs, ids[n], f"改过的第 {n:05} 项")
        saved = time.monotonic()
        terminal.type(" 第")
        terminal.wait(f"改过的第 {n:05} 项")
        took.append(time.monotonic() - saved)
        typed += " 第"
        terminal.wait(f"   筛选  {typed}")
        terminal.settle()
        changed = [at for at, row in enumerate(terminal.rows) if row != before[at]]
        # The title and, where it is the record under the cursor, the line that says more of it.
        assert y in changed
        assert set(changed) <= {*range(4), *places.values(), *range(32, 36)}
    # Whatever else the machine does may hold one up, not most of them.
    assert sorted(took)[1] < WITHIN, took
