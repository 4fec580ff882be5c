"""Waiting for an app under test: until something holds, or until it waits for nobody but the person."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from time import monotonic
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot

from tests.tui.app.grid import grid

ALIKE = 3  # times that a screen at rest is drawn the same
PATIENCE = 30.0  # seconds: what takes longer than that on a busy machine is stuck


class Jobs:
    """Counts what the loop has handed to threads and not got back."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.open = 0
        given = asyncio.BaseEventLoop.run_in_executor

        def run(
            loop: asyncio.BaseEventLoop,
            executor: Executor | None,
            func: Callable[..., Any],
            *args: Any,
        ) -> Any:
            future = given(loop, executor, func, *args)
            self.open += 1
            future.add_done_callback(self._came_back)
            return future

        monkeypatch.setattr(asyncio.BaseEventLoop, "run_in_executor", run)

    def _came_back(self, _future: object) -> None:
        self.open -= 1


async def until(pilot: Pilot[int], holds: Callable[[], object]) -> None:
    """Let the app go on until something holds."""
    end = monotonic() + PATIENCE
    while not holds():
        if monotonic() > end:
            told = [each.message for each in pilot.app._notifications]
            screen = "\n".join(grid(pilot.app))
            raise AssertionError(f"it never came to hold:\n{screen}\n{told}")
        await pilot.pause()
        await asyncio.sleep(0.005)


async def at_rest(pilot: Pilot[int], jobs: Jobs) -> None:
    """Wait until nothing is asked of a thread, no pause is waited out, and the screen stays the same."""
    drawn: list[list[str]] = []
    end = monotonic() + PATIENCE
    while monotonic() < end:
        await pilot.pause()
        if jobs.open or _pauses(pilot.app):
            drawn.clear()
            await asyncio.sleep(0.005)
            continue
        drawn.append(grid(pilot.app))
        if drawn[-ALIKE:] == [drawn[-1]] * ALIKE:
            return
    raise AssertionError("the app never came to rest:\n" + "\n".join(grid(pilot.app)))


def _pauses(app: App[int]) -> bool:
    """Whether a widget of ours waits some time before it goes on; what repeats does not count."""
    return any(
        timer._repeat is not None and timer._task is not None and not timer._task.done()
        for node in app.screen.walk_children(with_self=True)
        if type(node).__module__.startswith("tui.")
        for timer in node._timers
    )
