"""What is to be reached, by when, and what waits for what."""

from typing import Annotated

from msgspec import field

from schema.records import fields as f
from schema.records.paper import Paper
from schema.wording import N_

SCENARIO = f.word(
    N_("Scenario"),
    launch=N_("new product launch"),
    strategy=N_("yearly strategy"),
    hardproject=N_("cross-department hard project"),
    event=N_("major event"),
    joint=N_("joint project"),
    resource=N_("resource coordination"),
    problem=N_("problem solving"),
    process=N_("process improvement"),
)


class Project(Paper, frozen=True, kw_only=True):
    """A project of several departments; with its milestones and duties the 协作目标说明书 (S000-04)."""

    title: Annotated[str, f.line(N_("Project name"))] = ""
    state: Annotated[
        str,
        f.word(
            N_("State"),
            draft=N_("draft"),
            agreed=N_("agreed"),
            running=N_("running"),
            accepting=N_("being accepted"),
            closed=N_("closed"),
            dropped=N_("dropped"),
        ),
    ] = ""
    scenario: Annotated[str, SCENARIO] = ""
    initiator: Annotated[str, f.dept(N_("Initiating department"), own=True)] = ""
    departments: Annotated[
        tuple[str, ...],
        f.depts(N_("Cooperating departments"), N_("At most 5 core departments")),
    ] = ()
    goal: Annotated[str, f.text(N_("Goal"))] = ""
    deliverable: Annotated[str, f.text(N_("Deliverable"))] = ""
    standard: Annotated[
        tuple[str, ...],
        f.lines(N_("Delivery standard"), help=N_("Numbers and dates, no vague words")),
    ] = ()
    start: Annotated[str, f.date(N_("Start"))] = ""
    due: Annotated[str, f.date(N_("Due"))] = ""
    ended: Annotated[str, f.date(N_("Ended"))] = ""
    retro: Annotated[
        str, f.word(N_("Retrospective"), required=N_("required"), optional=N_("optional"))
    ] = ""
    priority: Annotated[int, f.whole(N_("Priority"), 1, 4, N_("1 is the highest"))] | None = None


class Milestone(Paper, frozen=True, kw_only=True):
    """A date and the state that is reached by it (S000-04)."""

    state: Annotated[
        str,
        f.word(N_("State"), open=N_("not reached"), reached=N_("reached"), dropped=N_("dropped")),
    ] = ""
    due: Annotated[str, f.when(N_("Due"))] = ""
    department: Annotated[str, f.dept(N_("Department"), own=True)] = ""
    reached_when: Annotated[
        str, f.text(N_("Reached when"), help=N_("The state that is reached"))
    ] = ""
    reached: Annotated[str, f.date(N_("Reached on"))] = ""


class Dependency(Paper, frozen=True, kw_only=True):
    """One paper that waits for another (S000-10, S000-31)."""

    before: Annotated[
        str,
        f.ref(
            N_("Comes first"),
            "task",
            "milestone",
            "request",
            "blocker",
            mandatory=True,
            immutable=True,
        ),
    ] = ""
    after: Annotated[
        str,
        f.ref(N_("Waits"), "task", "milestone", "request", mandatory=True, immutable=True),
    ] = ""
    condition: Annotated[
        str, f.line(N_("Condition"), help=N_("Such as: the final version of the manual"))
    ] = ""
    lag: Annotated[int, f.whole(N_("Lag"), -250, 250, unit=N_("working days"))] | None = None


class Duty(Paper, frozen=True, kw_only=True):
    """What a department answers for: in a project, a request or a blocker, or standing as its 职责说明书 (S000-04, S002-08)."""

    state: Annotated[
        str,
        f.word(
            N_("State"),
            draft=N_("draft"),
            agreed=N_("agreed"),
            ruled=N_("ruled"),
            retired=N_("no longer valid"),
        ),
    ] = ""
    of: Annotated[
        str,
        f.ref(N_("Belongs to"), "project", "request", "blocker", help=N_("Empty: a standing duty")),
    ] = ""
    department: Annotated[str, f.dept(N_("Department"), own=True)] = ""
    scope: Annotated[str, f.line(N_("Scope"))] = ""
    content: Annotated[
        tuple[str, ...], f.lines(N_("Content"), help=N_("One line a thing, each led by one"))
    ] = ()
    process: Annotated[str, f.text(N_("Process"))] = ""
    standard: Annotated[
        tuple[str, ...],
        f.lines(N_("Delivery standard"), help=N_("Numbers and dates, no vague words")),
    ] = ()
    part: Annotated[
        str,
        f.word(
            N_("Part"),
            leads=N_("leads"),
            supports=N_("supports"),
            decides=N_("decides"),
            first=N_("first responsible"),
        ),
    ] = ""
    phase: Annotated[str, f.line(N_("Phase"))] = ""
    basis: Annotated[str, f.text(N_("Reason of the ruling"))] = ""
    ruled_by: Annotated[str, f.person(N_("Ruled by"))] = ""
    meeting: Annotated[str, f.ref(N_("Meeting"), "meeting")] = ""


