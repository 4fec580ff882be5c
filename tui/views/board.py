"""The task board: lanes of departments or projects, four states side by side."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, ClassVar, Literal

from textual import on, work
from textual.app import ComposeResult

from schema.records.stages import STAGES, TASK_STATES
from schema.wording import N_, _, n_
from syncd.store.relations import stuck_tasks
from syncd.store.replica import Replica
from syncd.store.rows import Change
from syncd.store.windows import BoardWindow, ListWindow
from tui import doors
from tui.actions import bindings
from tui.acts import body_of, decoded
from tui.ink import Ink
from tui.views.cards import BoardSource
from tui.views.moving import moved_by, moved_to
from tui.views.peek import Peek
from tui.widgets.choices import Choice
from tui.widgets.chrome import Row
from tui.widgets.countdown import LIGHTS, wall_of
from tui.widgets.empty import Empty
from tui.widgets.lines import Key, Lines
from tui.widgets.view import NARROW, Context, Fact, View
from tui.width import width

By = Literal["department", "project"]
BY: dict[By, str] = {
    "department": N_("lanes by department"),
    "project": N_("lanes by project"),
}


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
        counts = [sum(lane.counts[i] for lane in source.lanes) for i in range(len(STAGES))]
        words = [_(TASK_STATES[state]) for state in STAGES]
        end = 0
        for i in columns.states:
            x = columns.x(i)
            role = "accent" if i == active else "text"
            if not columns.wide:
                end = ink.put(x + 2, words[i], role, bold=i == active)
                end = ink.put(end + 1, str(counts[i]), "muted")
                continue
            ink.fill(x, columns.size, "raise")
            ink.put(x + 2, words[i], role, bold=i == active, size=columns.size - 9)
            ink.put_right(x + columns.size - 1, str(counts[i]), "muted")
        if not columns.wide:
            self._others(ink, end, words, counts)

    def _others(self, ink: Ink, x: int, words: Sequence[str], counts: Sequence[int]) -> None:
        """The states that are not on screen, behind the key that brings them; from a cell on."""
        states = self._board.source.columns.states
        beyond = [("[", range(states[0])), ("]", range(states[-1] + 1, len(words)))]
        for told in (lambda i: f"{words[i]} {counts[i]}", lambda i: words[i]):
            texts = [(key, "  ".join(map(told, places))) for key, places in beyond if places]
            begin = ink.cells - 2 - sum(width(text) + 4 for _key, text in texts) + 2
            if begin > x + 2:
                for key, text in texts:
                    begin = ink.put(ink.put(begin, key, "accent") + 1, text, "muted") + 2
                return
        ink.put_right(ink.cells - 2, _("[ ] columns"), "faint")


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
    BINDINGS = bindings("board.*", "list.delete")
    DEFAULT_CSS = """
    Board > .gap { height: 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.by: By = "department"

    def compose(self) -> ComposeResult:
        if self.duijie.kept.lanes == "project":
            self.by = "project"
        counted, self.workspace.board = self.workspace.board, None
        self.shows = self.showing()
        self.source = BoardSource(counted or self._window())
        self._fill_in()
        self.list = Lines(self.source, self.shades, many=True)
        self.heads, self.empty, self.peek = Heads(self), Empty(self.shades), Peek(classes="foot")
        yield self.heads
        yield self.list
        yield self.empty
        yield self.peek

    def _fill_in(self) -> None:
        """What the cards and lanes say beside what the window holds."""
        self.source.stuck = stuck_tasks(self.workspace.conn)
        self.source.day = wall_of(self.workspace).date()
        self.source.alone = not self.workspace.standing().joined
        project = self.by == "project"
        self.source.nameless = _("no project") if project else _("no department")

    def _window(self) -> BoardWindow:
        return self.counting()(self.workspace.conn)

    def showing(self) -> tuple[str, ...]:
        return (*super().showing(), self.by)

    def counting(self) -> Callable[[sqlite3.Connection], BoardWindow]:
        window = BoardWindow
        if self.filter:
            from syncd.store.found import FoundBoard

            window = FoundBoard
        return partial(
            window,
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
        if self.filter:
            self.count_beside()
        elif self.is_mounted:
            self._show(self._window())

    def take(self, counted: BoardWindow) -> None:
        counted.hand_to(self.workspace.conn)
        if self.is_mounted:
            self._show(counted)

    def _show(self, window: BoardWindow) -> None:
        self.shows = self.showing()
        self.source.window = window
        self._fill_in()
        self.list.shades = self.shades
        self.list.reread()
        self.heads.refresh()
        self._say_empty()

    def tick(self) -> None:
        self.list.redraw()

    def on_mount(self) -> None:
        self.list.fit(self.app.size)
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
        return sum(sum(lane.counts) for lane in self.source.lanes) if self.listed else None

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
            await self._save(lambda pen: moved_to(pen, [message.key], STAGES[state]), message.key)

    @work(group="delete")
    async def action_delete(self) -> None:
        """Put the tasks that are meant into the trash, once that was confirmed."""
        from tui.deleting import delete

        if await delete(self.duijie, [("task", key) for key in self.list.meant]):
            self.list.chosen = frozenset()
            self.reread()
            if self.duijie.frame:
                self.duijie.frame.tell()

    async def action_delay(self) -> None:
        """Declare that the task under the cursor is late."""
        if self.list.cursor:
            await doors.delay(self.duijie, self.list.cursor)

    def action_explain(self) -> None:
        """Say how the time left of the task under the cursor was computed."""
        from tui.views.facts import how_computed

        if self.list.cursor:
            told = how_computed(self.workspace, "task", self.list.cursor)
            self.duijie.say(told, about="why")

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
            states: set[str] = {decoded(each.body)["state"] for each in changes}
            if len(states) == 1:
                state = _(TASK_STATES[states.pop()])
                say_done(self.duijie, _("Now {state}: {what}.", state=state, what=what))
            else:
                say_done(self.duijie, _("Moved: {what}.", what=what))
            self.reread()
            self.list.go_to(key if not self.list.chosen else self.list.cursor)
            if self.duijie.frame:
                self.duijie.frame.tell()
