"""An app on a home of the played story, under a frozen clock, without an agent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot

from schema import wording
from syncd.home import Home
from tests.played import FrozenClock
from tests.tui.app.grid import grid
from tests.tui.app.resting import until as until
from tui.app import DuijieApp

USUAL, SMALL = (120, 36), (80, 24)


@asynccontextmanager
async def shown(
    home: Path, lang: str = "en", size: tuple[int, int] = USUAL, *, theme: str = "dark"
) -> AsyncIterator[Pilot[int]]:
    """The app with its toasts; `lang` is the terminal's, not one that was named."""
    wording.use(lang)
    app = DuijieApp(Home(home), theme=theme, clock=FrozenClock(), synced=False)
    async with app.run_test(size=size, notifications=True) as pilot:
        await pilot.pause()
        yield pilot


def app_of(pilot: Pilot[int]) -> DuijieApp:
    """The app, as what it is."""
    assert isinstance(pilot.app, DuijieApp)
    return pilot.app


def text(pilot: Pilot[int]) -> str:
    """The screen as one text."""
    return "\n".join(grid(pilot.app))


async def seen(pilot: Pilot[int], *words: str) -> None:
    """Let the app go on until these stand on the screen."""
    await until(pilot, lambda: all(word in text(pilot) for word in words))
