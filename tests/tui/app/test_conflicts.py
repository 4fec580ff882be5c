"""The conflicts on the screen: seen, chosen, written, settled."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from schema import wording
from schema.ids import new_id
from schema.records import encode, own_id
from syncd.home import Home
from syncd.store.conflicts import conflicts
from syncd.store.replica import Replica
from syncd.store.rows import Change
from tests.conftest import Duijie
from tests.played import FrozenClock
from tests.tui.app.grid import grid, place, style_at
from tests.wiring import Wired, take_pages_only
from tui.app import DuijieApp
from tui.screens.write import Write
from tui.views.conflicts import Conflicts
from tui.width import width

TITLE = "说明书定稿"


class Office:
    """Two liaisons and a coordinator at one hub, under a clock that stands still."""

    def __init__(self, folder: Path) -> None:
        self.clock = FrozenClock()
        self.wired = Wired(folder, self.clock)
        for name, role in (("甲", "liaison"), ("乙", "liaison"), ("丙", "coordinator")):
            self.wired.join(name, role)

    def replica(self, who: str) -> Replica:
        return self.wired.replicas[who]

    def add(self, who: str, kind: str = "task", **fields: Any) -> str:
        """A record that everybody has."""
        id = own_id(kind, fields) or new_id(self.clock.now())
        self.save(who, Change(kind, id, encode(fields)))
        self.wired.sync()
        return id

    def save(self, who: str, change: Change) -> None:
        self.clock.pass_(1_000_000)
        self.replica(who).save([change])

    def body(self, who: str, id: str, kind: str = "task") -> dict[str, Any]:
        record = self.replica(who).record(kind, id)
        assert record is not None
        body: dict[str, Any] = json.loads(record.shown.body or b"{}")
        return body

    def edit(self, who: str, id: str, kind: str = "task", **fields: Any) -> None:
        self.save(who, Change(kind, id, encode({**self.body(who, id, kind), **fields})))

    def remove(self, who: str, id: str) -> None:
        self.save(who, Change("task", id, encode(self.body(who, id)), deleted=True))

    def quarrel(self, first: dict[str, Any], second: dict[str, Any], **fields: Any) -> str:
        """A task that 甲 and 乙 change without knowing of each other; 乙 wins."""
        id = self.add("甲", **{"title": TITLE, "state": "todo", "note": "n", **fields})
        self.edit("甲", id, **first)
        self.edit("乙", id, **second)
        self.wired.sync()
        return id

    @asynccontextmanager
    async def seen_by(
        self, who: str, lang: str = "en", size: tuple[int, int] = (120, 36)
    ) -> AsyncIterator[Seen]:
        wording.use(lang)
        app = DuijieApp(Home(self.wired.home(who)), theme="dark", clock=self.clock, synced=False)
        async with app.run_test(size=size, notifications=True) as pilot:
            await pilot.press("9")
            seen = Seen(app, pilot)
            await seen.wait(lambda: (isinstance(seen.view, Conflicts) and seen.view.list.has_focus)
                            or seen.conflicts.has_class("-empty"))  # fmt: skip
            yield seen


class Seen:
    """The screen of somebody who looks at the conflicts."""

    def __init__(self, app: DuijieApp, pilot: Pilot[int]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def view(self) -> Any:
        return self.app.frame.view if self.app.frame else None

    @property
    def conflicts(self) -> Conflicts:
        assert isinstance(self.view, Conflicts)
        return self.view

    @property
    def text(self) -> str:
        return "\n".join(grid(self.app))

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def wait(self, until: Callable[[], object]) -> None:
        for _turn in range(200):
            await self.pilot.pause()
            if until():
                return
        told = [each.message for each in self.app._notifications]
        raise AssertionError(f"it never came:\n{self.text}\n{told}")

    async def says(self, *texts: str) -> None:
        """Every text comes up on screen."""
        await self.wait(lambda: all(text in self.text for text in texts))


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    yield made
    made.wired.close()


BOTH = ({"title": "说明书初稿", "note": "n1"}, {"title": "说明书终稿", "priority": 2})
APART = ({"note": "另记"}, {"priority": 2})


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


async def test_the_author_of_the_loser_may_settle_for_the_head_only(office: Office) -> None:
    id = office.quarrel(*BOTH)
    async with office.seen_by("甲") as seen:
        await seen.says("you may settle for the head")
        await seen.press("right", "right_square_bracket", "ctrl+r")
        await seen.wait(lambda: seen.conflicts.has_class("-empty"))
    office.wired.sync()
    assert office.body("丙", id)["title"] == "说明书终稿"
    assert not conflicts(office.replica("丙"))


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
