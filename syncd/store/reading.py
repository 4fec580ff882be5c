"""Reading a replica: records as JSON, finding one by what people call it, and lists by a filter.

A list is built by SQLite from the stored JSON text, so that it costs no decoding; what a plain
list does not need is imported where it is used.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from schema.errors import Ambiguous, NotFound
from schema.safe_text import safe_text
from schema.wording import _

if TYPE_CHECKING:
    from schema.rules.policy import Policy
    from schema.workdays import Calendar

SHORTEST_ENDING = 4
CANDIDATES = 10

# A record in JSON, as every listing gives it. Instants are RFC 3339 in UTC, `eff` microseconds.
ENVELOPE = """'{"kind":"' || kind || '","id":"' || id || '","number":' || json_quote(number) ||
    ',"dot":"' || dot || '","rev":' || rev || ',"base":' || json_quote(base) ||
    ',"author":' || json_quote(author) || ',"eff":' || iif(unsent OR eff = 0, 'null', eff) ||
    ',"seq":' || ifnull(seq, 'null') || ',"accepted":' ||
    ifnull(strftime('"%Y-%m-%dT%H:%M:%S', accepted / 1000000, 'unixepoch') ||
        printf('.%06dZ"', accepted % 1000000), 'null') ||
    ',"deleted":' || iif(deleted, 'true', 'false') || ',"unsent":' ||
    iif(unsent, 'true', 'false') || ',"conflicts":' || conflicts || ',"body":' ||
    ifnull(body, 'null') || '}'"""


class Found(NamedTuple):
    """A record that was looked for."""

    kind: str
    id: str
    title: str
    deleted: bool


class Setting(NamedTuple):
    """Whose replica this is, and what the workspace's policy says of dates."""

    me: str
    role: str
    department: str
    zone: str
    warn: int


def rfc3339(us: int) -> str:
    """An instant in microseconds as RFC 3339 in UTC."""
    from datetime import UTC, datetime, timedelta

    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z"


def meta(conn: sqlite3.Connection, key: str) -> str:
    """A word about the whole file; "" when unset."""
    row = conn.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return str(row[0]) if row and row[0] is not None else ""


def setting(conn: sqlite3.Connection) -> Setting:
    """Who this is and how the workspace counts."""
    policy = policy_of(conn)
    return Setting(
        me=meta(conn, "name"),
        role=meta(conn, "role"),
        department=meta(conn, "department"),
        zone=policy.text("zone"),
        warn=policy.count("warn"),
    )


def policy_of(conn: sqlite3.Connection) -> Policy:
    """The policy as the records held here have it."""
    return _policy(_bodies(conn, "policy"))


def calendar_of(conn: sqlite3.Connection) -> Calendar:
    """The working calendar as the records held here have it."""
    return _calendar(_bodies(conn, "calendar"))


def _bodies(conn: sqlite3.Connection, kind: str) -> tuple[str, ...]:
    rows = conn.execute(
        "SELECT body FROM records WHERE kind = ? AND NOT deleted ORDER BY id", (kind,)
    )
    return tuple(body for (body,) in rows if body)


# Every list and every redraw asks for both, and they hardly ever change.
@lru_cache(maxsize=8)
def _policy(bodies: tuple[str, ...]) -> Policy:
    from schema.rules.policy import Policy

    return Policy.under(_decoded(bodies))


@lru_cache(maxsize=8)
def _calendar(bodies: tuple[str, ...]) -> Calendar:
    from schema.workdays import Calendar

    return Calendar.under(_decoded(bodies))


def _decoded(bodies: tuple[str, ...]) -> list[dict[str, Any]]:
    from msgspec.json import Decoder

    return [Decoder(dict[str, Any]).decode(body) for body in bodies]


# -- one record


def envelope(conn: sqlite3.Connection, kind: str, id: str) -> str | None:
    """A record as JSON text, deleted or not."""
    row = conn.execute(
        f"SELECT {ENVELOPE} FROM records WHERE kind = ? AND id = ?", (kind, id)
    ).fetchone()
    return str(row[0]) if row else None


def find_record(
    conn: sqlite3.Connection, ref: str, kinds: Collection[str] = (), *, titles: bool = False
) -> Found:
    """The record of this id, number or unique ending of an id, among these kinds if any are named.

    `titles` lets an exact title stand for a record too. NotFound where there is none, Ambiguous
    with the candidates where there are several.
    """
    wanted = ref.strip()
    folded = wanted.lower()
    tries: list[tuple[str, list[object]]] = [
        ("id = ?", [folded]),
        ("number = ?", [wanted]),
        ("number = ? COLLATE NOCASE", [wanted]),
    ]
    if len(folded) >= SHORTEST_ENDING and not set(folded) - set("0123456789abcdef-"):
        tries.append(("substr(id, -?) = ?", [len(folded), folded]))
    if titles:
        tries.append(("title = ? AND NOT deleted", [wanted]))
    for where, parameters in tries if wanted else ():
        found = _look(conn, where, parameters, kinds)
        if len(found) == 1:
            return found[0]
        if found:
            raise _several(wanted, found)
    raise _none(wanted)


