"""Keys that arrive together are done in the order in which they were typed."""

from __future__ import annotations

import pytest
from textual import events

from tests.conftest import Duijie
from tests.tui.app.pages import TASK, body, drafts_of, opened, saved, until
from tui.app import DuijieApp
from tui.views.deadlines import Deadlines

KEYS = {"backspace": "\x7f", "ctrl+u": "\x15", "ctrl+w": "\x17", "tab": "\t", "enter": "\r"}


def type_at_once(app: DuijieApp, *keys: str) -> None:
    """Send keys as a terminal does that reads them all together."""
    for key in keys:
        app.post_message(events.Key(key, key if len(key) == 1 else KEYS.get(key)))


@pytest.mark.parametrize(
    ("keys", "texts"),
    [
        (["a", "b", "backspace", "c"], {"deliverable": "ac"}),
        (["a", "ctrl+u", "b"], {"deliverable": "b"}),
        ([*"one", "space", *"two", "ctrl+w", *"six"], {"deliverable": "one six"}),
        (["a", "tab", "b", "tab", "c"], {"deliverable": "a", "version": "b", "phase": "c"}),
        (["a", "tab", "b", "shift+tab", "end", "c"], {"deliverable": "ac", "version": "b"}),
        (["a", "left", "b", "home", "c", "end", "d"], {"deliverable": "cbad"}),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else "",
)
async def test_keys_that_arrive_together_are_typed_in_order(
    alone: Duijie, keys: list[str], texts: dict[str, str]
) -> None:
    id = saved(alone.home, "task", TASK)
    async with opened(alone.home, "task", id) as (app, pilot, page):
        page.pane.go("deliverable")
        await pilot.pause()
        type_at_once(app, *(" " if key == "space" else key for key in keys), "tab")
        await until(pilot, lambda: page.form.texts == texts)


async def test_a_paste_waits_for_its_turn(alone: Duijie) -> None:
    id = saved(alone.home, "task", TASK)
    async with opened(alone.home, "task", id) as (app, pilot, page):
        page.pane.go("deliverable")
        await pilot.pause()
        type_at_once(app, "a", "tab")
        app.post_message(events.Paste("对接"))
        type_at_once(app, "backspace", "tab")
        await until(pilot, lambda: page.form.texts == {"deliverable": "a", "version": "对"})


async def test_what_was_typed_before_the_end_is_kept(alone: Duijie) -> None:
    id = saved(alone.home, "task", TASK)
    async with opened(alone.home, "task", id) as (app, pilot, page):
        page.pane.go("deliverable")
        await pilot.pause()
        type_at_once(app, *"ab", "backspace", "c", "ctrl+q")
        await until(pilot, lambda: app.ending)
    [draft] = drafts_of(alone.home, f"task/{id}")
    assert draft.body["texts"] == {"deliverable": "ac"}


async def test_a_key_that_never_comes_to_its_end_holds_nobody_who_wants_out(
    alone: Duijie, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = saved(alone.home, "task", TASK)
    async with opened(alone.home, "task", id) as (app, pilot, page):
        page.pane.go("deliverable")
        await pilot.pause()
        monkeypatch.setattr(app, "_follow", lambda *_gone: None)
        type_at_once(app, "a", "b", "ctrl+q")
        await pilot.pause()
        assert not app.ending
        type_at_once(app, "ctrl+q")
        await until(pilot, lambda: app.ending)


async def test_keys_that_close_the_page_let_the_next_ones_pass(alone: Duijie) -> None:
    id = saved(alone.home, "task", TASK)
    async with opened(alone.home, "task", id) as (app, pilot, page):
        page.pane.go("deliverable")
        await pilot.pause()
        type_at_once(app, "escape", "escape", "4")
        await until(pilot, lambda: app.frame and isinstance(app.frame.view, Deadlines))


async def test_what_a_key_opens_gets_the_keys_after_it(alone: Duijie) -> None:
    """The line of the filter, its result, and a page that is left for another tab."""
    id = saved(alone.home, "task", TASK)
    saved(alone.home, "task", {**TASK, "title": "别的"})
    async with opened(alone.home, "task", id) as (app, pilot, _page):
        type_at_once(app, "escape", "2", "slash", *"联调", "enter", "greater_than_sign")
        await until(pilot, lambda: body(alone.home, "task", id)["state"] == "doing")
