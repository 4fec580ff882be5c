"""Text that cannot drive a terminal."""

import json
import re
import shlex
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schema.safe_text import clean, refusal, safe_text, shell_word

# Every code point, lone surrogates too, with the dangerous ones often.
NASTY = "\x00\x07\t\n\r\x0b\x1b\x7f\x85\x9b\xad\u061c\u200b\u200d\u200e\u2028\u202e\u2066\ufeff\ud800\udfff\U000e0041"
TEXTS = st.text(
    st.one_of(st.sampled_from(NASTY + "ab 文̈《\\\"'u"), st.characters(exclude_categories=()))
)

DANGEROUS = [
    *(code for code in range(0x20) if code not in (0x09, 0x0A)),
    *range(0x7F, 0xA0),
    *(0x061C, 0x200B, 0x200E, 0x200F, 0x2028, 0x2029, 0x2060, 0xFEFF, 0xD800, 0xDFFF),
    *range(0x202A, 0x202F),
    *range(0x2066, 0x206A),
    *(0xE0000, 0xE0041, 0xE007F),
]


def dumped(text: str) -> bytes:
    """JSON as the wire has it, surrogates kept as escapes."""
    return json.dumps(
        {"title": text}, ensure_ascii=any("\ud800" <= c <= "\udfff" for c in text)
    ).encode()


@pytest.mark.parametrize("lines", [False, True])
@pytest.mark.parametrize("code", DANGEROUS)
def test_a_dangerous_character_is_shown_as_ascii(code: int, lines: bool) -> None:
    shown = safe_text(f"a{chr(code)}b", lines=lines)
    assert shown.isascii()
    assert shown.isprintable()
    assert len(shown) > 3


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", "^[[2J"),
        ("\x1b]0;title\x07", "^[]0;title^G"),
        ("\x9b31m", "<U+009B>31m"),
        ("\x7f", "^?"),
        ("\x00", "^@"),
        ("abc\u202etxt", "abc<U+202E>txt"),
        ("\U000e0041", "<U+E0041>"),
        ("\ud83d", "<U+D83D>"),
    ],
)
def test_a_mark_names_what_it_stands_for(text: str, shown: str) -> None:
    assert safe_text(text) == shown


@pytest.mark.parametrize(
    "text", ["对接人：“张三”", "👩‍👩‍👧", "नमस्ते\u200c", "é", "☎\ufe0f", "[@click=app.quit]x[/x", ""]
)
def test_ordinary_text_is_shown_as_it_is(text: str) -> None:
    assert safe_text(text) == text
    assert safe_text(text, lines=True) == text


def test_tabs_are_spaces_and_newlines_only_where_lines_are_shown() -> None:
    assert safe_text("a\tb\nc") == "a b c"
    assert safe_text("a\tb\nc", lines=True) == "a b\nc"


@settings(deadline=None)
@given(TEXTS, st.booleans())
def test_shown_text_is_harmless_and_marked_once(text: str, lines: bool) -> None:
    shown = safe_text(text, lines=lines)
    assert safe_text(shown, lines=lines) == shown
    assert not re.search(
        "[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", shown
    )
    assert lines or "\n" not in shown
    shown.encode()


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("  a\tb \n c ", "a b   c"),
        ("a\r\nb", "a b"),
        ("\x1b[31mred\x9b0m\x7f", "[31mred0m"),
        ("a\ud800b", "ab"),
        ("e\u0301", "é"),
        ("\u3000标题\u3000", "标题"),
        ("a\u2028b", "a b"),
    ],
)
def test_one_line_is_cleaned_where_it_enters(text: str, kept: str) -> None:
    assert clean(text, lines=False) == kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a  \r\n\tb\t \r\rc\n\n", "a\n\tb\n\nc"),
        ("a\x0bb\x85c\u2029d", "a\nb\nc\nd"),
        ("第一行\u3000\n第二行", "第一行\n第二行"),
    ],
)
def test_several_lines_keep_their_newlines_and_tabs(text: str, kept: str) -> None:
    assert clean(text, lines=True) == kept


