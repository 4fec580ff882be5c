"""The app: opens the home, keeps its screens and its agent, and wires them together."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from msgspec.structs import replace
from textual.binding import Binding, BindingType
from textual.screen import Screen

from schema import wording
from schema.errors import Refused
from schema.wording import LANGUAGES, _
from syncd.clock import Clock
from syncd.home import Home
from tui import doors
from tui.actions import ACTIONS, bindings
from tui.ending import Ending
from tui.hearing import Hearing
from tui.kept import Kept, keep
from tui.opening import Opened, opened
from tui.palette import TABLES, Shades, theme_name, themes
from tui.saying import About, Saying
from tui.screens.frame import Frame
from tui.screens.told import Told
from tui.settings import read_settings
from tui.terminal import prefers_light

if TYPE_CHECKING:
    from concurrent.futures import Future

    from syncd.store.replica import Replica
    from syncd.store.rows import Change
    from tui.demo.scene import Scene
    from tui.widgets.view import View
    from tui.workspace import Workspace

NEED_A_HOME = (
    "truth",
    "join",
    "project",
    "undo",
    "load",
    "search",
    "trash",
    "records",
    "policy",
    "calendar",
)


class DuijieApp(Ending):
    """A home on the screen.

    `synced` lets the agent run; tests leave it out. `theme` and `lang` are what the command line
    names: they win over the home's settings. `note` (a source string) stands in the truth line.
    `opening` is the home on its way, where somebody has begun to open it.
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
            "app.truth",
        ),
        *(
            Binding(digit, f"tab('{digit}')", show=False, id=f"tab.{digit}")
            for digit in "123456789"
        ),
    ]
    CSS = Saying.TOASTS

    def __init__(
        self,
        home: Home,
        *,
        ascii: bool = False,
        theme: str = "",
        lang: str = "",
        note: str = "",
        clock: Clock | None = None,
        synced: bool = True,
        opening: Future[Opened] | None = None,
    ) -> None:
        super().__init__()
        self.home = home
        self.note = note
        self.scene: Scene | None = None
        self.kept = Kept()
        self._unkept: dict[str, str] = {}
        self.project = ""
        self.searched = ""
        self._clock = clock
        self._synced = synced
        self._opening = opening
        self._workspace: Workspace | None = None
        self.hearing = Hearing(self)
        for each in themes():
            self.register_theme(each)
        self._ascii = ascii or self.no_color
        self._theme_named, self._lang_named = theme, lang
        self.use_shades(theme or self._fitting_theme())

    def _fitting_theme(self) -> str:
        """The theme that the terminal can show."""
        colours = self.console.color_system
        if colours in (None, "standard"):
            return "ascii"
        ground = "light" if prefers_light(os.environ.get) else "dark"
        return ground if colours == "truecolor" else f"{ground}-256"

    # -- what views use

    @property
    def workspace(self) -> Workspace:
        """The open home."""
        assert self._workspace is not None
        return self._workspace

    @property
    def workspace_or_none(self) -> Workspace | None:
        """The open home, where one is open."""
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

    async def act(self, plan: Callable[[Replica], Sequence[Change]]) -> bool:
        """Save one act and say what is to be known of it; whether it was saved."""

        async def save() -> None:
            self._say_hints((await self.workspace.act(plan)).hints)

        saved = await self.attempt(save())
        self.workspace.changed()
        return saved

    def _say_hints(self, hints: Sequence[str]) -> None:
        if hints:
            self.say("\n".join(hints), about="hint")

    def say(self, text: str, *, wrong: bool = False, about: About | None = None) -> None:
        super().say(text, wrong=wrong, about=about)
        if about == "why" and self.frame is not None:
            self.frame.note_explained()

    def lines_below(self) -> int:
        """Nothing lies over the last lines of a view that say something."""
        frame = self.frame
        view = frame.view if frame is not None and self.screen is frame else None
        return super().lines_below() + (view.foot() if view is not None else 0)

    @property
    def project_title(self) -> str:
        """The project that is shown, or that all are."""
        if not self.project:
            return _("all projects")
        row = self.workspace.conn.execute(
            "SELECT title FROM records WHERE kind = 'project' AND id = ?", (self.project,)
        ).fetchone()
        return row[0] if row and row[0] else self.project[-6:]

    async def open_record(self, kind: str, id: str, *, field: str = "") -> None:
        """Show a record's page, at a field of it where one is named."""
        await doors.record(self, kind, id, field=field)

    async def open_conflict(self, kind: str, id: str) -> None:
        """Show the conflict of a record."""
        await self.action_tab("9")
        view = self.frame.view if self.frame is not None else None
        if view is not None and view.tab == "9":
            view.show_record(kind, id)

    async def new_record(self, kind: str, values: Mapping[str, Any] | None = None) -> None:
        """Show the page of a record to be made, with what it starts with."""
        await doors.new_of(self, kind, values)

    async def open_view(self, view: View) -> None:
        """Show a view over the one that is there."""
        if self.frame is not None:
            await self.frame.open(view)

    # -- life

    def get_default_screen(self) -> Screen[Any]:
        """The screen at the bottom: the frame, where there is a home to show.

        No other is laid out before it, and what it shows stands in its first drawing.
        """
        self.settings = read_settings(self.home.config)
        self.set_keymap(dict(self.settings.keys))
        self._apply(Kept())
        if self._opening is None and not self.home.begun():
            return super().get_default_screen()
        self._open()
        return Frame(self)

    async def on_mount(self) -> None:
        if not self.is_headless:
            self.heed_signals()
        if self._workspace is not None:
            self._begin()
        else:
            from tui.screens.first_run import FirstRun

            await self.push_screen(FirstRun(self))
        if self.settings.faults:
            self.say("\n".join(self.settings.faults), wrong=True)

    def _apply(self, kept: Kept) -> None:
        """Take over what was kept, where neither the command line nor config.toml says otherwise."""
        self.kept = kept
        lang = self._lang_named or self.settings.lang or kept.lang
        if lang in LANGUAGES:
            wording.use(lang)
        theme = self._theme_named or self.settings.theme or kept.theme
        if theme in TABLES:
            self.use_shades(theme)

    async def open_workspace(self) -> None:
        """Show the home that was just made, instead of the screen that made it."""
        self._open()
        if self._unkept:
            await self.keep()
        await self.switch_screen(Frame(self))
        self._begin()

    def _open(self) -> None:
        """Open the home, and take over what was kept in it."""
        ahead, self._opening = self._opening, None
        self._workspace, kept, self.project = (
            ahead.result() if ahead is not None else opened(self.home, self._clock)
        )
        self._apply(kept)

    def _begin(self) -> None:
        """Start what goes on beside the screen, once that stands."""
        self.call_after_refresh(self._collect_garbage)
        self.hearing.begin(synced=self._synced)

    def _collect_garbage(self) -> None:
        """From the first screen on, and never through what was made before it."""
        if not gc.isenabled():
            gc.freeze()
            gc.enable()

    async def start_alone(self, said: Sequence[str]) -> None:
        """Make a workspace of one's own: name, department."""
        from tui.beginning import begin

        await begin(self.home, self.home.init, *said)

    async def join_hub(self, said: Sequence[str]) -> None:
        """Become a member of a hub: address, code."""
        from tui.beginning import begin

        await begin(self.home, self.home.join, *said)

    async def show_example(self, say: Callable[[str], None]) -> None:
        """Set the stage of the demonstration, `say` how far it is, and show its coordinator's home.

        `run` removes it.
        """
        from tui.beginning import EXAMPLE_NOTE, set_stage
        from tui.demo.scene import Scene

        self.scene = Scene()
        self.home, self.note = await set_stage(self.scene, say), EXAMPLE_NOTE
        await self.open_workspace()

    async def on_unmount(self) -> None:
        if self.scene is not None:
            self.scene.leave()
        await self.end()
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

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("palette", "help"):
            return not getattr(self.screen, "over_all", False)
        if action in NEED_A_HOME:
            return self._workspace is not None
        return True

    async def keep(self, **switched: str) -> None:
        """Keep what was switched, in this home, or in the one that is about to be begun."""
        self.kept = replace(self.kept, **switched)
        self._unkept |= switched
        if self._workspace is not None:
            unkept, self._unkept = self._unkept, {}
            await self.attempt(self.workspace.write(lambda pen: keep(pen, **unkept)))

    async def action_language(self) -> None:
        wording.use("en" if wording.current() == "zh" else "zh")
        self._lang_named = wording.current()
        self.clear_notifications()
        self.retell()
        await self.keep(lang=wording.current())

    async def action_theme(self) -> None:
        names = list(TABLES)
        self.use_shades(names[(names.index(self.shades.name) + 1) % len(names)])
        self._theme_named = self.shades.name
        self.retell()
        await self.keep(theme=self.shades.name)

    def reread(self) -> None:
        """Something was saved: read again, now."""
        self.workspace.changed()
        if self.frame is not None:
            self.frame.reread()

    def retell(self) -> None:
        """The language or the colours are others: every screen says itself again."""
        for screen in self.screen_stack:
            if isinstance(screen, Frame):
                screen.retell()
            elif isinstance(screen, Told):
                screen.shades = self.shades
                screen.retell()
            screen.refresh(repaint=True, layout=True)

    async def action_undo(self) -> None:
        from syncd.store.undoing import plan_undo
        from tui.acts import take_back, taken_back

        async def undo() -> None:
            try:
                step, acted = await self.workspace.write(
                    lambda pen: (plan := plan_undo(pen), take_back(pen, plan))
                )
            except Refused as refused:
                raise Refused(
                    refused.sentence, _("Open the record and change it; F3 there is its history.")
                ) from refused
            self._say_hints(acted.hints)
            self.say(taken_back(step))

        await self.attempt(undo())

    def action_suspend(self) -> None:
        self.action_suspend_process()

    async def show_project(self, id: str) -> None:
        """Show one project, or all of them where that is ""."""
        self.project = id
        if self.frame is not None:
            self.frame.reread()
        await self.keep(project=id)

    # -- doors

    def action_palette(self) -> None:
        doors.palette(self)

    def action_help(self) -> None:
        doors.help(self)

    def action_project(self) -> None:
        doors.project(self)

    def action_truth(self) -> None:
        doors.truth(self)

    def action_join(self) -> None:
        doors.join(self)

    def action_load(self) -> None:
        doors.load(self)

    async def action_search(self) -> None:
        await doors.search(self)

    async def action_trash(self) -> None:
        await doors.trash(self)

    async def action_records(self) -> None:
        await doors.records(self)

    async def action_policy(self) -> None:
        await doors.policy(self)

    async def action_calendar(self) -> None:
        await doors.calendar(self)

    async def action_new(self) -> None:
        await doors.new(self)
