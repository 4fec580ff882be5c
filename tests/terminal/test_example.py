"""The demonstration and what nobody foresaw, in a real terminal: nothing is left behind."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import pytest

from tests.terminal.terminal import DUIJIE, PATIENCE, Terminal

LONG = 6 * PATIENCE  # setting the stage starts some twenty programs


@contextmanager
def terminal_in(folder: Path, *words: str) -> Iterator[Terminal]:
    """The command, with its temporary files in a folder of their own."""
    folder.mkdir(exist_ok=True)
    environ = {"TMPDIR": str(folder), "XDG_DATA_HOME": str(folder / "data")}
    with Terminal([*DUIJIE, *words], size=(120, 36), environ=environ) as terminal:
        yield terminal


def left(folder: Path) -> list[str]:
    """What is still in the folder, and which processes still name it."""
    running = []
    for each in Path("/proc").iterdir():
        if each.name.isdecimal() and int(each.name) != os.getpid():
            try:
                words = (each / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if any(str(folder).encode() in word for word in words):
                running.append(b" ".join(words).decode(errors="replace"))
    return [*(each.name for each in folder.iterdir()), *running]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at /proc")
@pytest.mark.parametrize("how", ["ctrl+q", "term", "hangup"])
def test_the_demonstration_opens_the_app_and_leaves_nothing_behind(
    tmp_path: Path, how: str
) -> None:
    folder = tmp_path / "tmp"
    with terminal_in(folder, "--lang", "en", "demo") as terminal:
        terminal.wait("Board", "the example", "To settle", within=LONG)
        assert len(left(folder)) > 1
        if how == "ctrl+q":
            terminal.press("ctrl+q")
            assert terminal.wait_exit() == 0
            assert not terminal.alternate
        elif how == "term":
            terminal.signal(signal.SIGTERM)
            assert terminal.wait_exit() == 128 + signal.SIGTERM
        else:
            terminal.hang_up()
            terminal.process.wait(PATIENCE)
    assert left(folder) == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at /proc")
def test_a_demonstration_that_is_killed_takes_its_hub_and_its_folder_with_it(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "tmp"
    with terminal_in(folder, "--lang", "en", "demo") as terminal:
        terminal.wait("Board", "the example", "To settle", within=LONG)
        terminal.process.kill()
        terminal.process.wait(PATIENCE)
        ends = monotonic() + LONG
        while left(folder) and monotonic() < ends:
            sleep(0.05)
    assert left(folder) == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at /proc")
def test_what_is_typed_while_the_stage_is_set_is_neither_shown_nor_done(tmp_path: Path) -> None:
    folder = tmp_path / "tmp"
    with terminal_in(folder, "--lang", "en", "demo") as terminal:
        terminal.wait("Setting the stage")
        terminal.type("3xyzzy")
        terminal.wait("Board", "the example", "To settle", within=LONG)
        terminal.wait("lanes by department")
        assert "xyzzy" not in terminal.text
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at /proc")
def test_the_example_of_the_first_run_is_gone_when_it_is_left(tmp_path: Path) -> None:
    folder = tmp_path / "tmp"
    with terminal_in(folder, "--lang", "zh", "--home", str(tmp_path / "home")) as terminal:
        terminal.wait("看示例")
        terminal.press("enter")
        terminal.wait("看板", "示例，退出即删", within=LONG)
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
    assert left(folder) == []
    assert not (tmp_path / "home").exists()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at /proc")
def test_an_example_that_is_left_before_it_is_ready_is_gone_too(tmp_path: Path) -> None:
    folder = tmp_path / "tmp"
    with terminal_in(folder, "--lang", "en", "--home", str(tmp_path / "home")) as terminal:
        terminal.wait("See the example")
        terminal.press("enter")
        terminal.wait(lambda: bool(list(folder.glob("duijie-demo-*/hub"))), within=LONG)
        terminal.press("ctrl+q")
        assert terminal.wait_exit(within=LONG) == 0
    assert left(folder) == []


BROKEN = """
import sys
from tui.cli.main import main
from tui.views.board import Board
async def broken(self): raise KeyError("a title that nobody else may read")
Board.action_lanes = broken
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "Something unforeseen"), ("zh", "出了没料到的错")]
)
def test_what_nobody_foresaw_gives_the_terminal_back_with_one_sentence(
    home: Path, lang: str, words: str
) -> None:
    program = [sys.executable, "-c", BROKEN, "--home", str(home), "--lang", lang]
    with Terminal(program, size=(120, 36)) as terminal:
        terminal.wait("2")
        terminal.wait("^G")
        terminal.press("\x07")
        assert terminal.wait_exit() == 1
        assert not terminal.alternate
        assert terminal.cursor_shown
        assert terminal.echoes
        said = terminal.text
        assert words in said
        assert "app.log" in said
        assert "Traceback" not in said
        assert "nobody else" not in said
    assert (home / "app.log").exists()


def test_bytes_that_are_no_utf8_are_passed_over(home: Path) -> None:
    with Terminal.duijie(home) as terminal:
        terminal.wait("看板")
        terminal._write(b"\xff\xfe\xb9\xfa")
        terminal.settle()
        terminal.press("f1")
        terminal.wait("帮助", "Esc 返回")
        terminal.press("escape", "ctrl+q")
        assert terminal.wait_exit() == 0


def test_stopped_and_continued_from_outside_it_goes_on_and_still_ends(home: Path) -> None:
    with Terminal.duijie(home) as terminal:
        terminal.wait("看板")
        terminal.signal(signal.SIGSTOP)
        assert terminal.stopped()
        terminal.signal(signal.SIGCONT)
        terminal.press("f1")
        terminal.wait("帮助", "Esc 返回")
        terminal.press("escape", "ctrl+q")
        assert terminal.wait_exit() == 0
        assert not terminal.alternate
