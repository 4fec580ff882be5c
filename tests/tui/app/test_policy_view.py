"""The policy and the calendar on screen: read by all, changed by coordinators, taken back, never broken."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from schema.ids import derived_id
from schema.records import encode
from schema.rules.policy import ROWS
from syncd.store.reading import calendar_of, policy_of
from syncd.store.rows import Change
from tests.hostile import ATTACK, LONG
from tests.played import COORDINATOR, ENGINEER, copied
from tests.tui.app.grid import grid, place, style_at
from tests.tui.app.office import Office
from tests.tui.app.showing import SMALL, USUAL, app_of, seen, shown, text, until
from tui.app import DuijieApp
from tui.rulebook import GROUPS, rulebook
from tui.views.calendar import CalendarView
from tui.views.policy import PolicyPage, PolicyView
from tui.views.record import RecordPage

ANSWER = derived_id("policy", "answer")


@pytest.fixture
def coordinator(played: Mapping[str, Path], tmp_path: Path) -> Path:
    return copied(played[COORDINATOR], tmp_path / "coordinator")


@pytest.fixture
def liaison(played: Mapping[str, Path], tmp_path: Path) -> Path:
    return copied(played[ENGINEER], tmp_path / "liaison")


@asynccontextmanager
async def policy_of_home(
    home: Path, lang: str = "en", size: tuple[int, int] = USUAL, key: str = ""
) -> AsyncIterator[tuple[Pilot[int], DuijieApp, PolicyView]]:
    async with shown(home, lang, size) as pilot:
        app = app_of(pilot)
        await app.action_policy()
        view = app.frame.view if app.frame else None
        assert isinstance(view, PolicyView)
        await until(pilot, lambda: view.list.has_focus)
        if key:
            view.show(key)
            await pilot.pause()
        yield pilot, app, view


@asynccontextmanager
async def calendar_of_home(
    home: Path, lang: str = "en", size: tuple[int, int] = USUAL
) -> AsyncIterator[tuple[Pilot[int], DuijieApp, CalendarView]]:
    async with shown(home, lang, size) as pilot:
        app = app_of(pilot)
        await app.action_calendar()
        view = app.frame.view if app.frame else None
        assert isinstance(view, CalendarView)
        await until(pilot, lambda: view.list.has_focus)
        yield pilot, app, view


async def saved(app: DuijieApp, kind: str, id: str, body: Mapping[str, Any]) -> None:
    written = json.dumps(body, ensure_ascii=False, sort_keys=True).encode()
    assert await app.act(lambda _pen: [Change(kind, id, written)])
    app.reread()


def at_field(page: PolicyPage, key: str) -> bool:
    """Whether a field of the page has the focus."""
    return page.pane.key == key


def same(sort: Callable[[str], str], day: str, wanted: str) -> bool:
    """Whether a day is of a sort by now."""
    return sort(day) == wanted


def line_with(pilot: Pilot[int], words: str) -> str:
    return next(row for row in grid(pilot.app) if words in row)


def test_every_row_of_the_policy_stands_in_one_group() -> None:
    listed = [key for keys in GROUPS.values() for key in keys]
    assert sorted(listed) == sorted(ROWS)


@pytest.mark.row("S000-41", "S001-41")
async def test_a_rule_is_said_in_words_with_its_row_and_that_it_is_the_default(
    coordinator: Path,
) -> None:
    async with policy_of_home(coordinator, "zh") as (pilot, _app, _view):
        row = line_with(pilot, "逾时升级到发起部门")
        assert "24 小时，遇休息日顺延" in row
        assert "S004-01" in row
        assert row.rstrip().endswith("默认")
        assert "周五 17:00，遇休息日提前" in line_with(pilot, "每周进展更新时限")
        assert "周一 10:00、30 分钟，遇休息日顺延" in line_with(pilot, "周例会时间")


@pytest.mark.row("S000-41")
async def test_a_coordinator_changes_a_rule_and_takes_it_back(coordinator: Path) -> None:
    async with policy_of_home(coordinator, key="emergency") as (pilot, app, view):
        await pilot.press("enter")
        await seen(pilot, "Emergency meeting within (S000-19)", "By default: 24 h, else")
        assert app.frame is not None
        page = app.frame.view
        assert isinstance(page, PolicyPage)
        await until(pilot, lambda: page.pane.key == "amount")
        for key in ("end", "backspace", "backspace", "4", "8", "f4"):
            await pilot.press(key)
        await until(pilot, lambda: app.frame is not None and app.frame.view is view)
        await seen(pilot, "48 h, else next working day")
        conn = app.workspace.conn
        assert policy_of(conn).rule("emergency").amount == 48
        assert COORDINATOR in line_with(pilot, "Emergency meeting within")
        await pilot.press("ctrl+z")
        await until(pilot, lambda: policy_of(conn).rule("emergency").amount == 24)
        await until(pilot, lambda: "default" in line_with(pilot, "Emergency meeting within"))


async def test_a_draft_of_one_rule_never_comes_up_in_another(coordinator: Path) -> None:
    async with policy_of_home(coordinator, key="emergency") as (pilot, app, view):
        # Two rules of one row of the guides.
        for key in ("escalate.initiator", "escalate.decision"):
            view.show(key)
            await pilot.press("enter")
            await until(pilot, lambda: app.frame is not None and app.frame.view is not view)
            assert app.frame is not None
            page = app.frame.view
            assert isinstance(page, PolicyPage)
            await until(pilot, partial(at_field, page, "amount"))
            assert not page.dirty
            await pilot.press("9", "escape")
            await seen(pilot, "keep it as a draft")
            await pilot.press("down", "enter")
            await until(pilot, lambda: app.frame is not None and app.frame.view is view)


async def test_delete_puts_a_rule_back_to_its_default(coordinator: Path) -> None:
    async with policy_of_home(coordinator, key="answer") as (pilot, app, _view):
        await saved(app, "policy", ANSWER, {"key": "answer", "amount": "48"})
        await seen(pilot, "48 h")
        await pilot.press("delete")
        await seen(pilot, "Put Answer to a blocker back to its default?")
        await pilot.press("down", "enter")
        await until(pilot, lambda: policy_of(app.workspace.conn).rule("answer").amount == 24)
        await until(pilot, lambda: "default" in line_with(pilot, "Answer to a blocker"))


@pytest.mark.row("S000-41")
async def test_what_cannot_be_is_said_in_yellow_and_the_default_holds(coordinator: Path) -> None:
    async with policy_of_home(coordinator, key="hours") as (pilot, app, view):
        id = derived_id("policy", "hours")
        await saved(app, "policy", id, {"key": "hours", "value": "18:00-09:00"})
        await saved(app, "policy", derived_id("policy", "nope"), {"key": "nope"})
        await until(pilot, lambda: "cannot be" in line_with(pilot, "Working hours of a day"))
        x, y = place(app, "09:00-18:00")
        assert style_at(app, app.shades, x, y).role == "yellow"
        await pilot.press("ctrl+o")
        await seen(pilot, "18:00-09:00 cannot be", "default holds.")
        await seen(pilot, "2 cannot be")
        await pilot.press("escape", "end")
        await seen(pilot, "No rule of the policy is called nope.")
        await pilot.press("enter")
        await until(pilot, lambda: app.frame is not None and app.frame.view is not view)


@pytest.mark.row("S001-41")
async def test_how_a_rule_would_be_computed_now_is_said_with_the_days_it_skips(
    coordinator: Path,
) -> None:
    async with policy_of_home(coordinator, key="retro.after") as (pilot, _app, _view):
        await pilot.press("ctrl+o")
        await seen(
            pilot,
            "By the guides: S000-25",
            "From 2026-11-18 14:05 Wed",
            "2026-11-21 Sat to 11-22 Sun: weekend, not counted",
            "Until 2026-11-23 14:05 Mon",
        )


@pytest.mark.row("S000-41")
@pytest.mark.parametrize("size", [USUAL, SMALL])
async def test_a_liaison_reads_and_is_told_who_may_change(
    liaison: Path, size: tuple[int, int]
) -> None:
    async with policy_of_home(liaison, size=size, key="emergency") as (pilot, app, view):
        await seen(pilot, "only coordinators change this")
        await pilot.press("enter")
        await seen(pilot, "Only coordinators change this; the hub refuses it")
        assert app.frame is not None
        assert app.frame.view is view
        await pilot.press("delete")
        await seen(pilot, "The default holds here already.")
    async with calendar_of_home(liaison, size=size) as (pilot, app, calendar):
        before = app.workspace.conn.execute("SELECT count(*) FROM outbox").fetchone()
        await pilot.press("enter")
        await seen(pilot, "Only coordinators change this; the hub refuses it")
        await pilot.press("ctrl+r", "ctrl+g")
        assert app.workspace.conn.execute("SELECT count(*) FROM outbox").fetchone() == before
        assert app.frame is not None
        assert app.frame.view is calendar


@pytest.mark.row("S000-41")
def test_the_hub_refuses_a_liaisons_rule_and_year(office: Office) -> None:
    year = derived_id("calendar", "2027")
    office.save("甲", Change("policy", ANSWER, encode({"key": "answer", "amount": "1"})))
    office.save("甲", Change("calendar", year, encode({"year": 2027, "off": ["2027-01-01"]})))
    office.wired.sync()
    for who in ("乙", "丙"):
        conn = office.replica(who).conn
        assert policy_of(conn).rule("answer").amount == 24
        assert not calendar_of(conn).off & {d for d in calendar_of(conn).off if d.year == 2027}
    from syncd.store.standing import status

    assert status(office.replica("甲")).refused == 2


# -- the calendar


@pytest.mark.row("S001-39", "S003-32", "S004-24")
async def test_a_year_marks_days_off_and_make_up_days_in_words(coordinator: Path) -> None:
    async with calendar_of_home(coordinator, "zh") as (pilot, _app, view):
        screen = text(pilot)
        assert "10班" in screen
        assert "19休20休21休" in screen
        assert "2026-11-18 周三   工作日   今天" in screen
        assert "已公布" in screen
        assert "中国大陆" in screen
        assert "Asia/Shanghai   09:00-18:00" in screen
        view.list.go_to("2026-10-10")
        await seen(pilot, "2026-10-10 周六   调休上班")


@pytest.mark.row("S001-39")
async def test_a_year_that_is_not_published_says_so(coordinator: Path) -> None:
    async with calendar_of_home(coordinator) as (pilot, app, _view):
        await pilot.press("right_square_bracket")
        await seen(pilot, "2027", "the days off of 2027 are not published", "nobody has said yet")
        x, y = place(app, "the days off of 2027", 1)
        assert style_at(app, app.shades, x, y).role == "yellow"


@pytest.mark.row("S001-39", "S000-41")
async def test_enter_turns_a_day_and_undo_turns_it_back(coordinator: Path) -> None:
    async with calendar_of_home(coordinator) as (pilot, app, view):

        def sort(day: str) -> str:
            return calendar_of(app.workspace.conn).sort_of(date.fromisoformat(day))

        # A weekday is off or worked; the list that is shipped stays beside it.
        await pilot.press("enter")
        await until(pilot, lambda: sort("2026-11-18") == "off")
        assert sort("2026-10-10") == "make_up"
        await until(pilot, lambda: "18H" in text(pilot))
        await pilot.press("ctrl+z")
        await until(pilot, lambda: sort("2026-11-18") == "workday")
        assert sort("2026-10-10") == "make_up"
        # A weekend day: off by the list, worked, ordinary.
        view.list.go_to("2026-11-22")
        for wanted in ("off", "make_up", "weekend"):
            await pilot.press("enter")
            await until(pilot, partial(same, sort, "2026-11-22", wanted))


@pytest.mark.row("S001-39")
async def test_a_year_is_published_on_a_key_with_a_sentence(coordinator: Path) -> None:
    async with calendar_of_home(coordinator) as (pilot, app, view):
        await pilot.press("right_square_bracket", "ctrl+r")
        await seen(pilot, "2027: these are the official days off now. ^Z takes it back.")
        assert calendar_of(app.workspace.conn).published(2027)
        await pilot.press("ctrl+r")
        await seen(pilot, "2027: a guess again")
        assert not calendar_of(app.workspace.conn).published(2027)
        await pilot.press("ctrl+g")
        await until(pilot, lambda: app.frame is not None and app.frame.view is not view)
        assert app.frame is not None
        assert isinstance(app.frame.view, RecordPage)


async def test_the_calendar_leads_to_the_rules_of_counting(coordinator: Path) -> None:
    async with calendar_of_home(coordinator) as (pilot, app, _view):
        await pilot.press("ctrl+t")
        await until(pilot, lambda: "Working hours of a day" in text(pilot))
        assert app.frame is not None
        policy = app.frame.view
        assert isinstance(policy, PolicyView)
        await until(pilot, lambda: policy.row is not None and policy.row.key == "zone")


async def test_the_arrows_go_by_days_and_weeks_and_stay_in_the_year(coordinator: Path) -> None:
    async with calendar_of_home(coordinator, size=SMALL) as (pilot, _app, view):
        assert view.held.isoformat() == "2026-11-18"
        await pilot.press("down", "right", "pageup")
        assert view.held.isoformat() == "2026-10-26"
        await pilot.press("home", "left", "up")
        assert view.held.isoformat() == "2026-01-01"
        await pilot.press("end", "right", "down")
        assert view.held.isoformat() == "2026-12-31"
        assert "31" in text(pilot)


@pytest.mark.parametrize("hostile", [ATTACK, LONG], ids=["attack", "long"])
async def test_no_text_of_a_record_breaks_the_pages(coordinator: Path, hostile: str) -> None:
    odd: Mapping[str, Any] = {"key": "hours", "value": hostile, "unit": hostile, "roll": [hostile]}
    year = {
        "year": 2026,
        "region": hostile,
        "source": hostile,
        "off": [hostile, "2026-11-20", 7, None],
        "work": {"a": hostile},
        "published": hostile,
    }
    async with policy_of_home(coordinator, key="hours") as (pilot, app, view):
        await saved(app, "policy", derived_id("policy", "hours"), odd)
        await saved(app, "policy", derived_id("policy", hostile), {"key": hostile})
        await saved(app, "policy", derived_id("policy", "x"), {"key": [hostile], "value": 3})
        await saved(app, "calendar", derived_id("calendar", "2026"), year)
        await pilot.press("ctrl+o")
        await pilot.pause()
        assert len(rulebook(app.workspace.replica, 2026)) == len(ROWS) + 2
        await pilot.press("escape", "end", "up")
        assert not any("\x1b" in row or "\u202e" in row for row in grid(app))
        assert view.is_mounted
    async with calendar_of_home(coordinator) as (pilot, app, calendar):
        calendar.list.go_to("2026-11-20")
        await pilot.pause()
        assert "20H" in text(pilot)
        assert not any("\x1b" in row or "\u202e" in row for row in grid(app))
        await pilot.press("enter")
        await until(pilot, lambda: "20H" not in text(pilot))


# -- two coordinators at once


@pytest.mark.row("S000-41")
async def test_two_who_change_one_rule_make_a_conflict_that_can_be_read(office: Office) -> None:
    office.wired.join("丁", "coordinator")
    for who, amount in (("丙", "48"), ("丁", "36")):
        body = {"key": "answer", "amount": amount, "unit": "hours"}
        office.save(who, Change("policy", ANSWER, encode(body)))
    office.wired.sync()
    async with office.seen_by("丙") as seen_by:
        await seen_by.says("Amount", "48", "36")


@pytest.mark.row("S000-41", "S001-39")
@pytest.mark.parametrize("size", [USUAL, SMALL])
async def test_two_who_change_one_year_see_the_days_beside_each_other(
    office: Office, size: tuple[int, int]
) -> None:
    from tui.almanac import turned

    office.wired.join("丁", "coordinator")
    for who, day in (("丙", date(2026, 11, 19)), ("丁", date(2026, 11, 20))):
        for change in turned(office.replica(who), day):
            office.save(who, change)
    office.wired.sync()
    async with office.seen_by("丙", size=size) as seen_by:
        await seen_by.says("Days off", "2026-11-19", "2026-11-20", "2026")


@pytest.mark.parametrize(
    ("amount", "words"),
    [("-3", "不能是-3，按默认值算"), ("", "为空，仍按默认")],
    ids=["below zero", "empty"],
)
async def test_an_amount_that_cannot_be_is_said_while_it_is_typed_and_once_it_is_saved(
    coordinator: Path, amount: str, words: str
) -> None:
    async with policy_of_home(coordinator, "zh", key="answer") as (pilot, app, _view):
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.frame and app.frame.view, PolicyPage))
        page = app.frame.view if app.frame else None
        assert isinstance(page, PolicyPage)
        page.pane.go("amount")
        await until(pilot, lambda: page.pane.editor.has_focus)
        page.pane.put(amount)
        await until(pilot, lambda: words in text(pilot).replace(" ", ""))
        await pilot.press("f4")
        await until(
            pilot,
            lambda: any(words in each.message.replace(" ", "") for each in app._notifications),
        )
        assert app.workspace.replica.record("policy", ANSWER) is not None
