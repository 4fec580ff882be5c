"""The templates as values: the order of records makes no difference, and late is derived, never stored."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.calendar_data import shipped
from schema.papers import DOCUMENTS, Material, Source
from schema.papers.dates import dated
from schema.papers.foot import LISTED, foot
from schema.wording import use

PROJECT = Source(kind="project", id="p", body={"title": "项目", "initiator": "财务部"}, dot="a:1")


def at(wall: str) -> int:
    return int(datetime.fromisoformat(f"{wall}+08:00").timestamp()) * 1_000_000


def compiled(name: str, around: list[Source], now: str = "2024-10-20T18:00") -> str:
    material = Material(
        PROJECT, around, now=at(now), zone="Asia/Shanghai", calendar=shipped(), joined=True, seq=7
    )
    return DOCUMENTS[name].markdown(material)


def task(n: int, **body: object) -> Source:
    filled = {"title": f"任务{n}", "project": "p", "state": "doing", **body}
    return Source(kind="task", id=f"t{n:04}", number=f"T-{n:03}", body=filled, dot=f"a:{n}")


MANY = [
    task(n, due=f"2024-10-{n:02}", department=department)
    for n, department in enumerate(("市场部", "财务部", "研发部", "市场部"), 10)
]


@given(st.permutations(MANY))
def test_the_order_in_which_records_came_makes_no_difference(around: list[Source]) -> None:
    for name in ("plan", "tracking"):
        assert compiled(name, around) == compiled(name, MANY)


def test_the_initiators_tasks_come_first_then_the_nearest_due() -> None:
    text = compiled("plan", MANY)
    places = [text.index(f"| {number} |") for number in ("T-011", "T-010", "T-013", "T-012")]
    assert places == sorted(places)


@pytest.mark.row("S000-15")
@pytest.mark.parametrize(
    ("now", "said"),
    [
        ("2024-10-12T18:00", "进行中"),
        ("2024-10-13T00:01", "进行中（延期）"),
        ("2024-10-14T09:00", "进行中（延期 1 个工作日）"),
    ],
)
def test_late_is_counted_in_working_days_to_the_moment_handed_in(now: str, said: str) -> None:
    use("zh")
    # 12 October 2024 is a Saturday on which everybody works.
    assert f"| {said} |" in compiled("tracking", [task(1, due="2024-10-12")], now)


def test_a_finished_task_is_not_late_and_needs_no_cause() -> None:
    text = compiled("tracking", [task(1, due="2024-10-01", state="done")])
    assert "late" not in text.split("---\n\nCompiled")[0].replace("0 late", "")
    assert "(not said)" not in text


def test_a_late_task_without_a_cause_says_that_nobody_said_one() -> None:
    assert compiled("tracking", [task(1, due="2024-10-01")]).count("(not said)") == 2


def test_the_newest_line_of_progress_speaks_for_the_task() -> None:
    around = [
        task(1, due="2024-10-11", delay_cause="旧", need="旧"),
        *(
            Source(kind="progress", id=id, body={"of": "t0001", "day": day, "says": "late", "did": did,
                   "delay_cause": did, "need": "人"}, dot=id)
            for id, day, did in (("b", "2024-10-10", "先"), ("a", "2024-10-11", "后"))
        ),
    ]  # fmt: skip
    row = next(line for line in compiled("tracking", around).splitlines() if "T-001" in line)
    assert "| 后 | 人 |" in row
    assert "先" not in row
    assert "旧" not in row


@pytest.mark.row("S004-24")
@pytest.mark.parametrize(
    ("stored", "said"),
    [
        ("2024-10-11", "2024-10-11 Fri"),
        ("2024-10-12", "2024-10-12 Sat (make-up working day)"),
        ("2024-10-13", "2024-10-13 Sun (day off)"),
        ("2024-10-07T17:00", "2024-10-07 Mon 17:00 (day off)"),
        ("2024-02-30", "2024-02-30"),
        ("soon", "soon"),
        ("", ""),
    ],
)
def test_a_date_says_its_weekday_and_what_the_weekday_does_not_say(stored: str, said: str) -> None:
    assert dated(stored, shipped()) == said


@pytest.mark.row("S002-04")
def test_another_version_of_any_record_read_is_another_version_of_the_document() -> None:
    one, other = task(1), task(1)
    assert compiled("plan", [one]) == compiled("plan", [other])
    newer = Source(kind="task", id="t0001", number="T-001", body=one.body, dot="b:9")
    assert compiled("plan", [one]) != compiled("plan", [newer])


def test_the_foot_names_as_many_numbers_as_can_be_read_and_counts_the_rest() -> None:
    around = [task(n) for n in range(1, LISTED + 4)]
    material = Material(PROJECT, around, now=0, zone="Asia/Shanghai", calendar=shipped())
    first = next(foot(material))
    assert "T-001" in first
    assert f"T-{LISTED:03}" in first
    assert f"T-{LISTED + 1:03}" not in first
    assert "and 3 more" in first


def test_a_body_that_holds_anything_at_all_is_compiled() -> None:
    wrong: dict[str, object] = {
        "title": 3, "departments": "x", "plan": [1, {"was": 4}], "standard": {"a": 1}, "due": ["2024"],
        "start": 7, "state": ["doing"], "delay_type": {"b": 2}, "smart": [], "owner": 5,
    }  # fmt: skip
    odd = Source(kind="task", id="t", body={**wrong, "project": "p"}, dot="a:1")
    risk = Source(kind="risk", id="r", body={"title": None, "respond_by": 3}, dot="a:2")
    for name in ("plan", "tracking", "role-table", "goal-statement"):
        assert compiled(name, [odd, risk])
