"""Runs seeds and prints what happened in them: `python -m tests.simulator --seeds 1000`."""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import syncd
from tests.simulator.run import blanks, simulate
from tests.simulator.tally import run_seeds


def main(argv: Sequence[str] | None = None) -> int:
    """Run the seeds that the command line asks for; 1 when a sentence does not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulator", description=__doc__)
    parser.add_argument("--seeds", type=int, default=300, help="how many seeds")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--steps", type=int, help="steps a seed; drawn by the seed if not given")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--until", action="store_true", help="stop at the first violation")
    parser.add_argument("--product", type=Path, help="where syncd must come from, to be sure")
    parser.add_argument("--trace", action="store_true", help="print every step of the first seed")
    args = parser.parse_args(argv)
    if args.product and not Path(syncd.__file__).is_relative_to(args.product):
        parser.error(f"syncd comes from {syncd.__file__}")
    if args.trace:
        folder = blanks()
        report = simulate(args.first, folder, steps=args.steps)
        shutil.rmtree(folder, ignore_errors=True)
        print(*report.trace, report.violation or "clean", sep="\n")
        return int(bool(report.violation))
    began = time.perf_counter()
    seeds = range(args.first, args.first + args.seeds)
    tally = run_seeds(seeds, steps=args.steps, jobs=args.jobs, until=args.until)
    print(*tally.lines(), sep="\n")
    print(f"{time.perf_counter() - began:.1f} s")
    for report in tally.violations:
        print(f"seed {report.seed}, {report.violation}")
    return int(bool(tally.violations))


if __name__ == "__main__":
    sys.exit(main())
