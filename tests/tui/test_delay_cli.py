"""`duijie delay`: why a task is late, and what is moved along with it."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from tests.conftest import Duijie


class Chain(NamedTuple):
    """A task, one of the same department that waits for it, and one of another that waits for that."""

    duijie: Duijie
    first: str
    own: str
    other: str

    def body(self, id: str) -> dict[str, Any]:
        return dict(self.duijie.ok("show", id, "--json").json["body"])


@pytest.fixture
def chain(alone: Duijie) -> Chain:
    department = alone.ok("list", "department", "--json").json[0]["body"]["name"]

    def task(title: str, start: str, due: str, whose: str, owner: str) -> str:
        return alone.ok(
            "add", "task", f"title={title}", f"start={start}", f"due={due}",
            f"department={whose}", f"owner={owner}",
        ).id  # fmt: skip

    first = task("说明书定稿", "2026-11-09", "2026-11-13", department, "")
    own = task("接口联调", "2026-11-16", "2026-11-17", department, "")
    other = task("成本核算", "2026-11-18", "2026-11-18", "财务部", "*主管")
    alone.ok("add", "dependency", f"before={first}", f"after={own}")
    alone.ok("add", "dependency", f"before={own}", f"after={other}", "lag=1")
    return Chain(alone, first, own, other)


SAID = ("cause=资料未到", "need=补一人")


@pytest.mark.row("S000-16", "S004-12")
def test_it_declares_with_a_new_date_or_without(chain: Chain) -> None:
    chain.duijie.ok("delay", chain.first, *SAID, "--type", "people")
    body = chain.body(chain.first)
    assert (body["due"], body["delay_cause"], body["delay_type"]) == (
        "2026-11-13", "资料未到", "people",
    )  # fmt: skip
    assert "plan" not in body
    chain.duijie.ok("delay", chain.first, "2026-11-16", "17:00", *SAID)
    body = chain.body(chain.first)
    assert body["due"] == "2026-11-16T17:00"
    assert (body["plan"][0]["was"], body["plan"][0]["to"]) == ("2026-11-13", "2026-11-16T17:00")


@pytest.mark.row("S000-16")
def test_cause_and_need_are_both_asked_for(chain: Chain) -> None:
    for words in (("2026-11-16",), ("cause=x",), ("need=x",)):
        refused = chain.duijie("delay", chain.first, *words)
        assert refused.code == 2
        assert "is needed: a delay says why" in refused.err
    assert "delay_cause" not in chain.body(chain.first)


@pytest.mark.parametrize("due", ["2026-11-13", "2026-11-12"])
def test_a_date_that_is_not_later_is_no_delay(chain: Chain, due: str) -> None:
    refused = chain.duijie("delay", chain.first, due, *SAID)
    assert refused.code == 2
    assert refused.err.startswith(due)
    assert "is not later than the date it has, 2026-11-13 Fri." in refused.err
    assert "delay_cause" not in chain.body(chain.first)


def test_a_cause_that_nobody_sees_is_none(chain: Chain) -> None:
    refused = chain.duijie("delay", chain.first, "cause=\u200b", "need=\u2060\u200b")
    assert refused.code == 2
    assert "is needed: a delay says why" in refused.err


@pytest.mark.row("S004-13")
def test_what_waits_is_listed_and_moved_only_where_told(chain: Chain) -> None:
    told = chain.duijie.ok("delay", chain.first, "2026-11-17", *SAID)
    assert [line.split()[-1] for line in told.out.splitlines()] == ["stays", "stays"]
    assert "--push moves those of your department" in told.err
    assert chain.body(chain.own)["due"] == "2026-11-17"
    told = chain.duijie.ok("delay", chain.first, "2026-11-18", *SAID, "--push")
    assert [line.split()[-1] for line in told.out.splitlines()] == ["moved", "stays"]
    own = chain.body(chain.own)
    assert (own["start"], own["due"]) == ("2026-11-18", "2026-11-19")
    assert own["plan"][0]["why"].endswith("说明书定稿: 资料未到")
    assert chain.body(chain.other)["due"] == "2026-11-18"


@pytest.mark.row("S001-28", "S004-13")
def test_push_all_tells_the_owners_elsewhere(chain: Chain) -> None:
    chain.duijie.ok("delay", chain.first, "2026-11-18", *SAID, "--push-all")
    assert chain.body(chain.other)["due"] == "2026-11-20"
    (told,) = chain.duijie.ok("list", "comment", "--json").json
    assert (told["body"]["type"], told["body"]["about"]) == ("announcement", ["*主管"])
    chain.duijie.ok("undo")
    assert chain.body(chain.other)["due"] == "2026-11-18"
    assert chain.body(chain.first)["due"] == "2026-11-13"


def test_a_dry_run_shows_and_saves_nothing(chain: Chain) -> None:
    told = chain.duijie.ok("delay", chain.first, "2026-11-21", *SAID, "--push-all", "--dry-run")
    assert [line.split()[-1] for line in told.out.splitlines()] == ["moved", "moved"]
    assert "Nothing is saved" in told.err
    assert "weekend" in told.err
    assert chain.body(chain.first)["due"] == "2026-11-13"


def test_what_is_no_task_or_is_over_is_refused(chain: Chain) -> None:
    milestone = chain.duijie.ok("add", "milestone", "title=x", "due=2026-11-20").id
    assert "Only of a task" in chain.duijie("delay", milestone, *SAID).err
    chain.duijie.ok("set", chain.first, "state=done")
    assert "finished" in chain.duijie("delay", chain.first, *SAID).err
    assert "has no field" in chain.duijie("delay", chain.own, *SAID, "title=x").err
