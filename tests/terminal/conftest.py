"""The played story at today's date, for programs that look at the real clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.played import COORDINATOR, MEMBERS, Play, copied


@pytest.fixture(scope="session")
def living(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The homes of the story as it stands now, by name."""
    play = Play(tmp_path_factory.mktemp("living"), datetime.now(UTC))
    play.whole()
    play.close()
    return {name: play.wired.home(name) for name in MEMBERS}


@pytest.fixture
def home_of(living: dict[str, Path], tmp_path: Path) -> Callable[[str], Path]:
    """A home of the story to use up, by the name of its member."""
    return lambda name: copied(living[name], tmp_path / name.strip("*"))


@pytest.fixture
def home(home_of: Callable[[str], Path]) -> Path:
    """The coordinator's."""
    return home_of(COORDINATOR)
