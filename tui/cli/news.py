"""What syncing brought that somebody must know, told once on stderr or the desktop."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import suppress
from html import escape
from types import TracebackType
from typing import TYPE_CHECKING, Self

from schema.errors import DuijieError
from schema.rules.refusals import refusal_words
from schema.rules.truth import truth
from schema.safe_text import safe_text
from schema.wording import _, n_
from syncd.store.notices import Notice, take_notices
from syncd.store.reading import setting
from syncd.store.refusals import take_refusals
from syncd.store.replica import Replica
from syncd.store.standing import standing

if TYPE_CHECKING:
    from syncd.agent import AgentState
    from tui.cli.shell import Shell

LOOK = 0.5
AGAIN = 60_000_000
"""After how many microseconds it is looked again at whose turn it is, though nothing came."""


def tell_news(shell: Shell, replica: Replica) -> list[str]:
    """Say what is new since somebody was told, and which edits are refused; returns what was said."""
    lines = news(replica)
    for line in lines:
        shell.hint(line)
    return lines


def news(replica: Replica, *, on_screen: bool = False) -> list[str]:
    """What is new since somebody was told, a sentence each; it counts as told from here on.

    `on_screen` names the key of the app that shows more, and not the command.
    """
    lines = [_sentence(each) for each in take_notices(replica)]
    refused = take_refusals(replica)
    if refused:
        n, why = len(refused), refusal_words(refused[-1].reason)
        lines.append(
            n_(
                "{n} edit was refused ({why}); F2 shows it.",
                "{n} edits were refused ({why}); F2 shows them.",
                n,
                why=why,
            )
            if on_screen
            else n_(
                "{n} edit was refused ({why}); `duijie refused` lists it.",
                "{n} edits were refused ({why}); `duijie refused` lists them.",
                n,
                why=why,
            )
        )
    return lines


def _sentence(notice: Notice) -> str:
    title = " ".join(filter(None, [notice.called, notice.title])) or notice.id[-6:]
    if notice.what == "lost" and notice.deletion:
        return _(
            "{title}: you deleted it, {author} edited it without knowing; it stays until a coordinator settles.",
            title=safe_text(title),
            author=safe_text(notice.author),
        )
    if notice.what == "lost":
        return _(
            "{title}: {author} changed it without knowing your edit, and that version stands; yours is kept as a conflict.",
            title=safe_text(title),
            author=safe_text(notice.author),
        )
    return _(
        "{title}: {author} changed it on top of your edit before you saw it taken.",
        title=safe_text(title),
        author=safe_text(notice.author),
    )


class Watcher:
    """Beside `sync --watch`: says how the connection stands, and tells news as they come."""

    def __init__(self, shell: Shell, *, notify: bool) -> None:
        self.shell = shell
        self.notify = notify
        self._said = ""
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, name="news", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join(5.0)

    def changed(self, state: AgentState) -> None:
        """Say where syncing stands; called by the agent."""
        if state.another or (state.connected and not state.settled):
            return
        with self.shell.replica() as replica:
            told = truth(
                standing(replica, link="up" if state.connected else "down"),
                now=replica.clock.now(),
                zone=setting(replica.conn).zone,
            )
        line = "   ".join([told.word, *filter(None, [*told.facts, state.error])])
        if line != self._said:
            self._said = line
            self.shell.hint(line)

    def _look(self) -> None:
        """Tell news whenever somebody, the agent above all, has committed."""
        with suppress(DuijieError, sqlite3.Error), self.shell.replica() as replica:
            from tui.cli.today import Turns

            heard, looked = -1, replica.clock.now()
            turns = Turns(replica.conn, looked) if self.notify else None
            while not self._ended.wait(LOOK):
                version, now = replica.db.data_version(), replica.clock.now()
                if version != heard:
                    for line in tell_news(self.shell, replica):
                        if self.notify:
                            notify(line)
                if turns is not None and (version != heard or now - looked >= AGAIN):
                    looked = now
                    for line in turns.fresh(replica.conn, now):
                        print(line, flush=True)
                        notify(line)
                heard = version


def notify(text: str) -> None:
    """A desktop notice where there is a program for it, else the terminal's bell."""
    program = shutil.which("notify-send")
    if program:
        # What stands in a notice is read as markup.
        subprocess.run(
            [program, "--app-name=duijie", "--", "duijie", escape(text)],
            check=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=5,
        )
    elif sys.stderr.isatty():
        sys.stderr.write("\a")
        sys.stderr.flush()
