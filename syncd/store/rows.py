"""What a replica's file holds, as values: records with their shadows, versions, and their rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from schema.leaves import Leaves, losers
from schema.records import lift
from schema.records.stages import STAGES
from schema.version import Dot, Knows, Version

VERSION = "dot, knows, base, rev, author, at, eff, vseq, deleted, content, body"
_LIFTED = (
    "title, state, project, department, owner, start, due, due_at, priority, rank, "
    "of, before, after, source, stage"
)
_STAGES: dict[str | None, int] = {state: place for place, state in enumerate(STAGES)}
NEW_RECORD_SQL = f"""
    INSERT INTO records (kind, id, {VERSION}, seq, number, accepted, mark, unsent, conflicts,
        {_LIFTED})
    VALUES ({", ".join("?" * 34)})"""
RECORD_SQL = f"""{NEW_RECORD_SQL}
    ON CONFLICT (kind, id) DO UPDATE SET {
    ", ".join(
        f"{name} = excluded.{name}"
        for name in f"{VERSION}, seq, number, accepted, mark, unsent, conflicts, {_LIFTED}".split(
            ", "
        )
    )
}"""
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
    return (
        *version_row(record.kind, record.id, record.shown),
        record.seq,
        record.number,
        record.accepted,
        record.mark.to_bytes(16, "big") if record.mark is not None else None,
        record.unsent,
        len(record.open_losers),
        *lifted_row(record.kind, record.shown.body or b"{}", record.shown.deleted),
    )


def lifted_row(kind: str, body: bytes, deleted: bool) -> tuple[object, ...]:
    """The columns that follow from a body, in the order of the table's last ones."""
    lifted = lift(body)
    return (
        lifted.title,
        lifted.state,
        lifted.project or None,
        lifted.department or None,
        lifted.owner,
        lifted.start,
        lifted.due,
        lifted.due_at,
        lifted.priority,
        lifted.rank,
        lifted.of,
        lifted.before,
        lifted.after,
        lifted.source,
        _STAGES.get(lifted.state) if kind == "task" and not deleted else None,
    )
