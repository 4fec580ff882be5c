"""The calendar: a year as twelve months, its days off and make-up days, changed by a key."""

from __future__ import annotations

from bisect import bisect_right
from calendar import monthrange
from datetime import date, timedelta
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.strip import Strip

from schema.dates import today
from schema.rules.answers import unpublished
from schema.wording import N_, _, n_
from schema.workdays import MAKE_UP, OFF, WEEKEND
from syncd.store.reading import calendar_of, policy_of
from tui.actions import bindings
from tui.almanac import FIRST, LAST, Year, begun, published, record_id, turned, year_of
from tui.cli.text import WEEKDAYS
from tui.ink import Ink
from tui.views.policy import PolicyView, may_change, readers_words
from tui.widgets.chrome import Row
from tui.widgets.lines import Key, Lines, Look, Step
from tui.widgets.view import NARROW, Context, Fact, View

MONTHS = (
    N_("Jan"),
    N_("Feb"),
    N_("Mar"),
    N_("Apr"),
    N_("May"),
    N_("Jun"),
    N_("Jul"),
    N_("Aug"),
    N_("Sep"),
    N_("Oct"),
    N_("Nov"),
    N_("Dec"),
)
SHORT_WEEKDAYS = (N_("Mo"), N_("Tu"), N_("We"), N_("Th"), N_("Fr"), N_("Sa"), N_("Su"))
MARKS = {OFF: N_("H"), MAKE_UP: N_("W")}
SORTS = {
    OFF: N_("official day off"),
    MAKE_UP: N_("make-up day, worked"),
    WEEKEND: N_("weekend"),
    "workday": N_("working day"),
}
NAME, CELL = 6, 4  # cells of a month's name and of a day
MONTH = NAME + 7 * CELL
GAP = 2  # cells between months at least
GAP_MOST = 8
_DAY = timedelta(days=1)


class Columns:
    """Where months stand beside each other on a line of so many cells."""

    def __init__(self, cells: int) -> None:
        margin = 3 if cells >= NARROW else 2
        room = cells - 2 * margin
        self.count = next((n for n in (4, 3, 2) if n * (MONTH + GAP) - GAP <= room), 1)
        spare = (room - self.count * MONTH) // max(self.count - 1, 1)
        self._margin, self._step = margin, MONTH + min(max(spare, 0), GAP_MOST)

    def x(self, column: int) -> int:
        """The cell that a month begins at."""
        return self._margin + column * self._step

    def at(self, x: int) -> tuple[int, int] | None:
        """The column and the weekday at a cell."""
        for column in range(self.count):
            weekday = (x - self.x(column) - NAME) // CELL
            if 0 <= weekday < 7 and x >= self.x(column) + NAME:
                return column, weekday
        return None


