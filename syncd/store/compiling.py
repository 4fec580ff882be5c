"""Reads what a document is compiled from: a record, what points at it, and what that names.

Everything is found by key or by index and read in one snapshot, so that a document is of one seq.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from schema.errors import NotFound
from schema.ids import derived_id
from schema.papers.material import Material, Pointing, Read, Source
from schema.records.fields import FieldSpec
from schema.records.registry import KINDS
from schema.safe_text import safe_text
from schema.wording import _
from syncd.store.connection import BY_KEYS, keys_json
from syncd.store.moment import Moment
from syncd.store.replica import Replica
from syncd.store.tables import using

_COLUMNS = """kind, id, ifnull(number, ''), ifnull(body, '{}'), author, iif(eff > 0, eff, at), dot,
    deleted, unsent, conflicts"""
_BY_KEYS = (
    f"""SELECT {_COLUMNS.replace("id,", "t.id,", 1)} FROM {BY_KEYS.format(table="records")}"""
)

# The index that leads from what is named to what names it; a kind without one is looked through,
# in its columns alone.
_INDEXES = {
    "of": "INDEXED BY records_of",
    "source": "INDEXED BY records_source",
    "before": "INDEXED BY records_before",
    "after": "INDEXED BY records_after",
}
_FIELDS = (*_INDEXES, "project", "department")

_decode = msgspec.json.Decoder(dict[str, Any]).decode
_Key = tuple[str, str]


def material(replica: Replica, kind: str, id: str, reads: Sequence[Read], *, now: int) -> Material:
    """What a document about this record is compiled from, `now` in microseconds; NotFound where it is not here."""
    with replica.db.read() as conn:
        found = {each.id: each for each in _by_keys(conn, [(kind, id)])}
        if id not in found:
            raise NotFound(
                _("No record is called {name}.", name=safe_text(id)[:80]),
                _("`duijie list KIND` shows what is there, `duijie home` which home this is."),
            )
        held: dict[_Key, Source] = {(kind, id): found[id]}
        for read in reads:
            held.update(((each.kind, each.id), each) for each in _read(conn, read, held, found[id]))
        # Those whom people name are looked up too: a superior, a deputy and their departments.
        for _names in range(2):
            keys = {key for each in held.values() for key in _people(each)} - held.keys()
            held.update(((each.kind, each.id), each) for each in _by_keys(conn, keys))
        moment = Moment.of(conn, now)
        return Material(
            found[id],
            list(held.values()),
            now=now,
            zone=moment.zone,
            calendar=moment.calendar,
            warn=moment.warn,
            seq=replica.seq,
            joined=bool(replica.meta("hub")),
        )


def _read(
    conn: sqlite3.Connection, read: Read, held: dict[_Key, Source], record: Source
) -> list[Source]:
    if isinstance(read, Pointing):
        to = [record] if not read.to else [each for each in held.values() if each.kind == read.to]
        keys = [each.id if read.key == "id" else each.text(read.key) for each in to]
        return _pointing(conn, read, [key for key in keys if key])
    of = [record] if not read.kind else [each for each in held.values() if each.kind == read.kind]
    named = {key for each in of for key in _named(each, read.field)}
    return _by_keys(conn, named - held.keys())


def _pointing(conn: sqlite3.Connection, read: Pointing, keys: Sequence[str]) -> list[Source]:
    """The undeleted records of a kind whose field is one of these."""
    if not keys:
        return []
    assert read.field in _FIELDS
    index, more = _INDEXES.get(read.field, ""), "AND of IS NULL" if read.free else ""
    if read.kind == "task" and read.field == "project":
        # The board's index holds every task that is not dropped.
        index, more = using(conn, "board_projects"), "AND stage IS NOT NULL"
    rows = conn.execute(
        f"""SELECT {_COLUMNS} FROM records {index}
        WHERE kind = ? AND "{read.field}" IN (SELECT value FROM json_each(?)) AND NOT deleted
            {more}""",
        (read.kind, json.dumps(keys)),
    )
    return _sources(rows)


def _by_keys(conn: sqlite3.Connection, keys: Iterable[_Key]) -> list[Source]:
    wanted = sorted(keys)
    return _sources(conn.execute(_BY_KEYS, (keys_json(wanted),))) if wanted else []


def _sources(rows: Iterable[Sequence[Any]]) -> list[Source]:
    return [
        Source(
            kind=kind,
            id=id,
            number=number,
            body=_decode(body),
            author=author,
            at=at,
            dot=dot,
            deleted=bool(deleted),
            unsent=bool(unsent),
            conflicts=conflicts,
        )
        for kind, id, number, body, author, at, dot, deleted, unsent, conflicts in rows
    ]


def _named(source: Source, field: str) -> Iterator[_Key]:
    """The keys of what a record names in a field, for each kind that may stand there."""
    spec = KINDS[source.kind].by_name.get(field) if source.kind in KINDS else None
    if spec is None:
        return
    inner = spec.item if isinstance(spec.item, FieldSpec) else spec
    for id in filter(None, [source.text(field), *source.texts(field)]):
        for kind in inner.kinds or KINDS:
            yield kind, id


def _people(source: Source) -> Iterator[_Key]:
    """The keys of the persons and departments that a record names anywhere, and of its author."""
    yield "person", derived_id("person", source.author)
    kind = KINDS.get(source.kind)
    for spec in kind.fields if kind else ():
        for type, name in _names(spec, source.body.get(spec.name)):
            yield type, derived_id(type, name)


def _names(spec: FieldSpec, value: object) -> Iterator[_Key]:
    if isinstance(value, list):
        for each in value:
            yield from _names(spec, each)
    elif isinstance(value, dict):
        for cell in spec.cells:
            yield from _names(cell, value.get(cell.name))
    elif isinstance(spec.item, FieldSpec):
        yield from _names(spec.item, value)
    elif spec.type in ("dept", "person") and isinstance(value, str) and value:
        yield "department" if spec.type == "dept" else "person", value
