"""The manual: every example in it runs, and every command is in it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from tui.cli.main import COMMANDS

MANUAL = (Path(__file__).parents[2] / "docs" / "manual.md").read_text("utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```", MANUAL, re.DOTALL | re.MULTILINE)

# The hub takes any free port, and the next line waits until it listens.
SERVE = "duijie-syncd serve hub &"
SERVED = """
duijie-syncd serve hub --port 0 > served 2> served.log & echo $! > pid
until grep -q listening served; do sleep 0.05; done
"""


def wrappers(folder: Path) -> None:
    """The commands as they are installed, and sqlite3 where the machine has none."""
    folder.mkdir()
    for name, module in (("duijie", "tui.cli.main"), ("duijie-syncd", "syncd.cli")):
        _script(folder / name, f'exec {sys.executable} -m {module} "$@"')
    if shutil.which("sqlite3") is None:
        code = "import sqlite3, sys; print(sqlite3.connect(sys.argv[-2]).execute(sys.argv[-1]).fetchall())"
        _script(folder / "sqlite3", f"exec {sys.executable} -c '{code}' \"$@\"")


def _script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_every_example_of_the_manual_runs(tmp_path: Path) -> None:
    wrappers(tmp_path / "bin")
    script = "\n".join(BLOCKS)
    assert SERVE in script
    environ = {
        **os.environ,
        "DUIJIE_HOME": str(tmp_path / "one"),
        "DUIJIE_LANG": "zh",
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    try:
        done = subprocess.run(
            ["bash", "-euxo", "pipefail", "-c", script.replace(SERVE, SERVED)],
            cwd=tmp_path,
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    finally:
        if (tmp_path / "pid").exists():
            os.kill(int((tmp_path / "pid").read_text()), signal.SIGTERM)
    assert done.returncode == 0, done.stderr[-2_000:]
    assert "印厂周五要参数页" in done.stdout


def test_every_command_is_in_the_manual() -> None:
    named = set(re.findall(r"duijie (?:--\S+ \S+ )?([a-z]+)", MANUAL))
    assert set(COMMANDS) <= named


def test_the_manual_names_no_unknown_command() -> None:
    used = {found for block in BLOCKS for found in re.findall(r"\bduijie ([a-z]+)", block)}
    assert used <= set(COMMANDS)
