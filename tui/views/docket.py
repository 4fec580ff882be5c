"""The docket: which conflicts there are, the one that is looked at, and what is chosen of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from schema.conflicts import Side
from schema.settling import Draft
from syncd.store.conflicts import (
    Conflict,
    Line,
    conflicts_of,
    foretold_conflicts,
    open_lines,
)
from syncd.store.replica import Replica
from tui.settling import Right, draft, right, waits


class Happened(NamedTuple):
    """What reading the replica again found out about the conflict on screen.

    `settled` is the conflict that went while something was chosen of it, `lost` how many choices
    of one that moved are to be made again.
    """

    settled: Conflict | None = None
    lost: int | None = None


class Docket:
    """The open conflicts, the oldest first, then those that will open when the unsent edits are sent."""

    def __init__(self, replica: Replica) -> None:
        self._replica = replica
        self.open: list[Line] = []
        self.coming: list[Conflict] = []
        self.conflict: Conflict | None = None
        self.right = Right.NONE
        self.waits = False
        self.place = 0
        self._drafts: dict[str, Draft] = {}
        self._kept: dict[str, Mapping[str, Any]] = {}

    @property
    def draft(self) -> Draft | None:
        """What is chosen of the conflict on screen."""
        return self._drafts.get(self.conflict.name) if self.conflict else None

    @property
    def foretold(self) -> bool:
        """Whether the conflict on screen is not open yet."""
        return self.place >= len(self.open)

    @property
    def bodiless(self) -> bool:
        """Whether what the other side says is not here."""
        other = self.conflict.other if self.conflict else None
        return other is not None and other.body is None and not other.deleted

    @property
    def total(self) -> int:
        return len(self.open) + len(self.coming)

    # -- reading

    def read(self) -> Happened:
        """Read again; stay at the conflict on screen, or at what came of it."""
        before = self.conflict
        self.open = open_lines(self._replica)
        self.coming = foretold_conflicts(self._replica)
        settled = self._find(before)
        lost = self._take_up()
        names = {line.name for line in self.open}
        if self.conflict is not None:
            names.add(self.conflict.name)
        self._drafts = {name: kept for name, kept in self._drafts.items() if name in names}
        self._let_go()
        return Happened(settled, lost)

    def go(self, by: int) -> bool:
        """Turn to another conflict; whether there is one."""
        if not 0 <= self.place + by < self.total:
            return False
        self.place += by
        self.begin()
        return True

    def turn_to(self, kind: str, id: str) -> bool:
        """Turn to the first conflict of a record; whether another one is on screen now."""
        for place, line in enumerate(self.open):
            if (line.kind, line.id) == (kind, id):
                return self.go(place - self.place) if place != self.place else False
        return False

    def begin(self) -> None:
        """Take up the conflict of this place, whatever was on screen before."""
        self.conflict = None
        self._take_up()

    def forget(self, name: str) -> None:
        """A conflict was settled: what was chosen of it goes."""
        self._drafts.pop(name, None)

    def _find(self, before: Conflict | None) -> Conflict | None:
        """Stay at the conflict that was on screen; where its loser was edited on, at what came of it.

        Gives the conflict where it went while something was chosen of it.
        """
        keys = [line.name for line in self.open] + [each.name for each in self.coming]
        if before is not None and before.name in keys:
            self.place = keys.index(before.name)
            return None
        self.place = max(0, min(self.place, len(keys) - 1))
        if before is None:
            return None
        for place, line in enumerate(self.open):
            if (line.kind, line.id) == (before.record.kind, before.record.id):
                conflict = self._read(place)
                if conflict is not None and (
                    _went_on(before, conflict) or _turned(before, conflict)
                ):
                    self.place = place
                    return None
        chosen = self._drafts.get(before.name)
        return before if chosen is not None and chosen.touched else None

    def _read(self, place: int) -> Conflict | None:
        if place >= len(self.open):
            return self.coming[place - len(self.open)] if place < self.total else None
        line = self.open[place]
        found = conflicts_of(self._replica, line.kind, line.id)
        return next((each for each in found if each.other.dot == line.dot), None)

    def _take_up(self) -> int | None:
        """Read the conflict on screen and carry over what was chosen of it.

        Gives how many choices are to be made again where it moved while something was chosen.
        """
        before = self.conflict
        self.conflict = conflict = self._read(self.place)
        if conflict is None:
            return None
        self.right = Right.NONE if self.foretold else right(self._replica, conflict)
        self.waits = not self.foretold and waits(self._replica, conflict)
        new = draft(conflict)
        old = self._drafts.get(conflict.name)
        turned = before is not None and _turned(before, conflict)
        if old is None and before is not None and (turned or _went_on(before, conflict)):
            old = self._drafts.get(before.name)
        if old is not None and old.said == new.said:
            self._drafts[conflict.name] = old
            return None
        lost = None
        kept = self._kept.pop(self._kept_name(conflict), None)
        if self.right is Right.HEAD:
            new.keep(Side.HEAD)
            new.touched = False
        elif old is not None:
            count = new.carry(old, turned=turned)
            lost = count if old.touched else None
        elif kept is not None:
            lost = new.choose_again(kept) or None
        self._drafts[conflict.name] = new
        return lost

    # -- keeping what was chosen

    def kept(self) -> dict[str, Any]:
        """What somebody chose, as JSON values by the conflicts' names."""
        chosen = {name: each.kept() for name, each in self._drafts.items() if each.touched}
        return {**self._kept, **chosen}

    def take_back(self, kept: object) -> bool:
        """Choose again what `kept` gave in another run, as each conflict is looked at.

        Whether anything of it is of a conflict that is still open; the rest is let go.
        """
        if isinstance(kept, dict):
            self._kept = {name: each for name, each in kept.items() if isinstance(each, dict)}
        self.open = open_lines(self._replica)
        self._let_go()
        return bool(self._kept)

    def _let_go(self) -> None:
        """Of records that have no open conflict any more nothing is kept."""
        records = {line.id for line in self.open}
        self._kept = {
            name: kept for name, kept in self._kept.items() if name.partition("@")[0] in records
        }

    def _kept_name(self, conflict: Conflict) -> str:
        """What was kept of a conflict; of its loser that was edited on, where that is not open."""
        here = [name for name in self._kept if name.startswith(f"{conflict.record.id}@")]
        still = {line.name for line in self.open}
        gone = [name for name in here if name not in still]
        return next(iter(gone), "") if conflict.name not in here else conflict.name


def _went_on(before: Conflict, now: Conflict) -> bool:
    """Whether the loser was edited on."""
    return before.other.dot != now.other.dot and before.other.dot in now.other.knows


def _turned(before: Conflict, now: Conflict) -> bool:
    """Whether the loser was edited on and won by it, so that the sides are exchanged."""
    return before.other.dot in now.head.knows and before.head.dot in now.other.knows
