"""The task board: lanes of departments or projects, four states side by side."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from typing import Any, ClassVar, Literal

from textual import on
from textual.app import ComposeResult
from textual.geometry import Region

from schema.errors import NothingToDo, Refused
from schema.records import KINDS, kind
from schema.rules.moves import check_move
from schema.wording import N_, _, n_
from syncd.store.board import STATES, Card
from syncd.store.relations import stuck_tasks
from syncd.store.replica import Replica
from syncd.store.rows import Change
from syncd.store.windows import BoardWindow, LaneCounts, ListWindow
from tui.actions import bindings
from tui.acts import body_of, checked, decoded, named
from tui.cli.text import word
from tui.ink import Ink
from tui.views.peek import Peek
from tui.widgets.choices import Choice
from tui.widgets.chrome import Row
from tui.widgets.countdown import LIGHTS, card_countdown
from tui.widgets.empty import Empty
from tui.widgets.lines import Key, Lines, Look, Step
from tui.widgets.view import NARROW, Context, Fact, View
from tui.width import width

WIDE = 120
PAGE = 32
By = Literal["department", "project"]
BY: dict[By, str] = {
    "department": N_("lanes by department"),
    "project": N_("lanes by project"),
}


class Columns:
    """Where the columns of the board stand at a width, and which states they show."""

    def __init__(self, cells: int, first: int = 0) -> None:
        self.cells = cells
        self.wide = cells >= NARROW
        self.shown = 4 if cells >= WIDE else 3 if self.wide else 2
        self.first = max(0, min(first, len(STATES) - self.shown))
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
        """The states on screen, by their place in STATES."""
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
        self.stuck: frozenset[str] = frozenset()
        self.nameless = ""
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
            self._pages[key] = self.window.cards(lane.key, STATES[state], page * PAGE, PAGE)
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
        elif card.unsent:
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
        number = card.number.rpartition("-")[2] or _("(new)")
        after = ink.put(x + 2, number, quiet, size=8)
        if card.state == "done":
            end = ink.put_right(x + size - 1, word(KINDS["task"], "state", "done"), quiet)
        else:
            told = card_countdown(card.shown, card.due)
            light = card.shown.light or ""
            late = light in ("yellow", "red")
            ink.put_right(x + size - 1, told, light if late else "muted")
            end = x + size - 12
            if light:
                words = _(LIGHTS[light])
                end = min(end, x + size - 3 - max(width(told), 5) - width(words) + 1)
                ink.put(end, words, light)
        ink.put(after + 1, card.owner, "muted" if focused else "faint", size=end - after - 2)

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
        found = self.window.place(key)
        if found is None:
            return None
        lane_key, state, n = found
        lane = next((i for i, lane in enumerate(self.lanes) if lane.key == lane_key), None)
        return None if lane is None else (lane, STATES.index(state), n)

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
            for state in range(len(STATES)):
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
        others = range(state + by, len(STATES) if by > 0 else -1, by)
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
        """The state of a card, by its place in STATES."""
        place = self._place(key) if key is not None else None
        return place[1] if place else None


class Heads(Row):
    """The states over their columns, with their counts; the focused one in accent."""

    DEFAULT_CSS = "Heads { height: 2; } Heads.-narrow { height: 1; }"

    def __init__(self, board: Board) -> None:
        super().__init__(board.duijie.current_shades)
        self._board = board

    def on_resize(self) -> None:
        self.set_class(self.size.width < NARROW, "-narrow")

    def draw(self, ink: Ink) -> None:
        source = self._board.source
        columns = source.columns
        active = source.state_of(self._board.list.cursor)
        counts = [sum(lane.counts[i] for lane in source.lanes) for i in range(len(STATES))]
        words = [word(KINDS["task"], "state", state) for state in STATES]
        if not columns.wide:
            x = 2
            for i, text in enumerate(words):
                role = "accent" if i == active else "text" if i in columns.states else "muted"
                x = ink.put(x, text, role, bold=i == active)
                x = ink.put(x + 1, str(counts[i]), "faint") + 4
            hint = _("[ ] columns")
            if x < ink.cells - 2 - width(hint):
                ink.put_right(ink.cells - 2, hint, "faint")
            return
        for i in columns.states:
            x = columns.x(i)
            ink.fill(x, columns.size, "raise")
            role = "accent" if i == active else "text"
            ink.put(x + 2, words[i], role, bold=i == active, size=columns.size - 9)
            ink.put_right(x + columns.size - 1, str(counts[i]), "muted")


class Board(View):
    """The task board of the projects that run."""

    tab: ClassVar[str] = "2"
    filtered_kind = "task"
    help = (
        N_(
            "A card: title, number, who holds it, its light, and the time left; wd are working days."
        ),
        N_("Yellow: the warning days before the due time have begun. Red: it is over."),
    )
    new_kind = "task"
    BINDINGS = bindings("board.*")
    DEFAULT_CSS = """
    Board > .gap { height: 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.by: By = "department"

    def compose(self) -> ComposeResult:
        if self.duijie.kept.lanes == "project":
            self.by = "project"
        self.source = BoardSource(self._window())
        self._fill_in()
        self.list = Lines(self.source, self.shades, many=True)
        self.heads, self.empty, self.peek = Heads(self), Empty(self.shades), Peek()
        yield self.heads
        yield self.list
        yield self.empty
        yield self.peek

    def _fill_in(self) -> None:
        """What the cards and lanes say beside what the window holds."""
        self.source.stuck = stuck_tasks(self.workspace.conn)
        project = self.by == "project"
        self.source.nameless = _("no project") if project else _("no department")

    def _window(self) -> BoardWindow:
        return BoardWindow(
            self.workspace.conn,
            by=self.by,
            text=self.filter,
            project=self.duijie.project,
            now=self.workspace.now(),
        )

    # -- what the frame asks

    def context(self) -> Context:
        lanes = self.source.lanes if self.is_mounted else []
        n = sum(sum(lane.counts) for lane in lanes)
        left = [
            Fact(self.duijie.project_title, "text"),
            Fact(_(BY[self.by])),
            Fact(n_("{n} task", "{n} tasks", n)),
        ]
        for light in ("yellow", "red"):
            count = sum(lane.lights.get(light, 0) for lane in lanes)
            if count:
                left.append(Fact(f"{_(LIGHTS[light])} {count}", light))
        conflicts = sum(lane.conflicts for lane in lanes)
        if conflicts:
            left.append(Fact(f"{_('conflict')} {conflicts}", "accent"))
        if self.is_mounted and self.list.chosen:
            chosen = len(self.list.chosen)
            left.append(Fact(n_("{n} selected", "{n} selected", chosen), "accent", bold=True))
        return Context(left, [] if self.filter else [Fact(_("no filter"), "faint")])

    def reread(self) -> None:
        if not self.is_mounted:
            return
        window = self._window()
        self.source.window = window
        self._fill_in()
        self.list.shades = self.shades
        self.list.reread()
        self.heads.refresh()
        self._say_empty()

    def tick(self) -> None:
        self.list.redraw()

    def on_mount(self) -> None:
        self._say_empty()

    def _say_empty(self) -> None:
        """Nothing to show is said: with a filter what clears it, without one where tasks come from."""
        empty = self.empty
        none = not self.source.lanes
        if none and self.filter:
            n = ListWindow(
                self.workspace.conn, kind="task", text="", now=self.workspace.now()
            ).count
            empty.say(_("Nothing matches; Esc clears the filter ({n} in all)", n=n), "")
        elif none:
            empty.say(
                _("No tasks yet"),
                _("A task has one owner, one due time, one standard."),
                [
                    Choice("app.new", _("Write the first task"), right="^N"),
                    Choice("app.load", _("Load a plan"), _("a jsonl file, one record a line")),
                    Choice("app.join", _("Join a hub"), _("with an invitation's code")),
                ],
                _("Works without a network; what you write now goes along when you join."),
            )
        self.list.display, empty.display = not none, none
        if none and self.list.has_focus and not self.filter:
            empty.list.focus()
        elif not none and empty.list.has_focus:
            self.list.focus()

    def take_focus(self) -> None:
        empty = self.empty
        self.call_after_refresh((empty.list if empty.display else self.list).focus)

    def found(self) -> int | None:
        return sum(sum(lane.counts) for lane in self.source.lanes) if self.is_mounted else None

    def new_values(self) -> dict[str, Any]:
        """The project that is shown, and the lane and the state under the cursor."""
        values = {"project": self.duijie.project}
        key = self.list.cursor
        record = self.workspace.replica.record("task", key) if key is not None else None
        if record is not None:
            body = body_of(record)
            values["state"] = body.get("state", "")
            values[self.by] = values.get(self.by) or body.get(self.by, "")
        return {name: value for name, value in values.items() if value}

    # -- what people do

    @on(Lines.Moved)
    def _moved(self, message: Lines.Moved) -> None:
        self.heads.refresh()
        self.peek.show("task", message.key)

    @on(Lines.Chosen)
    def _chosen(self) -> None:
        if self.duijie.frame:
            self.duijie.frame.tell()

    @on(Lines.Opened)
    async def _opened(self, message: Lines.Opened) -> None:
        await self.duijie.open_record("task", message.key)

    async def action_lanes(self) -> None:
        self.by = "project" if self.by == "department" else "department"
        self.reread()
        if self.duijie.frame:
            self.duijie.frame.tell()
        await self.duijie.keep(lanes=self.by)

    def action_shift_left(self) -> None:
        self._shift(-1)

    def action_shift_right(self) -> None:
        self._shift(1)

    def _shift(self, by: int) -> None:
        self.source.shift(by)
        self.list.cursor = self.source.among_shown(self.list.cursor)
        self.list.reread()

    async def action_move_on(self) -> None:
        await self._move(1)

    async def action_move_back(self) -> None:
        await self._move(-1)

    @on(Lines.Dropped)
    async def _dropped(self, message: Lines.Dropped) -> None:
        state = self.source.columns.state_at(message.x)
        if state is not None:
            await self._save(lambda pen: moved_to(pen, [message.key], STATES[state]), message.key)

    async def action_stuck(self) -> None:
        """Write a blocker that comes from the task under the cursor."""
        key = self.list.cursor
        record = self.workspace.replica.record("task", key) if key else None
        if record is not None:
            body = body_of(record)
            values = {"source": record.id, "project": body.get("project")}
            await self.duijie.new_record("blocker", {k: v for k, v in values.items() if v})

    async def _move(self, by: int) -> None:
        keys = self.list.meant
        if keys:
            seen = {key: self.source.seen(key) for key in keys}
            await self._save(lambda pen: moved_by(pen, seen, by), keys[0])

    async def _save(self, plan: Callable[[Replica], list[Change]], key: Key) -> None:
        changes: list[Change] = []

        def kept(pen: Replica) -> list[Change]:
            changes[:] = plan(pen)
            return changes

        if await self.duijie.act(kept):
            from tui.deleting import called, say_done

            what = called(self.workspace.replica, [("task", each.id) for each in changes])
            states = {decoded(each.body).get("state") for each in changes}
            if len(states) == 1:
                state = word(KINDS["task"], "state", states.pop())
                say_done(self.duijie, _("Now {state}: {what}.", state=state, what=what))
            else:
                say_done(self.duijie, _("Moved: {what}.", what=what))
            self.reread()
            self.list.go_to(key if not self.list.chosen else self.list.cursor)
            if self.duijie.frame:
                self.duijie.frame.tell()


def moved_by(replica: Replica, seen: Mapping[str, str], by: int) -> list[Change]:
    """Tasks put into the state after (1) or before (-1) their own.

    `seen` are the states that were on screen, by id, "" where none was: Refused where one is
    another by now, for then the move is not what was meant.
    """
    changes: list[Change] = []
    for id, shown in seen.items():
        record = replica.record("task", id)
        state = body_of(record).get("state") if record else None
        if record is not None and shown and state != shown:
            raise Refused(
                _("{name} was moved by somebody else meanwhile.", name=named(kind("task"), record)),
                _("Look again, then move it."),
            )
        if state in STATES and 0 <= STATES.index(state) + by < len(STATES):
            changes += moved_to(replica, [id], STATES[STATES.index(state) + by])
    if not changes:
        raise NothingToDo(_("There is no state further on."), "")
    return changes


def moved_to(replica: Replica, ids: Sequence[str], state: str) -> list[Change]:
    """Tasks put into a state; IllegalMove names the states that one of them may have."""
    of = kind("task")
    changes: list[Change] = []
    for id in ids:
        record = replica.record("task", id)
        if record is None or record.shown.deleted:
            continue
        body = body_of(record)
        check_move(of, body.get("state"), state)
        changes.append(Change("task", id, checked(of, {**body, "state": state}, body)))
    return changes
