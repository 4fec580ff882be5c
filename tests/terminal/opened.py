"""The app, telling a file which of its views and screens it shows: `python -m tests.terminal.opened FILE WORDS`."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path

from textual import events
from textual.screen import Screen
from textual.widget import Widget

import tui
from tui.cli.main import main
from tui.widgets.view import View

BASES = {"tui.widgets.view:View", "tui.views.page:Page", "tui.screens.dialog:Dialog"}


def named(shown: type[Widget]) -> str:
    """What a view or screen is told by."""
    return f"{shown.__module__}:{shown.__qualname__}"


def telling(path: Path, words: list[str]) -> int:
    """Run the app; each view and screen that comes up is a line of the file."""
    mounted = Widget._on_mount
    with path.open("w", buffering=1) as told:

        def tell(widget: Widget, event: events.Mount) -> None:
            if isinstance(widget, View | Screen):
                told.write(f"{named(type(widget))}\n")
            mounted(widget, event)

        Widget._on_mount = tell  # type: ignore[method-assign, assignment]
        return main(words)


def every_screen() -> set[str]:
    """All there are in the package, but for what only others are made from."""
    for module in pkgutil.walk_packages(tui.__path__, "tui."):
        importlib.import_module(module.name)
    return {named(each) for base in (View, Screen) for each in _below(base)} - BASES


def _below(base: type[Widget]) -> Iterator[type[Widget]]:
    for each in base.__subclasses__():
        if each.__module__.startswith("tui."):
            yield each
        yield from _below(each)


if __name__ == "__main__":
    sys.exit(telling(Path(sys.argv[1]), sys.argv[2:]))
