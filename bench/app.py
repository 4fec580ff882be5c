"""The app in a real terminal: how soon it stands there, how soon a key is answered, what it costs at rest.

`python -m bench.app bare` is the app it is measured against: nothing but one line of Textual.
`python -m bench.app beat HOME FILE` is our app with a heart that beats on the screen's loop; at
each SIGUSR1 it writes the longest pause since the last one into FILE.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

from bench import product
from schema.ids import new_id
from schema.records import encode
from syncd.clock import Clock
from syncd.home import Home
from syncd.store.rows import Change

SIZE = (120, 36)
TALL = (120, 240)
PATIENCE = 30.0
BEAT = 0.002
QUIET = 0.25
DOWN, PAGE_DOWN = (b"\x1b[B", b"\x1b[A"), (b"\x1b[6~", b"\x1b[5~")
DUIJIE = [sys.executable, "-m", "tui.cli.main"]


class Tty:
    """A program in a pseudo-terminal that only counts what it sends."""

    def __init__(self, words: Sequence[str], size: tuple[int, int] = SIZE) -> None:
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
            env={**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"},
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

    def press(self, key: bytes) -> float:
        """Seconds from a key to the first byte of its answer."""
        self.sent = b""
        passed = time.perf_counter()
        os.write(self._master, key)
        assert self.read(PATIENCE), "a key was not answered"
        return time.perf_counter() - passed

    def cpu(self) -> float:
        """The seconds of a core that it has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def duijie(home: Home, *words: str) -> list[str]:
    return [*DUIJIE, "--home", str(home.path), "--lang", "zh", *words]


@contextmanager
def homes(*counts: int) -> Iterator[list[Home]]:
    """Homes with so many tasks each."""
    with tempfile.TemporaryDirectory() as name:
        made = []
        for place, count in enumerate(counts):
            home = Home(Path(name) / str(place))
            home.init("张三", "研发部")
            replica = home.open_replica()
            if count:
                product.fill(replica, count)
            replica.close()
            made.append(home)
        yield made


# -- the first screen


def first_paint(home: Home, repeats: int) -> tuple[float, float]:
    """Seconds from the start to the first whole screen: ours, and that of a bare app."""
    ours, bare = [], []
    for _ in range(repeats):
        with Tty([sys.executable, "-m", "bench.app", "bare"]) as tty:
            bare.append(tty.until("stands"))
        with Tty(duijie(home)) as tty:
            ours.append(tty.until(product.TITLES[0][:8]))
    return statistics.median(ours), statistics.median(bare)


# -- keys


def keys(few: Home, many: Home, pair: tuple[bytes, bytes], repeats: int) -> tuple[float, float]:
    """Seconds from a key to its answer, with many records and with few, in turn.

    `pair` is the key and the one that goes back, pressed as often, unmeasured.
    """
    took: dict[Home, list[float]] = {few: [], many: []}
    with ExitStack() as stack:
        ttys = {home: stack.enter_context(Tty(duijie(home))) for home in took}
        for tty in ttys.values():
            tty.until(product.TITLES[0][:8])
            tty.rest()
        for _ in range(repeats):
            for home, tty in ttys.items():
                took[home].append(tty.press(pair[0]))
                tty.rest(0.03)
            if len(took[many]) % 10 == 0:
                for tty in ttys.values():
                    for _back in range(10):
                        tty.press(pair[1])
                        tty.rest(0.03)
    return statistics.median(took[many]), statistics.median(took[few])


# -- while others work


def longest_pause(count: int) -> tuple[float, float]:
    """The screen's longest pause in seconds: at rest, and while so many remote edits come in."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with product.hub(folder / "hub") as hub:
            mine, theirs = Home(folder / "mine"), Home(folder / "theirs")
            tokens = {home: hub.token(name) for home, name in ((mine, "a"), (theirs, "b"))}
            for home, token in tokens.items():
                home.path.mkdir(mode=0o700)
                home.write_token(token)
                _join(home, hub.url, token)
            replica = theirs.open_replica()
            ids = product.fill(replica, count)
            _exchange(replica, hub.url, tokens[theirs])
            beats = folder / "beats"
            with Tty(
                [sys.executable, "-m", "bench.app", "beat", str(mine.path), str(beats)]
            ) as tty:
                tty.until(product.TITLES[0][:8])
                tty.until(f"{count} ")
                tty.rest()
                _beat(tty, beats)
                _for(tty, 2.0)
                rest = _beat(tty, beats)
                marked = [Change("task", id, product.body(n, " 改")) for n, id in enumerate(ids)]
                replica.save(marked, many=True)
                _exchange(replica, hub.url, tokens[theirs])
                _for(tty, 2.0)
                busy = _beat(tty, beats)
            replica.close()
    return rest, busy


def _join(home: Home, url: str, token: str) -> None:
    from syncd.store.replica import Replica

    replica = Replica(home.database)
    with replica.write():
        replica.set_meta(hub=url)
    _exchange(replica, url, token)
    replica.close()


def _exchange(replica: Any, url: str, token: str) -> None:
    async def exchange() -> None:
        async with product.Line(replica, url, token) as line:
            await line.until(lambda: line.exchange.settled and not replica.unsent())

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
                tty.until("未开始")
                tty.rest()
                os.write(tty._master, b"4")
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


# -- the programs that are measured


def bare() -> None:
    """The least that Textual can show."""
    from textual.app import App, ComposeResult
    from textual.widgets import Static

    class Bare(App[None]):
        def compose(self) -> ComposeResult:
            yield Static("stands")

    Bare().run()


def beat(home: Path, file: Path) -> None:
    """Our app with a heart."""
    from schema import wording
    from tui.app import DuijieApp

    wording.use("zh")

    class Beating(DuijieApp):
        longest = 0.0

        async def on_mount(self) -> None:
            await super().on_mount()
            asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, self.tell)
            self._heart = asyncio.create_task(self.beat())

        async def beat(self) -> None:
            while True:
                before = time.perf_counter()
                await asyncio.sleep(BEAT)
                self.longest = max(self.longest, time.perf_counter() - before - BEAT)

        def tell(self) -> None:
            fresh = file.with_suffix(".new")
            fresh.write_text(f"{self.longest}")
            fresh.rename(file)
            self.longest = 0.0

    Beating(Home(home)).run()


if __name__ == "__main__":
    if sys.argv[1] == "bare":
        bare()
    else:
        beat(Path(sys.argv[2]), Path(sys.argv[3]))
