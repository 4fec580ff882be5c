"""Records as lines of text: tables aligned by cell width, and the fields of one record.

Every text from a record passes `safe_text` here.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from schema.records import KINDS, Kind
from schema.records.fields import FieldSpec
from schema.safe_text import safe_text
from schema.wording import N_, _
from tui.width import cut, pad, width

GAP = "   "
WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
SHORT_ID = 6


def table(
    rows: Sequence[Sequence[str]],
    *,
    columns: int | None,
    mark: str,
    wide: int = 0,
    drop: Sequence[int] = (),
) -> Iterator[str]:
    """The rows with their columns aligned, empty columns left out, never wider than the terminal.

    Where it has too few `columns`, those in `drop` are left out one by one, and column `wide`
    is cut last.
    """
    safe = [[safe_text(cell) for cell in row] for row in rows]
    if not safe:
        return
    widths = [max(width(row[place]) for row in safe) for place in range(len(safe[0]))]
    if columns is not None:
        for place in drop:
            if _over(widths, columns) > 0:
                widths[place] = 0
        widths[wide] = max(widths[wide] - max(_over(widths, columns), 0), min(widths[wide], 8))
    for row in safe:
        cells = [
            pad(cut(cell, size, mark), size) for cell, size in zip(row, widths, strict=True) if size
        ]
        line = GAP.join(cells).rstrip()
        yield line if columns is None else cut(line, columns, mark)


def _over(widths: Sequence[int], columns: int) -> int:
    """How many cells the columns are too wide."""
    return sum(size + len(GAP) for size in widths if size) - len(GAP) - columns


def label(spec: FieldSpec) -> str:
    """A field by its label and its name."""
    return _("{word} ({token})", word=_(spec.label), token=spec.name)


def worded(label: str, token: str) -> str:
    """A word as it is typed, with its label where that is another."""
    return token if label.lower() == token else _("{word} ({token})", word=label, token=token)


def dated(value: str) -> str:
    """A stored date with its weekday; what is none stays as it is."""
    try:
        day = date.fromisoformat(value[:10])
    except ValueError:
        return value
    return " ".join(filter(None, [value[:10], _(WEEKDAYS[day.weekday()]), value[11:]]))


def day_left(due: str, day: date) -> str:
    """When it is due, where no working day is left on `day`: today, tomorrow, or month and day of the stored date."""
    named = {day: N_("today"), day + timedelta(days=1): N_("tomorrow")}
    near = next((words for each, words in named.items() if each.isoformat() == due[:10]), "")
    return _(near) if near else due[5:10]


def word(kind: Kind | None, field: str, token: str | None) -> str:
    """An enum word as people read it; one that this program does not know stays as it is."""
    if not token:
        return ""
    if not isinstance(token, str):
        return str(token)
    spec = kind.by_name.get(field) if kind else None
    labels = dict(spec.words) if spec else {}
    return _(labels[token]) if token in labels else token


def fields(conn: sqlite3.Connection, kind: str, body: Mapping[str, Any]) -> Iterator[str]:
    """The filled fields of a record, a label and a value a line; longer values go on below."""
    known = KINDS.get(kind)
    specs = {spec.name: spec for spec in known.fields} if known else {}
    names = [name for name in specs if name in body] + [n for n in body if n not in specs]
    labels = {name: safe_text(_(specs[name].label) if name in specs else name) for name in names}
    size = max((width(label) for label in labels.values()), default=0)
    for name in names:
        lines = list(_value(conn, specs.get(name), body[name])) or [""]
        yield f"{pad(labels[name], size)}{GAP}{lines[0]}".rstrip()
        for line in lines[1:]:
            yield f"{' ' * size}{GAP}{line}".rstrip()


def value(conn: sqlite3.Connection, kind: str, field: str, value: Any) -> str:
    """One field's value on one line."""
    known = KINDS.get(kind)
    spec = known.by_name.get(field) if known else None
    return _("; ").join(line for line in _value(conn, spec, value) if line)


def lines_of(conn: sqlite3.Connection, spec: FieldSpec | None, value: Any) -> list[str]:
    """One field's value by lines: a list's items and a text's lines each on one."""
    return list(_value(conn, spec, value))


def _value(conn: sqlite3.Connection, spec: FieldSpec | None, value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from safe_text(_text(conn, spec, value), lines=True).split("\n")
    elif isinstance(value, bool):
        yield _("yes") if value else _("no")
    elif isinstance(value, list):
        item = spec.item if spec and isinstance(spec.item, FieldSpec) else None
        for each in value:
            if isinstance(each, dict):
                yield _row(conn, spec, each)
            else:
                yield from _value(conn, item, each)
    elif isinstance(value, dict):
        yield _row(conn, spec, value)
    else:
        unit = _(spec.unit) if spec and spec.unit else ""
        yield f"{value} {unit}".rstrip() if not isinstance(value, float) else repr(value)


def _row(conn: sqlite3.Connection, spec: FieldSpec | None, row: Mapping[str, Any]) -> str:
    cells = {cell.name: cell for cell in spec.cells} if spec else {}
    parts = []
    places = {name: place for place, name in enumerate(cells)}
    for name in sorted(row, key=lambda name: places.get(name, len(places))):
        value = row[name]
        label = _(cells[name].label) if name in cells else name
        parts.append(f"{safe_text(label)} {' '.join(_value(conn, cells.get(name), value))}")
    return GAP.join(parts)


def _text(conn: sqlite3.Connection, spec: FieldSpec | None, value: str) -> str:
    if spec is None:
        return value
    if spec.type == "word":
        labels = dict(spec.words)
        return _(labels[value]) if value in labels else value
    if spec.type == "ref":
        return reference(conn, value)
    if spec.type == "when":
        return value.replace("T", " ")
    return value


def told(conn: sqlite3.Connection, spec: FieldSpec, value: Any) -> str:
    """A field's value in a sentence: short, a date with its weekday."""
    if value in (None, "", []):
        return _("(empty)")
    if spec.type in ("when", "date") and isinstance(value, str):
        return dated(value)
    return cut(_("; ").join(line for line in _value(conn, spec, value) if line), 40)


def reference(conn: sqlite3.Connection, id: str) -> str:
    """What a reference points to, or that it points to nothing."""
    row = conn.execute(
        "SELECT ifnull(number, substr(id, -6)), title, deleted FROM records WHERE id = ?", (id,)
    ).fetchone()
    if row is None:
        return _("{id} (missing)", id=id[-SHORT_ID:])
    name = " ".join(filter(None, row[:2]))
    return _("{name} (deleted)", name=name) if row[2] else name
