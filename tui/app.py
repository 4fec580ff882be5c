"""The app: opens the home, keeps its screens and its agent, and wires them together."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sqlite3
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from inspect import isawaitable
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar

from msgspec.structs import replace
from textual.app import App
from textual.binding import Binding, BindingType

from schema import wording
from schema.dates import local
from schema.errors import DuijieError, StoreError
from schema.records import KINDS
from schema.safe_text import safe_text
from schema.wording import LANGUAGES, N_, _, n_
from syncd.clock import Clock
from syncd.home import Home
from syncd.store.connection import store_error
from syncd.store.reading import ZONE
from tui.actions import ACTIONS, bindings
from tui.live import Live, live_actions
from tui.palette import TABLES, Shades, theme_name, themes
from tui.screens.frame import Frame
from tui.screens.told import Told
from tui.settings import KEPT, Kept, keep, read_kept, read_settings
from tui.terminal import Terminal, gone, let_go, prefers_light
from tui.workspace import Workspace

if TYPE_CHECKING:
    from syncd.agent import AgentState
    from syncd.store.replica import Replica
    from syncd.store.rows import Change
    from tui.demo.scene import Scene
    from tui.widgets.view import View

EXAMPLE_NOTE = N_("the example; gone when you quit")
ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
NEED_A_HOME = ("truth", "join", "project", "undo", "load", "search", "trash", "records")
TOLD = 3  # pieces of news that are said one by one
MOST_TOASTS = 3
LOOK = 0.2  # how often another program's commits are looked for, in seconds


class DuijieApp(App[int]):
    """A home on the screen.

    `synced` lets the agent run; tests leave it out. `theme` and `lang` are what the command line
    names: they win over the home's settings. `note` (a source string) stands in the truth line.
    What is in `on_ending` is called once before the home is closed, however the app ends.
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
    CSS = """
    ToastRack { margin-bottom: 2; scrollbar-size: 0 0; }
    Toast {
        background: $shade-raise; color: $shade-text; padding: 0 2 0 1; margin: 1 1 0 0;
        width: auto; max-width: 64; max-height: 5; border: none;
    }
    Toast.-information, Toast.-warning, Toast.-error { border: none; }
    Toast.-warning { color: $shade-yellow; }
    """

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
    ) -> None:
        super().__init__(driver_class=Terminal)
        self.home = home
        self.note = note
        self.on_ending: list[Callable[[], object]] = []
        self.mishap: BaseException | None = None
        self.scene: Scene | None = None
        self.kept = Kept()
        self._unkept: dict[str, str] = {}
        self.project = ""
        self.searched = ""
        self._clock = clock
        self._synced = synced
        self._rest_until = 0.0
        self._workspace: Workspace | None = None
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

    def _refresh_notifications(self) -> None:
        """The oldest toasts make room where there are many."""
        for old in list(self._notifications)[:-MOST_TOASTS]:
            self._unnotify(old, refresh=False)
        super()._refresh_notifications()

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
        from tui.views.record import RecordPage

        if self.workspace.replica.record(kind, id) is None:
            self.say(_("This record is not here."), wrong=True)
            return
        await self.open_view(RecordPage(kind, id))

    async def new_record(self, kind: str, values: Mapping[str, Any] | None = None) -> None:
        """Show the page of a record to be made, with what it starts with."""
        from tui.views.record import RecordPage

        await self.open_view(RecordPage(kind, "", values))

    async def open_view(self, view: View) -> None:
        """Show a view over the one that is there."""
        if self.frame is not None:
            await self.frame.open(view)

    # -- life

    async def on_mount(self) -> None:
        self.settings = read_settings(self.home.config)
        self.set_keymap(dict(self.settings.keys))
        self._apply(Kept())
        if not self.is_headless:
            self._heed_signals()
        if self.home.begun():
            await self.open_workspace()
        else:
            from tui.screens.first_run import FirstRun

            await self.push_screen(FirstRun(self))
        for fault in self.settings.faults:
            self.say(fault, wrong=True)

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
        """Open the home and show it; called again by what makes one."""
        self._workspace = Workspace(self.home, self._clock)
        self._workspace.changed()
        self._apply(read_kept(self._workspace.replica.meta(KEPT)))
        self.project = self._known_project(self.kept.project)
        if self._unkept:
            await self.keep()
        if self.screen_stack and isinstance(self.screen, Told):
            await self.switch_screen(Frame(self))
        else:
            await self.push_screen(Frame(self))
        self.set_interval(1.0, self._tick)
        self.set_interval(LOOK, self._look)
        self.call_after_refresh(self._collect_garbage)
        self.call_after_refresh(self._tell_news)
        if self._synced:
            self.call_after_refresh(self._start_agent)

    def _collect_garbage(self) -> None:
        """From the first screen on, and never through what was made before it."""
        if not gc.isenabled():
            gc.freeze()
            gc.enable()

    def _known_project(self, id: str) -> str:
        """The project that was shown, while it is there."""
        row = self.workspace.conn.execute(
            "SELECT 1 FROM records WHERE kind = 'project' AND id = ? AND NOT deleted", (id,)
        ).fetchone()
        return id if row else ""

    async def start_alone(self, said: Sequence[str]) -> None:
        """Make a workspace of one's own: name, department."""
        await self._begin(self.home.init, said)

    async def join_hub(self, said: Sequence[str]) -> None:
        """Become a member of a hub: address, code."""
        await self._begin(self.home.join, said)

    async def _begin(self, how: Callable[[str, str], None], said: Sequence[str]) -> None:
        """Do it in a thread, for it waits for the disk and the network; its errors have words."""
        try:
            await asyncio.to_thread(how, said[0], said[1])
        except sqlite3.DatabaseError as error:
            raise store_error(self.home.database, error) from error
        except OSError as error:
            from syncd.command import file_error

            raise StoreError(file_error(error), _("Name another folder with --home.")) from error

    async def show_example(self) -> None:
        """Set the stage of the demonstration and show its coordinator's home; `run` removes it."""
        from tui.demo.scene import Scene
        from tui.demo.story import COORDINATOR

        today = local(datetime.now(UTC), ZONE).date()
        self.scene = await asyncio.to_thread(Scene)
        await asyncio.to_thread(self.scene.set, today)
        self.home, self.note = Home(self.scene.home(COORDINATOR)), EXAMPLE_NOTE
        await self.open_workspace()

    def _heed_signals(self) -> None:
        """What ends a session or a service gives the terminal back as ^Q does."""
        loop = asyncio.get_running_loop()
        for number in ENDING_SIGNALS:
            loop.add_signal_handler(number, self._ended_by, number)

    def _ended_by(self, number: int) -> None:
        if number == signal.SIGHUP:
            let_go()
        self.exit(return_code=128 + number)

    def _handle_exception(self, error: Exception) -> None:
        self.mishap = self.mishap or error
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """End without a traceback; `run` says what happened and where it is noted."""
        self._close_messages_no_wait()

    def panic(self, *_renderables: object) -> None:
        """The same."""
        self._close_messages_no_wait()

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
        if not self.is_headless and gone():
            self._ended_by(signal.SIGHUP)
        if self.frame is not None and self.frame.is_attached:
            self.frame.tick()

    def _look(self) -> None:
        """Read again where somebody has committed; never more than a tenth of the time."""
        began = monotonic()
        if self.frame is None or began < self._rest_until or not self.workspace.changed():
            return
        self.frame.reread()
        self._rest_until = began + 10 * (monotonic() - began)
        self._tell_news()

    def _tell_news(self) -> None:
        """Say once what syncing brought that this person must know."""
        from syncd.store.notices import has_news

        if has_news(self.workspace.replica):
            self.run_worker(self._take_news(), group="news")

    async def _take_news(self) -> None:
        from tui.cli.news import news

        async def take() -> None:
            lines = await self.workspace.write(news)
            for line in lines[:TOLD]:
                self.say(line)
            if more := len(lines[TOLD:]):
                self.say(n_("{n} more like these.", "{n} more like these.", more))

        await self.attempt(take())

    async def _end(self) -> None:
        """Let everybody put down what they hold; none keeps another from it."""
        endings, self.on_ending = self.on_ending, []
        for ending in endings:
            try:
                done = ending()
                if isawaitable(done):
                    await done
            except Exception as error:
                self.mishap = self.mishap or error

    async def on_unmount(self) -> None:
        if self.scene is not None:
            self.scene.leave()
        await self._end()
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
                screen.reread()
            elif isinstance(screen, Told):
                screen.shades = self.shades
                screen.retell()
            screen.refresh(repaint=True, layout=True)

    def action_palette(self) -> None:
        from tui.screens.palette import Palette

        workspace, live = self._workspace, live_actions(self.screen)

        async def picked(key: str | None) -> None:
            await self._do_picked(key or "", live)

        self.push_screen(Palette(self.shades, live, workspace), picked)

    async def _do_picked(self, key: str, live: Sequence[Live]) -> None:
        """Do what was picked in the palette, on the node that had the focus."""
        from tui.screens.palette import ACTION, RECORD, TAB

        what, _colon, rest = key.partition(":")
        if what == ACTION:
            found = next(each for each in live if each.action.id == rest)
            await self.run_action(found.call, found.node)
        elif what == TAB:
            await self.action_tab(rest)
        elif what == RECORD:
            await self.open_record(*rest.split(":"))

    def action_help(self) -> None:
        from tui.screens.help import Help

        view = self.frame.view if self.frame is not None and self.screen is self.frame else None
        about = view.help if view is not None else ()
        self.push_screen(Help(self.shades, live_actions(self.screen), about))

    def action_project(self) -> None:
        from tui.screens.projects import ALL, Projects

        def picked(id: str | None) -> None:
            if id is not None:
                self.run_worker(self.show_project("" if id == ALL else id))

        self.push_screen(Projects(self.shades, self.workspace.conn, self.project), picked)

    async def show_project(self, id: str) -> None:
        """Show one project, or all of them where that is ""."""
        self.project = id
        if self.frame is not None:
            self.frame.reread()
        await self.keep(project=id)

    def action_truth(self) -> None:
        from tui.screens.standing import StandingPanel

        async def picked(what: str | None) -> None:
            if what == "join":
                self.action_join()
            elif what == "conflicts":
                await self.action_tab("9")

        self.push_screen(StandingPanel(self), picked)

    def action_join(self) -> None:
        from tui.screens.entries import JOIN, JOIN_ENTRIES, Entries

        def joined(done: bool | None) -> None:
            if done:
                self.reread()
                self.say(_("Joined; what was here goes along."))

        self.push_screen(Entries(self.shades, JOIN, JOIN_ENTRIES, self.join_hub), joined)

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

    async def action_search(self) -> None:
        from tui.views.search import Search

        await self._open_once(Search)

    async def action_trash(self) -> None:
        from tui.views.trash import Trash

        await self._open_once(Trash)

    async def action_records(self) -> None:
        from tui.views.records import Records

        await self._open_once(Records)

    async def _open_once(self, view: type[View]) -> None:
        """Open a view over the one that is there, unless it is that one."""
        if self.frame is None or self.screen is not self.frame:
            return
        shown = self.frame.view
        if isinstance(shown, view):
            shown.take_focus()
        else:
            await self.open_view(view())

    async def action_new(self) -> None:
        """Begin a new record; the view says which kind, else one is picked."""
        view = self.frame.view if self.frame is not None else None
        if view is not None and view.new_kind in KINDS:
            await self.new_record(view.new_kind, view.new_values())
        elif view is not None:
            self.run_worker(self._new_of_a_kind(), group="new", exclusive=True)

    async def _new_of_a_kind(self) -> None:
        from tui.views.kinds import picked_kind

        kind = await picked_kind(self)
        if kind is not None:
            values = {"project": self.project} if self.project else {}
            await self.new_record(kind, values)
