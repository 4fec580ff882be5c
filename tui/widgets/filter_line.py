"""The row under the context: blank, the filter that is set, or the filter being typed.

While it is typed, a small list over the view offers what may come next; it has the cursor only
when it was asked for, so that typing on passes it by.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from textual import events, on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Static

from schema.completion import complete
from schema.errors import DuijieError, QueryError
from schema.records import KINDS
from schema.safe_text import safe_text
from schema.wording import _, n_
from syncd.store.filters import LONGEST_NAME, NamedFilter, forget_filter, keep_filter, named_filters
from syncd.store.found import values_in
from tui.actions import bindings
from tui.ink import Ink
from tui.palette import Shades
from tui.screens.dialog import Dialog
from tui.widgets.lines import Key, Lines, Look
from tui.widgets.rows import Held, RowSource
from tui.widgets.typing import TypeLine
from tui.widgets.view import EVERY, View
from tui.width import cut, width

if TYPE_CHECKING:
    from syncd.store.replica import Replica
    from tui.app import DuijieApp

OFFERED = 8
LEAST_PAUSE = 0.02  # seconds; what took no longer is tried at every key
LONGEST_PAUSE = 0.5
LEAST_TYPED = 16  # cells that stay to type in beside an error
OPERATORS = ":：=＝<＜《〈>＞》〉≤≥"


class Offer(NamedTuple):
    """What the list under the line offers: the whole line it would make, and where its cursor goes.

    `named` is the kept filter that it is, if it is one.
    """

    text: str
    words: str
    help: str
    line: str
    cursor: int
    named: NamedFilter | None = None


class OfferSource(RowSource[Offer]):
    """Offers on their own ground; the cursor shows once it was asked for."""

    window: Held[Offer]

    def __init__(self) -> None:
        self.asked = False
        super().__init__(Held([], []))

    def set(self, offers: Sequence[Offer]) -> None:
        """Offer these instead, with no cursor."""
        self.asked = False
        self.window = Held(offers, [str(place) for place in range(len(offers))])
        self._places = {id(offer): str(place) for place, offer in enumerate(offers)}

    def key(self, row: Offer) -> Key:
        return self._places[id(row)]

    def draw_row(self, row: Offer, part: int, ink: Ink, look: Look, place: int) -> None:
        focused = self.asked and str(place) == look.cursor
        if focused:
            ink.fill(0, ink.cells, "cursor")
            ink.stripe(0, "accent", focus=True)
        end = ink.cells - 1
        x = ink.put(2, row.text, "text", size=end - 2, bold=focused)
        if row.words and row.words != row.text.rstrip(":") and end - x > 5:
            x = ink.put(x + 2, row.words, "muted", size=end - x - 2)
        if row.help and end - x > 8:
            ink.put(x + 2, row.help, "muted" if focused else "faint", size=end - x - 2)

    def widest(self) -> int:
        """The cells that the longest offer takes."""
        rows = self.window.rows(0, self.window.count)
        return max((sum(width(safe_text(text)) + 2 for text in row[:3]) for row in rows), default=0)


class Offers(Lines):
    """The list under the filter line, over the view."""

    DEFAULT_CSS = """
    Offers { layer: over; display: none; height: auto; width: 60; }
    """

    def __init__(self, shades: Shades, take: Callable[[], None]) -> None:
        self.offered = OfferSource()
        super().__init__(self.offered, shades, ground="raise")
        self.can_focus = False
        self._take = take

    def offer(self, offers: Sequence[Offer], x: int) -> None:
        """Offer these under a cell of the line; nothing where there are none."""
        self.offered.set(offers)
        self.display = bool(offers)
        if not offers:
            return
        cells = self.screen.size.width
        size = max(min(self.offered.widest() + 2, 70, cells - 4), 24)
        self.styles.width = size
        self.styles.height = min(len(offers), OFFERED)
        self.styles.offset = (max(min(x, cells - size - 2), 0), 3)
        self.cursor = "0"
        self.scroll_to(y=0, animate=False, force=True)
        self.reread()

    @property
    def taken(self) -> Offer | None:
        """The offer under the cursor, asked for or not."""
        place = int(self.cursor) if self.cursor is not None else 0
        return self.offered.row(place) if self.display else None

    def ask(self, step: int) -> None:
        """Show the cursor, or move it on."""
        if not self.offered.asked:
            self.offered.asked = True
            self.redraw()
        elif step > 0:
            self.action_down()
        else:
            self.action_up()

    def on_click(self, event: events.Click) -> None:
        super().on_click(event)
        self._take()


class FilterInput(TypeLine):
    """Types a filter; the keys of the list under it are its own."""

    BINDINGS = bindings("filter.*")

    def __init__(self, line: FilterLine) -> None:
        super().__init__()
        self._line = line

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        offers = self._line.offers
        if action in ("take", "down", "up"):
            return offers.display or None
        if action == "forget":
            return offers.offered.asked and offers.taken is not None and bool(offers.taken.named)
        if action == "keep":
            return bool(self.value.strip())
        return True

    def action_done(self) -> None:
        self._line.done()

    def action_take(self) -> None:
        self._line.take()

    def action_down(self) -> None:
        self._line.offers.ask(1)
        self._line.tell_keys()

    def action_up(self) -> None:
        self._line.offers.ask(-1)
        self._line.tell_keys()

    def action_keep(self) -> None:
        self._line.keep()

    def action_forget(self) -> None:
        self._line.forget()


class FilterName(Dialog[str]):
    """Asks for the name of a filter."""

    def compose(self) -> ComposeResult:
        with Vertical(classes="panel"):
            yield Static(_("Keep this filter by a name"), markup=False, classes="heading")
            line = TypeLine(placeholder=_("for example: late in my department"))
            line.max_length = LONGEST_NAME
            yield line
            yield Static(
                _("It is offered again when the filter line is empty."),
                markup=False,
                classes="words",
            )

    @on(Input.Submitted)
    def _named(self, event: Input.Submitted) -> None:
        self.dismiss(event.value.strip() or None)


class FilterLine(Horizontal):
    """Types a filter; the list is narrowed as one types, Enter keeps it, Esc clears it."""

    SCOPED_CSS = False
    DEFAULT_CSS = """
    FilterLine { height: 1; padding: 0 3; background: $shade-bg; }
    .-narrow FilterLine { padding: 0 2; }
    FilterLine > FilterInput { display: none; }
    FilterLine > Static { width: auto; color: $shade-muted; }
    FilterLine.typing > FilterInput { display: block; }
    FilterLine > .found { color: $shade-muted; padding-left: 3; }
    FilterLine > .wrong { color: $shade-yellow; padding-left: 3; }
    """

    @dataclass
    class Given(Message):
        """A filter as typed so far; `done` when Enter was pressed."""

        text: str
        done: bool

    def __init__(self, shades: Callable[[], Shades]) -> None:
        super().__init__()
        self._shades = shades
        self._label = Static("", markup=False)
        self._input = FilterInput(self)
        self._found = Static("", markup=False, classes="found")
        self._wrong = Static("", markup=False, classes="wrong")
        self.offers = Offers(shades(), self.take)
        self._view: View | None = None
        self._pause = 0.0
        self._due: object = None
        self._offered: tuple[str, int] | None = None

    def compose(self) -> ComposeResult:
        yield self._label
        yield self._input
        yield self._found
        yield self._wrong

    @property
    def typing(self) -> bool:
        """Whether somebody types a filter."""
        return self.has_class("typing")

    @property
    def _duijie(self) -> DuijieApp:
        from tui.app import DuijieApp

        assert isinstance(self.app, DuijieApp)
        return self.app

    def begin(self, view: View) -> None:
        """Let a filter be typed."""
        self._view = view
        self.add_class("typing")
        self._label.update(_("Filter") + "  ")
        with self.prevent(Input.Changed):
            self._input.value = view.filter
        self._input.cursor_position = len(view.filter)
        self._input.focus()
        self.found(view.found())
        self._offered = None
        self._offer()

    def show(self, text: str) -> None:
        """Show the filter that is set, or nothing."""
        self.remove_class("typing")
        self._due = None
        self.offers.display = False
        self._wrong.update("")
        self._found.update("")
        self._label.update(f"{_('Filter')}  {safe_text(text)}" if text else "")

    def retell(self) -> None:
        """Say in the language and the colours of now what is typed, offered and wrong."""
        view = self._view
        if view is None or not self.typing:
            self.show(view.filter if view is not None else "")
            return
        self._label.update(_("Filter") + "  ")
        self.found(view.found())
        self._offered = None
        self._offer()
        if self._wrong.content:
            self._wrong.update("")
            try:
                view.check_filter(self._input.value)
            except QueryError as error:
                self.wrong(error)

    def wrong(self, error: DuijieError) -> None:
        """Say why the filter cannot be read."""
        self._found.update("")
        said = safe_text(" ".join(filter(None, [error.sentence, error.way_out])))
        room = self.size.width - self._label.size.width - LEAST_TYPED - 3
        self._wrong.update(cut(said, room, self._shades().marks.cut))

    def found(self, n: int | None) -> None:
        """Say how many were found, while it is typed."""
        if self.typing and not self._wrong.content:
            words = n_("{n} match", "{n} matches", n) if n is not None else ""
            self._found.update(words if self._input.value.strip() else "")

    def tell_keys(self) -> None:
        """The keys of this line may be others now."""
        if self._duijie.frame is not None:
            self._duijie.frame.tell_keys()

    # -- narrowing as one types

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if not self.typing:
            return
        self._wrong.update("")
        self._offer()
        self._due = due = object()
        if event.value.rstrip().endswith(tuple(OPERATORS)):
            # Its value is only being typed: nothing to say of it yet.
            return
        if self._pause <= LEAST_PAUSE:
            self._give(due)
        else:
            self.set_timer(self._pause, lambda: self._give(due))

    def _give(self, due: object) -> None:
        """Give the text, unless a newer one has come since."""
        if self._due is due:
            self._due = None
            self.post_message(self.Given(self._input.value, False))

    def took(self, seconds: float) -> None:
        """How long the list took to narrow; a slow one is asked only in pauses."""
        self._pause = min(2 * seconds, LONGEST_PAUSE)

    def done(self) -> None:
        """Enter: take what the list's cursor is on, else keep the filter."""
        if self.offers.display and self.offers.offered.asked:
            self.take()
        else:
            self._due = None
            self.post_message(self.Given(self._input.value, True))

    def on_descendant_blur(self) -> None:
        """Left with the mouse: what was typed stays."""
        focused = self.screen.focused
        if self.typing and self.screen.is_current and focused not in (None, self._input):
            self.post_message(self.Given(self._input.value, True))

    # -- what may come next

    def _offer(self) -> None:
        text, cursor = self._input.value, self._input.cursor_position
        if self._offered == (text, cursor):
            return
        self._offered = (text, cursor)
        self.offers.shades = self._shades()
        self.offers.offer(self._offers(text, cursor), self._label.size.width)
        self.tell_keys()

    def _offers(self, text: str, cursor: int) -> list[Offer]:
        view = self._view
        if view is None:
            return []
        conn = view.workspace.conn
        kind = KINDS.get(view.filtered_kind)
        offers = [
            Offer(each.name, each.text, "", each.text, len(each.text), each)
            for each in (named_filters(conn) if not text.strip() else [])
            if each.kind in ("", view.filtered_kind)
        ]
        for each in complete(text, cursor, kind, values=lambda field: values_in(conn, field)):
            line, place = each.put(text)
            if line != text:
                offers.append(Offer(each.insert, each.label, each.help, line, place))
        return offers

    def take(self) -> None:
        """Put in the offer under the cursor."""
        offer = self.offers.taken
        if offer is not None:
            self._input.value = offer.line
            self._input.cursor_position = offer.cursor
            self._input.focus()
            self._offer()

    # -- filters by name

    @work
    async def keep(self) -> None:
        """Ask for a name and keep the filter as it is typed."""
        view, text = self._view, self._input.value.strip()
        if view is None or not text:
            return
        try:
            view.check_filter(text)
        except QueryError as error:
            self.wrong(error)
            return
        name = await self.app.push_screen_wait(FilterName(self._shades()))
        if not name:
            return
        kind = "" if view.filtered_kind == EVERY else view.filtered_kind

        def kept(pen: Replica) -> None:
            with pen.write() as conn:
                keep_filter(conn, name, kind, text)

        if await self._duijie.attempt(self._duijie.workspace.write(kept)):
            self._duijie.say(_("Kept as {name}.", name=name))

    @work
    async def forget(self) -> None:
        """Forget the named filter under the cursor."""
        offer = self.offers.taken
        named = offer.named if offer is not None else None
        if named is None:
            return

        def forgotten(pen: Replica) -> None:
            with pen.write() as conn:
                forget_filter(conn, named.name, named.kind)

        if await self._duijie.attempt(self._duijie.workspace.write(forgotten)):
            self._duijie.say(_("{name} is forgotten.", name=named.name))
            self._offered = None
            self._offer()
