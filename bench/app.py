"""The app in a pseudo-terminal: its first screen, its keys, and what it does while others work."""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import select
import shutil
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple, Self
from zoneinfo import ZoneInfo

from bench import product
from schema.ids import new_id
from schema.records import encode
from syncd.clock import Clock
from syncd.home import Home
from syncd.store.replica import Replica
from syncd.store.rows import Change

SIZE = (120, 36)
TALL = (120, 240)
PATIENCE = 30.0
QUIET = 0.25
OPEN = 20
PAUSE = 0.05  # what an answer to a key may pause for, in seconds
FIRST_CARD = product.TITLES[0][:8]


TABS = {"today": b"1", "board": b"2", "blockers": b"3", "deadlines": b"4"}
#: What is pressed, and what takes it back.
KEYS = {
    "down": (b"\x1b[B", b"\x1b[A"),
    "page": (b"\x1b[6~", b"\x1b[5~"),
    "end": (b"\x1b[F", b"\x1b[H"),
}


class Tty:
    """A program in a pseudo-terminal that only counts what it sends."""

    def __init__(
        self,
        words: Sequence[str],
        size: tuple[int, int] = SIZE,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.sent = b""
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            words,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env={
                **(os.environ if environ is None else environ),
                "TERM": "xterm-256color",
                "COLORTERM": "truecolor",
            },
        )
        os.close(slave)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._master)

    def read(self, timeout: float) -> bool:
        """Take what was sent; whether anything came in time."""
        if not select.select([self._master], [], [], timeout)[0]:
            return False
        self.sent += os.read(self._master, 1 << 20)
        return True

    def until(self, text: str) -> float:
        """Seconds from the start until a text was sent."""
        wanted = text.encode()
        while wanted not in self.sent:
            assert self.read(PATIENCE), f"{text} never came: {self.sent[-2000:]!r}"
        return time.perf_counter() - self.started

    def rest(self, quiet: float = QUIET) -> None:
        """Read until nothing more comes."""
        while self.read(quiet):
            pass

    def write(self, keys: bytes) -> None:
        os.write(self._master, keys)

    def press(self, *keys: bytes) -> float:
        """The seconds of a core that the answers to some keys took, one after the other."""
        before = self.cpu()
        for key in keys:
            self.write(key)
            self.rest(PAUSE)
        return self.cpu() - before

    def cpu(self) -> float:
        """The seconds of a core that it has used, all threads together."""
        tasks = Path(f"/proc/{self.process.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def duijie(home: Home) -> list[str]:
    return [sys.executable, "-m", "tui.cli.main", "--home", str(home.path), "--lang", "zh"]


def made(folder: Path, count: int) -> Home:
    """A home with so many records: of ten two are blockers, one is a paper of another kind, the others tasks.

    Twenty blockers are open, whatever the number: what waits for an answer is a page or two.
    """
    home = Home(folder)
    home.init(product.OWNER, "研发部")
    replica = home.open_replica()
    if count:
        clock = Clock()
        ids = [new_id(clock.now()) for _n in range(count)]
        replica.save([_change(n, ids) for n in range(count)], many=True)
    replica.close()
    return home


def _change(number: int, ids: Sequence[str]) -> Change:
    id = ids[number]
    if not number % 5:
        return Change("blocker", id, product.blocker(number, _state(number)))
    if number % 10 != 3:
        return Change("task", id, product.body(number))
    kind = product.OTHERS[number // 10 % len(product.OTHERS)]
    return Change(kind, id, product.paper(number, ids[number // 2]))


def _state(number: int) -> str:
    return "open" if number < 5 * OPEN else "closed"


@contextmanager
def homes(*counts: int) -> Iterator[list[Home]]:
    """Homes with so many records each."""
    with tempfile.TemporaryDirectory() as name:
        yield [made(Path(name) / str(place), count) for place, count in enumerate(counts)]


# -- the first screen


def first_paint(home: Home, repeats: int) -> tuple[float, float]:
    """Seconds from the start to the first card on the screen: ours, and a bare app's to its word.

    Both run from bytecode, as they do where they are installed, in turn; the lower quartile.
    """
    ours, bare = [], []
    with tempfile.TemporaryDirectory() as compiled:
        environ = {**os.environ, "PYTHONPYCACHEPREFIX": compiled}
        environ.pop("PYTHONDONTWRITEBYTECODE", None)
        for _ in range(repeats + 1):
            with Tty([sys.executable, "-m", "bench.bare"], environ=environ) as tty:
                bare.append(tty.until("stands"))
                tty.rest()
            with Tty(duijie(home), environ=environ) as tty:
                ours.append(tty.until(FIRST_CARD))
                tty.rest()
    return _lower(ours[1:]), _lower(bare[1:])


def _lower(took: Sequence[float]) -> float:
    return statistics.quantiles(took, n=4)[0]


# -- keys


class Pressed(NamedTuple):
    """The seconds of a core that a key and its way back take, with many records and with few."""

    name: str
    many: float
    few: float

    @property
    def ratio(self) -> float:
        return self.many / self.few


def keys(few: Home, many: Home, tab: str, repeats: int) -> list[Pressed]:
    """Each key on a tab, and the way to that tab, with many records and with few, in turn."""
    with ExitStack() as stack:
        ttys = {home: stack.enter_context(Tty(duijie(home))) for home in (many, few)}
        for tty in ttys.values():
            tty.until(FIRST_CARD)
            tty.rest(1.0)
            tty.write(TABS[tab])
            tty.rest()
        pressed = []
        switch = (TABS["board" if tab != "board" else "deadlines"], TABS[tab])
        for name, pair in {**KEYS, "switch": switch}.items():
            took: dict[Home, list[float]] = {many: [], few: []}
            for _ in range(repeats + 1):
                for home, tty in ttys.items():
                    took[home].append(tty.press(*pair))
            pressed.append(Pressed(name, _lower(took[many][1:]), _lower(took[few][1:])))
    return pressed


# -- while others work


class Paused(NamedTuple):
    """The loop's longest pause in seconds: at rest, and while remote edits came in."""

    rest: float
    busy: float


def longest_pause(big: Home, edits: int) -> Paused:
    """How long the screen stood still while an agent took so many edits into a copy of a home."""
    with tempfile.TemporaryDirectory() as name, product.hub(Path(name) / "hub") as hub:
        mine, theirs = Home(Path(name) / "mine"), Home(Path(name) / "theirs")
        shutil.copytree(big.path, mine.path)
        theirs.path.mkdir(mode=0o700)
        tokens = {home: hub.token(name) for home, name in ((mine, "a"), (theirs, "b"))}
        other = Replica(theirs.database)
        ids = product.fill(other, edits)
        _exchange(other, hub.url, tokens[theirs], lambda: not other.unsent())
        for home, token in tokens.items():
            home.write_token(token)
        replica = Replica(mine.database)
        with replica.write():
            replica.set_meta(hub=hub.url)
        _exchange(replica, hub.url, tokens[mine], lambda: not replica.unsent())
        replica.close()
        beats = Path(name) / "beats"
        with Tty([sys.executable, "-m", "bench.heart", str(mine.path), str(beats)]) as tty:
            tty.until(FIRST_CARD)
            tty.rest(1.5)
            _beat(tty, beats)
            _for(tty, 2.0)
            rest = _beat(tty, beats)
            other.save(
                [Change("task", id, product.body(n, " 改")) for n, id in enumerate(ids)],
                many=True,
            )
            _exchange(other, hub.url, tokens[theirs], lambda: not other.unsent())
            _for(tty, 3.0)
            busy = _beat(tty, beats)
        other.close()
    return Paused(rest, busy)


def _exchange(replica: Replica, url: str, token: str, done: Callable[[], bool]) -> None:
    async def exchange() -> None:
        async with product.Line(replica, url, token) as line:
            await line.until(done)

    asyncio.run(exchange())


def _for(tty: Tty, seconds: float) -> None:
    """Read for so long."""
    end = time.perf_counter() + seconds
    while (left := end - time.perf_counter()) > 0:
        tty.read(left)


def _beat(tty: Tty, beats: Path) -> float:
    """The longest pause since this was last asked."""
    beats.unlink(missing_ok=True)
    tty.process.send_signal(signal.SIGUSR1)
    while not beats.exists():
        tty.read(0.01)
    return float(beats.read_text())


# -- at rest


def countdowns(count: int, seconds: float) -> tuple[float, float]:
    """The part of a core that so many running countdowns cost, and that an idle app does."""
    with homes(0, 0) as (ticking, idle):
        replica = ticking.open_replica()
        clock = Clock()
        begin = datetime.now(ZoneInfo("Asia/Shanghai")) + timedelta(hours=2)
        dues = [begin + timedelta(minutes=n) for n in range(count)]
        replica.save(
            [
                Change(
                    "task",
                    new_id(clock.now()),
                    encode(
                        {"title": f"第 {n} 项", "state": "doing", "due": f"{due:%Y-%m-%dT%H:%M}"}
                    ),
                )
                for n, due in enumerate(dues)
            ],
            many=True,
        )
        replica.close()
        with Tty(duijie(ticking), TALL) as one, Tty(duijie(idle), TALL) as other:
            ttys = (one, other)
            for tty in ttys:
                tty.until("倒计时")
                tty.rest()
                tty.write(TABS["deadlines"])
            one.until(f"第 {count - 1} 项")
            for tty in ttys:
                _for(tty, 1.5)
            before = [tty.cpu() for tty in ttys]
            end = time.perf_counter() + seconds
            while time.perf_counter() < end:
                for tty in ttys:
                    tty.read(0.05)
            used = [tty.cpu() - was for tty, was in zip(ttys, before, strict=True)]
    return used[0] / seconds, used[1] / seconds
