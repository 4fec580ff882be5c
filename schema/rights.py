"""Who may do what: one table of role, kind and action, denied unless it says otherwise.

The hub decides by it for every edit; the screens ask it only to warn. On top of the roles comes
what needs a seat in the decision layer of a project (guide S000-07).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Literal

from msgspec import Struct

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


class Layered(Struct, frozen=True):
    """What only the decision layer does to a kind: wherever `field` holds one of the words (any at all,
    where none is named) before or after, `guarded` fields are its to change; none named: all.
    The words `alike` count as one: from one of them to another is no change.
    """

    field: str
    words: tuple[str, ...]
    guarded: tuple[str, ...] = ()
    alike: tuple[str, ...] = ()


_ESSENCE = ("of", "project", "department", "person", "layer")
_RULING = ("outcome", "basis", "basis_note", "ruled_by")
LAYERED: dict[str, tuple[Layered, ...]] = {
    "duty": (Layered("part", ("first",)),),
    "seat": (Layered("layer", ("decision",), _ESSENCE),),
    "meeting": (
        Layered(
            "type",
            ("emergency",),
            ("type", "project", "about", "state"),
            ("noticed", "running", "closed", "minuted", "confirmed"),
        ),
    ),
    "resource": (
        Layered("outcome", (), (*_RULING, "of", "project", "from", "what", "amount", "unit")),
        *(Layered(field, (), (field,)) for field in _RULING),
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


def is_decided(kind: str, body: Body | None) -> bool:
    """Whether a paper holds something that is the decision layer's; a body is None where it is deleted."""
    return any(_holds(rule, body) for rule in LAYERED.get(kind, ()))


def moved_between(kind: str, before: Body | None, after: Body | None) -> frozenset[str]:
    """The projects between which an edit moves what other papers may belong to; empty where it moves nothing.

    Bodies are the last ones, of deletions too; where there is no project, "" stands for it.
    """
    if kind not in ABOVE or kind == "project" or before is None or after is None:
        return frozenset()
    projects = frozenset(str(body.get("project") or "") for body in (before, after))
    return projects if len(projects) > 1 else frozenset()


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


def projects_asked(
    kind: str, bodies: Iterable[Body | None], find: Callable[[str], tuple[str, Body] | None]
) -> frozenset[str]:
    """The projects whose decision layers an edit needs, by what the paper said and what it says.

    Where it holds what is the layer's and is of no project, "" stands for that: nobody sits there.
    """
    asked = set[str]()
    for body in bodies:
        projects = projects_of(body, find)
        asked |= projects if projects or not is_decided(kind, body) else {""}
    return frozenset(asked)


def projects_of(
    body: Body | None, find: Callable[[str], tuple[str, Body] | None]
) -> frozenset[str]:
    """The projects a paper is of: its own, and that of the paper it belongs to.

    `find` gives kind and body of a record of one of the kinds ABOVE by its id, undeleted or a
    project; what it does not find counts as a project, in which nobody sits.
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
    return any(_value(rule, before, field) != _value(rule, after, field) for field in rule.guarded)


def _value(rule: Layered, body: Body, field: str) -> object:
    value = body.get(field) or None
    return rule.alike if value in rule.alike else value
