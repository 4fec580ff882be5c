"""Worked examples of the guides stand in the played demonstration, their dates moved by whole weeks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Duijie
from tests.played import COORDINATOR, NOW
from tui.demo.examples import moved, weeks

BY = weeks(NOW.date())


def on(day: str) -> str:
    return moved(day, BY)


def wanted(title: str, department: str) -> tuple[str, str, dict[str, Any]]:
    """A task that 市场部 asks of a department for the launch."""
    return "task", title, {"department": department, "due": on("2024-06-30")}


EXAMPLES = (
    # S001-33
    (
        "project",
        "新产品上市推广",
        {
            "scenario": "launch",
            "initiator": "市场部",
            "departments": ["研发部", "销售部", "客服部", "产品部"],
            "goal": "3个月内完成产品上市并达成50万销量",
            "due": on("2024-06-30"),
            "note": "研发部人力紧张，需提前2周启动。",
        },
    ),
    wanted("提供技术参数", "研发部"),
    wanted("提交渠道铺货计划", "销售部"),
    wanted("制定售后话术", "客服部"),
    # S001-36; the story goes on with the first two
    (
        "task",
        "完成核心功能清单（终稿）",
        {
            "department": "产品部",
            "departments": ["研发部", "市场部"],
            "deliverable": "核心功能清单",
        },
    ),
    (
        "task",
        "技术可行性报告细化",
        {"department": "研发部", "due": on("2024-05-25"), "version": "V2.0"},
    ),
    (
        "task",
        "渠道适配建议落地",
        {"department": "销售部", "due": on("2024-05-28"), "deliverable": "渠道执行方案"},
    ),
    # S003-28
    (
        "request",
        "新品官网产品页功能开发协作",
        {
            "initiator": "产品部",
            "departments": ["技术部", "设计部"],
            "goal": "配合Q3新品上市，需官网同步上线产品详情页，提升用户转化率",
            "items": [
                {"department": "技术部", "content": "完成前端交互功能开发，兼容PC/移动端"},
                {"department": "设计部", "content": "提供UI设计稿及切图资源"},
            ],
            "standard": ["功能测试通过率100%", "提供开发文档及操作手册", "页面加载时间≤2秒"],
            "stages": [
                {"title": "需求确认", "due": on("2024-07-20")},
                {"title": "开发完成", "due": on("2024-08-10")},
                {"title": "正式上线", "due": on("2024-08-15")},
            ],
        },
    ),
    # S003-29
    ("task", "完成前端交互功能开发", {"department": "技术部", "owner": "*工", "state": "doing"}),
    (
        "progress",
        "",
        {"did": "今日完成登录接口开发", "next": "明日开始支付模块", "day": on("2024-05-20")},
    ),
)


@pytest.mark.row("S001-33", "S001-36", "S003-28", "S003-29")
@pytest.mark.parametrize(("kind", "title", "says"), EXAMPLES)
def test_an_example_of_the_guides_stands_in_the_demonstration(
    duijie: Duijie, played: dict[str, Path], kind: str, title: str, says: dict[str, Any]
) -> None:
    listed = duijie.ok("list", kind, "--json", home=played[COORDINATOR]).json
    bodies = [each["body"] for each in listed if each["body"].get("title", "") == title]
    assert says in [{name: body.get(name) for name in says} for body in bodies]
