"""The peek: three lines about the record under the cursor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from textual.strip import Strip
from textual.widget import Widget

from schema.records import KINDS, title_of
from schema.rules.lights import shown
from schema.wording import _
from syncd.store.relations import held_up_by
from tui.acts import body_of
from tui.cli.text import dated
from tui.ink import Ink
from tui.widgets.countdown import LIGHTS, countdown
from tui.width import width

if TYPE_CHECKING:
    from syncd.store.rows import Record
    from tui.app import DuijieApp

SEPARATOR = 3


class Told(NamedTuple):
    """One line: a label, texts from the left and from the right, each with its shade."""

    label: str
    left: list[tuple[str, str]]
    right: list[tuple[str, str]]


class Peek(Widget):
    """What a task is to deliver, what it holds up, and what is in conflict."""

    DEFAULT_CSS = "Peek { height: 4; width: 1fr; }"

    def __init__(self, *, classes: str = "") -> None:
        super().__init__(classes=classes)
        self._lines: list[Told] = []

    def show(self, kind: str, id: str | None) -> None:
        """Say something of another record, or of none."""
        from tui.app import DuijieApp

        assert isinstance(self.app, DuijieApp)
        record = self.app.workspace.replica.record(kind, id) if id else None
        self._lines = _told(self.app, record) if record else []
        self.refresh()

    def render_line(self, y: int) -> Strip:
        from tui.app import DuijieApp

        assert isinstance(self.app, DuijieApp)
        cells = self.size.width
        ink = Ink(self.app.shades, cells)
        if y < 3:
            ink.fill(1, cells - 2, "panel")
        if y < len(self._lines):
            label, left, right = self._lines[y]
            ink.put(3, label, "faint" if y else "muted", size=8)
            end = cells - 3
            for text, role in reversed(right):
                if width(text) < end - 30:
                    end = ink.put_right(end, text, role) - SEPARATOR
            x = 12
            for text, role in left:
                if x < end:
                    x = ink.put(x, text, role, size=end - x, bold=not y) + SEPARATOR
        return ink.strip()


def _told(app: DuijieApp, record: Record) -> list[Told]:
    body = body_of(record)
    workspace = app.workspace
    said = workspace.setting
    light = shown(
        KINDS[record.kind],
        body,
        now=workspace.moment(),
        zone=said.zone,
        calendar=workspace.calendar,
        warn=said.warn,
        accepted=record.accepted,
    )
    who = " ".join(text for name in ("department", "owner") if (text := _text(body, name)))
    due = dated(_text(body, "due")) if body.get("due") else ""
    stands = ""
    if light.light:
        stands = f"{_(LIGHTS[light.light])} {countdown(light, _text(body, 'due'), workspace)}"
    first = Told(
        record.number or (_("new") if workspace.standing().joined else _(KINDS[record.kind].label)),
        [(title_of(record.kind, body), "text")],
        [
            each
            for each in ((who, "muted"), (due, "muted"), (stands, light.light or "muted"))
            if each[0]
        ],
    )
    standard = _("; ").join(_lines(body.get("standard")))
    second = Told(_("Standard"), [(standard, "muted")] if standard else [], [])
    return [first, second, _third(app, record)]


def _text(body: Mapping[str, Any], name: str) -> str:
    """A field that ought to be a text; "" where an odd client wrote something else."""
    value = body.get(name)
    return value if isinstance(value, str) else ""


def _lines(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _third(app: DuijieApp, record: Record) -> Told:
    """What it holds up, and what is in conflict."""
    workspace = app.workspace
    waiting = held_up_by(workspace.conn, record.id, limit=4)
    left = [(f"{each.number.rpartition('-')[2]} {each.title}".strip(), "muted") for each in waiting]
    right: list[tuple[str, str]] = []
    if record.open_losers:
        from syncd.store.conflicts import conflicts_of

        fields = {
            name
            for each in conflicts_of(workspace.replica, record.kind, record.id)
            for name in each.overlaps
        }
        specs = KINDS[record.kind].by_name
        names = _(", ").join(_(specs[name].label) for name in specs if name in fields)
        told = (
            _("conflict: {fields} changed on both sides", fields=names) if names else _("conflict")
        )
        right = [(told, "accent")]
    return Told(_("Holds up") if left else "", left, right)
