"""The form on the screen: fields drawn as lines, and one editor over the cells of the focused one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Container
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import TextArea

from schema.errors import DuijieError
from schema.safe_text import safe_text
from tui.ink import Ink
from tui.palette import Shades
from tui.views.fields import CHOICES, Slot, blank_words, lines_of
from tui.views.form import Form
from tui.widgets.choices import Choice, Choices
from tui.widgets.editor import Editor
from tui.widgets.lines import Lines, Look
from tui.widgets.rows import Held
from tui.width import fold, width
from tui.writing import editable

PAD = 2
HINT = 16
LABEL = 12
LABEL_MOST = 20
OFFERED = 8

Note = tuple[str, str]  # a line below the value, and its shade


class Hint(NamedTuple):
    """What stands flush right on a field's first line."""

    text: str
    role: str = "faint"


class Block(NamedTuple):
    """A field on the canvas: its first line, how many its value takes, and what is below it."""

    slot: Slot
    top: int
    label: list[str]
    value: list[str]
    empty: bool
    lines: int
    notes: list[Note]

    @property
    def height(self) -> int:
        """The lines that take the cursor's shade."""
        return max(self.lines, len(self.label))

    @property
    def bottom(self) -> int:
        return self.top + self.height + len(self.notes)


class Offers(Choices):
    """What may be meant; its cursor shows when it was asked for."""

    def __init__(self) -> None:
        self.asked = False
        super().__init__(Held([], []))

    def draw_row(self, row: Choice, part: int, ink: Ink, look: Look, place: int) -> None:
        super().draw_row(row, part, ink, look if self.asked else look._replace(cursor=None), place)


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


