"""Whether a blocker is gone, and what is learnt from it (S004, steps 5 and 6)."""

from __future__ import annotations

from collections.abc import Iterator

from schema.rules.owed.blockers import (
    blockers,
    departments,
    leaders,
    owners,
    tasks,
    verifications,
)
from schema.rules.steps import feedback_sheet, round_of, solution, verification
from schema.rules.world import Open, Paper, Turn, World, Write
from schema.wording import _


def _newest(world: World, blocker: Paper) -> Paper | None:
    """The verification of this round that counts: one that says unsolved, else the newest."""
    of_now = [
        each
        for each in verifications(world, blocker)
        if round_of(each.body) == round_of(blocker.body)
    ]
    return max(
        of_now,
        key=lambda each: (each.text("result") == "unsolved", each.said, each.id),
        default=None,
    )


def _followed(world: World, blocker: Paper, since: Paper) -> list[Paper]:
    return [task for task in tasks(world, blocker) if task.said > since.said]


def verify(world: World) -> Iterator[Turn]:
    """Compared with what was first said, once it is resolved and its day has come (S004-14, S004-16)."""
    for blocker in blockers(world, "resolved"):
        day = blocker.day("verify_on")
        if day is not None and day > world.today:
            continue
        newest = _newest(world, blocker)
        if newest is None:
            why = _("Resolved: compare with what was first said")
        elif newest.text("result") == "partly" and _all_done(_followed(world, blocker, newest)):
            why = _("What followed is done: is it solved now?")
        else:
            continue
        drafts = [
            each
            for each in world.pointing("acceptance", "of", blocker)
            if each.text("type") == "blocker"
            and each.state != "submitted"
            and round_of(each.body) == round_of(blocker.body)
        ]
        yield Turn(
            paper=blocker,
            to=world.initiators(blocker),
            why=why,
            step=Open("acceptance", drafts[0].id, "state")
            if drafts
            else Write("acceptance", verification(blocker.body, blocker.id)),
            key="" if newest is None else newest.id,
            ends=world.end_of(blocker.text("verify_on")),
        )


def _all_done(tasks: list[Paper]) -> bool:
    return bool(tasks) and all(task.state == "done" for task in tasks)


def restart(world: World) -> Iterator[Turn]:
    """What is not solved begins again at step 1, in the next round (S004-16)."""
    for blocker in blockers(world, "coordinating", "resolved", "verified"):
        newest = _newest(world, blocker)
        if newest is not None and newest.text("result") == "unsolved":
            n = round_of(blocker.body)
            yield Turn(
                paper=blocker,
                to=leaders(world, blocker),
                why=_(
                    "Verified as unsolved in round {n}: open it again as round {next}",
                    n=n,
                    next=n + 1,
                ),
                step=Open("blocker", blocker.id, "round"),
                key=newest.id,
            )


def follow(world: World) -> Iterator[Turn]:
    """What is partly solved is followed by a task (S004-16)."""
    for blocker in blockers(world, "coordinating", "resolved", "verified"):
        newest = _newest(world, blocker)
        if newest is None or newest.text("result") != "partly":
            continue
        if not _followed(world, blocker, newest):
            yield Turn(
                paper=blocker,
                to=owners(world, blocker),
                why=_("Verified as partly solved, and no task follows"),
                step=Write("task", solution(blocker.body, blocker.id)),
                key=newest.id,
            )


def verified(world: World) -> Iterator[Paper]:
    """The blockers that are verified, by their state or by a verification that says solved."""
    yield from blockers(world, "verified")
    for blocker in blockers(world, "resolved"):
        newest = _newest(world, blocker)
        if newest is not None and newest.text("result") == "solved":
            yield blocker


def conclude(world: World) -> Iterator[Turn]:
    """What was verified as solved is said to be (S004-16)."""
    for blocker in blockers(world, "resolved"):
        newest = _newest(world, blocker)
        if newest is not None and newest.text("result") == "solved":
            yield Turn(
                paper=blocker,
                to=world.initiators(blocker),
                why=_("Verified as solved, but still called resolved"),
                step=Open("blocker", blocker.id, "state"),
            )


def feedback(world: World) -> Iterator[Turn]:
    """Every department touched says how it went (S004-15)."""
    for blocker in verified(world):
        for department in _silent(world, blocker):
            yield Turn(
                paper=blocker,
                to=world.liaisons(department, blocker.project),
                why=_("Verified, and {department} has not said how it went", department=department),
                step=Write(
                    "signoff",
                    {
                        "of": blocker.id,
                        "of_dot": blocker.dot,
                        "meaning": "feedback",
                        "department": department,
                    },
                ),
                key=department,
            )


def _silent(world: World, blocker: Paper) -> list[str]:
    """The departments touched, those of its tasks too, that have not said how it went."""
    said = {
        world.roles.named(each.text("department"))
        for each in world.pointing("signoff", "of", blocker)
        if each.text("meaning") == "feedback"
    }
    touched = [*departments(blocker), *(task.text("department") for task in tasks(world, blocker))]
    named = dict.fromkeys(world.roles.named(name) for name in touched if name)
    return [department for department in named if department not in said]


def sheet(world: World) -> Iterator[Turn]:
    """The 反馈与改进记录表 of a verified blocker (S004-17)."""
    for blocker in verified(world):
        reports = _sheets(world, blocker)
        if any(report.state == "submitted" for report in reports):
            continue
        said = [
            (each.author, each.body)
            for each in sorted(
                world.pointing("signoff", "of", blocker), key=lambda each: (each.said, each.id)
            )
        ]
        begun = feedback_sheet(blocker.body, blocker.id, said, whole=not _silent(world, blocker))
        yield Turn(
            paper=blocker,
            to=leaders(world, blocker),
            why=_("Verified, and its feedback sheet is not submitted"),
            step=Open("report", reports[0].id, "state") if reports else Write("report", begun),
        )


def _sheets(world: World, blocker: Paper) -> list[Paper]:
    return [
        report
        for report in world.pointing("report", "of", blocker)
        if report.text("type") == "feedback"
    ]


def lesson(world: World) -> Iterator[Turn]:
    """What was learnt is shared (S004-18, S004-19)."""
    for blocker in verified(world):
        reports = [each for each in _sheets(world, blocker) if each.state == "submitted"]
        if not reports:
            continue
        lessons = [
            each for of in (*reports, blocker) for each in world.pointing("lesson", "of", of)
        ]
        if any(each.state == "shared" for each in lessons):
            continue
        drafts = [each for each in lessons if each.state != "retired"]
        begun: dict[str, object] = {
            "of": reports[0].id,
            "type": "improve",
            "state": "shared",
            "project": blocker.project,
        }
        yield Turn(
            paper=blocker,
            to=leaders(world, blocker),
            why=_("The feedback sheet is in, and nothing is shared from it"),
            step=Open("lesson", drafts[0].id, "state")
            if drafts
            else Write("lesson", {name: value for name, value in begun.items() if value}),
        )


def revise(world: World) -> Iterator[Turn]:
    """A gap in a rule becomes a task of the department that the rule belongs to (S004-19)."""
    for each in world.of_kind("lesson"):
        rule = each.text("rule")
        if not rule or each.state == "retired" or world.pointing("task", "source", each):
            continue
        department = each.text("rule_department")
        begun: dict[str, object] = {
            "title": rule,
            "source": each.id,
            "project": each.project,
            "department": department,
        }
        yield Turn(
            paper=each,
            to=world.liaisons(department, each.project),
            why=_("A rule has a gap and no task revises it: {rule}", rule=rule),
            step=Write("task", {name: value for name, value in begun.items() if value}),
        )
