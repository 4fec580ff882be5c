"""The cards of a board on lines: lanes under each other, states side by side."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date
from itertools import accumulate

from textual.geometry import Region

from schema.records import KINDS
from schema.records.stages import STAGES
from schema.wording import _
from syncd.store.board import Card
from syncd.store.windows import BoardWindow, LaneCounts
from tui.cli.text import word
from tui.ink import Ink
from tui.widgets.countdown import LIGHTS, card_countdown
from tui.widgets.lines import Key, Look, Step
from tui.widgets.view import NARROW
from tui.width import width

WIDE = 120
PAGE = 32


class Columns:
    """Where the columns of the board stand at a width, and which states they show."""

    def __init__(self, cells: int, first: int = 0) -> None:
        self.cells = cells
        self.wide = cells >= NARROW
        self.shown = 4 if cells >= WIDE else 3 if self.wide else 2
        self.first = max(0, min(first, len(STAGES) - self.shown))
        if self.wide:
            self.left = 12
            self.size = (cells - 12 - self.shown) // self.shown
            self.gap = 1
        else:
            self.left = 0
            self.size = (cells - 4) // 2
            self.gap = cells - 1 - 2 * self.size

    @property
    def states(self) -> Sequence[int]:
        """The states on screen, by their place in STAGES."""
        return range(self.first, self.first + self.shown)

    def x(self, state: int) -> int:
        """The cell that a state's column begins at."""
        return self.left + (state - self.first) * (self.size + self.gap)

    def state_at(self, x: int) -> int | None:
        """The state whose column has a cell."""
        return next((s for s in self.states if self.x(s) <= x < self.x(s) + self.size), None)


