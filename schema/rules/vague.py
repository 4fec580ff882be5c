"""Words that cannot be checked, in the fields that say when something is done well (S003-04, S003-24)."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

_FIELDS = {
    "request": frozenset({"goal", "items", "standard"}),
    "project": frozenset({"standard"}),
    "task": frozenset({"standard"}),
    "duty": frozenset({"standard"}),
}

# 及时率 and 相关系数 are figures, and no vague words.
_HAN = (
    "尽快|尽早|尽量|尽可能|及时(?!率)|按时(?!率)|适时|随时|近期|稍后|早日|抓紧|大概|大约|左右|差不多|"
    "若干|适当|适量|相关(?!性|系数)|有关(?!于)|等等|必要时|视情况|较好|较快|良好|到位"
)
_LATIN = (
    "asap|as soon as possible|soon|timely|promptly|roughly|approximately|appropriate|relevant|"
    "reasonable|adequate|as needed|if possible|where possible|and so on|etc"
)


def checkable_fields(kind: str) -> frozenset[str]:
    """The fields of a kind whose words must be checkable; a warning stands there, never a refusal."""
    return _FIELDS.get(kind, frozenset())


@cache
def _vague() -> Callable[[str], list[str]]:
    return re.compile(rf"{_HAN}|\b(?:{_LATIN})\b", re.IGNORECASE).findall


def vague_words(text: str) -> list[str]:
    """The words of a text that nobody can check, as they stand there, each once and in order."""
    return list(dict.fromkeys(_vague()(text)))
