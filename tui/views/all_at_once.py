"""Settling every conflict in which nothing overlaps, in one act: those that the question was about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema.errors import NothingToDo, joined
from schema.wording import _, n_
from tui.screens.dialog import Ask
from tui.settling import Merged, unmoved, without_overlap
from tui.widgets.choices import Choice

if TYPE_CHECKING:
    from syncd.store.replica import Replica
    from syncd.store.rows import Change
    from tui.app import DuijieApp


async def settle_all(app: DuijieApp) -> str:
    """Ask, then settle what was asked about and has not moved since; what came of it, "" for nothing.

    Runs in a worker.
    """
    asked = await app.workspace.write(without_overlap)
    n = sum(each.conflicts for each in asked)
    if not n:
        app.say(_("In every conflict that you may settle something is to be chosen."))
        return ""
    done: list[Merged] = []

    def plan(pen: Replica) -> list[Change]:
        done[:] = unmoved(pen, asked)
        if not done:
            raise NothingToDo(
                _("What was asked about has changed meanwhile; nothing was settled."),
                _("Look at it again, then settle."),
            )
        return [each.change for each in done]

    if not await _asked(app, n) or not await app.act(plan):
        return ""
    count = sum(each.conflicts for each in done)
    told = n_("{n} conflict settled.", "{n} conflicts settled.", count)
    if count == n:
        return told
    return joined(
        told,
        n_(
            "{n} has changed meanwhile and stays.",
            "{n} have changed meanwhile and stay.",
            n - count,
        ),
    )


async def _asked(app: DuijieApp, n: int) -> bool:
    question = Ask(
        app.shades,
        lambda: n_(
            "Settle {n} conflict in which nothing overlaps?",
            "Settle {n} conflicts in which nothing overlaps?",
            n,
        ),
        lambda: [
            Choice("no", _("No, look at them one by one")),
            Choice("yes", n_("Settle {n} conflict", "Settle {n} conflicts", n)),
        ],
        words=lambda: _(
            "Each field is taken from the side that changed it. Those with something to choose stay."
        ),
    )
    return await app.push_screen_wait(question) == "yes"
