"""The command palette: every action that is alive, the tabs, and the records, found by typing."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

from textual import on
from textual.widgets import Input

from schema import wording
from schema.errors import QueryError
from schema.initials import initials, known
from schema.matching import fold
from schema.records import KINDS
from schema.wording import _
from tui.asking import Asker, Overtaken
from tui.cli.text import word
from tui.live import Live
from tui.palette import Shades
from tui.screens.dialog import Pick
from tui.views.tabs import TABS
from tui.widgets.choices import Choice
from tui.workspace import Workspace

RECORDS = 30
ACTION, TAB, RECORD = "action", "tab", "record"


class Entry(NamedTuple):
    """Something to pick beside records, and the texts that it is found by."""

    choice: Choice
    names: tuple[str, ...]
    about: tuple[str, ...]


class Palette(Pick):
    """What can be done, best first; gives `action:ID`, `tab:DIGIT` or `record:KIND:ID`.

    `here` is the digit of the tab that is shown.
    """

    over_all = True

    def __init__(
        self, shades: Shades, live: Sequence[Live], workspace: Workspace | None, here: str = ""
    ) -> None:
        self._live = live
        self._here = here
        self._workspace = workspace
        self._entries = self._all()
        self._asker = Asker(workspace.home) if workspace is not None else None
        self._found: list[Choice] = []
        super().__init__(
            shades,
            _("Command"),
            self._offers,
            placeholder=_("an action, a tab, a number or a title"),
        )

    def _all(self) -> list[Entry]:
        """What can be done here; the tabs but the one that is shown, where there is a workspace."""
        tabs = [each for each in TABS if each != self._here] if self._workspace is not None else []
        return _entries(self._live, tabs)

    def _offers(self, text: str) -> list[Choice]:
        return [*rank(self._entries, text), *(self._found if text.strip() else ())]

    @on(Input.Changed)
    def _look(self, event: Input.Changed) -> None:
        """Search for what is typed; what was found before stays until there is an answer."""
        if event.value.strip():
            self.run_worker(self._find(event.value), group="search")
        else:
            self._found = []

    async def _find(self, text: str) -> None:
        workspace, asker = self._workspace, self._asker
        if workspace is None or asker is None:
            return
        now = workspace.now()
        with suppress(Overtaken, sqlite3.Error):
            self._found = await asker.ask(lambda conn: found_choices(conn, text, now))
            if self.is_attached:
                self.offer_again()

    async def on_unmount(self) -> None:
        if self._asker is not None:
            await asyncio.to_thread(self._asker.close)

    def retell(self) -> None:
        """Say everything in the language of now."""
        self._entries = self._all()
        self.rename(_("Command"), _("an action, a tab, a number or a title"))
        self.offer_again()


def _entries(live: Sequence[Live], digits: Sequence[str]) -> list[Entry]:
    """The actions of the view first, then the app's, then the tabs."""
    offered = [each for each in live if each.action.palette]
    offered.sort(key=lambda each: each.action.id.startswith("app."))
    entries = [
        Entry(
            Choice(f"{ACTION}:{each.action.id}", each.words, each.help, each.key),
            _names(each.action.words),
            (each.action.help, wording.chinese(each.action.help)),
        )
        for each in offered
    ]
    for digit in digits:
        tab = TABS[digit]
        choice = Choice(f"{TAB}:{digit}", _(tab.words), _("tab"), digit)
        entries.append(Entry(choice, _names(tab.words), ()))
    return entries


def _names(source: str) -> tuple[str, ...]:
    """What an action is found by: its words in both languages, and their initials."""
    chinese = wording.chinese(source)
    names = [source, chinese, "".join(piece[0] for piece in source.split())]
    if known():
        names.append(initials(chinese))
    return tuple(fold(name) for name in names)


def rank(entries: Sequence[Entry], text: str) -> list[Choice]:
    """The entries that a text stands for: by the beginning of a name, within it, in the help line."""
    wanted = fold(text).strip()
    if not wanted:
        return [entry.choice for entry in entries]
    ranked = [(place, entry.choice) for entry in entries if (place := _rank(entry, wanted)) < 3]
    return [choice for _place, choice in sorted(ranked, key=lambda each: each[0])]


def _rank(entry: Entry, wanted: str) -> int:
    if any(name.startswith(wanted) for name in entry.names):
        return 0
    if any(wanted in name for name in entry.names):
        return 1
    return 2 if len(wanted) > 1 and any(wanted in fold(text) for text in entry.about) else 3


def found_choices(conn: sqlite3.Connection, text: str, now: int) -> list[Choice]:
    """The records that a text finds, as rows to pick; none where it cannot be understood."""
    from syncd.store.search import search

    try:
        hits = search(conn, text, now=now, limit=RECORDS)
    except QueryError:
        return []
    return [
        Choice(
            f"{RECORD}:{hit.kind}:{hit.id}",
            hit.title or _("(no title)"),
            _kind_words(hit.kind, hit.state),
            hit.number or hit.id[-6:],
        )
        for hit in hits
    ]


def _kind_words(kind: str, state: str | None) -> str:
    of = KINDS.get(kind)
    return "  ".join(filter(None, [_(of.label) if of else kind, word(of, "state", state)]))
