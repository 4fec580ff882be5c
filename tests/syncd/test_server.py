"""The daemon: what moves, and how a session ends."""

from __future__ import annotations

import asyncio
import logging
import socket
import sqlite3
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pytest
from websockets.exceptions import ConnectionClosed

from schema import wire
from schema.errors import UsageError
from schema.records import encode
from schema.wire import Ack, Ask, Hello, History, Page, Pull, Push, Versions
from syncd.folder import HubFolder
from syncd.server import Caps, Daemon
from syncd.serving import check_bind
from syncd.store.hub import HubStore
from syncd.store.members import Members, digest
from tests.syncd.rig import (
    WAIT,
    answer,
    client,
    edit,
    member,
    served,
    until,
)

A, B = "aaaaaaaaaa", "bbbbbbbbbb"


def invited(daemon: Daemon, name: str = "韩梅梅") -> str:
    return daemon.members.invite(
        name=name, department="市场部", role="liaison", now=daemon.clock.now()
    )


# -- frames


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"type":"welcome"}',
        b'{"type":"hello"}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
async def test_what_is_no_frame_ends_the_session_and_nothing_else(
    tmp_path: Path, frame: bytes
) -> None:
    async with served(tmp_path) as daemon:
        token = member(daemon)
        async with client(daemon, token) as good:
            await good.hello(A)
            async with client(daemon, token) as bad:
                await bad.hello(B)
                await bad.say(frame)
                assert await bad.refused() == ("protocol", 4000)
            assert (await good.pull()).rows == []


async def test_a_frame_above_the_limit_ends_with_1009_and_others_go_on(tmp_path: Path) -> None:
    async with served(tmp_path) as daemon:
        token = member(daemon)
        async with client(daemon, token) as good:
            await good.hello(A)
            async with client(daemon, token) as bad:
                await bad.hello(B)
                await bad.say(b" " * (wire.FRAME_LIMIT + 1))
                _heard, code, _reason = await bad.until_closed()
            assert code == 1009
            assert (await good.pull()).rows == []


async def test_a_push_is_acked_and_comes_to_everybody_who_follows(tmp_path: Path) -> None:
    async with (
        served(tmp_path) as daemon,
        client(daemon, member(daemon, "甲")) as author,
        client(daemon, member(daemon, "乙")) as reader,
    ):
        await author.hello(A)
        await reader.hello(B)
        empty = await reader.pull()
        assert (empty.since, empty.to, empty.rows) == (0, 0, [])
        new = edit(1, A)
        assert await author.push(new) == [(1, "taken", 1, None)]
        page = await reader.hear()
        assert isinstance(page, Page)
        assert (page.since, page.to) == (0, 1)
        assert page.rows[0].leaves[0].author == "甲"
        assert page.proof is not None
        assert await author.push(new) == [(1, "taken", 1, None)]
        await reader.say(History("task", new.id))
        versions = await reader.hear()
        assert isinstance(versions, Versions)
        assert len(versions.versions) == 1


class Watched:
    """A connection to a database that tells of commits, or fails them."""

    def __init__(self, conn: sqlite3.Connection, told: list[str], fails: bool = False) -> None:
        self.conn = conn
        self.told = told
        self.fails = fails
        self.writing = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.conn, name)

    def execute(self, sql: str, *values: Any) -> Any:
        if sql == "COMMIT" and self.fails:
            raise sqlite3.OperationalError("disk I/O error")
        if sql == "BEGIN IMMEDIATE":
            self.writing = True
        elif sql == "COMMIT" and self.writing:
            self.told.append("commit")
            self.writing = False
        return self.conn.execute(sql, *values)


async def test_it_commits_then_answers_then_publishes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        served(tmp_path) as daemon,
        client(daemon, member(daemon, "甲")) as author,
        client(daemon, member(daemon, "乙")) as reader,
    ):
        await author.hello(A)
        await reader.hello(B)
        await reader.pull()
        told: list[str] = []
        monkeypatch.setattr(daemon.store.db, "conn", Watched(daemon.store.conn, told))
        for line in daemon._lines.values():
            write = line.transport.write

            def writes(data: bytes, write: Any = write) -> None:
                told.append("ack" if b'"ack"' in data else "page")
                write(data)

            monkeypatch.setattr(line.transport, "write", writes)
        await author.push(edit(1, A))
        await reader.hear()
    assert told[:3] == ["commit", "ack", "page"]


