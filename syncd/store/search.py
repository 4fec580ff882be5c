"""Search over everything: one scan of the stored bodies, so that writing and syncing pay nothing for it.

SQLite rules out most bodies as they are stored; the rest are read, nearest first, until there
are enough.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from schema.matching import (
    CONTAINS,
    ELSEWHERE,
    ENDING,
    INITIALS,
    NUMBER,
    STARTS,
    Match,
    Word,
    fold,
    in_values,
    is_initials,
    is_noise,
    match,
    needles,
    wanted,
)
from schema.records import KINDS, title_of
from syncd.store.initials import CALLED, catch_up_initials, titles_by_initials
from syncd.store.reading import SHORTEST_ENDING, select

LIMIT = 200
MOST_NAMES = 20
INITIALS_MS = 50.0
_AHEAD = 4
_ID_CHARACTERS = frozenset("0123456789abcdef-")
_WHEN = "iif(eff, eff, at)"
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Hit(NamedTuple):
    """A record found: `where` is the field that matched, or "number", or "id".

    `excerpt` is one line of the text as it is stored and `span` the match in it, empty where
    pinyin initials matched.
    """

    kind: str
    id: str
    number: str | None
    title: str
    state: str | None
    department: str | None
    deleted: bool
    where: str
    excerpt: str
    span: tuple[int, int]


def search(conn: sqlite3.Connection, text: str, *, now: int, limit: int = LIMIT) -> list[Hit]:
    """The records that hold every word of `text`, the nearest first and among those the newest.

    A word is found in any text of a record, in its number, in another name of its people and
    departments, as initials of its title, or as the unique ending of its id. Deleted records are
    found by `is:deleted`; a flag works as in a filter, and a QueryError names a wrong one. `now`
    is in microseconds. It reads every record: an app calls it in a thread.
    """
    look = wanted(text)
    if not look.words and not look.flags:
        return []
    among = select(conn, None, look.flags, now=now)
    words = [_word(conn, word) for word in look.words]
    found: dict[tuple[str, str], tuple[int, int, Hit]] = {}
    for row in _by_ending(conn, look.words, among.where, among.parameters):
        id = str(row[1])
        ending = Match(ENDING, "id", id, (len(id) - len(look.whole), len(id)))
        found[row[0], id] = _hit(row, _body(row), ending)
    for row in _candidates(conn, words, among.where, among.parameters, limit * _AHEAD):
        if (row[0], row[1]) in found:
            continue
        body = _body(row)
        matched = match(row[0], row[2], _title(row, body), body, words)
        if matched is not None:
            found[row[0], row[1]] = _hit(row, body, matched)
            if len(found) >= limit:
                break
    return [hit for *_rank, hit in sorted(found.values(), key=lambda each: each[:2])]


# -- the words


def _word(conn: sqlite3.Connection, word: str) -> Word:
    titles: frozenset[str] = frozenset()
    if is_initials(word):
        catch_up_initials(conn, budget_ms=INITIALS_MS)
        titles = titles_by_initials(conn, word)
    return Word(word, _named(conn, word), titles)


def _named(conn: sqlite3.Connection, word: str) -> frozenset[str]:
    """People and departments whose shown name or alias holds a word that their own name does not."""
    names: set[str] = set()
    for name, others in conn.execute(
        """SELECT json_extract(body, '$.name'),
            ifnull(title, '') || char(10) || ifnull(json_extract(body, '$.aliases'), '')
        FROM records WHERE kind IN ('department', 'person') AND NOT deleted"""
    ):
        if isinstance(name, str) and word in fold(others) and word not in fold(name):
            names.add(name)
            if len(names) == MOST_NAMES:
                break
    return frozenset(names)


# -- the scan

_Row = Sequence[Any]
_COLUMNS = f"kind, id, number, title, state, department, deleted, body, {_WHEN}"


def _by_ending(
    conn: sqlite3.Connection, words: Sequence[str], where: str, parameters: list[object]
) -> list[_Row]:
    """The record whose id ends so, if it is the only one and among those asked for."""
    if len(words) != 1 or len(words[0]) < SHORTEST_ENDING or set(words[0]) - _ID_CHARACTERS:
        return []
    ids = conn.execute(
        "SELECT kind, id FROM records WHERE substr(id, -?) = ? LIMIT 2", (len(words[0]), words[0])
    ).fetchall()
    if len(ids) != 1:
        return []
    return conn.execute(
        f"SELECT {_COLUMNS} FROM records WHERE kind = ? AND id = ? AND ({where})",
        (*ids[0], *parameters),
    ).fetchall()


def _candidates(
    conn: sqlite3.Connection,
    words: Sequence[Word],
    where: str,
    parameters: list[object],
    ahead: int,
) -> Iterator[_Row]:
    """Rows that may match, the nearest first as far as SQLite can tell; the first `ahead` at once."""
    clauses, values = [f"({where})"], [*parameters]
    for word in words:
        clause, more = _may_hold(word)
        clauses.append(clause)
        values += more
    tier, tier_values = _tier(words)
    rows = f"""SELECT {_COLUMNS} FROM (
            SELECT rowid AS row, {tier} AS tier, {_WHEN} AS moment FROM records
            WHERE {" AND ".join(clauses)} ORDER BY tier, moment DESC LIMIT ? OFFSET ?)
        CROSS JOIN records ON records.rowid = row ORDER BY tier, moment DESC"""
    conn.create_function("in_values", 3, in_values, deterministic=True)
    first = conn.execute(rows, (*tier_values, *values, ahead, 0)).fetchall()
    yield from first
    if len(first) == ahead:
        yield from conn.execute(rows, (*tier_values, *values, -1, ahead))


def _may_hold(word: Word) -> tuple[str, list[object]]:
    """What is true of every row that a word is in, and of few others."""
    groups: list[str] = []
    values: list[object] = []
    for group in needles(word.text):
        conditions = [_holds(needle) for needle in group]
        groups.append(f"({' OR '.join(clause for clause, _values in conditions)})")
        values += [value for _clause, found in conditions for value in found]
    parts = [" AND ".join(groups) or "1"]
    if word.text.isascii():
        parts.append("instr(lower(number), ?)")
        values.append(word.text)
    for name in sorted(word.names):
        parts.append("instr(body, ?)")
        values.append(json.dumps(name, ensure_ascii=False))
    if word.titles:
        parts.append(f"{CALLED} IN (SELECT value FROM json_each(?))")
        values.append(json.dumps(list(word.titles)))
    return f"({' OR '.join(parts)})", values


def _holds(needle: str) -> tuple[str, list[object]]:
    if not (needle.isascii() and needle.isalnum()):
        return "instr(body, ?)", [needle]
    if is_noise(needle):
        return "(body LIKE ? AND in_values(kind, body, ?))", [f"%{needle}%", needle]
    return "body LIKE ?", [f"%{needle}%"]


def _tier(words: Sequence[Word]) -> tuple[str, list[object]]:
    """The rank of a row as SQLite can tell it, which knows no letters but ASCII."""
    if not words:
        return str(ELSEWHERE), []
    whole = " ".join(word.text for word in words)
    place = f"instr(lower({CALLED}), ?)"
    all_in = " AND ".join(f"{place} > 0" for _word in words)
    values: list[object] = [whole, len(whole), whole, *(word.text for word in words)]
    values.append(words[0].text)
    initials = "0"
    if any(word.titles for word in words):
        initials = f"{CALLED} IN (SELECT value FROM json_each(?))"
        values.append(json.dumps([title for word in words for title in word.titles]))
    return (
        f"""CASE WHEN number = ? COLLATE NOCASE THEN {NUMBER}
            WHEN substr(number, -?) = ? COLLATE NOCASE THEN {ENDING}
            WHEN {all_in} THEN iif({place} = 1, {STARTS}, {CONTAINS})
            WHEN {initials} THEN {INITIALS} ELSE {ELSEWHERE} END""",
        values,
    )


# -- a row as a hit


def _body(row: _Row) -> dict[str, Any]:
    try:
        body = msgspec.json.decode(row[7] or "{}")
    except _UNREADABLE:
        return {}
    return body if isinstance(body, dict) else {}


def _title(row: _Row, body: dict[str, Any]) -> str:
    if row[3] or row[0] not in KINDS:
        return row[3] or ""
    return title_of(row[0], body)


def _hit(row: _Row, body: dict[str, Any], matched: Match) -> tuple[int, int, Hit]:
    """A hit behind what it is sorted by."""
    kind, id, number, _stored, state, department, deleted = row[:7]
    where, excerpt, span = matched[1:]
    title = _title(row, body)
    hit = Hit(
        kind, id, number, title, state, department, bool(deleted), where, excerpt, span
    )  # fmt: skip
    return matched.rank, -row[8], hit
