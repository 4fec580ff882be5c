"""A hub and its people as real processes."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from syncd.agent import sync_once
from syncd.clock import Clock
from syncd.folder import HubFolder
from syncd.home import Home
from syncd.store.hub import HubStore
from syncd.store.members import Members
from syncd.store.replica import Replica

ROOT = Path(__file__).parents[2]
WAIT = 8.0


class Program:
    """A process, its lines as they come, and everything it wrote to stderr."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.saved: list[str] = []
        self.lines: asyncio.Queue[str] = asyncio.Queue()
        self.errors = bytearray()
        self._reading = [
            asyncio.create_task(self._read_lines()),
            asyncio.create_task(self._read_errors()),
        ]

    async def _read_lines(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            text = line.decode().strip()
            if text.startswith("saved "):
                self.saved.append(text.removeprefix("saved "))
            self.lines.put_nowait(text)

    async def _read_errors(self) -> None:
        assert self.process.stderr is not None
        async for line in self.process.stderr:
            self.errors += line

    async def hears(self, start: str) -> str:
        """The next line that begins so."""
        async with asyncio.timeout(WAIT):
            while not (line := await self.lines.get()).startswith(start):
                pass
        return line

    def forget(self) -> None:
        """Hear only lines that come from now on."""
        while not self.lines.empty():
            self.lines.get_nowait()

    async def save(self, *titles: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("".join(f"{title}\n" for title in titles).encode())
        await self.process.stdin.drain()

    async def end(self, how: signal.Signals = signal.SIGKILL) -> int:
        """Send a signal and wait; the exit code."""
        with suppress(ProcessLookupError):
            self.process.send_signal(how)
        return await self.wait()

    async def wait(self) -> int:
        async with asyncio.timeout(WAIT):
            code = await self.process.wait()
            await asyncio.gather(*self._reading)
        return code

    @property
    def stderr(self) -> str:
        return self.errors.decode()


class Stage:
    """Starts programs in one folder and ends whatever still runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.hub = folder / "hub"
        self.environ: dict[str, str] = {}
        self.through: Sequence[object] = ()  # the module that runs the others, with its words
        self.umask = -1
        self.serving: Program | None = None
        self.port = 0
        self.started: list[Program] = []

    async def start(self, *words: object) -> Program:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            *map(str, (*self.through, *words)),
            cwd=ROOT,
            env={**os.environ, "LC_ALL": "C.UTF-8", **self.environ},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            umask=self.umask,
        )
        program = Program(process)
        self.started.append(program)
        return program

    async def run(self, *words: object) -> str:
        """Run a program to its end; what it printed."""
        program = await self.start(*words)
        code = await program.wait()
        assert code == 0, program.stderr
        lines = []
        while not program.lines.empty():
            lines.append(program.lines.get_nowait())
        return "\n".join(lines)

    async def serve(self, *options: str) -> str:
        """Start the hub, where it was before if it was; its address."""
        self.serving = await self.start(
            "syncd.cli", "serve", self.hub, "--port", self.port, *options
        )
        url = (await self.serving.hears("listening ")).removeprefix("listening ")
        self.port = int(url.rpartition(":")[2])
        return url

    def invite(self, name: str, role: str = "liaison", department: str = "研发部") -> str:
        """The code of an invitation, made beside the running hub."""
        store = HubStore(self.hub / "hub.db")
        try:
            return Members(store).invite(
                name=name, department=department, role=role, now=Clock().now()
            )
        finally:
            store.close()

    async def join(self, name: str, role: str = "liaison", department: str = "研发部") -> Home:
        """A home of a new member."""
        home = Home(self.folder / name)
        url = HubFolder(self.hub).address
        await asyncio.to_thread(home.join, url, self.invite(name, role, department))
        return home

    async def watch(self, home: Home) -> Program:
        return await self.start("tests.processes.worker", "watch", home.path)

    async def sync(self, home: Home) -> None:
        await asyncio.to_thread(sync_once, home)

    def store(self) -> HubStore:
        return HubStore(self.hub / "hub.db", readonly=True)


@asynccontextmanager
async def staged(folder: Path) -> AsyncIterator[Stage]:
    """A hub that was made but not started."""
    stage = Stage(folder)
    try:
        HubFolder(stage.hub).make()
        yield stage
    finally:
        await asyncio.gather(*(program.end() for program in stage.started))


def point_at(home: Home, url: str) -> None:
    replica = home.open_replica()
    with replica.write():
        replica.set_meta(hub=url)
    replica.close()


def stands(home: Home) -> tuple[int, str, str, int]:
    """What replicas in step have in common, and what is unsent."""
    replica: Replica = home.open_replica(readonly=True)
    try:
        return replica.seq, replica.meta("count"), replica.meta("digest"), replica.unsent()
    finally:
        replica.close()
