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
def visit(monkeypatch: pytest.MonkeyPatch) -> Kind:
    """The kind that the page adds, added as the page says, to a copy of the registry."""
    struct, line = blocks("python")
    module: dict[str, Any] = {"__name__": "visits"}
    exec(compile(struct, "visits.py", "exec", dont_inherit=True), module)
    known = {"Kind": Kind, "N_": N_, "needed_when": needed_when, "Visit": module["Visit"]}
    added: Kind
    (added,) = eval(line.strip(), known)
    monkeypatch.setattr(registry, "KINDS", {**registry.KINDS, added.name: added})
    return added


def test_the_registry_knows_the_kind_afterwards_and_only_then(visit: Kind) -> None:
    assert records.kind("visit") is visit
    assert "visit" not in records.KINDS


def test_its_form_has_the_common_fields_and_its_own(visit: Kind) -> None:
    assert [spec.name for spec in visit.fields] == [
        "title",
        "state",
        "of",
        "department",
        "owner",
        "finding",
        "report_by",
        "visitors",
        "project",
        "note",
        "links",
        "tags",
    ]
    finding = visit.by_name["finding"]
    assert (finding.type, finding.label, finding.limit) == ("text", "Finding", 200)
    assert visit.by_name["of"].kinds == ("project", "task", "request")
    assert (visit.by_name["visitors"].low, visit.by_name["visitors"].high) == (1, 3)
    assert visit.states == ("arranged", "visited", "off")


def test_a_new_one_starts_with_its_defaults(visit: Kind) -> None:
    assert records.new_body("visit", {"title": "看生产线"}, department="研发部") == {
        "title": "看生产线",
        "state": "arranged",
        "department": "研发部",
        "visitors": 2,
    }


def test_the_form_says_what_is_wrong(visit: Kind) -> None:
    body = {"state": "visited", "visitors": 4, "report_by": "soon", "of": "x"}
    assert {error.field for error in records.problems("visit", body)} == {
        "title",
        "visitors",
        "report_by",
        "of",
        "finding",
    }
    assert records.problems("visit", {"title": "看生产线", "visitors": 3}) == []


def test_the_hub_takes_what_the_form_takes_and_refuses_other_types(visit: Kind) -> None:
    body = records.encode(records.new_body("visit", {"title": "看生产线"}, department="研发部"))
    assert records.canonical(body)
    assert records.check_bytes("visit", body) is None
    assert records.check_bytes("visit", b'{"visitors":"high"}') is not None
    assert records.check_bytes("visit", b'{"state":"gone"}') is not None


def test_its_states_move_as_its_line_says(visit: Kind) -> None:
    check_move("visit", "arranged", "visited")
    with pytest.raises(IllegalMove, match="off"):
        check_move("visit", "visited", "arranged")


def test_its_page_of_fields_is_made(visit: Kind) -> None:
    assert "## visit\n" in records.document()
    assert "| finding | text(200) | Finding |" in records.document()


def test_a_word_that_is_no_kind_names_the_new_one_where_it_is_nearest(visit: Kind) -> None:
    with pytest.raises(UsageError, match="visit"):
        records.kind("visits")


def test_the_page_gives_every_word_in_both_languages() -> None:
    struct, line = blocks("python")
    words = set(re.findall(r'N_\("(.+?)"\)', struct + line))
    catalogue = Path(records.__file__).parents[1] / "locales/zh.po"
    said = "".join(blocks("po")) + catalogue.read_text(encoding="utf-8")
    assert words <= set(re.findall(r'^msgid "(.+)"\nmsgstr "."?.+"$', said, re.MULTILINE))
