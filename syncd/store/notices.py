"""What an author is to be told once: an own edit that lost, or that somebody went past unseen."""

from __future__ import annotations

from typing import NamedTuple

from syncd.store.replica import Replica


class Notice(NamedTuple):
    """`what` is `lost` or `overtaken`; `author` wrote the version that is current now.

    `called` is the record's number, and `deletion` says that one's own edit deleted it.
    """

    number: int
    kind: str
    id: str
    title: str
    author: str
    dot: str
    what: str
    called: str = ""
    deletion: bool = False


def take_notices(replica: Replica) -> list[Notice]:
    """The notices that nobody was told yet; they count as told from here on."""
    if not _untold(replica):
        return []
    with replica.write() as conn:
        told = replica.number("told")
        rows = conn.execute(
            """SELECT n.number, n.kind, n.id, r.title, r.author, n.dot, n.what, r.number, v.deleted
            FROM notices n LEFT JOIN records r ON r.kind = n.kind AND r.id = n.id
            LEFT JOIN versions v ON v.kind = n.kind AND v.id = n.id AND v.dot = n.dot
            WHERE n.number > ? ORDER BY n.number""",
            (told,),
        ).fetchall()
        if rows:
            replica.set_meta(told=rows[-1][0])
    return [
        Notice(number, kind, id, title or "", author or "", dot, what, called or "", bool(deletion))
        for number, kind, id, title, author, dot, what, called, deletion in rows
    ]


def _untold(replica: Replica) -> bool:
    row = replica.conn.execute("SELECT max(number) FROM notices").fetchone()
    return (row[0] or 0) > replica.number("told")


def has_news(replica: Replica) -> bool:
    """Whether there are notices or refused edits that nobody was told of yet."""
    row = replica.conn.execute("SELECT max(n) FROM refused").fetchone()
    return _untold(replica) or (row[0] or 0) > replica.number("told_refused")
