"""What the app says in passing: few toasts, over nothing that is read, gone at Esc."""

from __future__ import annotations

from pathlib import Path

import pyte
import pytest
from textual.pilot import Pilot

from tests.played import COORDINATOR, copied
from tests.tui.app.grid import grid
from tests.tui.app.showing import app_of, seen, shown, text, until
from tui.views.board import Board
from tui.views.record import RecordPage
from tui.widgets.lines import Lines

PEEK_AND_CHROME = slice(30, 36)
TALL = "\n".join(f"line {n} of what is to be known" for n in range(1, 7))


@pytest.fixture
def played_home(played: dict[str, Path], tmp_path: Path) -> Path:
    """The coordinator's home after the story, to change."""
    return copied(played[COORDINATOR], tmp_path / "home")


def told(pilot: Pilot[int]) -> list[str]:
    return [each.message for each in pilot.app._notifications]


async def test_the_newest_of_a_sort_takes_the_place_of_the_one_before(
    played_home: Path,
) -> None:
    async with shown(played_home) as pilot:
        app = app_of(pilot)
        app.say("this does not go", wrong=True)
        app.say("moved once")
        app.say("moved twice")
        await until(pilot, lambda: told(pilot) == ["this does not go", "moved twice"])
        await seen(pilot, "moved twice", "this does not go")
        assert "moved once" not in text(pilot)
        app.say("because of that", about="why")
        await until(pilot, lambda: told(pilot) == ["moved twice", "because of that"])


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_a_toast_lies_over_neither_the_peek_nor_the_keys(
    played_home: Path, size: tuple[int, int]
) -> None:
    async with shown(played_home, size=size) as pilot:
        await seen(pilot, "Open")
        read = PEEK_AND_CHROME if size[1] == 36 else slice(22, 24)
        before = grid(pilot.app)[read]
        assert "T-001" in before[0] or size[1] < 36
        app_of(pilot).say(TALL)
        await seen(pilot, "line 6 of")
        assert grid(pilot.app)[read] == before


async def test_esc_takes_an_explanation_away_and_does_nothing_else(played_home: Path) -> None:
    async with shown(played_home) as pilot:
        app = app_of(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: bool(pilot.app.screen.query(RecordPage)))
        app.say("twenty-four hours by the clock", about="why")
        await seen(pilot, "by the clock")
        await pilot.press("escape")
        await until(pilot, lambda: "by the clock" not in text(pilot))
        assert pilot.app.screen.query(RecordPage)
        await pilot.press("escape")
        await until(pilot, lambda: not pilot.app.screen.query(RecordPage))


async def test_esc_takes_what_was_done_away_on_its_way(played_home: Path) -> None:
    async with shown(played_home) as pilot:
        await pilot.press("slash", *"is:conflict", "enter")
        app_of(pilot).say("moved")
        await seen(pilot, "moved")
        await pilot.press("escape")
        await until(pilot, lambda: not pilot.app.screen.query_one(Board).filter)
        assert not told(pilot)


RARE = "壹贰叁肆伍陆柒捌玖拾佰仟萬亿兆京垓秭穰沟涧载极恒沙阿僧祇那由"


@pytest.mark.parametrize("after", ["", "A"])
@pytest.mark.parametrize("digit", ["1", "3"])
async def test_no_wide_character_of_a_toast_is_lost_at_an_edge_below_it(
    played_home: Path, after: str, digit: str
) -> None:
    """Neither where the screen is drawn whole nor where what is below a toast is drawn anew."""
    async with shown(played_home, "zh") as pilot:
        app = app_of(pilot)
        await pilot.press(digit)
        app.say(RARE + after)
        await seen(pilot, RARE)
        compositor, terminal = app.screen._compositor, pyte.Screen(*app.size)
        stream = pyte.Stream(terminal)
        stream.feed(compositor.render_full_update().render_segments(app.console))
        assert RARE in shown_by(terminal)
        below = set(app.screen.query(Lines))
        for each in below:
            each._set_dirty()
        compositor.update_widgets({*below})
        partly = compositor.render_partial_update()
        assert partly is not None
        stream.feed(partly.render_segments(app.console))
        assert RARE in shown_by(terminal)


def shown_by(terminal: pyte.Screen) -> str:
    """What a terminal shows; the cell after a wide character is empty."""
    return "\n".join("".join(row) for row in terminal.display)
