"""What a program sends to a terminal, taken apart: text, control characters, escape sequences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

Kind = Literal["text", "control", "csi", "string", "escape"]

# ECMA-48, each introducer in its 7 and its 8 bit form; a string ends at ST, or at BEL as xterm has it.
_TOKEN = re.compile(
    "(?P<csi>(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~])"
    "|(?P<string>(?:\x1b[]P^_X]|[\x9d\x90\x9e\x9f\x98])[^\x07\x1b\x9c]*(?:\x07|\x1b\\\\|\x9c))"
    "|(?P<escape>\x1b[ -/]*[0-OQ-WYZ\\\\`-~])"
    "|(?P<control>[\x00-\x1f\x7f-\x9f])"
    "|(?P<text>[^\x00-\x1f\x7f-\x9f]+)",
)
_STRING_END = re.compile("[;\x07\x1b\x9c]")
_UNFINISHED = re.compile(
    "\x1b\\Z|(?:\x1b\\[|\x9b)[0-?]*[ -/]*\\Z|\x1b[ -/]+\\Z|\x1b[]P^_X][^\x07\x9c\x1b]*\x1b?\\Z"
)

# The shapes of what the app draws with: colours, places, ends of lines, and how the pointer looks.
DRAWING = frozenset({"CSI m", "CSI H", "U+000D", "U+000A", "] 22"})


class Token(NamedTuple):
    """One text, control character or sequence, as it was sent."""

    kind: Kind
    text: str

    @property
    def shape(self) -> str:
        """What it does, without its numbers: `CSI ?…h`, `OSC 52`, `U+0007`, "" for text."""
        if self.kind == "text":
            return ""
        if self.kind == "control":
            return f"U+{ord(self.text):04X}"
        body = self.text.removeprefix("\x1b")
        if self.kind == "csi":
            marker = "".join(char for char in body[1:-1] if char in "<=>?!$ ")
            if "?" in marker or marker:
                return f"CSI {body[1:]}"
            return f"CSI {body[-1]}"
        if self.kind == "string":
            return f"{body[0]} {_STRING_END.split(body[1:])[0]}"
        return f"ESC {body}"


def tokens(text: str) -> Iterator[Token]:
    """The parts of what was sent, in order and nothing left out."""
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup
        assert kind is not None
        yield Token(kind, found[0])  # type: ignore[arg-type]


def unfinished(text: str) -> int:
    """The place from which a sequence has begun and not ended; the length where none has."""
    found = _UNFINISHED.search(text)
    return found.start() if found else len(text)
