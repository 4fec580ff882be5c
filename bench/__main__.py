"""`make bench`: the figures of docs/bench.md, each as a ratio to the raw pipeline of the same run."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from websockets.asyncio.client import ClientConnection

from bench import app, product, raw
from schema.ids import new_id
from schema.wire import Hello, Page, Pull, encode, from_hub
from syncd.clock import Clock
from syncd.store.replica import Replica
from syncd.store.rows import Change

LISTENERS = 200
EDITS = 60
FEW = 1_000
EDITED = 1_000


class Figure(NamedTuple):
    """One line of the table: a ratio and the bound it is held against."""

    name: str
    ratio: float
    bound: str
    held: bool
    detail: str


def at_least(name: str, ratio: float, bound: float, detail: str) -> Figure:
    return Figure(name, ratio, f">= {bound:g}", ratio >= bound, detail)


def at_most(name: str, ratio: float, bound: float, detail: str) -> Figure:
    return Figure(name, ratio, f"<= {bound:g}", ratio <= bound, detail)


@contextmanager
def keeper(path: Path) -> Iterator[str]:
    """The raw pipeline's keeping process; its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.raw", str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.stdin.close()
        process.wait(timeout=20)
        process.stdout.close()


def rows(count: int, mark: str = "") -> Iterator[tuple[str, str]]:
    """Opaque rows of the same bodies that the product moves."""
    clock = Clock()
    for n in range(count):
        yield new_id(clock.now()), product.body(n, mark).decode()


def clocked() -> Callable[[], float]:
    start = time.perf_counter()
    return lambda: time.perf_counter() - start


# -- a backlog up, a fresh replica down


async def raw_bulk(folder: Path, count: int) -> tuple[float, float]:
    """Seconds to push and to take `count` rows."""
    up, down = raw.open_items(folder / "up.db"), raw.open_items(folder / "down.db")
    raw.fill(up, rows(count))
    with keeper(folder / "kept.db") as url:
        async with raw.connection(url) as ws:
            passed = clocked()
            await raw.push(up, ws)
            pushed = passed()
            passed = clocked()
            await raw.take(down, ws)
            taken = passed()
    up.close()
    down.close()
    return pushed, taken


async def product_bulk(folder: Path, count: int) -> tuple[float, float, float]:
    """Seconds until a backlog is acked, until its outbox is empty, and of a fresh replica."""
    with product.hub(folder / "hub") as hub:
        replica = Replica(folder / "a.db")
        product.fill(replica, count)
        passed = clocked()
        async with product.Line(replica, hub.url, hub.token("a")) as line:
            await line.until(lambda: line.exchange.following)
            acked = passed()
            await line.until(lambda: line.exchange.settled)
            emptied = passed()
        fresh = Replica(folder / "b.db")
        token = hub.token("b")
        passed = clocked()
        async with product.Line(fresh, hub.url, token) as line:
            await line.until(lambda: line.exchange.settled)
            taken = passed()
        same = all(replica.meta(key) == fresh.meta(key) for key in ("seq", "count", "digest"))
        assert same, "the two replicas differ"
        replica.close()
        fresh.close()
    return acked, emptied, taken


def bulk(count: int, repeats: int) -> list[Figure]:
    """Push of an offline backlog, catch-up of a fresh replica."""
    pushes, catches, lines = [], [], []
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as name:
            raw_push, raw_take = asyncio.run(raw_bulk(Path(name), count))
        with tempfile.TemporaryDirectory() as name:
            acked, emptied, taken = asyncio.run(product_bulk(Path(name), count))
        pushes.append(raw_push / acked)
        catches.append(raw_take / taken)
        lines.append((acked, emptied, taken, raw_push, raw_take))
    acked, emptied, taken, raw_push, raw_take = (
        statistics.median(column) / count * 1e6 for column in zip(*lines, strict=True)
    )
    return [
        at_least(
            f"push of {count:,} offline",
            statistics.median(pushes),
            0.25,
            f"{acked:.0f} us a record, raw {raw_push:.0f}; outbox empty after {emptied:.0f}",
        ),
        at_least(
            f"catch-up of {count:,}",
            statistics.median(catches),
            0.30,
            f"{taken:.0f} us a record, raw {raw_take:.0f}",
        ),
    ]


