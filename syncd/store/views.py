"""One readable SQL view a kind, so that sqlite3, Datasette and pandas can read a replica."""

from __future__ import annotations

import sqlite3

from schema.records import KINDS


def make_views(conn: sqlite3.Connection) -> None:
    """Make the view of every kind anew; the columns are the form's fields."""
    for name, kind in KINDS.items():
        fields = ", ".join(
            f"json_extract(body, '$.{field.name}') AS \"{field.name}\"" for field in kind.fields
        )
        conn.execute(f'DROP VIEW IF EXISTS "{name}"')
        conn.execute(
            f'CREATE VIEW "{name}" AS SELECT id, number, {fields}, author, rev, eff, accepted, '
            f"unsent > 0 AS unsent, conflicts FROM records WHERE kind = '{name}' AND NOT deleted"
        )
