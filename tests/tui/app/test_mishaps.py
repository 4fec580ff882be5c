"""What goes wrong is a sentence: no traceback, nothing lost, nothing left running."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import stat
from pathlib import Path

import msgspec
import pytest
from textual import events
from textual.widget import MountError

from schema import wording
from schema.errors import DuijieError, StoreError
from schema.records import encode, new_body
from syncd.home import Home
from syncd.store.replica import Replica
from syncd.store.rows import Change
from tests.played import COORDINATOR, copied
from tests.tui.app.showing import app_of, seen, shown, until
from tui import journal
from tui.app import DuijieApp
from tui.running import _said, _set_aside
from tui.views.board import Board

SECRET = "a title that nobody else may read"


@pytest.fixture
def home(played: dict[str, Path], tmp_path: Path) -> Path:
    return copied(played[COORDINATOR], tmp_path / "home")


async def test_a_full_disk_is_a_toast_and_the_app_lives_on(home: Path) -> None:
    """SQLite says that the disk is full once the file may grow no more."""

    def fill(pen: Replica) -> None:
        pages = pen.conn.execute("PRAGMA page_count").fetchone()[0]
        pen.conn.execute(f"PRAGMA max_page_count = {pages}")

    def large(_pen: Replica) -> list[Change]:
        body = new_body("task", {"title": "large", "note": "x" * 50_000}, department="研发部")
        return [Change("task", "018f934c-4414-7d45-b5fd-000000000001", encode(body))]

    async with shown(home) as pilot:
        app = app_of(pilot)
        before = app.workspace.conn.execute("SELECT count(*) FROM records").fetchone()
        await app.workspace.write(fill)
        assert not await app.act(large)
        await pilot.pause()
        await seen(pilot, "cannot be used")
        assert any("Free some space" in each.message for each in app._notifications)
        assert app.workspace.conn.execute("SELECT count(*) FROM records").fetchone() == before
        await app.workspace.write(lambda pen: pen.conn.execute("PRAGMA max_page_count = 1000000"))
        assert await app.act(large)


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_what_nobody_foresaw_ends_the_app_and_is_noted_without_a_word_of_a_record(
    home: Path, lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def break_down(_board: Board) -> None:
        raise KeyError(SECRET)

    monkeypatch.setattr(Board, "action_lanes", break_down)
    ended: list[str] = []
    apps: list[DuijieApp] = []

    async def press() -> None:
        async with shown(home, lang) as pilot:
            apps.append(app_of(pilot))
            apps[0].on_ending.append(lambda: ended.append("drafts"))
            await pilot.press("ctrl+g")

    with pytest.raises(KeyError):
        await press()
    app = apps[0]
    assert ended == ["drafts"]
    assert app.mishap is not None
    assert app.return_code == 1
    error = _said(app.home, app.mishap)
    log = home / "app.log"
    assert str(log) in str(error)
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    noted = log.read_text("utf-8")
    assert "KeyError" in noted
    assert "break_down" in noted
    assert SECRET not in noted + str(error)


async def test_an_error_with_words_keeps_them(home: Path) -> None:
    assert str(_said(Home(home), DuijieError("One sentence.", "Way out."))) == (
        "One sentence. Way out."
    )
    assert not (home / "app.log").exists()


def test_a_log_that_grew_too_large_begins_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "app.log"
    assert journal.note(log, ValueError("x"))
    once = log.stat().st_size
    assert journal.note(log, ValueError("x"))
    assert log.stat().st_size == 2 * once
    monkeypatch.setattr(journal, "MOST", once)
    assert journal.note(log, ValueError("x"))
    assert log.stat().st_size == once


def test_where_nothing_can_be_noted_the_sentence_says_nothing_of_it(tmp_path: Path) -> None:
    error = _said(Home(tmp_path / "nowhere"), ValueError(SECRET))
    assert "app.log" not in str(error)


async def test_endings_are_awaited_and_one_that_fails_keeps_none_from_its_own(home: Path) -> None:
    done: list[str] = []

    def fails() -> None:
        raise OSError("full")

    async def saves() -> None:
        await asyncio.sleep(0)
        done.append("saved")

    async with shown(home) as pilot:
        app = app_of(pilot)
        app.on_ending += [fails, saves]
        await pilot.press("ctrl+q")
    assert done == ["saved"]
    assert isinstance(app.mishap, OSError)


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_the_second_app_of_a_home_says_so_and_takes_over(
    home: Path, lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("syncd.agent.TURN", 0.05)
    monkeypatch.setattr("syncd.agent.GLANCE", 0.01)
    lock = Home(home)._agent_lock()
    assert lock.acquire(0)
    wording.use(lang)
    async with DuijieApp(Home(home)).run_test() as pilot:
        app = app_of(pilot)
        await _agent_says(app, another=True)
        lock.release()
        await _agent_says(app, another=False)


async def _agent_says(app: DuijieApp, *, another: bool) -> None:
    for _try in range(400):
        state = app.workspace.agent_state
        if state is not None and state.another is another:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"the agent never said another={another}")


# -- the end


async def test_a_file_that_is_damaged_under_the_app_ends_it_in_order(home: Path) -> None:
    async with shown(home) as pilot:
        app = app_of(pilot)
        os.truncate(home / "replica.db", 4096)
        await until(pilot, lambda: app.ending)
    assert app.return_code == 1
    error = _said(app.home, app.mishap or KeyError())
    assert "cannot be used" in error.sentence
    assert "join the hub again" in error.way_out


@pytest.mark.parametrize("taken_away", [True, False])
async def test_nothing_is_saved_into_a_file_that_is_not_at_its_place_any_more(
    home: Path, taken_away: bool
) -> None:
    async with shown(home) as pilot:
        app = app_of(pilot)
        database = home / "replica.db"
        if taken_away:
            database.unlink()
        else:
            shutil.copy(database, home / "other.db")
            (home / "other.db").replace(database)
        with pytest.raises(StoreError, match="taken away or replaced"):
            await app.workspace.act(lambda _pen: [])
        await until(pilot, lambda: app.ending)
    assert isinstance(app.mishap, StoreError)


async def test_keys_that_come_after_the_end_has_begun_do_nothing(home: Path) -> None:
    async with shown(home) as pilot:
        app = app_of(pilot)
        assert app.frame is not None
        view = app.frame.view
        app.ended_by(signal.SIGTERM)
        assert not await app.run_action("app.new", app.frame)
        assert app.frame.view is view
    assert app.mishap is None
    assert app.return_code == 128 + signal.SIGTERM


@pytest.mark.parametrize("turns", [0, 1, 2, 3, 5, 8, 13, 21, 34, 55])
async def test_a_page_that_was_about_to_open_when_the_end_began_is_no_mishap(
    home: Path, turns: int
) -> None:
    async with shown(home) as pilot:
        app = app_of(pilot)
        for _twice in range(2):
            (app.focused or app.screen).post_message(events.Key("ctrl+n", None))
        for _turn in range(turns):
            await asyncio.sleep(0)
        app.ended_by(signal.SIGTERM)
    assert app.mishap is None
    assert app.return_code == 128 + signal.SIGTERM


async def test_what_fails_because_screens_are_taken_down_is_no_mishap_but_a_file_is(
    home: Path,
) -> None:
    async with shown(home) as pilot:
        app = app_of(pilot)
        app.exit()
        app._handle_exception(MountError("Can't mount widget(s) before Container() is mounted"))
        assert app.mishap is None
        app._handle_exception(StoreError("gone"))
        assert isinstance(app.mishap, StoreError)


async def test_what_was_typed_and_could_not_be_put_down_is_set_aside(home: Path) -> None:
    async with shown(home) as pilot:
        app = app_of(pilot)
        await app.new_record("task")
        await until(pilot, lambda: app.focused is not None and app.focused.id is None)
        await pilot.press("x", "y")
        assert not app.unsaved()
        app.mishap = StoreError("gone")
    (words,) = app.unsaved()
    path = home / "unsaved.jsonl"
    told = _set_aside(app.home, app.unsaved())
    assert str(path) in told
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert msgspec.json.decode(path.read_bytes()) == {"form": words.name, "body": words.held}
    assert "xy" in path.read_text("utf-8")
    assert _set_aside(Home(home / "nowhere"), app.unsaved()) == ""
