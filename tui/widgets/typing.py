"""A line to type in whose text is safe to draw: what could drive a terminal does not get in."""

from __future__ import annotations

from textual.widgets import Input

from schema.safe_text import safe_text


def typeable(text: str) -> str:
    """The text as one line without what could drive or deceive a terminal."""
    if safe_text(text) == text:
        return text
    line = "".join(" " if char in "\t\r\n" else char for char in text)
    return "".join(char for char in line if safe_text(char) == char)


class TypeLine(Input):
    """An `Input` of one line that is typed to look for something, not to be stored."""

    DEFAULT_CSS = """
    TypeLine { width: 1fr; background: $shade-bg; color: $shade-text; }
    TypeLine:focus { background-tint: $shade-bg 0%; }
    """

    def __init__(self, *, placeholder: str = "") -> None:
        super().__init__(placeholder=placeholder, compact=True, select_on_focus=False)

    def validate_value(self, value: str) -> str:
        return typeable(value)
