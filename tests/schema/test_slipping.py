"""What a slip pushes: through chains, in working days, and no further than what it must."""

from __future__ import annotations

from typing import Any

import pytest

from schema.calendar_data import shipped
from schema.records import KINDS
from schema.rules.owed.table import owed
from schema.rules.slipping import Pushed, pushed
from schema.rules.world import Paper, World

CALENDAR = shipped()


def task(id: str, start: str = "", due: str = "", **body: Any) -> Paper:
    said = {"title": id, "state": "todo", "start": start, "due": due, **body}
    kind = str(said.pop("kind", "task"))
    return Paper(kind=kind, id=id, body={name: value for name, value in said.items() if value})


def links(*told: str, **lags: int) -> list[Paper]:
    """`ab` lets b wait for a; a lag is named by both."""
    return [
        Paper(kind="dependency", id=each, body={"before": each[0], "after": each[1], "lag": lags.get(each, 0)})
        for each in told
    ]  # fmt: skip


def pushes(papers: list[Paper], dependencies: list[Paper], due: str) -> list[Pushed]:
    return pushed(papers[0], due, dependencies, papers, CALENDAR)


def dates(found: list[Pushed]) -> dict[str, tuple[str, str]]:
    return {each.paper.id: (each.start, each.due) for each in found}


@pytest.mark.row("S004-12", "S004-13", "S000-10")
def test_what_waits_begins_when_the_other_ends_and_takes_as_many_working_days() -> None:
    papers = [task("a", due="2026-11-20"), task("b", "2026-11-23", "2026-11-25T17:00")]
    (found,) = pushes(papers, links("ab"), "2026-11-27")
    assert (found.start_was, found.due_was) == ("2026-11-23", "2026-11-25T17:00")
    assert (found.start, found.due) == ("2026-11-27", "2026-12-01T17:00")
    assert found.because is papers[0]
    assert found.movable


def test_a_lag_is_of_working_days_and_a_day_off_is_no_beginning() -> None:
    papers = [task("a", due="2026-11-20"), task("b", "2026-11-23", "2026-11-23")]
    assert dates(pushes(papers, links("ab", ab=2), "2026-11-26")) == {
        "b": ("2026-11-30", "2026-11-30")
    }
    assert dates(pushes(papers, links("ab"), "2026-11-28")) == {"b": ("2026-11-30", "2026-11-30")}


@pytest.mark.row("S004-22", "S004-24")
def test_make_up_days_count_and_holidays_do_not() -> None:
    """The template moved to Sunday 10-13, after Saturday 10-12, which is worked."""
    papers = [task("a", due="2024-09-30"), task("b", "2024-10-08", "2024-10-10")]
    assert dates(pushes(papers, links("ab"), "2024-10-10")) == {"b": ("2024-10-10", "2024-10-12")}
    assert dates(pushes(papers, links("ab"), "2024-10-13")) == {"b": ("2024-10-14", "2024-10-16")}
    assert dates(pushes(papers, links("ab", ab=3), "2024-09-30T18:00")) == {}
    assert dates(pushes(papers, links("ab", ab=2), "2024-10-01")) == {"b": ("2024-10-09", "2024-10-11")}  # fmt: skip


def test_what_has_room_stays_and_ends_the_chain() -> None:
    papers = [
        task("a", due="2026-11-20"),
        task("b", "2026-11-25", "2026-11-26"),
        task("c", "2026-11-26", "2026-11-27"),
    ]
    assert pushes(papers, links("ab", "bc"), "2026-11-25") == []
    assert list(dates(pushes(papers, links("ab", "bc"), "2026-11-26"))) == ["b", "c"]


def test_the_latest_of_several_ways_counts_and_each_is_told_once_after_what_pushes_it() -> None:
    papers = [
        task("a", due="2026-11-20"),
        task("b", "2026-11-23", "2026-11-24"),
        task("c", "2026-11-23", "2026-11-23"),
        task("d", "2026-11-25", "2026-11-25"),
    ]
    found = pushes(papers, links("ab", "ac", "bd", "cd"), "2026-11-26")
    assert dates(found)["d"] == ("2026-11-27", "2026-11-27")
    assert [each.paper.id for each in found][-1] == "d"
    assert found[-1].because.id == "b"
    assert len(found) == 3


