"""Documents of a meeting: its notice with the agenda, its minutes, and its resolutions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from schema.papers.markdown import Block, Section, Sentence, Sheet, Table
from schema.papers.material import Material, Named, Pointing, Read, Source, title
from schema.papers.plans import risk_words
from schema.papers.tasks import delivered, progress
from schema.records.bodies import due_at
from schema.records.kind import Body
from schema.wording import _, n_

NOTICE_READS: tuple[Read, ...] = (
    Pointing("topic", "of"),
    Pointing("seat", "of"),
    Named("", "about"),
)
MINUTES_READS: tuple[Read, ...] = (
    *NOTICE_READS,
    Pointing("task", "source", to="topic"),
    Pointing("signoff", "of"),
)
RESOLUTIONS_READS: tuple[Read, ...] = (
    Pointing("topic", "of"),
    Pointing("task", "source", to="topic"),
    Pointing("risk", "of", to="topic"),
    Pointing("risk", "of", to="task"),
)


def notice(material: Material) -> Iterator[Block]:
    """会议通知与议程表: when, where, who, what to prepare, and the topics (S001-11)."""
    meeting = material.record
    yield Sheet(
        [
            (_("Number"), meeting.number or _("no number yet")),
            (_("Time"), _time(material, meeting.text("start"), meeting.whole("minutes"))),
            (_("Place"), _place(meeting)),
            (_("Goal"), meeting.text("goal")),
            (_("Invited"), _invited(material)),
            (_("Preparation"), "\n".join(_prepare(material, r) for r in meeting.rows("prepare"))),
            (_("Material by"), material.day(meeting.text("material_due"))),
            (
                _("Papers concerned"),
                "\n".join(material.called(each) for each in meeting.texts("about")),
            ),
        ]
    )
    yield Section(_("Agenda"))
    topics = _topics(material)
    yield Table(
        [
            _("Order"),
            _("Topic name"),
            _("What is discussed"),
            _("Owner"),
            _("Minutes planned"),
            _("What comes out"),
        ],
        [
            (
                str(order),
                title(each),
                each.text("content"),
                material.owner(each),
                _minutes(each.whole("minutes")),
                each.text("output"),
            )
            for order, each in topics
        ],
        _("No topic yet."),
    )
    planned = [each.whole("minutes") or 0 for _order, each in topics]
    around = [meeting.whole("opening") or 0, meeting.whole("closing") or 0]
    if total := sum(planned):
        yield Sentence(
            _(
                "{total} with opening and closing, of {length} planned.",
                total=_minutes(total + sum(around)),
                length=_minutes(meeting.whole("minutes")) or _("(not said)"),
            )
        )


def minutes(material: Material) -> Iterator[Block]:
    """会议纪要: the basics, a conclusion per topic, what is to be done, and what comes next (S000-18, S001-21)."""
    meeting = material.record
    began, ended = meeting.text("began"), meeting.text("ended")
    yield Sheet(
        [
            (_("Number"), meeting.number or _("no number yet")),
            (
                _("Time"),
                material.span(began, ended)
                or _time(material, meeting.text("start"), meeting.whole("minutes")),
            ),
            (_("Place"), _place(meeting)),
            (_("Goal"), meeting.text("goal")),
            (_("Host and recorder"), _seated(material, "host", "recorder")),
            (_("Present"), _attending(material, present=True)),
            (_("Absent"), _attending(material, present=False)),
            (_("Copies to"), _seated(material, "cc")),
        ]
    )
    yield Section(_("Conclusions by topic"))
    topics = _topics(material)
    yield Table(
        [_("Order"), _("Topic name"), _("Owner"), _("State"), _("Conclusion")],
        [
            (
                str(order),
                title(each),
                material.owner(each),
                each.word("state"),
                each.text("conclusion"),
            )
            for order, each in topics
        ],
        _("No topic yet."),
    )
    disputes = [(each, row) for _order, each in topics for row in each.rows("dispute")]
    if disputes:
        yield Section(_("Left open"))
        yield Table(
            [
                _("Topic name"),
                _("Divergence"),
                _("Core demands"),
                _("How it goes on"),
                _("Owner"),
                _("Deadline"),
            ],
            [_dispute(material, each, row) for each, row in disputes],
        )
    yield Section(_("To be done"))
    yield Table(
        [
            _("Resolution"),
            _("Responsible department"),
            _("Owner"),
            _("To be done by"),
        ],
        [
            (
                material.called(each.id),
                material.department(each.text("department")),
                material.named(each.text("owner")),
                material.day(each.text("due")),
            )
            for each in _tasks(material)
        ],
        _("No task yet."),
    )
    for heading, field in ((_("Summary"), "summary"), (_("Next steps"), "next")):
        if meeting.text(field):
            yield Section(heading)
            yield Sentence(meeting.text(field))
    yield from _receipts(material)


def resolutions(material: Material) -> Iterator[Block]:
    """会议决议与任务跟踪表: the tasks that came out of a meeting, with their risks (S001-19)."""
    meeting = material.record
    yield Sheet(
        [
            (_("Number"), meeting.number or _("no number yet")),
            (_("Date"), material.day((meeting.text("began") or meeting.text("start"))[:10])),
        ]
    )
    yield Table(
        [
            _("Task description"),
            _("Owner"),
            _("Cooperating departments"),
            _("Deadline"),
            _("Progress so far"),
            _("What is produced"),
            _("Risk and counter-measure"),
        ],
        [
            (
                material.called(each.id),
                material.owner(each),
                material.departments(each.texts("departments")),
                material.day(each.text("due")),
                progress(material, each),
                delivered(each),
                "\n".join(_risk(material, risk) for risk in _risks(material, each)),
            )
            for each in _tasks(material)
        ],
        _("No task yet."),
    )


def _topics(material: Material) -> list[tuple[int, Source]]:
    """The topics in their order, numbered as they stand."""
    topics = material.pointing("topic", "of", material.record.id)
    ordered = sorted(topics, key=lambda each: (each.whole("order") or 1_000, each.id))
    return list(enumerate(ordered, 1))


def _tasks(material: Material) -> list[Source]:
    """The tasks of all topics, by due."""
    tasks = [
        task
        for _order, topic in _topics(material)
        for task in material.pointing("task", "source", topic.id)
    ]
    return sorted(tasks, key=lambda each: each.order)


def _risks(material: Material, task: Source) -> list[Source]:
    """The risks of a task, and those of a topic that this is the only task of."""
    topic = task.text("source")
    alone = len(material.pointing("task", "source", topic)) == 1
    return [
        *material.pointing("risk", "of", task.id),
        *(material.pointing("risk", "of", topic) if alone else ()),
    ]


def _risk(material: Material, risk: Source) -> str:
    described = _("; ").join(risk_words(risk).split("\n"))
    response, by = risk.text("response"), material.day(risk.text("respond_by"))
    told = _("{text} (by {date})", text=response, date=by) if response and by else response or by
    return (
        _("{risk}; counter-measure: {response}", risk=described, response=told)
        if told
        else described
    )


def _time(material: Material, start: str, length: int | None) -> str:
    """When a meeting begins and, where its length is known, ends: 2024-05-20 周一 14:00-15:30."""
    if due_at(start) is None:
        return start
    day = material.day(start[:10])
    if len(start) == 10:
        return " ".join(filter(None, [day, _minutes(length)]))
    begins = datetime.fromisoformat(start)
    if length is None:
        return f"{day} {begins:%H:%M}"
    try:
        ends = begins + timedelta(minutes=length)
    except OverflowError:
        return f"{day} {begins:%H:%M}"
    if ends.date() != begins.date():
        return _("{begin} to {end}", begin=f"{day} {begins:%H:%M}", end=f"{ends:%Y-%m-%d %H:%M}")
    return f"{day} {begins:%H:%M}-{ends:%H:%M}"


def _place(meeting: Source) -> str:
    form, place, link = meeting.word("form"), meeting.text("place"), meeting.text("link")
    where = _("{form}: {place}", form=form, place=place) if form and place else form or place
    return "\n".join(filter(None, [where, link]))


def _minutes(n: int | None) -> str:
    return n_("{n} minute", "{n} minutes", n) if n else ""


def _prepare(material: Material, row: Body) -> str:
    what, department = row.get("what"), row.get("department")
    due = material.day(row.get("due"))
    named = material.department(department) if isinstance(department, str) else ""
    told = what if isinstance(what, str) else ""
    told = _("{who}: {what}", who=named, what=told) if named else told
    return _("{text} (by {date})", text=told, date=due) if due else told


def _invited(material: Material) -> str:
    seated = [_seat(material, each) for each in material.of_kind("seat")]
    departments = material.departments(material.record.texts("departments"))
    return "\n".join(filter(None, [departments, _(", ").join(dict.fromkeys(filter(None, seated)))]))


def _seat(material: Material, seat: Source) -> str:
    person = material.named(seat.text("person"))
    department = material.department(seat.text("department"))
    if person and department:
        return _("{person} ({department})", person=person, department=department)
    return person or department


def _seated(material: Material, *roles: str) -> str:
    """Those seated as this, one role after the other."""
    seats = material.of_kind("seat")
    found = [_seat(material, each) for role in roles for each in seats if each.text("role") == role]
    return _(", ").join(filter(None, found))


def _attending(material: Material, *, present: bool) -> str:
    """Who was there, or who was not and who spoke for them (S001-14)."""
    told = []
    for each in material.of_kind("seat"):
        if each.text("present") != ("yes" if present else "no"):
            continue
        name, delegate = _seat(material, each), material.named(each.text("delegate"))
        told.append(
            _("{person}, {delegate} in their stead", person=name, delegate=delegate)
            if delegate and not present
            else name
        )
    return _("; ").join(told)


def _dispute(material: Material, topic: Source, row: Body) -> tuple[str, ...]:
    def text(name: str) -> str:
        value = row.get(name)
        return value if isinstance(value, str) else ""

    demands = row.get("demands")
    told = []
    for each in demands if isinstance(demands, list) else ():
        if isinstance(each, dict):
            who, what = each.get("department"), each.get("demand")
            if isinstance(who, str) and isinstance(what, str):
                told.append(_("{who}: {what}", who=material.department(who), what=what))
    return (
        title(topic),
        text("divergence"),
        "\n".join(told),
        text("how"),
        material.named(text("owner")),
        material.day(text("due")),
    )


def _receipts(material: Material) -> Iterator[Block]:
    """Who received the minutes, and who objects (S001-22)."""
    said = [
        each
        for each in material.pointing("signoff", "of", material.record.id)
        if each.text("meaning") in ("receipt", "object", "confirm")
    ]
    if said:
        yield Section(_("Received and objected"))
        yield Table(
            [_("Full name"), _("Department"), _("Meaning"), _("Text"), _("Time")],
            [
                (
                    material.named(each.author),
                    material.department(each.text("department")),
                    each.word("meaning"),
                    each.text("text"),
                    material.at(each.at),
                )
                for each in said
            ],
        )
