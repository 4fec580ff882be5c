"""The tabs: fixed digits, each with its view and its count."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import cast

from msgspec import Struct

from schema.wording import N_
from syncd.store.relations import open_blockers
from syncd.store.standing import open_conflicts
from tui.widgets.chrome import Tab
from tui.widgets.view import View
from tui.workspace import Workspace


class TabOf(Struct, frozen=True):
    """A tab's words, where its view is, and what it counts: a number and its shade."""

    words: str
    where: str
    total: Callable[[Workspace, str], tuple[int, str]] | None = None

    def view(self) -> View:
        """A new view; its module is imported when it is first shown."""
        module, name = self.where.split(":")
        return cast("View", getattr(import_module(f"tui.views.{module}"), name)())


def _conflicts(workspace: Workspace, _project: str) -> tuple[int, str]:
    return open_conflicts(workspace.replica), "red"


def _blockers(workspace: Workspace, project: str) -> tuple[int, str]:
    """Those that are not over, whoever they wait for."""
    return open_blockers(workspace.conn, project), "text"


TABS: dict[str, TabOf] = {
    "1": TabOf(N_("Today"), "today:TodayView"),
    "2": TabOf(N_("Board"), "board:Board"),
    "3": TabOf(N_("Blockers"), "blockers:Blockers", _blockers),
    "4": TabOf(N_("Deadlines"), "deadlines:Deadlines"),
    "9": TabOf(N_("Conflicts"), "conflicts:Conflicts", _conflicts),
}


def tab_rows(workspace: Workspace, project: str) -> list[Tab]:
    """The tabs with their counts of a project ("" for all)."""
    rows = []
    for digit, tab in TABS.items():
        count, role = tab.total(workspace, project) if tab.total else (0, "text")
        rows.append(Tab(digit, tab.words, count, role))
    return rows
