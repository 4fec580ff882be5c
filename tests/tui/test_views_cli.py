"""Board, blockers, deadlines and status, as text and as JSON."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from schema.calendar_data import shipped
from schema.dates import day_of, today
from tests.conftest import Duijie
from tests.wiring import Wired
from tui.width import width

KEYS = ["light", "left", "unit", "late_days", "step", "level"]


def on(days: int) -> str:
    """The day so many working days from today."""
    day = today(datetime.now(UTC), "Asia/Shanghai")
    return shipped().add_workdays(day, days).isoformat()


def late(days: int) -> int:
    """How many working days late that is by now, whatever day of the week it is."""
    due = day_of(on(-days))
    return shipped().days_late(due, today(datetime.now(UTC), "Asia/Shanghai"))


def board(duijie: Duijie, *query: str) -> list[dict[str, Any]]:
    cards: list[dict[str, Any]] = duijie.ok("board", *query, "--json").json
    return cards


def titles(duijie: Duijie, *query: str) -> list[str]:
    return [card["body"]["title"] for card in board(duijie, *query)]


# -- the board


def test_an_empty_board_says_what_belongs_there(alone: Duijie) -> None:
    assert board(alone) == []
    result = alone.ok("board", lang="zh")
    assert result.out == ""
    assert result.err.startswith("这里还没有任务")
    assert alone.ok("board").err.startswith("No tasks yet")


def test_every_card_says_how_it_stands(alone: Duijie) -> None:
    alone.ok("add", "task", "title=spät", f"due={on(-4)}")
    alone.ok("add", "task", "title=bald", f"due={on(2)}")
    alone.ok("add", "task", "title=weit", f"due={on(9)}")
    alone.ok("add", "task", "title=ohne")
    cards = {card["body"]["title"]: card["shown"] for card in board(alone)}
    assert all(list(shown) == KEYS for shown in cards.values())
    assert cards["spät"] == {
        "light": "red", "left": -late(4), "unit": "working_days", "late_days": late(4), "step": None, "level": None,
    }  # fmt: skip
    assert (cards["bald"]["light"], cards["bald"]["left"]) == ("yellow", 2)
    assert cards["weit"]["light"] == "green"
    assert cards["ohne"]["light"] is None


def test_a_card_is_the_record_with_what_is_shown(alone: Duijie) -> None:
    id = alone.ok("add", "task", "title=x").id
    (card,) = board(alone)
    shown = card.pop("shown")
    assert shown
    assert card == alone.ok("show", id, "--json").json


def test_lanes_are_departments_and_within_them_states_then_dues(alone: Duijie) -> None:
    for title, department, state, due in (
        ("c", "市场部", "done", ""),
        ("b", "市场部", "todo", on(5)),
        ("a", "市场部", "todo", on(1)),
        ("a2", "市场部", "todo", f"{on(1)}T09:00"),
        ("d", "", "todo", ""),
        ("e", "产品部", "review", ""),
        ("z", "市场部", "todo", ""),
    ):
        alone.ok(
            "add",
            "task",
            f"title={title}",
            f"department={department}",
            f"state={state}",
            f"due={due}",
        )
    assert titles(alone) == ["e", "a2", "a", "b", "z", "c", "d"]


def test_tasks_of_ended_projects_and_dropped_tasks_leave_the_board(alone: Duijie) -> None:
    running = alone.ok("add", "project", "title=p").id
    ended = alone.ok("add", "project", "title=q", "state=closed").id
    alone.ok("add", "task", "title=hier", f"project={running}")
    alone.ok("add", "task", "title=fort", f"project={ended}")
    alone.ok("add", "task", "title=weg", "state=dropped")
    assert titles(alone) == ["hier"]
    assert titles(alone, "project:q") == ["fort"]
    assert titles(alone, "fort") == []
    assert "fort" in alone.ok("board", "项目:q", lang="zh").out


def test_the_board_takes_a_filter(alone: Duijie) -> None:
    alone.ok("add", "task", "title=a", "owner=张三")
    alone.ok("add", "task", "title=b", "owner=李四")
    assert titles(alone, "is:mine") == ["a"]
    assert titles(alone, "-owner:张三") == ["b"]
    assert "2" in alone.ok("board", "owner:王五").err
    assert alone("board", "ownr:x").code == 2
    assert alone("board", "--jsn").code == 2


def test_the_board_as_text_has_lanes_lights_and_countdowns(alone: Duijie) -> None:
    alone.ok("add", "department", "name=市场部", "title=市场中心")
    alone.ok("add", "task", "title=官网产品页", "department=市场部", f"due={on(-4)}", "owner=张三")
    alone.ok("add", "task", "title=b", "department=市场部", f"due={on(9)}", "owner=张三")
    lines = alone.ok("board", lang="zh").out.splitlines()
    assert lines[0].split() == ["市场中心", "红", "1", "绿", "1"]
    assert f"延 {late(4)} 工作日" in lines[1]
    assert "剩 9 工作日" in lines[2]
    assert len({width(line[: line.index("张三")]) for line in lines[1:]}) == 1
    assert f"{late(4)} wd late" in alone.ok("board").out


@pytest.mark.parametrize(
    ("day", "days", "en", "zh"),
    [
        ("2026-11-21", 0, "today", "今天"),
        ("2026-11-21", 1, "tomorrow", "明天"),
        ("2026-11-22", -1, "overdue", "已过期"),
        ("2026-11-20", -1, "overdue", "已过期"),
        ("2026-11-23", -3, "1 wd late", "延 1 工作日"),
        ("2026-11-23", 2, "2 wd left", "剩 2 工作日"),
    ],
)
def test_a_countdown_fits_the_day_of_the_week(day: str, days: int, en: str, zh: str) -> None:
    from schema import wording
    from schema.rules.lights import shown
    from tui.cli.views import countdown

    now = datetime.fromisoformat(f"{day}T04:00:00+00:00")
    due = (now.date() + timedelta(days=days)).isoformat()
    calendar = shipped()
    if day == "2026-11-20":
        now, due = now + timedelta(days=1), "2026-11-20"
    told = shown("task", {"due": due}, now=now, zone="Asia/Shanghai", calendar=calendar)
    assert countdown(told, due, now.date()) == en
    wording.use("zh")
    assert countdown(told, due, now.date()) == zh


def test_alone_nothing_is_called_unsent(alone: Duijie) -> None:
    alone.ok("add", "task", "title=x")
    assert "unsent" not in alone.ok("board").out
    assert "unsent" not in alone.ok("list", "task").out


def test_no_line_is_wider_than_the_terminal(alone: Duijie, monkeypatch: pytest.MonkeyPatch) -> None:
    from tui.cli.shell import Shell

    alone.ok("add", "task", f"title={'产品说明书' * 9}", "owner=王小明", f"due={on(3)}T17:00")
    alone.ok("add", "blocker", *STUCK[1:], f"title={'产品说明书' * 9}")
    for columns in (80, 40):
        monkeypatch.setattr(Shell, "columns", staticmethod(lambda n=columns: n))
        for words in (
            ["board"],
            ["blockers"],
            ["deadlines"],
            ["list", "task"],
            ["add", "task", "--help"],
        ):
            lines = alone.ok(*words, lang="zh").out.splitlines()
            assert all(width(line) <= columns or line.startswith(("用法", "带")) for line in lines)


def test_what_is_cut_last_is_the_title() -> None:
    from tui.cli.text import table

    row = ["id", "title of a task", "department", "red"]
    assert list(table([row], columns=38, mark=">", wide=1, drop=(3, 2))) == [
        "id   title of a task   department"
    ]
    assert list(table([row], columns=22, mark=">", wide=1, drop=(3, 2))) == ["id   title of a task"]
    assert list(table([row], columns=15, mark=">", wide=1, drop=(3, 2))) == ["id   title of >"]


def test_a_due_hour_today_counts_in_minutes(alone: Duijie) -> None:
    soon = datetime.now(UTC) + timedelta(hours=8)
    late_evening = soon.hour == 23 and soon.minute >= 58
    if late_evening:
        pytest.skip("the day ends before the due hour")
    alone.ok("add", "task", "title=x", "due=today 23:59")
    (card,) = board(alone)
    assert card["shown"]["unit"] == "minutes"
    assert "left" in alone.ok("board").out


# -- blockers and deadlines

STUCK = ("title=缺说明书", "why=x", "unblock=y", "lead=市场部", "departments=研发部", "essence=z")


def test_no_blockers_and_no_deadlines_say_so_beside_the_data(alone: Duijie) -> None:
    for command, words in (("blockers", "没有卡点"), ("deadlines", "没有带期限的事")):
        assert alone.ok(command, "--json").json == []
        result = alone.ok(command, lang="zh")
        assert (result.out, result.err.startswith(words)) == ("", True)


def test_a_filter_that_finds_nothing_counts_what_there_is(alone: Duijie) -> None:
    alone.ok("add", "blocker", *STUCK)
    alone.ok("add", "task", "title=x", f"due={on(3)}")
    for command in ("blockers", "deadlines"):
        assert alone.ok(command, "owner:王五").err.startswith("Nothing matches (1 in all)")
        assert alone(command, "ownr:x").code == 2
        assert alone(command, "--jsn").code == 2


def test_a_blocker_in_the_queue_says_who_asks_whom_and_how_long(
    wired: Wired, duijie: Duijie
) -> None:
    wired.join("甲", department="市场部")
    home = wired.home("甲")
    id = duijie.ok("add", "blocker", *STUCK, home=home).id
    task = duijie.ok("add", "task", "title=t", home=home).id
    duijie.ok("add", "dependency", f"before={id}", f"after={task}", home=home)
    assert "未送达" in duijie.ok("blockers", home=home, lang="zh").out
    wired.sync()
    (line,) = duijie.ok("blockers", home=home, lang="zh").out.splitlines()
    cells = line.split("   ")
    assert cells[:2] == ["B-001", "缺说明书"]
    assert cells[3:] == ["黄", "市场部 › 研发部", "厘清 1/6", "对接人", "卡 1"]
    assert "市场部 > 研发部" in duijie.ok("--ascii", "blockers", home=home).out
    (record,) = duijie.ok("blockers", "--json", home=home).json
    (clock,) = record.pop("computed")
    assert (clock["what"], clock["rule"]["row"]) == ("answer", "S003-14")
    shown = record.pop("shown")
    assert list(shown) == KEYS
    assert (shown["light"], shown["step"], shown["level"]) == ("yellow", 1, 1)
    assert record == duijie.ok("show", id, "--json", home=home).json
    duijie.ok("add", "comment", f"of={id}", "type=answer", "text=x", home=home)
    assert "已回应" in duijie.ok("blockers", home=home, lang="zh").out


def test_deadlines_are_listed_under_their_groups(wired: Wired, duijie: Duijie) -> None:
    wired.join("甲", department="市场部")
    home = wired.home("甲")
    duijie.ok("add", "task", "title=spät", f"due={on(-5)}", home=home)
    duijie.ok("add", "task", "title=weit", f"due={on(30)}", "owner=张三", home=home)
    duijie.ok("add", "milestone", "title=m", f"due={on(31)}", home=home)
    duijie.ok("add", "blocker", *STUCK, home=home)
    wired.sync()
    records = duijie.ok("deadlines", "--json", home=home).json
    assert [record["body"]["title"] for record in records] == ["spät", "缺说明书", "weit", "m"]
    assert all(list(record["shown"]) == KEYS for record in records)
    lines = duijie.ok("deadlines", home=home, lang="zh").out.splitlines()
    assert lines[0] == "已延迟   1"
    assert f"延 {late(5)} 工作日" in lines[1]
    assert "超 3 工作日，开应急会" in lines[1]
    assert lines[2] == ""
    (answer,) = (line for line in lines if "缺说明书" in line)
    assert "回应" in answer
    assert "提出后 24 小时" in answer
    assert lines[-3] == "以后   2"
    assert "里程碑" in lines[-1]
    assert [record["body"]["title"] for record in duijie.ok(
        "deadlines", "owner:张三", "--json", home=home
    ).json] == ["weit"]  # fmt: skip


# -- status


def test_status_has_the_keys_of_the_contract(alone: Duijie) -> None:
    status = alone.ok("status", "--json").json
    assert list(status) == [
        "member", "role", "department", "replica", "file", "hub", "epoch", "seq", "unsent",
        "oldest_unsent", "refused", "conflicts", "clock_offset_ms", "last_sync", "count", "digest",
    ]  # fmt: skip


def test_alone_there_is_no_hub(alone: Duijie) -> None:
    alone.ok("add", "task", "title=x")
    status = alone.ok("status", "--json").json
    assert (status["hub"], status["epoch"], status["seq"]) == (None, None, 0)
    assert (status["member"], status["role"], status["department"]) == (
        "张三", "coordinator", "研发部",
    )  # fmt: skip
    assert status["unsent"] == 3
    assert datetime.fromisoformat(status["oldest_unsent"]).utcoffset() == timedelta(0)
    assert status["file"] == str(alone.home / "replica.db")
    assert alone.ok("status", "--line", lang="zh").out.startswith("单机   尚未加入中枢   3 项")


def test_two_replicas_in_step_have_the_same_figures(wired: Wired, duijie: Duijie) -> None:
    for name in "甲乙":
        wired.join(name)
    duijie.ok("add", "task", "title=x", home=wired.home("甲"))
    assert duijie.ok("status", "--line", home=wired.home("甲")).out.startswith("Unsent   1 unsent")
    wired.sync()
    figures = [duijie.ok("status", "--json", home=wired.home(name)).json for name in "甲乙"]
    for key in ("seq", "count", "digest", "epoch", "hub"):
        assert figures[0][key] == figures[1][key]
    assert figures[0]["count"] == 1
    assert figures[0]["unsent"] == 0
    assert figures[0]["oldest_unsent"] is None
    assert figures[0]["clock_offset_ms"] == 0
    line = duijie.ok("status", "--line", home=wired.home("甲")).out
    assert line.startswith("In step   last sync ")
    assert line.count("\n") == 1


def test_status_as_text_begins_with_the_line(alone: Duijie) -> None:
    out = alone.ok("status").out
    assert out.splitlines()[0] == alone.ok("status", "--line").out.strip()
    assert str(alone.home) in out


def test_status_notices_an_agent(wired: Wired, duijie: Duijie, tmp_path: Path) -> None:
    from syncd.store.connection import FileLock

    wired.join("甲")
    lock = FileLock(wired.home("甲") / "agent.lock")
    assert lock.acquire(0)
    try:
        line = duijie.ok("status", "--line", home=wired.home("甲")).out
    finally:
        lock.release()
    assert line.startswith("Synced elsewhere")
