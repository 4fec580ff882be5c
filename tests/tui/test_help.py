"""The help of every command, in both languages."""

from __future__ import annotations

import pytest

from tests.conftest import Duijie
from tui.cli.main import COMMANDS


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_help_names_the_program_whole(duijie: Duijie, command: str, lang: str) -> None:
    told = duijie(command, "--help", lang=lang)
    assert told.code == 0
    assert f"duijie {command}" in told.out
