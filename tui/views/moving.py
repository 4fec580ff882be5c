"""Moving tasks from one state to another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from schema.errors import NothingToDo, Refused
from schema.records import kind
from schema.records.stages import STAGES
from schema.rules.moves import check_move
from schema.wording import _
from syncd.store.replica import Replica
from syncd.store.rows import Change
from tui.acts import body_of, checked, named


def moved_by(replica: Replica, seen: Mapping[str, str], by: int) -> list[Change]:
    """Tasks put into the state after (1) or before (-1) their own.

    `seen` are the states that were on screen, by id, "" where none was: Refused where one is
    another by now, for then the move is not what was meant.
    """
    changes: list[Change] = []
    for id, shown in seen.items():
        record = replica.record("task", id)
        state = body_of(record).get("state") if record else None
        if record is not None and shown and state != shown:
            raise Refused(
                _("{name} was moved by somebody else meanwhile.", name=named(kind("task"), record)),
                _("Look again, then move it."),
            )
        if state in STAGES and 0 <= STAGES.index(state) + by < len(STAGES):
            changes += moved_to(replica, [id], STAGES[STAGES.index(state) + by])
    if not changes:
        raise NothingToDo(_("There is no state further on."), "")
    return changes


def moved_to(replica: Replica, ids: Sequence[str], state: str) -> list[Change]:
    """Tasks put into a state; IllegalMove names the states that one of them may have."""
    of = kind("task")
    changes: list[Change] = []
    for id in ids:
        record = replica.record("task", id)
        if record is None or record.shown.deleted:
            continue
        body = body_of(record)
        check_move(of, body.get("state"), state)
        changes.append(Change("task", id, checked(of, {**body, "state": state}, body)))
    return changes
