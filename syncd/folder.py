"""The folder of a hub: its file, the list of the revoked beside it, and where it is served."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from schema.errors import NotFound, Refused
from schema.wording import _
from syncd.store.connection import FileLock, private_umask

if TYPE_CHECKING:
    from syncd.store.hub import HubStore
    from syncd.store.members import Members


def private_folder(path: Path) -> None:
    """Make a folder that is its owner's alone, and everything made in it by this process too.

    One that holds something already keeps the rights its owner gave it.
    """
    private_umask()
    path.mkdir(parents=True, exist_ok=True)
    if not any(path.iterdir()):
        path.chmod(0o700)


class HubFolder:
    """Where a hub keeps everything: `hub.db`, `revoked`, `address` and `serve.lock`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.database = path / "hub.db"
        self.revoked = path / "revoked"
        self.serving = FileLock(path / "serve.lock")

    def make(self) -> None:
        """A new hub, empty; Refused where there is one."""
        self._check()
        private_folder(self.path)
        if self.database.exists():
            raise Refused(
                _("There is a hub in {path} already.", path=self.path),
                _("`duijie-syncd serve` starts it."),
            )
        self.open(new=True).close()

    def open(self, *, readonly: bool = False, new: bool = False) -> HubStore:
        """The hub's file; NotFound where none was made."""
        from syncd.store.hub import HubStore

        private_umask()
        self._check()
        if not new and not self.database.exists():
            raise NotFound(
                _("There is no hub in {path}.", path=self.path),
                _("`duijie-syncd init` makes one."),
            )
        return HubStore(self.database, readonly=readonly)

    def _check(self) -> None:
        """NotFound for a file, such as a backup, given as the folder."""
        if self.path.is_file():
            raise NotFound(
                _("{path} is a file, not the folder of a hub.", path=self.path),
                _(
                    "To use a backup, copy it as DIR/hub.db and {beside} as DIR/revoked; "
                    "then serve DIR.",
                    beside=f"{self.path}.revoked",
                ),
            )

    def members(self, store: HubStore) -> Members:
        """Who may come in."""
        from syncd.store.members import Members

        return Members(store, self.revoked)

    @property
    def address(self) -> str:
        """Where the hub was last served; "" when it never was."""
        try:
            return (self.path / "address").read_text("utf-8").strip()
        except FileNotFoundError:
            return ""

    def write_address(self, url: str) -> None:
        """Note where the hub is served, whole or not at all."""
        fresh = self.path / "address.new"
        fresh.write_text(url + "\n", "utf-8")
        os.replace(fresh, self.path / "address")
