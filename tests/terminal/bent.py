"""A program at the time of a story: `python -m tests.terminal.bent FILE MODULE WORDS`; FILE says what time it is."""

from __future__ import annotations

import os
import runpy
import sys
import time
from datetime import datetime
from pathlib import Path

from syncd.clock import Clock


class Dial:
    """The file by which all programs of a story keep the same time; it runs on from where it is set."""

    def __init__(self, file: Path) -> None:
        self.file = file

    @property
    def words(self) -> tuple[str | Path, ...]:
        """The module that runs another one at this time."""
        return "tests.terminal.bent", self.file

    def set(self, wall: str) -> None:
        """From now on it is this time in Shanghai."""
        at = int(datetime.fromisoformat(f"{wall}+08:00").timestamp()) * 1_000_000
        fresh = self.file.with_suffix(".fresh")
        fresh.write_text(str(at - time.time_ns() // 1_000))
        os.replace(fresh, self.file)

    def now(self) -> int:
        """What time it is, in microseconds since 1970."""
        return time.time_ns() // 1_000 + int(self.file.read_text())


if __name__ == "__main__":
    dial = Dial(Path(sys.argv[1]))
    Clock.now = lambda _clock: dial.now()  # type: ignore[method-assign, assignment]
    del sys.argv[:2]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
