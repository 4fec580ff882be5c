"""What people do at their replicas, wisely or not, and the simulator's own note of each save."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

import msgspec

from schema.errors import DuijieError, NothingToDo, Refused
from schema.ids import derived_id, uuid7
from schema.leaves import losers, twins
from schema.records import encode
from schema.version import Dot, content_of
from syncd.store.rows import Change, Record
from tests.simulator.clock import BEGINNING
from tests.simulator.faults import Crash
from tests.simulator.invariants import Violation
from tests.simulator.model import Key, Model, Saved
from tests.simulator.seat import Seat
from tests.simulator.world import World

# Few values, so that two people often say the same.
WORDS: dict[str, dict[str, Sequence[Any]]] = {
    "task": {
        "title": ("定稿", "初稿", "终稿"),
        "state": ("todo", "doing", "done"),
        "priority": (1, 2, 3),
    },
    "department": {"title": ("市场", "市场部", "营销")},
    "policy": {"amount": ("3", "5", "7")},
    "comment": {"text": ("好", "不好", "再议"), "title": ("甲", "乙")},
}
FIXED: dict[str, dict[str, Any]] = {
    "task": {"of_a_newer_client": {"kept": True}},
    "department": {"name": "市场部"},
    "policy": {"key": "warn"},
    "comment": {},
}


class People:
    """Everybody's doings in one run, over a few records so that they collide."""

    def __init__(self, world: World, model: Model) -> None:
        self.world = world
        self.model = model
        self.random = world.random
        self.keys = self._few_records(world.random)
        self.loose: dict[str, set[Dot]] = {seat.label: set() for seat in world.seats}
        self.keen_on_settling = world.random.choice((0.05, 0.25, 0.5))

    def _few_records(self, random: Random) -> list[Key]:
        kinds = ["task"] * random.randint(1, 3)
        kinds += random.sample(["department", "policy", "comment"], random.randint(2, 3))
        ids = {
            "department": derived_id("department", "市场部"),
            "policy": derived_id("policy", "warn"),
        }
        now = BEGINNING // 1000
        return [(kind, ids.get(kind) or uuid7(now, random.randbytes(10))) for kind in kinds]

    # -- doings

    def do_something(self, seat: Seat) -> None:
        """One save of one kind or another."""
        open_ones = [key for key in self.keys if self._may_be_settled(seat, key)]
        if open_ones and self.random.random() < self.keen_on_settling:
            self.save(seat, [self._settle(seat, self.random.choice(open_ones))], "settles")
            return
        several = 1 if self.random.random() < 0.8 else self.random.randint(2, 3)
        keys = self.random.choices(self.keys, k=several)
        changes = [self._change(seat, key) for key in keys]
        self.save(seat, [change for change in changes if change is not None], "edits")

    def _may_be_settled(self, seat: Seat, key: Key) -> bool:
        """Whether somebody might try: mostly where the outbox has no other edit of the record."""
        record = seat.hand.record(*key)
        if record is None or not record.shadow or not record.losers:
            return False
        return not record.unsent or self.random.random() < 0.2

    def _change(self, seat: Seat, key: Key) -> Change | None:
        kind, id = key
        record = seat.hand.record(kind, id)
        chance = self.random.random()
        barred = seat.role == "viewer" or (seat.role == "liaison" and kind == "policy")
        if barred and kind != "comment" and self.random.random() < 0.7:
            return None
        if record is None:
            return Change(kind, id, encode({**FIXED[kind], **self._words(kind, 1.0)}))
        if not record.shown.deleted and chance < 0.15:
            return Change(kind, id, record.shown.body or b"", deleted=True)
        if record.shown.deleted and chance < 0.4:
            return None
        body = msgspec.json.decode(record.shown.body or b"{}")
        return Change(kind, id, encode({**body, **self._words(kind, 0.3)}))

    def _words(self, kind: str, share: float) -> dict[str, Any]:
        """New values for one field at least, and for others with a chance of `share`."""
        fields = WORDS[kind]
        one = self.random.choice(list(fields))
        return {
            name: self.random.choice(values)
            for name, values in fields.items()
            if name == one or self.random.random() < share
        }

    def _settle(self, seat: Seat, key: Key) -> Change:
        """Settle some losers: with or without the right, as the head, a loser or a mixture."""
        record = seat.hand.record(*key)
        assert record is not None
        found = record.losers
        own = [leaf for leaf in found if leaf.author == seat.name]
        if own and seat.role != "coordinator" and self.random.random() < 0.7:
            found = tuple(own)
        chosen = self.random.sample(found, self.random.randint(1, len(found)))
        sayings = [record.shadow[0], record.shadow[0], record.shown, *chosen]
        said = self.random.choice([each for each in sayings if each.body is not None])
        body, deleted = said.body or b"", said.deleted
        if self.random.random() < 0.2:
            fields = msgspec.json.decode(body)
            body, deleted = encode({**fields, **self._words(key[0], 0.3)}), False
        return Change(*key, body, deleted=deleted, settles=tuple(leaf.dot for leaf in chosen))

    # -- saving

    def save(self, seat: Seat, changes: Sequence[Change], what: str) -> None:
        """Save an act, and note what it must have become."""
        if not changes:
            return
        planned = self._planned(seat, changes)
        names = " ".join(f"{saved.dot}={saved.key[0]}" for saved in planned)
        self.world.say(f"{seat.label} {what} {names}")
        try:
            dots = seat.hand.save(changes)
        except NothingToDo:
            dots = []
        except Refused as error:
            if not any(change.settles for change in changes):
                raise Violation("An edit that may be made is saved.", str(error)) from None
            self.world.count("settlements not allowed here")
            return
        except DuijieError as error:
            raise Violation("An edit that may be made is saved.", repr(error)) from error
        except Crash as crash:
            if crash.point == "commit":
                self._note(seat, planned)
            self.world.crash_hand(seat)
            return
        if dots != [saved.dot for saved in planned]:
            raise Violation("A save makes the edits it was asked for.", f"{dots}, not {names}")
        self._note(seat, planned)
        self.world.wake(seat)

    def _note(self, seat: Seat, planned: Sequence[Saved]) -> None:
        if not planned:
            return
        seat.last_n = planned[-1].dot.n
        self.model.save(planned)
        self.loose[seat.label].update(saved.dot for saved in planned)
        self.world.count("acts")
        self.world.counts["edits"] += len(planned)

    def _planned(self, seat: Seat, changes: Sequence[Change]) -> list[Saved]:
        """What these changes must become, from what is shown on this replica now."""
        planned: dict[Key, Saved] = {}
        found: list[Saved] = []
        for change in changes:
            key = (change.kind, change.id)
            content = content_of(change.body, change.deleted)
            record = seat.hand.record(*key)
            before = planned.get(key)
            shown = before.content if before else record.shown.content if record else None
            if (content == shown and not change.settles) or (change.deleted and shown is None):
                continue
            dot = Dot(seat.id, seat.last_n + 1 + len(found))
            known, open_own = self._made_on(seat, record, before)
            known = known.union([dot], self.model.known(change.settles))
            saved = Saved(
                dot=dot,
                key=key,
                act=found[0].dot.n if found else dot.n,
                seat=seat.label,
                known=known,
                open_own=open_own - known,
                settles=bool(change.settles),
                content=content,
                body=change.body,
                deleted=change.deleted,
            )
            planned[key] = saved
            found.append(saved)
        return found

    def _made_on(
        self, seat: Seat, record: Record | None, before: Saved | None
    ) -> tuple[frozenset[Dot], frozenset[Dot]]:
        """What an edit is made on, and which own losers it leaves open."""
        if before is not None:
            return before.known, before.open_own
        if record is None:
            return frozenset(), frozenset()
        if record.unsent:
            return (
                self.model.known([record.shown.dot]),
                self.model.saved[record.shown.dot].open_own,
            )
        known = self.model.known([record.shown.dot, *(leaf.dot for leaf in twins(record.shadow))])
        own = [leaf.dot for leaf in losers(record.shadow) if leaf.dot.replica == seat.id]
        return known, frozenset(own)
