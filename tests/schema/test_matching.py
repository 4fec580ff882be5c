"""What is looked for, and whether a body as it is stored can hold it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema import matching
from schema.initials import initials
from schema.matching import ENDING, NUMBER, Word, fold, in_values, is_noise, match, needles, wanted
from schema.records import encode

LETTERS = 'aAbBzZ09ａＡＺ９ ，,。"\\\n支付官网дДéÉ-:%_（('


def stored(body: dict[str, Any]) -> str:
    return encode(body).decode()


def like(needle: str, body: str) -> bool:
    """What SQLite finds: ASCII letters in either case, all else as it stands."""
    if needle.isascii() and needle.isalnum():
        return needle in "".join(char.lower() if char.isascii() else char for char in body)
    return needle in body


def test_words_phrases_and_flags_are_told_apart() -> None:
    assert wanted("支付 “final  Manual” is:deleted Ｘ１") == (
        ("支付", "final  manual", "x1"), "is:deleted",
    )  # fmt: skip
    assert wanted("－is：late a a") == (("a",), "－is：late")
    assert wanted('  "" ') == ((), "")


@given(st.text())
def test_reading_what_was_typed_never_fails(text: str) -> None:
    assert len(wanted(text).words) <= matching.MOST_WORDS


@given(st.one_of(st.text(), st.text(alphabet=LETTERS + "İßẞﬀ")))
def test_folding_keeps_every_character_in_its_place(text: str) -> None:
    assert len(fold(text)) == len(text)
    assert fold(fold(text)) == fold(text)


@given(st.text(alphabet=LETTERS), st.text(alphabet=LETTERS, min_size=1, max_size=6))
def test_a_body_that_holds_a_word_has_its_needles(text: str, looked_for: str) -> None:
    body = stored({"title": text, "state": "todo"})
    for word in wanted(looked_for).words:
        # A run half in full width is recognised by one letter alone.
        if word in fold(text) and not any("！" <= char <= "～" for char in text):
            assert all(any(like(each, body) for each in group) for group in needles(word))
            for group in needles(word):
                for each in group:
                    if each.isascii() and each.isalnum() and like(each, body) and len(group) == 1:
                        assert in_values("task", body, each)


@pytest.mark.parametrize(
    "written", ["ＡＰＩ９接口", "ａｐｉ９接口", "Ａｐｉ９接口", "API9接口", "api９接口"]
)
def test_full_width_letters_are_recognised(written: str) -> None:
    body = stored({"title": written})
    for word in ("api9", "接口", "api9接口"):
        assert match("task", None, written, {"title": written}, [Word(word)])
        if "api９" not in written:
            assert all(any(like(each, body) for each in group) for group in needles(word))


def test_keys_and_tokens_are_no_texts() -> None:
    body = {"title": "x", "state": "doing", "note": "due\ntoday", "standard": ["a", "b"]}
    for word in ("doing", "title", "state", "standard", "note"):
        assert match("task", None, "x", body, [Word(word)]) is None, word
        assert not in_values("task", stored(body), word), word
        assert is_noise(word)
    for word in ("due", "today", "a", "x"):
        assert match("task", None, "x", body, [Word(word)]), word
        assert in_values("task", stored(body), word), word
    assert match("task", None, "doing", {"title": "doing"}, [Word("doing")])
    assert in_values("task", stored({"title": "doing"}), "doing")
    assert in_values("task", stored({"standard": ["state", "doing"]}), "doing")
    assert not is_noise("zzzz")


def test_escapes_do_not_hide_what_follows_them() -> None:
    text = 'say "note": or \\note":\nnotes'
    assert in_values("task", stored({"title": text}), "note")
    assert in_values("task", stored({"title": 'a"b'}), "b")
    for word in ('"note"', "\\note", "or \\"):
        assert match("task", None, text, {"title": text}, [Word(word)])


def test_references_are_not_searched_but_unknown_fields_are() -> None:
    body = {"project": "0192f4e8-0001-7000-8000-0000000abcde", "new": [{"deep": "Tief"}]}
    assert match("task", None, "", body, [Word("abcde")]) is None
    found = match("task", None, "", body, [Word("tief")])
    assert found is not None
    assert found.where == "new"
    assert match("unheard-of", None, "", {"a": "b c"}, [Word("b c")])


@pytest.mark.parametrize(
    ("whole", "rank"),
    [("xlx-2026-015", NUMBER), ("015", ENDING), ("15", ENDING), ("2026-015", ENDING)],
)
def test_a_number_is_found_whole_or_by_its_end(whole: str, rank: int) -> None:
    found = match("request", "XLX-2026-015", "x", {}, [Word(whole)])
    assert found is not None
    assert (found.rank, found.where) == (rank, "number")
    assert found.excerpt[slice(*found.span)].lower() == whole


def test_a_digit_at_the_end_of_a_number_is_not_its_serial() -> None:
    found = match("task", "T-115", "x", {}, [Word("5")])
    assert found is not None
    assert found.rank == matching.ELSEWHERE


def test_the_excerpt_is_one_line_around_the_match() -> None:
    note = "开头" * 80 + "\n这里有ＡＢＣ哦\n" + "结尾" * 80
    found = match("task", None, "x", {"note": note}, [Word("abc")])
    assert found is not None
    assert found.excerpt[slice(*found.span)] == "ＡＢＣ"
    assert "\n" not in found.excerpt
    assert len(found.excerpt) == matching.EXCERPT


def test_a_body_of_any_shape_is_read() -> None:
    odd = json.loads('{"title": 3, "state": ["x"], "links": "y", "tags": {"a": [1, null, "z"]}}')
    assert match("task", None, "", odd, [Word("z")])
    assert match("task", None, "", odd, [Word("nichts")]) is None


def test_initials_are_told_by_the_words_around() -> None:
    pytest.importorskip("pypinyin")
    assert initials("产品说明书定稿") == "cpsmsdg"
    assert initials("重庆银行 API-2（新）") == "cqyhapi2x"
    assert initials("") == ""
