"""Search over everything, the cache of initials beside it, and filters that have a name."""

from __future__ import annotations

import os
import random
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from schema import initials as letters
from schema.errors import NotFound, QueryError, UsageError
from schema.ids import new_id
from schema.records import encode, own_id
from syncd.store import initials as kept
from syncd.store.filters import (
    MOST,
    NamedFilter,
    forget_filter,
    keep_filter,
    named_filters,
)
from syncd.store.initials import catch_up_initials, titles_by_initials
from syncd.store.replica import Replica
from syncd.store.rows import Change
from syncd.store.search import Hit, search
from tests.wiring import Wired

NOW = 1_800_000_000_000_000


def put(replica: Replica, kind: str = "task", *, deleted: bool = False, **body: Any) -> str:
    id = own_id(kind, body) or new_id(replica.clock.now())
    replica.save([Change(kind, id, encode(body))])
    if deleted:
        replica.save([Change(kind, id, encode(body), deleted=True)])
    return id


def hits(replica: Replica, text: str, limit: int = 200) -> list[Hit]:
    return search(replica.conn, text, now=NOW, limit=limit)


def titles(replica: Replica, text: str, limit: int = 200) -> list[str]:
    return [hit.title for hit in hits(replica, text, limit)]


@pytest.fixture
def a(wired: Wired) -> Replica:
    return wired.join("甲")


# -- what is found


@pytest.mark.row("S000-28")
def test_every_kind_and_every_text_of_a_record_is_searched(a: Replica) -> None:
    put(a, title="一", standard=["含支付参数"])
    put(a, "request", title="二", items=[{"department": "x", "content": "支付"}])
    put(a, "comment", text="支付呢")
    put(a, title="四")
    found = hits(a, "支付")
    assert {(hit.title, hit.where) for hit in found} == {
        ("一", "standard"),
        ("二", "items"),
        ("支付呢", "title"),
    }
    assert all(hit.excerpt[slice(*hit.span)] == "支付" for hit in found)


def test_words_are_joined_by_and_wherever_they_stand(a: Replica) -> None:
    put(a, title="说明书", owner="张三", note="Final manual")
    put(a, title="说明书", owner="李四")
    assert len(hits(a, "说明书 张三")) == 1
    assert len(hits(a, "MANUAL 说明书 张三")) == 1
    assert hits(a, "说明书 王五") == []
    assert hits(a, '"manual final"') == []
    assert len(hits(a, '"final manual"')) == 1


def test_case_and_width_make_no_difference(a: Replica) -> None:
    put(a, title="ＡＰＩ接口 Drehzahl ДОГОВОР É（新）")
    for text in ("api", "ＡＰＩ", "drehZAHL", "договор", "é", "(新)", "（新", "api接口"):
        assert len(hits(a, text)) == 1, text


def test_keys_tokens_and_escapes_are_not_found(a: Replica) -> None:
    put(a, title="x", state="doing", note='a "quoted" \\ word\nnext', priority=3)
    for text in ("title", "doing", "priority", "nnext", "\\n", "u005c"):
        assert hits(a, text) == [], text
    for text in ("quoted", "\\ word", "next", '"word next"'):
        assert len(hits(a, text)) == 1, text


def test_nothing_typed_finds_nothing(a: Replica) -> None:
    put(a, title="x")
    assert hits(a, "") == hits(a, '  "" ') == []


def test_wildcards_are_letters_like_others(a: Replica) -> None:
    put(a, title="100% a_b")
    put(a, title="100 axb")
    assert titles(a, "%") == titles(a, "a_b") == titles(a, "0%") == ["100% a_b"]


def test_numbers_and_endings_of_ids(wired: Wired, a: Replica) -> None:
    first = put(a, title="a")
    put(a, title="T-001 is meant")
    wired.sync("甲")
    for text in ("T-001", "t-001", "001", "1"):
        hit = hits(a, text)[0]
        assert (hit.title, hit.where, hit.number) == ("a", "number", "T-001"), text
    assert titles(a, "t-001") == ["a", "T-001 is meant"]
    hit = hits(a, first[-6:])[0]
    assert (hit.id, hit.where) == (first, "id")
    assert hit.excerpt[slice(*hit.span)] == first[-6:]
    assert hits(a, first[-3:]) == []