class Risk(Paper, frozen=True, kw_only=True):
    """What may go wrong, and what is done then (S000-12)."""

    state: Annotated[
        str,
        f.word(N_("State"), open=N_("watched"), triggered=N_("triggered"), closed=N_("over")),
    ] = ""
    of: Annotated[str, f.ref(N_("Belongs to"), "project", "task", "request", "topic")] = ""
    description: Annotated[str, f.line(N_("Description"))] = ""
    effect: Annotated[str, f.text(N_("Knock-on effect"))] = ""
    trigger: Annotated[str, f.line(N_("Triggered when"))] = ""
    response: Annotated[str, f.text(N_("Counter-measure"))] = ""
    respond_by: Annotated[str, f.when(N_("Respond by"))] = ""
    owner: Annotated[str, f.person(N_("Owner"))] = ""
    likelihood: Annotated[int, f.whole(N_("Likelihood"), 1, 3, N_("3 is the likeliest"))] | None = (
        None
    )
    impact: Annotated[int, f.whole(N_("Impact"), 1, 3, N_("3 is the gravest"))] | None = None


class Resource(Paper, frozen=True, kw_only=True):
    """What a department needs from another, what was ruled and what was given (S000-11, S000-20, S002-12)."""

    state: Annotated[
        str,
        f.word(
            N_("State"),
            open=N_("wanted"),
            claimed=N_("claims gathered"),
            ruled=N_("ruled"),
            given=N_("given"),
            dropped=N_("dropped"),
        ),
    ] = ""
    of: Annotated[str, f.ref(N_("Belongs to"), "project", "task", "request", "blocker")] = ""
    department: Annotated[str, f.dept(N_("Department"), own=True)] = ""
    from_: Annotated[str, f.dept(N_("From department"))] = field(name="from", default="")
    type: Annotated[
        str,
        f.word(
            N_("Type"),
            people=N_("people"),
            money=N_("money"),
            material=N_("material"),
            equipment=N_("equipment"),
            venue=N_("venue"),
            training=N_("training"),
            other=N_("other"),
        ),
    ] = ""
    what: Annotated[str, f.line(N_("What is needed"))] = ""
    amount: Annotated[str, f.number(N_("Amount"))] = ""
    unit: Annotated[str, f.line(N_("Counted in"), 10)] = ""
    start: Annotated[str, f.date(N_("Start"))] = ""
    due: Annotated[str, f.date(N_("Due"))] = ""
    urgency: Annotated[int, f.whole(N_("Urgency"), 1, 4, N_("1 is the most urgent"))] | None = None
    contest: Annotated[
        str, f.line(N_("Contested thing"), help=N_("The same word for the same thing"))
    ] = ""
    provider: Annotated[
        str, f.word(N_("Provider"), internal=N_("internal"), external=N_("external"))
    ] = ""
    given: Annotated[str, f.number(N_("Amount given"))] = ""
    given_on: Annotated[str, f.date(N_("Given on"))] = ""
    outcome: Annotated[
        str,
        f.word(
            N_("Ruling"),
            granted=N_("granted"),
            partly=N_("partly granted"),
            refused=N_("not granted"),
        ),
    ] = ""
    basis: Annotated[
        str,
        f.word(N_("Weighed by"), priority=N_("strategic priority"), urgency=N_("urgency")),
    ] = ""
    basis_note: Annotated[str, f.text(N_("Note on the ruling"))] = ""
    ruled_by: Annotated[str, f.person(N_("Ruled by"))] = ""
