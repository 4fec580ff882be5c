"""Everything with a date that runs: papers with a due, and answers that blockers wait for.

Papers are read in windows by an index in the order of their dues; the few answer clocks are
merged in by rank. A filter has to look at every record once, and keeps what it found.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice, pairwise
from typing import Literal, NamedTuple

from msgspec import Struct

from schema.records.registry import KINDS
from schema.records.stages import STAGES
from schema.rules.answers import DECISION, Replies
from schema.rules.basis import answer_basis, basis
from schema.rules.lights import Shown
from schema.rules.timing import wall_of
from schema.wording import _
from syncd.store.around import Arounds
from syncd.store.blockers import answers, asked, reopenings
from syncd.store.board import department_labels
from syncd.store.reading import ENVELOPE, select
from syncd.store.reckoning import (
    Reckoning,
    decode,
    running,
    unfinished,
    with_computed,
    with_shown,
)
from syncd.store.tables import using

By = Literal["time", "department"]

DATED = tuple(name for name, kind in KINDS.items() if "due" in kind.by_name)
GROUPS = ("late", "today", "week", "next", "later")

_DAY = timedelta(days=1)
_FIRST, _LAST = "", "~"
_KINDS = ", ".join(f"'{kind}'" for kind in DATED)
_RUNNING = unfinished(*DATED)
_DATED = f"due_at IS NOT NULL AND deleted = 0 AND {_RUNNING}"
_OTHERS = unfinished(*(kind for kind in DATED if kind != "task"))
_STAGES = ", ".join(
    str(place) for place, state in enumerate(STAGES) if state not in KINDS["task"].finished
)
# Whose date it is: the department's, or that of the department which began it.
_DEPARTMENT = "coalesce(nullif(department, ''), json_extract(body, '$.initiator'), '')"


class Group(Struct, frozen=True):
    """A run of rows: `key` is one of GROUPS or the name of a department, `label` how that one is shown."""

    key: str
    label: str
    count: int


class Day(Struct, frozen=True):
    """One day of the strip: what falls due on it, and whether some of that is late by now."""

    day: date
    workday: bool
    count: int
    late: bool


class Countdown(NamedTuple):
    """One row; `envelope` is the record as JSON text, `began` when the clock of a blocker's answer did.

    `due` is a stored date in the workspace's zone and `due_at` its sort key; `seconds` are left
    until it is over, negative once it is late; `department` is a shown name.
    """

    envelope: str
    kind: str
    id: str
    number: str
    title: str
    state: str
    department: str
    owner: str
    due: str
    due_at: str
    basis: str
    began: int | None
    seconds: int
    conflicts: int
    unsent: int
    shown: Shown

    @property
    def key(self) -> str:
        """What the row is known by."""
        return self.id

    @property
    def answer(self) -> bool:
        """Whether the answer of a blocker is due."""
        return self.began is not None

    def as_json(self, by: Reckoning) -> str:
        """The record with what is shown of it, and how its date was computed."""
        found = by.ending(self.began, "answer") if self.answer else by.due(self.due)
        return with_computed(with_shown(self.envelope, self.shown), found)


class _Key(NamedTuple):
    due_at: str
    id: str
    kind: str
    department: str


class _Source(NamedTuple):
    """Papers in the order of their dues, by an index that is there but for a first sync."""

    by: str
    kind: str
    where: str
    parameters: tuple[object, ...]


class _Section:
    """Rows in the order of their dues: papers of an index and, each first of its due, those that are held."""

    def __init__(
        self, conn: sqlite3.Connection, held: Iterable[_Key], source: _Source | None = None
    ) -> None:
        self._conn = conn
        self._source = source
        self._held = sorted(held)
        self._dues = [key.due_at for key in self._held]
        self._spots: list[int] = []
        passed, before = _FIRST, 0
        for n, due_at in enumerate(self._dues):
            before += self._stored(passed, due_at)
            self._spots.append(before + n)
            passed = due_at
        self._places = {key.id: spot for key, spot in zip(self._held, self._spots, strict=True)}
        self.count = len(self._held) + before + self._stored(passed, _LAST)

    def hand_to(self, conn: sqlite3.Connection) -> None:
        self._conn = conn

    @property
    def held(self) -> Sequence[_Key]:
        return self._held

    def _read(self, what: str, also: str, *parameters: object) -> sqlite3.Cursor:
        """A statement over the papers of the index; only where there are any."""
        assert self._source is not None
        return self._conn.execute(
            f"SELECT {what} FROM records {using(self._conn, self._source.by)} "
            f"WHERE {self._source.where} {also}",
            [*self._source.parameters, *parameters],
        )

    def _stored(self, since: str, until: str) -> int:
        if self._source is None or since >= until:
            return 0
        also = "AND due_at >= ? AND due_at < ?"
        return int(self._read("count(*)", also, since, until).fetchone()[0])

    def between(self, since: str, until: str) -> int:
        """How many rows are due from one sort key to before another."""
        held = bisect_left(self._dues, until) - bisect_left(self._dues, since)
        return max(held, 0) + self._stored(since, until)

    def first_from(self, since: str) -> str:
        """The first due from a sort key on; "~" where there is none."""
        place = bisect_left(self._dues, since)
        held = self._dues[place] if place < len(self._dues) else _LAST
        if self._source is None:
            return held
        return min(held, self._read("min(due_at)", "AND due_at >= ?", since).fetchone()[0] or _LAST)

    def keys(self, first: int, n: int) -> Iterator[tuple[str, str]]:
        """Kind and id of at most `n` rows from the place `first` on."""
        place = bisect_left(self._spots, first)
        stored = self._window(first - place, n)
        for spot in range(first, min(first + n, self.count)):
            if place < len(self._spots) and self._spots[place] == spot:
                yield self._held[place].kind, self._held[place].id
                place += 1
            else:
                yield from islice(stored, 1)

    def _window(self, first: int, n: int) -> Iterator[tuple[str, str]]:
        if self._source is None:
            return
        what, stored = f"{self._source.kind}, id", self.count - len(self._held)
        if first <= stored // 2:
            yield from self._read(what, "ORDER BY due_at, id LIMIT ? OFFSET ?", n, first)
            return
        # Fewer are passed over from the other end.
        n = max(min(n, stored - first), 0)
        also = "ORDER BY due_at DESC, id DESC LIMIT ? OFFSET ?"
        yield from reversed(self._read(what, also, n, stored - first - n).fetchall())

    def place(self, id: str) -> int | None:
        """The place of a row; None where it is not in this section."""
        if id in self._places or self._source is None:
            return self._places.get(id)
        row = self._conn.execute(
            f"""SELECT due_at FROM records
            WHERE kind IN ({_KINDS}) AND id = ? AND {self._source.where}""",
            [id, *self._source.parameters],
        ).fetchone()
        if row is None:
            return None
        (before,) = self._read("count(*)", "AND (due_at, id) < (?, ?)", row[0], id).fetchone()
        return int(before) + bisect_right(self._dues, row[0])


class _Scope(NamedTuple):
    """Which records are looked at: a condition with its parameters, and whether a filter made it."""

    where: str
    parameters: tuple[object, ...]
    filtered: bool


class DeadlinesWindow:
    """The deadlines, late ones first, or by department; papers of ended projects are left out.

    `text` is a filter, `project` the id of the one project to show; either may ask for an ended
    one. `now` is in microseconds. QueryError where the filter cannot be read. Groups and counts
    are those of the last `refresh`.
    """

    def __init__(
        self,
        conn: sqlite3.Connection,
        *,
        now: int,
        text: str = "",
        project: str = "",
        by: By = "time",
    ) -> None:
        self._conn = conn
        self._text = text
        self._project = project
        self.by = by
        self.refresh(now)

    def refresh(self, now: int) -> None:
        """Count again, as of `now`."""
        self._reckoning = Reckoning.of(self._conn, now)
        self._arounds = Arounds(self._reckoning)
        self._labels = department_labels(self._conn)
        scope = self._scope()
        clocks = self._clocks(scope)
        if scope.filtered:
            self._whole = _Section(self._conn, [*clocks, *self._found(scope, _RUNNING)])
        else:
            source = _Source("records_due", "kind", f"{_DATED} AND {scope.where}", scope.parameters)
            self._whole = _Section(self._conn, clocks, source)
        if self.by == "time":
            self._sections = [self._whole]
            self.groups = self._by_time()
        else:
            parts = self._by_department(scope, clocks)
            self._sections = list(parts.values())
            self.groups = [
                Group(name, self._labels.get(name) or name, part.count)
                for name, part in parts.items()
            ]
        self.count = sum(group.count for group in self.groups)
        self._next = self._whole.first_from(self._reckoning.moment.late_before)

    def hand_to(self, conn: sqlite3.Connection) -> None:
        """Read from another connection from now on."""
        self._conn = conn
        for section in (self._whole, *self._sections):
            section.hand_to(conn)

    def tick(self, now: int) -> bool:
        """Let time pass; False where something has become late or a day is over: count again."""
        later = self._reckoning.later(now)
        if later.moment.late_before > self._next or later.today != self._reckoning.today:
            return False
        self._reckoning = later
        return True

    # -- which

    def _scope(self) -> _Scope:
        filtered = bool(self._text.strip())
        where, parameters, asked_for = ["1"], list[object](), frozenset[str]()
        if filtered:
            selection = select(self._conn, None, self._text, now=self._reckoning.now)
            where.append(selection.where)
            parameters += selection.parameters
            asked_for = selection.fields
        if self._project:
            where.append("project = ?")
            parameters.append(self._project)
        elif "project" not in asked_for:
            where.append(running(self._conn))
        return _Scope(" AND ".join(where), tuple(parameters), filtered)

    def _clocks(self, scope: _Scope) -> list[_Key]:
        """The answers that are waited for, by when they are due."""
        rows = self._conn.execute(
            f"""SELECT id, accepted, body FROM records
            WHERE kind = 'blocker' AND deleted = 0 AND ifnull(state, 'open') = 'open' AND accepted IS NOT NULL
                AND {scope.where}""",
            scope.parameters,
        ).fetchall()
        ids = [id for id, _accepted, _body in rows]
        done, again = answers(self._conn, ids), reopenings(self._conn, ids)
        found = []
        for id, accepted, text in rows:
            clock = self._reckoning.clock(accepted, again.get(id)) if id not in done else None
            if clock is not None:
                due_at = wall_of(clock.ends, self._reckoning.moment.zone).isoformat()
                departments = _asked(decode(text or "{}"))
                found.append(_Key(due_at, id, "blocker", departments[0] if departments else ""))
        return found

    def _found(self, scope: _Scope, which: str) -> list[_Key]:
        """The dated papers themselves, where they are few or have to be looked at anyway."""
        return [
            _Key(*row)
            for row in self._conn.execute(
                f"""SELECT due_at, id, kind, {_DEPARTMENT} FROM records
                WHERE due_at IS NOT NULL AND deleted = 0 AND {which} AND {scope.where}""",
                scope.parameters,
            )
        ]

    def _by_time(self) -> list[Group]:
        today = self._reckoning.today
        monday = today + timedelta(days=7 - today.weekday())
        edges = [
            _FIRST,
            self._reckoning.moment.late_before,
            (today + _DAY).isoformat(),
            monday.isoformat(),
            (monday + timedelta(days=7)).isoformat(),
        ]
        counts = [self._whole.between(*each) for each in pairwise(edges)]
        counts.append(self._whole.count - sum(counts))
        return [Group(key, "", n) for key, n in zip(GROUPS, counts, strict=True) if n]

    def _by_department(self, scope: _Scope, clocks: list[_Key]) -> dict[str, _Section]:
        held: dict[str, list[_Key]] = {}
        for key in self._whole.held if scope.filtered else [*clocks, *self._found(scope, _OTHERS)]:
            held.setdefault(key.department, []).append(key)
        tasks = f"stage IN ({_STAGES}) AND due_at IS NOT NULL AND {scope.where}"
        if not scope.filtered:
            for (name,) in self._conn.execute(
                f"""SELECT DISTINCT ifnull(department, '') FROM records {using(self._conn, "board_departments")}
                WHERE {tasks}""",
                scope.parameters,
            ):
                held.setdefault(name, [])
        sections = {}
        for name in sorted(held, key=lambda name: (not name, name)):
            source = _Source(
                "board_departments",
                "'task'",
                f"department IS ? AND {tasks}",
                (name or None, *scope.parameters),
            )
            sections[name] = _Section(self._conn, held[name], None if scope.filtered else source)
        return sections

    # -- what is shown

    def rows(self, first: int, n: int) -> list[Countdown]:
        """At most `n` rows from the place `first` on."""
        found: list[Countdown] = []
        for section in self._sections:
            if n <= 0:
                break
            if first < section.count:
                part = [self._row(*key) for key in section.keys(first, n)]
                found += [row for row in part if row is not None]
                n -= len(part)
            first = max(first - section.count, 0)
        return found

    def place(self, id: str) -> int | None:
        """The place of a record; None where it is not shown."""
        before = 0
        for section in self._sections:
            place = section.place(id)
            if place is not None:
                return before + place
            before += section.count
        return None

    def days(self, first_day: date, n: int) -> list[Day]:
        """What falls due in the `n` days from `first_day` on; days off with nothing due are left out."""
        found = []
        for day in (first_day + timedelta(days=ahead) for ahead in range(n)):
            ends = (day + _DAY).isoformat()
            count = self._whole.between(day.isoformat(), ends)
            workday = self._reckoning.moment.calendar.is_workday(day)
            if workday or count:
                late = self._whole.between(
                    day.isoformat(), min(self._reckoning.moment.late_before, ends)
                )
                found.append(Day(day, workday, count, late > 0))
        return found

    def _row(self, kind: str, id: str) -> Countdown | None:
        row = self._conn.execute(
            f"""SELECT {ENVELOPE}, number, title, state, {_DEPARTMENT}, owner, due, due_at,
                accepted, conflicts, unsent, body
            FROM records WHERE kind = ? AND id = ?""",
            (kind, id),
        ).fetchone()
        if row is None:
            return None
        *texts, accepted, conflicts, unsent, text = row
        envelope, number, title, state, department, owner, due, due_at = (
            each or "" for each in texts
        )
        body = decode(text or "{}")
        by = self._reckoning
        clock = None
        if kind == "blocker":
            clock = by.clock(accepted, reopenings(self._conn, [id]).get(id))
        if clock is not None:
            told = by.blocker(body, clock, Replies())
            end = wall_of(clock.ends, by.moment.zone)
            due, due_at = end.isoformat(timespec="minutes"), end.isoformat()
            why = _("waits for a ruling") if told.level == DECISION else answer_basis(clock)
            departments = [self._labels.get(name) or name for name in _asked(body)]
            seconds = (clock.ends - by.now) // 1_000_000
        else:
            told = by.shown(kind, body)
            late = by.policy.count("late.emergency")
            around = self._arounds.of(self._conn, kind, id, body, told)
            why = basis(body, told, date.fromisoformat(due[:10]), by.moment.calendar, late, around)
            departments = [self._labels.get(department) or department]
            seconds = int((_end(due_at) - by.wall) // timedelta(seconds=1))
        return Countdown(
            envelope=envelope,
            kind=kind,
            id=id,
            number=number,
            title=title,
            state=state,
            department=_(", ").join(map(str, departments)),
            owner=owner,
            due=due,
            due_at=due_at,
            basis=why,
            began=clock.began if clock else None,
            seconds=seconds,
            conflicts=conflicts,
            unsent=unsent,
            shown=told,
        )


def _asked(body: Mapping[str, object]) -> list[str]:
    lead = body.get("lead")
    return asked(body, lead if isinstance(lead, str) else "")


def _end(due_at: str) -> datetime:
    """The moment on the wall at which a sort key is over."""
    if due_at.endswith("T24:00"):
        return datetime.combine(date.fromisoformat(due_at[:10]) + _DAY, time.min)
    return datetime.fromisoformat(due_at)
