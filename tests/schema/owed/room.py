"""A small workspace to try the rules in: papers put down at a time, and the lines that follow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from schema.ids import derived_id
from schema.records import own_id
from schema.rules.owed.table import Line, owed
from schema.rules.timing import instant
from schema.rules.world import Open, Paper, Settle, World, Write

ZONE = "Asia/Shanghai"
HOUR = 3_600_000_000


def us(wall: str) -> int:
    return instant(datetime.fromisoformat(wall), ZONE)


class Room:
    """Papers by id. What is put is taken by the hub at once, unless it is said not to be."""

    def __init__(self, now: str = "2026-11-18T10:00") -> None:
        self.now = us(now)
        self.papers: dict[str, Paper] = {}
        self._made = 0

    def at(self, wall: str) -> Room:
        """The same papers at another moment; what is put from then on is put then."""
        self.now = us(wall)
        return self

    def put(
        self, kind: str, by: str = "", *, id: str = "", taken: bool = True, **body: Any
    ) -> Paper:
        """A paper, new or edited; an edit names its id and gives the whole body but what it keeps."""
        held = self.papers.get(id)
        if held is not None:
            body = {**held.body, **body}
        body = {name: value for name, value in body.items() if value not in (None, "", [], {})}
        self._made += 1
        id = id or own_id(kind, body, by) or derived_id("test", str(self._made))
        accepted = held.accepted if held is not None else self.now if taken else None
        self.papers[id] = Paper(
            kind=kind,
            id=id,
            body=body,
            author=by,
            at=self.now,
            accepted=accepted,
            dot=f"aaaaaaaa:{self._made}",
        )
        return self.papers[id]

    def edit(self, paper: Paper, by: str = "", **fields: Any) -> Paper:
        return self.put(paper.kind, by or paper.author, id=paper.id, **fields)

    def take(self, paper: Paper) -> None:
        """The hub has it now."""
        self.papers[paper.id] = msgspec.structs.replace(paper, accepted=self.now)

    def remove(self, paper: Paper) -> None:
        del self.papers[paper.id]

    @property
    def world(self) -> World:
        return World.of(self.papers.values(), now=self.now)

    def lines(self, rule: str = "", of: Paper | None = None) -> list[Line]:
        return [
            line
            for line in owed(self.world)
            if (not rule or line.rule == rule) and (of is None or line.id == of.id)
        ]

    def one(self, rule: str, of: Paper | None = None) -> Line:
        """The only line of a rule."""
        (line,) = self.lines(rule, of)
        return line

    def asked(self, rule: str, of: Paper | None = None) -> list[tuple[str, ...]]:
        return [line.to for line in self.lines(rule, of)]

    # -- people

    def person(self, name: str, department: str = "", **body: Any) -> Paper:
        return self.put("person", name, name=name, department=department, **body)

    def seat(
        self,
        of: Paper,
        person: str,
        department: str = "",
        role: str = "",
        layer: str = "",
        **body: Any,
    ) -> Paper:
        return self.put(
            "seat",
            "*经理",
            of=of.id,
            person=person,
            department=department,
            role=role,
            layer=layer,
            **body,
        )

    def follow(self, line: Line, **body: Any) -> Paper:
        """Do what a line says, with what a person would add, as the first who is asked."""
        by = line.to[0]
        match line.step:
            case Write(kind, begun):
                return self.put(kind, by, **{**begun, **body})
            case Open(kind, id) | Settle(kind, id):
                return self.put(kind, by, id=id, **body)


def identities(lines: Sequence[Line]) -> list[tuple[str, str, str]]:
    return [line.identity for line in lines]