def _look(
    conn: sqlite3.Connection, where: str, parameters: list[object], kinds: Collection[str]
) -> list[Found]:
    among = f" AND kind IN ({', '.join('?' * len(kinds))})" if kinds else ""
    rows = conn.execute(
        f"SELECT kind, id, title, deleted FROM records WHERE {where}{among} LIMIT {CANDIDATES + 1}",
        [*parameters, *kinds],
    )
    return [Found(kind, id, title or "", bool(deleted)) for kind, id, title, deleted in rows]


def _none(ref: str) -> NotFound:
    if len(ref) < SHORTEST_ENDING and ref.isalnum():
        way_out = _("An ending of an id has at least 4 characters.")
    else:
        way_out = _("`duijie list KIND` shows what is there, `duijie home` which home this is.")
    return NotFound(_("No record is called {name}.", name=safe_text(ref)[:80]), way_out)


def _several(ref: str, found: list[Found]) -> Ambiguous:
    lines = [f"{each.id}  {each.kind}  {safe_text(each.title)[:40]}" for each in found[:CANDIDATES]]
    return Ambiguous(
        _("{name} can mean several records:", name=safe_text(ref)[:80]) + "\n" + "\n".join(lines),
        _("Write more of the id."),
    )


# -- lists


class Selection(NamedTuple):
    """Which records, as a where-clause with its parameters and an order.

    `fields` are those filtered by; `deleted` says that deleted ones were asked for.
    """

    where: str
    parameters: list[object]
    order: str
    fields: frozenset[str] = frozenset()
    deleted: bool = False


def _late(conn: sqlite3.Connection, kind: str | None, now: int) -> list[str]:
    """What is late by a clock and not by its due."""
    if kind not in (None, "blocker"):
        return []
    from syncd.store.blockers import late

    return late(conn, now=now)


def select(
    conn: sqlite3.Connection, kind: str | None, text: str, *, now: int, looked: bool = True
) -> Selection:
    """The records of a kind (or of all) that a filter finds; QueryError where it cannot be read.

    An empty filter needs nothing but the kind: those not deleted, in the order they were made.
    Where the filter is only to be checked, no record need be `looked` at.
    """
    clauses, parameters = (["kind = ?"], [kind]) if kind else ([], [])
    if not text.strip():
        return Selection(" AND ".join([*clauses, "deleted = 0"]), [*parameters], "id")
    from datetime import UTC, datetime

    from schema.query import QueryContext, parse, search_text, to_sql
    from schema.records import KINDS
    from schema.records import kind as kind_named

    among = [kind_named(kind)] if kind else list(KINDS.values())
    fields = {spec.name: spec.type for each in reversed(among) for spec in each.fields}
    query = parse(
        text,
        fields,
        aliases={_(spec.label).lower(): spec.name for each in among for spec in each.fields},
        words={
            _(label): token
            for each in reversed(among)
            for spec in each.fields
            for token, label in spec.words
        },
    )
    said = setting(conn)
    where, more, order = to_sql(
        query,
        QueryContext(
            now=datetime.fromtimestamp(now / 1_000_000, UTC),
            zone=said.zone,
            calendar=calendar_of(conn),
            me=said.me or None,
            finished=frozenset().union(*(each.finished | each.delivered for each in among)),
            late=_late(conn, kind, now) if looked and query.asks("late") else (),
        ),
    )
    conn.create_function("search_text", 1, search_text, deterministic=True)
    return Selection(
        where=" AND ".join([*clauses, f"({where})"]),
        parameters=[*parameters, *more],
        order=order,
        fields=frozenset(term.field for term in query.terms),
        deleted=query.deleted,
    )


def envelopes(conn: sqlite3.Connection, selection: Selection) -> Iterator[str]:
    """The records selected, each as JSON text."""
    rows = conn.execute(
        f"SELECT {ENVELOPE} FROM records WHERE {selection.where} ORDER BY {selection.order}",
        selection.parameters,
    )
    return (row[0] for row in rows)


def has_kind(conn: sqlite3.Connection, kind: str) -> bool:
    """Whether any record of this kind was ever held here."""
    return (
        conn.execute("SELECT 1 FROM records WHERE kind = ? LIMIT 1", (kind,)).fetchone() is not None
    )
