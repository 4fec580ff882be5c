"""What became of a record: every version this replica knows, and what each changed."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import msgspec

from schema.conflicts import Said, changed
from schema.version import Dot, Version
from syncd.store.replica import Replica
from syncd.store.rows import VERSION, Record, read_version

State = Literal["head", "loser", "unsent", "refused", "past"]
Did = Literal["created", "edited", "deleted", "restored", "settled"]

_decode = msgspec.json.Decoder(dict[str, Any]).decode


class Entry(NamedTuple):
    """One line of a record's log; `base` is the version its changes are told against."""

    version: Version
    state: State
    changed: list[str]
    did: Did = "edited"

    def as_json(self) -> dict[str, object]:
        """The entry as `log --json` gives it."""
        return {
            "dot": str(self.version.dot),
            "author": self.version.author,
            "eff": self.version.eff or None,
            "state": self.state,
            "changed": self.changed,
        }


def said(version: Version | None) -> Said | None:
    """What a version says, or None where its body is not here."""
    if version is None or version.body is None:
        return None
    return Said(_decode(version.body), version.deleted)


def known_versions(replica: Replica, kind: str, id: str) -> dict[Dot, Version]:
    """Every version of a record that this replica has, whichever table holds it."""
    rows = replica.conn.execute(
        f"""SELECT {VERSION} FROM versions WHERE kind = ?1 AND id = ?2
        UNION ALL SELECT {VERSION} FROM leaves WHERE kind = ?1 AND id = ?2
        UNION ALL SELECT {VERSION} FROM records WHERE kind = ?1 AND id = ?2""",
        (kind, id),
    )
    known: dict[Dot, Version] = {}
    for row in rows:
        version = read_version(row)
        held = known.get(version.dot)
        if held is None or (version.seq, version.body is not None) > (
            held.seq,
            held.body is not None,
        ):
            known[version.dot] = version
    return known


def log(replica: Replica, record: Record) -> list[Entry]:
    """The versions of a record, newest first."""
    known = known_versions(replica, record.kind, record.id)
    states = _states(replica, record)
    lines = sorted(
        known.values(),
        key=lambda v: (states.get(v.dot) == "unsent", v.eff or v.at, v.dot),
        reverse=True,
    )
    return [
        Entry(
            version,
            states.get(version.dot) or _rest(replica, version),
            _changed(version, known, lines[place + 1 :]),
            _did(version, known),
        )
        for place, version in enumerate(lines)
    ]


def _states(replica: Replica, record: Record) -> dict[Dot, State]:
    states: dict[Dot, State] = {leaf.dot: "loser" for leaf in record.losers}
    if record.shadow:
        states[record.shadow[0].dot] = "head"
    for version in replica.pending(record.kind, record.id):
        states[version.dot] = "unsent"
    return states


def _rest(replica: Replica, version: Version) -> State:
    """One's own edit that neither waits nor was ever taken was refused."""
    return "refused" if version.dot.replica == replica.id and not version.seq else "past"


def _did(version: Version, known: dict[Dot, Version]) -> Did:
    """What was done, beside the fields that it changed."""
    base = known.get(version.base) if version.base else None
    if settled(version, known):
        return "settled"
    if version.deleted:
        return "deleted" if base is None or not base.deleted else "edited"
    if base is not None and base.deleted:
        return "restored"
    return "edited" if version.base else "created"


def settled(version: Version, known: dict[Dot, Version]) -> list[Version]:
    """The versions that an edit settled: those it knew which the version it was made on did not."""
    base = known.get(version.base) if version.base else None
    if base is None:
        return []
    return [
        each
        for dot, each in known.items()
        if each.seq
        and dot not in (version.dot, base.dot)
        and dot in version.knows
        and dot not in base.knows
        and each.content != base.content
    ]


def _changed(version: Version, known: dict[Dot, Version], older: list[Version]) -> list[str]:
    """The fields a version changed: against its base, else against what is known before it."""
    after = said(version)
    if after is None:
        return []
    before = said(known.get(version.base)) if version.base else None
    if before is None and version.base:
        before = next((told for each in older if (told := said(each))), None)
    return changed(before, after)
