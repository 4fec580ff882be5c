"""One program that plays many: it runs the commands it is told on stdin, each as if alone.

Starting Python anew for each of twenty commands would take most of the time that setting the
stage takes. A line in is a module and its words, a line out the exit code, stdout and stderr.
"""

from __future__ import annotations

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from importlib import import_module
from typing import IO

import msgspec

PROGRAMS = ("tui.cli.main", "syncd.cli")


def play(orders: IO[bytes], answers: IO[bytes]) -> None:
    """Run commands until there are no more."""
    for line in orders:
        module, *words = msgspec.json.decode(line, type=list[str])
        answers.write(msgspec.json.encode(_played(module, words)) + b"\n")
        answers.flush()


def _played(module: str, words: list[str]) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    assert module in PROGRAMS
    program = import_module(module)
    argv, sys.argv = sys.argv, [module, *words]
    try:
        with redirect_stdout(out), redirect_stderr(err):
            ended = program.main()
    except SystemExit as exit:
        ended = exit.code if isinstance(exit.code, int) else int(exit.code is not None)
    finally:
        sys.argv = argv
    return ended or 0, out.getvalue(), err.getvalue()


if __name__ == "__main__":
    play(sys.stdin.buffer, sys.stdout.buffer)
