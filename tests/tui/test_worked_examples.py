"""The worked examples of the toolkit (S000), the meeting (S001) and the duties (S002), by the command and in its documents."""

from __future__ import annotations

import pytest

from tests.conftest import Duijie

TRAINING = "销售部需市场部提供培训物料"
SAME_VENUE = "contest=活动场地"


class Example:
    """A workspace of one's own in which an example is written; `ids` are the records by their titles."""

    def __init__(self, duijie: Duijie) -> None:
        self.duijie = duijie
        self.ids: dict[str, str] = {}

    def add(self, kind: str, title: str, *values: str) -> str:
        self.ids[title] = self.duijie.ok("add", kind, f"title={title}", *values, lang="zh").id
        return self.ids[title]

    def paper(self, of: str, name: str) -> str:
        return self.duijie.ok("paper", self.ids[of], name, lang="zh").out

    def titles(self, kind: str, query: str) -> list[str]:
        found = self.duijie.ok("list", kind, query, "--json").json
        return sorted(each["body"]["title"] for each in found)


@pytest.fixture
def example(alone: Duijie) -> Example:
    return Example(alone)


@pytest.fixture
def launch(example: Example) -> Example:
    """产品X: the project, its milestones, its boundaries and its roles."""
    departments = [f"departments={name}" for name in ("销售部", "研发部", "生产部")]
    project = example.add(
        "project", "产品X上市", "scenario=launch", "initiator=市场部", *departments, "start=2024-04-01",
        "deliverable=Q3完成新产品X上市，首月销量目标10万台", "due=2024-09-30",
    )  # fmt: skip
    inside = f"project={project}"
    example.add("milestone", "研发原型", inside, "due=2024-06-30", "reached_when=研发原型定稿")
    example.add("milestone", "生产备货", inside, "due=2024-07-15", "reached_when=生产备货就绪")
    for department, scope, post, duty in (
        ("市场部", "推广素材制作", "*经理", "负责推广素材策划、渠道活动执行，协调媒体资源"),
        ("销售部", "渠道铺货", "*专员", "负责客户需求收集、销售目标达成，反馈市场竞品信息"),
        ("研发部", "技术支持", "*工程师", "负责产品技术方案输出、研发进度跟进"),
        ("生产部", "产能保障", "*主管", "负责产品产能规划、生产进度把控，保证按期交付"),
    ):
        of = (f"of={project}", f"department={department}")
        example.add("duty", scope, *of, f"scope={scope}", "part=leads")
        example.add(
            "seat", duty, *of, f"person={post}", "layer=execution", "role=liaison", f"duty={duty}"
        )
    return example


@pytest.mark.row("S000-30", "S000-04")
def test_the_goal_of_product_x_is_stated(launch: Example) -> None:
    text = launch.paper("产品X上市", "goal-statement")
    for row in (
        "| 最终交付成果 | Q3完成新产品X上市，首月销量目标10万台 |",
        "| 2024-06-30 周日（休息日） | 研发原型 | 研发原型定稿 |",
        "| 2024-07-15 周一 | 生产备货 | 生产备货就绪 |",
        "| 市场部 | 牵头 | 推广素材制作 |",
        "| 销售部 | 牵头 | 渠道铺货 |",
        "| 研发部 | 牵头 | 技术支持 |",
        "| 生产部 | 牵头 | 产能保障 |",
    ):
        assert row in text


@pytest.mark.row("S000-37", "S000-08")
def test_the_roles_of_product_x_are_posts_with_their_duties(launch: Example) -> None:
    text = launch.paper("产品X上市", "role-table").replace("\\", "")
    for row in (
        "| 市场部 | 执行接口人 | *经理 | 负责推广素材策划、渠道活动执行，协调媒体资源 |",
        "| 研发部 | 执行接口人 | *工程师 | 负责产品技术方案输出、研发进度跟进 |",
        "| 销售部 | 执行接口人 | *专员 | 负责客户需求收集、销售目标达成，反馈市场竞品信息 |",
        "| 生产部 | 执行接口人 | *主管 | 负责产品产能规划、生产进度把控，保证按期交付 |",
    ):
        assert row in text


