"""The papers that can concern one person, found by index: what `owed` needs to say their lines and no more.

Roots are what a rule could ask the person about, judged by the paper's own fields; around each root
comes all that a rule looks at, so that nothing is said for want of a paper.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from schema.rules.world import Paper
from syncd.store.blockers import reopenings
from syncd.store.reckoning import decode
from syncd.store.tables import MARKED, STANDING, UNFINISHED, using

WINDOW = 500
"""The most roots of one sort that are looked at; those due first."""

_PAPER = "kind, id, body, author, iif(eff > 0, eff, at), accepted, dot, number, conflicts"


class Reach(NamedTuple):
    """What of a workspace is a person's: every name whose duties they take, and what those stand for.

    `own` is their name and `names` all whose duties they take; `lost` are names whose duties
    nobody takes, `juniors` those whose superior they are. `departments` are those that they speak
    for, `members` those that they are of, `headed` those that they decide for, by all their names; `begun` and `decided` are projects, `seats` those
    whose receipt is theirs. What nobody is named for is theirs too in the projects `coordinated`,
    "" for none; with `strays`, in a project that is not among those `known`.
    """

    own: str
    names: frozenset[str]
    lost: frozenset[str]
    juniors: frozenset[str]
    departments: frozenset[str]
    members: frozenset[str]
    headed: frozenset[str]
    begun: frozenset[str]
    decided: frozenset[str]
    seats: frozenset[str]
    coordinated: frozenset[str]
    strays: bool
    known: frozenset[str]

    @property
    def coordinates(self) -> bool:
        return self.strays or bool(self.coordinated)


class Dates(NamedTuple):
    """What is due before these sort keys is near, or late enough for an emergency meeting."""

    near: str
    emergency: str


class Gathered(NamedTuple):
    """Papers around a person; `beyond` counts the tasks that are theirs too and due after those looked at."""

    papers: list[Paper]
    beyond: int


def gather(conn: sqlite3.Connection, reach: Reach, dates: Dates) -> Gathered:
    """All that can concern a person, in one reading."""
    return _Gathering(conn, reach, dates).all()


def papers(conn: sqlite3.Connection, kinds: Sequence[str], where: str = "") -> list[Paper]:
    """Every undeleted paper of these kinds, or of a condition."""
    rows = conn.execute(
        f"SELECT {_PAPER} FROM records WHERE deleted = 0 AND {where or f'kind IN {_SET}'}",
        () if where else (_json(kinds),),
    )
    return [_paper(*row) for row in rows]


def projects_of_tasks(conn: sqlite3.Connection) -> set[str]:
    """The projects that tasks of the board name, known or not, found by hopping along their index."""
    index = using(conn, "board_projects")
    rows = conn.execute(
        f"""WITH RECURSIVE named(project) AS (
            SELECT min(project) FROM records {index} WHERE stage IS NOT NULL AND project > ''
            UNION ALL SELECT (SELECT min(r.project) FROM records r {index}
                WHERE r.stage IS NOT NULL AND r.project > named.project)
            FROM named WHERE project IS NOT NULL)
        SELECT project FROM named WHERE project IS NOT NULL"""
    )
    return {project for (project,) in rows}


def _paper(
    kind: str,
    id: str,
    body: str | None,
    author: str,
    at: int,
    accepted: int | None,
    dot: str,
    number: str | None,
    conflicts: int,
) -> Paper:
    return Paper(
        kind=kind,
        id=id,
        body=decode(body or "{}"),
        author=author,
        at=at,
        accepted=accepted,
        dot=dot,
        number=number or "",
        conflicts=conflicts,
    )


class _Gathering:
    def __init__(self, conn: sqlite3.Connection, reach: Reach, dates: Dates) -> None:
        self._conn = conn
        self._reach = reach
        self._dates = dates
        self._found: dict[tuple[str, str], Paper] = {}
        self._beyond = 0
        # What falls to the person where nobody is named, with its parameters.
        self._or_falls, self._falls = "0", tuple[object, ...]()
        if reach.coordinates:
            self._or_falls = _FALLS
            self._falls = (_json(reach.coordinated), reach.strays, _json(reach.known))

    def all(self) -> Gathered:
        self._blockers()
        self._own_tasks()
        self._solving()
        self._foretold()
        self._emergencies()
        self._planned()
        self._lessons()
        self._announced()
        self._conflicts()
        self._around()
        self._reopened()
        return Gathered(list(self._found.values()), self._beyond)

    # -- roots

    def _take(self, where: str, *parameters: object, index: str = "") -> list[Paper]:
        """The undeleted papers of a condition, kept; sets of names are given as JSON."""
        rows = self._conn.execute(
            f"SELECT {_PAPER} FROM records {index} WHERE deleted = 0 AND {where}",
            [
                _json(each) if isinstance(each, Collection) and not isinstance(each, str) else each
                for each in parameters
            ],
        )
        taken = [_paper(*row) for row in rows]
        self._found.update(((each.kind, each.id), each) for each in taken)
        return taken

    def _blockers(self) -> None:
        """Those not closed that say one of the person's departments or names; the resolved ones all."""
        reach = self._reach
        departments = sorted(reach.departments | reach.headed)
        said = " OR ".join(["instr(body, ?)"] * len(departments))
        self._take(
            f"""{STANDING} AND kind = 'blocker' AND ifnull(state, '') <> 'closed'
            AND ({self._or_falls} OR state IN ('resolved', 'verified') OR author IN {_SET} OR owner IN {_SET}
                OR project IN {_SET} OR project IN {_SET} {f"OR {said}" if said else ""})""",
            *self._falls,
            reach.names,
            reach.names,
            reach.begun,
            reach.decided,
            *(json.dumps(name, ensure_ascii=False) for name in departments),
            index="INDEXED BY records_standing",
        )

    def _own_tasks(self) -> None:
        """Those of the person's names, and those of the departments that nobody owns."""
        reach = self._reach
        index = using(self._conn, "tasks_owned")
        theirs = f"({self._or_falls} OR department IN {_SET})"
        rest = [*self._falls, _json(reach.departments)]
        roots: tuple[tuple[str, list[object]], ...] = (
            (f"{UNFINISHED} AND owner IN {_SET}", [_json(reach.names)]),
            (f"{UNFINISHED} AND owner IS NULL AND {theirs}", rest),
            (f"{UNFINISHED} AND owner IN {_SET} AND {theirs}", [_json({*reach.lost, ""}), *rest]),
        )
        for where, parameters in roots:
            self._window(where, parameters, self._dates.near, index)

    def _window(
        self, where: str, parameters: list[object], before: str, index: str, also: str = ""
    ) -> None:
        """The tasks of a condition that are due first; those without a due come last."""
        taken = self._take(
            f"{where} {also} ORDER BY due_at IS NULL, due_at LIMIT {WINDOW}",
            *parameters,
            index=index,
        )
        if len(taken) == WINDOW:
            (n,) = self._conn.execute(
                f"""SELECT count(*) FROM records {index}
                WHERE deleted = 0 AND {where} {also} AND due_at < ?""",
                [*parameters, before],
            ).fetchone()
            self._beyond += max(n - WINDOW, 0)

    def _solving(self) -> None:
        """Those that come from a blocker of another project: what nobody leads there falls to whoever coordinates here."""
        if self._reach.coordinates:
            self._take(
                f"""kind = 'task' AND {UNFINISHED} AND {_FALLS} AND source IN (
                    SELECT id FROM records INDEXED BY records_standing
                    WHERE deleted = 0 AND {STANDING} AND kind = 'blocker' AND ifnull(state, '') <> 'closed')
                AND EXISTS (SELECT 1 FROM records b WHERE b.kind = 'blocker' AND b.id = records.source
                    AND b.project IS NOT records.project)""",
                *self._falls,
                index=_BY_SOURCE,
            )

    def _foretold(self) -> None:
        """Those that are said to be late, in what the person began or of whom they are the superior."""
        reach = self._reach
        if not (reach.begun or reach.juniors or reach.departments or reach.coordinates):
            return
        theirs = f"""(project IN {_SET} OR owner IN {_SET} OR {self._or_falls}
            OR project IS NULL AND department IN {_SET})"""
        parameters = (reach.begun, reach.juniors, *self._falls, reach.departments)
        self._take(
            f"""{MARKED} AND kind = 'task' AND {UNFINISHED} AND due_at < ? AND {theirs}
            ORDER BY due_at LIMIT {WINDOW}""",
            self._dates.near,
            *parameters,
            index="INDEXED BY records_marked",
        )
        self._take(
            f"""kind = 'task' AND id IN (SELECT of FROM records INDEXED BY records_marked
                WHERE deleted = 0 AND {MARKED} AND kind = 'progress')
            AND {UNFINISHED} AND due_at < ? AND {theirs} ORDER BY due_at LIMIT {WINDOW}""",
            self._dates.near,
            *parameters,
        )

    def _emergencies(self) -> None:
        """Those long late in what the person decides, but for those that a meeting was called about."""
        reach = self._reach
        if not (reach.decided or reach.headed or "" in reach.coordinated):
            return
        about = self._conn.execute(
            f"""SELECT DISTINCT value FROM records INDEXED BY records_marked,
                json_each(body, '$.about')
            WHERE deleted = 0 AND {MARKED} AND kind = 'meeting'"""
        )
        met = [id for (id,) in about if isinstance(id, str)]
        where = f"{UNFINISHED} AND project IN {_SET} AND due_at < ?"
        parameters: list[object] = [_json(reach.decided), self._dates.emergency]
        alone = f"{UNFINISHED} AND project IS NULL AND due_at < ? AND (? OR department IN {_SET})"
        headed: list[object] = [
            self._dates.emergency,
            "" in reach.coordinated,
            _json(reach.headed),
        ]
        index = using(self._conn, "board_projects")
        without = f"AND id NOT IN {_SET} AND stage IN (0, 1)"
        for condition, given in ((where, parameters), (alone, headed)):
            self._window(condition, [*given, _json(met)], self._dates.emergency, index, without)
            if met:
                self._take(f"kind = 'task' AND id IN {_SET} AND {condition}", met, *given)

    def _planned(self) -> None:
        """Milestones and requests that the person's departments plan."""
        reach = self._reach
        self._take(
            f"""{STANDING} AND kind IN ('milestone', 'request')
            AND (kind = 'milestone' AND ifnull(state, '') NOT IN ('reached', 'dropped')
                OR kind = 'request' AND ifnull(state, '') NOT IN ('accepted', 'confirmed', 'closed', 'dropped'))
            AND ({self._or_falls} OR department IN {_SET}
                OR json_extract(body, '$.initiator') IN {_SET} OR owner IN {_SET})""",
            *self._falls,
            reach.departments,
            reach.departments,
            reach.names,
            index="INDEXED BY records_standing",
        )

    def _lessons(self) -> None:
        """Those that name a rule of the person's departments."""
        self._take(
            f"""{MARKED} AND kind = 'lesson'
            AND ({self._or_falls} OR json_extract(body, '$.rule_department') IN {_SET})""",
            *self._falls,
            self._reach.departments,
            index="INDEXED BY records_marked",
        )

    def _announced(self) -> None:
        """The newest announcements that may concern the person and were not received."""
        named = sorted(self._reach.names | self._reach.members)
        said = "OR instr(body, ?) " * len(named)
        self._take(
            f"""{MARKED} AND kind = 'comment'
            AND (NOT {_names("about")} AND NOT {_names("departments")} {said})
            AND NOT EXISTS (SELECT 1 FROM records s
                WHERE s.of = records.id AND s.kind = 'signoff' AND s.deleted = 0
                AND s.author = ? AND json_extract(s.body, '$.meaning') = 'receipt')
            ORDER BY id DESC LIMIT {WINDOW}""",
            *(json.dumps(name, ensure_ascii=False) for name in named),
            self._reach.own,
            index="INDEXED BY records_marked",
        )

    def _conflicts(self) -> None:
        """What a coordinator has to settle."""
        if self._reach.coordinates:
            self._take(
                f"conflicts > 0 ORDER BY id LIMIT {WINDOW}", index="INDEXED BY records_conflicts"
            )

    # -- what stands around them

    def _around(self) -> None:
        """All that the rules look at beside the roots."""
        self._context("blocker", (each.text("source") for each in self._of("task")))
        blockers = {each.id for each in self._of("blocker")}
        self._take(f"source IN {_SET} AND kind = 'task'", blockers, index=_BY_SOURCE)
        reports = self._pointing(blockers, "comment", "signoff", "acceptance", "seat", "report")
        sheets = {each.id for each in reports if each.kind == "report"}
        self._pointing(blockers | sheets, "lesson")
        lessons = {each.id for each in self._of("lesson")}
        self._take(f"source IN {_SET} AND kind = 'task'", lessons, index=_BY_SOURCE)
        tasks = {each.id for each in self._of("task")}
        self._pointing(tasks, "progress", "comment", "signoff")
        received = self._reach.seats | {each.id for each in self._of("comment")}
        self._pointing(received, "signoff")
        self._take(
            f"""{MARKED} AND kind = 'meeting' AND EXISTS (SELECT 1 FROM json_each(body, '$.about')
                WHERE value IN {_SET})""",
            tasks,
            index="INDEXED BY records_marked",
        )
        waiting = tasks | {each.id for kind in ("milestone", "request") for each in self._of(kind)}
        waits = self._take(
            f"after IN {_SET} AND kind = 'dependency'", waiting, index="INDEXED BY records_after"
        )
        for kind in ("task", "milestone", "request", "blocker"):
            # Both ends, as the rule finds them: nothing keeps two kinds from having one id.
            self._context(kind, (each.text(end) for each in waits for end in ("before", "after")))
        self._context("topic", (each.text("source") for each in self._of("task")))

    def _reopened(self) -> None:
        """When the blockers that are open were put back to it."""
        open_now = [each for each in self._of("blocker") if each.state == "open"]
        again = reopenings(self._conn, [each.id for each in open_now])
        for each in open_now:
            if each.id in again:
                moment = again[each.id]
                self._found["blocker", each.id] = replace(each, reopened=moment)

    def _of(self, kind: str) -> list[Paper]:
        return [each for each in self._found.values() if each.kind == kind]

    def _pointing(self, ids: Iterable[str], *kinds: str) -> list[Paper]:
        """The papers of these kinds that are of one of these."""
        return self._take(
            f"of IN {_SET} AND kind IN {_SET}", set(ids), kinds, index="INDEXED BY records_of"
        )

    def _context(self, kind: str, ids: Iterable[str]) -> None:
        """The papers of a kind by their ids, those not held yet."""
        missing = {id for id in ids if id and (kind, id) not in self._found}
        if missing:
            self._take(f"kind = ? AND id IN {_SET}", kind, missing)


_SET = "(SELECT value FROM json_each(?))"
_FALLS = f"(ifnull(project, '') IN {_SET} OR (? AND project NOT IN {_SET}))"
_BY_SOURCE = "INDEXED BY records_source"


def _names(field: str) -> str:
    """Whether a body says a text in a list."""
    return f"""(ifnull(json_type(body, '$.{field}'), '') = 'array'
        AND EXISTS (SELECT 1 FROM json_each(body, '$.{field}') WHERE type = 'text' AND value <> ''))"""


def _json(names: Iterable[object]) -> str:
    return json.dumps(list(names), ensure_ascii=False)
