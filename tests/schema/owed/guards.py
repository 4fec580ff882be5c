"""`make guards`: each rule of the table is switched off in turn, and the tests of its rows must fail.

`python -m tests.schema.owed.guards [RULE...]`; exit 1 where a rule could go and no test would tell.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from schema.rules.owed import table
from schema.rules.owed.table import RULES, Rule

TESTS = Path(__file__).parent


class OnlyIts:
    """Runs only the tests of a rule: those of its rows, or where it has none, those that are named after it."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if self._shows(item)]

    def _shows(self, item: pytest.Item) -> bool:
        rows = set(self._rule.rows)
        return bool(rows & rows_of(item)) if rows else self._rule.name in item.name


def rows_of(item: pytest.Item) -> set[str]:
    """The guides' rows that a test shows."""
    return {row for mark in item.iter_markers("row") for row in mark.args}


def seen(rule: Rule) -> bool:
    """Whether some test of the rule's rows fails while the rule is not there."""
    table.RULES = tuple(each for each in RULES if each is not rule)
    try:
        with redirect_stdout(io.StringIO()):
            code = pytest.main(
                ["-q", "-x", "-n", "0", "-p", "no:cacheprovider", str(TESTS)],
                plugins=[OnlyIts(rule)],
            )
    finally:
        table.RULES = RULES
    return code == pytest.ExitCode.TESTS_FAILED


def main(names: Sequence[str]) -> int:
    """Try the rules of these names, or all."""
    missed = []
    for rule in RULES:
        if names and rule.name not in names:
            continue
        told = seen(rule)
        print(f"{rule.name:10} {'told' if told else 'NOT TOLD'}", flush=True)
        if not told:
            missed.append(rule.name)
    if missed:
        print(f"nobody would notice without: {', '.join(missed)}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
