"""Whose turn it is: what waits for one person, each line with its record and its countdown."""

from __future__ import annotations

import sqlite3
from datetime import datetime, time, timedelta
from typing import NamedTuple

import msgspec

from schema.records.kind import Body
from schema.records.registry import KINDS
from schema.rules.answers import Replies
from schema.rules.explained import Explained
from schema.rules.lights import Shown
from schema.rules.owed.table import BY_DATE, CLOCKS, Line, owed
from schema.rules.roles import Roles
from schema.rules.timing import instant, wall_of
from schema.rules.world import SEATED_APART, Paper, World
from syncd.store.blockers import answers, reopenings
from syncd.store.lights import Light as Light
from syncd.store.lights import lights as lights
from syncd.store.owing import Dates, Reach, gather, papers, projects_of_tasks
from syncd.store.reading import ENVELOPE, calendar_of, meta, policy_of, rfc3339
from syncd.store.reckoning import Reckoning, decode, with_computed, with_shown

PEOPLE = ("person", "department", "project")
_NEVER = 2**62
_UNKNOWN = "?"
_DAY = timedelta(days=1)
_encode = msgspec.json.Encoder().encode


class Item(NamedTuple):
    """One line with its record: `envelope` is the record as JSON text, `record` what is shown of it.

    `due` is when the line's clock ends, as a stored date, "" where none runs; `shown` is how it
    stands against that.
    """

    envelope: str
    line: Line
    due: str
    shown: Shown
    record: Shown

    def as_json(self, by: Reckoning) -> str:
        """The record with what is shown of it, how the end of the line was computed, and the line."""
        line, found = self.line, tuple[Explained, ...]()
        if line.rule in CLOCKS:
            found = by.ending(line.began, CLOCKS[line.rule])
        elif line.rule in BY_DATE:
            found = by.due(self.due)
        said = {
            "rule": line.rule,
            "verb": line.verb,
            "why": line.why,
            "row": line.rows,
            "to": line.to,
            "for": sorted(set(line.instead.values())),
            "began": None if line.began is None else rfc3339(line.began),
            "ends": None if line.ends is None else rfc3339(line.ends),
        }
        whole = with_computed(with_shown(self.envelope, self.record), found)
        return f'{whole[:-1]},"line":{_encode(said).decode()}}}'


class Today(NamedTuple):
    """What waits for a person, what ends first first.

    `due` and `late` count the lines that end before the next midnight and those that are over;
    `beyond` counts tasks that are theirs too, due after those looked at.
    """

    items: list[Item]
    due: int
    late: int
    beyond: int

    @property
    def total(self) -> int:
        return len(self.items) + self.beyond


def today(conn: sqlite3.Connection, now: int, person: str = "") -> Today:
    """What waits for a person, the replica's own where none is named; `now` in microseconds."""
    by = Reckoning.of(conn, now)
    lines, beyond = waiting(conn, now, person or meta(conn, "name"))
    items = [_item(conn, by, line) for line in lines]
    over = sum(line.ends is not None and line.ends <= now for line in lines)
    tonight = instant(datetime.combine(by.today + _DAY, time.min), by.moment.zone)
    due = sum(line.ends is not None and now < line.ends <= tonight for line in lines)
    return Today(items, due, over, beyond)


def waiting(conn: sqlite3.Connection, now: int, person: str) -> tuple[list[Line], int]:
    """The lines that a person is asked in, what ends first first, and how many tasks of theirs were not looked at.

    Of its own person alone the replica knows whether the hub has them for a coordinator.
    """
    if not person:
        return [], 0
    own = meta(conn, "name") == person and meta(conn, "role") == "coordinator"
    said, policy = people_of(conn), policy_of(conn)
    people = World(
        said,
        now=now,
        zone=policy.text("zone"),
        calendar=calendar_of(conn),
        policy=policy,
        roles=Roles.under(said),
        coordinating=(person,) if own else (),
    )
    theirs = reach(conn, people, person)
    around = gather(conn, theirs, dates(people))
    kept = (each for each in people.papers if each.kind != "seat" or each.id in theirs.seats)
    together = {(each.kind, each.id): each for each in (*kept, *around.papers)}
    world = people.among(together.values())
    # Without a hub nothing waits for one.
    alone = not meta(conn, "hub")
    lines = (each for each in owed(world, person) if not (alone and each.key == "unsent"))
    return sorted(lines, key=_order), around.beyond


def _order(line: Line) -> tuple[object, ...]:
    return _NEVER if line.ends is None else line.ends, *line.identity


def people_of(conn: sqlite3.Connection) -> list[Paper]:
    """The papers that say who answers for what."""
    others = f"SELECT id FROM records WHERE kind IN {SEATED_APART} AND deleted = 0"
    return [
        *papers(conn, PEOPLE),
        *papers(conn, (), f"kind = 'seat' AND of IS NOT NULL AND of NOT IN ({others})"),
    ]


def dates(world: World) -> Dates:
    """Up to when tasks are looked at, as sort keys."""
    near = world.today
    with_warning = world.policy.count("warn") + 1
    try:
        near = world.calendar.add_workdays(near, with_warning)
    except OverflowError:
        near = near.max
    return Dates(near.isoformat(), world.emergency_before.isoformat())


