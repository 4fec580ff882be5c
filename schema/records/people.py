"""Who works together, and by which rules."""

from typing import Annotated

from msgspec import field

from schema.records import fields as f
from schema.records.paper import Paper, Row
from schema.wording import N_


class Department(Paper, frozen=True, kw_only=True):
    """A department; its name is the key, its title what is shown."""

    title: Annotated[str, f.line(N_("Shown name"), 20)] = ""
    name: Annotated[
        str,
        f.line(
            N_("Department name"),
            20,
            N_("The key that other papers use; it never changes"),
            mandatory=True,
            immutable=True,
        ),
    ] = ""
    head: Annotated[str, f.person(N_("Head of department"))] = ""
    parent: Annotated[str, f.dept(N_("Parent department"))] = ""
    aliases: Annotated[
        tuple[str, ...], f.lines(N_("Also called"), help=N_("Other names of the same department"))
    ] = ()
    contact: Annotated[str, f.line(N_("Contact"))] = ""
    active: (
        Annotated[bool, f.flag(N_("In use"), N_("No: it is not offered any more; empty means yes"))]
        | None
    ) = None


class Away(Row, frozen=True, kw_only=True):
    """An absence, both days included, and who acts meanwhile."""

    from_: Annotated[str, f.date(N_("Away from"))] = field(name="from", default="")
    until: Annotated[str, f.date(N_("Away until"))] = ""
    deputy: Annotated[str, f.person(N_("Deputy"))] = ""


class Person(Paper, frozen=True, kw_only=True):
    """A person, or a post that nobody is named for yet (S000-39)."""

    title: Annotated[str, f.line(N_("Shown name"), 30)] = ""
    name: Annotated[
        str,
        f.line(
            N_("Full name"),
            30,
            N_("The key that other papers use; *post stands for somebody not named yet"),
            mandatory=True,
            immutable=True,
        ),
    ] = ""
    post: Annotated[str, f.line(N_("Post"), 20)] = ""
    department: Annotated[str, f.dept(N_("Department"), own=True)] = ""
    contact: Annotated[str, f.line(N_("Internal account"))] = ""
    superior: Annotated[str, f.person(N_("Superior"))] = ""
    member: Annotated[
        str, f.line(N_("Member"), help=N_("The hub's id of the member; empty: not a member"))
    ] = ""
    decides: (
        Annotated[bool, f.flag(N_("Decision maker"), N_("Decides for the department"))] | None
    ) = None
    away: Annotated[Away, f.row(N_("Away"), N_("The deputy answers and is asked"))] | None = None
    left: Annotated[str, f.date(N_("Left on"))] = ""
    successor: Annotated[str, f.person(N_("Successor"))] = ""


class Policy(Paper, frozen=True, kw_only=True):
    """One rule of the workspace that coordinators may change (S000-41)."""

    key: Annotated[
        str,
        f.line(
            N_("Policy key"),
            help=N_("For example warn or number.task"),
            mandatory=True,
            immutable=True,
        ),
    ] = ""
    amount: Annotated[str, f.number(N_("Amount"))] = ""
    unit: Annotated[
        str,
        f.word(
            N_("Unit"),
            minutes=N_("minutes"),
            hours=N_("hours on the clock"),
            working_hours=N_("working hours"),
            days=N_("days"),
            working_days=N_("working days"),
            count=N_("count"),
            text=N_("text"),
        ),
    ] = ""
    roll: Annotated[
        str,
        f.word(
            N_("On a day off"),
            none=N_("stays"),
            next=N_("next working day"),
            previous=N_("previous working day"),
        ),
    ] = ""
    value: Annotated[str, f.text(N_("Value"))] = ""
    source: Annotated[str, f.line(N_("From the guide"), help=N_("The guide's row, S000-14"))] = ""


class Seat(Paper, frozen=True, kw_only=True):
    """Who stands for a department, and as what: a row of the 角色分工表, a member of a group, a guest of a meeting (S000-06, S000-08)."""

    of: Annotated[
        str, f.ref(N_("Belongs to"), "project", "request", "blocker", "meeting", mandatory=True)
    ] = ""
    department: Annotated[str, f.dept(N_("Department"), own=True)] = ""
    person: Annotated[str, f.person(N_("Person"))] = ""
    layer: Annotated[
        str,
        f.word(
            N_("Layer"),
            decision=N_("decision layer"),
            execution=N_("execution layer"),
            support=N_("support layer"),
        ),
    ] = ""
    role: Annotated[
        str,
        f.word(
            N_("Seated as"),
            liaison=N_("liaison"),
            decider=N_("decider"),
            host=N_("host"),
            recorder=N_("recorder"),
            speaker=N_("speaker"),
            member=N_("participant"),
            delegate=N_("delegate"),
            cc=N_("gets the minutes"),
        ),
    ] = ""
    duty: Annotated[str, f.text(N_("Duty text"), help=N_("What this person answers for"))] = ""
    present: Annotated[
        str,
        f.word(N_("Present"), unknown=N_("not known"), yes=N_("present"), no=N_("absent")),
    ] = ""
    delegate: Annotated[
        str, f.person(N_("Authorised delegate"), N_("Who speaks for somebody absent"))
    ] = ""
    opinion: Annotated[
        str, f.text(N_("First opinion"), help=N_("Collected before the meeting"))
    ] = ""


class Calendar(Paper, frozen=True, kw_only=True):
    """The official days off of a year; it replaces what is shipped for that year."""

    year: Annotated[int, f.whole(N_("Year"), 1900, 2999, mandatory=True, immutable=True)] = 0
    region: Annotated[str, f.line(N_("Region"))] = ""
    off: Annotated[tuple[str, ...], f.dates(N_("Days off"), N_("Weekdays nobody works"))] = ()
    work: Annotated[
        tuple[str, ...], f.dates(N_("Make-up days"), N_("Weekend days worked in their stead"))
    ] = ()
    published: (
        Annotated[bool, f.flag(N_("Published"), N_("Yes: these are official; empty means a guess"))]
        | None
    ) = None
    source: Annotated[str, f.line(N_("Published by"), help=N_("The notice it is from"))] = ""
