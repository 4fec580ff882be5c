"""How the app ends: left, by a signal, or by a mishap; the terminal is given back each time."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from inspect import isawaitable
from typing import Any

from msgspec import Struct
from textual.actions import ActionParseResult
from textual.dom import DOMNode
from textual.worker import WorkerFailed

from syncd.store.connection import damaged
from tui.keyboard import Keyboard
from tui.terminal import Terminal, let_go

ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class LastWords(Struct, frozen=True):
    """What a page held when the app ended: the name of its draft, and its being put down."""

    name: str
    held: dict[str, Any]
    put_down: Future[object] | None


class Ending(Keyboard):
    """An app that ends in order; what is in `on_ending` is called once, however it ends.

    `mishap` is what nobody foresaw, for whoever runs the app to say. `last_words` are given by
    the pages that are open when the app ends.
    """

    def __init__(self) -> None:
        super().__init__(Terminal)
        self.on_ending: list[Callable[[], object]] = []
        self.mishap: BaseException | None = None
        self.last_words: list[LastWords] = []

    @property
    def ending(self) -> bool:
        """Whether the app is about to end: what is still done now is for nobody."""
        return self._exit or self.mishap is not None

    def unsaved(self) -> list[LastWords]:
        """The last words that are not in the replica's file; asked once its pen is put down."""
        lost = damaged(self.mishap)
        return [
            each
            for each in self.last_words
            if lost or (each.put_down is not None and each.put_down.exception() is not None)
        ]

    def heed_signals(self) -> None:
        """What ends a session or a service gives the terminal back as ^Q does."""
        loop = asyncio.get_running_loop()
        for number in ENDING_SIGNALS:
            loop.add_signal_handler(number, self.ended_by, number)

    def ended_by(self, number: int) -> None:
        """End as that signal does."""
        if number == signal.SIGHUP:
            let_go()
        self.exit(return_code=128 + number)

    async def end(self) -> None:
        """Let everybody put down what they hold; none keeps another from it."""
        endings, self.on_ending = self.on_ending, []
        for ending in endings:
            try:
                done = ending()
                if isawaitable(done):
                    await done
            except Exception as error:
                self.mishap = self.mishap or error

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Keys that were pressed before the end and come after it do nothing any more."""
        return not self.ending and await super().run_action(action, default_namespace, namespaces)

    def _handle_exception(self, error: Exception) -> None:
        """End; a file that is damaged or gone ends the app in order, for its sentence is known.

        What fails while screens are taken down, because they are, is no mishap.
        """
        cause = error.error if isinstance(error, WorkerFailed) else error
        if damaged(cause):
            self.mishap = self.mishap or cause
            self.exit(return_code=1)
        elif not self.ending:
            self.mishap = error
            super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """End without a traceback; `run` says what happened and where it is noted."""
        self._close_messages_no_wait()

    def panic(self, *_renderables: object) -> None:
        """The same."""
        self._close_messages_no_wait()
