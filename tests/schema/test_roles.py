from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.rules.roles import Roles

TODAY = date(2026, 11, 20)
P, Q = "p", "q"


class Record(NamedTuple):
    kind: str
    id: str
    body: dict[str, Any]


def person(name: str, department: str = "", **more: Any) -> Record:
    return Record("person", name, {"name": name, "department": department, **more})


def seat(department: str, person: str, of: str = P, **more: Any) -> Record:
    id = f"{of}{department}{person}{more}"
    return Record("seat", id, {"of": of, "department": department, "person": person, **more})


OFFICE = [
    Record("project", P, {"initiator": "市场部"}),
    Record("department", "市场部", {"name": "市场部", "head": "*总监", "aliases": ["推广部"]}),
    Record("department", "研发部", {"name": "研发部", "head": "林工", "parent": "市场部"}),
    person("*总监", "市场部"),
    person("张三", "市场部", member="m1"),
    person("李四", "市场部", member="m2", decides=True),
    person("王五", "研发部"),
    person("林工", "研发部"),
]


def roles(*more: Record) -> Roles:
    return Roles.under([*OFFICE, *more])


@pytest.mark.row("S001-27", "S000-08")
def test_a_department_is_spoken_for_by_its_seats_its_members_its_head() -> None:
    assert roles().liaisons("研发部", P) == ("林工",)
    assert roles().liaisons("市场部", P) == ("张三",)
    there = roles(
        seat("市场部", "*总监", role="liaison"), seat("市场部", "赵六", layer="execution")
    )
    assert there.liaisons("市场部", P) == ("*总监",)
    assert there.liaisons("市场部", Q) == ("张三",)
    assert there.liaisons("市场部") == ("张三",)
    working = roles(seat("市场部", "赵六", layer="execution"))
    assert working.liaisons("市场部", P) == ("赵六",)
    assert roles().liaisons("没有部") == ()


def test_without_seat_member_or_head_whoever_is_there_speaks_for_a_department() -> None:
    lone = roles(person("钱七", "财务部"), person("周八", "财务部", left="2026-01-01"))
    assert set(lone.liaisons("财务部")) == {"钱七", "周八"}
    assert lone.stands_for("周八", TODAY) == ""
    joined = roles(person("钱七", "财务部"), person("周八", "财务部", member="m"))
    assert joined.liaisons("财务部") == ("周八",)


def test_who_alone_decides_and_works_for_a_department_speaks_for_it_too() -> None:
    assert roles(person("钱七", "财务部", member="m", decides=True)).liaisons("财务部") == ("钱七",)


def test_a_department_is_known_by_its_other_names() -> None:
    assert roles().liaisons("推广部") == ("张三",)
    assert roles(seat("推广部", "赵六", role="liaison")).liaisons("市场部", P) == ("赵六",)
    known = roles(Record("department", "推广部", {"name": "推广部", "head": "孙八"}))
    assert known.liaisons("推广部") == ("孙八",)


def test_the_decider_is_of_the_seat_of_the_record_or_the_head() -> None:
    assert roles().decider("市场部", P) == "李四"
    assert roles(seat("市场部", "张三", role="decider")).decider("市场部", P) == "张三"
    assert roles().decider("研发部") == "林工"
    assert roles().decider("没有部") == ""


@pytest.mark.row("S000-06", "S000-07")
def test_the_decision_layer_is_who_is_seated_there_and_nobody_else() -> None:
    assert roles().decision_layer(P) == ()
    there = roles(
        seat("市场部", "李四", layer="decision"),
        seat("研发部", "林工", layer="decision"),
        seat("研发部", "王五", layer="support"),
        seat("研发部", "王五", of=Q, layer="decision"),
    )
    assert set(there.decision_layer(P)) == {"李四", "林工"}


def test_the_superior_is_named_or_the_nearest_head_above() -> None:
    known = roles(person("赵六", "研发部", superior="张三"))
    assert known.superior("赵六") == "张三"
    assert known.superior("王五") == "林工"
    assert known.superior("林工") == "*总监"
    assert known.superior("*总监") == ""
    assert known.superior("没有") == ""


def test_departments_that_stand_above_each_other_end_nothing() -> None:
    round = Roles.under(
        [
            Record("department", "a", {"name": "甲", "head": "张三", "parent": "乙"}),
            Record("department", "b", {"name": "乙", "head": "张三", "parent": "甲"}),
            person("张三", "甲"),
        ]
    )
    assert round.superior("张三") == ""


