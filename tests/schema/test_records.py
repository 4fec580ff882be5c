from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.errors import UsageError
from schema.ids import derived_id, is_id
from schema.records import (
    KINDS,
    FieldSpec,
    Lift,
    NumberForm,
    canonical,
    check_bytes,
    document,
    encode,
    kind,
    lift,
    named_words,
    new_body,
    normal,
    own_id,
    problems,
    title_of,
)
from schema.wording import use

ID = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
OTHER = "017f22e2-79b0-7cc3-98c4-dc0c0c073990"
TASK = {
    "title": "产品说明书定稿",
    "state": "doing",
    "project": ID,
    "department": "研发部",
    "owner": "*工程师",
    "start": "2026-11-10",
    "due": "2026-11-24T17:00",
    "priority": 2,
    "standard": ["含支付参数与安装图", "两部门评审一次通过"],
    "plan": [{"at": "2026-11-20", "was": "2026-11-20", "to": "2026-11-24T17:00", "why": "出差"}],
    "smart": {"s": "一份说明书", "t": "11-24"},
}
REQUEST = {
    "title": "新品官网产品页功能开发协作",
    "initiator": "产品部",
    "departments": ["技术部", "设计部"],
    "goal": "配合Q3新品上市,需官网同步上线产品详情页,提升用户转化率",
    "items": [
        {"department": "技术部", "content": "完成前端交互功能开发,兼容PC/移动端"},
        {"department": "设计部", "content": "提供UI设计稿及切图资源"},
    ],
    "standard": ["功能测试通过率100%", "提供开发文档及操作手册", "页面加载时间≤2秒"],
    "stages": [
        {"title": "需求确认", "due": "2024-07-20"},
        {"title": "开发完成", "due": "2024-08-10"},
        {"title": "正式上线", "due": "2024-08-15"},
    ],
    "owners": [{"department": "技术部", "person": "*工"}],
    "due": "2024-08-15",
}


def faults(name: str, body: dict[str, Any]) -> dict[str, str]:
    return {error.field: error.sentence for error in problems(name, body)}


@pytest.fixture
def chinese() -> Iterator[None]:
    use("zh")
    yield
    use("en")


# Values that fit a field, and values that fit none, made from the field's own facts.

TEXTS = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]) | st.sampled_from("字Q3，。 "),
    max_size=60,
)


def fitting(spec: FieldSpec) -> st.SearchStrategy[Any]:
    days = st.dates().filter(lambda day: 1000 <= day.year < 3000).map(str)
    match spec.type:
        case "line" | "text" | "dept" | "person":
            return TEXTS
        case "date":
            return days
        case "when":
            return days | st.builds(
                "{}T{:02}:{:02}".format, days, st.integers(0, 23), st.integers(0, 59)
            )
        case "month":
            return days.map(lambda day: day[:7])
        case "int":
            return st.integers(spec.low, spec.high)
        case "num":
            return st.decimals(-(10**9), 10**9, places=2).map(str)
        case "bool":
            return st.booleans()
        case "word":
            return st.sampled_from([token for token, _label in spec.words])
        case "ref":
            return st.sampled_from([ID, OTHER])
        case "row":
            return st.fixed_dictionaries(
                {}, optional={each.name: fitting(each) for each in spec.cells}
            )
        case "rows":
            row = st.fixed_dictionaries(
                {}, optional={each.name: fitting(each) for each in spec.cells}
            )
            return st.lists(row, max_size=3)
        case "list":
            assert isinstance(spec.item, FieldSpec)
            return st.lists(fitting(spec.item), max_size=3)
    raise AssertionError(spec.type)


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats()
    | TEXTS
    | st.sampled_from(
        ["2026-11-27", "2026-13-01", "2026-11-27T25:00", ID, "todo", "12.50", "x" * 20_000]
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["department", "content", "due", "s"]) | TEXTS, inner)
    ),
    max_leaves=4,
)


