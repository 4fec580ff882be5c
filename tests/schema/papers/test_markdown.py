"""What a record says is text in Markdown, whatever it says."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from schema.papers.markdown import Bullets, Section, Sentence, Sheet, Table, markdown
from schema.safe_text import safe_text
from tests.hostile import ATTACK, BARB

MARKUP = r"\`*_[](){}<>|~#+-=!&$.:;^0123456789abcwx" + "\n\t /'\"，。表é"
TEXTS = st.text(st.sampled_from(MARKUP), max_size=30) | st.text(max_size=30)
TRAPS = [
    "a|b", "\\|", "a\\", "`code`", "*b* _i_ **s**", "[a](https://evil.example)", "![x](y)", "<b>bold</b>",
    "<script>alert(1)</script>", "<!-- x -->", "&lt;b&gt;", "&amp;", "# heading", "heading #", "1. one", "12) two",
    "- point", "+ point", "---", "===", "> quote", "```", "~~~", "~~gone~~", "[x] done", "[^1]", "[a]: b", "***",
    "|a|\n|-|", "<br>", "https://evil.example/x", "www.evil.example", "$x$", "    code", "a\n\n# b", "\\[a](b)",
    ATTACK, BARB,
]  # fmt: skip


def parsed(text: str) -> list[Token]:
    rules = ["table", "strikethrough"]
    return MarkdownIt("commonmark", {"html": True}).enable(rules).parse(text)


def texts(tokens: list[Token]) -> Iterator[str]:
    """What is read of each block; anything but text and the template's own breaks is named."""
    for token in tokens:
        if token.children is not None:
            yield "".join(_read(child) for child in token.children)


def _read(child: Token) -> str:
    if child.type == "text":
        return child.content
    return "\n" if child.content == "<br>" else f"[{child.type}]"


def lines(text: str) -> list[str]:
    said = (line.strip() for line in safe_text(text, lines=True).split("\n"))
    return [line for line in said if line]


def reads_back(text: str) -> None:
    one, several = "; ".join(lines(text)), "\n".join(lines(text))
    written = markdown(
        f"x{text}",
        [
            Section(f"x{text}"),
            Sentence(text),
            Bullets([text, "end"]),
            Sheet([(text, text)]),
            Table(["a", "b"], [(text, "1"), ("2", text)]),
        ],
        [text],
    )
    tokens = parsed(written)
    kept = [one] if one else []
    heading = "; ".join(lines(f"x{text}"))
    cell = several or "-"
    expected = [heading, heading, *kept, *kept, "end"]
    expected += ["Field", "Content", cell, cell, "a", "b", cell, "1", "2", cell, *kept]
    assert list(texts(tokens)) == expected
    assert [token.type for token in tokens].count("hr") == 1


@pytest.mark.parametrize("text", TRAPS)
def test_every_trap_is_read_back_as_it_was_written(text: str) -> None:
    reads_back(text)


@given(TEXTS)
def test_any_text_is_read_back_as_it_was_written(text: str) -> None:
    reads_back(text)


@pytest.mark.parametrize(
    "text", ["https://evil.example", "HTTP://evil.example", "WWW.evil.example"]
)
def test_an_address_is_no_link_where_bare_addresses_are(text: str) -> None:
    written = markdown("t", [Sentence(text)], [])
    assert re.search(r"\w://|www\.", written, re.IGNORECASE) is None


def test_an_empty_table_and_an_empty_list_say_so() -> None:
    written = markdown("t", [Table(["a"], [], "No row."), Bullets([], "No point.")], [])
    assert written == "# t\n\nNo row.\n\nNo point.\n\n---\n"
