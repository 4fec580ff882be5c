"""What everybody sees alike: board, blockers and deadlines, and how this replica stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime

import msgspec

from schema.dates import today
from schema.records import KINDS
from schema.rights import ROLE_WORDS
from schema.rules.answers import LEVELS, STEPS
from schema.rules.lights import GREEN, MINUTES, RED, YELLOW, Shown
from schema.rules.timing import wall_of
from schema.rules.truth import at, truth
from schema.safe_text import safe_text
from schema.wording import N_, _
from syncd.store.blockers import Stuck, queue
from syncd.store.board import Card, Lane
from syncd.store.board import board as board_of
from syncd.store.deadlines import Countdown, DeadlinesWindow, Group
from syncd.store.reading import setting
from syncd.store.reckoning import Reckoning
from syncd.store.replica import Replica
from syncd.store.standing import standing
from syncd.store.standing import status as status_of
from syncd.store.today import today as today_of
from tui.cli.joining import agent_runs
from tui.cli.shell import Shell, split_flags
from tui.cli.text import GAP, SHORT_ID, dated, day_left, table, word
from tui.width import pad, width

GROUP_WORDS = {
    "late": N_("Late"),
    "today": N_("Today"),
    "week": N_("This week"),
    "next": N_("Next week"),
    "later": N_("Later"),
}
LIGHTS = {RED: N_("red"), YELLOW: N_("yellow"), GREEN: N_("green")}


def board(shell: Shell, words: Sequence[str]) -> int:
    """`board [QUERY] [--json]`: the tasks of running projects, a lane a department."""
    if {"-h", "--help"} & set(words):
        print(_("usage: duijie board [QUERY] [--json]"))
        return 0
    flags, rest = split_flags(words, "--json")
    text = " ".join(rest)
    with shell.replica(readonly=True) as replica:
        lanes = board_of(replica.conn, now=replica.clock.now(), text=text)
        if "--json" in flags:
            shell.print_array(card.as_json() for lane in lanes for card in lane.cards)
            return 0
        joined = bool(replica.meta("hub"))
        for line in _lanes(lanes, shell, _today(replica), joined):
            print(line)
        if not lanes:
            shell.hint(_no_tasks(replica, text))
    return 0


def _today(replica: Replica) -> date:
    """The day in the workspace's zone."""
    now = datetime.fromtimestamp(replica.clock.now() / 1_000_000, UTC)
    return today(now, setting(replica.conn).zone)


def _no_tasks(replica: Replica, text: str) -> str:
    if text.strip():
        total = replica.conn.execute(
            "SELECT count(*) FROM records WHERE kind = 'task' AND NOT deleted"
        ).fetchone()[0]
        return _("Nothing matches ({n} in all).", n=total)
    return _("No tasks yet. A task has one owner, one due time, one standard.")


def _lanes(lanes: Sequence[Lane], shell: Shell, day: date, joined: bool) -> Iterator[str]:
    cards = [card for lane in lanes for card in lane.cards]
    lines = table(
        [_row(card, day, joined) for card in cards],
        columns=_indented(shell),
        mark=shell.mark,
        wide=2,
        drop=(5,),
    )
    for place, lane in enumerate(lanes):
        if place:
            yield ""
        yield GAP.join([safe_text(lane.label) or _("no department"), *_counts(lane)])
        for _card in lane.cards:
            yield f"  {next(lines)}"


def _indented(shell: Shell) -> int | None:
    columns = shell.columns()
    return None if columns is None else columns - 2


def _counts(lane: Lane) -> Iterator[str]:
    for light, name in LIGHTS.items():
        n = sum(card.shown.light == light for card in lane.cards)
        if n:
            yield f"{_(name)} {n}"


def _row(card: Card, day: date, joined: bool) -> tuple[str, ...]:
    return (
        word(KINDS["task"], "state", card.state),
        card.number or card.id[-SHORT_ID:],
        card.title,
        card.owner,
        card.due.replace("T", " "),
        _(LIGHTS[card.shown.light]) if card.shown.light else "",
        countdown(card.shown, card.due, day),
        _("conflict") if card.conflicts else "",
        _("unsent") if card.unsent and joined else "",
    )


def countdown(shown: Shown, due: str, day: date) -> str:
    """The time left or gone by on this day, in words; "" where nothing runs."""
    if shown.left is None:
        return ""
    if shown.light == RED and shown.late_days:
        return _("{n} wd late", n=shown.late_days)
    if shown.unit == MINUTES:
        hours, minutes = divmod(abs(shown.left), 60)
        clock = f"{hours}:{minutes:02}"
        return _("{time} late", time=clock) if shown.left < 0 else _("{time} left", time=clock)
    if shown.light == RED or shown.left < 0:
        return _("overdue")
    return _("{n} wd left", n=shown.left) if shown.left else day_left(due, day)


def blockers(shell: Shell, words: Sequence[str]) -> int:
    """`blockers [QUERY] [--json]`: the blockers by the time left to answer them."""
    if {"-h", "--help"} & set(words):
        print(_("usage: duijie blockers [QUERY] [--json]"))
        return 0
    flags, rest = split_flags(words, "--json")
    text = " ".join(rest)
    with shell.replica(readonly=True) as replica:
        now = replica.clock.now()
        found = queue(replica.conn, now=now, text=text)
        if "--json" in flags:
            by = Reckoning.of(replica.conn, now)
            shell.print_array(stuck.as_json(by) for stuck in found)
            return 0
        zone, joined = setting(replica.conn).zone, bool(replica.meta("hub"))
        day = _today(replica)
        rows = [_stuck_row(stuck, day, zone, shell.mark, joined) for stuck in found]
        for line in table(rows, columns=shell.columns(), mark=shell.mark, wide=1, drop=(6, 7, 5)):
            print(line)
        if not found:
            shell.hint(_no_blockers(replica, text, now))
    return 0


