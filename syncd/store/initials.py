"""The initials of titles, kept in `search.db` beside a replica: a cache that may be deleted at any time.

It is no part of the replica's file, so that a search never waits for a writer there, nor wakes
those who watch that file for commits. Titles are its keys: a record may change or go without it.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Collection
from contextlib import closing, suppress
from functools import lru_cache
from pathlib import Path
from time import monotonic
from typing import TypeVar

from schema import initials
from syncd.store.reading import meta

T = TypeVar("T")

VERSION = 1
CHUNK = 500
UNKEPT = 2_000
_AT_LEAST = 50
_WAIT = 1.0

# What SQLite says where the file may be sound, but is of no use now.
_NOT_NOW = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_INTERRUPT,
    }
)

# What a record is called, where its initials are looked for.
CALLED = """ifnull(nullif(title, ''),
    iif(kind IN ('department', 'person'), json_extract(body, '$.name'), NULL))"""

_TABLES = f"""
BEGIN IMMEDIATE;
DROP TABLE IF EXISTS initials;
DROP TABLE IF EXISTS state;
CREATE TABLE initials (title TEXT PRIMARY KEY, letters TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE state (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
PRAGMA user_version={VERSION};
COMMIT;
"""


def catch_up_initials(conn: sqlite3.Connection, *, budget_ms: float) -> bool:
    """Work out the initials of titles that are new, for about so long; True when none are left.

    `conn` is a connection to the replica, which is only read. The work goes on where it stopped
    before. True also where it cannot be done: without pypinyin, or where nothing may be written.
    """
    if not initials.known():
        return True
    limit = monotonic() + budget_ms / 1000

    def chunks(cache: sqlite3.Connection) -> bool:
        while not (done := _next_chunk(conn, cache, limit)):
            if monotonic() >= limit:
                break
        return done

    done = _in_cache(conn, chunks)
    return True if done is None else done


def titles_by_initials(conn: sqlite3.Connection, letters: str) -> frozenset[str]:
    """The titles whose initials hold these letters, as far as they have been worked out.

    Where nothing can be kept beside the replica, they are worked out anew, of its newest
    records only.
    """
    if not initials.known():
        return frozenset()

    def look(cache: sqlite3.Connection) -> frozenset[str]:
        found = cache.execute("SELECT title FROM initials WHERE instr(letters, ?) > 0", (letters,))
        return frozenset(title for (title,) in found if isinstance(title, str))

    found = _in_cache(conn, look)
    if found is not None:
        return found
    newest = conn.execute(
        f"SELECT {CALLED} AS called FROM records WHERE called > '' ORDER BY rowid DESC LIMIT ?",
        (UNKEPT,),
    )
    return frozenset(
        title for (title,) in newest if isinstance(title, str) and letters in _unkept(title)
    )


@lru_cache(UNKEPT)
def _unkept(title: str) -> str:
    return initials.initials(title)


def _next_chunk(conn: sqlite3.Connection, cache: sqlite3.Connection, limit: float) -> bool:
    """Take in the next titles, in the order of the replica's rows; True when all are in.

    A replica that changed is gone through from the beginning again: titles known already cost
    little, and which row changed is nowhere noted.
    """
    stands = " ".join(meta(conn, key) for key in ("replica", "seq", "next", "digest"))
    state = dict(cache.execute("SELECT key, value FROM state"))
    if state.get("done") == stands:
        return True
    place = int(state.get("place", 0)) if state.get("toward") == stands else 0
    if not place:
        _shed(conn, cache)
    rows = conn.execute(
        f"SELECT rowid, {CALLED} FROM records WHERE rowid > ? ORDER BY rowid LIMIT ?",
        (place, CHUNK),
    ).fetchall()
    fresh, whole = _work_out(
        cache, {title for _rowid, title in rows if title and isinstance(title, str)}, limit
    )
    if whole and rows:
        place = rows[-1][0]
    done = whole and len(rows) < CHUNK
    cache.execute("BEGIN IMMEDIATE")
    cache.executemany("INSERT OR REPLACE INTO initials VALUES (?, ?)", fresh)
    cache.executemany(
        "INSERT OR REPLACE INTO state VALUES (?, ?)",
        [("place", str(place)), ("toward", stands), ("done", stands if done else "")],
    )
    cache.execute("COMMIT")
    return done


def _work_out(
    cache: sqlite3.Connection, titles: Collection[str], limit: float
) -> tuple[list[tuple[str, str]], bool]:
    """(title, initials) of those not kept yet, at least a few; and whether time sufficed for all."""
    known = cache.execute(
        "SELECT title FROM json_each(?) CROSS JOIN initials ON title = value",
        (json.dumps(list(titles)),),
    )
    missing = sorted(set(titles).difference(title for (title,) in known))
    fresh: list[tuple[str, str]] = []
    for title in missing:
        if len(fresh) >= _AT_LEAST and monotonic() >= limit:
            break
        fresh.append((title, initials.initials(title)))
    return fresh, len(fresh) == len(missing)


def _shed(conn: sqlite3.Connection, cache: sqlite3.Connection) -> None:
    """Forget everything where most of it is of titles that are gone."""
    (kept,) = cache.execute("SELECT count(*) FROM initials").fetchone()
    (records,) = conn.execute("SELECT count(*) FROM records").fetchone()
    if kept > 2 * records + CHUNK:
        cache.execute("DELETE FROM initials")


# -- the file


def _in_cache(conn: sqlite3.Connection, what: Callable[[sqlite3.Connection], T]) -> T | None:
    """Do something with the cache beside a replica; None where there is none, or no use of it.

    A file that is damaged, or holds something else, is thrown away and made again.
    """
    file = next(file for _n, name, file in conn.execute("PRAGMA database_list") if name == "main")
    if not file:
        return None
    path = Path(file).with_name("search.db")
    for _attempt in range(2):
        try:
            with closing(_open(path)) as cache:
                return what(cache)
        except OSError:
            return None
        except (sqlite3.Error, ValueError, TypeError, OverflowError) as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in _NOT_NOW:
                return None
            for end in ("", "-journal", "-wal", "-shm"):
                with suppress(OSError):
                    path.with_name(path.name + end).unlink(missing_ok=True)
    return None


def _open(path: Path) -> sqlite3.Connection:
    # Made here, for its owner's eyes alone; the journal beside it follows it.
    os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    cache = sqlite3.connect(path, isolation_level=None, timeout=_WAIT)
    try:
        cache.execute("PRAGMA synchronous=OFF")
        if cache.execute("PRAGMA user_version").fetchone()[0] != VERSION:
            cache.executescript(_TABLES)
    except BaseException:
        cache.close()
        raise
    return cache
