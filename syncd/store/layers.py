"""What needs the decision layer, by the seats that this replica holds: what the hub will say, said before."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from schema.dates import local
from schema.records.kind import Body
from schema.rights import ABOVE, may_decide, needs_layer, projects_of
from schema.rules.roles import Roles
from schema.version import Version
from syncd.store.history import known_versions
from syncd.store.reading import policy_of
from syncd.store.replica import Replica
from syncd.store.rows import Change

_decode = msgspec.json.Decoder(dict[str, Any]).decode


class _Named(NamedTuple):
    kind: str
    id: str
    body: Body


def lacks_layer(replica: Replica, change: Change, role: str, me: str) -> bool:
    """Whether the hub will refuse an edit, saved already or not, to who is no decision maker of its project."""
    conn = replica.conn
    before, after = _before(replica, change), None if change.deleted else _decode(change.body)
    if not needs_layer(change.kind, before, after):
        return False

    def find(id: str) -> tuple[str, Body] | None:
        marks = ", ".join("?" * len(ABOVE))
        row = conn.execute(
            f"SELECT kind, body FROM records WHERE id = ? AND NOT deleted AND kind IN ({marks})",
            (id, *ABOVE),
        ).fetchone()
        return (row[0], _decode(row[1] or "{}")) if row else None

    now = datetime.fromtimestamp(replica.clock.now() / 1e6, UTC)
    return not may_decide(
        role,
        me,
        projects_of(before, find) | projects_of(after, find),
        roles_of(conn),
        local(now, policy_of(conn).text("zone")).date(),
    )


def roles_of(conn: sqlite3.Connection) -> Roles:
    """Who answers for what, by the records held here."""
    rows = conn.execute(
        """SELECT kind, id, body FROM records
        WHERE kind IN ('person', 'department', 'seat', 'project') AND NOT deleted"""
    )
    return Roles.under(_Named(kind, id, _decode(body or "{}")) for kind, id, body in rows)


def _before(replica: Replica, change: Change) -> Body | None:
    """What the record said before the edit; None where there was none, or it was deleted."""
    record = replica.record(change.kind, change.id)
    if record is None:
        return None
    version: Version | None = record.shown
    if (record.shown.body, record.shown.deleted) == (change.body, change.deleted):
        base = record.shown.base
        version = known_versions(replica, change.kind, change.id).get(base) if base else None
    if version is None or version.deleted or not version.body:
        return None
    return _decode(version.body)
