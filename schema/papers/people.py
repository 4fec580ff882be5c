"""Documents of a department: what it answers for at any time."""

from __future__ import annotations

from collections.abc import Iterator

from schema.papers.markdown import Block, Sheet, Table
from schema.papers.material import Material, Pointing, Read
from schema.wording import _

DUTIES_READS: tuple[Read, ...] = (Pointing("duty", "department", key="name", free=True),)


def duties(material: Material) -> Iterator[Block]:
    """职责说明书: scope, content, process and standard of a department's standing duties (S002-08)."""
    department = material.record
    yield Sheet(
        [
            (_("Department"), material.department(department.text("name"))),
            (_("Head of department"), material.named(department.text("head"))),
            (_("Contact"), department.text("contact")),
        ]
    )
    yield Table(
        [_("Scope"), _("Part"), _("Work content"), _("Process"), _("Work standard"), _("State")],
        [
            (
                each.text("scope") or each.text("title"),
                each.word("part"),
                "\n".join(each.texts("content")),
                each.text("process"),
                "\n".join(each.texts("standard")),
                each.word("state"),
            )
            for each in material.of_kind("duty")
            if each.state != "retired"
        ],
        _("No duty yet."),
    )
