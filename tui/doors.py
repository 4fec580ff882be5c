"""The doors out of the frame: the dialogs and the views that the app's own actions open.

What is behind a door is imported when it is opened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from schema.records import KINDS
from schema.wording import _

if TYPE_CHECKING:
    from tui.app import DuijieApp
    from tui.live import Live
    from tui.widgets.view import View

WRITTEN = {
    "seat": "person",
    "acceptance": "lines",
    "signoff": "text",
    "report": "did",
    "comment": "text",
}
"""The field that a paper begun for what waits is for; of others the first."""
ONLY = {"progress": ("did", "next", "says", "percent", "delay_cause", "need")}
"""The fields that are asked for, where the others follow from what it was begun for."""


def palette(app: DuijieApp) -> None:
    """Find an action, a tab or a record by typing, and go there."""
    from tui.live import live_actions
    from tui.screens.palette import Palette

    workspace, live = app.workspace_or_none, live_actions(app.screen)

    async def picked(key: str | None) -> None:
        await _do_picked(app, key or "", live)

    here = app.frame.at_home if app.frame is not None and app.screen is app.frame else ""
    app.push_screen(Palette(app.shades, live, workspace, here), picked)


async def _do_picked(app: DuijieApp, key: str, live: Sequence[Live]) -> None:
    """Do what was picked in the palette, on the node that had the focus."""
    from tui.screens.palette import ACTION, RECORD, TAB

    what, _colon, rest = key.partition(":")
    if what == ACTION:
        found = next(each for each in live if each.action.id == rest)
        await app.run_action(found.call, found.node)
    elif what == TAB:
        await app.action_tab(rest)
    elif what == RECORD:
        await app.open_record(*rest.split(":"))


def help(app: DuijieApp) -> None:
    """Say what the keys do where the focus is."""
    from tui.live import live_actions
    from tui.screens.help import Help

    view = app.frame.view if app.frame is not None and app.screen is app.frame else None
    about = view.help if view is not None else ()
    app.push_screen(Help(app.shades, live_actions(app.screen), about))


def project(app: DuijieApp) -> None:
    """Pick the project that is shown."""
    from tui.screens.projects import ALL, Projects

    def picked(id: str | None) -> None:
        if id is not None:
            app.run_worker(app.show_project("" if id == ALL else id))

    app.push_screen(Projects(app.shades, app.workspace.conn, app.project), picked)


def truth(app: DuijieApp) -> None:
    """Say in full how the replica stands to its hub."""
    from tui.screens.standing import CONFLICTS, JOIN, StandingPanel

    async def picked(what: str | None) -> None:
        if what == JOIN:
            join(app)
        elif what == CONFLICTS:
            await app.action_tab("9")

    app.push_screen(StandingPanel(app), picked)


def join(app: DuijieApp) -> None:
    """Ask for an invitation, and become a member of its hub."""
    from tui.screens.entries import JOIN, JOIN_ENTRIES, Entries

    def joined(done: bool | None) -> None:
        if done:
            app.reread()
            app.say(_("Joined; what was here goes along."))

    app.push_screen(Entries(app.shades, JOIN, JOIN_ENTRIES, app.join_hub), joined)


def load(app: DuijieApp) -> None:
    """Ask for a file, and take its records in."""
    from tui.screens.load import Load

    app.push_screen(Load(app.shades, app.workspace), lambda told: app.say(told) if told else None)


# -- views over the one that is there


async def record(app: DuijieApp, kind: str, id: str, *, field: str = "") -> None:
    """Show a record's page, at a field of it where one is named."""
    from tui.views.record import RecordPage

    if app.workspace.replica.record(kind, id) is None:
        app.say(_("This record is not here."), wrong=True)
        return
    await app.open_view(RecordPage(kind, id, field=field))


async def paper(app: DuijieApp, kind: str, values: Mapping[str, Any]) -> None:
    """The page of a paper begun for what waits, at the field it is for; saved, it comes back here."""
    from tui.views.record import RecordPage

    only, field = ONLY.get(kind, ()), WRITTEN.get(kind, "")
    await app.open_view(RecordPage(kind, "", values, only=only, field=field, returns=True))


async def delay(app: DuijieApp, id: str) -> None:
    """Declare that a task is late."""
    from tui.acts import body_of
    from tui.views.delay import DelayPage

    record = app.workspace.replica.record("task", id)
    if record is None or record.shown.deleted:
        app.say(_("This record is not here."), wrong=True)
    elif body_of(record).get("state") in KINDS["task"].finished:
        app.say(_("It is finished; nothing of it is late."))
    else:
        await app.open_view(DelayPage(id))


async def new(app: DuijieApp) -> None:
    """Begin a new record; the view says which kind, else one is picked."""
    view = app.frame.view if app.frame is not None else None
    if view is not None and view.new_kind in KINDS:
        await app.new_record(view.new_kind, view.new_values())
    elif view is not None:
        from tui.views.kinds import new_of_a_kind

        app.run_worker(new_of_a_kind(app), group="new", exclusive=True)


async def new_of(app: DuijieApp, kind: str, values: Mapping[str, Any] | None) -> None:
    """Show the page of a record to be made, with what it starts with."""
    from tui.views.record import RecordPage

    await app.open_view(RecordPage(kind, "", values))


async def search(app: DuijieApp) -> None:
    """Search over everything."""
    from tui.views.search import Search

    await _open_once(app, Search)


async def trash(app: DuijieApp) -> None:
    """What was deleted."""
    from tui.views.trash import Trash

    await _open_once(app, Trash)


async def records(app: DuijieApp) -> None:
    """Every kind of record as a list."""
    from tui.views.records import Records

    await _open_once(app, Records)


async def policy(app: DuijieApp) -> None:
    """The rules of the workspace."""
    from tui.views.policy import PolicyView

    await _open_once(app, PolicyView)


async def calendar(app: DuijieApp) -> None:
    """The days off and make-up days of a year."""
    from tui.views.calendar import CalendarView

    await _open_once(app, CalendarView)


async def _open_once(app: DuijieApp, view: type[View]) -> None:
    """Open a view over the one that is there, unless it is that one."""
    if app.frame is None or app.screen is not app.frame:
        return
    shown = app.frame.view
    if isinstance(shown, view):
        shown.take_focus()
    else:
        await app.open_view(view())
