from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.rules.zi import count_zi


@pytest.mark.row("S003-21")
def test_the_guides_sample_name_counts_thirteen() -> None:
    assert count_zi("新品官网产品页功能开发协作") == 13


@pytest.mark.row("S003-23", "S003-33")
def test_the_guides_sample_background_counts_twenty_six() -> None:
    assert count_zi("配合Q3新品上市,需官网同步上线产品详情页,提升用户转化率") == 26


@pytest.mark.row("S003-33")
@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("Q3", 1),
        ("Ｑ３", 1),
        ("PC/移动端", 4),
        ("误差率≤1%", 4),
        ("，。、；：「」《》 …—", 0),
        ("a_b", 2),
        ("V1.2", 2),
        ("Cafe\u0301 bar", 2),
        ("𠮷野家", 3),
        ("コピー", 3),
        ("🙂🙂", 0),
        ("user experience", 2),
    ],
)
def test_han_counts_each_and_a_latin_run_once(text: str, count: int) -> None:
    assert count_zi(text) == count


@given(st.text(), st.text())
def test_texts_apart_count_what_they_count_alone(one: str, other: str) -> None:
    assert count_zi(f"{one} {other}") == count_zi(one) + count_zi(other)


@given(st.text(alphabet="，。！？、 \n-+=%()（）"))
def test_punctuation_counts_nothing(text: str) -> None:
    assert count_zi(text) == 0
