"""The app: opens the home, keeps its screens and its agent, and wires them together."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar

from textual.app import App
from textual.binding import Binding, BindingType

from schema import wording
from schema.errors import DuijieError
from schema.safe_text import safe_text
from schema.wording import _
from syncd.clock import Clock
from syncd.home import Home
from tui.actions import ACTIONS, bindings
from tui.palette import TABLES, Shades, theme_name, themes
from tui.screens.frame import Frame
from tui.workspace import Workspace

if TYPE_CHECKING:
    from syncd.agent import AgentState
    from syncd.store.replica import Replica
    from syncd.store.rows import Change
    from tui.widgets.view import View

LOOK = 0.2  # how often another program's commits are looked for, in seconds


class DuijieApp(App[int]):
    """A home on the screen.

    `synced` lets the agent run; tests leave it out.
    """

    ENABLE_COMMAND_PALETTE = False
    TITLE = "duijie"
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(
            "app.palette",
            "app.help",
            "app.quit",
            "app.undo",
            "app.suspend",
            "app.language",
            "app.theme",
            "app.project",
            "app.search",
            "app.trash",
            "app.records",
        ),
        *(
            Binding(digit, f"tab('{digit}')", show=False, id=f"tab.{digit}")
            for digit in "123456789"
        ),
    ]
    CSS = """
    Toast { background: $shade-raise; color: $shade-text; padding: 0 1; }
    Toast .toast--title { color: $shade-accent; }
    """

    def __init__(
        self,
        home: Home,
        *,
        ascii: bool = False,
        theme: str = "",
        clock: Clock | None = None,
        synced: bool = True,
    ) -> None:
        super().__init__()
        self.home = home
        self.project = ""
        self._clock = clock
        self._synced = synced
        self._workspace: Workspace | None = None
        for each in themes():
            self.register_theme(each)
        self._ascii = ascii or self.no_color
        self.use_shades(theme or ("dark" if self._many_colours() else "dark-256"))

    def _many_colours(self) -> bool:
        return self.console.color_system == "truecolor"

    # -- what views use

    @property
    def workspace(self) -> Workspace:
        """The open home."""
        assert self._workspace is not None
        return self._workspace

    def current_shades(self) -> Shades:
        return self.shades

    def use_shades(self, name: str) -> None:
        """Draw with another table of colours."""
        self.shades = Shades(name, ascii=self._ascii)
        self.theme = theme_name(name)

    @property
    def frame(self) -> Frame | None:
        """The frame, where a workspace is open."""
        return next((each for each in self.screen_stack if isinstance(each, Frame)), None)

    def say(self, text: str, *, wrong: bool = False) -> None:
        """A toast; never read as markup."""
        self.notify(
            safe_text(text, lines=True),
            markup=False,
            severity="warning" if wrong else "information",
        )

    async def attempt(self, what: Awaitable[object]) -> bool:
        """Wait for something; its error becomes a toast. Whether it went well."""
        try:
            await what
        except DuijieError as error:
            self.say(str(error), wrong=True)
            return False
        return True

    async def act(self, plan: Callable[[Replica], Sequence[Change]]) -> bool:
        """Save one act and say what is to be known of it; whether it was saved."""

        async def save() -> None:
            for hint in (await self.workspace.act(plan)).hints:
                self.say(hint)

        saved = await self.attempt(save())
        self.workspace.changed()
        return saved

    @property
    def project_title(self) -> str:
        """The project that is shown, or that all are."""
        if not self.project:
            return _("all projects")
        row = self.workspace.conn.execute(
            "SELECT title FROM records WHERE kind = 'project' AND id = ?", (self.project,)
        ).fetchone()
        return row[0] if row and row[0] else self.project[-6:]

    async def open_record(self, kind: str, id: str) -> None:
        """Show a record's page."""

    async def open_view(self, view: View) -> None:
        """Show a view over the one that is there."""
        if self.frame is not None:
            await self.frame.open(view)

    # -- life

    async def on_mount(self) -> None:
        if not self.is_headless:
            # What ends a session or a service gives the terminal back as ^Q does.
            end = signal.SIGTERM
            asyncio.get_running_loop().add_signal_handler(end, self.exit, 128 + end)
        if self.home.exists():
            await self.open_workspace()

    async def open_workspace(self) -> None:
        """Open the home and show it; called again by what makes one."""
        self._workspace = Workspace(self.home, self._clock)
        self._workspace.changed()
        await self.push_screen(Frame(self))
        self.set_interval(1.0, self._tick)
        self.set_interval(LOOK, self._look)
        if self._synced:
            self.call_after_refresh(self._start_agent)

    def _start_agent(self) -> None:
        loop = asyncio.get_running_loop()

        def told(state: AgentState) -> None:
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self._agent_told, state)

        self.workspace.start_agent(told)

    def _agent_told(self, state: AgentState) -> None:
        self.workspace.agent_state = state
        if self.frame is not None:
            self.frame.tick()

    def _tick(self) -> None:
        if self.frame is not None and self.frame.is_attached:
            self.frame.tick()

    def _look(self) -> None:
        if self.frame is not None and self.workspace.changed():
            self.frame.reread()

    async def on_unmount(self) -> None:
        if self._workspace is not None:
            await asyncio.get_running_loop().run_in_executor(None, self._workspace.stop)
            self._workspace.close()

    # -- actions

    async def action_tab(self, digit: str) -> None:
        if self.frame is not None and self.screen is self.frame:
            await self.frame.go(digit)

    async def run_by_id(self, id: str) -> None:
        """Do an action by its id, where the focus would find it."""
        for node, binding, enabled, _tip in self.screen.active_bindings.values():
            if binding.id == id and enabled:
                await self.run_action(binding.action, node)
                return
        if id.startswith("app."):
            await self.run_action(f"app.{ACTIONS[id].method}")

    def action_language(self) -> None:
        wording.use("en" if wording.current() == "zh" else "zh")
        if self.frame is not None:
            self.frame.reread()
            self.frame.refresh(repaint=True, layout=True)

    def action_theme(self) -> None:
        names = list(TABLES)
        self.use_shades(names[(names.index(self.shades.name) + 1) % len(names)])
        if self.frame is not None:
            self.frame.reread()
            self.frame.refresh(repaint=True, layout=True)

    async def action_undo(self) -> None:
        from syncd.store.undoing import plan_undo
        from tui.acts import take_back

        async def undo() -> None:
            step, acted = await self.workspace.write(
                lambda pen: (plan := plan_undo(pen), take_back(pen, plan))
            )
            for hint in acted.hints:
                self.say(hint)
            self.say(_("Taken back: {title}", title=_("; ").join(step.titles[:3])))

        await self.attempt(undo())

    def action_suspend(self) -> None:
        self.action_suspend_process()

    def action_load(self) -> None:
        from tui.screens.load import Load

        self.push_screen(
            Load(self.shades, self.workspace), lambda told: self.say(told) if told else None
        )

    async def action_new(self) -> None:
        """Begin a new record; the view says which kind."""


def run(home: Home, *, ascii: bool = False) -> int:
    """Run the app on a home until it is left."""
    return DuijieApp(home, ascii=ascii).run() or 0
