"""What the app says in passing: toasts, few of them, where they cover nothing that is read."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Literal

from msgspec import Struct
from textual import events
from textual.app import App
from textual.css.query import NoMatches
from textual.notifications import Notification, Notify
from textual.widgets._toast import ToastRack

from schema.errors import DuijieError
from schema.safe_text import safe_text

About = Literal["done", "hint", "news", "why", "wrong"]
MOST_TOASTS = 2
LONGER = 4  # times the usual that an explanation stays
CHROME = 2  # lines: the keys row and the truth line


class Said(Struct, frozen=True):
    """A toast, and what it is about."""

    about: About
    toast: Notification


class Saying(App[int]):
    """An app that says things: of each sort the newest, the two newest sorts."""

    TOASTS = """
    ToastRack { scrollbar-size: 0 0; }
    Toast {
        background: $shade-raise; color: $shade-text; padding: 0 2 0 1; margin: 1 1 0 0;
        width: auto; max-width: 64; max-height: 12; border: none;
    }
    Toast.-information, Toast.-warning, Toast.-error { border: none; }
    Toast.-warning { color: $shade-yellow; }
    """
    _said: tuple[Said, ...] = ()

    def say(self, text: str, *, wrong: bool = False, about: About | None = None) -> None:
        """A toast, never read as markup; it takes the place of what was said of the same sort.

        `why` is an explanation that was asked for: it stays longer.
        """
        about = about or ("wrong" if wrong else "done")
        toast = Notification(
            safe_text(text, lines=True),
            markup=False,
            severity="warning" if wrong else "information",
            timeout=self.NOTIFICATION_TIMEOUT * (LONGER if about == "why" else 1),
        )
        others = (each for each in self._said if each.about != about)
        self._said = (*others, Said(about, toast))[-MOST_TOASTS:]
        self.post_message(Notify(toast))

    async def attempt(self, what: Awaitable[object]) -> bool:
        """Wait for something; its error becomes a toast. Whether it went well."""
        try:
            await what
        except DuijieError as error:
            self.say(str(error), wrong=True)
            return False
        return True

    def hush(self) -> bool:
        """Take the toasts away; whether an explanation was among them."""
        explained = self.explained()
        if list(self._notifications):
            self._said = ()
            self.clear_notifications()
        return explained

    def explained(self) -> bool:
        """Whether an explanation is on screen."""
        shown = list(self._notifications)
        return any(each.about == "why" and each.toast in shown for each in self._said)

    def unexplain(self) -> None:
        """Take an explanation away: what it was about is no longer looked at."""
        if self.explained():
            self._said = tuple(each for each in self._said if each.about != "why")
            self._refresh_notifications()

    def lines_below(self) -> int:
        """The lines at the bottom of the screen that no toast lies over."""
        return CHROME

    def make_room(self) -> None:
        """Put the toasts above what stands at the bottom now."""
        try:
            rack = self.screen.get_child_by_type(ToastRack)
        except NoMatches:
            return
        rack.styles.margin = (0, 0, self.lines_below(), 0)

    def _refresh_notifications(self) -> None:
        """Only what is still to be said is shown."""
        said = [each.toast for each in self._said]
        for old in [each for each in self._notifications if each not in said]:
            self._unnotify(old, refresh=False)
        if self.screen_stack:
            self.make_room()
        super()._refresh_notifications()

    async def on_event(self, event: events.Event) -> None:
        """Esc takes the toasts away, and an explanation first of all."""
        escape = isinstance(event, events.Key) and event.key == "escape"
        if not (escape and not event.is_forwarded and self.hush()):
            await super().on_event(event)
