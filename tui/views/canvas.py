"""The fields of a form as lines of a canvas: what stands where, and each line drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

from schema.errors import DuijieError
from schema.safe_text import safe_text
from tui.ink import Ink
from tui.views.fields import Slot, blank_words, lines_of
from tui.views.form import Form
from tui.widgets.choices import Choice
from tui.width import fold, width

PAD = 2
HINT = 16
LABEL = 12
LABEL_MOST = 20

Note = tuple[str, str]  # a line below the value, and its shade


class Hint(NamedTuple):
    """What stands flush right on a field's first line."""

    text: str
    role: str = "faint"


class Guide(Protocol):
    """What a form asks about its fields while they are drawn and typed into."""

    def hint(self, slot: Slot, held: bool) -> Hint:
        """What stands flush right; `held` where the field has the focus."""

    def notes(self, slot: Slot) -> Sequence[Note]:
        """What stands below the value."""

    def words(self, slot: Slot) -> Sequence[str]:
        """The words that may be chosen, where the field takes one of a few."""

    def near(self, slot: Slot, text: str) -> Sequence[str]:
        """Those of the words that a text may mean."""

    def offer(self, slot: Slot, text: str) -> Sequence[Choice]:
        """What may be meant by a line of the field."""


class Edited(NamedTuple):
    """The field that has the focus: its key, the lines its editor takes, whether somebody typed."""

    key: str
    lines: int
    typed: bool


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


class Canvas:
    """The lines of a form's fields, under what `head` says.

    `raw` are the fields that this program does not know, by name, as text; `locked` lets no field
    be edited.
    """

    def __init__(self, form: Form, guide: Guide, head: Callable[[], Sequence[Note]]) -> None:
        self._form = form
        self._guide = guide
        self._head = head
        self.raw: Mapping[str, str] = {}
        self.locked = False
        self.cells = 0
        self.height = 0
        self._edited: Edited | None = None
        self._top: list[Note] = []
        self._blocks: list[Block] = []
        self._raw: list[tuple[str, list[str]]] = []
        self._faults: Mapping[str, Sequence[DuijieError]] = {}
        self._shown_faults: set[str] = set()

    # -- where everything stands

    @property
    def label_cells(self) -> int:
        longest = max((width(slot.label) for slot in self._form.slots), default=0)
        return min(max(longest + 2, LABEL), LABEL_MOST)

    @property
    def value_x(self) -> int:
        return PAD + self.label_cells

    @property
    def value_cells(self) -> int:
        return max(self.cells - self.value_x - HINT - PAD, 12)

    def lay(self, cells: int, edited: Edited | None) -> None:
        """Work out anew what stands where, on lines of so many cells."""
        self.cells = cells
        self._edited = edited
        self._top = [
            (line, role)
            for text, role in self._head()
            for line in (fold(text, cells - 2 * PAD) if text else [""])
        ]
        self._faults = self._form.faults()
        self._blocks = []
        y, tall_before = len(self._top), False
        for slot in self._form.slots:
            block = self._block(slot, y)
            tall = block.height + len(block.notes) > 1 or (slot.several and not block.empty)
            if self._blocks and (tall or tall_before):
                block = block._replace(top=y + 1)
            tall_before = tall
            y = block.bottom
            self._blocks.append(block)
        self._raw = [
            (name, fold(safe_text(text, lines=True), self.value_cells))
            for name, text in self.raw.items()
        ]
        self.height = (
            y + (1 + sum(len(lines) for _name, lines in self._raw) if self._raw else 0) + 1
        )

    def block(self, key: str) -> Block | None:
        """Where a field stands."""
        return next((block for block in self._blocks if block.slot.key == key), None)

    def at(self, y: int) -> Block | None:
        """The field on a line."""
        return next((each for each in self._blocks if each.top <= y < each.bottom), None)

    def first(self, block: Block) -> bool:
        """Whether nothing but the head stands above a field."""
        return bool(self._blocks) and block is self._blocks[0]

    def _block(self, slot: Slot, y: int) -> Block:
        cells = self.value_cells
        edited = self._edited if self._edited and self._edited.key == slot.key else None
        value: list[str] = []
        empty = False
        label = fold(slot.label, self.label_cells - 1)
        if edited is not None:
            count = edited.lines
        else:
            value = self._value_lines(slot, cells)
            empty = not value
            if empty:
                needed = slot.spec.mandatory
                value = fold(blank_words(slot, needed=needed), cells)[:1]
            count = len(value)
        notes = [
            (line, role)
            for text, role in self._notes(slot)
            for line in fold(text, cells + HINT - 2)
        ]
        return Block(slot, y, label, value, empty, count, notes)

    def _value_lines(self, slot: Slot, cells: int) -> list[str]:
        try:
            lines = lines_of(self._form.conn, slot, self._form.value(slot))
        except DuijieError:
            lines = self._form.text(slot).split("\n")
        out: list[str] = []
        for line in lines:
            shown = safe_text(line)
            number = shown.partition(". ")[0] if slot.spec.type == "list" else ""
            indent = len(number) + 2 if number.isdigit() else 0
            first, *rest = fold(shown[indent:], cells - indent)
            out += [shown[:indent] + first, *(" " * indent + each for each in rest)]
        return out

    def _notes(self, slot: Slot) -> list[Note]:
        found = list(self._guide.notes(slot))
        edited = self._edited
        typing = edited is not None and edited.key == slot.key and edited.typed
        if slot.key in self._shown_faults or (slot.key in self._form.texts and not typing):
            found += [
                (self._form.said(fault), "yellow") for fault in self._faults.get(slot.key, ())
            ]
        return found

    # -- what is wrong

    def blocking(self) -> Mapping[str, Sequence[DuijieError]]:
        """What keeps the form from being saved, by field; shown from now on at its fields."""
        self._faults = self._form.faults()
        self._shown_faults |= set(self._faults)
        return self._form.blocking(self._faults)

    def forget_faults(self) -> None:
        """Nothing was tried to be saved yet."""
        self._shown_faults.clear()

    # -- drawing

    def draw(self, y: int, ink: Ink) -> None:
        """One line."""
        if y < len(self._top):
            text, role = self._top[y]
            bold = role == "heading"
            ink.put(PAD, text, "text" if bold else role, bold=bold)
            return
        block = self.at(y)
        if block is not None:
            self._draw_block(block, y - block.top, ink)
        elif self._blocks and self._raw:
            self._draw_raw(y - self._blocks[-1].bottom - 1, ink)
        elif self._raw:
            self._draw_raw(y - len(self._top), ink)

    def _draw_block(self, block: Block, part: int, ink: Ink) -> None:
        held = self._edited is not None and block.slot.key == self._edited.key
        if part >= block.height:
            text, role = block.notes[part - block.height]
            ink.put(self.value_x, text, role)
            return
        if held:
            ink.fill(0, ink.cells, "cursor")
            ink.stripe(0, "accent", focus=True)
        if part < len(block.label):
            changed = block.slot.key in self._form.texts
            role = "text" if held else "muted" if changed else "faint"
            ink.put(PAD, block.label[part], role)
        if not held and part < len(block.value):
            fixed = self._form.fixed(block.slot) or self.locked
            role = "faint" if block.empty else "muted" if fixed else "text"
            ink.put(self.value_x, block.value[part], role, size=self.value_cells)
        if part == 0:
            hint = self._guide.hint(block.slot, held)
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
