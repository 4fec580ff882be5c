"""The open home of the app: a connection to read with, a pen to save with, and the agent.

The screen's loop only reads, and only windows. Saving waits for the disk and for the writers'
lock, so it is done in a thread of its own.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from schema.errors import StoreError
from schema.rules.truth import Link, Standing, Truth, truth
from schema.wording import _
from syncd.clock import Clock
from syncd.home import Home
from syncd.store.connection import store_error
from syncd.store.reading import Setting, calendar_of, setting
from syncd.store.replica import Replica
from syncd.store.standing import standing

if TYPE_CHECKING:
    from schema.workdays import Calendar
    from syncd.agent import AgentState, AgentThread
    from syncd.store.rows import Change
    from syncd.store.windows import BoardWindow
    from tui.acts import Acted

T = TypeVar("T")


class Workspace:
    """A home that is open; one for each running app.

    `replica` is for reading, one thread at a time; `board` is the board as it was counted when the
    home was opened, for who shows it first. Times are microseconds since 1970.
    """

    def __init__(self, home: Home, clock: Clock | None = None) -> None:
        self.home = home
        self.clock = clock or Clock()
        home.open_replica().close()
        self.replica = Replica(home.database, self.clock, readonly=True)
        self.board: BoardWindow | None = None
        self.agent_state: AgentState | None = None
        self._agent: AgentThread | None = None
        self._pen = ThreadPoolExecutor(1, "pen")
        self._held: Replica | None = None
        self._heard = -1
        self._setting: Setting | None = None
        self._calendar: Calendar | None = None
        self._standing: tuple[AgentState | None, Standing] | None = None

    @property
    def conn(self) -> sqlite3.Connection:
        """What read models read from."""
        return self.replica.conn

    def now(self) -> int:
        return self.clock.now()

    def moment(self) -> datetime:
        """Now, aware."""
        return datetime.fromtimestamp(self.now() / 1_000_000, UTC)

    # -- reading

    def changed(self) -> bool:
        """Whether somebody has committed since this was last asked."""
        heard = self.replica.db.data_version()
        if heard == self._heard:
            return False
        self._heard = heard
        self._setting = None
        self._calendar = None
        self._standing = None
        return True

    @property
    def heard(self) -> int:
        """A number that is another one after each commit that `changed` has told."""
        return self._heard

    @property
    def setting(self) -> Setting:
        """Whose replica this is and how the workspace counts."""
        if self._setting is None:
            self._setting = setting(self.conn)
        return self._setting

    @property
    def calendar(self) -> Calendar:
        """The working days of the workspace."""
        if self._calendar is None:
            self._calendar = calendar_of(self.conn)
        return self._calendar

    def standing(self) -> Standing:
        """How the replica stands to its hub."""
        state = self.agent_state
        link: Link = "idle"
        if state is not None and state.connected:
            link = "up"
        elif state is not None and state.error and not state.another:
            link = "down"
        if self._standing is None or self._standing[0] is not state:
            another = state is not None and state.another
            self._standing = (state, standing(self.replica, link=link, another=another))
        return self._standing[1]

    def truth(self) -> Truth:
        """What the bottom line says."""
        return truth(self.standing(), now=self.now(), zone=self.setting.zone)

    # -- saving

    async def write(self, what: Callable[[Replica], T]) -> T:
        """Do something with the pen's own replica, in the pen's thread; DuijieError when it fails."""
        done = await asyncio.get_running_loop().run_in_executor(self._pen, self._with_pen, what)
        if self._agent is not None:
            self._agent.woken()
        return done

    async def act(
        self, plan: Callable[[Replica], Sequence[Change]], *, undoes: int | None = None
    ) -> Acted:
        """Save one act, its edits worked out by `plan` inside the transaction that saves them."""
        from tui.acts import act

        return await self.write(lambda pen: act(pen, lambda: plan(pen), undoes=undoes))

    def set_down(self, what: Callable[[Replica], object]) -> Future[object]:
        """Do something with the pen without waiting: the last words of what is being closed."""
        return self._pen.submit(self._with_pen, what)

    def _with_pen(self, what: Callable[[Replica], T]) -> T:
        try:
            # A pen that is opened late would make a file that was taken away anew.
            self.replica.db.check_place()
            if self._held is None:
                self._held = Replica(self.home.database, self.clock)
            return what(self._held)
        except sqlite3.DatabaseError as error:
            raise store_error(self.home.database, error) from error
        except OSError as error:
            from syncd.command import file_error

            raise StoreError(
                file_error(error), _("Check the home's folder; nothing that was saved is lost.")
            ) from error

    # -- syncing

    def start_agent(self, on_change: Callable[[AgentState], None]) -> None:
        """Begin to sync; `on_change` is called in the agent's thread."""
        from syncd.agent import AgentThread

        if self._agent is None:
            self._agent = AgentThread(self.home, on_change)
            self._agent.start()

    def stop(self) -> None:
        """End the agent and the pen tidily; waits for both, so not on the screen's loop."""
        if self._agent is not None:
            self._agent.stop()
        self._pen.submit(self._put_down).result()
        self._pen.shutdown()

    def close(self) -> None:
        """Let go of the file."""
        self.replica.close()

    def _put_down(self) -> None:
        if self._held is not None:
            self._held.close()
