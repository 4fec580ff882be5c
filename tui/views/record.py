"""A record's page: its form, what stands beside it, its draft, and how it meets what others save."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal

from schema.calendar_data import shipped
from schema.dates import local
from schema.errors import DuijieError, joined
from schema.ids import new_id
from schema.records import KINDS, Kind, encode, new_body, title_of
from schema.rules.basis import basis
from schema.rules.lights import Shown
from schema.rules.truth import at
from schema.wording import _, current, n_
from syncd.store.conflicts import conflicts_of
from syncd.store.rows import Change, Record
from tui.actions import bindings
from tui.acts import body_of, rights_hints
from tui.cli.text import told as told_value
from tui.cli.text import word
from tui.cli.values import Reader
from tui.screens.dialog import Ask
from tui.views.beside import WAITING
from tui.views.beside_pane import Beside
from tui.views.drafting import Drafting
from tui.views.form import Form
from tui.views.form_pane import FormPane, Note
from tui.views.guidance import Guidance, light_of
from tui.widgets.choices import Choice
from tui.widgets.countdown import LIGHTS, countdown
from tui.widgets.lines import Lines
from tui.widgets.view import NARROW, Context, Fact, View

BESIDE = 120  # cells from which on both stand side by side
PAUSE = 0.5  # seconds after a key until a draft is put down
USUAL = (80, 2_000)  # limits that are only named while one types


class Nothing(Struct):
    """The fields of a kind of which none is known."""


class RecordPage(View):
    """The page of one record, or of one to be made (`id` empty, `values` what it starts with).

    `only` leaves out all other fields; `returns` closes the page once it is saved.
    """

    BINDINGS = bindings("record.*", "list.delete")
    DEFAULT_CSS = """
    RecordPage > Horizontal { height: 1fr; margin-bottom: 1; }
    RecordPage FormPane { margin: 0 1; }
    RecordPage.-narrow > Horizontal { margin: 0; }
    RecordPage.-narrow FormPane { margin: 0; }
    RecordPage.single Beside { display: none; }
    RecordPage.single.aside Beside { display: block; width: 1fr; padding-top: 0; }
    RecordPage.single.aside FormPane { display: none; }
    """

    def __init__(
        self,
        kind_name: str,
        id: str = "",
        values: Mapping[str, Any] | None = None,
        *,
        only: tuple[str, ...] = (),
        returns: bool = False,
    ) -> None:
        super().__init__()
        self.kind_name = kind_name
        self.record_id = id
        self.of: Kind = KINDS.get(kind_name) or _unknown(kind_name)
        self._values = dict(values or {})
        self._only = only
        self._returns = returns
        self._record: Record | None = None
        self._moved: list[str] = []
        self._right: Sequence[str] = ()
        self._going = False
        self._language = current()

    # -- what it is made of

    def compose(self) -> ComposeResult:
        self._read_record()
        self.form = Form(self.of, self.record_id, self._body(), self._reader, only=self._only)
        self.guidance = Guidance(self.workspace, self.form, ascii=self.shades.ascii)
        self.draft = Drafting(self, self._form_key, self._held)
        self.pane = FormPane(
            self.form,
            self.duijie.current_shades,
            hint=self.guidance.hint,
            notes=self.guidance.notes,
            offer=self.guidance.offer,
            words=self.guidance.words,
            head=self._head,
        )
        self.beside = Beside(self.duijie, self.kind_name, self.record_id)
        with Horizontal():
            yield self.pane
            yield self.beside

    def _reader(self) -> Reader:
        return Reader(self.workspace.replica)

    def _read_record(self) -> None:
        self._record = None
        if self.record_id:
            self._record = self.workspace.replica.record(self.kind_name, self.record_id)

    def _conflicts(self) -> frozenset[str]:
        """The fields in conflict."""
        if self._record is None or not self._record.open_losers:
            return frozenset()
        found = conflicts_of(self.workspace.replica, self.kind_name, self.record_id)
        return frozenset(name for each in found for name in each.overlaps)

    def _body(self) -> dict[str, Any]:
        if self._record is not None:
            return body_of(self._record)
        return new_body(self.of, self._values, department=self.workspace.setting.department)

    def on_mount(self) -> None:
        self.beside.hold("")
        self.beside.reread()
        self.beside.body = self.form.body
        self.draft.begin()
        self._say_state()
        held = self.draft.stored()
        if held is not None:
            if isinstance(said := held.body.get("comment"), str) and said:
                self.beside.hold(said)
            if self.form.take_up(held.body) or said:
                self.draft.since = held.saved
            else:
                self.draft.drop()
        self.set_class(self.app.size.width < BESIDE or self.form.new, "single")
        self.call_after_refresh(self.pane.lay)

    def on_resize(self) -> None:
        self.set_class(self.app.size.width < BESIDE or self.form.new, "single")

    def on_unmount(self) -> None:
        self.draft.end()

    def _say_state(self) -> None:
        """What follows from how the record stands: rights, locks, unknown fields."""
        record = self._record
        self.guidance.conflicts = self._conflicts()
        self.guidance.accepted = record.accepted if record is not None else None
        self.form.deleted = record is not None and record.shown.deleted
        known = set(self.of.by_name)
        body = self.form.body
        self.pane.raw = {
            name: value if isinstance(value, str) else encode({name: value}).decode()
            for name, value in body.items()
            if name not in known
        }
        self.pane.locked = self.form.deleted or self.kind_name not in KINDS
        change = Change(self.kind_name, self.record_id or new_id(self.workspace.now()), b"{}")
        self._right = rights_hints(self.workspace.replica, [change])

    # -- what the frame asks

    @property
    def dirty(self) -> bool:
        """Whether something here is not saved."""
        return self.form.dirty or bool(self.beside.written)

    def context(self) -> Context:
        if not self.is_mounted:
            return Context([], [])
        body = self.form.body
        record = self._record
        if self.form.new:
            return Context([Fact(_("New: {kind}", kind=_(self.of.label)), "text", bold=True)], [])
        light = self._light()
        number = (record.number if record else "") or (_("no number") if self.of.number else "")
        left = [
            Fact(title_of(self.of, body) or _(self.of.label), "text", bold=True),
            Fact(number),
            Fact(word(self.of, "state", body.get("state")), "text"),
        ]
        if light.light:
            due = str(body.get("due", ""))
            left += [
                Fact(_(LIGHTS[light.light]), light.light),
                Fact(countdown(light, due, self.workspace), "text"),
            ]
        if self.form.deleted:
            left.append(Fact(_("deleted"), "red"))
        if record is not None and record.open_losers:
            left.append(Fact(_("conflict"), "accent", underline=True))
        if self._moved:
            left.insert(1, Fact(self._moved_words(), "yellow"))
        right = []
        if record is not None and self.app.size.width >= NARROW:
            right = [
                Fact(_("version {n}", n=record.shown.rev)),
                Fact(_("not sent yet") if record.unsent else "", "yellow"),
            ]
        return Context(left, right)

    def _moved_words(self) -> str:
        names = _(", ").join(slot.label for slot in self.form.slots if slot.key in self._moved)
        author = self._record.shown.author if self._record else ""
        return _("{author} has just changed {fields}", author=author, fields=names)

    def _light(self) -> Shown:
        accepted = self._record.accepted if self._record else None
        return light_of(self.workspace, self.form, accepted)

    def reread(self) -> None:
        if not self.is_mounted:
            return
        before = self._record
        self._read_record()
        self.pane.offers.shades = self.shades
        if self._record is not None:
            self._met(before, self._record)
        self._say_state()
        self.beside.body = self.form.body
        if self._language != current():
            self._language = current()
            self.pane.take_value()
        self.pane.lay()
        self.beside.reread()

    def _met(self, before: Record | None, record: Record) -> None:
        """The record may have moved on."""
        moved = self.form.stands(body_of(record))
        if before is not None and before.shown.dot == record.shown.dot:
            return
        if moved and record.shown.dot.replica != self.workspace.replica.id:
            self._moved = sorted({*self._moved, *moved})
        if self.pane.key in moved and self.pane.key not in self.form.texts:
            self.pane.take_value()

    def tick(self) -> None:
        if self.is_mounted:
            self.beside.list.redraw()

    def take_focus(self) -> None:
        def focus() -> None:
            if self.has_class("aside"):
                self.beside.list.focus()
            elif self.pane.key:
                self.pane.editor.focus()
            elif self.form.new:
                self.pane.lay()
                self.pane.step(1)
            else:
                self.pane.lines.focus()

        self.call_after_refresh(focus)

    def back(self) -> bool:
        """Esc puts away what is offered, and comes back from what stands beside."""
        if self.pane.close_offers():
            return True
        if self.has_class("aside"):
            self._to_form()
            return True
        return False

    def leave(self) -> bool:
        self.pane.settle()
        if self._going or not self.dirty:
            if self.draft.since is not None and not self.dirty:
                self.draft.drop()
            return True
        self.run_worker(self._ask_leave(), group="ask", exclusive=True)
        return False

    async def _ask_leave(self) -> None:
        n = len(self.form.texts) + bool(self.beside.written)
        answer = await self.duijie.push_screen_wait(
            Ask(
                self.shades,
                n_("{n} field is not saved.", "{n} fields are not saved.", n),
                [
                    Choice("stay", _("Go on writing")),
                    Choice(
                        "draft",
                        _("Leave, keep it as a draft"),
                        _("offered when it is opened again"),
                    ),
                    Choice("drop", _("Leave, throw it away")),
                ],
            )
        )
        if answer == "draft":
            if not await self.draft.keep_all():
                return
        elif answer == "drop":
            self.draft.drop()
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

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Which of the page's keys mean something now."""
        if not self.is_mounted:
            return True
        record = self._record
        means = {
            "progress": self.kind_name == "task" and bool(self.record_id),
            "history": bool(self.record_id),
            "explain": bool(self.form.body.get("due")) and bool(self.record_id),
            "beside": bool(self.record_id),
            "link": self.kind_name in WAITING and bool(self.record_id),
            "delete": bool(self.record_id),
            "conflict": record is not None and bool(record.open_losers),
            "save": not (self.pane.locked and not self.form.deleted),
        }
        return means.get(action, True)

    # -- hints and notes of the fields

    def _head(self) -> Sequence[Note]:
        label = _(self.of.label)
        head = _("New: {kind}", kind=label) if self.form.new else label
        lines: list[Note] = [("", "text")] if self.app.size.width >= NARROW else []
        lines.append((head, "heading"))
        if self.kind_name not in KINDS:
            lines.append(
                (_("This program does not know this kind; it is shown as it is."), "yellow")
            )
        if self.form.deleted:
            lines.append((_("It is deleted; F4 restores it."), "red"))
        lines += [(each, "yellow") for each in self._right]
        if self.draft.since is not None:
            when = at(self.draft.since, self.workspace.now(), self.workspace.setting.zone)
            lines.append((_("Draft since {time}, not saved; ^L drops it", time=when), "yellow"))
        return [*lines, ("", "text")]

    # -- drafts

    def _held(self) -> dict[str, Any] | None:
        """What a draft keeps."""
        return {**self.form.draft(), "comment": self.beside.comment.text} if self.dirty else None

    def _form_key(self) -> str:
        if self.record_id:
            return f"{self.kind_name}/{self.record_id}"
        begun = [str(self._values.get(name) or "") for name in ("of", "source")]
        return "/".join(filter(None, ["new", self.kind_name, *begun]))

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
        answer = await self.duijie.push_screen_wait(
            Ask(
                self.shades,
                _("Throw away what was typed?"),
                [Choice("stay", _("Go on writing")), Choice("drop", _("Throw it away"))],
            )
        )
        if answer == "drop":
            self._clear()
            self.draft.drop()
            self.pane.take_value()
            self._tell()

    def _clear(self) -> None:
        for key in list(self.form.texts):
            self.form.forget(key)
        self.beside.hold("")
        self._moved = []
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
        answered = None
        while True:
            self.reread()
            if not self.form.dirty and not (self.form.new and self._returns):
                self.duijie.say(_("Nothing was changed."))
                return
            wrong = self.pane.show_faults()
            if wrong:
                self.duijie.say(wrong, wrong=True)
                return
            theirs, deleted = self.form.theirs(), self.form.deleted
            if not (theirs or deleted) or answered == (theirs, deleted):
                break
            if not await self._sure(theirs, deleted=deleted):
                return
            answered = theirs, deleted
        try:
            plan = self.form.plan(self.workspace.setting.department, self.workspace.now())
        except DuijieError as error:
            self.duijie.say(str(error), wrong=True)
            return
        if await self.duijie.act(plan):
            await self._saved()
        else:
            self.reread()

    async def _sure(self, theirs: Mapping[str, Any], *, deleted: bool) -> bool:
        """Say what moved meanwhile or that it is deleted; whether mine is to be saved over it."""
        lines = []
        for key, value in theirs.items():
            slot = self.form.slot(key)
            if slot is not None:
                told = told_value(self.workspace.conn, slot.spec, value)
                lines.append(
                    joined(_("{label}: theirs is now {value}.", label=slot.label, value=told))
                )
        restores = _("It is deleted; saving what was typed restores it.")
        answer = await self.duijie.push_screen_wait(
            Ask(
                self.shades,
                restores
                if deleted
                else n_(
                    "A field you changed was changed by somebody else meanwhile.",
                    "{n} fields you changed were changed by somebody else meanwhile.",
                    len(lines),
                ),
                [
                    Choice("look", _("Look at it first")),
                    Choice("save", _("Save mine and restore it"))
                    if deleted
                    else Choice(
                        "save", _("Save mine over theirs"), _("theirs stays in the history")
                    ),
                ],
                words="\n".join(lines),
            )
        )
        return answer == "save"

    async def _saved(self) -> None:
        self._drop_typed()
        self.duijie.say(_("Saved."))
        if self.form.new:
            self.record_id = self.form.made
            if self._returns:
                self._end_page()
                return
            self._become()
        self.reread()
        if self.pane.key:
            self.pane.take_value()
        self._tell()

    def _drop_typed(self) -> None:
        for key in list(self.form.texts):
            self.form.forget(key)
        if self.dirty:
            self.draft.soon()
        else:
            self.draft.drop()
        self._moved = []
        self.pane.forget_faults()

    def _become(self) -> None:
        """The page of a record to be made becomes the page of the one made."""
        self.form.id = self.beside.record_id = self.record_id
        self.form.body = {}
        self._only = ()
        self.set_class(self.app.size.width < BESIDE, "single")

    async def action_leave(self) -> None:
        if self.back():
            return
        if self.draft.unkept:
            await self.draft.keep()
        if self.dirty or self.duijie.frame is None:
            self.leave()
        else:
            self._end_page()

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

    # -- beside

    def _to_beside(self, *, comment: bool = False) -> None:
        if self.form.new:
            self.pane.rest()
            self.pane.lines.focus()
            return
        self.pane.rest()
        self.add_class("aside")
        where = self.beside.comment if comment and self.beside.comment.display else self.beside.list
        self.call_after_refresh(where.focus)

    def _to_form(self, step: int = 0) -> None:
        self.remove_class("aside")
        self.pane.lay()
        if step:
            self.call_after_refresh(self.pane.step, step)
        else:
            self.call_after_refresh(self.pane.lines.focus)

    @on(FormPane.Out)
    def _out(self, message: FormPane.Out) -> None:
        self._to_beside(comment=message.step < 0)

    def action_next(self) -> None:
        if self.beside.list.has_focus and self.beside.comment.display:
            self.beside.comment.focus()
        elif self.beside.focused:
            self._to_form(1)
        else:
            self.pane.step(1)

    def action_previous(self) -> None:
        if self.beside.comment.has_focus:
            self.beside.list.focus()
        elif self.beside.list.has_focus:
            self._to_form(-1)
        else:
            self.pane.step(-1)

    def action_beside(self) -> None:
        if self.beside.focused:
            self._to_form()
        else:
            self._to_beside()

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
        values = {"of": self.record_id, "day": today.isoformat()}
        if project := self.form.body.get("project"):
            values["project"] = project
        only = ("did", "next", "says", "percent", "delay_cause", "need")
        await self.duijie.open_view(RecordPage("progress", "", values, only=only, returns=True))

    def action_link(self) -> None:
        if self.kind_name in WAITING and self.record_id:
            self.run_worker(self.beside.link(), group="ask", exclusive=True)

    # -- elsewhere

    async def action_history(self) -> None:
        from tui.views.history import History

        if self.record_id:
            await self.duijie.open_view(History(self.kind_name, self.record_id))

    async def action_conflict(self) -> None:
        await self.duijie.action_tab("9")

    def action_explain(self) -> None:
        """Say how the time left was computed."""
        due = self.form.body.get("due")
        light = self._light()
        if not isinstance(due, str) or light.light is None:
            self.duijie.say(_("Nothing runs here: it has no due date, or it is finished."))
            return
        today = local(self.workspace.moment(), self.workspace.setting.zone).date()
        day = today.fromisoformat(due[:10])
        why = basis(self.form.body, light, day, shipped())
        told = _(
            "From today, {today}, to {due}, counting working days only: {left}.",
            today=today.isoformat(),
            due=due.replace("T", " "),
            left=countdown(light, due, self.workspace),
        )
        self.duijie.say(joined(told, why))

    def action_editor(self) -> None:
        """Write the field in one's own editor."""
        from tui.views.external import written

        slot = self.pane.slot
        if slot is None:
            return
        text = written(self.duijie, self.pane.editor.text)
        if text is not None:
            self.pane.editor.typed = True
            self.pane.editor.put(self.pane.editor.accepted(text))


def _unknown(name: str) -> Kind:
    """What stands for a kind that this program does not know: no field is known."""
    return Kind.of(name, Nothing, name, title_optional=True)
