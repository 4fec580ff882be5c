"""`FIELD=VALUE` words of the command line, read into a body."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import msgspec

from schema import dates
from schema.errors import FieldError, NotFound, UsageError
from schema.ids import is_id
from schema.query import SYNONYMS
from schema.records import Kind, kind_words
from schema.records.fields import FieldSpec
from schema.safe_text import clean, safe_text
from schema.wording import _
from syncd.store.reading import Setting, calendar_of, find_record, setting
from syncd.store.replica import Replica
from tui.cli.text import label

YES = ("yes", "true", "1", "是", "对")
NO = ("no", "false", "0", "否", "不")


class Given:
    """The fields that somebody named, as texts, in the order given; files are read once, here."""

    def __init__(self, words: Sequence[str]) -> None:
        self.texts: list[tuple[str, str]] = [
            (name, _from_file(text)) for name, text in map(_split, words)
        ]

    def __bool__(self) -> bool:
        return bool(self.texts)

    def of(self, kind: Kind) -> dict[str, list[str]]:
        """The texts by the field's own name; UsageError names the nearest field."""
        named: dict[str, list[str]] = {}
        for name, text in self.texts:
            named.setdefault(field_name(kind, name), []).append(text)
        for name, texts in named.items():
            if len(texts) > 1 and kind.by_name[name].type not in ("list", "rows"):
                raise UsageError(_("{field} is given twice.", field=name), _("Give it once."))
        return named


def field_name(kind: Kind, name: str) -> str:
    """A field by its name, by the label that the reader sees, or by another word for it."""
    folded = name.strip()
    if folded in kind.by_name:
        return folded
    words = {
        **{word: name for word, name in SYNONYMS.items() if name in kind.by_name},
        **{
            word: spec.name
            for spec in kind.fields
            for word in (_(spec.label).lower(), spec.label.lower(), spec.name)
        },
    }
    if folded.lower() in words:
        return words[folded.lower()]
    near = get_close_matches(folded.lower()[:40], words, n=1)
    raise UsageError(
        _(
            "A {kind} has no field called {name}.",
            kind=kind_words(kind),
            name=safe_text(folded)[:40],
        ),
        _("The nearest is {near}.", near=label(kind.by_name[words[near[0]]]))
        if near
        else _("`duijie add {kind} --help` lists the fields.", kind=kind.name),
    )


