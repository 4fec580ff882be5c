"""Saying that something came: one question, and the sign-off of whoever was to receive it (S001-28, S003-13)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from schema.errors import NothingToDo
from schema.records import kind, new_body, own_id
from schema.rules.world import Write
from schema.safe_text import safe_text
from schema.wording import _
from syncd.store.reading import meta
from syncd.store.rows import Change
from tui.acts import body_of, checked
from tui.deleting import say_done
from tui.screens.dialog import Ask
from tui.widgets.choices import Choice

if TYPE_CHECKING:
    from schema.rules.owed.table import Line
    from syncd.store.replica import Replica
    from tui.app import DuijieApp

MOST = 400
"""Characters of what came that the question shows."""


def is_receipt(line: Line) -> bool:
    """Whether all that a line asks for is to say that it came."""
    step = line.step
    return isinstance(step, Write) and step.kind == "signoff" and step.body.get("meaning") == "receipt"  # fmt: skip


async def receive(app: DuijieApp, line: Line) -> Literal["received", "open", ""]:
    """Ask once and sign; "open" where the record is to be read first. Runs in a worker."""
    assert isinstance(line.step, Write)
    begun = line.step.body
    answer = await app.push_screen_wait(
        Ask(
            app.shades,
            lambda: _("Say that it came?"),
            lambda: [
                Choice("wait", _("Not yet")),
                Choice("sign", _("Received"), _("its author sees it")),
                Choice("open", _("Open the record")),
            ],
            words=_words(app.workspace.replica, line),
        )
    )
    if answer == "open":
        return "open"
    if answer != "sign" or not await app.act(lambda pen: received(pen, begun, line.project)):
        return ""
    say_done(app, _("Received: {title}.", title=safe_text(line.title or line.number)))
    return "received"


def _words(replica: Replica, line: Line) -> str:
    """Why it came, and what it says."""
    record = replica.record(line.kind, line.id)
    text = body_of(record).get("text") if record is not None else ""
    title = " ".join(filter(None, [line.number, line.title]))
    return "\n".join(
        filter(None, [text[:MOST] if isinstance(text, str) and text else title, line.why])
    )


def received(replica: Replica, begun: Mapping[str, object], project: str = "") -> list[Change]:
    """The sign-off that says it came, of whoever's replica this is; given twice it is one."""
    me, of = meta(replica.conn, "name"), kind("signoff")
    values = {**begun, "project": project or None}
    body = new_body(of, values, department=meta(replica.conn, "department"))
    id = own_id(of, body, me)
    assert id is not None
    held = replica.record("signoff", id)
    if held is not None and not held.shown.deleted:
        raise NothingToDo(_("You have said so already."), "")
    return [Change("signoff", id, checked(of, body))]
