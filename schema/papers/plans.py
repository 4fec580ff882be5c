"""Documents of a project: its goal, its roles and its plan."""

from __future__ import annotations

from collections.abc import Iterator

from schema.papers.markdown import Block, Section, Sheet, Table
from schema.papers.material import Material, Named, Pointing, Read, Source, title
from schema.papers.tasks import DROPPED
from schema.wording import _, n_

_LAYERS = ("decision", "execution", "support", "")
_RETIRED = "retired"

GOAL_STATEMENT_READS: tuple[Read, ...] = (
    Pointing("milestone", "project"),
    Pointing("duty", "of"),
)
ROLE_TABLE_READS: tuple[Read, ...] = (
    Pointing("seat", "of"),
    Pointing("signoff", "of", to="seat"),
)
PLAN_READS: tuple[Read, ...] = (
    Pointing("task", "project"),
    Pointing("milestone", "project"),
    Pointing("dependency", "after", to="task"),
    Pointing("dependency", "after", to="milestone"),
    Pointing("dependency", "before", to="task"),
    Pointing("dependency", "before", to="milestone"),
    Pointing("resource", "project"),
    Pointing("resource", "of"),
    Pointing("resource", "of", to="task"),
    Pointing("risk", "project"),
    Pointing("risk", "of"),
    Pointing("risk", "of", to="task"),
    Named("dependency", "before"),
    Named("dependency", "after"),
)


def goal_statement(material: Material) -> Iterator[Block]:
    """协作目标说明书: deliverable, milestones, and a line of duty per department (S000-04)."""
    project = material.record
    yield Sheet(
        [
            (_("Initiating department"), material.department(project.text("initiator"))),
            (_("Cooperating departments"), material.departments(project.texts("departments"))),
            (_("Goal"), project.text("goal")),
            (_("Final deliverable"), project.text("deliverable")),
            (_("Delivery standard"), "\n".join(project.texts("standard"))),
            (_("From - to"), material.span(project.text("start"), project.text("due"))),
        ]
    )
    yield Section(_("Key milestones"))
    milestones = sorted(material.of_kind("milestone"), key=lambda each: each.order)
    yield Table(
        [_("Deadline"), _("Milestone"), _("Reached when"), _("State")],
        [
            (
                material.day(each.text("due")),
                title(each),
                each.text("reached_when"),
                " ".join(filter(None, [each.word("state"), material.day(each.text("reached"))])),
            )
            for each in milestones
        ],
        _("No milestone yet."),
    )
    yield Section(_("Who does what"))
    duties = [each for each in material.of_kind("duty") if each.state != _RETIRED]
    yield Table(
        [_("Department"), _("Part"), _("Duty"), _("Delivery standard")],
        [
            (
                material.department(each.text("department")),
                " ".join(filter(None, [each.word("part"), each.text("phase")])),
                "\n".join([each.text("scope"), *each.texts("content")]),
                "\n".join(each.texts("standard")),
            )
            for each in _by_department(material, duties)
        ],
        _("No duty yet."),
    )


def role_table(material: Material) -> Iterator[Block]:
    """角色分工表: who stands for which department, and who has received it (S000-08)."""
    seats = sorted(
        _by_department(material, material.of_kind("seat")),
        key=lambda each: _LAYERS.index(layer) if (layer := each.text("layer")) in _LAYERS else 3,
    )
    yield Table(
        [
            _("Cooperating department"),
            _("Role"),
            _("Full name"),
            _("What they answer for"),
            _("Contact (internal)"),
        ],
        [
            (
                material.department(each.text("department")),
                _role(each),
                material.named(each.text("person")) or _("(nobody named)"),
                each.text("duty"),
                material.contact(each.text("person")),
            )
            for each in seats
        ],
        _("No seat yet."),
    )
    if rows := list(_receivers(material, seats)):
        yield Section(_("Given to"))
        yield Table([_("Full name"), _("Department"), _("As"), _("Received")], rows)


def _role(seat: Source) -> str:
    layer, role = seat.text("layer"), seat.text("role")
    if (layer, role) == ("execution", "liaison"):
        return _("execution liaison")
    return " ".join(filter(None, [seat.word("layer"), seat.word("role")]))


def _receivers(material: Material, seats: list[Source]) -> Iterator[tuple[str, str, str, str]]:
    """Each person seated and each superior of theirs, and when they said that it came."""
    members: dict[str, list[Source]] = {}
    superiors: dict[str, list[Source]] = {}
    for seat in seats:
        if person := seat.text("person"):
            members.setdefault(person, []).append(seat)
            record = material.person(person)
            if record is not None and (superior := record.text("superior")):
                superiors.setdefault(superior, []).append(seat)
    for person, of in members.items():
        yield (
            material.named(person),
            material.department(of[0].text("department")),
            _("member"),
            _received(material, person, of),
        )
    for person, of in superiors.items():
        record = material.person(person)
        below = dict.fromkeys(material.named(seat.text("person")) for seat in of)
        yield (
            material.named(person),
            material.department(record.text("department") if record else ""),
            _("superior of {person}", person=_(", ").join(below)),
            _received(material, person, of),
        )


