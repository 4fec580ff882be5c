"""What a task asks of people: its date, its words when it slips, its lines of progress (S000, S003, S004)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from schema.records.registry import KINDS
from schema.rules.owed.blockers import leaders, owners
from schema.rules.world import Open, Paper, Turn, World, Write, department_of
from schema.rules.zi import count_zi
from schema.wording import _, n_

LETTERS = ("s", "m", "a", "r", "t")
EMERGENCY = "emergency"
STILL_WORKED_ON = ("todo", "doing")


def running(world: World) -> Iterator[Paper]:
    """The tasks that their owners still work on: not in review, done, dropped or a state not known here."""
    for task in world.of_kind("task"):
        if task.state in STILL_WORKED_ON:
            yield task


def owner(world: World, task: Paper) -> tuple[str, ...]:
    """The task's owner; without one, the liaisons of its department."""
    return world.present(task.text("owner")) or world.liaisons(
        task.text("department"), task.project
    )


def solves(world: World, task: Paper) -> Paper | None:
    """The blocker that a task comes from, unless it is closed."""
    blocker = world.find(task.text("source"), "blocker")
    return None if blocker is None or blocker.state == "closed" else blocker


def smart(world: World) -> Iterator[Turn]:
    """A task that solves something has all five letters (S004-09, S001-32)."""
    for task in running(world):
        source = solves(world, task) or world.find(task.text("source"), "topic")
        if source is None:
            continue
        said = next(iter(task.rows("smart")), {})
        missing = [letter for letter in LETTERS if not said.get(letter)]
        if missing:
            letters = _(", ").join(letter.upper() for letter in missing)
            yield Turn(
                paper=task,
                to=owners(world, source) if source.kind == "blocker" else owner(world, task),
                why=_("Not SMART yet: {letters}", letters=letters),
                step=Open("task", task.id, "smart"),
            )


def daily(world: World) -> Iterator[Turn]:
    """One line on each working day from whoever solves a blocker (S004-11, S003-11)."""
    if not world.calendar.is_workday(world.today):
        return
    today = world.today.isoformat()
    for task in running(world):
        if task.state != "doing" or solves(world, task) is None:
            continue
        if any(line.text("day") == today for line in world.pointing("progress", "of", task)):
            continue
        yield Turn(
            paper=task,
            to=owner(world, task),
            why=_("In progress, and no line of today"),
            step=_line(world, task),
            key=today,
            ends=world.end_of(today),
        )


def _line(world: World, task: Paper) -> Write:
    begun: dict[str, object] = {"of": task.id, "day": world.today.isoformat(), "says": "doing"}
    return Write("progress", {**begun, "project": task.project} if task.project else begun)


def due(world: World) -> Iterator[Turn]:
    """What is due soon, or late with its cause said (S000-13)."""
    for task in running(world):
        day = task.day("due")
        if day is None:
            continue
        late = world.passed(task.text("due"))
        if late and not explained(world, task):
            continue
        if late:
            n = world.calendar.days_late(day, world.today)
            why = n_(
                "{n} working day late, its cause said", "{n} working days late, its cause said", n
            )
        elif world.near(day, "warn"):
            why = _("Due soon") if task.state == "doing" else _("Due soon, not begun yet")
        else:
            continue
        yield Turn(
            paper=task,
            to=owner(world, task),
            why=why,
            step=Open("task", task.id, "state"),
            ends=world.end_of(task.text("due")),
        )


def explained(world: World, task: Paper) -> bool:
    """Whether cause and need of a delay are said, in the task or in a line since it was due."""
    if task.text("delay_cause") and task.text("need"):
        return True
    end = world.end_of(task.text("due"))
    return any(
        _says_late(line) and (end is None or line.said >= end)
        for line in world.pointing("progress", "of", task)
    )


def _says_late(paper: Paper) -> bool:
    return paper.text("says") == "late" and bool(paper.text("delay_cause") and paper.text("need"))


def explain(world: World) -> Iterator[Turn]:
    """What is late says why, and what it needs (S000-16, S004-12, S001-23)."""
    for task in running(world):
        if world.passed(task.text("due")) and not explained(world, task):
            yield Turn(
                paper=task,
                to=owner(world, task),
                why=_("Late: say why and what is needed, or a new date"),
                step=Open("task", task.id, "delay_cause"),
                ends=world.end_of(task.text("due")),
            )


