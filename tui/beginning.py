"""How a home begins: alone, at a hub, or as the example on a stage of its own."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from schema.dates import local
from schema.errors import StoreError
from schema.rules.policy import DEFAULT
from schema.wording import N_, _
from syncd.home import Home
from syncd.store.connection import store_error

if TYPE_CHECKING:
    from tui.demo.scene import Scene

EXAMPLE_NOTE = N_("the example; gone when you quit")


async def begin(home: Home, how: Callable[[str, str], None], first: str, second: str) -> None:
    """Do it in a thread, for it waits for the disk and the network; its errors have words."""
    try:
        await asyncio.to_thread(how, first, second)
    except sqlite3.DatabaseError as error:
        raise store_error(home.database, error) from error
    except OSError as error:
        from syncd.command import file_error

        raise StoreError(file_error(error), _("Name another folder with --home.")) from error


async def set_stage(scene: Scene, say: Callable[[str], None]) -> Home:
    """Set the stage of the demonstration, `say` how far it is; its coordinator's home."""
    from tui.demo.story import COORDINATOR

    today = local(datetime.now(UTC), DEFAULT.text("zone")).date()
    loop = asyncio.get_running_loop()

    def told(far: str) -> None:
        with suppress(RuntimeError):  # the app has been left
            loop.call_soon_threadsafe(say, far)

    await asyncio.to_thread(scene.set, today, told)
    return Home(scene.home(COORDINATOR))
