"""The draft of a form that is open: put down shortly after each key, and at once where it ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.timer import Timer

from syncd.store.drafts import StoredDraft, drop_draft, keep_draft, stored_draft
from syncd.store.replica import Replica
from tui.widgets.view import View

PAUSE = 0.5  # seconds after a key until a draft is put down


class Drafting:
    """Keeps what a view holds; `key` names its draft, `held` gives what to keep, None for nothing.

    `since` is when what is shown was put down, in microseconds, where it came from a draft.
    """

    def __init__(
        self, view: View, key: Callable[[], str], held: Callable[[], dict[str, Any] | None]
    ) -> None:
        self._view = view
        self._key = key
        self._held = held
        self._timer: Timer | None = None
        self.unkept = False
        self.since: int | None = None

    def stored(self) -> StoredDraft | None:
        """The draft that was left."""
        return stored_draft(self._view.workspace.conn, self._key())

    def begin(self) -> None:
        """From now on what is typed is kept however the app ends."""
        self._view.duijie.on_ending.append(self.keep_all)

    def end(self) -> None:
        """The view is closed."""
        if self.keep_all in self._view.duijie.on_ending:
            self._view.duijie.on_ending.remove(self.keep_all)
        if self.unkept:
            self._view.workspace.set_down(self._keeping())

    def soon(self) -> None:
        """Put the draft down shortly, however much is typed meanwhile."""
        self.unkept = True
        if self._timer is None:
            self._timer = self._view.set_timer(PAUSE, self.keep)

    async def keep(self) -> None:
        """Put it down now; a full disk is said, and what was typed stays on screen."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if self.unkept:
            self.unkept = False
            writing = self._view.workspace.write(self._keeping())
            self.unkept = not await self._view.duijie.attempt(writing) or self.unkept

    async def keep_all(self) -> bool:
        """Put down what is held even if it was before, for another app may have taken the place.

        Gives whether it is put down.
        """
        self.unkept = self.unkept or self._held() is not None
        await self.keep()
        return not self.unkept

    def drop(self) -> None:
        """Forget the draft."""
        self.since = None
        self.unkept = False
        key = self._key()

        def drop(pen: Replica) -> None:
            with pen.write() as conn:
                drop_draft(conn, key)

        self._view.workspace.set_down(drop)

    def _keeping(self) -> Callable[[Replica], None]:
        key, held, now = self._key(), self._held(), self._view.workspace.now()

        def keep(pen: Replica) -> None:
            with pen.write() as conn:
                if held is not None:
                    keep_draft(conn, key, held, now=now)
                else:
                    drop_draft(conn, key)

        return keep