def warn(world: World) -> Iterator[Turn]:
    """A foreseen delay reaches the initiator and the superior, each until they say so (S003-13)."""
    for task in running(world):
        day = task.day("due")
        told = foreseen(world, task) if day is not None and world.near(day, "warn") else None
        if day is None or told is None:
            continue
        receipts = {
            each.author
            for each in world.pointing("signoff", "of", task)
            if each.text("meaning") == "receipt"
        }
        told_to = (*world.initiators(task), *world.superiors(task.text("owner")))
        people = [each for each in dict.fromkeys(told_to) if world.present(each)]
        for person in people or [""]:
            waits = (person,) if person else world.coordinators(task.project)
            if person and person == task.text("owner"):
                continue
            if any(world.heard(each, receipts) for each in waits):
                continue
            yield Turn(
                paper=task,
                to=(person,) if person else (),
                why=_("Will be late: {cause}; needs {need}", cause=told[0], need=told[1]),
                step=Write("signoff", {"of": task.id, "of_dot": task.dot, "meaning": "receipt"}),
                key=person,
                ends=world.end_of(task.text("due")),
            )


def foreseen(world: World, task: Paper) -> tuple[str, str] | None:
    """Cause and need, where the newest word on a task is that it is late."""
    lines = world.pointing("progress", "of", task)
    newest = max(lines, key=lambda line: (line.text("day"), line.said, line.id), default=None)
    if newest is not None and _says_late(newest):
        return _first_line(newest.text("delay_cause")), _first_line(newest.text("need"))
    if newest is not None and newest.text("says") and newest.said > task.at:
        return None
    if task.text("delay_cause") and task.text("need"):
        return _first_line(task.text("delay_cause")), _first_line(task.text("need"))
    return None


def _first_line(text: str) -> str:
    return text.partition("\n")[0]


def remind(world: World) -> Iterator[Turn]:
    """The lead reminds the owner before a key date (S004-12)."""
    for task in running(world):
        source = solves(world, task)
        day = task.day("due")
        if source is None or day is None or not world.near(day, "remind"):
            continue
        # Who owns it is told that it is due, and reminds nobody.
        people = tuple(each for each in leaders(world, source) if each not in owner(world, task))
        if not people:
            continue
        since = world.midnight(world.since(day, "remind"))
        lead = source.text("lead")
        if any(
            said.at >= since
            and (
                said.author in world.whose(people, task.project)
                or world.same(world.department_of(said.author), lead)
            )
            for said in world.pointing("comment", "of", task)
        ):
            continue
        begun: dict[str, object] = {"of": task.id, "type": "comment"}
        if name := task.text("owner"):
            begun["about"] = [name]
        yield Turn(
            paper=task,
            to=people,
            why=_("Remind {owner}: a key date is near", owner=task.text("owner") or _("nobody")),
            step=Write("comment", {**begun, "project": task.project} if task.project else begun),
            ends=world.end_of(task.text("due")),
        )


def emergency(world: World) -> Iterator[Turn]:
    """More than so many working days late, the decision layer calls a meeting (S000-19, S000-41)."""
    limit = world.policy.count("late.emergency")
    late_before = world.emergency_before
    for task in running(world):
        day = task.day("due")
        if day is None or day >= late_before or _met(world, task):
            continue
        late = world.calendar.days_late(day, world.today)
        began = world.midnight(world.too_late_on(day))
        ends = world.ending(began, "emergency")
        begun: dict[str, object] = {
            "title": _called(task),
            "type": EMERGENCY,
            "about": [task.id],
            "gate": "decision",
            "start": _meets_on(world, ends),
            "departments": [
                each for each in (task.text("department"), *task.texts("departments")) if each
            ],
        }
        begun = {name: value for name, value in begun.items() if value}
        yield Turn(
            paper=task,
            to=world.deciders(task),
            why=_(
                "{n} working days late; over {limit} an emergency meeting is called",
                n=late,
                limit=limit,
            ),
            step=Write("meeting", {**begun, "project": task.project} if task.project else begun),
            began=began,
            ends=ends,
        )


def _called(task: Paper) -> str:
    """What a meeting about a task may be called."""
    title = task.text("title")
    words = _("Emergency meeting: {title}", title=title)
    (spec,) = (each for each in KINDS["meeting"].fields if each.name == "title")
    return words if spec.limit is None or count_zi(words) <= spec.limit else title


