"""Records from the command line: add, set, rm, show, log, undo."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial

from schema.conflicts import DELETED, Said, changed
from schema.dates import local
from schema.errors import NothingToDo, UsageError
from schema.ids import new_id
from schema.records import KINDS, Kind, encode, kind, new_body, own_id
from schema.records.fields import FieldSpec
from schema.rules.moves import check_move
from schema.rules.truth import at
from schema.safe_text import safe_text
from schema.wording import N_, _, n_
from syncd.store.history import Did, Entry, State
from syncd.store.history import log as log_of
from syncd.store.reading import envelope, find_record, setting
from syncd.store.replica import Replica
from syncd.store.rows import Change, Record
from syncd.store.undoing import plan_undo
from tui.acts import Body, body_of, checked, decoded, known_kind, named, take_back, taken_back
from tui.cli import text
from tui.cli.acts import found_record, save
from tui.cli.shell import Shell
from tui.cli.values import Given, Reader, patched

STATE_WORDS: dict[State, str] = {
    "head": N_("current"),
    "loser": N_("in conflict"),
    "unsent": N_("unsent"),
    "refused": N_("refused"),
    "past": N_("earlier"),
}


DID_WORDS: dict[Did, str] = {
    "created": N_("created"),
    "deleted": N_("deleted"),
    "restored": N_("restored"),
    "settled": N_("settled"),
}
SAID = 10


def add(shell: Shell, words: Sequence[str]) -> int:
    """`add KIND FIELD=VALUE...`: make a record; its id goes to stdout."""
    parser = shell.parser("add", _("Make a record; its id is printed."))
    parser.add_argument("kind", metavar="KIND")
    parser.add_argument("values", nargs="*", metavar="FIELD=VALUE")
    if {"-h", "--help"} & set(words) and not words[0].startswith("-"):
        _print_fields(shell, kind(words[0]))
        return 0
    said = parser.parse_args(words)
    of = kind(said.kind)
    with shell.replica() as replica:
        reader = Reader(replica)
        given = Given(said.values)
        body = new_body(of, reader.values(of, given), department=reader.setting.department)
        id = own_id(of, body, reader.setting.me) or new_id(replica.clock.now())
        held = replica.record(of.name, id)
        if held is None or held.shown.deleted:
            made = Change(of.name, id, checked(of, body))
            past = _past(of, body, reader)
            save(shell, replica, lambda: [made], hints=[*reader.hints, *past])
        else:
            _say_again(shell, replica, reader, held, given)
    print(id)
    return 0


TYPES = {
    "date": N_("a date"),
    "when": N_("a date, with or without an hour"),
    "month": N_("a month"),
    "int": N_("a whole number"),
    "num": N_("a number"),
    "bool": N_("yes or no"),
    "dept": N_("a department"),
    "person": N_("a person"),
    "ref": N_("a record"),
    "rows": N_("rows as JSON"),
    "row": N_("a row as JSON"),
}


def _print_fields(shell: Shell, of: Kind) -> None:
    """The fields of a kind: name, label, and what may stand there."""
    print(_("usage: duijie add {name} FIELD=VALUE...", name=of.name))
    print()
    rows = [
        ("*" if spec.mandatory else " ", spec.name, _(spec.label), _type_words(spec))
        for spec in of.fields
    ]
    for line in text.table(rows, columns=shell.columns(), mark=shell.mark, wide=3):
        print(line)
    print()
    print(_("* is needed. A list field is given once an item."))


def _type_words(spec: FieldSpec) -> str:
    if spec.type == "word":
        return " ".join(text.worded(_(label), token) for token, label in spec.words)
    if spec.type == "list" and isinstance(spec.item, FieldSpec):
        return _("a list: {items}", items=_type_words(spec.item))
    if spec.type in TYPES:
        return _(TYPES[spec.type])
    return _("text, at most {n}", n=spec.limit) if spec.limit else _("text")


def _past(of: Kind, body: Body, reader: Reader) -> list[str]:
    """A hint for a due that lies in the past already."""
    due = body.get("due")
    if not isinstance(due, str) or body.get("state") in of.finished | of.delivered:
        return []
    wall = local(reader.now, reader.setting.zone)
    now = wall.date().isoformat() if len(due) == 10 else f"{wall:%Y-%m-%dT%H:%M}"
    return [_("{date} is already past.", date=text.dated(due))] if due < now else []


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
        before: list[Record] = []

        def plan() -> list[Change]:
            before[:] = [found_record(replica, ref) for ref in refs]
            return _edited(replica, reader, refs, given)

        changes = save(shell, replica, plan, hints=reader.hints)
        _say_changed(shell, replica, before, changes, reader)
    return 0


def _say_changed(
    shell: Shell,
    replica: Replica,
    before: Sequence[Record],
    changes: Sequence[Change],
    reader: Reader,
) -> None:
    """What each record says now that it did not say before, the first ten.

    What is saved with them is said by who saves it.
    """
    held = {(each.kind, each.id): each for each in before}
    changes = [each for each in changes if (each.kind, each.id) in held]
    for change in changes[:SAID]:
        record = held[change.kind, change.id]
        of = known_kind(record)
        after = decoded(change.body)
        fields = _told(replica, of, body_of(record), after, changed_only=True)
        if record.shown.deleted:
            shell.hint(
                _(
                    "{name}: {author} had deleted it; this change brings it back.",
                    name=named(of, record),
                    author=record.shown.author,
                )
            )
        if fields:
            shell.hint(_("{name}: {fields}", name=named(of, record), fields=_("; ").join(fields)))
        if after.get("due") != body_of(record).get("due"):
            for hint in _past(of, after, reader):
                shell.hint(hint)
    if len(changes) > SAID:
        n = len(changes) - SAID
        shell.hint(n_("and {n} more", "and {n} more", n))


def _told(
    replica: Replica, of: Kind, before: Body, after: Body, *, changed_only: bool
) -> list[str]:
    """The fields that differ: the new value, or the old one `<-` the one that is taken back."""
    lines = []
    for name in changed(Said(before), Said(after)):
        spec = of.by_name.get(name)
        if spec is None:
            continue
        new = text.told(replica.conn, spec, after.get(name))
        if changed_only:
            lines.append(f"{_(spec.label)} {new}")
        else:
            old = text.told(replica.conn, spec, before.get(name))
            lines.append(f"{_(spec.label)} {new} <- {old}")
    return lines


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
        records: list[Record] = []

        def plan() -> list[Change]:
            records[:] = [found_record(replica, ref) for ref in refs]
            if all(each.shown.deleted for each in records):
                raise NothingToDo(
                    _("It is deleted already."), _("`duijie set ID` brings a record back.")
                )
            return [_deleted(each) for each in records]

        save(shell, replica, plan)
        for record in records[:SAID]:
            name = named(KINDS.get(record.kind), record)
            shell.hint(_("Deleted {name}; `duijie undo` takes it back.", name=name))
        if len(records) > SAID:
            n = len(records) - SAID
            shell.hint(n_("and {n} more", "and {n} more", n))
    return 0


def _deleted(record: Record) -> Change:
    return Change(record.kind, record.id, record.shown.body or b"{}", deleted=True)


def undo(shell: Shell, words: Sequence[str]) -> int:
    """`undo`: take back this home's last step; once more takes back the one before."""
    shell.parser("undo", _("Take back this home's last step.")).parse_args(words)
    with shell.replica() as replica:
        plan = plan_undo(replica)
        told = [
            _taken_back(replica, change, title)
            for change, title in zip(plan.changes[:SAID], plan.titles, strict=False)
        ]
        told = [*take_back(replica, plan).hints, *told]
        if not plan.changes:
            shell.hint(taken_back(plan))
            return 0
        n = len(plan.changes)
        for line in told:
            shell.hint(line)
        if n > SAID:
            shell.hint(n_("and {n} more", "and {n} more", n - SAID))
        for id in plan.settled[:1]:
            shell.hint(
                _(
                    "The ruling is taken back, but the conflict is not listed again; the other version is in `duijie log {id}`.",
                    id=id[-text.SHORT_ID :],
                )
            )
    return 0


