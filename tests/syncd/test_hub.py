from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from schema import wire
from schema.errors import ProtocolError
from schema.ids import derived_id, uuid7
from schema.records import encode, own_id
from schema.wire import Edit
from syncd.clock import Clock
from syncd.hub import Copied, Hub, Sender
from syncd.store.hub import HubStore, Result

SECOND = 1_000_000
YEAR = 365 * 86_400 * SECOND
# 2026-12-31T15:59:00Z: a minute before midnight in Shanghai.
NOW = 1_798_732_740 * SECOND

TASK, OTHER, THIRD = (uuid7(NOW // 1000, bytes([n] * 10)) for n in (1, 2, 3))
REPLICAS = {"甲": "aaaaaaaaaa", "乙": "bbbbbbbbbb", "丙": "cccccccccc", "丁": "dddddddddd"}
ROLES = {"甲": "liaison", "乙": "liaison", "丙": "coordinator", "丁": "viewer"}
A, B, C = REPLICAS["甲"], REPLICAS["乙"], REPLICAS["丙"]


class Now(Clock):
    def __init__(self) -> None:
        self.us = NOW

    def now(self) -> int:
        return self.us


class Bench:
    """A hub and whoever pushes to it, edit by edit."""

    def __init__(self, folder: Path) -> None:
        self.clock = Now()
        self.store = HubStore(folder / "hub.db", synchronous="OFF")
        self.hub = Hub(self.store, self.clock)
        self.kinds: Mapping[str, int] = {}

    def push(self, who: str, *acts: Edit | list[Edit]) -> list[Result]:
        """The results of one frame; an edit by itself is an act."""
        sender = Sender("device", who, ROLES[who], REPLICAS[who], self.kinds)
        raw = [[_raw(edit) for edit in (act if isinstance(act, list) else [act])] for act in acts]
        return self.hub.push(lambda: sender, raw)

    def words(self, who: str, *acts: Edit | list[Edit]) -> list[str]:
        """The results of one frame as words, with the reason where there is one."""
        return [f"{r.result} {r.reason or ''}".strip() for r in self.push(who, *acts)]

    def leaves(self, kind: str = "task", id: str = TASK) -> list[str]:
        """The leaves of a record as dots, the head first."""
        found = self.store.held([(kind, id)]).get((kind, id))
        return [str(leaf.dot) for leaf in found.leaves] if found else []

    def eff(self, dot: str) -> int:
        replica, n = dot.split(":")
        row = self.store.conn.execute(
            "SELECT eff FROM versions WHERE replica = ? AND n = ?", (replica, int(n))
        ).fetchone()
        return int(row[0])

    def numbers(self) -> list[str]:
        rows = self.store.conn.execute("SELECT number FROM records ORDER BY seq")
        return [number for (number,) in rows if number]


def _raw(edit: Edit) -> msgspec.Raw:
    return msgspec.Raw(wire.encode_edit(edit))


def made(
    who: str,
    n: int,
    body: Mapping[str, Any] | bytes,
    *,
    kind: str = "task",
    id: str = TASK,
    knows: str = "",
    base: str | None = None,
    at: int = NOW,
    **rest: Any,
) -> Edit:
    """An edit; `knows` are the dots below it besides itself, as on the wire."""
    own = f"{REPLICAS[who]}:{n}"
    words = [word for word in knows.split() if not word.startswith(REPLICAS[who])]
    dots = sorted([own, *(word for word in words if word[0] != "!")])
    text = " ".join([*dots, *(word for word in words if word[0] == "!")])
    raw = body if isinstance(body, bytes) else encode(body)
    return Edit(
        n=n, kind=kind, id=id, knows=text, base=base, rev=1, at=at, body=msgspec.Raw(raw), **rest
    )


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made_here = Bench(tmp_path)
    yield made_here
    made_here.store.close()


@pytest.fixture
def conflict(bench: Bench) -> Bench:
    """A head of 乙 and a loser of 甲, both made on nothing else of the other's."""
    bench.push("甲", made("甲", 1, {"title": "初稿"}))
    bench.push("乙", made("乙", 1, {"title": "乙"}, knows=f"{A}:1", base=f"{A}:1"))
    bench.push("甲", made("甲", 2, {"title": "甲"}, base=f"{A}:1", at=NOW - YEAR))
    bench.clock.us += SECOND
    bench.push("乙", made("乙", 2, {"title": "乙乙"}, knows=f"{A}:1", base=f"{B}:1", at=NOW + 1))
    assert bench.leaves() == [f"{B}:2", f"{A}:2"]
    return bench


# -- taking, numbers, answering again


def test_results_are_numbered_in_one_line(bench: Bench) -> None:
    first = bench.push(
        "甲", made("甲", 1, {"title": "一"}), made("甲", 2, {"title": "二"}, id=OTHER)
    )
    second = bench.push("乙", made("乙", 1, {"title": "三"}, id=THIRD))
    assert [*first, *second] == [
        Result(1, "taken", 1, None),
        Result(2, "taken", 2, None),
        Result(1, "taken", 3, None),
    ]
    assert bench.store.seq == 3
    assert bench.store.proof().count == 3


def test_numbers_are_given_in_order_within_a_frame_and_after_it(bench: Bench) -> None:
    bench.push("甲", made("甲", 1, {"title": "一"}), made("甲", 2, {"title": "二"}, id=OTHER))
    bench.push("乙", made("乙", 1, {"title": "三"}, id=THIRD))
    assert bench.numbers() == ["T-001", "T-002", "T-003"]


def test_a_record_keeps_its_number(bench: Bench) -> None:
    bench.push("甲", made("甲", 1, {"title": "一"}))
    bench.push("甲", made("甲", 2, {"title": "二"}, base=f"{A}:1"))
    assert bench.numbers() == ["T-001"]


@pytest.mark.row("S003-20")
def test_a_yearly_series_begins_again_when_the_year_does_in_the_workspace(bench: Bench) -> None:
    bench.push("甲", made("甲", 1, {"title": "一"}, kind="request"))
    bench.clock.us += 120 * SECOND
    bench.push("甲", made("甲", 2, {"title": "二"}, kind="request", id=OTHER))
    assert bench.numbers() == ["XLX-2026-001", "XLX-2027-001"]


def test_a_zone_that_does_not_exist_stops_nobody(bench: Bench) -> None:
    zone = {"key": "zone", "value": "../nowhere"}
    bench.push("丙", made("丙", 1, zone, kind="policy", id=derived_id("policy", "zone")))
    assert bench.words("甲", made("甲", 1, {"title": "一"}, kind="request")) == ["taken"]
    assert bench.numbers() == ["XLX-2026-001"]


def test_a_policy_sets_pattern_and_width_of_a_number(bench: Bench) -> None:
    form = {"key": "number.task", "value": "任务{serial}", "amount": "5"}
    bench.push("丙", made("丙", 1, form, kind="policy", id=derived_id("policy", "number.task")))
    bench.push("甲", made("甲", 1, {"title": "一"}), made("甲", 2, {"title": "二"}, id=OTHER))
    assert bench.numbers() == ["任务00001", "任务00002"]


def test_a_pattern_without_a_serial_is_passed_over(bench: Bench) -> None:
    form = {"key": "number.task", "value": "任务"}
    bench.push("丙", made("丙", 1, form, kind="policy", id=derived_id("policy", "number.task")))
    bench.push("甲", made("甲", 1, {"title": "一"}))
    assert bench.numbers() == ["T-001"]


def test_a_push_that_comes_again_gets_its_first_answer_and_changes_nothing(bench: Bench) -> None:
    act = [made("甲", 1, {"title": "一"}), made("甲", 2, {"key": "warn"}, kind="policy", id=OTHER)]
    one = made("甲", 3, {"title": "三"}, id=THIRD)
    first = bench.push("甲", act, one)
    proof = bench.store.proof()
    assert bench.push("甲", act, one) == first
    assert bench.push("甲", one) == first[2:]
    assert bench.store.proof() == proof


def test_an_edit_twice_in_one_frame_is_one(bench: Bench) -> None:
    one = made("甲", 1, {"title": "一"})
    assert bench.push("甲", one, one) == [Result(1, "taken", 1, None)] * 2


def test_other_bytes_under_a_known_number_mean_a_copied_file(bench: Bench) -> None:
    bench.push("甲", made("甲", 1, {"title": "一"}))
    with pytest.raises(Copied):
        bench.push("甲", made("甲", 1, {"title": "二"}))
    with pytest.raises(Copied):
        bench.hub.asked(A, [(1, "00" * 32)])
    assert bench.store.seq == 1


def test_what_was_asked_is_answered_from_the_file(bench: Bench) -> None:
    from hashlib import sha256

    one = made("甲", 1, {"title": "一"})
    bench.push("甲", one)
    named = sha256(bytes(_raw(one))).hexdigest()
    assert bench.hub.asked(A, [(1, named), (2, named)]) == [
        Result(1, "taken", 1, None),
        Result(2, "unknown", None, None),
    ]


def test_an_act_that_names_an_edit_twice_is_no_act(bench: Bench) -> None:
    with pytest.raises(ProtocolError):
        bench.push("甲", made("甲", 1, {"title": "一"}), [made("甲", 2, {}), made("甲", 2, {})])
    assert bench.store.seq == 0


@pytest.mark.parametrize("n", [0, -1, 1 << 53, 1 << 63, 1 << 70])
def test_a_number_out_of_range_is_no_edit(bench: Bench, n: int) -> None:
    with pytest.raises(ProtocolError):
        bench.push("甲", made("甲", n, {"title": "一"}))
    assert bench.store.seq == 0


# -- acts


def test_one_refused_edit_refuses_its_act_and_nothing_of_it_stays(bench: Bench) -> None:
    policy = made("甲", 2, {"key": "warn"}, kind="policy", id=derived_id("policy", "warn"))
    act = [made("甲", 1, {"title": "一"}), policy, made("甲", 3, {"title": "三"}, id=THIRD)]
    assert bench.words("甲", act) == ["refused act", "refused rights write", "refused act"]
    assert bench.leaves() == bench.leaves(id=THIRD) == []
    assert bench.store.proof().count == 0
    bench.push("甲", made("甲", 4, {"title": "四"}, id=OTHER))
    assert bench.numbers() == ["T-001"]


def test_a_refused_act_leaves_the_acts_beside_it(bench: Bench) -> None:
    policy = made("甲", 2, {"key": "warn"}, kind="policy", id=derived_id("policy", "warn"))
    again = made("甲", 3, {"title": "二"}, base=f"{A}:1")
    first, last = made("甲", 1, {"title": "一"}), made("甲", 4, {}, id=OTHER)
    assert bench.words("甲", first, [again, policy], last) == [
        "taken",
        "refused act",
        "refused rights write",
        "taken",
    ]
    assert bench.leaves() == [f"{A}:1"]


def test_an_act_may_edit_a_record_twice(bench: Bench) -> None:
    act = [made("甲", 1, {"title": "一"}), made("甲", 2, {"title": "二"}, base=f"{A}:1")]
    assert bench.words("甲", act) == ["taken", "taken"]
    assert bench.leaves() == [f"{A}:2"]
    assert bench.numbers() == ["T-001"]


def test_what_was_built_on_a_refused_edit_is_judged_from_the_nearest_taken(bench: Bench) -> None:
    policy = made("乙", 2, {"key": "warn"}, kind="policy", id=derived_id("policy", "warn"))
    bench.push("甲", made("甲", 1, {"title": "一"}))
    on_it = made("乙", 1, {"title": "二"}, knows=f"{A}:1", base=f"{A}:1")
    later = made("乙", 3, {"title": "三"}, knows=f"{A}:1", base=f"{B}:1")
    assert bench.words("乙", [on_it, policy], later) == [
        "refused act",
        "refused rights write",
        "taken",
    ]
    assert bench.leaves() == [f"{B}:3"]


def test_too_many_edits_are_no_act(bench: Bench) -> None:
    act = [
        made("甲", n, {"title": "一"}, id=uuid7(n, bytes(10))) for n in range(1, wire.ACT_EDITS + 2)
    ]
    assert {*bench.words("甲", act)} == {"refused size"}


# -- what an edit may know


@pytest.mark.parametrize(
    "knows",
    [
        pytest.param(f"{A}:1 {B}:2", id="a version of the future"),
        pytest.param(f"{A}:1 {B}:1 {C}:1", id="a replica that never came"),
    ],
)
def test_an_edit_may_not_know_what_the_hub_has_not_seen(bench: Bench, knows: str) -> None:
    bench.push("甲", made("甲", 1, {"title": "一"}))
    forged = made("乙", 1, {"title": "二"})
    forged = msgspec.structs.replace(forged, knows=knows)
    assert bench.words("乙", forged) == ["refused form knows"]


def test_an_edit_knows_itself(bench: Bench) -> None:
    edit = made("甲", 2, {"title": "一"})
    for knows in (f"{A}:1", f"{A}:3", f"{A}:2 !{A}:2", "", f"{A}:2 {A}:2", f"{A}:02"):
        edit = msgspec.structs.replace(edit, n=edit.n + 10, knows=knows.replace(":2", f":{edit.n}"))
        assert bench.words("甲", edit) == ["refused form knows"], knows


def test_an_edit_knows_its_base(bench: Bench) -> None:
    bench.push("甲", made("甲", 1, {"title": "一"}))
    assert bench.words("乙", made("乙", 1, {"title": "二"}, base=f"{A}:1")) == [
        "refused form knows"
    ]


def test_an_edit_knows_what_the_leaves_it_closes_knew(bench: Bench) -> None:
    bench.push("乙", made("乙", 1, {"title": "一"}))
    bench.push("甲", made("甲", 1, {"title": "二"}, knows=f"{B}:1", base=f"{B}:1"))
    forged = made("丁", 1, {"title": "三"}, knows=f"{A}:1", base=f"{A}:1")
    ROLES["丁"] = "liaison"
    try:
        assert bench.words("丁", forged) == ["refused form knows"]
    finally:
        ROLES["丁"] = "viewer"
    honest = made("丙", 1, {"title": "四"}, knows=f"{A}:1 {B}:1", base=f"{A}:1")
    assert bench.words("丙", honest) == ["taken"]


def test_a_loser_that_is_closed_in_silence_is_a_settlement(conflict: Bench) -> None:
    forged = made("乙", 3, {"title": "丙"}, knows=f"{A}:2", base=f"{B}:2")
    assert conflict.words("乙", forged) == ["refused rights settle"]
    assert conflict.leaves() == [f"{B}:2", f"{A}:2"]


def test_an_edit_of_the_head_leaves_the_loser_open(conflict: Bench) -> None:
    assert conflict.words(
        "丙", made("丙", 1, {"title": "丙"}, knows=f"{A}:1 {B}:2", base=f"{B}:2")
    ) == ["taken"]
    assert conflict.leaves() == [f"{C}:1", f"{A}:2"]


# -- settling


def test_a_coordinator_settles_anything(conflict: Bench) -> None:
    settling = made("丙", 1, {"title": "丙"}, knows=f"{A}:2 {B}:2", base=f"{B}:2")
    assert conflict.words("丙", settling) == ["taken"]
    assert conflict.leaves() == [f"{C}:1"]


def test_a_liaison_gives_way_with_an_own_loser(conflict: Bench) -> None:
    giving_way = made("甲", 3, {"title": "乙乙"}, knows=f"{B}:2", base=f"{B}:2")
    assert conflict.words("甲", giving_way) == ["taken"]
    assert conflict.leaves() == [f"{A}:3"]


def test_a_liaison_does_not_win_by_settling(conflict: Bench) -> None:
    winning = made("甲", 3, {"title": "甲"}, knows=f"{B}:2", base=f"{B}:2")
    assert conflict.words("甲", winning) == ["refused rights settle"]


def test_what_was_built_on_a_refused_settlement_is_a_settlement_too(conflict: Bench) -> None:
    settling = made("乙", 3, {"title": "丙"}, knows=f"{A}:2", base=f"{B}:2")
    later = made("乙", 4, {"title": "丁"}, knows=f"{A}:2", base=f"{B}:3")
    assert conflict.words("乙", settling, later) == ["refused rights settle"] * 2


def test_settling_some_leaves_the_others(conflict: Bench) -> None:
    third = made("丙", 1, {"title": "丙"}, knows=f"{A}:1", base=f"{A}:1", at=NOW - 2 * YEAR)
    conflict.push("丙", third)
    some = made("丙", 2, {"title": "乙乙"}, knows=f"{B}:2 !{A}:2", base=f"{B}:2")
    some = msgspec.structs.replace(some, knows=f"{A}:1 {B}:2 {C}:2")
    assert conflict.words("丙", some) == ["taken"]
    assert conflict.leaves() == [f"{C}:2", f"{A}:2"]


# -- rights


def test_a_viewer_writes_comments_of_their_own_and_nothing_else(bench: Bench) -> None:
    comment: dict[str, Any] = {"kind": "comment", "id": OTHER}
    assert bench.words("丁", made("丁", 1, {"title": "一"})) == ["refused rights write"]
    assert bench.words("丁", made("丁", 2, {"text": "好"}, **comment)) == ["taken"]
    bench.push("甲", made("甲", 1, {"text": "不"}, kind="comment", id=THIRD))
    answer = made("丁", 3, {"text": "是"}, kind="comment", id=THIRD, knows=f"{A}:1", base=f"{A}:1")
    assert bench.words("丁", answer) == ["refused rights write"]


def test_a_liaison_changes_no_policy(bench: Bench) -> None:
    policy: dict[str, Any] = {"kind": "policy", "id": derived_id("policy", "warn")}
    assert bench.words("甲", made("甲", 1, {"key": "warn"}, **policy)) == ["refused rights write"]
    assert bench.words("丙", made("丙", 1, {"key": "warn"}, **policy)) == ["taken"]


def test_a_liaison_writes_only_the_own_person(bench: Bench) -> None:
    for n, (name, result) in enumerate([("甲", "taken"), ("乙", "refused rights write")], 1):
        person = made("甲", n, {"name": name}, kind="person", id=derived_id("person", name))
        assert bench.words("甲", person) == [result]


# -- form


def test_a_derived_id_says_what_the_record_says(bench: Bench) -> None:
    right, wrong = derived_id("department", "市场部"), derived_id("department", "研发部")
    for n, (id, result) in enumerate([(wrong, "refused form id"), (right, "taken")], 1):
        department = made("甲", n, {"name": "市场部"}, kind="department", id=id)
        assert bench.words("甲", department) == [result]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(rb'{"title":"a\u001b[2J"}', "text control character U+001B", id="escape"),
        pytest.param('{"title":"\x9b"}'.encode(), "text control character U+009B", id="C1"),
        pytest.param(b'{"title": "a"}', "form", id="a space"),
        pytest.param(b'{"title":"a","note":"b"}', "form", id="not sorted"),
        pytest.param(b'{"note":"","title":"a"}', "form", id="an empty field"),
        pytest.param(b'{"priority":1.5}', "form", id="a float"),
        pytest.param(b'["title"]', "form", id="no object"),
        pytest.param(b'{"title":"' + b"a" * (64 << 10) + b'"}', "size", id="too large"),
    ],
)
def test_a_body_that_no_form_writes_is_refused(bench: Bench, body: bytes, reason: str) -> None:
    (word,) = bench.words("甲", made("甲", 1, body))
    assert word.startswith(f"refused {reason}")
    assert bench.leaves() == []


