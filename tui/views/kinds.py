"""Picking the kind of a new record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema.records import KINDS
from schema.wording import _, chinese
from tui.screens.dialog import Pick
from tui.widgets.choices import Choice

if TYPE_CHECKING:
    from tui.app import DuijieApp

# The kinds as people make them, the commonest first; those left out follow.
FIRST = ("task", "blocker", "request", "milestone", "project", "comment")


async def picked_kind(app: DuijieApp) -> str | None:
    """The kind that somebody picks, or None. Runs in a worker."""
    order = [*FIRST, *(name for name in KINDS if name not in FIRST)]

    def offer(text: str) -> list[Choice]:
        typed = text.strip().lower()
        return [
            Choice(name, _(KINDS[name].label), right=name)
            for name in order
            if typed in name or typed in chinese(KINDS[name].label)
        ]

    return await app.push_screen_wait(
        Pick(app.shades, _("New: what kind of record?"), offer, placeholder=_("kind"))
    )
