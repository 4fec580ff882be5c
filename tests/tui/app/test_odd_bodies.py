"""Bodies as no honest program writes them end no page, no form and no list, and are kept."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from schema.errors import DuijieError
from schema.ids import new_id
from schema.records import KINDS, Kind, normal
from syncd.store.replica import Replica
from syncd.store.rows import Change
from tests.conftest import Duijie
from tests.tui.app.pages import body, opened, page_of, saved, screen, until
from tui.app import DuijieApp
from tui.cli.values import Reader
from tui.views.fields import lines_of, read, slots_of, text_of, told
from tui.views.history import History
from tui.views.record import RecordPage

ODD: tuple[Any, ...] = (
    1.5,
    2**70,
    -1,
    True,
    "a string",
    "2026-13-45T99:99",
    [],
    ["x", 1, None, {"a": [1.5]}, ["y"]],
    {"a": {"b": [None]}},
    [{"on": ["x"], "how_much": {"y": 2**70}, "at": 3, "department": True}],
    {"s": [1], "m": {"a": 1}, "conclusion": 1.5, "until": []},
)


def written(home: Path, kind: str, said: dict[str, Any]) -> str:
    """A record with this body, whatever it is."""
    replica = Replica(home / "replica.db")
    id = new_id(replica.clock.now())
    replica.save([Change(kind, id, msgspec.json.encode(said, order="sorted"))])
    replica.close()
    return id


def odd_body(of: Kind, shift: int) -> dict[str, Any]:
    """A body in which every field, and one that is not known, holds something odd."""
    names = [*of.by_name, "unknown"]
    return {name: ODD[(place + shift) % len(ODD)] for place, name in enumerate(names)}


def test_every_field_says_anything_as_text_and_keeps_it(alone: Duijie) -> None:
    replica = Replica(alone.home / "replica.db", readonly=True)
    reader = Reader(replica)
    for of in KINDS.values():
        for slot in slots_of(of):
            for value in ODD:
                text = text_of(replica.conn, slot, value)
                assert read(reader, slot, text, value) == value
                for line in (*lines_of(replica.conn, slot, value), told(replica.conn, slot, value)):
                    assert isinstance(line, str)
                try:
                    read(reader, slot, f"{text}x", value)
                except DuijieError:
                    continue
    replica.close()


def shows(app: DuijieApp, id: str) -> bool:
    return page_of(app).record_id == id


@pytest.mark.walk
@pytest.mark.parametrize("of", KINDS.values(), ids=lambda of: of.name)
async def test_a_page_and_its_history_show_whatever_a_record_holds(of: Kind, alone: Duijie) -> None:
    ids = [written(alone.home, of.name, odd_body(of, shift)) for shift in (0, 4, 8)]
    async with opened(alone.home, of.name, ids[0]) as (app, pilot, page):
        for id in ids:
            await app.open_record(of.name, id)
            await until(pilot, partial(shows, app, id))
            page = page_of(app)
            assert body(alone.home, of.name, id) == page.form.body
            page.pane.step(1)
            await pilot.pause()
            page.pane.rest()
            await pilot.press("f10", "f3")
            await until(pilot, lambda: app.frame and isinstance(app.frame.view, History))
            await pilot.press("f10", "escape", "escape")
        assert app.mishap is None


def clean(page: RecordPage) -> bool:
    return not page.form.dirty


async def test_an_edit_keeps_what_it_did_not_touch(alone: Duijie) -> None:
    of = KINDS["task"]
    for shift in range(len(ODD)):
        said = {**odd_body(of, shift), "title": "odd", "note": ""}
        id = written(alone.home, "task", said)
        async with opened(alone.home, "task", id) as (_app, pilot, page):
            await pilot.press("tab", "x", "f4")
            await until(pilot, partial(clean, page))
        after = body(alone.home, "task", id)
        assert after == normal({**said, "title": "oddx"})


async def test_what_stands_beside_and_every_list_show_whatever_a_record_holds(
    alone: Duijie,
) -> None:
    task = saved(alone.home, "task", {"title": "plain"})
    for of in KINDS.values():
        for shift in range(0, len(ODD), 3):
            links: dict[str, Any] = {
                name: task for name in ("of", "source", "before") if name in of.by_name
            }
            written(alone.home, of.name, {**odd_body(of, shift), **links})
    async with opened(alone.home, "task", task) as (app, pilot, page):
        for lines in range(page.beside.source.height):
            page.beside.source.at(0, lines)
        await pilot.press("escape")
        for key in ("2", "3", "4", "9"):
            await pilot.press(key)
            await pilot.pause()
        for kind in KINDS:
            await pilot.press("f5", "ctrl+g", *kind, "enter")
            await until(pilot, lambda: app.screen is app.frame)
            await pilot.press("end", "home")
        await pilot.press("ctrl+p", *"plain")
        await until(pilot, lambda: "plain" in screen(app))
        await pilot.press("escape", "f7", *"string")
        await pilot.pause()
        await pilot.press("down", "end", "enter")
        await pilot.pause()
        assert app.mishap is None
