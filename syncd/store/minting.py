"""Making the edits of a save: dots, knowledge, the bytes for the wire, and their rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from schema import wire
from schema.errors import Refused
from schema.leaves import only_settlements, twins
from schema.version import KNOWS_LIMIT, N_LIMIT, REV_LIMIT, Dot, Version, content_of, made_on
from schema.wire import Edit
from schema.wording import _
from syncd.store.rows import VERSION_SQL, Change, Record, version_row

if TYPE_CHECKING:
    from syncd.store.replica import Replica


class Mint:
    """Makes the edits of one save: dots, knowledge, rows and outbox lines."""

    def __init__(self, replica: Replica, undoes: int | None) -> None:
        self.replica = replica
        self.conn = replica.conn
        self.n = replica.number("next")
        self.step = self.act = self.n
        self.edits = 0
        self.bytes = 0
        self.at = min(replica.clock.now(), N_LIMIT - 1)
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
        knows = made_on(dot, bases, self.replica.own_dots(change.kind, change.id))
        if len(str(knows)) > KNOWS_LIMIT:
            raise Refused(
                _("Too many edits of this record were made without knowing of each other."),
                _("Settle its conflicts first, or go on in a new record."),
            )
        version = Version(
            dot=dot,
            knows=knows,
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
        if not only_settlements(self.replica.pending(record.kind, record.id), record.shadow):
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
