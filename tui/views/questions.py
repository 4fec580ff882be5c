"""What a record's page asks before something typed, or something of somebody else's, goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from schema.wording import _, n_
from tui.screens.dialog import Ask
from tui.widgets.choices import Choice

if TYPE_CHECKING:
    from tui.app import DuijieApp

Leaving = Literal["stay", "draft", "drop"]


async def how_to_leave(app: DuijieApp, n: int) -> Leaving:
    """What becomes of `n` fields that are not saved. Runs in a worker, as all of these do."""
    answer = await app.push_screen_wait(
        Ask(
            app.shades,
            n_("{n} field is not saved.", "{n} fields are not saved.", n),
            [
                Choice("stay", _("Go on writing")),
                Choice(
                    "draft", _("Leave, keep it as a draft"), _("offered when it is opened again")
                ),
                Choice("drop", _("Leave, throw it away")),
            ],
        )
    )
    return "draft" if answer == "draft" else "drop" if answer == "drop" else "stay"


async def throw_away(app: DuijieApp) -> bool:
    """Whether what was typed is to be forgotten."""
    answer = await app.push_screen_wait(
        Ask(
            app.shades,
            _("Throw away what was typed?"),
            [Choice("stay", _("Go on writing")), Choice("drop", _("Throw it away"))],
        )
    )
    return answer == "drop"


async def save_over(app: DuijieApp, theirs: Sequence[str], *, deleted: bool) -> bool:
    """Whether mine is to be saved over what moved meanwhile, said by `theirs`, or is to restore it."""
    if deleted:
        question = _("It is deleted; saving what was typed restores it.")
        save = Choice("save", _("Save mine and restore it"))
    else:
        question = n_(
            "A field you changed was changed by somebody else meanwhile.",
            "{n} fields you changed were changed by somebody else meanwhile.",
            len(theirs),
        )
        save = Choice("save", _("Save mine over theirs"), _("theirs stays in the history"))
    look = Choice("look", _("Look at it first"))
    answer = await app.push_screen_wait(
        Ask(app.shades, question, [look, save], words="\n".join(theirs))
    )
    return answer == "save"


async def save_both(app: DuijieApp, told: str) -> bool:
    """Whether a verification is to be saved with what it does to its blocker, said by `told`."""
    answer = await app.push_screen_wait(
        Ask(
            app.shades,
            _("Saved with it, in one act:"),
            [
                Choice("stay", _("Go on writing")),
                Choice("save", _("Save both"), _("^Z takes it back")),
            ],
            words=told,
        )
    )
    return answer == "save"
