"""Conflicts and refused edits: seeing them, settling them, mending them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec

from schema.conflicts import DELETED, Said, Side
from schema.errors import NothingToDo, UsageError
from schema.records import KINDS
from schema.rules.refusals import refusal_words
from schema.rules.truth import at
from schema.safe_text import safe_text
from schema.wording import _, n_
from syncd.store.conflicts import Conflict, find_conflict
from syncd.store.conflicts import conflicts as conflicts_in
from syncd.store.reading import setting
from syncd.store.refusals import RefusedEdit, discard, refused_edits
from syncd.store.replica import Replica
from syncd.store.rows import Change
from tui.acts import known_kind, named
from tui.cli import text
from tui.cli.acts import save
from tui.cli.shell import Shell
from tui.cli.values import Given, Reader, field_name
from tui.mending import plan_mending
from tui.settling import Right, allowed, right, settlement
from tui.width import pad, width

GAP = text.GAP


def conflicts(shell: Shell, words: Sequence[str]) -> int:
    """`conflicts [--json]`: the open conflicts, the oldest first."""
    parser = shell.parser("conflicts", _("The open conflicts, the oldest first."))
    parser.add_argument("--json", action="store_true", help=_("as JSON"))
    said = parser.parse_args(words)
    with shell.replica(readonly=True) as replica:
        zone, now = setting(replica.conn).zone, replica.clock.now()
        found = conflicts_in(replica)
        if said.json:
            shell.print_array(msgspec.json.encode(each.as_json(zone)).decode() for each in found)
            return 0
        for place, each in enumerate(found):
            if place:
                print()
            for line in _conflict(replica, each, now, zone):
                print(line)
        if not found:
            shell.hint(_("No conflicts."))
    return 0


def _conflict(replica: Replica, each: Conflict, now: int, zone: str) -> list[str]:
    base, head, other = each.said
    kind = KINDS.get(each.record.kind)
    name = safe_text(GAP.join(filter(None, [each.record.number, each.title, each.owner])))
    overlaps = set(each.overlaps)
    sides: list[tuple[str, Said | None, str]] = [
        (_("base"), base, safe_text(each.base.author) if each.base else ""),
        (_("head"), head, safe_text(each.head.author)),
        (_("the other"), other, safe_text(each.other.author)),
    ]
    lines = [each.name, name, each.why(zone)]
    if base is None:
        lines.append(_("The version both grew from is not here: the whole record is in conflict."))
    order = list(kind.by_name) if kind else []
    size = max(width(side) for side, _told, _author in sides)
    wide = max(width(author) for _side, told, author in sides if told is not None)
    for field in sorted(each.differs, key=lambda name: (name in order and order.index(name), name)):
        label = _("deleted") if field == DELETED else field
        if kind and field in kind.by_name:
            label = text.label(kind.by_name[field])
        note = _("both changed it") if field in overlaps and field != DELETED else ""
        lines.append("  " + GAP.join(filter(None, [safe_text(label), note])))
        for side, told, author in sides:
            if told is not None:
                value = _shown(replica, each, field, told)
                lines.append(
                    "    " + GAP.join([pad(side, size), pad(author, wide), value]).rstrip()
                )
    lines.append(_("since {time}", time=at(each.opened, now, zone)))
    return lines


def _shown(replica: Replica, each: Conflict, field: str, told: Said) -> str:
    if field == DELETED:
        return _("yes") if told.deleted else _("no")
    if field not in told.body:
        return _("(empty)")
    return text.value(replica.conn, each.record.kind, field, told.body[field])


def resolve(shell: Shell, words: Sequence[str]) -> int:
    """`resolve CONFLICT [--keep head|other | FIELD=head|other|VALUE...]`: settle a conflict."""
    parser = shell.parser(
        "resolve",
        _(
            "Settle a conflict: keep one side, choose by field, or take both where nothing overlaps."
        ),
    )
    parser.add_argument("conflict", metavar="CONFLICT")
    parser.add_argument("--keep", choices=["head", "other"], help=_("take one side whole"))
    parser.add_argument("values", nargs="*", metavar="FIELD=head|other|VALUE")
    said = parser.parse_intermixed_args(words)
    if said.keep and said.values:
        raise UsageError(
            _("--keep and fields exclude each other."), _("Choose one side whole, or fields.")
        )
    with shell.replica() as replica:
        reader = Reader(replica)
        given = Given(said.values)
        plan = partial(_settlement, replica, reader, said.conflict, said.keep, given)
        conflict = find_conflict(replica, said.conflict)
        change = plan()[0]
        hint = _rights(replica, conflict, change)
        save(shell, replica, plan, hints=[*reader.hints, *hint])
        if not hint:
            shell.hint(_settled(replica, conflict, change, said.keep))
    return 0


def _settled(replica: Replica, conflict: Conflict, change: Change, keep: str | None) -> str:
    """What was taken from which side, and how many conflicts are left."""
    kind = KINDS.get(change.kind)
    _base, head, other = conflict.said
    taken: list[str] = []
    if keep:
        taken.append(_("the head whole") if keep == "head" else _("the other whole"))
    body = msgspec.json.decode(change.body, type=dict[str, Any])
    for field in conflict.differs if not keep else ():
        spec = kind.by_name.get(field) if kind else None
        name = _(spec.label) if spec else field
        if body.get(field) == head.body.get(field):
            taken.append(_("{field} from the head", field=name))
        elif body.get(field) == other.body.get(field):
            taken.append(_("{field} from the other", field=name))
        else:
            taken.append(_("{field} anew", field=name))
    left = len(conflicts_in(replica))
    return _(
        "Settled {name}: {taken}; {left}.",
        name=named(kind, conflict.record),
        taken=_(", ").join(taken),
        left=n_("{n} conflict left", "{n} conflicts left", left),
    )


def _settlement(
    replica: Replica, reader: Reader, ref: str, keep: str | None, given: Given
) -> list[Change]:
    conflict = find_conflict(replica, ref)
    if keep:
        return [settlement(conflict, keep=Side(keep))]
    return [settlement(conflict, choices=_choices(reader, conflict, given))]


def _choices(reader: Reader, conflict: Conflict, given: Given) -> dict[str, Any]:
    of = known_kind(conflict.record)
    differing = conflict.differs
    choices: dict[str, Any] = {}
    values = Given([])
    for name, said in given.texts:
        try:
            choices[name if name in differing else field_name(of, name)] = Side(said.strip())
        except ValueError:
            values.texts.append((name, said))
    return {**choices, **reader.values(of, values)}


def _rights(replica: Replica, conflict: Conflict, change: Change) -> list[str]:
    """A hint where the hub will refuse the settlement."""
    if allowed(replica, [conflict], change):
        return []
    if right(replica, conflict) is Right.HEAD:
        return [
            _(
                "Yours lost: you may only settle for the head (`--keep head`). Anything else is a coordinator's, and the hub will refuse it."
            )
        ]
    return [_("Only a coordinator settles what somebody else wrote; the hub will refuse it.")]


def refused(shell: Shell, words: Sequence[str]) -> int:
    """`refused [--discard|--mend] [DOT...]`: the edits the hub refused."""
    parser = shell.parser("refused", _("The edits the hub refused; without a DOT, all of them."))
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--discard", action="store_true", help=_("forget them"))
    what.add_argument(
        "--mend", action="store_true", help=_("make their changes anew on what is shown now")
    )
    parser.add_argument("--json", action="store_true", help=_("as JSON"))
    parser.add_argument("dots", nargs="*", metavar="DOT")
    said = parser.parse_intermixed_args(words)
    with shell.replica(readonly=not (said.discard or said.mend)) as replica:
        edits = refused_edits(replica, said.dots)
        if not edits and (said.discard or said.mend):
            shell.hint(_("No edit was refused; there is nothing to do."))
        elif said.discard:
            discard(replica, edits)
            shell.hint(n_("{n} edit forgotten.", "{n} edits forgotten.", len(edits)))
        elif said.mend:
            _mend(shell, replica, said.dots)
        elif said.json:
            shell.print_array(each.as_json() for each in edits)
        else:
            _list_refused(shell, edits)
    return 0


def _list_refused(shell: Shell, edits: Sequence[RefusedEdit]) -> None:
    rows = [
        (
            each.dot,
            _(KINDS[each.kind].label) if each.kind in KINDS else each.kind,
            each.id[-text.SHORT_ID :],
            each.title,
            _("deletion") if each.deleted else "",
            refusal_words(each.reason),
        )
        for each in edits
    ]
    for line in text.table(rows, columns=shell.columns(), mark=shell.mark, wide=3):
        print(line)
    if not edits:
        shell.hint(_("No edit was refused."))


def _mend(shell: Shell, replica: Replica, dots: Sequence[str]) -> None:
    """Make the refused changes anew and let go of them, in one transaction."""

    try:
        mended = save(shell, replica, lambda: plan_mending(replica, dots))
    except NothingToDo:
        discard(replica, refused_edits(replica, dots))
        shell.hint(_("What they changed is there already; nothing was made anew."))
        return
    shell.hint(n_("{n} record mended.", "{n} records mended.", len(mended)))
