"""Nothing that a record says drives the terminal of whoever looks at it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from schema.safe_text import safe_text
from tests import hostile
from tests.played import COORDINATOR
from tests.terminal.opened import every_screen
from tests.terminal.sequences import DRAWING
from tests.terminal.terminal import Terminal
from tests.terminal.walking import TALL, Walk, every_page, everywhere, the_first_run, walked

MARKUP = "[/b] [abc] [@click=app.quit]x[/] [red]y[/red] \\["


def only_drawn(walk: Walk) -> None:
    """Nothing came to the terminal but texts that are safe and how they are drawn, and markup is text."""
    others = {token.shape: token.text for token in walk.sent if token.kind != "text"}
    assert {shape: text for shape, text in others.items() if shape not in DRAWING} == {}
    texts = {token.text for token in walk.sent if token.kind == "text"}
    assert {text for text in texts if safe_text(text) != text} == set()
    assert MARKUP in walk.text


@pytest.mark.walk
def test_every_text_of_every_kind_is_shown_and_only_shown(tmp_path: Path) -> None:
    home = hostile.home(tmp_path / "home").path
    walk = walked(home, every_page(), tmp_path / "told", size=TALL)
    only_drawn(walk)
    seen = walk.text
    unseen = [
        field
        for written in hostile.records()
        for mark, field in written.marks.items()
        if mark in "".join(_texts(written.body)) and mark not in seen
    ]
    assert unseen == []


@pytest.mark.walk
def test_on_every_screen_texts_are_only_shown(living: dict[str, Path], tmp_path: Path) -> None:
    home = hostile.poisoned(living[COORDINATOR], tmp_path / "home")
    walk = walked(home, everywhere(), tmp_path / "told")
    only_drawn(walk)
    first = walked(tmp_path / "new", the_first_run(), tmp_path / "told")
    assert every_screen() - walk.screens - first.screens == set(), "walking.py knows no way to it"


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
