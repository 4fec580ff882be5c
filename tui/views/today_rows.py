"""The rows of Today: what waits for me, and what falls due, a line or two each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Protocol

from schema.records import KINDS
from schema.rules.owed.table import Line
from schema.wording import _
from syncd.store.deadlines import Countdown
from syncd.store.today import Item
from tui.cli.text import WEEKDAYS
from tui.ink import Ink
from tui.widgets.chrome import Row
from tui.widgets.countdown import countdown, seconds_left, signed_countdown
from tui.widgets.lines import Key, Lines, Look
from tui.widgets.rows import Heading, Held, RowSource
from tui.width import width
from tui.workspace import Workspace

VERB = 13  # cells that a verb takes at the most
URGENT = ("red", "yellow")


class Seen(Protocol):
    """What the rows ask the view: where they are read, and whether there is little room."""

    @property
    def workspace(self) -> Workspace: ...

    @property
    def brief(self) -> bool: ...

    @property
    def day(self) -> date: ...


def line_key(line: Line) -> Key:
    """What a line is known by, on every replica and at every moment."""
    return "/".join(line.identity)


def day_words(due: str, today: date) -> str:
    """When a line's time is over, a stored date: the hour where that is today, else the day."""
    try:
        day = date.fromisoformat(due[:10])
    except ValueError:
        return due
    if day == today:
        return _("today {hour}", hour=due[11:16]) if due[11:16] else _("today")
    return f"{_(WEEKDAYS[day.weekday()])} {due[5:10]}"


class MineSource(RowSource[Item]):
    """What waits for me: two lines each, one where there is little room."""

    def __init__(self, view: Seen) -> None:
        self._view = view
        self._verbs = 0
        super().__init__(Held([], []))

    def show(self, items: list[Item]) -> None:
        """Show these, the first one first."""
        self.lines, self.gap = (1, 0) if self._view.brief else (2, 1)
        self._verbs = min(max((width(each.line.verb) for each in items), default=0), VERB)
        self.window = Held(items, [line_key(each.line) for each in items])

    def key(self, row: Item) -> Key:
        return line_key(row.line)

    def draw_row(self, row: Item, part: int, ink: Ink, look: Look, place: int) -> None:
        here = self.key(row) == look.cursor
        focused = here and look.focused
        if here:
            ink.fill(0, ink.cells, "cursor" if focused else "sel")
        if focused:
            ink.stripe(0, "accent", focus=True)
        quiet = "muted" if focused else "faint"
        end = ink.cells - 2
        title = 2 + self._verbs + 2
        if part:
            self._second(row, ink, title, end, quiet)
            return
        light = row.shown.light or ""
        ink.put(2, row.line.verb, "accent" if focused else "muted", size=VERB)
        if self._view.brief:
            ink.put_right(end, day_words(row.due, self._view.day), "muted", size=12)
            end -= 13
        told = countdown(row.shown, row.due, self._view.workspace, row.line.ends)
        end = ink.put_right(end, told, light if light in URGENT else "text", size=13) - 2
        if self._view.brief:
            begun = ink.cells - 29
            ink.put(begun - 13, row.line.number, quiet, size=13)
            end = begun - 14
        ink.put(title, row.line.title or _("(no title)"), size=end - title, bold=focused)

    def _second(self, row: Item, ink: Ink, x: int, end: int, quiet: str) -> None:
        """Under the title: the number, why, and when the time is over."""
        line = row.line
        end = ink.put_right(end, day_words(row.due, self._view.day), "muted", size=12) - 2
        if line.number:
            x = max(ink.put(x, line.number, "muted", size=13) + 1, x + 14)
        ink.put(x, why_words(line), quiet, size=end - x)


def why_words(line: Line) -> str:
    """Why it waits, and in whose place, where it is another's."""
    absent = sorted(set(line.instead.values()))
    if not absent:
        return line.why
    return _("for {person}: {why}", person=_(", ").join(absent), why=line.why)


class DueSource(RowSource[Countdown]):
    """What falls due: a line each, a blank between what is late, what is due today and what comes."""

    above = 0

    def __init__(self, view: Seen) -> None:
        self._view = view
        self._breaks: list[int] = []
        super().__init__(Held([], []))

    def show(self, rows: list[Countdown], breaks: list[int]) -> None:
        """Show these; `breaks` are the places before which a blank stands."""
        self._breaks = [] if self._view.brief else breaks
        self.window = Held(rows, [each.key for each in rows])

    def key(self, row: Countdown) -> Key:
        return row.key

    def headings(self) -> list[Heading]:
        return [Heading(place, "") for place in getattr(self, "_breaks", [])]

    def draw_heading(self, heading: Heading, ink: Ink) -> None:
        """A blank tells the groups apart."""

    def draw_row(self, row: Countdown, part: int, ink: Ink, look: Look, place: int) -> None:
        here = row.key == look.cursor
        focused = here and look.focused
        if here:
            ink.fill(0, ink.cells, "cursor" if focused else "sel")
        if focused:
            ink.stripe(0, "accent", focus=True)
        light = row.shown.light or ""
        seconds = seconds_left(row.due_at, self._view.workspace)
        told = signed_countdown(row.shown, seconds, row.due, self._view.day)
        left = 2 if not self._view.brief else 3
        ink.put_right(left + 11, told, light if light in URGENT else "text", size=11)
        end = ink.cells - 2
        quiet = "muted" if focused else "faint"
        if self._view.brief:
            end = ink.put_right(end, day_words(row.due, self._view.day), "muted", size=12) - 2
        owner = KINDS["milestone"].label if row.kind == "milestone" else ""
        end = ink.put_right(end, row.department or _(owner), quiet, size=14) - 2
        title = row.title or _("(no title)")
        words = _("answer {number}", number=row.number) if row.answer and row.number else title
        ink.put(left + 13, words, size=end - left - 13, bold=focused)


class PaneHead(Row):
    """The heading of a pane, in accent while its list has the focus, with a muted count two cells on."""

    def __init__(self, lines: Lines, words: Callable[[], tuple[str, int]]) -> None:
        super().__init__(lambda: lines.shades)
        self._lines = lines
        self._words = words

    def draw(self, ink: Ink) -> None:
        words, count = self._words()
        ink.fill(0, ink.cells, self._lines.ground)
        role = "accent" if self._lines.has_focus else "text"
        x = ink.put(2, words, role, bold=True)
        ink.put(x + 2, str(count), "muted")
