"""Today: whose turn it is, what settles it on Enter, and gone when it is done."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from schema import wording
from schema.records import KINDS, encode, new_body
from syncd.home import Home
from syncd.store.rows import Change
from syncd.store.today import Item
from tests.played import COORDINATOR, ENGINEER, FrozenClock, copied
from tests.tui.app.grid import grid
from tests.tui.app.resting import Jobs, at_rest
from tui.app import DuijieApp
from tui.views.conflicts import Conflicts
from tui.views.record import RecordPage
from tui.views.today import TodayView
from tui.views.today_rows import line_key

pytestmark = pytest.mark.usefixtures("chinese")


@pytest.fixture
def chinese() -> None:
    wording.use("zh")


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> Jobs:
    return Jobs(monkeypatch)


@pytest.fixture
def app(played: Mapping[str, Path], tmp_path: Path) -> DuijieApp:
    home = copied(played[ENGINEER], tmp_path / "home")
    return DuijieApp(Home(home), lang="zh", theme="dark", clock=FrozenClock(), synced=False)


async def opened(pilot: Pilot[int], jobs: Jobs) -> TodayView:
    await at_rest(pilot, jobs)
    await pilot.press("1")
    await at_rest(pilot, jobs)
    app = pilot.app
    assert isinstance(app, DuijieApp)
    assert app.frame is not None
    assert isinstance(app.frame.view, TodayView)
    return app.frame.view


TASK = "0193d5a0-0000-7000-8000-00000000aaaa"


async def given(app: DuijieApp, **fields: object) -> None:
    """A task of one's own that is due tomorrow."""
    values = {"title": "联调支付", "owner": ENGINEER, "due": "2026-11-19", **fields}
    await saved(app, "task", TASK, new_body(KINDS["task"], values, department="研发部"))


def item_of(view: TodayView, rule: str) -> Item:
    """The line of a rule about that task."""
    found = [each for each in view.mine.window.rows(0, 40) if each.line.id == TASK]
    return next(each for each in found if each.line.rule == rule)


async def saved(app: DuijieApp, kind: str, id: str, body: Mapping[str, Any]) -> None:
    assert await app.act(lambda _replica: [Change(kind, id, encode(dict(body)))])
    app.reread()


async def test_a_line_is_there_while_it_waits_and_gone_when_it_is_done(
    app: DuijieApp, jobs: Jobs
) -> None:
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        view = await opened(pilot, jobs)
        await given(app)
        await at_rest(pilot, jobs)
        assert any("联调支付" in row and "到期" in row for row in grid(app))
        await given(app, state="done")
        await at_rest(pilot, jobs)
        assert TASK not in [each.line.id for each in view.mine.window.rows(0, 40)]
        assert not any("联调支付" in row for row in grid(app))


async def test_enter_opens_the_record_at_the_field_that_settles_it(
    app: DuijieApp, jobs: Jobs
) -> None:
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        view = await opened(pilot, jobs)
        await given(app)
        await at_rest(pilot, jobs)
        view.list.go_to(line_key(item_of(view, "due").line))
        await pilot.press("enter")
        await at_rest(pilot, jobs)
        assert app.frame is not None
        page = app.frame.view
        assert isinstance(page, RecordPage)
        assert page.record_id == TASK
        assert page.pane.slot is not None
        assert page.pane.slot.path[0] == "state"


async def test_enter_begins_the_paper_that_settles_it_with_what_is_known(
    app: DuijieApp, jobs: Jobs
) -> None:
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        view = await opened(pilot, jobs)
        (blocker,) = app.workspace.conn.execute(
            "SELECT id FROM records WHERE kind = 'blocker'"
        ).fetchone()
        await given(app, source=blocker, state="doing")
        await at_rest(pilot, jobs)
        view.list.go_to(line_key(item_of(view, "daily").line))
        await pilot.press("enter")
        await at_rest(pilot, jobs)
        assert app.frame is not None
        page = app.frame.view
        assert isinstance(page, RecordPage)
        assert page.kind_name == "progress"
        assert page.form.body["of"] == TASK
        assert page.pane.key == "did"
        await pilot.press("x", "f4")
        await at_rest(pilot, jobs)
        assert app.frame.view is view
        assert "daily" not in {each.line.rule for each in view.mine.window.rows(0, 40)}


