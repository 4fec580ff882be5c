"""A safe copy of a file that others are writing to."""

from __future__ import annotations

import os
import secrets
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from schema.errors import Refused
from schema.wording import _
from syncd.folder import HubFolder
from syncd.store.connection import store_error


def copy_database(source: Path, target: Path) -> None:
    """Copy a database as of one moment into a new file of its owner's alone.

    The copy is a single file without a log beside it, and on disk when this returns. Refused
    where `target` exists; StoreError where the source cannot be read or the disk is full.
    """
    _claim(target)
    _fill(source, target)


def _fill(source: Path, target: Path) -> None:
    try:
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as old,
            closing(sqlite3.connect(target, isolation_level=None)) as new,
        ):
            old.backup(new)
            new.execute("PRAGMA journal_mode=DELETE")
        _keep(target)
    except BaseException as error:
        with suppress(OSError):
            target.unlink()
        if isinstance(error, sqlite3.DatabaseError):
            raise store_error(source, error) from error
        raise


def copy_hub(folder: HubFolder, target: Path) -> tuple[Path, Path]:
    """Copy a hub, and beside it the list of the revoked as `TARGET.revoked`; returns both.

    The list comes second: whoever is revoked in between is in it, as whoever revokes writes
    it first.
    """
    beside = target.with_name(target.name + ".revoked")
    _claim(target)
    try:
        _claim(beside)
    except BaseException:
        target.unlink()
        raise
    try:
        _fill(folder.database, target)
        _begin_anew(target)
        with suppress(FileNotFoundError):
            beside.write_bytes(folder.revoked.read_bytes())
        _keep(beside)
    except BaseException:
        for each in (target, beside):
            with suppress(OSError):
                each.unlink()
        raise
    return target, beside


def _begin_anew(copy: Path) -> None:
    """Give a copied hub an epoch of its own.

    Served again it lacks what was acknowledged since; replicas must see that it is another
    incarnation, or they would hold those edits for sent.
    """
    with closing(sqlite3.connect(copy)) as conn, conn:
        conn.execute("UPDATE state SET value = ? WHERE key = 'epoch'", (secrets.token_hex(8),))
    _keep(copy)


def _claim(path: Path) -> None:
    """Make a file that nobody had, through no link that somebody left there."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        raise Refused(
            _("{path} exists already; nothing was written.", path=path),
            _("Name a file that does not exist yet."),
        ) from None


def _keep(path: Path) -> None:
    for each in (path, path.absolute().parent):
        fd = os.open(each, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
