"""The fields of a form: each with its place in the body, its text to edit, its lines to read, and back."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import msgspec

from schema.errors import DuijieError, FieldError, NotFound
from schema.ids import is_id
from schema.records import Kind
from schema.records.fields import FieldSpec
from schema.safe_text import clean, safe_text
from schema.wording import _
from syncd.store.reading import find_record
from syncd.store.relations import by_id
from tui.cli.text import dated
from tui.cli.values import Reader
from tui.width import cut, pad, width
from tui.writing import restored

Body = Mapping[str, Any]

SEVERAL = ("text", "list", "rows")
DATES = ("date", "when", "month")
NAMES = ("dept", "person", "ref")
CHOICES = ("word", "bool")
GAP = "   "
BAR = " | "
TOLD = 40  # cells of a value in a sentence
_BARS = r"\s*(?<!\\)[|｜]\s*"


class Slot(NamedTuple):
    """One field of the form; the cells of a single row are fields of their own (`smart.s`)."""

    path: tuple[str, ...]
    spec: FieldSpec
    within: str = ""

    @property
    def key(self) -> str:
        return ".".join(self.path)

    @property
    def label(self) -> str:
        return " ".join(filter(None, [_(self.within) if self.within else "", _(self.spec.label)]))

    @property
    def several(self) -> bool:
        """Whether it is written on several lines."""
        return self.spec.type in SEVERAL

    @property
    def item(self) -> FieldSpec:
        """The spec of what stands on one line."""
        return self.spec.item if isinstance(self.spec.item, FieldSpec) else self.spec


def slots_of(kind: Kind) -> list[Slot]:
    """The fields of a kind in the order of its form."""
    return [slot for spec in kind.fields for slot in _slots((spec.name,), spec, "")]


def _slots(path: tuple[str, ...], spec: FieldSpec, within: str) -> Iterator[Slot]:
    if spec.type != "row":
        yield Slot(path, spec, within)
        return
    for cell in spec.cells:
        yield from _slots((*path, cell.name), cell, spec.label)


def value_at(body: Body, path: Sequence[str]) -> Any:
    """What a body holds at a path, None where it holds nothing."""
    held: Any = body
    for name in path:
        if not isinstance(held, Mapping):
            return None
        held = held.get(name)
    return None if held in ("", [], {}) else held


def put_at(body: dict[str, Any], path: Sequence[str], value: Any) -> None:
    """Put a value at a path; None takes it away, and a row that is left empty with it."""
    name, *rest = path
    if rest:
        inner = dict(body[name]) if isinstance(body.get(name), dict) else {}
        put_at(inner, rest, value)
        value = inner or None
    if value is None:
        body.pop(name, None)
    else:
        body[name] = value


# -- texts to edit


def text_of(conn: sqlite3.Connection, slot: Slot, value: Any) -> str:
    """A value as somebody would type it: a list by lines, rows with bars between their cells."""
    if value is None:
        return ""
    if slot.spec.type == "list" and isinstance(value, list):
        return "\n".join(_one(conn, slot.item, each) for each in value)
    if slot.spec.type == "rows" and isinstance(value, list):
        return "\n".join(_row(conn, slot.spec, each) for each in value)
    return _one(conn, slot.spec, value)


def _one(conn: sqlite3.Connection, spec: FieldSpec, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if not isinstance(value, str):
        return str(value) if isinstance(value, int) else msgspec.json.encode(value).decode()
    if spec.type == "word":
        labels = dict(spec.words)
        return _(labels[value]) if value in labels else value
    if spec.type == "ref":
        return ref_words(conn, value)
    if spec.type == "when":
        return value.replace("T", " ")
    return value if spec.type == "text" else value.replace("\n", " ")


def ref_words(conn: sqlite3.Connection, id: str) -> str:
    """What a reference points to: number or the end of its id, and title."""
    found = by_id(conn, id)
    if found is None:
        return _("{id} (missing)", id=id[-6:])
    name = " ".join(filter(None, [found.number or id[-6:], found.title]))
    return _("{name} (deleted)", name=name) if found.deleted else name


def _row(conn: sqlite3.Connection, spec: FieldSpec, row: Any) -> str:
    if not isinstance(row, dict):
        return msgspec.json.encode(row).decode()
    cells = [
        _one(conn, cell, row[cell.name]).replace("|", "\\|") if cell.name in row else ""
        for cell in spec.cells
    ]
    return BAR.join(cells).rstrip() if any(cells) else ""


# -- and back


def read(reader: Reader, slot: Slot, text: str, before: Any) -> Any:
    """The value that a text stands for, None for an empty one; `before` is what the field held.

    Lines that stand as they stood keep their values, with what this program does not know of them.
    DuijieError says what cannot be read.
    """
    conn = reader.replica.conn
    was = text_of(conn, slot, before)
    text = restored(text, was)
    if text == was:
        return before
    if not text.strip():
        return None
    try:
        if slot.spec.type == "list":
            return _list(reader, slot, text, before)
        if slot.spec.type == "rows":
            return _rows(reader, slot, text, before)
        return _read_one(reader, slot.spec, text)
    except FieldError:
        raise
    except DuijieError as error:
        raise FieldError(slot.path[0], error.sentence, error.way_out) from None


def _list(reader: Reader, slot: Slot, text: str, before: Any) -> list[Any]:
    stood = {
        _one(reader.replica.conn, slot.item, each): each
        for each in (before if isinstance(before, list) else [])
    }
    item = msgspec.structs.replace(slot.item, name=slot.spec.name)
    return [
        stood[line] if line in stood else _read_one(reader, item, line)
        for line in text.split("\n")
        if line.strip()
    ]


def _rows(reader: Reader, slot: Slot, text: str, before: Any) -> list[Any]:
    rows = before if isinstance(before, list) else []
    stood = [(_row(reader.replica.conn, slot.spec, each), each) for each in rows]
    lines = [line for line in text.split("\n") if line.strip()]
    same = len(lines) == len(rows)
    made = []
    for place, line in enumerate(lines):
        held = next((each for words, each in stood if words == line), None)
        if held is None:
            old = rows[place] if same and isinstance(rows[place], dict) else {}
            held = _read_row(reader, slot.spec, line, old)
        made.append(held)
    return made


def _read_row(reader: Reader, spec: FieldSpec, line: str, old: Mapping[str, Any]) -> dict[str, Any]:
    known = {cell.name for cell in spec.cells}
    row = {name: value for name, value in old.items() if name not in known}
    parts = [each.replace("\\|", "|").strip() for each in re.split(_BARS, line)]
    if len(parts) > len(spec.cells):
        raise FieldError(
            spec.name,
            _("{label}: a row has {n} cells.", label=_(spec.label), n=len(spec.cells)),
            _("Write \\| for a bar that belongs to the text."),
        )
    for cell, part in zip(spec.cells, parts, strict=False):
        if not part:
            continue
        held = old.get(cell.name)
        same = held is not None and _one(reader.replica.conn, cell, held) == part
        row[cell.name] = held if same else _read_one(reader, cell, part)
    return row


def _read_one(reader: Reader, spec: FieldSpec, text: str) -> Any:
    if spec.type == "ref":
        return _pointed(reader.replica.conn, spec, clean(text, lines=False))
    return reader.one(spec, text)


def _pointed(conn: sqlite3.Connection, spec: FieldSpec, text: str) -> str:
    """The id that is meant by a number, an end of an id, a title, or the words of `ref_words`."""
    first, _space, rest = text.partition(" ")
    with suppress(DuijieError):
        found = find_record(conn, first, spec.kinds)
        if not rest or ref_words(conn, found.id) == text:
            return found.id
    try:
        return find_record(conn, text, spec.kinds, titles=True).id
    except NotFound:
        if is_id(text.lower()):
            return text.lower()
        raise


# -- lines to read


def lines_of(conn: sqlite3.Connection, slot: Slot, value: Any) -> list[str]:
    """A value as it is read: items with numbers, rows with their cells in columns."""
    spec = slot.spec
    if value is None:
        return []
    if spec.type == "list" and isinstance(value, list):
        words = [_one(conn, slot.item, each) for each in value]
        if slot.item.type in ("dept", "person") or spec.name == "tags":
            return [_(", ").join(words)]
        return [f"{place}. {each}" for place, each in enumerate(words, 1)]
    if spec.type == "rows" and isinstance(value, list):
        return _columns(conn, spec, value)
    if spec.type in ("date", "when") and isinstance(value, str):
        return [dated(value)]
    pointing = spec.type == "ref" and isinstance(value, str)
    text = _told_ref(conn, value) if pointing else _one(conn, spec, value)
    if spec.unit:
        text = f"{text} {_(spec.unit)}"
    return text.split("\n")


def _told_ref(conn: sqlite3.Connection, id: str) -> str:
    """A reference to read: the end of an id only where there is no title."""
    found = by_id(conn, id)
    named = found is not None and not found.number and found.title and not found.deleted
    return found.title if found is not None and named else ref_words(conn, id)


def told(conn: sqlite3.Connection, slot: Slot, value: Any) -> str:
    """A value in a sentence: on one line, cut where it is long."""
    lines = [safe_text(line) for line in lines_of(conn, slot, value)]
    return cut(_("; ").join(filter(None, lines)) or _("(empty)"), TOLD)


def _columns(conn: sqlite3.Connection, spec: FieldSpec, rows: Sequence[Any]) -> list[str]:
    table = [
        [
            safe_text(_one(conn, cell, row[cell.name])) if cell.name in row else ""
            for cell in spec.cells
        ]
        for row in rows
        if isinstance(row, dict)
    ]
    sizes = [max((width(row[n]) for row in table), default=0) for n in range(len(spec.cells))]
    return [
        GAP.join(pad(cell, size) for cell, size in zip(row, sizes, strict=True) if size).rstrip()
        for row in table
    ]


def worded(slot: Slot) -> bool:
    """Whether its text has words of a language in it: a choice, or what a reference points to."""
    specs = [slot.spec, slot.item, *slot.spec.cells]
    return any(spec.type in (*CHOICES, "ref") for spec in specs)


def without_names(fields: Sequence[FieldSpec], text: str) -> str:
    """A sentence without the names by which commands know fields and words."""
    for spec in fields:
        label = _(spec.label)
        needed = _("{label} ({name}) is needed.", label=label, name=spec.name)
        text = text.replace(needed, _("{label} is needed.", label=label))
        for name, each in ((spec.name, spec.label), *spec.words):
            text = text.replace(_("{word} ({token})", word=_(each), token=name), _(each))
        item = [spec.item] if isinstance(spec.item, FieldSpec) else spec.cells
        text = without_names(item, text)
    return text


def as_it_stands(name: str, value: Any) -> str:
    """A value of a field that this program does not know."""
    return value if isinstance(value, str) else msgspec.json.encode({name: value}).decode()


def blank_words(slot: Slot, *, needed: bool) -> str:
    """What an empty field says: its help, the cells of its rows, or that it may stay empty."""
    spec = slot.spec
    if spec.type == "rows":
        return BAR.join(_cell_words(cell) for cell in spec.cells)
    if spec.help:
        return _(spec.help)
    return _("needed") if needed else _("may stay empty")


def _cell_words(cell: FieldSpec) -> str:
    """A cell by its label, and the words that it may be."""
    if cell.type != "word":
        return _(cell.label)
    words = " / ".join(_(label) for _token, label in cell.words)
    return _("{label} ({words})", label=_(cell.label), words=words)
