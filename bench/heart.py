"""The app on a home, with a heart: how long its loop stood still at most.

`python -m bench.heart HOME FILE`; at SIGUSR1 the longest pause since the last one is written into
the file, in seconds.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from pathlib import Path

from schema import wording
from syncd.home import Home
from tui.app import DuijieApp

BEAT = 0.002


class Beating(DuijieApp):
    """Wakes every two milliseconds, and notes by how much it came late."""

    longest = 0.0

    def __init__(self, home: Home, file: Path) -> None:
        super().__init__(home)
        self._file = file

    async def on_mount(self) -> None:
        await super().on_mount()
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, self.tell)
        self._heart = asyncio.create_task(self.beat())

    async def beat(self) -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(BEAT)
            self.longest = max(self.longest, time.perf_counter() - before - BEAT)

    def tell(self) -> None:
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{self.longest}")
        fresh.rename(self._file)
        self.longest = 0.0


if __name__ == "__main__":
    wording.use("zh")
    Beating(Home(Path(sys.argv[1])), Path(sys.argv[2])).run()