# -- one edit, live


async def raw_live(folder: Path) -> list[float]:
    """Seconds from a row kept at one end to the same row kept at the other."""
    mine, theirs = raw.open_items(folder / "a.db"), raw.open_items(folder / "b.db")
    took = []
    with keeper(folder / "kept.db") as url:
        async with raw.connection(url) as a, raw.connection(url) as b:
            await b.send("relay")
            await b.recv()
            for row in rows(EDITS):
                passed = clocked()
                raw.fill(mine, iter([row]))
                await a.send(raw.frame_of(*row), text=True)
                raw.keep(theirs, await b.recv(decode=False))
                took.append(passed())
                await a.recv()
    mine.close()
    theirs.close()
    return took


async def product_live(folder: Path) -> list[float]:
    """Seconds from a save at one replica to the same edit in the other's file."""
    took = []
    with product.hub(folder / "hub") as hub:
        a, b = Replica(folder / "a.db"), Replica(folder / "b.db")
        async with (
            product.Line(a, hub.url, hub.token("a")) as one,
            product.Line(b, hub.url, hub.token("b")) as other,
        ):
            await one.until(lambda: one.exchange.settled)
            await other.until(lambda: other.exchange.settled)
            for n in range(EDITS):
                seq = b.seq
                id = new_id(Clock().now())
                passed = clocked()
                await one.save([Change("task", id, product.body(n))])
                await other.until(lambda seq=seq: b.seq > seq)  # type: ignore[misc]
                took.append(passed())
                await one.until(lambda: one.exchange.settled)
        a.close()
        b.close()
    return took


def live(repeats: int) -> Figure:
    """One edit from A's save to B's file."""
    ours, bare = [], []
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as name:
            bare.append(statistics.median(asyncio.run(raw_live(Path(name)))))
        with tempfile.TemporaryDirectory() as name:
            ours.append(statistics.median(asyncio.run(product_live(Path(name)))))
    return at_most(
        "one edit, save to save, p50",
        statistics.median(a / b for a, b in zip(ours, bare, strict=True)),
        2,
        f"{statistics.median(ours) * 1e3:.1f} ms, raw {statistics.median(bare) * 1e3:.1f} ms",
    )


# -- many listeners


async def raw_crowd(folder: Path) -> list[float]:
    """Seconds until each of the listeners has a row."""
    took: list[float] = []
    mine = raw.open_items(folder / "a.db")
    with keeper(folder / "kept.db") as url:
        lines = [await raw.connection(url) for _ in range(LISTENERS)]
        for line in lines:
            await line.send("relay")
            await line.recv()
        async with raw.connection(url) as a:
            for row in rows(EDITS):
                passed = clocked()
                raw.fill(mine, iter([row]))
                await a.send(raw.frame_of(*row), text=True)

                async def hear(line: ClientConnection) -> float:
                    raw.read(await line.recv(decode=False))
                    return passed()  # noqa: B023

                took += await asyncio.gather(*map(hear, lines))
                await a.recv()
        for line in lines:
            await line.close()
    mine.close()
    return took


async def product_crowd(folder: Path) -> tuple[list[float], int]:
    """Seconds until each of the listeners has an edit, and the daemon's most memory."""
    took: list[float] = []
    with product.hub(folder / "hub") as hub:
        tokens = [hub.token(f"m{n}", "viewer") for n in range(LISTENERS)]
        lines = [await product.dial(hub.url, token) for token in tokens]
        for n, line in enumerate(lines):
            replica = "".join("abcdefghij"[int(digit)] for digit in f"{n:010d}")
            await line.send(encode(Hello(replica, {"task": 1})), text=True)
            await line.recv()
            await line.send(encode(Pull()), text=True)
            await line.recv()
        a = Replica(folder / "a.db")
        async with product.Line(a, hub.url, hub.token("a")) as one:
            await one.until(lambda: one.exchange.settled)
            for n in range(EDITS):
                id = new_id(Clock().now())
                passed = clocked()
                await one.save([Change("task", id, product.body(n))])

                async def hear(line: ClientConnection) -> float:
                    page = from_hub(await asyncio.wait_for(line.recv(decode=False), 60))
                    assert isinstance(page, Page)
                    return passed()  # noqa: B023

                took += await asyncio.gather(*map(hear, lines))
                await one.until(lambda: one.exchange.settled)
        memory = hub.memory()
        for line in lines:
            await line.close()
        a.close()
    return took, memory


