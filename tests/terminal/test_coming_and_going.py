"""The app in a real terminal: it opens, it is left, and the terminal is as it was."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from syncd.home import Home
from syncd.store.connection import FileLock
from tests.terminal.emulator import PASTE
from tests.terminal.terminal import PATIENCE, Terminal

BOARD = {"zh": ("看板", "未开始", "离线"), "en": ("Board", "not started", "Offline")}
MOUSE = {1000, 1003}


def restored(terminal: Terminal) -> None:
    """The terminal is a shell's again: main screen, cursor, no mouse, no paste marks, echo."""
    assert not terminal.alternate
    assert terminal.cursor_shown
    assert not terminal.modes & {PASTE, 1004, *MOUSE}
    assert terminal.echoes


def unlocked(home: Path) -> None:
    """No agent holds the home, and its replica opens and is whole."""
    lock = FileLock(home / "agent.lock")
    assert lock.acquire(0)
    lock.release()
    replica = Home(home).open_replica()
    assert replica.conn.execute("PRAGMA quick_check").fetchone() == ("ok",)
    replica.close()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_it_opens_and_quitting_leaves_the_terminal_as_it_was(
    home: Path, size: tuple[int, int], lang: str
) -> None:
    with Terminal.duijie(home, size=size, lang=lang) as terminal:
        board, todo, truth = BOARD[lang]
        terminal.wait(board, todo, truth)
        assert board in terminal.rows[0]
        assert truth in terminal.rows[-1]
        assert terminal.alternate
        assert not terminal.cursor_shown
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
        restored(terminal)
        assert terminal.text.split() == []
    unlocked(home)


def test_told_to_end_it_ends_tidily(home: Path) -> None:
    with Terminal.duijie(home) as terminal:
        terminal.wait("看板")
        terminal.signal(signal.SIGTERM)
        assert terminal.wait_exit() == 128 + signal.SIGTERM
        restored(terminal)
    unlocked(home)


def test_when_the_window_closes_it_ends_and_lets_go_of_the_home(home: Path) -> None:
    with Terminal.duijie(home) as terminal:
        terminal.wait("看板")
        terminal.hang_up()
        terminal.process.wait(PATIENCE)
    unlocked(home)


def test_killed_it_leaves_a_replica_that_opens(home: Path) -> None:
    with Terminal.duijie(home) as terminal:
        terminal.wait("看板")
        terminal.press(">")
        terminal.signal(signal.SIGKILL)
        assert terminal.wait_exit() == -signal.SIGKILL
    unlocked(home)
    with Terminal.duijie(home) as terminal:
        terminal.wait("看板")
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0


def test_put_aside_it_gives_the_terminal_back_and_takes_it_again(home: Path) -> None:
    with Terminal.duijie(home, size=(120, 36)) as terminal:
        terminal.wait("看板", "T-001", "离线")
        before = terminal.rows[1:-1]
        terminal.signal(signal.SIGTSTP)
        assert terminal.stopped()
        terminal.settle()
        restored(terminal)
        terminal.resize(100, 30)
        terminal.signal(signal.SIGCONT)
        terminal.wait("看板", lambda: terminal.alternate)
        terminal.resize(120, 36)
        terminal.wait("看板", lambda: terminal.rows[1:-1] == before)
        terminal.press("f12")
        assert terminal.stopped()
        terminal.signal(signal.SIGCONT)
        terminal.wait(lambda: terminal.alternate and terminal.rows[1:-1] == before)
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
        restored(terminal)


def test_a_storm_of_resizes_ends_in_the_screen_of_the_last_size(home: Path) -> None:
    with Terminal.duijie(home, size=(120, 36)) as terminal:
        terminal.wait("看板", "T-001", "离线")
        before = terminal.rows[1:]
        for n in range(60):
            terminal.resize(60 + n % 7 * 20, 12 + n % 5 * 9)
        for cols, rows in ((1, 1), (2, 40), (300, 3), (500, 200), (80, 24)):
            terminal.resize(cols, rows)
        terminal.wait("看板", lambda: "离线" in terminal.rows[23])
        terminal.resize(120, 36)
        terminal.wait(lambda: terminal.rows[1:] == before)
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0


RESIZED_MEANWHILE = """
import fcntl, struct, sys, termios
from textual.drivers.linux_driver import LinuxDriver
from tui.cli.main import main
ask = LinuxDriver._get_terminal_size
def asked(self):
    size = ask(self)
    if size == (100, 30):
        fcntl.ioctl(self.fileno, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    return size
LinuxDriver._get_terminal_size = asked
sys.exit(main(sys.argv[1:]))
"""


def test_of_two_sizes_at_one_moment_the_later_counts(home: Path) -> None:
    program = [sys.executable, "-c", RESIZED_MEANWHILE, "--home", str(home), "--lang", "zh"]
    with Terminal(program, size=(120, 36)) as terminal:
        terminal.wait("看板", "T-001", "离线")
        terminal.resize(100, 30)
        terminal.became(80, 24)
        terminal.wait("看板", lambda: "离线" in terminal.rows[23])
