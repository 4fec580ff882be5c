"""Conflicts chosen, written and settled on the screen, and what happens meanwhile."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from textual.widgets import Input, TextArea

from schema.conflicts import Side
from syncd.store.conflicts import conflicts
from syncd.store.replica import Replica
from syncd.store.rows import Change
from tests.conftest import Duijie
from tests.tui.app.grid import grid
from tests.tui.app.office import APART, BOTH, TITLE, Office, Seen
from tests.wiring import take_pages_only
from tui.screens.write import Write
from tui.views.form_lines import FormLines

# -- choosing and settling


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (["right"], ["title=other"]),
        (["left"], ["title=head"]),
        (["right", "down", "left"], ["title=other", "priority=head"]),
        (["left_square_bracket"], ["--keep", "head"]),
        (["】"], ["--keep", "other"]),
        (["right_square_bracket", "plus"], ["title=other"]),
    ],
)
async def test_the_settlement_is_the_commands_byte_for_byte(
    office: Office, duijie: Duijie, tmp_path: Path, keys: list[str], words: list[str]
) -> None:
    id = office.quarrel(*BOTH)
    copy = tmp_path / "copy"
    shutil.copytree(office.wired.home("丙"), copy)
    (conflict,) = conflicts(office.replica("丙"))
    duijie.ok("resolve", conflict.name, *words, home=copy)
    async with office.seen_by("丙") as seen:
        await seen.press(*keys, "ctrl+r")
        await seen.says("is settled")
    here, there = office.replica("丙"), Replica(copy / "replica.db")
    made, wanted = here.record("task", id), there.record("task", id)
    there.close()
    assert made is not None
    assert wanted is not None
    assert made.shown.body == wanted.shown.body
    assert (made.shown.knows, made.shown.base) == (wanted.shown.knows, wanted.shown.base)
    assert made.unsent == 1
    office.wired.sync()
    assert not any(conflicts(office.replica(name)) for name in "甲乙丙")


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "1 left to pick: Task name"), ("zh", "还差 1 处：任务名称")]
)
async def test_settling_says_what_is_left_to_pick(office: Office, lang: str, words: str) -> None:
    office.quarrel(*BOTH)
    async with office.seen_by("丙", lang) as seen:
        await seen.press("down", "ctrl+r")
        await seen.wait(lambda: seen.text.count(words) == 2)
        assert seen.conflicts.list.cursor == "title"
    assert office.replica("丙").unsent() == 0


async def test_the_next_conflict_comes_up_and_keys_go_between_them(office: Office) -> None:
    office.quarrel({"title": "甲一"}, {"title": "乙一"})
    office.quarrel({"title": "甲二"}, {"title": "乙二"})
    async with office.seen_by("丙", "zh") as seen:
        await seen.says("第 1 条，共 2 条", "乙一")
        await seen.press("pagedown")
        await seen.says("第 2 条，共 2 条", "乙二")
        await seen.press("pagedown", "pageup")
        await seen.says("第 1 条，共 2 条", "乙一")
        await seen.press("right", "ctrl+r")
        await seen.says("甲二", "乙二")
        assert "条，共" not in seen.text


async def test_a_value_is_written_by_hand(office: Office) -> None:
    id = office.quarrel(*BOTH)
    async with office.seen_by("丙") as seen:
        await seen.press("enter")
        await seen.wait(lambda: isinstance(seen.app.screen, Write))
        seen.app.screen.query_one(Input).value = "说明书定稿二"
        await seen.press("enter")
        await seen.says("1 written anew")
        await seen.press("ctrl+r")
        await seen.says("No conflicts to settle")
    assert office.body("丙", id)["title"] == "说明书定稿二"


async def test_a_list_is_written_by_lines_and_a_wrong_value_is_said(office: Office) -> None:
    id = office.quarrel(
        {"standard": ["一", "二"], "due": "2026-12-01"}, {"standard": ["三"], "due": "2026-12-02"}
    )
    async with office.seen_by("丙") as seen:
        seen.conflicts.list.go_to("due")
        await seen.press("enter")
        await seen.wait(lambda: isinstance(seen.app.screen, Write))
        seen.app.screen.query_one(Input).value = "never"
        await seen.press("enter")
        await seen.says("never")
        assert isinstance(seen.app.screen, Write)
        await seen.press("escape")
        await seen.wait(lambda: not isinstance(seen.app.screen, Write))
        await seen.press("left")
        seen.conflicts.list.go_to("standard")
        await seen.press("enter")
        await seen.wait(lambda: isinstance(seen.app.screen, Write))
        seen.app.screen.query_one(TextArea).text = "三\n四"
        await seen.press("f4")
        await seen.says("1 written anew")
        await seen.press("ctrl+r")
        await seen.says("No conflicts to settle")
    assert office.body("丙", id)["standard"] == ["三", "四"]
    assert office.body("丙", id)["due"] == "2026-12-02"


async def test_a_hostile_value_is_marked_in_the_editor_and_comes_back_as_it_was(
    office: Office,
) -> None:
    evil = "a\u202eb[/b]"
    id = office.quarrel({"title": "x"}, {"title": evil})
    async with office.seen_by("丙") as seen:
        await seen.press("enter")
        await seen.wait(lambda: isinstance(seen.app.screen, Write))
        editor = seen.app.screen.query_one(Input)
        assert editor.value == "a<U+202E>b[/b]"
        editor.value += "!"
        await seen.press("enter")
        await seen.says("1 written anew")
        await seen.press("ctrl+r")
        await seen.says("No conflicts to settle")
    assert office.body("丙", id)["title"] == evil + "!"


@pytest.mark.parametrize("lang", ["en", "zh"])
async def test_all_without_overlap_are_settled_as_one_act_after_asking(
    office: Office, lang: str
) -> None:
    apart = [office.quarrel(*APART) for _each in range(2)]
    both = office.quarrel(*BOTH)
    three = office.add("甲", title=TITLE, state="todo")
    office.edit("甲", three, note="甲")
    office.edit("乙", three, priority=2)
    office.edit("丙", three, owner="王五")
    office.wired.sync()
    assert len(conflicts(office.replica("丙"))) == 5
    async with office.seen_by("丙", lang) as seen:
        await seen.press("ctrl+g")
        await seen.says("Settle 4 conflicts" if lang == "en" else "裁定 4 条")
        await seen.press("enter")
        await seen.wait(lambda: seen.app.screen is seen.app.frame)
        assert office.replica("丙").unsent() == 0
        await seen.press("ctrl+g")
        await seen.says("Settle 4 conflicts" if lang == "en" else "裁定 4 条")
        await seen.press("down", "enter")
        await seen.says("4 conflicts settled." if lang == "en" else "已裁定 4 条冲突。")
    replica = office.replica("丙")
    acts = replica.conn.execute("SELECT DISTINCT act FROM outbox").fetchall()
    assert len(acts) == 1
    assert [each.record.id for each in conflicts(replica)] == [both]
    assert all(office.body("丙", id)["note"] == "另记" for id in apart)
    assert office.body("丙", three).keys() >= {"note", "priority", "owner"}
    office.wired.sync()
    assert [each.record.id for each in conflicts(office.replica("甲"))] == [both]


@pytest.mark.parametrize(("key", "deleted"), [("left", False), ("right", True)])
@pytest.mark.parametrize("lang", ["en", "zh"])
async def test_a_deletion_against_an_edit_is_one_choice(
    office: Office, key: str, deleted: bool, lang: str
) -> None:
    id = office.add("甲", title=TITLE, state="todo")
    office.edit("甲", id, note="新")
    office.remove("乙", id)
    office.wired.sync()
    async with office.seen_by("丙", lang) as seen:
        words = ("is deleted", "is here") if lang == "en" else ("已删除", "还在")
        await seen.says(*words)
        await seen.press("plus", "ctrl+r")
        assert office.replica("丙").unsent() == 0
        await seen.press(key, "ctrl+r")
        await seen.wait(lambda: seen.conflicts.has_class("-empty"))
    office.wired.sync()
    record = office.replica("甲").record("task", id)
    assert record is not None
    assert record.shown.deleted is deleted
    assert not record.losers


async def test_three_losers_are_settled_one_at_a_time_the_others_named(office: Office) -> None:
    office.wired.join("丁")
    id = office.add("甲", title=TITLE, state="todo")
    for name in "甲乙丁丙":
        office.edit(name, id, title=f"{name}的")
    office.wired.sync()
    assert len(conflicts(office.replica("丙"))) == 3
    async with office.seen_by("丙") as seen:
        await seen.says("1 of 3", "2 more versions", "甲的", "丙的")
        await seen.press("right", "ctrl+r")
        await seen.says("1 of 2", "with your settlement", "甲的")
        await seen.press("left", "ctrl+r")
        await seen.says("乙的" if "乙的" in seen.text else "丁的")
        await seen.press("left", "ctrl+r")
        await seen.wait(lambda: seen.conflicts.has_class("-empty"))
    office.wired.sync()
    assert office.body("乙", id)["title"] == "甲的"
    assert not any(conflicts(office.replica(name)) for name in "甲乙丙丁")


# -- what happens meanwhile


async def test_a_record_that_moves_keeps_the_choices_of_what_stood_still(office: Office) -> None:
    first, second = BOTH
    id = office.quarrel({**first, "owner": "张三"}, {**second, "owner": "李四"})
    async with office.seen_by("丙") as seen:
        await seen.press("right", "down", "right")
        await seen.says("ready to settle")
        office.edit("乙", id, owner="王五")
        office.wired.sync("乙", "丙")
        await seen.says("changed while you were choosing", "王五", "1 left to pick: Owner")
        await seen.press("right", "ctrl+r")
        await seen.wait(lambda: seen.conflicts.has_class("-empty"))
    assert office.body("丙", id)["title"] == "说明书初稿"
    assert office.body("丙", id)["owner"] == "张三"


async def test_a_settlement_made_from_an_older_state_is_not_saved(office: Office) -> None:
    id = office.quarrel(*BOTH)
    async with office.seen_by("丙") as seen:
        await seen.press("right")
        workspace = seen.app.workspace
        workspace.changed = lambda: False  # type: ignore[method-assign]
        office.edit("乙", id, title="又改")
        office.wired.sync("乙", "丙")
        await seen.press("ctrl+r")
        await seen.says("changed while you were choosing", "又改", "left to pick")
        assert any("nothing was settled" in each.message for each in seen.app._notifications)
    assert office.replica("丙").unsent() == 0


async def test_a_loser_that_goes_on_keeps_its_place_and_its_choices(office: Office) -> None:
    id = office.add("甲", title=TITLE, state="todo", owner="张三")
    office.edit("甲", id, title="说明书初稿", owner="李四")
    office.wired.sync("甲")
    office.edit("甲", id, owner="赵六")
    office.edit("乙", id, title="说明书终稿", owner="王五")
    office.wired.sync("乙", "丙")
    (before,) = conflicts(office.replica("丙"))
    async with office.seen_by("丙") as seen:
        await seen.press("right")
        await seen.says("1 left to pick: Owner")
        office.wired.sync("甲", "丙")
        (now,) = conflicts(office.replica("丙"))
        assert now.name != before.name
        await seen.says("赵六", "1 left to pick: Owner", "changed while you were choosing")


async def test_a_loser_that_goes_on_and_wins_keeps_what_was_chosen(office: Office) -> None:
    id = office.add("甲", title=TITLE, state="todo", owner="张三")
    office.edit("甲", id, title="说明书初稿", owner="李四")
    office.edit("乙", id, title="说明书终稿", owner="王五")
    office.wired.sync("甲")
    office.edit("甲", id, owner="赵六")
    office.wired.sync("乙", "丙")
    async with office.seen_by("丙") as seen:
        await seen.press("right")
        await seen.says("1 left to pick: Owner")
        assert seen.conflicts.conflict is not None
        assert seen.conflicts.conflict.head.author == "乙"
        office.edit("甲", id, owner="孙七")
        office.wired.sync("甲", "丙")
        await seen.says("孙七", "1 left to pick: Owner", "changed while you were choosing")
        assert seen.conflicts.conflict.head.author == "甲"
        await seen.press("down", "right", "ctrl+r")
        await seen.wait(lambda: seen.conflicts.has_class("-empty"))
    body = office.body("丙", id)
    assert (body["title"], body["owner"]) == ("说明书初稿", "王五")


async def test_a_conflict_settled_by_somebody_else_goes_with_a_word(office: Office) -> None:
    office.quarrel(*BOTH)
    office.wired.join("丁", "coordinator")
    async with office.seen_by("丙") as seen:
        await seen.press("right")
        (conflict,) = conflicts(office.replica("丁"))
        record = conflict.record
        body = conflict.head.body or b""
        office.save("丁", Change("task", record.id, body, settles=(conflict.other.dot,)))
        office.wired.sync("丁", "丙")
        await seen.says("is settled.", "No conflicts to settle")


async def test_a_value_written_while_the_conflict_goes_is_not_put_into_another(
    office: Office,
) -> None:
    office.quarrel(*BOTH)
    other = office.quarrel({"title": "甲二"}, {"title": "乙二"})
    office.wired.join("丁", "coordinator")
    async with office.seen_by("丙") as seen:
        await seen.press("enter")
        await seen.wait(lambda: isinstance(seen.app.screen, Write))
        conflict = conflicts(office.replica("丁"))[0]
        change = Change(
            "task", conflict.record.id, conflict.head.body or b"", settles=(conflict.other.dot,)
        )
        office.save("丁", change)
        office.wired.sync("丁", "丙")
        seen.app.screen.query_one(Input).value = "第三个名字"
        await seen.wait(lambda: len(seen.conflicts.open) == 1)
        await seen.press("enter")
        await seen.says("is settled", "乙二")
        assert "第三个名字" not in seen.text
    assert office.body("丙", other)["title"] == "乙二"


async def test_a_foretold_conflict_is_listed_and_not_settleable_yet(office: Office) -> None:
    id = office.add("甲", title=TITLE, state="todo")
    office.edit("乙", id, title="乙的")
    office.edit("丙", id, title="丙的")
    office.wired.sync("乙")
    take_pages_only(office.wired, "丙")
    async with office.seen_by("丙") as seen:
        await seen.says("to come when you sync", "乙的", "丙的")
        await seen.press("left", "ctrl+r")
        await seen.says("opens when you sync")
        assert office.replica("丙").unsent() == 1
        office.wired.sync("丙")
        await seen.wait(lambda: "to come when you sync" not in seen.text)
        await seen.says("1 left to pick")


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "yours is kept as a conflict"), ("zh", "你的一份")]
)
async def test_the_author_of_a_loser_is_told_once(office: Office, lang: str, words: str) -> None:
    id = office.add("甲", title=TITLE, state="todo")
    async with office.seen_by("甲", lang) as seen:
        assert seen.conflicts.has_class("-empty")
        office.edit("甲", id, title="甲的")
        office.edit("乙", id, title="乙的")
        office.wired.sync()
        await seen.wait(lambda: len(list(seen.app._notifications)) == 1)
        (told,) = seen.app._notifications
        assert TITLE in told.message or "的" in told.message
        seen.app.hearing.tell_news()
        await seen.pilot.pause()
        assert len(list(seen.app._notifications)) == 1


async def asked_of_all(seen: Seen, words: str) -> None:
    """Press ^G and stand on the answer that settles."""
    await seen.press("ctrl+g")
    await seen.says(words)
    await seen.press("down")


@pytest.mark.parametrize(
    ("lang", "asks", "words"),
    [
        ("en", "Settle 2 conflicts", "1 conflict settled. 1 has changed meanwhile and stays."),
        ("zh", "裁定 2 条", "已裁定 1 条冲突。另有 1 条期间变动，留待裁定。"),
    ],
)
async def test_what_moves_while_all_are_asked_about_is_left_and_said(
    office: Office, lang: str, asks: str, words: str
) -> None:
    moves, stands = (office.quarrel(*APART) for _each in range(2))
    async with office.seen_by("丙", lang) as seen:
        await asked_of_all(seen, asks)
        office.edit("乙", moves, owner="王五")
        office.wired.sync("乙", "丙")
        later = office.quarrel(*APART)
        await seen.wait(lambda: len(seen.conflicts.open) == 3)
        await seen.press("enter")
        await seen.tells(words)
    assert {each.record.id for each in conflicts(office.replica("丙"))} == {moves, later}
    assert office.body("丙", stands)["note"] == "另记"
    assert "note" in office.body("丙", moves)
    assert office.body("丙", moves)["owner"] == "王五"


@pytest.mark.parametrize(
    ("lang", "asks", "words"),
    [
        ("en", "Settle 1 conflict ", "nothing was settled"),
        ("zh", "裁定 1 条", "刚才问的那些冲突都已变动"),
    ],
)
async def test_where_all_that_was_asked_about_moved_nothing_is_settled(
    office: Office, lang: str, asks: str, words: str
) -> None:
    id = office.quarrel(*APART)
    async with office.seen_by("丙", lang) as seen:
        await asked_of_all(seen, asks)
        office.edit("甲", id, note="又记")
        office.wired.sync()
        await seen.press("enter")
        await seen.tells(words)
    assert office.replica("丙").unsent() == 0


# -- every sort of conflict, taken and mixed


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("how", ["take", "mix"])
async def test_three_losers_are_taken_or_mixed_in_one_after_the_other(
    office: Office, how: str, lang: str
) -> None:
    office.wired.join("丁")
    id = office.add("甲", title=TITLE, state="todo")
    for name in "甲乙丁丙":
        office.edit(name, id, title=f"{name}的", note=f"{name}记")
    office.wired.sync()
    left = "丙的", "丙记"
    async with office.seen_by("丙", lang) as seen:
        for n in (3, 2, 1):
            of = f"1 of {n}" if lang == "en" else f"第 1 条，共 {n} 条"
            await seen.says(*([of] if n > 1 else []), "甲的" if n == 3 else "的")
            if how == "take":
                await seen.press("right_square_bracket", "ctrl+r")
            else:
                await seen.press("left", "down", "right", "ctrl+r")
            await seen.wait(lambda n=n: len(seen.conflicts.open) == n - 1)  # type: ignore[misc]
        assert seen.conflicts.has_class("-empty")
    office.wired.sync()
    assert not any(conflicts(office.replica(name)) for name in "甲乙丙丁")
    body = office.body("甲", id)
    last = "丁" if how == "take" else None
    assert (body["title"], body["note"]) == (
        (f"{last}的", f"{last}记") if last else (left[0], "丁记")
    )


def stages(*days: str) -> list[dict[str, str]]:
    return [{"title": f"阶段{n}", "due": day} for n, day in enumerate(days)]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("how", ["take", "mix", "write"])
async def test_a_list_of_rows_is_taken_mixed_or_written(
    office: Office, how: str, lang: str
) -> None:
    first, second = stages("2026-12-18"), stages("2026-12-10", "2026-12-30")
    id = office.add("甲", "request", title="需求", state="draft", stages=stages("2026-12-10"))
    office.edit("甲", id, "request", stages=first, background="甲的")
    office.edit("乙", id, "request", stages=second, background="乙的")
    office.wired.sync()
    async with office.seen_by("丙", lang) as seen:
        await seen.says("阶段0  2026-12-18", "阶段1  2026-12-30", "甲的", "乙的")
        if how == "take":
            await seen.press("right_square_bracket")
        else:
            seen.conflicts.list.go_to("background")
            await seen.press("left")
            seen.conflicts.list.go_to("stages")
            await seen.press("right")
        if how == "write":
            await seen.press("enter")
            await seen.wait(lambda: isinstance(seen.app.screen, Write))
            area = seen.app.screen.query_one(TextArea)
            area.text = area.text.replace("2026-12-18", "2026-12-19")
            await seen.press("f4")
            await seen.says("written anew" if lang == "en" else "改写 1 处", "2026-12-19")
        await seen.press("ctrl+r")
        await seen.wait(lambda: seen.conflicts.has_class("-empty"))
    body = office.body("丙", id, "request")
    assert body["stages"] == (stages("2026-12-19") if how == "write" else first)
    assert body["background"] == ("甲的" if how == "take" else "乙的")


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("how", ["take", "mix", "write"])
async def test_a_field_that_this_program_does_not_know_is_taken_mixed_or_written(
    office: Office, how: str, lang: str
) -> None:
    id = office.quarrel(
        {"zz_new": {"a": [1, 2]}, "title": "甲的"}, {"zz_new": {"a": [3]}, "title": "乙的"}
    )
    async with office.seen_by("丙", lang) as seen:
        await seen.says("zz_new", '{"a":[1,2]}', '{"a":[3]}')
        if how == "take":
            await seen.press("right_square_bracket")
        else:
            await seen.press("left")
            seen.conflicts.list.go_to("zz_new")
            await seen.press("right")
        if how == "write":
            await seen.press("enter")
            await seen.wait(lambda: isinstance(seen.app.screen, Write))
            seen.app.screen.query_one(TextArea).text = '{"b":'
            await seen.press("f4")
            await seen.says("takes JSON" if lang == "en" else "JSON")
            seen.app.screen.query_one(TextArea).text = '{"b": null}'
            await seen.press("f4")
            await seen.wait(lambda: not isinstance(seen.app.screen, Write))
        await seen.press("ctrl+r")
        await seen.wait(lambda: seen.conflicts.has_class("-empty"))
    body = office.body("丙", id)
    assert body["zz_new"] == ({"b": None} if how == "write" else {"a": [1, 2]})
    assert body["title"] == ("甲的" if how == "take" else "乙的")


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "A deletion cannot be mixed"), ("zh", "删除不能合并")]
)
@pytest.mark.parametrize("key", ["plus", "enter"])
async def test_a_deletion_is_never_mixed_and_says_so(
    office: Office, key: str, lang: str, words: str
) -> None:
    id = office.add("甲", title=TITLE, state="todo")
    office.edit("甲", id, note="新")
    office.remove("乙", id)
    office.wired.sync()
    async with office.seen_by("丙", lang) as seen:
        await seen.press(key)
        await seen.tells(words)
        assert seen.conflicts.draft is not None
        assert seen.conflicts.draft.left


# -- what is kept however the app ends


def drafts(office: Office, who: str) -> int:
    rows = office.replica(who).conn.execute("SELECT count(*) FROM drafts").fetchone()
    return int(rows[0])


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "chosen and not settled"), ("zh", "上次选好还没裁定的")]
)
async def test_what_was_chosen_and_written_is_there_again(
    office: Office, lang: str, words: str
) -> None:
    id = office.quarrel(*BOTH)
    async with office.seen_by("丙", lang) as seen:
        await seen.press("enter")
        await seen.wait(lambda: isinstance(seen.app.screen, Write))
        seen.app.screen.query_one(Input).value = "第三个名字"
        await seen.press("enter", "down", "right")
        await seen.says("第三个名字")
    assert drafts(office, "丙") == 1
    async with office.seen_by("丙", lang) as seen:
        await seen.tells(words)
        await seen.says("第三个名字")
        await seen.press("ctrl+r")
        await seen.wait(lambda: seen.conflicts.has_class("-empty"))
    assert office.body("丙", id)["title"] == "第三个名字"
    assert "priority" not in office.body("丙", id)
    assert drafts(office, "丙") == 0


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "begun to write is here again"), ("zh", "上次没写完的还在这里")]
)
async def test_a_value_that_was_being_written_is_there_again_until_it_is_given_up(
    office: Office, lang: str, words: str
) -> None:
    office.quarrel(*BOTH)
    async with office.seen_by("丙", lang) as seen:
        await seen.press("enter")
        await seen.wait(lambda: isinstance(seen.app.screen, Write))
        await seen.press("x", "y")
    async with office.seen_by("丙", lang) as seen:
        await seen.press("enter")
        await seen.says(words)
        assert seen.app.screen.query_one(Input).value == "说明书终稿xy"
        await seen.press("escape")
        await seen.wait(lambda: not isinstance(seen.app.screen, Write))
        await seen.press("enter")
        await seen.wait(lambda: isinstance(seen.app.screen, Write))
        assert seen.app.screen.query_one(Input).value == "说明书终稿"
        assert words not in seen.text
    assert drafts(office, "丙") == 0


async def test_of_a_conflict_that_moved_meanwhile_what_stood_still_is_there_again(
    office: Office,
) -> None:
    first, second = BOTH
    id = office.quarrel({**first, "owner": "张三"}, {**second, "owner": "李四"})
    async with office.seen_by("丙") as seen:
        await seen.press("right", "down", "right")
        await seen.says("ready to settle")
    office.edit("甲", id, owner="赵六")
    office.wired.sync()
    async with office.seen_by("丙") as seen:
        await seen.tells("1 choice is to be made again")
        await seen.says("1 left to pick: Owner")


async def test_what_was_chosen_of_a_conflict_that_is_settled_is_let_go(office: Office) -> None:
    office.quarrel(*BOTH)
    async with office.seen_by("丙") as seen:
        await seen.press("right")
        await seen.says("ready to settle")
    (conflict,) = conflicts(office.replica("丙"))
    body = conflict.head.body or b""
    office.save("丙", Change("task", conflict.record.id, body, settles=(conflict.other.dot,)))
    async with office.seen_by("丙") as seen:
        await seen.says("No conflicts to settle")
        assert "here again" not in seen.text
    assert drafts(office, "丙") == 0


# -- taking back


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", f"Taken back: {TITLE}初稿; its conflict is not listed again"),
        ("zh", f"已撤销：{TITLE}初稿；它的冲突不再列出"),
    ],
)
async def test_taking_a_settlement_back_says_that_the_conflict_is_not_listed_again_and_where_to_look(
    office: Office, lang: str, words: str
) -> None:
    id = office.quarrel({"title": f"{TITLE}初稿"}, {"title": f"{TITLE}终稿"})
    async with office.seen_by("丙", lang) as seen:
        await seen.press("right", "ctrl+r")
        await seen.wait(lambda: seen.conflicts.has_class("-empty"))
        await seen.press("ctrl+z")
        await seen.tells(words, "F3")
        assert seen.conflicts.has_class("-empty")
        assert office.body("丙", id)["title"] == f"{TITLE}终稿"
        await seen.app.open_record("task", id)
        await seen.wait(lambda: isinstance(seen.app.focused, FormLines))
        await seen.press("f3")
        await seen.says("甲", "乙", "裁定" if lang == "zh" else "settled")
        await seen.press("end")
        await seen.says(f"{TITLE}初稿")


async def test_taking_a_plain_edit_back_says_nothing_of_conflicts(office: Office) -> None:
    office.add("丙", title="另一件", state="todo")
    async with office.seen_by("丙") as seen:
        await seen.press("ctrl+z")
        await seen.tells("Taken back: 另一件")
        assert not any("conflict" in each.message for each in seen.app._notifications)


# -- keys


@pytest.mark.parametrize(
    ("key", "side"),
    [("less_than_sign", Side.HEAD), ("《", Side.HEAD), ("greater_than_sign", Side.OTHER), ("》", Side.OTHER)],
)  # fmt: skip
async def test_the_sides_are_taken_by_the_signs_that_are_shown(
    office: Office, key: str, side: Side
) -> None:
    office.quarrel(*BOTH)
    async with office.seen_by("丙") as seen:
        assert "‹ › Head / other" in grid(seen.app)[-2]
        await seen.press(key)
        assert seen.conflicts.draft is not None
        assert seen.conflicts.draft.choices["title"] is side


@pytest.mark.parametrize("lang", ["en", "zh"])
async def test_a_key_that_has_nothing_to_do_says_so(office: Office, lang: str) -> None:
    def words(english: str, chinese: str) -> str:
        return english if lang == "en" else chinese

    office.quarrel(*APART)
    office.quarrel(*APART)
    async with office.seen_by("丙", lang) as seen:
        await seen.press("plus")
        await seen.tells(words("taken from a side already", "每个字段都已取定"))
        await seen.press("pageup")
        await seen.tells(words("This is the first one.", "这是第一条。"))
        await seen.press("pagedown", "pagedown")
        await seen.tells(words("This is the last one.", "这是最后一条。"))
        await seen.press("space")
        seen.conflicts.list.go_to("title")
        await seen.press("left")
        await seen.tells(words("Both sides say the same here", "这里两边说的一样"))


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "something is to be chosen"), ("zh", "都还有要选的地方")]
)
async def test_all_at_once_says_where_every_conflict_has_a_choice(
    office: Office, lang: str, words: str
) -> None:
    office.quarrel(*BOTH)
    async with office.seen_by("丙", lang) as seen:
        await seen.press("ctrl+g")
        await seen.tells(words)


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "This one opens when you sync"), ("zh", "同步后才成为冲突")]
)
async def test_all_at_once_says_where_nothing_is_open_yet(
    office: Office, lang: str, words: str
) -> None:
    id = office.add("甲", title=TITLE, state="todo")
    office.edit("乙", id, title="乙的")
    office.edit("丙", id, title="丙的")
    office.wired.sync("乙")
    take_pages_only(office.wired, "丙")
    async with office.seen_by("丙", lang) as seen:
        await seen.press("ctrl+g")
        await seen.tells(words)


async def test_folding_is_offered_only_where_something_is_folded(office: Office) -> None:
    id = office.add("甲", "comment", text="x")
    office.edit("甲", id, "comment", text="甲")
    office.edit("乙", id, "comment", text="乙")
    office.wired.sync()
    async with office.seen_by("丙") as seen:
        await seen.says("甲", "乙")
        assert "Space" not in grid(seen.app)[-2]


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "that the hub has not taken yet"), ("zh", "中枢还没有收")]
)
async def test_an_unsent_edit_is_said_before_anything_is_chosen(
    office: Office, lang: str, words: str
) -> None:
    id = office.quarrel(*BOTH)
    office.edit("丙", id, owner="王五")
    async with office.seen_by("丙", lang) as seen:
        await seen.says(words, "with your unsent edit" if lang == "en" else "含你未发的改动")
        await seen.press("right", "ctrl+r")
        assert office.replica("丙").unsent() == 1
        office.wired.sync("丙")
        await seen.wait(lambda: not seen.conflicts.docket.waits)
        await seen.press("right", "ctrl+r")
        await seen.wait(lambda: seen.conflicts.has_class("-empty"))
    assert office.body("丙", id)["owner"] == "王五"
