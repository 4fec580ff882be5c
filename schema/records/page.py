"""The page `docs/records.md`, made from the registry."""

from __future__ import annotations

from collections.abc import Iterator

from schema.records import registry
from schema.records.fields import FieldSpec
from schema.records.kind import Kind

_HEAD = """\
# The records

Made from the registry by `schema.records.document()`; a test keeps it true. Conventions and
types are those of the kinds' own page: `line` and `text` count 字, `date` is `2026-11-27`,
`when` may add `T17:00`, `num` is a decimal written as text, `dept` and `person` hold a name,
`ref` an id. Absent and empty mean the same. `!` is mandatory, `=` a default, `#` a key that
never changes, `^` what never changes once it is filled.
"""


def document() -> str:
    """All kinds and their fields as Markdown."""
    return "\n".join([_HEAD, *(line for kind in registry.KINDS.values() for line in _kind(kind))])


def _kind(kind: Kind) -> Iterator[str]:
    yield f"## {kind.name}\n"
    doc = kind.struct.__doc__
    if doc:
        yield f"{doc}\n"
    if kind.derived:
        parts = ", ".join(part.replace("|", " or ") for part in kind.derived)
        only = " where {} is {}".format(*kind.derived_when) if kind.derived_when else ""
        yield f"Id derived from {parts}{only}.\n"
    if kind.immutable:
        yield "Never edited once it is made.\n"
    if kind.number:
        yield f"Number `{kind.number.pattern}`, serial of at least {kind.number.width} digits.\n"
    if kind.states:
        yield f"Ends as {', '.join(sorted(kind.finished, key=kind.states.index))}. Moves: {_moves(kind)}.\n"
    yield "| field | type | label | |"
    yield "|---|---|---|---|"
    for spec in kind.fields:
        yield f"| {spec.name}{_marks(spec)} | {_type(spec)} | {spec.label} | {spec.help} |"
    yield ""


def _moves(kind: Kind) -> str:
    if not kind.moves:
        return "any"
    return "; ".join(f"{old} › {' '.join(after)}" for old, after in kind.moves.items())


def _marks(spec: FieldSpec) -> str:
    return "".join(
        mark
        for mark, said in (("!", spec.mandatory), ("#", spec.immutable), ("^", spec.once))
        if said
    )


def _type(spec: FieldSpec) -> str:
    match spec.type:
        case "line" | "text":
            text = f"{spec.type}({spec.limit})"
        case "word":
            text = " ".join(token for token, _label in spec.words)
        case "ref":
            text = f"ref {' '.join(spec.kinds) or 'any'}"
        case "list":
            text = f"[{_type(spec.item)}]" if isinstance(spec.item, FieldSpec) else "[]"
        case "rows" | "row":
            cells = ", ".join(f"{cell.name} {_type(cell)}" for cell in spec.cells)
            text = f"[{{{cells}}}]" if spec.type == "rows" else f"{{{cells}}}"
        case "int" if spec.low is not None:
            text = f"int {spec.low} to {spec.high}"
        case _:
            text = spec.type
    if spec.unit:
        text += f", {spec.unit}"
    if spec.own:
        text += " = the writer's department"
    elif spec.default is not None:
        text += f" = {spec.default}"
    return text
