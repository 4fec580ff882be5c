"""The editor of one field: a text area over its cells, into which nothing gets that drives a terminal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.document._document import EditResult, Location
from textual.message import Message
from textual.strip import Strip
from textual.widgets import TextArea

from tui.widgets.typing import typeable
from tui.writing import editable

_ELSEWHERE = {"f6", "f7", "tab", "shift+tab"}  # keys of the app


def _own_keys() -> list[BindingType]:
    """The text area's keys but for those that are the app's."""
    return [
        each
        for each in TextArea.BINDINGS
        if isinstance(each, Binding) and not _ELSEWHERE & set(each.key.split(","))
    ]


def accepted(text: str, *, one_line: bool) -> str:
    """A text as far as it may be typed into a field."""
    if one_line:
        return typeable(text)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(typeable(line) for line in lines)


class Editor(TextArea, inherit_bindings=False):
    """Edits a line or several; leaving it by the arrow keys is told, not done."""

    BINDINGS: ClassVar[list[BindingType]] = _own_keys()
    DEFAULT_CSS = """
    Editor {
        width: 40; height: 1; padding: 0; border: none !important;
        background: $shade-cursor; color: $shade-text;
        scrollbar-size: 0 0; overflow-x: hidden;
        & .text-area--cursor, &:dark .text-area--cursor, &:light .text-area--cursor {
            background: $shade-accent; color: $shade-onacc; text-style: none;
        }
        & .text-area--selection { background: $shade-diff; color: $shade-text; }
        & .text-area--gutter, & .text-area--cursor-gutter {
            background: $shade-cursor; color: $shade-text; text-style: none;
        }
    }
    Editor:focus { border: none !important; }
    """

    @dataclass
    class Left(Message):
        """An arrow key or Enter leads out of the editor: -1 back, 1 on."""

        editor: Editor
        step: int
        entered: bool = False

    @dataclass
    class Turned(Message):
        """Left or right was pressed where one of a few words is chosen."""

        editor: Editor
        step: int

    def __init__(self) -> None:
        super().__init__("", soft_wrap=True, compact=True, show_line_numbers=False)
        self.highlight_cursor_line = False
        self.match_cursor_bracket = False
        self.one_line = True
        self.choosing = False
        self.typed = False
        self.heard = ""  # the text that the form was told of, or began with
        self.offering = False
        self._allowed: Callable[[str], bool] | None = None
        # Told at once instead of by a message, so that the next key is typed where this one led.
        self.leaving: Callable[[Editor.Left], None] | None = None

    def hold(
        self,
        text: str,
        cells: int,
        *,
        one_line: bool,
        numbered: bool = False,
        choosing: bool = False,
        allowed: Callable[[str], bool] | None = None,
    ) -> None:
        """Edit another text in so many cells; `choosing` is for one of a few words.

        `allowed` says of each text that typing would come to whether it may stand.
        """
        self.one_line, self.choosing, self._allowed = one_line, choosing, allowed
        self.show_line_numbers = numbered
        self.typed = False
        with self.prevent(TextArea.Changed):
            self.load_text(editable(text))
        self.heard = self.text
        self.wrapped_document.wrap(max(cells - self.gutter_width - 1, 1), self.indent_width)
        self.move_cursor((0, 0) if not one_line else self.document.end)
        if choosing:
            self.select_all()
        self.scroll_to(y=0, animate=False, force=True)

    def put(self, text: str) -> None:
        """Put a text in the place of all there is, so that ^Z brings it back."""
        self.replace(editable(text), (0, 0), self.document.end)
        self.move_cursor(self.document.end)
        if self.choosing:
            self.select_all()

    @property
    def lines(self) -> int:
        """How many lines it takes, folded."""
        return max(self.wrapped_document.height, 1)

    # -- what comes in

    def accepted(self, text: str) -> str:
        return accepted(text, one_line=self.one_line)

    def _replace_via_keyboard(
        self, insert: str, start: Location, end: Location
    ) -> EditResult | None:
        """Whatever is typed or pasted comes through here."""
        insert = self.accepted(insert)
        if self._allowed is not None and not self._allowed(self._after(insert, start, end)):
            return None
        self.typed = True
        return super()._replace_via_keyboard(insert, start, end)

    def _after(self, insert: str, start: Location, end: Location) -> str:
        """The text once this is put in."""
        first, last = sorted((start, end))
        before = self.get_text_range((0, 0), first)
        return f"{before}{insert}{self.get_text_range(last, self.document.end)}"

    def _delete_via_keyboard(self, start: Location, end: Location) -> EditResult | None:
        self.typed = True
        return super()._delete_via_keyboard(start, end)

    async def _on_paste(self, event: events.Paste) -> None:
        event.stop()

    async def _on_key(self, event: events.Key) -> None:
        if event.key in ("ctrl+home", "ctrl+end"):
            event.stop()
            event.prevent_default()
            self.move_cursor((0, 0) if event.key == "ctrl+home" else self.document.end)
            return
        step = self._leads_out(event.key)
        if step is not None:
            event.stop()
            event.prevent_default()
            left = self.Left(self, step, event.key == "enter")
            if self.leaving is not None:
                self.leaving(left)
            else:
                self.post_message(left)
        elif self.choosing and event.key in ("left", "right") and not self.typed:
            event.stop()
            event.prevent_default()
            self.post_message(self.Turned(self, -1 if event.key == "left" else 1))

    def _leads_out(self, key: str) -> int | None:
        if self.offering and key in ("up", "down", "enter"):
            return -1 if key == "up" else 1
        if key == "enter" and self.one_line:
            return 1
        if key == "up" and (self.wrapped_document.location_to_offset(self.cursor_location).y == 0):
            return -1
        last = self.wrapped_document.height - 1
        if key == "down" and (
            self.wrapped_document.location_to_offset(self.cursor_location).y >= last
        ):
            return 1
        return None

    # -- drawing

    def render_line(self, y: int) -> Strip:
        """The line; the number of an item is followed by a full stop."""
        strip = super().render_line(y)
        segments = list(strip)
        if not self.show_line_numbers or not segments or not segments[0].text.strip().isdigit():
            return strip
        number = segments[0]
        dotted = Segment(f"{number.text.rstrip()}. ", number.style)
        return Strip([dotted, *segments[1:]], strip.cell_length)
