"""All records: every kind of paper as a plain list."""

from __future__ import annotations

from array import array
from datetime import date
from typing import ClassVar, NamedTuple

from textual import on, work
from textual.app import ComposeResult

from schema.dates import today
from schema.errors import DuijieError
from schema.records import KINDS, Kind
from schema.wording import N_, _, n_
from syncd.store.found import FoundWindow, find, kind_counts
from syncd.store.windows import ListRow, ListWindow
from tui.actions import bindings
from tui.asking import Asker, Overtaken
from tui.cli.text import SHORT_ID, WEEKDAYS, word
from tui.deleting import delete
from tui.ink import Ink
from tui.screens.dialog import Pick
from tui.widgets.choices import Choice
from tui.widgets.chrome import Row
from tui.widgets.countdown import LIGHTS
from tui.widgets.empty import Empty
from tui.widgets.lines import Key, Lines, Look
from tui.widgets.rows import RowSource
from tui.widgets.view import NARROW, Context, Fact, View
from tui.width import width

FIRST = "task"


class Column(NamedTuple):
    """A column of the list: its first cell and how many it has; none where it has no room."""

    x: int
    size: int

    def put(self, ink: Ink, text: str, role: str, *, bold: bool = False) -> None:
        """Put a text into it."""
        if self.size:
            ink.put(self.x, text, role, size=self.size, bold=bold)


class Columns:
    """Where the columns stand at a width: the title has what the others leave."""

    def __init__(self, cells: int, of: Kind) -> None:
        wide = cells >= NARROW
        fields = of.by_name
        begin = 3 if wide else 2
        lights = max(width(_(each)) for each in LIGHTS.values())
        lit = "due" in fields
        self.light = Column(begin, lights if lit else 0)
        self.number = Column(begin + (lights + 2 if lit else 0), 12 if wide else 8)
        end = cells - begin
        self.due, end = self._take(end, 11 if "due" in fields else 0)
        self.department, end = self._take(end, 12 if wide and "department" in fields else 0)
        self.owner, end = self._take(end, 10 if wide and "owner" in fields else 0)
        words = fields["state"].words if "state" in fields else ()
        self.state, end = self._take(
            end, max((width(_(said)) for _token, said in words), default=0)
        )
        self.flag, end = self._take(end, max(width(_("conflict")), width(_("unsent"))))
        x = self.number.x + self.number.size + 2
        self.title = Column(x, max(end - x, 0))

    @staticmethod
    def _take(end: int, size: int) -> tuple[Column, int]:
        return Column(end - size, size), end - size - 2 if size else end


class RecordSource(RowSource[ListRow]):
    """One record a line."""

    window: ListWindow

    def __init__(self, window: ListWindow, view: Records) -> None:
        self._view = view
        super().__init__(window)

    def key(self, row: ListRow) -> Key:
        return row.id

    def draw_row(self, row: ListRow, part: int, ink: Ink, look: Look, place: int) -> None:
        wide = ink.cells >= NARROW
        focused = look.focused and row.id == look.cursor
        if row.id == look.cursor:
            ink.fill(
                1 if wide else 0, ink.cells - (2 if wide else 0), "cursor" if focused else "sel"
            )
        if focused:
            ink.stripe(1 if wide else 0, "accent", focus=True)
        if row.id in look.chosen:
            ink.put(2 if wide else 1, "+", "accent", bold=True)
        quiet = "muted" if focused else "faint"
        columns = self._view.columns(ink.cells)
        of = KINDS.get(row.kind)
        over = of is not None and row.state in of.finished
        light = row.light or ""
        columns.light.put(ink, _(LIGHTS[light]) if light else "", light or "text")
        number = row.number or row.id[-SHORT_ID:]
        columns.number.put(ink, number, "muted" if row.number else quiet)
        title = row.title or _("(no title)")
        columns.title.put(ink, title, "muted" if over and not focused else "text", bold=focused)
        if row.conflicts:
            ink.put(columns.flag.x, _("conflict"), "accent", size=columns.flag.size, underline=True)
        elif row.unsent:
            columns.flag.put(ink, _("unsent"), "muted")
        columns.state.put(ink, word(of, "state", row.state), "muted")
        columns.owner.put(ink, row.owner, "muted")
        columns.department.put(ink, row.department, "muted")
        columns.due.put(ink, due_words(row.due, self._view.day), "muted")


