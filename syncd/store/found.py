"""Lists that were found once and held as row numbers: what a filter found, and the trash.

A filter is tried on every record of a kind, so an app tries it once, in a thread, and walks
what was found without trying it again. A hundred thousand row numbers are under a megabyte.
"""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec

from schema.records import KINDS, title_of
from schema.records.stages import STAGES
from syncd.store.board import ORDER, Card, cards
from syncd.store.reading import select
from syncd.store.windows import BoardWindow, Cell, ListRow, ListWindow

MOST_VALUES = 200
_NEWEST_ROWS = 5_000
_LISTED = """kind, id, number, title, state, owner, department, due, conflicts, unsent,
    deleted, body, accepted"""
_WHEN = "iif(eff, eff, at)"


def find(conn: sqlite3.Connection, kind: str, text: str, *, now: int) -> array[int]:
    """The row numbers of a kind's records that a filter finds, in its order; `now` in microseconds.

    QueryError where the filter cannot be read.
    """
    selection = select(conn, kind, text, now=now)
    rows = conn.execute(
        f"SELECT rowid FROM records WHERE {selection.where} ORDER BY {selection.order}",
        selection.parameters,
    )
    return array("q", (row for (row,) in rows))


def check_filter(conn: sqlite3.Connection, kind: str | None, text: str, *, now: int) -> None:
    """QueryError where a filter over a kind, or over all, cannot be read; no record is looked at."""
    select(conn, kind, text, now=now, looked=False)


def _by_row(conn: sqlite3.Connection, columns: str, rows: Sequence[int]) -> list[Any]:
    """The columns of some rows, in the order asked for."""
    return conn.execute(
        f"""SELECT {columns} FROM (SELECT value AS wanted FROM json_each(?))
        CROSS JOIN records ON records.rowid = wanted""",
        (json.dumps(list(rows)),),
    ).fetchall()


def _row_of(conn: sqlite3.Connection, kind: str, id: str) -> int | None:
    row = conn.execute("SELECT rowid FROM records WHERE kind = ? AND id = ?", (kind, id)).fetchone()
    return int(row[0]) if row else None


class FoundWindow(ListWindow):
    """What `find` found in a kind, as a list whose every step costs the same."""

    def __init__(self, conn: sqlite3.Connection, found: array[int], *, kind: str, now: int) -> None:
        self._found = found
        self._places: dict[int, int] = {}
        super().__init__(conn, kind=kind, text="", now=now)
        self.count = len(found)

    def counting(self) -> tuple[str, list[object]]:
        return "SELECT ?", [len(self._found)]

    def rows(self, first: int, n: int) -> list[ListRow]:
        wanted = self._found[first : first + n]
        return [self._row(*row) for row in _by_row(self._conn, _LISTED, wanted)]

    def at(self, position: int) -> str | None:
        rows = self.rows(position, 1)
        return rows[0].id if rows else None

    def place(self, id: str) -> int | None:
        assert self._kind is not None
        if not self._places:
            self._places = {row: place for place, row in enumerate(self._found)}
        row = _row_of(self._conn, self._kind, id)
        return None if row is None else self._places.get(row)


class FoundBoard(BoardWindow):
    """The board of what a filter finds: it is tried when that is counted, and every step costs the same."""

    def _counted(self) -> Iterable[Cell]:
        tasks = self._tasks
        # Worked out once: each asks the calendar.
        late_before, near_before = self._moment.late_before, self._moment.near_before
        self._rows: dict[tuple[str, int], array[int]] = {}
        self._fought: dict[str, int] = {}
        counts: dict[tuple[str, int], list[int]] = {}
        for row, lane, stage, due_at, conflicts in self._conn.execute(
            f"""SELECT rowid, ifnull({self._by}, ''), {tasks.stage}, due_at, conflicts
            FROM records WHERE {tasks.where} ORDER BY {ORDER}""",
            tasks.parameters,
        ):
            cell = (lane, stage)
            if cell not in counts:
                counts[cell], self._rows[cell] = [0, 0, 0], array("q")
            self._rows[cell].append(row)
            if conflicts:
                self._fought[lane] = self._fought.get(lane, 0) + conflicts
            if due_at is not None:
                late_near_dated = counts[cell]
                late_near_dated[0] += due_at < late_before
                late_near_dated[1] += due_at < near_before
                late_near_dated[2] += 1
        for (lane, stage), (late, near, dated) in counts.items():
            yield lane, stage, len(self._rows[lane, stage]), late, near, dated

    def _conflicts(self) -> dict[str, int]:
        return self._fought

    def cards(self, lane: str, state: str, first: int, n: int) -> list[Card]:
        rows = self._rows.get((lane, STAGES.index(state)), array("q"))[first : first + n]
        where = f"rowid IN (SELECT value FROM json_each(?)) ORDER BY {ORDER}"
        return list(cards(self._conn, where, (json.dumps(list(rows)),), self._moment))

    def at(self, lane: str, state: str, position: int) -> str | None:
        found = self.cards(lane, state, position, 1)
        return found[0].id if found else None

    def place(self, id: str) -> tuple[str, str, int] | None:
        row = _row_of(self._conn, "task", id)
        for (lane, stage), rows in self._rows.items():
            if row is not None and row in rows:
                return lane, STAGES[stage], rows.index(row)
        return None