class BoardSource:
    """The cards of a board on the lines of a canvas; read in windows of one cell of lane and state."""

    def __init__(self, window: BoardWindow) -> None:
        self.window = window
        self.columns = Columns(WIDE)
        self.lines = 1
        self.height = 0
        self._tops: list[int] = []
        self._pages: dict[tuple[str, int, int], list[Card]] = {}
        self._places: dict[Key, tuple[str, str, int]] = {}
        self.stuck: frozenset[str] = frozenset()
        self.nameless = ""
        self.day = date.min  # the day that the countdowns are told of
        self.alone = False  # no hub gives numbers or waits for edits
        self._lay()

    def fit(self, cells: int, lines: int) -> None:
        self.columns = Columns(cells, self.columns.first)
        self.lines = lines
        self._lay()

    def shift(self, by: int) -> None:
        """Show the states before or after."""
        self.columns = Columns(self.columns.cells, self.columns.first + by)
        self._lay()

    def read(self) -> None:
        self._pages.clear()
        self._places.clear()
        self._lay()

    @property
    def lanes(self) -> list[LaneCounts]:
        return self.window.lanes

    def _lay(self) -> None:
        heights = [self._lane_height(lane) for lane in self.lanes]
        self._tops = [0, *accumulate(heights)]
        self.height = self._tops[-1]

    def _lane_height(self, lane: LaneCounts) -> int:
        cards = max(max(lane.counts[state] for state in self.columns.states), 1)
        # A blank follows a lane; where there is little room a heading goes before it instead.
        return 2 * cards + 1

    def _lane_at(self, y: int) -> tuple[int, int]:
        """The lane of a line, and which of its lines it is; -1 for a narrow lane's heading."""
        lane = min(bisect_right(self._tops, y) - 1, len(self.lanes) - 1)
        return lane, y - self._tops[lane] - (0 if self.columns.wide else 1)

    def card(self, lane: LaneCounts, state: int, n: int) -> Card | None:
        """The nth card of a cell."""
        if not 0 <= n < lane.counts[state]:
            return None
        page, place = divmod(n, PAGE)
        key = (lane.key, state, page)
        if key not in self._pages:
            self._pages[key] = self.window.cards(lane.key, STAGES[state], page * PAGE, PAGE)
            for at, card in enumerate(self._pages[key], page * PAGE):
                self._places[card.id] = (lane.key, STAGES[state], at)
        cards = self._pages[key]
        return cards[place] if place < len(cards) else None

    # -- drawing

    def draw(self, y: int, ink: Ink, look: Look) -> None:
        place, line = self._lane_at(y)
        lane = self.lanes[place]
        columns = self.columns
        if columns.wide:
            if line == self._lane_height(lane) - 1:
                return
            self._rail(ink, lane, line)
        elif line < 0:
            x = ink.put(2, lane.label or self.nameless, "muted", size=columns.cells - 8)
            ink.rule(x + 2, columns.cells - 2 - x - 2)
            return
        for state in columns.states:
            self._cell(ink, lane, state, line, look)

    def _rail(self, ink: Ink, lane: LaneCounts, line: int) -> None:
        if line == 0:
            ink.put(3, lane.label or self.nameless, size=8)
            return
        lights = [(light, lane.lights.get(light, 0)) for light in ("red", "yellow")]
        told = [(f"{_(LIGHTS[light])} {n}", light) for light, n in lights if n]
        if not told and lane.lights.get("green", 0):
            told = [(_(LIGHTS["green"]), "green")]
        if line <= len(told):
            ink.put(3, told[line - 1][0], told[line - 1][1], size=8)

    def _cell(self, ink: Ink, lane: LaneCounts, state: int, line: int, look: Look) -> None:
        n, part = divmod(line, 2)
        x, size = self.columns.x(state), self.columns.size
        card = self.card(lane, state, n)
        if card is None:
            ink.fill(x, size, "panel")
            return
        here = card.id == look.cursor
        focused = here and look.focused
        ground = "cursor" if focused else "sel" if here else ("panel2" if n % 2 else "panel")
        ink.fill(x, size, ground)
        light = card.shown.light or ""
        if focused:
            ink.stripe(x, "accent", focus=True)
        elif light in ("yellow", "red"):
            ink.stripe(x, light)
        if part == 0:
            self._title(ink, x, size, card, focused, card.id in look.chosen)
        else:
            self._facts(ink, x, size, card, focused)

    def _title(self, ink: Ink, x: int, size: int, card: Card, focused: bool, chosen: bool) -> None:
        room = size - 3
        done = card.state == "done"
        flag, role = "", "muted"
        if card.conflicts:
            flag, role = _("conflict"), "accent"
        elif card.id in self.stuck:
            flag = _("stuck")
        elif card.unsent and not self.alone:
            flag = _("unsent")
        if flag:
            ink.put_right(x + size - 1, flag, role, underline=bool(card.conflicts))
            room -= width(flag) + 1
        if chosen:
            ink.put(x + 1, "+", "accent", bold=True)
        title = card.title or _("(no title)")
        ink.put(x + 2, title, "muted" if done and not focused else "text", size=room, bold=focused)

    def _facts(self, ink: Ink, x: int, size: int, card: Card, focused: bool) -> None:
        quiet = "muted" if focused else "faint"
        number = card.number.rpartition("-")[2] or ("" if self.alone else _("new"))
        owner = ink.put(x + 2, number, quiet, size=8) + 1 if number else x + 2
        if card.state == "done":
            end = ink.put_right(x + size - 1, word(KINDS["task"], "state", "done"), quiet)
        else:
            told = card_countdown(card.shown, card.due, self.day)
            light = card.shown.light or ""
            late = light in ("yellow", "red")
            ink.put_right(x + size - 1, told, light if late else "muted")
            end = x + size - 12
            if light:
                words = _(LIGHTS[light])
                end = min(end, x + size - 3 - max(width(told), 5) - width(words) + 1)
                ink.put(end, words, light)
        ink.put(owner, card.owner, "muted" if focused else "faint", size=end - owner - 1)

    # -- finding

    def at(self, x: int, y: int) -> Key | None:
        if not 0 <= y < self.height:
            return None
        place, line = self._lane_at(y)
        state = self.columns.state_at(x)
        if state is None or line < 0:
            return None
        card = self.card(self.lanes[place], state, line // 2)
        return card.id if card else None

    def where(self, key: Key) -> Region | None:
        found = self._place(key)
        if found is None:
            return None
        lane, state, n = found
        head = 0 if self.columns.wide else 1
        self._bring(state)
        return Region(self.columns.x(state), self._tops[lane] + head + 2 * n, self.columns.size, 2)

    def _bring(self, state: int) -> None:
        """Shift the columns so that a state is among them."""
        shown = self.columns.states
        if state < shown[0]:
            self.shift(state - shown[0])
        elif state > shown[-1]:
            self.shift(state - shown[-1])

    def among_shown(self, key: Key | None) -> Key | None:
        """The card itself while its state is shown, else the one beside it that is."""
        place = self._place(key) if key is not None else None
        if place is None or place[1] in self.columns.states:
            return key
        lane, state, n = place
        return self._beside(lane, state, n, 1 if state < self.columns.first else -1)

    def _place(self, key: Key) -> tuple[int, int, int] | None:
        found = self._places.get(key) or self.window.place(key)
        if found is None:
            return None
        lane_key, state, n = found
        lane = next((i for i, lane in enumerate(self.lanes) if lane.key == lane_key), None)
        return None if lane is None else (lane, STAGES.index(state), n)

    # -- going

    def step(self, key: Key | None, step: Step, lines: int) -> Key | None:
        place = self._place(key) if key is not None else None
        if place is None:
            return self._first()
        lane, state, n = place
        match step:
            case "up":
                return self._down_column(lane, state, n, -1)
            case "down":
                return self._down_column(lane, state, n, 1)
            case "page_up":
                return self._down_column(lane, state, n, -max(lines // 2 - 1, 1))
            case "page_down":
                return self._down_column(lane, state, n, max(lines // 2 - 1, 1))
            case "first":
                return self._down_column(0, state, 0, 0) or self._first()
            case "last":
                return self._down_column(
                    lane, state, n, sum(each.counts[state] for each in self.lanes)
                )
            case "left":
                return self._beside(lane, state, n, -1)
            case "right":
                return self._beside(lane, state, n, 1)

    def _first(self) -> Key | None:
        for lane in self.lanes:
            for state in range(len(STAGES)):
                if card := self.card(lane, state, 0):
                    return card.id
        return None

    def _down_column(self, lane: int, state: int, n: int, by: int) -> Key | None:
        """So many cards down a state's column, over the lanes' borders; the last one where it ends."""
        before = sum(each.counts[state] for each in self.lanes[:lane])
        total = sum(each.counts[state] for each in self.lanes)
        if not total:
            return None
        wanted = max(0, min(before + n + by, total - 1))
        for each in self.lanes:
            if wanted < each.counts[state]:
                card = self.card(each, state, wanted)
                return card.id if card else None
            wanted -= each.counts[state]
        return None

    def _beside(self, lane: int, state: int, n: int, by: int) -> Key | None:
        """The card beside, in the nearest state that has one; the same lane before others."""
        others = range(state + by, len(STAGES) if by > 0 else -1, by)
        for other in others:
            count = self.lanes[lane].counts[other]
            if count:
                card = self.card(self.lanes[lane], other, min(n, count - 1))
                return card.id if card else None
        for other in others:
            nearest = sorted(
                (i for i, each in enumerate(self.lanes) if each.counts[other]),
                key=lambda i: abs(i - lane),
            )
            if nearest:
                card = self.card(self.lanes[nearest[0]], other, 0)
                return card.id if card else None
        return None

    def seen(self, key: Key) -> str:
        """The state that a card was last drawn in; "" where it was not."""
        cards = (card for page in self._pages.values() for card in page)
        return next((card.state for card in cards if card.id == key), "")

    def state_of(self, key: Key | None) -> int | None:
        """The state of a card, by its place in STAGES."""
        place = self._place(key) if key is not None else None
        return place[1] if place else None
