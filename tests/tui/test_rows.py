"""Rows under headings on a canvas."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from tui.ink import Ink
from tui.palette import Shades
from tui.widgets.lines import Look
from tui.widgets.rows import Heading, Held, RowSource

LOOK = Look(None, False, frozenset())
groups = st.lists(st.integers(1, 4), min_size=0, max_size=5)


class Names(RowSource[str]):
    """Rows that draw their own name, and headings that draw `=`."""

    def __init__(self, sizes: Sequence[int], lines: int, gap: int) -> None:
        self.lines, self.gap = lines, gap
        self._sizes = sizes
        names = [f"{group}.{n}" for group, size in enumerate(sizes) for n in range(size)]
        super().__init__(Held(names, names))

    def key(self, row: str) -> str:
        return row

    def headings(self) -> list[Heading]:
        return [
            Heading(sum(self._sizes[:group]), "=", size) for group, size in enumerate(self._sizes)
        ]

    def draw_row(self, row: str, part: int, ink: Ink, look: Look, place: int) -> None:
        ink.put(0, f"{row}/{part}")

    def draw_heading(self, heading: Heading, ink: Ink) -> None:
        ink.put(0, heading.text)


def _drawn(source: Names) -> list[str]:
    lines = []
    for y in range(source.height):
        ink = Ink(Shades("dark"), 20)
        source.draw(y, ink, LOOK)
        lines.append(ink.strip().text.strip())
    return lines


def _expected(sizes: Sequence[int], lines: int, gap: int) -> list[str]:
    found: list[str] = []
    for group, size in enumerate(sizes):
        found += ["", "="] if group else ["="]
        for n in range(size):
            found += [f"{group}.{n}/{part}" for part in range(lines)] + [""] * gap
    return found


@given(groups, st.integers(1, 3), st.integers(0, 1))
def test_rows_and_headings_stand_where_they_are_looked_for(
    sizes: list[int], lines: int, gap: int
) -> None:
    source = Names(sizes, lines, gap)
    source.fit(20, 10)
    drawn = _drawn(source)
    assert drawn == _expected(sizes, lines, gap)
    for y, text in enumerate(drawn):
        name = text.partition("/")[0] if "/" in text else None
        assert source.at(0, y) == name
        if name is not None:
            stands = source.where(name)
            assert stands is not None
            assert stands.y <= y < stands.bottom == stands.y + lines


@given(groups, st.data())
def test_steps_stay_inside_and_reach_both_ends(sizes: list[int], data: st.DataObject) -> None:
    source = Names(sizes, 1, 0)
    names = [source.row(place) for place in range(source.window.count)]
    if not names:
        assert source.step(None, "down", 5) is None
        return
    here = data.draw(st.sampled_from(names))
    assert here is not None
    assert source.step(here, "first", 5) == names[0]
    assert source.step(here, "last", 5) == names[-1]
    place = names.index(here)
    assert source.step(here, "down", 5) == names[min(place + 1, len(names) - 1)]
    assert source.step(here, "page_up", 5) == names[max(place - 4, 0)]
