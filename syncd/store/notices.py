"""What an author is to be told once: an own edit that lost, or that somebody went past unseen."""

from __future__ import annotations

from typing import NamedTuple

from syncd.store.replica import Replica


class Notice(NamedTuple):
    """`what` is `lost` or `overtaken`; `author` wrote the version that is current now."""

    number: int
    kind: str
    id: str
    title: str
    author: str
    dot: str
    what: str


def take_notices(replica: Replica) -> list[Notice]:
    """The notices that nobody was told yet; they count as told from here on."""
    if not _untold(replica):
        return []
    with replica.write() as conn:
        told = replica.number("told")
        rows = conn.execute(
            """SELECT n.number, n.kind, n.id, r.title, r.author, n.dot, n.what
            FROM notices n LEFT JOIN records r ON r.kind = n.kind AND r.id = n.id
            WHERE n.number > ? ORDER BY n.number""",
            (told,),
        ).fetchall()
        if rows:
            replica.set_meta(told=rows[-1][0])
    return [
        Notice(number, kind, id, title or "", author or "", dot, what)
        for number, kind, id, title, author, dot, what in rows
    ]


def _untold(replica: Replica) -> bool:
    row = replica.conn.execute("SELECT max(number) FROM notices").fetchone()
    return (row[0] or 0) > replica.number("told")
