"""`delay`: a task is late, why, and what is moved along."""

from __future__ import annotations

from collections.abc import Sequence

from schema.errors import NothingToDo, UsageError
from schema.records import KINDS, kind
from schema.rules.slipping import Pushed
from schema.wording import _, n_
from syncd.store.replica import Replica
from syncd.store.rows import Change, Record
from tui.acts import Body, body_of, called
from tui.cli.acts import found_record, save
from tui.cli.shell import Shell
from tui.cli.text import SHORT_ID, dated, table
from tui.cli.values import Given, Reader
from tui.pointing import pointed_out
from tui.slipping import FIELDS, apart, declared, missing, not_later, pen_hint, pushes

SHORT = {"cause": "delay_cause", "type": "delay_type"}


def delay(shell: Shell, words: Sequence[str]) -> int:
    """`delay ID [DUE] cause=TEXT need=TEXT [--type T] [--push | --push-all] [--dry-run]`: declare a delay."""
    parser = shell.parser(
        "delay",
        _(
            "Declare that a task is late, with a new date or without; what it pushes is listed. "
            "A date such as +5wd counts from today."
        ),
    )
    parser.add_argument("id", metavar="ID")
    parser.add_argument("words", nargs="*", metavar="DUE cause=TEXT need=TEXT")
    parser.add_argument("--type", metavar="TYPE", help=_("the type of delay, such as people"))
    along = parser.add_mutually_exclusive_group()
    along.add_argument(
        "--push", action="store_true", help=_("move what waits for it, of your department")
    )
    along.add_argument(
        "--push-all", action="store_true", help=_("of all departments; their owners are told")
    )
    parser.add_argument("--dry-run", action="store_true", help=_("only show it"))
    said = parser.parse_intermixed_args(words)
    with shell.replica(readonly=said.dry_run) as replica:
        reader = Reader(replica)
        given = _given(said.words, said.type)
        found: list[Pushed] = []
        moving: list[Pushed] = []

        def plan() -> list[Change]:
            record, after = _after(replica, reader, said.id, given)
            due = after.get("due")
            moved = isinstance(due, str) and due != body_of(record).get("due")
            found[:] = pushes(replica.conn, record.id, str(due)) if moved else []
            own, others = apart(replica.conn, found)
            moving[:] = [*own, *others] if said.push_all else own if said.push else []
            return declared(replica, record.id, after, moving=moving)

        record = _task(replica, said.id)
        hints = [pen_hint(replica.conn, body_of(record), reader.now.date())]
        if said.dry_run:
            changes = plan()
            for hint in [*hints, *reader.hints, *pointed_out(replica, changes)]:
                if hint:
                    shell.hint(hint)
        else:
            hints = [each for each in [*hints, *reader.hints] if each]
            save(shell, replica, plan, hints=hints)
        for line in _lines(shell, found, moving):
            print(line)
        shell.hint(_said(replica, record, found, moving, dry=said.dry_run))
    return 0


def _given(words: Sequence[str], type: str | None) -> tuple[Given, str]:
    """The fields that were named, and the date that stands without a name."""
    fields = [word for word in words if "=" in word or "＝" in word]
    due = " ".join(word for word in words if word not in fields)
    named = [_full(word) for word in fields]
    return Given([*named, *([f"delay_type={type}"] if type else [])]), due


def _full(word: str) -> str:
    name, _equals, text = word.replace("＝", "=", 1).partition("=")
    return f"{SHORT.get(name.strip().lower(), name)}={text}"


def _task(replica: Replica, ref: str) -> Record:
    record = found_record(replica, ref)
    if record.kind != "task":
        raise UsageError(
            _("Only of a task is a delay declared; this is of the kind {kind}.", kind=record.kind),
            _("Write duijie set ID due=... for another date."),
        )
    if record.shown.deleted:
        raise UsageError(_("The task is deleted."), _("Restore it first: duijie set ID."))
    if body_of(record).get("state") in KINDS["task"].finished:
        raise NothingToDo(_("It is finished; nothing of it is late."), "")
    return record


def _after(
    replica: Replica, reader: Reader, ref: str, given: tuple[Given, str]
) -> tuple[Record, Body]:
    """The task, and what it says once the delay is declared."""
    record, of = _task(replica, ref), kind("task")
    fields, due = given
    values = reader.values(of, fields)
    if due:
        if "due" in values:
            raise UsageError(_("{field} is given twice.", field="due"), _("Give it once."))
        values["due"] = reader.field(of.by_name["due"], [due])
    if fault := not_later(body_of(record), values.get("due")):
        raise UsageError(fault.sentence, fault.way_out)
    for name in values:
        if name not in FIELDS:
            raise UsageError(
                _("A declaration of delay has no field {name}.", name=name),
                _("It takes DUE, cause=, need= and --type."),
            )
    after = {**body_of(record), **values}
    faults = missing(after)
    if faults:
        raise UsageError(
            " ".join(each.sentence for each in faults), _("Write cause=... and need=....")
        )
    return record, {name: value for name, value in after.items() if value is not None}


def _lines(shell: Shell, found: Sequence[Pushed], moving: Sequence[Pushed]) -> list[str]:
    """What is pushed, a line each, with whether it goes along."""
    along = {each.paper.id for each in moving}
    rows = [
        (
            each.paper.number or each.paper.id[-SHORT_ID:],
            each.paper.text("title"),
            each.paper.text("department") or each.paper.text("initiator"),
            each.paper.text("owner"),
            dated(each.due_was or each.start_was),
            dated(each.due or each.start),
            _("moved") if each.paper.id in along else _("stays") if each.movable else _("by hand"),
        )
        for each in found
    ]
    return list(table(rows, columns=shell.columns(), mark=shell.mark, wide=1, drop=(3,)))


def _said(
    replica: Replica,
    record: Record,
    found: Sequence[Pushed],
    moving: Sequence[Pushed],
    *,
    dry: bool,
) -> str:
    name = called(KINDS["task"], record)
    told = [
        _("Nothing is saved: {name}.", name=name) if dry else _("Declared late: {name}.", name=name)
    ]
    if found:
        n = len(found)
        told.append(n_("{n} record waits for it.", "{n} records wait for it.", n))
        left = sum(each.movable for each in found) - len(moving)
        if left and not moving:
            told.append(_("--push moves those of your department, --push-all all of them."))
    return " ".join(told)
