"""A TCP proxy between a client and a hub that sees frames pass, and cuts, holds or slows them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress


class FrameReader:
    """Finds whole messages in one direction of a websocket's bytes; `heard` gets each one."""

    def __init__(self, heard: Callable[[bytes], None]) -> None:
        self.heard = heard
        self._bytes = bytearray()
        self._message = bytearray()
        self._open = False

    def feed(self, data: bytes) -> None:
        self._bytes += data
        if not self._open:
            _head, found, rest = self._bytes.partition(b"\r\n\r\n")
            if not found:
                return
            self._open, self._bytes = True, rest
        while (taken := self._frame()) > 0:
            del self._bytes[:taken]

    def _frame(self) -> int:
        """The size of the frame that the bytes begin with, or 0 when it is not all there."""
        data = self._bytes
        if len(data) < 2:
            return 0
        masked, size, at = data[1] & 0x80, data[1] & 0x7F, 2
        if size >= 126:
            wide = 2 if size == 126 else 8
            size, at = int.from_bytes(data[at : at + wide], "big"), at + wide
        mask = data[at : at + 4] if masked else b""
        at += len(mask)
        if len(data) < at + size:
            return 0
        opcode, final = data[0] & 0x0F, data[0] & 0x80
        if opcode < 8:
            payload = bytes(data[at : at + size])
            if mask:
                whole = bytes(mask) * (size // 4 + 1)
                mixed = int.from_bytes(payload, "big") ^ int.from_bytes(whole[:size], "big")
                payload = mixed.to_bytes(size, "big")
            self._message += payload
            if final:
                self.heard(bytes(self._message))
                self._message.clear()
        return at + size


class Tap:
    """The proxy: what happened is in its events, what shall happen in its settings.

    `hold_acks`: no byte from the hub passes any more once an ack has come. `delay` holds every
    piece back that many seconds, `rate` lets so many bytes a second through.
    """

    def __init__(self, port: int) -> None:
        self.target = port
        self.port = 0
        self.pushed = asyncio.Event()
        self.acked = asyncio.Event()
        self.pushes = self.acks = self.connections = 0
        self.hold_acks = False
        self.delay = 0.0
        self.rate = 0
        self.seen = bytearray()
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    def again(self) -> None:
        """Forget what has passed."""
        self.pushed.clear()
        self.acked.clear()

    def cut(self) -> None:
        """End every connection in the middle of whatever it was doing."""
        for writer in self._writers:
            writer.transport.abort()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, up_writer}
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await asyncio.gather(
                self._pass(reader, up_writer, FrameReader(self._from_client), held=False),
                self._pass(up_reader, writer, FrameReader(self._from_hub), held=True),
            )
        finally:
            self._tasks.discard(task)
            self._writers -= {writer, up_writer}
            writer.transport.abort()
            up_writer.transport.abort()

    async def _pass(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        frames: FrameReader,
        *,
        held: bool,
    ) -> None:
        with suppress(OSError, asyncio.CancelledError):
            while data := await reader.read(self.rate // 20 or 65_536):
                if self.delay:
                    await asyncio.sleep(self.delay)
                if self.rate:
                    await asyncio.sleep(len(data) / self.rate)
                self.seen += data
                if held:
                    frames.feed(data)
                if not (held and self.hold_acks and self.acked.is_set()):
                    writer.write(data)
                    await writer.drain()
                if not held:
                    frames.feed(data)
            writer.write_eof()

    def _from_client(self, message: bytes) -> None:
        if message.startswith(b'{"type":"push"'):
            self.pushes += 1
            self.pushed.set()

    def _from_hub(self, message: bytes) -> None:
        if message.startswith(b'{"type":"ack"'):
            self.acks += 1
            self.acked.set()


@asynccontextmanager
async def tapped(url: str) -> AsyncIterator[Tap]:
    """A proxy in front of the hub at `url`."""
    tap = Tap(int(url.rpartition(":")[2]))
    server = await asyncio.start_server(tap._accept, "127.0.0.1", 0)
    tap.port = server.sockets[0].getsockname()[1]
    try:
        yield tap
    finally:
        server.close()
        tap.cut()
        for task in list(tap._tasks):
            task.cancel()
        await asyncio.gather(*tap._tasks, return_exceptions=True)
