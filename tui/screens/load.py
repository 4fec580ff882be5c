"""Loading a plan: a path is typed, what it would do is said, Enter does it."""

from __future__ import annotations

from collections.abc import Sequence
from errno import ENOENT
from os import strerror
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from schema.errors import DuijieError
from schema.safe_text import safe_text
from schema.wording import _
from syncd.store.replica import Replica
from syncd.store.rows import Change
from tui.cli.loading import Counts, Row, counted, planned, read_rows
from tui.palette import Shades
from tui.screens.dialog import Dialog
from tui.workspace import Workspace


class Load(Dialog[str]):
    """Gives what was loaded in words, or None."""

    def __init__(self, shades: Shades, workspace: Workspace) -> None:
        super().__init__(shades)
        self._workspace = workspace
        self._rows: tuple[str, list[Row]] | None = None

    def compose(self) -> ComposeResult:
        with Vertical(classes="panel"):
            yield Static(_("Load a plan"), markup=False, classes="heading")
            yield Static(
                _("A file with one JSON object a line: kind, id, body. All lines or none."),
                markup=False,
                classes="words",
            )
            yield Input(placeholder=_("the file's path"), compact=True)
            yield Static("", markup=False, classes="words", id="told")

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    @on(Input.Changed)
    def _typed(self) -> None:
        self._rows = None

    @on(Input.Submitted)
    async def _entered(self, event: Input.Submitted) -> None:
        """The first Enter checks and says what would be loaded, the second loads it."""
        told = self.query_one("#told", Static)
        try:
            if self._rows is None or self._rows[0] != event.value:
                rows = await self._workspace.write(lambda pen: _checked(pen, event.value))
                self._rows = (event.value, rows[0])
                told.update(
                    counted(_("Would be loaded: {counts}."), rows[1])
                    + " "
                    + _("Enter loads it, Esc does not.")
                )
                return
            counts = await self._workspace.write(lambda pen: _loaded(pen, self._rows))
            self.dismiss(counted(_("Loaded: {counts}."), counts))
        except DuijieError as error:
            told.update(safe_text(str(error), lines=True))


def _checked(replica: Replica, path: str) -> tuple[list[Row], Counts]:
    """The rows of a file and what they would change; a DuijieError says what is wrong."""
    try:
        file = Path(path.strip()).expanduser()
        if not file.is_file():
            raise FileNotFoundError(ENOENT, strerror(ENOENT))
        data = file.read_bytes()
    except (OSError, ValueError, RuntimeError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise DuijieError(
            _("{path} cannot be read: {why}.", path=safe_text(path)[:80], why=why),
            _("Name another file."),
        ) from None
    rows = read_rows(data, replica.clock.now())
    return rows, planned(replica, rows)[1]


def _loaded(replica: Replica, given: tuple[str, list[Row]] | None) -> Counts:
    from tui.acts import act

    rows = given[1] if given else []
    counts = Counts(0, 0, len(rows))

    def plan() -> Sequence[Change]:
        nonlocal counts
        changes, counts = planned(replica, rows)
        return changes

    act(replica, plan, many=True)
    return counts
