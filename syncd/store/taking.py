"""Taking a page in: what the hub says moves the shadow, never unsent work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from schema.errors import ProtocolError
from schema.leaves import Leaves, digest_hex, losers, mark, mark_of_one, ordered
from schema.version import DELETED, Dot, Version, content_of
from schema.wire import REFUSED, UNKNOWN, Row, version_of
from syncd.store.rows import (
    NEW_RECORD_SQL,
    RECORD_SQL,
    VERSION_SQL,
    Record,
    Results,
    lifted_row,
    record_row,
    version_row,
)

if TYPE_CHECKING:
    from syncd.store.replica import Replica

Key = tuple[str, str]


class Taking:
    """One transaction of hearing from the hub; `digest` and `count` follow the rows taken.

    What the rows come to is gathered first and written in batches.
    """

    def __init__(self, replica: Replica) -> None:
        self.replica = replica
        self.conn = replica.conn
        self._digest = int(replica.meta("digest") or "0", 16)
        self.count = replica.number("count")
        self.let_go: set[int] = set()
        self._passed: dict[int, tuple[int, str, str, str]] = {}
        self._pending: dict[Key, list[int]] = {}
        self._records: list[tuple[object, ...]] = []
        self._versions: list[tuple[object, ...]] = []
        self._no_leaves: list[tuple[object, ...]] = []

    @property
    def digest(self) -> str:
        return digest_hex(self._digest)

    # -- rows

    def rows(self, rows: Sequence[Row], results: Results) -> None:
        """Take records in as the hub holds them; `results` are those the page passes."""
        keys = {(row.kind, row.id) for row in rows}
        if len(keys) != len(rows) or not all(row.leaves for row in rows):
            raise ProtocolError("A page names a record twice or without leaves.", "")
        here = self.replica.records(keys)
        self._pending = self.replica.pending_numbers(
            key for key, record in here.items() if record.unsent
        )
        fresh: list[tuple[object, ...]] = []
        for row in rows:
            record = here.get((row.kind, row.id))
            if record is None and len(row.leaves) == 1:
                fresh.append(self._fresh(row))
            else:
                self._row(row, record, results)
        self.conn.executemany(NEW_RECORD_SQL, fresh)
        self._write()

    def _fresh(self, row: Row) -> tuple[object, ...]:
        """A record met for the first time, with one leaf, straight from the wire to its row."""
        leaf = row.leaves[0]
        share = mark_of_one(row.kind, row.id, leaf.dot, leaf.eff)
        self._digest += share
        self.count += 1
        body = bytes(leaf.body) if leaf.body is not msgspec.UNSET else b"{}"
        return (
            row.kind,
            row.id,
            leaf.dot,
            leaf.knows,
            leaf.base,
            leaf.rev,
            leaf.author,
            leaf.at,
            leaf.eff,
            leaf.seq,
            leaf.deleted,
            DELETED if leaf.deleted else content_of(body, False),
            body.decode(),
            row.seq,
            row.number,
            row.accepted,
            share.to_bytes(16, "big"),
            0,
            0,
            *lifted_row(row.kind, body, leaf.deleted),
        )

    def _row(self, row: Row, record: Record | None, results: Results) -> None:
        """A record that is here already, or has more than one leaf."""
        key = (row.kind, row.id)
        leaves = ordered(self._with_body(key, version_of(leaf)) for leaf in row.leaves)
        share = mark(*key, leaves)
        self._digest += share - (record.mark or 0 if record else 0)
        self.count += record is None or record.mark is None
        shown, unsent = leaves[0], 0
        if record is not None:
            self._tell_losses(record, leaves)
            if record.unsent:
                shown, unsent = self._still_unsent(record, leaves, results)
        now = Record(
            kind=row.kind,
            id=row.id,
            shown=shown,
            shadow=leaves,
            seq=row.seq,
            number=row.number,
            accepted=row.accepted,
            mark=share,
            unsent=unsent,
        )
        self._records.append(record_row(now))
        self._set_beside(key, record, now)
        self._versions += [(*version_row(*key, version_of(base)), False) for base in row.bases]

    def _set_beside(self, key: Key, before: Record | None, now: Record) -> None:
        """Note which leaves stand beside the shown version, and which are history from here on."""
        was = _beside(before) if before else {}
        is_now = _beside(now)
        self._versions += [
            (*version_row(*key, leaf), True) for dot, leaf in is_now.items() if dot not in was
        ]
        self._no_leaves += [(*key, str(dot)) for dot in was if dot not in is_now]
        if before and not before.unsent:
            shown = before.shown
            if shown.dot != now.shown.dot and shown.dot not in is_now:
                self._versions.append((*version_row(*key, shown), False))

    def _with_body(self, key: Key, leaf: Version) -> Version:
        """A leaf told without its body keeps the one this replica has."""
        if leaf.body is not None:
            return leaf
        row = self.conn.execute(
            "SELECT body FROM versions WHERE kind = ? AND id = ? AND dot = ?",
            (*key, str(leaf.dot)),
        ).fetchone()
        body = row[0].encode() if row and row[0] is not None else None
        return msgspec.structs.replace(leaf, body=body)

    def _still_unsent(
        self, record: Record, leaves: Leaves, results: Results
    ) -> tuple[Version, int]:
        """What is shown of a record with unsent edits, and how many stay unsent."""
        own = self.replica.id
        key = (record.kind, record.id)
        numbers = self._pending[key]
        for n in numbers:
            result, seq, _reason = results.get(n, (UNKNOWN, None, None))
            dot = Dot(own, n)
            if result == REFUSED:
                continue
            if result == UNKNOWN or not any(dot in leaf.knows for leaf in leaves):
                break
            self._passed[n] = (seq or 0, *key, str(dot))
            self.let_go.add(n)
        left = [n for n in numbers if n not in self.let_go]
        if not left:
            self._tell_overtaken(record, leaves, Dot(own, numbers[-1]))
            return leaves[0], 0
        if left[-1] == record.shown.dot.n:
            return record.shown, len(left)
        newest = next(v for v in self.replica.pending(*key) if v.dot.n == left[-1])
        return newest, len(left)

    def _write(self) -> None:
        """Write what was noted."""
        many = self.conn.executemany
        many(VERSION_SQL, self._versions)
        many(
            "UPDATE versions SET beside = 0 WHERE kind = ? AND id = ? AND dot = ?", self._no_leaves
        )
        many(RECORD_SQL, self._records)
        passed = self._passed.items()
        many("DELETE FROM outbox WHERE n = ?", [(n,) for n, _line in passed])
        many(
            """UPDATE versions SET vseq = ?1
            WHERE kind = ?2 AND id = ?3 AND dot = ?4 AND vseq = 0""",
            [line for _n, line in passed],
        )
        for noted in (self._versions, self._no_leaves, self._records, self._passed):
            noted.clear()

    # -- results

    def results(self, due: Results, seq: int) -> None:
        """Let go of the edits whose result the cursor has passed.

        A taken edit goes only when the shadow has it: its record may have changed again and
        come with a later page, and an edit made meanwhile must still be made on it.
        """
        gone: dict[Key, list[int]] = {}
        for n, (result, passed, reason) in sorted(due.items()):
            if n in self.let_go:
                continue
            line = self.conn.execute("SELECT kind, id FROM outbox WHERE n = ?", (n,)).fetchone()
            dot = Dot(self.replica.id, n)
            if line is None:
                self.let_go.add(n)
                continue
            if (
                passed is None
                or passed > seq
                or not (result == REFUSED or (self._covered(line, dot) and self._lowest(line, n)))
            ):
                continue
            self.let_go.add(n)
            if result == REFUSED:
                self._refuse(n, reason or "act")
            else:
                self._passed[n] = (passed, *line, str(dot))
            gone.setdefault(line, []).append(n)
        for key, numbers in gone.items():
            self.conn.executemany("DELETE FROM outbox WHERE n = ?", [(n,) for n in numbers])
            self._show_again(key, [n for n in numbers if n in self._passed])
        self._write()

    def _covered(self, key: Key, dot: Dot) -> bool:
        return any(dot in leaf.knows for leaf in self.replica.other_leaves(*key))

    def _lowest(self, key: Key, n: int) -> bool:
        """Whether an edit is the first of its record that is still unsent."""
        numbers = self.replica.pending_numbers([key]).get(key, [])
        return all(m in self.let_go for m in numbers if m < n)

    def _refuse(self, n: int, reason: str) -> None:
        """Move an edit from the outbox to the visible list of refused ones."""
        self.conn.execute(
            """INSERT OR IGNORE INTO refused
            SELECT o.n, o.act, o.kind, o.id, v.dot, json_extract(v.body, '$.title'), ?,
                v.base, v.deleted, v.body
            FROM outbox o JOIN versions v ON v.kind = o.kind AND v.id = o.id AND v.dot = ?
            WHERE o.n = ?""",
            (reason, f"{self.replica.id}:{n}", n),
        )

    def _show_again(self, key: Key, taken: Sequence[int]) -> None:
        """Show what is to be shown when some unsent edits of a record are unsent no more."""
        record = self.replica.record(*key)
        if record is None:
            return
        pending = self.replica.pending(*key)
        if not pending and not record.shadow:
            self.conn.execute("DELETE FROM records WHERE kind = ? AND id = ?", key)
            return
        shown = pending[-1] if pending else record.shadow[0]
        now = msgspec.structs.replace(record, shown=shown, unsent=len(pending))
        self._records.append(record_row(now))
        self._set_beside(key, record, now)
        if taken and not pending:
            self._tell_overtaken(record, record.shadow, Dot(self.replica.id, max(taken)))

    # -- what an author is told

    def _tell_losses(self, record: Record, leaves: Leaves) -> None:
        before = {leaf.dot for leaf in record.losers}
        for loser in losers(leaves):
            if loser.dot.replica == self.replica.id and loser.dot not in before:
                self._notice(record, loser.dot, "lost")

    def _tell_overtaken(self, record: Record, leaves: Leaves, own: Dot) -> None:
        """Say it when somebody edited on top of an edit before its author saw it taken."""
        if all(leaf.dot != own for leaf in leaves):
            self._notice(record, own, "overtaken")

    def _notice(self, record: Record, dot: Dot, what: str) -> None:
        self.conn.execute(
            "INSERT INTO notices (made, kind, id, dot, what) VALUES (?, ?, ?, ?, ?)",
            (self.replica.clock.now(), record.kind, record.id, str(dot), what),
        )


def _beside(record: Record) -> dict[Dot, Version]:
    """The leaves that are not what is shown of a record."""
    leaves = record.shadow if record.unsent else record.shadow[1:]
    return {leaf.dot: leaf for leaf in leaves}
