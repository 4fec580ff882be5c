"""The draft of an open page: put down shortly after each key, and at once where the page ends."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterator
from typing import Any

from textual.timer import Timer

from syncd.store.drafts import (
    StoredDraft,
    draft_name,
    drop_draft,
    drop_taken,
    keep_draft,
    stored_drafts,
)
from syncd.store.replica import Replica
from tui.ending import LastWords
from tui.widgets.view import View

PAUSE = 0.5  # seconds after a key until a draft is put down


class Drafting:
    """Keeps what a page holds; `form` names what it edits, `held` gives what to keep, None for nothing.

    `held` is to read the editors themselves, for what tells of a key may come too late for the end.
    `since` is when what is shown was put down, in microseconds, where it came from a draft;
    `others` counts the drafts that wait until this one is saved or dropped.
    """

    def __init__(
        self, view: View, form: Callable[[], str], held: Callable[[], dict[str, Any] | None]
    ) -> None:
        self._view = view
        self._form = form
        self._held = held
        self._page = secrets.token_hex(6)
        self._taken: list[StoredDraft] = []
        self._timer: Timer | None = None
        self._last: dict[str, Any] | None = None  # what is put down, dropped, or was taken up
        self.unkept = False
        self.since: int | None = None
        self.others = 0

    @property
    def form(self) -> str:
        """What the draft is of."""
        return self._form()

    @property
    def name(self) -> str:
        """What this page's own draft is called."""
        return draft_name(self._form(), self._page)

    def take_up(
        self, shown: Callable[[StoredDraft], bool], *, open_elsewhere: Collection[str]
    ) -> None:
        """Show the newest draft that says something; `open_elsewhere` are those of pages still open.

        What says nothing any more is forgotten, and so is what says the same as the one shown.
        """
        waiting = self._waiting(open_elsewhere)
        for draft in waiting:
            if self.since is None:
                self._taken.append(draft)
                if shown(draft):
                    self.since = draft.saved
                    body = draft.body
            elif draft.body == body:
                self._taken.append(draft)
            else:
                self.others += 1
        self._last = self._held()
        if self.since is None and self._taken:
            self.drop_soon()

    def _waiting(self, open_elsewhere: Collection[str]) -> Iterator[StoredDraft]:
        for draft in stored_drafts(self._view.workspace.conn, self._form()):
            if draft.name not in open_elsewhere:
                yield draft

    def begin(self) -> None:
        """From now on what is typed is kept however the app ends."""
        self._view.duijie.on_ending.append(self.keep_all)

    def end(self) -> None:
        """The page is closed."""
        if self.keep_all in self._view.duijie.on_ending:
            self._view.duijie.on_ending.remove(self.keep_all)
        held, app = self._held(), self._view.duijie
        unkept = self.unkept or held != self._last
        put_down = self._view.workspace.set_down(self._keeping()) if unkept else None
        if app.ending and held is not None:
            app.last_words.append(LastWords(self.name, held, put_down))

    def soon(self) -> None:
        """Put the draft down shortly, however much is typed meanwhile."""
        self.unkept = True
        if self._timer is None:
            self._timer = self._view.set_timer(PAUSE, self.keep)

    async def keep(self) -> bool:
        """Put it down now; a full disk is said, and what was typed stays on screen.

        Gives whether what is held now is put down, whatever is typed meanwhile.
        """
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if self.unkept or self._held() != self._last:
            self.unkept = False
            writing = self._view.workspace.write(self._keeping())
            kept = await self._view.duijie.attempt(writing)
            self.unkept = self.unkept or not kept
            return kept
        return True

    async def keep_all(self) -> bool:
        """Put down what is held even if it was before, for another app may have dropped it.

        Gives whether it is put down.
        """
        self.unkept = self.unkept or self._held() is not None
        await self.keep()
        return not self.unkept

    async def drop(self) -> None:
        """Forget the draft, and the one that it came from."""
        await self._view.duijie.attempt(self._view.workspace.write(self._dropping()))

    def drop_soon(self) -> None:
        """The same, without waiting for the disk."""
        self._view.workspace.set_down(self._dropping())

    def _dropping(self) -> Callable[[Replica], None]:
        self.since = None
        self.unkept = False
        self._last = self._held()
        name, taken = self.name, tuple(self._taken)

        def drop(pen: Replica) -> None:
            with pen.write() as conn:
                drop_draft(conn, name)
                drop_taken(conn, taken)

        return drop

    def _keeping(self) -> Callable[[Replica], None]:
        name, held, now = self.name, self._held(), self._view.workspace.now()
        taken = tuple(self._taken)
        self._last = held

        def keep(pen: Replica) -> None:
            with pen.write() as conn:
                drop_taken(conn, taken)
                if held is not None:
                    keep_draft(conn, name, held, now=now)
                else:
                    drop_draft(conn, name)

        return keep