def _no_blockers(replica: Replica, text: str, now: int) -> str:
    if text.strip():
        return _("Nothing matches ({n} in all).", n=len(queue(replica.conn, now=now)))
    return _("No blockers. Stuck? `duijie add blocker`; somebody answers within 24 h.")


def _stuck_row(stuck: Stuck, day: date, zone: str, mark: str, joined: bool) -> tuple[str, ...]:
    if stuck.answered:
        left = countdown(stuck.shown, stuck.verify_on, day) or _("answered")
    elif stuck.answer_by is None:
        left = _("not delivered")
    else:
        left = countdown(stuck.shown, wall_of(stuck.answer_by, zone).isoformat(), day)
    asked = _(", ").join(stuck.asked) or _("nobody")
    step, level = stuck.shown.step, stuck.shown.level
    return (
        stuck.number or stuck.id[-SHORT_ID:],
        stuck.title,
        left,
        _(LIGHTS[stuck.shown.light]) if stuck.shown.light else "",
        f"{stuck.raised_by} {mark} {asked}".lstrip(),
        f"{_(STEPS[step - 1])} {step}/{len(STEPS)}" if step else "",
        _(LEVELS[level]) if level else "",
        _("holds {n}", n=stuck.holds) if stuck.holds else "",
        _("conflict") if stuck.conflicts else "",
        _("unsent") if stuck.unsent and joined else "",
    )


def deadlines(shell: Shell, words: Sequence[str]) -> int:
    """`deadlines [QUERY] [--json]`: everything with a date that runs, the nearest first."""
    if {"-h", "--help"} & set(words):
        print(_("usage: duijie deadlines [QUERY] [--json]"))
        return 0
    flags, rest = split_flags(words, "--json")
    text = " ".join(rest)
    with shell.replica(readonly=True) as replica:
        now = replica.clock.now()
        window = DeadlinesWindow(replica.conn, now=now, text=text)
        rows = window.rows(0, window.count)
        if "--json" in flags:
            by = Reckoning.of(replica.conn, now)
            shell.print_array(row.as_json(by) for row in rows)
            return 0
        joined = bool(replica.meta("hub"))
        for line in _countdowns(window.groups, rows, shell, _today(replica), joined):
            print(line)
        if not rows:
            shell.hint(_no_deadlines(replica, text, now))
    return 0


def _no_deadlines(replica: Replica, text: str, now: int) -> str:
    if text.strip():
        total = DeadlinesWindow(replica.conn, now=now).count
        return _("Nothing matches ({n} in all).", n=total)
    return _("Nothing with a deadline.")


def _countdowns(
    groups: Sequence[Group], rows: Sequence[Countdown], shell: Shell, day: date, joined: bool
) -> Iterator[str]:
    lines = table(
        [_countdown_row(row, day, joined) for row in rows],
        columns=_indented(shell),
        mark=shell.mark,
        wide=2,
        drop=(7, 3, 5),
    )
    for place, group in enumerate(groups):
        if place:
            yield ""
        yield GAP.join([_(GROUP_WORDS[group.key]), str(group.count)])
        for _row in range(group.count):
            yield f"  {next(lines)}"


def _countdown_row(row: Countdown, day: date, joined: bool) -> tuple[str, ...]:
    return (
        _(LIGHTS[row.shown.light]) if row.shown.light else "",
        countdown(row.shown, row.due, day),
        row.title,
        _("answer") if row.answer else _(KINDS[row.kind].label),
        row.number or row.id[-SHORT_ID:],
        row.department,
        dated(row.due.replace("T", " ")),
        row.basis,
        _("conflict") if row.conflicts else "",
        _("unsent") if row.unsent and joined else "",
    )


def status(shell: Shell, words: Sequence[str]) -> int:
    """`status [--line] [--json]`: how this replica stands to its hub."""
    parser = shell.parser("status", _("How this replica stands to its hub."))
    parser.add_argument("--line", action="store_true", help=_("one line, for a prompt"))
    parser.add_argument("--json", action="store_true", help=_("as JSON"))
    said = parser.parse_args(words)
    with shell.replica(readonly=True) as replica:
        figures = status_of(replica)
        if said.json:
            shell.print_json(msgspec.json.encode(figures).decode())
            return 0
        now, zone = replica.clock.now(), setting(replica.conn).zone
        told = truth(standing(replica, another=agent_runs(shell.home())), now=now, zone=zone)
        if said.line:
            from tui.cli.today import counts

            found = today_of(replica.conn, now)
            waits = counts(found) if found.total else []
            print(safe_text(GAP.join([told.word, *told.facts, *waits])))
            return 0
        print(safe_text(GAP.join([told.word, *told.facts])))
        role = _(ROLE_WORDS[figures.role]) if figures.role in ROLE_WORDS else ""
        lines = [
            (_("You"), GAP.join(filter(None, [figures.member, figures.department, role]))),
            (_("Hub"), figures.hub or ""),
            (_("Unsent"), str(figures.unsent)),
            (_("Refused edits"), str(figures.refused)),
            (_("Conflicts"), str(figures.conflicts)),
            (
                _("Last sync"),
                at(replica.number("last_sync"), now, zone) if figures.last_sync else "",
            ),
            (_("Replica"), figures.replica),
            (_("File"), figures.file),
        ]
        size = max(width(label) for label, _value in lines)
        for label, value in lines:
            if value:
                print(f"{pad(label, size)}{GAP}{safe_text(value)}")
    return 0
