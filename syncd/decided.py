"""What the hub works out of many records once and keeps in step with each edit: who sits where, what is decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from schema.records.kind import Body
from schema.rights import is_decided
from schema.rules.roles import Roles


class Decided:
    """The papers that hold something of the decision layer's, and what each belongs to."""

    def __init__(self, bodies: Mapping[tuple[str, str], Body]) -> None:
        self._of: dict[tuple[str, str], str] = {}
        self._held = Counter[str]()
        for key, body in bodies.items():
            self.put(key, body)

    def __contains__(self, id: str) -> bool:
        """Whether any of them belongs to this one."""
        return id in self._held

    def put(self, key: tuple[str, str], body: Body | None) -> None:
        """What a paper says now, None where it is deleted."""
        before = self._of.pop(key, None)
        if before is not None:
            self._held[before] -= 1
            if not self._held[before]:
                del self._held[before]
        if body is not None and is_decided(key[0], body):
            self._of[key] = of = str(body.get("of") or "")
            self._held[of] += 1


class Known(NamedTuple):
    """What was worked out of the records as they stood at a seq."""

    seq: int
    roles: Roles | None
    decided: Decided | None
