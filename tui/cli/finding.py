"""Search over everything: `find`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from schema.errors import UsageError
from schema.wording import _
from tui.cli.shell import Shell, split_flags

if TYPE_CHECKING:
    import sqlite3

    from syncd.store.search import Hit

INITIALS_MS = 1_500


def find(shell: Shell, words: Sequence[str]) -> int:
    """`find TEXT [--json]`: the records of every kind that hold the words, the nearest first."""
    if {"-h", "--help"} & set(words):
        print(_help())
        return 0
    flags, rest = split_flags(words, "--json")
    text = " ".join(rest)
    if not text.strip():
        raise UsageError(_("Nothing to look for is named."), _("Write duijie find TEXT."))
    with shell.replica(readonly=True) as replica:
        now = replica.clock.now()
        hits = _search(shell, replica.conn, text, now)
        if "--json" in flags:
            from syncd.store.reading import envelope

            found = (envelope(replica.conn, hit.kind, hit.id) for hit in hits)
            shell.print_array(each for each in found if each is not None)
        else:
            _print_table(shell, hits)
    return 0


def _search(shell: Shell, conn: sqlite3.Connection, text: str, now: int) -> list[Hit]:
    from schema.matching import is_initials, wanted
    from syncd.store.initials import catch_up_initials
    from syncd.store.search import LIMIT, search

    some_left = any(map(is_initials, wanted(text).words)) and not catch_up_initials(
        conn, budget_ms=INITIALS_MS
    )
    hits = search(conn, text, now=now, limit=LIMIT + 1)
    if len(hits) > LIMIT:
        shell.hint(_("Only the first {n} are shown; more words find fewer.", n=LIMIT))
    elif not hits:
        shell.hint(_("Nothing holds this: {text}.", text=text[:80]))
    if some_left:
        shell.hint(_("Not every title is known by its initials yet; look again for more."))
    return hits[:LIMIT]


def _print_table(shell: Shell, hits: Sequence[Hit]) -> None:
    from schema.records import KINDS
    from tui.cli.text import SHORT_ID, table, word

    rows = [
        (
            hit.number or hit.id[-SHORT_ID:],
            _(kind.label) if (kind := KINDS.get(hit.kind)) else hit.kind,
            hit.title,
            word(kind, "state", hit.state),
            _("deleted") if hit.deleted else "",
            "" if hit.where in ("title", "number", "id") else hit.excerpt,
        )
        for hit in hits
    ]
    for line in table(rows, columns=shell.columns(), mark=shell.mark, wide=2, drop=(3,)):
        print(line)


def _help() -> str:
    return "\n".join(
        [
            _("usage: duijie find TEXT [--json]"),
            "",
            _("Search over everything. Each word may stand in any text, number or name:"),
            _('  014   cpsms (pinyin initials)   "exact words"   is:deleted'),
        ]
    )
