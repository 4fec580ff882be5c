"""The way of a form to its act: what is wrong is said, what somebody else changed is asked about."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from schema.errors import DuijieError, joined
from schema.wording import _
from tui.views.fields import told
from tui.views.form import Form
from tui.views.form_pane import FormPane
from tui.views.questions import save_both, save_over

if TYPE_CHECKING:
    from tui.app import DuijieApp


async def save(
    app: DuijieApp, form: Form, pane: FormPane, reread: Callable[[], None], *, untouched: bool
) -> bool:
    """Save what was typed as one act; whether it was saved. Runs in a worker.

    `reread` shows the record as it stands; `untouched` saves a form into which nobody typed.
    """
    answered = None
    while True:
        reread()
        if not form.dirty and not untouched:
            app.say(_("Nothing was changed."))
            return False
        wrong = pane.show_faults()
        if wrong:
            app.say(wrong, wrong=True)
            return False
        theirs, deleted = form.theirs(), form.deleted
        if not (theirs or deleted) or answered == (theirs, deleted):
            break
        if not await save_over(app, _told(form), deleted=deleted):
            return False
        answered = theirs, deleted
    new_names = form.new_names()
    try:
        plan = form.plan(app.workspace.setting.department, app.workspace.now())
    except DuijieError as error:
        app.say(form.said(error), wrong=True)
        return False
    if form.kind.name == "acceptance":
        from tui.stepping import foretold

        told_of_it = foretold(app.workspace.replica, plan)
        if told_of_it and not await save_both(app, told_of_it):
            return False
    if not await app.act(plan):
        reread()
        return False
    app.say("\n".join([_("Saved."), *new_names]))
    return True


def _told(form: Form) -> list[str]:
    """What the record says now of the fields that were typed into."""
    lines = []
    for key, value in form.theirs().items():
        slot = form.slot(key)
        if slot is not None:
            theirs = told(form.conn, slot, value)
            lines.append(
                joined(_("{label}: theirs is now {value}.", label=slot.label, value=theirs))
            )
    return lines
