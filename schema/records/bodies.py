"""Bodies as JSON: how they begin, how they are written, and what the store lifts out of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from schema import ids
from schema.errors import UsageError
from schema.records.fields import GREATEST, WHEN
from schema.records.kind import Body, Kind
from schema.records.registry import kind as kind_named
from schema.wording import _

_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

# Digits as 0 and all else as a space, so that a run of them is found at the speed of memory.
_DIGITS = bytes(48 if 48 <= byte < 58 else 32 for byte in range(256))
_MAY_BE_EMPTY = re.compile(rb':(?:""|null|\[\]|\{\})')


def _no_float(text: str) -> object:
    raise ValueError(f"a float: {text}")


_decode_exact = msgspec.json.Decoder(float_hook=_no_float).decode
_encoder = msgspec.json.Encoder(order="deterministic")


def new_body(
    kind: Kind | str, values: Mapping[str, Any], *, department: str | None
) -> dict[str, Any]:
    """The body of a new record: `values`, with the defaults of the fields that they do not name.

    A state is never empty; `department` is the writer's own, for the fields that start as it.
    """
    kind = kind_named(kind) if isinstance(kind, str) else kind
    body = dict(values)
    for spec in kind.fields:
        if spec.own and department:
            body.setdefault(spec.name, department)
        if spec.default is not None:
            body.setdefault(spec.name, spec.default)
    if kind.states:
        body["state"] = body["state"] or kind.states[0]
    return normal(body)


def normal(body: Body) -> dict[str, Any]:
    """The body without its empty fields: absent and empty mean the same, so they never conflict."""
    return {
        name: value
        for name, value in body.items()
        if value is not None and value not in ("", [], {}, ())
    }


def encode(body: Body) -> bytes:
    """The canonical JSON of a body: `normal`, keys sorted at every level, no spaces, UTF-8.

    Raises UsageError for a float or a whole number beyond 2^53, which no other reader would
    get back as it was written.
    """
    kept = normal(body)
    if not _exact(kept):
        raise UsageError(
            _("A number is not whole or too large to be kept exactly."),
            _("Write it as text, such as 12.5 in quotes."),
        )
    return _encoder.encode(kept)


def canonical(body: bytes) -> bool:
    """Whether these bytes are what `encode` makes of them."""
    try:
        decoded = _decode_exact(body)
        if type(decoded) is not dict:
            return False
        if b"0" * 16 in body.translate(_DIGITS) and not _exact(decoded):
            return False
        kept = normal(decoded) if _MAY_BE_EMPTY.search(body) else decoded
        return _encoder.encode(kept) == body
    except (*_UNREADABLE, ValueError):
        return False


def own_id(kind: Kind | str, body: Body, author: str = "") -> str | None:
    """The id that a record of this kind made by `author` must have, or None where a new one is made."""
    kind = kind_named(kind) if isinstance(kind, str) else kind
    key = kind.key(body, author)
    return None if key is None else ids.derived_id(kind.name, *key)


def title_of(kind: Kind | str, body: Body) -> str:
    """What a record is called where it is listed: its title, or the first line that stands for it."""
    kind = kind_named(kind) if isinstance(kind, str) else kind
    called = body.get("title") or body.get(kind.called)
    return called.partition("\n")[0] if isinstance(called, str) else ""


class Lift(Struct, frozen=True, gc=False):
    """The columns that the store keeps beside a body, each None where it is absent or no such value."""

    title: str | None = None
    state: str | None = None
    project: str | None = None
    department: str | None = None
    owner: str | None = None
    start: str | None = None
    due: str | None = None
    priority: Annotated[int, Meta(ge=-GREATEST, le=GREATEST)] | None = None
    of: str | None = None
    before: str | None = None
    after: str | None = None
    source: str | None = None

    @property
    def due_at(self) -> str | None:
        """The due to sort and compare by: a day without an hour ends as `2026-11-27T24:00`."""
        return due_at(self.due) if self.due is not None else None

    @property
    def rank(self) -> int:
        """The priority to sort by: what has none comes last, as 9."""
        return self.priority or 9


def due_at(due: str) -> str | None:
    """A stored due as a sort key of one length, to the minute; None where it is no date."""
    if re.fullmatch(WHEN, due) is None:
        return None
    try:
        date.fromisoformat(due[:10])
    except ValueError:
        return None
    return due if len(due) > 10 else f"{due}T24:00"


_lift = msgspec.json.Decoder(Lift).decode


def lift(body: bytes) -> Lift:
    """The columns of a body; never raises, whatever its fields hold."""
    try:
        return _lift(body)
    except _UNREADABLE:
        return _lift_what_fits(body)


def _lift_what_fits(body: bytes) -> Lift:
    try:
        fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode(body)
    except _UNREADABLE:
        return Lift()
    fitting: dict[str, Any] = {}
    for name in Lift.__struct_fields__:
        if name in fields:
            try:
                one = _lift(b'{"%s":%s}' % (name.encode(), bytes(fields[name])))
            except _UNREADABLE:
                continue
            fitting[name] = getattr(one, name)
    return Lift(**fitting)


def _exact(value: object) -> bool:
    """Whether every number in it is whole and within 2^53."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            waiting.extend(each.values())
        elif isinstance(each, list | tuple):
            waiting.extend(each)
        elif isinstance(each, float) or (isinstance(each, int) and abs(each) > GREATEST):
            return False
    return True
