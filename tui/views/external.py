"""Writing a text in the editor that the environment names."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from schema.wording import _
from tui.terminal import let_go

if TYPE_CHECKING:
    from tui.app import DuijieApp


PATIENCE = 2.0  # seconds that an editor is given to end when the app is ended


class _Ended(Exception):
    """The app is to end by a signal."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextmanager
def _hearing() -> Iterator[None]:
    """Let what ends the app end the wait for an editor, and ^C be the editor's own.

    The loop hears nothing meanwhile, for it does not run.
    """

    def ended(number: int, _frame: object) -> None:
        raise _Ended(number)

    def passed_over(_number: int, _frame: object) -> None:
        pass

    woken = signal.set_wakeup_fd(-1)
    held = {
        signal.SIGINT: signal.signal(signal.SIGINT, passed_over),
        signal.SIGTERM: signal.signal(signal.SIGTERM, ended),
        signal.SIGHUP: signal.signal(signal.SIGHUP, ended),
    }
    try:
        yield
    finally:
        for number, handler in held.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(woken, warn_on_full_buffer=False)


def _edited(command: Sequence[str]) -> tuple[int, int]:
    """What an editor ended with, and the signal that ended the app meanwhile, 0 for none."""
    process: subprocess.Popen[bytes] | None = None
    try:
        with _hearing():
            process = subprocess.Popen(command)
            return process.wait(), 0
    except _Ended as ended:
        if process is not None:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        return 0, ended.number


def written(app: DuijieApp, text: str) -> str | None:
    """The text as it was left in $VISUAL or $EDITOR; None, and said why, where that failed.

    Where the app is ended meanwhile, what the editor had written is given, and the app ends next.
    """
    named = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    try:
        command = shlex.split(named) or ["vi"]
    except ValueError:
        command = [named]
    with tempfile.TemporaryDirectory(prefix="duijie-") as folder:
        path = Path(folder, "text.txt")
        path.write_text(text, "utf-8")
        failed: OSError | None = None
        code, ended = 0, 0
        try:
            with app.suspend():
                try:
                    code, ended = _edited([*command, str(path)])
                except OSError as error:
                    failed = error
                if ended == signal.SIGHUP:
                    let_go()
        except SuspendNotSupported:
            app.say(_("This terminal cannot be given to another program."), wrong=True)
            return None
        if failed is not None:
            why = failed.strerror or ""
            words = _("{editor} cannot be started: {why}.", editor=command[0], why=why)
            app.say(words, wrong=True)
            return None
        if ended:
            os.kill(os.getpid(), ended)
        elif code:
            app.say(_("The editor ended with an error; nothing was taken over."), wrong=True)
            return None
        return path.read_text("utf-8", errors="replace").removesuffix("\n")
