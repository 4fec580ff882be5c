"""One connection to a hub: opening it, and what comes and goes over it."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

from schema import wire
from schema.wording import _
from syncd.address import host_of, is_loopback
from syncd.exchange import Ended, Exchange, Stalled, refused_session
from syncd.silent import silent_logger
from syncd.store.replica import Replica

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

    class Line(ClientConnection):
        """A connection that tells whether bytes came."""

        came: bool


POLL = 0.05
TICK = 1.0
PART = 16 << 10
LARGEST_FRAME = 4 * wire.FRAME_LIMIT
REVOKED = 4401
RESTART = 1012


class Talk:
    """A conversation: an exchange over a connection, and what wakes it.

    `told` is called with the exchange whenever it may stand elsewhere. With `once`, a number
    of seconds, the conversation ends when settled, and is Stalled after so long a silence.
    `asked` is how often other processes had asked for a sync before it began.
    """

    def __init__(
        self,
        replica: Replica,
        ws: Line,
        *,
        woken: asyncio.Event,
        asked: int,
        once: float | None,
        told: Callable[[Exchange], None],
    ) -> None:
        self.replica = replica
        self.ws = ws
        self.woken = woken
        self.asked = asked
        self.once = once
        self.told = told
        self.exchange = Exchange(replica)
        self.alive = time.monotonic()
        self._outgoing: asyncio.Queue[bytes] = asyncio.Queue()
        self._data_version = replica.db.data_version()

    async def hold(self) -> None:
        """Talk until it is over; Ended, Stalled, ProtocolError or ConnectionClosed say why."""
        self._put(self.exchange.start())
        try:
            await _first(self._receive(), self._send(), self._watch(), self._keep_time())
        except Stalled:
            # Nobody is there to say goodbye to.
            self.ws.transport.abort()
            raise

    def _put(self, frames: list[bytes]) -> None:
        for frame in frames:
            self._outgoing.put_nowait(frame)

    async def _receive(self) -> None:
        """Take frames in. Nothing here waits for sending: with both buffers full, nobody would."""
        exchange = self.exchange
        while True:
            data = await self._next()
            self.alive = time.monotonic()
            self._put(exchange.receive(data))
            if exchange.settled:
                self._answer_others()
            self.told(exchange)
            if exchange.settled and self.once is not None:
                return
            # Frames that came already would otherwise keep the others from their turn.
            await asyncio.sleep(0)

    async def _next(self) -> bytes:
        from websockets.exceptions import ConnectionClosed

        try:
            return await self.ws.recv(decode=False)
        except ConnectionClosed as closed:
            if closed.rcvd is not None and closed.rcvd.code == REVOKED:
                raise refused_session("revoked") from None
            raise

    async def _send(self) -> None:
        """Let frames out, in parts: what keeps the line alive passes between them."""
        while True:
            frame = await self._outgoing.get()
            await self.ws.send(self._counted(frame), text=True)

    def _counted(self, frame: bytes) -> Iterator[bytes]:
        for at in range(0, len(frame), PART):
            self._moved()
            yield frame[at : at + PART]

    async def _watch(self) -> None:
        """Notice saves, of this process at once and of others soon, and who asks for a sync."""
        replica = self.replica
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL):
                    await self.woken.wait()
            now = replica.db.data_version()
            if not self.woken.is_set() and now == self._data_version:
                continue
            self.woken.clear()
            self._data_version = now
            self._put(self.exchange.wake())
            asked = replica.number("sync_asked")
            if asked > self.asked:
                self.asked = asked
                self._put(self.exchange.ask_proof())
            self.told(self.exchange)

    def _answer_others(self) -> None:
        """Say that a sync which another process asked for is done."""
        if self.asked > self.replica.number("sync_done"):
            with self.replica.write():
                self.replica.set_meta(sync_done=self.asked)

    async def _keep_time(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            if self.ws.came:
                self.ws.came = False
                self._moved()
            if self.once is not None and time.monotonic() - self.alive > self.once:
                raise Stalled
            self._put(self.exchange.tick())

    def _moved(self) -> None:
        self.alive = time.monotonic()
        self.exchange.moved()


async def connected(url: str, authorization: str) -> Line:
    """A connection that the hub has let in; what the library raises where it has not."""
    from websockets.asyncio.client import connect
    from websockets.typing import Subprotocol

    home = is_loopback(host_of(url))
    ws = await connect(
        url,
        additional_headers={"Authorization": authorization},
        user_agent_header=None,
        subprotocols=[Subprotocol(wire.SUBPROTOCOL)],
        compression=None if home else "deflate",
        proxy=None if home else True,
        open_timeout=10.0,
        close_timeout=2.0,
        ping_interval=None,
        max_size=LARGEST_FRAME,
        write_limit=PART,
        logger=silent_logger(),
        create_connection=_line(),
    )
    assert isinstance(ws, _line())
    return ws


@cache
def _line() -> type[Line]:
    from websockets.asyncio.client import ClientConnection

    class Line(ClientConnection):
        came = False

        def data_received(self, data: bytes) -> None:
            self.came = True
            super().data_received(data)

    return Line  # type: ignore[return-value]


async def _first(*moving: Coroutine[Any, Any, None]) -> None:
    """Run them side by side until one ends, end the others, and raise what the first one raised."""
    tasks = [asyncio.ensure_future(each) for each in moving]
    done: set[asyncio.Task[None]] = set()
    try:
        done, _others = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in tasks:
        if task in done:
            task.result()


@cache
def passing() -> tuple[type[Exception], ...]:
    """What trying again may mend."""
    from websockets.exceptions import WebSocketException

    return (OSError, EOFError, Stalled, WebSocketException)


def is_refused(error: Exception) -> bool:
    """Whether the hub did not let this token or code in."""
    from websockets.exceptions import InvalidStatus

    return isinstance(error, InvalidStatus) and error.response.status_code == 401


def reason(error: BaseException) -> str:
    """Why a connection failed or ended, in a few words."""
    from websockets.exceptions import ConnectionClosed, InvalidStatus

    match error:
        case Ended():
            return error.sentence
        case ssl.SSLCertVerificationError():
            return _("its certificate is not trusted ({why})", why=error.verify_message)
        case InvalidStatus():
            return _("it answered {status}", status=f"HTTP {error.response.status_code}")
        case ConnectionClosed(rcvd=rcvd) if rcvd is not None and rcvd.code == RESTART:
            return _("it is being restarted")
        case ConnectionClosed():
            return _("the connection broke off")
        case socket.gaierror():
            return _("nobody knows this name")
        case ConnectionRefusedError():
            return _("nobody listens there")
        case TimeoutError() | Stalled():
            return _("it does not answer")
        case OSError(errno=int(number)):
            return os.strerror(number)
    return type(error).__name__
