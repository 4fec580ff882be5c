"""Drafts of forms: two pages of one form never write in each other's place, and garbage ends nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from syncd.clock import Clock
from syncd.store.drafts import draft_name, drop_draft, drop_taken, keep_draft, stored_drafts
from syncd.store.replica import Replica
from tests.conftest import Duijie
from tests.tui.app.pages import TASK, body, drafts_of, opened, page_of, saved, screen, until
from tui.app import DuijieApp
from tui.screens.dialog import Ask
from tui.screens.write import Write
from tui.views.blockers import Blockers
from tui.views.papers import Paper
from tui.widgets.editor import Editor


def texts(home: Path, form: str) -> list[dict[str, str]]:
    """What the drafts of a form say, the newest first."""
    return [each.body["texts"] for each in drafts_of(home, form)]


def put_down(home: Path, name: str, said: dict[str, Any], *, at: int = 1) -> None:
    """A draft that was left, as a page that is open no more."""
    replica = Replica(home / "replica.db")
    with replica.write() as conn:
        was = {key: TASK.get(key) for key in said}
        keep_draft(conn, name, {"texts": said, "was": was}, now=at)
    replica.close()


async def test_two_apps_on_one_home_each_keep_what_was_typed_in_them(alone: Duijie) -> None:
    id = saved(alone.home, "task", TASK)
    async with opened(alone.home, "task", id) as (_one, first, _page):
        await first.press("tab", "x")
        async with opened(alone.home, "task", id) as (_two, second, _other):
            await second.press("tab", "y")
    kept = texts(alone.home, f"task/{id}")
    assert {"title": TASK["title"] + "x"} in kept
    assert {"title": TASK["title"] + "y"} in kept


async def test_a_draft_taken_up_by_another_app_stays_with_who_goes_on_writing(
    alone: Duijie,
) -> None:
    id = saved(alone.home, "task", TASK)
    form = f"task/{id}"
    async with opened(alone.home, "task", id) as (_one, first, page):
        await first.press("tab", "x")
        await until(first, lambda: stored_drafts(page.workspace.conn, form))
        async with opened(alone.home, "task", id) as (two, second, other):
            assert "支付接口联调x" in screen(two)
            await first.press("z")
            await page.draft.keep()
            await second.press("f4")
            await until(second, lambda: not other.form.dirty)
    assert body(alone.home, "task", id)["title"] == TASK["title"] + "x"
    assert texts(alone.home, form) == [{"title": TASK["title"] + "xz"}]


async def test_two_open_pages_of_one_record_keep_a_draft_each(alone: Duijie) -> None:
    id = saved(alone.home, "task", TASK)
    async with opened(alone.home, "task", id) as (app, pilot, page):
        await pilot.press("tab", "x")
        await page.draft.keep()
        await app.open_record("task", id)
        await until(pilot, lambda: page_of(app) is not page)
        await until(pilot, lambda: "open on a page below too" in screen(app))
        assert not page_of(app).form.dirty
        await pilot.press("tab", "y")
    kept = texts(alone.home, f"task/{id}")
    assert sorted(each["title"][-1] for each in kept) == ["x", "y"]


async def test_the_newest_draft_is_taken_up_and_the_others_come_after_it(alone: Duijie) -> None:
    id = saved(alone.home, "task", TASK)
    form = f"task/{id}"
    put_down(alone.home, form, {"title": "oldest, of a program before"}, at=1)
    put_down(alone.home, draft_name(form, "b"), {"owner": "second"}, at=2)
    put_down(alone.home, draft_name(form, "c"), {"owner": "second"}, at=3)
    async with opened(alone.home, "task", id) as (app, pilot, page):
        assert page.form.texts == {"owner": "second"}
        assert "1 older draft is kept" in screen(app)
        await pilot.press("tab", "f4")
        await until(pilot, lambda: not page.form.dirty)
    async with opened(alone.home, "task", id) as (app, pilot, page):
        assert page.form.texts == {"title": "oldest, of a program before"}
        assert "older draft" not in screen(app)
        await pilot.press("tab", "ctrl+l")
        await until(pilot, lambda: "Throw away what was typed" in screen(app))
        await pilot.press("down", "enter")
        await until(pilot, lambda: not page.form.dirty)
    assert not drafts_of(alone.home, form)


async def test_a_draft_that_the_record_says_already_is_forgotten(alone: Duijie) -> None:
    id = saved(alone.home, "task", TASK)
    put_down(alone.home, draft_name(f"task/{id}", "a"), {"title": TASK["title"]})
    async with opened(alone.home, "task", id) as (app, _pilot, page):
        assert not page.form.dirty
        assert "Draft since" not in screen(app)
    assert not drafts_of(alone.home, f"task/{id}")


GARBAGE = (
    "x'ff'",
    "17",
    "1.5",
    "''",
    "'null'",
    "'[1]'",
    "CAST(x'7bff7d' AS TEXT)",
    '\'{"texts": 1, "was": [2], "comment": {}}\'',
    '\'{"texts": {"title": 3, "gone": "x", "due": null}}\'',
    "'" + '{"a":' * 5000 + "'",
)


@pytest.mark.parametrize("value", GARBAGE, ids=range(len(GARBAGE)))
async def test_a_draft_of_garbage_is_passed_over(alone: Duijie, value: str) -> None:
    id = saved(alone.home, "task", TASK)
    replica = Replica(alone.home / "replica.db")
    with replica.write() as conn:
        conn.execute(f"INSERT INTO drafts VALUES ('task/{id}', 5, {value})")
        conn.execute(f"INSERT INTO drafts VALUES ('task/{id}#a', 'never', '{{}}')")
        conn.execute(f"INSERT INTO drafts VALUES ('task/{id}#b', {2**62}, '{{}}')")
    replica.close()
    async with opened(alone.home, "task", id) as (app, pilot, page):
        assert TASK["title"] in screen(app)
        await pilot.press("tab", "x", "f4")
        await until(pilot, lambda: not page.form.dirty)
    assert body(alone.home, "task", id)["title"] == TASK["title"] + "x"


def test_a_draft_taken_up_is_dropped_only_where_it_says_the_same_still(alone: Duijie) -> None:
    replica = Replica(alone.home / "replica.db", Clock())
    with replica.write() as conn:
        keep_draft(conn, "task/x#a", {"texts": {}}, now=5)
    taken = stored_drafts(replica.conn, "task/x")
    assert [(each.saved, each.body) for each in taken] == [(5, {"texts": {}})]
    with replica.write() as conn:
        keep_draft(conn, "task/x#a", {"texts": {"title": "more"}}, now=6)
        drop_taken(conn, taken)
    assert [each.saved for each in stored_drafts(replica.conn, "task/x")] == [6]
    with replica.write() as conn:
        drop_draft(conn, "task/x#a")
    assert not stored_drafts(replica.conn, "task/x")
    replica.close()


async def _ended_at_once(app: DuijieApp, pilot: Pilot[int], key: str) -> None:
    """End the app behind a key that reached the editor and that nobody was told of yet."""
    editor = app.screen.focused
    assert editor is not None
    editor.post_message(events.Key(key, key))
    app.exit()
    await pilot.pause()


async def test_the_key_before_the_end_is_in_the_draft_of_a_form(alone: Duijie) -> None:
    id = saved(alone.home, "task", TASK)
    async with opened(alone.home, "task", id) as (app, pilot, _page):
        await pilot.press("tab")
        await _ended_at_once(app, pilot, "x")
    assert texts(alone.home, f"task/{id}") == [{"title": TASK["title"] + "x"}]


async def test_the_key_before_the_end_is_in_the_draft_of_a_delay(alone: Duijie) -> None:
    id = saved(alone.home, "task", TASK)
    async with opened(alone.home, "task", id) as (app, pilot, page):
        await page.action_delay()
        await until(pilot, lambda: isinstance(app.screen.focused, Editor))
        await _ended_at_once(app, pilot, "9")
    assert texts(alone.home, f"delay/{id}") == [{"due": "9"}]


async def test_the_key_before_the_end_is_in_the_draft_of_a_comment(alone: Duijie) -> None:
    id = saved(alone.home, "task", TASK)
    async with opened(alone.home, "task", id) as (app, pilot, page):
        page.to_beside(comment=True)
        await until(pilot, lambda: page.beside.comment.has_focus)
        await _ended_at_once(app, pilot, "x")
    assert [each.body["comment"] for each in drafts_of(alone.home, f"task/{id}")] == ["x"]


async def test_the_key_before_the_end_is_in_the_draft_of_an_answer(alone: Duijie) -> None:
    id = saved(alone.home, "blocker", {"title": "接口不通", "state": "open"})
    async with opened(alone.home, "blocker", id) as (app, pilot, _page):
        await app.action_tab("3")
        assert app.frame is not None
        view = app.frame.view
        assert isinstance(view, Blockers)
        await until(pilot, lambda: view.list.has_focus)
        view.answer.focus()
        await until(pilot, lambda: view.answer.has_focus)
        await _ended_at_once(app, pilot, "x")
    assert [each.body for each in drafts_of(alone.home, "answers")] == [{id: "x"}]


@pytest.mark.parametrize("lines", [False, True])
async def test_the_key_before_the_end_is_told_by_the_dialog_that_writes_a_value(
    alone: Duijie, *, lines: bool
) -> None:
    id = saved(alone.home, "task", TASK)
    told: list[str] = []
    async with opened(alone.home, "task", id) as (app, pilot, _page):
        dialog = Write(app.shades, "Title", "", lambda _text: None, lines=lines, typed=told.append)
        await app.push_screen(dialog)
        await until(pilot, lambda: isinstance(app.screen.focused, Input | TextArea))
        await _ended_at_once(app, pilot, "x")
    assert told[-1:] == ["x"]


async def test_a_file_that_another_app_has_in_an_editor_is_left_to_it(alone: Duijie) -> None:
    id = saved(alone.home, "task", TASK)
    paper = Paper.of(alone.home, f"task/{id}", "title", "elsewhere")
    async with opened(alone.home, "task", id) as (_app, _pilot, page):
        assert not page.form.dirty
    assert paper.read() == "elsewhere"
    paper.release()
    async with opened(alone.home, "task", id) as (_app, pilot, page):
        await until(pilot, lambda: page.form.texts == {"title": "elsewhere"})
        await until(pilot, lambda: not paper.folder.exists())
    assert texts(alone.home, f"task/{id}") == [{"title": "elsewhere"}]


async def test_what_was_thrown_away_on_leaving_is_no_draft_again(alone: Duijie) -> None:
    id = saved(alone.home, "task", TASK)
    async with opened(alone.home, "task", id) as (app, pilot, page):
        await pilot.press("tab", "x", "escape")
        await until(pilot, lambda: isinstance(app.screen, Ask))
        app.screen.dismiss("drop")
        await until(pilot, lambda: app.frame is not None and app.frame.view is not page)
    assert not drafts_of(alone.home, f"task/{id}")
