"""What is offered while a filter is typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema import wording
from schema.completion import FLAG_HELP, Suggestion, complete
from schema.query import FLAGS, parse
from schema.records import KINDS
from schema.wording import _

TASK = KINDS["task"]
FIELDS = {spec.name: spec.type for spec in TASK.fields}


def people(field: str) -> list[str]:
    return {
        "owner": ["张三", "李四", "Ann Lee", 'a"b'],
        "department": ["研发部", "市场部"],
    }.get(field, [])


def offered(text: str, cursor: int | None = None, kind: str | None = "task") -> list[Suggestion]:
    at = len(text) if cursor is None else cursor
    return complete(text, at, KINDS[kind] if kind else None, values=people)


def inserts(text: str, cursor: int | None = None, kind: str | None = "task") -> list[str]:
    return [each.insert for each in offered(text, cursor, kind)]


def put(text: str, cursor: int | None = None) -> str:
    return offered(text, cursor)[0].put(text)[0]


def read(text: str) -> object:
    """What the filter language makes of a text in the language spoken now."""
    return parse(
        text,
        FIELDS,
        aliases={_(spec.label).lower(): spec.name for spec in TASK.fields},
        words={_(label): token for spec in TASK.fields for token, label in spec.words},
    )


def test_a_name_is_completed_with_its_colon() -> None:
    assert put("own") == "owner:"
    assert put("due<3d sta") == "due<3d state:"
    assert inserts("")[:3] == ["is:", "state:", "owner:"]
    assert "sort:" in complete("", 0, TASK, values=people, limit=99)[-1].insert


def test_a_chinese_label_is_understood_in_both_languages_and_put_in_where_it_is_read() -> None:
    assert put("责任") == "owner:"
    wording.use("zh")
    assert put("责任") == "负责人:"
    assert put("own") == "负责人:"
    assert read(put("own") + "张三")


def test_a_negated_term_keeps_its_minus() -> None:
    assert put("-sta") == "-state:"
    assert put("-state:to") == "-state:todo"
    assert put("－state:to") == "－state:todo"


def test_flags_follow_is() -> None:
    assert set(inserts("is:")) == set(FLAGS) == set(FLAG_HELP)
    assert put("is:la") == "is:late"
    assert put("is：la") == "is：late"


def test_words_of_a_state_are_offered_without_those_chosen() -> None:
    assert inserts("state:") == ["todo", "doing", "review", "done", "dropped"]
    assert inserts("state:todo,") == ["doing", "review", "done", "dropped"]
    assert put("state:todo,do") == "state:todo,doing"
    assert put("state:进行") == "state:doing"
    wording.use("zh")
    assert "进行中" in inserts("状态:")
    assert read("状态:进行中") == read("state:doing")


def test_over_all_kinds_the_words_of_every_kind_are_offered() -> None:
    everything = complete("state:", 6, None, values=people, limit=99)
    assert {"coordinating", "accepting", "review"} <= {each.insert for each in everything}
    assert "task" in inserts("kind:", kind=None)


def test_people_and_departments_come_from_the_records() -> None:
    assert inserts("owner:") == ["me", "张三", "李四", '"Ann Lee"', "none"]
    assert put("owner:张") == "owner:张三"
    assert put('owner:"Ann L') == 'owner:"Ann Lee"'
    assert put("owner:李四,m") == "owner:李四,me"
    assert inserts("department:市") == ["市场部"]


def test_dates_and_order() -> None:
    assert "+2wd" in inserts("due<")
    assert put("due<+2") == "due<+2wd"
    assert put("sort:-du") == "sort:-due"
    assert put("sort:") == "sort:state"


def test_the_middle_of_a_word_is_replaced_whole() -> None:
    assert put("state:doing due<3d", 3) == "state:doing due<3d"
    assert put("sta due<3d", 3) == "state: due<3d"
    assert put("state:dog,done x", 8) == "state:doing,done x"
    assert put("du<3d", 2) == "due<3d"


def test_an_unknown_field_and_plain_text_have_nothing_to_offer() -> None:
    assert inserts("nothing:") == []
    assert inserts("说明书定稿") == []
    assert inserts('"sta') == []


@pytest.mark.parametrize("lang", wording.LANGUAGES)
def test_whatever_is_put_in_is_read(lang: str) -> None:
    wording.use(lang)
    for spec in TASK.fields:
        named = [each for each in offered(spec.name) if each.insert.endswith(":")]
        assert named, spec.name
        for each in complete(f"{spec.name}:", len(spec.name) + 1, TASK, values=people, limit=99):
            read(each.put(f"{spec.name}:")[0])
    for each in complete("sort:", 5, TASK, values=people, limit=99):
        if each.insert not in ("number", "kind", "author", "id"):
            read(each.put("sort:")[0])


@given(
    st.one_of(
        st.text(max_size=40),
        st.text(alphabet='-－:：,，"“ aeiostu<>＝状态is责任人\n', max_size=40),
    ),
    st.integers(-3, 45),
    st.sampled_from([None, *KINDS]),
    st.sampled_from(wording.LANGUAGES),
)
def test_no_text_is_too_odd(text: str, cursor: int, kind: str | None, lang: str) -> None:
    wording.use(lang)
    for each in complete(text, cursor, KINDS[kind] if kind else None, values=people):
        fresh, stands = each.put(text)
        assert 0 <= each.start <= max(cursor, 0)
        assert each.start <= each.end <= len(text)
        assert fresh[each.start : stands] == each.insert
