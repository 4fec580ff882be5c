"""`today`: what waits for me, what is due, the lights, and what others changed since I looked."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator, Sequence
from datetime import date

from schema.records import KINDS
from schema.rules.timing import wall_of
from schema.rules.truth import at
from schema.safe_text import safe_text
from schema.wording import _, n_
from syncd.store.deadlines import Countdown, DeadlinesWindow
from syncd.store.lights import Light, lights
from syncd.store.news import Changes, News, changes, looked, note_looked
from syncd.store.reading import setting
from syncd.store.reckoning import Reckoning
from syncd.store.today import Item, Today
from syncd.store.today import today as today_of
from tui.cli.shell import Shell
from tui.cli.text import GAP, SHORT_ID, dated, table
from tui.cli.views import LIGHTS, countdown

DUE = 10
NEWS = 10
FEW = 3


def today(shell: Shell, words: Sequence[str]) -> int:
    """`today [--json] [--as PERSON]`: whose turn it is."""
    parser = shell.parser("today", _("What waits for you, what is due, the lights and the news."))
    parser.add_argument("--json", action="store_true", help=_("as JSON"))
    parser.add_argument("--as", dest="person", metavar="PERSON", help=_("what waits for another"))
    said = parser.parse_args(words)
    with shell.replica(readonly=True) as replica:
        conn, now = replica.conn, replica.clock.now()
        found = today_of(conn, now, said.person or "")
        if said.json:
            by = Reckoning.of(conn, now)
            shell.print_array(item.as_json(by) for item in found.items)
            return 0
        for line in _page(shell, conn, found, now):
            print(line)
        if not found.items:
            shell.hint(_("Nothing waits for you today."))
    if not said.person and sys.stdout.isatty():
        with shell.replica() as replica:
            note_looked(replica)
    return 0


def counts(found: Today) -> list[str]:
    """How much waits, as the first line and a prompt say it: all of it, what ends today, what is over."""
    return [
        _("My turn {n}", n=found.total),
        *([_("Due today {n}", n=found.due)] if found.due else []),
        *([_("Late {n}", n=found.late)] if found.late else []),
    ]


class Turns:
    """Tells what newly waits for whoever's replica it is; what waited when it began is not new."""

    def __init__(self, conn: sqlite3.Connection, now: int) -> None:
        self._known = {item.line.identity for item in today_of(conn, now).items}

    def fresh(self, conn: sqlite3.Connection, now: int) -> list[str]:
        """A sentence for each line that was never there before, what ends first first."""
        items = today_of(conn, now).items
        new = [item for item in items if item.line.identity not in self._known]
        self._known.update(item.line.identity for item in new)
        return [sentence(item) for item in new]


def sentence(item: Item) -> str:
    """One line of what waits, as a notice says it."""
    line = item.line
    called = " ".join(filter(None, [line.number, line.title])) or line.id[-SHORT_ID:]
    return safe_text(
        _("Your turn: {verb} {title}: {why}", verb=line.verb, title=called, why=line.why)
    )


def _page(shell: Shell, conn: sqlite3.Connection, found: Today, now: int) -> Iterator[str]:
    zone = setting(conn).zone
    day = wall_of(now, zone).date()
    yield GAP.join(counts(found))
    blocks = [
        _block(
            shell,
            _("My turn"),
            found.total,
            [_row(each, day, now, zone) for each in found.items],
            2,
        ),
        _deadlines(shell, conn, now, day),
        _lights(shell, lights(conn, now)),
        _news(shell, conn, now, zone),
    ]
    for block in blocks:
        if block:
            yield ""
            yield from block


def _block(
    shell: Shell, heading: str, count: int, rows: Sequence[Sequence[str]], wide: int, *drop: int
) -> list[str]:
    """A heading with its count and the rows under it; nothing where there are none."""
    if not rows:
        return []
    columns = shell.columns()
    lines = table(
        rows,
        columns=None if columns is None else columns - 2,
        mark=shell.mark,
        wide=wide,
        drop=drop,
    )
    more = [n_("and {n} more", "and {n} more", count - len(rows))] if count > len(rows) else []
    return [GAP.join([heading, str(count)]), *(f"  {line}" for line in [*lines, *more])]


def _row(item: Item, day: date, now: int, zone: str) -> tuple[str, ...]:
    line = item.line
    stands = _(", ").join(sorted(set(line.instead.values())))
    return (
        line.verb,
        line.number or line.id[-SHORT_ID:],
        line.title,
        countdown(item.shown, item.due, day),
        _when(item.due),
        _("for {name}", name=stands) if stands else "",
        line.why,
    )


def _when(due: str) -> str:
    return dated(due.replace("T", " "))[5:] if due else ""


def _deadlines(shell: Shell, conn: sqlite3.Connection, now: int, day: date) -> list[str]:
    window = DeadlinesWindow(conn, now=now)
    rows = [_due(row, day) for row in window.rows(0, DUE)]
    return _block(shell, _("Deadlines"), window.count, rows, 1, 4)


def _due(row: Countdown, day: date) -> tuple[str, ...]:
    return (
        countdown(row.shown, row.due, day),
        row.title,
        _("answer") if row.answer else _(KINDS[row.kind].label),
        row.department,
        row.basis,
        _when(row.due),
    )


def _lights(shell: Shell, lit: Sequence[Light]) -> list[str]:
    rows = [(_(LIGHTS[each.light]), each.label or _("no department"), each.why) for each in lit]
    return _block(shell, _("Lights"), len(rows), rows, 2)


def _news(shell: Shell, conn: sqlite3.Connection, now: int, zone: str) -> list[str]:
    since = looked(conn)
    if since is None:
        return []
    found: Changes = changes(conn, since, limit=NEWS)
    rows = [_changed(each, now, zone) for each in found.newest]
    return _block(shell, _("Changed since you looked"), found.total, rows, 3)


def _changed(news: News, now: int, zone: str) -> tuple[str, ...]:
    kind = KINDS.get(news.kind)
    called = [_(kind.label) if kind else news.kind, news.number, news.title]
    return (
        at(news.at, now, zone),
        news.author,
        news.department,
        " ".join(filter(None, called)),
        what_changed(news),
    )


def what_changed(news: News) -> str:
    """What somebody did to a record, in a word or by the fields it changed."""
    if news.deleted:
        return _("deleted")
    if news.new:
        return _("new")
    if not news.fields:
        return _("changed")
    if len(news.fields) > FEW:
        return n_("{n} field", "{n} fields", len(news.fields))
    kind = KINDS.get(news.kind)
    labels = {spec.name: _(spec.label) for spec in kind.fields} if kind else {}
    return _(", ").join(labels.get(name, name) for name in news.fields)
