"""How the app ends: left, by a signal, or by a mishap; the terminal is given back each time."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from inspect import isawaitable

from tui.saying import Saying
from tui.terminal import Terminal, let_go

ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Ending(Saying):
    """An app that ends in order; what is in `on_ending` is called once, however it ends.

    `mishap` is what nobody foresaw, for whoever runs the app to say.
    """

    def __init__(self) -> None:
        super().__init__(driver_class=Terminal)
        self.on_ending: list[Callable[[], object]] = []
        self.mishap: BaseException | None = None

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

    def _handle_exception(self, error: Exception) -> None:
        self.mishap = self.mishap or error
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """End without a traceback; `run` says what happened and where it is noted."""
        self._close_messages_no_wait()

    def panic(self, *_renderables: object) -> None:
        """The same."""
        self._close_messages_no_wait()