class FormPane(Container):
    """The form: `asked` of the page are the hints, the notes, and what may be offered."""

    DEFAULT_CSS = """
    FormPane { layers: base over; background: $shade-panel; height: 1fr; width: 1fr; }
    FormPane > Editor { layer: over; }
    FormPane > Lines { layer: over; display: none; height: 1; width: 40; }
    """

    @dataclass
    class Typed(Message):
        """A field says otherwise now."""

        key: str

    @dataclass
    class Moved(Message):
        """Another field has the focus: its key, "" for none."""

        key: str

    @dataclass
    class Out(Message):
        """The fields were left at an end: -1 before the first, 1 after the last."""

        step: int

    def __init__(
        self,
        form: Form,
        shades: Callable[[], Shades],
        *,
        hint: Callable[[Slot, bool], Hint],
        notes: Callable[[Slot], Sequence[Note]],
        offer: Callable[[Slot, str], Sequence[Choice]],
        words: Callable[[Slot], Sequence[str]],
        head: Callable[[], Sequence[Note]],
    ) -> None:
        super().__init__()
        self.form = form
        self._shades = shades
        self._hint, self._notes, self._offer, self._words = hint, notes, offer, words
        self._head = head
        self._blocks: list[Block] = []
        self._top: list[Note] = []
        self._raw: list[tuple[str, list[str]]] = []
        self._height = 0
        self.key = ""
        self.raw: Mapping[str, str] = {}
        self.locked = False
        self._faults: Mapping[str, Sequence[DuijieError]] = {}
        self._shown_faults: set[str] = set()

    def compose(self) -> ComposeResult:
        self.lines = FormLines(self)
        self.editor = Editor()
        self.editor.display = False
        self._source = Offers()
        self.offers = Lines(self._source, self._shades(), ground="raise")
        self.offers.can_focus = False
        yield self.lines
        yield self.editor
        yield self.offers

    # -- where everything stands

    @property
    def label_cells(self) -> int:
        longest = max((width(slot.label) for slot in self.form.slots), default=0)
        return min(max(longest + 2, LABEL), LABEL_MOST)

    @property
    def value_x(self) -> int:
        return PAD + self.label_cells

    @property
    def value_cells(self) -> int:
        return max(self.lines.size.width - self.value_x - HINT - PAD, 12)

    def lay(self) -> None:
        """Work out anew what stands where, and draw it."""
        if not self.is_mounted or not self.lines.size.width:
            return
        cells = self.value_cells
        self._top = [
            (line, role)
            for text, role in self._head()
            for line in (fold(text, self.lines.size.width - 2 * PAD) if text else [""])
        ]
        self._faults = self.form.faults()
        y = len(self._top)
        tall_before = False
        self._blocks = []
        for slot in self.form.slots:
            block = self._block(slot, y, cells)
            tall = block.height + len(block.notes) > 1 or (slot.several and not block.empty)
            if self._blocks and (tall or tall_before):
                block = block._replace(top=y + 1)
            tall_before = tall
            y = block.bottom
            self._blocks.append(block)
        self._raw = [
            (name, fold(safe_text(text, lines=True), cells)) for name, text in self.raw.items()
        ]
        self._height = (
            y + (1 + sum(len(lines) for _name, lines in self._raw) if self._raw else 0) + 1
        )
        self.lines.virtual_size = Size(self.lines.size.width, self._height)
        self.put_editor()
        self.lines.refresh()

    def _block(self, slot: Slot, y: int, cells: int) -> Block:
        held = slot.key == self.key
        value: list[str] = []
        empty = False
        label = fold(slot.label, self.label_cells - 1)
        if held:
            count = min(self.editor.lines, max(self.lines.size.height - 4, 1))
        else:
            value = self._value_lines(slot, cells)
            empty = not value
            if empty:
                needed = slot.spec.mandatory
                value = fold(blank_words(slot, needed=needed), cells)[:1]
            count = len(value)
        notes = [
            (line, role)
            for text, role in self._all_notes(slot)
            for line in fold(text, cells + HINT - 2)
        ]
        return Block(slot, y, label, value, empty, count, notes)

    def _value_lines(self, slot: Slot, cells: int) -> list[str]:
        try:
            lines = lines_of(self.form.conn, slot, self.form.value(slot))
        except DuijieError:
            lines = self.form.text(slot).split("\n")
        out: list[str] = []
        for line in lines:
            shown = safe_text(line)
            number = shown.partition(". ")[0] if slot.spec.type == "list" else ""
            indent = len(number) + 2 if number.isdigit() else 0
            first, *rest = fold(shown[indent:], cells - indent)
            out += [shown[:indent] + first, *(" " * indent + each for each in rest)]
        return out

    def _all_notes(self, slot: Slot) -> list[Note]:
        found = list(self._notes(slot))
        typing = slot.key == self.key and self.editor.typed
        if slot.key in self._shown_faults or (slot.key in self.form.texts and not typing):
            found += [(str(fault), "yellow") for fault in self._faults.get(slot.key, ())]
        return found

    def show_faults(self) -> str:
        """Show what is wrong at its fields; gives what keeps it from being saved, "" for nothing."""
        self._faults = self.form.faults()
        self._shown_faults |= set(self._faults)
        blocking = self.form.blocking(self._faults)
        self.lay()
        key = next((slot.key for slot in self.form.slots if slot.key in blocking), "")
        if key:
            self.go(key)
        return "\n".join(str(fault) for faults in blocking.values() for fault in faults)

    def forget_faults(self) -> None:
        """Nothing was tried to be saved yet."""
        self._shown_faults.clear()
        self.lay()

    def block(self, key: str) -> Block | None:
        return next((block for block in self._blocks if block.slot.key == key), None)

    def put_editor(self) -> None:
        """Lay the editor over its field's cells."""
        block = self.block(self.key) if self.key else None
        if block is None or not self.is_mounted:
            return
        y = block.top - self.lines.scroll_offset.y
        self.editor.styles.offset = (self.value_x, y)
        self.editor.styles.width = self.value_cells + 1
        self.editor.styles.height = block.lines
        below = y + block.height
        room = self.lines.size.height - below
        height = min(self.offers.source.height, OFFERED)
        self.offers.styles.offset = (self.value_x, below if room >= height else max(y - height, 0))
        self.offers.styles.width = self.value_cells + HINT // 2
        self.offers.styles.height = max(height, 1)

    # -- drawing

    def draw(self, y: int, cells: int) -> Strip:
        """One line of the canvas."""
        ink = Ink(self._shades(), cells, "panel")
        if y < len(self._top):
            text, role = self._top[y]
            bold = role == "heading"
            ink.put(PAD, text, "text" if bold else role, bold=bold)
            return ink.strip()
        block = next((each for each in self._blocks if each.top <= y < each.bottom), None)
        if block is not None:
            self._draw_block(block, y - block.top, ink)
        elif self._blocks and self._raw:
            self._draw_raw(y - self._blocks[-1].bottom - 1, ink)
        elif self._raw:
            self._draw_raw(y - len(self._top), ink)
        return ink.strip()

    def _draw_block(self, block: Block, part: int, ink: Ink) -> None:
        held = block.slot.key == self.key
        if part >= block.height:
            text, role = block.notes[part - block.height]
            ink.put(self.value_x, text, role)
            return
        if held:
            ink.fill(0, ink.cells, "cursor")
            ink.stripe(0, "accent", focus=True)
        if part < len(block.label):
            changed = block.slot.key in self.form.texts
            role = "text" if held else "muted" if changed else "faint"
            ink.put(PAD, block.label[part], role)
        if not held and part < len(block.value):
            fixed = self.form.fixed(block.slot) or self.locked
            role = "faint" if block.empty else "muted" if fixed else "text"
            ink.put(self.value_x, block.value[part], role, size=self.value_cells)
        if part == 0:
            hint = self._hint(block.slot, held)
            role = "muted" if held and hint.role == "faint" else hint.role
            ink.put_right(ink.cells - PAD, hint.text, role, size=HINT - 1)

    def _draw_raw(self, y: int, ink: Ink) -> None:
        """A field that this program does not know, as it stands."""
        for name, lines in self._raw:
            if 0 <= y < len(lines):
                if y == 0:
                    ink.put(PAD, name, "faint", size=self.label_cells - 1)
                ink.put(self.value_x, lines[y], "muted")
                return
            y -= len(lines)

    # -- going between fields

    @property
    def _open(self) -> list[Slot]:
        return [] if self.locked else [s for s in self.form.slots if not self.form.fixed(s)]

    @property
    def slot(self) -> Slot | None:
        """The field that has the focus."""
        return self.form.slot(self.key) if self.key else None

    def step(self, by: int) -> None:
        """To the next field or the one before."""
        keys = [slot.key for slot in self._open]
        if not keys:
            self.post_message(self.Out(by))
            return
        if not self.key:
            self.go(keys[0] if by > 0 else keys[-1])
            return
        place = keys.index(self.key) + by
        if 0 <= place < len(keys):
            self.go(keys[place])
        else:
            self.post_message(self.Out(by))

    def go(self, key: str) -> None:
        """Put the editor over a field."""
        slot = self.form.slot(key)
        if slot is None or slot not in self._open:
            return
        self.settle()
        self.key = key
        self._hold(slot)
        self.editor.display = True
        self.editor.focus()
        self.lay()
        self._see()
        self.post_message(self.Moved(key))

    def _hold(self, slot: Slot) -> None:
        self.editor.styles.width = self.value_cells + 1
        self.editor.hold(
            self.form.text(slot),
            self.value_cells + 1,
            one_line=not slot.several,
            numbered=slot.spec.type == "list",
            choosing=slot.spec.type in ("word", "bool"),
        )
        self.close_offers()

    def rest(self) -> None:
        """No field has the focus."""
        self.settle()
        self.key = ""
        self.editor.display = False
        self.close_offers()
        self.lay()
        self.post_message(self.Moved(""))

    def reload(self) -> None:
        """The field's value was changed by something else than typing."""
        slot = self.slot
        if slot is not None and not self.editor.typed:
            self._hold(slot)
        self.lay()

    def take_value(self) -> None:
        """Show in the editor what the form holds."""
        slot = self.slot
        if slot is not None:
            self._hold(slot)
        self.lay()

    def settle(self) -> None:
        """The field is left: what was typed of a word or chosen among the offers is put in."""
        slot = self.slot
        if slot is None or not self.editor.typed:
            return
        if self.offers.display and self.take_offer():
            self._type(slot, self.editor.text)
            return
        text = self.editor.text.strip().lower()
        if slot.spec.type in CHOICES and text:
            near = [word for word in self._words(slot) if text in word.lower()]
            if len(near) == 1:
                self._type(slot, near[0])

    def _see(self) -> None:
        """Scroll as little as it takes to see the focused field, what is below it and one line more."""
        block = self.block(self.key)
        if block is None:
            return
        first = self._blocks and block is self._blocks[0]
        top = 0 if first else max(block.top - 1, 0)
        region = Region(0, top, 1, min(block.bottom + 1 - top, self.lines.size.height))
        self.lines.scroll_to_region(region, animate=False, force=True)
        self.call_after_refresh(self.put_editor)

    def click(self, y: int) -> None:
        block = next((each for each in self._blocks if each.top <= y < each.bottom), None)
        if block is not None:
            self.go(block.slot.key)

    # -- typing

    def _type(self, slot: Slot, text: str) -> None:
        if self.form.type(slot, text):
            self.post_message(self.Typed(slot.key))

    @on(TextArea.Changed)
    def _changed(self, event: TextArea.Changed) -> None:
        event.stop()
        slot = self.slot
        if slot is None or event.text_area is not self.editor:
            return
        before = self.editor.lines
        self._type(slot, self.editor.text)
        if self.editor.typed:
            self._say_offers(slot)
        self.lay()
        if self.editor.lines != before or (block := self.block(slot.key)) is None or block.lines:
            self._see()

    @on(Editor.Turned)
    def _turned(self, message: Editor.Turned) -> None:
        """The next word or the one before."""
        slot = self.slot
        if slot is None:
            return
        words = ["", *self._words(slot)] if not slot.spec.mandatory else list(self._words(slot))
        text = self.editor.text
        place = words.index(text) if text in words else 0
        chosen = words[(place + message.step) % len(words)]
        if slot.path == ("state",) and not chosen:
            chosen = words[(place + 2 * message.step) % len(words)]
        self.editor.put(chosen)
        self.lay()

    @on(Editor.Left)
    def _left(self, message: Editor.Left) -> None:
        if not self.offers.display:
            self.step(message.step)
        elif message.entered:
            if not self.take_offer():
                self.step(message.step)
        elif not self._source.asked:
            if message.step > 0:
                self._ask()
            else:
                self.step(-1)
        elif message.step > 0:
            self.offers.action_down()
        else:
            self.offers.action_up()

    # -- offers

    def _ask(self) -> None:
        self._source.asked = True
        self.editor.offering = True
        self.offers.redraw()

    def _say_offers(self, slot: Slot) -> None:
        """Offer what may be meant by the line that is typed."""
        row, _column = self.editor.cursor_location
        text = self.editor.document[row].strip()
        offers = self._offer(slot, text) if text else []
        self.close_offers()
        if not offers or (len(offers) == 1 and text in (offers[0].text, offers[0].key)):
            return
        self._source.window = Held(offers, [each.key for each in offers])
        self.offers.cursor = None
        self.offers.shades = self._shades()
        self.offers.display = True
        self.offers.reread()
        self.put_editor()
        if slot.item.type == "ref" or slot.spec.type in CHOICES:
            self._ask()

    def close_offers(self) -> bool:
        """Put the offers away; whether there were any."""
        had = self.offers.display
        self.offers.display = False
        self._source.asked = self.editor.offering = False
        return had

    def take_offer(self) -> bool:
        """Put what is chosen among the offers into the line; whether anything was."""
        slot, key = self.slot, self.offers.cursor
        asked = self._source.asked and self.offers.display
        place = self._source.window.place(key) if key is not None else None
        choice = self._source.row(place) if place is not None else None
        self.close_offers()
        if slot is None or not asked or choice is None:
            return False
        if slot.spec.type in CHOICES:
            self.editor.put(choice.text)
            self.editor.typed = False
            return True
        row, _column = self.editor.cursor_location
        words = choice.text if slot.item.type == "ref" else choice.key
        self.editor.replace(editable(words), (row, 0), (row, len(self.editor.document[row])))
        self.editor.move_cursor((row, len(self.editor.document[row])))
        return True

    @on(Lines.Opened)
    def _picked(self, message: Lines.Opened) -> None:
        message.stop()
        self._source.asked = True
        self.take_offer()
