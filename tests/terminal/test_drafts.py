"""What is typed into a form outlives the program and its terminal, however they end."""

from __future__ import annotations

import signal
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from schema.ids import new_id
from schema.records import encode
from syncd.clock import Clock
from syncd.home import Home
from syncd.store.drafts import StoredDraft, stored_drafts
from syncd.store.replica import Replica
from syncd.store.rows import Change
from tests.conftest import Duijie
from tests.terminal.terminal import DUIJIE, PATIENCE, Terminal

TITLE = "支付接口联调"


@pytest.fixture
def task(alone: Duijie) -> str:
    """The one task of a home."""
    id = new_id(Clock().now())
    replica = Home(alone.home).open_replica()
    replica.save([Change("task", id, encode({"title": TITLE, "state": "todo"}))])
    replica.close()
    return id


def draft(home: Path, task: str) -> StoredDraft | None:
    replica = Replica(home / "replica.db", readonly=True)
    try:
        return next(iter(stored_drafts(replica.conn, f"task/{task}")), None)
    finally:
        replica.close()


def typed(terminal: Terminal, text: str) -> None:
    """Open the task and type into its title."""
    terminal.wait(TITLE)
    terminal.press("enter")
    terminal.wait("任务名称")
    terminal.press("tab")
    terminal.wait("6/80")
    terminal.type(text)
    terminal.wait(TITLE + text)


def put_down(terminal: Terminal, home: Path, task: str) -> StoredDraft:
    """The draft, once it is in the file."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        terminal.settle()
        if (found := draft(home, task)) is not None:
            return found
    raise AssertionError("no draft was put down")


def test_a_draft_is_there_again_after_the_program_was_killed(alone: Duijie, task: str) -> None:
    with Terminal.duijie(alone.home, size=(120, 36)) as terminal:
        typed(terminal, "，第二轮")
        put_down(terminal, alone.home, task)
        terminal.signal(signal.SIGKILL)
        terminal.wait_exit()
    with Terminal.duijie(alone.home, size=(120, 36)) as terminal:
        terminal.wait(TITLE)
        terminal.press("enter")
        terminal.wait(TITLE + "，第二轮", "草稿，写于")
        terminal.press("f4")
        terminal.wait("已存。")
        terminal.wait_gone("草稿，写于")
    assert draft(alone.home, task) is None


def hung_up(terminal: Terminal) -> None:
    terminal.hang_up()
    terminal.process.wait(PATIENCE)


def ended(terminal: Terminal) -> None:
    terminal.signal(signal.SIGTERM)
    terminal.wait_exit()


@pytest.mark.parametrize("how", [hung_up, ended])
def test_what_was_typed_last_is_put_down_when_the_terminal_goes_or_the_program_is_ended(
    how: Callable[[Terminal], None], alone: Duijie, task: str
) -> None:
    with Terminal.duijie(alone.home, size=(120, 36)) as terminal:
        typed(terminal, "终")
        how(terminal)
    kept = draft(alone.home, task)
    assert kept is not None
    assert kept.body["texts"] == {"title": TITLE + "终"}


def test_a_field_is_written_in_ones_own_editor(alone: Duijie, task: str, tmp_path: Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nprintf "，改过\\033[31m" >> "$1"\n')
    editor.chmod(0o700)
    words: list[str | Path] = [*DUIJIE, "--home", alone.home, "--lang", "zh"]
    with Terminal(words, size=(120, 36), environ={"VISUAL": str(editor)}) as terminal:
        typed(terminal, "二")
        terminal.press("f11")
        terminal.wait(TITLE + "二，改过[31m")
        terminal.press("f4")
        terminal.wait("已存。")
    assert draft(alone.home, task) is None


@pytest.mark.parametrize("how", [hung_up, ended])
def test_the_program_ends_in_order_while_ones_own_editor_is_open(
    how: Callable[[Terminal], None], alone: Duijie, task: str, tmp_path: Path
) -> None:
    """What the editor's file has is in the draft, and the file is gone."""
    editor, folder = tmp_path / "editor", tmp_path / "temporary"
    folder.mkdir()
    editor.write_text('#!/bin/sh\nprintf "，写到一半" >> "$1"\necho editing\nexec sleep 600\n')
    editor.chmod(0o700)
    words: list[str | Path] = [*DUIJIE, "--home", alone.home, "--lang", "zh"]
    environ = {"VISUAL": str(editor), "TMPDIR": str(folder)}
    with Terminal(words, size=(120, 36), environ=environ) as terminal:
        typed(terminal, "二")
        terminal.press("f11")
        terminal.wait("editing")
        how(terminal)
    kept = draft(alone.home, task)
    assert kept is not None
    assert kept.body["texts"] == {"title": TITLE + "二，写到一半"}
    assert not list(folder.iterdir())
    assert not list((alone.home / "drafts").iterdir())


def test_a_field_typed_and_written_in_ones_own_editor_outlives_a_kill(
    alone: Duijie, task: str, tmp_path: Path
) -> None:
    """The draft stands before the editor opens; what the editor wrote is taken up, and its file goes."""
    editor = tmp_path / "editor"
    editor.write_text(
        '#!/bin/sh\necho ready\nread go\nprintf "，写到一半" >> "$1"\necho written\nexec sleep 600\n'
    )
    editor.chmod(0o700)
    words: list[str | Path] = [*DUIJIE, "--home", alone.home, "--lang", "zh"]
    with Terminal(words, size=(120, 36), environ={"VISUAL": str(editor)}) as terminal:
        typed(terminal, "二")
        terminal.press("f11")
        terminal.wait("ready")
        kept = draft(alone.home, task)
        assert kept is not None
        assert kept.body["texts"] == {"title": TITLE + "二"}
        (folder,) = (alone.home / "drafts").iterdir()
        file = folder / "text.txt"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        terminal.type("\n")
        terminal.wait("written")
        terminal.signal(signal.SIGKILL)
        terminal.wait_exit()
    with Terminal.duijie(alone.home, size=(120, 36)) as terminal:
        terminal.wait(TITLE)
        terminal.press("enter")
        terminal.wait(TITLE + "二，写到一半", "上次没写完的还在这里")
        end = time.monotonic() + PATIENCE
        while folder.exists() and time.monotonic() < end:
            terminal.settle()
        assert not folder.exists()
        kept = draft(alone.home, task)
        assert kept is not None
        assert kept.body["texts"] == {"title": TITLE + "二，写到一半"}


def test_an_editor_that_cannot_be_started_leaves_the_form_as_it_was(
    alone: Duijie, task: str
) -> None:
    words: list[str | Path] = [*DUIJIE, "--home", alone.home, "--lang", "zh"]
    with Terminal(words, size=(120, 36), environ={"VISUAL": "/nowhere/ed"}) as terminal:
        typed(terminal, "二")
        terminal.press("f11")
        terminal.wait("打不开 /nowhere/ed")
        terminal.type("三")
        terminal.wait(TITLE + "二三")
