"""The blockers as a queue by the time that is left to answer, and the one under the cursor in full."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Input

from schema.errors import UsageError
from schema.ids import new_id
from schema.rules.steps import solution
from schema.rules.world import Open, Write
from schema.safe_text import clean
from schema.wording import N_, _, n_
from syncd.store.blockers import Stuck, detail, queue
from syncd.store.board import department_labels
from syncd.store.drafts import StoredDraft
from syncd.store.layers import roles_of
from syncd.store.reckoning import Reckoning
from syncd.store.replica import Replica
from syncd.store.rows import Change
from syncd.store.steps import around, meetings_about
from tui import doors
from tui.actions import bindings
from tui.acts import TITLES
from tui.explaining import explained
from tui.next_step import Convene, Move, Next, convened, next_step, spoken
from tui.stepping import lacks_word
from tui.views.blocker_rows import QueueSource
from tui.views.blocker_sheet import Seen, sheet_lines
from tui.views.drafting import Drafting
from tui.views.step_lines import levels_told
from tui.views.unblocking import answered_with, moved, put_into
from tui.widgets.choices import Choice
from tui.widgets.empty import Empty
from tui.widgets.lines import Key, Lines
from tui.widgets.rows import Held
from tui.widgets.sheet import Sheet
from tui.widgets.typing import typeable
from tui.widgets.view import NARROW, Context, Fact, View

Plan = Callable[[Replica], Sequence[Change]]
# The actions on the blocker under the cursor.
ABOUT_ONE = {"answer", "task", "explain", "move_on", "move_back", "levels"}


class Blockers(View):
    """The queue, and beside it from 100 columns on the detail."""

    tab: ClassVar[str] = "3"
    help = (
        N_("Blockers by the time that is left to answer; the light is that of the answer."),
        N_(
            "The clock begins when the hub has the blocker, and anew when it is reopened; an answer ends it."
        ),
        N_(
            "Under the six steps stands when each was done; what a blocker holds up is listed with it."
        ),
        N_(
            "Below them stands what is next: ^G begins the paper of it, filled in; what it needs is said where it lacks."
        ),
        N_("While an answer is written (^R), PgUp and PgDn move what is read above it."),
    )
    filtered_kind = "blocker"
    new_kind = "blocker"
    BINDINGS = bindings("blockers.*")
    DEFAULT_CSS = """
    Blockers > Horizontal { height: 1fr; }
    Blockers #queue { width: 58; padding-top: 1; }
    Blockers #detail { width: 1fr; background: $shade-panel; padding: 1 0 1 2; margin-right: 1; }
    Blockers #detail > Input { background: $shade-raise; color: $shade-text; margin-right: 3; height: 1; }
    Blockers.-narrow #queue { width: 1fr; padding: 0; }
    Blockers.-narrow #detail { display: none; margin: 0; padding: 0 0 0 2; }
    Blockers.-narrow.open #queue { display: none; }
    Blockers.-narrow.open #detail { display: block; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._queue: list[Stuck] = []
        self._seen: Seen | None = None
        self._about: Key | None = None
        self._met: tuple[int, dict[str, list[str]]] = (-1, {})
        self._written: dict[Key, str] = {}
        self.drafting = Drafting(self, lambda: "answers", self._held)

    def compose(self) -> ComposeResult:
        self.source = QueueSource(self)
        self.list = Lines(self.source, self.shades)
        self.sheet = Sheet(self.shades)
        self.answer = Input(compact=True, classes="foot")
        with Horizontal():
            with Vertical(id="queue"):
                yield self.list
                self.empty = Empty(self.shades)
                yield self.empty
            self.detail = Vertical(id="detail")
            with self.detail:
                yield self.sheet
                yield self.answer

    @property
    def joined(self) -> bool:
        """Whether there is a hub that others hear of a blocker by."""
        return self.workspace.standing().joined

    @property
    def beside(self) -> bool:
        """Whether the detail stands beside the queue."""
        return self.app.size.width >= NARROW

    def on_mount(self) -> None:
        self.drafting.take_up(self._taken_up, open_elsewhere=())
        self.drafting.begin()
        self.take(self._queued(""))
        self.call_after_refresh(self._say_taken_up)

    def _say_taken_up(self) -> None:
        waiting = [each.title for each in self._queue if each.id in (self._held() or {})]
        if self.drafting.since is not None and waiting:
            title = _("; ").join(waiting[:TITLES])
            self.duijie.say(_("Your answer is written and not sent yet: {title}.", title=title))

    def on_resize(self) -> None:
        super().on_resize()
        if self.is_mounted:
            self.call_after_refresh(self._look_closer, top=False, read=False)

    def on_unmount(self) -> None:
        self.drafting.end()

    def found(self) -> int | None:
        return len(self._queue) if self.listed else None

    def context(self) -> Context:
        waiting = sum(not each.answered and each.state == "open" for each in self._queue)
        decision = sum(each.shown.level == 3 for each in self._queue)
        left = [
            Fact(self.duijie.project_title, "text"),
            Fact(_("by time left to answer")),
            Fact(n_("{n} blocker", "{n} blockers", len(self._queue))),
        ]
        if waiting:
            left.append(Fact(_("to answer {n}", n=waiting), "yellow"))
        if decision:
            left.append(Fact(_("at the decision layer {n}", n=decision), "red"))
        return Context(left, [] if self.filter else [Fact(_("no filter"), "faint")])

    def reread(self) -> None:
        if self.filter:
            self.count_beside()
        elif self.is_mounted:
            self.take(self._queued(""))

    def counting(self) -> Callable[[sqlite3.Connection], list[Stuck]]:
        return self._counting(self.filter)

    def _counting(self, text: str) -> Callable[[sqlite3.Connection], list[Stuck]]:
        now, project = self.workspace.now(), self.duijie.project
        return lambda conn: queue(conn, now=now, text=text, project=project)

    def _queued(self, text: str) -> list[Stuck]:
        return self._counting(text)(self.workspace.conn)

    def take(self, counted: list[Stuck]) -> None:
        self.shows = self.showing()
        self._queue = counted
        self.source.window = Held(self._queue, [each.id for each in self._queue])
        self.list.shades = self.sheet.shades = self.shades
        self.list.reread()
        self.answer.placeholder = _("Write an answer; ^R sends it")
        self._say_empty()
        self._look_closer(top=False)

    def _say_empty(self) -> None:
        empty = self.empty
        none = not self._queue
        if none and self.filter:
            n = len(self._queued(""))
            empty.say(_("Nothing matches; Esc clears the filter ({n} in all)", n=n), "")
        elif none:
            empty.say(
                _("No blockers"),
                _("Stuck? ^N; somebody answers within 24 h"),
                [Choice("app.new", _("Write a blocker"), right="^N")],
            )
        had = self.list.has_focus or empty.list.has_focus
        self.list.display, empty.display = not none, none
        self.detail.visible = not none
        if had:
            self.take_focus()

    def tick(self) -> None:
        self.list.redraw()
        self._look_closer(top=False, read=False)

    def take_focus(self) -> None:
        listed = self.empty.list if self.empty.display else self.list
        self.call_after_refresh((self.answer if self.has_class("open") else listed).focus)

    def back(self) -> bool:
        """In the narrow form, from the detail to the queue."""
        if not self.has_class("open"):
            return False
        self.remove_class("open")
        self._say_empty()
        self.take_focus()
        return True

    # -- the detail

    def _look_closer(self, *, top: bool, read: bool = True) -> None:
        key = self.list.cursor
        self._turn_to(key)
        if read:
            self._read_closer(key)
        cells = self.sheet.size.width
        if cells:  # 0 until it is laid out
            now, seen = self.workspace.now(), self._seen
            self.sheet.show(sheet_lines(seen, now, max(cells - 4, 20)) if seen else [], top=top)

    def _read_closer(self, key: Key | None) -> None:
        before, self._seen = self._next, self._looked_at(key) if key else None
        after = self._next
        if self.duijie.frame and (before and before.words) != (after and after.words):
            self.duijie.frame.tell_keys()

    @property
    def _meetings(self) -> dict[str, list[str]]:
        """The meetings about each paper, looked through once after each commit."""
        heard = self.workspace.heard
        if self._met[0] != heard:
            self._met = heard, meetings_about(self.workspace.conn)
        return self._met[1]

    def _looked_at(self, key: Key) -> Seen | None:
        conn, now = self.workspace.conn, self.workspace.now()
        told, at = detail(conn, key, now=now), around(conn, key, self._meetings)
        if told is None or at is None:
            return None
        following = next_step(
            at,
            told.stuck.shown.step or 1,
            is_answered=told.stuck.answered,
            department=self.workspace.setting.department,
        )
        labels = department_labels(conn)
        return Seen(told, at, following, Reckoning.of(conn, now), labels, self.joined)

    @property
    def _next(self) -> Next | None:
        return self._seen.next if self._seen is not None else None

    def words_of(self, action: str) -> str:
        """The key for what is next says what that is."""
        return _(self._next.words) if action == "blockers.next" and self._next else ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Which of the view's keys mean something now."""
        if action == "next":
            return self._next is not None
        return bool(self._queue) or action not in ABOUT_ONE

    def _turn_to(self, key: Key | None) -> None:
        """What was written for one blocker stays with it, and never goes to another."""
        if key == self._about:
            return
        if self._about is not None and self.answer.value:
            self._written[self._about] = self.answer.value
        self._about = key
        with self.prevent(Input.Changed):
            self.answer.value = self._written.pop(key, "") if key is not None else ""

    # -- what is kept however the app ends

    def _held(self) -> dict[str, Any] | None:
        here = {self._about: self.answer.value} if self._about and self.answer.value else {}
        return {**self._written, **here} or None

    def _taken_up(self, kept: StoredDraft) -> bool:
        self._written = {
            id: typeable(text) for id, text in kept.body.items() if isinstance(text, str) and text
        }
        return bool(self._written)

    @on(Input.Changed)
    def _typed(self) -> None:
        self.drafting.soon()

    # -- what people do

    @on(Lines.Moved)
    def _moved(self, message: Lines.Moved) -> None:
        if message.lines is self.list:
            self._look_closer(top=True)

    @on(Lines.Opened)
    async def _opened(self, message: Lines.Opened) -> None:
        if message.lines is not self.list:
            return
        if self.beside:
            await self.duijie.open_record("blocker", message.key)
        else:
            self.add_class("open")
            self._say_empty()
            self.take_focus()
            self.call_after_refresh(self._look_closer, top=True, read=False)

    def on_key(self, event: events.Key) -> None:
        """While an answer is written, a page up or down moves the sheet."""
        if event.key in ("pageup", "pagedown") and self.answer.has_focus:
            lines = max(self.sheet.size.height - 2, 1)
            self.sheet.scroll_relative(
                y=lines if event.key == "pagedown" else -lines, animate=False
            )
            event.stop()

    @on(Input.Submitted)
    async def _entered(self) -> None:
        await self.action_answer()

    async def action_answer(self) -> None:
        """Send what was written; where nothing was, let it be written."""
        key, text = self._about, clean(self.answer.value, lines=False)
        if key is None:
            return
        if not text:
            self.answer.focus()
            return
        if await self.duijie.act(lambda pen: answered_with(pen, key, text)):
            self._written.pop(key, None)
            if key == self._about:
                self.answer.value = ""
            self.drafting.soon()
            self.take_focus()
            self.reread()

    async def action_move_on(self) -> None:
        await self._move(1)

    async def action_move_back(self) -> None:
        await self._move(-1)

    async def _move(self, by: int) -> None:
        key = self.list.cursor
        if key is not None:
            await self._put_into(key, lambda pen: moved(pen, key, by))

    async def _put_into(self, key: Key, plan: Plan) -> None:
        """Move it; where nothing but a word why is lacking, let that be written and save both."""
        lacking = lacks_word(self.workspace.replica, plan)
        if lacking:
            self.run_worker(self._ask_why(key, plan, lacking), group="ask", exclusive=True)
        elif await self.duijie.act(plan):
            self.reread()

    async def _ask_why(self, key: Key, plan: Plan, lacking: str) -> None:
        from tui.screens.write import Write as Ask

        words = await self.duijie.push_screen_wait(
            Ask(self.shades, lacking, "", _not_empty, words=_("It is saved as a comment with it."))
        )
        text = clean(words or "", lines=False)
        if text and await self.duijie.act(lambda pen: [*plan(pen), spoken(pen, key, text)]):
            self.reread()

    async def action_next(self) -> None:
        """Begin the paper of the next step, filled in from what is known."""
        key, begin = self.list.cursor, self._next.begin if self._next else None
        if key is None or begin is None:
            return
        if isinstance(begin, Write):
            await doors.paper(self.duijie, begin.kind, begin.body)
        elif isinstance(begin, Open):
            await self.duijie.open_record(begin.kind, begin.id, field=begin.field)
        elif isinstance(begin, Move):
            await self._put_into(key, lambda pen: put_into(pen, key, begin.state))
        elif isinstance(begin, Convene):
            self.run_worker(self._convene(key), group="ask", exclusive=True)

    async def _convene(self, key: Key) -> None:
        """Call the topic meeting with its three topics, after asking, and show it."""
        from tui.screens.dialog import Ask

        answer = await self.duijie.push_screen_wait(
            Ask(
                self.shades,
                _("Call a topic meeting on it?"),
                [
                    Choice("stay", _("Not now")),
                    Choice("call", _("Make it as a draft"), _("then its time and place")),
                ],
                words=_(
                    "Three topics: root, target, feasible options; 30 to 60 minutes. ^Z takes all back."
                ),
            )
        )
        if answer != "call":
            return
        meeting = new_id(self.workspace.now())
        if await self.duijie.act(lambda pen: convened(pen, key, meeting)):
            self.reread()
            self.duijie.call_later(self.duijie.open_record, "meeting", meeting, field="start")

    async def action_task(self) -> None:
        if self._seen is not None:
            at = self._seen.around
            await doors.paper(self.duijie, "task", solution(at.body, at.id))

    def action_levels(self) -> None:
        """Say who is asked for the answer now, and when the next level is."""
        if self._seen is not None:
            self.duijie.say("\n".join(self._levels(self._seen)), about="why")

    def action_explain(self) -> None:
        """Say how the time left was computed, and when the blocker climbs."""
        seen = self._seen
        if seen is None:
            return
        stuck = seen.told.stuck
        if stuck.answered or stuck.state != "open":
            told = [_("Answered: no clock of an answer runs.")]
            told += explained(self.workspace, "blocker", stuck.id) if stuck.answered else []
        elif seen.told.clock is None:
            told = [
                _("Not delivered yet: the clock begins when the hub has it.")
                if seen.joined
                else _("No hub is joined: the clock of an answer begins at a hub.")
            ]
        else:
            told = [seen.told.why_clock, *self._levels(seen)]
        self.duijie.say("\n".join(told), about="why")

    def _levels(self, seen: Seen) -> list[str]:
        return levels_told(roles_of(self.workspace.conn), seen.told, seen.around, seen.by)


def _not_empty(text: str) -> None:
    if not clean(text, lines=False):
        raise UsageError(_("Say why in a line."), "")
