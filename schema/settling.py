"""What is chosen of a conflict so far: each field from one side, or written anew.

Fields that one side alone changed start with that side; those that both changed start unchosen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, NamedTuple

import msgspec

from schema.conflicts import DELETED, Body, Said, Side, differs, mix, same
from schema.records.bodies import normal


class By(Enum):
    """Who changed a field since the base; `UNKNOWN` where there is no base."""

    BOTH = "both"
    HEAD = "head"
    OTHER = "other"
    ALIKE = "alike"
    NOBODY = "nobody"
    UNKNOWN = "unknown"


class Written(NamedTuple):
    """A value that was written anew; None empties the field."""

    value: Any


Choice = Side | Written

_encode = msgspec.json.Encoder(order="deterministic").encode
_SIDES = {side.value: side for side in Side}
_TURNED = {Side.HEAD: Side.OTHER, Side.OTHER: Side.HEAD}


class Point(NamedTuple):
    """A field of a conflict, and its value on each side; None where it is empty."""

    name: str
    by: By
    base: Any
    head: Any
    other: Any

    @property
    def differs(self) -> bool:
        return self.by not in (By.ALIKE, By.NOBODY)

    @property
    def mark(self) -> str:
        """Another one where any side says something else."""
        told = _encode([self.by.value, self.base, self.head, self.other])
        return hashlib.sha256(told).hexdigest()[:16]

    @property
    def turned(self) -> Point:
        """The same with its sides exchanged."""
        by = {By.HEAD: By.OTHER, By.OTHER: By.HEAD}.get(self.by, self.by)
        return Point(self.name, by, self.base, self.other, self.head)


class Draft:
    """A settlement that is being made; `head` is what it starts from.

    `order` is the order the fields are read in, those that it does not name last.
    """

    def __init__(
        self, base: Said | None, head: Said, other: Said, order: Sequence[str] = ()
    ) -> None:
        self.base, self.head, self.other = base, head, other
        self.choices: dict[str, Choice] = {}
        self.touched = False
        fields = differs(head, other)
        self.deletion = DELETED in fields
        was = normal(base.body) if base else {}
        first, second = normal(head.body), normal(other.body)
        points: list[Point] = []
        rest: list[Point] = []
        places = {name: place for place, name in enumerate(order)}
        names = sorted(
            {**first, **second, **was}, key=lambda name: (places.get(name, len(places)), name)
        )
        for name in names:
            values = was.get(name), first.get(name), second.get(name)
            if name in fields:
                points.append(Point(name, self._by(name, was, first, second), *values))
            elif base is not None and not same(was, first, name):
                points.append(Point(name, By.ALIKE, *values))
            else:
                rest.append(Point(name, By.NOBODY, *values))
        if self.deletion:
            gone = Point(
                DELETED, By.OTHER, base.deleted if base else None, head.deleted, other.deleted
            )
            points.insert(0, gone)
        self.points: list[Point] = points
        self.rest: list[Point] = rest
        self.take_both()
        self.touched = False

    def _by(self, name: str, was: Body, first: Body, second: Body) -> By:
        if self.base is None:
            return By.UNKNOWN
        if same(was, first, name):
            return By.OTHER
        return By.HEAD if same(was, second, name) else By.BOTH

    # -- choosing

    def choose(self, name: str, choice: Choice) -> None:
        """Take one side's value of a field, or one written anew; a deletion is one choice for the whole."""
        self.touched = True
        if self.deletion:
            if isinstance(choice, Side):
                self.choices = {DELETED: choice}
            return
        point = self.point(name)
        if point is None or (isinstance(choice, Side) and not point.differs):
            self.choices.pop(name, None)
            return
        self.choices[name] = choice

    def keep(self, side: Side) -> None:
        """Take one side whole."""
        self.touched = True
        if self.deletion:
            self.choices = {DELETED: side}
        else:
            self.choices = {point.name: side for point in self.points if point.differs}

    def take_both(self) -> None:
        """Take each field from the side that changed it; what both changed stays as it is chosen."""
        self.touched = True
        if self.deletion:
            return
        for point in self.points:
            if point.by in (By.HEAD, By.OTHER):
                self.choices[point.name] = Side.HEAD if point.by is By.HEAD else Side.OTHER

    def carry(self, before: Draft, *, turned: bool = False) -> int:
        """Choose what was chosen before where nothing has moved; how many choices were lost.

        `turned` says that what was the head is the other now, and the other way round.
        """
        lost = 0
        for name, choice in before.choices.items():
            here, there = self.point(name), before.point(name)
            if turned and there is not None:
                there = there.turned
                choice = choice if isinstance(choice, Written) else _TURNED[choice]
            if here is not None and here == there and self.deletion == before.deletion:
                self.choices[name] = choice
            elif here is None or here.by is not By.NOBODY:
                lost += 1
        self.touched = before.touched
        return lost

    def kept(self) -> dict[str, Any]:
        """The choices as JSON values that `choose_again` reads, each with the mark of its field."""
        return {
            name: [point.mark, choice.value, not isinstance(choice, Side)]
            for name, choice in self.choices.items()
            if (point := self.point(name)) is not None
        }

    def choose_again(self, kept: Mapping[str, Any]) -> int:
        """Choose what was chosen in another run where nothing has moved; how many choices were lost.

        What is no choice is passed over.
        """
        lost = 0
        for name, told in kept.items():
            match told:
                case [str(mark), str(side), False] if side in _SIDES:
                    choice: Choice = _SIDES[side]
                case [str(mark), value, True]:
                    choice = Written(value)
                case _:
                    continue
            point = self.point(name)
            if point is None or point.mark != mark:
                lost += point is None or point.by is not By.NOBODY
            elif isinstance(choice, Side) or not self.deletion:
                self.choices[name] = choice
        self.touched = True
        return lost

    # -- what it comes to

    def point(self, name: str) -> Point | None:
        return next((each for each in [*self.points, *self.rest] if each.name == name), None)

    @property
    def said(self) -> tuple[Said | None, Said, Said]:
        return self.base, self.head, self.other

    @property
    def left(self) -> list[str]:
        """The fields that are still to be chosen."""
        if self.deletion:
            return [] if DELETED in self.choices else [DELETED]
        return [each.name for each in self.points if each.differs and each.name not in self.choices]

    @property
    def whole(self) -> Side | None:
        """The side that is taken whole, where one is."""
        taken = {choice if isinstance(choice, Side) else None for choice in self.choices.values()}
        if self.left or len(taken) > 1:
            return None
        return taken.pop() if taken else Side.HEAD

    def count(self, side: Side | None) -> int:
        """How many fields are taken from a side; written anew where None."""
        return sum(
            (choice if isinstance(choice, Side) else None) is side
            for choice in self.choices.values()
        )

    def mixed(self) -> dict[str, Any]:
        """The body that the choices make; UsageError while something is left to choose."""
        return mix(self.base, self.head, self.other, dict(self._plain()))

    def _plain(self) -> Iterator[tuple[str, Any]]:
        for name, choice in self.choices.items():
            yield name, choice if isinstance(choice, Side) else choice.value
