"""What must hold after every step: each check is a function, its sentence is the one it checks.

`docs/sync.md` has the sentences I1 to I9; the others are said there in its prose.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping
from hashlib import sha256
from random import Random
from typing import NamedTuple, NoReturn

import msgspec

from schema.leaves import digest_hex, mark, meet
from schema.version import Dot, Knows, Version
from schema.wire import REFUSED, UNKNOWN, WAITING, edit_of
from syncd.exchange import Exchange
from syncd.store.replica import Replica
from tests.simulator.files import HubFile, Line, ReplicaFile, Standing
from tests.simulator.model import Judgement, Key, Model, Saved

Answer = tuple[str, int | None, str | None]


class Violation(Exception):
    """A sentence that does not hold: which one, and what was seen."""

    def __init__(self, sentence: str, seen: str) -> None:
        super().__init__(sentence, seen)
        self.sentence = sentence
        self.seen = seen

    def __str__(self) -> str:
        return f"{self.sentence} But: {self.seen}."


class Watched(NamedTuple):
    """A replica's file before and after a step; `read_at` is the hub's seq at its last page."""

    seat: str
    id: str
    before: ReplicaFile
    now: ReplicaFile
    read_at: int

    @property
    def cursor(self) -> int:
        return int(self.now.meta.get("seq") or 0)


# -- the replicas


def nothing_saved_is_lost(model: Model, watched: Watched, loose: set[Dot]) -> None:
    """I1 Nothing saved is ever lost."""
    for dot in sorted(loose):
        saved = model.saved[dot]
        judged = model.judged.get(dot)
        if dot.n in watched.now.outbox:
            continue
        if judged is not None and judged.result != REFUSED:
            loose.discard(dot)
        elif dot.n in watched.now.refused:
            if watched.now.refused[dot.n] != (saved.key, saved.body, saved.deleted):
                _fail(nothing_saved_is_lost, f"{dot} says something else in the refused list")
            loose.discard(dot)
        else:
            _fail(nothing_saved_is_lost, f"{dot} is nowhere on {watched.seat}")
    if not watched.before.refused.keys() <= watched.now.refused.keys():
        _fail(nothing_saved_is_lost, f"a refused edit has left the list of {watched.seat}")


def bytes_never_change(model: Model, watched: Watched) -> None:
    """An edit is sent byte for byte the same every time."""
    for n, (_act, key, edit) in watched.now.outbox.items():
        dot = Dot(watched.id, n)
        if dot not in model.saved:
            _fail(bytes_never_change, f"{dot} was put into the outbox without a save")
        first = model.bytes.setdefault(dot, edit)
        if first != edit or model.saved[dot].key != key:
            _fail(bytes_never_change, f"{dot} changed in the outbox")


def cursor_never_skips(model: Model, watched: Watched) -> None:
    """I8 A cursor never skips: rows, leaves, cursor and outbox move in one transaction."""
    before, cursor = int(watched.before.meta.get("seq") or 0), watched.cursor
    if cursor < before:
        _fail(cursor_never_skips, f"{watched.seat} went back from {before} to {cursor}")
    for key in {*model.states, *watched.now.shadow}:
        shadow = frozenset(watched.now.shadow.get(key, ()))
        if shadow not in model.states_for(key, cursor, watched.read_at):
            _fail(
                cursor_never_skips,
                f"{watched.seat} at {cursor} holds {_dots(shadow)} of {key[0]}, "
                f"the hub said {[_dots(s) for s in model.states_for(key, cursor, watched.read_at)]}",
            )
    for n in watched.before.outbox.keys() - watched.now.outbox.keys():
        judged = model.judged.get(Dot(watched.id, n))
        if judged is None or judged.seq > cursor:
            _fail(cursor_never_skips, f"{watched.id}:{n} left the outbox before its result")
        elif judged.result != REFUSED and not _in_shadow(model, watched, Dot(watched.id, n)):
            _fail(cursor_never_skips, f"{watched.id}:{n} left the outbox before its page")


def shown_stays_under_unsent_work(model: Model, watched: Watched) -> None:
    """A page never moves a shown version with unsent edits; without them the head is shown."""
    for key, shown in watched.now.shown.items():
        pending = watched.now.pending(key)
        leaves = [dot for dot, _eff in watched.now.shadow.get(key, ())]
        ranked = [dot for dot in leaves if dot in model.versions]
        if not pending and not ranked:
            _fail(shown_stays_under_unsent_work, f"{watched.seat} shows {shown.dot} of nothing")
        due = Dot(watched.id, max(pending)) if pending else max(ranked, key=model.rank)
        saved = model.saved[due]
        if (shown.dot, shown.body, shown.deleted) != (due, saved.body, saved.deleted):
            _fail(shown_stays_under_unsent_work, f"{watched.seat} shows {shown.dot}, not {due}")
        if shown.unsent != len(pending):
            _fail(shown_stays_under_unsent_work, f"{watched.seat} miscounts unsent of {key}")
        losers = set(model.losers(ranked)) if ranked else set()
        if shown.conflicts != len(losers - saved.known if pending else losers):
            _fail(shown_stays_under_unsent_work, f"{watched.seat} miscounts conflicts of {key}")
    for n, (_act, key, _edit) in watched.now.outbox.items():
        if key not in watched.now.shown:
            _fail(shown_stays_under_unsent_work, f"{watched.id}:{n} is not shown")


def authors_are_told(model: Model, watched: Watched) -> None:
    """An author is told when an own edit became a loser."""
    for leaves in watched.now.shadow.values():
        own = [dot for dot, _eff in leaves if dot.replica == watched.id]
        if len(leaves) > 1 and own:
            for dot in model.losers([dot for dot, _eff in leaves]).intersection(own):
                if (str(dot), "lost") not in watched.now.notices:
                    _fail(authors_are_told, f"{dot} lost and {watched.seat} was not told")


def conflicts_are_foretold(
    model: Model, watched: Watched, key: Key, foretold: Collection[Dot]
) -> None:
    """The same meet run at home foretells a conflict before it is sent."""
    met = {dot for dot, _eff in watched.now.shadow.get(key, ())}
    met.update(Dot(watched.id, n) for n in watched.now.pending(key))
    leaves = met - {d for dot in met for d in model.saved[dot].known if d != dot}
    if leaves != set(foretold):
        _fail(conflicts_are_foretold, f"{watched.seat} foretells {sorted(map(str, foretold))}")


def proofs_hold(watched: Watched) -> None:
    """I2 Everyone ends the same: what a replica holds adds up to what the hub says."""
    if watched.now.meta.get("proof") == "broken":
        _fail(proofs_hold, f"the proof of {watched.seat} is broken")


# -- the hub


def results_stand_for_edits(model: Model, line: Line) -> None:
    """The hub files what was saved, as it was saved, and once."""
    saved = model.saved.get(line.dot)
    if saved is None or saved.key != line.key:
        _fail(results_stand_for_edits, f"nobody saved {line.dot}")
    if line.hash != sha256(model.bytes[line.dot]).digest():
        _fail(bytes_never_change, f"{line.dot} came to the hub in other bytes")
    if line.result != REFUSED and (line.body, line.deleted) != (saved.body, saved.deleted):
        _fail(nothing_saved_is_lost, f"the hub has another body of {line.dot}")
    if line.dot in model.judged:
        _fail(answered_the_same, f"{line.dot} was judged twice")


def acts_are_whole(model: Model, lines: Collection[Line]) -> None:
    """An act is taken whole or refused whole."""
    for replica, act in {(line.dot.replica, model.saved[line.dot].act) for line in lines}:
        judged = [model.judged.get(dot) for dot in model.acts[replica, act]]
        if None in judged or len({each.result == REFUSED for each in judged if each}) > 1:
            _fail(acts_are_whole, f"act {replica}:{act} is {[j and j.result for j in judged]}")


def refusals_have_a_reason(model: Model, line: Line, role: str) -> None:
    """Nothing is refused but for a missing right, and nothing is taken without it."""
    kind = line.key[0]
    barred = (role == "viewer" and kind != "comment") or (role == "liaison" and kind == "policy")
    if line.result != REFUSED:
        if barred:
            _fail(refusals_have_a_reason, f"a {role} wrote a {kind}: {line.dot}")
        return
    saved = model.saved[line.dot]
    match line.reason:
        case "act":
            mates = [model.judged[dot] for dot in model.acts[line.dot.replica, saved.act]]
            fair = any(mate.reason != "act" for mate in mates)
        case "rights write":
            fair = barred or role == "viewer"
        case "rights settle":
            own = [d for d in saved.known if d.replica == line.dot.replica]
            fair = role != "coordinator" and any(model.saved[dot].settles for dot in own)
        case _:
            fair = False
    if not fair:
        _fail(refusals_have_a_reason, f"{line.dot} of a {role} was refused: {line.reason}")


def stamps_follow_knowledge(model: Model, line: Line, last: Mapping[str, int]) -> None:
    """The stamp of an edit is greater than that of everything it knows and of its replica's last."""
    known = [model.versions[dot].eff for dot in model.saved[line.dot].known - {line.dot}
             if dot in model.versions]  # fmt: skip
    if line.eff <= max([*known, last.get(line.dot.replica, 0)], default=0):
        _fail(stamps_follow_knowledge, f"{line.dot} has {line.eff}")


