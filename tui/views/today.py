"""Whose turn it is: what waits for me and by when, what falls due, the lights, and what others changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from datetime import date
from itertools import islice
from typing import ClassVar, NamedTuple

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from schema.dates import today as day_of
from schema.errors import DuijieError
from schema.rules.owed.table import Line as Owed
from schema.rules.truth import at
from schema.rules.world import Settle, Write
from schema.wording import N_, _
from syncd.store.deadlines import Countdown, DeadlinesWindow
from syncd.store.lights import Light, lights
from syncd.store.news import Changes, changes, looked, note_looked
from syncd.store.today import Item, Today
from syncd.store.today import today as today_of
from tui import doors
from tui.actions import bindings
from tui.asking import Asker, Overtaken
from tui.cli.text import day_left
from tui.explaining import CLOCKS, line_explained
from tui.explaining import explained as record_explained
from tui.receiving import is_receipt, receive
from tui.views.today_below import light_lines, news_lines
from tui.views.today_rows import DueSource, MineSource, PaneHead, line_key, why_words
from tui.widgets.empty import Empty
from tui.widgets.lines import Key, Lines
from tui.widgets.sheet import Sheet
from tui.widgets.view import HIGH, NARROW, Context, Fact, View

DUE = 40  # dates that stand beside, the next ones first
NEWS = 4
BRIEF_MINE = 8  # lines that what waits for me takes at the most where there is little room
SOON = 7 * 24 * 3600  # seconds within which a date stands here


class Read(NamedTuple):
    """What Today shows, read at once; `breaks` are the places of `due` before which a blank stands."""

    today: Today
    due: list[Countdown]
    breaks: list[int]
    total: int
    lights: Sequence[Light]
    news: Changes


class TodayView(View):
    """What waits for me beside what falls due; under them the lights and the news."""

    tab: ClassVar[str] = "1"
    help = (
        N_("What waits for you stands here, the most urgent first, and is gone when it is done."),
        N_(
            "Enter opens what settles it: a record at the field, or a paper begun with what is known."
        ),
        N_("A line in another's place names them: you are their deputy or successor."),
    )
    BINDINGS = bindings("today.*")
    DEFAULT_CSS = """
    TodayView #panes { height: 1fr; }
    TodayView .pane { background: $shade-panel; padding: 1 0; margin-left: 1; }
    TodayView #mine { width: 67; }
    TodayView #due { width: 1fr; margin-right: 1; }
    TodayView PaneHead { margin-bottom: 1; }
    TodayView #below { height: auto; margin: 1 0; overflow: hidden; }
    TodayView.-narrow #panes { layout: vertical; }
    TodayView.-narrow .pane { width: 1fr; background: $shade-bg; padding: 0; margin: 0; }
    TodayView.-narrow #mine { width: 1fr; height: auto; }
    TodayView.-narrow #due { height: 1fr; margin-top: 1; margin-right: 0; }
    TodayView.-narrow PaneHead { margin: 0; }
    TodayView.-narrow #below { margin: 1 0 0 0; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._read: Read | None = None
        self._since: int | None = None
        self._reading = False
        self._arriving = False  # the focus waits for what is read
        self._aside = False  # the person went to the dates, or among them
        self._stood: Key | None = None  # where the cursor of the dates is without that

    def compose(self) -> ComposeResult:
        self.asker = Asker(self.workspace.home)
        self._since = looked(self.workspace.conn)
        ground = "bg" if self.brief else "panel"
        self.mine = MineSource(self)
        self.due = DueSource(self)
        self.list = Lines(self.mine, self.shades, ground=ground)
        self.dates = Lines(self.due, self.shades, ground=ground)
        self.empty = Empty(self.shades)
        self.below = Sheet(self.shades, ground="bg", id="below")
        with Horizontal(id="panes"):
            with Vertical(id="mine", classes="pane"):
                yield PaneHead(self.list, lambda: (_("My turn"), self._count()))
                yield self.list
                yield self.empty
            with Vertical(id="due", classes="pane"):
                yield PaneHead(
                    self.dates, lambda: (_("Deadlines"), self._read.total if self._read else 0)
                )
                yield self.dates
        yield self.below

    def on_mount(self) -> None:
        self._again()
        self.workspace.set_down(note_looked)

    async def on_unmount(self) -> None:
        self.asker.close()

    @property
    def brief(self) -> bool:
        """Whether there is little room: short lists under each other."""
        return self.app.size.width < NARROW

    @property
    def day(self) -> date:
        """Today in the workspace's zone."""
        return day_of(self.workspace.moment(), self.workspace.setting.zone)

    # -- reading

    def _question(self) -> Callable[[sqlite3.Connection], Read]:
        """What is read for the screen, whoever reads it."""
        now, project, since = self.workspace.now(), self.duijie.project, self._since

        def read(conn: sqlite3.Connection) -> Read:
            window = DeadlinesWindow(conn, now=now, project=project)
            due = list(window.rows(0, DUE))
            found = today_of(conn, now)
            if project:
                found = found._replace(
                    items=[each for each in found.items if each.line.project == project]
                )
            return Read(
                found,
                due,
                _breaks(window, len(due)),
                window.count,
                lights(conn, now),
                changes(conn, since, limit=NEWS) if since is not None else Changes(0, []),
            )

        return read

    def reread(self) -> None:
        if self.is_mounted:
            self.list.shades = self.dates.shades = self.below.shades = self.shades
            self._again()

    def _again(self) -> None:
        self._reading = True
        self._read_again()

    @work(exclusive=True, group="today")
    async def _read_again(self) -> None:
        try:
            self._show(await self.asker.ask(self._question()))
        except Overtaken:
            return
        except DuijieError as error:
            self._reading = False
            self.duijie.say(str(error), wrong=True)

    def _show(self, read: Read) -> None:
        self._read = read
        self._reading = False
        self.mine.show(read.today.items)
        self.due.show(read.due, read.breaks)
        self.list.reread()
        self.dates.reread()
        self._stood = self.dates.cursor
        self._say_empty(read)
        self._lay(read)
        frame = self.duijie.frame
        if frame is not None and frame.view is self:
            frame.tell_facts()

    def _say_empty(self, read: Read) -> None:
        none = not read.today.items
        if none:
            near = read.due[0] if read.due else None
            self.empty.say(
                _("Nothing waits for you today"),
                _("Next: {title}, {day}", title=near.title, day=day_left(near.due, self.day))
                if near
                else "",
            )
        here = self.list.has_focus if none else self.dates.has_focus
        self.list.display, self.empty.display = not none, none
        if self._arriving or here:
            self._arriving = False
            self._to_pane()

    def _lay(self, read: Read) -> None:
        """Give what is below the lines it needs, and what waits for me where there is little room."""
        low = self.app.size.height < HIGH
        cells = self.app.size.width
        lines = light_lines(read.lights, cells, brief=self.brief)
        if not (low or self.brief):
            lines += news_lines(read.news, cells, self.workspace)
        self.below.show(lines)
        self.below.styles.height = len(lines)
        if self.brief:
            shown = min(max(len(read.today.items), 1), BRIEF_MINE)
            self.list.styles.height = self.empty.styles.height = shown
        for head in self.query(PaneHead):
            head.refresh()

    # -- what the frame asks

    def _count(self) -> int:
        return self._read.today.total if self._read else 0

    def context(self) -> Context:
        left = [
            Fact(self.duijie.project_title, "text"),
            Fact(_("week {n}", n=self.day.isocalendar().week)),
        ]
        if self._read is not None:
            found = self._read.today
            left.append(Fact(_("My turn {n}", n=found.total)))
            if found.due:
                left.append(Fact(_("Due today {n}", n=found.due), "yellow"))
            if found.late:
                left.append(Fact(_("Late {n}", n=found.late), "red"))
        return Context(left, [])

    def tick(self) -> None:
        self.list.redraw()
        self.dates.redraw()

    def take_focus(self) -> None:
        """To what waits, where anything does once it is read, or to where the person was."""
        self._arriving = self._reading
        self.call_after_refresh(self._to_pane)

    def _to_pane(self) -> None:
        (self.dates if self._aside or not self.list.display else self.list).focus()

    def on_descendant_focus(self) -> None:
        for head in self.query(PaneHead):
            head.refresh()

    def show_record(self, kind: str, id: str) -> None:
        super().show_record(kind, id)
        self._stood = self.dates.cursor

    # -- what people do

    def _item(self, key: Key | None) -> Item | None:
        items = self._read.today.items if self._read else []
        return next((each for each in items if line_key(each.line) == key), None)

    def _date(self, key: Key | None) -> Countdown | None:
        return next((each for each in self.due.window.rows(0, DUE) if each.key == key), None)

    @on(Lines.Moved)
    def _moved(self, message: Lines.Moved) -> None:
        """Whoever moves among the dates stays there, whatever comes."""
        if message.lines is self.dates and message.key != self._stood:
            self._aside = True

    @on(Lines.Opened)
    async def _opened(self, message: Lines.Opened) -> None:
        self._aside = message.lines is self.dates
        if message.lines is self.dates:
            row = self._date(message.key)
            if row is not None:
                await self.duijie.open_record(row.kind, row.id)
            return
        item = self._item(message.key)
        if item is None:
            return
        step = item.line.step
        if is_receipt(item.line):
            self.run_worker(self._receive(item.line), group="ask", exclusive=True)
        elif isinstance(step, Write):
            await doors.paper(self.duijie, step.kind, step.body)
        elif isinstance(step, Settle):
            await self.duijie.open_conflict(step.kind, step.id)
        else:
            await self.duijie.open_record(step.kind, step.id, field=step.field)

    async def _receive(self, line: Owed) -> None:
        """Sign that it came, after one question."""
        answer = await receive(self.duijie, line)
        if answer == "open":
            await self.duijie.open_record(line.kind, line.id)
        elif answer:
            self.reread()

    def action_pane(self) -> None:
        """To the other list."""
        self._aside = self.list.has_focus
        self._to_pane()

    def action_record(self) -> None:
        """Open the record that the line is about, and not what settles it."""
        item = self._item(self.list.cursor)
        if item is not None:
            self.run_worker(self.duijie.open_record(item.line.kind, item.line.id))

    def action_explain(self) -> None:
        """Say why this waits, by which row of the guides, and how its time was computed."""
        if self.dates.has_focus:
            row = self._date(self.dates.cursor)
            told = self._date_explained(row) if row is not None else []
        else:
            item = self._item(self.list.cursor)
            told = explained(item, self) if item is not None else []
        if told:
            self.duijie.say("\n".join(filter(None, told)), about="why")

    def _date_explained(self, row: Countdown) -> list[str]:
        computed = record_explained(self.workspace, row.kind, row.id)
        return [row.title, *(computed or [row.due, row.basis])]


def explained(item: Item, view: View) -> list[str]:
    """Why a line is there, in sentences, and how its time was computed."""
    line, workspace = item.line, view.workspace
    zone, now = workspace.setting.zone, workspace.now()
    told = [_("{verb} {title}: {why}", verb=line.verb, title=line.title, why=why_words(line))]
    computed = line_explained(workspace, line)
    if line.began is not None and not computed:
        told.append(_("Begun {time}", time=at(line.began, now, zone)))
    if line.ends is not None and line.rule not in CLOCKS:
        told.append(_("Over {time}", time=at(line.ends, now, zone)))
    told += computed
    if line.rows:
        told.append(_("By the guides: {rows}", rows=_(", ").join(line.rows)))
    return told


def _breaks(window: DeadlinesWindow, count: int) -> list[int]:
    """Where what is late, what is due today and what comes meet, among the first rows."""
    places, first = [], 0
    for group in islice(window.groups, 3):
        if 0 < first < count and group.key in ("today", "week", "next", "later"):
            places.append(first)
        if group.key not in ("late", "today"):
            break
        first += group.count
    return places
