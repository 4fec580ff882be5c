"""All records, the trash and search, as somebody uses them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import pytest
from textual.pilot import Pilot

from schema import wording
from schema.ids import new_id
from schema.records import KINDS, encode
from syncd.home import Home
from syncd.store.replica import Replica
from syncd.store.rows import Change
from tests.played import COORDINATOR, FrozenClock, copied
from tests.tui.app.grid import grid, place, style_at
from tui.app import DuijieApp
from tui.views.records import Records
from tui.views.search import Search
from tui.views.trash import Trash
from tui.width import width

USUAL, SMALL = (120, 36), (80, 24)
HOSTILE = "[/b] [abc] \x1b]0;owned\x07 \u202egnp.exe"


@pytest.fixture
def home(played: dict[str, Path], tmp_path: Path) -> Path:
    """The coordinator's home of the played story: nine tasks, two conflicts."""
    return copied(played[COORDINATOR], tmp_path / "home")


@asynccontextmanager
async def shown(
    home: Path, lang: str = "zh", size: tuple[int, int] = USUAL
) -> AsyncIterator[tuple[DuijieApp, Pilot[int]]]:
    wording.use(lang)
    app = DuijieApp(Home(home), theme="dark", clock=FrozenClock(), synced=False)
    async with app.run_test(size=size, notifications=True) as pilot:
        await settled(app, pilot)
        yield app, pilot


async def settled(app: DuijieApp, pilot: Pilot[int], *keys: str) -> list[str]:
    """The screen once the keys and all they began have been done."""
    await pilot.press(*keys)
    await pilot.pause()
    await app.workers.wait_for_complete()
    await pilot.pause()
    return grid(app)


async def asked(app: DuijieApp, pilot: Pilot[int], *keys: str) -> list[str]:
    """The screen once the keys have opened a dialog, whose worker goes on waiting."""
    await pilot.press(*keys)
    await pilot.pause()
    return grid(app)


async def until(app: DuijieApp, pilot: Pilot[int], words: str) -> None:
    """Wait until the screen says so: what was saved is looked for a few times a second."""
    async with asyncio.timeout(10):
        while words not in text_of(grid(app)):
            await pilot.pause(0.01)


def text_of(rows: list[str]) -> str:
    return "\n".join(row.rstrip() for row in rows)


def records(app: DuijieApp) -> Records:
    assert app.frame is not None
    return cast("Records", app.frame.view)


def written(home: Path, *titles: str, kind: str = "task") -> list[str]:
    """Records made in a home, their ids."""
    replica = Replica(home / "replica.db", FrozenClock())
    ids = [new_id(replica.clock.now() + n) for n in range(len(titles))]
    replica.save(
        [
            Change(kind, id, encode({"title": title, "state": "todo"}))
            for id, title in zip(ids, titles, strict=True)
        ],
        many=True,
    )
    replica.close()
    return ids


def deleted(home: Path) -> set[str]:
    replica = Replica(home / "replica.db", readonly=True)
    rows = replica.conn.execute("SELECT id FROM records WHERE deleted = 1").fetchall()
    replica.close()
    return {id for (id,) in rows}


# -- all records


@pytest.mark.parametrize(
    ("lang", "position", "words"),
    [
        ("zh", "1 / 9", ["全部记录", "状态", "冲突"]),
        ("en", "1 / 9", ["All records", "State", "conflict"]),
    ],
)
@pytest.mark.parametrize("size", [USUAL, SMALL])
async def test_all_records_lists_a_kind_with_position_flags_and_columns(
    home: Path, lang: str, position: str, words: list[str], size: tuple[int, int]
) -> None:
    async with shown(home, lang, size) as (app, pilot):
        rows = await settled(app, pilot, "f5")
        assert position in rows[1]
        for word in words:
            assert word in text_of(rows)
        assert {width(row) for row in rows} == {size[0]}
        rows = await settled(app, pilot, "down", "down")
        assert "3 / 9" in rows[1]


async def test_keys_go_to_the_kinds_beside_and_a_picker_to_any(home: Path) -> None:
    async with shown(home) as (app, pilot):
        await settled(app, pilot, "f5")
        kinds = list(KINDS)
        await settled(app, pilot, "right_square_bracket")
        assert records(app).kind == kinds[kinds.index("task") + 1]
        await settled(app, pilot, "【", "【")
        assert records(app).kind == kinds[kinds.index("task") - 1]
        await settled(app, pilot, "ctrl+g", *"卡", "enter")
        assert records(app).kind == records(app).new_kind == "blocker"
        assert "卡点" in grid(app)[1]


