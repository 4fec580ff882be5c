"""How the story is told: headings, commands as one types them, and what the programs answered."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from re import findall
from typing import TextIO

from tui.width import clusters, pad, width

LINE = 92
WHO = 8
GAP = "   "
_BOLD, _DIM, _PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[0m"
_CLOSING = "，。；：、？！）」》,.;:?!)"
_NEEDS_QUOTES = set(" \t*?[]{}$&|;<>()'\"\\`~#!")


class Telling:
    """Writes the story to a stream; colour and cutting only where that is a terminal.

    Where nobody hears it, `heard` is False, and what is only looked at need not be played.
    """

    heard = True

    def __init__(self, out: TextIO, environ: Mapping[str, str]) -> None:
        self._out = out
        terminal = out.isatty()
        self._colour = terminal and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"
        self._columns = os.get_terminal_size(out.fileno()).columns if terminal else None
        self._line = min(self._columns or LINE, LINE)
        self._rule = "╌" if "utf" in (out.encoding or "utf-8").lower() else "-"

    def title(self, text: str, under: str) -> None:
        """The name of the story."""
        self._say(self._styled(text, _BOLD))
        self.say(under)
        self._say()

    def act(self, place: int, heading: str, why: str) -> None:
        """The beginning of a part: what happens and why it matters."""
        rest = self._rule * max(self._line - width(heading) - 5, 0)
        self._say(f"{self._styled(f'{place}  {heading}', _BOLD)}  {self._styled(rest, _DIM)}")
        self.say(why)
        self._say()

    def say(self, text: str) -> None:
        """A sentence beside the commands."""
        for line in folded(text, self._line - 3):
            self._say(f"   {line}")

    def command(self, who: str, words: Sequence[str]) -> None:
        """A command, as the person would type it."""
        self._say(self._styled(f"   {pad(who, WHO)}$ {typed(words)}", _DIM))

    def output(self, *texts: str) -> None:
        """What a program answered, as it stands."""
        for text in texts:
            for line in text.rstrip("\n").split("\n") if text else ():
                for part in self._fitting(line):
                    self._say(f"      {part}".rstrip())

    def figures(self, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """A small table; `heads` may be empty."""
        lines = [heads, *rows] if heads else list(rows)
        widths = [max(width(line[place]) for line in lines) for place in range(len(rows[0]))]
        for line in lines:
            cells = [pad(cell, size) for cell, size in zip(line, widths, strict=True)]
            text = f"   {GAP.join(cells)}".rstrip()
            self._say(self._styled(text, _DIM) if line is heads else text)

    def person(self, *facts: str) -> None:
        """Whose commands follow."""
        self._say(f"   {self._styled(GAP.join(facts), _BOLD)}")

    def _fitting(self, line: str) -> Iterator[str]:
        """A line in the terminal's width; what does not fit goes on below, columns whole."""
        room = (self._columns or 0) - 6
        if room < 10 or width(line) <= room:
            yield line
        elif GAP in line.strip():
            yield from _folded_row(line, room)
        else:
            yield from folded(line, room)

    def gap(self) -> None:
        """A line of silence."""
        self._say()

    def plain(self, text: str) -> None:
        """A line as it stands, to be copied or read by a program."""
        self._say(text)

    def _styled(self, text: str, style: str) -> str:
        return f"{style}{text}{_PLAIN}" if self._colour and text else text

    def _say(self, line: str = "") -> None:
        print(line, file=self._out, flush=True)


def typed(words: Sequence[str]) -> str:
    """Words as a shell reads them, quoted only where it is needed."""
    return " ".join(_quoted(word) for word in words)


def _quoted(word: str) -> str:
    if word and not _NEEDS_QUOTES & set(word):
        return word
    return "'" + word.replace("'", "'\\''") + "'"


def folded(text: str, cells: int) -> Iterator[str]:
    """The text in lines of at most `cells`, broken between words and between Han characters."""
    line = ""
    for piece in _pieces(text):
        if line and width(line) + width(piece.rstrip()) > cells:
            yield line.rstrip()
            line = piece.lstrip()
        else:
            line += piece
    if line:
        yield line.rstrip()


def _folded_row(line: str, cells: int) -> Iterator[str]:
    """A row of a table in lines of at most `cells`, broken between its columns."""
    indent = " " * (len(line) - len(line.lstrip()) + 4)
    kept = ""
    for column in findall(r"\s*\S+(?: {1,2}\S+)*", line):
        if kept and width(kept) + width(column) > cells:
            yield kept
            kept = indent + column.lstrip()
        else:
            kept += column
    yield kept


def _pieces(text: str) -> Iterator[str]:
    """What must stay on one line: a word with the space before it, a Han character with its punctuation."""
    piece = ""
    for cluster, cells in clusters(text):
        alone = cells == 2 and cluster not in _CLOSING
        if (
            piece
            and (cluster == " " or alone or (cells == 1 and width(piece[-1]) == 2))
            and (cluster not in _CLOSING and piece[-1] not in "（「《 ")
        ):
            yield piece
            piece = ""
        piece += cluster
    if piece:
        yield piece
