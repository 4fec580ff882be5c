"""Records from the command line: add, set, rm, show, log, undo."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial

from schema.errors import Refused, UsageError
from schema.ids import new_id
from schema.records import KINDS, Kind, encode, kind, new_body, own_id
from schema.rules.moves import check_move
from schema.rules.truth import at
from schema.safe_text import safe_text
from schema.wording import N_, _, n_
from syncd.store.history import State
from syncd.store.history import log as log_of
from syncd.store.reading import envelope, find_record, setting
from syncd.store.replica import Replica
from syncd.store.rows import Change, Record
from syncd.store.undoing import plan_undo
from tui.cli import text
from tui.cli.acts import body_of, checked, found_record, known_kind, save
from tui.cli.shell import Shell
from tui.cli.values import Given, Reader, patched

STATE_WORDS: dict[State, str] = {
    "head": N_("current"),
    "loser": N_("in conflict"),
    "unsent": N_("unsent"),
    "refused": N_("refused"),
    "past": N_("earlier"),
}


def add(shell: Shell, words: Sequence[str]) -> int:
    """`add KIND FIELD=VALUE...`: make a record; its id goes to stdout."""
    parser = shell.parser("add", _("Make a record; its id is printed."))
    parser.add_argument("kind", metavar="KIND")
    parser.add_argument("values", nargs="*", metavar="FIELD=VALUE")
    said = parser.parse_args(words)
    of = kind(said.kind)
    with shell.replica() as replica:
        reader = Reader(replica)
        given = Given(said.values)
        body = new_body(of, reader.values(of, given), department=reader.setting.department)
        id = own_id(of, body) or new_id(replica.clock.now())
        held = replica.record(of.name, id)
        if held is None or held.shown.deleted:
            made = Change(of.name, id, checked(of, body))
            save(shell, replica, lambda: [made], hints=reader.hints)
        else:
            _say_again(shell, replica, reader, held, given)
    print(id)
    return 0


def _say_again(shell: Shell, replica: Replica, reader: Reader, held: Record, given: Given) -> None:
    """A record whose id is made of what it says, said once more: the fields named are changed."""
    of = known_kind(held)
    if encode(patched(body_of(held), reader.values(of, given))) == held.shown.body:
        shell.hint(_("It is there already; nothing was changed."))
        return
    edit = partial(_edited, replica, reader, [held.id], given)
    save(
        shell,
        replica,
        edit,
        hints=[*reader.hints, _("It was there already; the fields named were changed.")],
    )


def set_(shell: Shell, words: Sequence[str]) -> int:
    """`set ID... FIELD=VALUE...`: change fields of records in one act; a deleted one is restored."""
    parser = shell.parser(
        "set", _("Change fields of one or several records; a deleted one is restored.")
    )
    parser.add_argument("words", nargs="+", metavar="ID... FIELD=VALUE")
    said = parser.parse_args(words).words
    refs = [each for each in said if not _is_value(each)]
    if not refs:
        raise UsageError(_("No record is named."), _("Write duijie set ID FIELD=VALUE."))
    given = Given([each for each in said if _is_value(each)])
    with shell.replica() as replica:
        reader = Reader(replica)
        save(shell, replica, partial(_edited, replica, reader, refs, given), hints=reader.hints)
    return 0


def _is_value(word: str) -> bool:
    return "=" in word or "＝" in word


def _edited(replica: Replica, reader: Reader, refs: Sequence[str], given: Given) -> list[Change]:
    """The records with the given fields changed; all others, known or not, stay."""
    changes: dict[tuple[str, str], Change] = {}
    for ref in refs:
        record = found_record(replica, ref)
        of = known_kind(record)
        if not given and not record.shown.deleted:
            raise UsageError(_("No field is named."), _("Write duijie set ID FIELD=VALUE."))
        before = body_of(record)
        after = patched(before, reader.values(of, given))
        check_move(of, before.get("state"), after.get("state") or None)
        changes[record.kind, record.id] = Change(record.kind, record.id, checked(of, after, before))
    return list(changes.values())


def rm(shell: Shell, words: Sequence[str]) -> int:
    """`rm ID...`: delete records in one act; what points to them stays."""
    parser = shell.parser("rm", _("Delete records; what points to them stays."))
    parser.add_argument("ids", nargs="+", metavar="ID")
    refs = parser.parse_args(words).ids
    with shell.replica() as replica:
        save(shell, replica, lambda: [_deleted(found_record(replica, ref)) for ref in refs])
    return 0


def _deleted(record: Record) -> Change:
    return Change(record.kind, record.id, record.shown.body or b"{}", deleted=True)


def undo(shell: Shell, words: Sequence[str]) -> int:
    """`undo`: take back this home's last step; once more takes back the one before."""
    shell.parser("undo", _("Take back this home's last step.")).parse_args(words)
    with shell.replica() as replica:
        plan = plan_undo(replica)

        def again() -> list[Change]:
            now = plan_undo(replica)
            if now.step != plan.step:
                raise Refused(
                    _("Another step was made meanwhile; nothing was taken back."),
                    _("Look with `duijie log ID`, then undo again."),
                )
            return now.changes

        save(shell, replica, again, undoes=plan.step, many=True)
        n = len(plan.changes)
        for title in plan.titles[:10]:
            shell.hint(_("Taken back: {title}", title=title))
        if n > 10:
            shell.hint(n_("and {n} more", "and {n} more", n - 10))
    return 0


