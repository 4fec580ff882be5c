"""A replica's file: what is shown, what the hub last said, and what waits to be sent.

`records` holds the shown version of each record. `versions` holds those that were shown once,
every edit of one's own, and, marked `beside`, the rest of what the hub last said (the
*shadow*): the losers and twins, and under unsent work the head too.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from schema import wire
from schema.errors import NothingToDo, Refused
from schema.leaves import Leaves, digest_hex, losers, meet, ordered, twins
from schema.records import lift
from schema.version import REV_LIMIT, Dot, Knows, Version, content_of, made_on
from schema.wire import Edit, Page
from schema.wording import _
from syncd.clock import Clock
from syncd.store.connection import BY_KEYS, Database, keys_json
from syncd.store.tables import REPLICA_VERSION, migrate_replica

VERSION = "dot, knows, base, rev, author, at, eff, vseq, deleted, content, body"
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_LIFTED = "title, state, project, department, owner, start, due, priority"
RECORD_SQL = f"""
    INSERT INTO records (kind, id, {VERSION}, seq, number, accepted, mark, unsent, conflicts,
        {_LIFTED})
    VALUES ({", ".join("?" * 27)})
    ON CONFLICT (kind, id) DO UPDATE SET {
    ", ".join(
        f"{name} = excluded.{name}"
        for name in f"{VERSION}, seq, number, accepted, mark, unsent, conflicts, {_LIFTED}".split(
            ", "
        )
    )
}"""
_RECORDS_BY_KEYS = f"""
    SELECT kind, t.id, {VERSION}, seq, number, accepted, mark, unsent
    FROM {BY_KEYS.format(table="records")}"""
_BESIDE_BY_KEYS = f"""
    SELECT kind, t.id, {VERSION} FROM {BY_KEYS.format(table="versions")} AND t.beside"""
_OUTBOX_BY_KEYS = f"SELECT kind, t.id, n FROM {BY_KEYS.format(table='outbox')}"
VERSION_SQL = f"""
    INSERT INTO versions (kind, id, {VERSION}, beside) VALUES ({", ".join("?" * 14)})
    ON CONFLICT (kind, id, dot) DO UPDATE SET eff = excluded.eff, vseq = excluded.vseq,
        author = excluded.author, body = COALESCE(excluded.body, versions.body),
        beside = excluded.beside
    WHERE excluded.vseq > 0"""


# What the hub said of edits by number: result, seq, reason.
Results = Mapping[int, tuple[str, int | None, str | None]]


class Change(NamedTuple):
    """One edit to be made: the whole body as canonical JSON; `settles` names losers it settles."""

    kind: str
    id: str
    body: bytes
    deleted: bool = False
    settles: tuple[Dot, ...] = ()


class Record(msgspec.Struct, gc=False, frozen=True, kw_only=True):
    """A record as this replica holds it; `shadow` has the head first and no unsent edits."""

    kind: str
    id: str
    shown: Version
    shadow: Leaves
    seq: int | None
    number: str | None
    accepted: int | None
    mark: int | None
    unsent: int

    @property
    def losers(self) -> Leaves:
        return losers(self.shadow)

    @property
    def open_losers(self) -> Leaves:
        """The losers that no unsent edit of one's own settles: the conflicts still to settle."""
        return tuple(
            leaf for leaf in self.losers if not self.unsent or leaf.dot not in self.shown.knows
        )


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
            with self.write():
                if not self.meta("replica"):
                    letters = [secrets.choice(_ALPHABET) for _ in range(10)]
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
        dots: list[Dot] = []
        with self.write() as conn:
            mint = _Mint(self, undoes)
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
        What its proof says is kept as the meta word `proof`, "held" or "broken".
        """
        from syncd.store.taking import Taking

        with self.write():
            if page.since != self.seq:
                raise CursorGap
            taking = Taking(self)
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
                self.set_meta(last_sync=self.clock.now(), proof=_held(self, page.proof))
        return taking.let_go

    def pass_results(self, due: Results) -> set[int]:
        """Let go of edits whose results the cursor has passed already; returns their numbers."""
        from syncd.store.taking import Taking

        with self.write():
            taking = Taking(self)
            taking.results(due, self.seq)
        return taking.let_go

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
    return "held" if held else "broken"


class _Mint:
    """Makes the edits of one save: dots, knowledge, rows and outbox lines."""

    def __init__(self, replica: Replica, undoes: int | None) -> None:
        self.replica = replica
        self.conn = replica.conn
        self.n = replica.number("next")
        self.step = self.act = self.n
        self.edits = 0
        self.bytes = 0
        self.at = replica.clock.now()
        self.offset = replica.number("offset")
        self.heard = replica.number("heard")
        self.author = replica.meta("name")
        self.undoes = undoes
        self.acts = [(self.act, self.step, self.at, undoes)]

    def edit(self, change: Change, *, many: bool) -> Dot | None:
        record = self.replica.record(change.kind, change.id)
        content = content_of(change.body, change.deleted)
        if record is None and change.deleted:
            return None
        if record is not None and record.shown.content == content and not change.settles:
            return None
        if len(change.body) > wire.BODY_LIMIT:
            raise Refused(
                _("This record is too large: {size} KiB, at most 64.", size=len(change.body) >> 10),
                _("Shorten its longest text, or link to a file instead."),
            )
        dot = Dot(self.replica.id, self.n)
        bases = self._bases(record, change)
        version = Version(
            dot=dot,
            knows=made_on(dot, bases, self.replica.own_dots(change.kind, change.id)),
            base=record.shown.dot if record else None,
            rev=min(1 + max((base.rev for base in bases), default=0), REV_LIMIT - 1),
            author=self.author,
            at=self.at,
            deleted=change.deleted,
            content=content,
            body=change.body,
        )
        edit = wire.encode_edit(
            Edit(
                n=dot.n,
                kind=change.kind,
                id=change.id,
                knows=str(version.knows),
                base=str(version.base) if version.base else None,
                rev=version.rev,
                at=self.at,
                offset=self.offset,
                heard=self.heard,
                deleted=change.deleted,
                body=msgspec.Raw(change.body),
            )
        )
        self._place(len(edit), many)
        self._store(change, record, version, edit)
        self.n += 1
        return dot

    def _bases(self, record: Record | None, change: Change) -> list[Version]:
        if record is None:
            return []
        bases = [record.shown]
        if not record.unsent:
            bases += twins(record.shadow)
        if change.settles:
            bases += self._settled(record, change.settles)
        return bases

    def _settled(self, record: Record, settles: tuple[Dot, ...]) -> list[Version]:
        found = [leaf for leaf in record.losers if leaf.dot in settles]
        if len(found) != len(settles):
            raise Refused(
                _("That conflict is no longer open."), _("`duijie conflicts` lists the open ones.")
            )
        head = record.shadow[0].dot
        if head not in record.shown.knows or any(leaf.dot in record.shown.knows for leaf in found):
            raise _unsent_edit()
        for version in self.replica.pending(record.kind, record.id):
            base = version.base
            settled = base is not None and any(
                leaf.dot in version.knows and leaf.dot != base for leaf in record.losers
            )
            if not settled:
                raise _unsent_edit()
        return found

    def _place(self, size: int, many: bool) -> None:
        """Put the next edit into this act, or for a load into the next one."""
        if many and self.edits:
            self.act = self.n
            self.acts.append((self.act, self.step, self.at, self.undoes))
            self.edits = self.bytes = 0
        self.edits += 1
        self.bytes += size + 1
        if self.edits > wire.ACT_EDITS or self.bytes > wire.ACT_BYTES:
            raise Refused(
                _("That is too much for one step: at most 200 records and 256 KiB."),
                _("Do it in smaller parts."),
            )

    def _store(self, change: Change, record: Record | None, version: Version, edit: bytes) -> None:
        kind, id = change.kind, change.id
        replica = self.replica
        rows = [(*version_row(kind, id, version), False)]
        if record is not None and not record.unsent:
            rows.append((*version_row(kind, id, record.shown), True))
        self.conn.executemany(VERSION_SQL, rows)
        replica.show(
            Record(
                kind=kind,
                id=id,
                shown=version,
                shadow=record.shadow if record else (),
                seq=record.seq if record else None,
                number=record.number if record else None,
                accepted=record.accepted if record else None,
                mark=record.mark if record else None,
                unsent=(record.unsent if record else 0) + 1,
            )
        )
        before = str(record.shown.dot) if record else None
        self.conn.execute(
            "INSERT INTO mine VALUES (?, ?, ?, ?, ?)", (version.dot.n, self.act, kind, id, before)
        )
        self.conn.execute(
            "INSERT INTO outbox VALUES (?, ?, ?, ?, ?, ?)",
            (version.dot.n, self.act, kind, id, self.at, edit),
        )


def _unsent_edit() -> Refused:
    return Refused(
        _("This record has an edit of yours that the hub has not taken yet."),
        _("Sync first, then settle the conflict."),
    )


def read_version(row: Sequence[Any]) -> Version:
    """A version from the columns `VERSION` names."""
    dot, knows, base, rev, author, at, eff, vseq, deleted, content, body = row[:11]
    return Version(
        dot=Dot.parse(dot),
        knows=Knows.parse(knows),
        base=Dot.parse(base) if base else None,
        rev=rev,
        author=author,
        at=at,
        eff=eff,
        seq=vseq,
        deleted=bool(deleted),
        content=content,
        body=body.encode() if body is not None else None,
    )


def version_row(kind: str, id: str, version: Version) -> tuple[object, ...]:
    """A version as the row `kind, id, VERSION`."""
    return (
        kind,
        id,
        str(version.dot),
        str(version.knows),
        str(version.base) if version.base else None,
        version.rev,
        version.author,
        version.at,
        version.eff,
        version.seq,
        version.deleted,
        version.content,
        version.body.decode() if version.body is not None else None,
    )


def record_row(record: Record) -> tuple[object, ...]:
    """A record as the row of its table, lifted columns last."""
    lifted = lift(record.shown.body or b"{}")
    return (
        *version_row(record.kind, record.id, record.shown),
        record.seq,
        record.number,
        record.accepted,
        record.mark.to_bytes(16, "big") if record.mark is not None else None,
        record.unsent,
        len(record.open_losers),
        lifted.title,
        lifted.state,
        lifted.project,
        lifted.department,
        lifted.owner,
        lifted.start,
        lifted.due,
        lifted.priority,
    )
