"""Filters that somebody gave a name: kept with a home's replica and never synced."""

from __future__ import annotations

import json
import sqlite3
from typing import NamedTuple

from schema.errors import NotFound, UsageError
from schema.safe_text import clean, safe_text
from schema.wording import _
from syncd.store.reading import meta

MOST = 100
LONGEST_NAME = 40
LONGEST = 2_000
_KEY = "filters"


class NamedFilter(NamedTuple):
    """A filter by its name; `kind` is "" where it is for lists of every kind."""

    name: str
    kind: str
    text: str


def named_filters(conn: sqlite3.Connection) -> list[NamedFilter]:
    """The filters kept, in the order they were first given a name; what cannot be read is passed over."""
    try:
        kept = json.loads(meta(conn, _KEY) or "[]")
    except (ValueError, RecursionError):
        return []
    return [
        NamedFilter(*each)
        for each in (kept if isinstance(kept, list) else [])
        if isinstance(each, list)
        and len(each) == 3
        and all(isinstance(part, str) for part in each)
        and each[0]
    ]


def keep_filter(conn: sqlite3.Connection, name: str, kind: str, text: str) -> NamedFilter:
    """Keep a filter under a name, inside the caller's write transaction; one of that name and kind is replaced.

    Raises UsageError for no name, one that is too long, or more filters than are kept. Whether the
    filter can be read is for the caller to ask.
    """
    fresh = NamedFilter(clean(name, lines=False), kind, clean(text, lines=False))
    if not fresh.name or len(fresh.name) > LONGEST_NAME or len(fresh.text) > LONGEST:
        raise UsageError(
            _("This cannot be kept as a filter."),
            _("Give it a name of at most {n} characters.", n=LONGEST_NAME),
        )
    kept = named_filters(conn)
    if fresh[:2] in [each[:2] for each in kept]:
        kept = [fresh if each[:2] == fresh[:2] else each for each in kept]
    elif len(kept) < MOST:
        kept.append(fresh)
    else:
        raise UsageError(
            _("There are {n} filters already.", n=MOST), _("Forget one that is not needed.")
        )
    _write(conn, kept)
    return fresh


def forget_filter(conn: sqlite3.Connection, name: str, kind: str) -> None:
    """Forget a filter, inside the caller's write transaction; NotFound where none is called so."""
    kept = named_filters(conn)
    left = [each for each in kept if each[:2] != (clean(name, lines=False), kind)]
    if len(left) == len(kept):
        raise NotFound(
            _("No filter is called {name}.", name=safe_text(name)[:LONGEST_NAME]),
            _("It may have been forgotten already."),
        )
    _write(conn, left)


def _write(conn: sqlite3.Connection, kept: list[NamedFilter]) -> None:
    conn.execute(
        "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (_KEY, json.dumps(kept, ensure_ascii=False)),
    )
