"""Every screen as it stands on the terminal, line by line, at a frozen time.

`UPDATE_SCREENS=1` writes what is drawn now into `snapshots/`; look at the difference before it
is committed.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from difflib import unified_diff
from pathlib import Path
from typing import NamedTuple

import pytest
from textual import events
from textual.pilot import Pilot
from wcwidth import wcswidth

from schema import wording
from syncd.home import Home
from tests.played import COORDINATOR, ENGINEER, FrozenClock, copied
from tests.tui.app.grid import grid
from tui.app import DuijieApp
from tui.views.tabs import TABS

SNAPSHOTS = Path(__file__).with_name("snapshots")
UPDATE = bool(os.environ.get("UPDATE_SCREENS"))
SMALL, USUAL, LARGE = (80, 24), (120, 36), (160, 48)
Size = tuple[int, int]


class Screen(NamedTuple):
    """A screen to be seen: the keys that lead there from the start, and whose home it is.

    What follows a quote, as in `'core`, is typed.
    """

    name: str
    keys: Sequence[str]
    sizes: Sequence[Size] = (SMALL, USUAL)
    home: str = COORDINATOR


SCREENS = [
    Screen("board", ["2"], (SMALL, USUAL, LARGE)),
    Screen("board-by-project", ["2", "ctrl+g"]),
    Screen("board-selected", ["2", "space", "down", "space"]),
    Screen("board-filtered", ["2", "slash", "'is:conflict", "enter"]),
    Screen("board-nothing-found", ["2", "slash", "'xyzzy", "enter"]),
    Screen("board-of-a-liaison", ["2"], (USUAL,), ENGINEER),
]
CASES = [
    pytest.param(screen, size, lang, id=f"{screen.name}-{lang}-{size[0]}x{size[1]}")
    for screen in SCREENS
    for size in screen.sizes
    for lang in ("zh", "en")
]


@pytest.mark.parametrize(("screen", "size", "lang"), CASES)
async def test_a_screen_looks_as_it_did(
    screen: Screen,
    size: Size,
    lang: str,
    played: dict[str, Path],
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    home = copied(played[screen.home], tmp_path / "home")
    wording.use(lang)
    app = DuijieApp(Home(home), theme="dark", clock=FrozenClock(), synced=False)
    async with app.run_test(size=size, notifications=True) as pilot:
        await go(pilot, screen.keys)
        rows = grid(app)
    wide = [(y, wcswidth(row)) for y, row in enumerate(rows) if wcswidth(row) != size[0]]
    assert not wide, f"lines that are not {size[0]} cells wide: {wide}"
    assert len(rows) == size[1]
    compare(rows, SNAPSHOTS / f"{request.node.callspec.id}.txt")


async def go(pilot: Pilot[int], keys: Sequence[str]) -> None:
    """Press keys and type texts, and wait until the app is at rest."""
    await pilot.pause()
    for key in keys:
        if key.startswith("'"):
            for char in key[1:]:
                pilot.app.post_message(events.Key(char, char))
            await pilot.pause()
        else:
            await pilot.press(key)
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


def compare(rows: Sequence[str], kept: Path) -> None:
    """Fail with the lines that differ from those kept."""
    lines = [row.rstrip() for row in rows]
    if UPDATE:
        kept.write_text("\n".join(lines) + "\n", "utf-8")
    assert kept.exists(), f"no {kept.name} is kept; UPDATE_SCREENS=1 writes it"
    before = kept.read_text("utf-8").splitlines()
    changed = "\n".join(unified_diff(before, lines, kept.name, "drawn now", "", "", 1, ""))
    assert not changed, f"\n{changed}\n\nUPDATE_SCREENS=1 keeps what is drawn now"


def test_every_tab_has_its_screen_and_no_kept_one_is_left_over() -> None:
    shown = {screen.keys[0] for screen in SCREENS if len(screen.keys) == 1}
    assert set(TABS) <= shown
    named = {f"{case.id}.txt" for case in CASES}
    assert {path.name for path in SNAPSHOTS.glob("*.txt")} <= named
