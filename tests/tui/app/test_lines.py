"""The list of the whole app, by itself: how it looks while it has the focus and while it has not."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import App, ComposeResult
from textual.screen import ModalScreen
from textual.widgets import Button

from tests.tui.app.grid import grid
from tests.tui.app.resting import until
from tui.ink import Ink
from tui.palette import Shades, theme_name, themes
from tui.widgets.lines import Key, Lines, Look
from tui.widgets.rows import Held, RowSource

ROWS = ["one", "two"]


class Words(RowSource[str]):
    """Words, the one under the cursor marked while the list has the focus."""

    def key(self, row: str) -> Key:
        return row

    def draw_row(self, row: str, part: int, ink: Ink, look: Look, place: int) -> None:
        ink.put(0, "> " if look.focused and row == look.cursor else "  ")
        ink.put(2, row)


class OneList(App[int]):
    """A list, and something else to focus."""

    AUTO_FOCUS = None

    def __init__(self, rows: Sequence[str] = ROWS) -> None:
        super().__init__()
        for each in themes():
            self.register_theme(each)
        self.theme = theme_name("dark")
        self.list = Lines(Words(Held(rows, rows)), Shades("dark"))
        self.other = Button("other")

    def compose(self) -> ComposeResult:
        yield self.list
        yield self.other

    def marked(self) -> bool:
        return grid(self)[0].startswith("> one")


async def test_the_cursor_is_shown_with_the_focus_and_goes_with_it() -> None:
    app = OneList()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        assert not app.marked()
        app.list.focus()
        await pilot.pause()
        assert app.marked()
        app.other.focus()
        await pilot.pause()
        assert not app.marked()


async def test_behind_a_dialog_the_list_looks_as_it_did() -> None:
    app = OneList()
    async with app.run_test(size=(40, 10)) as pilot:
        app.list.focus()
        await app.push_screen(ModalScreen())
        await pilot.pause()
        assert app.marked()
        app.pop_screen()
        await pilot.pause()
        assert app.marked()


async def test_the_cursor_is_in_sight_however_the_list_came_to_its_size() -> None:
    """Put somewhere while nothing is laid out, and where the terminal becomes lower."""
    app = OneList([f"row {n}" for n in range(50)])
    app.list.display = False
    async with app.run_test(size=(40, 24)) as pilot:
        app.list.go_to("row 30")
        app.list.display = True
        await until(pilot, lambda: "row 30" in "\n".join(grid(app)))
        app.list.go_to("row 32")
        await pilot.resize_terminal(40, 10)
        await until(pilot, lambda: "row 32" in "\n".join(grid(app)))
