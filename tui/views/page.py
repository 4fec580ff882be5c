"""A record with its form and what stands beside it: read, shown, and the focus between the two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import msgspec
from msgspec import Struct
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal

from schema.ids import new_id
from schema.records import KINDS, Kind, new_body
from schema.rules.lights import Shown
from schema.wording import _, current
from syncd.store.conflicts import conflicts_of
from syncd.store.rows import Change, Record
from tui.acts import body_of, rights_hints
from tui.cli.values import Reader
from tui.views.beside_pane import Beside
from tui.views.canvas import Note
from tui.views.facts import context_of, unknown_fields
from tui.views.form import Form
from tui.views.form_pane import FormPane
from tui.views.guidance import Guidance, light_of
from tui.views.kinds import made_of
from tui.widgets.view import Context, View

BESIDE = 120  # cells from which on both stand side by side


class Nothing(Struct):
    """The fields of a kind of which none is known."""


class Page(View):
    """One record, or one to be made (`id` empty, `values` what it starts with).

    `only` leaves out all other fields; `field` has the focus first.
    """

    form_type: ClassVar[type[Form]] = Form
    DEFAULT_CSS = """
    Page > Horizontal { height: 1fr; margin-bottom: 1; }
    Page FormPane { margin: 0 1; }
    Page.-narrow > Horizontal { margin: 0; }
    Page.-narrow FormPane { margin: 0; }
    Page.single Beside { display: none; }
    Page.single.aside Beside { display: block; width: 1fr; padding-top: 0; }
    Page.single.aside FormPane { display: none; }
    """

    def __init__(
        self,
        kind_name: str,
        id: str = "",
        values: Mapping[str, Any] | None = None,
        *,
        only: tuple[str, ...] = (),
        field: str = "",
    ) -> None:
        super().__init__()
        self.kind_name = kind_name
        self.record_id = id
        self.of: Kind = KINDS.get(kind_name) or _unknown(kind_name)
        self.begun = dict(values or {})
        self._only = only
        self._field = field
        self.record: Record | None = None
        self.moved: list[str] = []
        self.refusing: Sequence[str] = ()
        self._language = current()

    # -- what it is made of

    def compose(self) -> ComposeResult:
        self._read_record()
        self.form = self.form_type(
            self.of, self.record_id, self._body(), self._reader, only=self._only
        )
        self.guidance = Guidance(self.workspace, self.form, ascii=self.shades.ascii)
        self.pane = FormPane(self.form, self.duijie.current_shades, self.guidance, self.head)
        self.beside = Beside(self.duijie, self.kind_name, self.record_id)
        with Horizontal():
            yield self.pane
            yield self.beside

    def head(self) -> Sequence[Note]:
        """The lines above the fields."""
        return ()

    def _reader(self) -> Reader:
        return Reader(self.workspace.replica)

    def _read_record(self) -> None:
        self.record = None
        if self.record_id:
            self.record = self.workspace.replica.record(self.kind_name, self.record_id)

    def _conflicts(self) -> frozenset[str]:
        """The fields in conflict."""
        if self.record is None or not self.record.open_losers:
            return frozenset()
        found = conflicts_of(self.workspace.replica, self.kind_name, self.record_id)
        return frozenset(name for each in found for name in each.overlaps)

    def _body(self) -> dict[str, Any]:
        if self.record is not None:
            return body_of(self.record)
        return new_body(self.of, self.begun, department=self.workspace.setting.department)

    def on_mount(self) -> None:
        self.beside.hold("")
        self.beside.reread()
        self.beside.body = self.form.body
        self._say_state()
        self.begin()
        self.set_class(self.app.size.width < BESIDE or self.form.new, "single")
        self.call_after_refresh(self.pane.lay)

    def begin(self) -> None:
        """The record is read and nothing is drawn yet."""

    def on_resize(self) -> None:
        self.set_class(self.app.size.width < BESIDE or self.form.new, "single")

    def _say_state(self) -> None:
        """What follows from how the record stands: rights, locks, unknown fields."""
        record = self.record
        self.guidance.conflicts = self._conflicts()
        self.guidance.accepted = record.accepted if record is not None else None
        self.form.deleted = record is not None and record.shown.deleted
        self.pane.canvas.raw = unknown_fields(self.form)
        self.pane.canvas.locked = self.form.deleted or self.kind_name not in KINDS
        id = self.record_id or new_id(self.workspace.now())
        change = Change(self.kind_name, id, self._as_begun())
        self.refusing = rights_hints(self.workspace.replica, [change])

    def _as_begun(self) -> bytes:
        """What the hub is asked about: a new paper as it is begun, of one that stands any change at all.

        Of a meeting only its type is guarded, so that its minutes are anybody's.
        """
        if self.form.new or self.kind_name == "meeting":
            return msgspec.json.encode(self.form.merged())
        return b"{}"

    # -- what the frame asks

    @property
    def dirty(self) -> bool:
        """Whether something here is not saved."""
        return self.form.dirty or bool(self.beside.written)

    def context(self) -> Context:
        if not self.is_mounted:
            return Context([], [])
        cells = self.app.size.width
        return context_of(self.workspace, self.form, self.record, self._light(), self.moved, cells)

    def _light(self) -> Shown:
        return light_of(self.workspace, self.form, self.guidance.accepted)

    @property
    def called(self) -> str:
        return _(self.of.label)

    def made_of(self) -> dict[str, dict[str, Any]]:
        if not self.record_id or self.form.deleted:
            return {}
        return made_of(self.kind_name, self.record_id, self.form.body)

    def reread(self) -> None:
        if not self.is_mounted:
            return
        other_language = self._language != current()
        if other_language:
            self._language = current()
            self.form.retell()
        before = self.record
        self._read_record()
        if self.record is not None:
            self._met(before, self.record)
        self._say_state()
        self.beside.body = self.form.body
        if other_language:
            self.pane.take_value()
        self.pane.lay()
        self.beside.reread()

    def _met(self, before: Record | None, record: Record) -> None:
        """The record may have moved on."""
        moved = self.form.stands(body_of(record))
        if before is not None and before.shown.dot == record.shown.dot:
            return
        if moved and record.shown.dot.replica != self.workspace.replica.id:
            self.moved = sorted({*self.moved, *moved})
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
            elif self.form.new and not self._field:
                self.pane.lay()
                self.pane.step(1)
            else:
                self.pane.lines.focus()
                self._to_field()

        self.call_after_refresh(focus)

    def _to_field(self) -> None:
        """To the field that the page was opened for, once."""
        field, self._field = self._field, ""
        key = next((slot.key for slot in self.form.slots if slot.path[0] == field), "")
        if key:
            self.pane.lay()
            self.pane.go(key)

    def become(self, id: str) -> None:
        """The page of a record to be made becomes the page of the one made."""
        self.record_id = self.form.id = self.beside.record_id = id
        self.form.body = {}
        self._only = ()
        self.set_class(self.app.size.width < BESIDE, "single")

    # -- the focus

    def back(self) -> bool:
        """Esc puts away what is offered, and comes back from what stands beside."""
        if self.pane.close_offers():
            return True
        if self.has_class("aside"):
            self.to_form()
            return True
        return False

    def to_beside(self, *, comment: bool = False) -> None:
        if self.form.new:
            self.pane.rest()
            self.pane.lines.focus()
            return
        self.pane.rest()
        self.add_class("aside")
        where = self.beside.comment if comment and self.beside.comment.display else self.beside.list
        self.call_after_refresh(where.focus)

    def to_form(self, step: int = 0) -> None:
        self.remove_class("aside")
        self.pane.lay()
        if step:
            self.call_after_refresh(self.pane.step, step)
        else:
            self.call_after_refresh(self.pane.lines.focus)

    @on(FormPane.Out)
    def _out(self, message: FormPane.Out) -> None:
        self.to_beside(comment=message.step < 0)

    def action_next(self) -> None:
        if self.beside.list.has_focus and self.beside.comment.display:
            self.beside.comment.focus()
        elif self.beside.focused:
            self.to_form(1)
        else:
            self.pane.step(1)

    def action_previous(self) -> None:
        if self.beside.comment.has_focus:
            self.beside.list.focus()
        elif self.beside.list.has_focus:
            self.to_form(-1)
        else:
            self.pane.step(-1)

    def action_beside(self) -> None:
        if self.beside.focused:
            self.to_form()
        else:
            self.to_beside(comment=True)


def _unknown(name: str) -> Kind:
    """What stands for a kind that this program does not know: no field is known."""
    return Kind.of(name, Nothing, name, title_optional=True)
