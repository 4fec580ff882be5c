"""Making the settlement of a conflict: the one way of the command and of the screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, NamedTuple

from schema.conflicts import Side, mix
from schema.errors import DuijieError, NotFound, Refused
from schema.leaves import losers, only_settlements, settled_by
from schema.records import KINDS, encode
from schema.rights import may_settle
from schema.settling import Draft
from schema.version import Version, content_of
from schema.wording import _
from syncd.store.conflicts import Conflict, conflicts_of, find_conflict, open_lines
from syncd.store.reading import meta
from syncd.store.replica import Replica
from syncd.store.rows import Change
from tui.acts import Body, checked

MOST = 200  # records that one act settles
MOST_BYTES = 200 << 10


class Right(Enum):
    """What a conflict may be settled to: anything, only what the head says, or nothing by this person."""

    ANY = "any"
    HEAD = "head"
    NONE = "none"


def draft(conflict: Conflict) -> Draft:
    """The settlement of a conflict as it begins."""
    base, _head, other = conflict.said
    of = KINDS.get(conflict.record.kind)
    return Draft(base, conflict.start, other, list(of.by_name) if of else ())


def settlement(
    conflict: Conflict, *, keep: Side | None = None, choices: Mapping[str, Any] | None = None
) -> Change:
    """The edit that settles a conflict: one side whole, or field by field.

    A choice is a `Side`, or the value itself. UsageError names what is left to choose, NotFound
    says that the other side's body is not here.
    """
    record, other = conflict.record, conflict.other
    settles = (other.dot,)
    start = conflict.start
    if other.body is None and not other.deleted:
        raise NotFound(
            _("What the other side says is not here."), _("Sync first, then settle the conflict.")
        )
    if keep is Side.HEAD:
        return Change(record.kind, record.id, encode(start.body), settles=settles)
    if keep is Side.OTHER:
        body = encode(start.body) if other.deleted else other.body or b"{}"
        return Change(record.kind, record.id, body, other.deleted, settles)
    base, _head, said = conflict.said
    mixed = mix(base, start, said, choices or {})
    body = _encoded(record.kind, mixed, {**said.body, **start.body})
    return Change(record.kind, record.id, body, settles=settles)


def _encoded(kind: str, mixed: Body, before: Body) -> bytes:
    of = KINDS.get(kind)
    return checked(of, mixed, before) if of else encode(mixed)


def settled(replica: Replica, name: str, drafted: Draft) -> Change:
    """The edit that a draft comes to, read anew inside the transaction.

    Refused where the record has moved since the draft was made, or where this person may not.
    """
    conflict = find_conflict(replica, name)
    if draft(conflict).said != drafted.said:
        raise Refused(
            _("This record has changed while you were choosing; nothing was settled."),
            _("Look at it again, then settle."),
        )
    plain = {
        field: choice if isinstance(choice, Side) else choice.value
        for field, choice in drafted.choices.items()
    }
    whole = drafted.whole
    change = settlement(conflict, keep=whole, choices=plain)
    if not allowed(replica, [conflict], change):
        raise Refused(*not_allowed(conflict))
    return change


# -- rights


def allowed(replica: Replica, conflicts: Sequence[Conflict], change: Change) -> bool:
    """Whether this person may settle these conflicts of one record so."""
    role, me = meta(replica.conn, "role"), meta(replica.conn, "name")
    head = _judged_on(replica, conflicts[0])
    return not role or may_settle(
        role,
        losers_own=all(each.other.author == me for each in conflicts),
        head_own=head.author == me,
        equals_head=content_of(change.body, change.deleted) == head.content,
    )


def right(replica: Replica, conflict: Conflict) -> Right:
    """What this person may settle a conflict to."""
    role, me = meta(replica.conn, "role"), meta(replica.conn, "name")
    own, head_own = conflict.other.author == me, _judged_on(replica, conflict).author == me
    if not role or may_settle(role, losers_own=own, head_own=head_own, equals_head=False):
        return Right.ANY
    if may_settle(role, losers_own=own, head_own=head_own, equals_head=True):
        return Right.HEAD
    return Right.NONE


def _judged_on(replica: Replica, conflict: Conflict) -> Version:
    """The head that the hub will hold a settlement against: one's own unsent ones that it takes come first."""
    role, me = meta(replica.conn, "role"), meta(replica.conn, "name")
    record, head = conflict.record, conflict.head
    for edit in replica.pending(record.kind, record.id):
        closed = settled_by(losers(record.shadow), edit, head)
        if closed and may_settle(
            role,
            losers_own=all(each.author == me for each in closed),
            head_own=head.author == me,
            equals_head=edit.content == head.content,
        ):
            head = edit
    return head


