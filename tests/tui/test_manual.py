"""The manual: every example in it runs, and every command is in it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import trustme

from syncd.cli import COMMANDS as KEEPING
from tui.cli.main import COMMANDS

MANUAL = (Path(__file__).parents[2] / "docs" / "manual.md").read_text("utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```", MANUAL, re.DOTALL | re.MULTILINE)

# A hub takes any free port of this machine alone, and the next line waits until it listens.
SERVE = re.compile(r"^duijie-syncd serve (\w+)( .*)? &$", re.MULTILINE)
SERVED = r"""
duijie-syncd serve \1\2 --host 127.0.0.1 --port 0 > \1.served 2> \1.log & echo $! >> pids
until grep -q listening \1.served; do kill -0 $!; sleep 0.05; done
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
    script, served = SERVE.subn(SERVED, script)
    assert served == 3
    certificate = trustme.CA().issue_cert("hub.example.com")
    certificate.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    certificate.cert_chain_pems[0].write_to_path(str(tmp_path / "chain.pem"))
    environ = {
        **os.environ,
        "DUIJIE_HOME": str(tmp_path / "one"),
        "DUIJIE_LANG": "zh",
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    try:
        done = subprocess.run(
            ["bash", "-euxo", "pipefail", "-c", script],
            cwd=tmp_path,
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    finally:
        if (tmp_path / "pids").exists():
            for pid in (tmp_path / "pids").read_text().split():
                with suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGTERM)
    assert done.returncode == 0, done.stderr[-2_000:]
    assert "印厂周五要参数页" in done.stdout


def test_every_command_is_in_the_manual() -> None:
    named = set(re.findall(r"duijie (?:--\S+ \S+ )?([a-z]+)", MANUAL))
    assert set(COMMANDS) <= named


def test_every_command_of_the_hub_is_in_the_manual() -> None:
    run = {found for block in BLOCKS for found in re.findall(r"\bduijie-syncd ([a-z]+)", block)}
    assert run == {command.name for command in KEEPING}


def test_the_manual_names_no_unknown_command() -> None:
    used = {found for block in BLOCKS for found in re.findall(r"\bduijie ([a-z]+)", block)}
    assert used <= set(COMMANDS)
