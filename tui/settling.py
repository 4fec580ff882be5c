"""Making the settlement of a conflict: the one way of the command and of the screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from schema.conflicts import Side, mix
from schema.errors import DuijieError, NotFound, NothingToDo, Refused
from schema.records import KINDS, encode
from schema.rights import may_settle
from schema.settling import Draft
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
    head = conflicts[0].head
    return not role or may_settle(
        role,
        losers_own=all(each.other.author == me for each in conflicts),
        head_own=head.author == me,
        equals_head=not change.deleted and change.body == head.body,
    )


def right(replica: Replica, conflict: Conflict) -> Right:
    """What this person may settle a conflict to."""
    role, me = meta(replica.conn, "role"), meta(replica.conn, "name")
    own, head_own = conflict.other.author == me, conflict.head.author == me
    if not role or may_settle(role, losers_own=own, head_own=head_own, equals_head=False):
        return Right.ANY
    if may_settle(role, losers_own=own, head_own=head_own, equals_head=True):
        return Right.HEAD
    return Right.NONE


def not_allowed(conflict: Conflict) -> tuple[str, str]:
    """Who is to settle a conflict, and what one can do oneself."""
    if conflict.owner:
        who = _("{owner} is to settle this conflict.", owner=conflict.owner)
    else:
        who = _("A coordinator is to settle this conflict.")
    return who, _("Both versions are kept until then.")


# -- many at once


def without_overlap(replica: Replica) -> tuple[list[Change], int]:
    """The edits that settle every conflict in which no field was changed on both sides.

    Also how many conflicts they settle. Losers of one record are taken in together, one after the
    other; no more records than one act holds.
    """
    changes: list[Change] = []
    count = size = 0
    records = dict.fromkeys((line.kind, line.id) for line in open_lines(replica))
    for kind, id in records:
        found, change = _merged(replica, conflicts_of(replica, kind, id))
        if change is None or not allowed(replica, found, change):
            continue
        size += len(change.body) + 2 * len(str(found[0].head.knows)) + 1024
        if len(changes) == MOST or size > MOST_BYTES:
            break
        changes.append(change)
        count += len(found)
    return changes, count


def _merged(
    replica: Replica, conflicts: Sequence[Conflict]
) -> tuple[list[Conflict], Change | None]:
    """The conflicts of one record that overlap in nothing, and the edit that takes all of them in."""
    taken: list[Conflict] = []
    if not conflicts or not _may_begin(replica, conflicts[0]):
        return taken, None
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
        return taken, None
    record = conflicts[0].record
    before: Body = {}
    for each in taken:
        before |= each.said[2].body
    try:
        body = _encoded(record.kind, dict(start.body), {**before, **taken[0].start.body})
    except DuijieError:
        # What cannot be saved like this is for somebody to look at.
        return [], None
    settles = tuple(each.other.dot for each in taken)
    return taken, Change(record.kind, record.id, body, settles=settles)


def _may_begin(replica: Replica, conflict: Conflict) -> bool:
    """Whether no unsent edit but one's own settlements stands in the way."""
    record = conflict.record
    return not record.unsent or (
        conflict.head.dot in record.shown.knows
        and all(
            any(leaf.dot in version.knows and leaf.dot != version.base for leaf in record.losers)
            for version in replica.pending(record.kind, record.id)
        )
    )


def settle_without_overlap(replica: Replica) -> list[Change]:
    """The same for an act; NothingToDo where every conflict has a choice in it."""
    changes, _count = without_overlap(replica)
    if not changes:
        raise NothingToDo(_("In every conflict that you may settle something is to be chosen."), "")
    return changes
