"""The product over a real daemon on loopback, one phase at a time."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from schema import wire
from schema.ids import new_id
from schema.records import encode
from syncd.clock import Clock
from syncd.exchange import Exchange
from syncd.folder import HubFolder
from syncd.store.replica import Replica
from syncd.store.rows import Change

OWNER = "*工程师"
TITLES = (
    "新品官网产品页功能开发",
    "渠道适配建议落地",
    "Payment interface integration",
    "售后话术与常见问答",
)
NOTE = "联调环境自下周一起可用；the staging host answers on port 8443. 各部门提前两天提交材料，逾期说明原因。"


def body(number: int, mark: str = "") -> bytes:
    """A task of about 600 bytes of Chinese and English JSON."""
    return encode(
        {
            "title": f"{TITLES[number % 4]} {number}{mark}",
            "state": ("todo", "doing", "review", "done")[number % 4],
            "department": "研发部",
            "owner": OWNER,
            "due": f"2026-{1 + number % 12:02d}-{1 + number % 28:02d}",
            "priority": 1 + number % 4,
            "standard": ["页面加载不超过 2 秒", "功能测试通过率 100%"],
            "note": NOTE * 2,
        }
    )


def blocker(number: int, state: str) -> bytes:
    """A blocker of about as many bytes."""
    return encode(
        {
            "title": f"{TITLES[number % 4]} {number}",
            "state": state,
            "lead": "研发部",
            "owner": OWNER,
            "why": NOTE,
            "unblock": NOTE,
        }
    )


#: The kinds beside tasks and blockers, but for those whose id says what they are of.
OTHERS = (
    "project",
    "milestone",
    "duty",
    "request",
    "progress",
    "resource",
    "risk",
    "meeting",
    "topic",
    "acceptance",
    "lesson",
    "comment",
)


def paper(number: int, of: str) -> bytes:
    """A paper of another kind, which belongs to one of the others."""
    return encode(
        {
            "title": f"{TITLES[number % 4]} {number}",
            "of": of,
            "department": "研发部",
            "owner": OWNER,
            "text": NOTE,
            "note": NOTE * 2,
        }
    )


class Hub:
    """A daemon in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = HubFolder(folder)
        self.folder.make()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "syncd.cli", "serve", str(folder), "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().removeprefix("listening ").strip()

    def token(self, name: str, role: str = "liaison") -> str:
        """A token of a new member."""
        clock = Clock()
        token = secrets.token_urlsafe(32)
        store = self.folder.open()
        try:
            members = self.folder.members(store)
            code = members.invite(name=name, department="研发部", role=role, now=clock.now())
            members.redeem(code, hashlib.sha256(token.encode()).digest(), clock.now())
        finally:
            store.close()
        return token

    def memory(self) -> int:
        """The most memory that the daemon has held, in bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024

    def stop(self) -> None:
        """End the daemon and wait for it."""
        self.process.terminate()
        self.process.wait(timeout=20)
        assert self.process.stdout is not None
        self.process.stdout.close()


@contextmanager
def hub(folder: Path) -> Iterator[Hub]:
    """A daemon for as long as the block runs."""
    running = Hub(folder)
    try:
        yield running
    finally:
        running.stop()


def dial(url: str, token: str) -> connect:
    """A connection as the agent makes it on loopback."""
    return connect(
        url,
        additional_headers={"Authorization": f"Bearer {token}"},
        subprotocols=[Subprotocol(wire.SUBPROTOCOL)],
        proxy=None,
        compression=None,
        max_size=wire.FRAME_LIMIT,
    )


class Line:
    """A replica and its connection."""

    def __init__(self, replica: Replica, url: str, token: str) -> None:
        self.replica = replica
        self.exchange = Exchange(replica)
        self._dial = dial(url, token)
        self._ws: ClientConnection

    async def __aenter__(self) -> Self:
        self._ws = await self._dial
        await self._send(self.exchange.start())
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._ws.close()

    async def _send(self, frames: list[bytes]) -> None:
        for frame in frames:
            await self._ws.send(frame, text=True)

    async def save(self, changes: list[Change]) -> None:
        """Save and send at once."""
        self.replica.save(changes)
        await self._send(self.exchange.wake())

    async def until(self, reached: Callable[[], bool]) -> None:
        """Converse until something holds."""
        while not reached():
            data = await asyncio.wait_for(self._ws.recv(decode=False), 60)
            await self._send(self.exchange.receive(data))


def fill(replica: Replica, count: int) -> list[str]:
    """An offline backlog of tasks."""
    clock = Clock()
    ids = [new_id(clock.now()) for _ in range(count)]
    replica.save([Change("task", id, body(n)) for n, id in enumerate(ids)], many=True)
    return ids
