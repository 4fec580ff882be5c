"""A person at a replica: its file, its clock, and the agent's conversation."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random

from schema.records import KINDS
from syncd.exchange import Exchange
from syncd.store.hub import HubStore
from syncd.store.replica import Replica
from tests.simulator.clock import SECOND, YEAR, Time, WrongClock
from tests.simulator.faults import Fuse
from tests.simulator.network import Line

_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"


class Seat:
    """A person at a replica, with the agent that keeps it in touch.

    `hand` is what the person saves with: the agent's own connection to the file, or that of
    another process.
    """

    def __init__(
        self,
        label: str,
        name: str,
        role: str,
        device: str,
        *,
        path: Path,
        blank: Path,
        time: Time,
        random: Random,
    ) -> None:
        self.label = label
        self.name = name
        self.role = role
        self.device = device
        self.path = path
        self.clock = WrongClock(time, drawn_offset(random))
        self.fuse = Fuse()
        self.kinds = {name: kind.version for name, kind in KINDS.items()}
        self.online = True
        self.retry_at = 0.0
        self.read_at = 0
        self.last_n = 0
        self.owed = 0
        self.line: Line | None = None
        self.exchange: Exchange | None = None
        letters = "".join(random.choices(_LETTERS, k=10))
        copy_blank(blank, path, ("UPDATE meta SET value = ? WHERE key = 'replica'", letters))
        self.two_processes = random.random() < 0.3
        self.open()
        self.id = self.replica.id

    def open(self) -> None:
        """Open the file for the agent and for the person."""
        self.replica = self._opened()
        self.hand = self._opened() if self.two_processes else self.replica

    def _opened(self) -> Replica:
        return Replica(self.path, self.clock, synchronous="OFF", crash_point=self.fuse)

    def crash_hand(self) -> None:
        """The person's process is gone, and comes back; the agent's goes on."""
        self.hand.db.abandon()
        self.hand = self._opened()

    def crash(self) -> None:
        """Every process at the file is gone, and comes back."""
        self.replica.db.abandon()
        if self.two_processes:
            self.hand.db.abandon()
        self.open()

    def close(self) -> None:
        self.replica.close()
        if self.two_processes:
            self.hand.close()


def make_blanks(folder: Path) -> None:
    """A finished file of each sort, to be copied: making tables takes longer than a short run."""
    Replica(folder / "replica.db", synchronous="OFF").close()
    HubStore(folder / "hub.db", synchronous="OFF").close()


def copy_blank(blank: Path, path: Path, *statements: tuple[str, str]) -> None:
    """A blank file under another path, with names of its own."""
    shutil.copyfile(blank, path)
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        for statement, value in statements:
            conn.execute(statement, (value,))


def drawn_offset(random: Random) -> int:
    """How wrong a clock is: mostly minutes, sometimes a year."""
    if random.random() < 0.1:
        return random.choice((-YEAR, YEAR))
    return random.randint(-600, 600) * SECOND
