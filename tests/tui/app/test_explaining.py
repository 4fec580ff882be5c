"""^O says of every date how it was computed, by the workspace's own policy and calendar."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from schema.calendar_data import shipped
from schema.ids import derived_id
from schema.records import KINDS, encode, new_body
from schema.rules.lights import shown as shown_at
from syncd.store.rows import Change
from tests.conftest import Duijie
from tests.played import COORDINATOR, copied
from tests.tui.app.office import Office
from tests.tui.app.showing import SMALL, USUAL, app_of, seen, shown, text, until
from tui.app import DuijieApp
from tui.explaining import explained
from tui.views.blockers import Blockers

CALENDAR = shipped()
TASK = "0193d5a0-0000-7000-8000-00000000bbbb"


@pytest.fixture
def home(played: Mapping[str, Path], tmp_path: Path) -> Path:
    return copied(played[COORDINATOR], tmp_path / "home")


async def saved(app: DuijieApp, kind: str, id: str, **body: Any) -> None:
    made = new_body(KINDS[kind], body, department=None)
    assert await app.act(lambda _pen: [Change(kind, id, encode(made))])
    app.reread()


@pytest.mark.row("S000-41", "S003-13", "S001-39")
async def test_a_date_says_the_days_that_it_passes_over_and_when_it_warns(home: Path) -> None:
    async with shown(home) as pilot:
        app = app_of(pilot)
        year = {"year": 2026, "off": ["2026-11-20"], "work": ["2026-11-22"], "published": True}
        await saved(app, "calendar", derived_id("calendar", "2026"), **year)
        await saved(app, "task", TASK, title="t", due="2026-11-24T17:00", state="doing")
        assert explained(app.workspace, "task", TASK) == [
            "From 2026-11-18 Wed",
            "4 working days",
            "2026-11-20 Fri: official day off, not counted",
            "2026-11-21 Sat: weekend, not counted",
            "2026-11-22 Sun: make-up day, counted",
            "Until 2026-11-24 17:00 Tue",
            "Yellow from 2026-11-22 Sun: Warning before a due date: 2 working days (S003-13)",
        ]


@pytest.mark.row("S003-13", "S001-39")
@pytest.mark.parametrize("due", ["2026-11-27", "2026-11-28", "2026-11-29", "2026-11-30"])
async def test_it_warns_from_the_day_on_which_the_light_turns_yellow(home: Path, due: str) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    noons = [datetime(2026, 11, 18, 12, tzinfo=zone) + n * timedelta(days=1) for n in range(12)]
    body = {"due": due, "state": "doing"}
    lights = [shown_at("task", body, now=noon, zone=zone.key, calendar=CALENDAR) for noon in noons]
    first = next(noon for noon, each in zip(noons, lights, strict=True) if each.light == "yellow")
    async with shown(home) as pilot:
        app = app_of(pilot)
        await saved(app, "task", TASK, title="t", **body)
        told = explained(app.workspace, "task", TASK)
        assert any(f"Yellow from {first:%Y-%m-%d}" in line for line in told), (first, told)


@pytest.mark.row("S000-41", "S000-19")
async def test_what_is_late_says_the_days_it_counts_and_when_a_meeting_is_called(
    home: Path,
) -> None:
    async with shown(home) as pilot:
        app = app_of(pilot)
        await saved(app, "task", TASK, title="t", due="2026-11-12", state="doing")
        told = explained(app.workspace, "task", TASK)
        assert told[:4] == [
            "From 2026-11-12 Thu",
            "4 working days",
            "2026-11-14 Sat to 11-15 Sun: weekend, not counted",
            "Until 2026-11-18 Wed",
        ]
        assert "3 working days (S000-19)" in told[4]


@pytest.mark.row("S001-39")
async def test_a_year_that_is_not_published_is_said_beside_every_date_it_touches(
    home: Path,
) -> None:
    async with shown(home) as pilot:
        app = app_of(pilot)
        await saved(app, "task", TASK, title="t", due="2027-01-08", state="doing")
        told = explained(app.workspace, "task", TASK)
        assert told.count("the days off of 2027 are not published") == 1
        assert "14 days of weekends, not counted" in told


async def test_what_has_no_date_or_is_done_explains_nothing(home: Path) -> None:
    async with shown(home) as pilot:
        app = app_of(pilot)
        await saved(app, "task", TASK, title="t", state="todo")
        assert explained(app.workspace, "task", TASK) == []
        await saved(app, "task", TASK, title="t", due="2026-11-12", state="done")
        assert explained(app.workspace, "task", TASK) == []
        assert explained(app.workspace, "task", TASK[:-1] + "c") == []


@pytest.mark.row("S000-41")
async def test_the_board_says_it_too(home: Path) -> None:
    async with shown(home) as pilot:
        app = app_of(pilot)
        view = app.frame.view if app.frame else None
        await until(pilot, lambda: view is not None and view.is_mounted and "T-001" in text(pilot))
        await pilot.press("ctrl+o")
        await seen(pilot, "From 2026-11-18 Wed", "6 working days", "Until 2026-11-26 Thu")


@pytest.mark.row("S003-14", "S001-41")
async def test_an_answer_is_explained_by_the_policy_of_the_workspace(office: Office) -> None:
    blocker = office.add("甲", "blocker", title="缺料", departments=["市场部"], state="open")
    office.add("丙", "policy", key="answer", amount="3", unit="working_days")
    async with office.seen_by("乙") as seen_by:
        told = explained(seen_by.app.workspace, "blocker", blocker)
        assert told[1] == "Answer to a blocker: 3 working days (S003-14)"
        assert told[2] == "2026-11-21 Sat to 11-22 Sun: weekend, not counted"
        assert told[3].startswith("Until 2026-11-23 ")


@pytest.mark.row("S000-41")
@pytest.mark.parametrize("narrow", [False, True])
async def test_the_board_answers_for_every_card_also_without_a_date(
    alone: Duijie, *, narrow: bool
) -> None:
    alone.ok("add", "task", "title=无期", "department=研发部")
    async with shown(alone.home, "zh", SMALL if narrow else USUAL) as pilot:
        await seen(pilot, "无期")
        await pilot.press("ctrl+o")
        await seen(pilot, "这里没有")


@pytest.mark.parametrize(
    ("joined", "words"),
    [
        (True, "未送达：中枢收到后才"),
        (False, "还没有加入中枢：回应时限"),
    ],
)
async def test_a_blocker_that_no_clock_runs_for_says_why(
    alone: Duijie, monkeypatch: pytest.MonkeyPatch, words: str, *, joined: bool
) -> None:
    monkeypatch.setattr(Blockers, "joined", joined)
    alone.ok("add", "blocker", "title=缺图", "why=空着", "unblock=补图", "departments=研发部")
    async with shown(alone.home, "zh") as pilot:
        await pilot.press("3")
        await seen(pilot, "缺图")
        await pilot.press("ctrl+o")
        await seen(pilot, words)
        await pilot.press("ctrl+r", *"ok", "enter", "ctrl+o")
        await seen(pilot, "已回应：不再计回应")


async def test_an_explanation_goes_with_what_it_was_about(home: Path) -> None:
    async with shown(home) as pilot:
        app = app_of(pilot)
        await seen(pilot, "T-001")
        for leave in ("down", "4"):
            await pilot.press("home", "ctrl+o")
            await until(pilot, app.explained)
            app.reread()
            await pilot.pause()
            assert app.explained(), "what is read again moves nothing"
            await pilot.press(leave)
            await until(pilot, lambda: not app.explained())
        await pilot.press("ctrl+o")
        await until(pilot, app.explained)
        await pilot.press("enter")
        await until(pilot, lambda: not app.explained())
        assert "Yellow from" not in text(pilot)
