"""The row under the context: blank, the filter that is set, or the filter being typed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from schema.errors import DuijieError
from schema.wording import _
from tui.palette import Shades
from tui.widgets.view import View


class FilterLine(Horizontal):
    """Types a filter; every key narrows the list, Enter keeps it, Esc clears it."""

    DEFAULT_CSS = """
    FilterLine { height: 1; padding: 0 3; background: $shade-bg; }
    FilterLine > Input { width: 1fr; background: $shade-bg; color: $shade-text; display: none; }
    FilterLine > Static { width: auto; color: $shade-muted; }
    FilterLine.typing > Input { display: block; }
    FilterLine > .wrong { color: $shade-yellow; padding-left: 3; }
    """

    @dataclass
    class Given(Message):
        """A filter as typed so far; `done` when Enter was pressed."""

        text: str
        done: bool

    def __init__(self, shades: Callable[[], Shades]) -> None:
        super().__init__()
        self._shades = shades
        self._label = Static("", markup=False)
        self._input = Input(compact=True, select_on_focus=False)
        self._wrong = Static("", markup=False, classes="wrong")
        self._set = ""

    def compose(self) -> ComposeResult:
        yield self._label
        yield self._input
        yield self._wrong

    @property
    def typing(self) -> bool:
        """Whether somebody types a filter."""
        return self.has_class("typing")

    def begin(self, view: View) -> None:
        """Let a filter be typed."""
        self.add_class("typing")
        self._label.update(_("Filter") + "  ")
        with self.prevent(Input.Changed):
            self._input.value = view.filter
        self._input.cursor_position = len(view.filter)
        self._input.focus()

    def show(self, text: str) -> None:
        """Show the filter that is set, or nothing."""
        self.remove_class("typing")
        self._set = text
        self._wrong.update("")
        self._label.update(f"{_('Filter')}  {text}" if text else "")

    def wrong(self, error: DuijieError) -> None:
        """Say why the filter cannot be read."""
        self._wrong.update(" ".join(filter(None, [error.sentence, error.way_out])))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._wrong.update("")
        self.post_message(self.Given(event.value, False))

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Given(event.value, True))
