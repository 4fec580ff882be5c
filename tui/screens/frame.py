"""The frame that every screen stands in: tabs, context, keys, and the truth line."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Container
from textual.screen import Screen

from schema.dates import local
from schema.errors import QueryError
from schema.rights import ROLE_WORDS
from schema.wording import _, current
from tui.actions import bindings
from tui.asking import Asker, Overtaken
from tui.cli.text import WEEKDAYS
from tui.views.tabs import TABS, tab_rows
from tui.widgets.chrome import ContextRow, KeysRow, Row, TabBar, TruthLine, shown_keys
from tui.widgets.compositor import WholeToasts
from tui.widgets.lines import Key, Lines
from tui.widgets.view import HIGH, NARROW, View

if TYPE_CHECKING:
    from tui.app import DuijieApp
    from tui.widgets.filter_line import FilterLine

MINUTE = 60_000_000  # microseconds
FIRST = "2"  # the tab that is shown first


class Frame(Screen[None]):
    """The one screen of an open workspace; views come and go inside it."""

    BINDINGS = bindings("app.back", "app.filter", "app.new")
    DEFAULT_CSS = """
    Frame { layout: vertical; layers: base over; background: $shade-bg; color: $shade-text; }
    Frame > #body { height: 1fr; width: 1fr; }
    Frame.-narrow Peek, Frame.-low Peek { display: none; }
    """

    def __init__(self, app: DuijieApp) -> None:
        super().__init__()
        self._compositor = WholeToasts()
        self._duijie = app
        shades = app.current_shades
        self.tabs = TabBar(shades)
        self.facts = ContextRow(shades)
        self.gap = Row(shades)
        self.filter_line: FilterLine | None = None
        self.body = Container(id="body")
        self.keys_row = KeysRow(shades)
        self.truth_line = TruthLine(shades)
        self._homes: dict[str, View] = {}
        self._stack: list[View] = []
        self._explained: dict[Lines, Key | None] = {}

    def compose(self) -> ComposeResult:
        yield self.tabs
        yield self.facts
        yield self.gap
        self._stack = [self._home(FIRST)]
        with self.body:
            yield self._stack[0]
        yield self.keys_row
        yield self.truth_line

    def on_mount(self) -> None:
        self._stack[0].read_at = self._now()
        self._stack[0].take_focus()
        self.tell()

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width < NARROW, "-narrow")
        self.set_class(event.size.height < HIGH, "-low")

    # -- views

    @property
    def view(self) -> View | None:
        """What is on screen."""
        return self._stack[-1] if self._stack else None

    @property
    def at_home(self) -> str:
        """The digit of the tab whose own view is on screen; "" under a view that was opened over it."""
        homes = (digit for digit, view in self._homes.items() if self._stack == [view])
        return next(homes, "")

    @property
    def _composed(self) -> View | None:
        """The same once it has its parts: a second may pass, or somebody commit, while it is mounted."""
        return self.view if self.view is not None and self.view.is_mounted else None

    async def go(self, digit: str) -> None:
        """Show the view of a tab, as it was left; where it is shown or is none, say so."""
        if digit not in TABS:
            named = _(", ").join(f"{digit} {_(tab.words)}" for digit, tab in TABS.items())
            self._duijie.say(
                _("There is no screen {digit}; there are: {named}.", digit=digit, named=named)
            )
            return
        if digit == self.at_home:
            self._duijie.say(_("This is {name}.", name=_(TABS[digit].words)))
            return
        if not self._may_leave():
            return
        while len(self._stack) > 1:
            await self._stack.pop().remove()
        await self._show([self._home(digit)])

    def _home(self, digit: str) -> View:
        """The view of a tab, made when it is first shown."""
        if digit not in self._homes:
            self._homes[digit] = TABS[digit].view()
        return self._homes[digit]

    async def open(self, view: View) -> None:
        """Show a view over the one that is there; Esc comes back."""
        await self._show([*self._stack, view])

    async def close(self) -> bool:
        """Go back to the view below; False where there is none."""
        if len(self._stack) < 2 or not self._stack[-1].leave():
            return False
        gone = self._stack[-1]
        await self._show(self._stack[:-1])
        await gone.remove()
        return True

    def _may_leave(self) -> bool:
        return all(view.leave() for view in self._stack[1:])

    async def _show(self, stack: list[View]) -> None:
        self._duijie.unexplain()
        self._stack = stack
        view = stack[-1]
        for child in self.body.children:
            child.display = child is view
        known, view.read_at = view.read_at == self._now(), self._now()
        if not view.is_attached:
            await self.body.mount(view)
        elif known:
            view.tick()
        else:
            view.reread()
        self.tell_filter(view.filter)
        view.take_focus()
        self.tell()

    # -- the rows around

    def tell(self) -> None:
        """Say again what the rows of the frame say."""
        workspace = self._duijie.workspace
        view = self.view
        self.tabs.tabs = tab_rows(workspace, self._duijie.project)
        self.tabs.active = view.tab if view else ""
        self.tabs.right = self._clock()
        self.facts.context = view.context() if view and view.is_mounted else self.facts.context
        said = workspace.setting
        role = _(ROLE_WORDS[said.role]) if said.role in ROLE_WORDS else said.role
        self.truth_line.truth = workspace.truth()
        self.truth_line.note = _(self._duijie.note)
        self.truth_line.who = list(filter(None, [said.me, said.department, role]))
        self.tell_keys()
        self._tell_found()
        for row in (self.tabs, self.facts, self.truth_line):
            row.refresh()

    def tell_facts(self) -> None:
        """Say the context row again: the cursor has moved."""
        if view := self._composed:
            self.facts.context = view.context()
            self.facts.refresh()
            self._tell_found()

    def tell_filter(self, text: str) -> None:
        """Show the filter that is set, if ever one was."""
        if self.filter_line is not None:
            self.filter_line.show(text)

    def _tell_found(self) -> None:
        if self.filter_line is not None:
            self.filter_line.found(view.found() if (view := self._composed) else None)

    def tell_keys(self) -> None:
        """The keys of what has the focus now; under a dialog they stay as they were."""
        if not self.is_current:
            return
        live: dict[str, tuple[list[str], str]] = {}
        view = self._composed
        for key, (_node, binding, enabled, _tip) in self.active_bindings.items():
            if binding.id and enabled:
                words = (view.words_of(binding.id) if view else "") or _(binding.description)
                live.setdefault(binding.id, ([], words))[0].append(key)
        self.keys_row.keys = shown_keys(live)
        self.keys_row.refresh()

    def _clock(self) -> tuple[str, str]:
        wall = local(self._duijie.workspace.moment(), self._duijie.workspace.setting.zone)
        return (f"{_(WEEKDAYS[wall.weekday()])} {wall:%m-%d}", f"{wall:%H:%M}")

    def _now(self) -> tuple[object, ...]:
        """While this is the same, a view that was read shows what is: the commits, the choice, the minute."""
        app = self._duijie
        minute = app.workspace.now() // MINUTE
        return app.workspace.heard, app.project, current(), app.shades.name, minute

    def aged(self) -> bool:
        """Whether the view on screen was read in another minute: the hours alone make things late and due."""
        view = self._composed
        return view is not None and view.read_at not in (None, self._now())

    def reread(self) -> None:
        """The replica has changed."""
        if view := self._composed:
            view.read_at = self._now()
            view.reread()
        self.tell()

    @property
    def counts_beside(self) -> bool:
        """Whether the view tries a filter on its records, which is done in a thread."""
        view = self._composed
        return view is not None and bool(view.filter) and view.counting() is not None

    async def reread_beside(self, asker: Asker) -> None:
        """The same, counted in a thread where the view can be: a key never waits for it."""
        view = self._composed
        count = view.counting() if view is not None else None
        if view is None or count is None:
            self.reread()
            return
        now, showing = self._now(), view.showing()
        view.asked += 1
        try:
            counted = await asker.ask(count)
        except Overtaken:
            return
        finally:
            view.asked -= 1
        if view is self.view and view.showing() == showing:
            view.read_at = now
            view.take(counted)
            self.tell()

    def retell(self) -> None:
        """The language or the colours are others."""
        self.reread()
        if self.filter_line is not None:
            self.filter_line.retell()

    def tick(self) -> None:
        """A second has passed."""
        if view := self._composed:
            view.tick()
        right, truth = self._clock(), self._duijie.workspace.truth()
        if right != self.tabs.right:
            self.tabs.right = right
            self.tabs.refresh()
        if truth != self.truth_line.truth:
            self.truth_line.truth = truth
            self.truth_line.refresh()

    # -- what people do

    @on(TabBar.Picked)
    async def _picked(self, message: TabBar.Picked) -> None:
        await self.go(message.digit)

    @on(Lines.Moved)
    def _moved(self, message: Lines.Moved) -> None:
        """An explanation goes once the cursor leaves what it was about."""
        if message.key != self._explained.get(message.lines, message.key):
            self._duijie.unexplain()

    def note_explained(self) -> None:
        """An explanation is about what has the cursor now; on a page, about all of it."""
        view = self.view
        listed = view is not None and (view.tab or isinstance(self.focused, Lines))
        lists = view.query(Lines) if view is not None and listed else ()
        self._explained = {each: each.cursor for each in lists}

    @on(TruthLine.Pressed)
    async def _truth_pressed(self) -> None:
        await self._duijie.run_by_id("app.truth")

    @on(KeysRow.Pressed)
    async def _pressed(self, message: KeysRow.Pressed) -> None:
        await self._duijie.run_by_id(message.id)

    async def action_back(self) -> None:
        view = self.view
        line = self.filter_line
        if view is not None and line is not None and (line.typing or view.filter):
            line.show("")
            if view.filter:
                view.set_filter("")
            view.take_focus()
            self.tell()
            return
        if view is None or view.back():
            return
        if not await self.close():
            view.take_focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "filter":
            typing = self.filter_line is not None and self.filter_line.typing
            return bool(self.view and self.view.filtered_kind) and not typing
        return True

    async def action_filter(self) -> None:
        """Let a filter be typed in the row that is blank until then."""
        if self.view is None or not self.view.filtered_kind:
            return
        if self.filter_line is None:
            from tui.widgets.filter_line import FilterLine

            self.filter_line = FilterLine(self._duijie.current_shades)
            await self.mount(self.filter_line, after=self.gap)
            await self.mount(self.filter_line.offers)
            self.gap.display = False
        self.filter_line.begin(self.view)

    async def action_new(self) -> None:
        await self._duijie.action_new()

    def on_filter_line_given(self, message: FilterLine.Given) -> None:
        view, line = self.view, self.filter_line
        if view is None or line is None:
            return
        began = monotonic()
        try:
            view.set_filter(message.text)
        except QueryError as error:
            line.wrong(error)
            return
        if message.done:
            line.show(view.filter)
            view.take_focus()
        self.tell()
        line.took(monotonic() - began)

    def on_screen_resume(self) -> None:
        if self.view is not None:
            self.call_after_refresh(self.tell_keys)

    def on_descendant_focus(self) -> None:
        self.call_after_refresh(self.tell_keys)
