"""What both commands share: how one is run, and how an error ends it."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Callable, Sequence

from schema import wording
from schema.errors import DuijieError
from schema.safe_text import safe_text
from schema.wording import N_, _

INTERRUPTED = 130
READER_GONE = 141

# What people meet when a file cannot be used.
ERRORS: dict[int | None, str] = {
    errno.ENOENT: N_("there is no such file or folder"),
    errno.EACCES: N_("you may not do that there"),
    errno.EPERM: N_("you may not do that there"),
    errno.EISDIR: N_("it is a folder"),
    errno.ENOTDIR: N_("a part of its path is no folder"),
    errno.EEXIST: N_("it is there already"),
    errno.ENOSPC: N_("the disk is full"),
    errno.EDQUOT: N_("the disk is full"),
    errno.EROFS: N_("the disk can only be read"),
    errno.EMFILE: N_("too many files are open"),
    errno.EIO: N_("the disk does not answer"),
}


def run(main: Callable[[list[str]], int], argv: Sequence[str]) -> int:
    """Run a command and return its exit code; whatever goes wrong becomes one line on stderr.

    The language is chosen first, from `--lang` in `argv` or the environment. Ctrl-C gives 130
    and a reader that went away 141, both without a word. With $DUIJIE_TRACEBACK set, what
    nobody foresaw is raised.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    words = list(argv)
    try:
        wording.use(wording.choose(None, os.environ))
        wording.use(wording.choose(_lang(words), os.environ))
        code = main(words)
        sys.stdout.flush()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except DuijieError as error:
        return _failed(str(error), error.exit_code)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _drop_stdout()
        return READER_GONE
    except OSError as error:
        return _failed(file_error(error), 1)
    except Exception as error:
        if os.environ.get("DUIJIE_TRACEBACK"):
            raise
        return _failed(
            _("Something unforeseen went wrong: {what}.", what=f"{type(error).__name__}: {error}"),
            1,
        )
    return code


def _lang(words: Sequence[str]) -> str | None:
    """What `--lang` says, read before there is a parser, because its help is translated too."""
    for place, word in enumerate(words):
        if word == "--":
            return None
        if word.startswith("--lang="):
            return word.removeprefix("--lang=")
        if word == "--lang":
            return words[place + 1] if place + 1 < len(words) else None
    return None


def _failed(sentence: str, code: int) -> int:
    print(safe_text(sentence), file=sys.stderr)
    return code


def file_error(error: OSError) -> str:
    """What the system said of a file, as a sentence."""
    why = _(ERRORS[error.errno]) if error.errno in ERRORS else error.strerror or str(error)
    if isinstance(error.filename, str):
        return _("{path} cannot be used: {why}.", path=error.filename, why=why)
    return _("The system said: {why}.", why=why)


def _drop_stdout() -> None:
    """Keep the interpreter from failing once more when it flushes at the end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
