"""How the blockers and the deadlines reckon: the moment, the time rules, and which records still run."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import msgspec

from schema.dates import local
from schema.records.kind import Body
from schema.records.registry import KINDS
from schema.rules.answers import AnswerClock, AnswerRules, Replies, answer_clock
from schema.rules.explained import Explained, due_explained, ending_explained
from schema.rules.lights import Shown, blocker_shown, shown
from schema.rules.policy import Policy
from syncd.store.moment import Moment
from syncd.store.reading import calendar_of, policy_of

_FINISHED = ", ".join(f"'{state}'" for state in sorted(KINDS["project"].finished))
_ENDED = f"SELECT id FROM records WHERE kind = 'project' AND deleted = 0 AND state IN ({_FINISHED})"

decode = msgspec.json.Decoder(dict[str, Any]).decode
_encode = msgspec.json.Encoder().encode


class Reckoning(NamedTuple):
    """A moment, `now` in microseconds, with the policy, and the rules by which answers are due."""

    now: int
    moment: Moment
    rules: AnswerRules
    policy: Policy

    @classmethod
    def of(cls, conn: sqlite3.Connection, now: int) -> Reckoning:
        """By the policy records that this replica holds."""
        policy = policy_of(conn)
        moment = Moment.under(policy, calendar_of(conn), now)
        return cls(now, moment, AnswerRules.of(policy), policy)

    def later(self, now: int) -> Reckoning:
        """The same at another moment."""
        at = datetime.fromtimestamp(now / 1_000_000, UTC)
        return self._replace(now=now, moment=self.moment._replace(now=at))

    @property
    def wall(self) -> datetime:
        """What a clock on the wall of the workspace's zone shows."""
        return local(self.moment.now, self.moment.zone)

    @property
    def today(self) -> date:
        return self.wall.date()

    def clock(self, accepted: int | None, reopened: int | None = None) -> AnswerClock | None:
        """The answer clock of a blocker that the hub first took then, and that was reopened then."""
        _now, zone, calendar, _warn = self.moment
        return answer_clock(
            accepted, zone=zone, calendar=calendar, rules=self.rules, reopened=reopened
        )

    def blocker(self, body: Body, clock: AnswerClock | None, replies: Replies) -> Shown:
        """How a blocker stands at this moment."""
        now, zone, calendar, warn = self.moment
        return blocker_shown(
            body, clock, replies, now=now, zone=zone, calendar=calendar, warn=warn, rules=self.rules
        )

    def ending(self, began: int | None, key: str) -> tuple[Explained, ...]:
        """How the end of a policy's time that began then was computed; None where none began, or it has no end."""
        if began is None:
            return ()
        zone, calendar = self.moment.zone, self.moment.calendar
        try:
            return (ending_explained(began, key, zone=zone, calendar=calendar, policy=self.policy),)
        except OverflowError:
            return ()

    def due(self, due: str) -> tuple[Explained, ...]:
        """How the time until a stored date, or since it, is counted."""
        return due_explained(due, self.today, calendar=self.moment.calendar, policy=self.policy)

    def shown(self, kind: str, body: Body) -> Shown:
        """How a paper other than a blocker stands at this moment."""
        now, zone, calendar, warn = self.moment
        return shown(kind, body, now=now, zone=zone, calendar=calendar, warn=warn)


def running(conn: sqlite3.Connection) -> str:
    """The condition that a row is of no ended project: papers of those leave the shared views."""
    if conn.execute(f"{_ENDED} LIMIT 1").fetchone() is None:
        return "1"
    return f"(project IS NULL OR project NOT IN ({_ENDED}))"


def unfinished(*kinds: str) -> str:
    """The condition that a row is of one of these kinds and runs towards its due."""
    conditions = []
    for name in kinds:
        kind = KINDS[name]
        states = [state for state in kind.states if state not in kind.finished | kind.delivered]
        words = ", ".join(f"'{state}'" for state in states)
        conditions.append(f"kind = '{name}' AND state IN ({words})")
    return f"({' OR '.join(conditions)})"


def with_shown(envelope: str, told: Shown) -> str:
    """A record as JSON text with what is shown of it."""
    return f'{envelope[:-1]},"shown":{_encode(told).decode()}}}'


def with_computed(text: str, found: Iterable[Explained]) -> str:
    """The same with how its dates were computed."""
    return f'{text[:-1]},"computed":{_encode([each.as_json() for each in found]).decode()}}}'