@st.composite
def bodies(draw: st.DrawFn, wild: bool = False) -> tuple[str, dict[str, Any]]:
    chosen = draw(st.sampled_from(sorted(KINDS)))
    fields = {
        spec.name: fitting(spec) | ANYTHING if wild else fitting(spec)
        for spec in KINDS[chosen].fields
    }
    return chosen, draw(st.fixed_dictionaries({}, optional=fields))


# The registry


def test_the_kinds_are_those_of_the_table() -> None:
    assert set(KINDS) == {
        *("department", "person", "policy", "project", "milestone", "dependency"),
        *("task", "progress", "comment", "request", "blocker"),
        *("seat", "duty", "risk", "resource", "meeting", "topic"),
        *("report", "acceptance", "lesson", "signoff", "calendar"),
    }
    assert all(name == each.name and each.version == 1 for name, each in KINDS.items())


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_has_the_common_fields_title_first(name: str) -> None:
    names = [spec.name for spec in KINDS[name].fields]
    assert names[0] == "title"
    assert names[-4:] == ["project", "note", "links", "tags"]
    assert names == list(KINDS[name].by_name)


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("department", "name head parent aliases contact active"),
        (
            "person",
            "name post department contact superior member decides away left successor",
        ),
        ("policy", "key amount unit roll value source"),
        (
            "project",
            "state scenario initiator departments goal deliverable standard start due ended retro priority",
        ),
        ("milestone", "state due department reached_when reached"),
        ("dependency", "before after condition lag"),
        (
            "task",
            (
                "state source department departments owner start due priority standard deliverable"
                " version phase delay_cause need delay_type plan smart"
            ),
        ),
        ("progress", "of day did next says percent delay_cause need"),
        ("comment", "of type text about departments"),
        (
            "request",
            (
                "state scenario initiator departments goal items standard stages owners due risk"
                " priority baseline"
            ),
        ),
        (
            "blocker",
            (
                "state why unblock trigger illness phenomenon essence effect attributed lead"
                " departments owner source target options verify_on round first_said"
            ),
        ),
        ("seat", "of department person layer role duty present delegate opinion"),
        (
            "duty",
            "state of department scope content process standard part phase basis ruled_by meeting",
        ),
        (
            "risk",
            "state of description effect trigger response respond_by owner likelihood impact",
        ),
        (
            "resource",
            (
                "state of department from type what amount unit start due urgency contest provider"
                " given given_on outcome basis basis_note ruled_by"
            ),
        ),
        (
            "meeting",
            (
                "state type goal gate form place link start minutes about departments prepare"
                " material_due began ended opening closing summary next"
            ),
        ),
        (
            "topic",
            (
                "state of order content owner department minutes output criterion contested now"
                " problem decide spent conclusion dispute"
            ),
        ),
        ("report", "state type of department week did next risks needs held_on attendees"),
        ("acceptance", "state type of department round lines result rework_due next_round"),
        (
            "lesson",
            (
                "state type of text scenario figure factors cautions rule rule_department variants"
                " steps"
            ),
        ),
        ("signoff", "of of_dot baseline meaning department text"),
        ("calendar", "year region off work published source"),
    ],
)
def test_a_kind_has_the_fields_of_the_table(name: str, fields: str) -> None:
    assert [spec.name for spec in kind(name).fields][1:-4] == fields.split()


def test_rows_know_their_cells_under_the_names_they_are_written_with() -> None:
    away = kind("person").by_name["away"]
    assert [(cell.name, cell.type) for cell in away.cells] == [
        ("from", "date"),
        ("until", "date"),
        ("deputy", "person"),
    ]
    effect = kind("blocker").by_name["first_said"].cells[2]
    assert [cell.name for cell in effect.cells] == ["on", "how_much"]


def test_the_words_of_a_task_are_stable() -> None:
    task = kind("task")
    assert task.states == ("todo", "doing", "review", "done", "dropped")
    assert task.finished == {"done", "dropped"}
    assert named_words(task.by_name["state"], ["todo", "done"]) == "not started (todo), done (done)"


