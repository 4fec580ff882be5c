"""Writing a text in the editor that the environment names."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from schema.wording import _
from tui.terminal import gone, let_go
from tui.views.papers import Paper

if TYPE_CHECKING:
    from tui.app import DuijieApp


PATIENCE = 2.0  # seconds that an editor is given to end when the app is ended
LISTENED = 0.2  # seconds between two looks for a signal while the editor is open


@contextmanager
def _hearing() -> Iterator[list[int]]:
    """The signals that end the app, as they come while its loop does not run; ^C is the editor's own."""
    heard: list[int] = []

    def hear(number: int, _frame: object) -> None:
        if number != signal.SIGINT:
            heard.append(number)

    woken = signal.set_wakeup_fd(-1)
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    held = {number: signal.signal(number, hear) for number in numbers}
    try:
        yield heard
    finally:
        for number, handler in held.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(woken, warn_on_full_buffer=False)


def _edited(command: Sequence[str]) -> tuple[int, int]:
    """What an editor ended with, and the signal that ended the app meanwhile, 0 for none."""
    with _hearing() as heard:
        process = subprocess.Popen(command)
        while not heard:
            try:
                process.wait(LISTENED)
                break
            except subprocess.TimeoutExpired:
                continue
        if heard:
            _end(process)
        elif gone():
            heard.append(signal.SIGHUP)
        return process.returncode, heard[0] if heard else 0


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def written(app: DuijieApp, paper: Paper) -> str | None:
    """The paper's text as it was left in $VISUAL or $EDITOR; None, and said why, where that failed.

    Where the app is ended meanwhile, what the editor had written is given, and the app ends next.
    """
    named = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    try:
        command = shlex.split(named) or ["vi"]
    except ValueError:
        command = [named]
    failed: OSError | None = None
    code, ended = 0, 0
    try:
        with app.suspend():
            try:
                code, ended = _edited([*command, str(paper.path)])
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
    text = paper.read()
    if text is None:
        app.say(_("The editor ended with an error; nothing was taken over."), wrong=True)
    return text
