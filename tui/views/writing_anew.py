"""Writing a value of a conflict by hand, in a dialog whose text is kept however the app ends."""

from __future__ import annotations

from collections.abc import Callable, Container

from schema.conflicts import Side
from schema.errors import joined
from schema.records import KINDS
from schema.settling import Draft, Written
from schema.wording import _
from syncd.store.conflicts import Conflict
from tui.cli.values import Reader
from tui.screens.write import Write
from tui.views.side_values import label_of
from tui.widgets.view import View
from tui.writing import read, several_lines, typed


class WritingAnew:
    """Asks for values; `texts` are those begun and neither taken nor given up, by record and field.

    `changed` is called where one of them is another.
    """

    def __init__(self, view: View, changed: Callable[[], None]) -> None:
        self._view = view
        self._changed = changed
        self.texts: dict[str, str] = {}

    def take_back(self, kept: object, records: Container[str]) -> bool:
        """Take up the texts that were begun in another run for some records; whether there are any."""
        if isinstance(kept, dict):
            self.texts = {
                name: text
                for name, text in kept.items()
                if isinstance(text, str) and name.partition("/")[0] in records
            }
        return bool(self.texts)

    async def write(self, conflict: Conflict, draft: Draft, field: str) -> Written | None:
        """The value that somebody writes for a field; None where it is given up, or as it was."""
        point = draft.point(field)
        if point is None:
            return None
        app, workspace = self._view.duijie, self._view.workspace
        of = KINDS.get(conflict.record.kind)
        spec = of.by_name.get(field) if of else None
        choice = draft.choices.get(field)
        value = point.other if choice is Side.OTHER else point.head
        if isinstance(choice, Written):
            value = choice.value
        body = {**draft.head.body, field: value}
        before = typed(workspace.conn, spec, value)
        name = f"{conflict.record.id}/{field}"
        begun = self.texts.get(name)

        def parsed(text: str) -> object:
            return read(Reader(workspace.replica), of, field, text, body)

        def keep(text: str) -> None:
            self.texts[name] = text
            self._changed()

        again = _("What you had begun to write is here again.") if begun is not None else ""
        text = await app.push_screen_wait(
            Write(
                app.shades,
                label_of(conflict.record.kind, field),
                before if begun is None else begun,
                parsed,
                lines=several_lines(spec, value),
                words=joined(_(spec.help) if spec else "", again),
                typed=keep,
            )
        )
        if self.texts.pop(name, None) is not None:
            self._changed()
        return None if text is None or text == before else Written(parsed(text))
