"""Who is asked: liaison and decider of a department, decision layer of a project, superior, deputy, successor.

Everything is read from the records of people, departments, seats and projects, whatever those
hold; names are given before deputies, and `stands_for` says who is asked in somebody's place.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Protocol

from msgspec import Struct

from schema.records.kind import Body

KINDS = ("person", "department", "seat", "project")


class Said(Protocol):
    """An undeleted record: kind, id and body."""

    @property
    def kind(self) -> str: ...
    @property
    def id(self) -> str: ...
    @property
    def body(self) -> Body: ...


class Seated(Struct, frozen=True):
    """One seat: its id, and what it says; "" where it says nothing."""

    id: str
    of: str
    department: str
    person: str
    layer: str
    role: str


class _Person(Struct, frozen=True):
    department: str
    superior: str
    successor: str
    left: str
    away_from: str
    away_until: str
    deputy: str
    decides: bool
    member: bool


class Roles:
    """Who answers for what; a value, never changed."""

    def __init__(
        self,
        people: dict[str, _Person],
        heads: dict[str, str],
        parents: dict[str, str],
        aliases: dict[str, str],
        seats: dict[str, list[Seated]],
        initiators: dict[str, str],
    ) -> None:
        self._people = people
        self._heads = heads
        self._parents = parents
        self._aliases = aliases
        self._seats = seats
        self._initiators = initiators
        self._of: dict[str, list[str]] = {}
        for name, person in people.items():
            self._of.setdefault(self.named(person.department), []).append(name)

    @classmethod
    def under(cls, records: Iterable[Said]) -> Roles:
        """The roles that these records give, in whatever order; those of other kinds are passed over."""
        people: dict[str, _Person] = {}
        heads: dict[str, str] = {}
        parents: dict[str, str] = {}
        aliases: dict[str, str] = {}
        seats: dict[str, list[Seated]] = {}
        initiators: dict[str, str] = {}
        for each in sorted(
            (each for each in records if each.kind in KINDS), key=lambda each: (each.kind, each.id)
        ):
            body, name = each.body, _text(each.body, "name")
            match each.kind:
                case "person" if name:
                    people[name] = _person(body)
                case "department" if name:
                    heads[name], parents[name] = _text(body, "head"), _text(body, "parent")
                    said = body.get("aliases")
                    for alias in said if isinstance(said, list | tuple) else ():
                        if isinstance(alias, str):
                            aliases.setdefault(alias, name)
                case "seat":
                    fields = ("of", "department", "person", "layer", "role")
                    seat = Seated(each.id, *(_text(body, field) for field in fields))
                    if seat.person:
                        seats.setdefault(seat.of, []).append(seat)
                case "project":
                    initiators[each.id] = _text(body, "initiator")
        aliases = {alias: name for alias, name in aliases.items() if alias not in heads}
        return cls(people, heads, parents, aliases, seats, initiators)

    def named(self, department: str) -> str:
        """The name that a department was first given, where this is another of its names."""
        return self._aliases.get(department, department)

    def department_of(self, person: str) -> str:
        """The department of a person; "" where none is known."""
        known = self._people.get(person)
        return self.named(known.department) if known else ""

    def liaisons(self, department: str, project: str = "") -> tuple[str, ...]:
        """Who speaks for a department: its liaisons' seats in the project, else those of its execution
        layer there, else its members who do not decide, else all its members, else its head, else
        whoever has a record there: `stands_for` leaves out who has left.
        """
        department = self.named(department)
        seats = self._seated(department, project)
        members = [name for name in self._of.get(department, ()) if self._people[name].member]
        return (
            _each_once(seat.person for seat in seats if seat.role == "liaison")
            or _each_once(seat.person for seat in seats if seat.layer == "execution")
            or _each_once(name for name in members if not self._people[name].decides)
            or _each_once(members)
            or _each_once([self._heads.get(department, "")])
            or tuple(self._of.get(department, ()))
        )

    def decider(self, department: str, project: str = "") -> str:
        """Who decides for a department: its decider's seat in the project, else the person record
        that says so, else its head; "" where nobody does, and for no department.
        """
        if not department:
            return ""
        department = self.named(department)
        seats = self._seated(department, project)
        found = (
            *(seat.person for seat in seats if seat.role == "decider"),
            *(name for name in self._of.get(department, ()) if self._people[name].decides),
            self._heads.get(department, ""),
        )
        return found[0]

    def decides(self, person: str) -> bool:
        """Whether a person has power of decision: by their record, as a head, or by a seat anywhere."""
        known = self._people.get(person)
        return (
            (known is not None and known.decides)
            or person in self._heads.values()
            or any(
                seat.person == person and (seat.layer == "decision" or seat.role == "decider")
                for seats in self._seats.values()
                for seat in seats
            )
        )

    def decision_layer(self, project: str) -> tuple[str, ...]:
        """Who is seated in the decision layer of a project; nobody is without a seat."""
        return _each_once(
            seat.person for seat in self._seats.get(project, ()) if seat.layer == "decision"
        )

    def seats(self, of: str) -> tuple[Seated, ...]:
        """The seats of a record on which somebody is named, by id."""
        return tuple(self._seats.get(of, ()))

    def initiator(self, project: str) -> str:
        """The initiating department of a project; "" where none is known."""
        return self.named(self._initiators.get(project, ""))

    def superior(self, person: str) -> str:
        """The superior that the person's record names, else the nearest head above; "" where none is."""
        known = self._people.get(person)
        if known is None:
            return ""
        if known.superior:
            return known.superior
        department, seen = self.named(known.department), set[str]()
        while department and department not in seen:
            seen.add(department)
            head = self._heads.get(department, "")
            if head and head != person:
                return head
            department = self.named(self._parents.get(department, ""))
        return ""

    def stands_for(self, person: str, today: date) -> str:
        """Who is asked in a person's place: the deputy of who is away that day, the successor of who
        has left, else the person; "" where who has left has no successor.
        """
        day, asked, seen = today.isoformat(), person, set[str]()
        while known := self._people.get(asked):
            gone = bool(known.left) and known.left <= day
            other = known.successor if gone else _deputy(known, day)
            if not other:
                return "" if gone else asked
            if other in seen or other == asked:
                # All of the round are away: the one whose turn it is, unless they have left.
                return "" if self._gone(person, day) else person
            seen.add(asked)
            asked = other
        return asked

    def speaks_for(self, speaker: str, person: str, today: date) -> bool:
        """Whether what `speaker` does today counts as done by the person: themselves or in their place."""
        return bool(speaker) and (speaker == person or self.stands_for(person, today) == speaker)

    def coordinators(self, project: str = "") -> tuple[str, ...]:
        """Whom what nobody is named for falls to: who decides for the department that began the project.

        Without a project: for any that began one, else for any department. A member's role is
        no record, and everybody has to see the same names.
        """
        initiators = [self.initiator(project)] if project else map(self.named, self._begun())
        found = _each_once(self.decider(name) for name in initiators if name)
        if found:
            return found
        everywhere = sorted({*self._heads, *self._of})
        return _each_once(self.decider(name) for name in everywhere if name)

    def _begun(self) -> list[str]:
        return sorted({name for name in self._initiators.values() if name})

    def _seated(self, department: str, project: str) -> list[Seated]:
        seats = self._seats.get(project, ()) if project else ()
        return [seat for seat in seats if self.named(seat.department) == department]

    def _gone(self, person: str, day: str) -> bool:
        known = self._people.get(person)
        return known is not None and bool(known.left) and known.left <= day


def _person(body: Body) -> _Person:
    away = body.get("away")
    away = away if isinstance(away, dict) else {}
    return _Person(
        department=_text(body, "department"),
        superior=_text(body, "superior"),
        successor=_text(body, "successor"),
        left=_text(body, "left"),
        away_from=_text(away, "from"),
        away_until=_text(away, "until"),
        deputy=_text(away, "deputy"),
        decides=body.get("decides") is True,
        member=bool(_text(body, "member")),
    )


def _deputy(person: _Person, day: str) -> str:
    """Who acts for somebody that day; "" where they are there. An absence may have one end only."""
    if not (person.away_from or person.away_until):
        return ""
    away = person.away_from <= day and (not person.away_until or day <= person.away_until)
    return person.deputy if away else ""


def _text(body: Body, field: str) -> str:
    value = body.get(field)
    return value if isinstance(value, str) else ""


def _each_once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))
