"""What two versions say differently, and one made of both."""

from __future__ import annotations

from typing import Any

import pytest

from schema.conflicts import DELETED, Said, Side, changed, differs, mix, overlaps
from schema.errors import UsageError

BASE = {"title": "说明书", "priority": 3, "standard": ["a"], "due": "2026-11-24"}


def said(**changes: Any) -> Said:
    return Said({name: value for name, value in {**BASE, **changes}.items() if value is not None})


def test_only_fields_with_another_value_differ() -> None:
    assert differs(said(priority=1), said(due="2026-11-25")) == ["priority", "due"]


def test_absent_and_empty_are_the_same() -> None:
    assert differs(said(note=""), said(note=None)) == []
    assert differs(said(standard=[]), said(standard=None)) == []


def test_one_and_true_are_not_the_same() -> None:
    assert differs(said(decides=1), said(decides=True)) == ["decides"]


def test_unknown_fields_are_compared_like_others() -> None:
    assert differs(said(newer={"a": [1]}), said(newer={"a": [2]})) == ["newer"]


def test_only_fields_that_both_changed_overlap() -> None:
    head, other = said(priority=1, title="甲"), said(due="2026-11-25", title="乙")
    assert overlaps(Said(BASE), head, other) == ["title"]


def test_the_same_change_on_both_sides_is_none() -> None:
    assert overlaps(Said(BASE), said(priority=1), said(priority=1)) == []


def test_without_a_base_everything_that_differs_overlaps() -> None:
    assert overlaps(None, said(priority=1), said(priority=2)) == ["priority"]


def test_both_sides_are_taken_where_nothing_overlaps() -> None:
    mixed = mix(Said(BASE), said(priority=1, newer="x"), said(due=None), {})
    assert mixed == {"title": "说明书", "priority": 1, "standard": ["a"], "newer": "x"}


def test_an_overlap_that_nobody_chose_is_named() -> None:
    with pytest.raises(UsageError, match="title") as caught:
        mix(Said(BASE), said(title="甲", due="2026-11-25"), said(title="乙"), {})
    assert caught.value.exit_code == 2
    assert "due" not in caught.value.sentence


def test_choices_take_a_side_or_a_value() -> None:
    head, other = said(title="甲", priority=1), said(title="乙", priority=2)
    mixed = mix(Said(BASE), head, other, {"title": Side.OTHER, "priority": 4})
    assert (mixed["title"], mixed["priority"]) == ("乙", 4)


def test_a_choice_can_turn_down_what_one_side_alone_changed() -> None:
    assert mix(Said(BASE), said(priority=1), said(title="乙"), {"priority": Side.OTHER}) == {
        **BASE,
        "title": "乙",
    }


def test_a_choice_can_empty_a_field() -> None:
    assert "title" not in mix(Said(BASE), said(title="甲"), said(title="乙"), {"title": None})


def test_a_field_that_one_side_emptied_stays_empty() -> None:
    assert "due" not in mix(Said(BASE), said(priority=1), said(due=None), {})


def test_without_a_base_the_whole_record_is_to_be_chosen() -> None:
    with pytest.raises(UsageError, match=r"priority.*due|due.*priority"):
        mix(None, said(priority=1), said(due="2026-12-01"), {})


def test_a_deletion_against_an_edit_is_one_choice() -> None:
    head, other = said(title="甲"), Said(BASE, deleted=True)
    assert differs(head, other) == [DELETED, "title"]
    assert overlaps(Said(BASE), head, other) == [DELETED]
    with pytest.raises(UsageError, match="--keep"):
        mix(Said(BASE), head, other, {"title": Side.HEAD})


def test_two_deletions_say_the_same() -> None:
    assert differs(Said({"a": 1}, deleted=True), Said({"a": 2}, deleted=True)) == []


def test_a_first_version_changed_all_its_fields() -> None:
    assert changed(None, said(note="")) == ["title", "priority", "standard", "due"]
    assert changed(said(), Said(BASE, deleted=True)) == [DELETED]
