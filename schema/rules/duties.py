"""Duties that overlap and duties that nobody has (S002-09, S002-15)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from schema.records.kind import Body

_LEADING = ("", "leads", "first")


class Shared(NamedTuple):
    """A line of duty, as it was first written, and the departments that name it."""

    line: str
    departments: tuple[str, ...]


class _Named(NamedTuple):
    line: str
    department: str
    leads: bool


def overlaps(duties: Iterable[Body]) -> list[Shared]:
    """The lines that two departments or more manage, within one paper and phase; support is no overlap."""
    found = []
    for named in _grouped(duties):
        leading = tuple(dict.fromkeys(each.department for each in named if each.leads))
        if len(leading) > 1:
            found.append(Shared(named[0].line, leading))
    return found


def gaps(duties: Iterable[Body]) -> list[Shared]:
    """The lines that departments support or decide, and none leads."""
    return [
        Shared(named[0].line, tuple(dict.fromkeys(each.department for each in named)))
        for named in _grouped(duties)
        if not any(each.leads for each in named)
    ]


def unowned(blocker: Body) -> bool:
    """Whether a blocker is attributed to several departments and nobody owns it (S002-18)."""
    attributed = blocker.get("attributed")
    names = attributed if isinstance(attributed, list | tuple) else ()
    return not blocker.get("owner") and len(set(map(str, names))) > 1


def normalised(line: str) -> str:
    """A line as it is compared: width, case, punctuation and spaces make no difference."""
    folded = unicodedata.normalize("NFKC", line).casefold()
    return "".join(each for each in folded if each.isalnum())


def _grouped(duties: Iterable[Body]) -> Iterator[list[_Named]]:
    """Who names each line, in the order of the duties; a duty without content is its scope."""
    groups: dict[tuple[str, str, str], list[_Named]] = {}
    for duty in duties:
        department = duty.get("department")
        if duty.get("state") == "retired" or not isinstance(department, str) or not department:
            continue
        content = duty.get("content")
        lines = content if isinstance(content, list | tuple) and content else [duty.get("scope")]
        for line in lines:
            if isinstance(line, str) and (key := normalised(line)):
                group = (str(duty.get("of") or ""), str(duty.get("phase") or ""), key)
                leads = (duty.get("part") or "") in _LEADING
                groups.setdefault(group, []).append(_Named(line, department, leads))
    yield from groups.values()
