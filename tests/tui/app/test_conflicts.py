"""The conflicts on the screen: what is shown of them, and to whom."""

from __future__ import annotations

import pytest

from syncd.store.conflicts import conflicts
from tests.tui.app.grid import grid, place, style_at
from tests.tui.app.office import APART, BOTH, TITLE, Office
from tui.width import width

# -- seeing


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ["Base", "Head", "The other", "both sides", "head only", "2 left", "Why head won"]),
        ("zh", ["基准", "现行", "另一份", "两边都改", "仅现行改", "还差", "现行为何胜出"]),
    ],
)
async def test_a_conflict_is_shown_field_by_field(
    office: Office, lang: str, words: list[str]
) -> None:
    first, second = BOTH
    office.quarrel({**first, "owner": "张三"}, {**second, "owner": "李四"})
    async with office.seen_by("丙", lang) as seen:
        await seen.says(*words, "说明书初稿", "说明书终稿", TITLE, "T-001")
        for line in grid(seen.app):
            assert width(line) == 120


async def test_only_the_changed_characters_are_marked(office: Office) -> None:
    office.quarrel(*BOTH)
    async with office.seen_by("丙") as seen:
        shades = seen.app.shades
        x, y = place(seen.app, "说明书初稿")
        assert style_at(seen.app, shades, x, y).ground == "cursor"
        changed = style_at(seen.app, shades, x + 6, y)
        assert (changed.ground, changed.underline) == ("diff", True)
        assert not style_at(seen.app, shades, x + 8, y).underline
        base, y = place(seen.app, TITLE, y)
        assert not style_at(seen.app, shades, base + 6, y).underline


async def test_one_sided_changes_are_taken_and_overlaps_are_to_be_picked(office: Office) -> None:
    office.quarrel(*BOTH)
    async with office.seen_by("丙") as seen:
        await seen.says("1 left to pick: Task name", "1 from head", "1 from other")
        rows = [line for line in grid(seen.app) if "说明书初稿" in line]
        assert rows[0].count("?") == 2
        assert any("✓" in line for line in grid(seen.app))


@pytest.mark.parametrize(("lang", "folded"), [("en", "3 other fields"), ("zh", "其余 3 个字段")])
async def test_equal_fields_are_folded_and_unfold(office: Office, lang: str, folded: str) -> None:
    office.quarrel(*BOTH, owner="张三", version="v1.23")
    async with office.seen_by("丙", lang) as seen:
        await seen.says(folded)
        assert "v1.23" not in seen.text
        await seen.press("space")
        await seen.says("v1.23", "张三")


@pytest.mark.parametrize("lang", ["en", "zh"])
async def test_the_narrow_form_is_stacked_and_never_too_wide(office: Office, lang: str) -> None:
    office.quarrel({"title": "初" * 60}, {"title": "终" * 60})
    async with office.seen_by("丙", lang, (80, 24)) as seen:
        await seen.says("初" * 30, "终" * 30)
        for line in grid(seen.app):
            assert width(line) == 80


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "No conflicts to settle"), ("zh", "没有待裁的冲突")]
)
async def test_nothing_to_settle_says_so_and_when_one_was(
    office: Office, lang: str, words: str
) -> None:
    office.quarrel(*APART)
    async with office.seen_by("丙", lang) as seen:
        await seen.press("ctrl+r")
        await seen.says(words)
    office.wired.sync()
    async with office.seen_by("丙", lang) as seen:
        await seen.says(words, "14:05" if lang == "en" else "最近一条 14:05 裁定")


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_hostile_and_long_text_stays_text(office: Office, size: tuple[int, int]) -> None:
    evil = "[/b] [red]x \u202e gnp.exe \u200b [abc]"
    long = "很长的一段说明，" * 220
    office.quarrel({"title": evil, "note": long}, {"title": "乙" + evil, "note": long + "尾"})
    async with office.seen_by("丙", size=size) as seen:
        await seen.says("[/b] [red]x", "<U+202E>")
        assert "\u202e" not in seen.text
        assert "\u200b" not in seen.text
        for line in grid(seen.app):
            assert width(line) == size[0]
        await seen.press("down")
        await seen.says("Note")
        top = seen.conflicts.list.scroll_offset.y
        await seen.press("down")
        assert seen.conflicts.list.scroll_offset.y > top
        assert seen.conflicts.list.cursor == "note"

        def goes_on() -> bool:
            seen.conflicts.list.action_down()
            return "尾" in seen.text

        await seen.wait(goes_on)


