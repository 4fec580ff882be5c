"""Blocks of a document, and how they are written as Markdown.

A template makes blocks of plain texts and never writes markup; every text is escaped here, so
that nothing a record says becomes a link, HTML, a heading or another column.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from schema.safe_text import safe_text
from schema.wording import N_, _

NOTHING = "-"
FIELD, CONTENT = N_("Field"), N_("Content")

_MARKUP = re.compile(r"[\\`*_\[\]|~$#]|:(?=//)|(?<=www)\.", re.IGNORECASE)
_BEGINS_A_BLOCK = re.compile(r"[-+=]|[0-9]{1,9}(?=[.)](?:\s|$))")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


class Section(NamedTuple):
    """A heading below that of the document."""

    title: str


class Table(NamedTuple):
    """Rows of texts under their columns; `empty` is said where there is none."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    empty: str = ""


class Sheet(NamedTuple):
    """Fields with what they hold, a row each; those that hold nothing stay, to be filled in."""

    rows: Sequence[tuple[str, str]]


class Bullets(NamedTuple):
    """One text a point; `empty` is said where there is none."""

    points: Sequence[str]
    empty: str = ""


class Sentence(NamedTuple):
    """A paragraph of one line."""

    text: str


Block = Section | Table | Sheet | Bullets | Sentence


def markdown(title: str, blocks: Iterable[Block], foot: Iterable[str]) -> str:
    """A whole document, its foot under a rule."""
    parts = [f"# {escaped(title)}", *(_written(block) for block in blocks), "---"]
    return "\n\n".join([*filter(None, parts), *map(escaped, foot)]) + "\n"


def escaped(text: str) -> str:
    """A text on one line that Markdown reads as these characters and nothing else."""
    return _("; ").join(_lines(text))


def _cell(text: str) -> str:
    return "<br>".join(_lines(text)) or NOTHING


def _lines(text: str) -> Iterator[str]:
    for line in safe_text(text, lines=True).split("\n"):
        if kept := line.strip():
            yield _escaped_line(kept)


def _escaped_line(line: str) -> str:
    begins = _BEGINS_A_BLOCK.match(line)
    line = "".join(_ENTITIES.get(char, char) for char in line)
    line = _MARKUP.sub(r"\\\g<0>", line)
    if begins is None:
        return line
    mark = begins.end() if begins[0].isdigit() else 0
    return f"{line[:mark]}\\{line[mark:]}"


def _written(block: Block) -> str:
    match block:
        case Section(title):
            return f"## {escaped(title)}"
        case Sheet(rows):
            return _table([_(FIELD), _(CONTENT)], rows)
        case Table(columns, rows, empty):
            return _table(columns, rows) if rows else escaped(empty)
        case Bullets(points, empty):
            return "\n".join(f"- {escaped(point)}" for point in points) or escaped(empty)
        case Sentence(text):
            return escaped(text)


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [columns, *rows]
    written = [f"| {' | '.join(map(_cell, line))} |" for line in lines]
    return "\n".join([written[0], f"|{'---|' * len(columns)}", *written[1:]])
