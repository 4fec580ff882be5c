"""The frame's rows: tabs, context, keys, and the truth about syncing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from msgspec import Struct
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from schema.rules.truth import Truth
from schema.wording import _
from tui.actions import ACTIONS, display
from tui.ink import Ink
from tui.palette import Shades
from tui.widgets.view import NARROW, Context
from tui.width import width

# Open comes first and New after what the view has of its own; between them the table's order.
KEY_ORDER = {
    "list.open": 0,
    "app.new": 2,
    "list.choose": 3,
    "app.palette": 4,
    "app.filter": 5,
    "app.help": 6,
}

HOUR = 7  # cells at the right of the tabs that are the hour's


class Row(Widget):
    """One line of chrome; `draw` puts its texts."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "Row { height: 1; width: 1fr; }"
    ground = "bg"

    def __init__(self, shades: Callable[[], Shades], id: str | None = None) -> None:
        super().__init__(id=id)
        self._shades = shades

    @property
    def margin(self) -> int:
        """The cell that text starts at."""
        return 3 if self.size.width >= NARROW else 2

    def render_line(self, y: int) -> Strip:
        ink = Ink(self._shades(), self.size.width, self.ground)
        if y == 0:
            self.draw(ink)
        return ink.strip()

    def draw(self, ink: Ink) -> None:
        """Put the texts of this row."""


class Tab(Struct, frozen=True):
    """A tab: its digit, its words (a source string), and a count with its shade."""

    digit: str
    words: str
    total: int = 0
    role: str = "text"


class TabBar(Row):
    """The screens by their digits; `right` is the day and the hour."""

    ground = "raise"

    @dataclass(eq=False, repr=False)
    class Picked(Message):
        """A tab was clicked."""

        digit: str

    def __init__(self, shades: Callable[[], Shades]) -> None:
        super().__init__(shades)
        self.tabs: list[Tab] = []
        self.active = ""
        self.right = ("", "")
        self._spans: list[tuple[int, int, str]] = []

    def draw(self, ink: Ink) -> None:
        wide = ink.cells >= NARROW
        end = ink.cells - (3 if wide else 2)
        before = 1 if wide else 0  # cells between a digit and its words
        apart, counted = self._gaps(end - self.margin - HOUR, before)
        x = self.margin
        self._spans = []
        for tab in self.tabs:
            active = tab.digit == self.active
            if active:
                ink.fill(x - before, _cells(tab, before, counted) + 2 * before, "bg")
            begin = x
            x = ink.put(x, tab.digit, "accent" if active else "faint" if wide else "muted")
            x = ink.put(x + before, _(tab.words), "text" if active else "muted", bold=active)
            if tab.total:
                x = ink.put(x + counted, str(tab.total), tab.role)
            self._spans.append((begin, x, tab.digit))
            x += apart
        day, hour = self.right
        text = "  ".join(filter(None, [day, hour])) if end - x > width(day) + 9 else hour
        if end - x > width(text):
            ink.put_right(end, text, "muted")

    def _gaps(self, room: int, before: int) -> tuple[int, int]:
        """The cells between tabs, and before their counts, that fit into so many."""
        for apart, counted in ((2, 1), (1, 1)):
            taken = sum(_cells(tab, before, counted) + apart for tab in self.tabs)
            if taken <= room:
                return apart, counted
        return 1, 0

    def on_click(self, event: events.Click) -> None:
        for begin, end, digit in self._spans:
            if begin - 1 <= event.x < end + 1:
                self.post_message(self.Picked(digit))
                return


def _cells(tab: Tab, before: int, counted: int) -> int:
    """The cells of a tab with these gaps."""
    count = counted + len(str(tab.total)) if tab.total else 0
    return len(tab.digit) + before + width(_(tab.words)) + count


