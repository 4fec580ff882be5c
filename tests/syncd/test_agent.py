"""The agent: carries a replica's edits to its hub and everybody's back."""

from __future__ import annotations

import asyncio
import ssl
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
import trustme
from websockets.asyncio.server import ServerConnection
from websockets.asyncio.server import serve as serve_websockets
from websockets.typing import Subprotocol

from schema import wire
from schema.errors import Busy, Offline, UsageError
from syncd import exchange as exchange_module
from syncd import server
from syncd.address import checked
from syncd.agent import Agent, AgentState, AgentThread
from syncd.exchange import Ended
from syncd.folder import HubFolder
from syncd.home import Home
from syncd.server import Daemon
from syncd.store.replica import Replica
from tests.processes.tap import tapped
from tests.syncd.rig import WAIT, joined, served, stand, task, until


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


@pytest.mark.parametrize("way", ["up", "down"])
async def test_a_slow_line_is_not_taken_for_a_dead_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """One frame takes several times as long as silence would be endured."""
    monkeypatch.setattr(exchange_module, "QUIET", 0.4)
    monkeypatch.setattr(exchange_module, "SLOWEST", 20_000)
    monkeypatch.setattr("syncd.talk.TICK", 0.05)
    note = "长" * 3_000
    async with served(tmp_path / "hub") as daemon, tapped(daemon.url) as tap:
        a, b = joined(daemon, tmp_path / "a", "甲"), joined(daemon, tmp_path / "b", "乙")
        async with opened(a) as one:
            one.save([task(f"甲{n}", note=note) for n in range(6)], many=True)
            if way == "down":
                await a.agent(one).run_once()
                a = b
        tap.rate = 50_000
        point_at(a, tap.url)
        await sync(a)
        assert tap.connections == 1, "it gave up and connected anew"
        assert daemon.store.seq == 6


async def test_a_line_that_is_dead_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange_module, "QUIET", 0.2)
    monkeypatch.setattr("syncd.talk.TICK", 0.05)
    async with served(tmp_path / "hub") as daemon, tapped(daemon.url) as tap:
        home = joined(daemon, tmp_path / "a", "甲")
        point_at(home, tap.url)
        async with opened(home) as replica, watching(home.agent(replica)) as live:
            await live.settled()
            tap.delay = 3600
            await until(lambda: "does not answer" in live.agent.state.error)
            tap.delay = 0
            await until(lambda: live.agent.state.settled)


async def test_cut_lines_lose_nothing(tmp_path: Path) -> None:
    async with served(tmp_path / "hub") as daemon, tapped(daemon.url) as tap:
        home = joined(daemon, tmp_path / "a", "甲")
        point_at(home, tap.url)
        async with opened(home) as replica:
            replica.save([task(f"任务{n}", note="长" * 2_000) for n in range(200)], many=True)
            syncing = asyncio.create_task(home.agent(replica).run_once())
            for _cut in range(2):
                tap.again()
                await asyncio.wait_for(tap.pushed.wait(), WAIT)
                tap.cut()
            await asyncio.wait_for(syncing, WAIT)
            assert tap.connections == 3
            assert replica.unsent() == 0
            assert daemon.store.seq == 200


async def test_a_slow_line_that_breaks_again_and_again_drains_all_the_same(
    tmp_path: Path,
) -> None:
    """In the time that it lasts, no frame of the largest size would get through."""
    async with served(tmp_path / "hub") as daemon, tapped(daemon.url) as tap:
        home = joined(daemon, tmp_path / "a", "甲")
        point_at(home, tap.url)
        async with opened(home) as replica:
            replica.save([task(f"任务{n}", note="长" * 2_000) for n in range(40)], many=True)
            tap.rate = 200_000
            syncing = asyncio.create_task(home.agent(replica).run_once(5))
            while daemon.store.seq < 40:
                await asyncio.wait({syncing}, timeout=0.8)
                tap.cut()
            tap.rate = 0
            await syncing
            assert replica.unsent() == 0


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
            tap.delay = 0.3
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


def test_the_thread_of_a_home_that_never_joined_says_so_and_ends(tmp_path: Path) -> None:
    home = Home(tmp_path / "a")
    home.init("李雷", "研发部")
    told = Told()
    thread = AgentThread(home, told)
    thread.start()
    told.wait_for(connected=False)
    assert "no hub" in told.states[-1].error
    thread.stop()


# -- TLS


@pytest.fixture
def authority(tmp_path: Path) -> trustme.CA:
    ca = trustme.CA()
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return ca


def shown(authority: trustme.CA, folder: Path, name: str) -> ssl.SSLContext:
    """What a hub that calls itself `name` shows of itself."""
    certificate = authority.issue_cert(name)
    certificate.private_key_pem.write_to_path(str(folder / "key.pem"))
    certificate.cert_chain_pems[0].write_to_path(str(folder / "cert.pem"))
    return server.tls_context(folder / "cert.pem", folder / "key.pem")


@pytest.mark.parametrize(
    ("name", "trusted", "comes_in"),
    [
        ("127.0.0.1", True, True),
        ("127.0.0.1", False, False),
        ("hub.example.com", True, False),
    ],
)
async def test_only_a_trusted_certificate_for_the_right_host_is_taken(
    tmp_path: Path,
    authority: trustme.CA,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    trusted: bool,
    comes_in: bool,
) -> None:
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    hub = HubFolder(tmp_path / "hub")
    hub.make()
    daemon = Daemon(hub)
    url = await daemon.start("127.0.0.1", 0, shown(authority, tmp_path, name))
    try:
        assert url.startswith("wss://127.0.0.1:")
        home = joined(daemon, tmp_path / "a", "甲")
        if comes_in:
            await sync(home)
            return
        with pytest.raises(Offline, match="certificate is not trusted"):
            await sync(home)
        point_at(home, url.replace("wss", "ws"))
        with pytest.raises(Offline):
            await sync(home, timeout=0.2)
    finally:
        await daemon.stop()


async def test_a_wss_address_of_a_hub_without_tls_does_not_fall_back(tmp_path: Path) -> None:
    async with served(tmp_path / "hub") as daemon:
        home = joined(daemon, tmp_path / "a", "甲")
        point_at(home, daemon.url.replace("ws:", "wss:"))
        with pytest.raises(Offline):
            await sync(home, timeout=0.3)


def test_the_token_is_not_in_what_is_shown_of_an_agent(tmp_path: Path) -> None:
    from syncd.store.connection import FileLock

    replica = Replica(tmp_path / "replica.db")
    agent = Agent(replica, "ws://127.0.0.1:1", "CANARY", FileLock(tmp_path / "lock"))
    assert "CANARY" not in repr(agent) + str(agent) + repr(agent.state)
    replica.close()