async def test_enter_on_a_conflict_turns_to_it_among_the_conflicts(
    played: Mapping[str, Path], tmp_path: Path, jobs: Jobs
) -> None:
    home = copied(played[COORDINATOR], tmp_path / "home")
    app = DuijieApp(Home(home), lang="zh", theme="dark", clock=FrozenClock(), synced=False)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        view = await opened(pilot, jobs)
        assert app.frame is not None
        for item in view.mine.window.rows(0, 40):
            view.list.go_to(line_key(item.line))
            await pilot.press("enter")
            await at_rest(pilot, jobs)
            conflicts = app.frame.view
            assert isinstance(conflicts, Conflicts)
            assert conflicts.conflict is not None
            assert conflicts.conflict.record.id == item.line.id
            await pilot.press("1")
            await at_rest(pilot, jobs)


async def test_tab_goes_to_the_dates_and_back(app: DuijieApp, jobs: Jobs) -> None:
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        view = await opened(pilot, jobs)
        assert view.list.has_focus
        await pilot.press("tab")
        await at_rest(pilot, jobs)
        assert view.dates.has_focus
        await pilot.press("tab")
        await at_rest(pilot, jobs)
        assert view.list.has_focus


async def test_why_a_line_waits_is_said_with_the_row_of_the_guides(
    app: DuijieApp, jobs: Jobs
) -> None:
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        view = await opened(pilot, jobs)
        await given(app)
        await at_rest(pilot, jobs)
        view.list.go_to(line_key(item_of(view, "due").line))
        await pilot.press("ctrl+o")
        await at_rest(pilot, jobs)
        assert "S000-13" in "\n".join(grid(app))


async def test_with_nothing_to_do_the_next_date_is_named(tmp_path: Path, jobs: Jobs) -> None:
    home = Home(tmp_path / "alone")
    home.init("*主管", "生产部")
    app = DuijieApp(home, lang="zh", theme="dark", clock=FrozenClock(), synced=False)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await opened(pilot, jobs)
        assert any("今天没有轮到你的事" in row for row in grid(app))


async def test_coming_to_today_the_focus_is_on_what_waits_as_soon_as_anything_does(
    tmp_path: Path, jobs: Jobs
) -> None:
    home = Home(tmp_path / "alone")
    home.init(ENGINEER, "研发部")
    app = DuijieApp(home, lang="zh", theme="dark", clock=FrozenClock(), synced=False)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        view = await opened(pilot, jobs)
        assert view.dates.has_focus
        await pilot.press("2")
        await given(app, state="doing")
        await at_rest(pilot, jobs)
        await pilot.press("1")
        await at_rest(pilot, jobs)
        assert view.list.has_focus
        await pilot.press("enter", "escape", "2", "1")
        await at_rest(pilot, jobs)
        assert view.list.has_focus
        await pilot.press("tab", "enter", "escape")
        await at_rest(pilot, jobs)
        assert view.dates.has_focus


async def test_a_line_that_the_hours_bring_comes_though_nothing_is_saved(
    tmp_path: Path, jobs: Jobs
) -> None:
    home, clock = Home(tmp_path / "alone"), FrozenClock()
    home.init(ENGINEER, "研发部")
    app = DuijieApp(home, lang="zh", theme="dark", clock=clock, synced=False)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        view = await opened(pilot, jobs)
        await given(app, state="todo", due="2026-11-30")
        await at_rest(pilot, jobs)
        assert not view.mine.window.count
        clock.pass_(12 * 24 * 3600 * 1_000_000)
        app.hearing.look()
        await at_rest(pilot, jobs)
        assert {each.line.rule for each in view.mine.window.rows(0, 9)} == {"due"}


@pytest.mark.parametrize("moves", [False, True])
async def test_a_line_that_comes_takes_the_focus_unless_somebody_went_among_the_dates(
    tmp_path: Path, jobs: Jobs, moves: bool
) -> None:
    home = Home(tmp_path / "alone")
    home.init(ENGINEER, "研发部")
    app = DuijieApp(home, lang="zh", theme="dark", clock=FrozenClock(), synced=False)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        view = await opened(pilot, jobs)
        await given(app, state="todo", due="2026-11-30")
        await at_rest(pilot, jobs)
        assert view.dates.has_focus
        second = TASK.replace("a", "b")
        body = new_body(KINDS["task"], {"title": "乙", "due": "2026-12-30"}, department="研发部")
        await saved(app, "task", second, body)
        await at_rest(pilot, jobs)
        if moves:
            await pilot.press("down")
        await given(app, state="doing")
        await at_rest(pilot, jobs)
        assert view.list.has_focus is not moves
