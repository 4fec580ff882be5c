"""A workspace of three departments and a project that 市场部 began."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from schema.rules.world import Paper
from tests.schema.owed.room import Room

MARKET, RESEARCH, FINANCE = "市场部", "研发部", "财务部"
MANAGER, ENGINEER, ACCOUNTANT, DIRECTOR = "*经理", "*工程师", "*主管", "*总监"


class Office(NamedTuple):
    """The room, its project, and the same without the names: blockers and tasks of the project."""

    room: Room
    project: Paper

    def blocker(self, by: str = ACCOUNTANT, *, taken: bool = True, **body: Any) -> Paper:
        """A blocker that 财务部 raised of 市场部, told in full."""
        said: dict[str, Any] = {
            "title": "Q3 数据未按时提交",
            "state": "open",
            "why": "成本核算做不下去",
            "unblock": "市场部给数据",
            "phenomenon": "数据提交延迟",
            "essence": "未明确提报责任人",
            "effect": [{"on": "business", "how_much": "月度报表延误2天"}],
            "lead": FINANCE,
            "attributed": [MARKET],
            "project": self.project.id,
        }
        return self.room.put("blocker", by, taken=taken, **{**said, **body})

    def task(self, by: str = MANAGER, **body: Any) -> Paper:
        said: dict[str, Any] = {
            "title": "修订数据提报规范",
            "state": "doing",
            "owner": ENGINEER,
            "department": RESEARCH,
            "project": self.project.id,
        }
        return self.room.put("task", by, **{**said, **body})

    def solving(self, blocker: Paper, **body: Any) -> Paper:
        """A task that comes from a blocker, all five letters said."""
        smart = dict.fromkeys("smart", "x")
        return self.task(**{"source": blocker.id, "smart": smart, **body})

    def answer(self, blocker: Paper, by: str = MANAGER) -> Paper:
        return self.room.put("comment", by, of=blocker.id, type="answer", text="今天给")

    def verification(self, blocker: Paper, result: str, **body: Any) -> Paper:
        return self.room.put(
            "acceptance",
            MANAGER,
            of=blocker.id,
            type="blocker",
            state="submitted",
            result=result,
            **body,
        )


@pytest.fixture
def office() -> Office:
    """Wednesday morning, 2026-11-18; everybody is there since Monday."""
    room = Room("2026-11-16T09:00")
    for department, head in (
        (MARKET, MANAGER),
        (RESEARCH, ENGINEER),
        (FINANCE, ACCOUNTANT),
        ("总经办", DIRECTOR),
    ):
        room.put("department", "*管理员", name=department, head=head)
        room.person(head, department)
    project = room.put(
        "project",
        MANAGER,
        title="新产品X上市",
        state="running",
        initiator=MARKET,
        departments=[RESEARCH, FINANCE],
    )
    room.seat(project, DIRECTOR, "总经办", layer="decision", role="decider")
    seat = room.one("receipt")
    room.follow(seat)
    room.at("2026-11-18T10:00")
    return Office(room, project)
