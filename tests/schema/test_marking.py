"""Which characters of a text are marked as changed."""

from __future__ import annotations

from time import perf_counter

from schema.marking import folded, marked
from schema.width import fold


def changed(before: list[str], after: list[str]) -> list[str]:
    """The lines of `after`, what is marked in them in brackets."""
    return [
        "".join(f"[{run.text}]" if run.changed else run.text for run in line)
        for line in marked(before, after)
    ]


def test_only_what_differs_is_marked() -> None:
    assert changed(["加载不超过 2 秒"], ["加载不超过 3 秒"]) == ["加载不超过 [3] 秒"]
    assert changed(["上线 12-10"], ["上线 12-08"]) == ["上线 12-0[8]"]
    assert changed(["技术部"], ["技术部、设计部"]) == ["技术部[、设计部]"]


def test_equal_texts_are_not_marked_and_new_ones_are_marked_whole() -> None:
    assert changed(["同"], ["同"]) == ["同"]
    assert changed([], ["新", "行"]) == ["[新]", "[行]"]
    assert changed(["普通"], ["高"]) == ["[高]"]


def test_a_line_put_between_others_is_marked_alone() -> None:
    assert changed(["一", "二"], ["一", "新", "二"]) == ["一", "[新]", "二"]
    assert changed(["一", "二", "三"], ["一", "三"]) == ["一", "三"]


def test_texts_with_little_in_common_are_marked_whole() -> None:
    assert changed(["alpha"], ["beta gamma delta"]) == ["[beta gamma delta]"]


def test_a_cluster_is_never_torn() -> None:
    family, other = "👨\u200d👩\u200d👧", "👨\u200d👩\u200d👦"
    assert changed([f"家{family}好人"], [f"家{other}好人"]) == [f"家[{other}]好人"]
    assert changed(["cafe 店"], ["cafe\u0301 店"]) == ["caf[e\u0301] 店"]


def test_marks_stay_on_their_characters_when_folded() -> None:
    (runs,) = marked(["aaa bbb ccc"], ["aaa bxb ccc"])
    lines = folded(runs, fold("aaa bxb ccc", 4))
    assert [[(run.text, run.changed) for run in line] for line in lines] == [
        [("aaa", False)],
        [("b", False), ("x", True), ("b", False)],
        [("ccc", False)],
    ]


def test_the_work_is_bounded() -> None:
    began = perf_counter()
    marked(["ab" * 20_000], ["ba" * 20_000 + "c"])
    marked([f"{n} ab" for n in range(5_000)], [f"ba {n}" for n in range(5_000)])
    assert perf_counter() - began < 5
