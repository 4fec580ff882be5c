"""Declaring that a task is late: its new date, why, and what waits for it, moved along where somebody says so."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from schema.dates import today
from schema.errors import FieldError, Refused
from schema.ids import new_id
from schema.records import KINDS, encode, kind, new_body, title_of
from schema.records.bodies import due_at
from schema.rules.roles import Roles
from schema.rules.slipping import Pushed, pushed
from schema.rules.zi import count_zi
from schema.safe_text import blank
from schema.wording import _
from syncd.store.layers import roles_of
from syncd.store.reading import calendar_of, meta, policy_of
from syncd.store.relations import dependents
from syncd.store.rows import Change
from tui.acts import body_of, checked
from tui.cli.text import dated

if TYPE_CHECKING:
    from schema.rules.world import Paper
    from syncd.store.replica import Replica

Body = dict[str, Any]

DECLARED = ("delay_cause", "need")
"""What a declared delay says at the least."""

FIELDS = ("due", *DECLARED, "delay_type")
"""The fields of a task that a declaration may fill."""


def missing(body: Body) -> list[FieldError]:
    """What a declaration lacks: it says why, and what it needs (S000-16)."""
    fields = KINDS["task"].by_name
    return [
        FieldError(
            name,
            _(
                "{label} is needed: a delay says why, and what would help.",
                label=_(fields[name].label),
            ),
            _("Fill it in, then save again."),
        )
        for name in DECLARED
        if blank(str(body.get(name) or ""))
    ]


def not_later(body: Body, due: object) -> FieldError | None:
    """What is wrong with a new date for a task that says this: a delay is to a later date, or to none yet."""
    was, to = (due_at(str(each or "")) for each in (body.get("due"), due))
    if was is None or to is None or to > was:
        return None
    return FieldError(
        "due",
        _(
            "{due} is not later than the date it has, {was}.",
            due=dated(str(due)),
            was=dated(str(body["due"])),
        ),
        _("Give a later date, or none; duijie set ID due=... takes an earlier one."),
    )


def pushes(conn: sqlite3.Connection, id: str, due: str) -> list[Pushed]:
    """What a task pushes when it is due then, by the calendar of this workspace."""
    chain = dependents(conn, id)
    task = next((each for each in chain.papers if each.id == id), None)
    if task is None or not due:
        return []
    return pushed(task, due, chain.dependencies, chain.papers, calendar_of(conn))


def apart(conn: sqlite3.Connection, found: Iterable[Pushed]) -> tuple[list[Pushed], list[Pushed]]:
    """What the program may move of what is pushed: one's own department's, and the others'."""
    roles, department, me = roles_of(conn), meta(conn, "department"), meta(conn, "name")
    own: list[Pushed] = []
    others: list[Pushed] = []
    for each in found:
        if each.movable:
            there = _elsewhere(roles, each.paper, department, me)
            (others if there else own).append(each)
    return own, others


def _elsewhere(roles: Roles, paper: Paper, department: str, me: str) -> bool:
    owner = paper.text("owner")
    whose = paper.text("department") or roles.department_of(owner)
    return owner != me and roles.named(whose) != roles.named(department)


def declared(
    replica: Replica, id: str, after: Body, *, moving: Sequence[Pushed] = ()
) -> list[Change]:
    """The act that declares a delay: `after` is the task with cause and need, and `moving` goes along.

    Old dates stay in the plan of each. FieldError where cause or need is missing, or the date
    is not later; Refused where something that is to be moved is planned otherwise by now.
    """
    faults = missing(after)
    if faults:
        raise faults[0]
    record = replica.record("task", id)
    before = body_of(record) if record is not None else {}
    day, cause = _today(replica), _brief(str(after["delay_cause"]))
    body = dict(after)
    if body.get("due") and body.get("due") != before.get("due"):
        if fault := not_later(before, body["due"]):
            raise fault
        body["plan"] = _planned(before, day, before.get("due"), body["due"], cause)
    changes = [Change("task", id, checked(kind("task"), body, before))]
    title = title_of("task", body) or id[-6:]
    roles, department, me = (
        roles_of(replica.conn),
        meta(replica.conn, "department"),
        meta(replica.conn, "name"),
    )
    for each in moving:
        changes.append(_moved(replica, each, day, _brief(f"{title}: {cause}")))
        if _elsewhere(roles, each.paper, department, me):
            changes.append(_told(replica, each, title, cause))
    return changes


