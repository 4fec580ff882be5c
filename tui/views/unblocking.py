"""What is saved of a blocker from its view: an answer, and its moves from state to state."""

from __future__ import annotations

from collections.abc import Sequence

from schema.errors import NothingToDo
from schema.ids import new_id
from schema.records import kind, new_body
from schema.rules.moves import check_move
from schema.wording import _
from syncd.store.replica import Replica
from syncd.store.rows import Change
from tui.acts import body_of, checked


def answered_with(replica: Replica, id: str, text: str) -> list[Change]:
    """An answer of a blocker: a comment, so that several may answer at once."""
    of = kind("comment")
    body = {**new_body("comment", {}, department=None), "of": id, "type": "answer", "text": text}
    return [Change("comment", new_id(replica.clock.now()), checked(of, body))]


def moved(replica: Replica, id: str, by: int) -> list[Change]:
    """A blocker in the state after (1) or before (-1) its own."""
    record = replica.record("blocker", id)
    state = body_of(record).get("state") if record else None
    states: Sequence[str] = kind("blocker").states
    place = states.index(state) + by if state in states else -1
    if record is None or not 0 <= place < len(states):
        raise NothingToDo(_("There is no state further on."), "")
    return put_into(replica, id, states[place])


def put_into(replica: Replica, id: str, state: str) -> list[Change]:
    """A blocker in another state; IllegalMove names those that it may have."""
    of = kind("blocker")
    record = replica.record("blocker", id)
    if record is None:
        raise NothingToDo(_("This record is not here."), "")
    body = body_of(record)
    check_move(of, body.get("state"), state)
    return [Change("blocker", id, checked(of, {**body, "state": state}, body))]