@pytest.mark.parametrize(
    ("away", "asked"),
    [
        ({"from": "2026-11-18", "until": "2026-11-20", "deputy": "李四"}, "李四"),
        ({"from": "2026-11-20", "until": "2026-11-20", "deputy": "李四"}, "李四"),
        ({"from": "2026-11-21", "until": "2026-11-30", "deputy": "李四"}, "张三"),
        ({"from": "2026-11-10", "until": "2026-11-19", "deputy": "李四"}, "张三"),
        ({"from": "2026-11-10", "deputy": "李四"}, "李四"),
        ({"until": "2026-11-30", "deputy": "李四"}, "李四"),
        ({"deputy": "李四"}, "张三"),
        ({"from": "2026-11-18", "until": "2026-11-22"}, "张三"),
        ({"from": 7, "until": None, "deputy": ["李四"]}, "张三"),
        ("李四", "张三"),
    ],
)
def test_who_is_away_is_asked_through_the_deputy(away: Any, asked: str) -> None:
    assert Roles.under([person("张三", away=away)]).stands_for("张三", TODAY) == asked


def test_who_has_left_is_asked_through_the_successor_and_their_deputy() -> None:
    away = {"from": "2026-11-01", "until": "2026-11-30", "deputy": "王五"}
    known = Roles.under(
        [
            person("张三", left="2026-11-20", successor="李四"),
            person("李四", away=away),
            person("赵六", left="2026-11-21", successor="李四"),
            person("孙八", left="2026-01-01"),
        ]
    )
    assert known.stands_for("张三", TODAY) == "王五"
    assert known.stands_for("赵六", TODAY) == "赵六"
    assert known.stands_for("孙八", TODAY) == ""
    assert known.stands_for("谁", TODAY) == "谁"
    assert known.speaks_for("王五", "张三", TODAY)
    assert known.speaks_for("张三", "张三", TODAY)
    assert not known.speaks_for("李四", "张三", TODAY)
    assert not known.speaks_for("", "孙八", TODAY)


def test_deputies_of_each_other_are_asked_themselves() -> None:
    away = {"from": "2026-11-01", "until": "2026-11-30"}
    known = Roles.under(
        [
            person("张三", away={**away, "deputy": "李四"}),
            person("李四", away={**away, "deputy": "张三"}),
            person("王五", left="2026-01-01", successor="赵六"),
            person("赵六", left="2026-01-01", successor="王五"),
            person("孙八", away={**away, "deputy": "孙八"}),
        ]
    )
    assert [known.stands_for(name, TODAY) for name in ("张三", "李四", "孙八")] == [
        "张三",
        "李四",
        "孙八",
    ]
    assert known.stands_for("王五", TODAY) == ""


def test_what_nobody_is_named_for_falls_to_who_decides_where_it_began() -> None:
    assert roles().coordinators(P) == ("李四",)
    assert roles().coordinators() == ("李四",)
    assert set(Roles.under(OFFICE[1:]).coordinators()) == {"李四", "林工"}
    assert Roles.under([]).coordinators(P) == ()
    assert roles().initiator(P) == "市场部"
    assert roles().initiator(Q) == ""


ANYTHING = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.lists(st.text(max_size=2), max_size=2)
    | st.sampled_from(["甲", "乙", "丙", "2026-11-20", "decision", "liaison"])
)
BODY = st.dictionaries(
    st.sampled_from(
        [
            "name",
            "department",
            "head",
            "parent",
            "aliases",
            "superior",
            "successor",
            "left",
            "away",
            "of",
            "person",
            "layer",
            "role",
            "decides",
            "member",
            "initiator",
        ]
    ),
    ANYTHING | st.dictionaries(st.sampled_from(["from", "until", "deputy"]), ANYTHING),
)
RECORDS = st.lists(
    st.builds(
        Record,
        st.sampled_from(["person", "department", "seat", "project", "task"]),
        st.sampled_from("甲乙丙"),
        BODY,
    )
)


@given(RECORDS, st.randoms())
def test_odd_records_never_raise_and_their_order_makes_no_difference(
    records: list[Record], random: Any
) -> None:
    records = list({(each.kind, each.id): each for each in records}.values())
    shuffled = list(records)
    random.shuffle(shuffled)
    one, other = Roles.under(records), Roles.under(shuffled)
    for name in "甲乙丙":
        for a in (one, other):
            a.superior(name)
        assert one.liaisons(name, "甲") == other.liaisons(name, "甲")
        assert one.decider(name, "甲") == other.decider(name, "甲")
        assert one.stands_for(name, TODAY) == other.stands_for(name, TODAY)
        assert one.decision_layer(name) == other.decision_layer(name)
        assert one.coordinators(name) == other.coordinators(name)


def test_no_department_has_no_decider() -> None:
    roles = Roles.under([person("李雷", decides=True)])
    assert roles.decider("") == ""
