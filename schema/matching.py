"""Whether a record holds the words looked for, where, and how near it comes to what was meant.

Letters are compared in lower case and full-width ones as ASCII; folding keeps every place, so
that what is found in the folded text can be marked in the text itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from schema.records import KINDS
from schema.records.fields import FieldSpec
from schema.safe_text import clean

LONGEST = 200
MOST_WORDS = 10
EXCERPT = 60
_LEAD = 12

# Ranks, the nearest first.
NUMBER, ENDING, STARTS, CONTAINS, INITIALS, ELSEWHERE = range(6)

_NARROW = {0xFF01 + code: 0x21 + code for code in range(94)} | {
    0x3000: 0x20,
    0x09: 0x20,
    0x0A: 0x20,
}
_QUOTES = '"“”＂'
_FLAG = r"[-－]?is[:：=＝]\S*"
_WIDE = re.compile(r"[\uff01-\uff5e\u3000\t\n]")
_GROUPS = 3
_UNREAD = frozenset(("word", "ref", "int", "bool"))


class Word(NamedTuple):
    """One word or quoted phrase, folded.

    `names` are people and departments that are shown by another name which holds the word;
    `titles` those whose initials hold it.
    """

    text: str
    names: frozenset[str] = frozenset()
    titles: frozenset[str] = frozenset()


class Wanted(NamedTuple):
    """What is looked for: words that must all be there, and flags for the filter language."""

    words: tuple[str, ...]
    flags: str

    @property
    def whole(self) -> str:
        """The words as one text."""
        return " ".join(self.words)


class Match(NamedTuple):
    """Where a record matched: the field, the text around it on one line, and the match in that."""

    rank: int
    where: str
    excerpt: str
    span: tuple[int, int]


def fold(text: str) -> str:
    """The text as it is compared, every character in its place; line breaks count as spaces."""
    narrow = text.translate(_NARROW) if _WIDE.search(text) else text
    lower = narrow.lower()
    if len(lower) == len(narrow):
        return lower
    return "".join(small if len(small := char.lower()) == 1 else char for char in narrow)


def wanted(text: str) -> Wanted:
    """Reads what somebody typed: words, `"phrases"`, and flags such as `is:deleted`; never raises."""
    text = clean(text, lines=False)[:LONGEST]
    words: list[str] = []
    flags: list[str] = []
    for piece in re.findall(rf"[{_QUOTES}][^{_QUOTES}]*[{_QUOTES}]?|[^\s{_QUOTES}]+", text):
        if re.fullmatch(_FLAG, piece):
            flags.append(piece)
        elif word := fold(re.sub(f"[{_QUOTES}]", "", piece)).strip():
            words.append(word)
    return Wanted(tuple(dict.fromkeys(words))[:MOST_WORDS], " ".join(flags))


def is_initials(word: str) -> bool:
    """Whether a folded word may be the initials of a title."""
    return len(word) > 1 and word.isascii() and word.isalpha()


def match(
    kind: str, number: str | None, title: str, body: Mapping[str, Any], words: Sequence[Word]
) -> Match | None:
    """How a record matches, or None where a word is nowhere in it; ids are not looked at.

    `title` is what the record is called where it is listed.
    """
    folded_title = fold(title)
    folded_number = fold(number or "")
    whole = " ".join(word.text for word in words)
    if number and whole and _ends(folded_number, whole):
        rank = NUMBER if folded_number == whole else ENDING
        return Match(rank, "number", number, (len(number) - len(whole), len(number)))
    if all(word.text in folded_title for word in words):
        start = folded_title.find(words[0].text) if words else 0
        rank = CONTAINS if start else STARTS
        return _match(rank, "title", title, start, len(words[0].text) if words else 0)
    if all(word.text in folded_title or title in word.titles for word in words):
        return _match(INITIALS, "title", title, 0, 0)
    first: Match | None = None
    texts = [(field, text, fold(text), named) for field, text, named in _texts(kind, body)]
    for word in words:
        if word.text in folded_title or title in word.titles:
            continue
        found = _found(word, number or "", folded_number, texts)
        if found is None:
            return None
        first = first or found
    return first


def _ends(number: str, whole: str) -> bool:
    """Whether a number ends so: with all of its serial, zeros aside, or with three characters of it."""
    if not number.endswith(whole):
        return False
    serial = number.rpartition("-")[2].lstrip("0")
    return len(whole) > 2 or whole.lstrip("0") == serial


def _found(
    word: Word, number: str, folded_number: str, texts: Sequence[tuple[str, str, str, bool]]
) -> Match | None:
    for field, text, folded, named in texts:
        if (start := folded.find(word.text)) >= 0:
            return _match(ELSEWHERE, field, text, start, len(word.text))
        if named and text in word.names:
            return _match(ELSEWHERE, field, text, 0, len(text))
    if (start := folded_number.find(word.text)) >= 0:
        return Match(ELSEWHERE, "number", number, (start, start + len(word.text)))
    return None


def _match(rank: int, field: str, text: str, start: int, length: int) -> Match:
    begin = max(0, min(start - _LEAD, len(text) - EXCERPT))
    excerpt = text[begin : begin + EXCERPT].replace("\n", " ").replace("\t", " ")
    start = min(start - begin, len(excerpt))
    return Match(rank, field, excerpt, (start, min(start + length, len(excerpt))))


def _texts(kind: str, body: Mapping[str, Any]) -> Iterator[tuple[str, str, bool]]:
    """Every text that a person wrote, the fields in their order, and whether it names somebody.

    Of fields that this program does not know every text counts.
    """
    known = KINDS.get(kind)
    specs = known.by_name if known else {}
    for field in [*(name for name in specs if name in body), *(n for n in body if n not in specs)]:
        for text, named in _values(specs.get(field), body[field]):
            yield field, text, named


def _values(spec: FieldSpec | None, value: Any) -> Iterator[tuple[str, bool]]:
    if isinstance(value, str):
        if spec is None or spec.type not in _UNREAD:
            yield value, spec is not None and spec.type in ("dept", "person")
    elif isinstance(value, list):
        item = spec.item if spec and isinstance(spec.item, FieldSpec) else spec
        for each in value:
            yield from _values(item, each)
    elif isinstance(value, Mapping):
        cells = {cell.name: cell for cell in spec.cells} if spec else {}
        for name, each in value.items():
            yield from _values(cells.get(name), each)


# -- what a stored body must hold


def needles(word: str) -> tuple[tuple[str, ...], ...]:
    """Texts that a stored body has where `word` is in it: one of each group, ASCII letters in either case.

    A run of a word that is written half in full-width letters is recognised by one of them alone.
    """
    runs = re.findall(r"[0-9a-z]+", word) + re.findall(r"[^ ]+", "".join(map(_still, word)))
    groups = [_written(run) for run in runs] or [_written(char) for char in dict.fromkeys(word)]
    groups.sort(key=lambda group: len(group[0]), reverse=True)
    return tuple(groups[:_GROUPS])


def in_values(kind: str, body: str, run: str) -> bool:
    """Whether a stored body holds a run of ASCII letters and digits elsewhere than in its keys and tokens.

    Much quicker than reading the body; what it takes for a text may still be none.
    """
    folded = body.lower()
    unread = _unread_names(kind)
    # From the run to the end of its string, which no colon follows.
    for found in re.finditer(rf'{run}(?:[^"\\]|\\.)*+"(?!:)', folded):
        opening = folded.rfind('"', 0, found.start())
        if folded[max(opening - 2, 0) : opening] != '":':
            return True
        if folded[folded.rfind('"', 0, opening - 2) + 1 : opening - 2] not in unread:
            return True
    return False


@cache
def _unread_names(kind: str) -> frozenset[str]:
    """The fields of a kind whose values are no texts, in the rows inside it neither."""
    known = KINDS.get(kind)
    if known is None:
        return frozenset()
    specs = [*known.fields, *(cell for spec in known.fields for cell in spec.cells)]
    read = {spec.name for spec in specs if spec.type not in _UNREAD}
    return frozenset(spec.name for spec in specs) - read


def is_noise(run: str) -> bool:
    """Whether a run of ASCII letters stands in the keys or tokens that every body is full of."""
    return any(run in token for token in _tokens())


@cache
def _tokens() -> frozenset[str]:
    specs = [spec for kind in KINDS.values() for spec in kind.fields]
    specs += [cell for spec in specs for cell in spec.cells]
    return frozenset(
        token for spec in specs for token in (spec.name, *(token for token, _ in spec.words))
    )


def _written(run: str) -> tuple[str, ...]:
    """The ways to write a run; in full width, of one of its letters."""
    if not (run.isascii() and run.isprintable()):
        return tuple(dict.fromkeys((run, run.upper()))) if len(run) == 1 else (run,)
    letter = next((char for char in run if char.isdigit()), run[0])
    wide = (chr(ord(char) - 0x21 + 0xFF01) for char in (letter, letter.upper()) if char > " ")
    return tuple(dict.fromkeys((run, *wide)))


def _still(char: str) -> str:
    """A character that is written in one way only, or a space."""
    varies = char.isascii() or char.lower() != char.upper() or ord(char) in _NARROW
    return " " if varies else char
