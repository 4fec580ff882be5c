"""Countdowns of tasks, milestones and answers, by the time that is left."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import ClassVar, Literal, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.strip import Strip

from schema.records import KINDS
from schema.rules.lights import MINUTES
from schema.wording import N_, _, n_
from syncd.store.deadlines import Countdown, DeadlinesWindow, Group
from syncd.store.found import check_filter
from tui import doors
from tui.actions import bindings
from tui.cli.text import WEEKDAYS
from tui.explaining import explained
from tui.ink import Ink
from tui.widgets.chrome import Row
from tui.widgets.countdown import LIGHTS, seconds_from, signed_countdown, wall_of
from tui.widgets.empty import Empty
from tui.widgets.lines import Key, Lines, Live, Look
from tui.widgets.rows import Heading, RowSource
from tui.widgets.view import NARROW, Context, Fact, View

By = Literal["time", "department"]
BY: dict[By, str] = {"time": N_("by time"), "department": N_("by department")}
GROUPS = {
    "late": N_("Late"),
    "today": N_("Due today"),
    "week": N_("This week"),
    "next": N_("Next week"),
    "later": N_("Later"),
}
DAY = 5  # cells of a day in the strip
WEEKS = 5
WEEKS_NARROW = 2
CLOCK_ENDS = 19  # the cell before which a countdown ends


class CountdownSource(RowSource[Countdown]):
    """One countdown a line."""

    window: DeadlinesWindow

    def __init__(self, window: DeadlinesWindow, view: Deadlines) -> None:
        self._view = view
        super().__init__(window)

    def key(self, row: Countdown) -> Key:
        return row.key

    def headings(self) -> list[Heading]:
        found, first = [], 0
        for group in self.window.groups:
            found.append(Heading(first, group_words(group, self.window.by), group.count))
            first += group.count
        return found

    def draw_heading(self, heading: Heading, ink: Ink) -> None:
        super().draw_heading(heading, ink)
        if heading.first or ink.cells < NARROW:
            return
        extra = ink.cells - 120
        for x, words in (
            (55, _("Number")),
            (64, _("Department")),
            (80, _("Due")),
            (93, _("Basis")),
        ):
            ink.put(x + extra, words, "faint")

    def live(self, y: int) -> Live | None:
        """The clock on a line of the canvas, where it runs by the second."""
        place = self._place_at(y)
        row = self.row(place[0]) if isinstance(place, tuple) else None
        if row is None or row.shown.unit != MINUTES:
            return None
        return Live(
            CLOCK_ENDS,
            signed_countdown(row.shown, self._view.seconds(row), row.due, self._view.day),
        )

    def draw_row(self, row: Countdown, part: int, ink: Ink, look: Look, place: int) -> None:
        focused = look.focused and row.key == look.cursor
        if row.key == look.cursor:
            ink.fill(0 if ink.cells < NARROW else 1, ink.cells, "cursor" if focused else "sel")
        if focused:
            ink.stripe(1 if ink.cells >= NARROW else 0, "accent", focus=True)
        light = row.shown.light or ""
        urgent = light in ("red", "yellow")
        left = signed_countdown(row.shown, self._view.seconds(row), row.due, self._view.day)
        quiet = "muted" if focused else "faint"
        title = row.title or _("(no title)")
        if ink.cells < NARROW:
            ink.put(2, _(LIGHTS[light]) if light else "", light or "text", size=6)
            ink.put_right(CLOCK_ENDS, left, light if urgent else "text", size=10)
            end = ink.cells - 2
            ink.put_right(end, due_words(row, self._view.day), "muted", size=11)
            ink.put(end - 23, row.department, "muted", size=10)
            ink.put(21, title, size=end - 46, bold=focused)
            return
        extra = ink.cells - 120
        ink.put(3, _(LIGHTS[light]) if light else "", light or "text", size=6)
        ink.put_right(CLOCK_ENDS, left, light if urgent else "text", size=13)
        ink.put(21, title, size=24 + extra, bold=focused)
        kind = _("answer") if row.answer else _(KINDS[row.kind].label) if row.kind in KINDS else ""
        ink.put(47 + extra, kind, quiet, size=7)
        ink.put(55 + extra, number_words(row, joined=self._view.joined), "muted", size=8)
        ink.put(64 + extra, row.department, "muted", size=14)
        ink.put(80 + extra, due_words(row, self._view.day), "muted", size=11)
        ink.put(93 + extra, row.basis, quiet, size=24)


def group_words(group: Group, by: By) -> str:
    """What a group is called."""
    if by == "department":
        return group.label or _("no department")
    return _(GROUPS[group.key]) if group.key in GROUPS else group.key


def number_words(row: Countdown, *, joined: bool) -> str:
    """A task by its serial, other papers by their whole number where there is room for it."""
    if not row.number:
        return _("new") if joined and row.kind in KINDS and KINDS[row.kind].number else ""
    serial = row.kind == "task" or len(row.number) > 8
    return row.number.rpartition("-")[2] if serial else row.number


def due_words(row: Countdown, day: date) -> str:
    """The hour where it is today, else the day with its weekday or hour."""
    try:
        due = date.fromisoformat(row.due[:10])
    except ValueError:
        return row.due
    if due == day and len(row.due) > 10:
        return row.due[11:16]
    if abs((due - day).days) > 300:
        return row.due[:10]
    return f"{row.due[5:10]} {row.due[11:16] or _(WEEKDAYS[due.weekday()])}"


class Counted(NamedTuple):
    """What a filter finds, and where that is nothing how many there are without it."""

    window: DeadlinesWindow
    total: int


class Strip5(Row):
    """Five weeks of working days with what is due on each; two where there is little room."""

    DEFAULT_CSS = "Strip5 { height: 4; }"

    def __init__(self, view: Deadlines) -> None:
        super().__init__(view.duijie.current_shades)
        self._view = view

    def render_line(self, y: int) -> Strip:
        ink = Ink(self._shades(), self.size.width)
        if y < 3:
            self._line(ink, y)
        return ink.strip()

    def _line(self, ink: Ink, y: int) -> None:
        wide = ink.cells >= NARROW
        ink.fill(1 if wide else 0, ink.cells - (2 if wide else 0), "panel")
        x, week = self.margin, -1
        for day, count, late in self._view.days(WEEKS if wide else WEEKS_NARROW):
            number = day.isocalendar().week
            if week not in (-1, number):
                x += 1
            if x + 2 > ink.cells - self.margin:
                break
            here = day == self._view.day
            if here:
                ink.fill(x - 1, 4, "cursor")
            if y == 0:
                if here:
                    ink.put(x - 1, _("today"), "accent", size=5)
                elif week != number:
                    ink.put(x, _("week {n}", n=number), "faint", size=8)
            elif y == 1:
                ink.put(x, f"{day:%d}", "text" if here else "muted", bold=here)
            else:
                role = "red" if late else "yellow" if here else "text"
                ink.put_right(x + 2, str(count) if count else "-", role if count else "line")
            week = number
            x += DAY


class Deadlines(View):
    """Everything with a date that runs."""

    tab: ClassVar[str] = "4"
    help = (
        N_(
            "Tasks, milestones and answers by the time that is left; w.d. are working days, make-up days count."
        ),
        N_("The strip above counts what is due on each working day; red is late."),
        N_(
            "The basis says why a date stands as it does: a rule, a day off, a year that is not published."
        ),
    )
    filtered_kind = "task"
    BINDINGS = bindings("deadlines.*")

    def __init__(self) -> None:
        super().__init__()
        self.by: By = "time"
        self._weeks = 0

    def compose(self) -> ComposeResult:
        self._look_at_the_clock()
        self.shows = self.showing()
        self.source = CountdownSource(self._window(self.filter), self)
        self.list = Lines(self.source, self.shades)
        self.strip, self.empty = Strip5(self), Empty(self.shades)
        yield self.strip
        yield self.list
        yield self.empty

    def _window(self, text: str) -> DeadlinesWindow:
        return self._counting(text)(self.workspace.conn)

    def showing(self) -> tuple[str, ...]:
        return (*super().showing(), self.by)

    def counting(self) -> Callable[[sqlite3.Connection], Counted]:
        counting, everything = self._counting(self.filter), self._counting("")

        def counted(conn: sqlite3.Connection) -> Counted:
            window = counting(conn)
            return Counted(window, window.count or everything(conn).count)

        return counted

    def _counting(self, text: str) -> Callable[[sqlite3.Connection], DeadlinesWindow]:
        return partial(
            DeadlinesWindow,
            now=self.workspace.now(),
            text=text,
            project=self.duijie.project,
            by=self.by,
        )

    def _look_at_the_clock(self) -> None:
        """Once for all rows, for they are drawn again every second."""
        self._wall = wall_of(self.workspace)
        self.day = self._wall.date()
        self.joined = self.workspace.standing().joined

    def days(self, weeks: int) -> list[tuple[date, int, bool]]:
        """The working days of some weeks from this one on, with what is due and whether it is late."""
        monday = self.day - timedelta(days=self.day.weekday()) + timedelta(weeks=self._weeks)
        return [
            (each.day, each.count, each.late)
            for each in self.source.window.days(monday, weeks * 7)
            if each.workday or each.count
        ]

    def check_filter(self, text: str) -> None:
        # Over all kinds that have a date, though it is a task's fields that are offered.
        check_filter(self.workspace.conn, None, text, now=self.workspace.now())

    def found(self) -> int | None:
        return self.source.window.count if self.listed else None

    def context(self) -> Context:
        groups = {group.key: group.count for group in self._groups()}
        n = sum(groups.values())
        left = [
            Fact(self.duijie.project_title, "text"),
            Fact(_(BY[self.by])),
            Fact(n_("{n} in all", "{n} in all", n)),
        ]
        if groups.get("late"):
            left.append(Fact(f"{_('late')} {groups['late']}", "red"))
        if groups.get("today"):
            left.append(Fact(f"{_('today')} {groups['today']}", "yellow"))
        return Context(
            left, [Fact(_("working days only"), "faint"), Fact(_("make-up days count"), "faint")]
        )

    def _groups(self) -> list[Group]:
        return self.source.window.groups if self.is_mounted else []

    def reread(self) -> None:
        if self.filter:
            self.count_beside()
        elif self.is_mounted:
            self._show(self._window(""))

    def take(self, counted: Counted) -> None:
        counted.window.hand_to(self.workspace.conn)
        if self.is_mounted:
            self._show(counted.window, counted.total)

    def _show(self, window: DeadlinesWindow, total: int = 0) -> None:
        self._look_at_the_clock()
        self.shows = self.showing()
        self.source.window = window
        self.list.shades = self.shades
        self.list.reread()
        self.strip.refresh()
        self._say_empty(total)

    def seconds(self, row: Countdown) -> int:
        """The seconds left now; the row has those of when it was read."""
        return seconds_from(self._wall, row.due_at)

    def tick(self) -> None:
        self._look_at_the_clock()
        if self.source.window.tick(self.workspace.now()):
            self.list.tick(self.source.live)
        elif not self.asked:
            self.reread()

    def on_mount(self) -> None:
        self._say_empty()

    def _say_empty(self, total: int = 0) -> None:
        """Nothing to show is said, with how many there are in all."""
        empty = self.empty
        none = not self.source.window.count
        if none and self.filter:
            empty.say(_("Nothing matches; Esc clears the filter ({n} in all)", n=total), "")
        elif none:
            empty.say(
                _("Nothing with a deadline"),
                _("Tasks, milestones and answers stand here by the time that is left."),
            )
        self.list.display, empty.display = not none, none

    def take_focus(self) -> None:
        self.call_after_refresh(self.list.focus)

    @on(Lines.Opened)
    async def _opened(self, message: Lines.Opened) -> None:
        row = self._row(message.key)
        if row is not None:
            await self.duijie.open_record(row.kind, row.id)

    def _row(self, key: Key | None) -> Countdown | None:
        place = self.source.window.place(key) if key is not None else None
        return self.source.row(place) if place is not None else None

    async def action_delay(self) -> None:
        """Declare that the task under the cursor is late."""
        row = self._row(self.list.cursor)
        if row is None:
            return
        if row.kind != "task":
            self.duijie.say(_("Only of a task is a delay declared; open the record to change its date."))  # fmt: skip
        else:
            await doors.delay(self.duijie, row.id)

    def action_group(self) -> None:
        self.by = "department" if self.by == "time" else "time"
        self.reread()
        if self.duijie.frame:
            self.duijie.frame.tell()

    def action_week_before(self) -> None:
        self._weeks -= 1
        self.strip.refresh()

    def action_week_after(self) -> None:
        self._weeks += 1
        self.strip.refresh()

    def action_explain(self) -> None:
        """Say how the date under the cursor was computed."""
        row = self._row(self.list.cursor)
        if row is not None:
            told = explained(self.workspace, row.kind, row.id) or [row.due, row.basis]
            self.duijie.say("\n".join(filter(None, [row.title, *told])), about="why")
