"""What is written into the home beside the replica: the log of what nobody foresaw, and drafts that found no place."""

from __future__ import annotations

import os
import sqlite3
import sys
import traceback
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import msgspec

MOST = 200_000  # bytes, after which the file begins anew


def note(path: Path, error: BaseException) -> bool:
    """Write down what went wrong and where in the program; whether that could be done.

    An error's own words are left out, because they may quote a record or a token: but for
    the names that SQLite and the system have for theirs.
    """
    with suppress(OSError):
        begin = os.O_TRUNC if path.exists() and path.stat().st_size > MOST else 0
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | begin, 0o600)
        with os.fdopen(fd, "w", encoding="utf-8") as file:
            file.write(entry(error))
        return True
    return False


def set_aside(path: Path, drafts: Iterable[tuple[str, Mapping[str, Any]]]) -> bool:
    """Write drafts that the replica's file could not take, one a line; whether that could be done."""
    with suppress(OSError):
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        with os.fdopen(fd, "wb") as file:
            for name, held in drafts:
                file.write(msgspec.json.encode({"form": name, "body": held}) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        return True
    return False


def entry(error: BaseException) -> str:
    """One entry of the log."""
    lines = [
        f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} duijie {_version()} Python {sys.version.split()[0]}"
    ]
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        lines.append(f"{type(cause).__module__}.{type(cause).__qualname__}{_words(cause)}")
        lines += [
            f"    {frame.filename}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(cause.__traceback__)
        ]
        cause = cause.__cause__ or cause.__context__
    return "\n".join([*lines, "", ""])


def _words(error: BaseException) -> str:
    if isinstance(error, OSError):
        return f": {error.strerror}"
    return f": {error.sqlite_errorname}" if isinstance(error, sqlite3.OperationalError) else ""


def _version() -> str:
    try:
        return version("duijie")
    except PackageNotFoundError:
        return "?"
