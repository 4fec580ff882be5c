"""The list of the whole app: lines drawn over a window of what the replica holds.

Ten rows and a hundred thousand cost the same: only what is on screen is read and drawn, and
after a change only the lines that came out otherwise are sent to the terminal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol

from msgspec import Struct, structs
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.filter import ANSIToTruecolor
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.actions import bindings
from tui.ink import Ink, blanks
from tui.palette import Shades

Key = str
Step = Literal["up", "down", "left", "right", "page_up", "page_down", "first", "last"]


class Look(Struct, frozen=True):
    """How a list is looked at: what has the cursor, whether it has the focus, what is selected."""

    cursor: Key | None
    focused: bool
    chosen: frozenset[Key]


class Live(Struct, frozen=True):
    """A running clock in a line: the cell before which it ends, and what it says now, in ASCII."""

    end: int
    text: str


class _Around(Struct, frozen=True):
    """A drawn line cut around its clock: what stands before its blanks, where they begin, and how all is drawn."""

    line: Strip
    before: tuple[Segment, ...]
    begin: int
    blank: Style | None
    clock: Style | None
    after: tuple[Segment, ...]

    @classmethod
    def of(cls, line: Strip, end: int) -> _Around:
        """Cut a line whose clock ends before a cell."""
        upto, after = line.divide([end, line.cell_length])
        *before, clock = upto
        begin = end - clock.cell_length
        blank = clock.style
        if before and before[-1].text.isspace():
            gap = before.pop()
            begin, blank = begin - gap.cell_length, gap.style
        return cls(line, tuple(before), begin, blank, clock.style, tuple(after))

    def saying(self, clock: Live) -> Strip:
        """The line with what the clock says now, as if it had been drawn so."""
        begin = clock.end - len(clock.text)
        segments = [*self.before, Segment(clock.text, self.clock), *self.after]
        if begin > self.begin and self.blank is not None:
            segments.insert(len(self.before), blanks(begin - self.begin, self.blank))
        return Strip(segments, self.line.cell_length)


class Source(Protocol):
    """What a list shows: items, each known by a key, on the lines of a canvas.

    Everything but `read` and `fit` must cost the same however many items there are.
    """

    height: int

    def fit(self, cells: int, lines: int) -> None:
        """The canvas is so many cells wide and shows so many lines."""

    def read(self) -> None:
        """Something was saved: count again, and forget the windows read so far."""

    def draw(self, y: int, ink: Ink, look: Look) -> None:
        """Draw one line of the canvas."""

    def at(self, x: int, y: int) -> Key | None:
        """The item at a cell of the canvas."""

    def where(self, key: Key) -> Region | None:
        """The cells of an item, or None where it is no more."""

    def step(self, key: Key | None, step: Step, lines: int) -> Key | None:
        """The item that the cursor goes to; `lines` is how many are on screen."""


class Lines(ScrollView, can_focus=True):
    """Draws a source, and keeps its cursor and selection."""

    ALLOW_SELECT = False
    # Delete is bound by the views in which something can be deleted.
    BINDINGS: ClassVar[list[BindingType]] = [
        each
        for each in bindings("list.*")
        if not (isinstance(each, Binding) and each.id == "list.delete")
    ]
    DEFAULT_CSS = """
    Lines { scrollbar-size: 0 0; overflow-x: hidden; overflow-y: scroll; height: 1fr; }
    """

    @dataclass(eq=False, repr=False)
    class Moved(Message):
        """The cursor is on another item, or the item under it was changed."""

        lines: Lines
        key: Key | None

        @property
        def control(self) -> Lines:
            return self.lines

    @dataclass(eq=False, repr=False)
    class Opened(Message):
        """An item was opened."""

        lines: Lines
        key: Key

        @property
        def control(self) -> Lines:
            return self.lines

    @dataclass(eq=False, repr=False)
    class Chosen(Message):
        """Other items are selected."""

        lines: Lines

        @property
        def control(self) -> Lines:
            return self.lines

    @dataclass(eq=False, repr=False)
    class Dropped(Message):
        """An item was dragged to a cell of the canvas."""

        lines: Lines
        key: Key
        x: int
        y: int

        @property
        def control(self) -> Lines:
            return self.lines

    def __init__(
        self,
        source: Source,
        shades: Shades,
        *,
        ground: str = "bg",
        many: bool = False,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self.source = source
        self.shades = shades
        self.ground = ground
        self.many = many
        self.cursor: Key | None = None
        self.chosen: frozenset[Key] = frozenset()
        self._drawn: dict[int, Strip] = {}
        self._around: dict[int, _Around] = {}
        self._cells = 0
        self._top = 0
        self._stood = Region(0, 0, 1, 1)
        self._dragged: tuple[Key, Region | None] | None = None

    # -- drawing

    @property
    def look(self) -> Look:
        return Look(self.cursor, self.has_focus, self.chosen)

    def render_line(self, y: int) -> Strip:
        line = y + self.scroll_offset.y
        if self._cells != self.size.width:
            self._cells, self._drawn = self.size.width, {}
        if line not in self._drawn:
            self._drawn[line] = self._draw(line, self.look)
        return self._drawn[line]

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines as they were drawn: no border, padding or tint lies around or over them.

        Shades are true colours, so there is none to translate.
        """
        background = self.background_colors[1]
        filters = [
            each for each in self.get_line_filters() if not isinstance(each, ANSIToTruecolor)
        ]
        strips = []
        for y in crop.line_range:
            strip = self.render_line(y)
            for each in filters:
                strip = strip.apply_filter(each, background)
            strips.append(strip)
        if crop.column_span != (0, self.size.width):
            strips = [strip.crop(*crop.column_span) for strip in strips]
        return strips

    def _draw(self, line: int, look: Look) -> Strip:
        ink = Ink(self.shades, self.size.width, self.ground)
        if line < self.source.height:
            self.source.draw(line, ink, look)
        return ink.strip()

    def redraw(self) -> None:
        """Draw what is on screen anew; only lines that came out otherwise are sent."""
        top = self.scroll_offset.y
        if top != self._top:
            self._top = top
            self._drawn = {}
            self.refresh()
            return
        look = self.look
        drawn = {line: self._draw(line, look) for line in range(top, top + self.size.height)}
        changed = [line for line, strip in drawn.items() if self._drawn.get(line) != strip]
        self._drawn = drawn
        if changed:
            self.refresh(*(Region(0, line - top, self.size.width, 1) for line in changed))

    def tick(self, live: Callable[[int], Live | None]) -> None:
        """Clocks went on, of each line the one that `live` gives: draw them anew and nothing else."""
        top, changed = self.scroll_offset.y, []
        known, self._around = self._around, {}
        for line in range(top, top + self.size.height):
            clock, drawn = live(line), self._drawn.get(line)
            if clock is None or drawn is None:
                continue
            around = known.get(line)
            if around is None or around.line is not drawn:
                around = _Around.of(drawn, clock.end)
            if clock.end - len(clock.text) < around.begin:
                self.redraw()
                return
            strip = around.saying(clock)
            self._around[line] = structs.replace(around, line=strip)
            self._drawn[line] = strip
            if strip != drawn:
                changed.append(Region(around.begin, line - top, clock.end - around.begin, 1))
        if changed:
            self.refresh(*changed)

    def on_resize(self, event: events.Resize) -> None:
        self.fit(event.size)
        if self.cursor is not None:
            self._show(self._stood)
        self.redraw()

    def fit(self, size: Size) -> None:
        """Fit the canvas to a size, and the cursor to an item.

        Done before the first layout where the size is foreseen, the first drawing is whole.
        """
        self.source.fit(size.width, size.height)
        self._settle()

    def reread(self) -> None:
        """The replica has changed: read again, keep the cursor on its item, redraw by difference."""
        above = self._stood.y - self.scroll_offset.y
        self.source.read()
        self._settle()
        if self._stood.y - self.scroll_offset.y != above and self.cursor is not None:
            self._scroll(self._stood.y - above)
        self.redraw()

    def _settle(self) -> None:
        """Fit the canvas to what there is, and find the cursor an item."""
        self.virtual_size = Size(self.size.width, self.source.height)
        stands = self.source.where(self.cursor) if self.cursor is not None else None
        if stands is None:
            self.cursor = self.source.at(self._stood.x, self._stood.y) or self.source.step(
                None, "first", self.size.height
            )
            stands = self.source.where(self.cursor) if self.cursor is not None else None
        if self.chosen:
            self.chosen = frozenset(key for key in self.chosen if self.source.where(key))
        self._stood = stands or Region(0, 0, 1, 1)
        self.post_message(self.Moved(self, self.cursor))

    # -- the cursor

    def go_to(self, key: Key | None) -> None:
        """Put the cursor on an item and make it seen."""
        if key is None:
            return
        stands = self.source.where(key)
        if stands is None:
            return
        old, self.cursor, self._stood = self.cursor, key, stands
        self._show(stands)
        self.redraw()
        if old != key:
            self.post_message(self.Moved(self, key))

    def _show(self, stands: Region) -> None:
        """Scroll as little as it takes to see an item whole, once it is known how much is seen at all."""
        top, lines = self.scroll_offset.y, self.size.height
        if not lines:
            return
        if stands.y < top:
            self._scroll(0 if stands.y < 2 else stands.y)
        elif stands.bottom > top + lines:
            self._scroll(stands.bottom - lines)

    def _scroll(self, y: int) -> None:
        self.scroll_to(y=y, animate=False, force=True)

    def _step(self, step: Step) -> None:
        self.go_to(self.source.step(self.cursor, step, self.size.height))

    def action_up(self) -> None:
        self._step("up")

    def action_down(self) -> None:
        self._step("down")

    def action_left(self) -> None:
        self._step("left")

    def action_right(self) -> None:
        self._step("right")

    def action_page_up(self) -> None:
        self._step("page_up")

    def action_page_down(self) -> None:
        self._step("page_down")

    def action_first(self) -> None:
        self._step("first")

    def action_last(self) -> None:
        self._step("last")

    def action_open(self) -> None:
        if self.cursor is not None:
            self.post_message(self.Opened(self, self.cursor))

    # -- the selection

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self.many if action == "choose" else True

    def action_choose(self) -> None:
        if self.cursor is None or not self.many:
            return
        self.choose(self.chosen ^ {self.cursor})
        self._step("down")

    def choose(self, keys: Iterable[Key]) -> None:
        """Select just these."""
        self.chosen = frozenset(keys)
        self.redraw()
        self.post_message(self.Chosen(self))

    @property
    def meant(self) -> list[Key]:
        """The items that an action is about: those selected, else the one under the cursor."""
        if self.chosen:
            return sorted(self.chosen)
        return [self.cursor] if self.cursor is not None else []

    # -- the mouse

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            return
        key = self.source.at(offset.x, offset.y + self.scroll_offset.y)
        if key is None:
            return
        event.stop()
        if event.ctrl and self.many:
            self.choose(self.chosen ^ {key})
        elif event.chain > 1:
            self.post_message(self.Opened(self, key))
        else:
            self.go_to(key)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        offset = event.get_content_offset(self)
        key = self.source.at(offset.x, offset.y + self.scroll_offset.y) if offset else None
        self._dragged = (key, self.source.where(key)) if key else None

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """A drop counts when it is beside the item, not on it."""
        dragged, self._dragged = self._dragged, None
        offset = event.get_content_offset(self)
        if dragged is None or offset is None:
            return
        key, stood = dragged
        if stood is not None and not stood.x <= offset.x < stood.right:
            self.post_message(self.Dropped(self, key, offset.x, offset.y + self.scroll_offset.y))

    def watch_has_focus(self, has_focus: bool) -> None:
        """Draw the cursor as it is looked at; `on_focus` would come before the focus is there."""
        super().watch_has_focus(has_focus)
        self.redraw()
