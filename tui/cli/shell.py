"""What every command is given: the options before it, its home, and where its words go."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from schema.errors import UsageError
from schema.wording import _

if TYPE_CHECKING:
    from syncd.home import Home
    from syncd.parser import Parser
    from syncd.store.replica import Replica


class Shell:
    """The options of `duijie`, and the replica that they lead to."""

    def __init__(self, home: str | None = None, *, ascii: bool = False, lang: str = "") -> None:
        self.home_option = home
        self.ascii = ascii
        self.lang = lang

    @property
    def mark(self) -> str:
        """What stands for the rest of a text that was cut."""
        return ">" if self.ascii else "›"

    def home(self) -> Home:
        """The home that --home, $DUIJIE_HOME or the platform names."""
        from syncd.home import Home

        return Home.find(self.home_option, os.environ)

    def file(self) -> Path:
        """The replica's file, found as `Home.find` does but without what else a home needs."""
        named = self.home_option or os.environ.get("DUIJIE_HOME") or _usual_folder()
        if named:
            path = Path(named).expanduser() / "replica.db"
            if path.exists():
                return path
        home = self.home()
        if not home.exists():
            # Says how to begin.
            home.open_replica(True).close()
        return home.database

    @contextmanager
    def replica(self, *, readonly: bool = False) -> Iterator[Replica]:
        """The home's replica; NotFound where there is none yet."""
        replica = self.home().open_replica(readonly)
        try:
            yield replica
        except sqlite3.DatabaseError as error:
            from syncd.store.connection import store_error

            raise store_error(replica.db.path, error) from error
        finally:
            replica.close()

    def parser(self, command: str, description: str) -> Parser:
        """A parser for the words after a command."""
        from syncd.parser import Parser

        return Parser(prog=f"duijie {command}", description=description)

    @staticmethod
    def hint(text: str) -> None:
        """Say something beside the data: on stderr, made safe."""
        from schema.safe_text import safe_text

        print(safe_text(text, lines=True), file=sys.stderr)

    @staticmethod
    def print_json(text: str) -> None:
        """One JSON value on stdout."""
        sys.stdout.write(_safe_json(text) + "\n")

    @staticmethod
    def print_array(items: Iterable[str]) -> None:
        """JSON values as one array, one a line."""
        sys.stdout.write("[" + ",\n".join(map(_safe_json, items)) + "]\n")

    @staticmethod
    def columns() -> int | None:
        """How wide the terminal is, or None where stdout is none."""
        if not sys.stdout.isatty():
            return None
        return os.get_terminal_size(sys.stdout.fileno()).columns


def _usual_folder() -> str:
    """The platform's folder where it is known without platformdirs, which takes longer than a list."""
    if sys.platform != "linux":
        return ""
    data = os.environ.get("XDG_DATA_HOME", "")
    if data and not data.startswith("/"):
        return ""
    return f"{data or '~/.local/share'}/duijie"


def _safe_json(text: str) -> str:
    """JSON text with what could drive or deceive a terminal escaped, which JSON reads the same."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escaped(char) for char in text)


def _escaped(char: str) -> str:
    """A character as it stands in a JSON string, escaped where it is dangerous."""
    from schema.safe_text import safe_text

    if safe_text(char) == char:
        return char
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))


def read_options(words: Sequence[str]) -> tuple[Shell | None, list[str]]:
    """The options before the command, and the rest; no shell where help was asked for."""
    home: str | None = None
    ascii = False
    lang = ""
    left = list(words)
    while left and left[0].startswith("-"):
        option, equals, value = left.pop(0).partition("=")
        if option in ("-h", "--help") and not equals:
            return None, []
        if option == "--ascii" and not equals:
            ascii = True
        elif option in ("--home", "--lang"):
            if not equals:
                if not left:
                    raise UsageError(
                        _("{option} needs a value.", option=option), _("`duijie --help` shows how.")
                    )
                value = left.pop(0)
            if option == "--home":
                home = value
            else:
                lang = value
        else:
            raise UsageError(
                _(
                    "There is no option {option}.",
                    option=option.encode("ascii", "backslashreplace").decode(),
                ),
                _("`duijie --help` shows how."),
            )
    return Shell(home, ascii=ascii, lang=lang), left


def split_flags(words: Sequence[str], *flags: str) -> tuple[set[str], list[str]]:
    """The flags among the words and the rest, for commands whose filter may begin with a minus."""
    given: set[str] = set()
    rest: list[str] = []
    for place, word in enumerate(words):
        if word == "--":
            return given, [*rest, *words[place + 1 :]]
        if word in flags:
            given.add(word)
        elif word.startswith("--"):
            raise UsageError(
                _(
                    "There is no option {option} here.",
                    option=word.encode("ascii", "backslashreplace").decode(),
                ),
                _("The options are: {options}.", options=" ".join(flags)),
            )
        else:
            rest.append(word)
    return given, rest
