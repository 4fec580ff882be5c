"""What the rules look at: a moment, the papers, and who answers for what; and what they find, a line each.

A world holds no deleted paper. Whatever order the papers came in, it is the same world.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import NamedTuple

from msgspec import Struct

from schema.records.bodies import due_at
from schema.records.kind import Body
from schema.records.registry import KINDS
from schema.rules.policy import Policy
from schema.rules.roles import Roles
from schema.rules.timing import instant, wall_of
from schema.workdays import Calendar

SEATED_APART = ("meeting", "request", "blocker")
"""The kinds that have seats and are no project."""

_DAY = timedelta(days=1)


class Paper(Struct, frozen=True, kw_only=True):
    """One undeleted record as a replica shows it; times in microseconds.

    `author` and `at` are of the version shown; `accepted` is when the hub first took the record,
    None before that; `conflicts` counts its open ones; `reopened` is when a blocker was last put
    back to `open`, as far as its history is known. The body may be any that a client wrote.
    """

    kind: str
    id: str
    body: Body
    author: str = ""
    at: int = 0
    accepted: int | None = None
    dot: str = ""
    number: str = ""
    conflicts: int = 0
    reopened: int | None = None

    def text(self, field: str) -> str:
        """A field that is one text; "" where it is none."""
        value = self.body.get(field)
        return value if isinstance(value, str) else ""

    def texts(self, field: str) -> list[str]:
        """The texts of a list, each once."""
        value = self.body.get(field)
        found = value if isinstance(value, list | tuple) else ()
        return list(dict.fromkeys(each for each in found if isinstance(each, str) and each))

    def rows(self, field: str) -> list[Body]:
        """The rows of a field, or its single row."""
        value = self.body.get(field)
        found = value if isinstance(value, list | tuple) else (value,)
        return [each for each in found if isinstance(each, dict)]

    def whole(self, field: str, otherwise: int) -> int:
        """A whole number."""
        value = self.body.get(field)
        return value if isinstance(value, int) and not isinstance(value, bool) else otherwise

    def day(self, field: str) -> date | None:
        """The day of a date; None where it is none."""
        key = due_at(self.text(field))
        return None if key is None else date.fromisoformat(key[:10])

    @property
    def state(self) -> str:
        return self.text("state")

    @property
    def project(self) -> str:
        return self.text("project")

    @property
    def said(self) -> int:
        """When it was first said, as far as is known: an edit makes nothing newer."""
        return self.at if self.accepted is None else min(self.at, self.accepted)


def department_of(paper: Paper, *fields: str) -> str:
    """The department that a paper names first in these fields, those that its kind has; "" where none is."""
    known = KINDS[paper.kind].by_name
    return next(filter(None, (paper.text(field) for field in fields if field in known)), "")


class Open(Struct, frozen=True):
    """A record to open, at a field where one is to be filled."""

    kind: str
    id: str
    field: str = ""


class Write(Struct, frozen=True):
    """A paper to write, with what is known of it filled in."""

    kind: str
    body: dict[str, object]


class Settle(Struct, frozen=True):
    """A record whose conflict is to be settled."""

    kind: str
    id: str


Step = Open | Write | Settle


class Turn(Struct, frozen=True, kw_only=True):
    """What a rule found: the paper, whose turn it is, the sentence why, and what settles it.

    `to` are the people who owe it, any of them, before deputies; `key` tells several turns of one
    rule about one paper apart; `verb` stands where the rule's own would not be true.
    """

    paper: Paper
    to: tuple[str, ...]
    why: str
    step: Step
    key: str = ""
    began: int | None = None
    ends: int | None = None
    verb: str = ""


class Asked(NamedTuple):
    """Somebody who is asked, and in whose place; "" for their own."""

    person: str
    instead: str = ""


class World:
    """A moment, `now` in microseconds, with the rules of the workspace and the papers that can owe anything.

    `coordinating` are people who coordinate by their role at the hub, which no record says.
    """

    def __init__(
        self,
        papers: Iterable[Paper],
        *,
        now: int,
        zone: str,
        calendar: Calendar,
        policy: Policy,
        roles: Roles,
        coordinating: tuple[str, ...] = (),
    ) -> None:
        self.now = now
        self.zone = zone
        self.calendar = calendar
        self.policy = policy
        self.roles = roles
        self.coordinating = coordinating
        self.papers = sorted(papers, key=lambda each: (each.kind, each.id))
        self._by_id = {(each.kind, each.id): each for each in self.papers}
        self._running: dict[str, list[Paper]] = {}
        self._in_place: dict[str, str] = {}
        self._asked: dict[tuple[str, ...], tuple[Asked, ...]] = {}
        self._fallen: dict[str, tuple[Asked, ...]] = {}
        self._ends: dict[str, int | None] = {}

    @classmethod
    def of(cls, papers: Iterable[Paper], *, now: int, coordinating: tuple[str, ...] = ()) -> World:
        """The world of papers among which are those that say its policy, its calendar and its people."""
        papers = sorted(papers, key=lambda each: (each.kind, each.id))

        def bodies(kind: str) -> list[Body]:
            return [each.body for each in papers if each.kind == kind]

        policy = Policy.under(bodies("policy"))
        return cls(
            papers,
            now=now,
            zone=policy.text("zone"),
            calendar=Calendar.under(bodies("calendar")),
            policy=policy,
            roles=Roles.under(papers),
            coordinating=coordinating,
        )

    def among(self, papers: Iterable[Paper]) -> World:
        """The same moment, rules and people, with these papers instead."""
        return World(
            papers,
            now=self.now,
            zone=self.zone,
            calendar=self.calendar,
            policy=self.policy,
            roles=self.roles,
            coordinating=self.coordinating,
        )

    # -- papers

    @cached_property
    def _kinds(self) -> dict[str, list[Paper]]:
        found: dict[str, list[Paper]] = {}
        for paper in self.papers:
            found.setdefault(paper.kind, []).append(paper)
        return found

    @cached_property
    def _pointing(self) -> dict[tuple[str, str, str], list[Paper]]:
        """What points at an id: by kind, field and id."""
        found: dict[tuple[str, str, str], list[Paper]] = {}
        for paper in self.papers:
            for field in ("of", "source", "before", "after"):
                if to := paper.text(field):
                    found.setdefault((paper.kind, field, to), []).append(paper)
            if paper.kind == "meeting":
                for to in paper.texts("about"):
                    found.setdefault(("meeting", "about", to), []).append(paper)
        return found

    def find(self, id: str, *kinds: str) -> Paper | None:
        """The paper of this id, of one of these kinds."""
        return next((self._by_id[kind, id] for kind in kinds if (kind, id) in self._by_id), None)

    def all(self, kind: str) -> Sequence[Paper]:
        """The papers of a kind, by id."""
        return self._kinds.get(kind, ())

    def of_kind(self, kind: str) -> Sequence[Paper]:
        """The papers of a kind whose project has not ended, by id."""
        if kind not in self._running:
            self._running[kind] = [each for each in self.all(kind) if self.runs(each)]
        return self._running[kind]

    def pointing(self, kind: str, field: str, at: Paper) -> Sequence[Paper]:
        """The papers of a kind whose `of`, `source`, `before`, `after` or `about` is this one."""
        return self._pointing.get((kind, field, at.id), ())

    def runs(self, paper: Paper) -> bool:
        """Whether the paper is of no ended project: those leave Today."""
        project = self.find(paper.project, "project")
        return project is None or project.state not in KINDS["project"].finished

    # -- time

    @cached_property
    def wall(self) -> datetime:
        """What a clock on the wall of the workspace's zone shows."""
        return wall_of(self.now, self.zone)

    @cached_property
    def today(self) -> date:
        return self.wall.date()

    def midnight(self, day: date) -> int:
        """The instant at which a day begins; the last one of the calendar for a day beyond it."""
        return instant(datetime.combine(day, time.min), self.zone)

    def end_of(self, stored: str) -> int | None:
        """The instant at which a stored date is over: its minute, or the next midnight."""
        if stored not in self._ends:
            self._ends[stored] = self._end_of(stored)
        return self._ends[stored]

    def _end_of(self, stored: str) -> int | None:
        key = due_at(stored)
        if key is None:
            return None
        day = date.fromisoformat(key[:10])
        try:
            if len(stored) == 10:
                return self.midnight(day + _DAY)
            return instant(datetime.fromisoformat(stored), self.zone)
        except OverflowError:
            return None

    def passed(self, stored: str) -> bool:
        """Whether a stored date is over."""
        end = self.end_of(stored)
        if end is None:
            return False
        return self.now >= end if len(stored) == 10 else self.now > end

    def day_of(self, us: int) -> date:
        """The day of an instant."""
        return wall_of(us, self.zone).date()

    def since(self, day: date, key: str) -> date:
        """The first day on which something due that day is near by the policy `key`."""
        return self.policy.rule(key).before(day, self.calendar)

    def near(self, day: date, key: str) -> bool:
        """Whether a day has come within what the policy `key` says, or is past."""
        return self.since(day, key) <= self.today

    def ending(self, began: int, key: str) -> int | None:
        """When a time that the policy `key` gives is over; None beyond the calendar."""
        try:
            return self.policy.rule(key).end(began, zone=self.zone, calendar=self.calendar).at
        except OverflowError:
            return None

    def too_late_on(self, due: date) -> date:
        """The first day on which something due that day is late enough for an emergency meeting."""
        rule = self.policy.rule("late.emergency")
        try:
            if rule.unit == "days":
                return due + (rule.amount + 1) * _DAY
            return self.calendar.add_workdays(due, rule.amount + 1)
        except OverflowError:
            return date.max

    @cached_property
    def emergency_before(self) -> date:
        """What was due before this day is late enough for an emergency meeting."""
        rule = self.policy.rule("late.emergency")
        try:
            if rule.unit == "days":
                return self.today - rule.amount * _DAY
            return self.calendar.add_workdays(self.today + _DAY, -rule.amount - 1)
        except OverflowError:
            return date.min

    # -- people

    @cached_property
    def people(self) -> Sequence[Paper]:
        """The person records of those who have not left, by id."""
        return [
            each
            for each in self._kinds.get("person", ())
            if (left := each.day("left")) is None or left > self.today
        ]

    @cached_property
    def members(self) -> dict[str, list[Paper]]:
        """The people of each department, by its first name."""
        found: dict[str, list[Paper]] = {}
        for each in self.people:
            found.setdefault(self.department_of(each.text("name")), []).append(each)
        return found

    @cached_property
    def _persons(self) -> dict[str, Paper]:
        return {each.text("name"): each for each in self._kinds.get("person", ())}

    def department_of(self, person: str) -> str:
        """The department of a person; "" where none is known."""
        return self.roles.department_of(person)

    def same(self, one: str, other: str) -> bool:
        """Whether two names are of one department."""
        return self.roles.named(one) == self.roles.named(other)

    def heard(self, person: str, authors: Collection[str]) -> bool:
        """Whether one of these authors spoke as this person: they, who stands for them, or their deputy then."""
        if person in authors:
            return True
        record = self._persons.get(person)
        away = next(iter(record.rows("away")), {}) if record else {}
        return any(
            author in (away.get("deputy"), self.stands_for(person)) for author in authors if author
        )

    def present(self, person: str) -> tuple[str, ...]:
        """The person, where there is one who can be asked or somebody in their place."""
        return (person,) if person and self.stands_for(person) else ()

    def stands_for(self, person: str) -> str:
        """Who is asked today in this person's place, or the person; "" where nobody is."""
        if person not in self._in_place:
            self._in_place[person] = self.roles.stands_for(person, self.today)
        return self._in_place[person]

    def asked(self, people: Iterable[str]) -> tuple[Asked, ...]:
        """Who is asked when these people owe something, each once, themselves before deputies."""
        owing = tuple(people)
        if owing not in self._asked:
            found: dict[str, str] = {}
            for person in owing:
                if who := self.stands_for(person) if person else "":
                    instead = "" if who == person else person
                    if who not in found or not instead:
                        found[who] = instead
            self._asked[owing] = tuple(Asked(who, instead) for who, instead in found.items())
        return self._asked[owing]

    def asked_coordinators(self, project: str) -> tuple[Asked, ...]:
        """Who is asked where nobody is named in a project, or in none."""
        if project not in self._fallen:
            self._fallen[project] = self.asked(self.coordinators(project))
        return self._fallen[project]

    def reached(self, people: Iterable[str], project: str) -> tuple[Asked, ...]:
        """The same, or the coordinators where nobody of them can be asked."""
        return self.asked(people) or self.asked_coordinators(project)

    def whose(self, people: Iterable[str], project: str) -> frozenset[str]:
        """The names of those whose turn it is, and of those who are reached for it."""
        owing = tuple(people)
        return frozenset({*owing, *(each.person for each in self.reached(owing, project))})

    def liaisons(self, department: str, project: str = "") -> tuple[str, ...]:
        """Who speaks for a department, in a project by its seats; nobody for no department."""
        return self.roles.liaisons(department, self.seating(project)) if department else ()

    def seating(self, project: str) -> str:
        """The project whose seats count; "" for what is none: the seats of those are for themselves."""
        return "" if self.find(project, *SEATED_APART) else project

    def beginners(self, project: str) -> tuple[str, ...]:
        """The liaisons of the department that began a project."""
        return self.liaisons(self.roles.initiator(project), project)

    def initiators(self, paper: Paper) -> tuple[str, ...]:
        """The liaisons of the department that began the paper's project; of no project, that leads it."""
        if paper.project:
            return self.beginners(paper.project)
        return self.liaisons(department_of(paper, "lead", "initiator", "department"))

    def decision_layer(self, project: str) -> tuple[str, ...]:
        """Who is in the decision layer of a project."""
        project = self.seating(project)
        return self.roles.decision_layer(project) if project else ()

    def deciders(self, paper: Paper) -> tuple[str, ...]:
        """The decision layer of the paper's project; of no project, the decider of its department."""
        if paper.project:
            return self.decision_layer(paper.project)
        decider = self.roles.decider(department_of(paper, "lead", "department"))
        return (decider,) if decider else ()

    def superiors(self, person: str) -> tuple[str, ...]:
        """The superior of a person, where there is one."""
        superior = self.roles.superior(person) if person else ""
        return (superior,) if superior else ()

    def coordinators(self, project: str) -> tuple[str, ...]:
        """Whom what nobody is named for falls to: those of the department that began the project, else all.

        Those who coordinate by their role do so in every project.
        """
        own = self.roles.coordinators(project)
        found = own if self.asked(own) else self.roles.coordinators()
        return tuple(dict.fromkeys((*found, *self.coordinating)))
