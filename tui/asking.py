"""Questions that take long, asked in a thread with a connection of its own; the newest one counts."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
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
        self._holding = Lock()  # while it is interrupted or closed
        self._newest = 0

    async def ask(self, question: Callable[[sqlite3.Connection], T]) -> T:
        """The answer; Overtaken where it came too late to count."""
        self._overtake()
        mine = self._newest
        answer = await asyncio.get_running_loop().run_in_executor(
            self._thread, self._answer, question, mine
        )
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
        with self._holding:
            if self._held is not None:
                self._held.conn.interrupt()

    def _answer(self, question: Callable[[sqlite3.Connection], T], mine: int) -> T:
        if mine != self._newest:
            raise Overtaken
        try:
            return question(self._connection())
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                raise
            # What was cut short may have left statements open, and until all of them are gone
            # SQLite cuts short each new one too: the next question has a connection of its own.
            self._let_go()
        if mine != self._newest:
            raise Overtaken
        return question(self._connection())

    def _connection(self) -> sqlite3.Connection:
        if self._held is None:
            self._held = Replica(self._home.database, readonly=True)
        return self._held.conn

    def _let_go(self) -> None:
        with self._holding:
            held, self._held = self._held, None
            if held is not None:
                held.close()
