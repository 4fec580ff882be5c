"""A hub on loopback and the clients that tests speak to it with."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol

from schema import wire
from schema.ids import new_id
from schema.records import encode
from schema.wire import Ack, Edit, Hello, Page, Pull, Push, Refuse, Welcome
from syncd.clock import Clock
from syncd.folder import HubFolder
from syncd.home import Home
from syncd.server import Caps, Daemon
from syncd.store.members import digest
from syncd.store.replica import Replica
from syncd.store.rows import Change

WAIT = 5.0


class BentClock(Clock):
    """The machine's clocks, moved by hand."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def now(self) -> int:
        return super().now() + int(self.ahead * 1e6)

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead


@asynccontextmanager
async def served(
    folder: Path, *, clock: Clock | None = None, caps: Caps | None = None
) -> AsyncIterator[Daemon]:
    """A hub in a folder, made where there is none, on a free port of loopback."""
    hub = HubFolder(folder)
    if not hub.database.exists():
        hub.make()
    daemon = Daemon(hub, clock=clock, caps=caps)
    await daemon.start("127.0.0.1", 0)
    try:
        yield daemon
    finally:
        await daemon.stop()


def member(daemon: Daemon, name: str = "李雷", role: str = "liaison") -> str:
    """The token of a new member."""
    code = daemon.members.invite(name=name, department="研发部", role=role, now=daemon.clock.now())
    token = secrets.token_urlsafe(32)
    assert daemon.members.redeem(code, digest(token), daemon.clock.now())
    return token


def device_of(daemon: Daemon, token: str) -> str:
    device = daemon.members.authenticate(token)
    assert device is not None
    return device


def joined(daemon: Daemon, folder: Path, name: str, role: str = "liaison") -> Home:
    """A home that belongs to the hub, without the ceremony."""
    home = Home(folder)
    replica = home._begin()
    home.write_token(member(daemon, name, role))
    with replica.write():
        replica.set_meta(hub=daemon.url)
    replica.close()
    return home


def task(title: str, **more: Any) -> Change:
    """A new task, to be saved."""
    body = {"title": title, "state": "todo", "priority": 3, **more}
    return Change("task", new_id(Clock().now()), encode(body))


def edit(n: int, replica: str, *, id: str = "", kind: str = "task", **more: Any) -> Edit:
    """An edit of a new record as a replica would mint it."""
    body = more.pop("body", None) or encode({"title": f"任务{n}", "state": "todo"})
    said: dict[str, Any] = {
        "n": n,
        "kind": kind,
        "id": id or new_id(Clock().now()),
        "knows": f"{replica}:{n}",
        "rev": 1,
        "at": Clock().now(),
        "body": msgspec.Raw(body),
    }
    return Edit(**said | more)


class Client:
    """The other end of a connection, frame by frame."""

    def __init__(self, ws: ClientConnection) -> None:
        self.ws = ws

    async def say(self, *frames: wire.Frame | bytes) -> None:
        for frame in frames:
            data = frame if isinstance(frame, bytes) else wire.encode(frame)
            async with asyncio.timeout(WAIT):
                await self.ws.send(data, text=True)

    async def hear(self) -> wire.FromHub:
        async with asyncio.timeout(WAIT):
            return wire.from_hub(await self.ws.recv(decode=False))

    async def hello(self, replica: str = "aaaaaaaaaa", **kinds: int) -> Welcome:
        await self.say(Hello(replica, kinds or {"task": 1}))
        welcome = await self.hear()
        assert isinstance(welcome, Welcome)
        return welcome

    async def pull(self, cursor: str | None = None) -> Page:
        await self.say(Pull(cursor))
        page = await self.hear()
        assert isinstance(page, Page)
        return page

    async def push(self, *edits: Edit) -> list[tuple[int, str, int | None, str | None]]:
        await self.say(Push([[msgspec.Raw(wire.encode_edit(edit))] for edit in edits]))
        ack = await self.hear()
        assert isinstance(ack, Ack)
        return ack.results

    async def until_closed(self) -> tuple[list[wire.FromHub], int, str]:
        """What came until the end, the code it ended with and its reason."""
        heard: list[wire.FromHub] = []
        while True:
            try:
                heard.append(await self.hear())
            except ConnectionClosed:
                return heard, self.ws.close_code or 0, self.ws.close_reason or ""

    async def refused(self) -> tuple[str, int]:
        """The word that a session ended with, and the code."""
        heard, code, _reason = await self.until_closed()
        assert heard, "closed without a refuse frame"
        last = heard[-1]
        assert isinstance(last, Refuse)
        return last.code, code


@asynccontextmanager
async def client(
    daemon: Daemon,
    token: str = "",
    *,
    authorization: str = "",
    subprotocol: str | None = wire.SUBPROTOCOL,
    origin: str | None = None,
) -> AsyncIterator[Client]:
    """A connection as a member, or with another Authorization header."""
    said = authorization or (f"Bearer {token}" if token else "")
    async with connect(
        daemon.url,
        additional_headers={"Authorization": said} if said else None,
        subprotocols=[Subprotocol(subprotocol)] if subprotocol else None,
        origin=Origin(origin) if origin else None,
        compression=None,
        proxy=None,
        close_timeout=1.0,
        open_timeout=WAIT,
    ) as ws:
        yield Client(ws)


async def answer(daemon: Daemon, **how: Any) -> tuple[int, bytes]:
    """The status and text that a handshake is refused with; 101 where it is not."""
    try:
        async with client(daemon, **how):
            return 101, b""
    except InvalidStatus as refused:
        return refused.response.status_code, bytes(refused.response.body or b"")


async def until(holds: Callable[[], object], wait: float = WAIT) -> None:
    """Wait for what another thread, process or connection brings about, and no event tells of."""
    async with asyncio.timeout(wait):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def stand(replica: Replica) -> tuple[int, str, str]:
    """What two replicas in step have in common."""
    return replica.seq, replica.meta("count"), replica.meta("digest")
