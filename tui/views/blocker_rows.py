"""The queue of blockers, two lines each: what is left to answer, and whom it waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema.records import kind
from schema.rules.answers import LEVELS, STEPS
from schema.wording import _
from syncd.store.blockers import Stuck
from tui.cli.text import word
from tui.ink import Ink
from tui.widgets.countdown import LIGHTS, clock_words
from tui.widgets.lines import Key, Look
from tui.widgets.rows import Held, RowSource

if TYPE_CHECKING:
    from tui.views.blockers import Blockers

SECOND = 1_000_000  # microseconds


class QueueSource(RowSource[Stuck]):
    """Two lines a blocker, and a blank."""

    lines = 2
    gap = 1

    def __init__(self, view: Blockers) -> None:
        self._view = view
        super().__init__(Held([], []))

    def key(self, row: Stuck) -> Key:
        return row.id

    def draw_row(self, row: Stuck, part: int, ink: Ink, look: Look, place: int) -> None:
        here = row.id == look.cursor
        focused = here and look.focused
        left = 1 if self._view.beside else 0
        if here:
            ink.fill(left, ink.cells - left, "cursor" if focused else "sel")
        if focused:
            ink.stripe(left, "accent", focus=True)
        light = row.shown.light or ""
        urgent = light if light in ("red", "yellow") else "muted"
        end = ink.cells - 2
        x = left + 2
        if part == 0:
            told = answer_words(row, self._view.workspace.now(), joined=self._view.joined)
            end = ink.put_right(end, told, urgent, size=18) - 2
            if row.conflicts:
                end = ink.put_right(end, _("conflict"), "accent", underline=True) - 2
            ink.put(x, row.title or _("(no title)"), size=end - x, bold=focused)
            return
        quiet = "muted" if focused else "faint"
        if light:
            end = ink.put_right(end, _(LIGHTS[light]), light) - 2
        if row.holds:
            end = ink.put_right(end, _("holds {n}", n=row.holds), "muted") - 2
        number = row.number or (_("new") if self._view.joined else "")
        at_ = max(ink.put(x, number, quiet, size=8) + 1, x + 7) if number else x
        at_ = ink.put(at_, row.raised_by, "muted", size=8) + 1
        at_ = ink.put(at_, ink.shades.marks.to, quiet) + 1
        asked = _(", ").join(row.asked)
        at_ = (
            ink.put(
                at_, asked or _("nobody yet"), "muted" if asked else "red", size=min(10, end - at_)
            )
            + 2
        )
        step = f"{_(STEPS[row.shown.step - 1])} {row.shown.step}/6" if row.shown.step else ""
        at_ = ink.put(max(at_, x + 25), step, quiet, size=end - max(at_, x + 25)) + 2
        if row.shown.level and row.shown.level > 1:
            ink.put(at_, _(LEVELS[row.shown.level]), "text", size=end - at_)


def answer_words(row: Stuck, now: int, *, joined: bool = True) -> str:
    """The time left to answer, or what stands instead of it; without a hub no clock runs."""
    if row.answered or row.state != "open":
        return word(kind("blocker"), "state", row.state) if row.state != "open" else _("answered")
    if row.answer_by is None:
        return _("undelivered") if joined else word(kind("blocker"), "state", row.state)
    left = (row.answer_by - now) // SECOND
    told = clock_words(abs(left))
    return _("{time} late", time=told) if left < 0 else _("{time} left", time=told)
