"""Who may do what: one table of role, kind and action, denied unless it says otherwise.

The hub decides by it for every edit; the screens ask it only to warn. On top of the roles comes
what needs a seat in the decision layer of a project (guide S000-07).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Literal, NamedTuple

from schema.records.kind import Body
from schema.rules.roles import Roles
from schema.wording import N_

Role = Literal["viewer", "liaison", "coordinator"]
Action = Literal["create", "edit", "delete", "settle"]

ROLES: tuple[Role, ...] = ("viewer", "liaison", "coordinator")
ROLE_WORDS = {
    "viewer": N_("viewer"),
    "liaison": N_("liaison"),
    "coordinator": N_("coordinator"),
}

# What each role may write: every kind ("*") or a kind by name; "own" means only one's own.
_ANY, _OWN, _NO = "any", "own", "no"
_WRITES: dict[str, dict[str, str]] = {
    "viewer": {"*": _NO, "comment": _OWN, "signoff": _OWN},
    "liaison": {"*": _ANY, "policy": _NO, "calendar": _NO, "person": _OWN, "signoff": _OWN},
    "coordinator": {"*": _ANY, "signoff": _OWN},
}


def may_write(role: str, kind: str, *, own: bool) -> bool:
    """Whether a role may create, edit or delete a record of a kind.

    `own`: the record's first author is the writer, or the person record is the writer's.
    """
    table = _WRITES.get(role)
    if table is None:
        return False
    allowed = table.get(kind, table["*"])
    return allowed == _ANY or (allowed == _OWN and own)


def may_settle(role: str, *, losers_own: bool, head_own: bool, equals_head: bool) -> bool:
    """Whether a role may settle a conflict.

    A coordinator settles anything; others only where every loser settled is their own, and
    the head is theirs too or the result says what the head says.
    """
    if role == "coordinator":
        return True
    return role in ROLES and losers_own and (head_own or equals_head)


# -- what needs the decision layer


ABOVE = ("project", "request", "task", "blocker", "meeting")
"""The kinds that a paper which needs the layer may belong to."""


class Layered(NamedTuple):
    """What only the decision layer does to a kind: wherever `field` holds one of the words (any at all,
    where none is named) before or after, `guarded` fields are its to change; none named: all.
    """

    field: str
    words: tuple[str, ...]
    guarded: tuple[str, ...] = ()


_ESSENCE = ("of", "project", "department", "person", "layer")
LAYERED: dict[str, tuple[Layered, ...]] = {
    "duty": (Layered("part", ("first",)),),
    "seat": (Layered("layer", ("decision",), _ESSENCE),),
    "meeting": (Layered("type", ("emergency",), ("type",)),),
    "resource": tuple(
        Layered(field, (), (field,)) for field in ("outcome", "basis", "basis_note", "ruled_by")
    ),
}
"""First responsible persons, seats of the layer itself, emergency meetings, rulings on resources."""


def needs_layer(kind: str, before: Body | None, after: Body | None) -> bool:
    """Whether an edit is the decision layer's alone; a body is None where there is none or it is deleted."""
    if before == after:
        return False
    return any(
        (_holds(rule, before) or _holds(rule, after)) and _differs(rule, before, after)
        for rule in LAYERED.get(kind, ())
    )


def may_decide(role: str, member: str, projects: frozenset[str], roles: Roles, today: date) -> bool:
    """Whether somebody acts for the decision layer of all these projects that day.

    By a seat of their own, or in the place of who is away or has left; a coordinator always.
    What is of no project is the coordinators' alone.
    """
    if role == "coordinator":
        return True
    return bool(projects) and all(
        any(roles.speaks_for(member, person, today) for person in roles.decision_layer(project))
        for project in projects
    )


def projects_of(
    body: Body | None, find: Callable[[str], tuple[str, Body] | None]
) -> frozenset[str]:
    """The projects a paper is of: its own, and that of the paper it belongs to.

    `find` gives kind and body of an undeleted record of one of the kinds ABOVE by its id; what
    it does not find counts as a project, in which nobody sits.
    """
    found = set[str]()
    for field in ("project", "of"):
        id = (body or {}).get(field)
        if not isinstance(id, str) or not id:
            continue
        record = find(id)
        if field == "project" or record is None or record[0] == "project":
            found.add(id)
        elif isinstance(above := record[1].get("project"), str) and above:
            found.add(above)
    return frozenset(found)


def _holds(rule: Layered, body: Body | None) -> bool:
    value = (body or {}).get(rule.field)
    return value in rule.words if rule.words else bool(value)


def _differs(rule: Layered, before: Body | None, after: Body | None) -> bool:
    if before is None or after is None or not rule.guarded:
        return True
    return any((before.get(field) or None) != (after.get(field) or None) for field in rule.guarded)
