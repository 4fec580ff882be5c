"""A dialog to write one value by hand: a line, or several."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static, TextArea

from schema.errors import DuijieError
from schema.safe_text import safe_text
from schema.wording import _
from tui.ending import Ending
from tui.palette import Shades
from tui.screens.dialog import Dialog
from tui.writing import editable, restored


class Write(Dialog[str]):
    """Gives the text that was written, or None; `check` raises what is wrong with one.

    `typed` is told the text at every key and once more where the app ends, so that it can be kept.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f4,ctrl+r", "done", show=False, priority=True),
    ]
    DEFAULT_CSS = """
    Write TextArea {
        height: 10; margin-top: 1; padding: 0 1; border: none;
        background: $shade-raise; color: $shade-text;
    }
    Write TextArea:focus { border: none; }
    Write .wrong { color: $shade-yellow; height: auto; padding-top: 1; display: none; }
    Write .wrong.said { display: block; }
    """

    def __init__(
        self,
        shades: Shades,
        heading: str,
        text: str,
        check: Callable[[str], object],
        *,
        lines: bool = False,
        words: str = "",
        typed: Callable[[str], None] | None = None,
    ) -> None:
        super().__init__(shades)
        self._typed = typed
        self._heading = heading
        self._before = text
        self._check = check
        self._lines = lines
        self._words = words
        self._editor: TextArea | Input = (
            TextArea(editable(text), soft_wrap=True, show_line_numbers=False, compact=True)
            if lines
            else Input(editable(text), compact=True, select_on_focus=False)
        )
        self._wrong = Static("", markup=False, classes="wrong")

    def compose(self) -> ComposeResult:
        with Vertical(classes="panel"):
            yield Static(safe_text(self._heading), markup=False, classes="heading")
            if self._words:
                yield Static(safe_text(self._words, lines=True), markup=False, classes="words")
            yield self._editor
            if self._lines:
                keys = _("F4 takes it   Esc gives up")
            else:
                keys = _("Enter takes it   Esc gives up")
            yield self._wrong
            yield Static(keys, markup=False, classes="words")

    def on_mount(self) -> None:
        self._editor.focus()

    def on_unmount(self) -> None:
        if isinstance(self.app, Ending) and self.app.ending:
            self._changed()

    @property
    def text(self) -> str:
        """What is written, as it is to be saved."""
        editor = self._editor
        held = editor.text if isinstance(editor, TextArea) else editor.value
        return restored(held, self._before)

    @on(Input.Changed)
    @on(TextArea.Changed)
    def _changed(self) -> None:
        text = self.text
        if self._typed is not None and text != self._before:
            self._typed(text)

    @on(Input.Submitted)
    def action_done(self) -> None:
        text = self.text
        try:
            self._check(text)
        except DuijieError as error:
            self._wrong.update(safe_text(str(error), lines=True))
            self._wrong.add_class("said")
            return
        self.dismiss(text)
