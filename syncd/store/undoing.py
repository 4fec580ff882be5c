"""Taking back this home's last step: what each of its records said before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

import msgspec

from schema.errors import NothingToDo, Refused
from schema.ids import derived_id
from schema.records import KINDS, title_of
from schema.safe_text import safe_text
from schema.version import Dot, Version
from schema.wording import _
from syncd.store.history import known_versions, settled
from syncd.store.replica import Replica
from syncd.store.rows import Change, Record

# Whether an edit of one's own (`m`) was not refused: it waits, or the hub took it.
_COUNTS = """(EXISTS (SELECT 1 FROM outbox o WHERE o.n = m.n) OR EXISTS (
    SELECT 1 FROM versions v
    WHERE v.kind = m.kind AND v.id = m.id AND v.dot = ? || ':' || m.n AND v.vseq > 0))"""


class Undo(NamedTuple):
    """The step to be taken back, the edits that do it, and the titles of their records.

    `settled` are the ids of the records on which the step had settled a conflict. Where its
    rulings kept the head there are no edits: the step is passed over.
    """

    step: int
    changes: list[Change]
    titles: list[str]
    settled: list[str]


def last_step(replica: Replica) -> int | None:
    """The newest step that can be taken back: no undo, not undone, not refused, and it changed or settled something."""
    return next(
        (
            step
            for step in _steps(replica)
            if any(_changes(replica, step)) or any(_rulings(replica, step))
        ),
        None,
    )


def plan_undo(replica: Replica) -> Undo:
    """What takes the last step back.

    NothingToDo where there is none; Refused where a record of it says something else by now.
    """
    step = last_step(replica)
    if step is None:
        raise NothingToDo(_("There is nothing to take back."), "")
    changes: list[Change] = []
    titles: list[str] = []
    rulings: list[str] = []
    for kind, id, before, left in _changes(replica, step):
        record = replica.record(kind, id)
        if record is None or not _stands(replica, record, left):
            raise _edited_since(record)
        changes.append(_back(record, before))
        titles.append(_title(record))
        if settled(left, known_versions(replica, kind, id)):
            rulings.append(id)
    if not changes:
        kept = [replica.record(kind, id) for kind, id in _rulings(replica, step)]
        titles = [_title(record) for record in kept if record is not None]
        rulings = [record.id for record in kept if record is not None]
    return Undo(step, changes, titles, rulings)


def pass_over(replica: Replica, step: int) -> None:
    """Count a step as taken back, though no edit says so: it changed nothing that could be said again."""
    replica.conn.execute("UPDATE acts SET undoes = step WHERE step = ?", (step,))


def pass_over_all(replica: Replica) -> None:
    """Leave none of the steps made so far to be taken back: from here on the home is somebody else's."""
    with replica.write() as conn:
        conn.execute("UPDATE acts SET undoes = step WHERE undoes IS NULL")


def _steps(replica: Replica) -> list[int]:
    """The steps of people that are no undo and were not undone, the newest first."""
    rows = replica.conn.execute(
        f"""SELECT DISTINCT a.step FROM acts a
        WHERE a.undoes IS NULL AND a.step NOT IN (SELECT undoes FROM acts WHERE undoes NOT NULL)
        AND EXISTS (SELECT 1 FROM mine m WHERE m.act = a.act AND {_COUNTS}
            AND (m.before NOT NULL OR m.id NOT IN (?, ?)))
        ORDER BY a.step DESC""",
        (replica.id, *_introduced(replica)),
    )
    return [step for (step,) in rows]


def _introduced(replica: Replica) -> tuple[str, str]:
    """The records that joining makes by itself: nobody did that, so nobody takes it back."""
    return (
        derived_id("department", replica.meta("department")),
        derived_id("person", replica.meta("name")),
    )


def _changes(
    replica: Replica, step: int
) -> Iterator[tuple[str, str, Version | Literal["new", "gone"], Version]]:
    """(kind, id, before, left) of each record that a step changed, the last made first.

    `before` is "new" where there was none and "gone" where it is not here any more. A settlement
    that keeps what is shown changes nothing.
    """
    for kind, id, before, left, _known in _edited(replica, step):
        if isinstance(before, str) or before.content != left.content:
            yield kind, id, before, left


def _rulings(replica: Replica, step: int) -> Iterator[tuple[str, str]]:
    """(kind, id) of each record on which a step settled a conflict."""
    for kind, id, _before, left, known in _edited(replica, step):
        if settled(left, known):
            yield kind, id


def _edited(
    replica: Replica, step: int
) -> Iterator[tuple[str, str, Version | Literal["new", "gone"], Version, dict[Dot, Version]]]:
    """As `_changes`, of each record that the step edited at all, and with what is known of it."""
    rows = replica.conn.execute(
        f"""SELECT m.kind, m.id, min(m.n), max(m.n) FROM mine m JOIN acts a ON a.act = m.act
        WHERE a.step = ? AND {_COUNTS} GROUP BY m.kind, m.id ORDER BY max(m.n) DESC""",
        (step, replica.id),
    ).fetchall()
    for kind, id, first, last in rows:
        known = known_versions(replica, kind, id)
        left = known[Dot(replica.id, last)]
        dot = replica.conn.execute("SELECT before FROM mine WHERE n = ?", (first,)).fetchone()[0]
        before = known.get(Dot.parse(dot)) if dot else None
        yield kind, id, before or ("gone" if dot else "new"), left, known


def _stands(replica: Replica, record: Record, left: Version) -> bool:
    shown = record.shown
    return shown.dot.replica == replica.id and shown.content == left.content


def _back(record: Record, before: Version | Literal["new", "gone"]) -> Change:
    if before == "new":
        return Change(record.kind, record.id, record.shown.body or b"{}", deleted=True)
    if before == "gone" or before.body is None:
        raise Refused(
            _("What the record said before is not known here any more."),
            _("`duijie log ID` shows what is known of it."),
        )
    return Change(record.kind, record.id, before.body, deleted=before.deleted)


def _title(record: Record) -> str:
    body = msgspec.json.decode(record.shown.body or b"{}", type=dict[str, Any])
    title = title_of(record.kind, body) if record.kind in KINDS else ""
    return safe_text(title) or record.id[-6:]


def _edited_since(record: Record | None) -> Refused:
    if record is None:
        sentence = _("A record of the last step is not here any more; nothing was taken back.")
    else:
        sentence = _(
            "{title} was edited since by {author}; nothing was taken back.",
            title=_title(record),
            author=safe_text(record.shown.author),
        )
    return Refused(sentence, _("Change it with `duijie set`."))
