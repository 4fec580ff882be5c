"""What the app hears while it is open: the seconds, what others commit, and the agent."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING

from schema.errors import DuijieError
from schema.wording import n_
from tui.asking import Asker
from tui.terminal import gone

if TYPE_CHECKING:
    from syncd.agent import AgentState
    from tui.app import DuijieApp
    from tui.screens.frame import Frame
    from tui.widgets.view import View

TOLD = 3  # pieces of news that are said one by one
QUICK = 0.01  # a reread that takes longer is counted in a thread the next time, in seconds
LOOK = 0.2  # how often another program's commits are looked for, in seconds


class Hearing:
    """Tells the frame that something is otherwise; begun once a workspace is open."""

    def __init__(self, app: DuijieApp) -> None:
        self._app = app
        self.rest_until = 0.0
        self._slow = False
        self._asker: Asker | None = None

    def begin(self, *, synced: bool) -> None:
        """Listen from now on; `synced` starts the agent."""
        self._app.set_interval(1.0, self.tick)
        self._app.set_interval(LOOK, self.look)
        self._app.call_after_refresh(self.tell_news)
        if synced:
            self._app.call_after_refresh(self._start_agent)

    def tick(self) -> None:
        """A second has passed."""
        app = self._app
        if not app.is_headless and gone():
            app.ended_by(signal.SIGHUP)
        if app.frame is not None and app.frame.is_attached:
            app.frame.tick()

    def look(self) -> None:
        """Read again where somebody has committed, and each minute; never more than a tenth of the time."""
        began = monotonic()
        frame = self._app.frame
        if frame is None or not frame.is_attached or began < self.rest_until:
            return
        if not (self._app.workspace.changed() or frame.aged()):
            return
        if self._slow or frame.counts_beside:
            self.rest_until = float("inf")
            self._app.run_worker(self._reread_beside(frame), group="look")
            return
        frame.reread()
        self._rest(began)
        self.tell_news()

    def _rest(self, began: float) -> None:
        took = monotonic() - began
        self._slow = took > QUICK
        self.rest_until = began + 10 * took

    async def _reread_beside(self, frame: Frame) -> None:
        """Read again without holding up the screen, where that would be felt."""
        began = monotonic()
        try:
            await self._counted(frame)
        finally:
            self._rest(began)
        self.tell_news()

    def count(self, view: View) -> None:
        """Have the list of a view that is on screen counted in a thread; the newest question counts."""
        frame = self._app.frame
        if frame is not None and frame.view is view:
            self._app.run_worker(self._counted(frame), group="count")

    async def _counted(self, frame: Frame) -> None:
        if self._asker is None:
            self._asker = Asker(self._app.home)
            self._app.on_ending.append(self._asker.close)
        try:
            await frame.reread_beside(self._asker)
        except DuijieError as error:
            self._app.say(str(error), wrong=True)

    # -- the agent

    def _start_agent(self) -> None:
        loop = asyncio.get_running_loop()

        def told(state: AgentState) -> None:
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self.agent_told, state)

        self._app.workspace.start_agent(told)

    def agent_told(self, state: AgentState) -> None:
        """The agent's link is another now."""
        self._app.workspace.agent_state = state
        if self._app.frame is not None:
            self._app.frame.tick()

    def tell_news(self) -> None:
        """Say once what syncing brought that this person must know."""
        from syncd.store.notices import has_news

        if has_news(self._app.workspace.replica):
            self._app.run_worker(self._app.attempt(self._take_news()), group="news")

    async def _take_news(self) -> None:
        from tui.cli.news import news

        lines = await self._app.workspace.write(lambda pen: news(pen, on_screen=True))
        told = lines[:TOLD]
        if more := len(lines[TOLD:]):
            told.append(n_("{n} more like these.", "{n} more like these.", more))
        if told:
            self._app.say("\n".join(told), about="news")
