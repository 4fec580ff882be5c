"""What two versions of a record say differently, and making one of both.

Bodies are plain JSON objects, so that fields which this client does not know are compared and
kept like any other. `DELETED` stands in the lists of fields for the deletion itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, NamedTuple

import msgspec

from schema.errors import UsageError
from schema.records.bodies import normal
from schema.safe_text import safe_text
from schema.wording import _

Body = Mapping[str, Any]

DELETED = "deleted"

_encode = msgspec.json.Encoder(order="deterministic").encode


class Side(Enum):
    """One side of a conflict."""

    HEAD = "head"
    OTHER = "other"


class Said(NamedTuple):
    """What one version says; a deletion keeps the last body."""

    body: Body
    deleted: bool = False


def changed(before: Said | None, after: Said) -> list[str]:
    """The fields that one version says otherwise than another, in the order they are read in."""
    if before is None:
        return [DELETED] if after.deleted else list(normal(after.body))
    return differs(before, after)


def differs(head: Said, other: Said) -> list[str]:
    """The fields in which two versions differ; a deletion against an edit differs first in that."""
    if head.deleted and other.deleted:
        return []
    first, second = normal(head.body), normal(other.body)
    fields = [name for name in {**first, **second} if not same(first, second, name)]
    return [DELETED, *fields] if head.deleted != other.deleted else fields


def overlaps(base: Said | None, head: Said, other: Said) -> list[str]:
    """The fields that somebody must choose: both sides changed them, each otherwise.

    Without a base, whatever differs; a deletion against an edit is one choice for the whole.
    """
    fields = differs(head, other)
    if DELETED in fields:
        return [DELETED]
    if base is None:
        return fields
    was, first, second = normal(base.body), normal(head.body), normal(other.body)
    return [name for name in fields if not same(was, first, name) and not same(was, second, name)]


def mix(base: Said | None, head: Said, other: Said, choices: Mapping[str, Any]) -> dict[str, Any]:
    """One body of both: what `choices` names, else each field from the side that changed it.

    A choice is a `Side`, or the value itself. UsageError names the fields that both sides
    changed and nobody chose, and a deletion, which can only be kept or dropped whole.
    """
    if head.deleted != other.deleted:
        raise UsageError(
            _("One side deletes this record; the two cannot be mixed."),
            _("Choose with --keep head or --keep other."),
        )
    left = [name for name in overlaps(base, head, other) if name not in choices]
    if left:
        raise _unchosen(left, whole=base is None)
    was = normal(base.body) if base else {}
    first, second = normal(head.body), normal(other.body)
    mixed = dict(first)
    for name in differs(head, other):
        side = Side.OTHER if base is not None and same(was, first, name) else Side.HEAD
        _put(mixed, name, choices.get(name, side), first, second)
    for name, choice in choices.items():
        _put(mixed, name, choice, first, second)
    return normal(mixed)


def _put(mixed: dict[str, Any], name: str, choice: Any, head: Body, other: Body) -> None:
    if isinstance(choice, Side):
        choice = (head if choice is Side.HEAD else other).get(name)
    mixed[name] = choice


def _unchosen(fields: list[str], *, whole: bool) -> UsageError:
    names = _(", ").join(safe_text(name) for name in fields)
    if whole:
        return UsageError(
            _(
                "The version both grew from is not here, so every difference is to be chosen: {fields}.",
                fields=names,
            ),
            _(
                "Choose with FIELD=head, FIELD=other or FIELD=VALUE, or --keep head or --keep other."
            ),
        )
    return UsageError(
        _("Both sides changed {fields}.", fields=names),
        _("Choose with FIELD=head, FIELD=other or FIELD=VALUE, or --keep head or --keep other."),
    )


def same(first: Body, second: Body, name: str) -> bool:
    """Whether two bodies say the same in one field; 1 and true are not the same."""
    one, two = first.get(name), second.get(name)
    return one is two or _encode(one) == _encode(two)