@pytest.mark.parametrize("body", [b'{"title":"\x1b"}', rb'{"title":"\ud800"}', b'{"title":"'])
def test_a_body_that_is_no_json_is_no_edit(bench: Bench, body: bytes) -> None:
    with pytest.raises(ProtocolError):
        bench.push("甲", made("甲", 1, body))


@pytest.mark.parametrize("body", [{"priority": "high"}, {"state": "gone"}, {"due": "soon"}])
def test_a_value_of_another_type_is_refused(bench: Bench, body: dict[str, Any]) -> None:
    (word,) = bench.words("甲", made("甲", 1, body))
    assert word.startswith("refused form ")


def test_a_field_of_a_newer_client_is_kept(bench: Bench) -> None:
    assert bench.words("甲", made("甲", 1, {"of_tomorrow": {"a": [1]}, "title": "一"})) == ["taken"]


@pytest.mark.parametrize("id", ["", "x", TASK.upper(), TASK[:-1], f"{TASK}\n"])
def test_an_id_is_a_canonical_uuid(bench: Bench, id: str) -> None:
    assert bench.words("甲", made("甲", 1, {"title": "一"}, id=id)) == ["refused form id"]


@pytest.mark.parametrize(
    "stamp", [{"rev": 0}, {"rev": 1 << 40}, {"at": 1 << 53}, {"heard": -1}, {"offset": -(1 << 53)}]
)
def test_a_stamp_out_of_range_is_refused(bench: Bench, stamp: dict[str, int]) -> None:
    edit = msgspec.structs.replace(made("甲", 1, {"title": "一"}), **stamp)
    assert bench.words("甲", edit) == ["refused form stamp"]


