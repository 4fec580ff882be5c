"""What is pointed out about a paper and never refused: days off, too many or idle departments, two who speak for one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from re import fullmatch
from typing import Any

from schema.records.fields import WHEN, FieldSpec
from schema.records.kind import Body, Kind
from schema.rules.answers import unpublished
from schema.rules.policy import DEFAULT, Policy
from schema.rules.roles import Roles
from schema.safe_text import safe_text
from schema.wording import _
from schema.workdays import OFF, Calendar

# Days on which something is to happen; what a calendar lists or somebody's absence is not.
_UNHINTED = ("calendar", "person")
# What the program wrote itself: when the dates of a task were changed, and from which to which.
_NOTED = ("plan",)


def day_off_hints(kind: Kind, body: Body, calendar: Calendar) -> list[str]:
    """A sentence for each date in a paper, rows included, that falls on a day off (S001-39, S003-32)."""
    if kind.name in _UNHINTED:
        return []
    found = []
    for label, day in _dates(kind.fields, body):
        if not calendar.published(day.year):
            found.append(f"{day}: {unpublished(day.year)}")
        if calendar.is_workday(day):
            continue
        words = _("{label} {day} is an official day off.", label=label, day=day)
        if calendar.sort_of(day) != OFF:
            words = _("{label} {day} is on a weekend.", label=label, day=day)
        found.append(words)
    return list(dict.fromkeys(found))


def department_hints(kind: Kind, body: Body, policy: Policy = DEFAULT) -> list[str]:
    """A sentence where a project or its alignment meeting has too many core departments (S000-03)."""
    if kind.name != "project" and not (kind.name == "meeting" and body.get("type") == "alignment"):
        return []
    names = _texts(body, "departments")
    most = policy.count("departments")
    if len(names) <= most:
        return []
    return [_("{n} departments; at most {most} core ones are advised.", n=len(names), most=most)]


def seat_hints(body: Body, roles: Roles, *, id: str = "") -> list[str]:
    """Sentences about a liaison's or a decider's seat: another one there already (S001-27), no power of decision (S001-03).

    `id` is the seat's own, which `roles` may hold already.
    """
    role, department, person = (_text(body, name) for name in ("role", "department", "person"))
    found = []
    if role in ("liaison", "decider"):
        others = {
            seat.person
            for seat in roles.seats(_text(body, "of"))
            if seat.role == role
            and roles.named(seat.department) == roles.named(department)
            and seat.id != id
        } - {person, ""}
        if others:
            names = _(", ").join(safe_text(name) for name in sorted(others))
            words = {
                "liaison": _(
                    "{department} has a liaison here already: {names}.",
                    department=safe_text(department),
                    names=names,
                ),
                "decider": _(
                    "{department} has a decider here already: {names}.",
                    department=safe_text(department),
                    names=names,
                ),
            }
            found.append(words[role])
    if role == "liaison" and person and not roles.decides(person):
        found.append(
            _(
                "{person} has no power of decision; choose somebody who has, a manager first.",
                person=safe_text(person),
            )
        )
    return found


def idle_departments(blocker: Body, tasks: Iterable[Body], roles: Roles, *, id: str) -> list[str]:
    """Who is named as cooperating on a blocker and has no part in its tasks and no seat in it (S004-05).

    `tasks` are those of its round, `id` is its own; before there is a task nobody is idle, the lead never is.
    """
    busy, begun = {_text(blocker, "lead"), *(seat.department for seat in roles.seats(id))}, False
    for task in tasks:
        busy |= {_text(task, "department"), roles.department_of(_text(task, "owner"))}
        busy.update(_texts(task, "departments"))
        begun = True
    taking_part = {roles.named(name) for name in busy}
    named = _texts(blocker, "departments") if begun else []
    return [name for name in named if roles.named(name) not in taking_part]


def idle_hints(departments: Iterable[str]) -> list[str]:
    """The sentence about departments that cooperate on a blocker without any part in it; none for none."""
    names = _(", ").join(safe_text(name) for name in departments)
    if not names:
        return []
    return [
        _(
            "{departments}: cooperating on it with neither a task nor a seat; name only the necessary departments.",
            departments=names,
        )
    ]


def _dates(fields: tuple[FieldSpec, ...], body: Any) -> Iterator[tuple[str, date]]:
    """Every date in a body, with the label of its field."""
    if not isinstance(body, dict):
        return
    for spec in fields:
        if spec.name in _NOTED:
            continue
        value = body.get(spec.name)
        if spec.type in ("date", "when"):
            day = _day(value)
            if day is not None:
                yield _(spec.label), day
        elif spec.type == "row":
            yield from _dates(spec.cells, value)
        elif spec.type == "rows" and isinstance(value, list | tuple):
            for row in value:
                yield from _dates(spec.cells, row)


def _day(value: object) -> date | None:
    if not isinstance(value, str) or not fullmatch(WHEN, value):
        return None
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None


def _text(body: Body, name: str) -> str:
    value = body.get(name)
    return value if isinstance(value, str) else ""


def _texts(body: Body, name: str) -> list[str]:
    """The texts of a list, each once."""
    value = body.get(name)
    found = value if isinstance(value, list | tuple) else ()
    return list(dict.fromkeys(each for each in found if isinstance(each, str) and each))
