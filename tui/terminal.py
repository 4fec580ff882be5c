"""The terminal as the app uses it: it may go away at any time, and what it sends may be no UTF-8."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from typing import IO, TYPE_CHECKING, cast

from textual.drivers.linux_driver import LinuxDriver
from textual.events import Callback, Event, Resize
from textual.geometry import Size

if TYPE_CHECKING:
    from textual.app import App


class Terminal(LinuxDriver):
    """Textual's driver, which neither hangs nor dies when the terminal does."""

    def __init__(
        self,
        app: App[object],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        if self._file is not None:
            self._file = cast("TextIOWrapper", Enduring(self._file))

    def start_application_mode(self) -> None:
        """Take the terminal; a change of its size is then heard in the loop.

        A handler that runs at once may be broken in upon by the next, and then says an older size last.
        """
        super().start_application_mode()  # type: ignore[no-untyped-call]
        asyncio.get_running_loop().add_signal_handler(signal.SIGWINCH, self._tell_size)
        self._tell_size()

    def _tell_size(self) -> None:
        """Say what size the terminal has now, where it does not say so itself."""
        if not self._in_band_window_resize:
            size = Size(*self._get_terminal_size())
            self._tell(Resize(size, size))

    def _tell(self, event: Event) -> None:
        """Send the app an event from wherever a signal came in, after all that were sent so before it."""
        telling = self._app._post_message(event)
        asyncio.run_coroutine_threadsafe(telling, asyncio.get_running_loop())

    def _sigcont_application(self, *_signal: object) -> None:
        """Take the terminal again after a stop, once, and draw all that was on it.

        A terminal that closes sends this too, and a stop that could not be heeded left the
        screen as it was: both would start a second reader of keys beside the first.
        """
        if gone() or not self._auto_restart:
            return
        if not self._must_signal_resume:
            self.suspend_application_mode()
        super()._sigcont_application()
        self._tell(Callback(self._draw_all))

    def _draw_all(self) -> None:
        self._app.refresh(layout=True)

    def _run_input_thread(self) -> None:
        """Read until the end; bytes that are no UTF-8 are passed over, and a lost terminal ends it."""
        while not self.exit_event.is_set():
            try:
                self.run_input_thread()
            except UnicodeDecodeError:
                continue
            except OSError:
                return


class Enduring:
    """A terminal to write to, silent once it is gone."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def write(self, text: str) -> int:
        with suppress(OSError):
            return self._file.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._file.flush()

    def fileno(self) -> int:
        return self._file.fileno()

    def isatty(self) -> bool:
        return self._file.isatty()


@contextmanager
def quiet(fd: int) -> Iterator[None]:
    """What is typed meanwhile is neither echoed nor left for whoever reads next; ^C is heard."""
    before = termios.tcgetattr(fd)
    hushed = list(before)
    hushed[3] &= ~(termios.ECHO | termios.ICANON)
    termios.tcsetattr(fd, termios.TCSADRAIN, hushed)
    try:
        yield
    finally:
        termios.tcsetattr(fd, termios.TCSAFLUSH, before)


def gone() -> bool:
    """Whether the terminal that the app is typed into went away."""
    stream = sys.__stdin__
    return stream is None or not stream.isatty()


def let_go() -> None:
    """Turn to nowhere what a terminal that went away could still hold up or fail."""
    nowhere = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    for fd in range(3):
        with suppress(OSError):
            os.dup2(nowhere, fd)
    os.close(nowhere)


def prefers_light(environ: Callable[[str], str | None]) -> bool:
    """Whether the terminal says that its ground is light, as `COLORFGBG=0;15` does."""
    ground = (environ("COLORFGBG") or "").rpartition(";")[2]
    return ground.isdecimal() and int(ground) in (7, *range(9, 16))