@pytest.mark.parametrize(
    ("name", "nearest"), [("tasks", "task"), ("blockers", "blocker"), ("milstone", "milestone")]
)
def test_an_unknown_kind_names_the_nearest(name: str, nearest: str) -> None:
    with pytest.raises(UsageError, match=f"Did you mean {nearest}"):
        kind(name)


def test_an_unknown_kind_near_to_none_lists_them_all() -> None:
    with pytest.raises(UsageError, match="department, person, project"):
        kind("\x1b[2J")


def test_only_title_is_mandatory_unless_said() -> None:
    needed = {name: set(faults(name, {})) for name in KINDS}
    assert needed == {
        "department": {"name"},
        "person": {"name"},
        "policy": {"key"},
        "project": {"title"},
        "milestone": {"title"},
        "dependency": {"before", "after"},
        "task": {"title"},
        "progress": set(),
        "comment": set(),
        "request": {"title"},
        "blocker": {"title", "why", "unblock"},
        "seat": {"of"},
        "duty": set(),
        "risk": {"title"},
        "resource": {"title"},
        "meeting": {"title", "gate"},
        "topic": {"title"},
        "report": {"title"},
        "acceptance": {"title"},
        "lesson": {"title"},
        "signoff": {"of", "meaning"},
        "calendar": {"year"},
    }


# Ids, numbers, names


def test_a_derived_kind_has_the_id_of_its_key() -> None:
    assert own_id("department", {"name": "市场部"}) == derived_id("department", "市场部")
    assert own_id("person", {"name": "*经理"}) == derived_id("person", "*经理")
    assert own_id("policy", {"key": "warn"}) == derived_id("policy", "warn")
    made = own_id("dependency", {"before": ID, "after": OTHER})
    assert made == derived_id("dependency", ID, OTHER)
    assert is_id(made)
    assert own_id("task", TASK) is None


def test_a_sign_off_is_named_by_its_author_too() -> None:
    said = {"of": ID, "of_dot": "aaaaaaaaaa:3", "meaning": "receipt", "department": "市场部"}
    made = own_id("signoff", said, "李雷")
    assert made == derived_id("signoff", ID, "aaaaaaaaaa:3", "李雷", "市场部", "receipt")
    assert made != own_id("signoff", said, "韩梅梅")
    signed = {"of": ID, "baseline": 2, "meaning": "sign"}
    assert own_id("signoff", signed, "李雷") == derived_id("signoff", ID, "2", "李雷", "", "sign")


def test_a_report_has_a_derived_id_where_it_is_weekly() -> None:
    weekly = {"type": "weekly", "project": ID, "department": "市场部", "week": "2026-W47"}
    assert own_id("report", weekly) == derived_id("report", ID, "市场部", "2026-W47")
    assert own_id("report", {**weekly, "type": "retro"}) is None


def test_the_parts_of_a_derived_id_cannot_be_changed() -> None:
    base = {"title": "周报", "type": "weekly", "department": "市场部", "week": "2026-W47"}
    assert problems("report", {**base, "did": ["一"]}, base=base) == []
    (told,) = problems("report", {**base, "week": "2026-W48"}, base=base)
    assert told.field == "week"
    retro = {**base, "type": "retro"}
    (told,) = problems("report", base, base=retro)
    assert told.field == "type"
    assert problems("report", {**retro, "week": ""}, base=retro) == []
    (told,) = problems("calendar", {"year": 2028}, base={"year": 2027})
    assert told.field == "year"


def test_a_sign_off_is_never_changed() -> None:
    base = {"of": ID, "meaning": "receipt"}
    assert problems("signoff", base, base=base) == []
    assert set(problems_of("signoff", {**base, "text": "好"}, base)) == {"text"}
    assert set(problems_of("signoff", {**base, "meaning": "agree"}, base)) == {"meaning"}


def problems_of(name: str, body: dict[str, Any], base: dict[str, Any]) -> list[str]:
    return [error.field for error in problems(name, body, base=base)]


@pytest.mark.parametrize("meaning", ["object", "feedback"])
def test_an_objection_and_feedback_say_what(meaning: str) -> None:
    assert set(faults("signoff", {"of": ID, "meaning": meaning})) == {"text"}
    assert faults("signoff", {"of": ID, "meaning": meaning, "text": "样册晚了"}) == {}


