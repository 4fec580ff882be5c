"""Many seeds over some processes, and what occurred in them."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

from tests.simulator.run import Report, blanks, simulate

BATCH = 10
OFTEN = ("conflicts", "changed heads", "refusals", "deletes", "settlements")


class Tally:
    """What many runs came to."""

    def __init__(self) -> None:
        self.seeds = 0
        self.steps: list[int] = []
        self.total: Counter[str] = Counter()
        self.seen_in: Counter[str] = Counter()
        self.violations: list[Report] = []

    def add(self, report: Report) -> None:
        self.seeds += 1
        self.steps.append(report.steps)
        self.total += report.counts
        self.seen_in.update(what for what, count in report.counts.items() if count)
        if report.violation:
            self.violations.append(report)

    def share(self, what: str) -> float:
        """In what share of the seeds something occurred."""
        return self.seen_in[what] / max(1, self.seeds)

    def lines(self) -> Iterator[str]:
        median = sorted(self.steps)[len(self.steps) // 2] if self.steps else 0
        yield f"{self.seeds} seeds, {sum(self.steps)} steps, median {median}"
        for what in sorted(self.total, key=lambda name: (name not in OFTEN, name)):
            yield f"  {what}: {self.total[what]}, in {self.share(what):.0%} of the seeds"


def run_batch(seeds: Sequence[int], steps: int | None) -> list[Report]:
    """Run some seeds in this process, the traces left out."""
    folder = blanks()
    try:
        return [simulate(seed, folder, steps=steps)._replace(trace=[]) for seed in seeds]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run_seeds(
    seeds: range, *, steps: int | None = None, jobs: int = 1, until: bool = False
) -> Tally:
    """Run seeds over some processes, in order; `until` the first violation."""
    tally = Tally()
    for report in _reports(seeds, steps, jobs):
        tally.add(report)
        if until and tally.violations:
            break
    return tally


def _reports(seeds: range, steps: int | None, jobs: int) -> Iterator[Report]:
    if jobs == 1:
        for seed in seeds:
            yield from run_batch([seed], steps)
        return
    batches = [seeds[first : first + BATCH] for first in range(0, len(seeds), BATCH)]
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for reported in pool.map(partial(run_batch, steps=steps), batches):
            yield from reported
