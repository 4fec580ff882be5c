"""What holds the work up, from first words to verification."""

from typing import Annotated

from schema.records import fields as f
from schema.records.paper import Paper, Row
from schema.wording import N_


class Effect(Row, frozen=True, kw_only=True):
    """How much the blocker costs whom (S004-03)."""

    on: Annotated[
        str,
        f.word(
            N_("Falls on"),
            business=N_("business"),
            customers=N_("customers"),
            team=N_("team"),
        ),
    ] = ""
    how_much: Annotated[str, f.line(N_("How much"))] = ""


class FirstSaid(Row, frozen=True, kw_only=True):
    """The description that verification compares with; never edited (S004-14)."""

    phenomenon: Annotated[str, f.text(N_("Phenomenon"))] = ""
    essence: Annotated[str, f.text(N_("Essence"))] = ""
    effect: Annotated[tuple[Effect, ...], f.rows(N_("Effect"))] = ()


class Blocker(Paper, frozen=True, kw_only=True):
    """The problem record of the six steps (S004-02, S004-03)."""

    title: Annotated[str, f.line(N_("Blocker"))] = ""
    state: Annotated[
        str,
        f.word(
            N_("State"),
            open=N_("raised"),
            coordinating=N_("being coordinated"),
            resolved=N_("resolved"),
            verified=N_("verified"),
            closed=N_("closed"),
        ),
    ] = ""
    why: Annotated[
        str,
        f.text(N_("Why it is stuck"), help=N_("What keeps the work from going on"), mandatory=True),
    ] = ""
    unblock: Annotated[
        str,
        f.text(N_("What would free it"), help=N_("What is needed, and from whom"), mandatory=True),
    ] = ""
    trigger: Annotated[
        str,
        f.word(
            N_("Trigger"),
            duty=N_("unclear duty"),
            resource=N_("resource conflict"),
            handover=N_("broken hand-over"),
            complaint=N_("complaint of several departments"),
            friction=N_("piled-up friction"),
        ),
    ] = ""
    illness: Annotated[
        str,
        f.word(
            N_("Illness"),
            communication=N_("poor communication"),
            goals=N_("vague goals"),
            duties=N_("unclear duties"),
            information=N_("late information"),
        ),
    ] = ""
    phenomenon: Annotated[str, f.text(N_("Phenomenon"), help=N_("What is seen"))] = ""
    essence: Annotated[str, f.text(N_("Essence"), help=N_("What lies behind it"))] = ""
    effect: Annotated[
        tuple[Effect, ...], f.rows(N_("Effect"), N_("On whom, and how much in numbers"))
    ] = ()
    attributed: Annotated[
        tuple[str, ...], f.depts(N_("Attributed to"), N_("Where the root may lie"))
    ] = ()
    lead: Annotated[
        str, f.dept(N_("Lead department"), N_("First the one that raised it"), own=True)
    ] = ""
    departments: Annotated[
        tuple[str, ...], f.depts(N_("Cooperating departments"), N_("Only the necessary ones"))
    ] = ()
    owner: Annotated[str, f.person(N_("Owner"))] = ""
    source: Annotated[str, f.ref(N_("Comes from"), "task", "request", "milestone")] = ""
    target: Annotated[str, f.line(N_("Goal of the solution"))] = ""
    options: Annotated[tuple[str, ...], f.lines(N_("Feasible options"))] = ()
    verify_on: Annotated[str, f.date(N_("Verify on"))] = ""
    round: Annotated[int, f.whole(N_("Round"), 1, 999)] | None = None
    first_said: (
        Annotated[FirstSaid, f.row(N_("First said"), N_("Copied when it was answered"), once=True)]
        | None
    ) = None
