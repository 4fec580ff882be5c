"""Which characters of a text are not as they were: lines against lines, then clusters against clusters.

The work is bounded; where a text is too long to be compared, what lies between its like ends counts as changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from schema.width import clusters

BUDGET = 400_000  # comparisons that one value may cost
PAIR = 60_000  # and one pair of sequences
LIKE = 3  # less than a third alike is another text


class Run(NamedTuple):
    """Part of a line, and whether it is not as it was."""

    text: str
    changed: bool


def marked(before: Sequence[str], after: Sequence[str]) -> list[list[Run]]:
    """The lines of `after` in runs, marked where they differ from `before`.

    Lines that are in both are found first, so that one put between others marks itself alone.
    """
    left = [BUDGET]
    lines: list[list[Run]] = []
    for op, i, k, j, m in _opcodes(before, after, left):
        for place, line in enumerate(after[j:m]):
            if op == "equal":
                lines.append([Run(line, False)])
            elif i + place < k:
                lines.append(_line(before[i + place], line, left))
            else:
                lines.append([Run(line, True)])
    return lines


def _line(before: str, after: str, left: list[int]) -> list[Run]:
    was = [cluster for cluster, _cells in clusters(before)]
    now = [cluster for cluster, _cells in clusters(after)]
    runs: list[Run] = []
    alike = 0
    for op, _i, _k, j, m in _opcodes(was, now, left):
        if m > j:
            runs.append(Run("".join(now[j:m]), op != "equal"))
            alike += m - j if op == "equal" else 0
    if alike * LIKE < max(len(was), len(now)):
        return [Run(after, True)]
    return runs


def _opcodes(
    before: Sequence[str], after: Sequence[str], left: list[int]
) -> Iterable[tuple[str, int, int, int, int]]:
    """The opcodes of difflib, like ends taken off first; one replacement where it would cost too much."""
    first, most = 0, min(len(before), len(after))
    while first < most and before[first] == after[first]:
        first += 1
    last = 0
    while last < most - first and before[-1 - last] == after[-1 - last]:
        last += 1
    end, stop = len(before) - last, len(after) - last
    if first:
        yield "equal", 0, first, 0, first
    cost = (end - first) * (stop - first)
    if not cost or cost > min(PAIR, left[0]):
        if end > first or stop > first:
            yield "replace", first, end, first, stop
    else:
        left[0] -= cost
        matcher = SequenceMatcher(None, before[first:end], after[first:stop], autojunk=False)
        for op, i, k, j, m in matcher.get_opcodes():
            yield op, first + i, first + k, first + j, first + m
    if last:
        yield "equal", end, len(before), stop, len(after)


def folded(runs: Sequence[Run], lines: Sequence[str]) -> list[list[Run]]:
    """The runs on the lines that their text was folded to; a fold drops nothing but blanks."""
    text = "".join(run.text for run in runs)
    changed = [run.changed for run in runs for _char in run.text]
    at = 0
    out: list[list[Run]] = []
    for line in lines:
        at = max(text.find(line, at), at)
        out.append(_split(line, changed[at : at + len(line)]))
        at += len(line)
    return out


def _split(line: str, changed: Sequence[bool]) -> list[Run]:
    """A line in runs of equal marks, never inside a cluster."""
    runs: list[Run] = []
    at = 0
    for cluster, _cells in clusters(line):
        mark = any(changed[at : at + len(cluster)])
        if runs and runs[-1].changed == mark:
            runs[-1] = Run(runs[-1].text + cluster, mark)
        else:
            runs.append(Run(cluster, mark))
        at += len(cluster)
    return runs
