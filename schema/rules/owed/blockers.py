"""What a blocker asks of people until its tasks run: clarified, answered, led, shared out, resolved (S004)."""

from __future__ import annotations

from collections.abc import Iterator

from schema.records.registry import KINDS
from schema.rules.answers import (
    DECISION,
    INITIATOR,
    LIAISON,
    AnswerRules,
    Replies,
    answer_clock,
    beyond_open,
    level,
    unclear,
)
from schema.rules.steps import round_of, solution
from schema.rules.truth import at
from schema.rules.world import Open, Paper, Turn, World, Write
from schema.wording import N_, _


def blockers(world: World, *states: str) -> Iterator[Paper]:
    """The blockers in one of these states; one whose state is not known here is open."""
    known = KINDS["blocker"].states
    for blocker in world.of_kind("blocker"):
        if (blocker.state if blocker.state in known else "open") in states:
            yield blocker


def answered(world: World, blocker: Paper) -> bool:
    """Whether somebody answered: a comment that says so since it was opened, or a state beyond `open`."""
    return beyond_open(blocker.state) or any(
        comment.text("type") == "answer" and comment.said >= (blocker.reopened or 0)
        for comment in world.pointing("comment", "of", blocker)
    )


def departments(blocker: Paper) -> list[str]:
    """Every department that a blocker touches, the lead first."""
    named = [blocker.text("lead"), *blocker.texts("attributed"), *blocker.texts("departments")]
    return list(dict.fromkeys(filter(None, named)))


def leaders(world: World, blocker: Paper) -> tuple[str, ...]:
    """The liaisons of the lead department."""
    return world.liaisons(blocker.text("lead"), blocker.project)


def owners(world: World, blocker: Paper) -> tuple[str, ...]:
    """Its owner, else the liaisons of the lead department."""
    return world.present(blocker.text("owner")) or leaders(world, blocker)


def tasks(world: World, blocker: Paper) -> list[Paper]:
    """The tasks that come from it in this round, dropped ones left out.

    What was made before it was verified as unsolved is of an earlier round.
    """
    again = max(
        (
            each.said
            for each in verifications(world, blocker)
            if each.text("result") == "unsolved" and round_of(each.body) < round_of(blocker.body)
        ),
        default=None,
    )
    return [
        task
        for task in world.pointing("task", "source", blocker)
        if task.state != "dropped" and (again is None or task.said > again)
    ]


def verifications(world: World, blocker: Paper) -> list[Paper]:
    """Its submitted verifications."""
    return [
        each
        for each in world.pointing("acceptance", "of", blocker)
        if each.text("type") == "blocker" and each.state == "submitted"
    ]


def answer(world: World) -> Iterator[Turn]:
    """Answered within 24 hours, else each level above is asked too (S003-14, S004-01)."""
    rules = AnswerRules.of(world.policy)
    for blocker in blockers(world, "open"):
        if answered(world, blocker):
            continue
        if blocker.accepted is None:
            yield Turn(
                paper=blocker,
                to=(blocker.author,),
                why=_("The hub does not have it yet, so nobody else knows of it"),
                step=Open("blocker", blocker.id),
                key="unsent",
                verb=N_("Unsent"),
            )
            continue
        clock = answer_clock(
            blocker.accepted,
            zone=world.zone,
            calendar=world.calendar,
            rules=rules,
            reopened=blocker.reopened,
        )
        reached = level(
            clock,
            blocker.body,
            Replies(),
            now=world.now,
            zone=world.zone,
            calendar=world.calendar,
            rules=rules,
        )
        yield Turn(
            paper=blocker,
            to=tuple(dict.fromkeys(_asked(world, blocker, reached or LIAISON))),
            why=_why(world, blocker, reached or LIAISON),
            step=Write("comment", {"of": blocker.id, "type": "answer", **_project(blocker)}),
            began=clock.began if clock else blocker.accepted,
            ends=clock.ends if clock else None,
        )


