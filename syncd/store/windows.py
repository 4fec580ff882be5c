"""Windows on long lists: counts that an index answers, and a few rows from anywhere.

Nothing is kept but counts. Without a filter, a window of a hundred thousand tasks costs what one
of ten costs, and counting them walks an index and reads no record. A filter is tried on every
record of the kind when counting, and in a window on those before it and in it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Literal, NamedTuple

import msgspec

from schema.records import KINDS, title_of
from schema.records.stages import STAGES
from schema.rules.lights import GREEN, RED, YELLOW, Shown
from syncd.store import board
from syncd.store.board import Card, Tasks, department_labels
from syncd.store.moment import Moment
from syncd.store.reading import Selection, select

By = Literal["department", "project"]
Counts = tuple[int, int, int, int]
Cell = tuple[str | None, int, int, int, int, int]

_REVIEW, _DONE = STAGES.index("review"), STAGES.index("done")
_SHORT_ID = 6
_WITHOUT_DELETED = """rowid NOT IN
    (SELECT rowid FROM records INDEXED BY records_deleted WHERE deleted = 1)"""


def _window(where: str, order: str, shown: str = "") -> str:
    """The where-clause of so many records from a place on; takes the number and the place.

    The places before it are passed over in the index, without a look at their records.
    """
    return f"""rowid IN
        (SELECT rowid FROM records WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?)
        ORDER BY {shown or order}"""


class LaneCounts(NamedTuple):
    """A lane of the board: how many cards in each of STAGES, of each light, and their conflicts.

    `key` is the department's name or the project's id, "" where a task names none.
    """

    key: str
    label: str
    counts: Counts
    lights: dict[str, int]
    conflicts: int


class BoardWindow:
    """The task board in lanes; tasks of ended projects are left out unless a project is asked for.

    `text` is a filter, `project` the id of the one project to show, `now` in microseconds.
    QueryError where the filter cannot be read. Counts are those of the last `refresh`.
    """

    def __init__(
        self, conn: sqlite3.Connection, *, by: By, text: str = "", project: str = "", now: int
    ) -> None:
        self._conn = conn
        self._by = by
        self._text = text
        self._project = project
        self.lanes: list[LaneCounts] = []
        self.refresh(now)

    def refresh(self, now: int) -> None:
        """Count again, as of `now`."""
        self._moment = Moment.of(self._conn, now)
        self._tasks = Tasks.found(self._conn, self._text, project=self._project, now=now)
        counts: dict[str, list[int]] = {}
        lights: dict[str, dict[str, int]] = {}
        for lane, stage, n, late, near, dated in self._counted():
            key = lane or ""
            counts.setdefault(key, [0] * len(STAGES))[stage] = n
            lit = lights.setdefault(key, {RED: 0, YELLOW: 0, GREEN: 0})
            if stage == _DONE:
                continue
            warned = 0 if stage == _REVIEW else near - late
            lit[RED] += late
            lit[YELLOW] += warned
            lit[GREEN] += dated - late - warned
        labels = self._labels(counts)
        conflicts = self._conflicts()
        self.lanes = [
            LaneCounts(key, label, (n[0], n[1], n[2], n[3]), lights[key], conflicts.get(key, 0))
            for key, label in labels.items()
            for n in [counts[key]]
        ]

    def hand_to(self, conn: sqlite3.Connection) -> None:
        """Read from another connection from now on."""
        self._conn = conn

    def counting(self) -> tuple[str, tuple[object, ...]]:
        """The statement that counts: lane, stage, tasks, late, late or near, with a due."""
        tasks = self._tasks
        sql = f"""SELECT {self._by}, {tasks.stage} AS place, count(*),
                count(*) FILTER (WHERE due_at < ?), count(*) FILTER (WHERE due_at < ?), count(due_at)
            FROM records WHERE {tasks.where} GROUP BY {self._by}, place"""
        return sql, (self._moment.late_before, self._moment.near_before, *tasks.parameters)

    def _counted(self) -> Iterable[Cell]:
        """What `counting` gives for each cell that has a task."""
        return self._conn.execute(*self.counting())

    def _conflicts(self) -> dict[str, int]:
        rows = self._conn.execute(
            f"""SELECT {self._by}, sum(conflicts) FROM records INDEXED BY records_conflicts
            WHERE conflicts > 0 AND {self._tasks.where} GROUP BY {self._by}""",
            self._tasks.parameters,
        )
        return {lane or "": n for lane, n in rows}

    def _labels(self, counts: dict[str, list[int]]) -> dict[str, str]:
        """What the lanes are called, in the order shown: none last, departments by their names."""
        if self._by == "department":
            names = department_labels(self._conn)
            keys = sorted(counts, key=lambda key: (not key, key))
            return {key: names.get(key) or key for key in keys}
        titles = dict(
            self._conn.execute("SELECT id, title FROM records WHERE kind = 'project'").fetchall()
        )
        labels = {key: titles.get(key) or key[-_SHORT_ID:] for key in counts}
        return dict(sorted(labels.items(), key=lambda each: (not each[0], each[1], each[0])))

    def _cell(self, lane: str, stage: int) -> tuple[str, tuple[object, ...]]:
        """The where-clause of one cell, with its parameters."""
        tasks = self._tasks
        where = f"{self._by} IS ? AND {tasks.stage} = ?{tasks.also}"
        return where, (lane or None, stage, *tasks.parameters)

    def cards(self, lane: str, state: str, first: int, n: int) -> list[Card]:
        """At most `n` cards of a cell from the place `first` on: the nearest due first, none last."""
        stage = STAGES.index(state)
        where, parameters = self._cell(lane, stage)
        count = next((each.counts[stage] for each in self.lanes if each.key == lane), 0)
        order = board.ORDER
        if first > count // 2:
            # Fewer are passed over from the other end.
            n = max(min(n, count - first), 0)
            first, order = count - first - n, board.BACKWARDS
        window = _window(where, order, board.ORDER)
        return list(board.cards(self._conn, window, (*parameters, n, first), self._moment))

    def at(self, lane: str, state: str, position: int) -> str | None:
        """The id of the card at a place of a cell."""
        where, parameters = self._cell(lane, STAGES.index(state))
        row = self._conn.execute(
            f"SELECT id FROM records WHERE {where} ORDER BY {board.ORDER} LIMIT 1 OFFSET ?",
            (*parameters, position),
        ).fetchone()
        return row[0] if row else None

    def place(self, id: str) -> tuple[str, str, int] | None:
        """The lane, the state and the place there of a card; None where it is not shown."""
        tasks = self._tasks
        row = self._conn.execute(
            f"""SELECT {self._by}, {tasks.stage}, due_at, rank FROM records
            WHERE kind = 'task' AND id = ? AND {tasks.where}""",
            (id, *tasks.parameters),
        ).fetchone()
        if row is None:
            return None
        lane, stage, due_at, rank = row
        where, parameters = self._cell(lane or "", stage)
        than: tuple[object, ...] = (rank, id)
        before = "(due_at IS NOT NULL OR (rank, id) < (?, ?))"
        if due_at is not None:
            than, before = (due_at, rank, id), "(due_at, rank, id) < (?, ?, ?)"
        (position,) = self._conn.execute(
            f"SELECT count(*) FROM records WHERE {where} AND {before}", (*parameters, *than)
        ).fetchone()
        return lane or "", STAGES[stage], position


class ListRow(NamedTuple):
    """One line of a list; `title` is what stands for one where the kind has none."""

    kind: str
    id: str
    number: str
    title: str
    state: str
    owner: str
    department: str
    due: str
    conflicts: int
    unsent: int
    deleted: bool
    shown: Shown

    @property
    def light(self) -> str | None:
        return self.shown.light


class ListWindow:
    """The records of a kind, or of all, that a filter finds, in its order or the order they were made.

    `now` is in microseconds. QueryError where the filter cannot be read. `count` is that of the
    last `refresh`.
    """

    def __init__(self, conn: sqlite3.Connection, *, kind: str | None, text: str, now: int) -> None:
        self._conn = conn
        self._kind = kind
        self._text = text
        self.count = 0
        self.refresh(now)

    def refresh(self, now: int) -> None:
        """Count again, as of `now`."""
        self._moment = Moment.of(self._conn, now)
        self._selection = self._select(now)
        (self.count,) = self._conn.execute(*self.counting()).fetchone()

    def _select(self, now: int) -> Selection:
        if self._text.strip() or not self._kind:
            return select(self._conn, self._kind, self._text, now=now)
        # The kind's index does not say what is deleted, but the few that are have their own.
        some = self._conn.execute("SELECT 1 FROM records WHERE deleted = 1 LIMIT 1").fetchone()
        where = f"kind = ? AND {_WITHOUT_DELETED}" if some else "kind = ?"
        return Selection(where, [self._kind], "id")

    def counting(self) -> tuple[str, list[object]]:
        """The statement that counts."""
        selection = self._selection
        return f"SELECT count(*) FROM records WHERE {selection.where}", selection.parameters

    def rows(self, first: int, n: int) -> list[ListRow]:
        """At most `n` rows from the place `first` on."""
        selection = self._selection
        found = self._conn.execute(
            f"""SELECT kind, id, number, title, state, owner, department, due, conflicts, unsent,
                deleted, body, accepted
            FROM records WHERE {_window(selection.where, selection.order)}""",
            [*selection.parameters, n, first],
        )
        return [self._row(*row) for row in found]

    def _row(
        self,
        kind: str,
        id: str,
        number: str | None,
        title: str | None,
        state: str | None,
        owner: str | None,
        department: str | None,
        due: str | None,
        conflicts: int,
        unsent: int,
        deleted: int,
        body: str | None,
        accepted: int | None,
    ) -> ListRow:
        known = kind in KINDS
        if not title and known:
            title = title_of(kind, msgspec.json.decode(body or "{}"))
        lit = known and not deleted
        return ListRow(
            kind=kind,
            id=id,
            number=number or "",
            title=title or "",
            state=state or "",
            owner=owner or "",
            department=department or "",
            due=due or "",
            conflicts=conflicts,
            unsent=unsent,
            deleted=bool(deleted),
            shown=self._moment.shown(kind, body, accepted) if lit else Shown(),
        )

    def at(self, position: int) -> str | None:
        """The id of the record at a place."""
        selection = self._selection
        row = self._conn.execute(
            f"""SELECT id FROM records WHERE {selection.where}
            ORDER BY {selection.order} LIMIT 1 OFFSET ?""",
            [*selection.parameters, position],
        ).fetchone()
        return row[0] if row else None

    def place(self, id: str) -> int | None:
        """The place of a record; None where it is not in the list."""
        selection = self._selection
        if selection.order == "id":
            row = self._conn.execute(
                f"""SELECT (SELECT count(*) FROM records WHERE {selection.where} AND id < ?)
                FROM records WHERE {selection.where} AND id = ?""",
                [*selection.parameters, id, *selection.parameters, id],
            ).fetchone()
        else:
            row = self._conn.execute(
                f"""SELECT place FROM (SELECT id, row_number() OVER (ORDER BY {selection.order}) - 1
                AS place FROM records WHERE {selection.where}) WHERE id = ?""",
                [*selection.parameters, id],
            ).fetchone()
        return row[0] if row else None
