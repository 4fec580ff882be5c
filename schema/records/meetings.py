"""Meetings and what is said in them."""

from typing import Annotated

from schema.records import fields as f
from schema.records.paper import Paper, Row
from schema.wording import N_


class Preparation(Row, frozen=True, kw_only=True):
    """What one department brings, and by when (S001-11)."""

    what: Annotated[str, f.line(N_("To prepare"))] = ""
    department: Annotated[str, f.dept(N_("Department"))] = ""
    due: Annotated[str, f.when(N_("Due"))] = ""


class Meeting(Paper, frozen=True, kw_only=True):
    """A meeting from notice to confirmed minutes (S001-08, S001-11, S001-21)."""

    title: Annotated[str, f.line(N_("Subject"))] = ""
    state: Annotated[
        str,
        f.word(
            N_("State"),
            draft=N_("draft"),
            noticed=N_("noticed"),
            running=N_("running"),
            closed=N_("closed"),
            minuted=N_("minutes sent"),
            confirmed=N_("confirmed"),
            cancelled=N_("cancelled"),
        ),
    ] = ""
    type: Annotated[
        str,
        f.word(
            N_("Type"),
            alignment=N_("alignment"),
            consensus=N_("consensus"),
            weekly=N_("weekly meeting"),
            sync=N_("sync"),
            topic=N_("topic"),
            emergency=N_("emergency"),
            acceptance=N_("acceptance"),
            retro=N_("retrospective"),
            review=N_("review"),
            other=N_("other"),
        ),
    ] = ""
    goal: Annotated[str, f.line(N_("Goal"))] = ""
    gate: Annotated[
        str,
        f.word(
            N_("Why a meeting"),
            N_("None of these: a document does it"),
            complex=N_("complex, face to face"),
            decision=N_("several decide at once"),
            confirmation=N_("confirmed by talking"),
        ),
    ] = ""
    form: Annotated[
        str,
        f.word(N_("Form"), offline=N_("in a room"), online=N_("online"), hybrid=N_("hybrid")),
    ] = ""
    place: Annotated[str, f.line(N_("Place"))] = ""
    link: Annotated[str, f.line(N_("Link to join"), 200)] = ""
    start: Annotated[str, f.when(N_("Start"))] = ""
    minutes: Annotated[int, f.whole(N_("Length"), 1, 1_440, unit=N_("min"))] | None = None
    about: Annotated[tuple[str, ...], f.refs(N_("Papers concerned"))] = ()
    departments: Annotated[tuple[str, ...], f.depts(N_("Cooperating departments"))] = ()
    prepare: Annotated[
        tuple[Preparation, ...], f.rows(N_("Preparation"), N_("Each with its own date"))
    ] = ()
    material_due: Annotated[str, f.when(N_("Material by"))] = ""
    began: Annotated[str, f.when(N_("Began"))] = ""
    ended: Annotated[str, f.when(N_("Ended"))] = ""
    opening: Annotated[int, f.whole(N_("Opening"), 0, 240, unit=N_("min"))] | None = None
    closing: Annotated[int, f.whole(N_("Closing"), 0, 240, unit=N_("min"))] | None = None
    summary: Annotated[str, f.text(N_("Summary"))] = ""
    next: Annotated[str, f.text(N_("Next step"))] = ""


class Demand(Row, frozen=True, kw_only=True):
    """What one side of a dispute insists on (S001-17)."""

    department: Annotated[str, f.dept(N_("Department"))] = ""
    demand: Annotated[str, f.line(N_("Core demand"))] = ""


class Dispute(Row, frozen=True, kw_only=True):
    """What stays open after a meeting, who follows it and until when (S001-17)."""

    divergence: Annotated[str, f.text(N_("Divergence"))] = ""
    demands: Annotated[tuple[Demand, ...], f.rows(N_("Core demands"))] = ()
    how: Annotated[str, f.line(N_("How it goes on"))] = ""
    owner: Annotated[str, f.person(N_("Owner"))] = ""
    due: Annotated[str, f.when(N_("Due"))] = ""


class Topic(Paper, frozen=True, kw_only=True):
    """One line of an agenda, and what came of it (S001-11, S001-30)."""

    state: Annotated[
        str,
        f.word(
            N_("State"),
            planned=N_("planned"),
            running=N_("running"),
            decided=N_("decided"),
            disputed=N_("disputed"),
            shelved=N_("shelved"),
            parked=N_("parked"),
        ),
    ] = ""
    of: Annotated[str, f.ref(N_("Belongs to"), "meeting")] = ""
    order: Annotated[int, f.whole(N_("Order"), 1, 999)] | None = None
    content: Annotated[str, f.text(N_("Content"))] = ""
    owner: Annotated[str, f.person(N_("Owner"))] = ""
    department: Annotated[str, f.dept(N_("Department"), own=True)] = ""
    minutes: Annotated[int, f.whole(N_("Length"), 1, 1_440, unit=N_("min"))] | None = None
    output: Annotated[str, f.line(N_("Output"))] = ""
    criterion: Annotated[
        str, f.line(N_("Decision criterion"), help=N_("By what it is decided"))
    ] = ""
    contested: (
        Annotated[bool, f.flag(N_("Contested"), N_("Talk to the key liaison before"))] | None
    ) = None
    now: Annotated[str, f.line(N_("Current progress"))] = ""
    problem: Annotated[str, f.line(N_("Open problem"))] = ""
    decide: Annotated[str, f.line(N_("Decision wanted"))] = ""
    spent: Annotated[int, f.whole(N_("Time spent"), 0, 1_440, unit=N_("min"))] | None = None
    conclusion: Annotated[str, f.text(N_("Conclusion"))] = ""
    dispute: Annotated[Dispute, f.row(N_("Dispute"), N_("Where nothing was agreed"))] | None = None
