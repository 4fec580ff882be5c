"""Three hundred seeds of everything at once, and that a seed is a seed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulator.run import blanks, simulate
from tests.simulator.tally import OFTEN, Tally, run_seeds

REPOSITORY = Path(__file__).parents[2]
SEEDS = 300
SHARE = 0.2


@pytest.fixture(scope="module")
def tally() -> Tally:
    return run_seeds(range(SEEDS), jobs=2)


@pytest.fixture
def folder() -> Iterator[Path]:
    made = blanks()
    yield made
    shutil.rmtree(made)


def test_every_invariant_holds_after_every_step(tally: Tally) -> None:
    assert [f"seed {report.seed}, {report.violation}" for report in tally.violations] == []
    assert tally.seeds == SEEDS


def test_the_median_run_has_200_steps(tally: Tally) -> None:
    assert sorted(tally.steps)[SEEDS // 2] == 200


@pytest.mark.parametrize("what", [*OFTEN, "hub crashes", "replica crashes", "cuts"])
def test_what_matters_occurs_in_a_fifth_of_the_seeds(tally: Tally, what: str) -> None:
    print(*tally.lines(), sep="\n")
    assert tally.share(what) >= SHARE


@pytest.mark.parametrize(
    "what", ["lost frames", "doubled frames", "overtaken frames", "clocks bent", "waits"]
)
def test_every_fault_occurs(tally: Tally, what: str) -> None:
    assert tally.total[what] > 0


def test_the_same_seed_gives_the_same_trace(folder: Path) -> None:
    first, second = simulate(7, folder), simulate(7, folder)
    assert first == second
    assert len(first.trace) > 100


def test_another_process_gives_the_same_trace(folder: Path) -> None:
    here = simulate(7, folder, steps=60).trace
    for hashing in ("1", "2"):
        command = [sys.executable, "-m", "tests.simulator", "--trace", "--first", "7"]
        done = subprocess.run(
            [*command, "--steps", "60"],
            cwd=REPOSITORY,
            env={**os.environ, "PYTHONHASHSEED": hashing},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.splitlines() == [*here, "clean"]


def test_two_seeds_differ(folder: Path) -> None:
    assert simulate(1, folder, steps=30).trace != simulate(2, folder, steps=30).trace
