"""Open conflicts: the losers of records, each beside the head and the version both grew from."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from schema.conflicts import Said, differs, overlaps
from schema.errors import Ambiguous, NotFound
from schema.leaves import common_base, losers
from schema.records import KINDS, title_of
from schema.rules.truth import at_second
from schema.safe_text import safe_text
from schema.version import Dot, Version
from schema.wording import _
from syncd.store.history import known_versions, said, settled
from syncd.store.reading import Found, find_record, rfc3339
from syncd.store.replica import Replica
from syncd.store.rows import Record

_DECIDER = """SELECT json_extract(body, '$.name') AS name FROM records
    WHERE kind = 'person' AND NOT deleted AND department = ?
        AND json_extract(body, '$.decides') AND json_extract(body, '$.left') IS NULL
    ORDER BY name"""
_HEAD = """SELECT json_extract(body, '$.head') FROM records
    WHERE kind = 'department' AND NOT deleted AND json_extract(body, '$.name') = ?"""

# A record whose shadow holds what none of the unsent edits was made on: the hub's head moved under them.
_MOVED_UNDER = """SELECT r.kind, r.id FROM (SELECT DISTINCT kind, id FROM outbox) r
    WHERE EXISTS (SELECT 1 FROM versions v WHERE v.id = r.id AND v.kind = r.kind AND v.beside
        AND NOT EXISTS (SELECT 1 FROM versions w WHERE w.id = v.id AND w.kind = v.kind
            AND w.base = v.dot AND w.dot GLOB ?1 || ':*'))
    LIMIT ?2"""
# A settlement knows what two replicas wrote.
_OF_SEVERAL = """SELECT kind, id FROM records WHERE instr(knows, ' ') ORDER BY eff DESC LIMIT ?"""

_decode = msgspec.json.Decoder(dict[str, Any]).decode


class Conflict(NamedTuple):
    """One loser and what it lost to; `base` is None where the version both grew from is not here.

    `opened` is when the loser became one, in microseconds; `owner` who is to settle it: a name,
    a department, or "" for any coordinator.
    """

    record: Record
    head: Version
    other: Version
    base: Version | None
    title: str
    owner: str
    opened: int

    @property
    def name(self) -> str:
        """How people and scripts call it."""
        return f"{self.record.id}@{self.other.dot}"

    @property
    def said(self) -> tuple[Said | None, Said, Said]:
        """What base, head and other say; a body that is not here says nothing."""
        nothing = Said({})
        return said(self.base), said(self.head) or nothing, said(self.other) or nothing

    @property
    def start(self) -> Said:
        """What a settlement starts from: the head, or one's own settlement of another loser on it."""
        shown = self.record.shown
        if self.record.unsent and self.head.dot in shown.knows and not shown.deleted:
            return said(shown) or Said({})
        return self.said[1]

    @property
    def differs(self) -> list[str]:
        _base, head, other = self.said
        return differs(head, other)

    @property
    def overlaps(self) -> list[str]:
        return overlaps(*self.said)

    def why(self, zone: str) -> str:
        """Why the head won, in a sentence, times in the workspace's zone."""
        if self.other.deleted and not self.head.deleted:
            return _(
                "{author} deleted the record without knowing the edit, and a deletion never beats such an edit.",
                author=safe_text(self.other.author),
            )
        if self.head.eff != self.other.eff:
            head = at_second(self.head.eff, self.other.eff, zone)
            other = at_second(self.other.eff, self.head.eff, zone)
            if head.partition(" ")[0] == other.partition(" ")[0]:
                head, other = head.partition(" ")[2], other.partition(" ")[2]
            return _(
                "{author}'s edit is the later one ({head}, the other {other}), so it is shown.",
                author=safe_text(self.head.author),
                head=head,
                other=other,
            )
        return _(
            "Neither knew of the other and both have the same stamp; {head} comes after {other}.",
            head=str(self.head.dot),
            other=str(self.other.dot),
        )

    def as_json(self, zone: str) -> dict[str, object]:
        """The conflict as `conflicts --json` gives it."""
        return {
            "id": self.name,
            "kind": self.record.kind,
            "record": self.record.id,
            "title": self.title,
            "state": "open",
            "owner": self.owner or None,
            "opened": rfc3339(self.opened),
            "differs": self.differs,
            "overlaps": self.overlaps,
            "why": self.why(zone),
            "base": _version(self.base) if self.base else None,
            "head": _version(self.head),
            "others": [_version(self.other)],
        }


class Line(NamedTuple):
    """A conflict by its record and its loser, without what the two say.

    `opened`, and when the loser was written, in microseconds.
    """

    opened: int
    written: int
    name: str
    kind: str
    id: str
    dot: Dot


