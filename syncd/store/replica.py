"""A replica's file: what is shown, what the hub last said, and what waits to be sent.

`records` holds the shown version of each record. `versions` holds those that were shown once,
every edit of one's own, and, marked `beside`, the rest of what the hub last said (the
*shadow*): the losers and twins, and under unsent work the head too.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from schema.errors import NothingToDo
from schema.leaves import Leaves, digest_hex, meet, ordered
from schema.version import Dot, Version
from schema.wording import _
from syncd.clock import Clock
from syncd.store.connection import BY_KEYS, Database, keys_json
from syncd.store.rows import (
    RECORD_SQL,
    VERSION,
    Change,
    Record,
    Results,
    read_version,
    record_row,
)
from syncd.store.tables import REPLICA_VERSION, drop_sorting, make_sorting, migrate_replica

if TYPE_CHECKING:
    from schema import wire
    from schema.wire import Page, Versions

_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_RECORDS_BY_KEYS = f"""
    SELECT kind, t.id, {VERSION}, seq, number, accepted, mark, unsent
    FROM {BY_KEYS.format(table="records")}"""
_BESIDE_BY_KEYS = f"""
    SELECT kind, t.id, {VERSION} FROM {BY_KEYS.format(table="versions")} AND t.beside"""
_OUTBOX_BY_KEYS = f"SELECT kind, t.id, n FROM {BY_KEYS.format(table='outbox')}"


class CursorGap(Exception):
    """A page follows another seq than the one this replica stands at."""


class Replica:
    """Reads and writes one replica's file; one thread each.

    `crash_point` and `synchronous` are the simulator's; `clock` is wherever time comes from.
    """

    def __init__(
        self,
        path: Path,
        clock: Clock | None = None,
        *,
        synchronous: str = "FULL",
        crash_point: Callable[[str], None] | None = None,
        readonly: bool = False,
    ) -> None:
        self.clock = clock or Clock()
        self.db = Database(
            path,
            migrate=migrate_replica,
            schema_version=REPLICA_VERSION,
            synchronous=synchronous,
            crash_point=crash_point,
            readonly=readonly,
        )
        self.conn = self.db.conn
        if not readonly and not self.meta("replica"):
            from secrets import choice

            with self.write():
                if not self.meta("replica"):
                    letters = [choice(_ALPHABET) for _ in range(10)]
                    self.set_meta(replica="".join(letters), next=1, digest=digest_hex(0), count=0)
                    self._make_views()
        self.id = self.meta("replica")

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One write transaction."""
        with self.db.write() as conn:
            yield conn

    def _make_views(self) -> None:
        from syncd.store.views import make_views

        make_views(self.conn)

    # -- meta

    def meta(self, key: str) -> str:
        """A word about the whole file; "" when unset."""
        row = self.conn.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row and row[0] is not None else ""

    def number(self, key: str) -> int:
        """A meta word as a whole number, 0 when unset."""
        return int(self.meta(key) or 0)

    def set_meta(self, **values: object) -> None:
        """Set words about the file, inside the caller's transaction."""
        self.conn.executemany(
            "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            [(key, None if value is None else str(value)) for key, value in values.items()],
        )

    @property
    def seq(self) -> int:
        """The seq up to which this replica has heard everything; 0 when alone."""
        return self.number("seq")

    # -- records

    def record(self, kind: str, id: str) -> Record | None:
        """One record with its shadow, or None."""
        return self.records([(kind, id)]).get((kind, id))

    def records(self, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Record]:
        """Records with their shadows by (kind, id); those that are missing are left out."""
        wanted = keys_json(keys)
        beside: dict[tuple[str, str], list[Version]] = {}
        for kind, id, *row in self.conn.execute(_BESIDE_BY_KEYS, (wanted,)):
            beside.setdefault((kind, id), []).append(read_version(row))
        found: dict[tuple[str, str], Record] = {}
        for kind, id, *row in self.conn.execute(_RECORDS_BY_KEYS, (wanted,)):
            shown = read_version(row)
            others = beside.get((kind, id), [])
            seq, number, accepted, mark, unsent = row[11:]
            found[kind, id] = Record(
                kind=kind,
                id=id,
                shown=shown,
                shadow=ordered(others if unsent else [shown, *others]),
                seq=seq,
                number=number,
                accepted=accepted,
                mark=int.from_bytes(mark, "big") if mark is not None else None,
                unsent=unsent,
            )
        return found

    def other_leaves(self, kind: str, id: str) -> list[Version]:
        """The leaves last heard that are not the shown version."""
        return [
            read_version(row)
            for row in self.conn.execute(
                f"SELECT {VERSION} FROM versions WHERE kind = ? AND id = ? AND beside", (kind, id)
            )
        ]

    def pending(self, kind: str, id: str) -> list[Version]:
        """One's own edits of a record that the hub has not passed, oldest first."""
        rows = self.conn.execute(
            f"""SELECT {", ".join("v." + name for name in VERSION.split(", "))}
            FROM outbox o JOIN versions v
                ON v.kind = o.kind AND v.id = o.id AND v.dot = ? || ':' || o.n
            WHERE o.id = ? AND o.kind = ? ORDER BY o.n""",
            (self.id, id, kind),
        )
        return [read_version(row) for row in rows]

    def pending_numbers(self, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], list[int]]:
        """The numbers of one's own edits of records that the hub has not passed, in order."""
        found: dict[tuple[str, str], list[int]] = {}
        for kind, id, n in self.conn.execute(_OUTBOX_BY_KEYS, (keys_json(keys),)):
            found.setdefault((kind, id), []).append(n)
        for numbers in found.values():
            numbers.sort()
        return found

    def foretold(self, record: Record) -> Leaves:
        """The leaves as they would be if the unsent edits arrived now: losers are to come."""
        leaves = record.shadow
        now = self.clock.now() + self.number("offset")
        for version in self.pending(record.kind, record.id):
            low = max([leaf.eff for leaf in leaves if leaf.dot in version.knows], default=0)
            guess = max(low + 1, min(version.at + self.number("offset"), now))
            leaves = meet(leaves, msgspec.structs.replace(version, eff=guess))
        return leaves

    # -- saving

    def save(
        self, changes: Sequence[Change], *, undoes: int | None = None, many: bool = False
    ) -> list[Dot]:
        """Save one act: its edits are minted and stored in one transaction.

        `many` lets a load take more than one act holds, as many acts. NothingToDo when no
        change changes anything; Refused when a body, an act or a settlement is not allowed.
        """
        from syncd.store.minting import Mint

        dots: list[Dot] = []
        with self.write() as conn:
            mint = Mint(self, undoes)
            for change in changes:
                dot = mint.edit(change, many=many)
                if dot is not None:
                    dots.append(dot)
            if not dots:
                raise NothingToDo(
                    _("Nothing was changed."), _("Name a field with another value to change it.")
                )
            self.set_meta(next=mint.n)
            conn.executemany("INSERT INTO acts VALUES (?, ?, ?, ?)", mint.acts)
        return dots

    def own_dots(self, kind: str, id: str) -> list[Dot]:
        """Every edit of a record that this replica ever made."""
        rows = self.conn.execute("SELECT n FROM mine WHERE id = ? AND kind = ?", (id, kind))
        return [Dot(self.id, n) for (n,) in rows]

    def show(self, record: Record) -> None:
        """Write what is shown of a record, with its lifted columns."""
        self.conn.execute(RECORD_SQL, record_row(record))

    # -- the outbox

    def unsent(self) -> int:
        """How many edits the hub has not passed."""
        return int(self.conn.execute("SELECT count(*) FROM outbox").fetchone()[0])

    def outbox_after(self, n: int, limit: int) -> list[tuple[int, int, str, str, bytes]]:
        """(n, act, kind, id, bytes) of edits after a number, whole acts, about `limit` bytes."""
        found: list[tuple[int, int, str, str, bytes]] = []
        size = 0
        for row in self.conn.execute(
            "SELECT n, act, kind, id, edit FROM outbox WHERE n > ? ORDER BY n", (n,)
        ):
            if found and size + len(row[4]) > limit and row[1] != found[-1][1]:
                break
            found.append(row)
            size += len(row[4]) + 1
        return found

    def outbox_upto(self, n: int) -> Iterator[tuple[int, bytes]]:
        """(n, bytes) of the edits up to a number."""
        yield from self.conn.execute("SELECT n, edit FROM outbox WHERE n <= ? ORDER BY n", (n,))

    # -- pages

    def take_page(self, page: Page, due: Results, late: Results | None = None) -> set[int]:
        """Take a page in: rows, leaves, cursor and outbox move in one transaction.

        `due` are the results that this page passes, `late` those passed before whose record had
        not come yet. Returns the numbers let go. CursorGap where the page does not follow on.
        What its proof says is kept as the meta word `proof`: "held", "doubted" the first time it
        does not hold, "broken" from the second on. A page that was overtaken by another way to
        the same seq proves what was true when it was read; a record that moved on since is not in it.
        From the first of many pages to the one with the proof, nothing sorts records by due.
        """
        from syncd.store.taking import Taking

        with self.write():
            if page.since != self.seq:
                raise CursorGap
            taking = Taking(self)
            if page.proof is None and not page.since and not taking.count:
                drop_sorting(self.conn)
            taking.rows(page.rows, {**late, **due} if late else due)
            self.set_meta(
                seq=page.to,
                cursor=page.cursor,
                heard=max(self.number("heard"), page.time),
                digest=taking.digest,
                count=taking.count,
            )
            taking.results(due, page.to)
            if page.proof is not None:
                make_sorting(self.conn)
                self.set_meta(last_sync=self.clock.now(), proof=_held(self, page.proof))
        return taking.let_go

    def pass_results(self, due: Results) -> set[int]:
        """Let go of edits whose results the cursor has passed already; returns their numbers."""
        from syncd.store.taking import Taking

        with self.write():
            taking = Taking(self)
            taking.results(due, self.seq)
        return taking.let_go

    def bodiless(self, most: int) -> tuple[str, str, list[str]] | None:
        """A record of which versions came without their bodies, with at most so many dots."""
        row = self.conn.execute(
            "SELECT kind, id FROM versions WHERE body IS NULL LIMIT 1"
        ).fetchone()
        if row is None:
            return None
        dots = self.conn.execute(
            "SELECT dot FROM versions WHERE id = ? AND kind = ? AND body IS NULL LIMIT ?",
            (row[1], row[0], most),
        )
        return row[0], row[1], [dot for (dot,) in dots]

    def take_bodies(self, told: Versions) -> int:
        """Fill in bodies that a page had no room for; how many there were."""
        from schema.wire import version_of

        lines = [
            (version.body.decode(), told.kind, told.id, str(version.dot), version.content)
            for version in map(version_of, told.versions)
            if version.body is not None
        ]
        with self.write() as conn:
            before = conn.total_changes
            conn.executemany(
                """UPDATE versions SET body = ?
                WHERE kind = ? AND id = ? AND dot = ? AND content = ? AND body IS NULL""",
                lines,
            )
            return conn.total_changes - before

    def start_over(self) -> None:
        """Stand at the beginning again, to hear every record anew; nothing is forgotten."""
        with self.write():
            self.set_meta(seq=0, cursor=None)

    def close(self) -> None:
        self.db.close()


def _held(replica: Replica, proof: wire.Proof) -> str:
    held = (
        proof.seq == replica.seq
        and proof.count == replica.number("count")
        and proof.digest == replica.meta("digest")
    )
    if held:
        return "held"
    return "broken" if replica.meta("proof") in ("doubted", "broken") else "doubted"
