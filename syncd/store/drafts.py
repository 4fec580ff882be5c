"""What was typed and not saved yet: one draft an open page, in the replica's file and never synced.

Two pages of one form, in one app or in two, write no draft in each other's place: a draft is called
`task/ID#PAGE`. A page that takes up another's draft replaces it only where that still says the same.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

LATEST = 4_102_444_800_000_000  # 2100 in microseconds: what is beyond was not written by a clock

_decode = msgspec.json.Decoder(dict[str, Any]).decode


class StoredDraft(NamedTuple):
    """A draft: its name, when it was last put down, in microseconds, and what its form made of it."""

    name: str
    saved: int
    body: dict[str, Any]


def draft_name(form: str, page: str) -> str:
    """What the draft of a page is called; `form` names what it edits."""
    return f"{form}#{page}"


def keep_draft(conn: sqlite3.Connection, name: str, body: dict[str, Any], *, now: int) -> None:
    """Put down what a page holds, in the place of what it put down before; inside the caller's transaction."""
    conn.execute(
        """INSERT INTO drafts VALUES (?, ?, ?)
        ON CONFLICT (form) DO UPDATE SET saved = excluded.saved, body = excluded.body""",
        (name, now, msgspec.json.encode(body).decode()),
    )


def drop_draft(conn: sqlite3.Connection, name: str) -> None:
    """Forget the draft of a page; inside the caller's transaction."""
    conn.execute("DELETE FROM drafts WHERE form = ?", (name,))


def drop_taken(conn: sqlite3.Connection, taken: Iterable[StoredDraft]) -> None:
    """Forget drafts that were taken up, but not what was put down in their place since."""
    conn.executemany(
        "DELETE FROM drafts WHERE form = ? AND saved = ?",
        [(each.name, each.saved) for each in taken],
    )


def stored_drafts(conn: sqlite3.Connection, form: str) -> list[StoredDraft]:
    """The drafts of a form, the newest first; a row that cannot be read is left where it is."""
    # As bytes, for a text that is no UTF-8 could not even be fetched.
    rows = conn.execute(
        """SELECT CAST(form AS BLOB), saved, CAST(body AS BLOB) FROM drafts
        WHERE form = ?1 OR (form > ?1 || '#' AND form < ?1 || '$')""",
        (form,),
    )
    found = [draft for row in rows if (draft := _read(*row)) is not None]
    return sorted(found, key=lambda draft: (draft.saved, draft.name), reverse=True)


def _read(name: object, saved: object, body: object) -> StoredDraft | None:
    if not isinstance(name, bytes) or not isinstance(saved, int) or not isinstance(body, bytes):
        return None
    if not 0 <= saved <= LATEST:
        return None
    try:
        return StoredDraft(name.decode(), saved, _decode(body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