async def test_a_kind_without_records_says_what_can_be_done(home: Path) -> None:
    replica = Replica(home / "replica.db", FrozenClock())
    ids = [id for (id,) in replica.conn.execute("SELECT id FROM records WHERE kind = 'comment'")]
    replica.save([Change("comment", id, b"{}", deleted=True) for id in ids])
    replica.close()
    async with shown(home, "en") as (app, pilot):
        await settled(app, pilot, "f5", "ctrl+g", *"comment", "enter")
        assert "Nothing here yet: Comment" in text_of(grid(app))
        await settled(app, pilot, "ctrl+g", *"task", "enter")
        assert "1 / 9" in grid(app)[1]


async def test_deleting_asks_first_and_the_safe_answer_is_the_first(home: Path) -> None:
    async with shown(home) as (app, pilot):
        await settled(app, pilot, "f5")
        rows = await asked(app, pilot, "delete")
        assert "删除 T-001" in text_of(rows)
        await settled(app, pilot, "enter")
        assert deleted(home) == set()


async def test_several_are_deleted_as_one_act_and_one_undo_brings_them_back(home: Path) -> None:
    async with shown(home) as (app, pilot):
        await settled(app, pilot, "f5", "down", "down", "space", "space")
        await asked(app, pilot, "delete")
        rows = await settled(app, pilot, "down", "enter")
        assert len(deleted(home)) == 2
        assert "已移到回收站：2 项" in text_of(rows)
        assert "^Z 撤回" in text_of(rows)
        assert "3 / 7" in rows[1]
        await settled(app, pilot, "ctrl+z")
        assert deleted(home) == set()
        await until(app, pilot, "/ 9")


async def test_hostile_titles_are_shown_as_text_in_every_list(home: Path) -> None:
    (id,) = written(home, HOSTILE)
    async with shown(home) as (app, pilot):
        rows = await settled(app, pilot, "f5", "end")
        assert "[/b] [abc] ^[]0;owned^G" in text_of(rows)
        rows = await asked(app, pilot, "delete")
        assert "[/b] [abc]" in text_of(rows)
        rows = await settled(app, pilot, "down", "enter")
        assert deleted(home) == {id}
        rows = await settled(app, pilot, "f6")
        assert "[/b] [abc] ^[]0;owned^G" in text_of(rows)
        await settled(app, pilot, "ctrl+r")
        rows = await settled(app, pilot, "f7", *"owned")
        assert "[/b] [abc] ^[]0;owned^G" in text_of(rows)
        assert not [row for row in rows if "\x1b" in row or "\u202e" in row]


async def test_ten_thousand_records_are_read_in_windows(home: Path) -> None:
    written(home, *(f"任务{n}" for n in random.Random(1).sample(range(10_000), 10_000)))
    async with shown(home) as (app, pilot):
        await settled(app, pilot, "f5", "end")
        assert "10009 / 10009" in grid(app)[1]
        read: list[int] = []
        window = records(app).source.window
        rows_of = window.rows

        def counted(first: int, n: int) -> object:
            found = rows_of(first, n)
            read.append(len(found))
            return found

        window.rows = counted  # type: ignore[method-assign, assignment]
        records(app).source.read()
        await settled(app, pilot, "pageup", "up", "home", "end")
        assert sum(read) < 400


# -- the trash


@pytest.mark.parametrize("size", [USUAL, SMALL])
@pytest.mark.parametrize(
    ("lang", "who"),
    [("zh", ["回收站", "删除人", "*经理"]), ("en", ["Trash", "Deleted by", "*经理"])],
)
async def test_the_trash_says_who_deleted_what_of_any_kind(
    home: Path, lang: str, who: list[str], size: tuple[int, int]
) -> None:
    async with shown(home, lang, size) as (app, pilot):
        await settled(app, pilot, "f5")
        await asked(app, pilot, "delete")
        await settled(app, pilot, "down", "enter")
        await settled(app, pilot, "left_square_bracket")
        await asked(app, pilot, "delete")
        await settled(app, pilot, "down", "enter")
        rows = await settled(app, pilot, "f6")
        assert "1 / 2" in rows[1]
        for words in who:
            assert words in text_of(rows)
        assert {width(row) for row in rows} == {size[0]}


