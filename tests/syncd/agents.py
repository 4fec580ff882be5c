"""Agents at work in a test's own loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from schema.errors import Busy
from syncd.agent import Agent, AgentState
from syncd.exchange import Ended
from syncd.home import Home
from syncd.store.replica import Replica
from tests.syncd.rig import WAIT, until


class Watching:
    """An agent at work in the test's loop, and every state it told."""

    def __init__(self, agent: Agent) -> None:
        self.agent = agent
        self.states: list[AgentState] = []
        self.task = asyncio.create_task(agent.watch(self.states.append))

    async def settled(self) -> None:
        await until(lambda: self.agent.state.settled or self.task.done())
        if self.task.done():
            await self.task


@asynccontextmanager
async def watching(agent: Agent) -> AsyncIterator[Watching]:
    found = Watching(agent)
    try:
        yield found
    finally:
        found.task.cancel()
        with suppress(asyncio.CancelledError, Ended, Busy):
            await asyncio.wait_for(found.task, WAIT)


@asynccontextmanager
async def opened(home: Home) -> AsyncIterator[Replica]:
    replica = home.open_replica()
    try:
        yield replica
    finally:
        replica.close()


async def sync(home: Home, timeout: float = 10.0) -> None:  # noqa: ASYNC109
    async with opened(home) as replica:
        await home.agent(replica).run_once(timeout)


def point_at(home: Home, url: str) -> None:
    replica = home.open_replica()
    with replica.write():
        replica.set_meta(hub=url)
    replica.close()
