"""What was typed and not saved yet: one draft a form, in the replica's file and never synced."""

from __future__ import annotations

import sqlite3
from typing import Any, NamedTuple

import msgspec

_decode = msgspec.json.Decoder(dict[str, Any]).decode


class StoredDraft(NamedTuple):
    """A draft: when it was last put down, in microseconds, and what its form made of it."""

    saved: int
    body: dict[str, Any]


def keep_draft(conn: sqlite3.Connection, form: str, body: dict[str, Any], *, now: int) -> None:
    """Put down what a form holds, in the place of what was there; inside the caller's transaction."""
    conn.execute(
        """INSERT INTO drafts VALUES (?, ?, ?)
        ON CONFLICT (form) DO UPDATE SET saved = excluded.saved, body = excluded.body""",
        (form, now, msgspec.json.encode(body).decode()),
    )


def drop_draft(conn: sqlite3.Connection, form: str) -> None:
    """Forget the draft of a form; inside the caller's transaction."""
    conn.execute("DELETE FROM drafts WHERE form = ?", (form,))


def stored_draft(conn: sqlite3.Connection, form: str) -> StoredDraft | None:
    """The draft of a form; None where there is none, or one that cannot be read."""
    row = conn.execute("SELECT saved, body FROM drafts WHERE form = ?", (form,)).fetchone()
    if row is None:
        return None
    try:
        return StoredDraft(int(row[0]), _decode(row[1]))
    except msgspec.DecodeError:
        return None
