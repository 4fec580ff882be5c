"""The official working calendar of mainland China for the years published so far.

From the State Council's yearly notices on holidays; weekends that fall into a holiday are listed too. A
`calendar` record of the workspace overrides a year given here.
"""

from __future__ import annotations

from datetime import date
from functools import cache

from schema.workdays import Calendar

_OFF = {
    2024: (
        "01-01 02-10 02-11 02-12 02-13 02-14 02-15 02-16 02-17 04-04 04-05 04-06 05-01 05-02 05-03 05-04 "
        "05-05 06-10 09-15 09-16 09-17 10-01 10-02 10-03 10-04 10-05 10-06 10-07"
    ),
    2025: (
        "01-01 01-28 01-29 01-30 01-31 02-01 02-02 02-03 02-04 04-04 04-05 04-06 05-01 05-02 05-03 05-04 "
        "05-05 05-31 06-01 06-02 10-01 10-02 10-03 10-04 10-05 10-06 10-07 10-08"
    ),
    2026: (
        "01-01 01-02 01-03 02-15 02-16 02-17 02-18 02-19 02-20 02-21 02-22 02-23 04-04 04-05 04-06 05-01 "
        "05-02 05-03 05-04 05-05 06-19 06-20 06-21 09-25 09-26 09-27 10-01 10-02 10-03 10-04 10-05 10-06 10-07"
    ),
}
_WORK = {
    2024: "02-04 02-18 04-07 04-28 05-11 09-14 09-29 10-12",
    2025: "01-26 02-08 04-27 09-28 10-11",
    2026: "01-04 02-14 02-28 05-09 09-20 10-10",
}


@cache
def shipped() -> Calendar:
    """The calendar that a workspace starts with; later years are not published yet."""
    return Calendar(off=_days(_OFF), work=_days(_WORK), published=_OFF)


def _days(lists: dict[int, str]) -> list[date]:
    return [
        date.fromisoformat(f"{year}-{day}") for year, days in lists.items() for day in days.split()
    ]
