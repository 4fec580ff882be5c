"""The truth line in each of its states, and the panel behind it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from schema.rules.truth import WORDS, State
from syncd.agent import AgentState
from tests.played import COORDINATOR, ENGINEER, copied
from tests.tui.app.grid import grid
from tests.tui.app.showing import SMALL, app_of, seen, shown, text, until
from tui.app import DuijieApp
from tui.screens.standing import ADVICE, StandingPanel

UP = AgentState(connected=True, settled=True)
DOWN = AgentState(error="ws://hub could not be reached: nobody listens there.")
ANOTHER = AgentState(error="Another program is syncing this home already.", another=True)


class Case(NamedTuple):
    """What makes a state: words of the meta, a statement, and what the agent says."""

    state: State
    meta: dict[str, object]
    sql: str
    agent: AgentState | None
    zh: str
    en: str


QUIET = "UPDATE records SET conflicts = 0"
EMPTY = f"{QUIET}; DELETE FROM outbox; DELETE FROM refused"
REFUSED = "INSERT INTO refused VALUES (1, 1, 'task', 'x', 'abcdefghij:1', 'T', 'forbidden', NULL, 0, '{}')"
CASES = [
    Case("revoked", {"revoked": 1}, "", UP, "停用", "Shut out"),
    Case("mending", {"proof": "broken"}, "", UP, "修复中", "Mending"),
    Case("readonly", {"readonly": 1}, "", UP, "中枢只读", "Hub read-only"),
    Case("older", {"older": "task"}, "", UP, "中枢较旧", "Hub older"),
    Case("offline", {}, "", DOWN, "离线", "Offline"),
    Case("refused", {}, f"{EMPTY}; {REFUSED}", UP, "被拒", "Refused"),
    Case("settle", {}, "", UP, "待裁", "To settle"),
    Case("clock", {"offset": 300_000_000}, EMPTY, UP, "时钟不准", "Clock off"),
    Case("another", {}, EMPTY, ANOTHER, "另一处在同步", "Synced elsewhere"),
    Case("unsent", {"last_sync": 1, "unreached": None}, QUIET, None, "待发", "Unsent"),
    Case("alone", {"hub": None}, EMPTY, None, "单机", "Alone"),
    Case("step", {}, EMPTY, UP, "一致", "In step"),
]


@pytest.fixture
def home(played: dict[str, Path], tmp_path: Path) -> Path:
    return copied(played[COORDINATOR], tmp_path / "home")


async def brought(app: DuijieApp, case: Case) -> None:
    """Bring a home into a state."""

    def bring(pen: object) -> None:
        from syncd.store.replica import Replica

        assert isinstance(pen, Replica)
        with pen.write() as conn:
            pen.set_meta(**{"hub": "ws://hub", **case.meta})
            for statement in filter(None, case.sql.split("; ")):
                conn.execute(statement)

    await app.workspace.write(bring)
    app.hearing.agent_told(case.agent or AgentState())
    app.workspace.agent_state = case.agent
    app.reread()


def test_every_state_has_a_case_and_advice() -> None:
    assert {case.state for case in CASES} == set(WORDS) == set(ADVICE)


@pytest.mark.parametrize("size", [SMALL, (120, 36)], ids=["80", "120"])
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("case", CASES, ids=[case.state for case in CASES])
async def test_each_state_is_said_and_explained(
    home: Path, case: Case, lang: str, size: tuple[int, int]
) -> None:
    from schema.wording import _

    async with shown(home, lang, size) as pilot:
        app = app_of(pilot)
        await brought(app, case)
        await pilot.pause()
        assert grid(app)[-1].split()[0] == (case.zh if lang == "zh" else case.en).split()[0]
        assert app.workspace.truth().state == case.state
        await pilot.press("f2")
        await until(pilot, lambda: isinstance(app.screen, StandingPanel))
        await seen(pilot, "Esc", _(ADVICE[case.state])[:20])


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_a_refused_edit_is_mended_or_discarded(
    played: dict[str, Path], tmp_path: Path, lang: str
) -> None:
    home = copied(played[ENGINEER], tmp_path / "engineer")
    async with shown(home, lang) as pilot:
        conn = app_of(pilot).workspace.conn

        def count(table: str) -> int:
            return int(conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0])

        assert count("refused") == 1
        await pilot.press("f2", "enter")
        await seen(pilot, "补做" if lang == "zh" else "Mend")
        waiting = count("outbox")
        await pilot.press("enter")
        await until(pilot, lambda: count("refused") == 0)
        assert count("outbox") == waiting + 1


async def test_discarding_forgets(played: dict[str, Path], tmp_path: Path) -> None:
    home = copied(played[ENGINEER], tmp_path / "engineer")
    async with shown(home) as pilot:
        conn = app_of(pilot).workspace.conn
        waiting = conn.execute("SELECT count(*) FROM outbox").fetchone()
        await pilot.press("f2", "enter", "down", "enter")
        refused = "SELECT count(*) FROM refused"
        await until(pilot, lambda: conn.execute(refused).fetchone()[0] == 0)
        assert conn.execute("SELECT count(*) FROM outbox").fetchone() == waiting


async def test_the_panel_leads_to_the_conflicts(home: Path) -> None:
    async with shown(home) as pilot:
        await pilot.press("f2")
        await seen(pilot, "Go to the conflicts")
        await pilot.press("end", "enter")
        await until(pilot, lambda: app_of(pilot).frame is app_of(pilot).screen)
        frame = app_of(pilot).frame
        assert frame is not None
        await until(pilot, lambda: frame.view is not None and frame.view.tab == "9")


async def test_a_click_on_the_line_opens_the_panel(home: Path) -> None:
    async with shown(home) as pilot:
        await pilot.click(offset=(5, 35))
        await until(pilot, lambda: isinstance(pilot.app.screen, StandingPanel))


async def test_what_is_alone_can_join_from_the_panel(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from syncd.home import Home

    asked: list[tuple[str, str]] = []
    monkeypatch.setattr(Home, "join", lambda _home, url, code: asked.append((url, code)))
    async with shown(home) as pilot:
        await brought(app_of(pilot), next(case for case in CASES if case.state == "alone"))
        await pilot.press("f2", "end", "enter", *"wss://h", "enter", *"abc", "enter")
        await until(pilot, lambda: bool(asked))
        assert asked == [("wss://h", "abc")]
        await seen(pilot, "Joined")


@pytest.mark.parametrize("size", [SMALL, (120, 36)], ids=["80", "120"])
async def test_no_toast_covers_the_truth_line(home: Path, size: tuple[int, int]) -> None:
    async with shown(home, size=size) as pilot:
        line = grid(pilot.app)[-1]
        for n in range(9):
            app_of(pilot).say(f"[/b] toast {n} " + "words " * 30)
        await seen(pilot, "toast 8")
        assert grid(pilot.app)[-1] == line
        assert "[/b]" in text(pilot)
