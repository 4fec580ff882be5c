"""The answer to a blocker: by when, how far unanswered ones are escalated, and the six steps (S004).

Somebody else's clock runs from when the hub first took the blocker, because before that the
other could not know, and anew from when it was reopened. Answered is what has an answer since
then among its comments or is past `open`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from msgspec import Struct

from schema.records.kind import Body
from schema.records.registry import KINDS
from schema.rules.policy import DEFAULT, Policy
from schema.rules.timing import TimeRule
from schema.rules.truth import at
from schema.wording import N_, _
from schema.workdays import Calendar

STEPS = (
    N_("Clarify"),
    N_("Kick off"),
    N_("Co-create"),
    N_("Execute"),
    N_("Verify"),
    N_("Feed back"),
)
CLARIFIED = ("lead", "essence", "effect", "attributed")
"""What a blocker says once it is clarified (S004-03, S004-04)."""

LIAISON, INITIATOR, DECISION = 1, 2, 3
LEVELS = {
    LIAISON: N_("liaison"),
    INITIATOR: N_("initiating department"),
    DECISION: N_("decision layer"),
}
POLICIES = ("answer", "escalate.initiator", "escalate.decision")
OPEN = "open"


class AnswerRules(Struct, frozen=True):
    """How long an answer may take, and when the initiator and then the decision layer take over.

    The second escalation runs from the end of the first (guides, "Decided": three levels, two numbers).
    """

    answer: TimeRule
    initiator: TimeRule
    decision: TimeRule

    @classmethod
    def of(cls, policy: Policy) -> AnswerRules:
        """The rules as the policy has them."""
        return cls(*(policy.rule(key) for key in POLICIES))


DEFAULTS = AnswerRules.of(DEFAULT)


class Replies(Struct, frozen=True):
    """What points at a blocker: when it was first answered, in microseconds, and its tasks.

    `answered` is None where nobody did since it was last opened, or where only the state says
    so; `tasks` counts those that come from it and are not dropped; `reopened` is when it was put
    back to `open`, None where it never was.
    """

    answered: int | None = None
    tasks: int = 0
    reopened: int | None = None


class AnswerClock(Struct, frozen=True):
    """The clock of a blocker, in microseconds since 1970.

    It ends on `end_day`; `rolled` is the day off from which it moved there, `published` whether
    the days off of that year are official.
    """

    began: int
    ends: int
    rule: TimeRule
    end_day: date
    rolled: date | None
    published: bool

    def why(self, *, now: int, zone: str) -> str:
        """How the end was computed, in one line: start, rule, the day off it skipped."""
        parts = [_("From {time}, {span}", time=at(self.began, now, zone), span=self.rule.words)]
        if self.rolled:
            parts.append(
                _(
                    "{day} is a day off, so it moves to the same time on {to}",
                    day=f"{self.rolled:%m-%d}",
                    to=f"{self.end_day:%m-%d}",
                )
            )
        if not self.published:
            parts.append(unpublished(self.end_day.year))
        return _("; ").join(parts)


class Takeovers(Struct, frozen=True):
    """When the levels above the liaisons take an unanswered blocker over, in microseconds."""

    initiator: int
    decision: int


def reopened(history: Iterable[tuple[int, object]]) -> int | None:
    """When a blocker was last put back to `open`, in microseconds; None where it never was.

    `history` is the moments and states of its versions, oldest first. What goes back to the
    first step (guides, "Suggested allowed moves") is to be answered anew.
    """
    found, beyond = None, False
    for moment, state in history:
        if state == OPEN and beyond:
            found, beyond = moment, False
        elif beyond_open(state):
            beyond = True
    return found


def answer_clock(
    accepted: int | None,
    *,
    zone: str,
    calendar: Calendar,
    rules: AnswerRules = DEFAULTS,
    reopened: int | None = None,
) -> AnswerClock | None:
    """The answer clock of a blocker that the hub first took at `accepted`; None before that.

    It begins anew when the blocker was `reopened`. None too where the end lies beyond the
    calendar.
    """
    if accepted is None:
        return None
    began = max(accepted, reopened or accepted)
    try:
        end = rules.answer.end(began, zone=zone, calendar=calendar)
    except OverflowError:
        return None
    return AnswerClock(
        began=began,
        ends=end.at,
        rule=rules.answer,
        end_day=end.day,
        rolled=end.rolled,
        published=calendar.published(end.day.year),
    )


def answered(body: Body, replies: Replies) -> bool:
    """Whether somebody answered: a comment of type `answer`, or a state beyond `open`."""
    return replies.answered is not None or beyond_open(body.get("state"))


def beyond_open(state: object) -> bool:
    """Whether a blocker in this state is past waiting for its answer; a state not known here is not."""
    return state in KINDS["blocker"].states and state != OPEN


def level(
    clock: AnswerClock | None,
    body: Body,
    replies: Replies,
    *,
    now: int,
    zone: str,
    calendar: Calendar,
    rules: AnswerRules = DEFAULTS,
) -> int | None:
    """Who has to see to the blocker: 1 liaison, 2 initiator, 3 decision layer; None once it is verified.

    The answer ends the climbing: the level stays the one at which it came.
    """
    blocker = KINDS["blocker"]
    state = body.get("state")
    if isinstance(state, str) and state in blocker.finished | blocker.delivered:
        return None
    moment = replies.answered if answered(body, replies) else now
    if clock is None or moment is None or moment <= clock.began:
        return LIAISON
    if rules.initiator == clock.rule and moment <= clock.ends:
        return LIAISON
    over = takeovers(clock, zone=zone, calendar=calendar, rules=rules)
    if over is None or moment <= over.initiator:
        return LIAISON
    return INITIATOR if moment <= over.decision else DECISION


def takeovers(
    clock: AnswerClock, *, zone: str, calendar: Calendar, rules: AnswerRules = DEFAULTS
) -> Takeovers | None:
    """When a blocker that stays unanswered climbs; None where that lies beyond the calendar."""
    try:
        first = (
            clock.ends
            if rules.initiator == clock.rule
            else rules.initiator.end(clock.began, zone=zone, calendar=calendar).at
        )
        return Takeovers(first, rules.decision.end(first, zone=zone, calendar=calendar).at)
    except OverflowError:
        return None


def unclear(body: Body) -> list[str]:
    """The fields of a blocker that clarifying it still has to fill."""
    return [name for name in CLARIFIED if not body.get(name)]


def step(body: Body, replies: Replies) -> int:
    """The step of six that the blocker is at, 1 to 6.

    Open, it is to be clarified until nothing is unclear, whoever answered; then started; once it
    is answered and has a goal, options or tasks, or is coordinated, it is co-created until tasks
    come from it; resolved, it is verified; verified or closed, fed back.
    """
    match body.get("state"):
        case "verified" | "closed":
            return 6
        case "resolved":
            return 5
        case "coordinating":
            return 4 if replies.tasks else 3
    if unclear(body):
        return 1
    planned = replies.tasks or body.get("target") or body.get("options")
    if replies.answered is not None and planned:
        return 4 if replies.tasks else 3
    return 2


def unpublished(year: int) -> str:
    """What stands beside a date of a year whose days off are not official yet."""
    return _("the days off of {year} are not published", year=year)