# -- stamps


def test_a_clock_a_year_ahead_wins_until_the_next_edit_on_top(bench: Bench) -> None:
    bench.push("甲", made("甲", 1, {"title": "一"}, at=NOW + YEAR))
    assert bench.eff(f"{A}:1") == NOW
    bench.push("乙", made("乙", 1, {"title": "二"}, knows=f"{A}:1", base=f"{A}:1", at=NOW - YEAR))
    assert bench.eff(f"{B}:1") == NOW + 1
    assert bench.leaves() == [f"{B}:1"]


def test_a_forged_heard_pushes_no_stamp_into_the_future(bench: Bench) -> None:
    bench.push("甲", made("甲", 1, {"title": "一"}, heard=NOW + YEAR))
    assert bench.eff(f"{A}:1") == NOW + 1
    bench.push("乙", made("乙", 1, {"title": "二"}, id=OTHER))
    assert bench.eff(f"{B}:1") <= NOW + 1


def test_the_hubs_time_never_goes_below_a_stamp_it_gave(bench: Bench) -> None:
    bench.push("甲", made("甲", 1, {"title": "一"}))
    bench.clock.us -= YEAR
    assert bench.hub.now() == NOW
    bench.push("甲", made("甲", 2, {"title": "二"}, base=f"{A}:1", at=NOW - YEAR))
    assert bench.eff(f"{A}:2") == NOW + 1


