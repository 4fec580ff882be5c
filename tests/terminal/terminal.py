"""A program in a terminal of its own: keys in, a screen out, every byte kept."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.terminal.emulator import ALTERNATE, PASTE, SHOW_CURSOR, Cell, Emulator

ROOT = Path(__file__).parents[2]
PATIENCE = 15.0  # seconds; a condition comes long before, or never
DUIJIE = (sys.executable, "-m", "tui.cli.main")

KEYS = {
    "enter": "\r",
    "escape": "\x1b[27u",  # as terminals say it that are asked to tell keys apart
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "space": " ",
    "backspace": "\x7f",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    "delete": "\x1b[3~",
    **{f"f{n}": f"\x1bO{char}" for n, char in enumerate("PQRS", 1)},
    **{
        f"f{n}": f"\x1b[{code}~"
        for n, code in enumerate((15, 17, 18, 19, 20, 21, 23, 24, 25, 26), 5)
    },
}


class Terminal:
    """A program in a pseudo-terminal, ended with it.

    A condition is waited for on the bytes as they come, never by the clock. One that is not
    `looked_at` keeps the bytes and draws nothing, which is the cheaper by far.
    """

    def __init__(
        self,
        words: Sequence[str | Path],
        *,
        size: tuple[int, int] = (80, 24),
        environ: Mapping[str, str] | None = None,
        truecolor: bool = True,
        looked_at: bool = True,
    ) -> None:
        self.size = size
        self._looked_at = looked_at
        self.sent = bytearray()
        self.emulator = Emulator(*size, self._write)
        self._master, slave = pty.openpty()
        os.set_blocking(self._master, False)
        self._set_size()
        colour = {"COLORTERM": "truecolor"} if truecolor else {}
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("DUIJIE_", "TMUX", "COLORTERM", "NO_COLOR", "TEXTUAL"))
        }
        self.process = subprocess.Popen(
            [str(word) for word in words],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=ROOT,
            env={
                **kept,
                "TERM": "xterm-256color",
                "LC_ALL": "C.UTF-8",
                **colour,
                **(environ or {}),
            },
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(slave)
        self._open = True

    @classmethod
    def duijie(
        cls,
        home: Path,
        *,
        size: tuple[int, int] = (80, 24),
        lang: str = "zh",
        options: Sequence[str] = (),
    ) -> Self:
        """The app on a home."""
        return cls([*DUIJIE, "--home", home, "--lang", lang, *options], size=size)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            error.add_note(self.picture())
        self.close()

    # -- what is on screen

    @property
    def rows(self) -> list[str]:
        """The lines on screen."""
        return self.emulator.rows

    @property
    def text(self) -> str:
        """The screen as one text."""
        return "\n".join(self.rows)

    def cells(self, y: int) -> list[Cell]:
        """The cells of a line with their colours; -1 is the last line."""
        return self.emulator.cells(y % self.size[1])

    def picture(self) -> str:
        """The screen for somebody who reads a failure."""
        edge = "+" + "-" * self.size[0] + "+"
        return "\n".join([edge, *(f"|{row}|" for row in self.rows), edge])

    @property
    def alternate(self) -> bool:
        """Whether the program holds the alternate screen."""
        return ALTERNATE in self.emulator.modes

    @property
    def cursor_shown(self) -> bool:
        return SHOW_CURSOR in self.emulator.modes

    @property
    def modes(self) -> set[int]:
        """The private modes that are set now."""
        return self.emulator.modes

    @property
    def echoes(self) -> bool:
        """Whether the line discipline echoes and edits lines, as a shell wants it."""
        flags = termios.tcgetattr(self._master)[3]
        return bool(flags & termios.ECHO and flags & termios.ICANON)

    @property
    def running(self) -> bool:
        """Whether the program still holds the terminal."""
        return self._open

    # -- waiting

    def wait(self, *wanted: str | Callable[[], bool], within: float = PATIENCE) -> None:
        """Read until all texts are on screen and all conditions hold, at the end of a drawing.

        Raises AssertionError where they do not within so many seconds, or the program has ended.
        """
        end = time.monotonic() + within

        def reached() -> bool:
            if self.emulator.drawing:
                return False
            shown = self.text
            return all(each in shown if isinstance(each, str) else each() for each in wanted)

        while not reached():
            if not self._read(end - time.monotonic()):
                said = "ended" if not self._open else "came to nothing"
                raise AssertionError(f"waiting for {wanted} {said}")

    def wait_gone(self, text: str, within: float = PATIENCE) -> None:
        """Read until a text is no longer on screen."""
        self.wait(lambda: text not in self.text, within=within)

    def settle(self, quiet: float = 0.05) -> None:
        """Read until the program has sent nothing for so many seconds and waits for something.

        A program that is only held up by others is not taken for one that is done.
        """
        end = time.monotonic() + PATIENCE
        calm = 0
        while self._open and calm < 2 and time.monotonic() < end:
            calm = 0 if self._read(quiet / 2) or self._busy() else calm + 1

    def _busy(self) -> bool:
        """Whether a thread of the program has something to do, where the system says so."""
        for stat in Path(f"/proc/{self.process.pid}/task").glob("*/stat"):
            with suppress(OSError):
                if stat.read_text().rpartition(")")[2].split()[0] in "RD":
                    return True
        return False

    def _read(self, timeout: float) -> bool:
        """Take what the program sent; False where nothing came in time, or nothing will."""
        if not self._open or not select.select([self._master], [], [], max(timeout, 0))[0]:
            return False
        try:
            data = os.read(self._master, 1 << 16)
        except OSError:
            data = b""
        if not data:
            self._open = False
            return False
        self.sent += data
        if self._looked_at:
            self.emulator.feed(data)
        return True

    # -- doing

    def press(self, *keys: str) -> None:
        """Press keys by Textual's names; one character stands for itself."""
        self._write("".join(_sequence(key) for key in keys).encode())

    def type(self, text: str) -> None:
        """Type a text, as an input method commits it."""
        self._write(text.encode())

    def paste(self, text: str) -> None:
        """Paste a text, bracketed where the program asked for it."""
        data = text.encode()
        self._write(b"\x1b[200~" + data + b"\x1b[201~" if PASTE in self.modes else data)

    def click(self, x: int, y: int) -> None:
        """Click on a cell."""
        self._write(f"\x1b[<0;{x + 1};{y + 1}M\x1b[<0;{x + 1};{y + 1}m".encode())

    def resize(self, cols: int, rows: int) -> None:
        """Make the window another size."""
        self.became(cols, rows)
        self._set_size()

    def became(self, cols: int, rows: int) -> None:
        """The program itself has made the window another size."""
        self.size = (cols, rows)
        self.emulator.resize(cols, rows)

    def _set_size(self) -> None:
        cols, rows = self.size
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))

    def _write(self, data: bytes) -> None:
        while data:
            readable, writable, _ = select.select([self._master], [self._master], [], PATIENCE)
            assert readable or writable, "the program takes no input"
            if writable:
                data = data[os.write(self._master, data) :]
            elif not self._read(0):
                return

    # -- ending

    def signal(self, how: signal.Signals) -> None:
        """Send the program a signal."""
        self.process.send_signal(how)

    def stopped(self, within: float = PATIENCE) -> bool:
        """Whether the program is stopped (SIGSTOP) before it ends; waits for either."""
        end = time.monotonic() + within
        while time.monotonic() < end:
            self._read(0.01)
            pid, status = os.waitpid(self.process.pid, os.WNOHANG | os.WUNTRACED)
            if pid:
                return os.WIFSTOPPED(status)
        return False

    def wait_exit(self, within: float = PATIENCE) -> int:
        """Read until the program has let go of the terminal; its exit code."""
        end = time.monotonic() + within
        while self._read(end - time.monotonic()):
            pass
        assert not self._open, "the program did not end"
        return self.process.wait(max(end - time.monotonic(), 0.1))

    def hang_up(self) -> None:
        """Close the terminal under the program, as a window or a connection closes."""
        if self._master >= 0:
            os.close(self._master)
        self._master, self._open = -1, False

    def close(self) -> None:
        """End the program, if it still runs, and the terminal."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.hang_up()


def _sequence(key: str) -> str:
    if key in KEYS:
        return KEYS[key]
    if key.startswith("ctrl+") and len(key) == 6:
        return chr(ord(key[5]) & 0x1F)
    assert len(key) == 1, f"no such key: {key}"
    return key
