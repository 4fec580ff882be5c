"""Taking a page in: what the hub says moves the shadow, never unsent work."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from schema.errors import ProtocolError
from schema.leaves import Leaves, digest_hex, losers, mark, mark_of_one, ordered
from schema.records import lift
from schema.version import DELETED, Dot, Version, content_of
from schema.wire import REFUSED, Row, version_of
from syncd.store.replica import (
    _RECORD_SQL,
    VERSION,
    Record,
    Replica,
    Results,
    version_row,
)

_LEAF_SQL = f"INSERT INTO leaves (kind, id, {VERSION}) VALUES ({', '.join('?' * 13)})"
_LEAVES_TO_VERSIONS = f"""
    INSERT INTO versions (kind, id, {VERSION})
    SELECT kind, id, {VERSION} FROM leaves WHERE kind = ? AND id = ?
    ON CONFLICT (kind, id, dot) DO UPDATE SET eff = excluded.eff, vseq = excluded.vseq,
        author = excluded.author, body = COALESCE(excluded.body, versions.body)
    WHERE excluded.vseq > 0"""


class Taking:
    """One transaction of hearing from the hub; `digest` and `count` follow the rows taken."""

    def __init__(self, replica: Replica) -> None:
        self.replica = replica
        self.conn = replica.conn
        self._digest = int(replica.meta("digest") or "0", 16)
        self.count = replica.number("count")

    @property
    def digest(self) -> str:
        return digest_hex(self._digest)

    # -- rows

    def rows(self, rows: Sequence[Row], results: Results) -> None:
        """Take records in as the hub holds them; `results` are those the page passes."""
        fresh: list[tuple[object, ...]] = []
        echoes: list[tuple[object, ...]] = []
        seen: set[tuple[str, str]] = set()
        for row in rows:
            key = (row.kind, row.id)
            if key in seen or not row.leaves:
                raise ProtocolError("A page names a record twice or without leaves.", "")
            seen.add(key)
            known = self.conn.execute(
                "SELECT unsent, dot, mark FROM records WHERE kind = ? AND id = ?", key
            ).fetchone()
            if len(row.leaves) > 1:
                self._row(row)
            elif known is None:
                fresh.append(self._fresh(row))
            elif known[:2] == (1, row.leaves[0].dot) and self._taken(known[1], results):
                echoes.append(self._echo(row, known[2]))
            else:
                self._row(row)
        self.conn.executemany(_RECORD_SQL, fresh)
        self._take_echoes(echoes)

    def _taken(self, dot: str, results: Results) -> bool:
        result = results.get(Dot.parse(dot).n)
        return result is not None and result[0] != REFUSED

    def _echo(self, row: Row, mark_before: bytes | None) -> tuple[object, ...]:
        """One's only unsent edit of a record, come back as its only leaf."""
        leaf = row.leaves[0]
        share = mark_of_one(row.kind, row.id, leaf.dot, leaf.eff)
        self._digest += share - int.from_bytes(mark_before or b"", "big")
        self.count += mark_before is None
        return (
            leaf.author,
            leaf.eff,
            leaf.seq,
            row.seq,
            row.number,
            row.accepted,
            share.to_bytes(16, "big"),
            row.kind,
            row.id,
            leaf.dot,
        )

    def _take_echoes(self, echoes: Sequence[tuple[object, ...]]) -> None:
        """Turn shown unsent edits into heads; what they closed is history from here on."""
        conn = self.conn
        conn.executemany(
            """UPDATE records SET author = ?, eff = ?, vseq = ?, seq = ?, number = ?, accepted = ?,
                mark = ?, unsent = 0, conflicts = 0 WHERE kind = ? AND id = ?""",
            [echo[:9] for echo in echoes],
        )
        conn.executemany(
            "UPDATE versions SET author = ?, eff = ?, vseq = ? WHERE kind = ? AND id = ? AND dot = ?",
            [(*echo[:3], *echo[7:]) for echo in echoes],
        )
        keys = [echo[7:9] for echo in echoes]
        conn.executemany(_LEAVES_TO_VERSIONS, keys)
        conn.executemany("DELETE FROM leaves WHERE kind = ? AND id = ?", keys)
        conn.executemany(
            "DELETE FROM outbox WHERE n = ?", [(Dot.parse(str(echo[9])).n,) for echo in echoes]
        )

    def _fresh(self, row: Row) -> tuple[object, ...]:
        """A record met for the first time, with one leaf, straight from the wire to its row."""
        leaf = row.leaves[0]
        share = mark_of_one(row.kind, row.id, leaf.dot, leaf.eff)
        self._digest += share
        self.count += 1
        body = bytes(leaf.body) if leaf.body is not msgspec.UNSET else b"{}"
        lifted = lift(body)
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
            lifted.title,
            lifted.state,
            lifted.project,
            lifted.department,
            lifted.owner,
            lifted.start,
            lifted.due,
            lifted.priority,
        )

    def _row(self, row: Row) -> None:
        kind, id = row.kind, row.id
        replica = self.replica
        record = replica.record(kind, id)
        heard = [self._with_body(kind, id, version_of(leaf)) for leaf in row.leaves]
        leaves = ordered(heard)
        share = mark(kind, id, leaves)
        self._digest += share - (record.mark or 0 if record else 0)
        self.count += record is None or record.mark is None
        replica.keep_versions(kind, id, map(version_of, row.bases))
        if record is not None:
            now = {leaf.dot for leaf in leaves}
            replica.keep_versions(kind, id, [leaf for leaf in record.shadow if leaf.dot not in now])
            self._tell_losses(record, leaves)
        self._stand(
            Record(
                kind=kind,
                id=id,
                shown=record.shown if record and record.unsent else leaves[0],
                shadow=leaves,
                seq=row.seq,
                number=row.number,
                accepted=row.accepted,
                mark=share,
                unsent=record.unsent if record else 0,
            )
        )

    def _with_body(self, kind: str, id: str, leaf: Version) -> Version:
        """A leaf told without its body keeps the one this replica has."""
        if leaf.body is not None:
            return leaf
        row = self.conn.execute(
            """SELECT body FROM versions WHERE kind = ?1 AND id = ?2 AND dot = ?3 AND body NOT NULL
            UNION ALL SELECT body FROM leaves WHERE kind = ?1 AND id = ?2 AND dot = ?3""",
            (kind, id, str(leaf.dot)),
        ).fetchone()
        body = row[0].encode() if row and row[0] is not None else None
        return msgspec.structs.replace(leaf, body=body)

    def _stand(self, record: Record) -> None:
        """Write a record and its shadow as they are now."""
        key = (record.kind, record.id)
        self.conn.execute("DELETE FROM leaves WHERE kind = ? AND id = ?", key)
        beside = record.shadow if record.unsent else record.shadow[1:]
        self.conn.executemany(_LEAF_SQL, [version_row(*key, leaf) for leaf in beside])
        self.replica.show(record, conflicts=len(record.losers))

    # -- results

    def results(self, results: Results, seq: int) -> list[int]:
        """Let go of the edits whose result the cursor has passed; returns those still kept.

        A taken edit goes only when the shadow has it: its record may have changed again and
        come with a later page, and an edit made meanwhile must still be made on it.
        """
        settled: dict[tuple[str, str], list[tuple[int, str]]] = {}
        refused: list[int] = []
        kept: list[int] = []
        for n, (result, passed, _reason) in sorted(results.items()):
            if passed is None or passed > seq:
                kept.append(n)
                continue
            line = self.conn.execute(
                "SELECT act, kind, id FROM outbox WHERE n = ?", (n,)
            ).fetchone()
            if line is None:
                continue
            key = (line[1], line[2])
            if result == REFUSED:
                refused.append(n)
            elif not self._covered(key, Dot(self.replica.id, n)):
                kept.append(n)
                continue
            settled.setdefault(key, []).append((n, result))
            self.conn.execute(
                "UPDATE versions SET vseq = ? WHERE kind = ? AND id = ? AND dot = ?",
                (passed if result != REFUSED else 0, *key, f"{self.replica.id}:{n}"),
            )
        for n in refused:
            self._refuse(n, results[n][2] or "act")
        for key, gone in settled.items():
            self.conn.executemany("DELETE FROM outbox WHERE n = ?", [(n,) for n, _r in gone])
            self._show_again(key, [n for n, result in gone if result != REFUSED])
        return kept

    def _covered(self, key: tuple[str, str], dot: Dot) -> bool:
        return any(dot in leaf.knows for leaf in self.replica.other_leaves(*key))

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

    def _show_again(self, key: tuple[str, str], taken: Sequence[int]) -> None:
        """Show what is to be shown when some unsent edits of a record are unsent no more."""
        record = self.replica.record(*key)
        if record is None:
            return
        pending = self.replica.pending(*key)
        if not pending and not record.shadow:
            self.conn.execute("DELETE FROM records WHERE kind = ? AND id = ?", key)
            return
        shown = pending[-1] if pending else record.shadow[0]
        self._stand(msgspec.structs.replace(record, shown=shown, unsent=len(pending)))
        if taken and not pending:
            self._tell_overtaken(record, Dot(self.replica.id, max(taken)))

    # -- what an author is told

    def _tell_losses(self, record: Record, leaves: Leaves) -> None:
        before = {leaf.dot for leaf in record.losers}
        for loser in losers(leaves):
            if loser.dot.replica == self.replica.id and loser.dot not in before:
                self._notice(record, loser.dot, "lost")

    def _tell_overtaken(self, record: Record, own: Dot) -> None:
        """Say it when somebody edited on top of an edit before its author saw it taken."""
        if any(leaf.dot == own for leaf in record.shadow):
            return
        self._notice(record, own, "overtaken")

    def _notice(self, record: Record, dot: Dot, what: str) -> None:
        self.conn.execute(
            "INSERT INTO notices (made, kind, id, dot, what) VALUES (?, ?, ?, ?, ?)",
            (self.replica.clock.now(), record.kind, record.id, str(dot), what),
        )
