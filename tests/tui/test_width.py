"""How many cells a text takes."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tui.width import clusters, cut, fit, fold, pad, width


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("", 0),
        ("abc", 3),
        ("对接", 4),
        ("Ａ１", 4),
        ("，。", 4),
        ("e\u0301a", 2),
        ("한글", 4),
        ("\u1112\u1161\u11ab", 2),
        ("ｱ", 1),
        ("😀", 2),
        ("❤\ufe0f", 2),
        ("👍🏽", 2),
        ("👩\u200d👩\u200d👧", 2),
        ("🇨🇳", 2),
        ("🇨🇳🇩🇪", 4),
        ("╌›✓◊", 4),
    ],
)
def test_width_counts_cells(text: str, cells: int) -> None:
    assert width(text) == cells


@given(st.text(st.sampled_from("aZ ~9中〇，《「！Ａ～｠｡〩〪㐀䶿䷀龿ꀀé\u0301\u200d😀╌")))
def test_the_short_way_counts_what_the_clusters_do(text: str) -> None:
    assert width(text) == sum(cells for _cluster, cells in clusters(text))


def test_clusters_keep_together_what_is_drawn_as_one() -> None:
    assert [text for text, _cells in clusters("a👩\u200d👧e\u0301中")] == [
        "a",
        "👩\u200d👧",
        "e\u0301",
        "中",
    ]


def test_clusters_put_together_are_the_text() -> None:
    text = "a👍🏽中e\u0301🇨🇳🇩 b\u200d"
    assert "".join(part for part, _cells in clusters(text)) == text


@pytest.mark.parametrize(
    ("text", "cells", "shown"),
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "ab›"),
        ("产品说明书", 10, "产品说明书"),
        ("产品说明书", 9, "产品说明›"),
        ("产品说明书", 8, "产品说 ›"),
        ("e\u0301e\u0301e\u0301", 2, "e\u0301›"),
        ("abc", 1, "›"),
        ("abc", 0, ""),
        ("中文", 1, "›"),
    ],
)
def test_cut_leaves_the_mark_in_the_last_cell(text: str, cells: int, shown: str) -> None:
    assert cut(text, cells) == shown
    assert width(cut(text, cells)) <= cells


def test_cut_marks_in_ascii_where_asked() -> None:
    assert cut("abcd", 3, ">") == "ab>"


def test_pad_and_fit_fill_to_the_cells() -> None:
    assert pad("中", 4) == "中  "
    assert pad("中", 4, right=True) == "  中"
    assert pad("中文字", 4) == "中文字"
    assert fit("中文字", 5) == "中文›"
    assert width(fit("中文字", 4)) == 4


@pytest.mark.parametrize(
    ("text", "cells", "lines"),
    [
        ("", 10, [""]),
        ("海报与主视觉已排版，参数页空着", 20, ["海报与主视觉已排版，", "参数页空着"]),
        ("海报与主视觉已排版啊，参数页", 20, ["海报与主视觉已排版", "啊，参数页"]),
        ("load within 2 s", 8, ["load", "within 2", "s"]),
        ("一\n\n二", 8, ["一", "", "二"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("到 12-01 一档", 6, ["到", "12-01", "一档"]),
    ],
)
def test_a_text_folds_where_its_language_breaks(text: str, cells: int, lines: list[str]) -> None:
    assert fold(text, cells) == lines


@example("00\x1f", 2)
@given(st.text(), st.integers(min_value=2, max_value=40))
def test_folding_keeps_every_letter_and_the_width(text: str, cells: int) -> None:
    lines = fold(text, cells)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(width(line) <= cells for line in lines)
