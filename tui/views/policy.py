"""The policy: every number and time of the guides in words, and who changed which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from textual import on, work
from textual.app import ComposeResult

from schema.dates import today
from schema.rights import may_write
from schema.rules.explained import ending_explained
from schema.rules.policy import ROWS, TIMES
from schema.rules.truth import at
from schema.wording import N_, _, n_
from syncd.store.reading import calendar_of, policy_of
from tui.actions import bindings
from tui.deleting import put, say_done
from tui.ink import Ink
from tui.rulebook import (
    BEFORE,
    RuleRow,
    allowed,
    begun,
    by_default,
    cannot_be,
    changed_at,
    fields_of,
    rulebook,
)
from tui.screens.dialog import Ask
from tui.views.canvas import Note
from tui.views.record import RecordPage
from tui.widgets.choices import Choice
from tui.widgets.lines import Key, Lines, Look
from tui.widgets.rows import Heading, Held, RowSource
from tui.widgets.view import NARROW, Context, Fact, View
from tui.width import width
from tui.workspace import Workspace

LABEL_MOST, ROW, WHO = 43, 7, 17
LABEL_NARROW, WHO_NARROW = 30, 11


def may_change(workspace: Workspace, kind: str) -> bool:
    """Whether the hub would take a change of the policy or the calendar from here."""
    role = workspace.setting.role
    return not role or may_write(role, kind, own=False)


def readers_words() -> str:
    """What somebody is told who may only read here."""
    return _("Only coordinators change this; the hub refuses it from others.")


class PolicySource(RowSource[RuleRow]):
    """One rule a line, under its group."""

    def __init__(self, view: PolicyView) -> None:
        self._view = view
        self._longest = 0
        super().__init__(Held([], []))

    def key(self, row: RuleRow) -> Key:
        return row.id

    def read(self) -> None:
        self._longest = max((width(row.label) for row in self._view.rows if row.key), default=0)
        super().read()

    def headings(self) -> list[Heading]:
        found: list[Heading] = []
        for place, row in enumerate(self._view.rows):
            if not found or _(row.group) != found[-1].text:
                found.append(Heading(place, _(row.group)))
        return found

    def draw_row(self, row: RuleRow, part: int, ink: Ink, look: Look, place: int) -> None:
        wide = ink.cells >= NARROW
        left = 1 if wide else 0
        focused = look.focused and row.id == look.cursor
        if row.id == look.cursor:
            ink.fill(left, ink.cells - 2 * left, "cursor" if focused else "sel")
        if focused:
            ink.stripe(left, "accent", focus=True)
        quiet = "muted" if focused else "faint"
        x, end = left + 2, ink.cells - left - 2
        label = min(self._longest, LABEL_MOST if wide else LABEL_NARROW)
        ink.put(x, row.label, size=label, bold=focused)
        who = WHO if wide else WHO_NARROW
        ink.put_right(end, *self._stands(row, quiet, short=not wide), size=who)
        end -= who + 2
        if wide:
            ink.put(end - ROW, row.source, quiet, size=ROW)
            end -= ROW + 2
        role = "yellow" if row.wrong else "text" if row.record else "muted"
        ink.put(x + label + 2, row.value, role, size=end - x - label - 2)

    def _stands(self, row: RuleRow, quiet: str, *, short: bool) -> tuple[str, str]:
        """Whose the row is, and its shade."""
        if row.wrong and row.key:
            return _("cannot be"), "yellow"
        if row.record is None:
            return _("default"), quiet
        author = row.record.shown.author
        return (author if short else f"{author} {self._view.when(row)}"), "muted"


class PolicyView(View):
    """Every rule of the workspace; coordinators change one on Enter."""

    help = (
        N_("Every number and time of the guides, with its row there and who changed it."),
        N_("Coordinators change a rule on Enter; Delete puts it back to its default."),
        N_("What cannot be is yellow; until it is mended the default holds."),
    )
    BINDINGS = bindings("policy.*", "list.delete")
    DEFAULT_CSS = "PolicyView Lines { margin-bottom: 1; }"

    def __init__(self, key: str = "") -> None:
        super().__init__()
        self._begin = key
        self.rows: Sequence[RuleRow] = ()

    def compose(self) -> ComposeResult:
        self.source = PolicySource(self)
        self._read()
        self.list = Lines(self.source, self.shades)
        yield self.list

    def _read(self) -> None:
        day = today(self.workspace.moment(), self.workspace.setting.zone)
        self.rows = rulebook(self.workspace.replica, day.year)
        self.source.window = Held(self.rows, [row.id for row in self.rows])
        self.source.read()

    def on_mount(self) -> None:
        self.call_after_refresh(self.show, self._begin)

    def show(self, key: str) -> None:
        """Put the cursor on a rule."""
        self.list.go_to(next((row.id for row in self.rows if key and row.key == key), None))

    def reread(self) -> None:
        if self.is_mounted:
            self._read()
            self.list.shades = self.shades
            self.list.reread()

    def take_focus(self) -> None:
        self.call_after_refresh(self.list.focus)

    def when(self, row: RuleRow) -> str:
        """When a row was changed."""
        return at(changed_at(row), self.workspace.now(), self.workspace.setting.zone)

    def context(self) -> Context:
        changed = sum(row.record is not None for row in self.rows)
        wrong = sum(bool(row.wrong) for row in self.rows)
        known = sum(bool(row.key) for row in self.rows)
        left = [
            Fact(_("Policy"), "text", bold=True),
            Fact(n_("{n} rule", "{n} rules", known)),
            Fact(n_("{n} changed", "{n} changed", changed) if changed else _("all by default")),
        ]
        if wrong:
            left.append(Fact(n_("{n} cannot be", "{n} cannot be", wrong), "yellow"))
        if may_change(self.workspace, "policy"):
            return Context(left, [])
        return Context(left, [Fact(_("only coordinators change this"))])

    @property
    def row(self) -> RuleRow | None:
        """The rule under the cursor."""
        return next((row for row in self.rows if row.id == self.list.cursor), None)

    # -- what people do

    @on(Lines.Opened)
    async def _opened(self) -> None:
        row = self.row
        if row is None:
            return
        if not row.key:
            await self.duijie.open_record("policy", row.id)
        elif row.record is not None:
            await self.duijie.open_view(PolicyPage(row.key, row.record.id))
        elif not may_change(self.workspace, "policy"):
            self.duijie.say(readers_words(), wrong=True)
        elif self.workspace.replica.record("policy", row.id) is not None:
            # Deleted, so the default holds; what it said can be restored there.
            await self.duijie.open_view(PolicyPage(row.key, row.id))
        else:
            await self.duijie.open_view(PolicyPage(row.key, "", begun(row.key)))

    @work(group="delete")
    async def action_delete(self) -> None:
        """Put a rule back to its default."""
        row = self.row
        if row is None or row.record is None:
            self.duijie.say(_("The default holds here already."))
        elif not may_change(self.workspace, "policy"):
            self.duijie.say(readers_words(), wrong=True)
        elif await self._asked_back(row):
            refs = [("policy", row.record.id)]
            if await self.duijie.act(lambda pen: put(pen, refs, deleted=True)):
                say_done(self.duijie, _("The default holds again: {label}.", label=row.label))
                self.reread()
            if self.duijie.frame is not None:
                self.duijie.frame.tell()

    async def _asked_back(self, row: RuleRow) -> bool:
        day = today(self.workspace.moment(), self.workspace.setting.zone)
        default = by_default(row.key, day.year) if row.key else ""
        answer = await self.duijie.push_screen_wait(
            Ask(
                self.shades,
                lambda: _("Put {label} back to its default?", label=row.label),
                lambda: [
                    Choice("keep", _("Leave it as it is now")),
                    Choice("back", _("Put it back"), default),
                ],
            )
        )
        return answer == "back"

    def action_explain(self) -> None:
        """Say what a rule rests on, and what it would come to now."""
        row = self.row
        if row is not None:
            self.duijie.say("\n".join(self._explained(row)), about="why")

    def _explained(self, row: RuleRow) -> list[str]:
        workspace = self.workspace
        if not row.key:
            return [row.value]
        day = today(workspace.moment(), workspace.setting.zone)
        told = [_("{label}: {value}", label=row.label, value=row.value), *row.wrong]
        if row.record is not None:
            author, default = row.record.shown.author, by_default(row.key, day.year)
            told.append(_("Changed by {author}, {time}", author=author, time=self.when(row)))
            told.append(_("By default: {value}", value=default))
        told.append(_("By the guides: {rows}", rows=row.source))
        if ROWS[row.key].units == TIMES and row.key not in BEFORE:
            told += self._from_now(row.key)
        return told

    def _from_now(self, key: str) -> list[str]:
        """What the rule would come to if it began now."""
        workspace = self.workspace
        try:
            found = ending_explained(
                workspace.now(),
                key,
                zone=workspace.setting.zone,
                calendar=calendar_of(workspace.conn),
                policy=policy_of(workspace.conn),
            )
        except OverflowError:
            return []
        return [_("If it began now:"), found.lines[0], *found.lines[2:]]

    async def action_calendar(self) -> None:
        """The days off and make-up days."""
        from tui import doors

        await doors.calendar(self.duijie)


class PolicyPage(RecordPage):
    """The record that changes a rule; a new one begins with what holds without it."""

    def __init__(self, key: str, id: str = "", values: Mapping[str, Any] | None = None) -> None:
        super().__init__("policy", id, values, only=() if id else fields_of(key), returns=True)
        self._key = key

    def head(self) -> Sequence[Note]:
        """Which rule it is, and what it may say, below what every page says."""
        workspace = self.workspace
        day = today(workspace.moment(), workspace.setting.zone)
        row = ROWS[self._key]
        default = by_default(self._key, day.year)
        told: list[Note] = [
            (_("{label} ({row})", label=_(row.label), row=row.source), "text"),
            (_("By default: {value}", value=default), "muted"),
            *((each, "muted") for each in allowed(self._key)),
            *((each, "yellow") for each in cannot_be({**self.form.merged(), "key": self._key})),
        ]
        *before, last = super().head()
        return [*before, *told, last]

    def _drafted(self) -> str:
        return super()._drafted() if self.record_id else f"new/policy/{self._key}"