def test_a_milestone_and_a_request_are_said_and_what_waits_for_them_is_pushed_too() -> None:
    papers = [
        task("a", due="2026-11-20"),
        task("m", due="2026-11-23", kind="milestone", state="open"),
        task("r", due="2026-11-24", kind="request", state="executing"),
        task("t", "2026-11-25", "2026-11-26"),
    ]
    found = pushes(papers, links("am", "mr", "rt"), "2026-11-27")
    assert [(each.paper.kind, each.movable) for each in found] == [
        ("milestone", False), ("request", False), ("task", True),
    ]  # fmt: skip
    assert dates(found)["t"] == ("2026-11-27", "2026-11-30")


def test_what_is_over_or_has_no_date_is_left_alone() -> None:
    for other in (
        task("b", "2026-11-23", "2026-11-24", state="done"),
        task("b", "2026-11-23", "2026-11-24", state="review"),
        task("b", due="2026-11-23", kind="milestone", state="reached"),
        task("b"),
    ):
        assert pushes([task("a", due="2026-11-20"), other], links("ab"), "2026-11-30") == []


def test_a_circle_ends_where_it_closes() -> None:
    papers = [
        task("a", "2026-11-19", "2026-11-20"),
        task("b", "2026-11-20", "2026-11-23"),
        task("c", "2026-11-23", "2026-11-24"),
    ]
    around = links("ab", "bc", "cb", "ca", "aa")
    found = pushes(papers, around, "2026-11-27")
    assert dates(found) == {"b": ("2026-11-27", "2026-11-30"), "c": ("2026-11-30", "2026-12-01")}


def test_an_earlier_date_and_one_that_cannot_be_read_push_nothing() -> None:
    papers = [task("a", due="2026-11-20"), task("b", "2026-11-17", "2026-11-18")]
    for due in ("2026-11-20", "2026-11-19", "", "2026-13-40"):
        assert pushes(papers, links("ab"), due) == []
    assert pushes([papers[0], papers[1]], links("ab", ab=10**9), "2026-11-23")


def test_the_end_of_the_calendar_pushes_nothing() -> None:
    papers = [task("a", due="2026-11-20"), task("b", "2026-11-23", "2026-11-24")]
    assert pushes(papers, links("ab", ab=9), "9999-12-30") == []


def test_what_moved_is_not_to_be_planned_anew() -> None:
    """Doing what is said leaves no line of the rule `replan`."""
    papers = [
        task("a", due="2026-11-20"),
        task("b", "2026-11-23", "2026-11-24"),
        task("c", due="2026-11-25"),
        task("d", "2026-11-20", "2026-11-30"),
    ]
    ways = links("ab", "bc", "ad", bc=1)
    after = {each.paper.id: each for each in pushes(papers, ways, "2026-11-27")}
    replanned = [
        Paper(kind="task", id=each.id, body={**each.body, "start": after[each.id].start, "due": after[each.id].due})
        if each.id in after
        else Paper(kind="task", id="a", body={**each.body, "due": "2026-11-27"})
        for each in papers
    ]  # fmt: skip
    slipped = Paper(kind="task", id="a", body={**papers[0].body, "due": "2026-11-27"})
    before = World.of([slipped, *papers[1:], *ways], now=0)
    assert to_replan(before) == {"b", "d"}
    assert set(after) == {"b", "c", "d"}
    assert to_replan(World.of([*replanned, *ways], now=0)) == set()


def to_replan(world: World) -> set[str]:
    """What Today asks to be planned anew."""
    return {line.id for line in owed(world) if line.rule == "replan"}


def test_every_kind_that_may_wait_has_dates() -> None:
    from syncd.store.relations import WAITING

    assert all("due" in KINDS[kind].by_name for kind in WAITING)
