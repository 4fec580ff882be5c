"""What follows from an act for the blockers it is about: what is refused and what is saved with it (S004)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from schema.errors import DuijieError, IllegalMove
from schema.records import KINDS, encode, kind
from schema.rights import may_write
from schema.rules.answers import beyond_open
from schema.rules.steps import FIRST_SAID, answered, conclusion, move_faults, reopened, round_of
from schema.wording import _
from syncd.store.blockers import answers
from syncd.store.reading import meta
from syncd.store.replica import Replica
from syncd.store.rows import Change
from syncd.store.steps import Pointing, around
from tui.acts import STEPPED, Body, body_of, called, checked, decoded
from tui.cli.text import word

RESULTS = ("solved", "partly", "unsolved")


class NeedsWord(IllegalMove):
    """A blocker's move that may be made with a word why."""


class Stepped(NamedTuple):
    """An act with what is saved together with it, and the sentences that say so."""

    changes: Sequence[Change]
    told: Sequence[str]


def stepped(replica: Replica, changes: Sequence[Change]) -> Stepped:
    """An act with what follows from it for its blockers; IllegalMove where a move lacks what it needs.

    Inside the transaction that saves it. Edits that settle a conflict are left as they are.
    """
    if not any(each.kind in STEPPED and not each.settles for each in changes):
        return Stepped(changes, ())
    stepping = _Stepping(replica, changes)
    stepping.take()
    return Stepped(stepping.changes, stepping.told)


