"""Whether an edit can be one at all: its form, its name, and what it may know."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from schema import wire
from schema.ids import is_id
from schema.records import KINDS, check_bytes, own_id
from schema.safe_text import refusal
from schema.version import KNOWS_LIMIT, N_LIMIT, REV_LIMIT, Dot, Knows, Version
from schema.wire import Edit

_NOTHING: frozenset[Dot] = frozenset()


def dot_of(text: str | None) -> Dot | None:
    """The dot that a text names; None where it names none."""
    try:
        return Dot.parse(text) if text else None
    except ValueError:
        return None


def alone(dot: Dot) -> Knows:
    """What an edit knows that was made on nothing."""
    return Knows({dot.replica: dot.n}, _NOTHING)


def is_history(leaves: Sequence[Version], dot: Dot) -> bool:
    """Whether a leaf was made in knowledge of a version."""
    return any(dot in leaf.knows for leaf in leaves)


def ill_formed(edit: Edit) -> str | None:
    """Why an edit cannot be one, as a reason code; None when it is well formed."""
    body = bytes(edit.body)
    if len(body) > wire.BODY_LIMIT:
        return "size"
    if not is_id(edit.id):
        return "form id"
    if len(edit.knows) > KNOWS_LIMIT:
        return "form knows"
    limit = N_LIMIT
    if not (0 < edit.n < limit and 0 < edit.rev < REV_LIMIT and abs(edit.at) < limit):
        return "form stamp"
    if not (abs(edit.offset) < limit and 0 <= edit.heard < limit):
        return "form stamp"
    bad = refusal(body)
    if bad is not None:
        return f"text {bad}"
    problem = check_bytes(edit.kind, body)
    if problem is not None:
        return f"form {problem}"
    return None


def misnamed(edit: Edit, author: str) -> bool:
    """Whether a record has another id than what it says, and who first said it, make."""
    kind = KINDS[edit.kind]
    if kind.derived is None:
        return False
    own = own_id(kind, msgspec.json.decode(edit.body), author)
    return own is not None and own != edit.id


def seen_here(dot: Dot, knows: Knows, base: Dot | None, leaves: Sequence[Version]) -> bool:
    """Whether an edit knows itself, what lies below, and nothing that the hub has not seen.

    A vector that reached past what exists would make other people's next edits history; one
    that left out what a leaf knew that it closes would make them look forged.
    """
    if knows.vector.get(dot.replica) != dot.n or dot in knows.less:
        return False
    if base is not None and base not in knows:
        return False
    if not leaves:
        return len(knows.vector) == 1
    if any(leaf.dot in knows and not knows.covers(leaf.knows) for leaf in leaves):
        return False
    return all(
        replica == dot.replica or any(n <= leaf.knows.vector.get(replica, 0) for leaf in leaves)
        for replica, n in knows.vector.items()
    )