def test_a_deletion_never_beats_an_edit_that_it_did_not_know(bench: Bench) -> None:
    bench.push("甲", made("甲", 1, {"title": "一"}))
    bench.push("乙", made("乙", 1, {"title": "二"}, knows=f"{A}:1", base=f"{A}:1"))
    bench.clock.us += SECOND
    bench.push("甲", made("甲", 2, {"title": "一"}, base=f"{A}:1", deleted=True, at=NOW + SECOND))
    assert bench.eff(f"{A}:2") > bench.eff(f"{B}:1")
    assert bench.leaves() == [f"{B}:1", f"{A}:2"]


def test_accepted_is_when_the_hub_first_took_the_record(bench: Bench) -> None:
    bench.push("甲", made("甲", 1, {"title": "一"}, at=NOW - YEAR))
    bench.clock.us += SECOND
    bench.push("甲", made("甲", 2, {"title": "二"}, base=f"{A}:1"))
    (accepted,) = bench.store.conn.execute("SELECT accepted FROM records").fetchone()
    assert accepted == NOW


# -- kinds that are newer than the hub


def test_a_newer_kind_waits_with_its_act_and_what_is_built_on_it(bench: Bench) -> None:
    bench.kinds = {"comment": 2}
    act = [
        made("甲", 1, {"text": "好"}, kind="comment", id=OTHER),
        made("甲", 2, {"title": "一"}),
    ]
    built = made("甲", 3, {"title": "二"}, base=f"{A}:2")
    other = made("甲", 4, {"title": "三"}, id=THIRD)
    assert bench.words("甲", act, built, other) == ["waiting", "waiting", "waiting", "taken"]
    bench.hub.kinds["comment"] = 2
    assert bench.words("甲", act, built, other) == ["taken"] * 4
    assert bench.leaves() == [f"{A}:3"]