def due_words(due: str, day: date) -> str:
    """A due date in eleven cells: the hour where it is today, the day with its weekday or hour else."""
    try:
        on = date.fromisoformat(due[:10])
    except ValueError:
        return due
    if on.year != day.year:
        return due[:10]
    if on == day and len(due) > 10:
        return due[11:16]
    return f"{on:%m-%d} {due[11:16] or _(WEEKDAYS[on.weekday()])}"


class ColumnHeads(Row):
    """What the columns are, faint over the list."""

    DEFAULT_CSS = "ColumnHeads { height: 1; }"

    def __init__(self, view: Records) -> None:
        super().__init__(view.duijie.current_shades)
        self._view = view

    def draw(self, ink: Ink) -> None:
        of = KINDS[self._view.kind]
        columns = self._view.columns(ink.cells)
        columns.number.put(ink, _("Number") if of.number else _("Id"), "faint")
        columns.title.put(ink, self._label("title"), "faint")
        for name, column in (
            ("state", columns.state),
            ("owner", columns.owner),
            ("department", columns.department),
            ("due", columns.due),
        ):
            column.put(ink, self._label(name), "faint")

    def _label(self, name: str) -> str:
        spec = KINDS[self._view.kind].by_name.get(name)
        return _(spec.label) if spec else ""


class Found(NamedTuple):
    """What a filter found, by the rows of the file."""

    kind: str
    text: str
    rows: array[int]