class _Stepping:
    def __init__(self, replica: Replica, changes: Sequence[Change]) -> None:
        self._replica = replica
        self._made = {(each.kind, each.id): each for each in changes}
        self.told: list[str] = []

    @property
    def changes(self) -> list[Change]:
        return list(self._made.values())

    def take(self) -> None:
        given = self.changes
        for change in given:
            if change.kind == "blocker" and not (change.deleted or change.settles):
                self._kept(change)
                self._moved(self._made["blocker", change.id])
        for change in given:
            if change.deleted or change.settles:
                continue
            if change.kind == "acceptance":
                self._concluded(change)

    # -- a blocker that is edited

    def _kept(self, change: Change) -> None:
        """An edit of what an answered blocker says keeps what was first said (S004-14).

        Until then the blocker says it itself: an answer edits nothing, so that beside another's
        edit it is no conflict.
        """
        record = self._replica.record("blocker", change.id)
        if record is None or record.shown.deleted:
            return
        before, after = body_of(record), decoded(change.body)
        if any(before.get(name) != after.get(name) for name in FIRST_SAID) and (
            beyond_open(before.get("state")) or answers(self._replica.conn, [change.id])
        ):
            self._put(change.id, before, answered(after, before))

    def _moved(self, change: Change) -> None:
        record = self._replica.record("blocker", change.id)
        if record is None or record.shown.deleted:
            return
        before, after = body_of(record), decoded(change.body)
        old, new = before.get("state"), after.get("state")
        if old == new or not isinstance(new, str):
            return
        found = around(self._replica.conn, change.id)
        assert found is not None
        acceptances = self._bodies("acceptance", "of", change.id, found.acceptances)
        if new == "open":
            if (
                round_of(after) == round_of(before)
                and conclusion(before, acceptances) == "unsolved"
            ):
                self._put(change.id, before, reopened(after))
            return
        faults = move_faults(
            before,
            new,
            tasks=self._bodies("task", "source", change.id, found.tasks_of_round),
            acceptances=acceptances,
            why=self._word_why(change.id, before, after),
        )
        if faults:
            refusal = IllegalMove if new == "verified" else NeedsWord
            raise refusal(" ".join(faults), _way_out(new))
        if beyond_open(new):
            self._put(change.id, before, answered(after))

    def _word_why(self, id: str, before: Body, after: Body) -> str:
        """What the same act says about the move: a comment on the blocker, or its note."""
        for change in self._made.values():
            if change.kind == "comment" and not change.deleted:
                body = decoded(change.body)
                if body.get("of") == id and isinstance(body.get("text"), str):
                    return str(body["text"])
        note = after.get("note")
        return note if isinstance(note, str) and note != before.get("note") else ""

    def _bodies(self, kind: str, field: str, id: str, held: Iterable[Pointing]) -> list[Body]:
        """What points at a blocker once this act is saved."""
        found = {each.id: dict(each.body) for each in held}
        for change in self._made.values():
            if change.kind != kind:
                continue
            body = decoded(change.body)
            found.pop(change.id, None)
            if not change.deleted and body.get(field) == id:
                found[change.id] = body
        return list(found.values())

    # -- a verification

    def _concluded(self, change: Change) -> None:
        """What a verification says of its blocker is done in the same act (S004-16)."""
        body = decoded(change.body)
        id = body.get("of")
        if body.get("type") != "blocker" or body.get("state") != "submitted":
            return
        if not isinstance(id, str):
            return
        record = self._replica.record("acceptance", change.id)
        said = body_of(record) if record is not None and not record.shown.deleted else {}
        if said.get("state") == "submitted" and said.get("result") == body.get("result"):
            return
        if body.get("result") not in RESULTS:
            raise IllegalMove(
                _("A submitted verification says its result."),
                _("It can say: {words}.", words=_(", ").join(_result(each) for each in RESULTS)),
            )
        before, now = self._standing(id)
        if before is None or not self._may_move:
            return
        if not body.get("round"):
            body = {**body, "round": round_of(now)}
            self._made["acceptance", change.id] = change._replace(body=encode(body))
        self._follow(id, before, now, body)

    def _follow(self, id: str, before: Body, now: Body, said: Body) -> None:
        name, state = self._named(id), now.get("state")
        if round_of(said) != round_of(now):
            words = _(
                "{name} is in round {now}; this verification is of round {n} and moves nothing.",
                name=name,
                now=round_of(now),
                n=round_of(said),
            )
            self.told.append(words)
            return
        found = around(self._replica.conn, id)
        held = found.acceptances if found is not None else ()
        result = conclusion(now, self._bodies("acceptance", "of", id, held))
        if result == "unsolved":
            if state != "open":
                again = reopened(now)
                self._put(id, before, again)
                words = _(
                    "{name}: unsolved, open again at step 1 as round {n}.",
                    name=name,
                    n=again["round"],
                )
                self.told.append(words)
        elif said.get("result") == "partly":
            words = _(
                "{name}: partly solved. A task follows what is left; then verify again.", name=name
            )
            self.told.append(words)
        elif state == "resolved":
            self._put(id, before, {**now, "state": "verified"})
            self.told.append(_("{name}: solved, and verified with it.", name=name))
        elif state in ("open", "coordinating"):
            words = _(
                "{name} is not resolved yet ({state}); it stays so.",
                name=name,
                state=word(KINDS["blocker"], "state", state),
            )
            self.told.append(words)

    @property
    def _may_move(self) -> bool:
        """Whether a blocker may be edited by this person at all."""
        role = meta(self._replica.conn, "role")
        return not role or may_write(role, "blocker", own=False)

    def _standing(self, id: str) -> tuple[Body | None, Body]:
        """What a blocker says before this act and with it; None where there is none to be moved."""
        record = self._replica.record("blocker", id)
        if record is None or record.shown.deleted:
            return None, {}
        made = self._made.get(("blocker", id))
        if made is not None and made.deleted:
            return None, {}
        before = body_of(record)
        return before, before if made is None else decoded(made.body)

    def _named(self, id: str) -> str:
        record = self._replica.record("blocker", id)
        return called(kind("blocker"), record) if record is not None else id[-6:]

    def _put(self, id: str, before: Body, after: Body) -> None:
        """A blocker is saved so with the act, where that changes anything."""
        body = checked(kind("blocker"), after, before)
        made = self._made.get(("blocker", id))
        if made is not None:
            self._made["blocker", id] = made._replace(body=body)
        elif after != before:
            self._made["blocker", id] = Change("blocker", id, body)


def foretold(replica: Replica, plan: Callable[[Replica], Sequence[Change]]) -> str:
    """What saving a verification does to its blocker, to be asked about before; "" for nothing.

    What is wrong with the act is left to be said by the saving of it.
    """
    try:
        after = stepped(replica, plan(replica))
    except DuijieError:
        return ""
    moves = any(each.kind == "blocker" for each in after.changes)
    return "\n".join(after.told) if moves else ""


def lacks_word(replica: Replica, plan: Callable[[Replica], Sequence[Change]]) -> str:
    """The sentence of a move that needs nothing but a word why; "" where that is not so."""
    try:
        stepped(replica, plan(replica))
    except NeedsWord as error:
        return error.sentence
    except DuijieError:
        pass
    return ""


def _way_out(state: str) -> str:
    """What to do instead of a move that lacks something."""
    match state:
        case "verified":
            return _("Submit a verification of it: what that says moves it.")
        case "resolved":
            return _("Say why in its note, or finish a task of it first.")
    return _("Say why in its note, or verify it first.")


def _result(token: str) -> str:
    return word(KINDS["acceptance"], "result", token)
