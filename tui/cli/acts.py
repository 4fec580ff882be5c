"""An act of a command: saved, and what to know of it said on stderr."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from syncd.store.reading import find_record
from syncd.store.replica import Replica
from syncd.store.rows import Change, Record
from tui.acts import act
from tui.cli.shell import Shell


def save(
    shell: Shell,
    replica: Replica,
    plan: Callable[[], Sequence[Change]],
    *,
    hints: Sequence[str] = (),
    undoes: int | None = None,
    many: bool = False,
) -> Sequence[Change]:
    """Save one act whose edits `plan` works out inside the transaction; says what is to be known."""
    acted = act(replica, plan, undoes=undoes, many=many)
    for hint in [*hints, *acted.hints]:
        shell.hint(hint)
    return acted.changes


def found_record(replica: Replica, ref: str) -> Record:
    """The record that somebody means; NotFound or Ambiguous else."""
    found = find_record(replica.conn, ref)
    record = replica.record(found.kind, found.id)
    assert record is not None
    return record
