"""How a task stands, in the words of a tracking table: 任务跟踪表 (S001-23) and what else lists tasks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from schema.papers.markdown import Block, Sentence, Sheet, Table
from schema.papers.material import Material, Pointing, Read, Source, title, word
from schema.records.registry import KINDS
from schema.rules.lights import RED
from schema.wording import _, n_

DROPPED = "dropped"

BLOCKER_READS: tuple[Read, ...] = (
    Pointing("task", "source"),
    Pointing("progress", "of", to="task"),
)
PROJECT_READS: tuple[Read, ...] = (
    Pointing("task", "project"),
    Pointing("progress", "of", to="task"),
)


def tracking(material: Material) -> Iterator[Block]:
    """任务跟踪表: every task with how it goes, why it slips and what it needs (S001-20, S001-23, S004-13)."""
    of = material.record
    if of.kind == "blocker":
        yield Sheet(
            [
                (_("Number"), of.number or _("no number yet")),
                (_("Lead department"), material.department(of.text("lead"))),
                (_("Goal of the solution"), of.text("target")),
            ]
        )
        tasks = material.pointing("task", "source", of.id)
    else:
        tasks = material.pointing("task", "project", of.id)
    tasks = sorted((each for each in tasks if each.state != DROPPED), key=lambda each: each.order)
    if tasks:
        yield Sentence(_summary(material, tasks))
    yield Table(
        [
            _("Number"),
            _("Task description"),
            _("Owner"),
            _("Cooperating departments"),
            _("Deadline"),
            _("Progress so far"),
            _("Newest line"),
            _("Deliverable"),
            _("Cause of the slip"),
            _("Resource to coordinate"),
        ],
        [_row(material, each) for each in tasks],
        _("No task yet."),
    )


def _row(material: Material, task: Source) -> tuple[str, ...]:
    newest = _newest(material, task)
    slip = _slip(material, task, newest)
    return (
        task.number or _("no number yet"),
        title(task),
        material.owner(task),
        material.departments(task.texts("departments")),
        deadline(material, task),
        progress(material, task),
        _line(material, newest),
        delivered(task),
        slip.cause,
        slip.need,
    )


def deadline(material: Material, task: Source) -> str:
    """A task's due, and under it the ones it had before, with why they were given up (S004-13)."""
    lines = [material.day(task.text("due"))]
    for change in reversed(task.rows("plan")):
        was, why = material.day(change.get("was")), change.get("why")
        if was and isinstance(why, str) and why:
            lines.append(_("before: {date}, {why}", date=was, why=why))
        elif was:
            lines.append(_("before: {date}", date=was))
    return "\n".join(lines)


def progress(material: Material, task: Source) -> str:
    """A task's state, and how late it is at the moment; late is no state."""
    state = word("task", "state", task.state or KINDS["task"].states[0])
    shown = material.shown(task)
    if shown.light != RED:
        return state
    if not shown.late_days:
        return _("{state} (late)", state=state)
    return n_(
        "{state} ({n} working day late)",
        "{state} ({n} working days late)",
        shown.late_days,
        state=state,
    )


def delivered(task: Source) -> str:
    """What a task hands over, with its version: 核心功能清单（V1.2）."""
    deliverable, version = task.text("deliverable"), task.text("version")
    if deliverable and version:
        return _("{deliverable} ({version})", deliverable=deliverable, version=version)
    return deliverable or version


class _Slip(NamedTuple):
    cause: str
    need: str


def _slip(material: Material, task: Source, newest: Source | None) -> _Slip:
    """Why a task slips and what it needs: by its newest line of progress, else by the task itself."""
    late = material.shown(task).light == RED
    if newest is not None and newest.text("says") == "late":
        cause, need = newest.text("delay_cause"), newest.text("need")
    elif late or task.state not in KINDS["task"].finished:
        cause, need = task.text("delay_cause"), task.text("need")
    else:
        cause = need = ""
    type = task.word("delay_type") if cause or late else ""
    told = _("{kind}: {text}", kind=type, text=cause) if type and cause else type or cause
    return _Slip(
        told or (_("(not said)") if late else ""), need or (_("(not said)") if late else "")
    )


def _newest(material: Material, task: Source) -> Source | None:
    lines = material.pointing("progress", "of", task.id)
    return max(lines, key=lambda each: (each.text("day"), each.at, each.id), default=None)


def _line(material: Material, line: Source | None) -> str:
    if line is None:
        return ""
    percent = line.whole("percent")
    said = [material.day(line.text("day")), line.text("did")]
    if percent is not None:
        said.append(f"{percent}%")
    if line.text("next"):
        said.append(_("next: {text}", text=line.text("next")))
    return "\n".join(said)


def _summary(material: Material, tasks: list[Source]) -> str:
    states = KINDS["task"].states
    counted = Counter(each.state or states[0] for each in tasks)
    told = [
        f"{word('task', 'state', state)} {counted[state]}" for state in states if counted[state]
    ]
    late = sum(material.shown(each).light == RED for each in tasks)
    n = len(tasks)
    return _("; ").join(
        [
            n_("{n} task: {states}", "{n} tasks: {states}", n, states=_(", ").join(told)),
            n_("{n} late", "{n} late", late),
        ]
    )