def conflicts(replica: Replica) -> list[Conflict]:
    """Every open conflict, the oldest first; those settled here and not sent yet are left out."""
    rows = replica.conn.execute("SELECT kind, id FROM records WHERE conflicts > 0").fetchall()
    found = [each for kind, id in rows for each in conflicts_of(replica, kind, id)]
    return sorted(found, key=_age)


def open_lines(replica: Replica) -> list[Line]:
    """The same conflicts in the same order, cheap enough to be read whenever something was saved."""
    rows = replica.conn.execute("SELECT kind, id FROM records WHERE conflicts > 0").fetchall()
    return sorted(
        Line(
            opened=max(record.shadow[0].eff, loser.eff),
            written=loser.eff,
            name=f"{record.id}@{loser.dot}",
            kind=record.kind,
            id=record.id,
            dot=loser.dot,
        )
        for record in replica.records(rows).values()
        for loser in record.open_losers
    )


def foretold_conflicts(replica: Replica, most: int = 20) -> list[Conflict]:
    """The conflicts that one's unsent edits will open when they are sent."""
    rows = replica.conn.execute(_MOVED_UNDER, (replica.id, most)).fetchall()
    found: list[Conflict] = []
    for record in replica.records(rows).values():
        leaves = replica.foretold(record)
        here = {leaf.dot for leaf in record.losers}
        found += [
            _conflict(replica, record, leaves[0], loser)
            for loser in losers(leaves)
            if loser.dot not in here
        ]
    return sorted(found, key=_age)


def last_settled(replica: Replica, most: int = 40) -> int | None:
    """When a conflict was last settled, in microseconds, looking through the newest edits."""
    rows = replica.conn.execute(_OF_SEVERAL, (most,)).fetchall()
    found = [
        version.eff or version.at
        for kind, id in rows
        for known in [known_versions(replica, kind, id)]
        for version in known.values()
        if version.seq and settled(version, known)
    ]
    return max(found, default=None)


def conflicts_of(replica: Replica, kind: str, id: str) -> list[Conflict]:
    """The open conflicts of one record."""
    record = replica.record(kind, id)
    if record is None or not record.open_losers:
        return []
    return [_conflict(replica, record, record.shadow[0], loser) for loser in record.open_losers]


def _conflict(replica: Replica, record: Record, head: Version, loser: Version) -> Conflict:
    known = known_versions(replica, record.kind, record.id).values()
    base = common_base(known, head, loser)
    return Conflict(
        record=record,
        head=head,
        other=loser,
        base=base if base is not None and base.body is not None else None,
        title=_title(record.kind, head),
        owner=_owner(replica, record.kind, head),
        opened=max(head.eff, loser.eff),
    )


def _age(each: Conflict) -> tuple[int, int, str]:
    return each.opened, each.other.eff, each.name


def find_conflict(replica: Replica, ref: str) -> Conflict:
    """The conflict of this id, or of this record where it has one; NotFound or Ambiguous else."""
    name, _at, dot = ref.strip().partition("@")
    record = find_record(replica.conn, name)
    found = conflicts_of(replica, record.kind, record.id)
    if dot:
        found = [each for each in found if str(each.other.dot) == dot]
    if not found:
        raise _none(record)
    if len(found) > 1:
        lines = [f"{each.name}  {safe_text(each.other.author)}" for each in found]
        raise Ambiguous(
            _("This record has several conflicts:") + "\n" + "\n".join(lines),
            _("Name one of them."),
        )
    return found[0]


def _none(record: Found) -> NotFound:
    return NotFound(
        _("{title} has no such open conflict.", title=safe_text(record.title) or record.id[-6:]),
        _("`duijie conflicts` lists the open ones."),
    )


def _version(version: Version) -> dict[str, object]:
    body = None
    if version.body is not None and not version.deleted:
        body = msgspec.Raw(version.body)
    return {"author": version.author, "eff": version.eff, "body": body}


def _title(kind: str, head: Version) -> str:
    if head.body is None or kind not in KINDS:
        return ""
    return title_of(kind, _decode(head.body))


def _owner(replica: Replica, kind: str, head: Version) -> str:
    """Who settles: of the project's initiating department the one who decides, else its head, else it.

    Roles are no records, so that everybody sees the same name this way. "" is any coordinator.
    """
    body = _decode(head.body) if head.body else {}
    department = _initiator(replica, body) or body.get("initiator")
    if not isinstance(department, str) or not department:
        return ""
    for sql in (_DECIDER, _HEAD):
        row = replica.conn.execute(sql, (department,)).fetchone()
        if row and isinstance(row[0], str):
            return row[0]
    return department


def _initiator(replica: Replica, body: dict[str, Any]) -> object:
    project = body.get("project")
    if not isinstance(project, str):
        return None
    row = replica.conn.execute(
        """SELECT json_extract(body, '$.initiator') FROM records
        WHERE kind = 'project' AND id = ? AND NOT deleted""",
        (project,),
    ).fetchone()
    return row[0] if row else None
