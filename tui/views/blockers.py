"""The blockers as a queue by the time that is left to answer, and the one under the cursor in full."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Input

from schema.errors import NothingToDo
from schema.ids import new_id
from schema.records import kind, new_body
from schema.rules.answers import LEVELS, STEPS
from schema.rules.moves import check_move
from schema.rules.truth import at
from schema.safe_text import clean
from schema.wording import N_, _, n_
from syncd.store.blockers import Detail, Step, Stuck, detail, queue
from syncd.store.drafts import StoredDraft
from syncd.store.replica import Replica
from syncd.store.rows import Change
from tui.actions import bindings
from tui.acts import TITLES, body_of, checked
from tui.cli.text import word
from tui.ink import Ink
from tui.palette import Marks
from tui.views.drafting import Drafting
from tui.widgets.choices import Choice
from tui.widgets.countdown import LIGHTS, card_countdown, clock_words
from tui.widgets.empty import Empty
from tui.widgets.lines import Key, Lines, Look
from tui.widgets.rows import Held, RowSource
from tui.widgets.sheet import Line, Piece, RuleOf, Sheet, folded, labelled
from tui.widgets.typing import typeable
from tui.widgets.view import NARROW, Context, Fact, View
from tui.width import cut, width

QUEUE = 57  # cells of the queue beside the detail
SECOND = 1_000_000
DONE = Marks().done
LABELS = (
    N_("Why stuck"),
    N_("Frees it"),
    N_("Phenomenon"),
    N_("Essence"),
    N_("Effect"),
    N_("Cause"),
)


class QueueSource(RowSource[Stuck]):
    """Two lines a blocker, and a blank."""

    lines = 2
    gap = 1

    def __init__(self, view: Blockers) -> None:
        self._view = view
        super().__init__(Held([], []))

    def key(self, row: Stuck) -> Key:
        return row.id

    def draw_row(self, row: Stuck, part: int, ink: Ink, look: Look, place: int) -> None:
        here = row.id == look.cursor
        focused = here and look.focused
        left = 1 if self._view.beside else 0
        if here:
            ink.fill(left, ink.cells - left, "cursor" if focused else "sel")
        if focused:
            ink.stripe(left, "accent", focus=True)
        light = row.shown.light or ""
        urgent = light if light in ("red", "yellow") else "muted"
        end = ink.cells - 2
        x = left + 2
        if part == 0:
            told = answer_words(row, self._view.workspace.now(), joined=self._view.joined)
            end = ink.put_right(end, told, urgent, size=18) - 2
            if row.conflicts:
                end = ink.put_right(end, _("conflict"), "accent", underline=True) - 2
            ink.put(x, row.title or _("(no title)"), size=end - x, bold=focused)
            return
        quiet = "muted" if focused else "faint"
        if light:
            end = ink.put_right(end, _(LIGHTS[light]), light) - 2
        if row.holds:
            end = ink.put_right(end, _("holds {n}", n=row.holds), "muted") - 2
        number = row.number or (_("new") if self._view.joined else "")
        at_ = max(ink.put(x, number, quiet, size=8) + 1, x + 7) if number else x
        at_ = ink.put(at_, row.raised_by, "muted", size=8) + 1
        at_ = ink.put(at_, ink.shades.marks.to, quiet) + 1
        asked = _(", ").join(row.asked)
        at_ = (
            ink.put(
                at_, asked or _("nobody yet"), "muted" if asked else "red", size=min(10, end - at_)
            )
            + 2
        )
        step = f"{_(STEPS[row.shown.step - 1])} {row.shown.step}/6" if row.shown.step else ""
        at_ = ink.put(max(at_, x + 25), step, quiet, size=end - max(at_, x + 25)) + 2
        if row.shown.level and row.shown.level > 1:
            ink.put(at_, _(LEVELS[row.shown.level]), "text", size=end - at_)


def answer_words(row: Stuck, now: int, *, joined: bool = True) -> str:
    """The time left to answer, or what stands instead of it; without a hub no clock runs."""
    if row.answered or row.state != "open":
        return word(kind("blocker"), "state", row.state) if row.state != "open" else _("answered")
    if row.answer_by is None:
        return _("undelivered") if joined else word(kind("blocker"), "state", row.state)
    left = (row.answer_by - now) // SECOND
    told = clock_words(abs(left))
    return _("{time} late", time=told) if left < 0 else _("{time} left", time=told)


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
        self._detail: Detail | None = None
        self._about: Key | None = None
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
            with Vertical(id="detail"):
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
        self.query_one("#detail").visible = not none
        if had:
            self.take_focus()

    def tick(self) -> None:
        self.list.redraw()
        self._look_closer(top=False, read=False)

    def take_focus(self) -> None:
        empty = self.empty
        self.call_after_refresh((empty.list if empty.display else self.list).focus)

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
            self._detail = (
                detail(self.workspace.conn, key, now=self.workspace.now()) if key else None
            )
        cells = max(self.sheet.size.width - 4, 20)
        self.sheet.show(self._lines(self._detail, cells) if self._detail else [], top=top)

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

    def _lines(self, told: Detail, cells: int) -> list[Line]:
        stuck = told.stuck
        now, zone = self.workspace.now(), self.workspace.setting.zone
        value = max(10, 1 + max(width(_(label)) for label in LABELS))
        room = cells - value
        head = [
            _("raised by {department}", department=stuck.raised_by) if stuck.raised_by else "",
            _("answers: {departments}", departments=_(", ").join(stuck.asked) or _("nobody yet")),
            _("level: {level}", level=_(LEVELS[stuck.shown.level])) if stuck.shown.level else "",
        ]
        lines: list[Line] = [
            [
                Piece(0, stuck.title, bold=True),
                Piece(
                    cells,
                    stuck.number or (_("no number") if self.joined else ""),
                    "faint",
                    right=True,
                ),
            ],
            [Piece(0, "   ".join(filter(None, head)), "muted")],
            [],
            *_step_lines(told.steps, cells, now, zone),
            [],
            *self._clock(told, value, cells),
        ]
        effect = "\n".join("   ".join(filter(None, each)) for each in told.effect)
        texts = (
            told.why,
            told.unblock,
            told.phenomenon,
            told.essence,
            effect,
            _(", ").join(told.attributed),
        )
        for label, text in zip(LABELS, texts, strict=True):
            if text:
                lines += labelled(_(label), folded(value, text, room))
        if told.held:
            lines.append([])
            for place, each in enumerate(told.held):
                urgent = each.shown.light if each.shown.light in ("red", "yellow") else "muted"
                lines.append(
                    [
                        Piece(0, "" if place else _("Stuck"), "faint"),
                        Piece(value, each.number.rpartition("-")[2], "faint"),
                        Piece(value + 4, each.title),
                        Piece(
                            cells,
                            card_countdown(each.shown, each.due),
                            urgent or "muted",
                            right=True,
                        ),
                    ]
                )
        if told.talk:
            lines.append([])
            for place, word_of in enumerate(told.talk):
                said = folded(value + 16, word_of.text, room - 16)
                head_line: list[Piece | RuleOf] = [
                    Piece(0, "" if place else _("Said"), "faint"),
                    Piece(value, at(word_of.at, now, zone)[-5:], "faint"),
                    Piece(value + 7, cut(word_of.author, 8), "muted"),
                ]
                lines += [[*head_line, *said[0]], *said[1:]]
        return lines

    def _clock(self, told: Detail, x: int, cells: int) -> list[Line]:
        clock, now = told.clock, self.workspace.now()
        if clock is None or told.stuck.answered or told.stuck.state != "open":
            return []
        zone = self.workspace.setting.zone
        share = min(max((now - clock.began) / max(clock.ends - clock.began, 1), 0), 1)
        used = round((cells - x) * share)
        light = told.stuck.shown.light or "muted"
        return [
            [
                Piece(0, _("Answer"), "faint"),
                Piece(x, answer_words(told.stuck, now), light, bold=True),
                Piece(
                    cells, _("until {time}", time=at(clock.ends, now, zone)), "muted", right=True
                ),
            ],
            [RuleOf(x, used, light, heavy=True), RuleOf(x + used, cells - x - used)],
            *folded(x, told.why_clock, cells - x, "faint"),
            [],
        ]

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
            self.answer.focus()

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
        if key is not None and await self.duijie.act(lambda pen: moved(pen, key, by)):
            self.reread()

    async def action_task(self) -> None:
        if self.list.cursor is not None:
            await self.duijie.new_record("task", {"source": self.list.cursor})

    def action_explain(self) -> None:
        """Say how the time left was computed."""
        if self._detail is not None and self._detail.clock is not None:
            self.duijie.say(self._detail.why_clock, about="why")


def _step_lines(steps: Sequence[Step], cells: int, now: int, zone: str) -> list[Line]:
    """The six steps as equal bars, under them their names, and when they were done."""
    size = cells // len(STEPS)
    bars: list[Piece | RuleOf] = []
    names: list[Piece | RuleOf] = []
    times: list[Piece | RuleOf] = []
    for step in steps:
        x = (step.step - 1) * size
        role = "muted" if step.done else "accent" if step.now else "line"
        bars.append(RuleOf(x, size - 1, role, heavy=step.done or step.now))
        if step.done:
            names.append(Piece(x, cut(f"{DONE} {_(step.label)}", size - 1), "muted"))
        else:
            role = "text" if step.now else "faint"
            words = cut(f"{step.step} {_(step.label)}", size - 1)
            names.append(Piece(x, words, role, bold=step.now))
        if step.done and step.done_at is not None:
            times.append(Piece(x, at(step.done_at, now, zone), "faint"))
        elif step.now:
            times.append(Piece(x, _("now"), "accent"))
    return [bars, names, times]


def answered_with(replica: Replica, id: str, text: str) -> list[Change]:
    """An answer of a blocker: a comment, so that several may answer at once."""
    of = kind("comment")
    body = {**new_body("comment", {}, department=None), "of": id, "type": "answer", "text": text}
    return [Change("comment", new_id(replica.clock.now()), checked(of, body))]


def moved(replica: Replica, id: str, by: int) -> list[Change]:
    """A blocker in the state after (1) or before (-1) its own."""
    of = kind("blocker")
    record = replica.record("blocker", id)
    body = body_of(record) if record else {}
    state = body.get("state")
    states: Sequence[str] = of.states
    place = states.index(state) + by if state in states else -1
    if record is None or not 0 <= place < len(states):
        raise NothingToDo(_("There is no state further on."), "")
    check_move(of, state, states[place])
    return [Change("blocker", id, checked(of, {**body, "state": states[place]}, body))]
