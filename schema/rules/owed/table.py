"""The rules, each listed once, and the lines that follow from them (docs/today.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from msgspec import Struct

from schema.records.bodies import title_of
from schema.records.registry import KINDS
from schema.rules.owed import blockers, papers, review, tasks
from schema.rules.world import Step, Turn, World
from schema.wording import N_, _


class Rule(NamedTuple):
    """One rule: its name, the guides' rows (none for what only the program asks), its lines' verb, and what finds them."""

    name: str
    rows: tuple[str, ...]
    verb: str
    find: Callable[[World], Iterator[Turn]]


RULES: tuple[Rule, ...] = (
    Rule("answer", ("S003-14", "S004-01"), N_("Answer"), blockers.answer),
    Rule("clarify", ("S004-03",), N_("Clarify"), blockers.clarify),
    Rule("lead", ("S004-04", "S004-06"), N_("Name someone"), blockers.lead),
    Rule("cocreate", ("S004-08", "S004-10"), N_("Plan it"), blockers.cocreate),
    Rule("resolve", ("S004-14",), N_("Resolve"), blockers.resolve),
    Rule("smart", ("S004-09", "S001-32"), N_("SMART"), tasks.smart),
    Rule("daily", ("S004-11", "S003-11"), N_("Daily"), tasks.daily),
    Rule("due", ("S000-13",), N_("Do"), tasks.due),
    Rule("explain", ("S000-16", "S004-12", "S001-23"), N_("Explain"), tasks.explain),
    Rule("warn", ("S003-13",), N_("Warned"), tasks.warn),
    Rule("remind", ("S004-12",), N_("Remind"), tasks.remind),
    Rule("emergency", ("S000-19", "S000-41"), N_("Convene"), tasks.emergency),
    Rule("replan", ("S004-13",), N_("Replan"), tasks.replan),
    Rule("verify", ("S004-14", "S004-16"), N_("Verify"), review.verify),
    Rule("conclude", ("S004-16",), N_("Conclude"), review.conclude),
    Rule("restart", ("S004-16",), N_("Restart"), review.restart),
    Rule("follow", ("S004-16",), N_("Follow"), review.follow),
    Rule("feedback", ("S004-15",), N_("Give feedback"), review.feedback),
    Rule("sheet", ("S004-17",), N_("Sum up"), review.sheet),
    Rule("lesson", ("S004-18", "S004-19"), N_("Share"), review.lesson),
    Rule("revise", ("S004-19",), N_("Revise"), review.revise),
    Rule("weekly", ("S000-14",), N_("Weekly"), tasks.weekly),
    Rule("receipt", ("S000-08", "S001-28"), N_("Receive"), papers.receipt),
    Rule("settle", (), N_("Settle"), papers.settle),
)


CLOCKS = {"answer": "answer", "emergency": "emergency"}
"""The rules whose clock is a time rule of the policy, by its key."""
BY_DATE = ("due", "explain", "warn", "remind", "verify")
"""The rules that end with the date of the paper itself."""


class Line(Struct, frozen=True, kw_only=True):
    """One thing that waits for somebody; `rule`, `id` and `key` are its identity on every replica.

    `to` are the people who owe it, any of them, and `instead` whose place each takes, by name,
    where it is another's. `unowned`: nobody is named for it, so the coordinators are asked.
    `began` and `ends` are microseconds, None where no clock runs; `verb` and `why` are in the language read.
    """

    rule: str
    rows: tuple[str, ...]
    verb: str
    kind: str
    id: str
    key: str
    number: str
    title: str
    project: str
    to: tuple[str, ...]
    instead: dict[str, str]
    unowned: bool
    why: str
    step: Step
    began: int | None
    ends: int | None

    @property
    def identity(self) -> tuple[str, str, str]:
        return self.rule, self.id, self.key


def owed(world: World, person: str = "") -> list[Line]:
    """Every line of a world, by rule, then by paper; of one person, only those that ask them."""
    lines = (_line(world, rule, turn, person) for rule in RULES for turn in rule.find(world))
    return [line for line in lines if line is not None]


def _line(world: World, rule: Rule, turn: Turn, person: str) -> Line | None:
    paper = turn.paper
    asked = world.asked(turn.to)
    unowned = not asked
    if unowned:
        asked = world.asked_coordinators(paper.project)
    if person and all(each.person != person for each in asked):
        return None
    why = _("{why}; nobody is named for it", why=turn.why) if unowned else turn.why
    return Line(
        rule=rule.name,
        rows=rule.rows,
        verb=_(turn.verb or rule.verb),
        kind=paper.kind,
        id=paper.id,
        key=turn.key,
        number=paper.number,
        title=title_of(KINDS[paper.kind], paper.body),
        project=paper.project,
        to=tuple(each.person for each in asked),
        instead={each.person: each.instead for each in asked if each.instead},
        unowned=unowned,
        why=why,
        step=turn.step,
        began=turn.began,
        ends=turn.ends,
    )
