"""The page of keys is what the table of actions says, and the table is sound."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from pathlib import Path

from textual.keys import _character_to_key

from tui.actions import _ALL, ACTIONS
from tui.keys import page
from tui.settings import named

DOCS = Path(__file__).parents[2] / "docs"
TYPED_FOR_OTHERS = {"ctrl+h", "ctrl+i", "ctrl+j", "ctrl+m"}


def test_the_page_of_keys_is_made_from_the_table() -> None:
    assert (DOCS / "keys.md").read_text("utf-8") == page(), "make keys"


def test_no_action_stands_twice_in_the_table() -> None:
    assert [id for id, n in Counter(action.id for action in _ALL).items() if n > 1] == []


def test_no_two_actions_of_a_group_share_a_key() -> None:
    shared = [
        (one.id, other.id)
        for one, other in combinations(ACTIONS.values(), 2)
        if one.id.partition(".")[0] == other.id.partition(".")[0]
        and set(filter(None, one.keys.split(","))) & set(filter(None, other.keys.split(",")))
    ]
    assert shared == []


def test_every_key_is_one_that_terminals_send() -> None:
    for action in ACTIONS.values():
        for key in filter(None, action.keys.split(",")):
            assert named(key) or _character_to_key(key), (action.id, key)
            assert key not in TYPED_FOR_OTHERS, action.id


def test_no_action_is_only_on_a_letter() -> None:
    for action in ACTIONS.values():
        keys = [key for key in action.keys.split(",") if key]
        assert not keys or any(len(key) > 1 or not key.isalpha() for key in keys), action.id
