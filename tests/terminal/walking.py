"""A walk through every screen of the app, with keys."""

from __future__ import annotations

from collections.abc import Iterator

from schema.records import KINDS
from tests.terminal.terminal import Terminal
from tui.views.tabs import TABS

FIELDS = 30  # no page has as many
TALL = (120, 100)


TWICE = ("task", "blocker")


def walk(terminal: Terminal, *, brief: bool = False) -> Iterator[str]:
    """Open everything there is and give each screen's text; the terminal is tall, so that pages show whole.

    `brief` leaves out every kind but the first: what the app sends by itself is all there.

    Every tab with its help and its form for a new record, every kind with the pages of its records,
    each field in its editor and its history, and what lies over them: command palette, search,
    trash, projects.
    """
    terminal.wait(lambda: bool(terminal.text.strip()))
    for digit in TABS:
        yield from _steps(terminal, digit, "down", "?", "escape", "ctrl+o", ["escape", digit])
        yield from _steps(terminal, "ctrl+n", ["escape"] * 3)
    for place, kind in enumerate(KINDS):
        yield from _steps(terminal, "f5", ["]"] * place)
        yield from _page(terminal, each_field=kind == "task")
        yield from _steps(terminal, ["f5", *["]"] * place, "down"])
        yield from _page(terminal, each_field=False)
    for opened in ("ctrl+p", "f7"):
        yield from _steps(terminal, opened, ["q", "4", "z"], "down", ["escape", "escape"])
    yield from _steps(terminal, "f6", "down", "escape", "f8", "down", "escape")


def _page(terminal: Terminal, *, each_field: bool) -> Iterator[str]:
    """The record under the cursor with its fields and its history, and back."""
    before = terminal.rows[1]
    yield from _steps(terminal, "enter")
    assert terminal.rows[1] != before, "no page was opened"
    tabs = ["tab"] * FIELDS
    yield from _steps(terminal, *(tabs if each_field else [tabs]))
    yield from _steps(terminal, "f3", "enter", ["escape"] * 3, ["escape", "2"])


def _steps(terminal: Terminal, *steps: str | list[str]) -> Iterator[str]:
    """Press keys, one or several at once a step, and give the screen after each."""
    for step in steps:
        terminal.press(*([step] if isinstance(step, str) else step))
        terminal.settle()
        assert terminal.running, f"it ended at {step}"
        yield terminal.text
