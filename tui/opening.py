"""Opening a home: its workspace, what was kept of it, and the counts of the first screen.

Nothing here imports Textual: it can be done in a thread while that is being imported.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

from syncd.clock import Clock
from syncd.home import Home
from syncd.store.windows import BoardWindow
from tui.kept import Kept, read_kept
from tui.workspace import Workspace


class Opened(NamedTuple):
    """An open home; `project` is the one that was shown last, "" for all."""

    workspace: Workspace
    kept: Kept
    project: str


def opened(home: Home, clock: Clock | None = None) -> Opened:
    """Open a home; what is wrong with it is raised. Whoever takes it may be another thread."""
    workspace = Workspace(home, clock)
    workspace.changed()
    kept = read_kept(workspace.replica)
    project = _known(workspace, kept.project)
    workspace.board = BoardWindow(
        workspace.conn,
        by="project" if kept.lanes == "project" else "department",
        project=project,
        now=workspace.now(),
    )
    workspace.standing()
    return Opened(workspace, kept, project)


def opening(home: Home) -> Future[Opened]:
    """Open a home in a thread of its own."""
    thread = ThreadPoolExecutor(1, "opening")
    future = thread.submit(opened, home)
    thread.shutdown(wait=False)
    return future


def _known(workspace: Workspace, project: str) -> str:
    """The project that was shown, while it is there."""
    row = workspace.conn.execute(
        "SELECT 1 FROM records WHERE kind = 'project' AND id = ? AND NOT deleted", (project,)
    ).fetchone()
    return project if row else ""
