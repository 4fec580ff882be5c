"""Who may do what: one table of role, kind and action, denied unless it says otherwise.

The hub decides by it for every edit; the screens ask it only to warn. Layers of seats come
on top of these workspace roles (guide S000-07).
"""

from __future__ import annotations

from typing import Literal

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