@pytest.mark.parametrize(
    ("name", "serial", "number"),
    [
        ("task", 21, "T-021"),
        ("meeting", 31, "M-031"),
        ("blocker", 14, "B-014"),
        ("request", 15, "XLX-2026-015"),
        ("task", 1000, "T-1000"),
    ],
)
def test_a_number_grows_past_its_width(name: str, serial: int, number: str) -> None:
    form = kind(name).number
    assert form is not None
    assert form.number(serial, 2026) == number


def test_milestones_and_people_have_no_number() -> None:
    assert kind("milestone").number is None
    assert kind("person").number is None


@pytest.mark.parametrize(
    ("policy", "number"),
    [
        ({"value": "对接-{year}-{serial}", "amount": "4"}, "对接-2026-0007"),
        ({"value": "NO-SERIAL", "amount": "2"}, "T-07"),
        ({"value": "{serial.__class__}{serial}"}, "{serial.__class__}007"),
        ({"amount": "-3"}, "T-007"),
        ({"amount": "99999999"}, "T-000000000007"),
        ({}, "T-007"),
    ],
)
def test_a_policy_changes_the_form_of_numbers_but_never_loses_the_serial(
    policy: dict[str, Any], number: str
) -> None:
    assert NumberForm("T-{serial}").under(policy).number(7, 2026) == number


def test_a_number_policy_without_a_serial_is_pointed_out() -> None:
    assert set(faults("policy", {"key": "number.task", "value": "T"})) == {"value"}
    assert faults("policy", {"key": "number.task", "value": "T-{serial}"}) == {}
    assert faults("policy", {"key": "zone", "value": "Asia/Shanghai"}) == {}


def test_what_has_no_title_is_called_by_what_stands_for_it() -> None:
    assert title_of("department", {"name": "市场部"}) == "市场部"
    assert title_of("department", {"name": "市场部", "title": "市场中心"}) == "市场中心"
    assert title_of("comment", {"text": "印厂要参数页\n晚了顺延"}) == "印厂要参数页"
    assert title_of("progress", {"did": "登录界面已完成"}) == "登录界面已完成"
    assert title_of("task", {}) == ""
    assert title_of("task", {"title": 7}) == ""


# New bodies and JSON


def test_a_new_task_starts_as_todo_with_priority_three_in_ones_own_department() -> None:
    assert new_body("task", {"title": "原型定稿"}, department="研发部") == {
        "title": "原型定稿",
        "state": "todo",
        "priority": 3,
        "department": "研发部",
    }


def test_what_is_named_is_kept_even_when_emptied_but_never_the_state() -> None:
    body = new_body(
        "task", {"title": "t", "department": "", "priority": None, "state": ""}, department="研发部"
    )
    assert body == {"title": "t", "state": "todo"}


def test_a_blocker_is_led_and_a_request_initiated_by_the_writers_department() -> None:
    blocker = new_body("blocker", {"why": "缺说明书"}, department="市场部")
    assert blocker == {"why": "缺说明书", "state": "open", "lead": "市场部"}
    assert new_body("request", {}, department="产品部") == {"state": "draft", "initiator": "产品部"}
    assert new_body("comment", {"text": "好"}, department="产品部") == {"text": "好"}


def test_somebody_without_a_department_writes_none() -> None:
    assert "department" not in new_body("task", {"title": "t"}, department=None)


def test_absent_and_empty_are_the_same_bytes() -> None:
    empty: dict[str, Any] = {"title": "t", "note": "", "links": [], "owner": None, "away": {}}
    assert encode(empty) == encode({"title": "t"}) == b'{"title":"t"}'
    assert normal({"percent": 0, "active": False}) == {"percent": 0, "active": False}


def test_keys_are_sorted_at_every_level_and_text_stays_as_it_is() -> None:
    body = {"title": "说明书\n二", "plan": [{"why": "w", "at": "2026-11-20"}], "新": 1, "é": 2}
    assert encode(body).decode() == (
        '{"plan":[{"at":"2026-11-20","why":"w"}],"title":"说明书\\n二","é":2,"新":1}'
    )


