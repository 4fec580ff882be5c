"""What a form offers, takes and says while somebody fills it in."""

from __future__ import annotations

import pytest
from textual import events

from schema.records import encode
from syncd.store.replica import Replica
from syncd.store.rows import Change
from tests.conftest import Duijie
from tests.tui.app.pages import TASK, body, opened, page_of, saved, screen, until
from tui.acts import act
from tui.views.kinds import made_of


async def test_the_name_under_the_cursor_is_taken_by_tab_and_by_enter(alone: Duijie) -> None:
    saved(alone.home, "person", {"name": "王五"})
    saved(alone.home, "person", {"name": "王小明"})
    id = saved(alone.home, "task", TASK)
    async with opened(alone.home, "task", id) as (app, pilot, page):
        page.pane.go("owner")
        await pilot.press("ctrl+u", "王")
        await until(pilot, lambda: page.pane.offers.open and "as it is typed" in screen(app))
        await pilot.press("tab")
        assert page.form.merged()["owner"] == "王五"
        page.pane.go("owner")
        await pilot.press("ctrl+u", "王")
        await until(pilot, lambda: page.pane.offers.open)
        await pilot.press("down", "enter")
        assert page.pane.editor.text == "王小明"
        assert not page.pane.offers.open
        await pilot.press("f4")
        await until(pilot, lambda: not page.form.dirty)
    assert body(alone.home, "task", id)["owner"] == "王小明"


async def test_a_name_that_nobody_has_may_stay_as_typed_and_is_said_when_saved(
    alone: Duijie,
) -> None:
    saved(alone.home, "person", {"name": "王五"})
    id = saved(alone.home, "task", TASK)
    async with opened(alone.home, "task", id) as (app, pilot, page):
        page.pane.go("owner")
        await pilot.press("ctrl+u", "王")
        await until(pilot, lambda: page.pane.offers.open)
        await pilot.press("up", "down", "down", "enter", "tab")
        assert page.form.merged()["owner"] == "王"
        await until(pilot, lambda: screen(app).count("No person is called 王 yet.") == 1)
        await pilot.press("f4")
        await until(pilot, lambda: not page.form.dirty)
        await until(pilot, lambda: screen(app).count("No person is called 王 yet.") == 1)
        assert "Saved." in screen(app)
    assert body(alone.home, "task", id)["owner"] == "王"


async def test_a_choice_takes_only_letters_that_lead_to_one_of_its_words(alone: Duijie) -> None:
    id = saved(alone.home, "task", TASK)
    async with opened(alone.home, "task", id) as (app, pilot, page):
        page.pane.go("state")
        await pilot.press(*"zq9")
        assert page.pane.editor.text == "not started"
        await pilot.press(*"dro", *"zzz" * 30)
        assert page.pane.editor.text == "dro"
        assert not page.form.texts
        assert "dropped" in screen(app)
        await pilot.press("escape", "tab")
        assert page.form.merged()["state"] == "dropped"
        page.pane.go("state")
        await pilot.press(*"do", "backspace", "backspace", "tab")
        await pilot.press("f4")
        await until(pilot, lambda: "State is needed" in screen(app))
    assert body(alone.home, "task", id)["state"] == "todo"


async def test_a_choice_is_found_by_its_word_in_either_language(alone: Duijie) -> None:
    id = saved(alone.home, "task", TASK)
    async with opened(alone.home, "task", id, lang="zh") as (_app, pilot, page):
        page.pane.go("state")
        await pilot.press(*"doi", "tab")
        assert page.form.merged()["state"] == "doing"


@pytest.mark.row("S003-04")
async def test_words_that_cannot_be_checked_are_warned_of_and_may_be_saved(alone: Duijie) -> None:
    id = saved(alone.home, "task", TASK)
    async with opened(alone.home, "task", id, lang="zh") as (app, pilot, page):
        page.pane.go("standard")
        await pilot.press("ctrl+end", *"，尽快补齐")
        await until(pilot, lambda: "「尽快」没法核对，请写成日期或数字" in screen(app))
        await pilot.press("f4")
        await until(pilot, lambda: not page.form.dirty)
        page.pane.go("note")
        await pilot.press(*"尽快")
        await pilot.pause()
        assert screen(app).count("没法核对") == 1
    assert body(alone.home, "task", id)["standard"][-1].endswith("尽快补齐")


async def test_keys_that_come_at_once_are_typed_where_the_ones_before_led(alone: Duijie) -> None:
    id = saved(alone.home, "task", TASK)
    async with opened(alone.home, "task", id) as (app, pilot, page):
        page.pane.go("deliverable")
        await pilot.pause()
        for key, character in (("a", "a"), ("down", None), ("b", "b"), ("enter", "\r"), ("c", "c")):
            page.pane.editor.post_message(events.Key(key, character))
        await until(pilot, lambda: page.form.texts.get("phase") == "c")
        assert page.form.texts == {"deliverable": "a", "version": "b", "phase": "c"}
        page.pane.editor.post_message(events.Key("d", "d"))
        page.pane.go("note")
        await pilot.pause()
        assert app.mishap is None


# -- what is made of a record


