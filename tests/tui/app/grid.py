"""The screen of an app under test as plain lines, and what stands at a cell."""

from __future__ import annotations

from typing import Any, NamedTuple

from rich.segment import Segment
from textual.app import App
from textual.strip import Strip

from tui.palette import ROLES, Shades
from tui.width import clusters


class Style(NamedTuple):
    """How a cell is drawn, by the roles of the palette; "" where the colour is none of them."""

    role: str
    ground: str
    bold: bool
    underline: bool


def grid(app: App[Any]) -> list[str]:
    """The lines on screen."""
    return ["".join(segment.text for segment in strip) for strip in strips(app)]


def strips(app: App[Any]) -> list[Strip]:
    """The lines on screen with their styles."""
    return app.screen._compositor.render_strips()


def place(app: App[Any], text: str, line: int | None = None) -> tuple[int, int]:
    """The cell that a text begins at, (x, y); AssertionError where it is not on screen."""
    from tui.width import width

    rows = grid(app)
    for y in range(len(rows)) if line is None else [line % len(rows)]:
        before, found, _after = rows[y].partition(text)
        if found:
            return width(before), y
    raise AssertionError(f"{text!r} is not on screen:\n" + "\n".join(rows))


def style_at(app: App[Any], shades: Shades, x: int, y: int) -> Style:
    """How a cell is drawn; a negative `y` counts from the last line."""
    at = 0
    for segment in strips(app)[y]:
        at += _cells(segment)
        if at > x:
            return _style(segment, shades)
    raise AssertionError(f"line {y} ends before cell {x}")


def _cells(segment: Segment) -> int:
    return sum(cells for _cluster, cells in clusters(segment.text))


def _style(segment: Segment, shades: Shades) -> Style:
    style = segment.style
    assert style is not None
    roles = {shades.hex[role].lower(): role for role in reversed(ROLES)}

    def role(colour: object) -> str:
        triplet = getattr(colour, "triplet", None)
        return roles.get(triplet.hex.lower(), "") if triplet else ""

    return Style(role(style.color), role(style.bgcolor), bool(style.bold), bool(style.underline))