@pytest.mark.parametrize("value", [0.5, 1e300, 2**53 + 1, -(2**53) - 1, [{"x": 1.0}]])
def test_numbers_that_other_readers_would_change_are_not_written(value: Any) -> None:
    with pytest.raises(UsageError):
        encode({"later": value})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b'"text"',
        b'{"title": "t"}',
        b'{"title":"t"}\n',
        b'{"title":"t","title":"u"}',
        b'{"title":"t","note":""}',
        b'{"title":"t","note":null}',
        b'{"b":1,"a":2}',
        b'{"a":{"y":1,"x":2}}',
        b'{"a":1.0}',
        b'{"a":1e2}',
        b'{"a":-0}',
        b'{"a":9007199254740993}',
        b'{"a":123456789012345678901234567890}',
        b'{"a":"\\u4e00"}',
        b'{"a":"\\/"}',
        b'{"a":"\\ud800"}',
        b'{"a":"\xff"}',
        b'{"a":NaN}',
        b'{"a":' + b"[" * 30_000 + b"]" * 30_000 + b"}",
    ],
)
def test_other_ways_to_write_a_body_are_not_canonical(body: bytes) -> None:
    assert not canonical(body)


@pytest.mark.parametrize("body", [b"{}", b'{"a":9007199254740992}', b'{"a":[1,"x",{"b":null}]}'])
def test_the_canonical_way_is_canonical(body: bytes) -> None:
    assert canonical(body)


@given(bodies())
def test_what_is_encoded_is_canonical_and_reads_back_the_same(
    made: tuple[str, dict[str, Any]],
) -> None:
    _kind, body = made
    written = encode(body)
    assert canonical(written)
    assert json.loads(written) == normal(body)
    assert encode(json.loads(written)) == written


# What the form says


def test_the_guides_own_request_has_no_problem() -> None:
    assert problems("request", REQUEST) == []
    assert problems("task", TASK) == []


@pytest.mark.row("S003-21")
def test_a_name_of_twenty_one_characters_is_too_long_and_counted() -> None:
    assert faults("request", {"title": "新" * 20 + "，。"}) == {}
    assert faults("request", {"title": "新" * 21}) == {
        "title": "Request name has 21 words or Han characters; at most 20."
    }


def test_a_single_endless_word_is_too_long_too() -> None:
    sentence = "Request name has 201 characters; at most 200."
    assert faults("request", {"title": "x" * 201}) == {"title": sentence}
    assert faults("request", {"title": "x" * 200}) == {}


def test_a_cause_of_delay_and_what_is_needed_come_together() -> None:
    assert set(faults("task", {"title": "t", "delay_cause": "缺人"})) == {"need"}
    assert set(faults("task", {"title": "t", "need": "1 名工程师"})) == {"delay_cause"}
    assert faults("task", {"title": "t", "delay_cause": "缺人", "need": "1 名工程师"}) == {}


@pytest.mark.row("S000-16")
def test_progress_that_says_late_needs_cause_and_need() -> None:
    assert set(faults("progress", {"says": "late"})) == {"delay_cause", "need"}
    assert faults("progress", {"says": "late", "delay_cause": "缺人", "need": "1 人"}) == {}
    assert faults("progress", {"says": "doing"}) == {}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", 7),
        ("title", "two\nlines"),
        ("title", " \t"),
        ("start", "2026-02-30"),
        ("start", "2026-11-27T17:00"),
        ("start", "27.11.2026"),
        ("start", "２０２６-11-27"),
        ("due", "2026-11-27T24:00"),
        ("due", "2026-11-27 17:00"),
        ("priority", 0),
        ("priority", 5),
        ("priority", True),
        ("priority", "3"),
        ("priority", 3.0),
        ("state", "late"),
        ("source", "T-021"),
        ("standard", "one"),
        ("standard", ["good", 7]),
        ("standard", [None]),
        ("plan", [{"at": "soon"}]),
        ("plan", [["at"]]),
        ("smart", ["s"]),
        ("smart", {"s": "长" * 81}),
        ("links", {"label": "x"}),
    ],
)
def test_a_value_that_does_not_fit_its_field_is_pointed_out(field: str, value: Any) -> None:
    assert set(faults("task", {"title": "t", field: value})) == {field}


