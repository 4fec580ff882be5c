"""Every screen as it stands on the terminal, line by line, at a frozen time.

`UPDATE_SCREENS=1` writes what is drawn now into `snapshots/`; look at the difference before it
is committed.
"""

from __future__ import annotations

import os
import re
import sqlite3
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
from tests.tui.app.resting import Jobs, at_rest
from tui.app import DuijieApp
from tui.screens.frame import Frame
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
    Screen("today", ["1"], (SMALL, USUAL, LARGE)),
    Screen("today-of-a-liaison", ["1"], (SMALL, USUAL), ENGINEER),
    Screen("today-dates", ["1", "tab"], (USUAL,), ENGINEER),
    Screen("today-explained", ["1", "ctrl+o"], (SMALL, USUAL), ENGINEER),
    Screen("today-opened", ["1", "enter"], (USUAL,), ENGINEER),
    Screen("help-today", ["1", "question_mark"], (USUAL,)),
    Screen("board", ["2"], (SMALL, USUAL, LARGE)),
    Screen("board-by-project", ["2", "ctrl+g"]),
    Screen("board-selected", ["2", "space", "down", "space"]),
    Screen("board-filtered", ["2", "slash", "'is:conflict", "enter"]),
    Screen("board-nothing-found", ["2", "slash", "'xyzzy", "enter"]),
    Screen("board-of-a-liaison", ["2"], (USUAL,), ENGINEER),
    Screen("filter-offers", ["2", "slash", "'sta"]),
    Screen("filter-wrong", ["2", "slash", "'ownr:x"]),
    Screen("blockers", ["3"]),
    Screen("blocker-open", ["3", "enter"], (SMALL,)),
    Screen("blocker-explained", ["3", "ctrl+o"]),
    Screen("deadlines", ["4"]),
    Screen("deadlines-by-department", ["4", "ctrl+g"]),
    Screen("deadline-explained", ["4", "ctrl+o"]),
    Screen("delay", ["4", "down", "down", "ctrl+l"]),
    Screen("conflicts", ["9"]),
    Screen("conflict-of-a-deletion", ["9", "pagedown"]),
    Screen("conflict-whole", ["9", "right", "space"]),
    Screen("record", ["2", "enter"]),
    Screen("record-typed", ["2", "enter", "'x"]),
    Screen("record-left-unsaved", ["2", "enter", "'x", "escape"]),
    Screen("record-history", ["2", "enter", "f3"]),
    Screen("record-explained", ["2", "enter", "ctrl+o"]),
    Screen("new-task", ["2", "ctrl+n"]),
    Screen("records", ["f5"]),
    Screen("records-of-people", ["f5", "left_square_bracket"]),
    Screen("policy", ["ctrl+p", "'policy", "enter"]),
    Screen("policy-explained", ["ctrl+p", "'policy", "enter", "down", "down", "ctrl+o"]),
    Screen("policy-of-a-liaison", ["ctrl+p", "'policy", "enter", "enter"], home=ENGINEER),
    Screen("policy-row", ["ctrl+p", "'policy", "enter", "down", "down", "down", "enter"]),
    Screen("calendar", ["ctrl+p", "'calendar", "enter"], (SMALL, USUAL, LARGE)),
    Screen("calendar-not-published", ["ctrl+p", "'calendar", "enter", "right_square_bracket"]),
    Screen("calendar-of-a-liaison", ["ctrl+p", "'calendar", "enter", "enter"], home=ENGINEER),
    Screen("trash", ["f6"]),
    Screen("search", ["f7", "'core"]),
    Screen("search-found", ["f7", "'报告"]),
    Screen("projects", ["f8"]),
    Screen("palette", ["ctrl+p"]),
    Screen("palette-typed", ["ctrl+p", "'le"]),
    Screen("help-board", ["2", "question_mark"]),
    Screen("help-blockers", ["3", "question_mark"]),
    Screen("help-deadlines", ["4", "question_mark"]),
    Screen("help-conflicts", ["9", "question_mark"]),
    Screen("help-record", ["2", "enter", "f1"]),
    Screen("delete-asked", ["2", "delete"]),
]
# Latin letters that are no English word: names of keys, of the program, of formats.
NO_ENGLISH = {
    "duijie",
    "duijie-syncd",
    "Enter",
    "Esc",
    "Tab",
    "tab",
    "Space",
    "Del",
    "Home",
    "End",
    "PgUp",
    "PgDn",
    "Up",
    "Down",
    "Left",
    "Right",
    "Shift",
    "Alt",
    "EDITOR",
    "SMART",
    "fg",
    "jsonl",
    "refused",
    "URL",
    "CODE",
    "JSON",
    "UTC",
    "Markdown",
    "wd",
    "Asia",
    "Shanghai",
}
# In every run each screen is compared as it is used most; those that have one size only, at that.
OFTEN = {("zh", USUAL)}
CASES = [
    pytest.param(
        screen,
        size,
        lang,
        id=f"{screen.name}-{lang}-{size[0]}x{size[1]}",
        marks=() if (lang, size) in OFTEN or len(screen.sizes) == 1 else pytest.mark.walk,
    )
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
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    jobs = Jobs(monkeypatch)
    home = copied(played[screen.home], tmp_path / "home")
    wording.use(lang)
    app = DuijieApp(Home(home), theme="dark", clock=FrozenClock(), synced=False)
    async with app.run_test(size=size, notifications=True) as pilot:
        await go(pilot, screen.keys, jobs)
        rows = grid(app)
    wide = [(y, wcswidth(row)) for y, row in enumerate(rows) if wcswidth(row) != size[0]]
    assert not wide, f"lines that are not {size[0]} cells wide: {wide}"
    assert len(rows) == size[1]
    compare(rows, SNAPSHOTS / f"{request.node.callspec.id}.txt")
    if lang == "zh":
        typed = " ".join(key for key in screen.keys if key.startswith("'"))
        assert english(rows) - english([typed]) <= words_of_records(home)


def english(rows: Sequence[str]) -> set[str]:
    """The words of Latin letters on a screen that neither name a key nor a command."""
    found = re.findall(r"[A-Za-z][A-Za-z-]+", "\n".join(rows))
    return {word for word in found if word not in NO_ENGLISH}


def words_of_records(home: Path) -> set[str]:
    """Everything of Latin letters that somebody wrote, and the parts of ids and numbers."""
    with sqlite3.connect(home / "replica.db") as conn:
        written = conn.execute(
            "SELECT body FROM versions UNION ALL SELECT body FROM records UNION ALL "
            "SELECT number FROM records UNION ALL SELECT substr(id, -6) FROM records UNION ALL "
            "SELECT dot FROM versions"
        ).fetchall()
    conn.close()
    return set(re.findall(r"[A-Za-z][A-Za-z-]+", "\n".join(str(each[0]) for each in written)))


async def go(pilot: Pilot[int], keys: Sequence[str], jobs: Jobs) -> None:
    """Press keys and type texts, each when the app is at rest."""
    await at_rest(pilot, jobs)
    for key in keys:
        frame = pilot.app.screen
        if isinstance(frame, Frame) and key == frame.at_home:
            continue  # to press it would only say that this is the tab
        if key.startswith("'"):
            # Pasted, for between keys a slow machine would show what a part of them finds.
            pilot.app.post_message(events.Paste(key[1:]))
        else:
            await pilot.press(key)
        await at_rest(pilot, jobs)


def compare(rows: Sequence[str], kept: Path) -> None:
    """Fail with the lines that differ from those kept."""
    lines = [row.rstrip() for row in rows]
    if UPDATE:
        kept.write_text("\n".join(lines) + "\n", "utf-8")
    assert kept.exists(), f"no {kept.name} is kept; UPDATE_SCREENS=1 writes it"
    before = kept.read_text("utf-8").splitlines()
    changed = "\n".join(unified_diff(before, lines, kept.name, "drawn now", "", "", 1, ""))
    if changed:
        pytest.fail(f"{changed}\n\nUPDATE_SCREENS=1 keeps what is drawn now", pytrace=False)


def test_every_tab_has_its_screen_and_no_kept_one_is_left_over() -> None:
    shown = {screen.keys[0] for screen in SCREENS if len(screen.keys) == 1}
    assert set(TABS) <= shown
    named = {f"{case.id}.txt" for case in CASES}
    assert {path.name for path in SNAPSHOTS.glob("*.txt")} <= named
