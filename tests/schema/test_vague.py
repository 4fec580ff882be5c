"""Words that cannot be checked are found; figures whose names have them inside are not."""

from __future__ import annotations

import pytest

from schema.records import KINDS
from schema.rules.vague import checkable_fields, vague_words


@pytest.mark.row("S003-04")
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("附开发文档与使用手册，尽快补齐", ["尽快"]),
        ("及时提供相关资料，及时反馈", ["及时", "相关"]),
        ("及时率不低于 95%，相关系数大于 0.9", []),
        ("完成率 100%，误差率不超过 1%", []),
        ("Delivered ASAP, roughly as needed", ["ASAP", "roughly", "as needed"]),
        ("Sooner or later is relevance", []),
        ("", []),
    ],
)
def test_vague_words_are_found_as_they_stand(text: str, found: list[str]) -> None:
    assert vague_words(text) == found


def test_every_field_to_be_checkable_is_one() -> None:
    for name, kind in KINDS.items():
        assert checkable_fields(name) <= set(kind.by_name)
    assert "standard" in checkable_fields("request")
    assert not checkable_fields("comment")