def not_allowed(conflict: Conflict) -> tuple[str, str]:
    """Who is to settle a conflict, and what one can do oneself."""
    if conflict.owner:
        who = _("{owner} is to settle this conflict.", owner=conflict.owner)
    else:
        who = _("A coordinator is to settle this conflict.")
    return who, _("Both versions are kept until then.")


# -- many at once


class Merged(NamedTuple):
    """The edit that settles losers of one record in which nothing overlaps, and the head it starts from."""

    head: Version
    change: Change

    @property
    def conflicts(self) -> int:
        """How many conflicts it settles."""
        return len(self.change.settles)


def without_overlap(replica: Replica) -> list[Merged]:
    """What settles every conflict in which no field was changed on both sides.

    Losers of one record are taken in together, one after the other; no more records than one act
    holds.
    """
    found: list[Merged] = []
    size = 0
    records = dict.fromkeys((line.kind, line.id) for line in open_lines(replica))
    for kind, id in records:
        merged = _merged(replica, conflicts_of(replica, kind, id))
        if merged is None:
            continue
        size += len(merged.change.body) + 2 * len(str(merged.head.knows)) + 1024
        if len(found) == MOST or size > MOST_BYTES:
            break
        found.append(merged)
    return found


def unmoved(replica: Replica, asked: Sequence[Merged]) -> list[Merged]:
    """Those of what was asked about that would come to the very same now."""
    return [each for each in asked if _again(replica, each) == each]


def _again(replica: Replica, asked: Merged) -> Merged | None:
    change = asked.change
    found = conflicts_of(replica, change.kind, change.id)
    return _merged(replica, [each for each in found if each.other.dot in change.settles])


def _merged(replica: Replica, conflicts: Sequence[Conflict]) -> Merged | None:
    """What takes in those conflicts of one record that overlap in nothing; None where none may be."""
    if not conflicts or waits(replica, conflicts[0]):
        return None
    taken: list[Conflict] = []
    start = conflicts[0].start
    for each in conflicts:
        base, _head, other = each.said
        if each.other.body is None:
            continue
        drafted = Draft(base, start, other)
        if drafted.deletion or drafted.left:
            continue
        start = start._replace(body=drafted.mixed())
        taken.append(each)
    if not taken:
        return None
    record = taken[0].record
    before: Body = {}
    for each in taken:
        before |= each.said[2].body
    try:
        body = _encoded(record.kind, dict(start.body), {**before, **taken[0].start.body})
    except DuijieError:
        # What cannot be saved like this is for somebody to look at.
        return None
    change = Change(record.kind, record.id, body, settles=tuple(each.other.dot for each in taken))
    return Merged(taken[0].head, change) if allowed(replica, taken, change) else None


def waits(replica: Replica, conflict: Conflict) -> bool:
    """Whether an unsent edit of one's own, no settlement, is to be sent before a settlement."""
    record = conflict.record
    return bool(record.unsent) and (
        conflict.head.dot not in record.shown.knows
        or not only_settlements(replica.pending(record.kind, record.id), record.shadow)
    )
