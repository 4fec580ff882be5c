"""The screen that a terminal would show: pyte, with what it does not know of today's terminals."""

from __future__ import annotations

from codecs import getincrementaldecoder
from collections.abc import Callable
from typing import NamedTuple

import pyte
from pyte.screens import Char
from wcwidth import wcwidth

from tests.terminal.sequences import tokens, unfinished

WRAP = 7
ALTERNATE = 1049
SHOW_CURSOR = 25
PASTE = 2004
DRAWING = 2026


class Cell(NamedTuple):
    """A cell as it is drawn: its character ("" for the second half of a wide one) and colours."""

    text: str
    fg: str
    bg: str
    bold: bool
    underline: bool


class _Screen(pyte.Screen):
    """A screen on which joiners, selectors and every combining mark stay with the character before."""

    wraps = True

    def draw(self, data: str) -> None:
        for char in data:
            cells = wcwidth(char)
            if cells > 0:
                self._put(char, cells)
            elif cells == 0:
                self._join(char)
        self.dirty.add(self.cursor.y)

    def _put(self, char: str, cells: int) -> None:
        if self._joins():
            self._join(char)
            return
        if self.cursor.x + cells > self.columns:
            if self.wraps:
                self.carriage_return()
                self.linefeed()
            else:
                self.cursor.x = self.columns - cells
        line = self.buffer[self.cursor.y]
        line[self.cursor.x] = self.cursor.attrs._replace(data=char)
        for x in range(self.cursor.x + 1, self.cursor.x + cells):
            line[x] = self.cursor.attrs._replace(data="")
        self.cursor.x = min(self.cursor.x + cells, self.columns)

    def _before(self) -> int | None:
        """The cell of the character before the cursor."""
        line = self.buffer[self.cursor.y]
        x = self.cursor.x - 1
        while x > 0 and not line[x].data:
            x -= 1
        return x if x >= 0 else None

    def _joins(self) -> bool:
        before = self._before()
        return before is not None and self.buffer[self.cursor.y][before].data.endswith("\u200d")

    def _join(self, char: str) -> None:
        before = self._before()
        if before is not None:
            line = self.buffer[self.cursor.y]
            last: Char = line[before]
            line[before] = last._replace(data=last.data + char)


class Emulator:
    """Takes the bytes of a program and keeps what they draw; `answer` sends what a terminal replies."""

    def __init__(self, cols: int, rows: int, answer: Callable[[bytes], None]) -> None:
        self._screen = _Screen(cols, rows)
        self._stream = pyte.Stream(self._screen)
        self._decode = getincrementaldecoder("utf-8")().decode
        self._rest = ""
        self._answer = answer
        self.modes: set[int] = {SHOW_CURSOR}
        self.drawing = False

    def feed(self, data: bytes) -> None:
        """Take some bytes in; a sequence cut in two waits for its end."""
        text = self._rest + self._decode(data)
        end = unfinished(text)
        self._rest = text[end:]
        for token in tokens(text[:end]):
            if token.kind == "csi" and token.text[2:3] in ("<", ">", "="):
                continue  # keyboard protocols, which pyte takes for text
            if token.kind == "csi" and token.text[2:3] == "?":
                self._private(token.text[3:])
            elif token.kind != "string":
                self._stream.feed(token.text)

    def _private(self, said: str) -> None:
        """A private mode: asked for, set or reset."""
        number = int("".join(char for char in said if char.isdigit()) or 0)
        if said.endswith("$p"):
            if number == DRAWING:
                self._answer(b"\x1b[?2026;2$y")
        elif said.endswith("h"):
            self.modes.add(number)
            self.drawing |= number == DRAWING
            self._screen.wraps |= number == WRAP
            if number == ALTERNATE:
                self._screen.reset()
        elif said.endswith("l"):
            self.modes.discard(number)
            self.drawing &= number != DRAWING
            self._screen.wraps &= number != WRAP
            if number == ALTERNATE:
                self._screen.reset()

    def resize(self, cols: int, rows: int) -> None:
        """The window is of another size now."""
        self._screen.resize(rows, cols)

    @property
    def rows(self) -> list[str]:
        """The lines on screen, wide characters once, filled with blanks to the width."""
        return ["".join(cell.text for cell in self.cells(y)) for y in range(self._screen.lines)]

    def cells(self, y: int) -> list[Cell]:
        """The cells of one line."""
        line = self._screen.buffer[y]
        return [
            Cell(char.data, char.fg, char.bg, char.bold, char.underscore)
            for char in (line[x] for x in range(self._screen.columns))
        ]
