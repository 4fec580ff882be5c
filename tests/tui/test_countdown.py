"""The words of a countdown on days on which nobody works."""

from __future__ import annotations

from datetime import date

import pytest

from schema import wording
from schema.rules.lights import YELLOW, Shown
from tui.cli.text import day_left
from tui.cli.views import countdown
from tui.widgets.countdown import card_countdown, signed_countdown

SATURDAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("due", "words"),
    [("2026-11-21", "今天"), ("2026-11-22", "明天"), ("2026-11-23", "11-23")],
)
def test_without_a_working_day_left_every_screen_says_the_day_and_today_only_of_today(
    due: str, words: str
) -> None:
    wording.use("zh")
    shown = Shown(light=YELLOW, left=0)
    assert day_left(due, SATURDAY) == words
    assert card_countdown(shown, due, SATURDAY) == words
    assert signed_countdown(shown, 1, due, SATURDAY) == words
    assert countdown(shown, due, SATURDAY) == words
