"""Records from the command line: add, set, rm, show, log, undo, list, load, dump."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from schema.ids import derived_id, is_id
from tests.conftest import Duijie
from tests.wiring import Wired
from tui.cli.main import COMMANDS

UNKNOWN_ID = "0192f4e8-0000-7000-8000-00000000abcd"


def task(duijie: Duijie, *values: str) -> str:
    return duijie.ok("add", "task", *values).id


def show(duijie: Duijie, id: str) -> dict[str, Any]:
    shown: dict[str, Any] = duijie.ok("show", id, "--json").json
    return shown


def body(duijie: Duijie, id: str) -> dict[str, Any]:
    held: dict[str, Any] = show(duijie, id)["body"]
    return held


# -- the command itself


def test_without_a_command_help_is_printed(alone: Duijie) -> None:
    result = alone.ok()
    assert all(f"  {name} " in result.out for name in COMMANDS)


def test_help_speaks_chinese(alone: Duijie) -> None:
    assert alone.ok("--help", lang="zh").out.startswith("用法：")


def test_an_unknown_command_names_the_nearest(alone: Duijie) -> None:
    result = alone("lst")
    assert (result.code, result.out) == (2, "")
    assert "list" in result.err


def test_options_stand_before_the_command(alone: Duijie) -> None:
    assert alone("status", "--home", "x").code == 2
    assert alone("--frob", "status").code == 2


def test_without_a_workspace_a_command_says_how_to_begin(duijie: Duijie) -> None:
    result = duijie("list", "task", "--json")
    assert (result.code, result.out) == (1, "")
    assert "duijie init" in result.err
    assert result.err.count("\n") == 1


# -- add


def test_add_prints_the_id_and_nothing_else(alone: Duijie) -> None:
    result = alone.ok("add", "task", "title=产品说明书定稿")
    assert is_id(result.id)
    assert result.err == ""


def test_a_new_record_has_its_defaults(alone: Duijie) -> None:
    assert body(alone, task(alone, "title=x")) == {
        "department": "研发部",
        "priority": 3,
        "state": "todo",
        "title": "x",
    }


def test_a_record_in_json_has_the_keys_of_the_contract(alone: Duijie) -> None:
    record = show(alone, task(alone, "title=x"))
    assert list(record) == [
        "kind", "id", "number", "dot", "rev", "base", "author", "eff", "seq", "accepted",
        "deleted", "unsent", "conflicts", "body",
    ]  # fmt: skip
    assert record["unsent"] is True
    assert record["deleted"] is False
    assert [record[name] for name in ("number", "seq", "accepted", "eff", "base")] == [None] * 5


def test_list_fields_are_given_once_an_item(alone: Duijie) -> None:
    id = task(alone, "title=x", "standard=a", "standard=b, c")
    assert body(alone, id)["standard"] == ["a", "b, c"]


def test_rows_are_given_as_json(alone: Duijie) -> None:
    id = alone.ok(
        "add", "request", "title=x",
        'items={"department":"技术部","content":"接口"}',
        'items=[{"department":"市场部","content":"文案"}]',
        'stages={"title":"上线","due":"2026年12月15日"}',
    ).id  # fmt: skip
    held = body(alone, id)
    assert [item["department"] for item in held["items"]] == ["技术部", "市场部"]
    assert held["stages"] == [{"due": "2026-12-15", "title": "上线"}]


def test_bad_rows_say_how_to_write_them(alone: Duijie) -> None:
    for value in ("items=x", "items=3", 'items={"departmnt":"x"}'):
        result = alone("add", "request", "title=x", value)
        assert result.code == 2
        assert "department" in result.err


def test_an_empty_value_empties_a_field(alone: Duijie) -> None:
    id = task(alone, "title=x", "department=", "standard=a")
    assert "department" not in body(alone, id)
    alone.ok("set", id, "standard=")
    assert "standard" not in body(alone, id)


def test_a_value_can_come_from_a_file(alone: Duijie, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("第一行\r\n第二行\n")
    id = task(alone, "title=@@家", f"note=@{tmp_path / 'note.txt'}")
    assert body(alone, id)["note"] == "第一行\n第二行"
    assert body(alone, id)["title"] == "@家"


def test_a_missing_file_is_named(alone: Duijie, tmp_path: Path) -> None:
    result = alone("add", "task", "title=x", f"note=@{tmp_path}/none")
    assert result.code == 1
    assert f"{tmp_path}/none" in result.err


def test_references_take_numbers_endings_and_titles(alone: Duijie) -> None:
    project = alone.ok("add", "project", "title=新产品X上市").id
    for ref in (project, project[-6:], "新产品X上市"):
        assert body(alone, task(alone, "title=x", f"project={ref}"))["project"] == project


def test_a_reference_to_nothing_known_is_an_error(alone: Duijie) -> None:
    result = alone("add", "task", "title=x", "project=nothing")
    assert result.code == 1
    assert "project" in result.err


def test_unknown_owner_department_and_project_are_taken_with_a_hint(alone: Duijie) -> None:
    result = alone.ok(
        "add", "task", "title=x", "owner=*工程师", "department=市场部", f"project={UNKNOWN_ID}"
    )
    assert body(alone, result.id)["owner"] == "*工程师"
    assert body(alone, result.id)["project"] == UNKNOWN_ID
    for word in ("*工程师", "市场部", "project"):
        assert word in result.err


def test_a_department_is_known_by_its_other_names(alone: Duijie) -> None:
    alone.ok("add", "department", "name=客服部", "title=客户服务部", "aliases=服务部")
    for name in ("客服部", "客户服务部", "服务部"):
        result = alone.ok("add", "task", "title=x", f"department={name}")
        assert body(alone, result.id)["department"] == "客服部"
        assert result.err == ""


def test_dates_are_read_as_people_write_them(alone: Duijie) -> None:
    held = body(alone, task(alone, "title=x", "due=2026/11/27 下午5点", "start=2026-11-02"))
    assert (held["due"], held["start"]) == ("2026-11-27T17:00", "2026-11-02")
    result = alone("add", "task", "title=x", "due=someday")
    assert result.code == 1
    assert "2026-11-27" in result.err


def test_the_zone_of_the_policy_decides_which_day_it_is(alone: Duijie) -> None:
    for zone in ("Pacific/Kiritimati", "Pacific/Niue"):
        alone.ok("add", "policy", "key=zone", f"value={zone}")
        id = task(alone, f"title={zone}", "due=today")
    days = [record["body"]["due"] for record in alone.ok("list", "task", "--json").json]
    assert days[0] > days[1]
    assert body(alone, id)["due"] == days[1]


def test_text_is_cleaned_before_it_is_kept(alone: Duijie) -> None:
    held = body(alone, task(alone, "title= a\x1b[31m\nb ", "note=x \x07\r\ny"))
    assert (held["title"], held["note"]) == ("a[31m b", "x\ny")


def test_limits_are_counted_in_zi(alone: Duijie) -> None:
    result = alone("add", "request", "title=" + "字" * 21)
    assert result.code == 1
    assert "21" in result.err
    assert "20" in result.err
    assert "21 字" in alone("add", "request", "title=" + "字" * 21, lang="zh").err


def test_everything_that_is_missing_is_said(alone: Duijie) -> None:
    result = alone("add", "blocker", "title=x")
    assert result.code == 1
    assert result.err.count("\n") == 2


def test_an_unknown_field_names_the_nearest(alone: Duijie) -> None:
    result = alone("add", "task", "titel=x")
    assert (result.code, result.out) == (2, "")
    assert "title" in result.err


def test_an_unknown_kind_names_the_nearest(alone: Duijie) -> None:
    assert "task" in alone("add", "tsk", "title=x").err
    assert alone("add", "tsk", "title=x").code == 2
    assert "task" in alone("list", "tsk").err


def test_labels_stand_for_fields_and_words(alone: Duijie) -> None:
    id = alone.ok("add", "task", "任务名称=x", "状态=进行中", "负责人=张三", lang="zh").id
    held = body(alone, id)
    assert (held["title"], held["state"], held["owner"]) == ("x", "doing", "张三")


def test_a_field_is_given_once(alone: Duijie) -> None:
    assert alone("add", "task", "title=x", "title=y").code == 2


def test_full_width_equals_sign_counts(alone: Duijie) -> None:
    assert body(alone, task(alone, "title＝x"))["title"] == "x"


def test_derived_kinds_get_their_own_id(alone: Duijie) -> None:
    id = alone.ok("add", "department", "name=市场部").id
    assert id == derived_id("department", "市场部")


def test_the_same_said_twice_is_one_record(alone: Duijie) -> None:
    first = alone.ok("add", "department", "name=市场部").id
    again = alone.ok("add", "department", "name=市场部")
    assert again.id == first
    assert again.err
    changed = alone.ok("add", "department", "name=市场部", "head=李四")
    assert changed.id == first
    assert body(alone, first) == {"head": "李四", "name": "市场部"}
    assert len(list(alone.ok("list", "department", "--json").json)) == 2


def test_a_float_is_refused_with_a_way_out(alone: Duijie) -> None:
    result = alone("add", "task", "title=x", 'plan={"why":1.5}')
    assert result.code in (1, 2)
    assert result.err


# -- set and rm


def test_set_changes_the_named_fields_only(alone: Duijie) -> None:
    id = task(alone, "title=x", "note=n")
    result = alone.ok("set", id[-6:], "state=doing")
    assert (result.out, result.err) == ("", f"{id[-6:]} x: State in progress\n")
    assert body(alone, id) == {
        "department": "研发部", "note": "n", "priority": 3, "state": "doing", "title": "x",
    }  # fmt: skip
    assert show(alone, id)["rev"] == 2


def test_set_keeps_fields_that_this_program_does_not_know(alone: Duijie, tmp_path: Path) -> None:
    line = {"kind": "task", "id": UNKNOWN_ID, "body": {"title": "x", "newer": {"deep": [1]}}}
    (tmp_path / "t.jsonl").write_text(json.dumps(line))
    alone.ok("load", str(tmp_path / "t.jsonl"))
    alone.ok("set", UNKNOWN_ID, "title=y")
    assert body(alone, UNKNOWN_ID) == {"newer": {"deep": [1]}, "state": "todo", "title": "y"}


def test_several_ids_are_one_step(alone: Duijie) -> None:
    one, two = task(alone, "title=1"), task(alone, "title=2")
    alone.ok("set", one, two, "state=done")
    alone.ok("undo")
    assert body(alone, one)["state"] == body(alone, two)["state"] == "todo"


def test_an_illegal_move_lists_the_legal_ones(alone: Duijie) -> None:
    id = task(alone, "title=x", "state=done")
    result = alone("set", id, "state=review")
    assert result.code == 1
    assert "doing" in result.err
    assert body(alone, id)["state"] == "done"


def test_a_key_cannot_be_changed(alone: Duijie) -> None:
    id = alone.ok("add", "department", "name=市场部").id
    assert alone("set", id, "name=销售部").code == 1


def test_a_set_that_changes_nothing_says_so(alone: Duijie) -> None:
    id = task(alone, "title=x")
    result = alone("set", id, "title=x")
    assert result.code == 1
    assert show(alone, id)["rev"] == 1


def test_set_without_fields_or_records_is_wrong_usage(alone: Duijie) -> None:
    assert alone("set", task(alone, "title=x")).code == 2
    assert alone("set", "title=x").code == 2
    assert alone("set").code == 2


def test_rm_deletes_and_set_restores(alone: Duijie) -> None:
    one, two = task(alone, "title=1"), task(alone, "title=2")
    alone.ok("rm", one, two)
    assert alone.ok("list", "task", "--json").json == []
    assert show(alone, one)["deleted"] is True
    assert alone("rm", one).code == 1
    alone.ok("set", one)
    alone.ok("set", two, "title=zwei")
    assert [r["body"]["title"] for r in alone.ok("list", "task", "--json").json] == ["1", "zwei"]


def test_a_change_is_told_with_its_weekday_and_whether_it_is_past(alone: Duijie) -> None:
    id = task(alone, "title=x")
    told = alone.ok("set", id, "due=2024-05-24", lang="zh").err
    assert "到期 2024-05-24 周五" in told
    assert "已经过去了" in told
    assert "past" not in alone.ok("set", id, "due=+3d").err
    assert "past" in alone.ok("add", "task", "title=y", "due=2024-05-24").err


def test_deleting_and_restoring_are_told(alone: Duijie) -> None:
    id = task(alone, "title=x")
    assert "duijie undo" in alone.ok("rm", id).err
    again = alone("rm", id)
    assert (again.code, again.err.startswith("It is deleted already.")) == (1, True)
    assert "张三 had deleted it" in alone.ok("set", id).err
    assert "已删除" in alone.ok("undo", lang="zh").err
    did = [line.split()[-1] for line in alone.ok("log", id, lang="zh").out.splitlines()]
    assert did == ["已删除", "恢复", "已删除", "新建"]


def test_undo_says_what_was_taken_back(alone: Duijie) -> None:
    id = task(alone, "title=x", "note=alt")
    alone.ok("set", id, "note=neu")
    assert "Note alt <- neu" in alone.ok("undo").err


def test_labels_stand_for_kinds(alone: Duijie) -> None:
    id = alone.ok("add", "任务", "名称=x", "责任人=张三", "截止=2099-01-01", lang="zh").id
    held = body(alone, id)
    assert (held["title"], held["owner"], held["due"]) == ("x", "张三", "2099-01-01")
    assert "任务（task）" in alone("add", "tsk", lang="zh").err
    assert "任物" in alone("add", "任物", lang="zh").err
    assert len(alone.ok("list", "任务", "owner:我", "--json", lang="zh").json) == 1
    assert len(alone.ok("list", "Task", "owner:me", "--json").json) == 1
    assert len(alone.ok("list", "任务", "--json").json) == 1


def test_only_a_near_field_is_suggested(alone: Duijie) -> None:
    far = alone("add", "task", "zzzzqq=x").err
    assert "nearest" not in far
    assert "duijie add task --help" in far
    assert alone("list", "task", "截至<3d", lang="zh").code == 2


def test_the_help_of_add_lists_the_fields_of_a_kind(alone: Duijie) -> None:
    out = alone.ok("add", "task", "--help", lang="zh").out
    assert "duijie add task" in out
    assert any(line.split()[:3] == ["*", "title", "任务名称"] for line in out.splitlines())
    assert "进行中（doing）" in out
    assert "usage" in alone.ok("add", "--help").out


def test_what_is_needed_is_named_as_it_is_typed(alone: Duijie) -> None:
    assert "「规则键」（key）" in alone("add", "policy", "value=1", lang="zh").err
    assert "duijie add policy key=..." in alone.ok("list", "policy").err


def test_options_behind_the_command_are_sent_before_it(alone: Duijie) -> None:
    result = alone("list", "task", "--ascii", lang="zh")
    assert result.code == 2
    assert "命令前面" in result.err


def test_the_version_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    from tui.cli.main import main

    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("duijie ")


def test_the_systems_own_words_are_translated(alone: Duijie, tmp_path: Path) -> None:
    assert "没有这个文件" in alone("load", str(tmp_path / "none"), lang="zh").err
    assert "malformed" not in alone("load", "-", stdin="nope", lang="zh").err


def test_rm_does_not_cascade(alone: Duijie) -> None:
    project = alone.ok("add", "project", "title=p").id
    id = task(alone, "title=x", f"project={project}")
    alone.ok("rm", project)
    assert body(alone, id)["project"] == project
    assert "deleted" in alone.ok("show", id).out


def test_a_record_with_an_old_fault_can_still_be_edited(alone: Duijie) -> None:
    id = task(alone, "title=x")
    with sqlite3.connect(alone.home / "replica.db") as db:
        db.execute("UPDATE records SET body = json_set(body, '$.due', 'whenever')")
    db.close()
    alone.ok("set", id, "title=y")
    assert body(alone, id)["due"] == "whenever"


# -- finding one


def test_an_ending_must_be_unique_and_have_four_characters(alone: Duijie) -> None:
    one = task(alone, "title=erste")
    assert alone.ok("show", one[-4:], "--json").json["id"] == one
    result = alone("show", one[-3:])
    assert result.code == 1
    assert "4" in result.err


def test_an_ambiguous_ending_lists_the_candidates(alone: Duijie, tmp_path: Path) -> None:
    ids = [f"0192f4e8-000{n}-7000-8000-0000000abcde" for n in range(2)]
    lines = [{"kind": "task", "id": id, "body": {"title": f"t{n}"}} for n, id in enumerate(ids)]
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, lines)))
    alone.ok("load", str(tmp_path / "t.jsonl"))
    result = alone("show", "abcde")
    assert (result.code, result.out) == (1, "")
    assert all(word in result.err for word in (*ids, "t0", "t1"))


def test_a_number_finds_its_record(wired: Wired, duijie: Duijie) -> None:
    wired.join("甲")
    home = wired.home("甲")
    id = duijie.ok("add", "task", "title=x", home=home).id
    wired.sync("甲")
    assert duijie.ok("show", "T-001", "--json", home=home).json["id"] == id
    assert duijie.ok("show", "t-001", "--json", home=home).json["number"] == "T-001"


# -- show and log


def test_show_gives_labels_and_words(alone: Duijie) -> None:
    id = task(alone, "title=产品说明书", "standard=a", "standard=b", "note=1\n2")
    out = alone.ok("show", id, lang="zh").out
    for word in ("任务", "产品说明书", "未开始", "研发部", id):
        assert word in out
    assert "\x1b" not in out


def test_text_from_records_cannot_drive_the_terminal(alone: Duijie) -> None:
    id = task(alone, "title=x")
    hostile = json.dumps({"title": "a\x1b]0;owned\x07\u202eb", "x\x1b": "\x9b", "state": "todo"})
    with sqlite3.connect(alone.home / "replica.db") as db:
        db.execute(
            "UPDATE records SET body = ?, title = json_extract(?, '$.title') WHERE kind = 'task'",
            (hostile, hostile),
        )
    db.close()
    for words in (["show", id], ["list", "task"], ["log", id], ["board"], ["list", "task", "x"]):
        result = alone(*words)
        assert not set("\x1b\x07\u202e\x9b") & set(result.out + result.err), words
        told = alone.ok(*words, "--json")
        assert not set("\x1b\x07\u202e\x9b") & set(told.out), words
    assert alone.ok("show", id, "--json").json["body"] == json.loads(hostile)


def test_log_names_the_changed_fields_newest_first(alone: Duijie) -> None:
    id = task(alone, "title=x")
    alone.ok("set", id, "state=doing", "note=n")
    alone.ok("rm", id)
    lines = alone.ok("log", id, "--json").json
    assert [line["changed"] for line in lines] == [
        ["deleted"],
        ["state", "note"],
        ["department", "priority", "state", "title"],
    ]
    assert [line["state"] for line in lines] == ["unsent"] * 3
    assert list(lines[0]) == ["dot", "author", "eff", "state", "changed"]
    assert "Note" in alone.ok("log", id).out


# -- undo


def test_undo_walks_back_a_step_at_a_time(alone: Duijie) -> None:
    id = task(alone, "title=1")
    alone.ok("set", id, "title=2")
    alone.ok("set", id, "title=3")
    alone.ok("undo")
    assert body(alone, id)["title"] == "2"
    alone.ok("undo")
    assert body(alone, id)["title"] == "1"
    alone.ok("undo")
    assert show(alone, id)["deleted"] is True
    result = alone("undo")
    assert result.code == 1
    assert alone.ok("list", "department", "--json").json, "joining is no step of a person"


def test_a_step_after_an_undo_is_undone_first(alone: Duijie) -> None:
    id = task(alone, "title=1")
    alone.ok("set", id, "title=2")
    alone.ok("undo")
    alone.ok("set", id, "title=3")
    alone.ok("undo")
    assert body(alone, id)["title"] == "1"
    alone.ok("undo")
    assert show(alone, id)["deleted"] is True


def test_undo_of_a_deletion_restores(alone: Duijie) -> None:
    id = task(alone, "title=1")
    alone.ok("rm", id)
    alone.ok("undo")
    assert show(alone, id)["deleted"] is False


def test_undo_takes_a_whole_load_back(alone: Duijie, tmp_path: Path) -> None:
    lines = [json.dumps({"kind": "task", "body": {"title": str(n)}}) for n in range(450)]
    (tmp_path / "t.jsonl").write_text("\n".join(lines))
    alone.ok("load", str(tmp_path / "t.jsonl"))
    alone.ok("undo")
    assert alone.ok("list", "task", "--json").json == []


def test_undo_stops_where_somebody_edited_since(wired: Wired, duijie: Duijie) -> None:
    wired.join("甲")
    wired.join("乙")
    id = duijie.ok("add", "task", "title=1", home=wired.home("甲")).id
    wired.sync()
    duijie.ok("set", id, "title=2", home=wired.home("乙"))
    wired.sync()
    result = duijie("undo", home=wired.home("甲"))
    assert result.code == 1
    assert "乙" in result.err
    assert duijie.ok("show", id, "--json", home=wired.home("甲")).json["body"]["title"] == "2"


def test_undo_works_on_what_was_sent_already(wired: Wired, duijie: Duijie) -> None:
    wired.join("甲")
    home = wired.home("甲")
    id = duijie.ok("add", "task", "title=1", home=home).id
    duijie.ok("set", id, "title=2", home=home)
    wired.sync("甲")
    duijie.ok("undo", home=home)
    assert duijie.ok("show", id, "--json", home=home).json["body"]["title"] == "1"


# -- list and dump


def test_list_finds_by_a_filter(alone: Duijie) -> None:
    task(alone, "title=甲", "state=doing", "due=2026-11-27")
    task(alone, "title=乙", "owner=李四")
    task(alone, "title=丙", "state=done")

    def titles(*query: str, lang: str = "en") -> list[str]:
        found = alone.ok("list", "task", *query, "--json", lang=lang).json
        return [record["body"]["title"] for record in found]

    assert titles() == ["甲", "乙", "丙"]
    assert titles("state:doing") == ["甲"]
    assert titles("-state:done", "sort:-title") == ["甲", "乙"] or titles("-state:done") == [
        "甲",
        "乙",
    ]
    assert titles("owner:李四") == ["乙"]
    assert titles("due:none") == ["乙", "丙"]
    assert titles("丙") == ["丙"]
    assert titles("状态：进行中", lang="zh") == ["甲"]
    alone.ok("rm", alone.ok("list", "task", "丙", "--json").json[0]["id"])
    assert titles("is:deleted") == ["丙"]


def test_a_bad_filter_is_wrong_usage(alone: Duijie) -> None:
    result = alone("list", "task", "stat:doing")
    assert (result.code, result.out) == (2, "")
    assert "state" in result.err


def test_list_as_text_is_aligned_by_cells(alone: Duijie) -> None:
    from tui.width import width

    task(alone, "title=产品说明书定稿", "due=2026-11-27")
    task(alone, "title=abc", "due=2026-11-28")
    lines = alone.ok("list", "task").out.splitlines()
    at = [width(line[: line.index("2026-")]) for line in lines]
    assert at[0] == at[1]


def test_an_empty_list_says_what_belongs_there(alone: Duijie) -> None:
    empty = alone.ok("list", "task")
    assert empty.out == ""
    assert "duijie add task" in empty.err
    task(alone, "title=x")
    assert "1" in alone.ok("list", "task", "nothing").err


def test_dump_and_load_carry_everything_over(alone: Duijie, duijie: Duijie, tmp_path: Path) -> None:
    task(alone, "title=甲", "standard=a")
    gone = task(alone, "title=weg")
    alone.ok("rm", gone)
    dumped = alone.ok("dump").out
    other = tmp_path / "other"
    duijie.ok("init", "--name", "李四", "--department", "市场部", home=other)
    duijie.ok("load", "-", home=other, stdin=dumped)
    there = [json.loads(line) for line in duijie.ok("dump", home=other).out.splitlines()]
    here = [json.loads(line) for line in dumped.splitlines()]
    key = {(r["kind"], r["id"]): r["body"] for r in there}
    assert all(key[r["kind"], r["id"]] == r["body"] for r in here)
    assert gone not in dumped


def test_dump_of_one_kind(alone: Duijie) -> None:
    task(alone, "title=x")
    kinds = {json.loads(line)["kind"] for line in alone.ok("dump", "task").out.splitlines()}
    assert kinds == {"task"}
    assert alone("dump", "tsk").code == 2


# -- load


def write(path: Path, *lines: Any) -> str:
    path.write_text(
        "\n".join(each if isinstance(each, str) else json.dumps(each) for each in lines)
    )
    return str(path)


@pytest.mark.row("S004-23")
def test_load_is_all_or_nothing_and_names_the_bad_lines(alone: Duijie, tmp_path: Path) -> None:
    good = {"kind": "task", "id": UNKNOWN_ID, "body": {"title": "x"}}
    file = write(
        tmp_path / "t.jsonl",
        good,
        "not json",
        {"kind": "tsk", "body": {}},
        {"kind": "task", "body": {"title": "x", "due": "someday"}},
        {"kind": "task", "id": "short", "body": {"title": "x"}},
        {"kind": "task", "body": {"title": "x", "owner": "张三、李四"}},
        {"kind": "task", "body": {"title": "x", "priority": 1.5}},
        {**good, "body": {"title": "y"}},
    )
    result = alone("load", file)
    assert (result.code, result.out) == (1, "")
    assert [f"line {n}:" in result.err for n in range(1, 9)] == [False] + [True] * 7
    assert alone.ok("list", "task", "--json").json == []


def test_load_names_twenty_bad_lines_at_most(alone: Duijie, tmp_path: Path) -> None:
    result = alone("load", write(tmp_path / "t.jsonl", *["x"] * 30))
    assert "line 20:" in result.err
    assert "line 21:" not in result.err
    assert "30" in result.err


def test_load_skips_equal_edits_different_and_refuses_deleted(
    alone: Duijie, tmp_path: Path
) -> None:
    file = tmp_path / "t.jsonl"
    line = {"kind": "task", "id": UNKNOWN_ID, "body": {"title": "x", "state": "done"}}
    alone.ok("load", write(file, line))
    dot = show(alone, UNKNOWN_ID)["dot"]
    equal = alone.ok("load", str(file))
    assert "1 equal" in equal.err
    assert show(alone, UNKNOWN_ID)["dot"] == dot
    # A load moves a state without asking which may follow which.
    alone.ok("load", write(file, {**line, "body": {"title": "y", "state": "review"}}))
    record = show(alone, UNKNOWN_ID)
    assert (record["base"], record["rev"], record["body"]["title"]) == (dot, 2, "y")
    alone.ok("rm", UNKNOWN_ID)
    refused = alone("load", str(file))
    assert refused.code == 1
    assert "line 1:" in refused.err


def test_a_dry_run_saves_nothing(alone: Duijie, tmp_path: Path) -> None:
    file = write(tmp_path / "t.jsonl", {"kind": "task", "body": {"title": "x"}})
    result = alone.ok("load", file, "--dry-run")
    assert "1 new" in result.err
    assert alone.ok("list", "task", "--json").json == []
    assert alone("load", write(tmp_path / "t.jsonl", "x"), "--dry-run").code == 1


def test_load_reads_stdin_and_skips_blank_lines(alone: Duijie) -> None:
    line = json.dumps({"kind": "task", "body": {"title": " x\x00 ", "note": "a\r\nb"}})
    alone.ok("load", "-", stdin=f"\ufeff{line}\n\n{line}\n")
    bodies = [record["body"] for record in alone.ok("list", "task", "--json").json]
    assert bodies == [{"note": "a\nb", "state": "todo", "title": "x"}] * 2


def test_load_checks_the_id_of_derived_kinds(alone: Duijie, tmp_path: Path) -> None:
    line = {"kind": "department", "id": UNKNOWN_ID, "body": {"name": "市场部"}}
    assert alone("load", write(tmp_path / "t.jsonl", line)).code == 1
    alone.ok("load", write(tmp_path / "t.jsonl", {**line, "id": None}))
    assert show(alone, derived_id("department", "市场部"))["body"]["name"] == "市场部"


# -- rights


def test_a_viewer_is_warned_and_never_stopped(wired: Wired, duijie: Duijie) -> None:
    wired.join("看客", role="viewer")
    home = wired.home("看客")
    result = duijie.ok("add", "task", "title=x", home=home)
    assert "viewer" in result.err
    assert duijie.ok("add", "comment", "text=x", home=home).err == ""


def test_an_edit_foretells_its_conflict(wired: Wired, duijie: Duijie) -> None:
    wired.join("甲")
    wired.join("乙")
    a, b = wired.home("甲"), wired.home("乙")
    id = duijie.ok("add", "task", "title=1", home=a).id
    wired.sync()
    duijie.ok("set", id, "title=2", home=a)
    duijie.ok("set", id, "title=3", home=b)
    # Only the page is taken: what was saved offline stays unsent.
    wired.sync("甲")
    from tests.wiring import take_pages_only

    take_pages_only(wired, "乙")
    result = duijie.ok("set", id, "title=4", home=b)
    assert "conflict" in result.err


# -- real processes


def run(home: Path, *words: str, **more: Any) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "DUIJIE_HOME": str(home), "DUIJIE_LANG": "en"}
    return subprocess.run(
        [sys.executable, "-m", "tui.cli.main", *words],
        env=environ, capture_output=True, text=True, timeout=60, check=False, **more,
    )  # fmt: skip


def test_several_shells_can_edit_one_record_at_once(alone: Duijie) -> None:
    id = task(alone, "title=x")
    fields = ["note", "deliverable", "phase", "version", "need", "delay_cause"]
    environ = {**os.environ, "DUIJIE_HOME": str(alone.home), "DUIJIE_LANG": "en"}
    words = [[f"{field}=v" for field in fields[:4]], ["need=v", "delay_cause=v"]]
    running = [
        subprocess.Popen([sys.executable, "-m", "tui.cli.main", "set", id, *each], env=environ)
        for each in [[word] for word in words[0]] + [words[1]]
    ]
    assert [each.wait(60) for each in running] == [0] * 5
    held = body(alone, id)
    assert [held.get(field) for field in fields] == ["v"] * 6


def test_a_list_imports_nothing_heavy(alone: Duijie) -> None:
    task(alone, "title=x")
    heavy = ("textual", "websockets", "sqlite_utils", "msgspec", "schema.records", "platformdirs")
    script = (
        "import sys\nfrom tui.cli.main import main\n"
        "code = main(['list', 'task', '--json'])\n"
        f"print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)\n"
        "sys.exit(code)"
    )
    environ = {**os.environ, "DUIJIE_HOME": str(alone.home), "DUIJIE_LANG": "zh"}
    result = subprocess.run(
        [sys.executable, "-c", script], env=environ, capture_output=True, text=True, check=True
    )
    assert result.stderr.strip() == "[]"
    assert json.loads(result.stdout)[0]["body"]["title"] == "x"


def test_a_list_with_a_filter_imports_no_screen_and_no_network(alone: Duijie) -> None:
    task(alone, "title=x")
    heavy = ("textual", "websockets", "sqlite_utils")
    script = (
        "import sys\nfrom tui.cli.main import main\n"
        "main(['list', 'task', 'due<3d', '--json'])\n"
        f"print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)"
    )
    environ = {**os.environ, "DUIJIE_HOME": str(alone.home)}
    result = subprocess.run(
        [sys.executable, "-c", script], env=environ, capture_output=True, text=True, check=True
    )
    assert result.stderr.strip() == "[]"


def test_a_reader_that_goes_away_is_no_error(alone: Duijie) -> None:
    for n in range(3):
        task(alone, f"title={n}" + "x" * 50)
    result = run(alone.home, "home")
    assert result.stdout.strip() == str(alone.home)
    shell = f"{sys.executable} -m tui.cli.main dump | head -c 1"
    environ = {**os.environ, "DUIJIE_HOME": str(alone.home)}
    gone = subprocess.run(shell, shell=True, env=environ, capture_output=True, text=True)
    assert gone.stderr == ""


def test_data_in_a_pipe_is_utf_8(alone: Duijie) -> None:
    task(alone, "title=对接 😀")
    environ = {**os.environ, "DUIJIE_HOME": str(alone.home), "PYTHONIOENCODING": "gbk"}
    for words in (["list", "task", "--json"], ["dump"], ["list", "task"]):
        done = subprocess.run(
            [sys.executable, "-m", "tui.cli.main", *words],
            env=environ, capture_output=True, check=True,
        )  # fmt: skip
        assert "对接 😀" in done.stdout.decode()


def test_the_file_is_found_as_the_home_is(
    alone: Duijie, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from syncd.home import Home
    from tui.cli.shell import Shell

    monkeypatch.setenv("HOME", str(tmp_path))
    for folder in (tmp_path / "data", tmp_path / ".local" / "share"):
        folder.mkdir(parents=True)
        shutil.copytree(alone.home, folder / "duijie")
    for option, environ in ((str(alone.home), ""), (None, str(alone.home)), (None, "")):
        monkeypatch.setenv("DUIJIE_HOME", environ)
        for data in (str(tmp_path / "data"), "", "relative", "~/data"):
            monkeypatch.setenv("XDG_DATA_HOME", data)
            assert Shell(option).file() == Home.find(option, os.environ).database, data
