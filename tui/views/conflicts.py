"""The conflicts: one after the other, base and both sides field by field, to be settled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.app import ComposeResult

from schema.conflicts import Side
from schema.errors import joined
from schema.rules.truth import at
from schema.settling import Draft, Written
from schema.wording import N_, _, n_
from syncd.store.conflicts import Conflict, Line, last_settled
from syncd.store.drafts import StoredDraft
from tui.actions import bindings
from tui.settling import Right, not_allowed, settled
from tui.views.all_at_once import settle_all
from tui.views.conflict_panes import FieldLines, Outcome, SideHeads, Why
from tui.views.conflict_words import Words
from tui.views.docket import Docket, Happened
from tui.views.drafting import Drafting
from tui.views.sides import Fields
from tui.views.writing_anew import WritingAnew
from tui.widgets.empty import Empty
from tui.widgets.lines import Lines
from tui.widgets.view import HIGH, NARROW, Context, Fact, View

if TYPE_CHECKING:
    from syncd.store.replica import Replica
    from syncd.store.rows import Change


class Conflicts(View):
    """The open conflicts, then those that will open when the unsent edits are sent."""

    tab: ClassVar[str] = "9"
    help = (
        N_(
            "Two versions of one record that knew nothing of each other, with what both were made from."
        ),
        N_(
            "Fields that only one side changed are taken already; only those that both changed are to be picked."
        ),
        N_("Settling makes a new version; what was not chosen stays in the history."),
    )
    BINDINGS = bindings("conflicts.*")
    DEFAULT_CSS = """
    Conflicts.-empty Why, Conflicts.-empty SideHeads, Conflicts.-empty FieldLines,
    Conflicts.-empty Outcome { display: none; }
    Conflicts.-empty Empty { display: block; }
    Conflicts.-narrow SideHeads { height: 1; }
    Conflicts.-narrow Outcome, Conflicts.-low Outcome { display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._was_empty = False
        self._last: int | None = None

    def compose(self) -> ComposeResult:
        self.source = Fields(self.workspace.conn)
        self.docket = Docket(self.workspace.replica)
        self.words = Words(self.docket, self.workspace, self.source.label)
        self.drafting = Drafting(self, lambda: "conflicts", self._held)
        self.anew = WritingAnew(self, self.drafting.soon)
        self.list = FieldLines(self.source, self.shades)
        self._why = Why(self)
        self._heads = SideHeads(self)
        self._outcome = Outcome(self)
        self._empty = Empty(self.shades)
        yield self._why
        yield self._heads
        yield self.list
        yield self._outcome
        yield self._empty

    def on_mount(self) -> None:
        self.drafting.take_up(self._taken_up, open_elsewhere=())
        self.drafting.begin()
        happened = self.docket.read()
        self._show()
        self._to_top()
        # A toast finds its place once there is a panel to stay clear of.
        self.call_after_refresh(self._say_taken_up, happened)

    def on_unmount(self) -> None:
        self.drafting.end()

    def on_resize(self) -> None:
        self.set_class(self.app.size.height < HIGH, "-low")

    # -- what is kept however the app ends

    def _held(self) -> dict[str, Any] | None:
        chosen, written = self.docket.kept(), dict(self.anew.texts)
        return {"chosen": chosen, "written": written} if chosen or written else None

    def _taken_up(self, kept: StoredDraft) -> bool:
        chosen = self.docket.take_back(kept.body.get("chosen"))
        records = {line.id for line in self.open}
        return self.anew.take_back(kept.body.get("written"), records) or chosen

    # -- what is shown

    @property
    def conflict(self) -> Conflict | None:
        """The conflict on screen."""
        return self.docket.conflict

    @property
    def draft(self) -> Draft | None:
        """What is chosen of it."""
        return self.docket.draft

    @property
    def open(self) -> list[Line]:
        """The open conflicts."""
        return self.docket.open

    def context(self) -> Context:
        if self.conflict is None:
            return Context([Fact(self.duijie.project_title, "text")], [])
        return self.words.context(wide=self.app.size.width >= NARROW)

    def reread(self) -> None:
        if self.is_mounted:
            self._say_happened(self.docket.read())
            self._show()

    def _say_taken_up(self, happened: Happened) -> None:
        if self.drafting.since is not None:
            self._say_happened(happened)
            self.duijie.say(_("What you had chosen and not settled is here again."))

    def _say_happened(self, happened: Happened) -> None:
        gone, lost = happened
        if gone is not None:
            self.duijie.say(_("The conflict of {title} is settled.", title=gone.title))
        if lost is None:
            return
        kept = _("What you chose is kept.")
        if lost:
            kept = n_(
                "{n} choice is to be made again, the others are kept.",
                "{n} choices are to be made again, the others are kept.",
                lost,
            )
        moved = _("This record has changed while you were choosing.")
        self.duijie.say(joined(moved, kept), wrong=True, about="hint")

    def _show(self) -> None:
        """Draw what was read."""
        self.set_class(self.conflict is None, "-empty")
        if self.conflict is None:
            self._say_empty()
        self._was_empty = self.conflict is None
        self.list.shades = self.shades
        kind = self.conflict.record.kind if self.conflict else ""
        missing = self.docket.bodiless
        marks = not self.docket.foretold and self.docket.right is not Right.NONE and not missing
        self.source.show(None if missing else self.draft, kind, marks=marks)
        self.list.reread()
        self._why.fit()
        self._heads.refresh()
        self._outcome.refresh()
        self.refresh_bindings()

    def _say_empty(self) -> None:
        if not self._was_empty:
            self._last = last_settled(self.workspace.replica)
        words = _(
            "A conflict opens when two people change the same record without knowing of each other."
        )
        if self._last is not None:
            when = at(self._last, self.workspace.now(), self.workspace.setting.zone)
            words = _("The last one was settled at {time}.", time=when)
        self._empty.say(_("No conflicts to settle"), words)

    def chosen(self) -> None:
        """Something was chosen: draw it, and keep it."""
        self.drafting.soon()
        self._lay()

    def _lay(self) -> None:
        self.source.show(self.source.draft, self.source.kind, marks=self.source.marks)
        self.list.reread()
        self._outcome.refresh()
        self._tell()

    def _tell(self) -> None:
        if self.duijie.frame:
            self.duijie.frame.tell()

    def take_focus(self) -> None:
        self.call_after_refresh(self.list.focus)

    # -- going from one to the other

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("next", "before"):
            return self.docket.total > 1
        if action == "unfold":
            return self.draft is not None and bool(self.draft.rest)
        return self.conflict is not None

    def action_unfold(self) -> None:
        self.source.unfolded = not self.source.unfolded
        self._lay()

    def action_next(self) -> None:
        if not self._go(1):
            self.duijie.say(_("This is the last one."))

    def action_before(self) -> None:
        if not self._go(-1):
            self.duijie.say(_("This is the first one."))

    def _go(self, by: int) -> bool:
        if not self.docket.go(by):
            return False
        self._from_top()
        return True

    def show_record(self, kind: str, id: str) -> None:
        """Turn to the conflict of a record, where it has one."""
        if self.docket.turn_to(kind, id):
            self._from_top()

    def _begin(self) -> None:
        """Show the conflict of this place from its first field."""
        self.docket.begin()
        self._from_top()

    def _from_top(self) -> None:
        self.list.cursor = None
        self._show()
        self.list.go_to(self.source.step(None, "first", 1))
        self._to_top()
        self._tell()

    def _to_top(self) -> None:
        self.call_after_refresh(self.list.scroll_to, y=0, animate=False, force=True)

    async def action_record(self) -> None:
        if self.conflict is not None:
            await self.duijie.open_record(self.conflict.record.kind, self.conflict.record.id)

    # -- choosing

    def _may(self, *, agreeing: bool = False) -> Draft | None:
        """The draft, where this person may choose in it; else says why not."""
        conflict, draft = self.conflict, self.draft
        if conflict is None or draft is None:
            return None
        right, in_the_way = self.docket.right, self.words.in_the_way()
        if self.docket.foretold:
            self.duijie.say(_("This one opens when you sync; then it can be settled."))
        elif right is Right.NONE or (right is Right.HEAD and not agreeing):
            self.duijie.say(joined(*not_allowed(conflict)), wrong=True)
        elif in_the_way:
            self.duijie.say(in_the_way, wrong=True)
        else:
            return draft
        return None

    def action_head(self) -> None:
        self._choose(Side.HEAD)

    def action_other(self) -> None:
        self._choose(Side.OTHER)

    def _choose(self, side: Side) -> None:
        draft, field = self._may(agreeing=side is Side.HEAD), self.list.cursor
        if draft is None or field is None:
            return
        point = draft.point(field)
        if self.docket.right is Right.HEAD:
            draft.keep(Side.HEAD)
        elif point is not None and not point.differs and field not in draft.choices:
            self.duijie.say(_("Both sides say the same here; Enter writes it anew."))
            return
        else:
            draft.choose(field, side)
        self.chosen()

    def action_keep_head(self) -> None:
        self._keep(Side.HEAD)

    def action_keep_other(self) -> None:
        self._keep(Side.OTHER)

    def _keep(self, side: Side) -> None:
        draft = self._may(agreeing=side is Side.HEAD)
        if draft is not None:
            draft.keep(side)
            self.chosen()

    def action_both(self) -> None:
        draft = self._may()
        if draft is None:
            return
        before = dict(draft.choices)
        draft.take_both()
        if draft.deletion:
            self.duijie.say(_("A deletion cannot be mixed: keep the record, or delete it."))
        elif draft.left:
            self.duijie.say(self.words.left(draft))
        elif draft.choices == before:
            self.duijie.say(_("Each field is taken from a side already; ^R settles."))
        self.chosen()

    @on(Lines.Opened)
    def _opened(self, message: Lines.Opened) -> None:
        message.stop()
        self.action_write()

    @work
    async def action_write(self) -> None:
        """Write a value by hand."""
        draft, field, conflict = self._may(), self.list.cursor, self.conflict
        if draft is None or field is None or conflict is None:
            return
        if draft.deletion:
            self.duijie.say(_("A deletion cannot be mixed: keep the record, or delete it."))
            return
        written = await self.anew.write(conflict, draft, field)
        if written is None:
            return
        # What was on screen may have gone while the value was written.
        now = self.conflict
        if now is None or self.draft is None or now.record.id != conflict.record.id:
            self.duijie.say(_("The conflict of {title} is settled.", title=conflict.title))
            return
        self.draft.choose(field, Written(written.value))
        self.chosen()

    # -- settling

    async def action_settle(self) -> None:
        draft, conflict = self._may(agreeing=True), self.conflict
        if draft is None or conflict is None:
            return
        if draft.left:
            self.duijie.say(self.words.left(draft), wrong=True)
            self.list.go_to(draft.left[0])
            return
        name = conflict.name

        def plan(pen: Replica) -> list[Change]:
            return [settled(pen, name, draft)]

        draft.touched = False
        if await self.duijie.act(plan):
            self.docket.forget(name)
            self.drafting.soon()
            self.reread()
            self._begin()
            left = n_("{n} conflict left", "{n} conflicts left", len(self.open))
            self.duijie.say(_("{title} is settled; {left}.", title=conflict.title, left=left))
        else:
            draft.touched = True
            self.reread()
            self._tell()

    @work
    async def action_all(self) -> None:
        """Settle every conflict in which nothing overlaps."""
        if not self.open:
            self.duijie.say(_("This one opens when you sync; then it can be settled."))
        elif said := await settle_all(self.duijie):
            self.reread()
            self._begin()
            self.duijie.say(said)
