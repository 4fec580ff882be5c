"""Questions asked beside the screen: the newest counts, and none is cut short for another's sake."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from threading import Event

import pytest

from syncd.home import Home
from tests.conftest import Duijie
from tui.asking import Asker, Overtaken

# A statement that never ends by itself, and says when it runs.
ENDLESS = """WITH RECURSIVE n(i) AS (SELECT begun() UNION ALL SELECT i + 1 FROM n)
SELECT max(i) FROM n"""


@pytest.fixture
def asker(alone: Duijie) -> Iterator[Asker]:
    asker = Asker(Home(alone.home))
    yield asker
    asker.close()


def endless(conn: sqlite3.Connection, begun: Event) -> int:
    def begin() -> int:
        begun.set()
        return 1

    conn.create_function("begun", 0, begin)
    return int(conn.execute(ENDLESS).fetchone()[0])


def one(conn: sqlite3.Connection) -> int:
    return int(conn.execute("SELECT 1").fetchone()[0])


async def test_a_newer_question_ends_the_one_before(asker: Asker) -> None:
    begun = Event()
    first = asyncio.create_task(asker.ask(lambda conn: endless(conn, begun)))
    await asyncio.to_thread(begun.wait)
    assert await asker.ask(one) == 1
    with pytest.raises(Overtaken):
        await first


async def test_what_was_cut_short_half_read_does_not_cut_short_the_next(asker: Asker) -> None:
    begun = Event()
    left_open: list[sqlite3.Cursor] = []

    def half_read(conn: sqlite3.Connection) -> int:
        rows = conn.execute("SELECT * FROM (VALUES (1), (2), (3))")
        rows.fetchone()
        left_open.append(rows)
        return endless(conn, begun)

    first = asyncio.create_task(asker.ask(half_read))
    await asyncio.to_thread(begun.wait)
    assert await asker.ask(one) == 1
    with pytest.raises(Overtaken):
        await first


async def test_what_is_wrong_with_the_question_itself_is_said(asker: Asker) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        await asker.ask(lambda conn: conn.execute("SELECT * FROM missing").fetchone())
