from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from schema.stamps import STAMP_LIMIT, effective

YEAR = 365 * 86_400 * 1_000_000
NOW = 1_790_000_000_000_000
STAMPS = st.integers(0, NOW)


def stamp(
    *,
    at: int = NOW,
    offset: int = 0,
    heard: int = 0,
    before: int = 0,
    made_on: Sequence[int] = (),
    now: int = NOW,
) -> int:
    return effective(at=at, offset=offset, heard=heard, before=before, made_on=made_on, now=now)


def test_an_edit_of_the_past_keeps_its_time() -> None:
    assert stamp(at=NOW - 5_000_000) == NOW - 5_000_000


def test_the_offset_puts_a_wrong_clock_right() -> None:
    assert stamp(at=NOW - YEAR, offset=YEAR - 7) == NOW - 7


def test_a_clock_ahead_is_believed_up_to_the_hubs_time() -> None:
    assert stamp(at=NOW + YEAR) == NOW


def test_a_clock_behind_stands_after_what_was_heard() -> None:
    assert stamp(at=NOW - YEAR, heard=NOW - 10) == NOW - 9


def test_what_is_said_to_be_heard_is_believed_up_to_the_hubs_time() -> None:
    assert stamp(at=NOW, heard=NOW + YEAR) == NOW + 1


def test_an_edit_stands_after_what_it_was_made_on() -> None:
    assert stamp(at=5, made_on=[3, NOW + YEAR, 4]) == NOW + YEAR + 1


def test_an_edit_stands_after_its_replicas_edit_before() -> None:
    assert stamp(at=5, before=NOW) == NOW + 1


def test_a_clock_before_1970_gives_a_stamp() -> None:
    assert stamp(at=-YEAR) == 1


def test_stamps_stay_exact_in_any_json_reader() -> None:
    assert stamp(made_on=[STAMP_LIMIT]) == STAMP_LIMIT < 1 << 53


@given(st.integers(-NOW, 2 * NOW), st.integers(-NOW, NOW), STAMPS, STAMPS, st.lists(STAMPS))
def test_a_stamp_is_after_all_below_and_never_ahead_of_all(
    at: int, offset: int, heard: int, before: int, made_on: list[int]
) -> None:
    given_here = stamp(at=at, offset=offset, heard=heard, before=before, made_on=made_on)
    below = max([before, heard, 0, *made_on])
    assert given_here > below
    assert given_here <= max(NOW, below + 1)