def test_a_row_that_is_wrong_is_named_by_its_place() -> None:
    told = faults("request", {"title": "t", "stages": [{"due": "2026-11-20"}, {"due": "soon"}]})
    assert told == {"stages": "Row 2: Due must be a date, not soon."}


def test_a_word_that_is_none_lists_the_words() -> None:
    (told,) = problems("milestone", {"title": "t", "state": "gone"})
    assert told.sentence == "State cannot be gone."
    assert (
        told.way_out == "The words are: not reached (open), reached (reached), dropped (dropped)."
    )


def test_a_hostile_value_is_shown_by_its_marks() -> None:
    (told,) = problems("task", {"title": "t", "due": "\x1b]0;x\x07"})
    assert "\x1b" not in str(told)


@pytest.mark.usefixtures("chinese")
def test_problems_are_told_in_chinese() -> None:
    told = [str(error) for error in problems("blocker", {"title": "卡点", "round": 0, "why": "缺"})]
    assert told == [
        "「怎样能解开」（unblock）必填。填好后再存。",
        "「轮次」写的是 0。请写 1 到 999 之间的整数。",
    ]
    (late,) = problems("progress", {"says": "late", "need": "1 人"})
    assert late.sentence == "「进展状态」为「延迟」时，「延迟原因」必填。"


def test_a_key_cannot_be_changed_but_the_label_can() -> None:
    base = {"name": "市场部"}
    assert problems("department", {"name": "市场部", "title": "市场中心"}, base=base) == []
    (told,) = problems("department", {"name": "市场中心"}, base=base)
    assert told.field == "name"


def test_fields_of_a_newer_client_are_left_alone() -> None:
    assert problems("task", {"title": "t", "mood": {"deep": [1, None]}}) == []


# What the hub checks


@given(bodies())
def test_values_made_from_the_facts_have_no_problem_but_missing_ones(
    made: tuple[str, dict[str, Any]],
) -> None:
    name, body = made
    told = [
        error
        for error in problems(name, body)
        if not error.sentence.endswith("is needed.") and "is needed " not in error.sentence
    ]
    told = [each for each in told if "at most" not in each.sentence and each.field != "value"]
    assert told == []


@given(bodies(wild=True))
def test_the_hub_takes_whatever_the_form_takes(made: tuple[str, dict[str, Any]]) -> None:
    name, body = made
    wrong = {error.field for error in problems(name, body)}
    taken = {field: value for field, value in body.items() if field not in wrong}
    try:
        written = encode(taken)
    except UsageError:
        # A cell that the kind does not know may hold a float; `encode` says so.
        return
    assert check_bytes(name, written) is None


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"",
        b'{"title":7}',
        b'{"title":"' + b"x" * 681 + b'"}',
        b'{"priority":9}',
        b'{"priority":2.5}',
        b'{"due":"2026-11-27T99:00"}',
        b'{"due":"2026-11-27\\n"}',
        b'{"state":"finished"}',
        b'{"project":"../../etc"}',
        b'{"standard":"one"}',
        b'{"plan":[{"at":7}]}',
        b'{"title":"\xff"}',
        b'{"x":' + b"[" * 30_000 + b"]" * 30_000 + b"}",
    ],
)
def test_the_hub_says_in_a_word_what_it_cannot_take(body: bytes) -> None:
    assert check_bytes("task", body)


def test_the_hub_lets_unknown_fields_pass_and_names_unknown_kinds() -> None:
    assert check_bytes("task", b'{"mood":{"a":[1]},"title":"t"}') is None
    assert check_bytes("tasks", b"{}") == "unknown kind"


# What the store lifts


