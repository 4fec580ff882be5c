"""`find`: search over everything from the command line."""

from __future__ import annotations

import pytest

from tests.conftest import Duijie
from tui.cli.shell import Shell
from tui.width import width


@pytest.mark.row("S000-28")
def test_records_of_every_kind_are_found_with_the_text_around(alone: Duijie) -> None:
    task = alone.ok("add", "task", "title=官网", "note=先做 支付参数 再说").id
    alone.ok("add", "request", "title=支付接口", 'items={"department":"技术部","content":"接口"}')
    lines = alone.ok("find", "支付", lang="zh").out.splitlines()
    assert lines[0].split()[1:3] == ["需求", "支付接口"]
    assert lines[1].split() == [task[-6:], "任务", "官网", "未开始", "先做", "支付参数", "再说"]
    assert "Task" in alone.ok("find", "官网").out


def test_json_gives_whole_records_in_the_order_of_nearness(alone: Duijie) -> None:
    far = alone.ok("add", "task", "title=b", "note=Payment").id
    near = alone.ok("add", "task", "title=payment").id
    found = alone.ok("find", "PAYMENT", "--json").json
    assert [each["id"] for each in found] == [near, far]
    assert found[0] == alone.ok("show", near, "--json").json
    assert alone.ok("find", "nothing", "--json").json == []


def test_nothing_found_is_said_beside_the_data(alone: Duijie) -> None:
    result = alone.ok("find", "nichts", lang="zh")
    assert (result.out, result.err) == ("", "没有哪条记录写有：nichts。\n")
    assert alone("find").code == 2
    assert alone("find", " ").code == 2
    assert alone("find", "x", "--jsn").code == 2
    assert alone("find", "is:lat").code == 2


def test_deleted_records_are_marked(alone: Duijie) -> None:
    id = alone.ok("add", "task", "title=支付").id
    alone.ok("rm", id)
    assert alone.ok("find", "支付").out == ""
    assert "deleted" in alone.ok("find", "支付", "is:deleted").out


def test_titles_are_found_by_their_initials(alone: Duijie) -> None:
    pytest.importorskip("pypinyin")
    alone.ok("add", "task", "title=产品说明书定稿")
    assert "产品说明书定稿" in alone.ok("find", "cpsms").out


def test_help_and_manual_name_the_flags(alone: Duijie) -> None:
    assert "is:deleted" in alone.ok("find", "--help").out
    assert "拼音" in alone.ok("find", "--help", lang="zh").out


def test_a_dangerous_text_is_marked_and_no_line_is_too_wide(
    alone: Duijie, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone.ok("add", "task", f"title={'说明书' * 20}", f"note={'支付' * 90}")
    alone.ok("add", "task", "title=a\u202e支付", "note=x")
    assert "\u202e" not in alone.ok("find", "支付").out
    assert "\u202e" not in alone.ok("find", "支付", "--json").out
    for columns in (80, 40):
        monkeypatch.setattr(Shell, "columns", staticmethod(lambda n=columns: n))
        lines = alone.ok("find", "支付", lang="zh").out.splitlines()
        assert len(lines) == 2
        assert all(width(line) <= columns for line in lines)


def test_too_many_are_said_to_be_too_many(alone: Duijie, monkeypatch: pytest.MonkeyPatch) -> None:
    from syncd.store import search

    monkeypatch.setattr(search, "LIMIT", 2)
    for n in range(3):
        alone.ok("add", "task", f"title=支付{n}")
    result = alone.ok("find", "支付")
    assert len(result.out.splitlines()) == 2
    assert "first 2" in result.err
