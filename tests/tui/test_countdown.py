"""The words of a countdown on days on which nobody works."""

from __future__ import annotations

from datetime import date

import pytest

from schema import wording
from schema.records import KINDS
from schema.rules.lights import YELLOW, Shown
from tui.cli.text import day_left
from tui.cli.views import countdown
from tui.views.fields import blank_words, slots_of
from tui.views.step_lines import effects
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


def test_the_hint_of_rows_lists_the_words_of_a_cell_and_what_is_read_is_in_words() -> None:
    wording.use("zh")
    effect = next(slot for slot in slots_of(KINDS["blocker"]) if slot.key == "effect")
    assert blank_words(effect, needed=False) == "落在谁身上（业务 / 客户 / 团队） | 程度"
    assert effects([("business", "停两天产品部")]) == "业务   停两天产品部"
