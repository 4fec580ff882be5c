"""`duijie policy` and `duijie calendar`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from schema.rules.policy import ROWS
from tests.played import COORDINATOR, copied
from tui.cli.main import main

Run = Callable[..., str]


@pytest.fixture
def run(played: Mapping[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    home = copied(played[COORDINATOR], tmp_path / "home")

    def run(*words: str, lang: str = "en", code: int = 0) -> str:
        assert main(["--home", str(home), "--lang", lang, *words]) == code
        said = capsys.readouterr()
        return said.out if not code else said.err

    return run


@pytest.mark.row("S000-41")
def test_every_rule_is_listed_in_words(run: Run) -> None:
    out = run("policy", lang="zh")
    line = next(each for each in out.splitlines() if "escalate.initiator" in each)
    assert "24 小时，遇休息日顺延" in line
    assert "S004-01" in line
    assert line.endswith("默认")
    assert all(key in out for key in ROWS)


@pytest.mark.row("S000-41")
def test_a_changed_rule_says_by_whom_and_what_cannot_be_is_named(run: Run) -> None:
    run("add", "policy", "key=emergency", "amount=48")
    run("add", "policy", "key=figures", "value=never")
    rows: list[dict[str, Any]] = json.loads(run("policy", "--json"))
    by_key = {row["key"]: row for row in rows}
    assert by_key["emergency"]["amount"] == 48
    assert by_key["emergency"]["changed_by"] == COORDINATOR
    assert by_key["figures"]["value"] == "month"
    assert "never cannot be its Value" in by_key["figures"]["wrong"][0]
    assert by_key["dispute"]["changed_by"] is None
    assert list(by_key) == [row["key"] for row in rows]


@pytest.mark.row("S001-39")
def test_a_year_lists_its_days_off_and_make_up_days(run: Run) -> None:
    out = run("calendar", "2026")
    assert "248 working days" in out
    assert "2026-10-01 Thu - 2026-10-07 Wed" in out
    assert "2026-10-10 Sat" in out
    said = json.loads(run("calendar", "2026", "--json"))
    assert said["published"] is True
    assert said["work"][-1] == "2026-10-10"
    assert json.loads(run("calendar", "--json")) == said


@pytest.mark.row("S001-39")
def test_a_year_of_a_record_replaces_what_is_shipped(run: Run) -> None:
    assert json.loads(run("calendar", "2027", "--json"))["published"] is False
    run("add", "calendar", "year=2027", "off=2027-01-01", "published=yes", "region=深圳")
    said = json.loads(run("calendar", "2027", "--json"))
    assert (said["published"], said["off"], said["region"]) == (True, ["2027-01-01"], "深圳")
    assert said["changed_by"] == COORDINATOR


@pytest.mark.parametrize("year", ["1899", "3000", "20261", "２０２６", "x"])
def test_a_year_that_cannot_be_is_refused(run: Run, year: str) -> None:
    assert "There is no calendar of" in run("calendar", year, code=2)
