"""A kind of paper: its Struct, and what is true of it beyond its fields."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from importlib import import_module
from typing import Any

from msgspec import Struct, structs

from schema.errors import FieldError
from schema.records.fields import FieldSpec, fields_of

Body = Mapping[str, Any]
Need = Callable[["Kind", Body], Iterable[FieldError]]


class NumberForm(Struct, frozen=True):
    """How the hub writes a number, such as `XLX-{year}-{serial}` (S003-20).

    `width` is the least number of digits of the serial: past 999 it grows.
    """

    pattern: str
    width: int = 3

    def number(self, serial: int, year: int) -> str:
        """The number of the `serial`th record of its kind, or of its kind and year."""
        text = self.pattern.replace("{year}", f"{year:04d}")
        return text.replace("{serial}", f"{serial:0{self.width}d}")

    @property
    def yearly(self) -> bool:
        """Whether the serial starts anew each year."""
        return "{year}" in self.pattern

    def under(self, policy: Body) -> NumberForm:
        """The form that the body of policy `number.KIND` asks for: `value` pattern, `amount` width.

        A pattern without `{serial}` would give a number twice, and is passed over.
        """
        pattern, amount = policy.get("value"), policy.get("amount")
        if not isinstance(pattern, str) or "{serial}" not in pattern:
            pattern = self.pattern
        width = self.width
        if isinstance(amount, str) and amount.isascii() and amount.isdigit():
            width = min(int(amount[:3]), 12)
        return NumberForm(pattern, width)


AUTHOR = "author"
"""Among the parts of a derived id: who made the record, which its body does not say."""


class Kind(Struct, frozen=True, kw_only=True, eq=False, dict=True):
    """A kind of paper.

    `paper` is its Struct, or `module:Name` of the one beside this module, for a quick start.
    `moves` empty means that any state may follow any; `derived` names the parts that make the id:
    a field, the first filled of `one|other`, or AUTHOR; with `derived_when`, a field and its word,
    only such records have one. An `immutable` record is made and deleted, never edited.
    `finished` are the states that end it, `delivered` those in which the work is
    handed over, so that nothing runs late; `called` is the field that stands for an empty title;
    `later` are the fields that say nothing of a paper yet to be made.
    """

    name: str
    paper: type[Struct] | str
    label: str
    version: int
    moves: Mapping[str, tuple[str, ...]]
    derived: tuple[str, ...] | None
    derived_when: tuple[str, str] | None
    immutable: bool
    number: NumberForm | None
    title_optional: bool
    finished: frozenset[str]
    delivered: frozenset[str]
    called: str
    needs: tuple[Need, ...]
    later: frozenset[str]

    @classmethod
    def of(
        cls,
        name: str,
        paper: type[Struct] | str,
        label: str,
        *,
        version: int = 1,
        moves: Mapping[str, tuple[str, ...]] | None = None,
        derived: tuple[str, ...] | None = None,
        derived_when: tuple[str, str] | None = None,
        immutable: bool = False,
        number: str | None = None,
        title_optional: bool = False,
        finished: tuple[str, ...] = (),
        delivered: tuple[str, ...] = (),
        called: str = "",
        needs: tuple[Need, ...] = (),
        later: tuple[str, ...] = (),
    ) -> Kind:
        """The kind of a Struct; `version` grows when an older hub must wait for its update."""
        return cls(
            name=name,
            paper=paper,
            label=label,
            version=version,
            moves=moves or {},
            derived=derived,
            derived_when=derived_when,
            immutable=immutable,
            number=NumberForm(number) if number else None,
            title_optional=title_optional or (derived is not None and derived_when is None),
            finished=frozenset(finished),
            delivered=frozenset(delivered),
            called=called,
            needs=needs,
            later=frozenset(later),
        )

    @cached_property
    def struct(self) -> type[Struct]:
        """What its bodies are decoded and checked by."""
        if not isinstance(self.paper, str):
            return self.paper
        module, name = self.paper.split(":")
        struct: type[Struct] = getattr(import_module(f"schema.records.{module}"), name)
        return struct

    @cached_property
    def fields(self) -> tuple[FieldSpec, ...]:
        """Its fields, the title first; ValueError where states, moves or fields do not fit each other."""
        fields = tuple(
            structs.replace(spec, mandatory=not self.title_optional)
            if spec.name == "title"
            else spec
            for spec in fields_of(self.struct)
        )
        names = {spec.name for spec in fields}
        states = {token for spec in fields if spec.name == "state" for token, _ in spec.words}
        moved = {*self.moves, *(state for after in self.moves.values() for state in after)}
        parts = {name for part in self.derived or () for name in part.split("|")}
        named = parts | {*(self.derived_when or ())[:1], *filter(None, [self.called])}
        if wrong := ({*moved, *self.finished, *self.delivered} - states) | (
            (named | self.later) - {*names, AUTHOR}
        ):
            raise ValueError(f"{self.name} has no {', '.join(sorted(wrong))}")
        return fields

    @cached_property
    def by_name(self) -> dict[str, FieldSpec]:
        """Its fields by their names."""
        return {spec.name: spec for spec in self.fields}

    @cached_property
    def states(self) -> tuple[str, ...]:
        """The words of its state in their order; none where it has no state."""
        state = self.by_name.get("state")
        return tuple(token for token, _ in state.words) if state else ()

    @property
    def by_author(self) -> bool:
        """Whether the id says who made the record, so that nobody can make it for another."""
        return AUTHOR in (self.derived or ())

    def key(self, body: Body, author: str) -> tuple[str, ...] | None:
        """The parts of the id of a record that this author makes; None where it has a new one."""
        if self.derived is None:
            return None
        if self.derived_when is not None and body.get(self.derived_when[0]) != self.derived_when[1]:
            return None
        return tuple(
            author
            if part == AUTHOR
            else next(
                (str(body[name]) for name in part.split("|") if body.get(name) not in (None, "")),
                "",
            )
            for part in self.derived
        )
