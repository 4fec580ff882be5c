from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.version import (
    DELETED,
    KNOWS_LIMIT,
    N_LIMIT,
    Dot,
    Knows,
    Version,
    content_of,
    made_on,
)

A, B, C = "aaaaaaaaaa", "bbbbbbbbbb", "cccccccccc"
REPLICAS = st.sampled_from((A, B, C, "zzzzzzz234"))
NUMBERS = st.integers(1, 40)


def _version(dot: Dot, knows: str) -> Version:
    return Version(
        dot=dot, knows=Knows.parse(knows), base=None, rev=1, author="", at=0, content=b""
    )


@pytest.mark.parametrize("text", [f"{A}:1", f"{B}:9007199254740991"])
def test_a_dot_is_written_as_it_is_read(text: str) -> None:
    assert str(Dot.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        A,
        f"{A}:",
        f"{A}:0",
        f"{A}:01",
        f"{A}:-1",
        f"{A}:1.0",
        f"{A}:²",
        f"{A}:١",
        f"{A}: 1",
        f"{A}:1\n",
        f"{A[:-1]}:1",
        f"{A}a:1",
        f"{A.upper()}:1",
        "aaaaaaaaa1:1",
        f"{A}\n:1",
        f"{A}:{N_LIMIT}",
        f"{A}:1:1",
    ],
)
def test_anything_else_is_no_dot(text: str) -> None:
    with pytest.raises(ValueError):
        Dot.parse(text)


def test_dots_sort_by_replica_and_then_by_number() -> None:
    assert sorted([Dot(B, 1), Dot(A, 10), Dot(A, 9)]) == [Dot(A, 9), Dot(A, 10), Dot(B, 1)]


@given(st.dictionaries(REPLICAS, NUMBERS, min_size=1), st.data())
def test_knowledge_is_written_as_it_is_read(vector: dict[str, int], data: st.DataObject) -> None:
    below = [Dot(replica, n) for replica, top in vector.items() for n in range(1, top)]
    less = data.draw(st.frozensets(st.sampled_from(below), max_size=5)) if below else frozenset()
    knows = Knows(vector, less)
    assert Knows.parse(str(knows)) == knows


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        f"{A}:1 ",
        f" {A}:1",
        f"{A}:1  {B}:1",
        f"{B}:1 {A}:1",
        f"{A}:1 {A}:2",
        f"{A}:2 {A}:2",
        f"!{A}:1",
        f"!{A}:1 {A}:2",
        f"{A}:2 !{A}:3",
        f"{A}:2 !{B}:1",
        f"{A}:3 !{A}:2 !{A}:1",
        f"{A}:3 !{A}:1 !{A}:1",
        f"{A}:1\n",
        f"{A}:1,{B}:1",
    ],
)
def test_knowledge_has_one_form(text: str) -> None:
    with pytest.raises(ValueError):
        Knows.parse(text)


def test_what_was_once_written_can_be_read_however_long() -> None:
    words = [f"!{A}:{n}" for n in range(1000, 1000 + KNOWS_LIMIT // 16)]
    text = " ".join([f"{A}:99999", *words])
    assert len(text) > KNOWS_LIMIT
    assert str(Knows.parse(text)) == text


def test_the_vector_is_known_but_for_the_excepted_dots() -> None:
    knows = Knows.parse(f"{A}:3 {B}:1 !{A}:2")
    known = [Dot(A, n) in knows for n in range(1, 5)]
    assert known == [True, False, True, False]
    assert Dot(B, 1) in knows
    assert Dot(C, 1) not in knows


@pytest.mark.parametrize(
    ("more", "fewer", "covered"),
    [
        (f"{A}:2", f"{A}:2", True),
        (f"{A}:2 {B}:1", f"{A}:1", True),
        (f"{A}:1", f"{A}:2", False),
        (f"{A}:2", f"{B}:1", False),
        (f"{A}:2 !{A}:1", f"{A}:2", False),
        (f"{A}:2 !{A}:1", f"{A}:2 !{A}:1", True),
        (f"{A}:2", f"{A}:2 !{A}:1", True),
        (f"{A}:3 {B}:2 !{A}:2", f"{A}:1 {B}:2", True),
    ],
)
def test_knowledge_covers_what_it_holds(more: str, fewer: str, covered: bool) -> None:
    assert Knows.parse(more).covers(Knows.parse(fewer)) is covered


def test_a_first_edit_knows_itself() -> None:
    assert str(made_on(Dot(A, 7), [], [])) == f"{A}:7"


def test_an_edit_knows_its_bases_and_what_they_knew() -> None:
    bases = [_version(Dot(B, 2), f"{B}:2 {C}:4"), _version(Dot(C, 5), f"{A}:1 {C}:5")]
    assert str(made_on(Dot(A, 3), bases, [Dot(A, 1)])) == f"{A}:3 {B}:2 {C}:5"


def test_earlier_edits_of_ones_own_that_no_base_knows_are_excepted() -> None:
    base = _version(Dot(B, 2), f"{A}:1 {B}:2")
    knows = made_on(Dot(A, 6), [base], [Dot(A, 1), Dot(A, 4), Dot(A, 6)])
    assert str(knows) == f"{A}:6 {B}:2 !{A}:4"


def test_what_one_base_excepts_another_may_know() -> None:
    lost = _version(Dot(A, 1), f"{A}:1")
    head = _version(Dot(B, 1), f"{A}:3 {B}:1 !{A}:1 !{A}:2")
    assert str(made_on(Dot(C, 1), [head], [])) == f"{A}:3 {B}:1 {C}:1 !{A}:1 !{A}:2"
    assert str(made_on(Dot(C, 1), [head, lost], [])) == f"{A}:3 {B}:1 {C}:1 !{A}:2"


def test_content_is_named_by_its_bytes_and_all_deletions_say_the_same() -> None:
    assert content_of(b'{"a":1}', False) == content_of(b'{"a":1}', False)
    assert content_of(b'{"a":1}', False) != content_of(b'{"a":2}', False)
    assert content_of(b'{"a":1}', True) == content_of(b'{"a":2}', True) == DELETED
    assert len(content_of(b"{}", False)) == 16
