"""How it came out: acceptance, reports, what was learnt, and who signed."""

from typing import Annotated

from schema.records import fields as f
from schema.records.paper import Paper, Row
from schema.records.plan import SCENARIO
from schema.wording import N_


class Report(Paper, frozen=True, kw_only=True):
    """A weekly report, a retrospective or a feedback sheet (S003-12, S000-26, S004-17)."""

    state: Annotated[str, f.word(N_("State"), draft=N_("draft"), submitted=N_("submitted"))] = ""
    type: Annotated[
        str,
        f.word(
            N_("Type"),
            weekly=N_("weekly report"),
            retro=N_("retrospective"),
            feedback=N_("feedback"),
        ),
    ] = ""
    of: Annotated[str, f.ref(N_("Belongs to"), "project", "request", "milestone", "blocker")] = ""
    department: Annotated[str, f.dept(N_("Department"), own=True)] = ""
    week: Annotated[str, f.line(N_("Week"), 10, N_("Such as 2026-W47"))] = ""
    did: Annotated[tuple[str, ...], f.lines(N_("Work done"))] = ()
    next: Annotated[tuple[str, ...], f.lines(N_("Next step"))] = ()
    risks: Annotated[tuple[str, ...], f.lines(N_("Risks"))] = ()
    needs: Annotated[tuple[str, ...], f.lines(N_("Support wanted"))] = ()
    held_on: Annotated[str, f.date(N_("Held on"))] = ""
    attendees: Annotated[tuple[str, ...], f.persons(N_("Attendees"))] = ()


class Checked(Row, frozen=True, kw_only=True):
    """One line of the standard, and whether it is met."""

    standard: Annotated[str, f.line(N_("Delivery standard"))] = ""
    met: Annotated[
        str, f.word(N_("Met"), yes=N_("met"), no=N_("not met"), partly=N_("partly met"))
    ] = ""
    evidence: Annotated[str, f.line(N_("Evidence"))] = ""


class Acceptance(Paper, frozen=True, kw_only=True):
    """A self-check, a verdict, the signed sheet of a project, or the verification of a blocker (S003-15, S003-16, S004-14)."""

    state: Annotated[str, f.word(N_("State"), draft=N_("draft"), submitted=N_("submitted"))] = ""
    type: Annotated[
        str,
        f.word(
            N_("Type"),
            selfcheck=N_("self-check"),
            verdict=N_("verdict"),
            sheet=N_("acceptance sheet"),
            blocker=N_("verification of a blocker"),
        ),
    ] = ""
    of: Annotated[str, f.ref(N_("Belongs to"), "request", "project", "blocker", "task")] = ""
    department: Annotated[str, f.dept(N_("Department"), own=True)] = ""
    round: Annotated[int, f.whole(N_("Round"), 1, 999)] | None = None
    lines: Annotated[
        tuple[Checked, ...], f.rows(N_("Checked"), N_("Line by line against the standard"))
    ] = ()
    result: Annotated[
        str,
        f.word(
            N_("Result"),
            **{"pass": N_("passed")},
            rework=N_("to be reworked"),
            fail=N_("not passed"),
            solved=N_("solved"),
            partly=N_("partly solved"),
            unsolved=N_("unsolved"),
        ),
    ] = ""
    rework_due: Annotated[str, f.date(N_("Rework by"))] = ""
    next_round: Annotated[str, f.ref(N_("Next round"), "acceptance")] = ""


class Variant(Row, frozen=True, kw_only=True):
    """What a department means by the term (S001-26)."""

    department: Annotated[str, f.dept(N_("Department"))] = ""
    meaning: Annotated[str, f.line(N_("Meaning there"))] = ""


class Lesson(Paper, frozen=True, kw_only=True):
    """What is to be known the next time: a line of a retrospective, a case, a flow, a term (S000-26, S002-14, S004-18)."""

    state: Annotated[
        str,
        f.word(N_("State"), draft=N_("draft"), shared=N_("shared"), retired=N_("no longer valid")),
    ] = ""
    type: Annotated[
        str,
        f.word(
            N_("Type"),
            highlight=N_("highlight"),
            improve=N_("to improve"),
            reusable=N_("reusable experience"),
            flow=N_("standard flow"),
            case=N_("case"),
            term=N_("term"),
        ),
    ] = ""
    of: Annotated[str, f.ref(N_("Belongs to"), "report", "blocker", "project")] = ""
    text: Annotated[str, f.text(N_("Text"))] = ""
    scenario: Annotated[str, SCENARIO] = ""
    figure: Annotated[str, f.line(N_("Figure"), help=N_("Such as: rework -80%"))] = ""
    factors: Annotated[tuple[str, ...], f.lines(N_("Key success factors"))] = ()
    cautions: Annotated[tuple[str, ...], f.lines(N_("Cautions"))] = ()
    rule: Annotated[str, f.line(N_("Rule to revise"), help=N_("Where a rule has a gap"))] = ""
    rule_department: Annotated[str, f.dept(N_("Department of the rule"))] = ""
    variants: Annotated[
        tuple[Variant, ...], f.rows(N_("Variants"), N_("The same term, measured otherwise"))
    ] = ()
    steps: Annotated[tuple[str, ...], f.lines(N_("Steps"))] = ()


class Signoff(Paper, frozen=True, kw_only=True):
    """One person's word on one version of a paper: given once, by nobody else, never changed (S001-22, S003-07)."""

    of: Annotated[str, f.ref(N_("Belongs to"), mandatory=True, immutable=True)] = ""
    of_dot: Annotated[
        str, f.line(N_("Version seen"), help=N_("The edit that was signed"), immutable=True)
    ] = ""
    baseline: (
        Annotated[
            int,
            f.whole(N_("Baseline"), 0, 9_999, N_("The baseline that was signed"), immutable=True),
        ]
        | None
    ) = None
    meaning: Annotated[
        str,
        f.word(
            N_("Meaning"),
            receipt=N_("received"),
            agree=N_("agrees"),
            object=N_("objects"),
            sign=N_("signs"),
            accept=N_("accepts"),
            confirm=N_("confirms"),
            feedback=N_("feedback"),
        ),
    ] = ""
    department: Annotated[str, f.dept(N_("Department"), own=True)] = ""
    text: Annotated[
        str, f.text(N_("Text"), help=N_("Needed for an objection and for feedback"))
    ] = ""
