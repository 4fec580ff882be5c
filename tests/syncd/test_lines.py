"""The agent on lines that are slow, dead, cut, or not to be trusted."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest
import trustme

from schema.errors import Offline
from syncd import exchange as exchange_module
from syncd import serving
from syncd.agent import Agent
from syncd.folder import HubFolder
from syncd.server import Daemon
from syncd.store.replica import Replica
from tests.processes.tap import tapped
from tests.syncd.agents import opened, point_at, sync, watching
from tests.syncd.rig import WAIT, joined, served, task, until


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
            for _cut in range(10):
                await asyncio.wait({syncing}, timeout=0.8)
                tap.cut()
                if daemon.store.seq == 40:
                    break
            tap.rate = 0
            await syncing
            assert replica.unsent() == 0


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
    return serving.tls_context(folder / "cert.pem", folder / "key.pem")


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
