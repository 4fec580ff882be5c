"""A SQLite file with one writer at a time, whichever process.

Every write transaction, checkpoint and close happens inside a lock on a file beside the
database: SQLite before 3.51.3 can damage a WAL when two connections write or checkpoint at
one instant. Nothing is held across the network.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from schema.errors import Busy, StoreError
from schema.wording import _

LOCK_WAIT = 30.0
CHECKPOINT_PAGES = 4000  # 16 MB of log: a page written often is carried over once


def private_umask() -> None:
    """New files of this process are its owner's alone."""
    os.umask(0o077)


class FileLock:
    """An exclusive lock on a file, between processes and between connections of one process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd: int | None = None

    def acquire(self, wait: float) -> bool:
        """Take the lock, trying for `wait` seconds; False when somebody keeps it."""
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        limit = time.monotonic() + wait
        pause = 0.0005
        while True:
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= limit:
                    os.close(fd)
                    return False
                time.sleep(pause)
                pause = min(pause * 2, 0.02)
            else:
                self._fd = fd
                return True

    def release(self) -> None:
        """Let the lock go."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    @property
    def held(self) -> bool:
        return self._fd is not None


class Database:
    """One connection to one file, for one thread at a time.

    A file of an older version is brought up to date when it is opened, to read it too. Where
    another file has come in its place, or none is there any more, nothing is written.
    `synchronous` is FULL but for the simulator, whose crashes lie between transactions.
    `crash_point` is called with "begin" and "commit" around every write transaction.
    """

    def __init__(
        self,
        path: Path,
        *,
        migrate: Callable[[Database], None] | None,
        schema_version: int,
        readonly: bool = False,
        synchronous: str = "FULL",
        crash_point: Callable[[str], None] | None = None,
    ) -> None:
        self.path = path
        self.readonly = readonly
        self._crash_point = crash_point
        self._lock = FileLock(path.with_name(path.name + ".lock"))
        try:
            self._open(synchronous)
            if not readonly:
                self._migrate(migrate, schema_version)
            elif not self.user_version:
                self.conn.close()
                raise StoreError(
                    _("{path} was never begun to the end.", path=path),
                    _("Begin once more, as you did; nothing is in the way."),
                )
            elif migrate is not None and self.user_version < schema_version:
                Database(path, migrate=migrate, schema_version=schema_version).close()
            if self.user_version > schema_version:
                raise StoreError(
                    _("{path} was written by a newer duijie.", path=path),
                    _("Update duijie on this machine."),
                )
        except sqlite3.DatabaseError as error:
            raise store_error(path, error) from None
        self._opened = _identity(path)

    def _open(self, synchronous: str) -> None:
        if self.readonly:
            self.conn = sqlite3.connect(
                f"{self.path.absolute().as_uri()}?mode=ro",
                uri=True,
                isolation_level=None,
                timeout=LOCK_WAIT,
                cached_statements=256,
                # Opened in one thread and handed on to another.
                check_same_thread=False,
            )
            return
        with self._locked():
            self.conn = sqlite3.connect(
                self.path, isolation_level=None, timeout=LOCK_WAIT, cached_statements=256
            )
            self.conn.execute("PRAGMA journal_mode=WAL")
        self.conn.execute(f"PRAGMA synchronous={synchronous}")
        self.conn.execute("PRAGMA cache_size=-16000")
        self.conn.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")

    @property
    def user_version(self) -> int:
        return int(self.conn.execute("PRAGMA user_version").fetchone()[0])

    def _migrate(self, migrate: Callable[[Database], None] | None, version: int) -> None:
        if migrate is None or self.user_version >= version:
            return
        with self._locked():
            if self.user_version < version:
                migrate(self)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        if not self._lock.acquire(LOCK_WAIT):
            raise Busy(
                _("Another program has been writing to {path} for too long.", path=self.path),
                _("Wait for it to finish, or end it, and try again."),
            )
        try:
            yield
        finally:
            self._lock.release()

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One write transaction: all of it is on disk afterwards, or none of it."""
        if self._crash_point:
            self._crash_point("begin")
        with self._locked():
            self.check_place()
            try:
                self.conn.execute("BEGIN IMMEDIATE")
                yield self.conn
                self.conn.execute("COMMIT")
            except BaseException as error:
                if self.conn.in_transaction:
                    self.conn.execute("ROLLBACK")
                if isinstance(error, sqlite3.DatabaseError):
                    raise store_error(self.path, error) from error
                raise
        if self._crash_point:
            self._crash_point("commit")

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """One snapshot for several reads; inside a write transaction that transaction's view."""
        if self.conn.in_transaction:
            yield self.conn
            return
        self.conn.execute("BEGIN")
        try:
            yield self.conn
        finally:
            if self.conn.in_transaction:
                self.conn.execute("COMMIT")

    def check_place(self) -> None:
        """StoreError where the file is not the one any more that was opened."""
        if _identity(self.path) != self._opened:
            raise StoreError(
                _("{path} was taken away or replaced while it was open.", path=self.path),
                _("Nothing more goes into it; put it back, or begin again with what is there now."),
            )

    def data_version(self) -> int:
        """A number that changes when another connection commits; StoreError where the file is gone."""
        self.check_place()
        return int(self.conn.execute("PRAGMA data_version").fetchone()[0])

    def abandon(self) -> None:
        """Drop the connection as a crash would, without closing tidily."""
        if self.conn.in_transaction:
            self.conn.execute("ROLLBACK")
        self.close()

    def close(self) -> None:
        """Close inside the lock, because the last to close checkpoints."""
        if self.readonly:
            self.conn.close()
            return
        with self._locked():
            self.conn.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file stands under a path: device and inode; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


# Joins the keys (kind, id) of one JSON parameter, made by `keys_json`, to a table called `t`.
BY_KEYS = """json_each(?) j CROSS JOIN {table} t
    ON t.kind = json_extract(j.value, '$[0]') AND t.id = json_extract(j.value, '$[1]')"""


def keys_json(keys: Iterable[tuple[str, str]]) -> str:
    """Keys as the parameter that `BY_KEYS` takes, so that many rows cost one statement."""
    import msgspec

    return msgspec.json.encode(list(keys)).decode()


# What SQLite says of a file that is no sound database, or cannot be read any more.
_DAMAGED = frozenset(
    {
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CANTOPEN,
    }
)


def damaged(error: BaseException | None) -> bool:
    """Whether an error says that the file is of no use any more, not that a statement was wrong."""
    if isinstance(error, sqlite3.DatabaseError):
        return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED
    return isinstance(error, StoreError)


def store_error(path: Path, error: sqlite3.DatabaseError) -> StoreError:
    """What SQLite said, as a sentence with the way out."""
    text = str(error)
    if "disk is full" in text or "disk I/O" in text:
        way = _("Free some space; nothing that was saved before is lost.")
    elif "readonly" in text or "unable to open" in text:
        way = _("Check that the folder exists and that you may write to it.")
    elif "malformed" in text or "not a database" in text:
        way = _(
            "Set it aside with the files beside it and do not delete them; put a copy in its place, or join the hub again."
        )
    else:
        way = _("Try again; nothing that was saved before is lost.")
    return StoreError(_("{path} cannot be used: {why}.", path=path, why=text), way)