def _asked(world: World, blocker: Paper, reached: int) -> Iterator[str]:
    """Who has to answer by now; whoever was asked first still may."""
    own = world.department_of(blocker.author) or blocker.text("lead")
    others = [name for name in departments(blocker) if not world.same(name, own)]
    for name in others:
        yield from world.liaisons(name, blocker.project)
    if not others or reached >= INITIATOR:
        yield from world.initiators(blocker)
    if reached >= DECISION:
        yield from world.deciders(blocker)


def _why(world: World, blocker: Paper, reached: int) -> str:
    time = at(max(blocker.accepted or 0, blocker.reopened or 0), world.now, world.zone)
    match reached:
        case 2:
            return _("No answer since {time}, so the initiating department is asked", time=time)
        case 3:
            return _("No answer since {time}, so the decision layer is asked", time=time)
    return _("Raised by {author} at {time}", author=blocker.author, time=time)


def clarify(world: World) -> Iterator[Turn]:
    """Lead, essence, effect and first attribution, said by whoever raised it: step 1 of six (S004-03)."""
    for blocker in blockers(world, "open"):
        if missing := unclear(blocker.body):
            specs = KINDS["blocker"].by_name
            fields = _(", ").join(_(specs[name].label) for name in missing)
            yield Turn(
                paper=blocker,
                to=_raised_by(world, blocker),
                why=_("Not said yet: {fields}", fields=fields),
                step=Open("blocker", blocker.id, missing[0]),
            )


def _raised_by(world: World, blocker: Paper) -> tuple[str, ...]:
    """Its owner, else who wrote it last where that is somebody of the lead department, else the liaisons there."""
    lead = blocker.text("lead")
    own = world.department_of(blocker.author)
    if not blocker.text("owner") and (not lead or world.same(lead, own)):
        return world.present(blocker.author)
    return owners(world, blocker)


def lead(world: World) -> Iterator[Turn]:
    """Somebody of the lead department is named for it (S004-04, S004-06)."""
    for blocker in blockers(world, "open", "coordinating"):
        if not answered(world, blocker) or led(world, blocker):
            continue
        department = blocker.text("lead")
        if not department:
            yield Turn(
                paper=blocker,
                to=world.initiators(blocker),
                why=_("Answered, but no department leads it"),
                step=Open("blocker", blocker.id, "lead"),
            )
            continue
        people = leaders(world, blocker)
        yield Turn(
            paper=blocker,
            to=people,
            why=_("Answered, but nobody of {department} is named for it", department=department),
            step=Write(
                "seat",
                {
                    "of": blocker.id,
                    "department": department,
                    "role": "liaison",
                    **({"person": people[0]} if people else {}),
                    **_project(blocker),
                },
            ),
        )


def led(world: World, blocker: Paper) -> bool:
    """Whether somebody of its lead department has a seat or owns it."""
    department = blocker.text("lead")
    if not department:
        return False
    owner = blocker.text("owner")
    own = world.department_of(owner)
    if owner and (not own or world.same(own, department)):
        return True
    return any(
        world.same(seat.text("department"), department) and seat.text("person")
        for seat in world.pointing("seat", "of", blocker)
    )


def cocreate(world: World) -> Iterator[Turn]:
    """What is coordinated is broken down into tasks (S004-08, S004-10)."""
    for blocker in blockers(world, "open", "coordinating"):
        if answered(world, blocker) and led(world, blocker) and not tasks(world, blocker):
            yield Turn(
                paper=blocker,
                to=owners(world, blocker),
                why=_("Answered and led, but no task comes from it"),
                step=Write("task", solution(blocker.body, blocker.id)),
            )


def resolve(world: World) -> Iterator[Turn]:
    """What is done with all its tasks is said to be resolved, or gets another one (S004-14)."""
    for blocker in blockers(world, "open", "coordinating"):
        made = tasks(world, blocker)
        if made and all(task.state == "done" for task in made):
            yield Turn(
                paper=blocker,
                to=owners(world, blocker),
                why=_("All its tasks are done: is it resolved?"),
                step=Open("blocker", blocker.id, "state"),
            )


def _project(paper: Paper) -> dict[str, object]:
    return {"project": paper.project} if paper.project else {}
