"""What needs the decision layer, by the seats that this replica holds: what the hub will say, said before."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from schema.dates import local
from schema.records.kind import Body
from schema.rights import (
    ABOVE,
    LAYERED,
    is_decided,
    may_decide,
    moved_between,
    needs_layer,
    projects_asked,
)
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
    version = _before(replica, change)
    was, said = _decode(version.body) if version and version.body else None, _decode(change.body)
    before = None if version is None or version.deleted else was
    after = None if change.deleted else said
    moved = moved_between(change.kind, was, said)
    if moved and not _decided_below(conn, change.id):
        moved = frozenset()
    if not moved and not needs_layer(change.kind, before, after):
        return False

    def find(id: str) -> tuple[str, Body] | None:
        marks = ", ".join("?" * len(ABOVE))
        rows = {
            kind: _decode(body or "{}")
            for kind, body in conn.execute(
                f"""SELECT kind, body FROM records
                WHERE id = ? AND (kind = 'project' OR NOT deleted) AND kind IN ({marks})""",
                (id, *ABOVE),
            )
        }
        return next(((kind, rows[kind]) for kind in ABOVE if kind in rows), None)

    projects = moved
    if needs_layer(change.kind, before, after):
        projects |= projects_asked(change.kind, (before, after), find)
    now = datetime.fromtimestamp(replica.clock.now() / 1e6, UTC)
    today = local(now, policy_of(conn).text("zone")).date()
    return not may_decide(role, me, projects, roles_of(conn), today)


def _decided_below(conn: sqlite3.Connection, id: str) -> bool:
    """Whether something of the decision layer's stands in a paper that belongs to this one."""
    rows = conn.execute("SELECT kind, body FROM records WHERE of = ? AND NOT deleted", (id,))
    return any(kind in LAYERED and is_decided(kind, _decode(body or "{}")) for kind, body in rows)


def roles_of(conn: sqlite3.Connection) -> Roles:
    """Who answers for what, by the records held here."""
    rows = conn.execute(
        """SELECT kind, id, body FROM records
        WHERE kind IN ('person', 'department', 'seat', 'project') AND NOT deleted"""
    )
    return Roles.under(_Named(kind, id, _decode(body or "{}")) for kind, id, body in rows)


def _before(replica: Replica, change: Change) -> Version | None:
    """The version that an edit is made on, saved already or not; None where there was none."""
    record = replica.record(change.kind, change.id)
    if record is None:
        return None
    if (record.shown.body, record.shown.deleted) == (change.body, change.deleted):
        base = record.shown.base
        return known_versions(replica, change.kind, change.id).get(base) if base else None
    return record.shown
