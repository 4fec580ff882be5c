"""Nothing that a record says drives the terminal of whoever looks at it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from schema.safe_text import safe_text
from tests import hostile
from tests.terminal.sequences import Token, tokens
from tests.terminal.terminal import Terminal
from tests.terminal.walking import TALL, walk

# Walks through every screen of two homes, minutes long: `make walk`.
pytestmark = pytest.mark.walk


class Walk(NamedTuple):
    """What a walk through the app showed, and what it sent to the terminal."""

    screens: list[str]
    sent: list[Token]
    restored: bool


def walked(home: Path, *, brief: bool = False) -> Walk:
    """Every screen of a home."""
    with Terminal.duijie(home, size=TALL) as terminal:
        screens = list(walk(terminal, brief=brief))
        terminal.signal(signal.SIGTERM)
        terminal.wait_exit()
        return Walk(screens, list(tokens(terminal.sent.decode())), not terminal.alternate)


@pytest.fixture(scope="module")
def hostile_walk(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    return walked(hostile.home(tmp_path_factory.mktemp("hostile") / "home").path)


@pytest.fixture(scope="module")
def clean_walk(living: dict[str, Path]) -> Walk:
    from tests.played import COORDINATOR

    return walked(living[COORDINATOR], brief=True)


def test_only_what_a_clean_run_sends_reaches_the_terminal(
    hostile_walk: Walk, clean_walk: Walk
) -> None:
    known = {token.shape for token in clean_walk.sent}
    sent = {token.shape: token.text for token in hostile_walk.sent if token.shape not in known}
    assert sent == {}
    assert clean_walk.restored
    assert hostile_walk.restored
    for token in hostile_walk.sent:
        if token.kind == "text":
            assert safe_text(token.text) == token.text
        else:
            assert not any(each in token.text for each in ("taken", "evil", "ZH", "ZQ"))


def test_every_text_of_every_kind_was_seen(hostile_walk: Walk) -> None:
    seen = "\n".join(hostile_walk.screens)
    unseen = [
        field
        for written in hostile.records()
        for mark, field in written.marks.items()
        if mark in "".join(_texts(written.body)) and mark not in seen
    ]
    assert unseen == []


def test_markup_stands_there_as_it_was_written(hostile_walk: Walk) -> None:
    seen = "\n".join(hostile_walk.screens)
    assert "[/b] [abc] [@click=app.quit]x[/] [red]y[/red] \\[" in seen


def test_a_click_on_markup_does_nothing(tmp_path: Path) -> None:
    with Terminal.duijie(hostile.home(tmp_path / "home").path, size=(120, 36)) as terminal:
        terminal.wait("@click=app.quit]x")
        for y, row in enumerate(terminal.rows):
            if "@click=app.quit]x" in row:
                terminal.click(row.index("quit]x") + 5, y)
        terminal.press("3")
        terminal.wait("卡点")
        terminal.settle()
        assert terminal.running


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
