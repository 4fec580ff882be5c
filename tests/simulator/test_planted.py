"""Each planted bug is found, and the same seeds without it are clean."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.simulator.planted import BUGS, Bug, hunt, plant

SEEDS = 60


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    memory = Path("/dev/shm")
    made = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def found(folder: Path) -> dict[str, str]:
    """What the simulator said on a copy with each bug, by its name."""

    def look(bug: Bug) -> str:
        root = folder / str(BUGS.index(bug))
        plant(bug, root)
        return hunt(root, seeds=SEEDS)

    with ThreadPoolExecutor(2) as pool:
        return dict(zip([bug.name for bug in BUGS], pool.map(look, BUGS), strict=True))


def _seed(line: str) -> int:
    return int(line.split(",")[0].removeprefix("seed "))


@pytest.mark.parametrize("bug", BUGS, ids=[bug.name for bug in BUGS])
def test_the_simulator_finds_it(found: dict[str, str], bug: Bug) -> None:
    assert found[bug.name].startswith("seed "), "every seed was clean"


def test_the_same_seeds_are_clean_without_them(found: dict[str, str], folder: Path) -> None:
    root = folder / "clean"
    plant(None, root)
    last = max(_seed(line) for line in found.values() if line)
    assert hunt(root, seeds=last + 1) == ""


def test_there_are_eight_or_more() -> None:
    assert len({bug.name for bug in BUGS}) >= 8


def test_a_patch_that_fits_no_more_is_said_so(tmp_path: Path) -> None:
    gone = Bug("of another time", "schema/leaves.py", "no such line\n", "\n")
    with pytest.raises(ValueError, match="occurs 0 times"):
        plant(gone, tmp_path)
