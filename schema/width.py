"""How many cells a text takes on a terminal, and cutting and filling it to a number of them."""

from __future__ import annotations

from collections.abc import Iterator
from unicodedata import category, east_asian_width

CUT = "›"
CUT_ASCII = ">"

_CLOSING = frozenset("，。、；：！？）」』】》〉,.;:!?)]}%")
_JOINER = "\u200d"
_EMOJI_STYLE = "\ufe0f"
_TEXT_STYLE = "\ufe0e"


class _Alone(dict[str, int]):
    """The cells of the characters that most texts are made of, which stand alone: ASCII and Han."""

    def __missing__(self, char: str) -> int:
        """What is no such character is a KeyError."""
        if not any(first <= char <= last for first, last in _WIDE):
            raise KeyError(char)
        self[char] = 2
        return 2


_WIDE = (("\u4e00", "\u9fff"), ("\u3000", "\u3029"), ("\uff01", "\uff60"), ("\u3400", "\u4dbf"))
_alone = _Alone.fromkeys(map(chr, range(0x20, 0x7F)), 1)


def width(text: str) -> int:
    """The cells that a line takes: Han, full-width and emoji two, combining marks none."""
    if text.isascii() and text.isprintable():
        return len(text)
    try:
        return sum(map(_alone.__getitem__, text))
    except KeyError:
        return sum(cells for _cluster, cells in clusters(text))


def clusters(text: str) -> Iterator[tuple[str, int]]:
    """The parts of a text that must stay together, each with its cells."""
    start, cells = 0, 0
    joined = False
    for place, char in enumerate(text):
        if place > start and not joined and not _continues(char, text[start:place]):
            yield text[start:place], cells
            start, cells = place, 0
        if place == start:
            cells = _cells(char)
        elif char == _EMOJI_STYLE:
            cells = 2
        elif char == _TEXT_STYLE:
            cells = 1
        elif _regional(char):
            cells = 2
        joined = char == _JOINER
    if start < len(text):
        yield text[start:], cells


def cut(text: str, cells: int, mark: str = CUT) -> str:
    """The text in at most `cells`; where something is left out, `mark` stands in the last cell."""
    if text.isascii() and text.isprintable():
        if len(text) <= cells:
            return text
        return text[: max(cells - 1, 0)] + mark[:cells]
    if width(text) <= cells:
        return text
    room = cells - 1
    kept: list[str] = []
    for cluster, size in clusters(text):
        if size > room:
            break
        kept.append(cluster)
        room -= size
    # A wide character that does not fit leaves a cell free before the mark.
    return "".join(kept) + " " * max(room, 0) + mark[: max(cells, 0)]


def pad(text: str, cells: int, *, right: bool = False) -> str:
    """The text filled with spaces to `cells`, flush left or flush `right`; a longer one stays."""
    space = " " * (cells - width(text))
    return space + text if right else text + space


def fit(text: str, cells: int, mark: str = CUT, *, right: bool = False) -> str:
    """The text in exactly `cells`."""
    return pad(cut(text, cells, mark), cells, right=right)


def fold(text: str, cells: int) -> list[str]:
    """The lines of a text in at most `cells` each.

    Han text may break anywhere but before closing punctuation, a word of other letters only where
    it is longer than a line.
    """
    return [line for given in text.split("\n") for line in _fold_line(given, max(cells, 2))]


def _fold_line(text: str, cells: int) -> list[str]:
    lines: list[str] = []
    kept, size = "", 0
    for piece in _pieces(text):
        taken = width(piece)
        if size + taken > cells and kept:
            lines.append(kept.rstrip(" "))
            piece = piece.lstrip(" ")
            kept, size, taken = "", 0, width(piece)
        while taken > cells:
            head = _head(piece, cells)
            lines.append(head)
            piece = piece[len(head) :]
            taken = width(piece)
        kept, size = kept + piece, size + taken
    return [*lines, kept.rstrip(" ")] if kept or not lines else lines


def _head(text: str, cells: int) -> str:
    """As many clusters as fit into so many cells, at least one."""
    size, end = 0, 0
    for cluster, taken in clusters(text):
        size += taken
        if end and size > cells:
            break
        end += len(cluster)
    return text[:end]


def _pieces(text: str) -> Iterator[str]:
    """What may not be broken: a run of narrow letters with the blanks before it, or one wide character and the closing marks after it."""
    piece, wide = "", False
    for cluster, size in clusters(text):
        closing = cluster in _CLOSING
        if piece and not closing and (size > 1 or wide or (cluster == " " and piece[-1] != " ")):
            yield piece
            piece = ""
        piece, wide = piece + cluster, (size > 1 and not closing) or (wide and closing)
    if piece:
        yield piece


def _cells(char: str) -> int:
    if east_asian_width(char) in "WF":
        return 2
    if category(char) in ("Mn", "Me", "Cf", "Cc") or "\u1160" <= char <= "\u11ff":
        return 0
    return 1


def _continues(char: str, before: str) -> bool:
    """Whether a character belongs to the cluster before it."""
    if category(char) in ("Mn", "Me", "Cf") or "\u1160" <= char <= "\u11ff":
        return True
    if "\U0001f3fb" <= char <= "\U0001f3ff":
        return _cells(before[0]) == 2
    return _regional(char) and len(before) == 1 and _regional(before)


def _regional(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"