def test_a_kind_that_nobody_knows_waits(bench: Bench) -> None:
    assert bench.words("甲", made("甲", 1, {"title": "一"}, kind="dream")) == ["waiting"]


# -- sign-offs


def _signed(who: str, n: int, author: str, **rest: Any) -> Edit:
    said = {"of": TASK, "meaning": "object", "text": "样册晚了", **rest.pop("said", {})}
    id = own_id("signoff", said, author)
    assert id is not None
    return made(who, n, said, kind="signoff", id=id, **rest)


def test_a_sign_off_is_its_authors_alone(bench: Bench) -> None:
    assert bench.words("甲", _signed("甲", 1, "甲")) == ["taken"]
    assert bench.words("丁", _signed("丁", 1, "丁")) == ["taken"]
    for_another = _signed("丙", 1, "乙")
    assert bench.words("丙", for_another) == ["refused form id"]
    taken_back = _signed("丙", 2, "甲", knows=f"{A}:1", base=f"{A}:1", deleted=True)
    assert bench.words("丙", taken_back) == ["refused rights write"]


def test_a_sign_off_is_not_edited_but_taken_back_and_given_again_as_it_was(bench: Bench) -> None:
    other = {"said": {"note": "别的"}}
    bench.push("甲", _signed("甲", 1, "甲"))
    edited = _signed("甲", 2, "甲", knows=f"{A}:2", base=f"{A}:1", **other)
    assert bench.words("甲", edited) == ["refused rights signed"]
    back = _signed("甲", 3, "甲", base=f"{A}:1", deleted=True)
    other_text = _signed("甲", 4, "甲", base=f"{A}:3", **other)
    again = _signed("甲", 5, "甲", base=f"{A}:3")
    assert bench.words("甲", back, other_text, again) == ["taken", "refused rights signed", "taken"]


def test_a_sign_off_is_not_edited_by_hiding_what_it_was_made_on(bench: Bench) -> None:
    other = {"said": {"note": "别的"}}
    blind = [_signed("甲", 1, "甲"), _signed("甲", 2, "甲", knows=f"!{A}:1", **other)]
    assert bench.words("甲", *blind) == ["taken", "refused rights signed"]
    settling = [_signed("丙", 1, "丙"), _signed("丙", 2, "丙", **other)]
    assert bench.words("丙", settling) == ["refused act", "refused rights signed"]
    assert bench.words("丙", _signed("丙", 3, "丙")) == ["taken"]
    assert bench.words("丙", _signed("丙", 4, "丙", **other)) == ["refused rights signed"]


# -- what needs the decision layer

