"""How many cells a text takes."""

from __future__ import annotations

import pytest

from tui.width import clusters, cut, fit, pad, width


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
