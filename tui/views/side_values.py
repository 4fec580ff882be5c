"""A field's value on one side of a conflict, as lines that are safe to show."""

from __future__ import annotations

import sqlite3
from datetime import date, timedelta
from typing import Any

import msgspec

from schema.records import KINDS, FieldSpec
from schema.safe_text import safe_text
from schema.wording import _
from tui.cli.text import lines_of


def spec_of(kind: str, name: str) -> FieldSpec | None:
    """A field of a kind; None for one that this program does not know."""
    of = KINDS.get(kind)
    return of.by_name.get(name) if of else None


def label_of(kind: str, name: str) -> str:
    """A field by its label; one that this program does not know by its name."""
    spec = spec_of(kind, name)
    return _(spec.label) if spec else safe_text(name)


def numbered(kind: str, name: str) -> bool:
    """Whether the items of a list are counted: each is a line of text."""
    spec = spec_of(kind, name)
    item = spec.item if spec is not None else None
    return item is not None and not isinstance(item, tuple) and item.type == "line"


def told(conn: sqlite3.Connection, kind: str, name: str, value: Any) -> list[str]:
    """A value by lines: rows one a line, a short list on one line."""
    if value is None:
        return [_("(empty)")]
    spec = spec_of(kind, name)
    if spec is None:
        text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
        return safe_text(text, lines=True).split("\n")
    if spec.cells:
        rows = value if isinstance(value, list) else [value]
        return [safe_text(_row(conn, spec, row)) for row in rows] or [""]
    lines = [safe_text(line) for line in lines_of(conn, spec, value)] or [""]
    if isinstance(spec.item, FieldSpec) and spec.item.type == "date" and isinstance(value, list):
        return _days(value)
    if spec.type == "list" and not numbered(kind, name):
        return [_(", ").join(lines)]
    return lines


def _days(value: list[Any]) -> list[str]:
    """Days one below the other, those that follow each other on one line; what is no day as it stands."""
    runs: list[tuple[date, date]] = []
    others = []
    for each in value:
        try:
            day = date.fromisoformat(each)
        except (TypeError, ValueError):
            text = each if isinstance(each, str) else msgspec.json.encode(each).decode()
            others.append(safe_text(text))
            continue
        if runs and day - runs[-1][1] == timedelta(days=1):
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    told = [
        str(first) if first == last else _("{first} to {last}", first=first, last=f"{last:%m-%d}")
        for first, last in runs
    ]
    return [*told, *others] or [""]


def _row(conn: sqlite3.Connection, spec: FieldSpec, row: Any) -> str:
    """A row by its values, in the order of its cells; cells that are not known by their names too."""
    if not isinstance(row, dict):
        return msgspec.json.encode(row).decode()
    cells = {cell.name: cell for cell in spec.cells}
    known = [
        " ".join(lines_of(conn, cell, row[name])) for name, cell in cells.items() if name in row
    ]
    others = [
        f"{name} {msgspec.json.encode(value).decode()}"
        for name, value in row.items()
        if name not in cells
    ]
    return "  ".join([*known, *others])
