"""One transaction of judging: what becomes of each edit of a frame, by where the records stand."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from schema import wire
from schema.errors import ProtocolError
from schema.ids import derived_id
from schema.leaves import closed_by, digest_hex, mark, mark_of_one, meet, settled_by
from schema.records import KINDS, NumberForm
from schema.rights import (
    ABOVE,
    LAYERED,
    may_decide,
    may_settle,
    may_write,
    moved_between,
    needs_layer,
    projects_asked,
)
from schema.rules.policy import Policy
from schema.stamps import effective
from schema.version import Dot, Knows, Version, content_of
from schema.wire import KNOWN, REFUSED, TAKEN, WAITING, Edit
from syncd.decided import Known
from syncd.forms import alone, dot_of, ill_formed, is_history, misnamed, seen_here
from syncd.staged import Staged
from syncd.store.hub import Held, HubStore, Judged, Result

LEAVES_LIMIT = 64

_decode = msgspec.json.Decoder(dict[str, Any]).decode

# The edits of one act, each with the bytes it came in.
Act = Sequence[tuple[Edit, bytes]]


class Sender(NamedTuple):
    """Whom the hub takes the edits of a session for, and what its replica writes."""

    device: str
    name: str
    role: str
    replica: str
    kinds: Mapping[str, int]


class Copied(Exception):
    """An edit came under a number that this replica has used for other bytes."""


class Sitting(Staged):
    """One transaction of judging: the records it has touched and the lines it will write."""

    def __init__(
        self, store: HubStore, kinds: Mapping[str, int], sender: Sender, now: int, known: Known
    ) -> None:
        super().__init__(store, known)
        self.kinds = kinds
        self.sender = sender
        self.now = now
        replica = self.store.replica(sender.replica)
        self.have, self.eff = (replica[1], replica[2]) if replica else (0, 0)
        self.marks = 0
        self.added = 0
        self._forms: dict[str, NumberForm | None] = {}
        self._serials: dict[str, int] = {}

    # -- acts

    def judge(self, act: Act) -> list[Result]:
        """The results of one act, staged for `keep`."""
        if len({edit.n for edit, _raw in act}) != len(act):
            raise ProtocolError("An act names an edit twice.", "")
        found = self._repeated(act)
        fresh = [(edit, raw) for edit, raw in act if edit.n not in found] if found else act
        if fresh:
            found.update(self._judge_fresh(fresh))
        return [found[edit.n] for edit, _raw in act]

    def _repeated(self, act: Act) -> dict[int, Result]:
        found: dict[int, Result] = {}
        for edit, raw in act:
            if edit.n > self.have:
                continue
            staged = self.filed.get(Dot(self.sender.replica, edit.n))
            judged = (
                (_result(staged), staged.hash)
                if staged
                else self.store.judged(self.sender.replica, edit.n)
            )
            if judged is not None:
                if judged[1] != hashlib.sha256(raw).digest():
                    raise Copied(edit.n)
                found[edit.n] = judged[0]
        return found

    def _judge_fresh(self, act: Act) -> dict[int, Result]:
        if any(self._must_wait(edit, act) for edit, _raw in act):
            return {edit.n: Result(edit.n, WAITING, None, None) for edit, _raw in act}
        if len(act) == 1:
            return self._judge_one(act)
        if len(act) > wire.ACT_EDITS or sum(len(raw) for _e, raw in act) > wire.ACT_BYTES:
            return self._refuse(act, {edit.n: "size" for edit, _raw in act})
        before = (
            self.seq,
            self.eff,
            self.marks,
            self.added,
            len(self.lines),
            dict(self._serials),
            {(e.kind, e.id): self.records.get((e.kind, e.id)) for e, _raw in act},
        )
        for edit, raw in act:
            reason = self._take(edit, raw)
            if reason is not None:
                self._put_back(before)
                return self._refuse(act, {edit.n: reason})
        return {line.version.dot.n: _result(line) for line in self.lines[-len(act) :]}

    def _judge_one(self, act: Act) -> dict[int, Result]:
        edit, raw = act[0]
        reason = self._take(edit, raw)
        if reason is not None:
            return self._refuse(act, {edit.n: reason})
        return {edit.n: _result(self.lines[-1])}

    def _put_back(
        self,
        before: tuple[int, int, int, int, int, dict[str, int], dict[tuple[str, str], Held | None]],
    ) -> None:
        self.seq, self.eff, self.marks, self.added, count, self._serials, records = before
        for line in self.lines[count:]:
            del self.filed[line.version.dot]
        del self.lines[count:]
        self._known_roles = None
        for key, held in records.items():
            if held is None:
                self.records.pop(key, None)
            else:
                self.records[key] = held
            self.note_decided(*key)

    def _must_wait(self, edit: Edit, act: Act) -> bool:
        """Whether an edit is for a newer hub, or built on one of its replica that is."""
        if self.sender.kinds.get(edit.kind, 1) > self.kinds.get(edit.kind, 0):
            return True
        base = dot_of(edit.base)
        if base is None or base.replica != self.sender.replica:
            return False
        held = self.held(edit.kind, edit.id)
        return not (
            any(base.n == other.n for other, _ in act)
            or base in self.filed
            or (held is not None and any(leaf.dot == base for leaf in held.leaves))
            or self.store.filed(edit.kind, edit.id, base)
        )

    def _refuse(self, act: Act, reasons: Mapping[int, str]) -> dict[int, Result]:
        results = {}
        for edit, raw in act:
            self.seq += 1
            version = Version(
                dot=Dot(self.sender.replica, edit.n),
                knows=alone(Dot(self.sender.replica, edit.n)),
                base=dot_of(edit.base),
                rev=1,
                author=self.sender.name,
                at=0,
                seq=self.seq,
                content=b"",
            )
            hash = hashlib.sha256(raw).digest()
            reason = reasons.get(edit.n, "act")
            self._file(Judged(version, edit.kind, edit.id, hash, None, REFUSED, reason))
            results[edit.n] = _result(self.lines[-1])
        return results

    def _file(self, line: Judged) -> None:
        self.lines.append(line)
        self.filed[line.version.dot] = line
        self.have = max(self.have, line.version.dot.n)

    # -- one edit

    def _take(self, edit: Edit, raw: bytes) -> str | None:
        """Take an edit in, or say why not; nothing is changed where it is not taken."""
        reason = ill_formed(edit)
        if reason is not None:
            return reason
        dot = Dot(self.sender.replica, edit.n)
        try:
            knows = alone(dot) if edit.knows == str(dot) else Knows.parse(edit.knows)
            base_dot = Dot.parse(edit.base) if edit.base else None
        except ValueError:
            return "form knows"
        held = self.held(edit.kind, edit.id)
        if misnamed(edit, held.author if held else self.sender.name):
            return "form id"
        if held is None and edit.kind in ABOVE and self.stands_as_another(edit):
            return "form id"
        leaves = held.leaves if held else ()
        if not seen_here(dot, knows, base_dot, leaves):
            return "form knows"
        body = bytes(edit.body)
        new = Version(
            dot=dot,
            knows=knows,
            base=base_dot,
            rev=edit.rev,
            author=self.sender.name,
            at=edit.at,
            deleted=edit.deleted,
            content=content_of(body, edit.deleted),
        )
        base = self._nearest_taken(edit.kind, edit.id, base_dot, leaves)
        reason = self._without_right(edit, held, new, base)
        if reason is not None:
            return reason
        closed = closed_by(leaves, new) if leaves else ()
        if len(leaves) >= LEAVES_LIMIT and not closed and not is_history(leaves, dot):
            return "crowded"
        stamps = [leaf.eff for leaf in closed]
        if base is not None:
            stamps.append(base.eff)
        eff = effective(
            at=edit.at,
            offset=edit.offset,
            heard=edit.heard,
            before=self.eff,
            made_on=stamps,
            now=self.now,
        )
        new = msgspec.structs.replace(new, eff=eff, seq=self.seq + 1)
        met = meet(leaves, new)
        if self._lacks_layer(edit, new, base, leaves, met):
            return "rights layer"
        self.eff = eff
        self.now = max(self.now, eff)
        self.seq += 1
        self._file(
            Judged(
                new,
                edit.kind,
                edit.id,
                hashlib.sha256(raw).digest(),
                body,
                KNOWN if met is leaves else TAKEN,
                None,
            )
        )
        if met is not leaves:
            self._stand(edit, held, met)
        return None

    def _stand(self, edit: Edit, held: Held | None, leaves: tuple[Version, ...]) -> None:
        if len(leaves) == 1:
            share = mark_of_one(edit.kind, edit.id, str(leaves[0].dot), leaves[0].eff)
        else:
            share = mark(edit.kind, edit.id, leaves)
        self.marks += share - (held.mark if held else 0)
        self.added += held is None
        if edit.kind in ("person", "seat"):
            self._known_roles = None
        self.records[(edit.kind, edit.id)] = Held(
            kind=edit.kind,
            id=edit.id,
            leaves=leaves,
            number=held.number if held else self._number(edit.kind),
            accepted=held.accepted if held else self.now,
            author=held.author if held else self.sender.name,
            mark=share,
            seq=self.seq,
            spread=held.spread if held else False,
        )
        self.note_decided(edit.kind, edit.id)

    def _nearest_taken(
        self, kind: str, id: str, dot: Dot | None, leaves: Sequence[Version]
    ) -> Version | None:
        """The version an edit was made on, past those that were refused."""
        while dot is not None:
            for leaf in leaves:
                if leaf.dot == dot:
                    return leaf
            staged = self.filed.get(dot)
            found = (staged.version, staged.result) if staged else self.store.filed(kind, id, dot)
            if found is None:
                return None
            version, result = found
            if result != REFUSED:
                return version
            dot = version.base
        return None

    def _without_right(
        self, edit: Edit, held: Held | None, new: Version, base: Version | None
    ) -> str | None:
        name, role = self.sender.name, self.sender.role
        own = (
            edit.id == derived_id("person", name)
            if edit.kind == "person"
            else (held is None or held.author == name)
        )
        if not may_write(role, edit.kind, own=own):
            return "rights write"
        settled = settled_by(held.leaves, new, base) if held else ()
        if settled and not may_settle(
            role,
            losers_own=all(leaf.author == name for leaf in settled),
            head_own=base is not None and base.author == name,
            equals_head=base is not None and base.content == new.content,
        ):
            return "rights settle"
        if KINDS[edit.kind].immutable and held is not None and not new.deleted:
            given = self.given(edit.kind, edit.id)
            if given and new.content not in given:
                return "rights signed"
        return None

    # -- layers

    def _lacks_layer(
        self,
        edit: Edit,
        new: Version,
        base: Version | None,
        leaves: Sequence[Version],
        met: Sequence[Version],
    ) -> bool:
        """Whether an edit is the decision layer's and its sender does not act for it, by the seats held now.

        It is held against what it was made on and, where it changes what is shown, the new head
        against the old: who did not know what was decided does not undo it either.
        """
        kind, id = edit.kind, edit.id
        if self.sender.role == "coordinator" or not (kind in LAYERED or (leaves and kind in ABOVE)):
            return False
        if kind not in LAYERED and id not in self.decided():
            return False
        # An edit that names nothing it was made on is held against what is shown.
        steps = [(base or (leaves[0] if leaves else None), new)]
        if leaves and met[0] is not leaves[0] and (leaves[0], met[0]) not in steps:
            steps.append((leaves[0], met[0]))
        needed, projects = False, frozenset[str]()
        for old, shown in steps:
            was = self.said(kind, id, old) if old else None
            said = _decode(edit.body) if shown is new else self.said(kind, id, shown)
            bodies = (
                None if old is None or old.deleted else was,
                None if shown.deleted else said,
            )
            if needs_layer(kind, *bodies):
                needed = True
                projects |= projects_asked(kind, bodies, self.find)
            moved = moved_between(kind, was, said)
            if moved and id in self.decided():
                needed = True
                projects |= moved
        if not needed:
            return False
        today = datetime.fromtimestamp(self.now / 1e6, UTC).astimezone(self._zone()).date()
        return not may_decide(self.sender.role, self.sender.name, projects, self.roles(), today)

    # -- numbers

    def _number(self, kind: str) -> str | None:
        """The next number of a kind; a series goes by its pattern, so none is given twice."""
        if kind not in self._forms:
            form = KINDS[kind].number
            self._forms[kind] = form and form.under(self.policy(f"number.{kind}"))
        form = self._forms[kind]
        if form is None:
            return None
        year = self._year() if form.yearly else 0
        series = form.pattern.replace("{year}", str(year))
        serial = self._serials.get(series) or self.store.last_serial(series)
        self._serials[series] = serial + 1
        return form.number(serial + 1, year)

    def _year(self) -> int:
        """The year it is where the workspace is (policy `zone`)."""
        return datetime.fromtimestamp(self.now / 1e6, UTC).astimezone(self._zone()).year

    def _zone(self) -> ZoneInfo:
        said = {"key": "zone", **self.policy("zone")}
        return ZoneInfo(Policy.under([said]).text("zone"))

    # -- keeping

    def keep(self) -> None:
        """Write everything that was decided; the caller commits."""
        if not self.lines:
            return
        store = self.store
        store.file(self.lines)
        store.stand(self.records.values())
        store.seen_replica(self.sender.replica, self.sender.device, self.have, self.eff)
        store.keep_serials(self._serials)
        store.set_state("seq", self.seq)
        store.set_state("eff", max(self.eff, int(store.state("eff"))))
        store.set_state("count", int(store.state("count")) + self.added)
        store.set_state("digest", digest_hex(int(store.state("digest"), 16) + self.marks))


def _result(line: Judged) -> Result:
    return Result(line.version.dot.n, line.result, line.version.seq, line.reason)
