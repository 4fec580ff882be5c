"""A field's value as a text to edit, and back; what would drive a terminal is marked and comes back as it was."""

from __future__ import annotations

import sqlite3
from typing import Any

import msgspec

from schema.errors import UsageError
from schema.records import Kind, problems
from schema.records.fields import FieldSpec
from schema.safe_text import safe_text
from schema.wording import _
from tui.cli.values import Reader

LINES = ("text", "list", "rows", "row")


def several_lines(spec: FieldSpec | None, value: Any) -> bool:
    """Whether a field is written on several lines."""
    if spec is None:
        return not isinstance(value, str) or "\n" in value
    return spec.type in LINES


def typed(conn: sqlite3.Connection, spec: FieldSpec | None, value: Any) -> str:
    """A value as somebody would type it: a list by lines, rows as JSON, words by their labels."""
    if value is None:
        return ""
    if spec is None:
        return value if isinstance(value, str) else _json(value)
    item = spec.item if isinstance(spec.item, FieldSpec) else None
    if spec.type == "list" and isinstance(value, list):
        return "\n".join(_one(conn, item, each) for each in value)
    if spec.type == "rows" and isinstance(value, list):
        rows = ",\n ".join(msgspec.json.encode(row).decode() for row in value)
        return f"[{rows}]"
    return _one(conn, spec, value)


def _one(conn: sqlite3.Connection, spec: FieldSpec | None, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if not isinstance(value, str):
        return _json(value)
    if spec is not None and spec.type == "word":
        labels = dict(spec.words)
        return _(labels[value]) if value in labels else value
    if spec is not None and spec.type == "ref":
        row = conn.execute(
            "SELECT number FROM records WHERE id = ? AND number IS NOT NULL", (value,)
        ).fetchone()
        return str(row[0]) if row else value
    return value.replace("T", " ") if spec is not None and spec.type == "when" else value


def _json(value: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=1).decode()


def read(reader: Reader, kind: Kind | None, name: str, text: str, body: dict[str, Any]) -> Any:
    """The value that a text stands for in this body; None empties the field. DuijieError says why not."""
    spec = kind.by_name.get(name) if kind else None
    if kind is None or spec is None:
        return _unknown(name, text, body.get(name))
    value = reader.field(spec, text.split("\n") if spec.type == "list" else [text])
    faults = [each for each in problems(kind, {**body, name: value}) if each.field == name]
    if faults:
        raise faults[0]
    return value


def _unknown(name: str, text: str, before: Any) -> Any:
    """The value of a field that this program does not know: text stays text, all else is JSON."""
    if not text.strip():
        return None
    if isinstance(before, str) or before is None:
        return text
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        raise UsageError(
            _("{field} takes JSON.", field=safe_text(name)), _("Write it as it stood.")
        ) from None


def editable(text: str) -> str:
    """A text as an editor may hold it: marks for what would drive or deceive a terminal."""
    return safe_text(text, lines=True)


def restored(text: str, before: str) -> str:
    """What an editor gave back, with the characters that `editable` had marked in `before`."""
    if text == editable(before):
        return before
    for char in sorted({char for char in before if char not in "\t\n"}):
        mark = safe_text(char)
        if mark != char:
            text = text.replace(mark, char)
    return text
