"""Making a new record: picking its kind, and what it begins with where it is made of another one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from schema.records import KINDS
from schema.records.fields import FieldSpec
from schema.wording import _, chinese
from tui.screens.dialog import Pick
from tui.widgets.choices import Choice

if TYPE_CHECKING:
    from tui.app import DuijieApp

# The kinds as people make them, the commonest first; those left out follow.
FIRST = ("task", "blocker", "request", "milestone", "project", "comment")
# The same of what is made of a record.
FIRST_OF = ("progress", "blocker", "comment", "task")
# The fields in which a record names what it was made of.
OF = ("of", "source")

Values = Mapping[str, Any]


def made_of(kind_name: str, id: str, body: Values) -> dict[str, dict[str, Any]]:
    """The kinds that can be made of a record, with what each begins with."""
    fields = (*OF, "project") if kind_name == "project" else OF
    found: dict[str, dict[str, Any]] = {}
    for name in (*FIRST_OF, *(each for each in KINDS if each not in FIRST_OF)):
        specs = KINDS[name].by_name
        pointing = (each for each in fields if each in specs and _points(specs[each], kind_name))
        field = next(pointing, None)
        if field is not None:
            project = id if kind_name == "project" else body.get("project")
            values = {"project": project, field: id}
            found[name] = {each: held for each, held in values.items() if held}
    return found


def _points(spec: FieldSpec, kind_name: str) -> bool:
    """Whether a field may point to a record of this kind."""
    return spec.type == "ref" and (not spec.kinds or kind_name in spec.kinds)


async def new_of_a_kind(app: DuijieApp) -> None:
    """Open the page of a new record of the kind that somebody picks. Runs in a worker.

    What can be made of the record that is shown comes first.
    """
    view = app.frame.view if app.frame is not None else None
    of = view.made_of() if view is not None else {}
    what = view.called if view is not None else ""
    plain = {"project": app.project} if app.project else {}
    order = [*FIRST, *(name for name in KINDS if name not in FIRST)]

    def offer(text: str) -> list[Choice]:
        typed = text.strip().lower()
        near = [name for name in order if typed in name or typed in chinese(KINDS[name].label)]
        first = [name for name in of if name in near]
        hint = _("of this {what}", what=what)
        return [
            *(Choice(f"of:{name}", _(KINDS[name].label), hint, right=name) for name in first),
            *(Choice(name, _(KINDS[name].label), right=name) for name in near),
        ]

    picked = await app.push_screen_wait(
        Pick(app.shades, _("New: what kind of record?"), offer, placeholder=_("kind"))
    )
    if picked is not None:
        made, _colon, kind = picked.rpartition(":")
        await app.new_record(kind, of[kind] if made else plain)
