"""One agent at a time: those that wait their turn, and the one in the app's thread."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path

import pytest

from schema.errors import Busy, Offline
from syncd.agent import AgentState, AgentThread
from syncd.folder import HubFolder
from syncd.home import Home
from syncd.server import Daemon
from tests.processes.tap import tapped
from tests.syncd.agents import opened, point_at, sync, watching
from tests.syncd.rig import WAIT, joined, served, task, until

# -- two at once


async def test_a_second_agent_asks_the_first_and_waits(tmp_path: Path) -> None:
    async with served(tmp_path / "hub") as daemon:
        a, b = joined(daemon, tmp_path / "a", "甲"), joined(daemon, tmp_path / "b", "乙")
        async with opened(a) as one, watching(a.agent(one)) as live:
            await live.settled()
            async with opened(b) as two:
                two.save([task("乙的")])
                await b.agent(two).run_once()
            async with opened(a) as beside:
                beside.save([task("甲的")])
                await a.agent(beside).run_once()
                assert beside.unsent() == 0
                assert beside.number("count") == 2
                assert beside.number("sync_done") == beside.number("sync_asked") == 1


async def test_a_sync_asked_for_is_not_done_by_a_page_that_was_on_its_way(tmp_path: Path) -> None:
    async with served(tmp_path / "hub") as daemon, tapped(daemon.url) as tap:
        a, b = joined(daemon, tmp_path / "a", "甲"), joined(daemon, tmp_path / "b", "乙")
        point_at(a, tap.url)
        async with opened(a) as one, opened(b) as two, watching(a.agent(one)) as live:
            await live.settled()
            tap.delay = 0.15
            two.save([task("第一件")])
            await b.agent(two).run_once()
            two.save([task("第二件")])
            await b.agent(two).run_once()
            async with opened(a) as beside:
                await a.agent(beside).run_once()
                assert beside.number("count") == 2


async def test_a_second_agent_is_offline_when_the_first_is(tmp_path: Path) -> None:
    async with served(tmp_path / "hub") as daemon:
        home = joined(daemon, tmp_path / "a", "甲")
    async with opened(home) as one, watching(home.agent(one)) as live:
        await until(lambda: live.agent.state.error)
        with pytest.raises(Offline, match="has not reached"):
            await sync(home, timeout=0.3)


async def test_a_second_agent_takes_over_when_the_first_ends(tmp_path: Path) -> None:
    async with served(tmp_path / "hub") as daemon:
        home = joined(daemon, tmp_path / "a", "甲")
    port = int(daemon.url.rpartition(":")[2])
    async with opened(home) as one:
        async with watching(home.agent(one)) as live:
            await until(lambda: live.agent.state.error)
            second = asyncio.create_task(sync(home))
            await until(lambda: one.number("sync_asked"))
            again = Daemon(HubFolder(tmp_path / "hub"))
        await again.start("127.0.0.1", port)
        try:
            await asyncio.wait_for(second, WAIT)
        finally:
            await again.stop()


async def test_a_second_watch_is_turned_away(tmp_path: Path) -> None:
    async with served(tmp_path / "hub") as daemon:
        home = joined(daemon, tmp_path / "a", "甲")
        async with opened(home) as one, watching(home.agent(one)) as live:
            await live.settled()
            async with opened(home) as two:
                with pytest.raises(Busy):
                    await asyncio.wait_for(home.agent(two).watch(lambda _state: None), WAIT)


# -- in a thread


class Told:
    """The states an agent's thread told, to be waited on from another thread."""

    def __init__(self) -> None:
        self.states: list[AgentState] = []
        self.changed = threading.Condition()

    def __call__(self, state: AgentState) -> None:
        with self.changed:
            self.states.append(state)
            self.changed.notify_all()

    def wait_for(self, **wanted: object) -> None:
        with self.changed:
            assert self.changed.wait_for(
                lambda: (
                    self.states
                    and all(getattr(self.states[-1], key) == value for key, value in wanted.items())
                ),
                WAIT,
            ), self.states


async def test_the_thread_syncs_what_another_thread_saves(tmp_path: Path) -> None:
    async with served(tmp_path / "hub") as daemon:
        home = joined(daemon, tmp_path / "a", "甲")
        told = Told()
        thread = AgentThread(home, told)
        thread.start()
        try:
            await asyncio.to_thread(told.wait_for, connected=True, settled=True, error="")
            async with opened(home) as replica:
                began = time.monotonic()
                replica.save([task("界面上存的")])
                thread.woken()
                await until(lambda: daemon.store.seq == 1)
                assert time.monotonic() - began < 1
                await until(lambda: replica.unsent() == 0)
        finally:
            await asyncio.to_thread(thread.stop)
        assert not thread._thread.is_alive()
        assert told.states[-1].connected is False


async def test_the_thread_waits_for_its_turn(tmp_path: Path) -> None:
    async with served(tmp_path / "hub") as daemon:
        home = joined(daemon, tmp_path / "a", "甲")
        told = Told()
        thread = AgentThread(home, told)
        async with opened(home) as one:
            async with watching(home.agent(one)) as live:
                await live.settled()
                thread.start()
                await asyncio.to_thread(
                    told.wait_for, error="Another program is syncing this home already."
                )
            await asyncio.to_thread(told.wait_for, connected=True, settled=True, error="")
        await asyncio.to_thread(thread.stop)


async def test_the_thread_of_a_home_that_is_alone_begins_when_it_joins(tmp_path: Path) -> None:
    home = Home(tmp_path / "a")
    home.init("李雷", "研发部")
    told = Told()
    thread = AgentThread(home, told)
    thread.start()
    try:
        await asyncio.to_thread(told.wait_for, connected=False)
        assert "no hub" in told.states[-1].error
        async with served(tmp_path / "hub") as daemon:
            await asyncio.to_thread(home.join, daemon.url, invited(daemon))
            await asyncio.to_thread(told.wait_for, connected=True, settled=True, error="")
    finally:
        await asyncio.to_thread(thread.stop)


async def test_the_thread_of_who_was_shut_out_goes_on_after_joining_again(tmp_path: Path) -> None:
    async with served(tmp_path / "hub") as daemon:
        home = Home(tmp_path / "a")
        await asyncio.to_thread(home.join, daemon.url, invited(daemon))
        told = Told()
        thread = AgentThread(home, told)
        thread.start()
        try:
            await asyncio.to_thread(told.wait_for, connected=True, settled=True)
            daemon.members.revoke("李雷", daemon.clock.now())
            async with opened(home) as replica:
                replica.save([task("停用后存的")])
                thread.woken()
                await asyncio.to_thread(told.wait_for, connected=False)
                await until(lambda: replica.meta("revoked"))
                code = invited(daemon, again="李雷")
                await asyncio.to_thread(home.join, daemon.url, code)
                await asyncio.to_thread(told.wait_for, connected=True, settled=True, error="")
                assert replica.unsent() == 0
        finally:
            await asyncio.to_thread(thread.stop)


def invited(daemon: Daemon, again: str | None = None) -> str:
    return daemon.members.invite(
        name="李雷", department="研发部", role="liaison", now=daemon.clock.now(), member=again
    )
