"""The agent: carries a replica's edits to its hub and everybody's back."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection
from websockets.asyncio.server import serve as serve_websockets
from websockets.typing import Subprotocol

from schema import wire
from schema.errors import Offline, UsageError
from syncd.address import checked
from syncd.exchange import Ended
from syncd.folder import HubFolder
from syncd.server import Daemon
from tests.syncd.agents import opened, point_at, sync, watching
from tests.syncd.rig import WAIT, joined, served, stand, task, until

# -- once


async def test_one_exchange_carries_everything_both_ways(tmp_path: Path) -> None:
    async with served(tmp_path / "hub") as daemon:
        a, b = joined(daemon, tmp_path / "a", "甲"), joined(daemon, tmp_path / "b", "乙")
        async with opened(a) as one, opened(b) as two:
            mine, theirs = task("甲的任务"), task("乙的任务")
            one.save([mine])
            two.save([theirs])
            await a.agent(one).run_once()
            assert one.unsent() == 0
            await b.agent(two).run_once()
            await a.agent(one).run_once()
            assert stand(one) == stand(two)
            record = one.record("task", theirs.id)
            assert record is not None
            assert record.shown.author == "乙"


async def test_a_large_outbox_and_large_pages_cross_without_standing_still(tmp_path: Path) -> None:
    note = "长" * 3_000
    async with served(tmp_path / "hub") as daemon:
        a, b = joined(daemon, tmp_path / "a", "甲"), joined(daemon, tmp_path / "b", "乙")
        async with opened(a) as one, opened(b) as two:
            one.save([task(f"甲{n}", note=note) for n in range(300)], many=True)
            await a.agent(one).run_once()
            two.save([task(f"乙{n}", note=note) for n in range(300)], many=True)
            async with watching(a.agent(one)) as live:
                await live.settled()
                await b.agent(two).run_once()
                await until(lambda: one.seq == two.seq and one.meta("proof") == "held")
            assert stand(one) == stand(two)
            assert one.number("count") == 600


async def test_nobody_listening_is_offline_after_the_time_given(tmp_path: Path) -> None:
    async with served(tmp_path / "hub") as daemon:
        home = joined(daemon, tmp_path / "a", "甲")
    began = time.monotonic()
    with pytest.raises(Offline, match="nobody listens there"):
        await sync(home, timeout=0.5)
    assert 0.4 < time.monotonic() - began < 2


async def test_a_hub_that_never_gets_anywhere_is_offline_too(tmp_path: Path) -> None:
    """It lets everybody in, welcomes them, and then fails."""
    async with served(tmp_path / "hub") as daemon:
        home = joined(daemon, tmp_path / "a", "甲")
        daemon.store.page = None  # type: ignore[assignment,method-assign]
        with pytest.raises(Offline):
            await sync(home, timeout=0.5)


async def test_a_hub_that_starts_late_is_waited_for(tmp_path: Path) -> None:
    async with served(tmp_path / "hub") as daemon:
        home = joined(daemon, tmp_path / "a", "甲")
        port = int(daemon.url.rpartition(":")[2])
    syncing = asyncio.create_task(sync(home))
    again = Daemon(HubFolder(tmp_path / "hub"))
    await asyncio.wait({syncing}, timeout=0.3)
    await again.start("127.0.0.1", port)
    try:
        await asyncio.wait_for(syncing, WAIT)
    finally:
        await again.stop()


# -- live


async def test_a_save_is_with_everybody_within_a_second(tmp_path: Path) -> None:
    async with served(tmp_path / "hub") as daemon:
        a, b = joined(daemon, tmp_path / "a", "甲"), joined(daemon, tmp_path / "b", "乙")
        async with (
            opened(a) as one,
            opened(b) as two,
            watching(a.agent(one)) as mine,
            watching(b.agent(two)) as theirs,
        ):
            await mine.settled()
            await theirs.settled()
            new = task("马上到")
            began = time.monotonic()
            one.save([new])
            mine.agent.woken()
            await until(lambda: two.record("task", new.id))
            assert time.monotonic() - began < 1
            await until(lambda: one.unsent() == 0)


async def test_a_save_of_another_process_is_noticed(tmp_path: Path) -> None:
    async with served(tmp_path / "hub") as daemon:
        home = joined(daemon, tmp_path / "a", "甲")
        async with opened(home) as replica, watching(home.agent(replica)) as live:
            await live.settled()
            async with opened(home) as other:
                other.save([task("别处存的")])
            await until(lambda: daemon.store.seq == 1)


async def test_after_a_restart_of_the_hub_it_connects_again(tmp_path: Path) -> None:
    async with served(tmp_path / "hub") as daemon:
        home = joined(daemon, tmp_path / "a", "甲")
        port = int(daemon.url.rpartition(":")[2])
        async with opened(home) as replica, watching(home.agent(replica)) as live:
            await live.settled()
            await daemon.stop()
            await until(lambda: not live.agent.state.connected)
            assert "restarted" in live.agent.state.error
            replica.save([task("断线时存的")])
            again = Daemon(HubFolder(tmp_path / "hub"))
            await again.start("127.0.0.1", port)
            try:
                await until(lambda: live.agent.state.settled)
                assert live.agent.state.error == ""
                assert replica.unsent() == 0
            finally:
                await again.stop()


async def test_a_hub_that_closes_at_once_is_not_stormed(tmp_path: Path) -> None:
    calls = 0

    async def close(_connection: ServerConnection) -> None:
        nonlocal calls
        calls += 1

    async with served(tmp_path / "hub") as daemon:
        home = joined(daemon, tmp_path / "a", "甲")
    async with serve_websockets(
        close, "127.0.0.1", 0, subprotocols=[Subprotocol(wire.SUBPROTOCOL)]
    ) as rude:
        point_at(home, f"ws://127.0.0.1:{rude.sockets[0].getsockname()[1]}")
        async with opened(home) as replica, watching(home.agent(replica)) as live:
            await until(lambda: calls == 2)
            await asyncio.wait({live.task}, timeout=1.0)
    assert calls <= 5


# -- shut out


async def test_a_refused_token_ends_syncing_and_keeps_the_outbox(tmp_path: Path) -> None:
    async with served(tmp_path / "hub") as daemon:
        home = joined(daemon, tmp_path / "a", "甲")
        await sync(home)
        daemon.members.revoke("甲", daemon.clock.now())
        async with opened(home) as replica:
            replica.save([task("还想交的")])
            with pytest.raises(Ended) as ended:
                await home.agent(replica).run_once()
            assert ended.value.code == "revoked"
            assert replica.meta("revoked") == "1"
            replica.save([task("照样能改")])
            assert replica.unsent() == 2


async def test_who_is_revoked_while_connected_stops_at_once_and_may_come_back(
    tmp_path: Path,
) -> None:
    async with served(tmp_path / "hub") as daemon:
        home = joined(daemon, tmp_path / "a", "甲")
        async with opened(home) as replica:
            async with watching(home.agent(replica)) as live:
                await live.settled()
                daemon.members.revoke("甲", daemon.clock.now())
                live.agent.woken()
                replica.save([task("晚了")])
                with pytest.raises(Ended):
                    await asyncio.wait_for(live.task, WAIT)
                assert "no longer sync" in live.states[-1].error
            assert replica.meta("revoked") == "1"
            with daemon.store.write() as conn:
                conn.execute("UPDATE devices SET revoked = NULL")
                conn.execute("UPDATE members SET revoked = NULL")
            await home.agent(replica).run_once()
            assert replica.meta("revoked") == ""
            assert replica.unsent() == 0


@pytest.mark.parametrize(
    "url",
    [
        "ws://hub.example.com:8765",
        "ws://192.168.1.2",
        "http://127.0.0.1",
        "wss://",
        "wss://name:word@hub.example.com",
        "wss://hub.example.com/?token=x",
        "wss://hub.example.com:99999",
        "",
        "wss://hub\x1b[2J",
    ],
)
def test_an_address_in_the_clear_or_of_something_else_is_refused(url: str) -> None:
    with pytest.raises(UsageError) as wrong:
        checked(url)
    assert "\x1b" not in str(wrong.value)


@pytest.mark.parametrize(
    "url",
    ["wss://hub.example.com", "wss://10.0.0.1:8765/duijie", "ws://127.0.0.1:1", "ws://[::1]:8765"],
)
def test_an_encrypted_address_or_one_on_this_machine_is_taken(url: str) -> None:
    assert checked(f" {url}/ ") == url
