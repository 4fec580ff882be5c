"""The project switcher: one project, or all of them."""

from __future__ import annotations

import sqlite3

from schema.matching import fold
from schema.records import KINDS
from schema.wording import _, n_
from syncd.store.projects import projects
from tui.cli.text import word
from tui.palette import Shades
from tui.screens.dialog import Pick
from tui.widgets.choices import Choice

ALL = "all"
SHOWN = 200


class Projects(Pick):
    """Gives the id of a project, or `all`; the running ones come first."""

    def __init__(self, shades: Shades, conn: sqlite3.Connection, shown: str) -> None:
        self._conn = conn
        self._shown = shown
        super().__init__(
            shades, _("Project"), self._offers, placeholder=_("part of a title, or a number")
        )

    def on_mount(self) -> None:
        super().on_mount()
        self._list.go_to(self._shown or ALL)

    def retell(self) -> None:
        """Say everything in the language of now."""
        super().retell()
        self.rename(_("Project"), _("part of a title, or a number"))
        self.offer_again()

    def _offers(self, text: str) -> list[Choice]:
        wanted = fold(text).strip()
        found = projects(self._conn, wanted, limit=SHOWN)
        rows = [
            Choice(
                each.id,
                each.title or _("(no title)"),
                "  ".join(
                    [
                        word(KINDS["project"], "state", each.state),
                        n_("{n} open task", "{n} open tasks", each.open_tasks),
                    ]
                ),
                each.number,
            )
            for each in found
        ]
        every = Choice(ALL, _("all projects"))
        return rows if wanted and wanted not in fold(every.text) else [every, *rows]
