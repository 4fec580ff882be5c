"""A year's days off and make-up days as people read and change them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from schema.calendar_data import shipped
from schema.ids import derived_id
from schema.records import kind
from schema.records.kind import Body
from schema.wording import _
from schema.workdays import MAKE_UP, OFF, Calendar
from syncd.store.replica import Replica
from syncd.store.rows import Change, Record
from tui.acts import body_of, checked

FIRST, LAST = 1900, 2999
"""The years that a calendar record may be of."""

_DAY = timedelta(days=1)


class Year(NamedTuple):
    """A year as a replica has it; `record` is the one that says so, None where the list is shipped or none is."""

    year: int
    calendar: Calendar
    record: Record | None
    region: str
    source: str

    @property
    def published(self) -> bool:
        """Whether its official list is known."""
        return self.calendar.published(self.year)

    def of(self, sort: str) -> list[date]:
        """Its days of one sort, OFF or MAKE_UP, in their order."""
        return [day for day in days_of(self.year) if self.calendar.sort_of(day) == sort]

    @property
    def working_days(self) -> int:
        first, last = date(self.year, 1, 1), date(self.year, 12, 31)
        return self.calendar.workdays_between(first - _DAY, last)

    def as_json(self) -> Mapping[str, Any]:
        """It for programs."""
        return {
            "year": self.year,
            "published": self.published,
            "region": self.region,
            "source": self.source,
            "off": [day.isoformat() for day in self.of(OFF)],
            "work": [day.isoformat() for day in self.of(MAKE_UP)],
            "working_days": self.working_days,
            "id": self.record.id if self.record else None,
            "changed_by": self.record.shown.author if self.record else None,
        }


def days_of(year: int) -> list[date]:
    """Every day of a year."""
    first = date(year, 1, 1)
    return [first + n * _DAY for n in range((date(year, 12, 31) - first).days + 1)]


def record_id(year: int) -> str:
    """The id of the record of a year."""
    return derived_id("calendar", str(year))


def year_of(replica: Replica, year: int, calendar: Calendar) -> Year:
    """A year under the calendar of a replica."""
    record = _held(replica, year)
    if record is not None:
        body = body_of(record)
        return Year(year, calendar, record, _text(body, "region"), _text(body, "source"))
    if shipped().published(year):
        notice = _("the State Council's notice, as duijie ships it")
        return Year(year, calendar, None, _("Mainland China"), notice)
    return Year(year, calendar, None, "", "")


def turned(replica: Replica, day: date) -> list[Change]:
    """The edit that makes of a day what comes next: ordinary, official day off, make-up day.

    On a weekday there is no make-up day: people work anyway.
    """
    body = _begun(replica, day.year)
    off, work = _days(body.get("off")), _days(body.get("work"))
    name = day.isoformat()
    if name in work:
        work.discard(name)
        if day.weekday() < 5:
            off.discard(name)
    elif name not in off:
        off.add(name)
    else:
        off.discard(name)
        if day.weekday() >= 5:
            work.add(name)
    return _saved(replica, day.year, {**body, "off": sorted(off), "work": sorted(work)})


def published(replica: Replica, year: int, *, official: bool) -> list[Change]:
    """The edit that says whether the days of a year are the official ones."""
    body = _begun(replica, year)
    body.pop("published", None)
    return _saved(replica, year, {**body, "published": True} if official else body)


def begun(year: int) -> dict[str, Any]:
    """What a record of a year begins with: the list that is shipped, where one is."""
    base = shipped()
    body: dict[str, Any] = {"title": str(year), "year": year}
    if base.published(year):
        body |= {
            "off": sorted(day.isoformat() for day in base.off if day.year == year),
            "work": sorted(day.isoformat() for day in base.work if day.year == year),
            "published": True,
        }
    return body


def _held(replica: Replica, year: int) -> Record | None:
    record = replica.record("calendar", record_id(year))
    return None if record is None or record.shown.deleted else record


def _begun(replica: Replica, year: int) -> dict[str, Any]:
    record = _held(replica, year)
    return body_of(record) if record is not None else begun(year)


def _saved(replica: Replica, year: int, body: Body) -> list[Change]:
    record = _held(replica, year)
    before = body_of(record) if record is not None else None
    after = {name: value for name, value in body.items() if value not in ([], "")}
    return [Change("calendar", record_id(year), checked(kind("calendar"), after, before))]


def _days(said: object) -> set[str]:
    """The days of a list, whatever else an odd client put into it."""
    found = set()
    for text in said if isinstance(said, list) else ():
        try:
            found.add(date.fromisoformat(text).isoformat())
        except (TypeError, ValueError):
            continue
    return found


def _text(body: Body, field: str) -> str:
    value = body.get(field)
    return value if isinstance(value, str) else ""