def _received(material: Material, person: str, seats: list[Source]) -> str:
    """When every one of these seats was received, by the person or who acts for them."""
    record = material.person(person)
    speakers = {person}
    if record is not None:
        speakers |= {record.text("successor"), *(str(r.get("deputy")) for r in record.rows("away"))}
    times = []
    for seat in seats:
        receipts = [
            each.at
            for each in material.pointing("signoff", "of", seat.id)
            if each.text("meaning") == "receipt" and each.author in speakers
        ]
        if not receipts and seat.author != person:
            return _("not received yet")
        times += receipts[:1]
    return material.at(max(times)) if times else _("wrote it")


def plan(material: Material) -> Iterator[Block]:
    """协作计划表: tasks by department, what waits for what, resources and risks (S000-09 to S000-12)."""
    project = material.record
    yield Sheet(
        [
            (_("Initiating department"), material.department(project.text("initiator"))),
            (_("Cooperating departments"), material.departments(project.texts("departments"))),
            (_("From - to"), material.span(project.text("start"), project.text("due"))),
        ]
    )
    yield Section(_("Tasks by department"))
    tasks = sorted(
        (
            each
            for each in material.pointing("task", "project", project.id)
            if each.state != DROPPED
        ),
        key=lambda each: each.order,
    )
    yield Table(
        [
            _("Department"),
            _("Number"),
            _("Task name"),
            _("Owner"),
            _("From - to"),
            _("Delivery standard"),
        ],
        [
            (
                material.department(each.text("department")),
                each.number or _("no number yet"),
                title(each),
                material.named(each.text("owner")),
                material.span(each.text("start"), each.text("due")),
                "\n".join(each.texts("standard")),
            )
            for each in _by_department(material, tasks)
        ],
        _("No task yet."),
    )
    yield Section(_("Dependencies between tasks"))
    yield Table(
        [_("What waits"), _("Begins only after"), _("Condition"), _("Lag")],
        [
            (
                _side(material, each.text("after")),
                _side(material, each.text("before")),
                each.text("condition"),
                n_("{n} working day", "{n} working days", lag) if lag else "",
            )
            for each in material.of_kind("dependency")
            for lag in [each.whole("lag")]
        ],
        _("No dependency yet."),
    )
    yield Section(_("Resources needed"))
    yield Table(
        [
            _("Who needs it"),
            _("From whom"),
            _("What is needed"),
            _("Amount"),
            _("From - to"),
            _("State"),
        ],
        [
            (
                material.department(each.text("department")),
                material.department(each.text("from")),
                each.text("what") or title(each),
                " ".join(filter(None, [each.text("amount"), each.text("unit")])),
                material.span(each.text("start"), each.text("due")),
                " ".join(filter(None, [each.word("state"), each.word("outcome")])),
            )
            for each in material.of_kind("resource")
            if each.state != DROPPED
        ],
        _("No resource needed yet."),
    )
    yield Section(_("Possible risks and counter-measures"))
    yield Table(
        [
            _("Possible risk"),
            _("Knock-on effect"),
            _("Triggered when"),
            _("Counter-measure"),
            _("Respond by"),
            _("Owner"),
            _("State"),
        ],
        [
            (
                risk_words(each),
                each.text("effect"),
                each.text("trigger"),
                each.text("response"),
                material.day(each.text("respond_by")),
                material.named(each.text("owner")),
                each.word("state"),
            )
            for each in material.of_kind("risk")
        ],
        _("No risk yet."),
    )


def risk_words(risk: Source) -> str:
    """A risk by its title, and its description where that says more."""
    return "\n".join(dict.fromkeys(filter(None, [title(risk), risk.text("description")])))


def _side(material: Material, id: str) -> str:
    """One end of a dependency, with the department that answers for it."""
    found = material.find(id)
    department = material.department(found.text("department")) if found else ""
    called = material.called(id)
    return f"{department} {called}" if department else called


def _by_department(material: Material, papers: list[Source]) -> list[Source]:
    """The papers of the initiator, then of each department as the project names them, then of any other."""
    project = material.record
    named = [project.text("initiator"), *project.texts("departments")]
    order = {name: place for place, name in enumerate(dict.fromkeys(named))}
    return sorted(
        papers,
        key=lambda each: (
            order.get(each.text("department"), len(order)),
            each.text("department"),
        ),
    )
