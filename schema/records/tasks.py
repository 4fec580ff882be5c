"""Who does what by when, and how it goes."""

from typing import Annotated

from schema.records import fields as f
from schema.records.paper import Paper, Row
from schema.records.stages import TASK_STATES
from schema.wording import N_


class Replan(Row, frozen=True, kw_only=True):
    """One change of a task's dates, so that the old ones are kept (S004-13)."""

    at: Annotated[str, f.date(N_("Changed on"))] = ""
    was: Annotated[str, f.when(N_("Old date"))] = ""
    to: Annotated[str, f.when(N_("New date"))] = ""
    why: Annotated[str, f.line(N_("Reason"))] = ""


class Smart(Row, frozen=True, kw_only=True):
    """The five letters of a solution task (S004-09)."""

    s: Annotated[str, f.line(N_("Specific"))] = ""
    m: Annotated[str, f.line(N_("Measurable"))] = ""
    a: Annotated[str, f.line(N_("Achievable"))] = ""
    r: Annotated[str, f.line(N_("Relevant"))] = ""
    t: Annotated[str, f.line(N_("Time-bound"))] = ""


class Task(Paper, frozen=True, kw_only=True):
    """One owner's piece of work with a due time and a standard (S000-09, S000-13)."""

    title: Annotated[str, f.line(N_("Task name"))] = ""
    state: Annotated[str, f.word(N_("State"), **TASK_STATES)] = ""
    source: Annotated[
        str,
        f.ref(
            N_("Comes from"),
            "request",
            "blocker",
            "topic",
            "lesson",
            "risk",
            "milestone",
        ),
    ] = ""
    department: Annotated[str, f.dept(N_("Department"), own=True)] = ""
    departments: Annotated[tuple[str, ...], f.depts(N_("Cooperating departments"))] = ()
    owner: Annotated[str, f.person(N_("Owner"), N_("One task, one owner"))] = ""
    start: Annotated[str, f.date(N_("Start"))] = ""
    due: Annotated[
        str, f.when(N_("Due"), N_("Without an hour it is late from the next midnight"))
    ] = ""
    priority: (
        Annotated[int, f.whole(N_("Priority"), 1, 4, N_("1 is the highest"), default=3)] | None
    ) = None
    standard: Annotated[
        tuple[str, ...],
        f.lines(N_("Delivery standard"), help=N_("Numbers and dates, no vague words")),
    ] = ()
    deliverable: Annotated[str, f.line(N_("Deliverable"))] = ""
    version: Annotated[str, f.line(N_("Version"), 10, N_("Such as V1.2"))] = ""
    phase: Annotated[str, f.line(N_("Phase"))] = ""
    delay_cause: Annotated[
        str, f.text(N_("Cause of delay"), help=N_("Together with what is needed"))
    ] = ""
    need: Annotated[
        str, f.text(N_("Resource to coordinate"), help=N_("Together with the cause"))
    ] = ""
    delay_type: Annotated[
        str,
        f.word(
            N_("Type of delay"),
            people=N_("short of people"),
            resource=N_("short of resources"),
            requirement=N_("requirement changed"),
            upstream=N_("waiting for others"),
            travel=N_("travelling"),
            other=N_("other"),
        ),
    ] = ""
    plan: Annotated[
        tuple[Replan, ...], f.rows(N_("Changes of date"), N_("The old dates stay visible"))
    ] = ()
    smart: Annotated[Smart, f.row(N_("SMART"), N_("For tasks that solve a blocker"))] | None = None


class Progress(Paper, frozen=True, kw_only=True):
    """One line a day on a task, a record of its own so that two cannot collide (S003-11)."""

    of: Annotated[str, f.ref(N_("Task"), "task")] = ""
    day: Annotated[str, f.date(N_("Day"))] = ""
    did: Annotated[str, f.line(N_("Work done"))] = ""
    next: Annotated[str, f.line(N_("Next step"))] = ""
    says: Annotated[
        str,
        f.word(
            N_("Progress state"),
            todo=N_("not started"),
            doing=N_("in progress"),
            done=N_("done"),
            late=N_("late"),
        ),
    ] = ""
    percent: Annotated[int, f.whole(N_("Share done"), 0, 100, unit="%")] | None = None
    delay_cause: Annotated[
        str, f.line(N_("Cause of delay"), help=N_("Needed when it says late"))
    ] = ""
    need: Annotated[
        str, f.line(N_("Resource to coordinate"), help=N_("Needed when it says late"))
    ] = ""


class Comment(Paper, frozen=True, kw_only=True):
    """What somebody says about a record, or to the whole project (S002-03)."""

    of: Annotated[str, f.ref(N_("About"), help=N_("Empty: the project's feed"))] = ""
    type: Annotated[
        str,
        f.word(
            N_("Type"),
            comment=N_("comment"),
            answer=N_("answer"),
            announcement=N_("announcement"),
            praise=N_("praise"),
            criticism=N_("criticism"),
            award=N_("award"),
        ),
    ] = ""
    text: Annotated[str, f.text(N_("Text"))] = ""
    about: Annotated[tuple[str, ...], f.persons(N_("Persons concerned"))] = ()
    departments: Annotated[tuple[str, ...], f.depts(N_("Cooperating departments"))] = ()
