"""Help: what the keys do where the focus is, and a few sentences on what is seen there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Static

from schema.wording import N_, _
from tui.actions import bindings
from tui.live import Live
from tui.palette import Shades
from tui.screens.dialog import Dialog
from tui.widgets.sheet import Line, Piece, Sheet, folded
from tui.width import fold, width

ALWAYS = (
    N_("Full-width punctuation works like ASCII, so an input method may stay on."),
    N_("1-9 go to the tabs, Tab to the next pane; the mouse does what the keys do."),
)
GROUPS = (N_("Here"), N_("In lists"), N_("Everywhere"))
KEYS, WORDS = 16, 18


class Help(Dialog[None]):
    """The live keys in groups, folded to the panel, scrolled where it is too small."""

    over_all = True

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("list.up", "list.down", "list.page_up", "list.page_down"),
        *bindings("list.first", "list.last"),
    ]
    DEFAULT_CSS = """
    Help > .panel { width: 84; }
    Help Sheet { margin-top: 1; }
    Help .foot { color: $shade-muted; height: 1; margin-top: 1; }
    """
    MARGIN: ClassVar[int] = 6  # lines of the panel that are not the sheet's

    def __init__(self, shades: Shades, live: Sequence[Live], about: Sequence[str]) -> None:
        super().__init__(shades)
        self._live = live
        self._about = about
        self._heading = Static("", markup=False, classes="heading")
        self._foot = Static("", markup=False, classes="foot")
        self._sheet = Sheet(shades)

    def compose(self) -> ComposeResult:
        with Vertical(classes="panel"):
            yield self._heading
            yield self._sheet
            yield self._foot

    def on_mount(self) -> None:
        self.retell()

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self.retell)

    def retell(self) -> None:
        """Say everything in the language and the width of now."""
        self._sheet.shades = self.shades
        self._heading.update(_("Help"))
        room = min(84, self.app.size.width * 96 // 100) - 4
        lines = help_lines(self._live, self._about, room)
        fits = self.app.size.height * 9 // 10 - self.MARGIN
        self._sheet.styles.height = max(min(len(lines), fits), 1)
        self._sheet.show(lines, top=True)
        more = _("PgDn further down") if len(lines) > fits else ""
        self._foot.update("   ".join(filter(None, [_("Esc back"), more])))

    async def action_help(self) -> None:
        self.dismiss(None)

    def action_up(self) -> None:
        self._scroll(-1)

    def action_down(self) -> None:
        self._scroll(1)

    def action_page_up(self) -> None:
        self._scroll(1 - self._sheet.size.height)

    def action_page_down(self) -> None:
        self._scroll(self._sheet.size.height - 1)

    def action_first(self) -> None:
        self._sheet.scroll_home(animate=False)

    def action_last(self) -> None:
        self._sheet.scroll_end(animate=False)

    def _scroll(self, lines: int) -> None:
        self._sheet.scroll_relative(y=lines, animate=False)


def help_lines(live: Sequence[Live], about: Sequence[str], cells: int) -> list[Line]:
    """The help as lines of so many cells; `about` are source strings."""
    lines: list[Line] = []
    for sentence in (*about, *ALWAYS):
        lines += folded(0, _(sentence), cells, "muted")
    groups: list[list[Live]] = [[], [], []]
    for each in live:
        group = each.action.id.partition(".")[0]
        groups[{"list": 1, "app": 2}.get(group, 0)].append(each)
    for heading, actions in zip(GROUPS, groups, strict=True):
        if actions:
            lines += [[], [Piece(0, _(heading), bold=True)]]
            for each in actions:
                lines += _action_lines(each, cells)
    return lines


def _action_lines(live: Live, cells: int) -> list[Line]:
    """An action: its keys, its words, and its help folded beside them."""
    at = KEYS + WORDS
    rows = fold(live.help, max(cells - at, 10))
    first: list[Piece] = [
        Piece(0, live.all_keys, "accent"),
        Piece(max(KEYS, width(live.all_keys) + 2), live.words),
        Piece(at, rows[0], "muted"),
    ]
    return [first, *([Piece(at, row, "muted")] for row in rows[1:])]
