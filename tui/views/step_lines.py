"""What the six steps of a blocker have come to, as lines: next step, solution, verification, feedback, lesson."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from schema.records import KINDS
from schema.rules.answers import LEVELS, takeovers
from schema.rules.roles import Roles
from schema.rules.steps import round_of, smart_missing
from schema.rules.truth import at
from schema.wording import N_, _
from syncd.store.blockers import Detail, asked
from syncd.store.reckoning import Reckoning
from syncd.store.steps import Around, Pointing
from tui.actions import display
from tui.cli.text import word
from tui.next_step import Next
from tui.widgets.countdown import card_countdown
from tui.widgets.sheet import Line, Piece, RuleOf, folded, labelled
from tui.width import cut, width

LABELS = (
    N_("Next"),
    N_("At first"),
    N_("Solution"),
    N_("Verified"),
    N_("Feedback"),
    N_("Lesson"),
)
RESULTS = {"solved": "green", "partly": "yellow", "unsolved": "red"}


def next_lines(next: Next | None, awaited: Sequence[str], x: int, cells: int) -> list[Line]:
    """What comes next and the key for it, and whose answer is awaited."""
    lines: list[Line] = []
    if awaited:
        told = _("An answer is awaited from {names}", names=_(", ").join(awaited))
        lines += _keyed(x, display("blockers.answer", "ctrl+r"), _("Answer"), told, cells)
    if next is not None:
        key = display("blockers.next", "ctrl+g")
        lines += _keyed(x, key, _(next.words), next.why, cells)
    return labelled(_("Next"), lines)


def _keyed(x: int, key: str, words: str, why: str, cells: int) -> list[Line]:
    """A key with its words, and why: beside them where there is room, else below."""
    begin = x + width(key) + 1
    head: list[Piece | RuleOf] = [Piece(x, key, "accent"), Piece(begin, words, bold=True)]
    after = begin + width(words) + 3
    if width(why) <= cells - after:
        return [[*head, Piece(after, why, "muted")]]
    return [head, *folded(begin, why, cells - begin, "muted")]


def first_said(body: Mapping[str, Any], field: str, now: str, x: int, cells: int) -> list[Line]:
    """What was first said of a field, where it says something else now."""
    said = body.get("first_said")
    first = _said(said.get(field)) if isinstance(said, dict) else ""
    if not first or first == now:
        return []
    return labelled(_("At first"), folded(x, first, cells - x, "faint"))


def _said(value: object) -> str:
    if isinstance(value, str):
        return value
    rows = [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
    return effects((str(row.get("on") or ""), str(row.get("how_much") or "")) for row in rows)


def effects(rows: Iterable[tuple[str, str]]) -> str:
    """Whom a blocker costs how much, a line each."""
    cells = KINDS["blocker"].by_name["effect"].cells
    words = dict(next(cell for cell in cells if cell.name == "on").words)
    return "\n".join(
        "   ".join(filter(None, [_(words[on]) if on in words else on, much])) for on, much in rows
    )


def outcome_lines(
    around: Around, by: Reckoning, labels: Mapping[str, str], x: int, cells: int
) -> list[Line]:
    """The tasks that solve it, what its verification says, whose feedback is missing, what is learnt.

    `labels` are the shown names of departments.
    """
    lines: list[Line] = []
    for each in around.tasks_of_round:
        lines += _task_lines(each, by, x, cells)
    found = _blank(labelled(_("Solution"), lines))
    found += labelled(_("Verified"), [_verdict(each, x) for each in around.acceptances[-3:]])
    found += _feedback(labels, around, x, cells)
    found += labelled(
        _("Lesson"),
        [line for each in around.lessons for line in folded(x, _lesson(each), cells - x)],
    )
    return found


def _blank(lines: list[Line]) -> list[Line]:
    return [[], *lines] if lines else []


def _task_lines(task: Pointing, by: Reckoning, x: int, cells: int) -> list[Line]:
    """A task of the solution: number and title, the time left; below its owner, due and what it leaves open."""
    shown, due = by.shown("task", task.body), task.text("due")
    state = word(KINDS["task"], "state", task.text("state"))
    left = card_countdown(shown, due, by.today) or state
    urgent = shown.light if shown.light in ("red", "yellow") else "muted"
    number = task.number.rpartition("-")[2]
    title = cut(task.text("title"), cells - x - 4 - width(left) - 2)
    facts = [
        task.text("owner") or _("no owner"),
        _("due {date}", date=due[5:].replace("T", " ")) if due else _("no due"),
        state if left != state else "",
    ]
    lines: list[Line] = [
        [
            Piece(x, number, "faint"),
            Piece(x + 4, title),
            Piece(cells, left, urgent or "muted", right=True),
        ],
        [Piece(x + 4, cut("   ".join(filter(None, facts)), cells - x - 4), "muted")],
    ]
    missing = " ".join(letter.upper() for letter in smart_missing(task.body))
    if missing:
        lines.append([Piece(x + 4, _("SMART lacks {letters}", letters=missing), "yellow")])
    return lines


def _verdict(each: Pointing, x: int) -> Line:
    result = each.text("result")
    submitted = each.text("state") == "submitted"
    told = word(KINDS["acceptance"], "result", result) or _("no result yet")
    facts = [
        _("round {n}", n=round_of(each.body)),
        each.author,
        "" if submitted else word(KINDS["acceptance"], "state", each.text("state")),
    ]
    role = RESULTS.get(result, "muted") if submitted else "muted"
    return [
        Piece(x, told, role, bold=submitted),
        Piece(x + width(told) + 3, "   ".join(filter(None, facts)), "muted"),
    ]


def _feedback(labels: Mapping[str, str], around: Around, x: int, cells: int) -> list[Line]:
    """What each department said, and who has not; nothing before it is verified."""
    given = [each for each in around.signoffs if each.text("meaning") == "feedback"]
    lines: list[Line] = []
    for each in given:
        department = each.text("department")
        who = labels.get(department) or department or each.author
        lines += folded(x, _("{who}: {text}", who=who, text=each.text("text")), cells - x)
    if given or around.body.get("state") in ("verified", "closed"):
        missing = [labels.get(name) or name for name in around.feedback_missing]
        if missing:
            told = _("Not heard from yet: {names}", names=_(", ").join(missing))
            lines += folded(x, told, cells - x, "yellow")
    return labelled(_("Feedback"), lines)


def _lesson(each: Pointing) -> str:
    said = each.text("title") or each.text("text") or each.text("rule")
    return "   ".join(filter(None, [said, word(KINDS["lesson"], "state", each.text("state"))]))


def levels_told(roles: Roles, told: Detail, around: Around, by: Reckoning) -> list[str]:
    """Who is asked for the answer now, and when the next level is: the level follows from the clock."""
    if told.stuck.answered or told.stuck.state != "open":
        return [_("It is answered; nobody above is asked.")]
    zone = by.moment.zone
    project = str(around.body.get("project") or "")
    liaisons = [
        name
        for department in asked(around.body, str(around.body.get("lead") or ""))
        for name in roles.liaisons(department, project)
    ]
    people = {
        1: liaisons,
        2: list(roles.liaisons(roles.initiator(project), project)),
        3: list(roles.decision_layer(project)),
    }

    def named(level: int) -> str:
        names = _(", ").join(dict.fromkeys(people[level])) or _("nobody is named")
        return _("{level} ({names})", level=_(LEVELS[level]), names=names)

    over = (
        takeovers(told.clock, zone=zone, calendar=by.moment.calendar, rules=by.rules)
        if told.clock is not None
        else None
    )
    level = told.stuck.shown.level or 1
    lines = [_("Asked now: {who}.", who=named(level))]
    if over is None:
        return [*lines, _("It climbs by the clock, which starts when the hub has it.")]
    for place, moment in ((2, over.initiator), (3, over.decision)):
        if place > level:
            when = at(moment, by.now, zone)
            lines.append(_("Unanswered until {time}: {who} too.", time=when, who=named(place)))
    return [*lines, _("The level follows from the clock; nobody sets it.")]
