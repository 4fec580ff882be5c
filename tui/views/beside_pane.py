"""The pane beside a form: its list, and the line to write a comment in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from schema.errors import NothingToDo
from schema.ids import new_id
from schema.records import encode, kind, new_body, own_id
from schema.safe_text import clean
from schema.wording import _
from syncd.store.replica import Replica
from syncd.store.rows import Change
from tui.acts import decoded
from tui.screens.dialog import Pick
from tui.views.beside import LINKED, BesideSource, Item, items
from tui.views.guidance import record_choices
from tui.widgets.choices import Choice
from tui.widgets.editor import Editor
from tui.widgets.lines import Lines

if TYPE_CHECKING:
    from tui.app import DuijieApp

CELLS = 30


class Beside(Vertical):
    """What stands beside the record of a kind and id; `body` is what the record says."""

    DEFAULT_CSS = """
    Beside { width: 43; padding-top: 1; }
    Beside Lines { height: 1fr; }
    Beside > Editor { margin: 0 3 0 2; width: 1fr; background: $shade-raise; }
    """

    @dataclass
    class Typed(Message):
        """The comment says otherwise now."""

    def __init__(self, app: DuijieApp, kind_name: str, id: str) -> None:
        super().__init__()
        self._duijie = app
        self._kind = kind_name
        self.record_id = id
        self.body: Mapping[str, Any] = {}

    def compose(self) -> ComposeResult:
        self.source = BesideSource(self._items)
        self.list = Lines(self.source, self._duijie.shades)
        self.comment = Editor()
        self.comment.display = self._kind not in ("comment", "progress")
        yield self.list
        yield self.comment

    def _items(self, cells: int) -> list[Item]:
        if not self.record_id:
            return []
        return items(self._duijie.workspace, self._kind, self.record_id, cells)

    def reread(self) -> None:
        """The replica has changed, or the language."""
        self.list.shades = self._duijie.shades
        self.comment.placeholder = _("^G: write a comment, Enter sends it")
        self.list.reread()

    @property
    def focused(self) -> bool:
        """Whether the focus is here."""
        return self.list.has_focus or self.comment.has_focus

    # -- comments

    @property
    def written(self) -> str:
        """The comment that is not sent yet."""
        return self.comment.text.strip()

    def hold(self, text: str) -> None:
        """Let a comment be written on from this text."""
        self.comment.hold(text, CELLS, one_line=True)

    @on(Editor.Changed)
    def _changed(self, event: Editor.Changed) -> None:
        event.stop()
        if self.comment.typed:
            self.post_message(self.Typed())

    @on(Editor.Left)
    async def _left(self, message: Editor.Left) -> None:
        message.stop()
        if message.entered:
            await self._send()
        elif message.step < 0:
            self.list.focus()

    async def _send(self) -> None:
        text = clean(self.comment.text, lines=False)
        if not text or not self.record_id:
            return
        values = {"of": self.record_id, "text": text, "project": self.body.get("project")}
        body = encode(new_body("comment", values, department=None))
        id = new_id(self._duijie.workspace.now())
        if await self._duijie.act(lambda pen: [Change("comment", id, body)]):
            self.hold("")
            self.post_message(self.Typed())
            self.list.reread()

    # -- dependencies

    async def link(self) -> None:
        """Pick what this waits for. Runs in a worker."""
        workspace = self._duijie.workspace

        def offer(text: str) -> list[Choice]:
            found = record_choices(workspace, LINKED, text, limit=14)
            return [each for each in found if each.key != self.record_id]

        heading, words = _("What must be done first?"), _("number or title")
        picked = await self._duijie.push_screen_wait(
            Pick(self._duijie.shades, heading, offer, placeholder=words)
        )
        after = self.record_id
        if picked and await self._duijie.act(lambda pen: linked(pen, picked, after)):
            self.list.reread()

    async def delete(self) -> None:
        """Delete what is under the cursor: a dependency, not what it leads to; a remark itself."""
        from tui.deleting import delete

        item = self.source.item(self.list.cursor)
        ref = self._meant(item) if item is not None else None
        if ref is not None and await delete(self._duijie, [ref]):
            self.list.reread()

    def _meant(self, item: Item) -> tuple[str, str] | None:
        if item.record is None or item.record[0] in ("progress", "comment"):
            return item.record
        if not item.link:
            return None
        ends = (item.record[1], self.record_id)
        before, after = ends if item.link == "waits" else ends[::-1]
        id = own_id(kind("dependency"), {"before": before, "after": after})
        return ("dependency", id) if id else None


def linked(replica: Replica, before: str, after: str) -> list[Change]:
    """The dependency that lets one record wait for another."""
    body = new_body("dependency", {"before": before, "after": after}, department=None)
    id = own_id("dependency", body)
    assert id is not None
    held = replica.record("dependency", id)
    if held is not None and not held.shown.deleted:
        raise NothingToDo(_("It waits for that already."), "")
    if held is not None:
        body = {**decoded(held.shown.body or b"{}"), **body}
    return [Change("dependency", id, encode(body))]
