"""Two liaisons and a coordinator who quarrel, and the screen of one who looks at it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from schema import wording
from schema.ids import new_id
from schema.records import encode, own_id
from syncd.home import Home
from syncd.store.replica import Replica
from syncd.store.rows import Change
from tests.played import FrozenClock
from tests.tui.app.grid import grid
from tests.tui.app.resting import until
from tests.wiring import Wired
from tui.app import DuijieApp
from tui.views.conflicts import Conflicts

TITLE = "说明书定稿"


class Patient(DuijieApp):
    """An app whose toasts do not go while somebody looks for them."""

    NOTIFICATION_TIMEOUT = 600


class Office:
    """Two liaisons and a coordinator at one hub, under a clock that stands still."""

    def __init__(self, folder: Path) -> None:
        self.clock = FrozenClock()
        self.wired = Wired(folder, self.clock)
        for name, role in (("甲", "liaison"), ("乙", "liaison"), ("丙", "coordinator")):
            self.wired.join(name, role)

    def replica(self, who: str) -> Replica:
        return self.wired.replicas[who]

    def add(self, who: str, kind: str = "task", **fields: Any) -> str:
        """A record that everybody has."""
        id = own_id(kind, fields) or new_id(self.clock.now())
        self.save(who, Change(kind, id, encode(fields)))
        self.wired.sync()
        return id

    def save(self, who: str, change: Change) -> None:
        self.clock.pass_(1_000_000)
        self.replica(who).save([change])

    def body(self, who: str, id: str, kind: str = "task") -> dict[str, Any]:
        record = self.replica(who).record(kind, id)
        assert record is not None
        body: dict[str, Any] = json.loads(record.shown.body or b"{}")
        return body

    def edit(self, who: str, id: str, kind: str = "task", **fields: Any) -> None:
        self.save(who, Change(kind, id, encode({**self.body(who, id, kind), **fields})))

    def remove(self, who: str, id: str) -> None:
        self.save(who, Change("task", id, encode(self.body(who, id)), deleted=True))

    def quarrel(self, first: dict[str, Any], second: dict[str, Any], **fields: Any) -> str:
        """A task that 甲 and 乙 change without knowing of each other; 乙 wins."""
        id = self.add("甲", **{"title": TITLE, "state": "todo", "note": "n", **fields})
        self.edit("甲", id, **first)
        self.edit("乙", id, **second)
        self.wired.sync()
        return id

    @asynccontextmanager
    async def seen_by(
        self, who: str, lang: str = "en", size: tuple[int, int] = (120, 36)
    ) -> AsyncIterator[Seen]:
        wording.use(lang)
        app = Patient(Home(self.wired.home(who)), theme="dark", clock=self.clock, synced=False)
        async with app.run_test(size=size, notifications=True) as pilot:
            await pilot.press("9")
            seen = Seen(app, pilot)
            await seen.wait(lambda: (isinstance(seen.view, Conflicts) and seen.view.list.has_focus)
                            or seen.conflicts.has_class("-empty"))  # fmt: skip
            yield seen


class Seen:
    """The screen of somebody who looks at the conflicts."""

    def __init__(self, app: DuijieApp, pilot: Pilot[int]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def view(self) -> Any:
        return self.app.frame.view if self.app.frame else None

    @property
    def conflicts(self) -> Conflicts:
        assert isinstance(self.view, Conflicts)
        return self.view

    @property
    def text(self) -> str:
        return "\n".join(grid(self.app))

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def wait(self, holds: Callable[[], object]) -> None:
        await self.pilot.pause()
        await until(self.pilot, holds)

    async def tells(self, *texts: str) -> None:
        """Every text is in a toast, however that is folded."""

        def told() -> bool:
            messages = [each.message for each in self.app._notifications]
            return all(any(text in message for message in messages) for text in texts)

        await self.wait(told)

    async def says(self, *texts: str) -> None:
        """Every text comes up on screen."""
        await self.wait(lambda: all(text in self.text for text in texts))


BOTH = ({"title": "说明书初稿", "note": "n1"}, {"title": "说明书终稿", "priority": 2})
APART = ({"note": "另记"}, {"priority": 2})