class Reader:
    """Turns texts into values of fields, with what the replica knows; `hints` is what to say beside."""

    def __init__(self, replica: Replica) -> None:
        self.replica = replica
        self.now = datetime.fromtimestamp(replica.clock.now() / 1_000_000, UTC)
        self.setting: Setting = setting(replica.conn)
        self.hints: list[str] = []

    def values(self, kind: Kind, given: Given) -> dict[str, Any]:
        """The values that were given; None empties a field."""
        return {
            name: self.field(kind.by_name[name], texts) for name, texts in given.of(kind).items()
        }

    def field(self, spec: FieldSpec, texts: Sequence[str]) -> Any:
        """The value of one field from the texts given for it."""
        if spec.type == "list":
            assert isinstance(spec.item, FieldSpec)
            item = msgspec.structs.replace(spec.item, name=spec.name)
            return [self.one(item, text) for text in texts if text.strip()] or None
        if spec.type == "rows":
            found = [row for text in texts if text.strip() for row in self._rows(spec, text)]
            return found or None
        if not texts[0].strip():
            return None
        return self.one(spec, texts[0])

    def one(self, spec: FieldSpec, text: str) -> Any:
        """One value from one text that is not empty."""
        match spec.type:
            case "text":
                return clean(text, lines=True)
            case "date" | "when" | "month":
                return dates.parse(
                    clean(text, lines=False),
                    now=self.now,
                    zone=self.setting.zone,
                    calendar=calendar_of(self.replica.conn),
                    kind=spec.type,
                )
            case "int":
                return _whole(_folded(text))
            case "num":
                return _folded(text)
            case "bool":
                return _truth(_folded(text))
            case "word":
                return _token(spec, clean(text, lines=False))
            case "dept":
                return self._department(clean(text, lines=False))
            case "person":
                return self._person(clean(text, lines=False))
            case "ref":
                return self._reference(spec, clean(text, lines=False))
            case "row":
                return self._row(spec, _json(spec, text))
        return clean(text, lines=False)

    # -- rows

    def _rows(self, spec: FieldSpec, text: str) -> list[Any]:
        said = _json(spec, text)
        return [self._row(spec, each) for each in (said if isinstance(said, list) else [said])]

    def _row(self, spec: FieldSpec, said: Any) -> dict[str, Any]:
        if not isinstance(said, dict):
            raise _no_row(spec)
        cells = {cell.name: cell for cell in spec.cells}
        row: dict[str, Any] = {}
        for name, value in said.items():
            if name not in cells:
                near = get_close_matches(str(name)[:40], cells, n=1)
                raise UsageError(
                    _(
                        "A row of {field} has no cell called {name}.",
                        field=spec.name,
                        name=safe_text(str(name))[:40],
                    ),
                    _("The nearest is {near}.", near=near[0])
                    if near
                    else _("The cells are: {cells}.", cells=_(", ").join(cells)),
                )
            if isinstance(value, str):
                value = self.one(cells[name], value) if value.strip() else None
            if value is not None:
                row[name] = value
        return row

    # -- names

    def _department(self, name: str) -> str:
        """The key of a department that is called so, by its name, shown name or another name."""
        row = self.replica.conn.execute(
            """SELECT json_extract(body, '$.name') AS name FROM records
            WHERE kind = 'department' AND NOT deleted AND (name = ?1 OR title = ?1 OR EXISTS (
                SELECT 1 FROM json_each(body, '$.aliases') WHERE value = ?1))
            ORDER BY name <> ?1""",
            (name,),
        ).fetchone()
        if row is None:
            self._unknown("department", name, _("No department is called {name} yet.", name=name))
            return name
        return str(row[0])

    def _person(self, name: str) -> str:
        """The key of a person who is called so."""
        row = self.replica.conn.execute(
            """SELECT json_extract(body, '$.name') AS name FROM records
            WHERE kind = 'person' AND NOT deleted AND (name = ?1 OR title = ?1)
            ORDER BY name <> ?1""",
            (name,),
        ).fetchone()
        if row is None:
            self._unknown("person", name, _("No person is called {name} yet.", name=name))
            return name
        return str(row[0])

    def _unknown(self, kind: str, name: str, sentence: str) -> None:
        if name != (self.setting.me if kind == "person" else self.setting.department):
            self._hint(sentence)

    def _reference(self, spec: FieldSpec, text: str) -> str:
        try:
            found = find_record(self.replica.conn, text, spec.kinds, titles=True)
        except NotFound as error:
            if not is_id(text.lower()):
                raise FieldError(
                    spec.name,
                    _("{field}: {why}", field=spec.name, why=error.sentence),
                    error.way_out,
                ) from None
            self._hint(_("{field} points to a record that is not here.", field=spec.name))
            return text.lower()
        if found.deleted:
            self._hint(_("{field} points to a record that is deleted.", field=spec.name))
        return found.id

    def _hint(self, text: str) -> None:
        if text not in self.hints:
            self.hints.append(text)


def patched(body: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The body with these fields changed; all others, known or not, are kept."""
    return {**body, **values}


def _split(word: str) -> tuple[str, str]:
    for place, char in enumerate(word):
        if char in "=＝":
            return word[:place], word[place + 1 :]
    raise UsageError(
        _("{word} is not FIELD=VALUE.", word=safe_text(word)[:40]),
        _("Write it like title=text, in quotes where it has spaces."),
    )


def _from_file(text: str) -> str:
    """The text, or what stands in the file after an @; @@ begins a text with an @."""
    if not text.startswith("@"):
        return text
    if text.startswith("@@"):
        return text[1:]
    if text == "@-":
        return sys.stdin.read()
    return Path(text[1:]).read_text("utf-8", errors="replace")


def _json(spec: FieldSpec, text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        raise _no_row(spec) from None


def _no_row(spec: FieldSpec) -> UsageError:
    cells = ", ".join(f'"{cell.name}": "..."' for cell in spec.cells[:2])
    return UsageError(
        _("{field} takes rows as JSON.", field=spec.name),
        _("Write it like {field}='{example}'.", field=spec.name, example=f"{{{cells}}}"),
    )


def _folded(text: str) -> str:
    from unicodedata import normalize

    return normalize("NFKC", clean(text, lines=False)).replace(",", "")


def _whole(text: str) -> int | str:
    """A whole number; what is none is left for the check to name."""
    try:
        return int(text) if len(text) < 20 else text
    except ValueError:
        return text


def _truth(text: str) -> bool | str:
    folded = text.lower()
    return True if folded in YES else False if folded in NO else text


def _token(spec: FieldSpec, text: str) -> str:
    """The word's token, also from the label that the reader sees."""
    for token, shown in spec.words:
        if text.lower() in (token, _(shown).lower(), shown.lower()):
            return token
    return text
