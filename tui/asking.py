"""Questions that take long, asked in a thread with a connection of its own; the newest one counts."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from syncd.home import Home
from syncd.store.replica import Replica

T = TypeVar("T")


class Overtaken(Exception):
    """A newer question was asked meanwhile, or nobody waits any more."""


class Asker:
    """Reads a home's replica off the screen's loop; a new question ends the one before."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._thread = ThreadPoolExecutor(1, "asker")
        self._held: Replica | None = None
        self._newest = 0

    async def ask(self, question: Callable[[sqlite3.Connection], T]) -> T:
        """The answer; Overtaken where it came too late to count."""
        self._overtake()
        mine = self._newest
        try:
            answer = await asyncio.get_running_loop().run_in_executor(
                self._thread, self._answer, question, mine
            )
        except sqlite3.OperationalError:
            if mine != self._newest:
                raise Overtaken from None
            raise
        if mine != self._newest:
            raise Overtaken
        return answer

    def forget(self) -> None:
        """The question being answered does not count any more."""
        self._overtake()

    def close(self) -> None:
        """End the thread and its connection; what is being answered is cut short."""
        self._overtake()
        self._thread.submit(self._let_go).result()
        self._thread.shutdown()

    def _overtake(self) -> None:
        self._newest += 1
        if self._held is not None:
            self._held.conn.interrupt()

    def _answer(self, question: Callable[[sqlite3.Connection], T], mine: int) -> T:
        if mine != self._newest:
            raise Overtaken
        if self._held is None:
            self._held = Replica(self._home.database, readonly=True)
        return question(self._held.conn)

    def _let_go(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            held.close()
