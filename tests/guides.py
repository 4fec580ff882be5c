"""`python -m tests.guides`: writes docs/guides.md anew, its tests from the marks `row`; the second column stays.

A row is shown by the tests that are marked with it, and by nothing else.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "guides.md"
NOT_YET = "not yet"
SHOWN = 2

_ROW = re.compile(r"^\| (S00[0-4]-[0-9]{2}) \| (.*) \| (.*) \|$", re.MULTILINE)


class Row(NamedTuple):
    """One row of the page: where it lives, and the tests that show it as `file::name`."""

    id: str
    where: str
    tests: tuple[str, ...]


def marked() -> dict[str, list[str]]:
    """The tests that are marked with each row, as `file::name`."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for name, rows in _marks(path):
            for row in rows:
                found.setdefault(row, []).append(f"{path.relative_to(ROOT)}::{name}")
    return found


def _marks(path: Path) -> Iterator[tuple[str, list[str]]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for mark in node.decorator_list:
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.row":
                    args = [each.value for each in mark.args if isinstance(each, ast.Constant)]
                    yield node.name, [row for row in args if isinstance(row, str)]


def rows(page: str) -> list[Row]:
    """The rows of the page."""
    return [
        Row(id, where, tuple(re.findall(r"`([^`]+)`", tests)))
        for id, where, tests in _ROW.findall(page)
    ]


def written(page: str) -> str:
    """The page with its last column as the marks have it."""
    shown = marked()

    def row(found: re.Match[str]) -> str:
        tests = ", ".join(f"`{each}`" for each in shown.get(found[1], [])[:SHOWN])
        return f"| {found[1]} | {found[2]} | {tests or NOT_YET} |"

    return _ROW.sub(row, page)


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
