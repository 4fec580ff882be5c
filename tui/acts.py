"""One act: its edits checked and saved, and what to say beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from schema.errors import DuijieError, Refused, UsageError
from schema.ids import derived_id
from schema.leaves import losers
from schema.records import KINDS, Kind, encode, kind, normal, problems, title_of
from schema.rights import ABOVE, LAYERED, ROLE_WORDS, may_write
from schema.safe_text import safe_text
from schema.version import Dot
from schema.wording import _, n_
from syncd.store.planning import Planned
from syncd.store.reading import meta
from syncd.store.replica import Replica
from syncd.store.rows import Change, Record

if TYPE_CHECKING:
    from syncd.store.undoing import Undo

Body = dict[str, Any]

TITLES = 3  # records that a sentence names
STEPPED = ("blocker", "comment", "acceptance")  # kinds whose edits the six steps look at

_decode = msgspec.json.Decoder(Body).decode


class Acted(Struct, frozen=True):
    """What an act came to: its edits, their dots, and what somebody ought to know of it."""

    changes: Sequence[Change]
    dots: Sequence[Dot]
    hints: Sequence[str]


def act(
    replica: Replica,
    plan: Callable[[], Sequence[Change]],
    *,
    undoes: int | None = None,
    many: bool = False,
) -> Acted:
    """Save one act whose edits `plan` works out inside the transaction, with what follows from them.

    Taking back and loading (`many`) put in what is given, unchecked by the six steps. Raises
    what `Replica.save` raises, what the plan does, and IllegalMove.
    """
    told: list[str] = []

    def whole() -> Sequence[Change]:
        changes = plan()
        if undoes is not None or many:
            return changes
        if any(each.kind in STEPPED for each in changes):
            from tui.stepping import stepped

            changes, said = stepped(replica, changes)
            told.extend(said)
        from tui.pointing import pointed_out

        told.extend(pointed_out(replica, changes))
        return changes

    planned = Planned(whole)
    dots = replica.save(planned, undoes=undoes, many=many)
    changes = planned.changes
    hints = [*told, *rights_hints(replica, changes), *_foretold(replica, changes)]
    return Acted(changes, dots, hints)


def body_of(record: Record) -> Body:
    """What a record says, fields unknown to this client included."""
    return _decode(record.shown.body or b"{}")


def decoded(body: bytes) -> Body:
    """A body as it is stored."""
    return _decode(body)


def named(of: Kind | None, record: Record) -> str:
    """A record as a sentence names it: number or short id, and title."""
    title = title_of(of, body_of(record)) if of else ""
    return " ".join(filter(None, [record.number or record.id[-6:], title]))


def called(of: Kind | None, record: Record) -> str:
    """A record as a sentence to read names it: number and title, a short id only where it has neither."""
    title = title_of(of, body_of(record)) if of else ""
    return safe_text(" ".join(filter(None, [record.number, title]))) or record.id[-6:]


def known_kind(record: Record) -> Kind:
    """The kind of a record, if this program knows it."""
    if record.kind not in KINDS:
        raise UsageError(
            _(
                "This record is of a kind that this program does not know: {kind}.",
                kind=record.kind,
            ),
            _("Update duijie on this machine."),
        )
    return kind(record.kind)


def checked(of: Kind, body: Body, base: Body | None = None) -> bytes:
    """The bytes of a body; raises what is wrong in it, but not what was wrong in its base already."""
    before = {(each.field, each.sentence) for each in problems(of, base)} if base else set()
    faults = [
        each
        for each in problems(of, body, base=base)
        if (each.field, each.sentence) not in before
        or (base or {}).get(each.field) != body.get(each.field)
    ]
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise DuijieError("\n".join(str(fault) for fault in faults))
    try:
        return encode(body)
    except UsageError:
        if base is None or not _inexact(body).items() <= _inexact(base).items():
            raise
        return msgspec.json.encode(normal(body), order="deterministic")


def _inexact(body: Body) -> dict[str, bytes]:
    """The fields with numbers that cannot be written: an edit beside them keeps them as they came."""
    found = {}
    for name, value in body.items():
        try:
            encode({name: value})
        except UsageError:
            found[name] = msgspec.json.encode(value, order="deterministic")
    return found


def rights_hints(replica: Replica, changes: Sequence[Change]) -> list[str]:
    """A hint where the hub will refuse the act: never a block, for rights may change on the way."""
    role = meta(replica.conn, "role")
    me = meta(replica.conn, "name")
    if not role:
        return []
    refused, layered = set(), set()
    for each in changes:
        if not may_write(role, each.kind, own=_own(replica, each, me)):
            refused.add(each.kind)
        elif role != "coordinator" and each.kind in {*LAYERED, *ABOVE}:
            from syncd.store.layers import lacks_layer

            if lacks_layer(replica, each, role, me):
                layered.add(each.kind)
    return [
        *_refused_words(role, sorted(refused)),
        *(
            _(
                "{kind}: only the decision layer of its project may do this. The hub will refuse the step.",
                kind=_(KINDS[name].label),
            )
            for name in sorted(layered)
        ),
    ]


def _refused_words(role: str, kinds: Sequence[str]) -> list[str]:
    return [
        _(
            "As {role} you may not write this kind of record: {kind}. The hub will refuse the step.",
            role=_(ROLE_WORDS[role]) if role in ROLE_WORDS else role,
            kind=_(KINDS[name].label) if name in KINDS else name,
        )
        for name in kinds
    ]


def _own(replica: Replica, change: Change, me: str) -> bool:
    if change.kind == "person":
        return change.id == derived_id("person", me)
    row = replica.conn.execute(
        "SELECT author FROM versions WHERE kind = ?1 AND id = ?2 AND rev = 1 "
        "UNION ALL SELECT author FROM records WHERE kind = ?1 AND id = ?2 AND rev = 1",
        (change.kind, change.id),
    ).fetchone()
    return row is None or row[0] == me


def _foretold(replica: Replica, changes: Sequence[Change]) -> list[str]:
    """Who else has changed a record meanwhile, before the hub says so."""
    hints = []
    for change in changes:
        record = replica.record(change.kind, change.id)
        if record is None or not record.shadow:
            continue
        open_now = {leaf.dot for leaf in record.losers}
        for leaf in losers(replica.foretold(record)):
            if leaf.dot not in open_now:
                hints.append(
                    _(
                        "{name}: somebody else changed it too; a conflict will open when you sync.",
                        name=called(KINDS.get(change.kind), record),
                    )
                )
                break
    return hints


def take_back(replica: Replica, undo: Undo) -> Acted:
    """Take a step back as planned; Refused where another step came between.

    A step of which there is nothing to say again is passed over, without an edit.
    """
    from syncd.store.undoing import pass_over, plan_undo

    def again() -> list[Change]:
        now = plan_undo(replica)
        if now.step != undo.step:
            raise Refused(
                _("Another step was made meanwhile; nothing was taken back."),
                _("Look with `duijie log ID`, then undo again."),
            )
        return now.changes

    if undo.changes:
        return act(replica, again, undoes=undo.step, many=True)
    with replica.write():
        again()
        pass_over(replica, undo.step)
    return Acted([], [], [])


def taken_back(undo: Undo) -> str:
    """What to say of a step that was taken back: a conflict that it had settled stays settled."""
    titles = _("; ").join(undo.titles[:TITLES])
    if not undo.changes:
        return _(
            "{title}: the ruling kept what is shown, so nothing changes; the conflict is not listed again. Undo once more takes back the step before.",
            title=titles,
        )
    if not undo.settled:
        return _("Taken back: {title}", title=titles)
    return n_(
        "Taken back: {title}; its conflict is not listed again, what lost stays in the record's history (F3).",
        "Taken back: {title}; their conflicts are not listed again, what lost stays in the records' histories (F3).",
        len(undo.settled),
        title=titles,
    )
