"""What a run bends in the product: where its secrets come from, and how large its frames may be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from random import Random
from types import ModuleType

from schema import wire
from syncd import exchange as exchange_module
from syncd.store import connection as connection_module
from syncd.store import members as members_module
from syncd.store import paging as paging_module


class SeededSecrets:
    """Stands for `secrets` where members are made, so that ids come from the seed."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def choice(self, letters: Sequence[str]) -> str:
        return self.random.choice(letters)

    def token_hex(self, size: int) -> str:
        return self.random.randbytes(size).hex()


@contextmanager
def bent(random: Random) -> Iterator[None]:
    """Give the members the seed's secrets, and some runs limits so small that frames are many."""
    changes: list[tuple[ModuleType, str, object]] = [
        (members_module, "secrets", SeededSecrets(random)),
        (connection_module, "LOCK_WAIT", 0.2),
    ]
    if random.random() < 0.5:
        changes += [
            (exchange_module, "PUSH_BYTES", random.choice((1, 900))),
            (exchange_module, "ASK_EDITS", random.choice((1, 3))),
            (paging_module, "PAGE_LIMIT", random.choice((1, 2000))),
            (paging_module, "RECORD_LIMIT", random.choice((wire.RECORD_LIMIT, 1500))),
        ]
    kept = [(module, name, getattr(module, name)) for module, name, _value in changes]
    for module, name, value in changes:
        setattr(module, name, value)
    try:
        yield
    finally:
        for module, name, value in kept:
            setattr(module, name, value)
