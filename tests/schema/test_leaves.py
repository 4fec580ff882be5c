from __future__ import annotations

import hashlib

from msgspec.structs import replace

from schema.leaves import (
    closed_by,
    common_base,
    digest_hex,
    losers,
    mark,
    mark_of_one,
    meet,
    only_settlements,
    ordered,
    settled_by,
    twins,
)
from schema.version import Dot, Knows, Version, content_of

A, B, C = "aaaaaaaaaa", "bbbbbbbbbb", "cccccccccc"


def version(dot: str, says: str, knows: str = "", *, eff: int = 0, seq: int = 0) -> Version:
    """A version; `says` "" is a deletion, `knows` what it knows besides itself."""
    named = Dot.parse(dot)
    others = [word for word in knows.split() if not word.startswith(named.replica)]
    text = " ".join(sorted([dot, *(word for word in others if word[0] != "!")]))
    text = " ".join([text, *(word for word in others if word[0] == "!")])
    return Version(
        dot=named,
        knows=Knows.parse(text),
        base=None,
        rev=1,
        author="",
        at=0,
        eff=eff or named.n,
        seq=seq,
        deleted=not says,
        content=content_of(says.encode(), not says),
    )


def test_a_version_that_knows_a_leaf_replaces_it() -> None:
    first, second = version(f"{A}:1", "一"), version(f"{A}:2", "二")
    assert meet(meet((), first), second) == (second,)


def test_a_version_that_a_leaf_knows_is_history() -> None:
    first, second = version(f"{A}:1", "一"), version(f"{A}:2", "二")
    leaves = (second,)
    assert meet(leaves, first) is leaves
    assert meet(leaves, second) is leaves


def test_versions_that_do_not_know_each_other_both_stay() -> None:
    one, other = version(f"{A}:1", "一", eff=5), version(f"{B}:1", "二", eff=6)
    assert meet((one,), other) == meet((other,), one) == (other, one)
    assert losers((other, one)) == (one,)


def test_the_later_stamp_wins_and_then_the_greater_dot() -> None:
    early, late = version(f"{B}:1", "一", eff=5), version(f"{A}:1", "二", eff=6)
    same = version(f"{C}:1", "三", eff=6)
    assert ordered([early, late, same]) == (same, late, early)


def test_a_deletion_loses_to_whatever_it_did_not_know() -> None:
    deletion, edit = version(f"{A}:2", "", eff=9), version(f"{B}:1", "二", eff=1)
    assert ordered([deletion, edit]) == (edit, deletion)
    assert losers((edit, deletion)) == (deletion,)


def test_two_deletions_are_no_conflict() -> None:
    leaves = ordered([version(f"{A}:1", ""), version(f"{B}:1", "")])
    assert losers(leaves) == ()
    assert twins(leaves) == leaves[1:]


def test_equal_contents_are_twins_and_no_conflict() -> None:
    leaves = ordered([version(f"{A}:1", "一"), version(f"{B}:2", "一"), version(f"{C}:1", "二")])
    assert [str(leaf.dot) for leaf in twins(leaves)] == [f"{A}:1"]
    assert [str(leaf.dot) for leaf in losers(leaves)] == [f"{C}:1"]


def test_an_edit_on_top_of_a_loser_replaces_it() -> None:
    head, loser = version(f"{A}:1", "一", eff=9), version(f"{B}:1", "二", eff=1)
    later = version(f"{C}:1", "三", f"{B}:1", eff=5)
    assert meet((head, loser), later) == (head, later)


def test_an_own_loser_that_is_excepted_stays() -> None:
    lost, head = version(f"{A}:1", "一", eff=1), version(f"{B}:1", "二", eff=2)
    later = Version(
        dot=Dot(A, 2),
        knows=Knows.parse(f"{A}:2 {B}:1 !{A}:1"),
        base=head.dot,
        rev=2,
        author="",
        at=0,
        eff=3,
        content=content_of(b"3", False),
    )
    assert meet((head, lost), later) == (later, lost)


def test_what_a_version_settles_says_something_else_and_was_unknown_to_its_base() -> None:
    base, twin = version(f"{A}:1", "一", eff=5), version(f"{B}:1", "一", eff=4)
    loser, other = version(f"{C}:1", "二", eff=3), version(f"{C}:3", "三", eff=2)
    leaves = (base, twin, loser)
    new = version(f"{A}:9", "四", f"{B}:1 {C}:1")
    assert closed_by(leaves, new) == leaves
    assert settled_by(leaves, new, base) == (loser,)
    assert settled_by((*leaves, other), new, base) == (loser,)
    assert settled_by(leaves, new, None) == leaves


def test_an_edit_on_top_of_an_own_settlement_is_no_settlement() -> None:
    head, loser = version(f"{B}:1", "现行", eff=9), version(f"{A}:1", "落败", eff=8)
    settling = replace(version(f"{C}:1", "裁定", f"{A}:1 {B}:1"), base=head.dot)
    edit = replace(version(f"{C}:2", "又改", f"{A}:1 {B}:1"), base=settling.dot)
    assert only_settlements([], (head, loser))
    assert only_settlements([settling], (head, loser))
    assert not only_settlements([settling, edit], (head, loser))
    assert not only_settlements([replace(edit, base=head.dot, knows=head.knows)], (head, loser))


def test_the_common_base_is_the_newest_that_both_know() -> None:
    first = version(f"{A}:1", "一", seq=1)
    second = version(f"{A}:2", "二", seq=4)
    unsent = version(f"{A}:3", "三")
    head = version(f"{B}:1", "四", f"{A}:3", seq=6)
    loser = version(f"{C}:1", "五", f"{A}:2", seq=5)
    versions = [first, second, unsent, head, loser]
    assert common_base(versions, head, loser) is second
    assert common_base(versions, head, version(f"{C}:9", "六")) is None


def test_a_mark_is_of_kind_id_dots_and_stamps_in_any_order() -> None:
    one, other = version(f"{A}:1", "一", eff=5), version(f"{B}:1", "二", eff=6)
    said = f"task\nid\n{A}:1 5\n{B}:1 6"
    share = int.from_bytes(hashlib.sha256(said.encode()).digest()[:16], "big")
    assert mark("task", "id", [one, other]) == mark("task", "id", [other, one]) == share
    assert mark("task", "id", [one]) == mark_of_one("task", "id", f"{A}:1", 5)
    assert mark("task", "id", [one]) != mark("task", "other", [one])


def test_the_digest_is_a_sum_that_comes_round() -> None:
    share = mark_of_one("task", "id", f"{A}:1", 5)
    assert digest_hex(0) == "0" * 32
    assert digest_hex(share - share) == digest_hex(0)
    assert digest_hex(share + (1 << 128)) == digest_hex(share)
    assert len(digest_hex(-share)) == 32
