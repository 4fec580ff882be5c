"""Pages of records as tests open them, and what the file says of a record and its drafts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from schema.ids import new_id
from schema.records import KINDS, encode, new_body, own_id
from syncd.home import Home
from syncd.store.drafts import StoredDraft, stored_drafts
from syncd.store.replica import Replica
from syncd.store.rows import Change
from tests.tui.app.grid import grid
from tests.tui.app.resting import until as until
from tui.acts import body_of
from tui.app import DuijieApp
from tui.views.record import RecordPage

TASK: dict[str, Any] = {
    "title": "支付接口联调",
    "state": "todo",
    "owner": "李四",
    "standard": ["一次通过", "两天内"],
}


@asynccontextmanager
async def opened(
    home: Path, kind: str, id: str = "", *, size: tuple[int, int] = (120, 36), lang: str = "en"
) -> AsyncIterator[tuple[DuijieApp, Pilot[int], RecordPage]]:
    """The page of a record, or of a new one."""
    app = DuijieApp(Home(home), lang=lang, theme="dark", synced=False)
    async with app.run_test(size=size, notifications=True) as pilot:
        await pilot.pause()
        if id:
            await app.open_record(kind, id)
        else:
            await app.new_record(kind)
        await pilot.pause()
        await pilot.pause()
        yield app, pilot, page_of(app)


def page_of(app: DuijieApp) -> RecordPage:
    assert app.frame is not None
    assert isinstance(app.frame.view, RecordPage)
    return app.frame.view


def saved(home: Path, kind: str, body: dict[str, Any], *, id: str = "") -> str:
    """A record in a home."""
    of = KINDS[kind]
    with Replica(home / "replica.db").db as db:
        db.close()
    replica = Replica(home / "replica.db")
    try:
        made = new_body(of, body, department=None)
        id = id or own_id(of, made) or new_id(replica.clock.now())
        replica.save([Change(kind, id, encode(made))])
    finally:
        replica.close()
    return id


def body(home: Path, kind: str, id: str) -> dict[str, Any]:
    """What a record says in the file."""
    replica = Replica(home / "replica.db", readonly=True)
    try:
        record = replica.record(kind, id)
        assert record is not None
        return body_of(record)
    finally:
        replica.close()


def screen(app: DuijieApp) -> str:
    return "\n".join(grid(app))


def drafts_of(home: Path, form: str) -> list[StoredDraft]:
    """The drafts that the file has, the newest first."""
    replica = Replica(home / "replica.db", readonly=True)
    try:
        return stored_drafts(replica.conn, form)
    finally:
        replica.close()