def test_an_ending_of_two_ids_names_none(a: Replica) -> None:
    for n in range(2):
        id = f"0192f4e8-000{n}-7000-8000-0000000abcde"
        a.save([Change("task", id, encode({"title": "x"}))])
    assert hits(a, "abcde") == []
    assert len(hits(a, "0-7000-8000-0000000abcde")) == 1


def test_people_and_departments_are_found_by_their_other_names(a: Replica) -> None:
    put(a, "department", name="市场部", title="市场中心", aliases=["营销"])
    put(a, title="任务", department="市场部")
    put(a, title="提到市场部", note="市场部")
    for text in ("营销", "市场中心"):
        assert [hit.title for hit in hits(a, text) if hit.kind == "task"] == ["任务"]
    assert next(hit.where for hit in hits(a, "营销") if hit.kind == "task") == "department"


def test_deleted_records_are_found_when_asked_for(a: Replica) -> None:
    put(a, title="支付", deleted=True)
    put(a, title="支付")
    assert [hit.deleted for hit in hits(a, "支付")] == [False]
    assert [hit.deleted for hit in hits(a, "支付 is:deleted")] == [True]
    assert [hit.deleted for hit in hits(a, "is:deleted")] == [True]


def test_flags_are_those_of_the_filter_language(a: Replica) -> None:
    put(a, title="支付", owner="甲")
    put(a, title="支付")
    assert len(hits(a, "支付 is:mine")) == 1
    assert len(hits(a, "支付 -is:mine")) == 1
    with pytest.raises(QueryError):
        hits(a, "is:nothing")


def test_a_record_without_its_body_is_passed_over(a: Replica) -> None:
    put(a, title="支付")
    with a.write() as conn:
        conn.execute("UPDATE records SET body = NULL WHERE kind = 'task'")
    assert hits(a, "支付") == []
    assert hits(a, "договор") == []


# -- the order


def test_the_nearest_comes_first_and_the_newest_of_those(wired: Wired, a: Replica) -> None:
    pytest.importorskip("pypinyin")
    for title, note in (
        ("gd here", ""),
        ("not here", "gd"),
        ("说明书定稿", ""),
        ("gd newer", ""),
        ("a gd inside", ""),
        ("规定", ""),
    ):
        put(a, title=title, note=note)
    wired.sync("甲")
    catch_up_initials(a.conn, budget_ms=10_000)
    assert titles(a, "gd") == ["gd newer", "gd here", "a gd inside", "规定", "not here"]


def test_the_limit_keeps_the_nearest(a: Replica) -> None:
    for n in range(30):
        put(a, title=f"x{n}", note="支付")
    put(a, title="支付")
    for n in range(30):
        put(a, title=f"y{n}", note="支付")
    assert titles(a, "支付", limit=3) == ["支付", "y29", "y28"]


def test_matches_far_behind_what_only_seems_to_match_are_found(a: Replica) -> None:
    put(a, title="支付 b", note="a")
    for n in range(30):
        put(a, title=f"支付{n}", note="ab")
    assert titles(a, '"支付 b" a', limit=2) == ["支付 b"]
    put(a, title="old", tags=["accept"])
    for n in range(30):
        put(a, title=f"t{n}", tags=["ac-cept"], note="c-cept")
    assert titles(a, "ac-c c-cept old", limit=1) == []
    assert titles(a, "accept", limit=1) == ["old"]


# -- initials


def needs_sounds() -> None:
    pytest.importorskip("pypinyin")


def test_a_title_is_found_by_its_initials(a: Replica) -> None:
    needs_sounds()
    put(a, title="产品说明书定稿")
    put(a, "person", name="王小明")
    assert titles(a, "cpsms") == titles(a, "CPSMS") == titles(a, "smsdg") == ["产品说明书定稿"]
    assert titles(a, "wxm") == ["王小明"]
    assert titles(a, "c") == []
    assert hits(a, "cpsms")[0].span == (0, 0)


