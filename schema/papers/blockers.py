"""Documents of a blocker: what the problem is, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator

from schema.papers.markdown import Block, Bullets, Section, Sheet, Table
from schema.papers.material import (
    Material,
    Named,
    Pointing,
    Read,
    Source,
    cell_word,
    title,
)
from schema.records.kind import Body
from schema.wording import _

SUBMITTED, RETIRED = "submitted", "retired"
WORKED, IMPROVE = ("highlight", "reusable", "flow", "case"), ("improve",)

PROBLEM_READS: tuple[Read, ...] = (
    Pointing("seat", "of"),
    Named("", "source"),
)
FEEDBACK_READS: tuple[Read, ...] = (
    Pointing("task", "source"),
    Pointing("acceptance", "of"),
    Pointing("report", "of"),
    Pointing("signoff", "of"),
    Pointing("lesson", "of"),
    Pointing("lesson", "of", to="report"),
    Pointing("task", "source", to="lesson"),
)


def problem(material: Material) -> Iterator[Block]:
    """问题描述: phenomenon and essence, the effect in numbers, and where the root may lie (S004-03)."""
    blocker = material.record
    yield Sheet(
        [
            (_("Number"), blocker.number or _("no number yet")),
            (_("State"), blocker.word("state")),
            (_("Trigger"), blocker.word("trigger")),
            (_("Illness"), blocker.word("illness")),
            (_("Lead department"), material.department(blocker.text("lead"))),
            (_("Cooperating departments"), material.departments(blocker.texts("departments"))),
            (_("Owner"), material.named(blocker.text("owner"))),
            (_("Comes from"), material.called(blocker.text("source"))),
        ]
    )
    yield Section(_("The problem itself"))
    yield Sheet(
        [
            (_("Phenomenon"), blocker.text("phenomenon")),
            (_("Essence"), blocker.text("essence")),
            (_("Why it is stuck"), blocker.text("why")),
            (_("What would free it"), blocker.text("unblock")),
        ]
    )
    yield Section(_("How far it reaches"))
    yield _effect(blocker.rows("effect"))
    yield Section(_("First attribution"))
    attributed = dict.fromkeys(blocker.texts("attributed"))
    yield Bullets([material.department(each) for each in attributed], _("No department named yet."))
    yield Section(_("Goal and options"))
    yield Sheet(
        [
            (_("Goal of the solution"), blocker.text("target")),
            (_("Feasible options"), "\n".join(blocker.texts("options"))),
            (_("Verify on"), material.day(blocker.text("verify_on"))),
        ]
    )
    if seats := material.of_kind("seat"):
        yield Section(_("Who speaks for whom"))
        yield Table(
            [_("Department"), _("Role"), _("Full name"), _("Contact (internal)")],
            [
                (
                    material.department(each.text("department")),
                    each.word("role"),
                    material.named(each.text("person")) or _("(nobody named)"),
                    material.contact(each.text("person")),
                )
                for each in seats
            ],
        )
    yield from _first_said(blocker)


def _effect(rows: list[Body]) -> Table:
    return Table(
        [_("Affected"), _("Effect in numbers")],
        [
            (cell_word("blocker", "effect", "on", row.get("on")), _text(row.get("how_much")))
            for row in rows
        ],
        _("Not said yet."),
    )


def _first_said(blocker: Source) -> Iterator[Block]:
    """What was first said, where it is said otherwise now: verification compares with that (S004-14)."""
    first = next(iter(blocker.rows("first_said")), None)
    if first is None or all(
        (first.get(name) or None) == (blocker.body.get(name) or None)
        for name in ("phenomenon", "essence", "effect")
    ):
        return
    yield Section(_("First said"))
    yield Sheet(
        [
            (_("Phenomenon"), _text(first.get("phenomenon"))),
            (_("Essence"), _text(first.get("essence"))),
        ]
    )
    effect = first.get("effect")
    if isinstance(effect, list) and effect:
        yield _effect([row for row in effect if isinstance(row, dict)])


def feedback(material: Material) -> Iterator[Block]:
    """反馈与改进记录表: whether it is solved, what each department says, what worked and what to improve (S004-14 to S004-19)."""
    blocker = material.record
    report = _sheet(material)
    verified = _verification(material)
    attendees = report.texts("attendees") if report else []
    yield Sheet(
        [
            (_("Number"), blocker.number or _("no number yet")),
            (_("Lead department"), material.department(blocker.text("lead"))),
            (_("Departments concerned"), material.departments(_touched(material))),
            (_("State"), blocker.word("state")),
            (_("Conclusion"), verified.word("result") if verified else _("(not verified yet)")),
            (_("Verified at"), material.at(verified.at) if verified else ""),
            (_("Held on"), material.day(report.text("held_on")) if report else ""),
            (_("Attendees"), _(", ").join(material.named(each) for each in attendees)),
        ]
    )
    yield Section(_("Was it solved"))
    yield Table(
        [_("Compared with"), _("Met"), _("Evidence")],
        [
            (
                _text(row.get("standard")),
                cell_word("acceptance", "lines", "met", row.get("met")),
                _text(row.get("evidence")),
            )
            for row in (verified.rows("lines") if verified else ())
        ],
        _("Not verified line by line yet."),
    )
    yield Section(_("What the departments say"))
    yield Table(
        [_("Department"), _("Full name"), _("Feedback"), _("Time")],
        list(_said(material)),
        _("No department is concerned yet."),
    )
    lessons = [each for each in material.of_kind("lesson") if each.state != RETIRED]
    for heading, types in ((_("What worked"), WORKED), (_("What to improve"), IMPROVE)):
        yield Section(heading)
        yield Bullets(
            [_lesson(each) for each in lessons if each.text("type") in types],
            _("Nothing written yet."),
        )
    if report and (steps := report.texts("next")):
        yield Section(_("Next steps"))
        yield Bullets(steps)
    if ruled := [each for each in lessons if each.text("rule")]:
        yield Section(_("Rules to revise"))
        yield Table(
            [_("Rule to revise"), _("Department of the rule"), _("Task")],
            [
                (
                    each.text("rule"),
                    material.department(each.text("rule_department")),
                    "\n".join(
                        material.called(task.id)
                        for task in material.pointing("task", "source", each.id)
                    )
                    or _("no task yet"),
                )
                for each in ruled
            ],
        )


def _sheet(material: Material) -> Source | None:
    """The newest report of feedback, a submitted one before any draft."""
    found = [each for each in material.of_kind("report") if each.text("type") == "feedback"]
    return max(found, key=lambda each: (each.state == SUBMITTED, each.at, each.id), default=None)


def _verification(material: Material) -> Source | None:
    """The newest submitted verification: of the last round, and the last of that."""
    found = [
        each
        for each in material.of_kind("acceptance")
        if each.text("type") == "blocker" and each.state == SUBMITTED
    ]
    return max(found, key=lambda each: (each.whole("round") or 1, each.at, each.id), default=None)


def _touched(material: Material) -> list[str]:
    """The departments that the blocker or a task of it concerns, each once (S004-15)."""
    blocker = material.record
    tasks = material.pointing("task", "source", blocker.id)
    named = [
        blocker.text("lead"),
        *blocker.texts("departments"),
        *blocker.texts("attributed"),
        *(each.text("department") for each in tasks),
    ]
    return list(dict.fromkeys(filter(None, named)))


def _said(material: Material) -> Iterator[tuple[str, ...]]:
    """What each department concerned says, and any other; who has said nothing is named too."""
    said: dict[str, list[Source]] = {name: [] for name in _touched(material)}
    for each in material.pointing("signoff", "of", material.record.id):
        if each.text("meaning") == "feedback":
            said.setdefault(each.text("department"), []).append(each)
    for department, words in said.items():
        label = material.department(department)
        for each in words:
            yield label, material.named(each.author), each.text("text"), material.at(each.at)
        if not words:
            yield label, "", _("(no feedback yet)"), ""


def _lesson(lesson: Source) -> str:
    """A lesson: what it is called, what it says, and its figure."""
    told = dict.fromkeys([title(lesson), lesson.text("text"), lesson.text("figure")])
    return "\n".join(filter(None, told))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