PROJECT = uuid7(NOW // 1000, bytes([7] * 10))


def _seat(who: str, n: int, person: str, layer: str = "decision", **rest: Any) -> Edit:
    id = uuid7(NOW // 1000, bytes([20 + n] * 10))
    body = {"of": PROJECT, "person": person, "layer": layer}
    return made(who, n, body, kind="seat", id=id, **rest)


def _first(who: str, n: int, **rest: Any) -> Edit:
    id = uuid7(NOW // 1000, bytes([40 + n] * 10))
    body = {"of": PROJECT, "part": "first", "department": "市场部", "scope": "投诉受理"}
    return made(who, n, body, kind="duty", id=id, **rest)


@pytest.fixture
def seated(bench: Bench) -> Bench:
    """A project in whose decision layer 甲 sits, and 乙 in its execution layer."""
    project = made("丙", 1, {"title": "新品上市"}, kind="project", id=PROJECT)
    seats = [_seat("丙", 2, "甲"), _seat("丙", 3, "乙", "execution")]
    assert bench.words("丙", project, *seats) == ["taken"] * 3
    return bench


@pytest.mark.row("S000-07", "S000-22")
def test_only_the_decision_layer_names_who_is_first_responsible(seated: Bench) -> None:
    assert seated.words("乙", _first("乙", 1)) == ["refused rights layer"]
    assert seated.words("丁", _first("丁", 1)) == ["refused rights write"]
    assert seated.words("甲", _first("甲", 1)) == ["taken"]
    assert seated.words("丙", _first("丙", 4)) == ["taken"]


@pytest.mark.row("S000-07", "S000-19")
def test_only_the_decision_layer_calls_an_emergency_meeting(seated: Bench) -> None:
    def called(who: str, n: int, **more: Any) -> Edit:
        body = {"title": "应急会", "type": "emergency", "project": PROJECT, **more}
        return made(who, n, body, kind="meeting", id=OTHER)

    assert seated.words("乙", called("乙", 1)) == ["refused rights layer"]
    assert seated.words("乙", called("乙", 2, type="topic")) == ["taken"]
    assert seated.words("甲", called("甲", 1)) == ["taken"]


def test_minutes_of_an_emergency_meeting_are_anybodys_to_write(seated: Bench) -> None:
    body = {"title": "应急会", "type": "emergency", "project": PROJECT}
    seated.push("甲", made("甲", 1, body, kind="meeting", id=OTHER))
    body = {**body, "summary": "延期四天"}
    below: dict[str, Any] = {"knows": f"{A}:1", "base": f"{A}:1"}
    minutes = made("乙", 1, body, kind="meeting", id=OTHER, **below)
    assert seated.words("乙", minutes) == ["taken"]
    renamed = made(
        "乙",
        2,
        {**body, "type": "sync"},
        kind="meeting",
        id=OTHER,
        knows=f"{A}:1 {B}:1",
        base=f"{B}:1",
    )
    assert seated.words("乙", renamed) == ["refused rights layer"]


def test_nobody_seats_themselves_in_the_decision_layer(seated: Bench) -> None:
    own = _seat("乙", 1, "乙")
    both = [_seat("乙", 2, "乙"), _first("乙", 3)]
    assert seated.words("乙", own, both) == [
        "refused rights layer",
        "refused rights layer",
        "refused act",
    ]
    taken_away = made(
        "乙",
        4,
        {},
        kind="seat",
        id=uuid7(NOW // 1000, bytes([22] * 10)),
        knows=f"{C}:2",
        base=f"{C}:2",
        deleted=True,
    )
    assert seated.words("乙", taken_away) == ["refused rights layer"]
    assert seated.words("甲", _seat("甲", 1, "乙")) == ["taken"]
    assert seated.words("乙", _first("乙", 5)) == ["taken"]


def test_what_names_nothing_it_was_made_on_is_held_against_what_is_ruled(seated: Bench) -> None:
    first = _first("甲", 1)
    seated.push("甲", first)
    over = made("乙", 1, {"of": PROJECT, "part": "leads"}, kind="duty", id=first.id)
    assert seated.words("乙", over) == ["refused rights layer"]


def test_who_sits_in_another_project_decides_nothing_here(seated: Bench) -> None:
    other = made("丙", 4, {"title": "展会"}, kind="project", id=THIRD)
    id = uuid7(NOW // 1000, bytes([30] * 10))
    seat = {"of": THIRD, "person": "乙", "layer": "decision"}
    seated.push("丙", other, made("丙", 5, seat, kind="seat", id=id))
    assert seated.words("乙", _first("乙", 1)) == ["refused rights layer"]
    moved = {**seat, "of": PROJECT}
    below: dict[str, Any] = {"knows": f"{C}:5", "base": f"{C}:5"}
    assert seated.words("乙", made("乙", 2, moved, kind="seat", id=id, **below)) == [
        "refused rights layer"
    ]


@pytest.mark.row("S000-07", "S001-14")
def test_a_deputy_decides_while_the_other_is_away_and_not_a_day_longer(seated: Bench) -> None:
    away = {"from": "2026-12-30", "until": "2026-12-31", "deputy": "乙"}
    person = {"name": "甲", "away": away}
    absent = made("甲", 1, person, kind="person", id=derived_id("person", "甲"))
    assert seated.words("乙", _first("乙", 1)) == ["refused rights layer"]
    assert seated.words("甲", absent) == ["taken"]
    assert seated.words("乙", _first("乙", 2)) == ["taken"]
    assert seated.words("甲", _first("甲", 2)) == ["taken"]
    # A minute later it is 2027 in Shanghai.
    seated.clock.us += 60 * SECOND
    assert seated.words("乙", _first("乙", 3)) == ["refused rights layer"]


def test_what_is_of_no_project_is_ruled_by_coordinators_alone(seated: Bench) -> None:
    body = {"part": "first", "scope": "投诉"}
    assert seated.words("甲", made("甲", 1, body, kind="duty", id=OTHER)) == [
        "refused rights layer"
    ]
    assert seated.words("丙", made("丙", 4, body, kind="duty", id=OTHER)) == ["taken"]


@pytest.mark.row("S000-20")
def test_a_ruling_on_a_resource_is_of_the_project_of_what_it_is_for(seated: Bench) -> None:
    blocker = made(
        "乙",
        1,
        {"title": "争场地", "why": "两家都要", "unblock": "裁定", "project": PROJECT},
        kind="blocker",
        id=TASK,
    )
    want = {"title": "展厅", "of": TASK, "what": "展厅", "contest": "展厅"}
    wanted = made("乙", 2, want, kind="resource", id=OTHER)
    assert seated.words("乙", blocker, wanted) == ["taken", "taken"]
    ruled = {**want, "outcome": "granted", "ruled_by": "甲"}
    below: dict[str, Any] = {"kind": "resource", "id": OTHER, "knows": f"{B}:2", "base": f"{B}:2"}
    assert seated.words("乙", made("乙", 3, ruled, **below)) == ["refused rights layer"]
    assert seated.words("甲", made("甲", 1, ruled, **below)) == ["taken"]


def test_a_seat_given_up_earlier_in_a_frame_counts_no_more(seated: Bench) -> None:
    seat = uuid7(NOW // 1000, bytes([22] * 10))
    below: dict[str, Any] = {"knows": f"{C}:2", "base": f"{C}:2"}
    body = {"of": PROJECT, "person": "甲", "layer": "decision"}
    left = made("甲", 2, body, kind="seat", id=seat, deleted=True, **below)
    frame = [_first("甲", 1), left, _first("甲", 3)]
    assert seated.words("甲", *frame) == ["taken", "taken", "refused rights layer"]


# -- decisions that an edit did not know


RULING = {"title": "展厅", "of": PROJECT, "what": "展厅", "outcome": "granted"}
CALLED = {"title": "应急会", "project": PROJECT, "type": "emergency", "state": "noticed"}
NAMED = {"of": PROJECT, "part": "first", "department": "市场部"}
SAT = {"of": PROJECT, "person": "甲", "layer": "decision"}


@pytest.mark.parametrize(
    ("kind", "body", "decided"),
    [
        ("duty", NAMED, {"part": "supports"}),
        ("duty", {**NAMED, "part": "supports"}, {"part": "first"}),
        ("meeting", CALLED, {"type": "weekly"}),
        ("meeting", {**CALLED, "type": "weekly"}, {"type": "emergency"}),
        ("resource", RULING, {"outcome": ""}),
        ("resource", {**RULING, "outcome": ""}, {"outcome": "granted"}),
        ("seat", SAT, {"layer": "support"}),
        ("seat", {**SAT, "layer": "support"}, {"layer": "decision"}),
    ],
)
def test_who_did_not_know_a_decision_does_not_undo_it(
    seated: Bench, kind: str, body: dict[str, Any], decided: dict[str, str]
) -> None:
    below: dict[str, Any] = {"kind": kind, "id": OTHER, "knows": f"{C}:4", "base": f"{C}:4"}
    seated.push("丙", made("丙", 4, body, kind=kind, id=OTHER))
    seated.push("丙", made("丙", 5, {**body, **decided}, **below))
    seated.clock.us += SECOND
    later = made("乙", 1, body, at=seated.clock.us, **below)
    assert seated.words("乙", later) == ["refused rights layer"]
    assert seated.leaves(kind, OTHER) == [f"{C}:5"]
    # With an older stamp it changes nothing that is shown: it is kept beside the head.
    older = made("乙", 2, body, at=NOW - YEAR, **below)
    assert seated.words("乙", older) == ["taken"]
    assert seated.leaves(kind, OTHER) == [f"{C}:5", f"{B}:2"]


@pytest.mark.parametrize("kind", ["duty", "seat"])
def test_who_did_not_know_that_a_decision_was_deleted_does_not_bring_it_back(
    seated: Bench, kind: str
) -> None:
    body = NAMED if kind == "duty" else SAT
    below: dict[str, Any] = {"kind": kind, "id": OTHER, "knows": f"{C}:4", "base": f"{C}:4"}
    seated.push("丙", made("丙", 4, body, kind=kind, id=OTHER))
    seated.push("丙", made("丙", 5, body, deleted=True, **below))
    back = made("乙", 1, body, at=NOW - YEAR, **below)
    assert seated.words("乙", back) == ["refused rights layer"]


def test_a_loser_kept_beside_a_decision_comes_up_only_by_who_may_decide(seated: Bench) -> None:
    below: dict[str, Any] = {"kind": "duty", "id": OTHER, "knows": f"{C}:4", "base": f"{C}:4"}
    supports = {**NAMED, "part": "supports"}
    seated.push("丙", made("丙", 4, NAMED, kind="duty", id=OTHER))
    seated.push("丙", made("丙", 5, supports, **below))
    assert seated.words("乙", made("乙", 1, NAMED, at=NOW - YEAR, **below)) == ["taken"]
    seated.clock.us += SECOND
    own: dict[str, Any] = {**below, "base": f"{B}:1"}
    again = made("乙", 2, NAMED, at=seated.clock.us, **own)
    head: dict[str, Any] = {**below, "knows": f"{C}:5 !{B}:1", "base": f"{C}:5"}
    deleted = made("乙", 3, supports, deleted=True, **head)
    assert seated.words("乙", again, deleted) == ["refused rights layer"] * 2
    assert seated.leaves("duty", OTHER) == [f"{C}:5", f"{B}:1"]


@pytest.mark.parametrize(
    ("kind", "body", "changed", "taken"),
    [
        ("resource", RULING, {"of": THIRD}, False),
        ("resource", RULING, {"what": "两个展厅"}, False),
        ("resource", RULING, {"amount": "500"}, False),
        ("resource", RULING, {"unit": "间"}, False),
        ("resource", RULING, {"from": "行政部"}, False),
        ("resource", RULING, {"given": "1", "state": "given"}, True),
        ("meeting", CALLED, {"project": THIRD}, False),
        ("meeting", CALLED, {"about": [OTHER]}, False),
        ("meeting", CALLED, {"state": "cancelled"}, False),
        ("meeting", {**CALLED, "state": "cancelled"}, {"state": "noticed"}, False),
        ("meeting", {**CALLED, "state": "draft"}, {"state": "noticed"}, False),
        ("meeting", CALLED, {"state": "minuted", "summary": "延期四天"}, True),
    ],
)
def test_what_stands_in_a_decision_is_the_layers_to_change(
    seated: Bench, kind: str, body: dict[str, Any], changed: dict[str, Any], taken: bool
) -> None:
    seated.push("丙", made("丙", 4, body, kind=kind, id=OTHER))
    below: dict[str, Any] = {"kind": kind, "id": OTHER, "knows": f"{C}:4", "base": f"{C}:4"}
    expected = "taken" if taken else "refused rights layer"
    assert seated.words("乙", made("乙", 1, {**body, **changed}, **below)) == [expected]


@pytest.mark.parametrize(("kind", "field"), [("resource", "of"), ("meeting", "project")])
def test_a_decision_made_in_one_project_is_not_carried_into_another(
    seated: Bench, kind: str, field: str
) -> None:
    seated.push("丙", made("丙", 4, {"title": "展会"}, kind="project", id=THIRD))
    body = {**(RULING if kind == "resource" else CALLED), field: PROJECT}
    assert seated.words("甲", made("甲", 1, body, kind=kind, id=OTHER)) == ["taken"]
    moved = {**body, field: THIRD}
    carried = made("甲", 2, moved, kind=kind, id=OTHER, base=f"{A}:1")
    assert seated.words("甲", carried) == ["refused rights layer"]


def test_what_was_ruled_outside_every_project_is_taken_into_none(seated: Bench) -> None:
    seated.push("丙", made("丙", 4, {**RULING, "of": ""}, kind="resource", id=OTHER))
    below: dict[str, Any] = {"knows": f"{C}:4", "base": f"{C}:4"}
    taken_in = made("甲", 1, RULING, kind="resource", id=OTHER, **below)
    assert seated.words("甲", taken_in) == ["refused rights layer"]


def test_a_paper_under_which_something_is_decided_changes_project_by_both_layers(
    seated: Bench,
) -> None:
    asked = {"title": "做样册", "project": PROJECT}
    elsewhere = {**asked, "project": THIRD}
    seated.push("丙", made("丙", 4, {"title": "展会"}, kind="project", id=THIRD))
    seated.push("甲", made("甲", 1, asked, kind="request", id=OTHER))
    free = made("甲", 2, elsewhere, kind="request", id=OTHER, base=f"{A}:1")
    back = made("甲", 3, asked, kind="request", id=OTHER, base=f"{A}:2")
    first = made("甲", 4, {**NAMED, "of": OTHER}, kind="duty", id=TASK)
    moved = made("甲", 5, elsewhere, kind="request", id=OTHER, base=f"{A}:3")
    gone = made("甲", 6, elsewhere, kind="request", id=OTHER, base=f"{A}:3", deleted=True)
    renamed = made("甲", 7, {**asked, "title": "样册"}, kind="request", id=OTHER, base=f"{A}:3")
    assert seated.words("甲", free, back, first, moved, gone, renamed) == [
        *["taken"] * 3,
        *["refused rights layer"] * 2,
        "taken",
    ]
    seat = {"of": THIRD, "person": "甲", "layer": "decision"}
    seated.push("丙", made("丙", 5, seat, kind="seat", id=THIRD))
    moved = made("甲", 8, elsewhere, kind="request", id=OTHER, base=f"{A}:7")
    assert seated.words("甲", moved) == ["taken"]


def test_what_a_refused_act_decided_or_undid_stands_as_it_was(seated: Bench) -> None:
    asked = {"title": "做样册", "project": PROJECT}
    elsewhere = {**asked, "project": THIRD}
    seated.push("丙", made("丙", 4, {"title": "展会"}, kind="project", id=THIRD))
    seated.push("甲", made("甲", 1, asked, kind="request", id=OTHER))
    duty: dict[str, Any] = {"kind": "duty", "id": TASK}
    first = made("甲", 2, {**NAMED, "of": OTHER}, **duty)
    refused = made("甲", 3, {"key": "warn"}, kind="policy", id=TASK)
    moved = made("甲", 4, elsewhere, kind="request", id=OTHER, base=f"{A}:1")
    back = made("甲", 5, asked, kind="request", id=OTHER, base=f"{A}:4")
    told = [each.result for each in seated.push("甲", [first, refused], moved, back)]
    assert told == ["refused", "refused", "taken", "taken"]
    first = made("甲", 6, {**NAMED, "of": OTHER}, **duty)
    undone = made("甲", 7, {**NAMED, "of": OTHER}, deleted=True, base=f"{A}:6", **duty)
    refused = made("甲", 8, {"key": "warn"}, kind="policy", id=TASK)
    moved = made("甲", 9, elsewhere, kind="request", id=OTHER, base=f"{A}:5")
    told = [each.result for each in seated.push("甲", first, [undone, refused], moved)]
    assert told == ["taken", "refused", "refused", "refused"]
    assert seated.words("甲", moved) == ["refused rights layer"]


def test_what_a_failed_push_decided_is_forgotten_with_it(seated: Bench) -> None:
    asked = {"title": "做样册", "project": PROJECT}
    elsewhere = {**asked, "project": THIRD}
    seated.push("丙", made("丙", 4, {"title": "展会"}, kind="project", id=THIRD))
    made_here = made("甲", 1, asked, kind="request", id=OTHER)
    moved = made("甲", 2, elsewhere, kind="request", id=OTHER, base=f"{A}:1")
    back = made("甲", 3, asked, kind="request", id=OTHER, base=f"{A}:2")
    assert seated.words("甲", made_here, moved, back) == ["taken"] * 3
    first = made("甲", 4, {**NAMED, "of": OTHER}, kind="duty", id=TASK)
    twice = made("甲", 5, {"title": "任务"}, id=uuid7(NOW // 1000, bytes([70] * 10)))
    with pytest.raises(ProtocolError):
        seated.push("甲", first, [twice, twice])
    moved = made("甲", 4, elsewhere, kind="request", id=OTHER, base=f"{A}:3")
    assert seated.words("甲", moved) == ["taken"]


def test_what_was_a_project_stays_one_and_no_other_paper_takes_its_id(seated: Bench) -> None:
    new, gone = {"title": "展会"}, uuid7(NOW // 1000, bytes([60] * 10))
    seated.push("丙", made("丙", 4, new, kind="project", id=THIRD))
    below: dict[str, Any] = {"knows": f"{C}:4", "base": f"{C}:4"}
    deleted = made("甲", 2, new, kind="project", id=THIRD, deleted=True, **below)
    planted = made("甲", 3, {"title": "任务", "project": PROJECT}, id=THIRD)
    seat = {"of": THIRD, "person": "甲", "layer": "decision"}
    sat = made("甲", 4, seat, kind="seat", id=gone)
    assert seated.words("甲", deleted, planted, sat) == [
        "taken",
        "refused form id",
        "refused rights layer",
    ]
    in_one_frame = [
        made("甲", 5, {"title": "任务"}, id=gone),
        made("甲", 6, {"title": "请求"}, kind="request", id=gone),
    ]
    assert seated.words("甲", *in_one_frame) == ["taken", "refused form id"]


def test_a_deleted_project_is_what_its_id_means_where_another_paper_has_it_too(
    seated: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    seated.push("丙", made("丙", 4, {"title": "展会"}, kind="project", id=THIRD))
    below: dict[str, Any] = {"knows": f"{C}:4", "base": f"{C}:4"}
    deleted = made("甲", 1, {}, kind="project", id=THIRD, deleted=True, **below)
    planted = made("甲", 2, {"title": "任务", "project": PROJECT}, id=THIRD)
    # As in the file of a hub that took both.
    monkeypatch.setattr("syncd.staged.Staged.stands_as_another", lambda *_: False)
    assert seated.words("甲", deleted, planted) == ["taken", "taken"]
    seat = {"of": THIRD, "person": "甲", "layer": "decision"}
    sat = made("甲", 3, seat, kind="seat", id=OTHER)
    assert seated.words("甲", sat) == ["refused rights layer"]


# -- saying what a loser says


def test_who_says_in_the_head_what_a_loser_says_has_no_conflict_left(conflict: Bench) -> None:
    below: dict[str, Any] = {"knows": f"{A}:1", "base": f"{B}:2"}
    same = made("乙", 3, {"title": "甲"}, **below)
    on_top: dict[str, Any] = {"knows": f"{A}:2", "base": f"{B}:3"}
    assert conflict.words("乙", same) == ["taken"]
    assert sorted(conflict.leaves()) == [f"{A}:2", f"{B}:3"]
    assert conflict.words("乙", made("乙", 4, {"title": "又改"}, **on_top)) == ["taken"]
    assert conflict.leaves() == [f"{B}:4"]
    told = conflict.store.history("task", TASK)
    assert {str(version.dot) for version in told} >= {f"{A}:2", f"{B}:3"}