async def test_several_are_restored_as_one_act_and_the_cursor_stays_in_place(home: Path) -> None:
    async with shown(home) as (app, pilot):
        await settled(app, pilot, "f5", "space", "space", "space", "space")
        await asked(app, pilot, "delete")
        await settled(app, pilot, "down", "enter")
        rows = await settled(app, pilot, "f6", "down", "space", "space", "ctrl+r")
        assert "已恢复：2 项" in text_of(rows)
        assert len(deleted(home)) == 2
        assert "2 / 2" in rows[1]
        await settled(app, pilot, "ctrl+z")
        assert len(deleted(home)) == 4
        await until(app, pilot, "/ 4")
        rows = await settled(app, pilot, "home", "space", "space", "space", "space", "ctrl+r")
        assert "回收站是空的" in text_of(rows)
        assert deleted(home) == set()


async def test_restoring_changes_nothing_of_what_a_record_says(home: Path) -> None:
    replica = Replica(home / "replica.db", readonly=True)
    before = dict(replica.conn.execute("SELECT id, body FROM records").fetchall())
    async with shown(home) as (app, pilot):
        await settled(app, pilot, "f5")
        await asked(app, pilot, "delete")
        await settled(app, pilot, "down", "enter")
        await settled(app, pilot, "f6", "ctrl+r")
        assert dict(replica.conn.execute("SELECT id, body FROM records").fetchall()) == before
    replica.close()


# -- search


@pytest.mark.parametrize("size", [USUAL, SMALL])
async def test_search_finds_as_one_types_and_marks_what_matched(
    home: Path, size: tuple[int, int]
) -> None:
    async with shown(home, "zh", size) as (app, pilot):
        rows = await settled(app, pilot, "f7")
        assert "边输入边查" in text_of(rows)
        rows = await settled(app, pilot, *"参数")
        assert "提供技术参数" in text_of(rows)
        assert "找到" in rows[1]
        x, y = place(app, "提供技术参数")
        assert style_at(app, app.shades, x, y).ground == "cursor"
        assert style_at(app, app.shades, x + width("提供技术"), y).ground == "diff"
        assert {width(row) for row in rows} == {size[0]}
        rows = await settled(app, pilot, *"xyzzy")
        assert "找到" not in rows[1]
        assert "参数xyzzy" in rows[5]


async def test_search_keeps_its_text_and_escape_goes_back(home: Path) -> None:
    async with shown(home) as (app, pilot):
        await settled(app, pilot, "f5", "down")
        await settled(app, pilot, "f7", *"T-005")
        rows = await settled(app, pilot, "escape")
        assert "2 / 9" in rows[1]
        rows = await settled(app, pilot, "f7")
        assert "提供技术参数" in text_of(rows)


async def test_enter_opens_the_hit_under_the_cursor(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[tuple[str, str]] = []

    async def open_record(_app: DuijieApp, kind: str, id: str) -> None:
        opened.append((kind, id))

    monkeypatch.setattr(DuijieApp, "open_record", open_record)
    async with shown(home) as (app, pilot):
        await settled(app, pilot, "f7", *"参数", "down", "enter")
        assert app.frame is not None
        view = cast("Search", app.frame.view)
        kind, _slash, id = (view.list.cursor or "").partition("/")
        assert opened == [(kind, id)]
        assert view.source.window.place(f"{kind}/{id}") == 1
        await settled(app, pilot, "escape", "f5", "enter")
        assert opened[1] == ("task", records(app).list.cursor)


async def test_an_answer_to_what_was_typed_before_is_dropped(home: Path) -> None:
    async with shown(home) as (app, pilot):
        await settled(app, pilot, "f7")
        assert app.frame is not None
        view = cast("Search", app.frame.view)
        for text in ("参", "参数", "渠道"):
            view.line.value = text
        rows = await settled(app, pilot)
        assert "渠道适配建议落地" in text_of(rows)
        assert "提供技术参数" not in text_of(rows)


async def test_the_same_key_does_not_open_a_list_twice(home: Path) -> None:
    async with shown(home) as (app, pilot):
        await settled(app, pilot, "f6", "f6", "f6")
        assert app.frame is not None
        assert isinstance(app.frame.view, Trash)
        await settled(app, pilot, "escape")
        assert not isinstance(app.frame.view, Trash)
