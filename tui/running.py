"""Running the app on a home, from the command line and back to it."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from schema.errors import DuijieError, StoreError, joined
from schema.wording import _, asked
from syncd.home import Home
from syncd.store.connection import store_error
from tui.opening import opening

if TYPE_CHECKING:
    from tui.ending import LastWords


def run(home: Home, *, ascii: bool = False, lang: str = "", note: str = "") -> int:
    """Run the app on a home until it is left; the exit code.

    Raises what is wrong with the home, before there is a screen; and what nobody foresaw, once
    the terminal is given back, as a sentence that says where it is noted.
    """
    ahead = opening(home) if home.begun() else None
    # Textual is imported while the home is opened beside it.
    from tui.app import DuijieApp

    app = DuijieApp(home, ascii=ascii, lang=lang or asked(os.environ), note=note, opening=ahead)
    with _signals_given_back():
        try:
            app.run()
        finally:
            if app.scene is not None:
                app.scene.close()
    aside = _set_aside(app.home, app.unsaved())
    if app.mishap is not None:
        error = _said(app.home, app.mishap)
        error.way_out = joined(error.way_out, aside)
        raise error
    if aside:
        raise StoreError(_("What was typed last could not be put down with the records."), aside)
    return app.return_code or 0


def _set_aside(home: Home, unsaved: Sequence[LastWords]) -> str:
    """Keep what was typed and not saved in a file of its own; the sentence about it, "" for nothing."""
    from tui import journal

    path = home.path / "unsaved.jsonl"
    if not unsaved or not journal.set_aside(path, [(each.name, each.held) for each in unsaved]):
        return ""
    return _("What was typed and not saved is in {path}.", path=path)


@contextmanager
def _signals_given_back() -> Iterator[None]:
    """Handlers are afterwards what they were before the app took the signals."""
    from tui.ending import ENDING_SIGNALS

    taken = (*ENDING_SIGNALS, signal.SIGTSTP, signal.SIGCONT, signal.SIGWINCH)
    before = {number: signal.getsignal(number) for number in taken}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)


def _said(home: Home, error: BaseException) -> DuijieError:
    """An error that ended the app, as a sentence with the way out."""
    from textual.worker import WorkerFailed

    from syncd.command import file_error
    from tui import journal

    if isinstance(error, WorkerFailed):
        error = error.error
    if isinstance(error, DuijieError):
        return error
    if os.environ.get("DUIJIE_TRACEBACK"):
        raise error
    if isinstance(error, sqlite3.DatabaseError):
        return store_error(home.database, error)
    log = home.path / "app.log"
    noted = journal.note(log, error)
    what = file_error(error) if isinstance(error, OSError) else type(error).__name__
    return DuijieError(
        _("Something unforeseen went wrong and the app ended: {what}.", what=what.rstrip("。.")),
        _("It is noted in {path}; nothing that was saved is lost.", path=log)
        if noted
        else _("Nothing that was saved is lost."),
    )