async def test_an_author_who_does_not_read_keeps_nobody_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        served(tmp_path) as daemon,
        client(daemon, member(daemon, "甲")) as author,
        client(daemon, member(daemon, "乙")) as reader,
    ):
        await author.hello(A)
        await reader.hello(B)
        await reader.pull()
        line = next(line for session, line in daemon._lines.items() if session.replica == A)
        reads_again = asyncio.Event()

        async def drain() -> None:
            await reads_again.wait()

        monkeypatch.setattr(line, "drain", drain)
        await author.say(Push([[msgspec.Raw(wire.encode_edit(edit(1, A)))]]))
        try:
            page = await reader.hear()
        finally:
            reads_again.set()
        assert isinstance(page, Page)
        assert page.to == 1


async def test_a_slow_reader_holds_one_page_at_most(tmp_path: Path) -> None:
    async with (
        served(tmp_path) as daemon,
        client(daemon, member(daemon, "甲")) as author,
        client(daemon, member(daemon, "乙")) as slow,
    ):
        await author.hello(A)
        await slow.hello(B)
        note = "长" * 5_000
        body = encode({"title": "任务", "state": "todo", "note": note})
        for first in range(1, 601, 60):
            await author.push(*[edit(n, A, body=body) for n in range(first, first + 60)])
        line = next(line for session, line in daemon._lines.items() if session.replica == B)
        slow.ws.transport.pause_reading()
        await slow.say(Pull(None))
        await until(lambda: line.paused)
        await author.push(edit(601, A, body=body))
        assert line.transport.get_write_buffer_size() <= wire.PAGE_LIMIT + 64_000
        slow.ws.transport.resume_reading()
        at = 0
        while at < 601:
            page = await slow.hear()
            assert isinstance(page, Page)
            assert page.since == at
            at = page.to


# -- how a session ends


async def test_a_newer_session_of_a_replica_ends_the_older(tmp_path: Path) -> None:
    async with served(tmp_path) as daemon:
        token = member(daemon)
        async with client(daemon, token) as old, client(daemon, token) as new:
            await old.hello(A)
            await new.hello(A)
            assert await old.refused() == ("replaced", 4000)
            assert await new.push(edit(1, A)) == [(1, "taken", 1, None)]


async def test_a_hello_that_comes_late_does_not_end_the_newer_session(tmp_path: Path) -> None:
    async with served(tmp_path) as daemon:
        token = member(daemon)
        async with client(daemon, token) as old, client(daemon, token) as new:
            await new.hello(A)
            await old.say(Hello(A, {"task": 1}))
            assert await old.refused() == ("replaced", 4000)
            assert await new.push(edit(1, A)) == [(1, "taken", 1, None)]


async def test_another_members_replica_is_refused(tmp_path: Path) -> None:
    async with served(tmp_path) as daemon:
        async with client(daemon, member(daemon, "甲")) as mine:
            await mine.hello(A)
            await mine.push(edit(1, A))
        async with client(daemon, member(daemon, "乙")) as theirs:
            await theirs.say(Hello(A, {"task": 1}))
            assert await theirs.refused() == ("replica", 4000)


async def test_who_is_revoked_by_another_process_is_shut_out_at_once(tmp_path: Path) -> None:
    async with served(tmp_path) as daemon:
        token = member(daemon, "甲")
        async with (
            client(daemon, token) as gone,
            client(daemon, member(daemon, "乙")) as stays,
        ):
            await gone.hello(A)
            await gone.pull()
            await stays.hello(B)
            other = HubStore(tmp_path / "hub.db")
            Members(other, tmp_path / "revoked").revoke("甲", daemon.clock.now())
            other.close()
            async with asyncio.timeout(5):
                assert await gone.refused() == ("revoked", 4401)
            await stays.push(edit(1, B))
        assert (await answer(daemon, token=token))[0] == 401


@pytest.mark.parametrize(
    "frame",
    [
        Push([[msgspec.Raw(wire.encode_edit(edit(1, A)))]]),
        Pull(None),
        History("task", "x"),
        Ask([]),
    ],
)
async def test_the_next_frame_of_a_revoked_device_is_refused(
    tmp_path: Path, frame: wire.Frame
) -> None:
    async with (
        served(tmp_path, caps=Caps(watch=60)) as daemon,
        client(daemon, member(daemon, "甲")) as gone,
    ):
        await gone.hello(A)
        daemon.members.revoke("甲", daemon.clock.now())
        await gone.say(frame)
        assert await gone.refused() == ("revoked", 4401)
        assert daemon.store.seq == 0


async def test_an_old_copy_of_the_file_lets_nobody_back_in(tmp_path: Path) -> None:
    async with served(tmp_path) as daemon:
        token = member(daemon, "甲")
    old = (tmp_path / "hub.db").read_bytes()
    store = HubStore(tmp_path / "hub.db")
    Members(store, tmp_path / "revoked").revoke("甲", 1)
    store.close()
    (tmp_path / "hub.db").write_bytes(old)
    async with served(tmp_path) as daemon:
        assert (await answer(daemon, token=token))[0] == 401


