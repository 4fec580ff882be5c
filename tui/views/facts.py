"""What a record's page says around its form: how the record stands, and what is to be known of it."""

from __future__ import annotations

from collections.abc import Sequence

from schema.records import KINDS, title_of
from schema.rules.lights import Shown
from schema.rules.truth import at
from schema.wording import _, n_
from syncd.store.rows import Record
from tui.cli.text import word
from tui.explaining import explained
from tui.views.canvas import Note
from tui.views.drafting import Drafting
from tui.views.fields import as_it_stands
from tui.views.form import Form
from tui.widgets.countdown import LIGHTS, countdown
from tui.widgets.view import NARROW, Context, Fact
from tui.workspace import Workspace


def context_of(
    workspace: Workspace,
    form: Form,
    record: Record | None,
    light: Shown,
    moved: Sequence[str],
    cells: int,
) -> Context:
    """The context row of a record's page; `moved` are the fields that somebody has just changed."""
    kind = form.kind
    if form.new:
        return Context([Fact(_("New: {kind}", kind=_(kind.label)), "text", bold=True)], [])
    body = form.body
    left = [Fact(title_of(kind, body) or _(kind.label), "text", bold=True)]
    if moved:
        names = _(", ").join(slot.label for slot in form.slots if slot.key in moved)
        author = record.shown.author if record else ""
        words = _("{author} has just changed {fields}", author=author, fields=names)
        left.append(Fact(words, "yellow"))
    left.append(Fact((record.number if record else "") or (_("no number") if kind.number else "")))
    left.append(Fact(word(kind, "state", body.get("state")), "text"))
    if light.light:
        left += [
            Fact(_(LIGHTS[light.light]), light.light),
            Fact(countdown(light, str(body.get("due", "")), workspace), "text"),
        ]
    if form.deleted:
        left.append(Fact(_("deleted"), "red"))
    if record is not None and record.open_losers:
        left.append(Fact(_("conflict"), "accent", underline=True))
    right = []
    if record is not None and cells >= NARROW:
        right = [
            Fact(_("version {n}", n=record.shown.rev)),
            Fact(_("not sent yet") if record.unsent else "", "yellow"),
        ]
    return Context(left, right)


def head_of(
    workspace: Workspace,
    form: Form,
    draft: Drafting,
    rights: Sequence[str],
    cells: int,
    *,
    below: bool,
) -> Sequence[Note]:
    """The lines above the fields; `rights` says what the hub will refuse.

    `below` where something is typed on another open page of the same record.
    """
    label = _(form.kind.label)
    lines: list[Note] = [("", "text")] if cells >= NARROW else []
    lines.append((_("New: {kind}", kind=label) if form.new else label, "heading"))
    if form.kind.name not in KINDS:
        words = _("This program does not know this kind; it is shown as it is.")
        lines.append((words, "yellow"))
    if form.deleted:
        lines.append((_("It is deleted; F4 restores it."), "red"))
    lines += [(each, "yellow") for each in rights]
    if draft.since is not None:
        when = at(draft.since, workspace.now(), workspace.setting.zone)
        lines.append((_("Draft since {time}, not saved; ^L drops it", time=when), "yellow"))
    if draft.others:
        n = draft.others
        words = n_(
            "{n} older draft is kept; it comes up once this one is saved or dropped",
            "{n} older drafts are kept; they come up once this one is saved or dropped",
            n,
        )
        lines.append((words, "yellow"))
    if below:
        words = _("This form is open on a page below too; what was typed there stays there")
        lines.append((words, "yellow"))
    return [*lines, ("", "text")]


def unknown_fields(form: Form) -> dict[str, str]:
    """The fields that this program does not know, each as it stands."""
    known = form.kind.by_name
    body = form.body.items()
    return {name: as_it_stands(name, value) for name, value in body if name not in known}


def how_computed(workspace: Workspace, kind: str, id: str) -> str:
    """How the date that runs of a record came about."""
    told = explained(workspace, kind, id)
    return "\n".join(told) or _("Nothing runs here: it has no due date, or it is finished.")