@pytest.mark.row("S000-31", "S000-32", "S000-33", "S000-34")
def test_the_plan_of_product_x_has_its_dependency_need_and_risk_and_the_delay_its_cause(
    launch: Example,
) -> None:
    inside = f"project={launch.ids['产品X上市']}"
    manual = launch.add("task", "产品说明书定稿", inside, "department=研发部", "due=2024-06-14")
    waits = launch.add("task", "推广素材", inside, "department=市场部", "due=2024-06-28")
    condition = "condition=研发部产品说明书定稿"
    launch.add(
        "dependency", "素材等说明书", inside, f"before={manual}", f"after={waits}", condition
    )
    launch.add(
        "resource", TRAINING, inside, "department=销售部", "from=市场部", "type=material",
        "what=培训物料", "amount=2", "unit=万元",
    )  # fmt: skip
    launch.add(
        "risk", "研发部进度延迟", inside, "effect=生产备货延后", "trigger=延迟超3天",
        "response=研发进度双周报，超3天启动应急会议",
    )  # fmt: skip
    plan = launch.paper("产品X上市", "plan")
    for row in (
        "推广素材 | 研发部 产品说明书定稿 | 研发部产品说明书定稿 |",
        "| 销售部 | 市场部 | 培训物料 | 2 万元 |",
        "| 研发部进度延迟 | 生产备货延后 | 延迟超3天 | 研发进度双周报，超3天启动应急会议 |",
    ):
        assert row in plan
    cause = ("delay_cause=技术支持资源不足", "need=申请研发部增派1名工程师")
    launch.duijie.ok("set", waits, "state=doing", *cause)
    assert "| 技术支持资源不足 | 申请研发部增派1名工程师 |" in launch.paper("产品X上市", "tracking")


@pytest.mark.row("S000-35")
def test_two_departments_want_the_same_venue(launch: Example) -> None:
    for department in ("市场部", "销售部"):
        said = (
            f"of={launch.ids['产品X上市']}",
            f"department={department}",
            "type=venue",
            SAME_VENUE,
        )
        launch.add("resource", f"{department}活动", *said)
    launch.add("resource", "展架", "type=equipment")
    assert launch.titles("resource", "contest:活动场地") == ["市场部活动", "销售部活动"]


@pytest.mark.row("S000-38", "S001-37")
def test_what_was_learnt_is_kept_under_its_three_heads_with_its_figure(launch: Example) -> None:
    of = f"of={launch.ids['产品X上市']}"
    for title, sort in (
        ("进度红黄灯机制有效预警延迟", "highlight"),
        ("文档共享权限设置混乱，信息查找耗时", "improve"),
        ("研发、生产、销售三方每日进度同步可推广", "reusable"),
    ):
        launch.add("lesson", title, of, f"type={sort}")
        assert launch.titles("lesson", f"type:{sort}") == [title]
    launch.add("lesson", "提前对齐需求", of, "type=highlight", "figure=返工减少80%")
    shown = launch.duijie.ok("show", launch.ids["提前对齐需求"], lang="zh").out
    assert "返工减少80%" in shown


@pytest.mark.row("S001-34", "S001-35", "S001-38")
def test_the_notice_of_the_review_has_its_four_topics_and_what_they_take(example: Example) -> None:
    departments = [f"departments={name}" for name in ("市场部", "研发部", "销售部", "产品部")]
    meeting = example.add(
        "meeting", "新产品上市功能优先级评审会", "gate=decision", "start=2024-05-20T14:00", "minutes=90",
        "opening=5", "closing=10", "form=offline", "place=3号会议室", *departments,
        'prepare={"what":"《功能需求清单》","due":"2024-05-19"}',
    )  # fmt: skip
    for order, (title, department, minutes, output) in enumerate(
        (
            ("市场需求反馈与功能优先级梳理", "市场部", 20, "核心功能清单（初稿）"),
            ("技术可行性评估", "研发部", 30, "技术可行性报告"),
            ("销售渠道适配性分析", "销售部", 20, "渠道适配建议"),
            ("功能优先级最终确认", "产品部", 20, "功能优先级排序表"),
        ),
        1,
    ):
        topic = (f"of={meeting}", f"order={order}", f"department={department}")
        example.add("topic", title, *topic, f"minutes={minutes}", f"output={output}")
    text = example.paper("新产品上市功能优先级评审会", "notice")
    for said in (
        "| 时间 | 2024-05-20 周一 14:00-15:30 |",
        "| 地点 | 线下：3号会议室 |",
        "《功能需求清单》（2024-05-19 周日（休息日）前）",
        "| 1 | 市场需求反馈与功能优先级梳理 | - | 市场部 | 20 分钟 | 核心功能清单（初稿） |",
        "| 2 | 技术可行性评估 | - | 研发部 | 30 分钟 | 技术可行性报告 |",
        "| 3 | 销售渠道适配性分析 | - | 销售部 | 20 分钟 | 渠道适配建议 |",
        "| 4 | 功能优先级最终确认 | - | 产品部 | 20 分钟 | 功能优先级排序表 |",
        "连开场和收尾共 105 分钟，会议时长 90 分钟。",
    ):
        assert said in text


@pytest.mark.row("S002-16", "S002-08")
def test_each_department_has_the_duties_of_the_handbook(example: Example) -> None:
    for department, duties in (
        ("销售部", ("市场调研", "客户开发", "销售合同签订")),
        ("生产部", ("生产计划制定", "生产过程控制", "产品质量检验")),
        ("市场部", ("品牌推广", "市场调研", "客户关系管理")),
    ):
        example.add("department", department, f"name={department}")
        content = [f"content={duty}" for duty in duties]
        example.add("duty", f"{department}职责", f"department={department}", *content, "part=leads")
        assert "<br>".join(duties) in example.paper(department, "duties")
