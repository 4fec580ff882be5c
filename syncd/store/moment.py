"""A now as the workspace counts: what lights and countdowns are computed from."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from schema.dates import local
from schema.rules.lights import Shown, shown
from schema.rules.policy import Policy
from schema.workdays import Calendar
from syncd.store.reading import calendar_of, policy_of

_decode = msgspec.json.Decoder(dict[str, Any]).decode


class Moment(NamedTuple):
    """An aware `now` with the workspace's zone, calendar and days of warning."""

    now: datetime
    zone: str
    calendar: Calendar
    warn: int

    @classmethod
    def of(cls, conn: sqlite3.Connection, now: int) -> Moment:
        """The moment at `now`, in microseconds, under the policy of this replica."""
        return cls.under(policy_of(conn), calendar_of(conn), now)

    @classmethod
    def under(cls, policy: Policy, calendar: Calendar, now: int) -> Moment:
        """The moment at `now`, in microseconds, under a policy and a calendar."""
        at = datetime.fromtimestamp(now / 1_000_000, UTC)
        return cls(at, policy.text("zone"), calendar, policy.count("warn"))

    def shown(self, kind: str, body: str | None, accepted: int | None) -> Shown:
        """What is shown of a record with this body."""
        return shown(
            kind,
            _decode(body or "{}"),
            now=self.now,
            zone=self.zone,
            calendar=self.calendar,
            warn=self.warn,
            accepted=accepted,
        )

    @property
    def late_before(self) -> str:
        """What is unfinished and has a `due_at` below this is late."""
        wall = local(self.now, self.zone)
        # On the minute the seconds are left out, so that 17:00 is not before 17:00:00.
        on_the_minute = not (wall.second or wall.microsecond)
        return wall.isoformat(timespec="minutes" if on_the_minute else "auto")

    @property
    def near_before(self) -> str:
        """What is not late and has a `due_at` below this is due within the days of warning."""
        today = local(self.now, self.zone).date()
        try:
            return self.calendar.add_workdays(today, self.warn + 1).isoformat()
        except OverflowError:
            return today.max.isoformat()
