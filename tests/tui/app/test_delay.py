"""Declaring a delay: the form, what it pushes, and what is moved along."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from schema import wording
from schema.ids import new_id
from schema.records import encode, own_id
from syncd.home import Home
from syncd.store.drafts import stored_drafts
from syncd.store.replica import Replica
from syncd.store.rows import Change
from tests.played import FrozenClock
from tests.tui.app.grid import grid
from tests.tui.app.resting import until
from tests.wiring import Wired
from tui.app import DuijieApp
from tui.screens.dialog import Ask
from tui.views.deadlines import Deadlines
from tui.views.delay import AskPushed, DelayPage
from tui.views.record import RecordPage
from tui.views.today import TodayView
from tui.views.today_rows import line_key

ME, OTHER = "*工程师", "*主管"


class Works:
    """A liaison of 研发部 and one of 财务部 at one hub; a chain of tasks that wait for each other.

    The clock stands on Wednesday, 2026-11-18.
    """

    def __init__(self, folder: Path) -> None:
        self.clock = FrozenClock()
        self.wired = Wired(folder, self.clock)
        self.wired.join(ME, "liaison", "研发部")
        self.wired.join(OTHER, "liaison", "财务部")
        for name, department in ((ME, "研发部"), (OTHER, "财务部")):
            self.add("person", name, name=name, department=department, member=name)
            self.wired.sync()
        self.first = self.task("说明书定稿", due="2026-11-17", owner=ME)
        self.own = self.task("接口联调", start="2026-11-18", due="2026-11-19", owner=ME)
        self.theirs = self.task(
            "成本核算", start="2026-11-20", due="2026-11-20T17:00", owner=OTHER, department="财务部"
        )
        self.milestone = self.add("milestone", title="原型定稿", due="2026-11-20", state="open")
        self.wait(self.first, self.own)
        self.wait(self.own, self.theirs)
        self.wait(self.own, self.milestone)
        self.wired.sync()

    def add(self, kind: str, who: str = ME, **body: Any) -> str:
        id = own_id(kind, body, who) or new_id(self.clock.now())
        self.clock.pass_(1_000_000)
        self.replica(who).save([Change(kind, id, encode(body))])
        return id

    def task(self, title: str, **body: Any) -> str:
        return self.add("task", **{"title": title, "state": "todo", "department": "研发部", **body})

    def wait(self, before: str, after: str) -> None:
        self.add("dependency", before=before, after=after)

    def replica(self, who: str = ME) -> Replica:
        return self.wired.replicas[who]

    def body(self, id: str, kind: str = "task", who: str = ME) -> dict[str, Any]:
        record = self.replica(who).record(kind, id)
        assert record is not None
        body: dict[str, Any] = json.loads(record.shown.body or b"{}")
        return body

    def comments(self) -> list[dict[str, Any]]:
        rows = self.replica().conn.execute("SELECT id FROM records WHERE kind = 'comment'")
        return [self.body(id, "comment") for (id,) in rows]


@pytest.fixture
def works(tmp_path: Path) -> Iterator[Works]:
    made = Works(tmp_path)
    yield made
    made.wired.close()


class Seen:
    """The app of somebody, the deadlines in front."""

    def __init__(self, app: DuijieApp, pilot: Pilot[int]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def view(self) -> Any:
        return self.app.frame.view if self.app.frame else None

    @property
    def text(self) -> str:
        return "\n".join(grid(self.app))

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.pilot.press(*(key[1:] if key.startswith("'") else [key]))
        await self.pilot.pause()

    async def wait(self, holds: Callable[[], object]) -> None:
        await self.pilot.pause()
        await until(self.pilot, holds)

    async def says(self, *texts: str) -> None:
        await self.wait(lambda: all(text in self.text for text in texts))

    async def declare(self) -> None:
        """From the deadlines to the form of the first task."""
        await self.wait(lambda: isinstance(self.view, Deadlines) and self.view.list.has_focus)
        await self.press("ctrl+l")
        await self.wait(lambda: isinstance(self.view, DelayPage) and self.view.pane.key == "due")


@asynccontextmanager
async def seen(
    works: Works, lang: str = "en", size: tuple[int, int] = (120, 36), who: str = ME
) -> AsyncIterator[Seen]:
    wording.use(lang)
    app = DuijieApp(Home(works.wired.home(who)), theme="dark", clock=works.clock, synced=False)
    app.NOTIFICATION_TIMEOUT = 600  # type: ignore[misc]
    async with app.run_test(size=size, notifications=True) as pilot:
        await pilot.press("4")
        yield Seen(app, pilot)


FILLED = ("ctrl+e", "ctrl+u", "'2026-11-20", "tab", "'data is late", "tab", "'one more day")


@pytest.mark.row("S000-16", "S001-23", "S004-12")
async def test_a_delay_says_why_and_what_it_needs_and_the_old_date_stays(works: Works) -> None:
    works.replica().save([Change("dependency", own_id("dependency", {"before": works.first, "after": works.own}) or "", b"{}", deleted=True)])  # fmt: skip
    async with seen(works) as app:
        await app.declare()
        await app.says("Declare a delay", "Cause and need are both needed")
        await app.press(*FILLED, "f4")
        await app.wait(lambda: isinstance(app.view, Deadlines))
        body = works.body(works.first)
        assert (body["due"], body["delay_cause"], body["need"]) == (
            "2026-11-20", "data is late", "one more day",
        )  # fmt: skip
        assert body["plan"] == [
            {"at": "2026-11-18", "was": "2026-11-17", "to": "2026-11-20", "why": "data is late"}
        ]


@pytest.mark.row("S000-16")
async def test_without_cause_or_need_nothing_is_saved_and_it_is_said(works: Works) -> None:
    async with seen(works) as app:
        await app.declare()
        await app.press("ctrl+e", "ctrl+u", "'2026-11-20", "f4")
        await app.says("Cause of delay is needed: a delay says why")
        assert isinstance(app.view, DelayPage)
        await app.press("'x", "f4")
        await app.says("Resource to coordinate is needed")
        assert works.body(works.first)["due"] == "2026-11-17"


async def test_a_day_off_and_its_weekday_are_said_while_one_types(works: Works) -> None:
    async with seen(works) as app:
        await app.declare()
        await app.press("ctrl+e", "ctrl+u", "'11-21")
        await app.says("Due 2026-11-21 is on a weekend.", "Sat")


@pytest.mark.row("S004-13")
async def test_what_is_pushed_is_shown_and_stays_where_nobody_says_otherwise(works: Works) -> None:
    async with seen(works) as app:
        await app.declare()
        await app.press(*FILLED, "f4")
        await app.says("The new date pushes 3 records.", "接口联调", "11-19 › 11-23 Mon")
        await app.says("11-20 17:00 › 11-23 17:00", "To be moved by hand", "原型定稿")
        await app.press("enter")
        await app.wait(lambda: isinstance(app.view, Deadlines))
    assert works.body(works.first)["due"] == "2026-11-20"
    assert works.body(works.own)["due"] == "2026-11-19"
    assert works.comments() == []


@pytest.mark.row("S004-13")
async def test_one_key_moves_what_is_of_the_own_department_in_the_same_act(works: Works) -> None:
    async with seen(works) as app:
        await app.declare()
        await app.press(*FILLED, "f4")
        await app.says("Move the 1 task of 研发部 too")
        await app.press("plus")
        await app.wait(lambda: isinstance(app.view, Deadlines))
        own = works.body(works.own)
        assert (own["start"], own["due"]) == ("2026-11-20", "2026-11-23")
        assert own["plan"][0]["why"] == "说明书定稿: data is late"
        assert works.body(works.theirs)["due"] == "2026-11-20T17:00"
        assert works.comments() == []
        await app.press("ctrl+z")
        await app.wait(lambda: works.body(works.own)["due"] == "2026-11-19")
        assert works.body(works.first)["due"] == "2026-11-17"


@pytest.mark.row("S001-28", "S004-13")
async def test_what_is_of_another_department_moves_only_where_chosen_and_its_owner_is_told(
    works: Works,
) -> None:
    async with seen(works) as app:
        await app.declare()
        await app.press(*FILLED, "f4")
        await app.says("Move all 2 tasks")
        await app.press("end", "enter")
        await app.wait(lambda: isinstance(app.view, Deadlines))
    theirs = works.body(works.theirs)
    assert (theirs["start"], theirs["due"]) == ("2026-11-23", "2026-11-23T17:00")
    assert works.body(works.milestone, "milestone")["due"] == "2026-11-20"
    (told,) = works.comments()
    assert (told["of"], told["type"], told["about"]) == (works.theirs, "announcement", [OTHER])
    assert "2026-11-20 Fri 17:00" in told["text"]
    works.wired.sync()
    from syncd.store.today import today

    lines = [item.line for item in today(works.replica(OTHER).conn, works.clock.now()).items]
    assert [line.rule for line in lines if line.rule == "receipt"] == ["receipt"]


async def test_escape_from_the_question_goes_back_to_the_form(works: Works) -> None:
    async with seen(works) as app:
        await app.declare()
        await app.press(*FILLED, "f4")
        await app.wait(lambda: isinstance(app.app.screen, AskPushed))
        await app.press("escape")
        assert isinstance(app.view, DelayPage)
        assert works.body(works.first)["due"] == "2026-11-17"


async def test_what_was_planned_anew_meanwhile_is_not_moved_over(works: Works) -> None:
    async with seen(works) as app:
        await app.declare()
        await app.press(*FILLED, "f4")
        await app.wait(lambda: isinstance(app.app.screen, AskPushed))
        body = {**works.body(works.own), "due": "2026-12-01"}
        works.replica().save([Change("task", works.own, encode(body))])
        await app.press("plus")
        await app.says("was planned anew by somebody else")
        assert works.body(works.first)["due"] == "2026-11-17"


async def test_what_was_typed_is_there_again(works: Works) -> None:
    async with seen(works) as app:
        await app.declare()
        await app.press("tab", "'half a cause")
        await app.wait(lambda: stored_drafts(works.replica().conn, f"delay/{works.first}"))
    async with seen(works) as app:
        await app.declare()
        await app.says("half a cause", "Draft since")


async def test_the_wrong_person_is_hinted_at_and_not_kept_from_it(works: Works) -> None:
    async with seen(works, who=OTHER) as app:
        await app.declare()
        await app.says("usually declared by *工程师")
        await app.press(*FILLED, "f4")
        await app.wait(lambda: isinstance(app.app.screen, AskPushed))
        await app.press("enter")
        await app.wait(lambda: isinstance(app.view, Deadlines))
    assert works.body(works.first, who=OTHER)["due"] == "2026-11-20"


async def test_the_key_works_on_the_board_and_on_a_tasks_page(works: Works) -> None:
    async with seen(works) as app:
        await app.press("2")
        await app.wait(lambda: app.view is not None and app.view.tab == "2")
        await app.press("ctrl+l")
        await app.wait(lambda: isinstance(app.view, DelayPage))
        await app.press("escape")
        await app.wait(lambda: not isinstance(app.view, DelayPage))
        await app.press("enter")
        await app.wait(lambda: type(app.view) is RecordPage)
        await app.press("ctrl+l")
        await app.wait(lambda: isinstance(app.view, DelayPage))


async def test_what_is_no_task_is_not_declared_late(works: Works) -> None:
    async with seen(works) as app:
        await app.wait(lambda: isinstance(app.view, Deadlines) and app.view.list.has_focus)
        app.view.list.go_to(works.milestone)
        await app.press("ctrl+l")
        await app.says("Only of a task is a delay declared")


# -- what the lines of Today open


async def test_a_receipt_is_one_question_and_the_line_is_gone(works: Works) -> None:
    works.add("comment", OTHER, type="announcement", about=[ME], text="原型改为下周三评审")
    works.wired.sync()
    async with seen(works) as app:
        await app.press("1")
        await app.wait(lambda: isinstance(app.view, TodayView) and "receipt" in rules(app))
        app.view.list.focus()
        app.view.list.go_to(next(key for key in keys(app) if key.startswith("receipt")))
        await app.press("enter")
        await app.says("Say that it came?", "原型改为下周三评审")
        await app.press("down", "enter")
        await app.wait(lambda: "receipt" not in rules(app))
    rows = works.replica().conn.execute("SELECT body FROM records WHERE kind = 'signoff'")
    assert [json.loads(body)["meaning"] for (body,) in rows] == ["receipt"]


async def test_a_receipt_not_given_signs_nothing(works: Works) -> None:
    works.add("comment", OTHER, type="announcement", about=[ME], text="x")
    works.wired.sync()
    async with seen(works) as app:
        await app.press("1")
        await app.wait(lambda: isinstance(app.view, TodayView) and "receipt" in rules(app))
        app.view.list.focus()
        app.view.list.go_to(next(key for key in keys(app) if key.startswith("receipt")))
        await app.press("enter")
        await app.says("Say that it came?")
        await app.press("enter")
        await app.wait(lambda: not isinstance(app.app.screen, Ask))
        assert "receipt" in rules(app)


@pytest.mark.row("S000-19", "S000-07")
@pytest.mark.parametrize("layer", ["decision", "execution"])
async def test_the_emergency_line_opens_the_meeting_and_only_the_decision_layer_may(
    works: Works, layer: str
) -> None:
    works.wired.join("*总监", "coordinator", "总经办")
    project = works.add("project", "*总监", title="X", state="running", initiator="市场部")
    seat = {"of": project, "person": ME, "department": "研发部", "role": "liaison", "layer": layer}
    works.add("seat", "*总监", **seat)
    works.wired.sync()
    late = works.task("备货就绪", due="2026-11-11", owner=ME, project=project)
    works.wired.sync()
    async with seen(works) as app:
        if layer == "decision":
            await app.press("1")
            await app.wait(lambda: isinstance(app.view, TodayView) and "emergency" in rules(app))
            app.view.list.focus()
            app.view.list.go_to(next(key for key in keys(app) if key.startswith("emergency")))
            await app.press("enter")
            await app.wait(lambda: type(app.view) is RecordPage)
            await app.says("Emergency meeting: 备货就绪", "emergency")
            assert app.view.refusing == []
            await app.press("f4")
            await app.wait(
                lambda: isinstance(app.view, TodayView) and "emergency" not in rules(app)
            )
        else:
            values = {"title": "应急会", "type": "emergency", "about": [late], "project": project}
            await app.app.new_record("meeting", {**values, "gate": "decision"})
            await app.says("only the decision layer of its project may do this")


def keys(app: Seen) -> list[str]:
    items = app.view._read.today.items if app.view._read is not None else []
    return [line_key(each.line) for each in items]


def rules(app: Seen) -> list[str]:
    return [key.partition("/")[0] for key in keys(app)]