class ContextRow(Row):
    """What is being looked at: facts left, three cells apart, and right."""

    def __init__(self, shades: Callable[[], Shades]) -> None:
        super().__init__(shades)
        self.context = Context([], [])

    def draw(self, ink: Ink) -> None:
        end = ink.cells - (3 if ink.cells >= NARROW else 2)
        for fact in reversed(self.context.right):
            if width(fact.text) < end - self.margin:
                end = ink.put_right(end, fact.text, fact.role, bold=fact.bold) - 3
        x = self.margin
        for fact in self.context.left:
            if not fact.text:
                continue
            room = end - x
            if room < 4:
                break
            x = 3 + ink.put(
                x, fact.text, fact.role, size=room, bold=fact.bold, underline=fact.underline
            )


class ShownKey(Struct, frozen=True):
    """A key of the keys row: how it is written, its words, the action, and whether it stands right."""

    keys: str
    words: str
    id: str
    right: bool


class KeysRow(Row):
    """The live keys of what has the focus; two at the right stay when there is little room."""

    @dataclass(eq=False, repr=False)
    class Pressed(Message):
        """A key was clicked: its action."""

        id: str

    def __init__(self, shades: Callable[[], Shades]) -> None:
        super().__init__(shades)
        self.keys: list[ShownKey] = []
        self._spans: list[tuple[int, int, str]] = []

    def draw(self, ink: Ink) -> None:
        self._spans = []
        end = ink.cells - (3 if ink.cells >= NARROW else 2)
        always = [key for key in self.keys if key.right]
        if ink.cells < NARROW:
            always = [key for key in always if key.id != "app.filter"]
        start = end - sum(width(key.keys) + 1 + width(key.words) + 3 for key in always) + 3
        x = start
        for key in always:
            x = self._put(ink, x, key) + 3
        x = self.margin
        for key in self.keys:
            size = width(key.keys) + 1 + width(key.words)
            if key.right or x + size > start - 2:
                continue
            x = self._put(ink, x, key) + 3

    def _put(self, ink: Ink, x: int, key: ShownKey) -> int:
        marks = ink.shades.marks
        keys = key.keys.replace("‹", marks.back).replace("›", marks.to)
        end = ink.put(ink.put(x, keys, "accent") + 1, key.words, "muted")
        self._spans.append((x, end, key.id))
        return end

    def on_click(self, event: events.Click) -> None:
        for begin, end, id in self._spans:
            if begin <= event.x < end:
                self.post_message(self.Pressed(id))
                return


class TruthLine(Row):
    """How this replica stands to its hub, at all times; who this is, at the right."""

    ground = "raise"

    @dataclass(eq=False, repr=False)
    class Pressed(Message):
        """The line was clicked."""

    def __init__(self, shades: Callable[[], Shades]) -> None:
        super().__init__(shades)
        self.truth: Truth | None = None
        self.note = ""
        self.who: list[str] = []

    def draw(self, ink: Ink) -> None:
        if self.truth is None:
            return
        wide = ink.cells >= NARROW
        gap = 3 if wide else 2
        end = ink.cells - (3 if wide else 2)
        x = ink.put(self.margin, self.truth.word, self.truth.tone) + gap
        who = "  ".join(self.who)
        facts = list(self.truth.facts)
        if self.note:
            facts.insert(1, self.note)
        room = end - x - (width(who) + 4 if wide else 0)
        for place, fact in enumerate(facts):
            # The first two are never dropped.
            if place > 1 and width(fact) > room:
                break
            x = ink.put(x, fact, "text" if not place else "muted", size=end - x) + gap
            room -= width(fact) + gap
        if wide and end - x >= width(who):
            ink.put_right(end, who, "muted")

    def on_click(self) -> None:
        self.post_message(self.Pressed())


def shown_keys(live: Mapping[str, tuple[Sequence[str], str]]) -> list[ShownKey]:
    """The keys row in the order of the action table; `live` has bound keys and words by action id.

    The groups of the view that has the focus stand where `Enter` and `Space` leave off.
    """
    order = sorted(
        (ACTIONS[id] for id in live if id in ACTIONS and ACTIONS[id].shown),
        key=lambda action: (KEY_ORDER.get(action.id, 1), list(ACTIONS).index(action.id)),
    )
    return [
        ShownKey(
            display(action.id, *live[action.id][0]), live[action.id][1], action.id, action.right
        )
        for action in order
    ]