class Records(View):
    """One kind's records, in the order they were made or in that of the filter."""

    tab: ClassVar[str] = ""
    help = (
        N_(
            "One kind of record at a time, newest last; the filter takes `field:value`, `field<value` and words."
        ),
        N_("Several can be selected and deleted as one act."),
    )
    BINDINGS = bindings("records.*", "list.delete")

    def __init__(self, kind: str = FIRST) -> None:
        super().__init__()
        self.kind = self.filtered_kind = self.new_kind = kind
        self._found: Found | None = None
        self._all = 0

    def compose(self) -> ComposeResult:
        self.asker = Asker(self.workspace.home)
        self.source = RecordSource(self._window(), self)
        self.list = Lines(self.source, self.shades, many=True)
        self.empty = Empty(self.shades)
        self.heads = ColumnHeads(self)
        yield self.heads
        yield self.list
        yield self.empty

    async def on_unmount(self) -> None:
        self.asker.close()

    # -- what is read

    def _window(self) -> ListWindow:
        conn, now = self.workspace.conn, self.workspace.now()
        self.day = today(self.workspace.moment(), self.workspace.setting.zone)
        plain = ListWindow(conn, kind=self.kind, text="", now=now)
        self._all = plain.count
        if self.filter and self._found is not None:
            return FoundWindow(conn, self._found.rows, kind=self.kind, now=now)
        return plain

    def columns(self, cells: int) -> Columns:
        """The columns at a width, for the kind that is shown."""
        return Columns(cells, KINDS[self.kind])

    def reread(self) -> None:
        if not self.is_mounted:
            return
        if self.filter:
            self._seek()
        self._show()

    def _show(self) -> None:
        self.source.window = self._window()
        self.list.shades = self.shades
        self.list.reread()
        self.heads.refresh()
        self._say_empty()

    @work(exclusive=True, group="find")
    async def _seek(self) -> None:
        """Try the filter off the loop; the list stays as it is until the answer comes."""
        kind, text, now = self.kind, self.filter, self.workspace.now()
        try:
            rows = await self.asker.ask(lambda conn: find(conn, kind, text, now=now))
        except Overtaken:
            return
        except DuijieError as error:
            self.duijie.say(str(error), wrong=True)
            return
        if (kind, text) == (self.kind, self.filter):
            self._found = Found(kind, text, rows)
            self._show()
            self._tell()

    def set_filter(self, text: str) -> None:
        self.check_filter(text)
        if text == self.filter and self.found() is not None:
            return
        self.filter = text if text.strip() else ""
        if not self.filter:
            self._found = None
            self.asker.forget()
        self.reread()

    def found(self) -> int | None:
        if self._found is None or self._found.text != self.filter:
            return None
        return self.source.window.count

    # -- what is said

    def context(self) -> Context:
        if not self.is_mounted:
            return Context([], [])
        count = self.source.window.count
        place = self.source.window.place(self.list.cursor) if self.list.cursor else None
        left = [
            Fact(_("All records")),
            Fact(_(KINDS[self.kind].label), "text"),
            Fact(
                f"{place + 1} / {count}"
                if place is not None
                else n_("{n} in all", "{n} in all", count)
            ),
        ]
        if self.filter and count != self._all:
            left.append(Fact(_("of {n}", n=self._all), "faint"))
        if self.list.chosen:
            n = len(self.list.chosen)
            left.append(Fact(n_("{n} selected", "{n} selected", n), "accent", bold=True))
        return Context(left, [] if self.filter else [Fact(_("no filter"), "faint")])

    def _tell(self) -> None:
        if self.duijie.frame is not None and self.duijie.frame.view is self:
            self.duijie.frame.tell_facts()

    def tick(self) -> None:
        self.list.redraw()

    def on_mount(self) -> None:
        self._say_empty()

    def _say_empty(self) -> None:
        none = not self.source.window.count
        kind = _(KINDS[self.kind].label)
        if none and self.filter:
            self.empty.say(
                _("Nothing matches; Esc clears the filter ({n} in all)", n=self._all), ""
            )
        elif none:
            self.empty.say(
                _("Nothing here yet: {kind}", kind=kind),
                _("Every kind of record has a list of its own."),
                [
                    Choice("app.new", _("Write the first one"), right="^N"),
                    Choice("records.kind", _("Another kind"), right="^G"),
                ],
            )
        self.list.display, self.empty.display = not none, none
        if none and self.list.has_focus and not self.filter:
            self.empty.list.focus()
        elif not none and self.empty.list.has_focus:
            self.list.focus()

    def take_focus(self) -> None:
        chosen = self.empty.list if self.empty.display else self.list
        self.call_after_refresh(chosen.focus)

    # -- what people do

    @on(Lines.Moved)
    def _moved(self) -> None:
        self._tell()

    @on(Lines.Chosen)
    def _chosen(self) -> None:
        self._tell()

    @on(Lines.Opened)
    async def _opened(self, message: Lines.Opened) -> None:
        await self.duijie.open_record(self.kind, message.key)

    def show_kind(self, kind: str) -> None:
        """List another kind, unfiltered: a filter is over one kind's fields."""
        self.kind = self.filtered_kind = self.new_kind = kind
        self._found, self.filter = None, ""
        self.asker.forget()
        self.list.chosen = frozenset()
        self.list.cursor = None
        self.list.scroll_to(y=0, animate=False, force=True)
        self._show()
        self.take_focus()
        if self.duijie.frame is not None:
            self.duijie.frame.tell_filter("")
            self.duijie.frame.tell()

    def _beside(self, by: int) -> None:
        kinds = list(KINDS)
        self.show_kind(kinds[(kinds.index(self.kind) + by) % len(kinds)])

    def action_kind_before(self) -> None:
        self._beside(-1)

    def action_kind_after(self) -> None:
        self._beside(1)

    def action_kind(self) -> None:
        """Pick a kind by typing."""
        counts = kind_counts(self.workspace.conn)
        known = [
            Choice(name, _(of.label), right=str(counts.get(name, 0))) for name, of in KINDS.items()
        ]

        def offer(text: str) -> list[Choice]:
            typed = text.strip().lower()
            return [each for each in known if typed in f"{each.text} {each.key}".lower()]

        def picked(kind: str | None) -> None:
            if kind:
                self.show_kind(kind)

        self.app.push_screen(Pick(self.shades, _("Records of which kind?"), offer), picked)

    @work(group="delete")
    async def action_delete(self) -> None:
        refs = [(self.kind, id) for id in self.list.meant]
        if await delete(self.duijie, refs):
            self.list.chosen = frozenset()
            self.reread()
            if self.duijie.frame is not None:
                self.duijie.frame.tell()
