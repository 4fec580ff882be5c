"""What became of a record: its versions, what one of them said, and taking that back."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from schema.conflicts import DELETED
from schema.records import KINDS, Kind
from schema.rules.moves import check_move
from schema.rules.truth import at
from schema.safe_text import safe_text
from schema.wording import N_, _, n_
from syncd.store.history import Did, Entry, State, log
from syncd.store.replica import Replica
from syncd.store.rows import Change, Record
from tui.actions import bindings
from tui.acts import body_of, checked, decoded, named
from tui.ink import Ink
from tui.screens.dialog import Ask
from tui.views.fields import Slot, as_it_stands, lines_of, slots_of, value_at
from tui.widgets.choices import Choice
from tui.widgets.lines import Key, Lines, Look
from tui.widgets.rows import Held, RowSource
from tui.widgets.sheet import Line, Piece, Sheet, labelled
from tui.widgets.view import NARROW, Context, Fact, View
from tui.width import fold

STATES: dict[State, tuple[str, str]] = {
    "head": (N_("current"), "green"),
    "loser": (N_("in conflict"), "accent"),
    "unsent": (N_("unsent"), "yellow"),
    "refused": (N_("refused"), "red"),
    "past": (N_("earlier"), "faint"),
}
DIDS: dict[Did, str] = {
    "created": N_("created"),
    "deleted": N_("deleted"),
    "restored": N_("restored"),
    "settled": N_("settled"),
}
LABEL = 14


class EntrySource(RowSource[Entry]):
    """Two lines a version, and a blank."""

    lines = 2
    gap = 1

    def __init__(self, view: History) -> None:
        self._view = view
        super().__init__(Held([], []))

    def key(self, row: Entry) -> Key:
        return str(row.version.dot)

    def draw_row(self, row: Entry, part: int, ink: Ink, look: Look, place: int) -> None:
        here = self.key(row) == look.cursor
        focused = here and look.focused
        left = 1 if ink.cells >= 50 and self._view.app.size.width >= NARROW else 0
        if here:
            ink.fill(left, ink.cells - left, "cursor" if focused else "sel")
        if focused:
            ink.stripe(left, "accent", focus=True)
        x, end = left + 2, ink.cells - 2
        if part:
            ink.put(x, did_words(self._view.of, row), "muted", size=end - x)
            return
        words, role = STATES[row.state]
        end = ink.put_right(end, _(words), "muted" if focused and role == "faint" else role) - 2
        version = row.version
        when = at(version.eff or version.at, self._view.workspace.now(), self._view.zone)
        quiet = "muted" if focused else "faint"
        x = ink.put(x, str(version.rev), quiet, size=4) + 2
        x = ink.put(max(x, left + 6), when, "muted", size=end - x) + 3
        ink.put(x, version.author, size=end - x, bold=focused)


def did_words(of: Kind | None, entry: Entry) -> str:
    """What a version did, and to which fields."""
    known = of.by_name if of else {}
    order = {name: place for place, name in enumerate(known)}
    names = sorted(
        (n for n in entry.changed if n != DELETED), key=lambda n: order.get(n, len(order))
    )
    fields = _(", ").join(_(known[each].label) if each in known else each for each in names)
    if entry.did in ("created", "deleted"):
        return _(DIDS[entry.did])
    return "   ".join(filter(None, [_(DIDS[entry.did]) if entry.did in DIDS else "", fields]))


class History(View):
    """The versions of one record, newest first, and beside them what the one under the cursor says."""

    help = (
        N_("Every version that this copy has, newest first, and what each changed."),
        N_("Taking one back makes a new version that says what that one said; nothing is removed."),
    )

    BINDINGS = bindings("history.*")
    DEFAULT_CSS = """
    History > Horizontal { height: 1fr; }
    History #versions { width: 58; padding-top: 1; }
    History #said { width: 1fr; background: $shade-panel; padding: 1 0 1 2; margin-right: 1; }
    History.-narrow #versions { width: 1fr; padding-top: 0; }
    History.-narrow #said { display: none; margin: 0; padding: 0 0 0 2; }
    History.-narrow.open #versions { display: none; }
    History.-narrow.open #said { display: block; }
    """

    def __init__(self, kind_name: str, id: str) -> None:
        super().__init__()
        self.kind_name = kind_name
        self.record_id = id
        self.of = KINDS.get(kind_name)
        self._record: Record | None = None
        self._entries: list[Entry] = []

    def compose(self) -> ComposeResult:
        self.source = EntrySource(self)
        self.list = Lines(self.source, self.shades)
        self.sheet = Sheet(self.shades)
        with Horizontal():
            with Vertical(id="versions"):
                yield self.list
            with Vertical(id="said"):
                yield self.sheet

    @property
    def zone(self) -> str:
        return self.workspace.setting.zone

    @property
    def beside(self) -> bool:
        """Whether what a version says stands beside the list."""
        return self.app.size.width >= NARROW

    def on_mount(self) -> None:
        self._read()

    def reread(self) -> None:
        if self.is_mounted:
            self._read()

    def _read(self) -> None:
        self._record = self.workspace.replica.record(self.kind_name, self.record_id)
        self._entries = log(self.workspace.replica, self._record) if self._record else []
        self.source.window = Held(self._entries, [str(each.version.dot) for each in self._entries])
        self.list.shades = self.sheet.shades = self.shades
        self.list.reread()
        self._show()

    def on_resize(self) -> None:
        self.call_after_refresh(self._show)

    def context(self) -> Context:
        if not self.is_mounted or self._record is None:
            return Context([], [])
        n = len(self._entries)
        left = [
            Fact(named(self.of, self._record), "text", bold=True),
            Fact(_("history")),
            Fact(n_("{n} version", "{n} versions", n)),
        ]
        return Context(left, [])

    def take_focus(self) -> None:
        self.call_after_refresh(self.list.focus)

    def back(self) -> bool:
        if not self.has_class("open"):
            return False
        self.remove_class("open")
        self.take_focus()
        return True

    @property
    def entry(self) -> Entry | None:
        """The version under the cursor."""
        key = self.list.cursor
        return next((each for each in self._entries if str(each.version.dot) == key), None)

    # -- what a version says

    @on(Lines.Moved)
    def _moved(self) -> None:
        self._show(top=True)

    def _show(self, *, top: bool = False) -> None:
        entry = self.entry
        lines = self._lines(entry) if entry is not None else []
        self.sheet.show(lines, top=top)

    def _lines(self, entry: Entry) -> Sequence[Line]:
        cells = max(self.sheet.size.width - 4, 30)
        version = entry.version
        head: Line = [
            Piece(0, _("version {n}", n=version.rev), bold=True),
            Piece(cells, version.author, "muted", right=True),
        ]
        if version.body is None:
            words = _("What it said is not kept here.")
            return [head, [], [Piece(0, words, "muted")]]
        body = decoded(version.body)
        lines: list[Line] = [head, []]
        if version.deleted:
            lines += [[Piece(0, _("deleted"), "red")], []]
        known = self.of.by_name if self.of else {}
        for slot in slots_of(self.of) if self.of else []:
            lines += self._field(slot, body, entry, cells)
        for name, value in body.items():
            if name not in known:
                lines += self._labelled(name, [as_it_stands(name, value)], "muted", cells)
        return lines

    def _field(
        self, slot: Slot, body: dict[str, object], entry: Entry, cells: int
    ) -> Sequence[Line]:
        value = value_at(body, slot.path)
        mark = slot.path[0] in entry.changed
        if value is None:
            if not mark:
                return []
            return self._labelled(slot.label, [_("(empty)")], "yellow", cells)
        shown = lines_of(self.workspace.conn, slot, value)
        return self._labelled(slot.label, shown, "text" if mark else "muted", cells)

    def _labelled(self, label: str, texts: Sequence[str], role: str, cells: int) -> Sequence[Line]:
        folded = [
            line
            for text in texts
            for line in fold(safe_text(text, lines=True), max(cells - LABEL, 10))
        ]
        return labelled(
            safe_text(label)[: LABEL - 1], [[Piece(LABEL, each, role)] for each in folded]
        )

    # -- what people do

    @on(Lines.Opened)
    async def _opened(self) -> None:
        if self.beside or self.has_class("open"):
            self.action_restore()
            return
        self.add_class("open")
        self.call_after_refresh(self._show, top=True)

    def action_restore(self) -> None:
        """Make what the version under the cursor said a new edit, after asking."""
        self.run_worker(self._ask(), group="ask", exclusive=True)

    async def _ask(self) -> None:
        entry = self.entry
        if entry is None:
            return
        if entry.version.body is None:
            self.duijie.say(_("What it said is not kept here."), wrong=True)
            return
        answer = await self.duijie.push_screen_wait(
            Ask(
                self.shades,
                _("Save what version {n} said as a new edit?", n=entry.version.rev),
                [
                    Choice("keep", _("Leave it as it is now")),
                    Choice("restore", _("Save it"), _("^Z takes it back")),
                ],
                words=_("What was saved since stays in the history."),
            )
        )
        if answer != "restore":
            return
        body = entry.version.body
        if await self.duijie.act(lambda pen: restored(pen, self.kind_name, self.record_id, body)):
            self.reread()
            self.list.go_to(self.list.source.step(None, "first", 1))
            if self.duijie.frame:
                self.duijie.frame.tell()


def restored(replica: Replica, kind: str, id: str, body: bytes) -> list[Change]:
    """A new edit that says what an older version said."""
    record = replica.record(kind, id)
    of = KINDS.get(kind)
    after = decoded(body)
    if record is None or of is None:
        return [Change(kind, id, body)]
    before = body_of(record)
    check_move(of, before.get("state") or None, after.get("state") or None)
    return [Change(kind, id, checked(of, after, before))]