def test_the_columns_are_lifted() -> None:
    assert lift(encode(TASK)) == Lift(
        title="产品说明书定稿",
        state="doing",
        project=ID,
        department="研发部",
        owner="*工程师",
        start="2026-11-10",
        due="2026-11-24T17:00",
        priority=2,
    )
    comment = lift(encode({"of": ID, "text": "ja"}))
    assert comment.of == ID
    dependency = lift(encode({"before": ID, "after": ID[::-1]}))
    assert (dependency.before, dependency.after) == (ID, ID[::-1])


@pytest.mark.parametrize(
    ("due", "key"),
    [
        ("2026-11-27", "2026-11-27T24:00"),
        ("2026-11-27T17:00", "2026-11-27T17:00"),
        ("2026-02-31", None),
        ("2026-02-28T24:00", None),
        ("whenever", None),
        ("", None),
    ],
)
def test_a_due_sorts_by_the_end_of_its_day_or_its_hour(due: str, key: str | None) -> None:
    assert Lift(due=due).due_at == key
    assert Lift().due_at is None


def test_what_has_no_priority_ranks_last() -> None:
    assert [Lift(priority=priority).rank for priority in (1, 4, 0, None)] == [1, 4, 9, 9]


def test_a_field_of_another_type_lifts_as_none_and_the_others_stay() -> None:
    body = b'{"due":["x"],"owner":null,"priority":"high","state":{"a":1},"title":"t"}'
    assert lift(body) == Lift(title="t")
    assert lift(b'{"priority":9007199254740993,"title":"t"}') == Lift(title="t")
    assert lift(b'{"priority":true,"title":"t"}') == Lift(title="t")
    assert lift(b'{"title":"\\ud800","due":"2026-11-20"}').title is None


@given(st.dictionaries(st.sampled_from([*Lift.__struct_fields__, "x"]), ANYTHING))
def test_lifting_never_raises(body: dict[str, Any]) -> None:
    lifted = lift(msgspec.json.encode(body))
    for name in Lift.__struct_fields__:
        value = body.get(name)
        if isinstance(value, str):
            assert getattr(lifted, name) == (None if name == "priority" else value)


def test_lifting_survives_a_body_nested_too_deeply() -> None:
    assert lift(b'{"x":' + b"[" * 30_000 + b"]" * 30_000 + b"}") == Lift()


# Pages and start-up


def test_the_page_of_records_is_up_to_date() -> None:
    page = Path(__file__).parents[2] / "docs" / "records.md"
    assert page.read_text(encoding="utf-8") == document()


def test_every_string_of_the_records_has_its_chinese() -> None:
    def specs(fields: tuple[FieldSpec, ...]) -> Iterator[FieldSpec]:
        for spec in fields:
            yield spec
            yield from specs(spec.cells)

    catalogue = Path(__file__).parents[2] / "schema/locales/zh.po"
    known = catalogue.read_text(encoding="utf-8")
    for each in KINDS.values():
        shown = [each.label]
        for spec in specs(each.fields):
            shown += [spec.label, spec.help, spec.unit, *(label for _token, label in spec.words)]
        for text in filter(None, shown):
            assert f'msgid "{text}"\n' in known or text == "%"


def test_the_records_load_without_what_only_some_commands_need() -> None:
    code = (
        "import sys, msgspec; before = set(sys.modules); import schema.records;"
        "print(*sorted({'dataclasses', 'hashlib', 'gettext', 'difflib', 'zoneinfo'} & (set(sys.modules) - before)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == ""


@pytest.mark.parametrize(
    "unseen", ["\u200b\u200b", "\u200d", "\u2060\ufeff", " \u3000\u200b", "\ufe0f"]
)
def test_what_nobody_sees_fills_nothing(unseen: str) -> None:
    assert set(faults("request", {"title": unseen})) == {"title"}
    said = {"title": "t", "delay_cause": "缺人", "need": unseen}
    assert set(faults("task", said)) == {"need"}
    assert set(faults("progress", {"says": "late", "delay_cause": unseen, "need": "1 人"})) == {
        "delay_cause"
    }
