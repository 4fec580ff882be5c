"""What a document is compiled from: records as a replica shows them, a moment, and who is called what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from msgspec import Struct

from schema.ids import derived_id
from schema.papers.dates import dated, moment
from schema.records.bodies import due_at, title_of
from schema.records.kind import Body
from schema.records.registry import KINDS
from schema.rules.lights import Shown, shown
from schema.wording import _
from schema.workdays import Calendar

SHORT_ID = 6
_NEVER = "9"


class Source(Struct, frozen=True, kw_only=True):
    """One record; `at` is when the version shown was written, in microseconds.

    `conflicts` counts its open ones. The body may be any that a client wrote.
    """

    kind: str
    id: str
    number: str = ""
    body: Body
    author: str = ""
    at: int = 0
    dot: str = ""
    deleted: bool = False
    unsent: bool = False
    conflicts: int = 0

    def text(self, field: str) -> str:
        """A field that is one text; "" where it is none."""
        value = self.body.get(field)
        return value if isinstance(value, str) else ""

    def texts(self, field: str) -> list[str]:
        """The texts of a list."""
        value = self.body.get(field)
        found = value if isinstance(value, list | tuple) else ()
        return [each for each in found if isinstance(each, str) and each]

    def rows(self, field: str) -> list[Body]:
        """The rows of a field, or its single row."""
        value = self.body.get(field)
        found = value if isinstance(value, list | tuple) else (value,)
        return [each for each in found if isinstance(each, dict)]

    def whole(self, field: str) -> int | None:
        """A whole number."""
        value = self.body.get(field)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def word(self, field: str) -> str:
        """An enum word as people read it; one that is not known here stays as it is."""
        return word(self.kind, field, self.text(field))

    @property
    def state(self) -> str:
        return self.text("state")

    @property
    def order(self) -> tuple[str, str]:
        """By due, then by when it was made; what has no due comes last."""
        return due_at(self.text("due")) or _NEVER, self.id


class Pointing(Struct, frozen=True):
    """Read the records of `kind` whose `field` holds the `key` of what was read as `to`; "" is the record itself.

    `field` is one that the store lifts out of a body; `free` leaves out what belongs to another record.
    """

    kind: str
    field: str
    to: str = ""
    key: str = "id"
    free: bool = False


class Named(Struct, frozen=True):
    """Read the records that those read as `kind` name in `field`; "" is the record itself."""

    kind: str
    field: str


Read = Pointing | Named


class Material:
    """A record, what was read around it, and a moment; `now` in microseconds.

    `seq` is how far the replica had heard, `joined` whether it has a hub at all.
    """

    def __init__(
        self,
        record: Source,
        around: Sequence[Source],
        *,
        now: int,
        zone: str,
        calendar: Calendar,
        warn: int = 2,
        seq: int = 0,
        joined: bool = False,
    ) -> None:
        self.record = record
        self.now = now
        self.zone = zone
        self.calendar = calendar
        self.seq = seq
        self.joined = joined
        self._warn = warn
        self._by_key = {(each.kind, each.id): each for each in [*around, record]}
        self._pointing: dict[tuple[str, str], dict[str, list[Source]]] = {}

    # -- records

    @cached_property
    def sources(self) -> list[Source]:
        """Every record that was read, in an order that is the same everywhere."""
        places = {name: place for place, name in enumerate(KINDS)}
        return sorted(
            self._by_key.values(), key=lambda each: (places.get(each.kind, len(places)), each.id)
        )

    def of_kind(self, kind: str) -> list[Source]:
        """The undeleted records of a kind, in the order they were made."""
        return [each for each in self.sources if each.kind == kind and not each.deleted]

    def pointing(self, kind: str, field: str, to: str) -> list[Source]:
        """The undeleted records of a kind whose `field` is this id."""
        if (kind, field) not in self._pointing:
            found: dict[str, list[Source]] = {}
            for each in self.of_kind(kind):
                found.setdefault(each.text(field), []).append(each)
            self._pointing[kind, field] = found
        return self._pointing[kind, field].get(to, [])

    def find(self, id: str, *kinds: str) -> Source | None:
        """The record of this id, of one of these kinds or of any; a deleted one too."""
        among = kinds or tuple(KINDS)
        return next((self._by_key[kind, id] for kind in among if (kind, id) in self._by_key), None)

    def called(self, id: str) -> str:
        """What a reference points at: number and title, or that it points at nothing."""
        if not id:
            return ""
        found = self.find(id)
        if found is None:
            return _("{id} (missing)", id=id[-SHORT_ID:])
        name = " ".join(filter(None, [found.number, title(found)]))
        return _("{name} (deleted)", name=name) if found.deleted else name

    # -- people and departments

    def person(self, name: str) -> Source | None:
        """The record of a person by name."""
        return self.find(derived_id("person", name), "person") if name else None

    def named(self, name: str) -> str:
        """What a person is called."""
        found = self.person(name)
        return (found.text("title") if found else "") or name

    def contact(self, name: str) -> str:
        """How a person is reached."""
        found = self.person(name)
        return found.text("contact") if found else ""

    def department(self, name: str) -> str:
        """What a department is called."""
        found = self.find(derived_id("department", name), "department") if name else None
        return (found.text("title") if found else "") or name

    def departments(self, names: Sequence[str]) -> str:
        """What departments are called, in one line."""
        return _(", ").join(self.department(each) for each in dict.fromkeys(names) if each)

    def owner(self, paper: Source) -> str:
        """Who owns a paper, with the department beside the name."""
        person = self.named(paper.text("owner"))
        department = self.department(paper.text("department"))
        if person and department:
            return _("{person} ({department})", person=person, department=department)
        return person or department

    # -- time

    def day(self, stored: object) -> str:
        """A stored date in words."""
        return dated(stored, self.calendar) if isinstance(stored, str) else ""

    def at(self, us: int) -> str:
        """An instant in words, on the wall of the workspace's zone."""
        return moment(us, self.zone)

    def span(self, begins: str, ends: str) -> str:
        """From one stored date to another, where either is known."""
        if begins and ends:
            return _("{begin} to {end}", begin=self.day(begins), end=self.day(ends))
        if begins:
            return _("from {day}", day=self.day(begins))
        return _("by {day}", day=self.day(ends)) if ends else ""

    def shown(self, paper: Source) -> Shown:
        """How a paper stands at the moment."""
        now = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=self.now)
        return shown(
            paper.kind, paper.body, now=now, zone=self.zone, calendar=self.calendar, warn=self._warn
        )


def title(source: Source) -> str:
    """What a record is called."""
    return title_of(source.kind, source.body) if source.kind in KINDS else source.text("title")


def word(kind: str, field: str, token: Any) -> str:
    """An enum word as people read it; one that is not known here stays as it is."""
    if not isinstance(token, str):
        return ""
    spec = KINDS[kind].by_name.get(field)
    labels = dict(spec.words) if spec else {}
    return _(labels[token]) if token in labels else token


def cell_word(kind: str, field: str, cell: str, token: Any) -> str:
    """An enum word inside a small row as people read it."""
    cells = {spec.name: dict(spec.words) for spec in KINDS[kind].by_name[field].cells}
    if not isinstance(token, str):
        return ""
    return _(cells[cell][token]) if token in cells[cell] else token
