from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from schema.calendar_data import shipped
from schema.records import KINDS, kind
from schema.rules.hints import (
    day_off_hints,
    department_hints,
    idle_departments,
    idle_hints,
    seat_hints,
)
from schema.rules.policy import Policy
from schema.rules.roles import Roles
from schema.wording import use
from tests import hostile

CALENDAR = shipped()


@pytest.fixture
def chinese() -> Iterator[None]:
    use("zh")
    yield
    use("en")


def off(name: str, **body: Any) -> list[str]:
    return day_off_hints(kind(name), body, CALENDAR)


@pytest.mark.row("S001-39", "S001-34", "S001-36")
@pytest.mark.usefixtures("chinese")
def test_the_guides_own_days_off_are_pointed_out() -> None:
    prepare = [{"what": "功能需求清单", "department": "市场部", "due": "2024-05-19"}]
    assert off("meeting", start="2024-05-20T14:00", prepare=prepare) == [
        "「到期」2024-05-19 是周末。"
    ]
    assert off("task", due="2024-05-25T18:00") == ["「到期」2024-05-25 是周末。"]
    assert off("project", due="2024-06-30") == ["「到期」2024-06-30 是周末。"]


@pytest.mark.row("S003-32", "S003-28")
def test_stages_on_saturdays_are_pointed_out_one_by_one() -> None:
    stages = [
        {"title": "确认", "due": "2024-07-20"},
        {"title": "开发", "due": "2024-08-10"},
        {"title": "上线", "due": "2024-08-15"},
    ]
    assert off("request", stages=stages) == [
        "Due 2024-07-20 is on a weekend.",
        "Due 2024-08-10 is on a weekend.",
    ]


@pytest.mark.row("S004-24", "S004-21")
def test_a_make_up_saturday_is_a_working_day_and_a_holiday_is_named() -> None:
    assert off("task", due="2024-10-12") == []
    assert off("task", due="2024-10-13") == ["Due 2024-10-13 is on a weekend."]
    assert off("task", due="2024-10-01") == ["Due 2024-10-01 is an official day off."]
    assert off("task", due="soon") == []
    assert off("person", left="2024-10-01") == []


def test_a_year_without_a_list_is_pointed_out_with_the_date() -> None:
    assert off("task", due="2028-11-22") == ["2028-11-22: the days off of 2028 are not published"]


@pytest.mark.row("S000-03")
def test_the_sixth_core_department_is_pointed_out() -> None:
    names = list("甲乙丙丁戊")
    assert department_hints(kind("project"), {"departments": names}) == []
    assert department_hints(kind("project"), {"departments": [*names, "己"]}) == [
        "6 departments; at most 5 core ones are advised."
    ]
    meeting = {"type": "alignment", "departments": [*names, "己"]}
    assert department_hints(kind("meeting"), meeting)
    assert department_hints(kind("meeting"), {**meeting, "type": "weekly"}) == []
    seven = Policy.under([{"key": "departments", "amount": "7"}])
    assert department_hints(kind("project"), {"departments": [*names, "己"]}, seven) == []


class Record(NamedTuple):
    kind: str
    id: str
    body: dict[str, Any]


ROLES = Roles.under(
    [
        Record("person", "1", {"name": "张三", "decides": True}),
        Record("person", "2", {"name": "李四", "decides": True}),
        Record("person", "3", {"name": "王五"}),
        Record("department", "4", {"name": "市场部", "aliases": ["推广部"], "head": "赵六"}),
        Record(
            "seat", "5", {"of": "p", "department": "市场部", "person": "张三", "role": "liaison"}
        ),
    ]
)


@pytest.mark.row("S001-27")
def test_a_second_liaison_of_a_department_is_pointed_out() -> None:
    second = {"of": "p", "department": "推广部", "person": "李四", "role": "liaison"}
    assert seat_hints(second, ROLES) == ["推广部 has a liaison here already: 张三."]
    assert seat_hints({**second, "of": "q"}, ROLES) == []
    assert seat_hints({**second, "department": "研发部"}, ROLES) == []
    assert seat_hints({**second, "role": "member"}, ROLES) == []
    assert seat_hints(second, ROLES, id="5") == []


@pytest.mark.row("S001-03")
def test_a_liaison_without_power_of_decision_is_pointed_out() -> None:
    seat = {"of": "q", "department": "市场部", "role": "liaison"}
    assert seat_hints({**seat, "person": "王五"}, ROLES) == [
        "王五 has no power of decision; choose somebody who has, a manager first."
    ]
    assert seat_hints({**seat, "person": "赵六"}, ROLES) == []
    assert seat_hints({**seat, "person": "王五", "role": "recorder"}, ROLES) == []


BLOCKER = {"lead": "财务部", "departments": ["推广部", "数据部", "运营部", "财务部"]}


@pytest.mark.row("S004-05")
@pytest.mark.usefixtures("chinese")
def test_a_department_with_neither_task_nor_seat_is_no_necessary_one() -> None:
    task = {"title": "说明原因", "department": "市场部", "departments": ["数据部"]}
    assert idle_departments(BLOCKER, [], ROLES, id="b") == []
    assert idle_departments(BLOCKER, [task], ROLES, id="b") == ["运营部"]
    assert idle_hints(["数据部", "运营部"]) == [
        "协作部门数据部、运营部在这条卡点中既无任务也无席位；只列必须介入的部门，避免无关部门参与。"
    ]
    assert idle_hints([]) == []


def test_a_seat_and_an_owner_make_a_department_take_part() -> None:
    one = [{"title": "核对", "owner": "孙七"}]
    people = [
        Record("person", "1", {"name": "孙七", "department": "运营部"}),
        Record("seat", "2", {"of": "b", "department": "数据部", "person": "*专员"}),
        Record("seat", "3", {"of": "c", "department": "推广部", "person": "*经理"}),
    ]
    assert idle_departments(BLOCKER, one, Roles.under(people), id="b") == ["推广部"]


def test_hostile_records_get_hints_that_hold_no_mark_of_theirs() -> None:
    for everywhere in (False, True):
        for written in hostile.records(everywhere=everywhere):
            of = KINDS[written.kind]
            said = [*day_off_hints(of, written.body, CALENDAR), *department_hints(of, written.body)]
            said += seat_hints(written.body, ROLES)
            idle = idle_departments(written.body, [written.body, {}], ROLES, id="b")
            said += idle_hints(idle)
            assert not any("\x1b" in line or "\u202e" in line for line in said)


def test_what_the_program_noted_of_a_change_of_dates_is_not_pointed_out() -> None:
    plan = [{"at": "2026-11-21", "was": "2026-11-14", "to": "2026-11-28"}]
    assert off("task", due="2026-11-27", plan=plan) == []
