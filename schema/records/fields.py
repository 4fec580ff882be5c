"""The facts of a field, written once beside its type and read by form, check, column and help."""

from __future__ import annotations

from inspect import get_annotations
from typing import Any, get_args

from msgspec import Meta, Struct, structs

from schema import ids

DATE = r"[12][0-9]{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
WHEN = rf"{DATE}(?:T(?:[01][0-9]|2[0-3]):[0-5][0-9])?"
MONTH = r"[12][0-9]{3}-(?:0[1-9]|1[0-2])"
NUMBER = r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,6})?"
GREATEST = 2**53

_DEPARTMENT = 20
_PERSON = 30


class FieldSpec(Struct, frozen=True, kw_only=True):
    """What a field is; `label`, `help`, `unit` and the words are English source strings.

    `type` is one of line text date when month int num bool word dept person ref list rows row.
    `limit` counts 字; `item` is the spec of a list's items, or the specs of a row's cells;
    `own` starts the field as the writer's department; `once` filled it never changes.
    """

    name: str = ""
    type: str
    label: str
    help: str = ""
    limit: int | None = None
    words: tuple[tuple[str, str], ...] = ()
    kinds: tuple[str, ...] = ()
    item: FieldSpec | tuple[FieldSpec, ...] | None = None
    mandatory: bool = False
    default: Any = None
    own: bool = False
    unit: str = ""
    low: int | None = None
    high: int | None = None
    immutable: bool = False
    once: bool = False

    @property
    def cap(self) -> int | None:
        """The most characters that are kept, whatever they count as 字; the hub refuses more."""
        if self.limit is None:
            return None
        return 8 * self.limit if self.type == "text" else 8 * self.limit + 40

    @property
    def cells(self) -> tuple[FieldSpec, ...]:
        """The cells of a row, for `rows` and `row`; empty for any other type."""
        return self.item if isinstance(self.item, tuple) else ()


def line(
    label: str, limit: int = 80, help: str = "", *, mandatory: bool = False, immutable: bool = False
) -> Meta:
    """One line of at most `limit` 字."""
    return _meta(
        FieldSpec(
            type="line",
            label=label,
            limit=limit,
            help=help,
            mandatory=mandatory,
            immutable=immutable,
        )
    )


def text(label: str, limit: int = 2_000, help: str = "", *, mandatory: bool = False) -> Meta:
    """Several lines of at most `limit` 字 together."""
    return _meta(FieldSpec(type="text", label=label, limit=limit, help=help, mandatory=mandatory))


def date(label: str, help: str = "") -> Meta:
    """A day, `2026-11-27`, in the workspace's zone."""
    return _meta(FieldSpec(type="date", label=label, help=help), DATE)


def when(label: str, help: str = "") -> Meta:
    """A day or a minute of it, `2026-11-27T17:00`, in the workspace's zone."""
    return _meta(FieldSpec(type="when", label=label, help=help), WHEN)


def month(label: str, help: str = "") -> Meta:
    """A month, `2026-11`."""
    return _meta(FieldSpec(type="month", label=label, help=help), MONTH)


def whole(
    label: str,
    low: int | None = None,
    high: int | None = None,
    help: str = "",
    *,
    unit: str = "",
    default: int | None = None,
    mandatory: bool = False,
    immutable: bool = False,
) -> Meta:
    """A whole number from `low` to `high`, both included."""
    spec = FieldSpec(
        type="int",
        label=label,
        low=low,
        high=high,
        help=help,
        unit=unit,
        default=default,
        mandatory=mandatory,
        immutable=immutable,
    )
    return Meta(
        ge=-GREATEST if low is None else low,
        le=GREATEST if high is None else high,
        extra={"field": spec},
    )


def number(label: str, help: str = "", *, unit: str = "") -> Meta:
    """A decimal written as text, `12.5`: never a float."""
    return _meta(FieldSpec(type="num", label=label, help=help, unit=unit), NUMBER)


def flag(label: str, help: str = "") -> Meta:
    """Yes or no."""
    return _meta(FieldSpec(type="bool", label=label, help=help))


def word(label: str, help: str = "", /, **words: str) -> Meta:
    """One of a few words, stored as the English token; a field `state` starts as the first."""
    spec = FieldSpec(type="word", label=label, help=help, words=tuple(words.items()))
    return _meta(spec, "|".join(words))