def _taken_back(replica: Replica, change: Change, title: str) -> str:
    """What taking a step back does to one record."""
    record = replica.record(change.kind, change.id)
    of = KINDS.get(change.kind)
    said = _("Taken back: {title}", title=title)
    if record is None:
        return said
    if change.deleted and not record.shown.deleted:
        return text.GAP.join([said, _("deleted")])
    told = [_("it is there again")] if record.shown.deleted and not change.deleted else []
    if of is not None:
        told += _told(replica, of, body_of(record), decoded(change.body), changed_only=False)
    return text.GAP.join([said, _("; ").join(told)]) if told else said


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
                _did(of, each),
            )
            for each in entries
        ]
        for line in text.table(rows, columns=shell.columns(), mark=shell.mark, wide=4):
            print(line)
    return 0


def _did(of: Kind | None, entry: Entry) -> str:
    """What a version did, and to which fields."""
    fields = _named(of, [each for each in entry.changed if each != DELETED])
    match entry.did:
        case "created" | "deleted":
            return _(DID_WORDS[entry.did])
        case "edited":
            return fields
    return text.GAP.join(filter(None, [_(DID_WORDS[entry.did]), fields]))


def _named(of: Kind | None, fields: Sequence[str]) -> str:
    known = of.by_name if of else {}
    order = {name: place for place, name in enumerate(known)}
    names = sorted(fields, key=lambda name: order.get(name, len(order)))
    return _(", ").join(_(known[each].label) if each in known else each for each in names)
