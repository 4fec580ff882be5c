"""A replica that breaks or goes away under the app: a sentence, the terminal back, and what was typed."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from schema.ids import new_id
from schema.records import encode
from syncd.clock import Clock
from syncd.home import Home
from syncd.store.rows import Change
from tests.conftest import Duijie
from tests.terminal.terminal import Terminal

TITLE = "支付接口联调"


def truncated(database: Path) -> None:
    os.truncate(database, 8192)


def replaced(database: Path) -> None:
    other = database.with_name("other.db")
    other.write_bytes(b"no database")
    other.replace(database)


def deleted(database: Path) -> None:
    database.unlink()


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (truncated, "不能使用"),
        (replaced, "被拿走或换掉了"),
        (deleted, "被拿走或换掉了"),
    ],
)
def test_a_replica_that_breaks_under_the_app_ends_it_with_a_sentence_and_what_was_typed_is_kept(
    alone: Duijie, harm: Callable[[Path], None], words: str
) -> None:
    home = Home(alone.home)
    replica = home.open_replica()
    id = new_id(Clock().now())
    replica.save([Change("task", id, encode({"title": TITLE, "state": "todo"}))])
    replica.close()
    with Terminal.duijie(home.path, size=(120, 36)) as terminal:
        terminal.wait(TITLE)
        terminal.press("enter")
        terminal.wait("任务名称")
        terminal.press("tab")
        terminal.wait("6/80")
        terminal.type("，第二轮")
        terminal.wait(TITLE + "，第二轮")
        harm(home.database)
        assert terminal.wait_exit() == 1
        assert words in terminal.text.replace("\n", "")
        assert "unsaved.jsonl" in terminal.text.replace("\n", "").replace(" ", "")
        assert "Traceback" not in terminal.text
        assert not terminal.alternate
    aside = home.path / "unsaved.jsonl"
    assert stat.S_IMODE(aside.stat().st_mode) == 0o600
    (draft,) = map(json.loads, aside.read_text("utf-8").splitlines())
    assert draft["form"].startswith(f"task/{id}")
    assert TITLE + "，第二轮" in json.dumps(draft["body"], ensure_ascii=False)