def crowd(repeats: int) -> list[Figure]:
    """200 replicas listening."""
    ours, bare, memories = [], [], []
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as name:
            bare.append(statistics.quantiles(asyncio.run(raw_crowd(Path(name))), n=100)[98])
        with tempfile.TemporaryDirectory() as name:
            took, memory = asyncio.run(product_crowd(Path(name)))
        ours.append(statistics.quantiles(took, n=100)[98])
        memories.append(memory / 1e6)
    return [
        at_most(
            f"{LISTENERS} listening, p99",
            statistics.median(a / b for a, b in zip(ours, bare, strict=True)),
            2,
            f"{statistics.median(ours) * 1e3:.0f} ms, raw {statistics.median(bare) * 1e3:.0f} ms",
        ),
        at_most("the daemon's memory with them, MB", max(memories), 80, ""),
    ]


# -- both sides edited everything


async def product_conflicts(folder: Path, count: int) -> float:
    """Seconds until two replicas that edited the same records offline are equal."""
    with product.hub(folder / "hub") as hub:
        a, b = Replica(folder / "a.db"), Replica(folder / "b.db")
        ids = product.fill(a, count)
        tokens = {replica: hub.token(name) for replica, name in ((a, "a"), (b, "b"))}
        for replica in (a, b):
            async with product.Line(replica, hub.url, tokens[replica]) as line:
                await line.until(lambda line=line: line.exchange.settled)  # type: ignore[misc]
        for replica, mark in ((a, " A"), (b, " B")):
            replica.save(
                [Change("task", id, product.body(n, mark)) for n, id in enumerate(ids)], many=True
            )
        passed = clocked()

        async def meet(replica: Replica) -> None:
            async with product.Line(replica, hub.url, tokens[replica]) as line:
                await line.until(
                    lambda: line.exchange.settled and replica.number("seq") == 3 * count
                )

        await asyncio.gather(meet(a), meet(b))
        took = passed()
        assert a.meta("digest") == b.meta("digest")
        for replica in (a, b):
            kept = replica.conn.execute("SELECT count(*) FROM leaves").fetchone()[0]
            assert kept == count, f"{kept} losers"
            replica.close()
    return took


async def raw_both(folder: Path, count: int) -> float:
    """Seconds to push as many rows from two sides and to take them all on both, one in flight."""
    files = [raw.open_items(folder / f"{name}.db") for name in "ab"]
    for conn in files:
        raw.fill(conn, rows(count))
    with keeper(folder / "kept.db") as url:
        async with raw.connection(url) as one, raw.connection(url) as other:
            passed = clocked()
            await raw.push(files[0], one)
            await raw.push(files[1], other)
            await raw.take(files[0], one)
            await raw.take(files[1], other)
            took = passed()
    for conn in files:
        conn.close()
    return took


def conflicts(count: int, repeats: int) -> Figure:
    """Every record edited on both sides offline, until all are equal."""
    ratios, ours, bares = [], [], []
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as name:
            bares.append(asyncio.run(raw_both(Path(name), count)))
        with tempfile.TemporaryDirectory() as name:
            ours.append(asyncio.run(product_conflicts(Path(name), count)))
        ratios.append(ours[-1] / bares[-1])
    return at_most(
        f"{count:,} edited on both sides, to equal",
        statistics.median(ratios),
        3,
        f"{statistics.median(ours) * 1e3:.0f} ms, raw {statistics.median(bares) * 1e3:.0f} ms",
    )


# -- the command line

