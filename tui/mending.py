"""Mending what the hub refused: the changes of an edit, made anew on what is shown now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from schema.conflicts import DELETED, Said, changed
from schema.records import KINDS, encode
from schema.version import Dot
from syncd.store.history import known_versions
from syncd.store.history import said as said_by
from syncd.store.refusals import RefusedEdit, forget, refused_edits
from syncd.store.replica import Replica
from syncd.store.rows import Change
from tui.acts import checked
from tui.cli.values import patched


def plan_mending(replica: Replica, dots: Sequence[str] = ()) -> list[Change]:
    """Make refused edits anew, all or those of these dots, and let go of them.

    Inside the transaction that saves what is given back.
    """
    edits = refused_edits(replica, dots)
    changes: dict[tuple[str, str], Change] = {}
    for edit in edits:
        key = (edit.kind, edit.id)
        changes[key] = _mended(replica, edit, changes.get(key))
    forget(replica, edits)
    return list(changes.values())


def _mended(replica: Replica, edit: RefusedEdit, before: Change | None) -> Change:
    record = replica.record(edit.kind, edit.id)
    if before is not None:
        body, deleted = before.body, before.deleted
    elif record is not None:
        body, deleted = record.shown.body or b"{}", record.shown.deleted
    else:
        body, deleted = b"{}", False
    if edit.deleted:
        return Change(edit.kind, edit.id, body if body != b"{}" else edit.body, deleted=True)
    known = known_versions(replica, edit.kind, edit.id)
    base = said_by(known.get(Dot.parse(edit.base))) if edit.base else None
    refused = msgspec.json.decode(edit.body, type=dict[str, Any])
    now = msgspec.json.decode(body, type=dict[str, Any])
    fields = changed(base, Said(refused))
    after = patched(now, {name: refused.get(name) for name in fields if name != DELETED})
    of = KINDS.get(edit.kind)
    encoded = checked(of, after, {**refused, **now}) if of else encode(after)
    return Change(edit.kind, edit.id, encoded, deleted=deleted and not fields)
