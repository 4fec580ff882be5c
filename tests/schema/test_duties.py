from __future__ import annotations

from typing import Any

import pytest

from schema.rules.duties import Shared, gaps, normalised, overlaps, unowned


def duty(department: str, *content: str, **more: Any) -> dict[str, Any]:
    return {"department": department, "content": list(content), **more}


# Handbook S002, 3.3 and 6.2.
SALES = duty("销售部", "市场调研", "客户开发", "合同签订")
PRODUCTION = duty("生产部", "生产计划", "过程控制", "质量检验")
MARKETING = duty("市场部", "品牌推广", "市场调研", "客户关系管理")


@pytest.mark.row("S002-09", "S002-15")
def test_market_research_under_two_departments_overlaps_and_under_one_does_not() -> None:
    assert overlaps([SALES, PRODUCTION, MARKETING]) == [Shared("市场调研", ("销售部", "市场部"))]
    assert overlaps([duty("销售部", "客户开发"), PRODUCTION, MARKETING]) == []


@pytest.mark.row("S002-09")
@pytest.mark.parametrize(
    ("other", "overlap"),
    [
        (duty("市场部", " 市场 调研。"), True),
        (duty("市场部", "市场调研", part="supports"), False),
        (duty("市场部", "市场调研", part="decides"), False),
        (duty("市场部", "市场调研", state="retired"), False),
        (duty("市场部", "市场调研", of="p"), False),
        (duty("市场部", "市场调研", phase="方案"), False),
        (duty("销售部", "市场调研"), False),
        ({"department": "市场部", "scope": "市场调研"}, True),
        ({"department": "市场部", "content": [7, None, "!!"]}, False),
        ({"content": ["市场调研"]}, False),
    ],
)
def test_two_who_manage_one_thing_overlap(other: dict[str, Any], overlap: bool) -> None:
    assert bool(overlaps([SALES, other])) is overlap


@pytest.mark.row("S000-22", "S000-36")
def test_one_first_for_each_phase_is_no_overlap() -> None:
    first: dict[str, Any] = {"part": "first", "scope": "客户投诉"}
    intake = {**first, "department": "销售部", "phase": "受理"}
    solution = {**first, "department": "技术部", "phase": "解决"}
    assert overlaps([intake, solution]) == []
    assert overlaps([intake, {**solution, "phase": "受理"}])


@pytest.mark.row("S002-09")
def test_a_line_that_nobody_leads_is_a_gap() -> None:
    support = [
        duty("销售部", "客户回访", part="supports"),
        duty("市场部", "客户回访", part="decides"),
    ]
    assert gaps(support) == [Shared("客户回访", ("销售部", "市场部"))]
    assert gaps([*support, duty("客服部", "客户回访", part="leads")]) == []
    assert gaps([SALES, MARKETING]) == []


@pytest.mark.row("S002-18")
def test_a_blocker_that_two_bounce_and_nobody_owns_is_a_gap() -> None:
    bounced = {"attributed": ["销售部", "生产部"]}
    assert unowned(bounced)
    assert not unowned({**bounced, "owner": "*经理"})
    assert not unowned({"attributed": ["销售部"]})
    assert not unowned({"attributed": 7})


def test_width_case_and_marks_make_no_difference() -> None:
    assert normalised("ＣＲＭ 维护，") == normalised("crm维护")
