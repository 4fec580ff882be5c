from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from schema import records
from schema.errors import IllegalMove, UsageError
from schema.records import Kind, registry
from schema.records.needs import needed_when
from schema.rules.moves import check_move
from schema.wording import N_

PAGE = (Path(__file__).parents[2] / "docs" / "kinds.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def risk(monkeypatch: pytest.MonkeyPatch) -> Kind:
    """The kind that the page adds, added as the page says, to a copy of the registry."""
    struct, line = blocks("python")
    module: dict[str, Any] = {"__name__": "risks"}
    exec(compile(struct, "risks.py", "exec", dont_inherit=True), module)
    known = {"Kind": Kind, "N_": N_, "needed_when": needed_when, "Risk": module["Risk"]}
    added: Kind
    (added,) = eval(line.strip(), known)
    monkeypatch.setattr(registry, "KINDS", {**registry.KINDS, added.name: added})
    return added


def test_the_registry_knows_the_kind_afterwards_and_only_then(risk: Kind) -> None:
    assert records.kind("risk") is risk
    assert "risk" not in records.KINDS


def test_its_form_has_the_common_fields_and_its_own(risk: Kind) -> None:
    assert [spec.name for spec in risk.fields] == [
        "title",
        "state",
        "of",
        "department",
        "owner",
        "response",
        "respond_by",
        "likelihood",
        "project",
        "note",
        "links",
        "tags",
    ]
    response = risk.by_name["response"]
    assert (response.type, response.label, response.limit) == ("text", "Counter-measure", 200)
    assert risk.by_name["of"].kinds == ("project", "task", "request")
    assert (risk.by_name["likelihood"].low, risk.by_name["likelihood"].high) == (1, 3)
    assert risk.states == ("open", "triggered", "closed")


def test_a_new_one_starts_with_its_defaults(risk: Kind) -> None:
    assert records.new_body("risk", {"title": "研发延期"}, department="研发部") == {
        "title": "研发延期",
        "state": "open",
        "department": "研发部",
        "likelihood": 2,
    }


def test_the_form_says_what_is_wrong(risk: Kind) -> None:
    body = {"state": "triggered", "likelihood": 4, "respond_by": "soon", "of": "x"}
    assert {error.field for error in records.problems("risk", body)} == {
        "title",
        "likelihood",
        "respond_by",
        "of",
        "response",
    }
    assert records.problems("risk", {"title": "研发延期", "likelihood": 3}) == []


def test_the_hub_takes_what_the_form_takes_and_refuses_other_types(risk: Kind) -> None:
    body = records.encode(records.new_body("risk", {"title": "研发延期"}, department="研发部"))
    assert records.canonical(body)
    assert records.check_bytes("risk", body) is None
    assert records.check_bytes("risk", b'{"likelihood":"high"}') is not None
    assert records.check_bytes("risk", b'{"state":"gone"}') is not None


def test_its_states_move_as_its_line_says(risk: Kind) -> None:
    check_move("risk", "open", "triggered")
    with pytest.raises(IllegalMove, match="closed"):
        check_move("risk", "triggered", "open")


def test_its_page_of_fields_is_made(risk: Kind) -> None:
    assert "## risk\n" in records.document()
    assert "| response | text(200) | Counter-measure |" in records.document()


def test_a_word_that_is_no_kind_names_the_new_one_where_it_is_nearest(risk: Kind) -> None:
    with pytest.raises(UsageError, match="risk"):
        records.kind("risks")


def test_the_page_gives_every_word_in_both_languages() -> None:
    struct, line = blocks("python")
    words = set(re.findall(r'N_\("(.+?)"\)', struct + line))
    catalogue = Path(records.__file__).parents[1] / "locales/zh/LC_MESSAGES/duijie.po"
    said = "".join(blocks("po")) + catalogue.read_text(encoding="utf-8")
    assert words <= set(re.findall(r'^msgid "(.+)"\nmsgstr "."?.+"$', said, re.MULTILINE))
