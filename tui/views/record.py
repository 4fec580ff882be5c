"""A record's page: what is typed is kept as a draft, saved, or thrown away; and the ways on from it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from textual import on
from textual.app import ComposeResult

from schema.dates import local
from schema.wording import N_, _
from syncd.store.drafts import StoredDraft
from tui import doors
from tui.actions import bindings
from tui.views.beside import WAITING
from tui.views.beside_pane import Beside
from tui.views.canvas import Note
from tui.views.drafting import Drafting
from tui.views.facts import head_of, how_computed
from tui.views.fields import Slot
from tui.views.form_pane import FormPane
from tui.views.page import Page
from tui.views.papers import Paper, left_behind
from tui.views.questions import how_to_leave, throw_away
from tui.views.saving import save
from tui.widgets.editor import accepted
from tui.widgets.lines import Lines

PLACED = ("project", "of", "source", "state", "department")
"""What a paper begins with by where it was begun: of these alone none is made."""


class RecordPage(Page):
    """The page of a record; `returns` closes it once it is saved."""

    help = (
        N_("All fields at once; Tab or Enter goes on, F4 saves what was changed as one act."),
        N_("What is typed and not saved is kept as a draft, whatever happens."),
        N_(
            "What somebody else changes meanwhile shows at once in the fields that were not typed into."
        ),
    )

    BINDINGS = bindings("record.*", "task.*", "list.delete")

    def __init__(
        self,
        kind_name: str,
        id: str = "",
        values: Mapping[str, Any] | None = None,
        *,
        only: tuple[str, ...] = (),
        field: str = "",
        returns: bool = False,
    ) -> None:
        super().__init__(kind_name, id, values, only=only, field=field)
        self._returns = returns
        self._going = False

    def compose(self) -> ComposeResult:
        self.draft = Drafting(self, self._drafted, self._held)
        yield from super().compose()

    def begin(self) -> None:
        self.draft.begin()
        self.draft.take_up(
            self._take_up, open_elsewhere={each.draft.name for each in self._twins()}
        )

        slots = {slot.key: slot for slot in self.form.slots if not self.form.fixed(slot)}
        left = left_behind(self.workspace.home.path, self.draft.form, slots)
        papers = [(slots[field], paper) for field, paper in left]
        if papers:
            self.call_next(self._find_written, papers)

    async def _find_written(self, papers: Sequence[tuple[Slot, Paper]]) -> None:
        """Show what was written in an editor that outlived its app; its file goes once it is a draft."""
        self.pane.hear()
        found = False
        for slot, paper in papers:
            text = paper.read()
            if text is not None:
                text = accepted(text, one_line=not slot.several)
                found = self.form.type(slot, text) or found
        kept = await self.draft.keep()
        if found:
            self.duijie.say(_("What you had begun to write is here again."))
        for _slot, paper in papers:
            if kept and paper.read() is not None:
                paper.remove()
            paper.release()
        if found:
            self.pane.take_value()
            self._tell()

    def on_unmount(self) -> None:
        self.draft.end()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Which of the page's keys mean something now."""
        if not self.is_mounted:
            return True
        saved, record = bool(self.record_id), self.record
        means = {
            "progress": self.kind_name == "task" and saved,
            "delay": self.kind_name == "task" and saved and not self._droppable,
            "drop": self._droppable,
            "stuck": "blocker" in self.made_of(),
            "history": saved,
            "explain": (bool(self.form.body.get("due")) or self.kind_name == "blocker") and saved,
            "beside": saved,
            "link": self.kind_name in WAITING and saved,
            "delete": saved,
            "conflict": record is not None and bool(record.open_losers),
            "save": not (self.pane.canvas.locked and not self.form.deleted),
        }
        return means.get(action, True)

    @property
    def _droppable(self) -> bool:
        """Whether something was typed that can be thrown away; its key declares a delay otherwise."""
        return self.dirty or self.draft.since is not None

    # -- drafts

    @property
    def dirty(self) -> bool:
        """Whether something here is not saved."""
        return self.form.dirty or bool(self.beside.written)

    def head(self) -> Sequence[Note]:
        below = any(each.form.dirty for each in self._twins())
        cells = self.app.size.width
        return head_of(self.workspace, self.form, self.draft, self.refusing, cells, below=below)

    def _drafted(self) -> str:
        """What a draft of this page is of."""
        if self.record_id:
            return f"{self.kind_name}/{self.record_id}"
        begun = [str(self.begun.get(name) or "") for name in ("of", "source")]
        return "/".join(filter(None, ["new", self.kind_name, *begun]))

    def _held(self) -> dict[str, Any] | None:
        """What a draft keeps."""
        self.pane.hear()
        return {**self.form.draft(), "comment": self.beside.comment.text} if self.dirty else None

    def _take_up(self, draft: StoredDraft) -> bool:
        """Show a draft again; whether it says anything that is not saved."""
        said = draft.body.get("comment")
        begun = isinstance(said, str) and bool(said)
        if isinstance(said, str) and said:
            self.beside.hold(said)
        return self.form.take_up(draft.body) or begun

    def _twins(self) -> Collection[RecordPage]:
        """The other open pages of this form."""
        frame = self.duijie.frame
        pages = frame.query(RecordPage) if frame is not None else ()
        return [
            each
            for each in pages
            if each is not self and each.is_mounted and each.draft.form == self.draft.form
        ]

    @on(FormPane.Typed)
    def _typed(self, message: FormPane.Typed) -> None:
        self.draft.soon()

    @on(Beside.Typed)
    def _comment_typed(self) -> None:
        self.draft.soon()

    @on(FormPane.Moved)
    async def _field_left(self, message: FormPane.Moved) -> None:
        if self.draft.unkept:
            await self.draft.keep()
        if self.duijie.frame:
            self.duijie.frame.tell_keys()

    def action_drop(self) -> None:
        """Throw away what was typed, after asking."""
        if self.dirty:
            self.run_worker(self._ask_drop(), group="ask", exclusive=True)

    async def _ask_drop(self) -> None:
        if await throw_away(self.duijie):
            self._clear()
            await self.draft.drop()
            self.pane.take_value()
            self._tell()

    def _clear(self) -> None:
        self.form.forget_all()
        self.beside.hold("")
        self.moved = []
        self.pane.forget_faults()

    def _tell(self) -> None:
        if self.duijie.frame:
            self.duijie.frame.tell()

    # -- saving

    def action_save(self) -> None:
        """Save what was changed; on a deleted record, restore it."""
        self.run_worker(self._save(), group="ask", exclusive=True)

    async def _save(self) -> None:
        self.pane.settle()
        if self.form.deleted and not self.form.dirty:
            from tui.deleting import restore

            if await restore(self.duijie, [(self.kind_name, self.record_id)]):
                self.reread()
                self._tell()
            return
        untouched = self.form.new and (self._returns or bool(self.begun.keys() - PLACED))
        if await save(self.duijie, self.form, self.pane, self.reread, untouched=untouched):
            await self._saved()

    async def _saved(self) -> None:
        self.form.forget_all()
        if self.dirty:
            self.draft.soon()
        else:
            await self.draft.drop()
        self.moved = []
        self.pane.forget_faults()
        if self.form.new:
            if self._returns:
                self.record_id = self.form.made
                self._end_page()
                return
            self.become(self.form.made)
        self.reread()
        if self.pane.key:
            self.pane.take_value()
        self._tell()

    def action_theirs(self) -> None:
        """Take what somebody else wrote into this field."""
        slot = self.pane.slot
        if slot is not None and slot.key in self.form.theirs():
            self.form.forget(slot.key)
            self.draft.soon()
            self.pane.take_value()

    def action_delete(self) -> None:
        if self.record_id:
            self.run_worker(self._delete(), group="ask", exclusive=True)

    async def _delete(self) -> None:
        from tui.deleting import delete

        if self.beside.focused:
            await self.beside.delete()
            return
        if await delete(self.duijie, [(self.kind_name, self.record_id)]):
            self.reread()
            self._tell()

    # -- leaving

    def leave(self) -> bool:
        self.pane.settle()
        if self._going or not self.dirty:
            if self.draft.since is not None and not self.dirty:
                self.draft.drop_soon()
            return True
        self.run_worker(self._ask_leave(), group="ask", exclusive=True)
        return False

    async def _ask_leave(self) -> None:
        n = len(self.form.texts) + bool(self.beside.written)
        answer = await how_to_leave(self.duijie, n)
        if answer == "draft":
            if not await self.draft.keep_all():
                return
        elif answer == "drop":
            await self.draft.drop()
        else:
            return
        self._end_page()

    def _end_page(self) -> None:
        """Close the page; not in a worker of its own, which would wait for itself to end."""
        self._going = True
        self.duijie.call_later(self._go_back)

    async def _go_back(self) -> None:
        frame = self.duijie.frame
        if frame is None or frame.view is not self:
            return
        await frame.close()
        if frame.view is not None and self.record_id:
            frame.view.show_record(self.kind_name, self.record_id)

    async def action_leave(self) -> None:
        if self.back():
            return
        if self.draft.unkept:
            await self.draft.keep()
        if self.dirty or self.duijie.frame is None:
            self.leave()
        else:
            self._end_page()

    # -- the ways on

    @on(Lines.Opened)
    async def _opened(self, message: Lines.Opened) -> None:
        if message.lines is not self.beside.list:
            return
        item = self.beside.source.item(message.key)
        if item is not None and item.record is not None:
            await self.duijie.open_record(*item.record)
        elif item is not None and item.action:
            await self.run_action(item.action)

    async def action_progress(self) -> None:
        """A small form for a line of progress."""
        if self.kind_name != "task" or not self.record_id:
            return
        today = local(self.workspace.moment(), self.workspace.setting.zone).date()
        values = {**self.made_of().get("progress", {}), "day": today.isoformat()}
        await doors.paper(self.duijie, "progress", values)

    async def action_delay(self) -> None:
        """Declare that this task is late."""
        await doors.delay(self.duijie, self.record_id)

    async def action_stuck(self) -> None:
        """Write a blocker that comes from this record."""
        values = self.made_of().get("blocker")
        if values is not None:
            await self.duijie.new_record("blocker", values)

    def action_link(self) -> None:
        if self.kind_name in WAITING and self.record_id:
            self.run_worker(self.beside.link(), group="ask", exclusive=True)

    async def action_history(self) -> None:
        from tui.views.history import History

        if self.record_id:
            await self.duijie.open_view(History(self.kind_name, self.record_id))

    async def action_conflict(self) -> None:
        await self.duijie.open_conflict(self.kind_name, self.record_id)

    def action_explain(self) -> None:
        """Say how the time left was computed."""
        self.duijie.say(how_computed(self.workspace, self.kind_name, self.record_id), about="why")

    async def action_editor(self) -> None:
        """Write the field in one's own editor; its file stands until the draft has what it holds."""
        from syncd.command import file_error
        from tui.views.external import written

        slot = self.pane.slot
        if slot is None:
            return
        await self.draft.keep()
        home, text = self.workspace.home.path, self.pane.editor.text
        try:
            paper = Paper.of(home, self.draft.form, slot.key, text)
        except OSError as error:
            self.duijie.say(file_error(error), wrong=True)
            return
        try:
            after = written(self.duijie, paper)
            if after is not None:
                self.pane.put(after)
            if await self.draft.keep():
                paper.remove()
        finally:
            paper.release()
