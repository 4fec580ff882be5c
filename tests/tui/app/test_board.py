"""The task board under keys and the mouse."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from schema import wording
from schema.records.stages import STAGES
from syncd.home import Home
from tests.conftest import Duijie
from tests.tui.app.grid import grid, place, style_at
from tests.tui.app.resting import until
from tui.app import DuijieApp
from tui.views.board import Board
from tui.widgets.lines import Lines

WIDE, SMALL = (120, 36), (80, 24)


@pytest.fixture
def tasks(alone: Duijie) -> dict[str, str]:
    """Four tasks of two departments, by title."""
    made = {}
    for title, state, department in (
        ("甲一", "todo", "研发部"),
        ("甲二", "todo", "研发部"),
        ("乙一", "doing", "研发部"),
        ("丙一", "done", "市场部"),
    ):
        fields = (f"title={title}", f"state={state}", f"department={department}")
        made[title] = alone.ok("add", "task", *fields).id
    return made


@asynccontextmanager
async def shown(home: Path, size: tuple[int, int] = WIDE) -> AsyncIterator[Pilot[int]]:
    app = DuijieApp(Home(home), synced=False, theme="dark")
    async with app.run_test(size=size, notifications=True) as pilot:
        await pilot.pause()
        yield pilot


def board(pilot: Pilot[int]) -> Board:
    return pilot.app.screen.query_one(Board)


def states(pilot: Pilot[int]) -> dict[str, str]:
    """The state of each task by its title, as the replica holds it."""
    assert isinstance(pilot.app, DuijieApp)
    return dict(
        pilot.app.workspace.conn.execute("SELECT title, state FROM records WHERE kind = 'task'")
    )


async def on(pilot: Pilot[int], id: str) -> None:
    """Put the cursor on a task."""
    board(pilot).list.go_to(id)
    await pilot.pause()


async def test_a_task_moves_on_and_the_cursor_goes_with_it(
    alone: Duijie, tasks: dict[str, str]
) -> None:
    async with shown(alone.home) as pilot:
        await on(pilot, tasks["甲一"])
        await pilot.press("greater_than_sign")
        await pilot.pause()
        assert states(pilot)["甲一"] == "doing"
        assert board(pilot).list.cursor == tasks["甲一"]
        x, y = place(pilot.app, "甲一")
        assert style_at(pilot.app, board(pilot).shades, x, y).bold
        await pilot.press("ctrl+z")
        await pilot.pause()
        assert states(pilot)["甲一"] == "todo"


async def test_full_width_punctuation_moves_too(alone: Duijie, tasks: dict[str, str]) -> None:
    async with shown(alone.home) as pilot:
        await on(pilot, tasks["甲一"])
        await pilot.press("》")
        await pilot.pause()
        assert states(pilot)["甲一"] == "doing"


async def test_an_illegal_move_is_said_and_nothing_is_saved(
    alone: Duijie, tasks: dict[str, str]
) -> None:
    async with shown(alone.home) as pilot:
        await on(pilot, tasks["丙一"])
        await pilot.press("less_than_sign")
        await pilot.pause()
        assert states(pilot)["丙一"] == "done"
        assert "in progress" in "\n".join(grid(pilot.app))


async def test_several_tasks_move_as_one_act(alone: Duijie, tasks: dict[str, str]) -> None:
    async with shown(alone.home) as pilot:
        await on(pilot, tasks["甲一"])
        await pilot.press("space", "space")
        assert board(pilot).list.chosen == {tasks["甲一"], tasks["甲二"]}
        assert "2 selected" in grid(pilot.app)[1]
        assert "+甲一" in "\n".join(grid(pilot.app))
        await pilot.press("greater_than_sign")
        await pilot.pause()
        assert (states(pilot)["甲一"], states(pilot)["甲二"]) == ("doing", "doing")
        await pilot.press("ctrl+z")
        await pilot.pause()
        assert (states(pilot)["甲一"], states(pilot)["甲二"]) == ("todo", "todo")


async def test_a_move_is_from_the_state_that_was_seen(alone: Duijie, tasks: dict[str, str]) -> None:
    async with shown(alone.home) as pilot:
        await on(pilot, tasks["甲一"])
        app = pilot.app
        assert isinstance(app, DuijieApp)
        app.hearing.rest_until = float("inf")
        alone.ok("set", tasks["甲一"], "state=review")
        await pilot.press("greater_than_sign")
        await pilot.pause()
        assert states(pilot)["甲一"] == "review"
        assert "meanwhile" in "\n".join(grid(app))


async def test_several_moves_are_told_as_what_they_were(
    alone: Duijie, tasks: dict[str, str]
) -> None:
    async with shown(alone.home) as pilot:
        board(pilot).list.choose([tasks["甲一"], tasks["乙一"], tasks["丙一"]])
        await pilot.press("greater_than_sign")
        await pilot.pause()
        assert states(pilot)["丙一"] == "done"
        assert "Moved: 2" in "\n".join(grid(pilot.app))


async def test_a_card_is_dragged_into_another_column(alone: Duijie, tasks: dict[str, str]) -> None:
    async with shown(alone.home) as pilot:
        x, y = place(pilot.app, "甲一")
        columns = board(pilot).source.columns
        await pilot.mouse_down(offset=(x, y))
        await pilot.mouse_up(offset=(columns.x(STAGES.index("review")) + 3, y))
        await pilot.pause()
        assert states(pilot)["甲一"] == "review"


async def test_what_another_program_saves_is_shown_under_a_cursor_that_stays(
    alone: Duijie, tasks: dict[str, str]
) -> None:
    async with shown(alone.home) as pilot:
        await on(pilot, tasks["乙一"])
        alone.ok("add", "task", "title=更早的一项", "department=研发部", "due=2026-01-01")
        app = pilot.app
        assert isinstance(app, DuijieApp)
        app.hearing.look()
        await pilot.pause()
        assert "更早的一项" in "\n".join(grid(app))
        assert board(pilot).list.cursor == tasks["乙一"]


async def test_the_cursor_goes_to_what_took_the_place_of_a_deleted_task(
    alone: Duijie, tasks: dict[str, str]
) -> None:
    async with shown(alone.home) as pilot:
        await on(pilot, tasks["甲一"])
        alone.ok("rm", tasks["甲一"])
        board(pilot).reread()
        await pilot.pause()
        assert board(pilot).list.cursor == tasks["甲二"]


async def test_lanes_are_departments_or_projects(alone: Duijie, tasks: dict[str, str]) -> None:
    project = alone.ok("add", "project", "title=新产品X上市").id
    alone.ok("set", tasks["甲一"], f"project={project}")
    async with shown(alone.home) as pilot:
        assert any(row.startswith("   研发部") for row in grid(pilot.app))
        await pilot.press("ctrl+g")
        await pilot.pause()
        rows = grid(pilot.app)
        assert any(row.startswith("   新产品X") for row in rows)
        assert not any(row.startswith("   研发部") for row in rows)


async def test_a_small_screen_shows_two_states_and_shifts(
    alone: Duijie, tasks: dict[str, str]
) -> None:
    async with shown(alone.home, SMALL) as pilot:
        await on(pilot, tasks["甲一"])
        assert "丙一" not in "\n".join(grid(pilot.app)[4:])
        await pilot.press("right_square_bracket", "right_square_bracket")
        await pilot.pause()
        assert "丙一" in "\n".join(grid(pilot.app)[4:])
        assert board(pilot).list.cursor == tasks["丙一"]
        await pilot.press("left")
        await pilot.pause()
        assert board(pilot).list.cursor == tasks["乙一"]


async def test_a_blocker_is_raised_from_a_task(alone: Duijie, tasks: dict[str, str]) -> None:
    async with shown(alone.home) as pilot:
        await on(pilot, tasks["甲一"])
        await pilot.press("！")
        await pilot.pause()
        rows = grid(pilot.app)
        assert any("Comes from" in row and "甲一" in row for row in rows)


async def test_an_empty_board_offers_what_to_begin_with(alone: Duijie) -> None:
    wording.use("zh")
    async with shown(alone.home) as pilot:
        text = "\n".join(grid(pilot.app))
        assert "这里还没有任务" in text
        assert "新建第一项任务" in text
        focused = pilot.app.focused
        assert isinstance(focused, Lines)
        assert focused.cursor == "app.new"


async def test_the_same_cells_are_read_however_many_tasks_there_are(
    alone: Duijie, tmp_path: Path
) -> None:
    plan = tmp_path / "plan.jsonl"
    bodies = ({"department": "研发部", "title": f"第{n}项"} for n in range(2_000))
    plan.write_text("\n".join(json.dumps({"kind": "task", "body": body}) for body in bodies))
    alone.ok("load", str(plan))
    async with shown(alone.home) as pilot:
        pages = board(pilot).source._pages
        for key in ("end", "pageup", "home", "down"):
            await pilot.press(key)
        await pilot.pause()
        assert len(pages) <= 8
        assert "第0项" in "\n".join(grid(pilot.app))


async def test_delete_asks_then_takes_several_as_one_act(
    alone: Duijie, tasks: dict[str, str]
) -> None:
    async with shown(alone.home) as pilot:
        await on(pilot, tasks["甲一"])
        await pilot.press("space", "space", "delete")
        await pilot.pause()
        assert "Delete 2 records?" in "\n".join(grid(pilot.app))
        await pilot.press("down", "enter")
        await gone(pilot, "甲一", "甲二")
        assert not board(pilot).list.chosen
        await pilot.press("ctrl+z")
        await until(pilot, lambda: undeleted(pilot) >= {"甲一", "甲二"})


def undeleted(pilot: Pilot[int]) -> set[str]:
    assert isinstance(pilot.app, DuijieApp)
    return {
        title
        for (title,) in pilot.app.workspace.conn.execute(
            "SELECT title FROM records WHERE kind = 'task' AND NOT deleted"
        )
    }


async def gone(pilot: Pilot[int], *titles: str) -> None:
    """Wait until none of these tasks is there any more."""
    await until(pilot, lambda: not undeleted(pilot) & set(titles))


async def test_where_there_is_no_hub_nothing_looks_stuck(alone: Duijie) -> None:
    wording.use("zh")
    owner = "市场部的王小明"
    fields = ("title=写文案", "department=研发部", f"owner={owner}", "due=2027-06-01")
    alone.ok("add", "task", *fields)
    async with shown(alone.home) as pilot:
        text = "\n".join(grid(pilot.app))
        assert owner[:6] in text
        for word in ("待编号", "待发", "未送达", "新 市"):
            assert word not in text


@pytest.mark.parametrize(
    ("lang", "shifts", "heads"),
    [
        ("en", 0, ["not started 2", "in progress 1", "[ ] columns"]),
        ("zh", 0, ["未开始 2", "进行中 1", "] 待验收 0  已完成 1"]),
        ("zh", 1, ["进行中 1", "待验收 0", "[ 未开始 2  ] 已完成 1"]),
        ("zh", 2, ["待验收 0", "已完成 1", "[ 未开始 2  进行中 1"]),
    ],
)
async def test_a_small_screen_heads_its_two_columns_and_names_the_others_by_their_keys(
    alone: Duijie, tasks: dict[str, str], lang: str, shifts: int, heads: list[str]
) -> None:
    wording.use(lang)
    async with shown(alone.home, SMALL) as pilot:
        await on(pilot, tasks["乙一"])
        for _shift in range(shifts):
            await pilot.press("right_square_bracket")
        board(pilot).source.shift(shifts - board(pilot).source.columns.first)
        board(pilot).heads.refresh()
        await pilot.pause()
        first, second, others = heads
        row = grid(pilot.app)[3]
        assert place(pilot.app, first, 3)[0] == 2
        assert place(pilot.app, second, 3)[0] == 43
        assert row.rstrip().endswith(others)


async def test_the_digit_of_the_tab_that_is_shown_or_of_none_says_so(alone: Duijie) -> None:
    async with shown(alone.home) as pilot:
        await pilot.press("2")
        await pilot.pause()
        assert "This is Board." in "\n".join(grid(pilot.app))
        await pilot.press("8")
        await pilot.pause()
        assert "There is no screen 8; there are:" in " ".join("\n".join(grid(pilot.app)).split())
