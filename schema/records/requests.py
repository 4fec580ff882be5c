"""What one department asks of others."""

from typing import Annotated

from schema.records import fields as f
from schema.records.paper import Paper, Row
from schema.records.plan import SCENARIO
from schema.wording import N_


class Item(Row, frozen=True, kw_only=True):
    """What one department is asked to do (S003-24)."""

    department: Annotated[str, f.dept(N_("Department"))] = ""
    content: Annotated[str, f.line(N_("Content"))] = ""


class Stage(Row, frozen=True, kw_only=True):
    """A freely named stage and its date (S003-26, S003-31)."""

    title: Annotated[str, f.line(N_("Stage"), 20)] = ""
    due: Annotated[str, f.date(N_("Due"))] = ""


class SideOwner(Row, frozen=True, kw_only=True):
    """Who speaks for one side (S003-27)."""

    department: Annotated[str, f.dept(N_("Department"))] = ""
    person: Annotated[str, f.person(N_("Liaison"))] = ""


class Request(Paper, frozen=True, kw_only=True):
    """The 跨部门协作需求表 (S003-03)."""

    title: Annotated[str, f.line(N_("Request name"), 20)] = ""
    state: Annotated[
        str,
        f.word(
            N_("State"),
            draft=N_("draft"),
            sent=N_("sent"),
            consensus=N_("being agreed"),
            signed=N_("signed"),
            executing=N_("executing"),
            accepted=N_("accepted"),
            confirmed=N_("confirmed"),
            closed=N_("closed"),
            returned=N_("returned"),
            dropped=N_("dropped"),
        ),
    ] = ""
    scenario: Annotated[str, SCENARIO] = ""
    initiator: Annotated[str, f.dept(N_("Initiating department"), own=True)] = ""
    departments: Annotated[tuple[str, ...], f.depts(N_("Cooperating departments"))] = ()
    goal: Annotated[
        str, f.text(N_("Background and goal"), 100, N_("Why, and what is to be reached"))
    ] = ""
    items: Annotated[
        tuple[Item, ...], f.rows(N_("Work wanted"), N_("One row a department, no vague words"))
    ] = ()
    standard: Annotated[
        tuple[str, ...],
        f.lines(N_("Delivery standard"), help=N_("Function, quality, documents; in numbers")),
    ] = ()
    stages: Annotated[tuple[Stage, ...], f.rows(N_("Stages"), N_("Each with its date"))] = ()
    owners: Annotated[tuple[SideOwner, ...], f.rows(N_("Owners of each side"))] = ()
    due: Annotated[str, f.date(N_("Due"), N_("The date of the last stage"))] = ""
    risk: Annotated[str, f.text(N_("Risk"))] = ""
    priority: Annotated[int, f.whole(N_("Priority"), 1, 4, N_("1 is the highest"))] | None = None
    baseline: (
        Annotated[
            int, f.whole(N_("Baseline"), 0, 9_999, N_("Grows when a signed request is changed"))
        ]
        | None
    ) = None
