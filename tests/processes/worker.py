"""A person's program in a process of its own, worked from a test: `join`, `sync`, `stay`, `watch`.

`stay` is what `sync --watch` does. `watch` stays in step; each line on its stdin saves one task with that title, and each save
is a line `saved ID` on stdout once it is on disk. `settled` is a line whenever it is.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from pathlib import Path

from schema.ids import new_id
from schema.records import encode
from syncd.agent import AgentState, sync_for_ever, sync_once
from syncd.clock import Clock
from syncd.command import run
from syncd.home import Home
from syncd.store.rows import Change


def say(*words: str) -> None:
    print(*words, flush=True)


async def watch(home: Home) -> None:
    replica = home.open_replica()
    agent = home.agent(replica)
    own = home.open_replica()

    def told(state: AgentState) -> None:
        if state.settled:
            say("settled")

    def save(title: str) -> None:
        id = new_id(Clock().now())
        own.save([Change("task", id, encode({"title": title, "state": "todo"}))])
        say("saved", id)
        agent.woken()

    loop = asyncio.get_running_loop()

    def read() -> None:
        for line in sys.stdin:
            loop.call_soon_threadsafe(save, line.strip())

    threading.Thread(target=read, daemon=True).start()
    await agent.watch(told)


def main(argv: list[str]) -> int:
    what, folder, *more = argv
    home = Home(Path(folder))
    if what == "join":
        home.join(*more)
    elif what == "sync":
        sync_once(home)
    elif what == "stay":
        sync_for_ever(home, lambda state: say(str(state)))
    else:
        asyncio.run(watch(home))
    return 0


if __name__ == "__main__":
    sys.exit(run(main, sys.argv[1:]))