class YearSource:
    """Twelve months, several beside each other, a week a line."""

    def __init__(self, view: CalendarView) -> None:
        self._view = view
        self.height = 0
        self.columns = Columns(120)
        self._tops = [0]
        self._lay()

    def fit(self, cells: int, lines: int) -> None:
        self.columns = Columns(cells)
        self._lay()

    def read(self) -> None:
        self._lay()

    def _lay(self) -> None:
        """The first line of each row of months, and the end of the last."""
        n = self.columns.count
        self._tops = [0]
        for first in range(1, 13, n):
            weeks = max(self._weeks(month) for month in range(first, first + n))
            self._tops.append(self._tops[-1] + weeks + 1)
        self.height = self._tops[-1] - 1

    def _first(self, month: int) -> date:
        return date(self._view.year, month, 1)

    def _weeks(self, month: int) -> int:
        days = monthrange(self._view.year, month)[1]
        return (self._first(month).weekday() + days + 6) // 7

    def _day(self, month: int, week: int, weekday: int) -> date | None:
        first = self._first(month)
        number = week * 7 + weekday - first.weekday()
        inside = 0 <= number < monthrange(self._view.year, month)[1]
        return first + number * _DAY if inside else None

    def _row_at(self, y: int) -> tuple[int, int]:
        """The row of months at a line, and its week."""
        row = min(bisect_right(self._tops, y), len(self._tops) - 1) - 1
        return row, y - self._tops[row]

    def draw(self, y: int, ink: Ink, look: Look) -> None:
        row, week = self._row_at(y)
        held = date.fromisoformat(look.cursor) if look.cursor else None
        for column in range(self.columns.count):
            month = row * self.columns.count + column + 1
            x = self.columns.x(column)
            if not week:
                here = held is not None and held.month == month
                ink.put(
                    x,
                    _(MONTHS[month - 1]),
                    "accent" if here and look.focused else "text",
                    bold=True,
                )
            for weekday in range(7):
                day = self._day(month, week, weekday)
                if day is not None:
                    self._draw_day(day, x + NAME + weekday * CELL, ink, look)

    def _draw_day(self, day: date, x: int, ink: Ink, look: Look) -> None:
        sort = self._view.shown.calendar.sort_of(day)
        here = day.isoformat() == look.cursor
        if here:
            ink.fill(x - 1, CELL + 1, "cursor" if look.focused else "sel")
        role = "text" if sort in ("workday", MAKE_UP) else "muted" if here else "faint"
        now = day == self._view.day
        if here and ink.shades.ascii:
            ink.stripe(x - 1, "accent", focus=True)
        ink.put(
            x,
            f"{day.day:2d}",
            "accent" if now else role,
            bold=now or sort == MAKE_UP or here,
            underline=now,
        )
        if sort in MARKS:
            ink.put(x + 2, _(MARKS[sort]), "text" if sort == MAKE_UP else "muted", size=2)

    # -- what the list asks

    def at(self, x: int, y: int) -> Key | None:
        found = self.columns.at(x)
        if found is None or not 0 <= y < self.height:
            return None
        row, week = self._row_at(y)
        day = self._day(row * self.columns.count + found[0] + 1, week, found[1])
        return day.isoformat() if day else None

    def where(self, key: Key) -> Region | None:
        day = date.fromisoformat(key)
        if day.year != self._view.year:
            return None
        row, column = divmod(day.month - 1, self.columns.count)
        first = self._first(day.month)
        week, weekday = divmod(first.weekday() + day.day - 1, 7)
        x = self.columns.x(column) + NAME + weekday * CELL
        return Region(x, self._tops[row] + week, CELL, 1)

    def step(self, key: Key | None, step: Step, lines: int) -> Key | None:
        first, last = date(self._view.year, 1, 1), date(self._view.year, 12, 31)
        held = date.fromisoformat(key) if key else self._view.begin
        if step in ("first", "last") and key is not None:
            return (first if step == "first" else last).isoformat()
        if step in ("page_up", "page_down"):
            month = held.month + (1 if step == "page_down" else -1)
            month = min(max(month, 1), 12)
            most = monthrange(held.year, month)[1]
            return held.replace(month=month, day=min(held.day, most)).isoformat()
        days = {"left": -1, "right": 1, "up": -7, "down": 7}.get(step, 0)
        to = held.toordinal() + days
        # A week more than the year has stays on the day.
        inside = first.toordinal() <= to <= last.toordinal()
        return date.fromordinal(to if inside else held.toordinal()).isoformat()