def reach(conn: sqlite3.Connection, world: World, person: str) -> Reach:
    """What of a workspace is a person's, by its people, departments and projects alone."""
    known = {each.text("name") for each in world.all("person")} | {person} - {""}
    names = {name for name in known if world.stands_for(name) == person}
    everywhere = {each.id for each in world.all("project")}
    ended = {p.id for p in world.all("project") if p.state in KINDS["project"].finished}
    # A project that is not here may have seats all the same.
    seated = everywhere | {each.text("of") for each in world.all("seat")}
    running = seated - ended
    # A task may come from a blocker of a project that has ended.
    mine, decided_by_me = _departments(world, seated, names)
    coordinated = {p for p in ["", *everywhere] if names & set(world.coordinators(p))}
    strays = bool(names & set(world.coordinators(_UNKNOWN)))
    begun, decided = set[str](), set[str]()
    for each in running:
        if names & set(world.beginners(each)):
            begun.add(each)
        deciders = world.decision_layer(each)
        if names & set(deciders) or (each in coordinated and not world.asked(deciders)):
            decided.add(each)
    if strays:
        decided |= projects_of_tasks(conn) - everywhere
    return Reach(
        own=person,
        names=frozenset(names),
        lost=frozenset(name for name in known if not world.stands_for(name)),
        juniors=frozenset(name for name in known if names & set(world.superiors(name))),
        departments=frozenset(mine),
        members=frozenset(_called(world, names)),
        headed=frozenset(decided_by_me),
        begun=frozenset(begun),
        decided=frozenset(decided),
        seats=frozenset(
            each.id
            for each in world.all("seat")
            if each.text("person") in names or names & set(world.superiors(each.text("person")))
        ),
        coordinated=frozenset(coordinated),
        strays=strays,
        known=frozenset(everywhere),
    )


def _departments(world: World, projects: set[str], names: set[str]) -> tuple[set[str], set[str]]:
    """The departments that these names speak for, in any project, and those that they decide for.

    By every name that a department has.
    """
    called: dict[str, set[str]] = {}
    for paper in (*world.all("person"), *world.all("seat"), *world.all("project")):
        for name in (
            paper.text("department"),
            paper.text("initiator"),
            *paper.texts("departments"),
        ):
            called.setdefault(world.roles.named(name), set()).add(name)
    for paper in world.all("department"):
        own = called.setdefault(paper.text("name"), set())
        own.update({paper.text("name"), *paper.texts("aliases")})
    seated: dict[str, set[str]] = {}
    for seat in world.all("seat"):
        seated.setdefault(world.roles.named(seat.text("department")), set()).add(seat.text("of"))
    mine, decided = set[str](), set[str]()
    for name, also in called.items():
        if not name:
            continue
        for project in ["", *(projects & seated.get(name, set()))]:
            if names & set(world.liaisons(name, project)):
                mine |= also
        if world.roles.decider(name) in names:
            decided |= also
    return mine, decided


def _called(world: World, names: set[str]) -> set[str]:
    """Every name of the departments that these people are of."""
    own = {world.department_of(name) for name in names} - {""}
    also = [each for each in world.all("department") if each.text("name") in own]
    return {*own, *(alias for each in also for alias in each.texts("aliases"))}


def _item(conn: sqlite3.Connection, by: Reckoning, line: Line) -> Item:
    envelope, body, accepted = conn.execute(
        f"SELECT {ENVELOPE}, body, accepted FROM records WHERE kind = ? AND id = ?",
        (line.kind, line.id),
    ).fetchone()
    record = _standing(conn, by, line, decode(body or "{}"), accepted)
    if line.rule == "answer" and line.ends is not None:
        due = wall_of(line.ends, by.moment.zone).isoformat(timespec="minutes")
        return Item(envelope, line, due, record, record)
    due = _due(line.ends, by.moment.zone)
    shown = by.shown("task", {"state": "doing", "due": due}) if due else Shown()
    return Item(envelope, line, due, shown, record)


def _due(ends: int | None, zone: str) -> str:
    """The end of a clock as a stored date: what ends at midnight is the day before."""
    if ends is None:
        return ""
    wall: datetime = wall_of(ends, zone)
    if wall.time() == time.min:
        return (wall.date() - _DAY).isoformat()
    return wall.isoformat(timespec="minutes")


def _standing(
    conn: sqlite3.Connection, by: Reckoning, line: Line, body: Body, accepted: int | None
) -> Shown:
    """What is shown of the record that a line is about."""
    if line.kind != "blocker":
        return by.shown(line.kind, body)
    (tasks,) = conn.execute(
        """SELECT count(*) FROM records WHERE source = ? AND kind = 'task' AND deleted = 0
            AND ifnull(state, '') <> 'dropped'""",
        (line.id,),
    ).fetchone()
    again = reopenings(conn, [line.id]).get(line.id)
    replies = Replies(answers(conn, [line.id]).get(line.id), tasks, again)
    return by.blocker(body, by.clock(accepted, again), replies)
