"""Walks through the app with keys, in a terminal that keeps every byte and draws none."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from schema.records import KINDS
from tests.terminal.sequences import Token, tokens
from tests.terminal.terminal import Terminal
from tui.views.tabs import TABS

USUAL = (120, 36)
TALL = (120, 56)
BACK = ["escape"] * 4
MOST_FIELDS = max(len(kind.fields) for kind in KINDS.values())
Steps = Iterator[list[str]]


class Walk(NamedTuple):
    """What the app sent to the terminal on a walk, and which screens came up."""

    sent: list[Token]
    screens: set[str]

    @property
    def text(self) -> str:
        """All that was shown, without its places and colours."""
        return "".join(token.text for token in self.sent if token.kind == "text")


def walked(home: Path, steps: Steps, told: Path, *, size: tuple[int, int] = USUAL) -> Walk:
    """Take the steps in a home and quit: each is some keys or texts, and the next waits until all is done."""
    program: list[str | Path] = [
        sys.executable,
        "-m",
        "tests.terminal.opened",
        told,
        "--home",
        home,
        "--lang",
        "zh",
    ]
    with Terminal(program, size=size, looked_at=False) as terminal:
        terminal.wait(lambda: b"?1049h" in terminal.sent)
        terminal.settle()
        begun = len(terminal.sent)
        for step in steps:
            for each in step:
                if each.startswith("'"):
                    terminal.type(each[1:])
                else:
                    terminal.press(each)
            terminal.settle()
            assert terminal.running, f"it ended at {step}: {terminal.sent[-2000:].decode()}"
        sent = list(tokens(terminal.sent[begun:].decode()))
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
        assert not (home / "app.log").exists()
    return Walk(sent, set(told.read_text().split()))


def everywhere() -> Steps:
    """Every tab, page and dialog, with what lies over them."""
    for digit in TABS:
        yield from (["escape", digit], ["down"], ["?"], ["escape"], ["ctrl+o"], BACK)
        yield from ([digit, "ctrl+n"], BACK)
    yield from (["2"], ["/"], ["'q"], ["f4"], BACK, ["delete"], BACK)
    yield from (["enter"], ["ctrl+o"], ["escape"], ["+"], ["escape"])
    yield from (["tab"], ["f3"], ["down"], ["ctrl+r"], BACK)
    yield from (["9"], ["space"], ["enter"], ["escape"], ["ctrl+g"], ["escape"], ["pagedown"], BACK)
    yield from (["f5"], ["ctrl+g"], BACK, ["f6"], ["down"], BACK, ["f8"], ["down"], BACK)
    yield from (["f7"], ["'q"], ["down"], BACK, ["ctrl+p"], ["'a"], ["down"], BACK)
    yield from (["f2"], ["enter"], BACK)
    for words in ("'加入中枢", "'载入已有"):
        yield from (["ctrl+p"], [words], ["enter"], BACK)
    yield from (["ctrl+p"], ["'规则"], ["enter"], ["ctrl+o"], ["escape"], ["down"], ["enter"], BACK)
    yield from (
        ["ctrl+p"],
        ["'日历"],
        ["enter"],
        ["down"],
        ["ctrl+o"],
        ["escape"],
        ["ctrl+g"],
        BACK,
    )
    yield from (["2"], ["home"], ["ctrl+l"], ["ctrl+e"], ["ctrl+u"], ["'2040-01-04"])
    yield from (["tab"], ["'q"], ["tab"], ["'q"], ["f4"], ["escape"], BACK)


def every_page() -> Steps:
    """The pages of two records of each kind, of the first its history too; the editor over each field of one."""
    yield ["f5"]
    for place in range(len(KINDS)):
        yield from (["home"], ["enter"], *([["pagedown"]] * 3))
        if not place:
            yield ["tab"] * MOST_FIELDS
        yield from (["f3"], ["escape"], ["escape"], ["down"], ["enter"], ["escape"], ["]"])


def the_first_run() -> Steps:
    """What a home without a workspace shows."""
    yield from (["down"], ["enter"], ["escape"], ["down"], ["enter"], BACK)
