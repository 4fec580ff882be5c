"""Loading a plan: a path is typed, what it would do is said, Enter does it."""

from __future__ import annotations

from collections.abc import Sequence
from errno import EISDIR, ENOENT
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
from tui.widgets.typing import TypeLine
from tui.workspace import Workspace


class Load(Dialog[str]):
    """Gives what was loaded in words, or None."""

    DEFAULT_CSS = """
    Load .told { color: $shade-yellow; height: auto; margin-top: 1; }
    Load .foot { color: $shade-muted; height: 1; margin-top: 1; }
    """

    def __init__(self, shades: Shades, workspace: Workspace) -> None:
        super().__init__(shades)
        self._workspace = workspace
        self._rows: list[Row] | None = None
        self._counts = Counts(0, 0, 0)
        self._head = Static("", markup=False, classes="heading")
        self._words = Static("", markup=False, classes="words")
        self._line = TypeLine()
        self._told = Static("", markup=False, classes="told")
        self._foot = Static("", markup=False, classes="foot")

    def compose(self) -> ComposeResult:
        with Vertical(classes="panel"):
            yield self._head
            yield self._words
            yield self._line
            yield self._told
            yield self._foot

    def on_mount(self) -> None:
        self.retell()
        self._line.focus()

    def retell(self) -> None:
        """Say everything in the language of now; a fault of the file is said when it is tried again."""
        self._head.update(_("Load a plan"))
        self._words.update(
            _("A file with one JSON object a line: kind, id, body. All lines or none.")
        )
        self._line.placeholder = _("the file's path")
        self._tell()

    def _tell(self, wrong: str = "") -> None:
        """Say what is wrong, or how far it is: nothing is loaded before the second Enter."""
        ready = self._rows is not None
        sentence = _("Not loaded yet; it would be: {counts}.")
        self._told.update(
            safe_text(wrong, lines=True) or (counted(sentence, self._counts) if ready else "")
        )
        self._told.display = bool(wrong) or ready
        self._foot.update(
            _("Enter loads it   Esc leaves it") if ready else _("Enter checks it   Esc back")
        )

    @on(Input.Changed)
    def _typed(self) -> None:
        self._rows = None
        self._tell()

    @on(Input.Submitted)
    async def _entered(self, event: Input.Submitted) -> None:
        """The first Enter checks and says what would be loaded, the second loads it."""
        try:
            if self._rows is None:
                self._rows, self._counts = await self._workspace.write(
                    lambda pen: _checked(pen, event.value)
                )
                self._tell()
                return
            rows = self._rows
            counts = await self._workspace.write(lambda pen: _loaded(pen, rows))
            self.dismiss(counted(_("Loaded: {counts}."), counts))
        except DuijieError as error:
            self._rows = None
            self._tell(str(error))


def _checked(replica: Replica, path: str) -> tuple[list[Row], Counts]:
    """The rows of a file and what they would change; a DuijieError says what is wrong."""
    from syncd.command import file_error

    way_out = _("Name another file.")
    try:
        file = Path(path.strip()).expanduser()
        if file.is_dir() or not file.exists():
            raise OSError(EISDIR if file.is_dir() else ENOENT, "", str(file))
        if not file.is_file():
            raise ValueError
        data = file.read_bytes()
    except OSError as error:
        raise DuijieError(file_error(error), way_out) from None
    except (ValueError, RuntimeError):
        named = safe_text(path)[:80]
        raise DuijieError(_("{path} is not the name of a file.", path=named), way_out) from None
    rows = read_rows(data, replica.clock.now())
    return rows, planned(replica, rows)[1]


def _loaded(replica: Replica, rows: Sequence[Row]) -> Counts:
    from tui.acts import act

    counts = Counts(0, 0, len(rows))

    def plan() -> Sequence[Change]:
        nonlocal counts
        changes, counts = planned(replica, rows)
        return changes

    act(replica, plan, many=True)
    return counts
