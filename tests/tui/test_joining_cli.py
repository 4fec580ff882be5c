"""Beginning, joining and syncing from the command line, with a real hub in its own process."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import syncd.agent
from tests.conftest import Duijie

WAIT = 30.0


class Served:
    """A hub that `duijie-syncd` serves."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._run("init", str(folder))
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "syncd.cli", "serve", str(self.folder), "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environ(),
            text=True,
        )
        assert self.process.stdout is not None
        said = self.process.stdout.readline()
        assert said.startswith("listening ")
        self.url = said.split()[1]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(WAIT)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def invite(self, name: str, role: str = "liaison") -> str:
        """A code for a new member."""
        out = self._run(
            "invite", str(self.folder), "--name", name, "--department", "研发部", "--role", role
        )
        return out.split()[-1]

    def _run(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "syncd.cli", *words],
            capture_output=True, text=True, check=True, env=environ(),
        )  # fmt: skip
        return done.stdout


def environ(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DUIJIE_")}
    return {**kept, "DUIJIE_LANG": "en", "PYTHONUTF8": "1", **more}


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    hub = Served(tmp_path / "hub")
    yield hub
    hub.stop()


@pytest.fixture
def homes(tmp_path: Path, duijie: Duijie, served: Served) -> Callable[..., Path]:
    """Joins a member and gives the folder of the home."""

    def make(name: str, role: str = "liaison") -> Path:
        home = tmp_path / name
        duijie.ok("join", served.url, served.invite(name, role), home=home)
        return home

    return make


def start(home: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tui.cli.main", *words],
        env=environ(DUIJIE_HOME=str(home)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def until(holds: Callable[[], Any]) -> None:
    limit = time.monotonic() + WAIT
    while not holds():
        assert time.monotonic() < limit, "it never came to hold"
        time.sleep(0.05)


# -- alone


def test_init_begins_a_workspace(duijie: Duijie) -> None:
    result = duijie.ok("init", "--name", "张三", "--department", "研发部")
    assert result.out == ""
    assert str(duijie.home) in result.err
    kinds = [len(duijie.ok("list", kind, "--json").json) for kind in ("department", "person")]
    assert kinds == [1, 1]


def test_init_never_overwrites(alone: Duijie) -> None:
    assert alone("init", "--name", "李四", "--department", "x").code == 1
    assert alone.ok("status", "--json").json["member"] == "张三"


def test_init_needs_name_and_department(duijie: Duijie) -> None:
    assert duijie("init", "--name", "x").code == 2
    assert duijie("init", "--name", "x", "--department", "字" * 21).code == 1


def test_home_says_where_the_files_are(duijie: Duijie) -> None:
    before = duijie.ok("home")
    assert before.out.strip() == str(duijie.home)
    assert "init" in before.err
    duijie.ok("init", "--name", "张三", "--department", "研发部")
    assert str(duijie.home / "replica.db") in duijie.ok("home").err
    assert duijie.ok("home", "--json").json["replica"] == str(duijie.home / "replica.db")


def test_sync_without_a_hub_says_how_to_join(alone: Duijie) -> None:
    for words in (["sync"], ["sync", "--watch"]):
        result = alone(*words)
        assert result.code == 1
        assert "duijie join" in result.err
        assert result.err.count("\n") == 1


def test_notify_needs_watch(alone: Duijie) -> None:
    assert alone("sync", "--notify").code == 2


# -- joining


def test_join_reads_the_code_from_stdin(duijie: Duijie, served: Served) -> None:
    result = duijie.ok("join", served.url, stdin=served.invite("张三") + "\n")
    assert result.out == ""
    assert "张三" in result.err
    status = duijie.ok("status", "--json").json
    assert (status["member"], status["role"], status["hub"]) == ("张三", "liaison", served.url)
    assert status["unsent"] == 0


def test_a_wrong_code_leaves_no_home_behind(duijie: Duijie, served: Served) -> None:
    result = duijie("join", served.url, "aaaa-bbbb-cccc-dddd")
    assert (result.code, result.out) == (1, "")
    assert result.err.count("\n") == 1
    assert duijie("status").code == 1


def test_join_carries_along_what_was_written_alone(alone: Duijie, served: Served) -> None:
    id = alone.ok("add", "task", "title=früher").id
    alone.ok("join", served.url, served.invite("张三"))
    assert alone.ok("show", id, "--json").json["number"] == "T-001"


def test_join_on_a_joined_home_only_changes_the_address(
    duijie: Duijie, served: Served, homes: Callable[..., Path]
) -> None:
    home = homes("甲")
    served.stop()
    served.start()
    result = duijie.ok("join", served.url, home=home)
    assert served.url in result.err
    duijie.ok("sync", home=home)


def test_an_address_must_be_one(duijie: Duijie) -> None:
    assert duijie("join", "http://example.com", "code").code == 2
    assert duijie("join", "ws://example.com", "code").code == 2


# -- syncing


def test_two_homes_come_into_step(duijie: Duijie, homes: Callable[..., Path]) -> None:
    a, b = homes("甲"), homes("乙")
    id = duijie.ok("add", "task", "title=x", home=a).id
    sent = duijie.ok("sync", home=a)
    assert (sent.out, sent.err) == ("", "1 sent, 1 received; in step with the hub.\n")
    duijie.ok("sync", home=b)
    assert duijie.ok("show", "T-001", "--json", home=b).json["id"] == id
    figures = [duijie.ok("status", "--json", home=home).json for home in (a, b)]
    assert figures[0]["digest"] != "0" * 32
    duijie.ok("sync", home=a)
    figures = [duijie.ok("status", "--json", home=home).json for home in (a, b)]
    assert [figures[0][key] for key in ("seq", "count", "digest")] == [
        figures[1][key] for key in ("seq", "count", "digest")
    ]


def test_without_a_hub_sync_fails_and_keeps_everything(
    duijie: Duijie, served: Served, homes: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = homes("甲")
    duijie.ok("add", "task", "title=x", home=home)
    served.stop()
    whole = syncd.agent.sync_once
    monkeypatch.setattr(syncd.agent, "sync_once", lambda home: whole(home, 0.5))
    assert duijie.ok("status", "--line", home=home).out.startswith("Unsent   1 unsent")
    result = duijie("sync", home=home)
    assert (result.code, result.out) == (1, "")
    assert result.err.count("\n") == 1
    assert duijie.ok("status", "--json", home=home).json["unsent"] == 1
    assert duijie.ok("status", "--line", home=home).out.startswith("Offline   1 unsent")
    served.start()
    duijie.ok("join", served.url, home=home)
    duijie.ok("sync", home=home)
    assert duijie.ok("status", "--line", home=home).out.startswith("In step")


def test_status_beside_a_watch_tells_when_the_hub_is_gone(
    duijie: Duijie, served: Served, homes: Callable[..., Path]
) -> None:
    home = homes("甲")
    watching = start(home, "sync", "--watch")
    try:
        until(lambda: "Synced elsewhere" in duijie("status", "--line", home=home).out)
        served.stop()
        until(lambda: duijie("status", "--line", home=home).out.startswith("Offline"))
    finally:
        watching.send_signal(signal.SIGTERM)
        watching.communicate(timeout=WAIT)
        served.start()


def test_joining_where_nobody_listens_says_that_the_code_is_good(
    duijie: Duijie, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    from syncd.agent import Agent

    code = served.invite("甲")
    served.stop()
    whole = Agent.run_once
    monkeypatch.setattr(Agent, "run_once", lambda self: whole(self, 0.3))
    result = duijie("join", served.url, code)
    served.start()
    assert result.code == 1
    assert "not used up" in result.err
    monkeypatch.undo()
    duijie.ok("join", served.url, code)
    again = duijie.ok("join", served.url, code)
    assert "already" in again.err
    assert "code was not used" in again.err


def test_edits_that_wait_for_a_newer_hub_end_a_sync_with_1(
    duijie: Duijie, homes: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = homes("甲")
    duijie.ok("add", "task", "title=x", home=home)
    with closing(sqlite3.connect(home / "replica.db")) as db, db:
        db.execute("INSERT OR REPLACE INTO meta VALUES ('older', 'task')")
    monkeypatch.setattr(syncd.agent, "sync_once", lambda home: None)
    result = duijie("sync", home=home)
    assert result.code == 1
    assert "newer hub" in result.err
    assert duijie.ok("status", "--line", home=home).out.startswith("Hub older")


def test_refused_edits_are_a_line_on_stderr(duijie: Duijie, homes: Callable[..., Path]) -> None:
    home = homes("看客", "viewer")
    duijie.ok("add", "task", "title=x", home=home)
    result = duijie.ok("sync", home=home)
    assert "1 edit was refused" in result.err
    assert result.err.count("\n") == 2
    assert "refused" not in duijie.ok("sync", home=home).err
    assert duijie.ok("status", "--line", home=home).out.startswith("Refused")


def test_an_author_hears_once_that_an_edit_lost(duijie: Duijie, homes: Callable[..., Path]) -> None:
    a, b = homes("甲"), homes("乙")
    id = duijie.ok("add", "task", "title=x", home=a).id
    for home in (a, b):
        duijie.ok("sync", home=home)
    duijie.ok("set", id, "title=a", home=a)
    duijie.ok("set", id, "title=b", home=b)
    duijie.ok("sync", home=a)
    duijie.ok("sync", home=b)
    told = duijie.ok("sync", home=a)
    assert "乙" in told.err
    assert "conflict" in told.err
    assert duijie.ok("sync", home=a).err == "0 sent, 0 received; in step with the hub.\n"


def test_watch_stays_in_step_until_terminated(duijie: Duijie, homes: Callable[..., Path]) -> None:
    a, b = homes("甲"), homes("乙")
    watching = start(a, "sync", "--watch")
    try:
        until(lambda: "Synced elsewhere" in duijie("status", "--line", home=a).out)
        id = duijie.ok("add", "task", "title=x", home=b).id
        duijie.ok("sync", home=b)
        until(lambda: duijie("show", id, home=a).code == 0)
        # Another sync of the same home asks the one that runs; another watch is turned away.
        mine = duijie.ok("add", "task", "title=y", home=a).id
        duijie.ok("sync", home=a)
        assert duijie.ok("show", mine, "--json", home=a).json["unsent"] is False
        assert duijie("sync", "--watch", home=a).code == 1
    finally:
        watching.send_signal(signal.SIGTERM)
        out, err = watching.communicate(timeout=WAIT)
    assert watching.returncode == 0
    assert out == ""
    assert "In step" in err


def test_watch_tells_what_happens(duijie: Duijie, homes: Callable[..., Path]) -> None:
    a, b = homes("甲"), homes("乙")
    id = duijie.ok("add", "task", "title=x", home=a).id
    for home in (a, b):
        duijie.ok("sync", home=home)
    duijie.ok("set", id, "title=a", home=a)
    duijie.ok("sync", home=a)
    watching = start(a, "sync", "--watch", "--notify")
    try:
        until(lambda: "Synced elsewhere" in duijie("status", "--line", home=a).out)
        duijie.ok("set", id, "title=b", home=b)
        duijie.ok("sync", home=b)
        until(lambda: duijie.ok("conflicts", "--json", home=a).json)
        time.sleep(1.5)
    finally:
        watching.send_signal(signal.SIGTERM)
        _out, err = watching.communicate(timeout=WAIT)
    assert "乙" in err
