"""What an act makes worth a look and is never refused for: only what was not so before it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from schema.records import KINDS
from schema.rules.agenda import meeting_hints
from schema.rules.hints import (
    day_off_hints,
    department_hints,
    idle_departments,
    idle_hints,
    seat_hints,
)
from syncd.store.agenda import Agenda, agenda
from syncd.store.layers import roles_of
from syncd.store.reading import calendar_of, policy_of
from syncd.store.replica import Replica
from syncd.store.rows import Change
from syncd.store.steps import around
from tui.acts import Body, body_of, decoded

MOST = 6  # sentences about one act


def pointed_out(replica: Replica, changes: Sequence[Change]) -> list[str]:
    """The sentences about an act, before it is saved; settlements choose among what was said already."""
    changes = [
        each for each in changes if each.kind in KINDS and not (each.deleted or each.settles)
    ]
    found = [
        *_of_each(replica, changes),
        *_of_blockers(replica, changes),
        *_of_meetings(replica, changes),
    ]
    return list(dict.fromkeys(found))[:MOST]


def _of_each(replica: Replica, changes: Sequence[Change]) -> list[str]:
    """What a paper says by itself."""
    found: list[str] = []
    for change in changes:
        record = replica.record(change.kind, change.id)
        before = body_of(record) if record is not None and not record.shown.deleted else {}
        known = _worth_a_look(replica, change, before) if before else []
        found += [
            each
            for each in _worth_a_look(replica, change, decoded(change.body))
            if each not in known
        ]
    return found


def _worth_a_look(replica: Replica, change: Change, body: Body) -> list[str]:
    of, conn = KINDS[change.kind], replica.conn
    found = [
        *day_off_hints(of, body, calendar_of(conn)),
        *department_hints(of, body, policy_of(conn)),
    ]
    if change.kind == "policy":
        from tui.rulebook import cannot_be

        found += cannot_be(body)
    if change.kind == "seat":
        found += seat_hints(body, roles_of(conn), id=change.id)
    return found


def _of_blockers(replica: Replica, changes: Sequence[Change]) -> list[str]:
    """Which departments the act leaves without any part in a blocker that names them (S004-05)."""
    idle: dict[str, None] = {}
    for id, made in _touched(changes, "blocker", task="source").items():
        found = around(replica.conn, id)
        blocker = made.pop(id, (found.body if found else {}))
        if found is None or not blocker.get("departments"):
            continue
        roles = roles_of(replica.conn)
        tasks = {each.id: each.body for each in found.tasks_of_round}
        known = idle_departments(found.body, tasks.values(), roles, id=id)
        now = [each for each in {**tasks, **made}.values() if each.get("state") != "dropped"]
        named = idle_departments(blocker, now, roles, id=id)
        idle |= dict.fromkeys(name for name in named if name not in known)
    return idle_hints(idle)


def _of_meetings(replica: Replica, changes: Sequence[Change]) -> list[str]:
    """What the act makes of a meeting that is ahead, its agenda and its people."""
    said: list[str] = []
    hints = partial(
        meeting_hints, calendar=calendar_of(replica.conn), policy=policy_of(replica.conn)
    )
    for id, made in _touched(changes, "meeting", topic="of", seat="of").items():
        found = agenda(replica.conn, id)
        meeting = made.pop(id, (found.meeting if found else {}))
        if not meeting:
            continue
        held = found or Agenda({}, {}, {})
        kinds = {change.id: change.kind for change in changes}
        topics, seats = dict(held.topics), dict(held.seats)
        for each, body in made.items():
            (topics if kinds[each] == "topic" else seats)[each] = body
        known = hints(held.meeting, held.topics.values(), held.seats.values()) if found else []
        now = hints(meeting, topics.values(), seats.values())
        said += [each for each in now if each not in known]
    return said


def _touched(changes: Sequence[Change], kind: str, **by: str) -> dict[str, dict[str, Body]]:
    """The bodies that an act writes of each record of a kind and of what points at it, by id.

    `by` names the field in which each other kind points.
    """
    found: dict[str, dict[str, Body]] = {}
    for change in changes:
        if change.kind != kind and change.kind not in by:
            continue
        body = decoded(change.body)
        id = change.id if change.kind == kind else body.get(by[change.kind])
        if isinstance(id, str):
            found.setdefault(id, {})[change.id] = body
    return found
