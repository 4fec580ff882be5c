"""The colours by what they are for, and the marks that chrome is drawn with (look: Palette, Characters).

A 256-colour terminal has tables of its own: rounding would map the page, its panels and every
second card to one shade.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from rich.color import Color
from rich.style import Style
from textual.theme import Theme

ROLES = (
    "bg",
    "panel",
    "panel2",
    "raise",
    "cursor",
    "sel",
    "diff",
    "bar",
    "line",
    "text",
    "muted",
    "faint",
    "accent",
    "green",
    "yellow",
    "red",
    "redt",
    "onacc",
)
_DARK = (
    "#14171c #1a1e25 #20262f #222831 #2a3354 #242a38 #33436e #272e39 #3b434f #d6dae1 #9aa2ae "
    "#7a8391 #92a9fa #86bb8d #e2b95f #f08178 #3b2528 #12151c"
)
_LIGHT = (
    "#f5f3ee #fdfcfa #f8f6f1 #e9e6de #dbe2fb #eceef6 #c9d5fb #e4e6ea #c9c4b8 #22252b #5b616b "
    "#737780 #3a54c4 #2c7440 #855c00 #b5301f #f9dfda #ffffff"
)
_DARK_256 = "234 235 236 237 238 237 24 236 240 252 247 244 111 108 179 210 52 234"
_LIGHT_256 = "255 231 254 253 189 254 153 254 250 235 241 243 25 22 94 124 224 231"


class Marks(NamedTuple):
    """The characters of chrome that are no text: all neutral in width, or ASCII."""

    rule: str = "╌"
    heavy: str = "╍"
    vertical: str = "╎"
    stripe: str = "▐"
    to: str = "›"
    back: str = "‹"
    cut: str = "›"
    done: str = "✓"
    milestone: str = "◊"


ASCII = Marks("-", "=", "|", "|", ">", "<", ">", "*", "+")
FOCUS_ASCII = ">"


def _of_256(numbers: str) -> dict[str, str]:
    """The exact colours that the numbers of the 256 stand for."""
    return {
        role: Color.from_ansi(int(number)).get_truecolor().hex
        for role, number in zip(ROLES, numbers.split(), strict=True)
    }


TABLES: dict[str, dict[str, str]] = {
    "dark": dict(zip(ROLES, _DARK.split(), strict=True)),
    "light": dict(zip(ROLES, _LIGHT.split(), strict=True)),
    "dark-256": _of_256(_DARK_256),
    "light-256": _of_256(_LIGHT_256),
}
TABLES["ascii"] = TABLES["dark"]


class Shades:
    """The styles of one table; `marks` are those that go with it."""

    def __init__(self, name: str, *, ascii: bool = False) -> None:
        self.name = name
        self.hex = TABLES[name]
        self.ascii = ascii or name == "ascii"
        self.marks = ASCII if self.ascii else Marks()
        self.style = lru_cache(512)(self._style)

    def _style(
        self, role: str, ground: str = "bg", bold: bool = False, underline: bool = False
    ) -> Style:
        return Style(
            color=self.hex[role],
            bgcolor=self.hex[ground],
            bold=bold,
            underline=underline,
        )


def themes() -> list[Theme]:
    """The themes for what Textual draws itself: inputs, toasts, scrollbars."""
    return [_theme(name, table) for name, table in TABLES.items()]


def theme_name(table: str) -> str:
    """What Textual calls the theme of a table."""
    return f"duijie-{table}"


def _theme(name: str, hex: dict[str, str]) -> Theme:
    return Theme(
        name=theme_name(name),
        primary=hex["accent"],
        secondary=hex["muted"],
        warning=hex["yellow"],
        error=hex["red"],
        success=hex["green"],
        accent=hex["accent"],
        foreground=hex["text"],
        background=hex["bg"],
        surface=hex["panel"],
        panel=hex["raise"],
        dark=not name.startswith("light"),
        variables={
            **{f"shade-{role}": value for role, value in hex.items()},
            "input-cursor-background": hex["accent"],
            "input-cursor-foreground": hex["onacc"],
            "input-cursor-text-style": "none",
            "input-selection-background": hex["diff"],
            "block-cursor-background": hex["cursor"],
            "block-cursor-foreground": hex["text"],
            "scrollbar": hex["line"],
            "scrollbar-background": hex["bg"],
        },
    )
