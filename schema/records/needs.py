"""Fields that ask for each other."""

from __future__ import annotations

from collections.abc import Iterator

from schema.errors import FieldError
from schema.records.kind import Body, Kind, Need
from schema.safe_text import blank
from schema.wording import _


def _filled(body: Body, name: str) -> bool:
    value = body.get(name)
    return not blank(value) if isinstance(value, str) else bool(value)


def both_or_neither(one: str, other: str) -> Need:
    """The two fields are filled together or not at all (S000-16)."""

    def need(kind: Kind, body: Body) -> Iterator[FieldError]:
        for filled, empty in ((one, other), (other, one)):
            if _filled(body, filled) and not _filled(body, empty):
                yield FieldError(
                    empty,
                    _(
                        "{label} is needed together with {other}.",
                        label=_(kind.by_name[empty].label),
                        other=_(kind.by_name[filled].label),
                    ),
                    _("Fill in both, or empty both."),
                )

    return need


def needed_when(field: str, word: str, *needed: str) -> Need:
    """The `needed` fields are mandatory while `field` holds `word`."""

    def need(kind: Kind, body: Body) -> Iterator[FieldError]:
        if body.get(field) != word:
            return
        spec = kind.by_name[field]
        for name in needed:
            if not _filled(body, name):
                yield FieldError(
                    name,
                    _(
                        "{label} is needed when {other} is {word}.",
                        label=_(kind.by_name[name].label),
                        other=_(spec.label),
                        word=_(dict(spec.words)[word]),
                    ),
                    _("Fill it in, then save again."),
                )

    return need


def needed(*fields: str) -> Need:
    """The fields are mandatory, whatever their type."""

    def need(kind: Kind, body: Body) -> Iterator[FieldError]:
        for name in fields:
            if not _filled(body, name):
                label = _(kind.by_name[name].label)
                yield FieldError(
                    name,
                    _("{label} ({name}) is needed.", label=label, name=name),
                    _("Fill it in, then save again."),
                )

    return need


def serial_in_pattern(kind: Kind, body: Body) -> Iterator[FieldError]:
    """A policy `number.KIND` has `{serial}` in its value, or a number would be given twice (S003-20)."""
    pattern = body.get("value")
    if str(body.get("key", "")).startswith("number.") and pattern and "{serial}" not in pattern:
        yield FieldError(
            "value",
            _("A number needs a place for its serial."),
            _("Write it like XLX-{year}-{serial}."),
        )
