"""Ids of records: time-ordered where a record is made, derived where it may be said twice."""

from __future__ import annotations

import os
import re
import threading
import unicodedata

PATTERN = r"[0-9a-f]{8}-[0-9a-f]{4}-[78][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"

_TAIL_BITS = 74
_lock = threading.Lock()
_last = (-1, 0)


def is_id(text: str) -> bool:
    """Whether `text` is a record's id: a canonical lower-case UUID of version 7 or 8."""
    return re.fullmatch(PATTERN, text) is not None


def uuid7(ms: int, random: bytes) -> str:
    """The UUIDv7 (RFC 9562) of a Unix time in milliseconds and 10 random bytes.

    The first 4 and the 9th and 10th bit of `random` give way to version and variant.
    Raises ValueError for a time outside 48 bits or another number of bytes.
    """
    if len(random) != 10:
        raise ValueError("a UUIDv7 takes 10 random bytes")
    if not 0 <= ms < 1 << 48:
        raise ValueError("a UUIDv7 takes a time of 48 bits")
    return _written(ms.to_bytes(6, "big") + random, 7)


def new_id(now_us: int) -> str:
    """A new record's id; `now_us` is the wall clock in microseconds since 1970.

    Within one process and one millisecond each id sorts after the one before it, so that
    records made in one act keep their order and SQLite appends.
    """
    global _last
    ms = max(now_us, 0) // 1000
    with _lock:
        if _last[0] == ms:
            tail = _last[1] + 1
        else:
            # The top bit starts at 0, so that counting up cannot overflow.
            tail = int.from_bytes(os.urandom(10), "big") >> (80 - _TAIL_BITS + 1)
        _last = (ms, tail)
    high, low = tail >> 62, tail & (1 << 62) - 1
    return uuid7(ms, (high << 64 | low).to_bytes(10, "big"))


def derived_id(kind: str, *parts: str) -> str:
    """The id of a record that is named by what it says: UUIDv8 of SHA-256 over kind and parts.

    Kind and parts are brought to NFC and joined by U+001F, so that the same thing said twice
    offline is one record.
    """
    # Loading OpenSSL takes as long as half of the registry, and most ids are made without it.
    from hashlib import sha256

    said = "\x1f".join(unicodedata.normalize("NFC", part) for part in (kind, *parts))
    return _written(sha256(said.encode()).digest()[:16], 8)


def _written(raw: bytes, version: int) -> str:
    digits = bytearray(raw)
    digits[6] = digits[6] & 0x0F | version << 4
    digits[8] = digits[8] & 0x3F | 0x80
    text = digits.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
