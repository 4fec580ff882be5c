"""What any paper may ask for: that it was received, and that its conflict is settled."""

from __future__ import annotations

from collections.abc import Iterator

from schema.records.registry import KINDS
from schema.rules.world import Paper, Settle, Turn, World, Write
from schema.wording import _, n_

AGREED = ("agreed", "running", "accepting")


def receipt(world: World) -> Iterator[Turn]:
    """Whom an announcement or a seat names says that it came (S000-08, S001-28)."""
    for comment in world.of_kind("comment"):
        if comment.text("type") == "announcement" and comment.accepted is not None:
            why = _("Announced by {author}", author=comment.author)
            yield from _receipts(world, comment, concerned(world, comment), why)
    for seat in world.of_kind("seat"):
        project = world.find(world.seating(seat.text("of")), "project")
        person = seat.text("person")
        if project is None or project.state not in AGREED or not person:
            continue
        if seat.accepted is not None:
            why = _("{person} has a part in {title}", person=person, title=project.text("title"))
            yield from _receipts(world, seat, [person, *world.superiors(person)], why)


def _receipts(world: World, paper: Paper, people: list[str], why: str) -> Iterator[Turn]:
    received = {
        each.author
        for each in world.pointing("signoff", "of", paper)
        if each.text("meaning") == "receipt"
    }
    for person in dict.fromkeys(people):
        if person == paper.author or not world.present(person) or world.heard(person, received):
            continue
        yield Turn(
            paper=paper,
            to=(person,),
            why=why,
            step=Write("signoff", {"of": paper.id, "of_dot": paper.dot, "meaning": "receipt"}),
            key=person,
            began=paper.accepted,
        )


def concerned(world: World, comment: Paper) -> list[str]:
    """Whom an announcement concerns: the persons and departments that it names, else its project's, else all.

    Whoever came after it was made is not asked.
    """
    named, departments = comment.texts("about"), comment.texts("departments")
    if not named and not departments and comment.project:
        project = world.find(comment.project, "project")
        if project is not None:
            departments = [project.text("initiator"), *project.texts("departments")]
    if named or departments or comment.project:
        own = dict.fromkeys(world.roles.named(each) for each in departments if each)
        there = [person for each in own for person in world.members.get(each, ())]
    else:
        there = list(world.people)
    since = comment.accepted or 0
    return [
        *named,
        *(
            person.text("name")
            for person in there
            if person.accepted is None or person.accepted <= since
        ),
    ]


def settle(world: World) -> Iterator[Turn]:
    """A conflict is settled by a coordinator of the department that began the project."""
    for paper in world.papers:
        if paper.conflicts and paper.kind in KINDS:
            yield Turn(
                paper=paper,
                to=world.coordinators(paper.project),
                why=n_("{n} conflict to settle", "{n} conflicts to settle", paper.conflicts),
                step=Settle(paper.kind, paper.id),
            )