# -- the trash


class TrashRow(NamedTuple):
    """A deleted record: who deleted it and when, in microseconds."""

    kind: str
    id: str
    number: str
    title: str
    author: str
    at: int
    unsent: int

    @property
    def key(self) -> str:
        """What it is known by among records of all kinds."""
        return f"{self.kind}/{self.id}"


class TrashWindow:
    """The deleted records of all kinds that a filter finds, those deleted last first.

    `now` is in microseconds. QueryError where the filter cannot be read.
    """

    def __init__(self, conn: sqlite3.Connection, *, text: str = "", now: int) -> None:
        self._conn = conn
        parameters: list[object] = []
        where = "deleted = 1"
        if text.strip():
            # Flags of one term are ORed, terms ANDed: this only adds what the trash is.
            selection = select(conn, None, f"is:deleted {text}", now=now)
            where, parameters = f"deleted = 1 AND {selection.where}", selection.parameters
        self._found = array(
            "q",
            (
                row
                for (row,) in conn.execute(
                    f"""SELECT rowid FROM records
                    WHERE {where} ORDER BY {_WHEN} DESC, id DESC""",
                    parameters,
                )
            ),
        )
        self._places = {row: place for place, row in enumerate(self._found)}

    @property
    def count(self) -> int:
        return len(self._found)

    def rows(self, first: int, n: int) -> list[TrashRow]:
        """At most `n` rows from the place `first` on."""
        columns = f"kind, id, number, title, body, author, {_WHEN}, unsent"
        return [
            TrashRow(
                kind, id, number or "", title or _called(kind, body), author, int(at), int(unsent)
            )
            for kind, id, number, title, body, author, at, unsent in _by_row(
                self._conn, columns, self._found[first : first + n]
            )
        ]

    def place(self, key: str) -> int | None:
        """The place of a record by its key; None where it is not here."""
        kind, _slash, id = key.partition("/")
        row = _row_of(self._conn, kind, id)
        return None if row is None else self._places.get(row)


def _called(kind: str, body: str | None) -> str:
    return title_of(kind, msgspec.json.decode(body or "{}")) if kind in KINDS else ""


# -- what a filter may name


def values_in(conn: sqlite3.Connection, field: str) -> list[str]:
    """What records hold in a field of people, departments or projects; of other fields nothing.

    People and departments by their papers, then those that only the newest records name.
    """
    types = {spec.type for each in KINDS.values() for spec in each.fields if spec.name == field}
    if field == "author":
        types = {"person"}
    for type, kind, column in (("person", "person", "owner"), ("dept", "department", "department")):
        if type in types:
            rows = conn.execute(
                f"""SELECT json_extract(body, '$.name') FROM records
                    WHERE kind = ?1 AND NOT deleted
                UNION SELECT {column} FROM (
                    SELECT {column} FROM records ORDER BY rowid DESC LIMIT ?2)
                LIMIT ?3""",
                (kind, _NEWEST_ROWS, MOST_VALUES),
            )
            return [name for (name,) in rows if isinstance(name, str) and name]
    if field == "project":
        rows = conn.execute(
            """SELECT title FROM records WHERE kind = 'project' AND NOT deleted AND title > ''
            LIMIT ?""",
            (MOST_VALUES,),
        )
        return [title for (title,) in rows]
    return []


def kind_counts(conn: sqlite3.Connection) -> dict[str, int]:
    """How many records of each kind there are that are not deleted."""
    counts: dict[str, int] = dict(
        conn.execute("SELECT kind, count(*) FROM records GROUP BY kind").fetchall()
    )
    for kind, n in conn.execute(
        "SELECT kind, count(*) FROM records WHERE deleted = 1 GROUP BY kind"
    ):
        counts[kind] -= n
    return counts
