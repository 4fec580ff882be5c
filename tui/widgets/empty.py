"""An empty state: the fact, what belongs here, and rows that one can pick."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.containers import Container, Vertical
from textual.widgets import Static

from schema.safe_text import safe_text
from tui.palette import Shades
from tui.widgets.choices import Choice, Choices
from tui.widgets.lines import Lines
from tui.widgets.rows import Held


class Empty(Container):
    """Stands where a list has nothing; a picked row is an action by its id."""

    DEFAULT_CSS = """
    Empty { align: center middle; height: 1fr; width: 1fr; display: none; }
    Empty > Vertical { width: 60; max-width: 96%; height: auto; }
    Empty Static { height: auto; width: 1fr; padding-left: 2; }
    Empty .fact { text-style: bold; color: $shade-text; margin-bottom: 1; }
    Empty .words { color: $shade-muted; }
    Empty Lines { margin: 1 0; }
    """

    def __init__(self, shades: Shades) -> None:
        super().__init__()
        self._fact = Static("", markup=False, classes="fact")
        self._words = Static("", markup=False, classes="words")
        self._after = Static("", markup=False, classes="words")
        self._source = Choices(Held([], []))
        self.list = Lines(self._source, shades)

    def say(self, fact: str, words: str, choices: Sequence[Choice] = (), after: str = "") -> None:
        """What stands here; the keys of the choices are action ids.

        Most lists never are empty: the rows are mounted when something is said.
        """
        if not self.list.is_attached:
            self.mount(Vertical(self._fact, self._words, self.list, self._after))
        for place, text in ((self._fact, fact), (self._words, words), (self._after, after)):
            place.update(safe_text(text, lines=True))
        self._source.window = Held(choices, [choice.key for choice in choices])
        self.list.display = bool(choices)
        self.list.styles.height = max(len(choices), 1)
        self.list.reread()

    @on(Lines.Opened)
    async def _picked(self, message: Lines.Opened) -> None:
        from tui.app import DuijieApp

        message.stop()
        if isinstance(self.app, DuijieApp):
            await self.app.run_by_id(message.key)
