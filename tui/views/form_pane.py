"""The form on the screen: its fields as lines, and one editor over the cells of the focused one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.widgets import TextArea

from tui.ink import Ink
from tui.palette import Shades
from tui.views.canvas import HINT, Canvas, Edited, Guide, Note
from tui.views.fields import CHOICES, Slot
from tui.views.form import Form
from tui.views.form_lines import FormLines
from tui.views.offering import Offering
from tui.widgets.editor import Editor
from tui.widgets.lines import Lines
from tui.writing import editable


class FormPane(Container):
    """The form: the lines of `canvas`, an editor over one field, and what is offered below it."""

    DEFAULT_CSS = """
    FormPane { layers: base over; background: $shade-panel; height: 1fr; width: 1fr; }
    FormPane > Editor { layer: over; }
    FormPane > Offering { layer: over; }
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
        guide: Guide,
        head: Callable[[], Sequence[Note]],
    ) -> None:
        super().__init__()
        self.form = form
        self._shades = shades
        self._guide = guide
        self.canvas = Canvas(form, guide, head)
        self.key = ""
        self._taken = ""  # what was taken of the offers, which is not offered again

    def compose(self) -> ComposeResult:
        self.lines = FormLines(self)
        self.editor = Editor()
        self.editor.display = False
        self.editor.leaving = self._left
        self.offers = Offering(self._shades())
        yield self.lines
        yield self.editor
        yield self.offers

    # -- drawing

    def lay(self) -> None:
        """Work out anew what stands where, and draw it."""
        if not self.is_mounted or not self.lines.size.width:
            return
        self.canvas.lay(self.lines.size.width, self._edited())
        self.lines.virtual_size = Size(self.lines.size.width, self.canvas.height)
        self.put_editor()
        self.lines.refresh()

    def _edited(self) -> Edited | None:
        if not self.key:
            return None
        lines = min(self.editor.lines, max(self.lines.size.height - 4, 1))
        return Edited(self.key, lines, self.editor.typed)

    def draw(self, y: int, cells: int) -> Strip:
        """One line of the canvas."""
        ink = Ink(self._shades(), cells, "panel")
        self.canvas.draw(y, ink)
        return ink.strip()

    def put_editor(self) -> None:
        """Lay the editor over its field's cells, and what is offered below or above it."""
        block = self.canvas.block(self.key) if self.key else None
        if block is None or not self.is_mounted:
            return
        x, cells = self.canvas.value_x, self.canvas.value_cells
        y = block.top - self.lines.scroll_offset.y
        self.editor.styles.offset = (x, y)
        self.editor.styles.width = cells + 1
        self.editor.styles.height = block.lines
        below, lines = y + block.height, self.offers.lines_wanted
        room = self.lines.size.height - below
        self.offers.styles.offset = (x, below if room >= lines else max(y - lines, 0))
        self.offers.styles.width = cells + HINT // 2
        self.offers.styles.height = lines

    # -- what is wrong

    def show_faults(self) -> str:
        """Show what is wrong at its fields; gives what keeps it from being saved, "" for nothing."""
        blocking = self.canvas.blocking()
        self.lay()
        key = next((slot.key for slot in self.form.slots if slot.key in blocking), "")
        if key:
            self.go(key)
        return "\n".join(self.form.said(fault) for faults in blocking.values() for fault in faults)

    def forget_faults(self) -> None:
        """Nothing was tried to be saved yet."""
        self.canvas.forget_faults()
        self.lay()

    # -- going between fields

    @property
    def _open(self) -> list[Slot]:
        return [] if self.canvas.locked else [s for s in self.form.slots if not self.form.fixed(s)]

    @property
    def slot(self) -> Slot | None:
        """The field that has the focus."""
        return self.form.slot(self.key) if self.key else None

    def step(self, by: int) -> None:
        """To the next field or the one before, with what is under the cursor of the offers."""
        if self.slot is not None:
            self._take(self.slot)
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
        self.editor.styles.width = self.canvas.value_cells + 1
        choosing = slot.spec.type in CHOICES
        self.editor.hold(
            self.form.text(slot),
            self.canvas.value_cells + 1,
            one_line=not slot.several,
            numbered=slot.spec.type == "list",
            choosing=choosing,
            allowed=(lambda text: bool(self._guide.near(slot, text))) if choosing else None,
        )
        self._taken = ""
        self.close_offers()

    def rest(self) -> None:
        """No field has the focus."""
        self.settle()
        self.key = ""
        self.editor.display = False
        self.close_offers()
        self.lay()
        self.post_message(self.Moved(""))

    def take_value(self) -> None:
        """Show in the editor what the form holds."""
        slot = self.slot
        if slot is not None:
            self._hold(slot)
        self.lay()

    def settle(self) -> None:
        """The field is left: of a few words the one that was meant is put in, a name stays as typed."""
        slot = self.slot
        if slot is None or not self.editor.typed:
            return
        if slot.spec.type not in CHOICES:
            self._type(slot, self.editor.text)
        if slot.item.type == "ref":
            self._take(slot)
        elif slot.spec.type in CHOICES and not self._take(slot) and self.editor.text:
            near = self._guide.near(slot, self.editor.text)
            self._type(slot, near[0] if near else "")
        self.close_offers()

    def _take(self, slot: Slot) -> bool:
        """Let the form hold what is under the cursor of the offers; whether anything was offered."""
        taken = self.take_offer()
        if taken:
            self._type(slot, self.editor.text)
        return taken

    def _see(self) -> None:
        """Scroll as little as it takes to see the focused field, what is below it and one line more."""
        block = self.canvas.block(self.key)
        if block is None:
            return
        top = 0 if self.canvas.first(block) else max(block.top - 1, 0)
        region = Region(0, top, 1, min(block.bottom + 1 - top, self.lines.size.height))
        self.lines.scroll_to_region(region, animate=False, force=True)
        self.call_after_refresh(self.put_editor)

    def click(self, y: int) -> None:
        block = self.canvas.at(y)
        if block is not None:
            self.go(block.slot.key)

    # -- typing

    def _type(self, slot: Slot, text: str) -> None:
        if self.form.type(slot, text):
            self.post_message(self.Typed(slot.key))

    def put(self, text: str) -> None:
        """Put another text into the field, as if it was typed."""
        slot = self.slot
        if slot is not None:
            self.editor.typed = True
            self.editor.put(self.editor.accepted(text))
            self._type(slot, self.editor.text)

    def hear(self) -> None:
        """Take over what the editor says, also what no message has told of yet."""
        slot, text = self.slot, self.editor.text
        if slot is None or text == self.editor.heard:
            return
        self.editor.heard = text
        if slot.spec.type not in CHOICES or text in ("", *self._guide.words(slot)):
            self._type(slot, text)

    @on(TextArea.Changed)
    def _changed(self, event: TextArea.Changed) -> None:
        event.stop()
        slot = self.slot
        if slot is None or event.text_area is not self.editor:
            return
        self.hear()
        if self.editor.typed:
            self._say_offers(slot)
        self.lay()
        self._see()

    @on(Editor.Turned)
    def _turned(self, message: Editor.Turned) -> None:
        """The next word or the one before."""
        slot = self.slot
        if slot is None:
            return
        needed = slot.spec.mandatory or slot.path == ("state",)
        words = [*([] if needed else [""]), *self._guide.words(slot)]
        text = self.editor.text
        place = words.index(text) if text in words else -max(message.step, 0)
        self.editor.put(words[(place + message.step) % len(words)])
        self.lay()

    def _left(self, message: Editor.Left) -> None:
        if not self.offers.open:
            self.step(message.step)
        elif message.entered:
            self.take_offer()
        elif message.step > 0:
            self.offers.action_down()
        else:
            self.offers.action_up()

    # -- offers

    def _say_offers(self, slot: Slot) -> None:
        """Offer what may be meant by the line that is typed."""
        row, _column = self.editor.cursor_location
        text = self.editor.document[row].strip()
        offers = self._guide.offer(slot, text) if text and text != self._taken else []
        self.close_offers()
        if not offers or (len(offers) == 1 and text in (offers[0].text, offers[0].key)):
            return
        self.offers.shades = self._shades()
        self.offers.offer(offers, text)
        self.editor.offering = True
        self.put_editor()

    def close_offers(self) -> bool:
        """Put the offers away; whether there were any."""
        self.editor.offering = False
        return self.offers.close()

    def take_offer(self) -> bool:
        """Put what is under the cursor of the offers into the line; whether there was anything."""
        slot, choice = self.slot, self.offers.chosen_offer()
        self.close_offers()
        if slot is None or choice is None:
            return False
        if slot.spec.type in CHOICES:
            self.editor.put(choice.text)
            self.editor.typed = False
            return True
        row, _column = self.editor.cursor_location
        words = self._taken = choice.text if slot.item.type == "ref" else choice.key or choice.text
        self.editor.replace(editable(words), (row, 0), (row, len(self.editor.document[row])))
        self.editor.move_cursor((row, len(self.editor.document[row])))
        return True

    @on(Lines.Opened)
    def _picked(self, message: Lines.Opened) -> None:
        message.stop()
        self.take_offer()