def test_initials_follow_a_title_that_changes(a: Replica) -> None:
    needs_sounds()
    id = put(a, title="产品说明书")
    assert titles(a, "cpsms") == ["产品说明书"]
    a.save([Change("task", id, encode({"title": "支付接口"}))])
    assert titles(a, "cpsms") == []
    assert titles(a, "zfjk") == ["支付接口"]


def test_the_work_is_done_in_steps_and_not_again(
    a: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs_sounds()
    a.save([Change("task", new_id(NOW), encode({"title": f"t{n}"})) for n in range(120)])
    asked: list[str] = []

    def told(title: str) -> str:
        asked.append(title)
        return title

    monkeypatch.setattr(letters, "initials", told)
    steps = 1
    while not catch_up_initials(a.conn, budget_ms=0):
        steps += 1
    assert steps == 3
    assert len(asked) == len(set(asked)) == 120
    assert catch_up_initials(a.conn, budget_ms=0)
    a.save([Change("task", new_id(NOW), encode({"title": "neu"}))])
    assert catch_up_initials(a.conn, budget_ms=0)
    assert asked[120:] == ["neu"]


def test_a_cache_of_titles_that_are_gone_begins_anew(
    a: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs_sounds()
    monkeypatch.setattr(kept, "CHUNK", 5)
    id = put(a, title="零")
    for n in range(20):
        a.save([Change("task", id, encode({"title": f"t{n}"}))])
        assert catch_up_initials(a.conn, budget_ms=1_000)
    cache = sqlite3.connect(a.db.path.with_name("search.db"))
    (count,) = cache.execute("SELECT count(*) FROM initials").fetchone()
    cache.close()
    assert count <= 15
    assert titles_by_initials(a.conn, "t19") == {"t19"}


def test_the_replica_is_not_written_and_may_be_read_only(a: Replica) -> None:
    needs_sounds()
    put(a, title="产品说明书")
    reader = Replica(a.db.path, readonly=True)
    before = a.db.data_version()
    assert titles(reader, "cpsms") == ["产品说明书"]
    assert a.db.data_version() == before
    reader.close()


def test_the_cache_is_its_owners_alone_and_may_be_deleted_or_damaged(a: Replica) -> None:
    needs_sounds()
    put(a, title="产品说明书")
    cache = a.db.path.with_name("search.db")
    assert len(hits(a, "cpsms")) == 1
    assert cache.stat().st_mode & 0o777 == 0o600
    cache.unlink()
    assert len(hits(a, "cpsms")) == 1


def random_bytes(cache: Path) -> None:
    cache.write_bytes(random.Random(1).randbytes(40_000))


def truncated(cache: Path) -> None:
    os.truncate(cache, cache.stat().st_size // 2)


def torn(cache: Path) -> None:
    head = cache.read_bytes()[:4096]
    cache.write_bytes(head + random.Random(2).randbytes(cache.stat().st_size - len(head)))


def scripted(script: str) -> Callable[[Path], None]:
    def damage(cache: Path) -> None:
        with closing(sqlite3.connect(cache, isolation_level=None)) as conn:
            conn.executescript(script)

    return damage


DAMAGES: dict[str, Callable[[Path], None]] = {
    "random bytes": random_bytes,
    "truncated": truncated,
    "torn": torn,
    "no tables": scripted("DROP TABLE initials; DROP TABLE state"),
    "other tables": scripted("DROP TABLE state; CREATE TABLE state (x); DROP TABLE initials; CREATE TABLE initials (y)"),
    "views": scripted("DROP TABLE initials; CREATE VIEW initials AS SELECT 1 x; PRAGMA user_version = 7"),
    "no number": scripted("UPDATE state SET value = 'zz' WHERE key IN ('place', 'done')") ,
    "a number beyond all": scripted("UPDATE state SET value = '1' || hex(zeroblob(40)) WHERE key = 'place'; UPDATE state SET value = '' WHERE key = 'done'"),
    "blobs": scripted("UPDATE state SET value = x'ff', key = key; INSERT INTO initials VALUES (x'ff', 'cpsms')"),
    "no text": scripted("UPDATE state SET value = CAST(x'ff' AS TEXT)"),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_cache_that_holds_garbage_is_made_again(a: Replica, damage: str) -> None:
    needs_sounds()
    put(a, title="产品说明书")
    cache = a.db.path.with_name("search.db")
    assert len(hits(a, "cpsms")) == 1
    DAMAGES[damage](cache)
    assert len(hits(a, "cpsms")) == 1
    put(a, title="产品说明书二")
    assert len(hits(a, "cpsms")) == 2
    with closing(sqlite3.connect(cache)) as conn:
        assert conn.execute("SELECT count(*) FROM initials").fetchone()[0] >= 2


def test_a_cache_that_is_locked_is_left_alone_and_gone_without(
    a: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs_sounds()
    monkeypatch.setattr(kept, "_WAIT", 0.0)
    put(a, title="产品说明书")
    cache = a.db.path.with_name("search.db")
    assert len(hits(a, "cpsms")) == 1
    before = cache.stat().st_ino
    with closing(sqlite3.connect(cache, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        put(a, title="产品说明书二")
        assert len(hits(a, "cpsms")) == 2
    assert cache.stat().st_ino == before


def test_a_name_that_is_no_text_has_no_initials(a: Replica) -> None:
    needs_sounds()
    a.save([Change("person", new_id(NOW), b'{"name":5}')])
    put(a, title="产品说明书")
    assert titles(a, "cpsms") == ["产品说明书"]
    a.db.path.with_name("search.db").unlink()
    a.db.path.with_name("search.db").mkdir()
    assert titles(a, "cpsms") == ["产品说明书"]


def test_where_nothing_can_be_kept_the_newest_are_worked_out(
    a: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs_sounds()
    monkeypatch.setattr(kept, "UNKEPT", 1)
    put(a, title="产品说明书")
    put(a, title="支付接口")
    a.db.path.with_name("search.db").mkdir()
    assert catch_up_initials(a.conn, budget_ms=0)
    assert titles(a, "zfjk") == ["支付接口"]
    assert titles(a, "cpsms") == []


def test_without_the_library_search_works_as_before(
    a: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(a, title="产品说明书 cpsms")
    put(a, title="产品说明书")
    letters.known.cache_clear()
    monkeypatch.setitem(sys.modules, "pypinyin", None)
    try:
        assert titles(a, "cpsms") == ["产品说明书 cpsms"]
        assert not a.db.path.with_name("search.db").exists()
    finally:
        letters.known.cache_clear()


# -- filters


def test_filters_are_kept_replaced_and_forgotten(a: Replica, tmp_path: Path) -> None:
    assert named_filters(a.conn) == []
    with a.write() as conn:
        assert keep_filter(conn, " 我的\t ", "task", "is:mine") == ("我的", "task", "is:mine")
        keep_filter(conn, "我的", "", "is:mine is:late")
        keep_filter(conn, "晚了", "task", "is:late")
        keep_filter(conn, "我的", "task", "owner:me")
    assert named_filters(a.conn) == [
        NamedFilter("我的", "task", "owner:me"),
        NamedFilter("我的", "", "is:mine is:late"),
        NamedFilter("晚了", "task", "is:late"),
    ]
    with a.write() as conn:
        forget_filter(conn, "我的", "task")
        with pytest.raises(NotFound):
            forget_filter(conn, "我的", "task")
    assert [each.name for each in named_filters(a.conn)] == ["我的", "晚了"]


def test_filters_have_bounds(a: Replica) -> None:
    with a.write() as conn:
        for n in range(MOST):
            keep_filter(conn, str(n), "task", "x")
        with pytest.raises(UsageError):
            keep_filter(conn, "one more", "task", "x")
        keep_filter(conn, "1", "task", "y")
        for name, text in (("", "x"), ("n" * 41, "x"), ("1", "x" * 2_001)):
            with pytest.raises(UsageError):
                keep_filter(conn, name, "task", text)
    assert len(named_filters(a.conn)) == MOST


@pytest.mark.parametrize(
    "text", ["", "x", "{}", '[1, ["a"], ["", "", ""], ["a", "b", 3]]', "[" * 9_999]
)
def test_filters_that_cannot_be_read_are_passed_over(a: Replica, text: str) -> None:
    with a.write():
        a.set_meta(filters=text)
    assert named_filters(a.conn) == []