async def test_a_blocker_raised_on_a_record_comes_from_it(alone: Duijie) -> None:
    project = saved(alone.home, "project", {"title": "P"})
    id = saved(alone.home, "task", {**TASK, "project": project})
    async with opened(alone.home, "task", id) as (app, pilot, page):
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: page_of(app) is not page)
        assert page_of(app).kind_name == "blocker"
        held = page_of(app).form.body
        assert (held["source"], held["project"]) == (id, project)
        fields = {slot.path[0] for slot in page_of(app).form.slots}
        assert "why" in fields
        assert not {"first_said", "round"} & fields, "the program fills them"


async def test_while_a_text_is_edited_the_signs_are_typed_and_alt_keys_do_it(
    alone: Duijie,
) -> None:
    id = saved(alone.home, "task", TASK)
    async with opened(alone.home, "task", id) as (app, pilot, page):
        page.pane.go("note")
        await until(pilot, lambda: page.pane.editor.has_focus)
        await pilot.press("exclamation_mark", "plus")
        await until(pilot, lambda: page.form.texts.get("note") == "!+")
        await pilot.press("alt+0")
        await until(pilot, lambda: "What must be done first?" in screen(app))
        await pilot.press("escape", "alt+3")
        await until(pilot, lambda: page_of(app) is not page)
        assert page_of(app).kind_name == "blocker"


async def test_new_on_a_record_offers_what_can_be_made_of_it_first(alone: Duijie) -> None:
    id = saved(alone.home, "task", TASK)
    async with opened(alone.home, "task", id) as (app, pilot, page):
        await pilot.press("ctrl+n")
        await until(pilot, lambda: "of this Task" in screen(app))
        await pilot.press(*"blocker", "enter")
        await until(pilot, lambda: page_of(app) is not page)
        assert page_of(app).form.body["source"] == id
        await pilot.press("ctrl+n")
        await until(pilot, lambda: "what kind of record" in screen(app))
        assert "of this" not in screen(app)


def test_what_can_be_made_of_a_record_points_to_it() -> None:
    made = made_of("task", "ID", {"project": "P"})
    assert list(made)[:3] == ["progress", "blocker", "comment"]
    assert made["blocker"] == {"project": "P", "source": "ID"}
    assert made["risk"] == {"project": "P", "of": "ID"}
    assert not {"policy", "calendar", "task", "department"} & set(made)
    assert made_of("project", "P", {})["task"] == {"project": "P"}


async def test_a_comment_is_written_by_a_key_that_is_shown(alone: Duijie) -> None:
    id = saved(alone.home, "task", TASK)
    async with opened(alone.home, "task", id) as (app, pilot, page):
        assert "^G Write a comment" in screen(app)
        await pilot.press("ctrl+p", *"write a comment", "enter")
        await until(pilot, lambda: page.beside.comment.has_focus)
        await pilot.press(*"well", "ctrl+g")
        await until(pilot, lambda: not page.beside.focused)
        assert page.beside.written == "well"


# -- what is wrong


async def test_what_is_wrong_is_said_without_the_names_of_commands(alone: Duijie) -> None:
    id = saved(alone.home, "task", TASK)
    async with opened(alone.home, "task", id, lang="zh") as (app, pilot, _page):
        await pilot.press("tab", "ctrl+u", "f4")
        await until(pilot, lambda: screen(app).count("「任务名称」必填") == 2)
        assert "title" not in screen(app)


@pytest.mark.parametrize("first", ["en", "zh"])
async def test_another_language_says_everything_on_the_form_anew(alone: Duijie, first: str) -> None:
    id = saved(alone.home, "task", {**TASK, "priority": 3})
    english = ("This is not a date", "No department is called", "Department", "Write a comment")
    async with opened(alone.home, "task", id, lang=first) as (app, pilot, page):
        page.pane.go("due")
        await pilot.press(*"nonsense")
        page.pane.go("department")
        await pilot.press(*"nowhere")
        page.pane.go("title")
        await pilot.press("f4")
        await pilot.pause()
        page.pane.go("title")
        before = [each for each in english if each in screen(app)]
        assert before == (list(english) if first == "en" else [])
        await pilot.press("f10")
        await until(pilot, lambda: ("Task name" in screen(app)) == (first == "zh"))
        after = [each for each in english if each in screen(app)]
        assert after == (list(english) if first == "zh" else [])


async def test_what_was_chosen_in_a_row_keeps_its_value_in_another_language(alone: Duijie) -> None:
    id = saved(alone.home, "blocker", {"title": "b", "why": "w", "unblock": "u"})
    async with opened(alone.home, "blocker", id) as (_app, pilot, page):
        page.pane.go("effect")
        await pilot.press(*"customers | 5%")
        await pilot.pause()
        await pilot.press("f10")
        await until(pilot, lambda: "customers" not in page.pane.editor.text)
        await pilot.press("f4")
        await until(pilot, lambda: not page.form.dirty)
    assert body(alone.home, "blocker", id)["effect"] == [{"on": "customers", "how_much": "5%"}]


async def test_a_sentence_names_a_record_by_its_title(alone: Duijie) -> None:
    other = saved(alone.home, "milestone", {"title": "上线"})
    id = saved(alone.home, "task", TASK)
    async with opened(alone.home, "task", id) as (app, pilot, page):
        page.pane.go("source")
        await pilot.press("x")
        replica = Replica(alone.home / "replica.db")
        said = {**body(alone.home, "task", id), "source": other}
        act(replica, lambda: [Change("task", id, encode(said))])
        replica.close()
        page.reread()
        await until(pilot, lambda: "Theirs now: 上线" in screen(app))
