"""What a task that ends later pushes: whatever waits for it, through chains, in working days (S004-12, S004-13)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from schema.records.bodies import due_at
from schema.records.registry import KINDS
from schema.rules.world import Paper
from schema.workdays import Calendar

MOVED = ("task",)
"""The kinds whose dates an act of the program may move; of all others it is only said."""

_MOST_LAG = 999


class Pushed(NamedTuple):
    """A paper that can no longer begin or end as planned, stored dates before and after.

    `because` is what it waits for, the one that ends last; a date that it has not, or that stands,
    is the same before and after. `movable`: whether the program may move it.
    """

    paper: Paper
    start_was: str
    start: str
    due_was: str
    due: str
    because: Paper
    movable: bool


class _Dates(NamedTuple):
    start: str
    due: str


class _Link(NamedTuple):
    before: str
    after: str
    lag: int


def pushed(
    task: Paper,
    new_due: str,
    dependencies: Iterable[Paper],
    papers: Iterable[Paper],
    calendar: Calendar,
) -> list[Pushed]:
    """What must move when a task is due at `new_due`, a stored date; each after what pushes it.

    What waits begins on the working day that is `lag` after the one before it ends, as the rule
    `replan` has it, and takes as many working days as it did; a date that still holds stays.
    What is finished or has no date pushes nothing, and a circle ends where it closes.
    """
    was, by_id = task.day("due"), {each.id: each for each in papers}
    by_id[task.id] = task
    moved = _day(new_due)
    if moved is None or (was is not None and moved <= was):
        return []
    links = _links(dependencies, by_id)
    dues = {task.id: moved}
    pushes: dict[str, tuple[date, str]] = {}
    found = []
    for id in _in_order(task.id, links):
        if id in pushes:
            ready, because = pushes[id]
            paper = by_id[id]
            after = _after(paper, ready, calendar)
            if after is None:
                continue
            found.append(_said(paper, after, by_id[because]))
            day = _day(after.due)
            if day is None:
                continue
            dues[id] = day
        if id not in dues:
            continue
        for link in links.get(id, ()):
            ready_then = _ready(dues[id], link.lag, calendar)
            if ready_then is not None and link.after != task.id:
                known = pushes.get(link.after)
                if known is None or ready_then > known[0]:
                    pushes[link.after] = (ready_then, id)
    return found


def over(paper: Paper) -> bool:
    """Whether a paper waits for nothing any more, or keeps nothing waiting."""
    kind = KINDS[paper.kind]
    return paper.state in kind.finished | kind.delivered or (
        paper.kind == "task" and paper.state == "review"
    )


def _links(dependencies: Iterable[Paper], papers: Mapping[str, Paper]) -> dict[str, list[_Link]]:
    """What waits for each paper, among papers that are not over; in one order on every replica."""
    found: dict[str, list[_Link]] = {}
    for each in sorted(dependencies, key=lambda each: each.id):
        link = _Link(each.text("before"), each.text("after"), each.whole("lag", 0))
        after = papers.get(link.after)
        if link.before in papers and after is not None and not over(after):
            found.setdefault(link.before, []).append(link)
    return found


def _in_order(first: str, links: Mapping[str, list[_Link]]) -> list[str]:
    """What can be reached from the first, each after all that leads to it; circles are cut where they close."""
    done: list[str] = []
    seen, open_now = {first}, [(first, iter(links.get(first, ())))]
    while open_now:
        id, rest = open_now[-1]
        link = next(rest, None)
        if link is None:
            done.append(id)
            open_now.pop()
        elif link.after not in seen:
            seen.add(link.after)
            open_now.append((link.after, iter(links.get(link.after, ()))))
    return done[::-1]


def _ready(ends: date, lag: int, calendar: Calendar) -> date | None:
    """The first working day on which what waits may begin; None beyond the calendar."""
    try:
        day = calendar.add_workdays(ends, max(-_MOST_LAG, min(lag, _MOST_LAG)))
        return _worked(day, calendar)
    except OverflowError:
        return None


def _worked(day: date, calendar: Calendar) -> date:
    """The day, or the next working day."""
    return day if calendar.is_workday(day) else calendar.add_workdays(day, 1)


def _after(paper: Paper, ready: date, calendar: Calendar) -> _Dates | None:
    """The dates of a paper that may begin on `ready`; None where its own still hold."""
    begins, ends = paper.day("start"), paper.day("due")
    start, due = paper.text("start"), paper.text("due")
    try:
        if begins is not None and begins < ready:
            start = _written(ready, start)
            if ends is not None:
                first = _worked(begins, calendar)
                long = max(0, calendar.workdays_between(first, ends))
                due = _written(max(ends, calendar.add_workdays(ready, long)), due)
        elif ends is not None and ends < ready:
            due = _written(ready, due)
        else:
            return None
    except OverflowError:
        return None
    return _Dates(start, due)


def _day(stored: str) -> date | None:
    key = due_at(stored)
    return None if key is None else date.fromisoformat(key[:10])


def _written(day: date, before: str) -> str:
    """A day with the hour of the date that it replaces."""
    return day.isoformat() + before[10:]


def _said(paper: Paper, after: _Dates, because: Paper) -> Pushed:
    return Pushed(
        paper,
        paper.text("start"),
        after.start,
        paper.text("due"),
        after.due,
        because,
        paper.kind in MOVED,
    )