def show(shell: Shell, words: Sequence[str]) -> int:
    """`show ID`: one record."""
    parser = shell.parser("show", _("Show one record."))
    parser.add_argument("id", metavar="ID")
    parser.add_argument("--json", action="store_true", help=_("as JSON"))
    said = parser.parse_args(words)
    with shell.replica(readonly=True) as replica:
        found = find_record(replica.conn, said.id)
        if said.json:
            shell.print_json(envelope(replica.conn, found.kind, found.id) or "null")
            return 0
        record = found_record(replica, found.id)
        zone, now = setting(replica.conn).zone, replica.clock.now()
        print(safe_text(text.GAP.join(filter(None, _head(record)))))
        for line in text.fields(replica.conn, record.kind, body_of(record)):
            print(line)
        print(safe_text(text.GAP.join(filter(None, _facts(record, now, zone)))))
    return 0


def _head(record: Record) -> list[str]:
    of = KINDS.get(record.kind)
    return [
        _(of.label) if of else record.kind,
        record.number or (_("no number yet") if of and of.number else ""),
        record.id,
        _("deleted") if record.shown.deleted else "",
    ]


def _facts(record: Record, now: int, zone: str) -> list[str]:
    shown = record.shown
    return [
        _("version {n}", n=shown.rev),
        shown.author,
        at(shown.eff or shown.at, now, zone),
        _("not sent yet") if record.unsent else "",
        n_("{n} conflict", "{n} conflicts", len(record.open_losers)) if record.open_losers else "",
    ]


def log(shell: Shell, words: Sequence[str]) -> int:
    """`log ID`: the versions of a record, newest first."""
    parser = shell.parser("log", _("The versions of a record, newest first."))
    parser.add_argument("id", metavar="ID")
    parser.add_argument("--json", action="store_true", help=_("as JSON"))
    said = parser.parse_args(words)
    with shell.replica(readonly=True) as replica:
        record = found_record(replica, said.id)
        entries = log_of(replica, record)
        if said.json:
            shell.print_array(json.dumps(each.as_json(), ensure_ascii=False) for each in entries)
            return 0
        zone, now = setting(replica.conn).zone, replica.clock.now()
        of = KINDS.get(record.kind)
        rows = [
            (
                str(each.version.rev),
                at(each.version.eff or each.version.at, now, zone),
                each.version.author,
                _(STATE_WORDS[each.state]),
                _("deleted") if each.version.deleted else _named(of, each.changed),
            )
            for each in entries
        ]
        for line in text.table(rows, columns=shell.columns(), mark=shell.mark, wide=4):
            print(line)
    return 0


def _named(of: Kind | None, fields: Sequence[str]) -> str:
    known = of.by_name if of else {}
    order = {name: place for place, name in enumerate(known)}
    names = sorted(fields, key=lambda name: order.get(name, len(order)))
    return _(", ").join(_(known[each].label) if each in known else each for each in names)
