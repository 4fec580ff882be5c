"""Reading a replica: records as JSON, finding them, their history."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from schema.errors import Ambiguous, NotFound
from schema.ids import new_id
from schema.records import encode
from schema.version import Version
from syncd.store.conflicts import conflicts, find_conflict
from syncd.store.history import log
from syncd.store.notices import take_notices
from syncd.store.planning import Planned
from syncd.store.reading import envelope, envelopes, find_record, rfc3339, select, setting
from syncd.store.replica import Replica
from syncd.store.rows import Change
from syncd.store.standing import open_conflicts
from syncd.store.undoing import last_step, plan_undo
from tests.wiring import Wired, take_pages_only

NOW = 1_800_000_000_000_000


def put(replica: Replica, id: str = "", **body: object) -> str:
    id = id or new_id(replica.clock.now())
    replica.save([Change("task", id, encode({"title": "x", "state": "todo", **body}))])
    return id


def as_json(replica: Replica, id: str) -> dict[str, object]:
    text = envelope(replica.conn, "task", id)
    assert text is not None
    record: dict[str, object] = json.loads(text)
    return record


def test_a_taken_record_has_stamp_seq_number_and_instant(wired: Wired) -> None:
    a = wired.join("甲")
    id = put(a, title='"quoted" \\ 引')
    wired.sync("甲")
    record = as_json(a, id)
    held = a.record("task", id)
    assert held is not None
    assert record["eff"] == held.shown.eff
    assert (record["seq"], record["number"], record["unsent"]) == (1, "T-001", False)
    accepted = datetime.fromisoformat(str(record["accepted"]))
    assert held.accepted is not None
    assert rfc3339(held.accepted) == record["accepted"]
    assert abs(accepted.timestamp() - held.accepted / 1e6) < 1e-5
    assert record["body"] == {"state": "todo", "title": '"quoted" \\ 引'}


def test_an_edit_on_top_keeps_number_and_seq_but_has_no_stamp(wired: Wired) -> None:
    a = wired.join("甲")
    id = put(a)
    wired.sync("甲")
    put(a, id, title="y")
    record = as_json(a, id)
    assert (record["eff"], record["unsent"], record["seq"], record["number"]) == (
        None, True, 1, "T-001",
    )  # fmt: skip
    put(a, id, title="z")
    assert as_json(a, id)["unsent"] is True


def test_names_are_quoted_in_json(wired: Wired) -> None:
    a = wired.join('甲"\\')
    id = put(a)
    assert as_json(a, id)["author"] == '甲"\\'


def test_instants_are_exact() -> None:
    assert rfc3339(1_800_000_000_000_001) == "2027-01-15T08:00:00.000001Z"
    assert rfc3339(0) == "1970-01-01T00:00:00.000000Z"


def test_a_record_is_found_by_id_ending_and_number(wired: Wired) -> None:
    a = wired.join("甲")
    id = put(a, title="那个")
    wired.sync("甲")
    for ref in (id, id.upper(), id[-4:], id[-13:], "T-001", "t-001", f" {id} "):
        assert find_record(a.conn, ref) == ("task", id, "那个", False)
    for ref in ("", id[-3:], "T-002", "那个", "%", id[:8]):
        with pytest.raises(NotFound):
            find_record(a.conn, ref)
    assert find_record(a.conn, "那个", titles=True).id == id
    with pytest.raises(NotFound):
        find_record(a.conn, id, ["project"])


def test_several_candidates_are_listed_with_their_titles(wired: Wired) -> None:
    a = wired.join("甲")
    for n in range(2):
        put(a, f"0192f4e8-000{n}-7000-8000-0000000abcde", title=f"t{n}")
    with pytest.raises(Ambiguous, match=r"(?s)t0.*t1"):
        find_record(a.conn, "bcde")


def test_the_policy_decides_zone_and_warning(wired: Wired) -> None:
    c = wired.join("丙", "coordinator")
    assert setting(c.conn)[:] == ("丙", "coordinator", "研发部", "Asia/Shanghai", 2)
    for key, more in (("zone", {"value": "Europe/Berlin"}), ("warn", {"amount": "5"})):
        c.save([Change("policy", new_id(NOW), encode({"key": key, **more}))])
    assert setting(c.conn)[3:] == ("Europe/Berlin", 5)
    c.save([Change("policy", new_id(NOW), encode({"key": "zone", "value": "Nowhere"}))])
    assert setting(c.conn).zone in ("Europe/Berlin", "Asia/Shanghai")


def test_an_empty_filter_lists_in_the_order_made(wired: Wired) -> None:
    a = wired.join("甲")
    ids = [put(a, title=str(n)) for n in range(3)]
    selection = select(a.conn, "task", "", now=NOW)
    assert [json.loads(line)["id"] for line in envelopes(a.conn, selection)] == ids
    assert list(envelopes(a.conn, select(a.conn, None, "title:1", now=NOW)))


def test_bare_words_search_the_text(wired: Wired) -> None:
    a = wired.join("甲")
    put(a, title="支付接口")
    put(a, title="别的", standard=["支付参数"])
    put(a, title="无关")
    selection = select(a.conn, "task", "支付", now=NOW)
    assert len(list(envelopes(a.conn, selection))) == 2


def test_a_bad_zone_in_the_filter_context_is_no_trouble(wired: Wired) -> None:
    a = wired.join("甲")
    assert list(envelopes(a.conn, select(a.conn, "task", "is:late", now=NOW))) == []


# -- history


def states(replica: Replica, id: str) -> list[tuple[str, str]]:
    record = replica.record("task", id)
    assert record is not None
    return [(entry.state, _title(entry.version)) for entry in log(replica, record)]


def _title(version: Version) -> str:
    return str(json.loads(version.body or b"{}")["title"])


def test_the_log_tells_every_state(wired: Wired) -> None:
    a, b = wired.join("甲"), wired.join("乙")
    id = put(a, title="1")
    wired.sync()
    put(a, id, title="a")
    put(b, id, title="b")
    wired.sync()
    put(a, id, title="neu")
    assert states(a, id) == [("unsent", "neu"), ("head", "b"), ("loser", "a"), ("past", "1")]
    assert states(b, id) == [("head", "b"), ("loser", "a"), ("past", "1")]


def test_changes_are_told_against_the_base(wired: Wired) -> None:
    a, b = wired.join("甲"), wired.join("乙")
    id = put(a, title="1")
    wired.sync()
    put(a, id, title="1", owner="甲")
    put(b, id, title="2")
    wired.sync()
    record = b.record("task", id)
    assert record is not None
    assert [entry.changed for entry in log(b, record)] == [["title"], ["owner"], ["state", "title"]]


# -- conflicts


def test_a_settlement_that_waits_counts_as_settled_here(wired: Wired) -> None:
    a, b = wired.join("甲"), wired.join("乙")
    c = wired.join("丙", "coordinator")
    id = put(a, title="1")
    wired.sync()
    put(a, id, title="a")
    put(b, id, title="b")
    wired.sync()
    assert open_conflicts(c) == len(conflicts(c)) == 1
    conflict = find_conflict(c, id)
    assert find_conflict(c, conflict.name) == conflict
    c.save(
        [
            Change(
                "task", id, encode({"title": "neu", "state": "todo"}), settles=(conflict.other.dot,)
            )
        ]
    )
    assert open_conflicts(c) == len(conflicts(c)) == 0
    with pytest.raises(NotFound):
        find_conflict(c, id)
    assert open_conflicts(a) == 1


def test_a_conflict_without_its_base_is_a_whole_one(wired: Wired) -> None:
    a, b = wired.join("甲"), wired.join("乙")
    id = put(a, title="1", owner="x")
    wired.sync()
    put(a, id, title="a", owner="x")
    put(b, id, title="1", owner="b")
    wired.sync()
    with a.write():
        a.conn.execute("UPDATE versions SET body = NULL WHERE rev = 1")
    (conflict,) = conflicts(a)
    assert conflict.base is None
    assert sorted(conflict.overlaps) == sorted(conflict.differs) == ["owner", "title"]


# -- planning, undoing, notices


def test_a_plan_is_made_inside_the_transaction(wired: Wired) -> None:
    a = wired.join("甲")
    id = put(a)

    def plan() -> list[Change]:
        assert a.conn.in_transaction
        return [Change("task", id, encode({"title": "planned", "state": "todo"}))]

    planned = Planned(plan)
    a.save(planned)
    assert len(planned) == 1
    assert planned[0].id == id
    assert list(planned[0:1]) == list(planned)


def test_a_refused_step_is_not_the_one_to_undo(wired: Wired) -> None:
    v = wired.join("看客", "viewer")
    comment = new_id(NOW)
    v.save([Change("comment", comment, encode({"text": "ja"}))])
    step = last_step(v)
    put(v, title="nein")
    assert last_step(v) != step
    wired.sync("看客")
    assert last_step(v) == step
    assert [change.id for change in plan_undo(v).changes] == [comment]


def test_an_author_is_told_once(wired: Wired) -> None:
    a, b = wired.join("甲"), wired.join("乙")
    id = put(a, title="1")
    wired.sync()
    put(a, id, title="a")
    put(b, id, title="b")
    wired.sync()
    (notice,) = take_notices(a)
    assert (notice.what, notice.author, notice.title, notice.id) == ("lost", "乙", "b", id)
    assert take_notices(a) == []
    assert take_notices(b) == []


def test_pages_alone_leave_unsent_work_in_place(wired: Wired) -> None:
    a, b = wired.join("甲"), wired.join("乙")
    id = put(a, title="1")
    wired.sync()
    put(a, id, title="a")
    put(b, id, title="b")
    wired.sync("甲")
    take_pages_only(wired, "乙")
    assert states(b, id)[:2] == [("unsent", "b"), ("head", "a")]