def no_false_conflict(model: Model, key: Key, standing: Standing) -> None:
    """I3 No false conflict: none between a version and one it knows, none between equal contents."""
    leaves = standing.leaves.keys()
    for dot in leaves:
        for other in leaves:
            if other != dot and dot in model.saved[other].known:
                _fail(no_false_conflict, f"{other} knows {dot}, and both are leaves")
    for dot, later in _pairs_of_one_replica(leaves):
        if dot not in model.saved[later].open_own:
            _fail(no_false_conflict, f"{later} conflicts with {dot} of its own replica")


def no_missed_conflict(model: Model, key: Key, standing: Standing) -> None:
    """I4 No missed conflict: each version stays a leaf until a version knows it."""
    missing = model.leaves(key) - standing.leaves.keys()
    if missing:
        _fail(no_missed_conflict, f"{sorted(map(str, missing))} of {key[0]} are gone")
    extra = standing.leaves.keys() - model.leaves(key)
    if extra or standing.width != len(standing.leaves):
        _fail(no_false_conflict, f"{sorted(map(str, extra))} of {key[0]} are leaves")


def one_winner(model: Model, key: Key, standing: Standing, random: Random) -> None:
    """I5 One winner everywhere, for every order of arrival."""
    if standing.head != max(standing.leaves, key=model.rank):
        _fail(one_winner, f"{standing.head} is the head among {_dots(standing.leaves.items())}")
    versions = [model.versions[dot] for dot in sorted(model.taken[key])]
    random.shuffle(versions)
    leaves: tuple[Version, ...] = ()
    for version in versions:
        leaves = meet(leaves, version)
    met = {leaf.dot: leaf.eff for leaf in leaves}
    if met != standing.leaves or leaves[0].dot != standing.head:
        _fail(one_winner, f"{_dots(met.items())} in another order of {key[0]}")


