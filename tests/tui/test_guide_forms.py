"""The forms of the guides, filled with their own words by the command, and read back in Chinese."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from tests.conftest import Duijie

PAGE = "新品官网产品页功能开发协作"
BACKGROUND = "配合Q3新品上市，需官网同步上线产品详情页，提升用户转化率"

Filled = Callable[..., list[str]]


@pytest.fixture
def filled(alone: Duijie) -> Filled:
    """Adds a record and gives the lines that show it, each with single spaces."""

    def fill(kind: str, *values: str) -> list[str]:
        id = alone.ok("add", kind, *values, lang="zh").id
        return [" ".join(line.split()) for line in alone.ok("show", id, lang="zh").out.splitlines()]

    return fill


def stands(lines: list[str], *wanted: str) -> None:
    """Each of these is a line of the record, in this order."""
    places = [lines.index(each) for each in wanted]
    assert all(one < other for one, other in pairwise(places))


@pytest.mark.row("S000-01", "S001-01", "S003-01")
def test_a_scenario_is_one_of_those_of_the_guides(filled: Filled) -> None:
    for kind in ("project", "request"):
        for called in (
            "新产品上市", "年度战略落地", "跨部门攻坚", "大型活动",
            "项目型协作", "资源协调", "问题解决", "流程优化",
        ):  # fmt: skip
            stands(filled(kind, f"title={called}", f"scenario={called}"), f"业务场景 {called}")


@pytest.mark.row("S000-10")
def test_a_dependency_says_what_comes_first_and_on_which_condition(
    alone: Duijie, filled: Filled
) -> None:
    first, then = (alone.ok("add", "task", f"title={title}").id for title in ("说明书", "物料"))
    condition = "研发部提供最终版产品说明书"
    said = filled("dependency", "before=说明书", "after=物料", f"condition={condition}")
    stands(said, f"前置 {first[-6:]} 说明书", f"后续 {then[-6:]} 物料", f"条件 {condition}")


@pytest.mark.row("S000-12", "S001-40")
def test_a_risk_says_its_effect_its_trigger_and_until_when_it_is_met(filled: Filled) -> None:
    said = filled(
        "risk", "title=研发进度滞后", "effect=影响生产备货", "trigger=延误超过3天",
        "response=定期汇报研发进度", "respond_by=2026-11-20T18:00",
    )  # fmt: skip
    stands(
        said, "标题 研发进度滞后", "连带影响 影响生产备货", "触发条件 延误超过3天",
        "应对措施 定期汇报研发进度", "应对期限 2026-11-20 18:00",
    )  # fmt: skip
    stands(filled("task", "title=核心功能清单", "version=V1.2"), "版本 V1.2")


@pytest.mark.row("S001-12")
def test_before_a_meeting_first_opinions_and_what_is_contested_are_written_down(
    alone: Duijie, filled: Filled
) -> None:
    held = (
        "title=评审会",
        "gate=decision",
        "start=2026-11-23T14:00",
        "material_due=2026-11-20T18:00",
    )
    meeting = alone.ok("add", "meeting", *held)
    assert "Material" not in meeting.err
    assert "Material comes on" in alone.ok("set", meeting.id, "material_due=2026-11-23T09:00").err
    seat = (f"of={meeting.id}", "person=*专员", "department=销售部", "opinion=先保证渠道")
    stands(filled("seat", *seat), "部门 销售部", "初步意见 先保证渠道")
    topic = ("title=功能优先级", f"of={meeting.id}", "contested=yes")
    stands(filled("topic", *topic), "有分歧 是")


@pytest.mark.row("S001-16")
def test_what_is_off_the_topic_is_parked_and_listed(alone: Duijie) -> None:
    meeting = alone.ok("add", "meeting", "title=评审会", "gate=decision").id
    for title in ("功能优先级", "年会安排"):
        alone.ok("add", "topic", f"title={title}", f"of={meeting}")
    alone.ok("set", alone.ok("list", "topic", "年会", "--json").json[0]["id"], "state=parked")
    parked = alone.ok("list", "topic", "state:parked", "--json").json
    assert [each["body"]["title"] for each in parked] == ["年会安排"]


@pytest.mark.row("S001-26")
def test_a_term_keeps_what_each_department_means_by_it(filled: Filled) -> None:
    said = filled(
        "lesson", "title=用户活跃度", "type=term", "text=当日登录过一次的用户数",
        'variants={"department":"市场部","meaning":"打开过应用"}',
        'variants={"department":"研发部","meaning":"调用过接口"}',
    )  # fmt: skip
    stands(
        said, "类别 术语", "正文 当日登录过一次的用户数",
        "各部门口径 部门 市场部 该部门的含义 打开过应用", "部门 研发部 该部门的含义 调用过接口",
    )  # fmt: skip


@pytest.mark.row("S002-01")
def test_a_blocker_names_its_illness(filled: Filled) -> None:
    for illness in ("沟通不畅", "目标模糊", "职责不清", "信息滞后"):
        blocker = ("title=客户投诉", "why=互相推", "unblock=定一方", f"illness={illness}")
        stands(filled("blocker", *blocker), f"病灶 {illness}")


@pytest.mark.row("S002-11", "S002-12")
def test_training_and_support_are_recorded_as_given(filled: Filled) -> None:
    training = filled(
        "resource", "title=沟通技巧培训", "type=training", "what=沟通技巧", "provider=external",
        "given=2", "unit=场", "given_on=2026-11-20", "state=given",
    )  # fmt: skip
    stands(
        training, "状态 已提供", "类别 培训", "需要什么 沟通技巧", "计量单位 场", "提供方 外部",
        "实际提供量 2", "提供日期 2026-11-20",
    )  # fmt: skip
    for sort in ("人员支持", "物资", "资金"):
        given = ("department=销售部", "from=市场部", f"type={sort}", "given=2")
        stands(
            filled("resource", "title=支持", *given),
            "部门 销售部", "提供部门 市场部", f"类别 {sort}", "实际提供量 2",
        )  # fmt: skip


@pytest.mark.row("S002-13")
def test_a_team_is_given_an_award(filled: Filled) -> None:
    award = ("type=award", "text=跨部门协作优秀团队", "departments=市场部", "about=*专员")
    stands(
        filled("comment", *award),
        "类别 表彰", "正文 跨部门协作优秀团队", "涉及人员 *专员", "协作部门 市场部",
    )  # fmt: skip


@pytest.mark.row("S002-14")
def test_a_case_says_what_made_it_and_what_to_mind(filled: Filled) -> None:
    case = ("type=case", "factors=目标一致", "factors=每周例会", "cautions=口径先说清")
    stands(
        filled("lesson", "title=联合促销", *case),
        "类别 案例", "成功要素 目标一致", "每周例会", "注意事项 口径先说清",
    )  # fmt: skip


@pytest.mark.row("S003-06")
def test_a_boundary_says_who_leads_supports_and_decides(alone: Duijie, filled: Filled) -> None:
    request = alone.ok("add", "request", "title=产品页").id
    for department, part in (("技术部", "牵头"), ("设计部", "配合"), ("产品部", "决策")):
        duty = (f"of={request}", f"department={department}", "scope=前端", f"part={part}")
        stands(filled("duty", *duty), f"部门 {department}", "职责范围 前端", f"分工 {part}")


@pytest.mark.row(
    "S003-21", "S003-22", "S003-23", "S003-24", "S003-25", "S003-26", "S003-27", "S003-31"
)
def test_a_request_is_filled_as_in_the_guides_table(alone: Duijie, filled: Filled) -> None:
    said = filled(
        "request", f"title={PAGE}", "initiator=产品部", "departments=技术部", "departments=设计部",
        f"goal={BACKGROUND}",
        'items={"department":"技术部","content":"完成前端交互功能开发，兼容PC/移动端"}',
        'items={"department":"设计部","content":"提供UI设计稿及切图资源"}',
        "standard=功能测试通过率100%", "standard=提供开发文档及操作手册", "standard=页面加载时间≤2秒",
        'stages={"title":"评审","due":"2026-11-20"}', 'stages={"title":"灰度上线","due":"2026-12-11"}',
        'owners={"department":"产品部","person":"*主管"}', 'owners={"department":"技术部","person":"*工"}',
    )  # fmt: skip
    stands(
        said, f"需求名称 {PAGE}", "发起部门 产品部", "协作部门 技术部", "设计部", f"背景与目标 {BACKGROUND}",
        "协作内容 部门 技术部 内容 完成前端交互功能开发，兼容PC/移动端", "部门 设计部 内容 提供UI设计稿及切图资源",
        "交付标准 功能测试通过率100%", "提供开发文档及操作手册", "页面加载时间≤2秒",
        "时间节点 节点 评审 到期 2026-11-20", "节点 灰度上线 到期 2026-12-11",
        "协作各方负责人 部门 产品部 对接人 *主管", "部门 技术部 对接人 *工",
    )  # fmt: skip
    twice = alone("add", "request", "title=页", "initiator=产品部", "initiator=技术部")
    assert "given twice" in twice.err
    for field, limit in (("title", 20), ("goal", 100)):
        given = {"title": "页", field: "字" * (limit + 1)}
        refused = alone("add", "request", *(f"{name}={text}" for name, text in given.items()))
        assert (refused.code, f"has {limit + 1} words or Han characters" in refused.err) == (
            1,
            True,
        )


@pytest.mark.row("S000-39")
def test_a_post_is_named_later_and_nothing_is_lost(alone: Duijie) -> None:
    post = alone.ok("add", "person", "name=*专员", "department=销售部").id
    project = alone.ok("add", "project", "title=新品上市", "initiator=销售部").id
    task = alone.ok("add", "task", "title=渠道铺货", "owner=*专员", f"project={project}").id
    alone.ok("add", "seat", f"of={project}", "department=销售部", "person=*专员", "duty=对接渠道")
    before = alone.ok("show", task, "--json").json
    assert "*专员" in alone.ok("paper", project, "role-table", lang="zh").out.replace("\\", "")
    alone.ok("set", post, "title=王敏", "contact=wangmin")
    table = alone.ok("paper", project, "role-table", lang="zh").out
    row = next(line for line in table.splitlines() if "对接渠道" in line)
    assert "王敏" in row
    assert "wangmin" in row
    assert alone.ok("show", task, "--json").json == before
    assert task in [each["id"] for each in alone.ok("find", "王敏", "--json").json]
