"""The lines of a form as they scroll; keys and clicks on them lead to its fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events
from textual.scroll_view import ScrollView
from textual.strip import Strip

if TYPE_CHECKING:
    from tui.views.form_pane import FormPane


class FormLines(ScrollView, can_focus=True):
    """Draws the fields; it has the focus itself while the page is only read."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    FormLines { scrollbar-size: 0 0; overflow-x: hidden; overflow-y: scroll; height: 1fr; }
    """

    def __init__(self, pane: FormPane) -> None:
        super().__init__()
        self._pane = pane

    def render_line(self, y: int) -> Strip:
        return self._pane.draw(y + self.scroll_offset.y, self.size.width)

    def watch_scroll_y(self, old: float, new: float) -> None:
        super().watch_scroll_y(old, new)
        self._pane.put_editor()

    def on_resize(self, _event: events.Resize) -> None:
        self._pane.lay()

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is not None:
            self._pane.click(offset.y + self.scroll_offset.y)

    def on_key(self, event: events.Key) -> None:
        steps = {"down": 1, "enter": 1, "up": -1}
        if event.key in steps:
            event.stop()
            self._pane.step(steps[event.key])
        elif event.key in ("pagedown", "pageup"):
            event.stop()
            by = self.size.height - 2
            self.scroll_relative(y=by if event.key == "pagedown" else -by, animate=False)