def dept(label: str, help: str = "", *, own: bool = False) -> Meta:
    """A department, by the name it had when first made."""
    return _meta(FieldSpec(type="dept", label=label, limit=_DEPARTMENT, help=help, own=own))


def person(label: str, help: str = "") -> Meta:
    """A person, by the name he or she had when first made; `*职位` is a placeholder."""
    return _meta(FieldSpec(type="person", label=label, limit=_PERSON, help=help))


def ref(
    label: str, *kinds: str, help: str = "", mandatory: bool = False, immutable: bool = False
) -> Meta:
    """Another record, by its id; `kinds` are those it may be of, none means any."""
    spec = FieldSpec(
        type="ref", label=label, kinds=kinds, help=help, mandatory=mandatory, immutable=immutable
    )
    return _meta(spec, ids.PATTERN)


def lines(label: str, limit: int = 80, help: str = "") -> Meta:
    """An ordered list of lines of at most `limit` 字 each."""
    return _list(label, help, FieldSpec(type="line", label=label, limit=limit))


def dates(label: str, help: str = "") -> Meta:
    """An ordered list of days."""
    return _list(label, help, FieldSpec(type="date", label=label))


def depts(label: str, help: str = "") -> Meta:
    """An ordered list of departments."""
    return _list(label, help, FieldSpec(type="dept", label=label, limit=_DEPARTMENT))


def persons(label: str, help: str = "") -> Meta:
    """An ordered list of persons."""
    return _list(label, help, FieldSpec(type="person", label=label, limit=_PERSON))


def refs(label: str, *kinds: str, help: str = "") -> Meta:
    """An ordered list of records, by their ids."""
    return _list(label, help, FieldSpec(type="ref", label=label, kinds=kinds))


def rows(label: str, help: str = "") -> Meta:
    """An ordered list of small rows; the cells are those of the `Row` in the annotation."""
    return _meta(FieldSpec(type="rows", label=label, help=help))


def row(label: str, help: str = "", *, once: bool = False) -> Meta:
    """A single small row; the cells are those of the `Row` in the annotation."""
    return _meta(FieldSpec(type="row", label=label, help=help, once=once))


def fields_of(struct: type[Struct]) -> tuple[FieldSpec, ...]:
    """The fields of a Struct whose annotations carry them: its own, then those of its bases.

    `title` comes first, and a state starts as the first of its words.
    """
    written = dict(zip(struct.__struct_fields__, struct.__struct_encode_fields__, strict=True))
    found: dict[str, FieldSpec] = {}
    for owner in struct.__mro__:
        for name, annotation in get_annotations(owner, eval_str=True).items():
            if written.get(name, name) not in found and (spec := _spec(annotation)):
                found[written[name]] = _named(spec, written[name])
    return tuple(sorted(found.values(), key=lambda spec: spec.name != "title"))


def _meta(spec: FieldSpec, pattern: str | None = None) -> Meta:
    # Empty means absent inside a row too, so every pattern lets the empty text pass.
    return Meta(
        max_length=spec.cap,
        pattern=None if pattern is None else rf"\A(?:{pattern})?\Z",
        extra={"field": spec},
    )


def _list(label: str, help: str, item: FieldSpec) -> Meta:
    return _meta(FieldSpec(type="list", label=label, help=help, item=item))


def _named(spec: FieldSpec, name: str) -> FieldSpec:
    if name == "state" and spec.default is None:
        return structs.replace(spec, name=name, default=spec.words[0][0])
    return structs.replace(spec, name=name)


def _spec(annotation: Any) -> FieldSpec | None:
    """The spec inside `Annotated[…, meta]` or `Annotated[…, meta] | None`, cells filled in."""
    metadata = getattr(annotation, "__metadata__", None)
    if metadata is None:
        return next(filter(None, map(_spec, get_args(annotation))), None)
    told = (each.extra for each in metadata if isinstance(each, Meta) and each.extra)
    spec: FieldSpec | None = next((extra["field"] for extra in told if "field" in extra), None)
    if spec is None or spec.type not in ("rows", "row"):
        return spec
    inner = annotation.__origin__
    struct = get_args(inner)[0] if spec.type == "rows" else inner
    return structs.replace(spec, item=fields_of(struct))
