"""What was switched inside the app, kept in its home."""

from __future__ import annotations

import msgspec

from syncd.store.replica import Replica

KEPT = "app"  # the word of the replica's meta that holds what was switched


class Kept(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was switched inside the app, of this home."""

    lang: str = ""
    theme: str = ""
    project: str = ""
    lanes: str = ""


def read_kept(replica: Replica) -> Kept:
    """What was kept in a home; nothing where it cannot be read."""
    try:
        return msgspec.json.decode(replica.meta(KEPT) or "{}", type=Kept)
    except msgspec.DecodeError:
        return Kept()


def keep(replica: Replica, **switched: str) -> None:
    """Keep what was switched, in a transaction of its own."""
    with replica.write():
        kept = msgspec.structs.replace(read_kept(replica), **switched)
        replica.set_meta(**{KEPT: msgspec.json.encode(kept).decode()})
