"""What is chosen of a conflict before it is settled."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from schema.conflicts import DELETED, Said, Side
from schema.errors import UsageError
from schema.settling import By, Draft, Written

BASE: dict[str, Any] = {"title": "t", "note": "n", "owner": "o", "x": 1}


def draft(
    first: dict[str, Any], second: dict[str, Any], base: dict[str, Any] | None = BASE
) -> Draft:
    was = Said(base) if base is not None else None
    return Draft(was, Said({**BASE, **first}), Said({**BASE, **second}), ["title", "owner"])


def test_fields_stand_in_their_order_with_who_changed_them() -> None:
    made = draft({"title": "a", "note": "h", "x": 2}, {"title": "b", "owner": "p", "x": 2})
    assert [(each.name, each.by) for each in made.points] == [
        ("title", By.BOTH),
        ("owner", By.OTHER),
        ("note", By.HEAD),
        ("x", By.ALIKE),
    ]
    assert made.rest == []


def test_one_sided_changes_are_chosen_and_overlaps_are_left() -> None:
    made = draft({"title": "a", "note": "h"}, {"title": "b", "owner": "p"})
    assert made.choices == {"note": Side.HEAD, "owner": Side.OTHER}
    assert made.left == ["title"]
    with pytest.raises(UsageError):
        made.mixed()
    made.choose("title", Side.OTHER)
    assert made.mixed() == {"title": "b", "note": "h", "owner": "p", "x": 1}


def test_without_a_base_every_difference_is_to_be_chosen() -> None:
    made = draft({"title": "a"}, {"owner": "p"}, base=None)
    assert made.left == ["title", "owner"]
    made.keep(Side.OTHER)
    assert made.whole is Side.OTHER
    assert made.mixed() == {**BASE, "owner": "p"}


def test_a_written_value_counts_and_may_empty_a_field() -> None:
    made = draft({"title": "a"}, {"title": "b"})
    made.choose("title", Written("c"))
    made.choose("note", Written(None))
    assert (made.count(None), made.whole) == (2, None)
    assert made.mixed() == {"title": "c", "owner": "o", "x": 1}


def test_a_side_of_an_equal_field_takes_back_what_was_written() -> None:
    made = draft({"title": "a"}, {"title": "b"})
    made.choose("note", Written("c"))
    made.choose("note", Side.HEAD)
    assert "note" not in made.choices


def test_both_puts_each_field_back_to_who_changed_it() -> None:
    made = draft({"title": "a", "note": "h"}, {"title": "b", "owner": "p"})
    made.keep(Side.HEAD)
    made.take_both()
    assert made.choices == {"title": Side.HEAD, "note": Side.HEAD, "owner": Side.OTHER}


def test_a_deletion_is_one_choice_for_the_whole() -> None:
    made = Draft(Said(BASE), Said({**BASE, "note": "h"}), Said(BASE, deleted=True))
    assert [each.name for each in made.points] == [DELETED, "note"]
    made.take_both()
    made.choose("note", Written("x"))
    assert made.left == [DELETED]
    made.choose("note", Side.OTHER)
    assert (made.left, made.whole) == ([], Side.OTHER)


def test_choices_are_carried_where_nothing_moved() -> None:
    before = draft({"title": "a", "owner": "h"}, {"title": "b", "owner": "p"})
    before.choose("title", Side.OTHER)
    before.choose("owner", Side.OTHER)
    after = draft({"title": "a", "owner": "i"}, {"title": "b", "owner": "p"})
    assert after.carry(before) == 1
    assert after.choices == {"title": Side.OTHER}


def test_choices_are_carried_when_the_sides_are_exchanged() -> None:
    before = draft({"title": "a", "note": "h"}, {"title": "b"})
    before.choose("title", Side.OTHER)
    after = draft({"title": "b"}, {"title": "a", "note": "h"})
    assert after.carry(before, turned=True) == 0
    assert after.choices == {"title": Side.HEAD, "note": Side.OTHER}


def test_choices_are_chosen_again_where_nothing_has_moved() -> None:
    first, second = {"title": "a", "note": "h"}, {"title": "b", "owner": "p"}
    made = draft(first, second)
    made.choose("title", Written({"x": [1]}))
    made.choose("note", Side.OTHER)
    kept = msgspec.json.decode(msgspec.json.encode(made.kept()))
    again = draft(first, second)
    assert again.choose_again(kept) == 0
    assert (again.choices, again.touched) == (made.choices, True)
    moved = draft({**first, "title": "c"}, second)
    assert moved.choose_again(kept) == 1
    assert moved.left == ["title"]
    assert moved.choices["note"] is Side.OTHER


def test_a_deletion_is_chosen_again_as_a_side_only() -> None:
    def deletion() -> Draft:
        return Draft(Said(BASE), Said({**BASE, "note": "h"}), Said(BASE, deleted=True))

    made = deletion()
    made.keep(Side.OTHER)
    again = deletion()
    assert again.choose_again(made.kept()) == 0
    assert again.whole is Side.OTHER
    (mark, *_rest), again = made.kept()[DELETED], deletion()
    again.choose_again({DELETED: [mark, "gone", True]})
    assert again.left == [DELETED]


@pytest.mark.parametrize("told", [None, 5, [], ["x"], [1, "head", False], {"a": 1}])
def test_what_is_no_choice_is_passed_over(told: object) -> None:
    made = draft({"title": "a"}, {"title": "b"})
    point = made.point("title")
    assert point is not None
    assert made.choose_again({"title": told, "gone": None}) == 0
    assert made.choose_again({"title": [point.mark, ["head"], False]}) == 0
    assert made.left == ["title"]
