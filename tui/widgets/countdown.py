"""Countdowns in words: on cards, where 日 stands for a working day, and in full."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache

from schema.dates import local
from schema.rules.lights import GREEN, MINUTES, RED, YELLOW, Shown
from schema.wording import N_, _
from tui.cli.text import day_left
from tui.workspace import Workspace

LIGHTS = {RED: N_("red"), YELLOW: N_("yellow"), GREEN: N_("green")}
LONG = 99


def card_countdown(shown: Shown, due: str, day: date) -> str:
    """The time left or gone by on a day in at most nine cells; over 99 days the date."""
    if shown.left is None:
        return ""
    if shown.light == RED and shown.late_days:
        return _("-{n} wd", n=shown.late_days) if shown.late_days <= LONG else due[5:10]
    if shown.unit == MINUTES:
        hours, minutes = divmod(abs(shown.left), 60)
        clock = f"{hours}:{minutes:02}"
        return _("-{time}", time=clock) if shown.left < 0 else _("{time} to go", time=clock)
    if shown.light == RED:
        return _("overdue")
    if shown.left > LONG:
        return due[2:10] if shown.left > 250 else due[5:10]
    return _("{n} wd", n=shown.left) if shown.left else day_left(due, day)


def countdown(shown: Shown, due: str, workspace: Workspace, ends: int | None = None) -> str:
    """The time left or gone by, in full; `ends` is the moment where the clock has one, in microseconds."""
    if shown.left is None:
        return ""
    if shown.light == RED and shown.late_days:
        return _("{n} wd late", n=shown.late_days)
    if shown.unit == MINUTES:
        seconds = (
            seconds_left(due, workspace)
            if ends is None
            else int((ends - workspace.now()) / 1_000_000)
        )
        clock = clock_words(abs(seconds))
        return _("{time} late", time=clock) if seconds < 0 else _("{time} left", time=clock)
    if shown.light == RED or shown.left < 0:
        return _("overdue")
    if not shown.left:
        return day_left(due, wall_of(workspace).date())
    return _("{n} wd left", n=shown.left)


def signed_countdown(shown: Shown, seconds: int, due: str, day: date) -> str:
    """The time left on a day in working days or on the clock, negative once it is late."""
    if shown.left is None and not seconds:
        return ""
    if shown.unit == MINUTES:
        return ("-" if seconds < 0 else "") + clock_words(abs(seconds))
    if shown.light == RED and shown.late_days:
        return _("-{n} w.d.", n=shown.late_days)
    if shown.light == RED:
        return _("overdue")
    return _("{n} w.d.", n=shown.left) if shown.left else day_left(due, day)


def clock_words(seconds: int) -> str:
    """So many seconds as `3:12:08`."""
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def seconds_left(due: str, workspace: Workspace) -> int:
    """The seconds until a due that has an hour, `24:00` included; negative once it has passed."""
    return seconds_from(wall_of(workspace), due)


def wall_of(workspace: Workspace) -> datetime:
    """What a clock on the wall of the workspace shows now."""
    return local(workspace.moment(), workspace.setting.zone).replace(tzinfo=None)


def seconds_from(wall: datetime, due: str) -> int:
    """The seconds from a time on the wall until a due is over."""
    return int((_end(due) - wall).total_seconds())


@lru_cache(1024)
def _end(due: str) -> datetime:
    day, _t, hour = due.partition("T")
    at = datetime.fromisoformat(day)
    return at + timedelta(days=1) if hour in ("", "24:00") else datetime.fromisoformat(due)