def _moved(replica: Replica, each: Pushed, day: date, why: str) -> Change:
    """What waits, with the dates that are left to it."""
    of, id = each.paper.kind, each.paper.id
    record = replica.record(of, id)
    before = body_of(record) if record is not None and not record.shown.deleted else {}
    stands = (before.get("start") or "", before.get("due") or "")
    if record is None or stands != (each.start_was, each.due_was):
        raise Refused(
            _(
                "{title} was planned anew by somebody else meanwhile; nothing is saved yet.",
                title=title_of(of, each.paper.body) or id[-6:],
            ),
            _("Look again at what is pushed, then save."),
        )
    after = {**before, "start": each.start, "due": each.due}
    was, to = (each.due_was, each.due) if each.due != each.due_was else (each.start_was, each.start)
    after["plan"] = _planned(before, day, was, to, why)
    after = {name: value for name, value in after.items() if value != ""}
    return Change(of, id, checked(kind(of), after, before))


def _told(replica: Replica, each: Pushed, title: str, cause: str) -> Change:
    """The announcement to whoever owns what was moved for them (S001-28)."""
    paper = each.paper
    said: Body = {
        "of": paper.id,
        "type": "announcement",
        "text": _(
            "{title} ends later: {cause}. What waits for it was moved along, from {was} to {due}.",
            title=title,
            cause=cause,
            was=dated(each.due_was or each.start_was).replace("T", " "),
            due=dated(each.due or each.start).replace("T", " "),
        ),
        "project": paper.text("project") or None,
    }
    if paper.text("owner"):
        said["about"] = [paper.text("owner")]
    elif paper.text("department"):
        said["departments"] = [paper.text("department")]
    body = new_body("comment", said, department=None)
    return Change("comment", new_id(replica.clock.now()), encode(body))


def _planned(before: Body, day: date, was: object, to: object, why: str) -> list[object]:
    """The changes of date with one more; the old ones stay as they are."""
    held = before.get("plan")
    row = {"at": day.isoformat(), "was": was, "to": to, "why": why}
    rows = list(held) if isinstance(held, list | tuple) else []
    return [*rows, {name: value for name, value in row.items() if value}]


def _brief(text: str) -> str:
    """The first line of a text, as long as a reason may be."""
    (spec,) = (cell for cell in KINDS["task"].by_name["plan"].cells if cell.name == "why")
    line = text.strip().partition("\n")[0][: spec.cap or None]
    while spec.limit is not None and count_zi(line) > spec.limit:
        line = line[:-1]
    return line


def _today(replica: Replica) -> date:
    now = datetime.fromtimestamp(replica.clock.now() / 1_000_000, UTC)
    return today(now, policy_of(replica.conn).text("zone"))


def pen_hint(conn: sqlite3.Connection, body: Body, day: date) -> str:
    """Who declares the delay of a task usually, where that is not whose replica this is; else ""."""
    roles, me = roles_of(conn), meta(conn, "name")
    project, department, owner = (
        value if isinstance(value := body.get(name), str) else ""
        for name in ("project", "department", "owner")
    )
    initiator = roles.initiator(project)
    usual = [
        owner,
        *(roles.liaisons(department, project) if department else ()),
        *(roles.liaisons(initiator, project) if initiator else ()),
    ]
    names = list(dict.fromkeys(filter(None, usual)))
    if not names or any(roles.speaks_for(me, each, day) for each in names):
        return ""
    return _(
        "This is usually declared by {names}; yours is taken too.",
        names=_(", ").join(names[:3]),
    )
