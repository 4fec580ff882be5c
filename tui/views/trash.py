"""The trash: what was deleted, by whom and when, to look at and to restore."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult

from schema.records import KINDS
from schema.rules.truth import at
from schema.wording import N_, _, n_
from syncd.store.found import TrashRow, TrashWindow
from tui.actions import bindings
from tui.cli.text import SHORT_ID
from tui.deleting import Ref, restore
from tui.ink import Ink
from tui.widgets.chrome import Row
from tui.widgets.empty import Empty
from tui.widgets.lines import Key, Lines, Look
from tui.widgets.rows import RowSource
from tui.widgets.view import EVERY, NARROW, Context, Fact, View


class TrashSource(RowSource[TrashRow]):
    """One deleted record a line: number, kind and title, who deleted it and when."""

    window: TrashWindow

    def __init__(self, window: TrashWindow, view: Trash) -> None:
        self._view = view
        super().__init__(window)

    def key(self, row: TrashRow) -> Key:
        return row.key

    def draw_row(self, row: TrashRow, part: int, ink: Ink, look: Look, place: int) -> None:
        wide = ink.cells >= NARROW
        begin = 3 if wide else 2
        focused = look.focused and row.key == look.cursor
        if row.key == look.cursor:
            size = ink.cells - (2 if wide else 0)
            ink.fill(begin - 2, size, "cursor" if focused else "sel")
        if focused:
            ink.stripe(begin - 2, "accent", focus=True)
        if row.key in look.chosen:
            ink.put(begin - 1, "+", "accent", bold=True)
        columns = self._view.columns(ink.cells)
        ink.put(
            begin, row.number or row.id[-SHORT_ID:], "muted" if row.number else "faint", size=12
        )
        of = KINDS.get(row.kind)
        ink.put(columns["kind"], _(of.label) if of else row.kind, "muted", size=10)
        room = columns["flag"] - columns["title"] - 2
        ink.put(columns["title"], row.title or _("(no title)"), size=room, bold=focused)
        if row.unsent:
            ink.put(columns["flag"], _("unsent"), "muted", size=8)
        ink.put(columns["author"], row.author, "muted", size=12)
        ink.put(columns["at"], self._view.when(row), "muted", size=16)


class TrashHeads(Row):
    """What the columns are, faint over the list."""

    DEFAULT_CSS = "TrashHeads { height: 1; }"

    def __init__(self, view: Trash) -> None:
        super().__init__(view.duijie.current_shades)
        self._view = view

    def draw(self, ink: Ink) -> None:
        columns = self._view.columns(ink.cells)
        ink.put(self.margin, _("Number"), "faint", size=12)
        for name, words in (
            ("kind", _("Kind")),
            ("title", _("Title")),
            ("author", _("Deleted by")),
            ("at", _("When")),
        ):
            ink.put(columns[name], words, "faint")


class Trash(View):
    """Everything that was deleted, whatever kind; nothing is ever lost there."""

    help = (
        N_("What was deleted, newest first, with who deleted it; a restored record is as it was."),
        N_(
            "Work on a record outlives its deletion: a deletion never wins over an edit that did not know of it."
        ),
    )

    filtered_kind = EVERY
    BINDINGS = bindings("trash.*")

    def compose(self) -> ComposeResult:
        self.source = TrashSource(self._window(), self)
        self.list = Lines(self.source, self.shades, many=True)
        self.empty = Empty(self.shades)
        self.heads = TrashHeads(self)
        yield self.heads
        yield self.list
        yield self.empty

    def _window(self) -> TrashWindow:
        return TrashWindow(self.workspace.conn, text=self.filter, now=self.workspace.now())

    @staticmethod
    def columns(cells: int) -> dict[str, int]:
        """The first cell of each column at a width."""
        if cells >= NARROW:
            end = cells - 3
            return {
                "kind": 17,
                "title": 29,
                "flag": end - 40,
                "author": end - 30,
                "at": end - 16,
            }
        end = cells - 2
        return {"kind": 16, "title": 25, "flag": end - 34, "author": end - 25, "at": end - 11}

    def when(self, row: TrashRow) -> str:
        """When a record was deleted, on the wall of the workspace."""
        return at(row.at, self.workspace.now(), self.workspace.setting.zone)

    def check_filter(self, text: str) -> None:
        super().check_filter(f"is:deleted {text}")

    def reread(self) -> None:
        if not self.is_mounted:
            return
        self.source.window = self._window()
        self.list.shades = self.shades
        self.list.reread()
        self.heads.refresh()
        self._say_empty()

    def set_filter(self, text: str) -> None:
        self.check_filter(text)
        self.filter = text if text.strip() else ""
        self.reread()

    def found(self) -> int | None:
        return self.source.window.count if self.is_mounted else None

    def context(self) -> Context:
        if not self.is_mounted:
            return Context([], [])
        count = self.source.window.count
        place = self.source.window.place(self.list.cursor) if self.list.cursor else None
        left = [Fact(_("Trash"), "text")]
        if place is not None:
            left.append(Fact(f"{place + 1} / {count}"))
        if self.list.chosen:
            n = len(self.list.chosen)
            left.append(Fact(n_("{n} selected", "{n} selected", n), "accent", bold=True))
        return Context(left, [] if self.filter else [Fact(_("no filter"), "faint")])

    def on_mount(self) -> None:
        self._say_empty()

    def _say_empty(self) -> None:
        none = not self.source.window.count
        if none and self.filter:
            n = TrashWindow(self.workspace.conn, now=self.workspace.now()).count
            self.empty.say(_("Nothing matches; Esc clears the filter ({n} in all)", n=n), "")
        elif none:
            self.empty.say(
                _("The trash is empty"), _("What is deleted waits here, and can be restored.")
            )
        self.list.display, self.empty.display = not none, none

    def take_focus(self) -> None:
        self.call_after_refresh(self.list.focus)

    def _tell(self) -> None:
        if self.duijie.frame is not None and self.duijie.frame.view is self:
            self.duijie.frame.tell_facts()

    # -- what people do

    @on(Lines.Moved)
    def _moved(self) -> None:
        self._tell()

    @on(Lines.Chosen)
    def _chosen(self) -> None:
        self._tell()

    @on(Lines.Opened)
    async def _opened(self, message: Lines.Opened) -> None:
        await self.duijie.open_record(*_ref(message.key))

    async def action_restore(self) -> None:
        if await restore(self.duijie, [_ref(key) for key in self.list.meant]):
            self.list.chosen = frozenset()
            self.reread()
            if self.duijie.frame is not None:
                self.duijie.frame.tell()


def _ref(key: Key) -> Ref:
    kind, _slash, id = key.partition("/")
    return kind, id
