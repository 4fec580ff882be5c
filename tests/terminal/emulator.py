"""The screen that a terminal would show: pyte, with what it does not know of today's terminals."""

from __future__ import annotations

from codecs import getincrementaldecoder
from collections.abc import Callable
from functools import lru_cache
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


@lru_cache(1 << 16)
def _drawn(attrs: Char, char: str) -> Char:
    return attrs._replace(data=char)


class _Screen(pyte.Screen):
    """A screen on which joiners, selectors and every combining mark stay with the character before.

    A wide character that is written over in part is gone whole, as on a terminal.
    """

    wraps = True
    _joined = False

    def draw(self, data: str) -> None:
        for char in data:
            cells = 1 if " " <= char <= "~" else wcwidth(char)
            if cells == 0 or (cells > 0 and self._joined):
                self._join(char)
            elif cells > 0:
                self._put(char, cells)
            self._joined = char == "\u200d"

    def _put(self, char: str, cells: int) -> None:
        cursor = self.cursor
        x = cursor.x
        if x + cells > self.columns:
            if self.wraps:
                self.carriage_return()
                self.linefeed()
                x = 0
            else:
                x = self.columns - cells
        line = self.buffer[cursor.y]
        if not line[x].data and x:
            line[x - 1] = _drawn(line[x - 1], " ")
        line[x] = _drawn(cursor.attrs, char)
        if cells == 2:
            line[x + 1] = _drawn(cursor.attrs, "")
        after = x + cells
        if after < self.columns and not line[after].data:
            line[after] = _drawn(line[after], " ")
        cursor.x = after

    def _join(self, char: str) -> None:
        line = self.buffer[self.cursor.y]
        x = self.cursor.x - 1
        while x > 0 and not line[x].data:
            x -= 1
        if x >= 0:
            line[x] = line[x]._replace(data=line[x].data + char)


class Emulator:
    """Takes the bytes of a program and keeps what they draw; `answer` sends what a terminal replies."""

    def __init__(self, cols: int, rows: int, answer: Callable[[bytes], None]) -> None:
        self._screen = _Screen(cols, rows)
        self._stream = pyte.Stream(self._screen)
        self._decode = getincrementaldecoder("utf-8")().decode
        self._rest = ""
        self._styles: dict[tuple[Char, str], Char] = {}
        self._answer = answer
        self.modes: set[int] = {SHOW_CURSOR}
        self.drawing = False

    def feed(self, data: bytes) -> None:
        """Take some bytes in; a sequence cut in two waits for its end."""
        text = self._rest + self._decode(data)
        end = unfinished(text)
        self._rest = text[end:]
        for token in tokens(text[:end]):
            if token.kind == "text":
                self._screen.draw(token.text)
            elif token.kind == "csi" and token.text[2:3] in ("<", ">", "="):
                pass  # keyboard protocols, which pyte takes for text
            elif token.kind == "csi" and token.text[2:3] == "?":
                self._private(token.text[3:])
            elif token.kind == "csi" and token.text[-1] == "m":
                self._style(token.text)
            elif token.kind != "string":
                self._stream.feed(token.text)

    def _style(self, said: str) -> None:
        """A change of colours; programs say the same few again and again."""
        cursor = self._screen.cursor
        known = (cursor.attrs, said)
        if known not in self._styles:
            self._stream.feed(said)
            self._styles[known] = cursor.attrs
        cursor.attrs = self._styles[known]

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
