"""The conflicts: one after the other, base and both sides field by field, to be settled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult

from schema.conflicts import DELETED, Side
from schema.errors import joined
from schema.ids import derived_id
from schema.records import KINDS
from schema.rules.truth import at
from schema.settling import Draft, Written
from schema.wording import N_, _, n_
from syncd.store.conflicts import (
    Conflict,
    Line,
    conflicts_of,
    foretold_conflicts,
    last_settled,
    open_lines,
)
from tui.actions import bindings
from tui.cli.values import Reader
from tui.screens.dialog import Ask
from tui.screens.write import Write
from tui.settling import (
    Right,
    draft,
    not_allowed,
    right,
    settle_without_overlap,
    settled,
    without_overlap,
)
from tui.views.conflict_panes import FieldLines, Outcome, SideHeads, Why
from tui.views.sides import Fields
from tui.widgets.choices import Choice
from tui.widgets.empty import Empty
from tui.widgets.lines import Lines
from tui.widgets.view import HIGH, NARROW, Context, Fact, View
from tui.width import cut
from tui.writing import read, several_lines, typed

if TYPE_CHECKING:
    from syncd.store.replica import Replica
    from syncd.store.rows import Change

NAMED = 3  # fields that a sentence names


class Conflicts(View):
    """The open conflicts, then those that will open when the unsent edits are sent."""

    tab: ClassVar[str] = "9"
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
        self.open: list[Line] = []
        self.coming: list[Conflict] = []
        self.conflict: Conflict | None = None
        self.right = Right.NONE
        self._place = 0
        self._drafts: dict[str, Draft] = {}
        self._was_empty = False
        self._last: int | None = None

    def compose(self) -> ComposeResult:
        self.source = Fields(self.workspace.conn)
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
        self._read_all()
        self._to_top()

    def on_resize(self) -> None:
        self.set_class(self.app.size.height < HIGH, "-low")

    # -- what is shown

    @property
    def draft(self) -> Draft | None:
        """What is chosen of the conflict on screen."""
        return self._drafts.get(self.conflict.name) if self.conflict else None

    @property
    def foretold(self) -> bool:
        """Whether the conflict on screen is not open yet."""
        return self._place >= len(self.open)

    @property
    def total(self) -> int:
        return len(self.open) + len(self.coming)

    def context(self) -> Context:
        conflict = self.conflict
        if conflict is None:
            return Context([Fact(self.duijie.project_title, "text")], [])
        of = KINDS.get(conflict.record.kind)
        left = [
            Fact(conflict.title or conflict.record.id[-6:], "text", bold=True),
            Fact(conflict.record.number or ""),
            Fact(_(of.label) if of else conflict.record.kind),
        ]
        right: list[Fact] = []
        if self.total > 1:
            wide = self.app.size.width >= NARROW
            place = {"n": self._place + 1, "total": self.total}
            right.append(
                Fact(_("{n} of {total}", **place) if wide else "{n}/{total}".format(**place))
            )
        right.append(self._standing())
        return Context(left, right)

    def _standing(self) -> Fact:
        """What is still to be done, or who is to do it."""
        draft = self.draft
        if self.foretold:
            return Fact(_("to come when you sync"), "accent")
        if draft is None or self.right is Right.NONE:
            return Fact(_("read only"))
        if draft.left:
            return Fact(n_("{n} left to pick", "{n} left to pick", len(draft.left)), "yellow")
        return Fact(_("ready to settle"), "green")

    @property
    def why(self) -> list[str]:
        """Why the head won, and what else is to be known, a sentence each."""
        conflict = self.conflict
        if conflict is None:
            return []
        first = ""
        if conflict.base is None:
            first = _("The version both grew from is not here: the whole record is in conflict.")
        else:
            rev = conflict.base.rev
            first = _("Both grew from version {rev} and neither knew of the other.", rev=rev)
        said = [joined(first, conflict.why(self.workspace.setting.zone))]
        if conflict.other.body is None and not conflict.other.deleted:
            said.append(
                joined(
                    _("What the other side says is not here."),
                    _("Sync first, then settle the conflict."),
                )
            )
        others = [
            leaf.author for leaf in conflict.record.open_losers if leaf.dot != conflict.other.dot
        ]
        if others:
            said.append(
                n_(
                    "{n} more version of this record lost, by {authors}; it is settled on its own.",
                    "{n} more versions of this record lost, by {authors}; each is settled on its own.",
                    len(others),
                    authors=_(", ").join(others),
                )
            )
        if self.foretold:
            said.append(
                _("The hub has heard of one side only; sync first, then it can be settled.")
            )
        return said

    @property
    def heads(self) -> Sequence[tuple[str, str, str, str]]:
        """Of base, head and other: name, a word beside it, who wrote it, and when."""
        conflict = self.conflict
        assert conflict is not None
        now, zone = self.workspace.now(), self.workspace.setting.zone
        me = self.workspace.setting.me
        base = conflict.base
        first = (
            (_("Base"), "", _("version {rev}", rev=base.rev), at(base.eff, now, zone))
            if base
            else (_("Base"), "", _("not here"), "")
        )
        told = [first]
        for name, version in ((_("Head"), conflict.head), (_("The other"), conflict.other)):
            beside = _("stands") if version is conflict.head else ""
            if version is conflict.head and conflict.start != conflict.said[1]:
                beside = _("with your settlement")
            elif version.author == me:
                beside = _("yours") if not beside else _("stands, yours")
            when = at(version.eff, now, zone) if version.eff else _("unsent")
            told.append((name, beside, self._author(version.author), when))
        return told

    def _author(self, name: str) -> str:
        row = self.workspace.conn.execute(
            "SELECT department FROM records WHERE kind = 'person' AND id = ? AND NOT deleted",
            (derived_id("person", name),),
        ).fetchone()
        return " ".join(filter(None, [row[0] if row else "", name]))

    @property
    def outcome(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """The lines of the panel: a label, and facts each in its shade."""
        conflict, draft = self.conflict, self.draft
        if conflict is None or draft is None:
            return []
        kept = (_("The rest"), [(_("stays in the history and can be taken back"), "muted")])
        if self.foretold:
            told = _("opens as a conflict when your unsent edit is sent")
            return [(_("Outcome"), [(told, "text")]), kept]
        if self.right is Right.NONE:
            who, rest = not_allowed(conflict)
            return [(_("To settle"), [(who, "text"), (rest, "muted")]), kept]
        rev = 1 + max(conflict.record.shown.rev, conflict.other.rev)
        facts = [(_("version {rev}", rev=rev), "text")]
        deleting = draft.choices.get(DELETED) if draft.deletion else None
        if draft.deletion:
            if deleting is not None:
                kept_words = (
                    _("the record is kept") if deleting is Side.HEAD else _("the record is deleted")
                )
                facts.append((kept_words, "text" if deleting is Side.HEAD else "red"))
        else:
            for n, words in (
                (draft.count(Side.HEAD), N_("{n} from head")),
                (draft.count(Side.OTHER), N_("{n} from other")),
                (draft.count(None), N_("{n} written anew")),
            ):
                if n:
                    facts.append((_(words, n=n), "muted"))
        if draft.left:
            facts.append((self._left_words(draft), "yellow"))
        lines = [(_("Outcome"), facts), (_("Touches"), [(self._touched(draft), "muted")]), kept]
        if self.right is Right.HEAD:
            agree = _(
                "Yours lost to {author}'s; you may settle for the head.",
                author=conflict.head.author,
            )
            lines[2] = (_("To settle"), [(agree, "yellow")])
        return lines

    def _left_words(self, draft: Draft) -> str:
        n = len(draft.left)
        return n_(
            "{n} left to pick: {fields}",
            "{n} left to pick: {fields}",
            n,
            fields=self._names(draft.left),
        )

    def _names(self, fields: Sequence[str]) -> str:
        names = [cut(self.source.label(name), 24) for name in fields]
        told = _(", ").join(names[:NAMED])
        more = len(names) - NAMED
        return _("{names} and {n} more", names=told, n=more) if more > 0 else told

    def _touched(self, draft: Draft) -> str:
        """What everybody will see otherwise than now."""
        if draft.deletion:
            gone = draft.choices.get(DELETED) is Side.OTHER
            return (
                _("the record goes to the trash for everybody")
                if gone
                else _("nothing that people see now")
            )
        moved = [
            name
            for name, choice in draft.choices.items()
            if choice is Side.OTHER or isinstance(choice, Written)
        ]
        if not moved:
            return _("nothing that people see now")
        return n_(
            "{n} field that people see now: {fields}",
            "{n} fields that people see now: {fields}",
            len(moved),
            fields=self._names(moved),
        )

    # -- what the frame asks

    def reread(self) -> None:
        if self.is_mounted:
            self._read_all()

    def _read_all(self) -> None:
        before = self.conflict
        self.open = open_lines(self.workspace.replica)
        self.coming = foretold_conflicts(self.workspace.replica)
        self._find(before)
        self._take_up()
        names = {line.name for line in self.open}
        self._drafts = {
            name: draft
            for name, draft in self._drafts.items()
            if name in names or (self.conflict and name == self.conflict.name)
        }
        self._show()

    def _find(self, before: Conflict | None) -> None:
        """Stay at the conflict that was on screen; where its loser was edited on, at what came of it."""
        keys = [line.name for line in self.open] + [each.name for each in self.coming]
        if before is not None and before.name in keys:
            self._place = keys.index(before.name)
            return
        self._place = max(0, min(self._place, len(keys) - 1))
        if before is None:
            return
        same = [
            place
            for place, line in enumerate(self.open)
            if (line.kind, line.id) == (before.record.kind, before.record.id)
        ]
        for place in same:
            conflict = self._read(place)
            if conflict is not None and (_went_on(before, conflict) or _turned(before, conflict)):
                self._place = place
                return
        if before.name in self._drafts and self._drafts[before.name].touched:
            self.duijie.say(_("The conflict of {title} is settled.", title=before.title))

    def _read(self, place: int) -> Conflict | None:
        if place >= len(self.open):
            return self.coming[place - len(self.open)] if place < self.total else None
        line = self.open[place]
        found = conflicts_of(self.workspace.replica, line.kind, line.id)
        return next((each for each in found if each.other.dot == line.dot), None)

    def _take_up(self) -> None:
        """Read the conflict on screen, and carry over what was chosen of it."""
        before = self.conflict
        self.conflict = conflict = self._read(self._place)
        if conflict is None:
            return
        self.right = Right.NONE if self.foretold else right(self.workspace.replica, conflict)
        new = draft(conflict)
        old = self._drafts.get(conflict.name)
        turned = before is not None and _turned(before, conflict)
        if old is None and before is not None and (turned or _went_on(before, conflict)):
            old = self._drafts.get(before.name)
        if old is not None and old.said == new.said:
            self._drafts[conflict.name] = old
            return
        if self.right is Right.HEAD:
            new.keep(Side.HEAD)
            new.touched = False
        elif old is not None:
            lost = new.carry(old, turned=turned)
            if old.touched:
                self._say_moved(lost)
        self._drafts[conflict.name] = new

    def _say_moved(self, lost: int) -> None:
        kept = _("What you chose is kept.")
        if lost:
            kept = n_(
                "{n} choice is to be made again, the others are kept.",
                "{n} choices are to be made again, the others are kept.",
                lost,
            )
        self.duijie.say(
            joined(_("This record has changed while you were choosing."), kept), wrong=True
        )

    def _show(self) -> None:
        """Draw what was read."""
        self.set_class(self.conflict is None, "-empty")
        if self.conflict is None:
            self._say_empty()
        self._was_empty = self.conflict is None
        self.list.shades = self.shades
        kind = self.conflict.record.kind if self.conflict else ""
        marks = not self.foretold and self.right is not Right.NONE
        missing = self.conflict is not None and self._bodiless(self.conflict)
        self.source.show(None if missing else self.draft, kind, marks=marks and not missing)
        self.list.reread()
        self._why.fit()
        self._heads.refresh()
        self._outcome.refresh()
        self.refresh_bindings()

    def _bodiless(self, conflict: Conflict) -> bool:
        return conflict.other.body is None and not conflict.other.deleted

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

    def _chosen(self) -> None:
        """Something was chosen: draw it."""
        self.source.show(self.source.draft, self.source.kind, marks=self.source.marks)
        self.list.reread()
        self._outcome.refresh()
        if self.duijie.frame:
            self.duijie.frame.tell()

    def take_focus(self) -> None:
        self.call_after_refresh(self.list.focus)

    # -- what people do

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("next", "before"):
            return self.total > 1
        if action == "all":
            return bool(self.open)
        if action in ("head", "other", "settle", "keep_head", "keep_other", "both", "write"):
            return self.conflict is not None
        return True

    def _may(self, *, agreeing: bool = False) -> Draft | None:
        """The draft, where this person may choose in it; else says why not."""
        conflict, draft = self.conflict, self.draft
        if conflict is None or draft is None:
            return None
        if self.foretold:
            self.duijie.say(_("This one opens when you sync; then it can be settled."))
        elif self._bodiless(conflict):
            self.duijie.say(
                joined(
                    _("What the other side says is not here."),
                    _("Sync first, then settle the conflict."),
                ),
                wrong=True,
            )
        elif self.right is Right.ANY or (agreeing and self.right is Right.HEAD):
            return draft
        else:
            self.duijie.say(joined(*not_allowed(conflict)), wrong=True)
        return None

    def action_head(self) -> None:
        self._choose(Side.HEAD)

    def action_other(self) -> None:
        self._choose(Side.OTHER)

    def _choose(self, side: Side) -> None:
        draft, field = self._may(agreeing=side is Side.HEAD), self.list.cursor
        if draft is not None and field is not None:
            if self.right is Right.HEAD:
                draft.keep(Side.HEAD)
            else:
                draft.choose(field, side)
            self._chosen()

    def action_keep_head(self) -> None:
        self._keep(Side.HEAD)

    def action_keep_other(self) -> None:
        self._keep(Side.OTHER)

    def _keep(self, side: Side) -> None:
        draft = self._may(agreeing=side is Side.HEAD)
        if draft is not None:
            draft.keep(side)
            self._chosen()

    def action_both(self) -> None:
        draft = self._may()
        if draft is None:
            return
        draft.take_both()
        if draft.deletion:
            self.duijie.say(_("A deletion cannot be mixed: keep the record, or delete it."))
        elif draft.left:
            self.duijie.say(self._left_words(draft))
        self._chosen()

    def action_unfold(self) -> None:
        self.source.unfolded = not self.source.unfolded
        self._chosen()

    def action_next(self) -> None:
        self._go(1)

    def action_before(self) -> None:
        self._go(-1)

    def _go(self, by: int) -> None:
        if not 0 <= self._place + by < self.total:
            return
        self._place += by
        self._begin()

    def _begin(self) -> None:
        """Show the conflict of this place from its first field."""
        self.conflict = None
        self._take_up()
        self.list.cursor = None
        self._show()
        self.list.go_to(self.source.step(None, "first", 1))
        self._to_top()
        if self.duijie.frame:
            self.duijie.frame.tell()

    def _to_top(self) -> None:
        self.call_after_refresh(self.list.scroll_to, y=0, animate=False, force=True)

    async def action_record(self) -> None:
        if self.conflict is not None:
            await self.duijie.open_record(self.conflict.record.kind, self.conflict.record.id)

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
        point = draft.point(field)
        if point is None:
            return
        of = KINDS.get(conflict.record.kind)
        spec = of.by_name.get(field) if of else None
        choice = draft.choices.get(field)
        value = point.other if choice is Side.OTHER else point.head
        if isinstance(choice, Written):
            value = choice.value
        body = {**draft.head.body, field: value}
        before = typed(self.workspace.conn, spec, value)

        def parsed(text: str) -> object:
            return read(Reader(self.workspace.replica), of, field, text, body)

        text = await self.duijie.push_screen_wait(
            Write(
                self.shades,
                self.source.label(field),
                before,
                parsed,
                lines=several_lines(spec, value),
                words=_(spec.help) if spec else "",
            )
        )
        if text is None or text == before:
            return
        # What was on screen may have gone while the value was written.
        now = self.conflict
        if now is None or self.draft is None or now.record.id != conflict.record.id:
            self.duijie.say(_("The conflict of {title} is settled.", title=conflict.title))
            return
        self.draft.choose(field, Written(parsed(text)))
        self._chosen()

    async def action_settle(self) -> None:
        draft, conflict = self._may(agreeing=True), self.conflict
        if draft is None or conflict is None:
            return
        if draft.left:
            self.duijie.say(self._left_words(draft), wrong=True)
            self.list.go_to(draft.left[0])
            return
        name = conflict.name

        def plan(pen: Replica) -> list[Change]:
            return [settled(pen, name, draft)]

        draft.touched = False
        if await self.duijie.act(plan):
            left = len(self.open) - 1
            told = n_("{n} conflict left", "{n} conflicts left", left)
            self.duijie.say(_("{title} is settled; {left}.", title=conflict.title, left=told))
            self._drafts.pop(name, None)
            self.open = open_lines(self.workspace.replica)
            self.reread()
            self._begin()
        else:
            draft.touched = True
            self.reread()
            if self.duijie.frame:
                self.duijie.frame.tell()

    @work
    async def action_all(self) -> None:
        """Settle every conflict in which nothing overlaps, in one act."""
        n = await self.workspace.write(lambda pen: without_overlap(pen)[1])
        if not n:
            self.duijie.say(_("In every conflict that you may settle something is to be chosen."))
            return
        answer = await self.duijie.push_screen_wait(
            Ask(
                self.shades,
                n_(
                    "Settle {n} conflict in which nothing overlaps?",
                    "Settle {n} conflicts in which nothing overlaps?",
                    n,
                ),
                [
                    Choice("no", _("No, look at them one by one")),
                    Choice("yes", n_("Settle {n} conflict", "Settle {n} conflicts", n)),
                ],
                words=_(
                    "Each field is taken from the side that changed it. Those with something to choose stay."
                ),
            )
        )
        if answer != "yes":
            return
        before = len(self.open)
        if await self.duijie.act(settle_without_overlap):
            self.conflict = None
            self.reread()
            self._begin()
            done = before - len(self.open)
            self.duijie.say(n_("{n} conflict settled.", "{n} conflicts settled.", done))


def _went_on(before: Conflict, now: Conflict) -> bool:
    """Whether the loser was edited on."""
    return before.other.dot != now.other.dot and before.other.dot in now.other.knows


def _turned(before: Conflict, now: Conflict) -> bool:
    """Whether the loser was edited on and won by it, so that the sides are exchanged."""
    return before.other.dot in now.head.knows and before.head.dot in now.other.knows
