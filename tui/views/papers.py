"""The files that one's own editor writes in: in the home, so that they outlive the app."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import Self
from urllib.parse import quote, unquote

TEXT = "text.txt"
MOST = 4_000_000  # bytes; a larger file was not written for a field


class Paper:
    """The file of one field in a folder of its own, which is locked while somebody has it.

    The folder's name says of which form and field it is, and the lock goes with the process.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / TEXT
        self._fd: int | None = None

    @classmethod
    def of(cls, home: Path, form: str, field: str, text: str) -> Self:
        """A new one that holds a text, for its owner's eyes alone; OSError where there is no room."""
        drafts = home / "drafts"
        drafts.mkdir(mode=0o700, exist_ok=True)
        paper = cls(Path(mkdtemp("", _begins(form, field), drafts)))
        try:
            paper.lock()
            fd = os.open(paper.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(fd, "w", encoding="utf-8", newline="") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            paper.remove()
            paper.release()
            raise
        return paper

    def lock(self) -> bool:
        """Have it alone; False where an app that runs has it, or where it is gone."""
        try:
            fd = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(fd)
            return False
        self._fd = fd
        return True

    def release(self) -> None:
        """Let somebody else have it."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def read(self) -> str | None:
        """What is written in it, without the line end at its end; None where that cannot be read."""
        try:
            with self.path.open("rb") as file:
                data = file.read(MOST + 1)
        except OSError:
            return None
        if len(data) > MOST:
            return None
        return data.decode("utf-8", "replace").removesuffix("\n")

    def remove(self) -> None:
        """Take it away, with what an editor left beside it."""
        shutil.rmtree(self.folder, ignore_errors=True)


def left_behind(home: Path, form: str, fields: Collection[str]) -> Iterator[tuple[str, Paper]]:
    """The papers of a form's fields that no app has any more, the oldest first; each is locked."""
    found: list[tuple[int, str, Path]] = []
    with suppress(OSError):
        for folder in (home / "drafts").glob(f"{quote(form, safe='')}#*"):
            field = unquote(folder.name.split("#")[1])
            if field in fields:
                with suppress(OSError):
                    found.append(((folder / TEXT).stat().st_mtime_ns, field, folder))
    for _written, field, folder in sorted(found):
        paper = Paper(folder)
        if paper.lock():
            yield field, paper


def _begins(form: str, field: str) -> str:
    """What the name of its folder begins with."""
    return f"{quote(form, safe='')}#{quote(field, safe='')}#"
