"""docs/guides.md: every row of the guides is there, and its tests are."""

from __future__ import annotations

from schema.rules.owed.table import RULES
from tests.guides import NOT_YET, PAGE, marked, rows

COUNTS = {"S000": 41, "S001": 41, "S002": 19, "S003": 33, "S004": 24}


def test_every_row_of_the_guides_is_there_once_and_in_order() -> None:
    wanted = [f"{guide}-{n:02}" for guide, last in COUNTS.items() for n in range(1, last + 1)]
    assert [row.id for row in rows(PAGE.read_text("utf-8"))] == wanted


def test_the_tests_that_a_row_names_are_marked_with_it() -> None:
    shown = marked()
    for row in rows(PAGE.read_text("utf-8")):
        assert set(row.tests) <= set(shown.get(row.id, [])), row.id


def test_what_no_test_shows_is_said_to_be_missing() -> None:
    for line in PAGE.read_text("utf-8").splitlines():
        if line.startswith("| S00") and "`tests/" not in line:
            assert line.endswith(f"| {NOT_YET} |")


def test_every_row_of_a_rule_is_shown_by_a_test() -> None:
    shown = {row.id: row.tests for row in rows(PAGE.read_text("utf-8"))}
    for rule in RULES:
        for row in rule.rows:
            assert row == "sync" or shown[row], (rule.name, row)