def digest_adds_up(model: Model, file: HubFile) -> None:
    """The digest is the sum of the marks of the records, and the count counts them."""
    total = 0
    for key, standing in file.records.items():
        total += mark(*key, [model.versions[dot] for dot in standing.leaves])
    if file.state["digest"] != digest_hex(total) or int(file.state["count"]) != len(file.records):
        _fail(digest_adds_up, f"{file.state['count']} records, {len(file.records)} found")


def numbers_differ(file: HubFile) -> None:
    """A number is never given twice."""
    numbers = [standing.number for standing in file.records.values() if standing.number]
    if len(set(numbers)) != len(numbers):
        _fail(numbers_differ, f"{sorted(numbers)}")


# -- the answers


def ack_means_durable(model: Model, dot: Dot, answer: Answer) -> None:
    """I6 An ack means durable."""
    result, seq, reason = answer
    judged = model.judged.get(dot)
    if judged is None:
        _fail(ack_means_durable, f"{dot} was answered {result} and is not in the hub's file")
    if (judged.result, judged.seq, judged.reason) != (result, seq, reason):
        _fail(ack_means_durable, f"{dot} was answered {result} {seq}, the file says {judged}")


def answered_the_same(model: Model, dot: Dot, answer: Answer) -> None:
    """I7 Asked twice, answered the same."""
    if answer[0] in (WAITING, UNKNOWN):
        if dot in model.judged:
            _fail(answered_the_same, f"{dot} is {answer[0]}, and was {model.judged[dot].result}")
    elif model.acked.setdefault(dot, answer) != answer:
        _fail(answered_the_same, f"{dot} was {model.acked[dot]}, is {answer}")


def hub_keeps_what_it_said(model: Model, file: HubFile) -> None:
    """I6 What the hub has committed is there after a crash."""
    found = {line.dot: Judgement(line.result, line.seq, line.reason) for line in file.lines}
    for dot in sorted(model.judged):
        if found.get(dot) != model.judged[dot]:
            _fail(ack_means_durable, f"{dot} was in the hub's file before it crashed")


# -- the end


