"""The records as a transaction of the hub has them: what the store holds, and what was staged over it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

import msgspec

from schema.ids import derived_id
from schema.records.kind import Body
from schema.rights import (
    ABOVE,
    LAYERED,
)
from schema.rules.roles import Roles
from schema.version import Dot, Version
from schema.wire import REFUSED, Edit
from syncd.decided import Decided, Known
from syncd.store.hub import Held, HubStore, Judged

_decode = msgspec.json.Decoder(dict[str, Any]).decode


class _Named(NamedTuple):
    kind: str
    id: str
    body: Body


class Staged:
    """The records that one transaction has touched, over those of the store.

    `known` is what an earlier transaction worked out, as of its seq.
    """

    def __init__(self, store: HubStore, known: Known) -> None:
        self.store = store
        self.seq = store.seq
        self.records: dict[tuple[str, str], Held] = {}
        self.before: dict[tuple[str, str], Held] = {}
        self.lines: list[Judged] = []
        self.filed: dict[Dot, Judged] = {}
        if known.seq != self.seq:
            known = Known(self.seq, None, None)
        self._known_roles, self._known_decided = known.roles, known.decided
        self._above: set[tuple[str, str]] = set()

    @property
    def known(self) -> Known:
        """What was worked out, as the records stand once this is kept."""
        return Known(self.seq, self._known_roles, self._known_decided)

    def look_up(self, keys: Iterable[tuple[str, str]]) -> None:
        """Learn in one go where the records of a frame stand."""
        wanted = set(keys)
        self.before = self.store.held(wanted)
        new = {id for kind, id in wanted if kind in ABOVE and (kind, id) not in self.before}
        self._above = set(self.store.kinds_of(new, ABOVE)) if new else set()

    def held(self, kind: str, id: str) -> Held | None:
        """Where a record stands that was looked up; None where there is none."""
        key = (kind, id)
        return self.records.get(key) or self.before.get(key)

    def said(self, kind: str, id: str, version: Version) -> Body | None:
        """What a version of a record says."""
        staged = self.filed.get(version.dot)
        body = staged.body if staged else self.store.body(kind, id, version.dot)
        return _decode(body) if body else None

    def find(self, id: str) -> tuple[str, Body] | None:
        """The record of this id that a paper may belong to, as this transaction has it.

        What ever was a project is one, deleted too: nothing else of its id stands in its place.
        """
        for kind in ABOVE:
            held = self.held(kind, id) or self.store.held([(kind, id)]).get((kind, id))
            if held is None:
                continue
            head = held.leaves[0]
            found = None if head.deleted else self.said(kind, id, head)
            if found is not None or kind == "project":
                return kind, found or {}
        return None

    def stands_as_another(self, edit: Edit) -> bool:
        """Whether a paper of another kind that papers may belong to has, or had, this id."""
        for kind in ABOVE:
            key = (kind, edit.id)
            if kind != edit.kind and (key in self._above or key in self.records):
                return True
        return False

    def given(self, kind: str, id: str) -> set[bytes]:
        """What the undeleted versions of a record say, as this transaction has it."""
        staged = {
            line.version.content
            for line in self.lines
            if (line.kind, line.id) == (kind, id)
            and line.result != REFUSED
            and not line.version.deleted
        }
        return staged | self.store.contents(kind, id)

    def heads(self, kinds: Collection[str]) -> dict[tuple[str, str], Body]:
        """What the undeleted records of some kinds say now, as this transaction has it."""
        bodies: dict[tuple[str, str], Body] = {
            (kind, id): _decode(body)
            for kind in kinds
            for id, body in self.store.heads(kind).items()
        }
        for (kind, id), held in self.records.items():
            if kind in kinds:
                said = self.said(kind, id, held.leaves[0])
                bodies.pop((kind, id), None)
                if said is not None and not held.leaves[0].deleted:
                    bodies[kind, id] = said
        return bodies

    def decided(self) -> Decided:
        """The papers that hold something of the decision layer's, as this transaction has them."""
        if self._known_decided is None:
            self._known_decided = Decided(self.heads(LAYERED.keys()))
        return self._known_decided

    def note_decided(self, kind: str, id: str) -> None:
        """Keep what is known of the layer's papers in step with one of them."""
        if kind in LAYERED and self._known_decided is not None:
            held = self.held(kind, id)
            there = held is not None and not held.leaves[0].deleted
            said = self.said(kind, id, held.leaves[0]) if held and there else None
            self._known_decided.put((kind, id), said)

    def roles(self) -> Roles:
        """Who sits where, as this transaction has it."""
        if self._known_roles is None:
            self._known_roles = Roles.under(
                _Named(*key, body) for key, body in self.heads(("person", "seat")).items()
            )
        return self._known_roles

    def policy(self, key: str) -> dict[str, object]:
        """What the record of a rule says; nothing where there is none."""
        body = self.store.body_of_head("policy", derived_id("policy", key))
        return msgspec.json.decode(body, type=dict[str, object]) if body else {}
