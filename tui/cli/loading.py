"""`load`: records from a file, one JSON object a line, all of them or none."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from schema import wire
from schema.errors import DuijieError, NothingToDo
from schema.ids import is_id, new_id
from schema.records import KINDS, Kind, encode, own_id, problems
from schema.safe_text import clean, refusal, safe_text
from schema.wording import _, n_
from syncd.store.replica import Replica
from syncd.store.rows import Change
from tui.cli.acts import save
from tui.cli.shell import Shell

NAMED = 20
SEVERAL = "、，,；;／/&\n"

_decode = msgspec.json.Decoder().decode


class BadLine(DuijieError):
    """A line that cannot be loaded."""


class Row(NamedTuple):
    """One line of the file, read and checked."""

    line: int
    kind: str
    id: str
    body: bytes


class Counts(NamedTuple):
    """How many records a load makes, changes and leaves."""

    made: int
    changed: int
    equal: int


def load(shell: Shell, words: Sequence[str]) -> int:
    """`load FILE.jsonl [--dry-run]`: all lines or, where one is bad, none."""
    parser = shell.parser("load", _("Take records in, one JSON object a line: kind, id, body."))
    parser.add_argument("file", metavar="FILE.jsonl", help=_("- reads stdin"))
    parser.add_argument("--dry-run", action="store_true", help=_("check everything, save nothing"))
    said = parser.parse_args(words)
    data = sys.stdin.buffer.read() if said.file == "-" else Path(said.file).read_bytes()
    with shell.replica(readonly=said.dry_run) as replica:
        rows = read_rows(data, replica.clock.now(), replica.meta("name"))
        if said.dry_run:
            _changes, counts = planned(replica, rows)
            shell.hint(counted(_("Would be loaded: {counts}."), counts))
            return 0
        counts = Counts(0, 0, 0)

        def plan() -> list[Change]:
            nonlocal counts
            changes, counts = planned(replica, rows)
            return changes

        try:
            save(shell, replica, plan, many=True)
        except NothingToDo:
            counts = Counts(0, 0, len(rows))
        shell.hint(counted(_("Loaded: {counts}."), counts))
    return 0


def counted(sentence: str, counts: Counts) -> str:
    """A sentence with what a load comes to."""
    parts = [
        n_("{n} new", "{n} new", counts.made),
        n_("{n} changed", "{n} changed", counts.changed),
        n_("{n} equal", "{n} equal", counts.equal),
    ]
    return sentence.format(counts=_(", ").join(parts))


# -- reading the file


def read_rows(data: bytes, now: int, me: str = "") -> list[Row]:
    """The lines of a file that `me` loads, checked; BadLine names the first bad ones."""
    rows: list[Row] = []
    bad: list[tuple[int, str]] = []
    seen: dict[tuple[str, str], Row] = {}
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            row = _row(number, line, now, me)
            held = seen.setdefault((row.kind, row.id), row)
            if held.body != row.body:
                raise BadLine(_("line {line} says something else of this record", line=held.line))
        except DuijieError as error:
            bad.append((number, str(error)))
        else:
            if held is row:
                rows.append(row)
    _stop(bad)
    return rows


def _stop(bad: list[tuple[int, str]]) -> None:
    """Raises the bad lines, the first 20 named."""
    if not bad:
        return
    lines = [_("line {line}: {why}", line=number, why=why) for number, why in sorted(bad)[:NAMED]]
    total = n_(
        "Nothing was loaded: {n} line is bad.", "Nothing was loaded: {n} lines are bad.", len(bad)
    )
    raise BadLine("\n".join([*lines, total]))


def _row(number: int, line: bytes, now: int, me: str) -> Row:
    try:
        said = _decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        place = re.search(r"byte (\d+)", str(error))
        if place is None:
            raise BadLine(_("no JSON")) from None
        raise BadLine(_("no JSON from byte {n} on", n=place[1])) from None
    if not isinstance(said, dict) or not isinstance(said.get("body"), dict):
        raise BadLine(_("not an object with kind, id and body"))
    name = said.get("kind")
    of = KINDS.get(name) if isinstance(name, str) else None
    if of is None:
        raise BadLine(_("unknown kind {kind}", kind=safe_text(str(name))[:40]))
    if said.get("deleted"):
        raise BadLine(_("a deleted record cannot be loaded"))
    body = _cleaned(of, said["body"])
    if of.states:
        body.setdefault("state", of.states[0])
    encoded = _encoded(of, body)
    return Row(number, of.name, _id(of, said.get("id"), body, now, me), encoded)


def _cleaned(of: Kind, body: dict[str, Any]) -> dict[str, Any]:
    """The body with every text as an edit may hold it; long texts keep their lines."""
    lines = {
        name for name, spec in of.by_name.items() if spec.type in ("line", "dept", "person", "word")
    }
    return {name: _clean(value, lines=name not in lines) for name, value in body.items()}


def _clean(value: Any, *, lines: bool) -> Any:
    if isinstance(value, str):
        return clean(value, lines=lines)
    if isinstance(value, list):
        return [_clean(each, lines=lines) for each in value]
    if isinstance(value, dict):
        return {str(name): _clean(each, lines=lines) for name, each in value.items()}
    return value


def _encoded(of: Kind, body: dict[str, Any]) -> bytes:
    if (
        of.name == "task"
        and isinstance(body.get("owner"), str)
        and set(body["owner"]) & set(SEVERAL)
    ):
        raise BadLine(
            _("One task has one owner, not {owners}.", owners=safe_text(body["owner"])[:40]),
            _("Split it into a task each, or name the first responsible person."),
        )
    faults = problems(of, body)
    if faults:
        raise faults[0]
    encoded = encode(body)
    if len(encoded) > wire.BODY_LIMIT:
        raise BadLine(_("too large: {size} KiB, at most 64", size=len(encoded) >> 10))
    if (why := refusal(encoded)) is not None:
        raise BadLine(_("forbidden characters: {what}", what=why))
    return encoded


def _id(of: Kind, said: Any, body: dict[str, Any], now: int, me: str) -> str:
    own = own_id(of, body, me)
    if said is None or said == "":
        return own or new_id(now)
    if not isinstance(said, str) or not is_id(said):
        raise BadLine(_("{id} is not the id of a record", id=safe_text(str(said))[:40]))
    if own is not None and said != own and not of.by_author:
        raise BadLine(_("the id must be {id}, made of what the record says", id=own))
    return said


# -- against what is here


def planned(replica: Replica, rows: Sequence[Row]) -> tuple[list[Change], Counts]:
    """The edits that the rows make of the replica as it is now, the bad lines raised."""
    bad: list[tuple[int, str]] = []
    changes: list[Change] = []
    made = equal = 0
    me = replica.meta("name")
    for row, held in _held(replica, rows):
        if held is None:
            if KINDS[row.kind].by_author and row.id != own_id(row.kind, _decode(row.body), me):
                bad.append((row.line, _("only who signed can save this")))
                continue
            made += 1
        elif held[1]:
            bad.append((row.line, _("this record was deleted here; restore it with `duijie set`")))
            continue
        elif held[0] == row.body.decode():
            equal += 1
            continue
        changes.append(Change(row.kind, row.id, row.body))
    _stop(bad)
    return changes, Counts(made, len(changes) - made, equal)


def _held(replica: Replica, rows: Sequence[Row]) -> Iterator[tuple[Row, tuple[str, int] | None]]:
    for row in rows:
        yield (
            row,
            replica.conn.execute(
                "SELECT body, deleted FROM records WHERE kind = ? AND id = ?", (row.kind, row.id)
            ).fetchone(),
        )
