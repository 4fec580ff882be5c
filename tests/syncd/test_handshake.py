"""The daemon's door: who comes in, and who is turned away before the upgrade."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress
from pathlib import Path

import pytest

from syncd.folder import HubFolder
from syncd.server import Attempts, Caps, Daemon
from syncd.store.members import digest
from tests.syncd.rig import (
    WAIT,
    BentClock,
    answer,
    client,
    device_of,
    member,
    served,
    until,
)

A, B = "aaaaaaaaaa", "bbbbbbbbbb"


def invited(daemon: Daemon, name: str = "韩梅梅") -> str:
    return daemon.members.invite(
        name=name, department="市场部", role="liaison", now=daemon.clock.now()
    )


async def test_who_has_no_token_gets_401_and_every_failure_looks_the_same(tmp_path: Path) -> None:
    async with served(tmp_path) as daemon:
        used = invited(daemon)
        assert daemon.members.redeem(used, digest("another"), daemon.clock.now())
        revoked = member(daemon, "吴九")
        daemon.members.revoke("吴九", daemon.clock.now())
        hash = digest("mine").hex()
        said = [
            "",
            "Bearer",
            f"Bearer {secrets.token_urlsafe(32)}",
            f"Bearer {revoked}",
            "Basic YTpi",
            f"Invite aaaa-aaaa-aaaa-aaaa {hash}",
            f"Invite {used} {hash}",
            f"Invite {invited(daemon, '赵六')} {hash[:-1]}",
            f"Invite {invited(daemon, '钱七')} {hash[:-2]}",
            f"Invite {used}",
            "\u00ff\u00ff",
        ]
        answers = {await answer(daemon, authorization=each) for each in said}
    assert answers == {(401, b"Not a member.\n")}


async def test_a_token_comes_in_and_an_origin_never_does(tmp_path: Path) -> None:
    async with served(tmp_path) as daemon:
        token = member(daemon)
        assert await answer(daemon, token=token) == (101, b"")
        for origin in ("https://evil.example", "null", daemon.url):
            status, _text = await answer(daemon, token=token, origin=origin)
            assert status == 403


async def test_a_web_page_cannot_use_up_an_invitation(tmp_path: Path) -> None:
    async with served(tmp_path) as daemon:
        said = f"Invite {invited(daemon)} {digest('token').hex()}"
        status, _text = await answer(daemon, authorization=said, origin="https://evil.example")
        assert status == 403
        assert daemon.members.authenticate("token") is None
        assert await answer(daemon, authorization=said) == (101, b"")


@pytest.mark.parametrize("subprotocol", [None, "duijie.v0"])
async def test_another_protocol_is_refused(tmp_path: Path, subprotocol: str | None) -> None:
    async with served(tmp_path) as daemon:
        status, _text = await answer(daemon, token=member(daemon), subprotocol=subprotocol)
    assert status == 400


async def test_an_invitation_lets_one_token_in_as_often_as_it_asks(tmp_path: Path) -> None:
    clock = BentClock()
    async with served(tmp_path, clock=clock) as daemon:
        code = invited(daemon)
        mine = f"Invite {code} {digest('mine').hex()}"
        async with client(daemon, authorization=mine) as first:
            welcome = await first.hello()
        assert welcome.member.name == "韩梅梅"
        assert welcome.member.role == "liaison"
        device = device_of(daemon, "mine")
        assert await answer(daemon, authorization=mine) == (101, b"")
        assert device_of(daemon, "mine") == device
        theirs = f"Invite {code} {digest('theirs').hex()}"
        assert (await answer(daemon, authorization=theirs))[0] == 401
        clock.ahead += 73 * 3600
        assert (await answer(daemon, authorization=mine))[0] == 401


async def test_after_a_hundred_failures_no_code_is_looked_at_for_a_minute(tmp_path: Path) -> None:
    clock = BentClock()
    async with served(tmp_path, clock=clock) as daemon:
        token = member(daemon)
        good = f"Invite {invited(daemon)} {digest('token').hex()}"
        for _attempt in range(101):
            daemon.attempts.failed("127.0.0.1")
        assert await answer(daemon, authorization=good) == (429, b"Too many attempts.\n")
        assert (await answer(daemon, token="wrong"))[0] == 429
        assert daemon.members.authenticate("token") is None
        assert await answer(daemon, token=token) == (101, b"")
        clock.ahead += 61
        assert await answer(daemon, authorization=good) == (101, b"")


async def test_a_hundred_failures_are_allowed(tmp_path: Path) -> None:
    async with served(tmp_path, caps=Caps(failures=3)) as daemon:
        assert [(await answer(daemon, token="wrong"))[0] for _attempt in range(5)] == [
            401,
            401,
            401,
            401,
            429,
        ]


def test_failures_of_many_addresses_are_forgotten() -> None:
    clock = BentClock()
    attempts = Attempts(100, clock)
    for number in range(5000):
        attempts.failed(str(number))
    clock.ahead += 61
    attempts.failed("one more")
    assert len(attempts._failed) == 1


async def test_an_address_holds_only_so_many_connections(tmp_path: Path) -> None:
    async with served(tmp_path, caps=Caps(connections=2)) as daemon:
        token = member(daemon)
        async with client(daemon, token), client(daemon, token):
            assert (await answer(daemon, token=token))[0] == 503
        await until(lambda: not daemon._open)
        assert await answer(daemon, token=token) == (101, b"")


async def test_behind_a_proxy_the_address_is_the_one_that_the_proxy_tells(tmp_path: Path) -> None:
    hub = HubFolder(tmp_path)
    hub.make()
    daemon = Daemon(hub, caps=Caps(failures=0), behind_proxy=True)
    await daemon.start("127.0.0.1", 0)
    try:

        async def status(forwarded: str) -> bytes:
            reader, writer = await asyncio.open_connection("127.0.0.1", int(daemon.url[-5:]))
            writer.write(b"GET / HTTP/1.1\r\nX-Forwarded-For: " + forwarded.encode() + b"\r\n\r\n")
            line = await asyncio.wait_for(reader.readline(), WAIT)
            writer.close()
            await writer.wait_closed()
            return line.split()[1]

        assert [await status("9.9.9.9, 1.1.1.1") for _attempt in "ab"] == [b"401", b"429"]
        assert await status("1.1.1.1, 2.2.2.2") == b"401"
        assert await status("2.2.2.2, 1.1.1.1") == b"429"
    finally:
        await daemon.stop()


async def test_who_says_no_hello_is_let_go(tmp_path: Path) -> None:
    async with (
        served(tmp_path, caps=Caps(hello=0.05)) as daemon,
        client(daemon, member(daemon)) as quiet,
    ):
        assert await quiet.refused() == ("protocol", 4000)


async def test_half_open_connections_are_dropped(tmp_path: Path) -> None:
    async with served(tmp_path, caps=Caps(opening=0.05)) as daemon:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(daemon.url[-5:]))
        writer.write(b"GET / HTTP/1.1\r\n")
        with suppress(ConnectionResetError):
            assert await asyncio.wait_for(reader.read(), WAIT) == b""
        writer.close()
