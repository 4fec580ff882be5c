"""The frame while the view in it comes up."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.played import COORDINATOR, copied
from tests.tui.app.showing import app_of, shown
from tui.widgets.view import Context, View


class Slow(View):
    """A view that takes a while to be mounted, and could not say anything before."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.done = asyncio.Event(), asyncio.Event()
        self.heard: list[str] = []

    async def on_mount(self) -> None:
        self.begun.set()
        await self.done.wait()

    def _hear(self, what: str) -> None:
        self.heard.append(what)

    def context(self) -> Context:
        self._hear("context")
        return super().context()

    def found(self) -> int | None:
        self._hear("found")
        return None

    def reread(self) -> None:
        self._hear("reread")

    def tick(self) -> None:
        self._hear("tick")


async def test_a_view_hears_nothing_before_it_is_mounted(
    played: dict[str, Path], tmp_path: Path
) -> None:
    async with shown(copied(played[COORDINATOR], tmp_path / "home")) as pilot:
        frame = app_of(pilot).frame
        assert frame is not None
        await pilot.press("slash", "escape")
        view = Slow()
        pilot.app.call_later(frame.open, view)
        await view.begun.wait()
        frame.tick()
        frame.reread()
        frame.tell_facts()
        early = list(view.heard)
        view.done.set()
        await pilot.pause()
        frame.tick()
        frame.reread()
        assert early == []
        assert {"context", "found", "tick", "reread"} <= set(view.heard)