class Days(Lines, inherit_bindings=False):
    """The year's days; Enter turns one, it opens nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        each
        for each in bindings("list.*")
        if isinstance(each, Binding) and each.id not in ("list.open", "list.choose", "list.delete")
    ]


class Weekdays(Row):
    """Mon to Sun over each column of months."""

    def draw(self, ink: Ink) -> None:
        columns = Columns(ink.cells)
        for column in range(columns.count):
            for weekday, name in enumerate(SHORT_WEEKDAYS):
                ink.put(columns.x(column) + NAME + weekday * CELL, _(name), "faint", size=2)


class Foot(Row):
    """What the day under the cursor is, whose list this is, and how the workspace counts."""

    DEFAULT_CSS = "Foot { height: 4; }"

    def __init__(self, view: CalendarView) -> None:
        super().__init__(view.duijie.current_shades)
        self._view = view

    def render_line(self, y: int) -> Strip:
        ink = Ink(self._shades(), self.size.width, self.ground)
        left = 1 if ink.cells >= NARROW else 0
        if y < 3:
            ink.fill(left, ink.cells - 2 * left, "panel")
            label, text, right, role = self._view.told()[y]
            x, end = self.margin, ink.cells - self.margin
            end = ink.put_right(end, right, "muted" if y else "faint", size=(end - x) // 2) - 2
            ink.put(x, label, "faint", size=10)
            ink.put(x + 11, text, role, size=end - x - 11, bold=not y)
        return ink.strip()


class CalendarView(View):
    """A year of days off and make-up days; coordinators turn a day on Enter."""

    help = (
        N_(
            "H is an official day off, W a weekend day worked in its stead; faint days are weekends."
        ),
        N_("Enter turns a day: ordinary, official day off, make-up day; ^Z takes it back."),
        N_("A year that is not published is a guess, and every date counted in it says so."),
    )
    BINDINGS = bindings("calendar.*")

    def __init__(self, year: int = 0) -> None:
        super().__init__()
        self.year = year

    def compose(self) -> ComposeResult:
        self._read()
        self.source = YearSource(self)
        self.list = Days(self.source, self.shades)
        self.foot_row = Foot(self)
        self.foot_row.add_class("foot")
        yield Weekdays(self.duijie.current_shades)
        yield self.list
        yield self.foot_row

    def _read(self) -> None:
        self.day = today(self.workspace.moment(), self.workspace.setting.zone)
        self.year = self.year or min(max(self.day.year, FIRST), LAST)
        calendar = calendar_of(self.workspace.conn)
        self.shown: Year = year_of(self.workspace.replica, self.year, calendar)

    @property
    def begin(self) -> date:
        """The day that the cursor begins at."""
        return self.day if self.day.year == self.year else date(self.year, 1, 1)

    def on_mount(self) -> None:
        self.call_after_refresh(self.list.go_to, self.begin.isoformat())

    def reread(self) -> None:
        if self.is_mounted:
            self._read()
            self.list.shades = self.shades
            self.list.reread()
            self._tell()

    def _tell(self) -> None:
        for row in self.query(Row):
            row.refresh()
        if self.duijie.frame is not None and self.duijie.frame.view is self:
            self.duijie.frame.tell_facts()

    def take_focus(self) -> None:
        self.call_after_refresh(self.list.focus)

    def context(self) -> Context:
        if not self.is_mounted:
            return Context([], [])
        left = [Fact(_("Calendar")), Fact(str(self.year), "text", bold=True)]
        if not self.shown.published:
            left.append(Fact(unpublished(self.year), "yellow"))
        if self.app.size.width >= NARROW:
            off, work = len(self.shown.of(OFF)), len(self.shown.of(MAKE_UP))
            left += [
                Fact(n_("{n} working day", "{n} working days", self.shown.working_days)),
                Fact(_marked(OFF, n_("{n} day off", "{n} days off", off))),
                Fact(_marked(MAKE_UP, n_("{n} make-up day", "{n} make-up days", work))),
            ]
        if may_change(self.workspace, "calendar"):
            return Context(left, [])
        return Context(left, [Fact(_("only coordinators change this"))])

    @property
    def held(self) -> date:
        """The day under the cursor."""
        return date.fromisoformat(self.list.cursor) if self.list.cursor else self.begin

    def told(self) -> list[tuple[str, str, str, str]]:
        """The lines of the foot: label, words, what stands at the right, and the shade of the words."""
        day, shown = self.held, self.shown
        sort = _(SORTS[shown.calendar.sort_of(day)])
        here = [_("today")] if day == self.day else []
        what = "   ".join([f"{day} {_(WEEKDAYS[day.weekday()])}", sort, *here])
        by = "   ".join(filter(None, [shown.region, shown.source])) or _("nobody has said yet")
        changed = ""
        if shown.record is not None:
            changed = _("changed by {author}", author=shown.record.shown.author)
        policy = policy_of(self.workspace.conn)
        counts = "   ".join([policy.text("zone"), policy.text("hours")])
        official = _("official") if shown.published else unpublished(self.year)
        return [
            (_("Day"), what, official, "text"),
            (_("List"), by, changed, "muted"),
            (_("Counted"), counts, _("^T rules"), "muted"),
        ]

    @on(Lines.Moved)
    def _moved(self) -> None:
        self.foot_row.refresh()

    # -- what people do

    def _may(self) -> bool:
        if may_change(self.workspace, "calendar"):
            return True
        self.duijie.say(readers_words(), wrong=True)
        return False

    async def action_turn(self) -> None:
        """Make of the day what comes next."""
        day = self.held
        if self._may() and await self.duijie.act(lambda pen: turned(pen, day)):
            self.reread()

    async def action_publish(self) -> None:
        """Say whether these are the official days."""
        if not self._may():
            return
        year, official = self.year, not self.shown.published
        if await self.duijie.act(lambda pen: published(pen, year, official=official)):
            self.reread()
            told = (
                _("{year}: these are the official days off now.", year=year)
                if official
                else _("{year}: a guess again; every date counted in it says so.", year=year)
            )
            self.duijie.say(" ".join([told, _("^Z takes it back.")]))

    def _go(self, year: int) -> None:
        if not FIRST <= year <= LAST:
            return
        held = self.held
        day = min(held.day, monthrange(year, held.month)[1])
        self.year = year
        self._read()
        self.list.reread()
        self.list.go_to(held.replace(year=year, day=day).isoformat())
        self._tell()

    def action_year_before(self) -> None:
        self._go(self.year - 1)

    def action_year_after(self) -> None:
        self._go(self.year + 1)

    async def action_record(self) -> None:
        """The record of the year, to write region and source, or many days at once."""
        if self.shown.record is not None:
            await self.duijie.open_record("calendar", self.shown.record.id)
        elif not may_change(self.workspace, "calendar"):
            self.duijie.say(readers_words(), wrong=True)
        elif self.workspace.replica.record("calendar", record_id(self.year)) is not None:
            await self.duijie.open_record("calendar", record_id(self.year))
        else:
            await self.duijie.new_record("calendar", begun(self.year))

    async def action_policy(self) -> None:
        """The rules of how the workspace counts."""
        await self.duijie.open_view(PolicyView("zone"))


def _marked(sort: str, words: str) -> str:
    """Words behind the mark of a sort of day."""
    return f"{_(MARKS[sort])} {words}"
