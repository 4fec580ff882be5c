from __future__ import annotations

import hashlib
import unicodedata
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.ids import derived_id, is_id, new_id, uuid7

TIMES = st.integers(0, (1 << 48) - 1)
RANDOM = st.binary(min_size=10, max_size=10)


@given(TIMES, RANDOM)
def test_a_uuid7_carries_its_time_version_and_variant(ms: int, random: bytes) -> None:
    made = uuid.UUID(uuid7(ms, random))
    assert (made.version, made.variant, made.int >> 80) == (7, uuid.RFC_4122, ms)


@given(TIMES, TIMES, RANDOM, RANDOM)
def test_a_later_millisecond_sorts_later(one: int, other: int, a: bytes, b: bytes) -> None:
    if one < other:
        assert uuid7(one, a) < uuid7(other, b)


def test_the_example_of_rfc_9562_comes_out() -> None:
    random = bytes.fromhex("0cc3" + "18c4dc0c0c07398f")
    assert uuid7(0x017F22E279B0, random) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"


@pytest.mark.parametrize(("ms", "random"), [(-1, bytes(10)), (1 << 48, bytes(10)), (0, bytes(9))])
def test_a_time_or_randomness_of_another_size_is_refused(ms: int, random: bytes) -> None:
    with pytest.raises(ValueError, match="UUIDv7"):
        uuid7(ms, random)


def test_ids_of_one_millisecond_differ_and_keep_their_order() -> None:
    made = [new_id(1_795_000_000_000_000 + step) for step in range(999)]
    assert made == sorted(set(made))
    assert all(map(is_id, made))


def test_a_clock_that_steps_back_and_forth_gives_no_id_twice() -> None:
    far = 1_795_000_000_000_000
    made = {new_id(far + 1_000 * (step % 2)) for step in range(2_000)}
    assert len(made) == 2_000


@given(st.text(max_size=8), st.lists(st.text(max_size=8), max_size=3))
def test_a_derived_id_depends_on_kind_and_parts_alone(kind: str, parts: list[str]) -> None:
    made = derived_id(kind, *parts)
    assert is_id(made)
    assert made == derived_id(kind, *parts)
    assert made != derived_id(kind, *parts, "more")


def test_a_derived_id_is_the_documented_hash() -> None:
    raw = hashlib.sha256("department\x1f市场部".encode()).digest()
    made = uuid.UUID(derived_id("department", "市场部"))
    assert made.version == 8
    assert made.bytes[:6] == raw[:6]
    assert made.bytes[9:] == raw[9:16]
    assert str(made) == "1c4f873f-c041-88e8-b10c-d974c0787568"


def test_composed_and_decomposed_names_are_one_record() -> None:
    name = "Café 部"
    assert derived_id("person", unicodedata.normalize("NFD", name)) == derived_id("person", name)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "017F22E2-79B0-7CC3-98C4-DC0C0C07398F",
        "017f22e279b07cc398c4dc0c0c07398f",
        "017f22e2-79b0-4cc3-98c4-dc0c0c07398f",
        "017f22e2-79b0-7cc3-c8c4-dc0c0c07398f",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398f\n",
        "{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}",
        "０17f22e2-79b0-7cc3-98c4-dc0c0c07398f",
    ],
)
def test_only_the_canonical_form_of_versions_7_and_8_is_an_id(text: str) -> None:
    assert not is_id(text)