async def test_an_unknown_field_is_shown_by_its_name_and_settled_like_any_other(
    office: Office,
) -> None:
    id = office.quarrel({"zz_new": {"a": [1, 2]}}, {"zz_new": {"a": [3]}})
    async with office.seen_by("丙") as seen:
        await seen.says("zz_new", '{"a":[1,2]}', '{"a":[3]}')
        await seen.press("right", "ctrl+r")
        await seen.says("No conflicts to settle")
    assert office.body("丙", id)["zz_new"] == {"a": [1, 2]}


async def test_rows_inside_a_field_are_compared_row_by_row(office: Office) -> None:
    def stages(*days: str) -> list[dict[str, str]]:
        return [{"title": f"阶段{n}", "due": day} for n, day in enumerate(days)]

    id = office.add("甲", "request", title="需求", state="draft", stages=stages("2026-12-10"))
    office.edit("甲", id, "request", stages=stages("2026-12-18"))
    office.edit("乙", id, "request", stages=stages("2026-12-10", "2026-12-30"))
    office.wired.sync()
    async with office.seen_by("丙") as seen:
        x, y = place(seen.app, "阶段0  2026-12-18")
        marks = [style_at(seen.app, seen.app.shades, x + n, y).underline for n in range(17)]
        assert marks[-1]
        assert not any(marks[:-1])
        x, y = place(seen.app, "阶段1  2026-12-30")
        assert style_at(seen.app, seen.app.shades, x, y).underline
        await seen.press("right", "ctrl+r")
        await seen.says("No conflicts to settle")
    assert office.body("丙", id, "request")["stages"] == stages("2026-12-18")


# -- who may


@pytest.mark.parametrize(
    ("lang", "words"),
    [("en", "A coordinator is to settle"), ("zh", "这条冲突由协调人裁定")],
)
async def test_who_may_not_settle_sees_everything_and_does_nothing(
    office: Office, lang: str, words: str
) -> None:
    office.quarrel(*BOTH)
    async with office.seen_by("乙", lang) as seen:
        await seen.says(words, "说明书初稿", "说明书终稿")
        await seen.press("right", "left_square_bracket", "plus", "enter", "ctrl+r")
        assert seen.app.screen is seen.app.frame
    assert office.replica("乙").unsent() == 0


async def test_the_owner_is_named_to_who_may_not_settle(office: Office) -> None:
    office.add("丙", "department", name="产品部", head="老王")
    project = office.add("甲", "project", title="p", initiator="产品部")
    office.quarrel(*BOTH, project=project)
    async with office.seen_by("乙") as seen:
        await seen.says("老王 is to settle this conflict.")


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ["Yours lost to 乙's; you may settle for the head.", "yours"]),
        ("zh", ["你的一份输给了 乙 的；你可以认可现行的一份。", "你的"]),
    ],
)
async def test_the_author_of_the_loser_sees_his_line_and_may_settle_for_the_head_only(
    office: Office, lang: str, words: list[str]
) -> None:
    id = office.quarrel(*BOTH)
    async with office.seen_by("甲", lang) as seen:
        await seen.says(*words, "说明书初稿")
        await seen.press("right", "right_square_bracket", "ctrl+r")
        await seen.wait(lambda: seen.conflicts.has_class("-empty"))
    office.wired.sync()
    assert office.body("丙", id)["title"] == "说明书终稿"
    assert not conflicts(office.replica("丙"))


# -- taking back


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "kept what is shown"), ("zh", "保留了现行的一份")]
)
async def test_undo_of_a_ruling_for_the_head_says_so_and_leaves_older_steps_alone(
    office: Office, lang: str, words: str
) -> None:
    id = office.quarrel(*BOTH)
    older = office.add("丙", title="丙的任务")
    async with office.seen_by("丙", lang) as seen:
        await seen.press("left_square_bracket", "ctrl+r")
        await seen.wait(lambda: seen.conflicts.has_class("-empty"))
        await seen.press("ctrl+z")
        await seen.tells(words)
        record = office.replica("丙").record("task", older)
        assert record is not None
        assert not record.shown.deleted
        assert office.body("丙", id)["title"] == "说明书终稿"


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "Open the record"), ("zh", "请打开这条记录修改")]
)
async def test_a_refused_undo_names_a_way_that_the_app_has(
    office: Office, lang: str, words: str
) -> None:
    id = office.add("丙", title=TITLE)
    office.edit("甲", id, title="甲改的")
    office.wired.sync()
    async with office.seen_by("丙", lang) as seen:
        await seen.press("ctrl+z")
        await seen.tells(words)
        assert not any("duijie" in each.message for each in seen.app._notifications)
