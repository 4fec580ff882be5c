"""The edits that the hub refused: kept whole until their author mends or discards them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from schema.errors import NotFound
from schema.records import KINDS, title_of
from schema.safe_text import safe_text
from schema.wording import _
from syncd.store.replica import Replica


class RefusedEdit(NamedTuple):
    """One line of the list; `reason` is the hub's code, `base` the dot it was made on."""

    n: int
    dot: str
    kind: str
    id: str
    title: str
    reason: str
    base: str | None
    deleted: bool
    body: bytes

    def as_json(self) -> str:
        """The edit as `refused --json` gives it."""
        return msgspec.json.encode(
            {
                "dot": self.dot,
                "kind": self.kind,
                "id": self.id,
                "title": self.title,
                "reason": self.reason,
                "body": msgspec.Raw(self.body),
            }
        ).decode()


def refused_edits(replica: Replica, dots: Sequence[str] = ()) -> list[RefusedEdit]:
    """The refused edits in the order they were made, or those of these dots; NotFound names a missing one."""
    rows = replica.conn.execute(
        "SELECT n, dot, kind, id, title, reason, base, deleted, body FROM refused ORDER BY n"
    )
    edits = [
        RefusedEdit(
            n, dot, kind, id, _title(kind, title, body), reason, base, bool(deleted), body.encode()
        )
        for n, dot, kind, id, title, reason, base, deleted, body in rows
    ]
    for dot in dots:
        if not any(each.dot == dot for each in edits):
            raise NotFound(
                _("No refused edit is called {dot}.", dot=safe_text(dot)[:40]),
                _("`duijie refused` lists them."),
            )
    return [each for each in edits if not dots or each.dot in dots]


def take_refusals(replica: Replica) -> list[RefusedEdit]:
    """The refused edits that nobody was told of yet; they count as told from here on."""
    told = replica.number("told_refused")
    fresh = [each for each in refused_edits(replica) if each.n > told]
    if fresh:
        with replica.write():
            replica.set_meta(told_refused=fresh[-1].n)
    return fresh


def discard(replica: Replica, edits: Sequence[RefusedEdit]) -> None:
    """Take edits off the list; the log of their records keeps what they said."""
    with replica.write():
        forget(replica, edits)


def _title(kind: str, title: str | None, body: str) -> str:
    """The title that was kept, else what stands for one in its kind."""
    if title or kind not in KINDS:
        return title or ""
    return title_of(kind, msgspec.json.decode(body, type=dict[str, Any]))


def forget(replica: Replica, edits: Sequence[RefusedEdit]) -> None:
    """The same inside the caller's transaction."""
    replica.conn.executemany("DELETE FROM refused WHERE n = ?", [(each.n,) for each in edits])
