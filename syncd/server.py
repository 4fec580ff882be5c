"""The daemon: moves bytes between websockets and the desk.

Each connection has one reader, which gives frames to its session and writes the answers, and
one writer, which sends the next page when the last one is written. Nothing is queued.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections import Counter, deque
from collections.abc import Coroutine
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import msgspec
from websockets.asyncio.server import Server, ServerConnection
from websockets.asyncio.server import serve as serve_websockets
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from schema import wire
from schema.errors import DuijieError
from syncd.address import url_of
from syncd.clock import Clock
from syncd.folder import HubFolder
from syncd.hub import Hub
from syncd.session import Desk, HubSession, SessionEnd
from syncd.silent import silent_logger
from syncd.store.members import Revoked

ENDED, REVOKED, RESTART, FAILED = 4000, 4401, 1012, 1011
MINUTE = 60.0

log = logging.getLogger("duijie.syncd")


class Caps(msgspec.Struct, frozen=True):
    """What one connection or one address may take; seconds and counts."""

    opening: float = 5.0
    hello: float = 5.0
    closing: float = 2.0
    ping: float = 20.0
    watch: float = 0.25
    connections: int = 512
    failures: int = 100
    frames: int = 4
    unwritten: int = 32 << 10


class Attempts:
    """Failed handshakes by address within the last minute."""

    def __init__(self, most: int, clock: Clock) -> None:
        self.most = most
        self.clock = clock
        self._failed: dict[str, deque[float]] = {}
        self._looked = 0.0

    def failed(self, address: str) -> None:
        """Count one more."""
        now = self.clock.monotonic()
        if now - self._looked >= MINUTE:
            self._looked = now
            for other in list(self._failed):
                self.too_many(other)
        self._failed.setdefault(address, deque(maxlen=self.most + 1)).append(now)

    def too_many(self, address: str) -> bool:
        """Whether an address has failed more often than it may."""
        times = self._failed.get(address)
        if times is None:
            return False
        while times and times[0] <= self.clock.monotonic() - MINUTE:
            times.popleft()
        if not times:
            del self._failed[address]
        return len(times) > self.most


class Line(ServerConnection):
    """A connection with who is at its other end."""

    device = ""
    address = ""


class Daemon:
    """One hub's sessions over websockets, from `start` to `stop`."""

    def __init__(
        self,
        folder: HubFolder,
        *,
        clock: Clock | None = None,
        caps: Caps | None = None,
        behind_proxy: bool = False,
    ) -> None:
        self.clock = clock or Clock()
        self.caps = caps or Caps()
        self.behind_proxy = behind_proxy
        self.folder = folder
        self.store = folder.open()
        self.members = folder.members(self.store)
        self.hub = Hub(self.store, self.clock)
        self.desk = Desk(self.hub, self.members)
        self.attempts = Attempts(self.caps.failures, self.clock)
        self.url = ""
        self._open: Counter[str] = Counter()
        self._lines: dict[HubSession, Line] = {}
        self._seen: dict[str, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._server: Server | None = None

    # -- from start to stop

    async def start(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> str:
        """Listen; returns the address, with the port that was taken where `port` is 0."""
        self.members.keep_revoked(self.clock.now())
        self._server = await serve_websockets(
            self._converse,
            host,
            port,
            ssl=tls,
            backlog=1024,
            create_connection=Line,
            origins=[None],
            subprotocols=[Subprotocol(wire.SUBPROTOCOL)],
            process_request=self._admit,  # type: ignore[arg-type]
            server_header=None,
            open_timeout=self.caps.opening,
            close_timeout=self.caps.closing,
            ping_interval=self.caps.ping,
            ping_timeout=self.caps.ping,
            max_size=wire.FRAME_LIMIT,
            max_queue=self.caps.frames,
            write_limit=self.caps.unwritten,
            logger=silent_logger(),
        )
        taken = self._server.sockets[0].getsockname()[1]
        shown = socket.gethostname() if host in ("", "0.0.0.0", "::") else host
        self.url = url_of("wss" if tls else "ws", shown, taken)
        self._spawn(self._watch())
        return self.url

    async def stop(self) -> None:
        """Take no more frames, close every session as for a restart, and close the file."""
        self._stopping = True
        if self._server is not None:
            self._server.close(code=RESTART, reason="restart")
            await self._server.wait_closed()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.store.close()

    def _spawn(self, moving: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(moving)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # -- the handshake

    def _admit(self, line: Line, request: Request) -> Response | None:
        """Say who is at the other end, or refuse before the upgrade.

        A foreign Origin is left to the library, which refuses it, so that no web page can use
        up an invitation.
        """
        line.address = self._address_of(line, request)
        if "Origin" in request.headers:
            return None
        if self._open[line.address] >= self.caps.connections:
            return self._refused(line, HTTPStatus.SERVICE_UNAVAILABLE, "Too many connections.\n")
        crowded = self.attempts.too_many(line.address)
        try:
            line.device = self._device(request, crowded) or ""
        except DuijieError as error:
            log.error("handshake from %s: %s", line.address, error)
            return self._refused(line, HTTPStatus.SERVICE_UNAVAILABLE, "Try again later.\n")
        if line.device:
            return None
        if crowded:
            return line.respond(HTTPStatus.TOO_MANY_REQUESTS, "Too many attempts.\n")
        self.attempts.failed(line.address)
        return self._refused(line, HTTPStatus.UNAUTHORIZED, "Not a member.\n")

    def _refused(self, line: Line, status: HTTPStatus, text: str) -> Response:
        log.info("refused %s: %d", line.address, status)
        return line.respond(status, text)

    def _device(self, request: Request, crowded: bool) -> str | None:
        """The device that the request speaks for; from a crowded address no code is looked at."""
        said = request.headers.get_all("Authorization")
        match said[0].split() if len(said) == 1 else []:
            case ["Bearer", token]:
                return self.members.authenticate(token)
            case ["Invite", code, hash] if not crowded:
                try:
                    token_hash = bytes.fromhex(hash)
                except ValueError:
                    return None
                return self.members.redeem(code, token_hash, self.clock.now())
        return None

    def _address_of(self, line: Line, request: Request) -> str:
        if self.behind_proxy:
            told = ",".join(request.headers.get_all("X-Forwarded-For")).rpartition(",")[2].strip()
            if told:
                return told[:64]
        peer = line.remote_address
        return str(peer[0]) if peer else ""

    # -- a session

    async def _converse(self, connection: ServerConnection) -> None:
        assert isinstance(connection, Line)
        line = connection
        woken = asyncio.Event()
        session = self.desk.open(line.device, woken.set)
        self._lines[session] = line
        self._open[line.address] += 1
        writer = asyncio.create_task(
            self._until_over(line, session, self._write(line, session, woken))
        )
        try:
            await self._until_over(line, session, self._read(line, session))
        finally:
            session.close()
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)
            self._lines.pop(session, None)
            self._open[line.address] -= 1
            if not self._open[line.address]:
                del self._open[line.address]
            if session.replica:
                log.info("%s left (%s)", session.replica, line.close_code)

    async def _until_over(
        self, line: Line, session: HubSession, moving: Coroutine[Any, Any, None]
    ) -> None:
        """Run one side of a connection to its end, and close the connection by how it ended."""
        try:
            await moving
        except ConnectionClosed:
            pass
        except SessionEnd as end:
            await self._end(line, session, end)
        except Exception as error:
            log.error("%s: %s: %s", session.replica or line.address, type(error).__name__, error)
            await line.close(FAILED)

    async def _read(self, line: Line, session: HubSession) -> None:
        try:
            async with asyncio.timeout(self.caps.hello):
                data = await line.recv(decode=False)
        except TimeoutError:
            raise SessionEnd("protocol", "no hello") from None
        await self._answer(line, session, data)
        self._note(line, session)
        while True:
            await self._answer(line, session, await line.recv(decode=False))
            # A peer with frames waiting would otherwise keep the others from their turn.
            await asyncio.sleep(0)

    async def _answer(self, line: Line, session: HubSession, data: bytes) -> None:
        """Judge a frame and answer it: commit, then the answer's bytes, then everybody's pages.

        Writers only run at the next suspension, which `send` reaches after it has written; so
        an author who reads slowly delays nobody.
        """
        if self._stopping:
            return
        before = self.store.seq
        answers = session.receive(data)
        if self.store.seq != before:
            self.desk.publish()
        for answer in answers:
            await line.send(answer, text=True)

    async def _write(self, line: Line, session: HubSession, woken: asyncio.Event) -> None:
        while True:
            await woken.wait()
            woken.clear()
            while (page := session.next_page()) is not None:
                await line.send(page, text=True)
                await asyncio.sleep(0)
            if session.ended:
                raise SessionEnd("replaced", "a newer session of this replica is open")

    async def _end(self, line: Line, session: HubSession, end: SessionEnd) -> None:
        if self._lines.pop(session, None) is None:
            return
        session.ended = True
        log.info("ended %s: %s %s", session.replica or line.address, end.code, end.detail[:200])
        with suppress(ConnectionClosed, TimeoutError):
            async with asyncio.timeout(self.caps.closing):
                await line.send(wire.encode(wire.Refuse(end.code, end.detail[:200])), text=True)
        await line.close(REVOKED if end.code == "revoked" else ENDED, end.code)

    def _note(self, line: Line, session: HubSession) -> None:
        """Log a session that said hello, and note when its device last came."""
        log.info("%s came from %s", session.replica, line.address)
        now = self.clock.monotonic()
        if now - self._seen.get(line.device, -MINUTE) >= MINUTE:
            self._seen[line.device] = now
            try:
                self.members.seen(line.device, self.clock.now())
            except DuijieError as error:
                log.error("%s", error)

    # -- what other processes do to the file

    async def _watch(self) -> None:
        """Notice revocations that another process wrote, and end the sessions they concern."""
        heard = self.store.db.data_version()
        while True:
            await asyncio.sleep(self.caps.watch)
            try:
                now = self.store.db.data_version()
                if now == heard:
                    continue
                heard = now
                for session, line in list(self._lines.items()):
                    if self._is_revoked(line.device):
                        self._spawn(self._end(line, session, SessionEnd("revoked")))
            except Exception as error:
                log.error("watching: %s: %s", type(error).__name__, error)

    def _is_revoked(self, device: str) -> bool:
        try:
            self.members.standing(device)
        except Revoked:
            return True
        return False
