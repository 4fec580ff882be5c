"""Deleting and restoring from any list: asked first, one act for several, and said how to take back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from schema.errors import NothingToDo
from schema.records import KINDS
from schema.wording import _, n_
from syncd.store.rows import Change
from tui.acts import named
from tui.screens.dialog import Ask
from tui.widgets.choices import Choice

if TYPE_CHECKING:
    from syncd.store.replica import Replica
    from tui.app import DuijieApp

Ref = tuple[str, str]  # kind and id


async def delete(app: DuijieApp, refs: Sequence[Ref]) -> bool:
    """Ask, then put records into the trash as one act; whether they went. Runs in a worker."""
    if not refs:
        return False
    replica = app.workspace.replica
    question = Ask(
        app.shades,
        lambda: _("Delete {what}?", what=called(replica, refs)),
        lambda: [
            Choice("keep", _("Keep it")),
            Choice("delete", _("Delete"), _("to the trash; what points there stays")),
        ],
    )
    if await app.push_screen_wait(question) != "delete":
        return False
    said = _("In the trash: {what}.", what=called(replica, refs))
    return await _act(app, refs, deleted=True, said=said)


async def restore(app: DuijieApp, refs: Sequence[Ref]) -> bool:
    """Take records out of the trash as one act; whether they came back."""
    if not refs:
        return False
    said = _("Restored: {what}.", what=called(app.workspace.replica, refs))
    return await _act(app, refs, deleted=False, said=said)


async def _act(app: DuijieApp, refs: Sequence[Ref], *, deleted: bool, said: str) -> bool:
    saved = await app.act(lambda pen: put(pen, refs, deleted=deleted))
    if saved:
        say_done(app, said)
    return saved


def say_done(app: DuijieApp, said: str) -> None:
    """Say what was done, and that it can be taken back."""
    app.say(" ".join([said, _("^Z takes it back.")]))


def put(replica: Replica, refs: Sequence[Ref], *, deleted: bool) -> list[Change]:
    """The edits that delete or restore records: what they say stays as it is."""
    found = replica.records(refs)
    changes = [
        Change(kind, id, found[kind, id].shown.body or b"{}", deleted=deleted)
        for kind, id in refs
        if (kind, id) in found and found[kind, id].shown.deleted != deleted
    ]
    if not changes:
        raise NothingToDo(
            _("It is deleted already.") if deleted else _("It is not in the trash any more."), ""
        )
    return changes


def called(replica: Replica, refs: Sequence[Ref]) -> str:
    """Some records as a sentence names them: one by its title, several by their number."""
    if len(refs) > 1:
        return n_("{n} record", "{n} records", len(refs))
    kind, id = refs[0]
    record = replica.record(kind, id)
    return named(KINDS.get(kind), record) if record is not None else id[-6:]
