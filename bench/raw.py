"""The raw pipeline: what moving bodies costs when nothing is decided about them.

Two processes, opaque bodies out of SQLite, frames of 500 over a websocket, one in flight,
upserted by id in one FULL transaction a frame, acked. No rights, no merge, no history.

`python -m bench.raw PATH` is the keeping process: it prints its address, and answers a text
frame of rows by keeping them, `give` by sending its own rows, `relay` by passing on to every
listener what it has kept from then on.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve

FRAME_ROWS = 500
_UPSERT = """INSERT INTO items VALUES (?, ?)
    ON CONFLICT (id) DO UPDATE SET body = excluded.body"""
_decode = msgspec.json.Decoder(list[tuple[str, msgspec.Raw]]).decode
_encode = msgspec.json.Encoder().encode


def open_items(path: Path) -> sqlite3.Connection:
    """A file of opaque bodies by id, as durable as the product's."""
    conn = sqlite3.connect(path, isolation_level=None)
    conn.execute("PRAGMA journal_mode=WAL")
    conn.execute("PRAGMA synchronous=FULL")
    conn.execute("CREATE TABLE IF NOT EXISTS items (id TEXT PRIMARY KEY, body TEXT)")
    return conn


def fill(conn: sqlite3.Connection, rows: Iterator[tuple[str, str]]) -> None:
    """Put rows in, outside any measurement."""
    conn.execute("BEGIN IMMEDIATE")
    conn.executemany(_UPSERT, rows)
    conn.execute("COMMIT")


def frames(conn: sqlite3.Connection) -> Iterator[bytes]:
    """All rows, a frame at a time."""
    cursor = conn.execute("SELECT id, body FROM items ORDER BY id")
    while rows := cursor.fetchmany(FRAME_ROWS):
        yield _encode([(id, msgspec.Raw(body.encode())) for id, body in rows])


def keep(conn: sqlite3.Connection, frame: bytes) -> None:
    """Upsert one frame in one FULL transaction."""
    rows = [(id, bytes(body).decode()) for id, body in _decode(frame)]
    fill(conn, iter(rows))


def frame_of(id: str, body: str) -> bytes:
    """One row as a frame."""
    return _encode([(id, msgspec.Raw(body.encode()))])


def read(frame: bytes) -> None:
    """Decode a frame, as who hears it must."""
    _decode(frame)


def connection(url: str) -> connect:
    """A plain client connection to the keeping process."""
    return connect(url, proxy=None, compression=None, max_size=None)


async def push(conn: sqlite3.Connection, ws: ClientConnection) -> None:
    """Send everything, one frame in flight."""
    for frame in frames(conn):
        await ws.send(frame, text=True)
        await ws.recv()


async def take(conn: sqlite3.Connection, ws: ClientConnection) -> None:
    """Receive everything, one frame in flight."""
    await ws.send("give")
    while frame := await ws.recv(decode=False):
        keep(conn, frame)
        await ws.send("kept")


async def main(path: Path) -> None:
    """Serve until standard input ends."""
    conn = open_items(path)
    listeners: set[ServerConnection] = set()

    async def handle(ws: ServerConnection) -> None:
        async for frame in ws:
            assert isinstance(frame, bytes | str)
            if frame == "relay":
                listeners.add(ws)
                await ws.send("listening")
            elif frame == "give":
                for given in frames(conn):
                    await ws.send(given, text=True)
                    await ws.recv()
                await ws.send("")
            else:
                data = frame.encode() if isinstance(frame, str) else frame
                keep(conn, data)
                await ws.send("kept")
                for listener in list(listeners):
                    await listener.send(data, text=True)
        listeners.discard(ws)

    async with serve(handle, "127.0.0.1", 0, compression=None, max_size=None) as server:
        port = server.sockets[0].getsockname()[1]
        print(f"ws://127.0.0.1:{port}", flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
