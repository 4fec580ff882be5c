"""What other papers say of a dated one: an emergency meeting about it, a reminder of today, a ruling it waits for."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import date, datetime, time

from schema.records.bodies import due_at
from schema.rules.answers import DECISION, Replies
from schema.rules.basis import Around
from schema.rules.lights import Shown
from schema.rules.roles import Roles
from schema.rules.timing import instant
from syncd.store.blockers import answers, reopenings
from syncd.store.reckoning import Reckoning, decode
from syncd.store.tables import MARKED, STANDING

RUNNING = ("todo", "doing")


class Arounds:
    """Reads it for the rows of a window; what is read of all of them at once is read once."""

    def __init__(self, by: Reckoning) -> None:
        self._by = by
        self._meetings: dict[str, list[tuple[int, str]]] | None = None
        self._ruled: frozenset[str] | None = None
        self._roles: Roles | None = None

    def of(
        self, conn: sqlite3.Connection, kind: str, id: str, body: Mapping[str, object], told: Shown
    ) -> Around:
        """What is said around one paper; nothing of what no longer runs."""
        due = body.get("due")
        if kind != "task" or body.get("state") not in RUNNING or not isinstance(due, str):
            return Around()
        if told.late_days > self._by.policy.count("late.emergency"):
            return Around(meeting=self._meeting(conn, id, due))
        return Around(
            remind=self._remind(conn, id, body, date.fromisoformat(due[:10])),
            ruling=self._ruling(conn, id),
        )

    def _meeting(self, conn: sqlite3.Connection, id: str, due: str) -> str | None:
        """When the emergency meeting is that was called since the task was due; None where none was."""
        if self._meetings is None:
            self._meetings = {}
            for about, said, start in conn.execute(
                f"""SELECT value, min(iif(eff > 0, eff, at), ifnull(accepted, 9e18)),
                    ifnull(json_extract(body, '$.start'), '')
                FROM records INDEXED BY records_marked, json_each(body, '$.about')
                WHERE deleted = 0 AND {MARKED} AND kind = 'meeting'
                    AND json_extract(body, '$.type') = 'emergency'
                    AND ifnull(state, '') <> 'cancelled'"""
            ):
                if isinstance(about, str):
                    held = self._meetings.setdefault(about, [])
                    held.append((int(said), start if isinstance(start, str) else ""))
        day, zone = date.fromisoformat(due[:10]), self._by.moment.zone
        end = instant(datetime.combine(day, time.max), zone)
        called = sorted(each for each in self._meetings.get(id, ()) if each[0] >= end)
        if not called:
            return None
        start = called[-1][1]
        return start if due_at(start) else ""

    def _remind(
        self, conn: sqlite3.Connection, id: str, body: Mapping[str, object], due: date
    ) -> bool:
        """Whether the lead department is to remind the owner, and nobody of it has (S004-12)."""
        source, by = body.get("source"), self._by
        if not isinstance(source, str) or not source or due < by.today:
            return False
        rule = by.policy.rule("remind")
        try:
            since = (
                by.moment.calendar.add_workdays(due, -rule.amount)
                if rule.unit in ("working_days", "count")
                else date.fromordinal(due.toordinal() - rule.amount)
            )
        except (OverflowError, ValueError):
            return False
        if since > by.today:
            return False
        row = conn.execute(
            """SELECT json_extract(body, '$.lead') FROM records
            WHERE kind = 'blocker' AND id = ? AND deleted = 0""",
            (source,),
        ).fetchone()
        if row is None:
            return False
        begun = instant(datetime.combine(since, time.min), by.moment.zone)
        authors = conn.execute(
            """SELECT DISTINCT author FROM records WHERE of = ? AND kind = 'comment'
                AND deleted = 0 AND iif(eff > 0, eff, at) >= ?""",
            (id, begun),
        ).fetchall()
        if not authors:
            return True
        lead = row[0] if isinstance(row[0], str) else ""
        roles = self._roles_of(conn)
        return not any(
            roles.department_of(author) == roles.named(lead) or author in roles.liaisons(lead)
            for (author,) in authors
        )

    def _roles_of(self, conn: sqlite3.Connection) -> Roles:
        if self._roles is None:
            from syncd.store.layers import roles_of

            self._roles = roles_of(conn)
        return self._roles

    def _ruling(self, conn: sqlite3.Connection, id: str) -> bool:
        """Whether what it needs is contested, or what holds it up waits for the decision layer."""
        contested = conn.execute(
            """SELECT 1 FROM records WHERE of = ? AND kind = 'resource' AND deleted = 0
                AND ifnull(state, 'open') IN ('open', 'claimed')
                AND ifnull(json_extract(body, '$.contest'), '') <> ''
                AND ifnull(json_extract(body, '$.outcome'), '') = '' LIMIT 1""",
            (id,),
        ).fetchone()
        return contested is not None or id in self._waiting(conn)

    def _waiting(self, conn: sqlite3.Connection) -> frozenset[str]:
        """What the blockers hold up that have climbed to the decision layer unanswered."""
        if self._ruled is not None:
            return self._ruled
        rows = conn.execute(
            f"""SELECT id, accepted, source, body FROM records INDEXED BY records_standing
            WHERE deleted = 0 AND {STANDING} AND kind = 'blocker' AND ifnull(state, 'open') = 'open'
                AND accepted IS NOT NULL"""
        ).fetchall()
        ids = [row[0] for row in rows]
        done, again = answers(conn, ids), reopenings(conn, ids)
        found = set[str]()
        for id, accepted, source, text in rows:
            clock = self._by.clock(accepted, again.get(id)) if id not in done else None
            if clock is None or clock.ends >= self._by.now:
                continue
            told = self._by.blocker(decode(text or "{}"), clock, Replies(reopened=again.get(id)))
            if told.level == DECISION:
                found.add(source or "")
                after = conn.execute(
                    """SELECT "after" FROM records WHERE before = ? AND kind = 'dependency'
                        AND deleted = 0""",
                    (id,),
                )
                found.update(each or "" for (each,) in after)
        self._ruled = frozenset(found - {""})
        return self._ruled