def everyone_ends_the_same(model: Model, hub: HubFile, watched: Collection[Watched]) -> None:
    """I2 Everyone ends the same: the same leaves everywhere, the same digest."""
    for each in watched:
        meta = each.now.meta
        if (each.cursor, meta.get("digest"), int(meta["count"])) != (
            int(hub.state["seq"]),
            hub.state["digest"],
            int(hub.state["count"]),
        ) or meta.get("proof") != "held":
            _fail(everyone_ends_the_same, f"{each.seat} is at {each.cursor}, {meta.get('proof')}")
        for key in {*hub.records, *each.now.shown}:
            standing, shown = hub.records.get(key), each.now.shown.get(key)
            if standing is None or shown is None:
                _fail(everyone_ends_the_same, f"{each.seat} or the hub lacks {key}")
            if each.now.shadow[key] != set(standing.leaves.items()):
                _fail(everyone_ends_the_same, f"{each.seat} has other leaves of {key}")
            if (shown.dot, shown.number) != (standing.head, standing.number):
                _fail(everyone_ends_the_same, f"{each.seat} shows {shown.dot} of {key}")


def settled_is_settled(seat: str, replica: Replica, exchange: Exchange, owed: int) -> None:
    """A session is settled when all that can be sent was taken and all the hub had is here."""
    left = replica.unsent() - len(exchange.waiting)
    if left or replica.seq < owed or replica.meta("proof") != "held":
        _fail(settled_is_settled, f"{seat} has {left} unsent and stands at {replica.seq} of {owed}")


def agents_come_to_rest(exchanges: Mapping[str, Exchange | None]) -> None:
    """I9 No queue is stuck: every agent comes to say that it is settled."""
    for seat, exchange in exchanges.items():
        if exchange is None or not exchange.settled:
            _fail(agents_come_to_rest, f"{seat} does not")


def losers_come_with_their_base(
    model: Model, hub: HubFile, seat: str, conn: sqlite3.Connection
) -> None:
    """A page carries the body of the newest version that head and loser both know."""
    for key, standing in hub.records.items():
        for loser in model.losers(standing.leaves):
            both = model.saved[loser].known & model.saved[standing.head].known & model.taken[key]
            if not both:
                continue
            base = max(both, key=lambda dot: model.judged[dot].seq)
            row = conn.execute(
                """SELECT 1 FROM versions WHERE kind = ? AND id = ? AND dot = ?
                AND body NOT NULL""",
                (*key, str(base)),
            ).fetchone()
            if row is None:
                _fail(losers_come_with_their_base, f"{seat} lacks {base}, the base of {loser}")


def no_queue_is_stuck(watched: Collection[Watched]) -> None:
    """I9 No queue is stuck: nobody editing, the outbox is empty within 30 s."""
    for each in watched:
        if each.now.outbox:
            _fail(no_queue_is_stuck, f"{each.seat} still has {sorted(each.now.outbox)}")


def knows_what_it_was_made_on(model: Model, saved: Saved) -> None:
    """An edit knows what it was made on, and nothing else."""
    knows = Knows.parse(edit_of(model.bytes[saved.dot]).knows)
    said = {dot for dot in model.of_record[saved.key] if dot in knows}
    if said != saved.known:
        _fail(
            knows_what_it_was_made_on,
            f"{saved.dot} says {sorted(map(str, said ^ saved.known))} wrongly",
        )


# -- in common


def version_of_line(model: Model, line: Line) -> Version:
    """What the hub took, as it is to be merged: knowledge as the author wrote it, stamp as given."""
    edit = edit_of(model.bytes[line.dot])
    return msgspec.structs.replace(
        _BLANK,
        dot=line.dot,
        knows=Knows.parse(edit.knows),
        base=Dot.parse(edit.base) if edit.base else None,
        eff=line.eff,
        seq=line.seq,
        deleted=line.deleted,
        content=line.content,
    )


_BLANK = Version(
    dot=Dot("", 0), knows=Knows({}, frozenset()), base=None, rev=1, author="", at=0, content=b""
)


def _in_shadow(model: Model, watched: Watched, dot: Dot) -> bool:
    shadow = watched.now.shadow.get(model.saved[dot].key, ())
    return any(dot in model.saved[leaf].known for leaf, _eff in shadow)


def _pairs_of_one_replica(dots: Collection[Dot]) -> list[tuple[Dot, Dot]]:
    ordered = sorted(dots)
    return [
        (dot, later)
        for place, dot in enumerate(ordered)
        for later in ordered[place + 1 :]
        if dot.replica == later.replica
    ]


def _dots(leaves: Collection[tuple[Dot, int]]) -> str:
    return " ".join(sorted(str(dot) for dot, _eff in leaves)) or "nothing"


def _fail(check: object, seen: str) -> NoReturn:
    assert callable(check)
    sentence = (check.__doc__ or "").partition("\n")[0]
    raise Violation(sentence, seen)