@settings(deadline=None)
@given(TEXTS, st.booleans())
def test_cleaned_text_stays_as_it_is_and_the_hub_takes_it(text: str, lines: bool) -> None:
    cleaned = clean(text, lines=lines)
    assert clean(cleaned, lines=lines) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert lines or "\n" not in cleaned
    assert refusal(dumped(cleaned)) is None


def forbidden(text: str) -> list[int]:
    codes = map(ord, text)
    return [
        code
        for code in codes
        if (code < 0x20 and code not in (0x09, 0x0A))
        or 0x7F <= code <= 0x9F
        or 0xD800 <= code <= 0xDFFF
    ]


@settings(deadline=None)
@given(TEXTS, st.booleans())
@example("\\u001b", True)
@example("\\\x1b", True)
@example("C:\\bin\\fr", False)
def test_the_hub_refuses_exactly_the_forbidden_characters(text: str, escaped: bool) -> None:
    if escaped:
        body = json.dumps({"title": text}).encode()
        text = json.loads(body)["title"]  # a high and a low half, side by side, are one character
    else:
        body = dumped(text)
        text = json.loads(body)["title"]
    reason = refusal(body)
    bad = forbidden(text)
    assert (reason is None) == (bad == [])
    if reason is not None:
        assert reason.endswith(f"U+{bad[0]:04X}")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"t":"\x1b[2J"}', "control character U+001B"),
        (b'{"t":"\\u001B[2J"}', "control character U+001B"),
        (b'{"t":"\\\\\\u001b"}', "control character U+001B"),
        (b'{"t":"\\\x1b"}', "control character U+001B"),
        (b'{"t":"\xc2\x9b31m"}', "control character U+009B"),
        (b'{"t":"\\u009b31m"}', "control character U+009B"),
        (b'{"t":"\\b"}', "control character U+0008"),
        (b'{"t":"\\r\\n"}', "control character U+000D"),
        (b'{"t":"\\u007f"}', "control character U+007F"),
        (b'{"t":"\\ud83d"}', "lone surrogate U+D83D"),
        (b'{"t":"\\ud83dx\\ude00"}', "lone surrogate U+D83D"),
        (b'{"t":"\\u0041\\ude00"}', "lone surrogate U+DE00"),
        (b'{"t":"\xed\xa0\xbd"}', "not UTF-8"),
        (b'{"t":"\xc0\x9b"}', "not UTF-8"),
        (b'{"t":"\xe0\x82\x9b"}', "not UTF-8"),
        (b'{"t":"\x9b31m"}', "not UTF-8"),
        (b'{"\x1b":1}', "control character U+001B"),
    ],
)
def test_a_refusal_names_the_character(body: bytes, reason: str) -> None:
    assert refusal(body) == reason


@pytest.mark.parametrize(
    "body",
    [
        b'{"t":"a\\nb\\tc \\"d\\" \\/ \\\\"}',
        b'{"t":"\\\\u001b \\\\b \\\\\\\\u0041"}',
        b'{"t":"\\u000a\\u0009\\u4e2d"}',
        b'{"t":"\\ud83d\\ude00"}',
        '{"t":"café × · 张三 한국 😀 \u202e"}'.encode(),
        b"{}",
        b"",
    ],
)
def test_the_hub_takes_everything_else(body: bytes) -> None:
    assert refusal(body) is None


@pytest.mark.parametrize(
    "text", ["张三", "Li Lei", "it's", "a;b", "$(x)", "", "-x", "a\\b", "/tmp/hub.d", "*"]
)
def test_a_shell_reads_a_quoted_text_as_one_word(text: str) -> None:
    assert shlex.split(shell_word(text)) == [text]
    assert shell_word("张三") == "张三"
