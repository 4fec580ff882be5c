"""What is said of the conflict on screen: why its head won, whose the sides are, what a settlement comes to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from schema.conflicts import DELETED, Side
from schema.errors import joined
from schema.ids import derived_id
from schema.records import KINDS
from schema.rules.truth import at
from schema.settling import Draft, Written
from schema.wording import N_, _, n_
from syncd.store.conflicts import Conflict
from tui.settling import Right, not_allowed
from tui.views.docket import Docket
from tui.widgets.view import Context, Fact
from tui.width import cut
from tui.workspace import Workspace

NAMED = 3  # fields that a sentence names


class SideHead(NamedTuple):
    """The head of a column: its name, a word beside it, who wrote it, and when."""

    name: str
    beside: str
    who: str
    when: str


class Line(NamedTuple):
    """A line of the panel: a label, and facts each in its shade."""

    label: str
    facts: Sequence[tuple[str, str]]


class Words:
    """Says the conflict on screen; `label` names a field of it."""

    def __init__(self, docket: Docket, workspace: Workspace, label: Callable[[str], str]) -> None:
        self._docket = docket
        self._workspace = workspace
        self._label = label

    # -- the context row

    def context(self, *, wide: bool) -> Context:
        """The record, and where it stands among the conflicts."""
        docket, conflict = self._docket, self._docket.conflict
        assert conflict is not None
        of = KINDS.get(conflict.record.kind)
        left = [
            Fact(conflict.title or conflict.record.id[-6:], "text", bold=True),
            Fact(conflict.record.number or ""),
            Fact(_(of.label) if of else conflict.record.kind),
        ]
        right: list[Fact] = []
        if docket.total > 1:
            place = {"n": docket.place + 1, "total": docket.total}
            right.append(
                Fact(_("{n} of {total}", **place) if wide else "{n}/{total}".format(**place))
            )
        return Context(left, [*right, self._standing()])

    def _standing(self) -> Fact:
        """What is still to be done, or who is to do it."""
        docket, draft = self._docket, self._docket.draft
        if docket.foretold:
            return Fact(_("to come when you sync"), "accent")
        if draft is None or docket.right is Right.NONE:
            return Fact(_("read only"))
        if docket.waits:
            return Fact(_("to be synced first"), "yellow")
        if draft.left:
            return Fact(n_("{n} left to pick", "{n} left to pick", len(draft.left)), "yellow")
        return Fact(_("ready to settle"), "green")

    # -- above the fields

    def why(self) -> list[str]:
        """Why the head won, and what else is to be known, a sentence each."""
        conflict = self._docket.conflict
        if conflict is None:
            return []
        if conflict.base is None:
            first = _("The version both grew from is not here: the whole record is in conflict.")
        else:
            rev = conflict.base.rev
            first = _("Both grew from version {rev} and neither knew of the other.", rev=rev)
        said = [joined(first, conflict.why(self._workspace.setting.zone))]
        if self._docket.bodiless or self._docket.waits:
            said.append(self.in_the_way())
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
        if self._docket.foretold:
            said.append(
                _("The hub has heard of one side only; sync first, then it can be settled.")
            )
        return said

    def in_the_way(self) -> str:
        """What is to be synced before anything can be settled; "" where nothing is."""
        if self._docket.bodiless:
            what = _("What the other side says is not here.")
        elif self._docket.waits:
            what = _("This record has an edit of yours that the hub has not taken yet.")
        else:
            return ""
        return joined(what, _("Sync first, then settle the conflict."))

    def heads(self) -> list[SideHead]:
        """The heads of base, head and other."""
        conflict = self._docket.conflict
        assert conflict is not None
        now, zone = self._workspace.now(), self._workspace.setting.zone
        base = conflict.base
        if base is None:
            told = [SideHead(_("Base"), "", _("not here"), "")]
        else:
            version = _("version {rev}", rev=base.rev)
            told = [SideHead(_("Base"), "", version, at(base.eff, now, zone))]
        for name, side in ((_("Head"), conflict.head), (_("The other"), conflict.other)):
            when = at(side.eff, now, zone) if side.eff else _("unsent")
            beside = self._beside(conflict, stands=side is conflict.head)
            told.append(SideHead(name, beside, self._author(side.author), when))
        return told

    def _beside(self, conflict: Conflict, *, stands: bool) -> str:
        """The word beside a side's name."""
        me = self._workspace.setting.me
        if not stands:
            return _("yours") if conflict.other.author == me else ""
        if conflict.start != conflict.said[1]:
            waits = self._docket.waits
            return _("with your unsent edit") if waits else _("with your settlement")
        return _("stands, yours") if conflict.head.author == me else _("stands")

    def _author(self, name: str) -> str:
        row = self._workspace.conn.execute(
            "SELECT department FROM records WHERE kind = 'person' AND id = ? AND NOT deleted",
            (derived_id("person", name),),
        ).fetchone()
        return " ".join(filter(None, [row[0] if row else "", name]))

    # -- below them

    def outcome(self) -> list[Line]:
        """The lines of the panel."""
        conflict, draft = self._docket.conflict, self._docket.draft
        if conflict is None or draft is None:
            return []
        kept = Line(_("The rest"), [(_("stays in the history and can be taken back"), "muted")])
        if self._docket.foretold:
            told = _("opens as a conflict when your unsent edit is sent")
            return [Line(_("Outcome"), [(told, "text")]), kept]
        if self._docket.right is Right.NONE:
            who, rest = not_allowed(conflict)
            return [Line(_("To settle"), [(who, "text"), (rest, "muted")]), kept]
        if self._docket.right is Right.HEAD:
            agree = _(
                "Yours lost to {author}'s; you may settle for the head.",
                author=conflict.head.author,
            )
            kept = Line(_("To settle"), [(agree, "yellow")])
        return [
            Line(_("Outcome"), self._comes_to(conflict, draft)),
            Line(_("Touches"), [(self._touched(draft), "muted")]),
            kept,
        ]

    def _comes_to(self, conflict: Conflict, draft: Draft) -> list[tuple[str, str]]:
        """The facts of the outcome: its version, and from which side how much."""
        rev = 1 + max(conflict.record.shown.rev, conflict.other.rev)
        facts = [(_("version {rev}", rev=rev), "text")]
        deleting = draft.choices.get(DELETED) if draft.deletion else None
        if deleting is Side.HEAD:
            facts.append((_("the record is kept"), "text"))
        elif deleting is not None:
            facts.append((_("the record is deleted"), "red"))
        elif not draft.deletion:
            for n, words in (
                (draft.count(Side.HEAD), N_("{n} from head")),
                (draft.count(Side.OTHER), N_("{n} from other")),
                (draft.count(None), N_("{n} written anew")),
            ):
                if n:
                    facts.append((_(words, n=n), "muted"))
        if draft.left:
            facts.append((self.left(draft), "yellow"))
        return facts

    def left(self, draft: Draft) -> str:
        """Which fields are still to be picked."""
        return n_(
            "{n} left to pick: {fields}",
            "{n} left to pick: {fields}",
            len(draft.left),
            fields=self._names(draft.left),
        )

    def _names(self, fields: Sequence[str]) -> str:
        names = [cut(self._label(name), 24) for name in fields]
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