async def test_after_an_error_of_the_disk_nothing_is_acked_and_the_daemon_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with served(tmp_path) as daemon:
        token = member(daemon)
        new = edit(1, A)
        async with client(daemon, token) as author:
            await author.hello(A)
            broken = Watched(daemon.store.conn, [], fails=True)
            monkeypatch.setattr(daemon.store.db, "conn", broken)
            await author.say(Push([[msgspec.Raw(wire.encode_edit(new))]]))
            heard, code, _reason = await author.until_closed()
        assert (heard, code) == ([], 1011)
        assert "disk I/O error" in caplog.text
        monkeypatch.undo()
        async with client(daemon, token) as author:
            assert (await author.hello(A)).have == 0
            assert await author.push(new) == [(1, "taken", 1, None)]


async def test_stopping_closes_as_for_a_restart(tmp_path: Path) -> None:
    async with served(tmp_path) as daemon, client(daemon, member(daemon)) as one:
        await one.hello(A)
        assert await one.push(edit(1, A)) == [(1, "taken", 1, None)]
        await asyncio.wait_for(daemon.stop(), WAIT)
        assert (await one.until_closed())[1] == 1012
    async with served(tmp_path) as daemon:
        assert daemon.store.seq == 1


async def test_stopping_in_the_middle_of_pushes_keeps_every_acked_edit(tmp_path: Path) -> None:
    acked: set[int] = set()
    async with served(tmp_path) as daemon, client(daemon, member(daemon)) as author:
        await author.hello(A)

        async def push() -> None:
            for n in count(1):
                await author.say(Push([[msgspec.Raw(wire.encode_edit(edit(n, A)))]]))

        pushing = asyncio.create_task(push())
        while len(acked) < 20:
            ack = await author.hear()
            assert isinstance(ack, Ack)
            acked.update(n for n, *_rest in ack.results)
        stopping = asyncio.create_task(daemon.stop())
        heard, code, _reason = await author.until_closed()
        assert code == 1012
        acked.update(n for ack in heard if isinstance(ack, Ack) for n, *_rest in ack.results)
        with pytest.raises(ConnectionClosed):
            await pushing
        await asyncio.wait_for(stopping, WAIT)
    async with served(tmp_path) as daemon:
        assert acked
        assert all(daemon.store.judged(A, n) for n in acked)


# -- where it listens and what it says


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "hub.example.com", ""])
def test_nothing_is_served_in_the_clear_to_other_machines(host: str) -> None:
    with pytest.raises(UsageError):
        check_bind(host, tls=False, behind_proxy=False)
    check_bind(host, tls=True, behind_proxy=False)
    check_bind(host, tls=False, behind_proxy=True)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_loopback_is_served_without_tls(host: str) -> None:
    check_bind(host, tls=False, behind_proxy=False)


async def test_no_token_or_code_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with served(tmp_path) as daemon:
        token, code = member(daemon), invited(daemon)
        async with client(daemon, token) as one:
            await one.hello(A)
        await answer(daemon, authorization=f"Bearer {token}x")
        await answer(daemon, authorization=f"Invite {code} {digest(token).hex()}")
        lines = [
            record.getMessage() for record in caplog.records if record.name.startswith("duijie")
        ]
    assert any("came from" in line for line in lines)
    assert any("refused 127.0.0.1: 401" in line for line in lines)
    for secret in (token, code, digest(token).hex()):
        assert not [line for line in lines if secret in line]


async def test_compression_is_there_for_who_asks(tmp_path: Path) -> None:
    from websockets.asyncio.client import connect
    from websockets.typing import Subprotocol

    async with (
        served(tmp_path) as daemon,
        connect(
            daemon.url,
            additional_headers={"Authorization": f"Bearer {member(daemon)}"},
            subprotocols=[Subprotocol(wire.SUBPROTOCOL)],
            proxy=None,
        ) as ws,
    ):
        assert ws.response is not None
        assert "permessage-deflate" in ws.response.headers["Sec-WebSocket-Extensions"]


async def test_a_port_that_is_taken_is_said_in_a_sentence(tmp_path: Path) -> None:
    from schema.errors import Busy
    from syncd.serving import serve_until_stopped

    hub = HubFolder(tmp_path)
    hub.make()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Busy, match="already in use"):
            await serve_until_stopped(Daemon(hub), "127.0.0.1", port, None, lambda _url: None)
