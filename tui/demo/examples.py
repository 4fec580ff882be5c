"""The worked examples of guides S001 and S003 as records, their dates brought near today.

The launch promotion (S001-33), the tasks of its review meeting (S001-36) and the product page
(S003-28, S003-29). What people wrote is Chinese in both languages.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from re import sub
from typing import Any, NamedTuple

from schema import ids
from schema.records import new_body, own_id
from schema.records.fields import DATE

MEETING = date(2024, 5, 20)
_REVIEW = "新产品上市功能优先级评审会"


class Example(NamedTuple):
    """A record as `duijie load` reads it."""

    kind: str
    id: str
    body: dict[str, Any]


def examples(today: date) -> list[Example]:
    """All records, what others refer to first, every date moved by `weeks(today)`."""
    return list(_examples(weeks(today)))


def weeks(today: date) -> timedelta:
    """How far the examples move: whole weeks, so that the review meeting was in the last seven days."""
    return timedelta(days=(today - MEETING).days // 7 * 7)


def moved(day: str, by: timedelta) -> str:
    """A date of the guides, with or without an hour, as the examples have it."""
    return f"{date.fromisoformat(day[:10]) + by}{day[10:]}"


def _examples(by: timedelta) -> Iterator[Example]:
    known: dict[str, str] = {}
    for place, (kind, key, written) in enumerate(_WRITTEN):
        body = new_body(kind, _placed(written, known, by), department=None)
        known[f"@{key}"] = own_id(kind, body) or _id(key, place)
        yield Example(kind, known[f"@{key}"], body)


def _id(key: str, place: int) -> str:
    """The same id in every demonstration, in the order of the list."""
    made = datetime.combine(MEETING, datetime.min.time(), UTC)
    return ids.uuid7(int(made.timestamp() * 1000) + place, sha256(key.encode()).digest()[:10])


def _placed(value: Any, known: dict[str, str], by: timedelta) -> Any:
    """A value with its references found and its dates moved."""
    if isinstance(value, dict):
        return {name: _placed(each, known, by) for name, each in value.items()}
    if isinstance(value, list):
        return [_placed(each, known, by) for each in value]
    if not isinstance(value, str):
        return value
    if value.startswith("@"):
        return known[value]
    return sub(DATE, lambda found: moved(found[0], by), value)


def _department(name: str, head: str) -> tuple[str, str, dict[str, Any]]:
    return "department", name, {"name": name, "title": name, "head": head}


def _person(name: str, department: str, **more: Any) -> tuple[str, str, dict[str, Any]]:
    said = {"name": name, "title": name, "post": name[1:], "department": department, **more}
    return "person", name, said


def _task(key: str, title: str, department: str, owner: str, due: str, **more: Any) -> Any:
    said = {"title": title, "department": department, "owner": owner, "due": due, **more}
    return "task", key, said


# Kind, key and body. A value `@key` is the id of the record of that key.
_WRITTEN: tuple[tuple[str, str, dict[str, Any]], ...] = (
    _department("市场部", "*经理"),
    _department("产品部", "*主管"),
    _department("研发部", "*工程师"),
    _department("销售部", "*专员"),
    _department("客服部", "*客服"),
    _department("技术部", "*工"),
    _department("设计部", "*设计师"),
    _person("*经理", "市场部", decides=True),
    _person("*主管", "产品部", decides=True),
    _person("*工程师", "研发部"),
    _person("*专员", "销售部"),
    _person("*客服", "客服部"),
    _person("*工", "技术部"),
    _person("*设计师", "设计部"),
    (
        "policy",
        "warn",
        {
            "title": "可预见的延误提前预警",
            "key": "warn",
            "amount": "2",
            "unit": "working_days",
            "roll": "none",
            "source": "S003-13",
        },
    ),
    (
        "policy",
        "answer",
        {
            "title": "对反馈的问题答复",
            "key": "answer",
            "amount": "24",
            "unit": "hours",
            "roll": "next",
            "source": "S003-14",
        },
    ),
    # S001-33
    (
        "project",
        "launch",
        {
            "title": "新产品上市推广",
            "state": "running",
            "scenario": "launch",
            "initiator": "市场部",
            "departments": ["研发部", "销售部", "客服部", "产品部"],
            "goal": "3个月内完成产品上市并达成50万销量",
            "deliverable": "产品原型、市场方案、技术文档",
            "standard": ["3个月内完成产品上市", "销量达到50万"],
            "start": "2024-04-01",
            "due": "2024-06-30",
            "retro": "required",
            "priority": 1,
            "note": "研发部人力紧张，需提前2周启动。",
        },
    ),
    (
        "milestone",
        "ranking",
        {
            "project": "@launch",
            "title": "功能优先级排序表定稿",
            "state": "reached",
            "department": "产品部",
            "due": "2024-05-20",
            "reached": "2024-05-20",
            "reached_when": "市场部、研发部、销售部、产品部在评审会上确定上线优先级",
        },
    ),
    (
        "milestone",
        "report",
        {
            "project": "@launch",
            "title": "技术可行性报告定稿",
            "department": "研发部",
            "due": "2024-05-25",
            "reached_when": "各功能的开发难度与资源需求都有结论",
        },
    ),
    (
        "milestone",
        "onsale",
        {
            "project": "@launch",
            "title": "产品上市",
            "department": "市场部",
            "due": "2024-06-30",
            "reached_when": "技术参数、渠道铺货计划、售后话术齐备",
        },
    ),
    # S001-36
    _task(
        "core",
        "完成核心功能清单（终稿）",
        "产品部",
        "*主管",
        "2024-05-22",
        project="@launch",
        state="doing",
        departments=["研发部", "市场部"],
        priority=1,
        standard=["基于用户调研数据，明确核心功能需求"],
        deliverable="核心功能清单",
        version="V1.2",
        note="市场部需求待补充，今日18点前确认。",
        tags=[_REVIEW],
    ),
    _task(
        "feasible",
        "技术可行性报告细化",
        "研发部",
        "*工程师",
        "2024-05-25",
        project="@launch",
        priority=2,
        standard=["评估各功能的开发难度与资源需求"],
        deliverable="技术可行性报告",
        version="V2.0",
        tags=[_REVIEW],
    ),
    _task(
        "channel",
        "渠道适配建议落地",
        "销售部",
        "*专员",
        "2024-05-28",
        project="@launch",
        priority=2,
        standard=["分析功能与销售渠道的匹配度"],
        deliverable="渠道执行方案",
        note="部分渠道反馈延迟，提前对接重点渠道负责人。",
        tags=[_REVIEW],
    ),
    # S001-35, the first topic's output
    _task(
        "draft",
        "核心功能清单（初稿）",
        "市场部",
        "*经理",
        "2024-05-20",
        project="@launch",
        state="done",
        deliverable="核心功能清单",
        version="V1.0",
        tags=[_REVIEW],
    ),
    # S001-33, what each department is asked for
    _task("parameters", "提供技术参数", "研发部", "*工程师", "2024-06-30", project="@launch"),
    _task("stocking", "提交渠道铺货计划", "销售部", "*专员", "2024-06-30", project="@launch"),
    _task("service", "制定售后话术", "客服部", "*客服", "2024-06-30", project="@launch"),
    # S003-28
    (
        "request",
        "page",
        {
            "title": "新品官网产品页功能开发协作",
            "state": "consensus",
            "scenario": "launch",
            "initiator": "产品部",
            "departments": ["技术部", "设计部"],
            "goal": "配合Q3新品上市，需官网同步上线产品详情页，提升用户转化率",
            "items": [
                {"department": "技术部", "content": "完成前端交互功能开发，兼容PC/移动端"},
                {"department": "设计部", "content": "提供UI设计稿及切图资源"},
            ],
            "standard": ["功能测试通过率100%", "提供开发文档及操作手册", "页面加载时间≤2秒"],
            "stages": [
                {"title": "需求确认", "due": "2024-07-20"},
                {"title": "开发完成", "due": "2024-08-10"},
                {"title": "正式上线", "due": "2024-08-15"},
            ],
            "owners": [
                {"department": "产品部", "person": "*主管"},
                {"department": "技术部", "person": "*工"},
                {"department": "设计部", "person": "*设计师"},
            ],
            "due": "2024-08-15",
            "tags": ["XLX-2024-015"],
        },
    ),
    _task(
        "drawings",
        "提供UI设计稿及切图资源",
        "设计部",
        "*设计师",
        "2024-08-10",
        source="@page",
        departments=["技术部"],
    ),
    # S003-29
    _task(
        "frontend",
        "完成前端交互功能开发",
        "技术部",
        "*工",
        "2024-08-10",
        source="@page",
        state="doing",
        departments=["产品部", "设计部"],
        standard=["功能测试通过率100%", "兼容PC/移动端"],
    ),
    (
        "progress",
        "frontend-day",
        {
            "of": "@frontend",
            "day": "2024-05-20",
            "did": "今日完成登录接口开发",
            "next": "明日开始支付模块",
            "says": "doing",
        },
    ),
    (
        "progress",
        "core-day",
        {
            "project": "@launch",
            "of": "@core",
            "day": "2024-05-20",
            "did": "核心功能清单 V1.2 已发研发部、市场部",
            "next": "市场部需求今日18点前确认",
            "says": "doing",
        },
    ),
    # S001-36, the risk that came true
    (
        "blocker",
        "people",
        {
            "project": "@launch",
            "title": "细化可行性报告人力不足",
            "trigger": "resource",
            "why": "研发部人力紧张，无人细化技术可行性报告",
            "unblock": "增加1名开发工程师",
            "phenomenon": "报告会后未开始细化",
            "effect": [{"on": "team", "how_much": "核心功能清单终稿等可行性结论"}],
            "attributed": ["研发部"],
            "lead": "研发部",
            "departments": ["市场部"],
            "owner": "*工程师",
            "source": "@feasible",
        },
    ),
    (
        "dependency",
        "core-report",
        {"before": "@core", "after": "@feasible", "condition": "核心功能清单终稿"},
    ),
    (
        "dependency",
        "core-channel",
        {"before": "@core", "after": "@channel", "condition": "核心功能清单终稿"},
    ),
    (
        "dependency",
        "people-report",
        {"before": "@people", "after": "@feasible", "condition": "增加的开发工程师到位"},
    ),
    (
        "dependency",
        "drawings-frontend",
        {"before": "@drawings", "after": "@frontend", "condition": "UI设计稿定稿"},
    ),
    (
        "comment",
        "minutes",
        {
            "project": "@launch",
            "type": "announcement",
            "text": "评审会任务已逐项确认。纪要会后24小时内发出，有异议请在收到后24小时内反馈。",
            "departments": ["市场部", "研发部", "销售部", "产品部"],
        },
    ),
)
