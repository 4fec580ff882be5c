"""What tests of the app share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tui.app.office import Office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """Two liaisons and a coordinator at one hub, under a clock that stands still."""
    made = Office(tmp_path)
    yield made
    made.wired.close()
