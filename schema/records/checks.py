"""What is wrong with a body: in sentences for the form, in a word for the hub."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from re import fullmatch
from typing import Any

import msgspec
from msgspec import Struct

from schema import ids
from schema.errors import FieldError
from schema.records import registry
from schema.records.bodies import canonical
from schema.records.fields import DATE, GREATEST, MONTH, NUMBER, WHEN, FieldSpec
from schema.records.kind import Body, Kind
from schema.records.registry import kind as kind_named
from schema.rules.zi import count_zi
from schema.safe_text import blank
from schema.wording import _

_EMPTY: tuple[object, ...] = (None, "", [], {}, ())

Fault = tuple[str, str]
"""A sentence and the way out of it."""


def problems(kind: Kind | str, body: Body, *, base: Body | None = None) -> list[FieldError]:
    """What a person must mend before this body can be saved; empty where nothing is wrong.

    `base` is the body that is being edited: a key must not differ from it. Fields that the
    kind does not know are left alone, for a newer client wrote them.
    """
    kind = kind_named(kind) if isinstance(kind, str) else kind
    faults = [*_field_faults(kind, body, base), *_need_faults(kind, body)]
    if base is None:
        return faults
    told = {each.field for each in faults}
    return [*faults, *(each for each in _fixed_faults(kind, body, base) if each.field not in told)]


def check_bytes(kind_name: str, body: bytes) -> str | None:
    """Why the hub cannot take this body, in short English, or None.

    A typed decode (types, words, dates as written, hard caps in characters; it takes whatever
    `problems` lets pass, and fields that it does not know) and the one way to write it. What
    the kind itself writes back byte for byte needs no second look.
    """
    kind = registry.KINDS.get(kind_name)
    if kind is None:
        return "unknown kind"
    try:
        decode = _decoders[kind.struct]
    except KeyError:
        decode = _decoders[kind.struct] = msgspec.json.Decoder(kind.struct).decode
    try:
        if _write(decode(body)) == body:
            return None
    except RecursionError:
        return "nested too deeply"
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return str(error)
    return None if canonical(body) else "not in canonical form"


_decoders: dict[type[Struct], Callable[[bytes], Struct]] = {}
_write = msgspec.json.Encoder(order="sorted").encode


def _field_faults(kind: Kind, body: Body, base: Body | None) -> Iterator[FieldError]:
    for spec in kind.fields:
        value = body.get(spec.name)
        if spec.immutable and base is not None and value != base.get(spec.name):
            yield FieldError(
                spec.name,
                _("{label} names the record and cannot be changed.", label=_(spec.label)),
                _("Change the shown name instead, or make a new record."),
            )
        elif spec.mandatory and (value in _EMPTY or (isinstance(value, str) and blank(value))):
            yield FieldError(
                spec.name,
                _("{label} ({name}) is needed.", label=_(spec.label), name=spec.name),
                _("Fill it in, then save again."),
            )
        elif value not in _EMPTY and (fault := _fault(spec, value)):
            yield FieldError(spec.name, *fault)


def _need_faults(kind: Kind, body: Body) -> Iterator[FieldError]:
    for need in kind.needs:
        yield from need(kind, body)


def _fixed_faults(kind: Kind, body: Body, base: Body) -> Iterator[FieldError]:
    """What was changed of a record that never changes, or of the parts that make its id."""
    key = kind.key(body, "")
    renamed = key is not None and key != kind.key(base, "")
    parts = {name for part in kind.derived or () for name in part.split("|")}
    parts |= {*(kind.derived_when or ())[:1]}
    for spec in kind.fields:
        if (body.get(spec.name) or None) == (base.get(spec.name) or None):
            continue
        if kind.immutable:
            yield FieldError(
                spec.name,
                _("{kind}: once given it is not changed.", kind=_(kind.label)),
                _("Take it back, or sign a newer version or with another meaning."),
            )
        elif spec.once and base.get(spec.name):
            yield FieldError(
                spec.name,
                _("{label} stays as it was first written.", label=_(spec.label)),
                _("Leave it as it is; write what is new into another field."),
            )
        elif renamed and spec.name in parts:
            yield FieldError(
                spec.name,
                _("{label} names the record and cannot be changed.", label=_(spec.label)),
                _("Change the shown name instead, or make a new record."),
            )


def _fault(spec: FieldSpec, value: Any) -> Fault | None:
    match spec.type:
        case "int":
            return _int_fault(spec, value)
        case "bool":
            return None if isinstance(value, bool) else _not_a(spec, value, _("yes or no"))
        case "list" | "rows":
            return _list_fault(spec, value)
        case "row":
            return _row_fault(spec, value)
    if not isinstance(value, str):
        return _not_a(spec, value, _("text"))
    return _text_fault(spec, value)


def _text_fault(spec: FieldSpec, value: str) -> Fault | None:
    match spec.type:
        case "word":
            return _word_fault(spec, value)
        case "date" if not (fullmatch(DATE, value) and _is_day(value)):
            return _not_a(spec, value, _("a date"), _("Write it like 2026-11-27."))
        case "when" if not (fullmatch(WHEN, value) and _is_day(value[:10])):
            way_out = _("Write it like 2026-11-27 or 2026-11-27T17:00.")
            return _not_a(spec, value, _("a date"), way_out)
        case "month" if not fullmatch(MONTH, value):
            return _not_a(spec, value, _("a month"), _("Write it like 2026-11."))
        case "num" if not fullmatch(NUMBER, value):
            return _not_a(spec, value, _("a number"), _("Write it like 12.5."))
        case "ref" if not ids.is_id(value):
            return _not_a(spec, value, _("the id of a record"), _("Pick the record from the list."))
        case "line" | "dept" | "person" if "\n" in value:
            return (
                _("{label} is one line, without line breaks.", label=_(spec.label)),
                _("Write the rest into the note."),
            )
    return _length_fault(spec, value)


def _length_fault(spec: FieldSpec, value: str) -> Fault | None:
    if spec.limit is None or spec.cap is None:
        return None
    count = count_zi(value)
    if count > spec.limit:
        sentence = _(
            "{label} has {count} words or Han characters; at most {limit}.",
            label=_(spec.label),
            count=count,
            limit=spec.limit,
        )
    elif len(value) > spec.cap:
        sentence = _(
            "{label} has {count} characters; at most {limit}.",
            label=_(spec.label),
            count=len(value),
            limit=spec.cap,
        )
    else:
        return None
    return sentence, _("Shorten it, or write the rest into the note.")


def _word_fault(spec: FieldSpec, value: str) -> Fault | None:
    if any(value == token for token, _label in spec.words):
        return None
    return (
        _("{label} cannot be {value}.", label=_(spec.label), value=_short(value)),
        _("The words are: {words}.", words=named_words(spec, [token for token, _l in spec.words])),
    )


def named_words(spec: FieldSpec, tokens: list[str] | tuple[str, ...]) -> str:
    """The words as people read them, each with its token in brackets."""
    labels = dict(spec.words)
    return _(", ").join(_("{word} ({token})", word=_(labels[each]), token=each) for each in tokens)


def _int_fault(spec: FieldSpec, value: Any) -> Fault | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return _not_a(spec, value, _("a whole number"))
    low = -GREATEST if spec.low is None else spec.low
    high = GREATEST if spec.high is None else spec.high
    if low <= value <= high:
        return None
    return (
        _("{label} is {value}.", label=_(spec.label), value=_short(value)),
        _("Write a whole number from {low} to {high}.", low=low, high=high),
    )


def _list_fault(spec: FieldSpec, value: Any) -> Fault | None:
    if not isinstance(value, list | tuple):
        return _not_a(spec, value, _("a list"))
    for number, each in enumerate(value, 1):
        if isinstance(spec.item, FieldSpec):
            fault = _fault(spec.item, each) if each != "" else None
        else:
            fault = _row_fault(spec, each)
        if fault:
            return _("Row {number}: {sentence}", number=number, sentence=fault[0]), fault[1]
    return None


def _row_fault(spec: FieldSpec, value: Any) -> Fault | None:
    if not isinstance(value, dict):
        return _not_a(spec, value, _("a row of named cells"))
    for cell in spec.cells:
        held = value.get(cell.name, "")
        if held != "" and (fault := _fault(cell, held)):
            return fault
    return None


def _not_a(spec: FieldSpec, value: Any, wanted: str, way_out: str = "") -> Fault:
    return (
        _(
            "{label} must be {wanted}, not {value}.",
            label=_(spec.label),
            wanted=wanted,
            value=_short(value),
        ),
        way_out,
    )


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _short(value: object) -> str:
    from schema.safe_text import safe_text

    text = safe_text(value if isinstance(value, str) else repr(value))
    return text if len(text) <= 40 else f"{text[:39]}›"