BARE = """
import json, sqlite3, sys
conn = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
names = "kind id number dot rev base author eff seq accepted deleted unsent conflicts body".split()
rows = conn.execute(
    f"SELECT {', '.join(names)} FROM records WHERE kind = 'task' AND NOT deleted ORDER BY id"
)
found = []
for row in rows:
    record = dict(zip(names, row))
    record["body"] = json.loads(record["body"])
    found.append(record)
print(json.dumps(found, ensure_ascii=False))
"""


def listing(count: int, repeats: int) -> Figure:
    """`duijie list task --json` against a bare Python doing the same query."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        replica = Replica(home / "replica.db")
        product.fill(replica, count)
        replica.close()
        command = [str(Path(sys.executable).with_name("duijie")), "--home", name]
        commands = {
            "ours": [*command, "list", "task", "--json"],
            "bare": [sys.executable, "-c", BARE, str(home / "replica.db")],
        }
        took: dict[str, list[float]] = {"ours": [], "bare": []}
        for _ in range(repeats):
            for which, argv in commands.items():
                passed = clocked()
                done = subprocess.run(argv, capture_output=True, check=True)
                took[which].append(passed())
                assert len(json.loads(done.stdout)) == count
    ours, bare = (statistics.median(took[which]) for which in ("ours", "bare"))
    return at_most(
        f"duijie list task --json of {count:,}",
        ours / bare,
        2,
        f"{ours * 1e3:.0f} ms, bare Python {bare * 1e3:.0f} ms",
    )


# -- the app


def screens(count: int) -> Iterator[Figure]:
    """The first paint, keys, the loop's pauses and what countdowns cost."""
    with app.homes(count, FEW) as (many, few):
        ours, bare = app.first_paint(many, 15)
        yield at_most(
            f"first paint on {count:,}",
            ours / bare,
            1.4,
            f"{ours * 1e3:.0f} ms, a bare app {bare * 1e3:.0f} ms",
        )
        for tab in app.TABS:
            pressed = app.keys(few, many, tab, 12)
            yield at_most(
                f"a key, {tab}, {count:,} to {FEW:,}",
                max(each.ratio for each in pressed),
                1.2,
                ", ".join(
                    f"{each.name} {each.many * 1e3:.0f}/{each.few * 1e3:.0f}" for each in pressed
                )
                + " ms",
            )
        paused = app.longest_pause(many, EDITED)
        yield at_most(
            f"longest pause, {EDITED:,} edits come in, ms",
            paused.busy * 1e3,
            50,
            f"at rest {paused.rest * 1e3:.0f} ms",
        )
    ticking, idle = app.countdowns(200, 15)
    yield at_most(
        "200 countdowns over idle, % of a core",
        (ticking - idle) * 100,
        2,
        f"{ticking:.1%}, idle {idle:.1%}",
    )


def main() -> int:
    """Print the table; the exit code says whether every bound was held."""
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("--quick", action="store_true", help="leave the 100,000 out")
    parser.add_argument("--only", default="", help="push, live, crowd, conflicts, list or app")
    said = parser.parse_args()
    os.environ.setdefault("PYTHONHASHSEED", "0")
    print(
        f"Python {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}, {os.cpu_count()} cores"
    )
    held = True
    measures: list[tuple[str, Callable[[], Iterable[Figure]]]] = [
        ("push", lambda: bulk(10_000, 5)),
        ("push", lambda: [] if said.quick else bulk(100_000, 1)),
        ("live", lambda: [live(5)]),
        ("crowd", lambda: crowd(3)),
        ("conflicts", lambda: [conflicts(1_000, 5)]),
        ("list", lambda: [listing(1_000, 15)]),
        ("app", lambda: screens(10_000 if said.quick else 100_000)),
    ]
    for name, measure in measures:
        if said.only not in ("", name):
            continue
        for figure in measure():
            held &= figure.held
            verdict = "held" if figure.held else "MISSED"
            print(
                f"{figure.name:38} {figure.ratio:6.2f}  {figure.bound:8} {verdict:7} {figure.detail}",
                flush=True,
            )
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
