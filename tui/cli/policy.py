"""`policy` and `calendar`: by which numbers and which days the workspace counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

import msgspec

from schema.dates import today
from schema.errors import UsageError
from schema.rules.answers import unpublished
from schema.rules.truth import at
from schema.safe_text import safe_text
from schema.wording import _, n_
from schema.workdays import MAKE_UP, OFF
from syncd.store.reading import calendar_of, policy_of, setting
from syncd.store.replica import Replica
from tui.almanac import FIRST, LAST, Year, year_of
from tui.cli.shell import Shell
from tui.cli.text import GAP, WEEKDAYS, table
from tui.rulebook import RuleRow, as_json, changed_at, rulebook

_DAY = timedelta(days=1)


def policy(shell: Shell, words: Sequence[str]) -> int:
    """`policy [--json]`: every number and time of the guides as it holds here."""
    parser = shell.parser("policy", _("The numbers and times of the guides, and who changed them."))
    parser.add_argument("--json", action="store_true", help=_("as JSON"))
    said = parser.parse_args(words)
    with shell.replica(readonly=True) as replica:
        rows = rulebook(replica, _today(replica).year)
        if said.json:
            now = policy_of(replica.conn)
            shell.print_array(msgspec.json.encode(as_json(row, now)).decode() for row in rows)
            return 0
        now_us, zone = replica.clock.now(), setting(replica.conn).zone
        lines = table(
            [_row(row, now_us, zone) for row in rows],
            columns=_indented(shell),
            mark=shell.mark,
            wide=2,
            drop=(3, 4),
        )
        group = ""
        for row, line in zip(rows, lines, strict=True):
            if row.group != group:
                if group:
                    print()
                print(_(row.group))
                group = row.group
            print(f"  {line}")
        for row in rows:
            for sentence in row.wrong:
                shell.hint(sentence)
    return 0


def calendar(shell: Shell, words: Sequence[str]) -> int:
    """`calendar [YEAR] [--json]`: the days off and make-up days of a year."""
    parser = shell.parser("calendar", _("The days off and make-up days of a year."))
    parser.add_argument(
        "year", metavar="YEAR", nargs="?", help=_("the year, this one where none is named")
    )
    parser.add_argument("--json", action="store_true", help=_("as JSON"))
    said = parser.parse_args(words)
    with shell.replica(readonly=True) as replica:
        year = _year(said.year) if said.year else _today(replica).year
        found = year_of(replica, year, calendar_of(replica.conn))
        if said.json:
            shell.print_json(msgspec.json.encode(found.as_json()).decode())
            return 0
        for line in _lines(found):
            print(line)
        if not found.published:
            shell.hint(unpublished(year))
    return 0


def _today(replica: Replica) -> date:
    now = datetime.fromtimestamp(replica.clock.now() / 1_000_000, UTC)
    return today(now, setting(replica.conn).zone)


def _year(text: str) -> int:
    if text.isascii() and text.isdigit() and FIRST <= int(text[:5]) <= LAST:
        return int(text)
    raise UsageError(
        _("There is no calendar of {year}.", year=safe_text(text)[:40]),
        _("The years are {first} to {last}.", first=FIRST, last=LAST),
    )


def _indented(shell: Shell) -> int | None:
    columns = shell.columns()
    return None if columns is None else columns - 2


def _row(row: RuleRow, now: int, zone: str) -> tuple[str, ...]:
    by = _("default")
    if row.record is not None:
        by = f"{row.record.shown.author} {at(changed_at(row), now, zone)}"
    return (row.key, row.label, row.value, row.source, by)


def _lines(found: Year) -> Iterator[str]:
    by = [found.region, found.source]
    if found.record is not None:
        by.append(_("changed by {author}", author=found.record.shown.author))
    days = n_("{n} working day", "{n} working days", found.working_days)
    yield GAP.join(filter(None, [str(found.year), days, *map(safe_text, by)]))
    for words, sort in ((_("days off"), OFF), (_("make-up days"), MAKE_UP)):
        for first, last in _runs(found.of(sort)):
            to = f" - {_dated(last)}" if last != first else ""
            yield GAP.join([words, f"{_dated(first)}{to}"])


def _runs(days: Sequence[date]) -> Iterator[tuple[date, date]]:
    """Days that follow each other, as the first and the last of them."""
    first = last = None
    for day in days:
        if first is not None and last is not None and day - last != _DAY:
            yield first, last
            first = None
        first, last = first or day, day
    if first is not None and last is not None:
        yield first, last


def _dated(day: date) -> str:
    return f"{day} {_(WEEKDAYS[day.weekday()])}"
