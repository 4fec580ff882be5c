"""The papers people fill in: each kind one Struct, and everything made from its fields."""

from schema.records.bodies import (
    Lift,
    canonical,
    encode,
    lift,
    new_body,
    normal,
    own_id,
    title_of,
)
from schema.records.checks import check_bytes, named_words, problems
from schema.records.fields import FieldSpec
from schema.records.kind import Kind, NumberForm
from schema.records.page import document
from schema.records.registry import KINDS, kind, kind_words

__all__ = [
    "KINDS",
    "FieldSpec",
    "Kind",
    "Lift",
    "NumberForm",
    "canonical",
    "check_bytes",
    "document",
    "encode",
    "kind",
    "kind_words",
    "lift",
    "named_words",
    "new_body",
    "normal",
    "own_id",
    "problems",
    "title_of",
]
