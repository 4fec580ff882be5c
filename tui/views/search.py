"""Search over everything: a line to type in, and below it what it finds."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input, Static

from schema.errors import DuijieError
from schema.records import KINDS
from schema.safe_text import safe_text
from schema.wording import N_, _, n_
from syncd.store.search import LIMIT, Hit, search
from tui.actions import bindings
from tui.asking import Asker, Overtaken
from tui.cli.text import SHORT_ID
from tui.ink import Ink
from tui.widgets.lines import Key, Lines, Look
from tui.widgets.rows import Held, RowSource
from tui.widgets.typing import TypeLine
from tui.widgets.view import NARROW, Context, Fact, View
from tui.width import cut


class HitSource(RowSource[Hit]):
    """One hit a line: number, kind, title, and the text that matched."""

    window: Held[Hit]

    def __init__(self) -> None:
        super().__init__(Held([], []))

    def set(self, hits: Sequence[Hit]) -> None:
        """Show these hits."""
        self.window = Held(hits, [self.key(hit) for hit in hits])

    def key(self, row: Hit) -> Key:
        return f"{row.kind}/{row.id}"

    def draw_row(self, row: Hit, part: int, ink: Ink, look: Look, place: int) -> None:
        wide = ink.cells >= NARROW
        begin, end = (3, ink.cells - 3) if wide else (2, ink.cells - 2)
        focused = self.key(row) == look.cursor
        if focused:
            ink.fill(begin - 2, ink.cells - (2 if wide else 0), "cursor")
            ink.stripe(begin - 2, "accent", focus=True)
        quiet = "muted" if focused else "faint"
        elsewhere = row.where not in ("title", "number", "id")
        self._number(row, ink, begin, quiet)
        of = KINDS.get(row.kind)
        ink.put(begin + 14, _(of.label) if of else row.kind, quiet, size=9 if wide else 8)
        title = begin + (25 if wide else 24)
        if row.deleted:
            end = ink.put_right(end, _("deleted"), "muted") - 2
        room = min((end - title) * 2 // 5, 48) if elsewhere else end - title
        role = "muted" if row.deleted else "text"
        words = row.title or _("(no title)")
        put_marked(ink, title, words, _in_title(row), role, room, bold=focused)
        if elsewhere:
            x = title + room + 2
            put_marked(ink, x, row.excerpt, row.span, "muted", end - x)

    @staticmethod
    def _number(row: Hit, ink: Ink, x: int, quiet: str) -> None:
        if row.where == "number" and row.number:
            put_marked(ink, x, row.number, row.span, "muted", 12)
        elif row.where == "id":
            begin = max(len(row.id) - 12, 0)
            span = (max(row.span[0] - begin, 0), max(row.span[1] - begin, 0))
            put_marked(ink, x, row.id[begin:], span, quiet, 12)
        else:
            ink.put(x, row.number or row.id[-SHORT_ID:], "muted" if row.number else quiet, size=12)


def _in_title(hit: Hit) -> tuple[int, int]:
    """Where the match stands in the title; nowhere where it is in another field."""
    begin = hit.title.replace("\n", " ").find(hit.excerpt) if hit.where == "title" else -1
    return (begin + hit.span[0], begin + hit.span[1]) if begin >= 0 else (0, 0)


def put_marked(
    ink: Ink,
    x: int,
    text: str,
    span: tuple[int, int],
    role: str,
    size: int,
    *,
    bold: bool = False,
) -> int:
    """Put a text with one part of it marked, cut to `size` cells as a whole; the cell after it."""
    parts = [safe_text(part) for part in (text[: span[0]], text[slice(*span)], text[span[1] :])]
    shown = cut("".join(parts), max(size, 0), ink.shades.marks.cut)
    for part, ground in zip(parts, (None, "diff", None), strict=True):
        piece, shown = shown[: len(part)], shown[len(part) :]
        x = ink.put(x, piece, "text" if ground else role, ground=ground, bold=bold)
    return ink.put(x, shown, role, bold=bold)


class SearchInput(TypeLine):
    """The line of the search; it moves the cursor of the list below."""

    BINDINGS = bindings("list.open", "list.up", "list.down", "list.page_up", "list.page_down")

    def __init__(self, lines: Lines) -> None:
        super().__init__(placeholder=_("words, a number, a name, pinyin initials"))
        self._lines = lines

    def action_open(self) -> None:
        self._lines.action_open()

    def action_up(self) -> None:
        self._lines.action_up()

    def action_down(self) -> None:
        self._lines.action_down()

    def action_page_up(self) -> None:
        self._lines.action_page_up()

    def action_page_down(self) -> None:
        self._lines.action_page_down()


class Search(View):
    """Every record of every kind, by what is in it; `text` is what was looked for last."""

    help = (
        N_("Looks through every text of every record; several words must all be there."),
        N_("Chinese titles are found by their pinyin initials too."),
    )

    SCOPED_CSS = False
    DEFAULT_CSS = """
    Search > Horizontal { height: 1; padding: 0 3; margin-bottom: 1; }
    .-narrow Search > Horizontal { padding: 0 2; }
    Search > Horizontal > Static { width: auto; color: $shade-muted; }
    Search > .nothing { height: auto; padding: 0 3; color: $shade-muted; }
    .-narrow Search > .nothing { padding: 0 2; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._hits: Sequence[Hit] = []
        self._looked_for: str | None = None
        self._wrong = ""

    def compose(self) -> ComposeResult:
        self.asker = Asker(self.workspace.home)
        self.source = HitSource()
        self.list = Lines(self.source, self.shades)
        self.list.can_focus = False
        self.line = SearchInput(self.list)
        self.label = Static("", markup=False)
        self.nothing = Static("", markup=False, classes="nothing")
        with Horizontal():
            yield self.label
            yield self.line
        yield self.nothing
        yield self.list

    def on_mount(self) -> None:
        with self.prevent(Input.Changed):
            self.line.value = self.duijie.searched
        self.line.cursor_position = len(self.line.value)
        self._again()

    async def on_unmount(self) -> None:
        self.asker.close()

    # -- looking

    def reread(self) -> None:
        if self.is_mounted:
            self._again()

    def _again(self) -> None:
        self.list.shades = self.shades
        self.label.update(_("Search") + "  ")
        self._look()
        self._show()

    @on(Input.Changed)
    def _typed(self, message: Input.Changed) -> None:
        message.stop()
        self.duijie.searched = message.value
        self._look()

    def _look(self) -> None:
        text = self.line.value
        if not text.strip():
            self.asker.forget()
            self._answered(text, [], "")
            return
        self._looked(text)

    @work(exclusive=True, group="search")
    async def _looked(self, text: str) -> None:
        now = self.workspace.now()
        try:
            hits = await self.asker.ask(lambda conn: search(conn, text, now=now))
        except Overtaken:
            return
        except DuijieError as error:
            self._answered(text, [], str(error))
            return
        if text == self.line.value:
            self._answered(text, hits, "")

    def _answered(self, text: str, hits: Sequence[Hit], wrong: str) -> None:
        other = text != self._looked_for
        self._hits, self._looked_for, self._wrong = hits, text, wrong
        self.source.set(hits)
        if other:
            self.list.cursor = None
            self.list.scroll_to(y=0, animate=False, force=True)
        self._show()

    def _show(self) -> None:
        self.list.reread()
        text = (self._looked_for or "").strip()
        if self._wrong:
            words = self._wrong
        elif not text:
            words = _("Everything is looked through as you type: titles, texts, numbers, names.")
        elif not self._hits and self._looked_for == self.line.value:
            words = _("Nothing holds this: {text}.", text=text[:80])
        else:
            words = ""
        self.nothing.update(safe_text(words, lines=True))
        self.nothing.display = bool(words)
        self.list.display = bool(self._hits)
        if self.duijie.frame is not None and self.duijie.frame.view is self:
            self.duijie.frame.tell_facts()

    # -- what the frame asks

    def context(self) -> Context:
        left = [Fact(_("Search"), "text")]
        n = len(self._hits)
        if n >= LIMIT:
            left.append(Fact(_("the nearest {n}; more words find fewer", n=n)))
        elif n:
            left.append(Fact(n_("{n} found", "{n} found", n)))
        return Context(left, [])

    def take_focus(self) -> None:
        self.call_after_refresh(self.line.focus)

    @on(Lines.Opened)
    async def _opened(self, message: Lines.Opened) -> None:
        kind, _slash, id = message.key.partition("/")
        await self.duijie.open_record(kind, id)
