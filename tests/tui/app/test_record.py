"""A record's page: reading, editing, saving, drafts, and what others save meanwhile."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from schema import wording
from schema.errors import Refused
from schema.ids import new_id
from schema.records import KINDS, Kind, encode, new_body
from syncd.home import Home
from syncd.store.drafts import drop_draft, stored_drafts
from syncd.store.replica import Replica
from syncd.store.rows import Change
from tests.conftest import Duijie
from tests.tui.app.pages import TASK, body, drafts_of, opened, page_of, saved, screen, until
from tests.wiring import Wired
from tui.acts import body_of
from tui.app import DuijieApp
from tui.views.fields import slots_of, value_at
from tui.views.record import RecordPage

SIZES = [(120, 36), (80, 24)]
HOSTILE = "a\u202eb [/x] [@click=app.quit]q[/]"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["en", "zh"])
async def test_a_page_shows_every_field_that_is_filled(
    alone: Duijie, size: tuple[int, int], lang: str
) -> None:
    id = saved(alone.home, "task", TASK)
    async with opened(alone.home, "task", id, size=size, lang=lang) as (app, _pilot, _page):
        text = screen(app)
        for words in ("支付接口联调", "李四", "1. 一次通过", "2. 两天内"):
            assert words in text
        assert wording._(KINDS["task"].by_name["owner"].label) in text


async def test_a_field_is_typed_into_and_saved_by_f4(alone: Duijie) -> None:
    id = saved(alone.home, "task", {**TASK, "unknown": {"a": 1}})
    async with opened(alone.home, "task", id) as (app, pilot, page):
        await pilot.press("tab", "x", "f4")
        await until(pilot, lambda: not page.form.dirty)
        assert body(alone.home, "task", id) == {
            **TASK,
            "unknown": {"a": 1},
            "title": "支付接口联调x",
            "priority": 3,
        }
        assert "unknown" in screen(app) or page.pane.canvas.raw


async def test_nothing_changed_saves_nothing(alone: Duijie) -> None:
    id = saved(alone.home, "task", TASK)
    async with opened(alone.home, "task", id) as (app, pilot, page):
        await pilot.press("tab", "x", "backspace", "f4")
        await until(pilot, lambda: "Nothing was changed" in screen(app))
        assert page.workspace.replica.record("task", id).shown.rev == 1  # type: ignore[union-attr]
        await pilot.press("escape")
        await until(pilot, lambda: app.frame is not None and app.frame.view is not page)


async def test_a_list_is_edited_as_lines_and_a_paste_keeps_them(alone: Duijie) -> None:
    id = saved(alone.home, "task", TASK)
    async with opened(alone.home, "task", id) as (app, pilot, page):
        page.pane.go("standard")
        await pilot.pause()
        await pilot.press("ctrl+end")
        paste(page, "\n第三条\r\n第四\u202e条\x1b[31m")
        await until(pilot, lambda: "4. 第四条[31m" in screen(app))
        await pilot.press("f4")
        await until(pilot, lambda: not page.form.dirty)
        said = body(alone.home, "task", id)["standard"]
        assert said == ["一次通过", "两天内", "第三条", "第四条[31m"]


async def test_a_paste_into_one_line_has_no_line_breaks(alone: Duijie) -> None:
    id = saved(alone.home, "task", TASK)
    async with opened(alone.home, "task", id) as (_app, pilot, page):
        await pilot.press("tab")
        paste(page, " a\nb\x07")
        await pilot.pause()
        assert page.pane.editor.text == "支付接口联调 a b"


def paste(page: RecordPage, text: str) -> None:
    from textual import events

    page.pane.editor.post_message(events.Paste(text))


async def test_dates_are_words_and_the_day_understood_is_said(alone: Duijie) -> None:
    id = saved(alone.home, "task", TASK)
    async with opened(alone.home, "task", id) as (app, pilot, page):
        page.pane.go("due")
        await pilot.press(*"2027-03-05 17:00")
        await until(pilot, lambda: "= 03-05 17:00" in screen(app))
        await pilot.press("f4")
        await until(pilot, lambda: not page.form.dirty)
        assert body(alone.home, "task", id)["due"] == "2027-03-05T17:00"


async def test_words_are_chosen_by_the_arrows_or_by_typing(alone: Duijie) -> None:
    id = saved(alone.home, "task", TASK)
    async with opened(alone.home, "task", id) as (_app, pilot, page):
        page.pane.go("state")
        await pilot.press("right")
        await until(pilot, lambda: page.form.merged()["state"] == "doing")
        await pilot.press(*"accepted", "tab")
        await until(pilot, lambda: page.form.merged()["state"] == "review")
        await pilot.press("f4")
        await until(pilot, lambda: not page.form.dirty)
        assert body(alone.home, "task", id)["state"] == "review"


async def test_a_reference_is_offered_by_its_title(alone: Duijie) -> None:
    other = saved(alone.home, "milestone", {"title": "上线 go"})
    id = saved(alone.home, "task", TASK)
    async with opened(alone.home, "task", id) as (app, pilot, page):
        page.pane.go("source")
        await pilot.press("g", "o")
        await until(pilot, lambda: page.pane.offers.display)
        await pilot.press("enter", "f4")
        await until(pilot, lambda: not page.form.dirty)
        assert body(alone.home, "task", id)["source"] == other
        assert "上线 go" in screen(app)


async def test_what_is_wrong_is_said_at_its_field(alone: Duijie) -> None:
    id = saved(alone.home, "task", TASK)
    async with opened(alone.home, "task", id) as (app, pilot, page):
        page.pane.go("due")
        await pilot.press(*"nonsense", "f4")
        await until(pilot, lambda: "This is not a date" in screen(app))
        assert page.form.dirty
        assert "due" not in body(alone.home, "task", id)


@pytest.mark.parametrize("size", SIZES)
async def test_leaving_asks_where_something_is_not_saved(
    alone: Duijie, size: tuple[int, int]
) -> None:
    id = saved(alone.home, "task", TASK)
    async with opened(alone.home, "task", id, size=size) as (app, pilot, page):
        await pilot.press("tab", "x", "escape")
        await until(pilot, lambda: "1 field is not saved" in screen(app))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.frame)
        assert page_of(app) is page
        assert page.pane.editor.text.endswith("x")
        await pilot.press("escape")
        await until(pilot, lambda: "1 field is not saved" in screen(app))
        await pilot.press("down", "down", "enter")
        await until(pilot, lambda: app.frame is not None and app.frame.view is not page)
        assert body(alone.home, "task", id)["title"] == TASK["title"]
        await app.open_record("task", id)
        await pilot.pause()
        assert not page_of(app).form.dirty


async def test_a_draft_is_offered_again_and_can_be_dropped(alone: Duijie) -> None:
    id = saved(alone.home, "task", TASK)
    async with opened(alone.home, "task", id) as (app, pilot, page):
        await pilot.press("tab", "x")
        await until(pilot, lambda: stored_drafts(page.workspace.conn, f"task/{id}"))
    async with opened(alone.home, "task", id) as (app, pilot, page):
        assert "支付接口联调x" in screen(app)
        assert "Draft since" in screen(app)
        await pilot.press("tab", "ctrl+l")
        await until(pilot, lambda: "Throw away what was typed" in screen(app))
        await pilot.press("down", "enter")
        await until(pilot, lambda: not stored_drafts(page.workspace.conn, f"task/{id}"))
        assert page.pane.editor.text == TASK["title"]


async def test_what_is_typed_when_the_app_ends_is_in_the_draft(alone: Duijie) -> None:
    id = saved(alone.home, "task", TASK)
    async with opened(alone.home, "task", id) as (_app, pilot, _page):
        await pilot.press("tab", "y")
    replica = Replica(alone.home / "replica.db", readonly=True)
    [draft] = stored_drafts(replica.conn, f"task/{id}")
    replica.close()
    assert draft.body["texts"] == {"title": "支付接口联调y"}


async def test_a_new_record_begins_with_its_defaults_and_becomes_its_page(alone: Duijie) -> None:
    async with opened(alone.home, "task") as (app, pilot, page):
        assert "New: Task" in screen(app)
        await pilot.press("f4")
        await until(pilot, lambda: "Nothing was changed" in screen(app))
        await pilot.press(*"build it", "f4")
        await until(pilot, lambda: page.record_id)
        made = body(alone.home, "task", page.record_id)
        assert made == {
            "title": "build it",
            "state": "todo",
            "department": "研发部",
            "priority": 3,
        }
        assert not page.form.new


async def test_a_key_names_a_record_only_once(alone: Duijie) -> None:
    saved(alone.home, "department", {"name": "市场部"})
    async with opened(alone.home, "department") as (app, pilot, page):
        page.pane.go("name")
        await pilot.pause()
        page.pane.editor.put("市场部")
        await pilot.press("f4")
        await until(pilot, lambda: "of this name already" in screen(app))
        assert page.form.new


async def test_new_asks_which_kind_where_the_view_has_none(alone: Duijie) -> None:
    app = DuijieApp(Home(alone.home), lang="zh", theme="dark", synced=False)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await pilot.press("ctrl+n")
        await until(pilot, lambda: app.frame and isinstance(app.frame.view, RecordPage))
        assert page_of(app).kind_name == "task"
        await pilot.press("ctrl+n")
        await until(pilot, lambda: "新建哪一种记录" in screen(app))
        await pilot.press(*"policy", "enter")
        await until(pilot, lambda: page_of(app).kind_name == "policy")


async def test_a_deleted_record_says_so_and_f4_restores_it(alone: Duijie) -> None:
    id = saved(alone.home, "task", TASK)
    async with opened(alone.home, "task", id) as (app, pilot, page):
        await pilot.press("delete")
        await until(pilot, lambda: "Keep it" in screen(app))
        await pilot.press("down", "enter")
        await until(pilot, lambda: "It is deleted; F4 restores it." in screen(app))
        assert page.pane.canvas.locked
        await pilot.press("f4")
        await until(pilot, lambda: not page.form.deleted)


async def test_progress_comments_and_dependencies_stand_beside(alone: Duijie) -> None:
    other = saved(alone.home, "task", {"title": "先做的 first"})
    id = saved(alone.home, "task", TASK)
    async with opened(alone.home, "task", id) as (app, pilot, page):
        await pilot.press("ctrl+t")
        await until(pilot, lambda: page_of(app).kind_name == "progress")
        await pilot.press(*"pages built", "f4")
        await until(pilot, lambda: page_of(app) is page)
        await until(pilot, lambda: "pages built" in screen(app))
        await pilot.press("plus")
        await until(pilot, lambda: "What must be done first?" in screen(app))
        await pilot.press(*"first", "enter")
        await until(pilot, lambda: "先做的 first" in screen(app))
        await pilot.press("ctrl+g", *"well done", "enter")
        await until(
            pilot, lambda: page.beside.source.height and "Nothing said yet" not in screen(app)
        )
        assert "well done" in screen(app)
        await pilot.press("shift+tab")
        page.beside.list.go_to(f"waits:{other}")
        await pilot.press("delete")
        await until(pilot, lambda: "Keep it" in screen(app))
        await pilot.press("down", "enter")
        await until(pilot, lambda: "先做的 first" not in screen(app))


async def test_an_older_version_is_taken_back_as_a_new_edit(alone: Duijie) -> None:
    id = saved(alone.home, "task", TASK)
    saved(alone.home, "task", {**TASK, "title": "second"}, id=id)
    async with opened(alone.home, "task", id) as (app, pilot, _page):
        await pilot.press("f3")
        await until(pilot, lambda: "2 versions" in screen(app))
        await pilot.press("down", "enter")
        await until(pilot, lambda: "Save what version 1 said" in screen(app))
        await pilot.press("down", "enter")
        await until(pilot, lambda: "3 versions" in screen(app))
        assert body(alone.home, "task", id)["title"] == TASK["title"]


async def test_a_kind_that_is_not_known_is_shown_as_it_is(alone: Duijie) -> None:
    replica = Replica(alone.home / "replica.db")
    id = new_id(replica.clock.now())
    replica.save([Change("caravan", id, encode({"words": "议题一", "n": 3}))])
    replica.close()
    async with opened(alone.home, "caravan", id) as (app, pilot, page):
        assert "议题一" in screen(app)
        assert "does not know this kind" in screen(app)
        await pilot.press("tab", "x")
        assert not page.dirty


# -- every field of every kind


@pytest.mark.parametrize(
    "size", [SIZES[0], *(pytest.param(size, marks=pytest.mark.walk) for size in SIZES[1:])]
)
@pytest.mark.parametrize("of", KINDS.values(), ids=lambda of: of.name)
async def test_every_field_of_every_kind_is_shown_edited_and_kept(
    of: Kind, size: tuple[int, int], alone: Duijie
) -> None:
    """Each field takes a text, gives the value, and shows the same text for it again."""
    target = {
        k: saved(alone.home, k, {"title": f"to {k}"}) for k in ("task", "milestone", "request")
    }
    full = new_body(of, {}, department=None)
    async with opened(alone.home, of.name, size=size) as (_app, pilot, page):
        slots = slots_of(of)
        for asked in ([each for each in slots if each.path[0] not in of.later], slots):
            for slot in asked:
                if page.form.fixed(slot) or slot.key in page.form.texts:
                    continue
                page.pane.go(slot.key)
                page.pane.editor.put(sample(slot.item, target))
                await pilot.pause()
                value = page.form.value(page.form.slot(slot.key))  # type: ignore[arg-type]
                assert value not in (None, ""), slot
            merged = page.form.merged()
            page.pane.rest()
            await pilot.pause()
            assert not page.form.faults()
            await pilot.press("f4")
            await until(pilot, lambda: page.record_id and not page.form.dirty)
            full |= body(alone.home, of.name, page.record_id)
            assert full == {**full, **merged}
            if not of.later:
                break
        for slot in slots_of(of):
            if not page.form.fixed(slot):
                page.pane.go(slot.key)
                await pilot.pause()
                assert value_at(page.form.body, slot.path) == page.form.value(slot)
                assert not page.form.dirty, slot


def sample(spec: Any, target: dict[str, str]) -> str:
    """A text that a field of this type takes."""
    match spec.type:
        case "rows":
            return " | ".join(sample(cell, target) for cell in spec.cells)
        case "date" | "when":
            return "2027-03-05"
        case "month":
            return "2027-03"
        case "int":
            return str(spec.low if spec.low is not None else 5)
        case "num":
            return "12.5"
        case "bool":
            return "yes"
        case "word":
            return wording._(spec.words[0][1])
        case "ref":
            for kind, id in target.items():
                if not spec.kinds or kind in spec.kinds:
                    return id
            return "0193b3d0-0000-7000-8000-000000000001"
    return "甲1"


# -- others save meanwhile


def two(wired: Wired) -> tuple[Replica, Replica, str]:
    """Two replicas that hold the same task."""
    mine, other = wired.join("张三"), wired.join("李四", department="市场部")
    id = new_id(mine.clock.now())
    mine.save([Change("task", id, encode(dict(TASK)))])
    wired.sync()
    return mine, other, id


def other_says(wired: Wired, other: Replica, id: str, **values: object) -> None:
    """The other edits and both sync."""
    record = other.record("task", id)
    assert record is not None
    other.save([Change("task", id, encode({**body_of(record), **values}))])
    wired.sync("李四", "张三")


async def test_a_field_that_moved_is_shown_at_once_and_mine_is_kept(wired: Wired) -> None:
    _mine, other, id = two(wired)
    async with opened(wired.home("张三"), "task", id) as (app, pilot, page):
        await pilot.press("tab", "x")
        other_says(wired, other, id, owner="王五")
        await until(pilot, lambda: "李四 has just changed Owner" in screen(app))
        assert "王五" in screen(app)
        assert page.pane.editor.text == "支付接口联调x"
        await pilot.press("f4")
        await until(pilot, lambda: not page.form.dirty)
    wired.sync()
    assert body_of(other.record("task", id)) == {**TASK, "title": "支付接口联调x", "owner": "王五"}  # type: ignore[arg-type]
    assert not other.record("task", id).losers  # type: ignore[union-attr]


async def test_a_field_changed_on_both_sides_asks_before_mine_is_saved(wired: Wired) -> None:
    _mine, other, id = two(wired)
    async with opened(wired.home("张三"), "task", id) as (app, pilot, page):
        await pilot.press("tab", "x")
        other_says(wired, other, id, title="theirs")
        await until(pilot, lambda: "Theirs now: theirs" in screen(app))
        await pilot.press("f4")
        await until(pilot, lambda: "Save mine over theirs" in screen(app))
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.frame)
        assert page.form.dirty
        await pilot.press("f4")
        await until(pilot, lambda: "Save mine over theirs" in screen(app))
        await pilot.press("down", "enter")
        await until(pilot, lambda: not page.form.dirty)
    wired.sync()
    record = other.record("task", id)
    assert record is not None
    assert body_of(record)["title"] == "支付接口联调x"
    assert not record.losers


async def test_what_comes_while_the_question_stands_is_asked_about_too(wired: Wired) -> None:
    _mine, other, id = two(wired)
    async with opened(wired.home("张三"), "task", id) as (app, pilot, page):
        await pilot.press("tab", "x")
        other_says(wired, other, id, title="second")
        await pilot.press("f4")
        await until(pilot, lambda: "theirs is now second" in screen(app))
        other_says(wired, other, id, title="third")
        await until(pilot, lambda: page.form.body["title"] == "third")
        await pilot.press("down", "enter")
        await until(pilot, lambda: "theirs is now third" in screen(app))
        assert body(wired.home("张三"), "task", id)["title"] == "third"
        await pilot.press("down", "enter")
        await until(pilot, lambda: not page.form.dirty)
        assert body(wired.home("张三"), "task", id)["title"] == "支付接口联调x"


async def test_what_is_saved_is_held_against_what_was_shown_when_it_was_asked_for(
    wired: Wired,
) -> None:
    mine, other, id = two(wired)
    async with opened(wired.home("张三"), "task", id) as (_app, pilot, page):
        await pilot.press("tab", "x")
        plan = page.form.plan("", 0)
        other_says(wired, other, id, title="third")
        page.reread()
        with pytest.raises(Refused):
            plan(mine)


async def test_typed_text_brings_back_what_was_deleted_only_after_asking(wired: Wired) -> None:
    mine, other, id = two(wired)
    async with opened(wired.home("张三"), "task", id) as (app, pilot, page):
        await pilot.press("tab", "x")
        await pilot.pause()
        plan = page.form.plan("", 0)
        other.save([Change("task", id, encode(dict(TASK)), deleted=True)])
        wired.sync("李四", "张三")
        with pytest.raises(Refused):
            plan(mine)
        await pilot.press("f4")
        await until(pilot, lambda: "saving what was typed restores it" in screen(app))
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.frame)
        assert mine.record("task", id).shown.deleted  # type: ignore[union-attr]
        assert page.form.dirty
        await pilot.press("f4")
        await until(pilot, lambda: "Save mine and restore it" in screen(app))
        await pilot.press("down", "enter")
        await until(pilot, lambda: not page.form.dirty)
        assert not mine.record("task", id).shown.deleted  # type: ignore[union-attr]
        assert body(wired.home("张三"), "task", id)["title"] == "支付接口联调x"


async def test_theirs_is_taken_by_a_key(wired: Wired) -> None:
    _mine, other, id = two(wired)
    async with opened(wired.home("张三"), "task", id) as (app, pilot, page):
        await pilot.press("tab", "x")
        other_says(wired, other, id, title="theirs")
        await until(pilot, lambda: "Theirs now: theirs" in screen(app))
        await pilot.press("ctrl+r")
        await until(pilot, lambda: page.pane.editor.text == "theirs")
        assert not page.form.dirty


async def test_what_the_hub_will_refuse_is_said_before_anything_is_typed(wired: Wired) -> None:
    mine = wired.join("张三", role="viewer")
    id = new_id(mine.clock.now())
    other = wired.join("李四")
    other.save([Change("task", id, encode(dict(TASK)))])
    wired.sync()
    async with opened(wired.home("张三"), "task", id) as (app, _pilot, _page):
        assert "As viewer you may not write" in screen(app)


# -- hostile text


async def test_hostile_text_is_marked_in_the_editor_and_kept_where_it_is_not_touched(
    alone: Duijie,
) -> None:
    id = saved(alone.home, "task", {**TASK, "title": HOSTILE, "note": HOSTILE})
    async with opened(alone.home, "task", id) as (app, pilot, page):
        await pilot.press("tab")
        await pilot.pause()
        assert "a<U+202E>b [/x] [@click=app.quit]q[/]" in page.pane.editor.text
        assert "\u202e" not in screen(app)
        await pilot.press("end", "z", "f4")
        await until(pilot, lambda: not page.form.dirty)
        said = body(alone.home, "task", id)
        assert said["title"] == HOSTILE + "z"
        assert said["note"] == HOSTILE


async def test_a_name_nobody_has_yet_is_said_and_may_be_saved(alone: Duijie) -> None:
    id = saved(alone.home, "task", TASK)
    async with opened(alone.home, "task", id) as (app, pilot, page):
        page.pane.go("department")
        await pilot.press(*"new one")
        await until(pilot, lambda: "No department is called new one yet." in screen(app))
        await pilot.press("f4")
        await until(pilot, lambda: not page.form.dirty)
        assert body(alone.home, "task", id)["department"] == "new one"


async def test_new_on_the_board_begins_in_the_lane_and_state_under_the_cursor(
    alone: Duijie,
) -> None:
    saved(alone.home, "task", {**TASK, "state": "review", "department": "市场部"})
    app = DuijieApp(Home(alone.home), lang="zh", theme="dark", synced=False)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await pilot.press("ctrl+n")
        await until(pilot, lambda: app.frame and isinstance(app.frame.view, RecordPage))
        await pilot.press(*"abc", "f4")
        await until(pilot, lambda: page_of(app).record_id)
        made = body(alone.home, "task", page_of(app).record_id)
        assert (made["state"], made["department"]) == ("review", "市场部")


async def test_what_was_chosen_and_not_saved_outlives_a_change_of_language(alone: Duijie) -> None:
    id = saved(alone.home, "task", TASK)
    async with opened(alone.home, "task", id) as (app, pilot, page):
        page.pane.go("state")
        await pilot.press("right", "f10")
        await until(pilot, lambda: "进行中" in screen(app))
        await pilot.press("f4")
        await until(pilot, lambda: not page.form.dirty)
        assert body(alone.home, "task", id)["state"] == "doing"


async def test_in_the_narrow_form_what_stands_beside_is_a_page_of_its_own(alone: Duijie) -> None:
    id = saved(alone.home, "task", TASK)
    async with opened(alone.home, "task", id, size=(80, 24)) as (app, pilot, page):
        assert "Comments" not in screen(app)
        page.pane.go(page.form.slots[-1].key)
        await pilot.press("tab")
        await until(pilot, lambda: "Comments" in screen(app))
        assert "Tags" not in screen(app)
        await pilot.press("escape")
        await until(pilot, lambda: "Tags" in screen(app))
        assert page_of(app) is page


async def test_a_comment_begun_is_in_the_draft_too(alone: Duijie) -> None:
    id = saved(alone.home, "task", TASK)
    async with opened(alone.home, "task", id) as (_app, pilot, _page):
        await pilot.press("ctrl+g", *"half")
    async with opened(alone.home, "task", id) as (app, _pilot, page):
        assert page.beside.written == "half"
        assert "Draft since" in screen(app)


async def test_a_comment_begun_keeps_its_draft_where_the_fields_are_saved(alone: Duijie) -> None:
    id = saved(alone.home, "task", TASK)
    async with opened(alone.home, "task", id) as (_app, pilot, page):
        await pilot.press("ctrl+g", *"half")
        await pilot.press("ctrl+g", "tab", "x", "f4")
        await until(pilot, lambda: not page.form.dirty)
    async with opened(alone.home, "task", id) as (_app, _pilot, page):
        assert page.beside.written == "half"
        assert not page.form.dirty


async def test_a_page_whose_draft_cannot_be_written_is_not_left(
    alone: Duijie, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_of: object, **_with: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    id = saved(alone.home, "task", TASK)
    async with opened(alone.home, "task", id) as (app, pilot, page):
        with monkeypatch.context() as patched:
            patched.setattr("tui.views.drafting.keep_draft", full)
            await pilot.press("tab", "x", "escape")
            await until(pilot, lambda: "keep it as a draft" in screen(app))
            await pilot.press("down", "enter")
            await until(pilot, lambda: app.screen is app.frame)
            await app.workers.wait_for_complete(
                [each for each in app.workers if each.group == "ask"]
            )
            assert page_of(app) is page
            assert page.form.dirty
    assert drafts_of(alone.home, f"task/{id}")


async def test_leaving_writes_the_draft_that_another_app_dropped(alone: Duijie) -> None:
    id = saved(alone.home, "task", TASK)
    async with opened(alone.home, "task", id) as (app, pilot, page):
        await pilot.press("tab", "x")
        await until(pilot, lambda: stored_drafts(page.workspace.conn, f"task/{id}"))
        replica = Replica(alone.home / "replica.db")
        with replica.write() as conn:
            drop_draft(conn, page.draft.name)
        replica.close()
        await pilot.press("escape")
        await until(pilot, lambda: "keep it as a draft" in screen(app))
        await pilot.press("down", "enter")
        await until(pilot, lambda: app.frame is not None and app.frame.view is not page)
        assert drafts_of(alone.home, f"task/{id}")


async def test_the_draft_of_a_new_record_is_of_what_it_was_begun_from(alone: Duijie) -> None:
    ids = [saved(alone.home, "task", TASK) for _each in range(2)]
    async with opened(alone.home, "task", ids[0]) as (app, pilot, _page):
        for id in ids:
            await app.new_record("blocker", {"source": id})
            await pilot.pause()
            assert not page_of(app).form.texts
            await pilot.press("x")
            page = page_of(app)
            await page.draft.keep_all()
        for id in ids:
            assert drafts_of(alone.home, f"new/blocker/{id}")
