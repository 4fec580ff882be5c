"""A logger for the websocket library that says nothing: its lines hold headers, and so tokens."""

from __future__ import annotations

import logging


def silent_logger() -> logging.Logger:
    """The one that both sides hand to the library."""
    silent = logging.getLogger("duijie.websockets")
    silent.setLevel(logging.CRITICAL + 1)
    silent.propagate = False
    return silent