def _meets_on(world: World, ends: int | None) -> str:
    """The last working day within the time to convene; where that is over, within as long from now."""
    if ends is None or ends <= world.now:
        ends = world.ending(world.now, EMERGENCY)
    if ends is None:
        return ""
    day = world.day_of(ends - 1)
    while day > world.today and not world.calendar.is_workday(day):
        day -= timedelta(days=1)
    return day.isoformat()


def _met(world: World, task: Paper) -> bool:
    """Whether an emergency meeting about it was called since it was due."""
    end = world.end_of(task.text("due"))
    return any(
        meeting.text("type") == EMERGENCY
        and meeting.state != "cancelled"
        and (end is None or meeting.said >= end)
        for meeting in world.pointing("meeting", "about", task)
    )


def replan(world: World) -> Iterator[Turn]:
    """What waits for something that comes later than it begins or is due is planned anew (S004-13)."""
    for dependency in world.of_kind("dependency"):
        after = world.find(dependency.text("after"), "task", "milestone", "request")
        before = world.find(dependency.text("before"), "task", "milestone", "request", "blocker")
        if after is None or before is None or _over(after) or _over(before):
            continue
        ends = before.day("verify_on" if before.kind == "blocker" else "due")
        if ends is None or not world.runs(after):
            continue
        ready = _after(world, ends, dependency.whole("lag", 0))
        late = [
            field
            for field in ("start", "due")
            if ready is not None and (day := after.day(field)) is not None and day < ready
        ]
        if not late:
            continue
        title = before.text("title") or before.number or before.id[-6:]
        yield Turn(
            paper=after,
            to=_planner(world, after),
            why=_("{title} comes first and ends on {day}", title=title, day=f"{ends:%m-%d}"),
            step=Open(after.kind, after.id, late[0]),
            key=before.id,
            ends=world.end_of(after.text("due")),
        )


def _over(paper: Paper) -> bool:
    match paper.kind:
        case "task":
            return paper.state not in STILL_WORKED_ON
        case "milestone":
            return paper.state in ("reached", "dropped")
        case "request":
            return paper.state in ("accepted", "confirmed", "closed", "dropped")
    return paper.state in ("resolved", "verified", "closed")


def _after(world: World, day: date, lag: int) -> date | None:
    try:
        return world.calendar.add_workdays(day, max(-999, min(lag, 999)))
    except OverflowError:
        return None


def _planner(world: World, paper: Paper) -> tuple[str, ...]:
    """Who plans a paper: its owner, else its department, else the one that asked for it."""
    return owner(world, paper) or world.liaisons(department_of(paper, "initiator"), paper.project)


def weekly(world: World) -> Iterator[Turn]:
    """Each owner says how it goes by the end of the week (S000-14)."""
    deadline = week_ends(world)
    if deadline is None:
        return
    ends, opens = deadline
    if world.today < opens:
        return
    week = week_of(world.today)
    monday = world.midnight(world.today - timedelta(days=world.today.weekday()))
    for task in running(world):
        begins = task.day("start")
        if task.state != "doing" and (begins is None or begins > world.today):
            continue
        people = owner(world, task)
        if task.at >= monday and task.author in world.whose(people, task.project):
            continue
        lines = world.pointing("progress", "of", task)
        if any(line.at >= monday or _in_week(line, week) for line in lines):
            continue
        yield Turn(
            paper=task,
            to=people,
            why=_("No word of progress in week {week}", week=week[-2:]),
            step=_line(world, task),
            key=week,
            ends=ends,
        )


def week_of(day: date) -> str:
    """The ISO week of a day, `2026-W47`."""
    year, week, _weekday = day.isocalendar()
    return f"{year}-W{week:02}"


def _in_week(line: Paper, week: str) -> bool:
    day = line.day("day")
    return day is not None and week_of(day) == week


def week_ends(world: World) -> tuple[int, date] | None:
    """When this week's progress is due, and from which day it is asked for; None in a week off."""
    rule = world.policy.weekly("weekly.progress")
    try:
        day, _hour = rule.of(world.today, world.calendar)
        opens = world.calendar.add_workdays(day, -1)
    except OverflowError:
        return None
    ends = world.end_of(rule.stored(world.today, world.calendar))
    if week_of(day) != week_of(world.today) or ends is None:
        return None
    return ends, opens
