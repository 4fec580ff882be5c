"""Dates as people write them, stored as `2026-11-27` or `2026-11-27T17:00` in the workspace's zone."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from schema.errors import DateError
from schema.safe_text import safe_text
from schema.wording import _

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from schema.workdays import Calendar

Kind = Literal["date", "when", "month"]

# Patterns are compiled when first used, for a quick start.
_STORED_DAY = r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}"
_HOUR = (
    r"(?P<day>.*?)(?:(?<=[0-9])t|\s*)(?<![0-9])"
    r"(?P<half>上午|早上|下午|晚上)?\s?(?P<hour>[0-9]{1,2})"
    r"(?::(?P<minute>[0-9]{2})\s?(?P<meridiem>am|pm)?|[点时](?P<past>半|[0-9]{1,2}分?)?|\s?(?P<clock>am|pm))"
)
_FULL = r"([12][0-9]{3})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})[日号]?"
_SHORT = r"([0-9]{1,2})(?:[-/]|月)([0-9]{1,2})[日号]?"
_OFFSET = r"([+-]?)([0-9]{1,4}) ?(d|wd|w)"
_HAN_OFFSET = r"([0-9]{1,4}) ?(天|个?工作日|周|个?星期)[以之]?([后前])"
_WEEKDAY = r"(?P<which>this |next |last )?(?P<name>[a-z]+)"
_HAN_WEEKDAY = r"(?P<which>本|这|下+|上+)?个?(?:周|星期|礼拜)(?P<name>[一二三四五六日天])"
_MONTH = r"([12][0-9]{3})[-/.年]([0-9]{1,2})月?"
_SHORT_MONTH = r"([0-9]{1,2})月"
_MONTH_WORDS = r"(this|next|last) month|(本|这个?|下个?|上个?)月"

_DAY_WORDS = {
    **dict.fromkeys(("today", "今天", "今日"), 0),
    **dict.fromkeys(("tomorrow", "明天", "明日"), 1),
    **dict.fromkeys(("yesterday", "昨天", "昨日"), -1),
    "后天": 2,
    "大后天": 3,
    "前天": -2,
}
_WEEKDAYS = {
    **dict.fromkeys(("mon", "monday", "一"), 0),
    **dict.fromkeys(("tue", "tues", "tuesday", "二"), 1),
    **dict.fromkeys(("wed", "wednesday", "三"), 2),
    **dict.fromkeys(("thu", "thur", "thurs", "thursday", "四"), 3),
    **dict.fromkeys(("fri", "friday", "五"), 4),
    **dict.fromkeys(("sat", "saturday", "六"), 5),
    **dict.fromkeys(("sun", "sunday", "日", "天"), 6),
}
_DASHES = str.maketrans("–—−", "---")
_HALF_A_YEAR = 183


def parse(text: str, *, now: datetime, zone: str, calendar: Calendar, kind: Kind) -> str:
    """The stored form of a date as a person writes it; a DateError lists examples.

    A weekday is the next one, today included; with 本/this it is that of this ISO week, with 下/next of the
    next. A date without a year is this year's, or next year's where that lies over half a year back.
    """
    if kind != "month" and re.fullmatch(_STORED_DAY, text):
        found = _date(int(text[:4]), int(text[5:7]), int(text[8:]))
        if found is not None:
            return text
    folded = _fold(text)
    day = today(now, zone)
    if kind == "month":
        month = _month(folded, day)
        if month is None:
            raise _unreadable(text, kind)
        return month
    folded, hour = _split(folded)
    try:
        found = day if hour is not None and not folded else _day(folded, day, calendar)
    except OverflowError:
        found = None
    if found is None or hour == "":
        raise _unreadable(text, kind)
    if hour is None:
        return found.isoformat()
    if kind == "date":
        raise DateError(
            _("This field takes a day, not an hour."), _("Leave the hour out: 2026-11-27.")
        )
    return f"{found.isoformat()}T{hour}"


def today(now: datetime, zone: str) -> date:
    """The day it is in the zone at this instant."""
    return local(now, zone).date()


def local(now: datetime, zone: str) -> datetime:
    """The clock on the wall of the zone at this instant, without an offset, as stored dates are."""
    if now.tzinfo is None:
        raise ValueError("now has no offset")
    return now.astimezone(_zone(zone)).replace(tzinfo=None)


def due_passed(stored: str, now: datetime, zone: str) -> bool:
    """Whether a stored date has passed; one without an hour passes at the next midnight, none never does."""
    if not stored:
        return False
    wall = local(now, zone)
    if len(stored) == 10:
        return date.fromisoformat(stored) < wall.date()
    return datetime.fromisoformat(stored) < wall


def day_of(stored: str) -> date:
    """The day of a stored date."""
    return date.fromisoformat(stored[:10])


def known_zone(zone: str) -> bool:
    """Whether this machine knows a zone of this IANA name."""
    try:
        _zone(zone)
    except DateError:
        return False
    return True


def _zone(zone: str) -> ZoneInfo:
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise DateError(
            _("No time zone is called {zone}.", zone=safe_text(zone)[:40]),
            _("Write one such as Asia/Shanghai."),
        ) from None


def _fold(text: str) -> str:
    from unicodedata import normalize

    return " ".join(normalize("NFKC", text).translate(_DASHES).lower().split())


def _split(folded: str) -> tuple[str, str | None]:
    """The day and the hour apart; the hour is None where there is none, "" where it cannot be."""
    found = re.fullmatch(_HOUR, folded)
    if found is None:
        return folded, None
    hour = int(found["hour"])
    past = (found["past"] or "0").removesuffix("分")
    minute = 30 if past == "半" else int(found["minute"] or past)
    half = found["half"] or found["meridiem"] or found["clock"]
    if half in ("下午", "晚上", "pm") and hour < 12:
        hour += 12
    elif half == "am" and hour == 12:
        hour = 0
    if hour > 23 or minute > 59:
        return found["day"], ""
    return found["day"], f"{hour:02}:{minute:02}"


def _day(folded: str, day: date, calendar: Calendar) -> date | None:
    if folded in _DAY_WORDS:
        return day + timedelta(days=_DAY_WORDS[folded])
    if found := re.fullmatch(_FULL, folded):
        return _date(*(int(part) for part in found.groups()))
    if found := re.fullmatch(_SHORT, folded):
        return _without_year(int(found[1]), int(found[2]), day)
    if found := re.fullmatch(_OFFSET, folded):
        return _away(day, -int(found[2]) if found[1] == "-" else int(found[2]), found[3], calendar)
    if found := re.fullmatch(_HAN_OFFSET, folded):
        unit = {"天": "d", "日": "wd"}.get(found[2][-1], "w")
        return _away(day, -int(found[1]) if found[3] == "前" else int(found[1]), unit, calendar)
    if found := re.fullmatch(_WEEKDAY, folded) or re.fullmatch(_HAN_WEEKDAY, folded):
        return _weekday(found["which"] or "", found["name"], day)
    return None


def _away(day: date, n: int, unit: str, calendar: Calendar) -> date:
    if unit == "wd":
        return calendar.add_workdays(day, n)
    return day + timedelta(days=n * 7 if unit == "w" else n)


def _weekday(which: str, name: str, day: date) -> date | None:
    if name not in _WEEKDAYS:
        return None
    ahead = _WEEKDAYS[name] - day.weekday()
    if not which:
        return day + timedelta(days=ahead % 7)
    weeks = which.count("下") - which.count("上") + {"next ": 1, "last ": -1}.get(which, 0)
    return day + timedelta(days=ahead + weeks * 7)


def _without_year(month: int, day_of_month: int, day: date) -> date | None:
    for year in (day.year, day.year + 1):
        found = _date(year, month, day_of_month)
        if found is not None and (day - found).days <= _HALF_A_YEAR:
            return found
    return None


def _month(folded: str, day: date) -> str | None:
    if found := re.fullmatch(_MONTH, folded):
        first = _date(int(found[1]), int(found[2]), 1)
    elif found := re.fullmatch(_SHORT_MONTH, folded):
        first = _without_year(int(found[1]), 1, day.replace(day=1))
    elif found := re.fullmatch(_MONTH_WORDS, folded):
        step = {"n": 1, "下": 1, "l": -1, "上": -1}.get(found[0][0], 0)
        years, months = divmod(day.month - 1 + step, 12)
        first = _date(day.year + years, months + 1, 1)
    else:
        return None
    return None if first is None else first.isoformat()[:7]


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _unreadable(text: str, kind: Kind) -> DateError:
    shown = safe_text(text)[:40]
    if kind == "month":
        return DateError(
            _("This is not a month: {text}.", text=shown),
            _("Write 2026-11, 11月, this month or next month."),
        )
    if kind == "date":
        way_out = _("Write 2026-11-27, 11-27, fri, 下周五, tomorrow, +3d or +2wd (working days).")
    else:
        way_out = _(
            "Write 2026-11-27, 11-27 17:00, fri 17:00, 下周五, tomorrow, +3d or +2wd (working days)."
        )
    return DateError(_("This is not a date: {text}.", text=shown), way_out)
