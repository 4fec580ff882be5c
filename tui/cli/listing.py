"""Lists of records: `list` and `dump`.

`list --json` is asked by scripts again and again. It opens the file read-only, lets SQLite build
the JSON, and imports nothing that it does not use.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from schema.errors import UsageError
from schema.wording import _
from syncd.store import reading
from tui.cli.shell import Shell, split_flags

if TYPE_CHECKING:
    import sqlite3

    from schema.records import Kind


def list_(shell: Shell, words: Sequence[str]) -> int:
    """`list KIND [QUERY] [--json]`: the records that a filter finds."""
    if {"-h", "--help"} & set(words):
        print(_list_help())
        return 0
    flags, rest = split_flags(words, "--json")
    if not rest:
        raise UsageError(_("No kind is named."), _("Write duijie list KIND [QUERY]."))
    text = " ".join(rest[1:])
    with _reading(shell) as (conn, now):
        kind = _kind_name(conn, rest[0])
        selection = reading.select(conn, kind, text, now=now)
        if "--json" in flags:
            shell.print_array(reading.envelopes(conn, selection))
        else:
            _print_table(shell, conn, kind, selection, text)
    return 0


def dump(shell: Shell, words: Sequence[str]) -> int:
    """`dump [KIND]`: every record that is not deleted, one JSON object a line."""
    parser = shell.parser("dump", _("Give records out as JSON, one a line; `load` reads them."))
    parser.add_argument("kind", nargs="?", metavar="KIND")
    said = parser.parse_args(words)
    with _reading(shell) as (conn, now):
        kind = _kind_name(conn, said.kind) if said.kind else None
        selection = reading.select(conn, kind, "", now=now)
        everything = selection._replace(order="kind, id")
        for line in reading.envelopes(conn, everything):
            shell.print_json(line)
    return 0


@contextmanager
def _reading(shell: Shell) -> Iterator[tuple[sqlite3.Connection, int]]:
    """The replica's file, opened to read and no more, and what time it is."""
    import sqlite3

    from syncd.clock import Clock
    from syncd.store.connection import Database, store_error
    from syncd.store.tables import REPLICA_VERSION

    path = shell.file()
    db = Database(path, migrate=None, schema_version=REPLICA_VERSION, readonly=True)
    try:
        yield db.conn, Clock().now()
    except sqlite3.DatabaseError as error:
        raise store_error(path, error) from error
    finally:
        db.close()


def _kind_name(conn: sqlite3.Connection, name: str) -> str:
    """The kind's own name, without the registry where records of it are here; a UsageError names the nearest."""
    if reading.has_kind(conn, name):
        return name
    from schema.records import kind

    return kind(name).name


def _print_table(
    shell: Shell, conn: sqlite3.Connection, name: str, selection: reading.Selection, text: str
) -> None:
    from schema.records import KINDS
    from tui.cli.text import SHORT_ID, table, word

    kind = KINDS.get(name)
    joined = bool(reading.meta(conn, "hub"))
    rows = [
        (
            id[-SHORT_ID:],
            number or (_("no number yet") if kind and kind.number else ""),
            _title(kind, title, body),
            word(kind, "state", state),
            department or "",
            owner or "",
            (due or "").replace("T", " "),
            _("conflict") if conflicts else "",
            _("unsent") if unsent and joined else "",
            _("deleted") if deleted else "",
        )
        for id, number, title, state, department, owner, due, conflicts, unsent, deleted, body in (
            conn.execute(
                f"""SELECT id, number, title, state, department, owner, due, conflicts, unsent,
                    deleted, iif(title IS NULL, body, NULL)
                FROM records WHERE {selection.where} ORDER BY {selection.order}""",
                selection.parameters,
            )
        )
    ]
    for line in table(rows, columns=shell.columns(), mark=shell.mark, wide=2, drop=(4,)):
        print(line)
    if not rows:
        shell.hint(_nothing(conn, name, kind, text))


def _title(kind: Kind | None, title: str | None, body: str | None) -> str:
    if title or not kind or not body:
        return title or ""
    import msgspec

    from schema.records import title_of

    return title_of(kind, msgspec.json.decode(body))


def _nothing(conn: sqlite3.Connection, name: str, kind: Kind | None, text: str) -> str:
    total = conn.execute(
        "SELECT count(*) FROM records WHERE kind = ? AND NOT deleted", (name,)
    ).fetchone()[0]
    if text.strip():
        return _("Nothing matches ({n} in all).", n=total)
    if kind is None:
        return _("Nothing of this kind yet: {kind}.", kind=name)
    needed = [spec.name for spec in kind.fields if spec.mandatory] or [kind.called or "title"]
    return _(
        "Nothing of this kind yet: {kind}. `duijie add {name} {fields}` makes one.",
        kind=_(kind.label),
        name=name,
        fields=" ".join(f"{each}=..." for each in needed),
    )


def _list_help() -> str:
    return "\n".join(
        [
            _("usage: duijie list KIND [QUERY] [--json]"),
            "",
            _("The records of a kind that a filter finds. Terms are joined by and:"),
            "  state:doing,review   owner:NAME   -state:done   due<3d   due<2wd   due:none",
            "  is:late   is:mine   is:waiting   is:conflict   is:unsent   is:deleted",
            '  sort:-due   "exact words"',
        ]
    )
