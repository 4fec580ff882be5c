"""A client made of a bare socket: it says whatever it likes, and counts every byte it hears."""

from __future__ import annotations

import asyncio
import base64
import json
import os
from contextlib import suppress
from typing import Any

WAIT = 5.0


class Raw:
    """One TCP connection; `heard` is everything that ever came over it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.heard = bytearray()
        self.status = 0

    @classmethod
    async def connect(cls, port: int, authorization: str, **headers: str) -> Raw:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        raw = cls(reader, writer)
        said = {
            "Host": f"127.0.0.1:{port}",
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Protocol": "duijie.v1",
            "Authorization": authorization,
            **headers,
        }
        lines = [f"{name}: {value}" for name, value in said.items() if value]
        writer.write("\r\n".join(["GET / HTTP/1.1", *lines, "", ""]).encode())
        head = await raw._read(reader.readuntil(b"\r\n\r\n"))
        raw.status = int(head.split()[1])
        return raw

    async def _read(self, reading: Any) -> bytes:
        data: bytes = await asyncio.wait_for(reading, WAIT)
        self.heard += data
        return data

    async def say(self, frame: dict[str, Any] | str) -> None:
        """Send one text frame, masked as a client must."""
        if not isinstance(frame, str):
            frame = json.dumps(frame, ensure_ascii=False, separators=(",", ":"))
        data = frame.encode()
        size = len(data)
        if size < 126:
            head = bytes([0x81, 0x80 | size])
        elif size < 65_536:
            head = bytes([0x81, 0x80 | 126]) + size.to_bytes(2, "big")
        else:
            head = bytes([0x81, 0x80 | 127]) + size.to_bytes(8, "big")
        self.writer.write(head + b"\0\0\0\0" + data)
        await self.writer.drain()

    async def hear(self) -> dict[str, Any]:
        """The next frame; {"close": code} where the hub closes."""
        while True:
            first, size = await self._read(self.reader.readexactly(2))
            if size == 126:
                size = int.from_bytes(await self._read(self.reader.readexactly(2)), "big")
            elif size == 127:
                size = int.from_bytes(await self._read(self.reader.readexactly(8)), "big")
            data = await self._read(self.reader.readexactly(size))
            if first & 0x0F == 8:
                return {"close": int.from_bytes(data[:2], "big")}
            if first & 0x0F == 1:
                frame: dict[str, Any] = json.loads(data)
                return frame

    async def hello(self, replica: str, more: dict[str, Any] | None = None) -> dict[str, Any]:
        kinds = {"task": 1, "person": 1, "policy": 1, "comment": 1, "department": 1}
        said = {"type": "hello", "replica": replica, "kinds": kinds}
        await self.say((more or {}) | said)
        return await self.hear()

    async def push(self, *edits: dict[str, Any], more: dict[str, Any] | None = None) -> list[Any]:
        """The results of edits that are an act each."""
        await self.say((more or {}) | {"type": "push", "acts": [[edit] for edit in edits]})
        ack = await self.hear()
        assert ack["type"] == "ack", ack
        results: list[Any] = ack["results"]
        return results

    async def pull(self) -> list[dict[str, Any]]:
        await self.say({"type": "pull", "cursor": None})
        page = await self.hear()
        assert page["type"] == "page", page
        rows: list[dict[str, Any]] = page["rows"]
        return rows

    async def rest(self) -> bytes:
        """Everything until the hub ends the connection."""
        await self._read(self.reader.read())
        return bytes(self.heard)

    async def close(self) -> None:
        self.writer.close()
        with suppress(OSError):
            await self.writer.wait_closed()
