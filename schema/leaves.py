"""How versions of one record meet: the leaves, the head that wins, and the losers kept beside it.

Everything here is a function of the set of versions, so any order of arrival gives the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from schema.version import Dot, Version

Leaves = tuple[Version, ...]
DIGEST_MODULUS = 1 << 128


def rank(leaf: Version) -> tuple[bool, int, Dot]:
    """What decides between leaves: undeleted first, then the later stamp, then the greater dot."""
    return (not leaf.deleted, leaf.eff, leaf.dot)


def meet(leaves: Leaves, new: Version) -> Leaves:
    """Take one version in; the result has the head first and then the others by rank.

    The same tuple comes back when some leaf is the version or knows it: then it is history.
    """
    if any(new.dot in leaf.knows for leaf in leaves):
        return leaves
    return ordered([leaf for leaf in leaves if leaf.dot not in new.knows] + [new])


def ordered(leaves: Iterable[Version]) -> Leaves:
    """The leaves by rank, the head first."""
    return tuple(sorted(leaves, key=rank, reverse=True))


def losers(leaves: Sequence[Version]) -> Leaves:
    """The leaves that say something else than the head: each one is a conflict."""
    return tuple(leaf for leaf in leaves[1:] if leaf.content != leaves[0].content)


def twins(leaves: Sequence[Version]) -> Leaves:
    """The leaves that say what the head says; an edit of the head is made on them too."""
    return tuple(leaf for leaf in leaves[1:] if leaf.content == leaves[0].content)


def closed_by(leaves: Sequence[Version], new: Version) -> Leaves:
    """The leaves that a version puts behind it."""
    return tuple(leaf for leaf in leaves if leaf.dot in new.knows)


def settled_by(leaves: Sequence[Version], new: Version, base: Version | None) -> Leaves:
    """The leaves that a version settles: closed, unknown to its base and saying something else."""
    return tuple(
        leaf
        for leaf in closed_by(leaves, new)
        if base is None or (leaf.dot not in base.knows and leaf.content != base.content)
    )


def only_settlements(edits: Iterable[Version], shadow: Sequence[Version]) -> bool:
    """Whether each of one's unsent edits of a record settles one of its losers.

    An edit on top of one's own settlement knows the losers too, but settles none.
    """
    unsent = list(edits)
    known = {version.dot: version for version in [*shadow, *unsent]}
    return all(
        settled_by(losers(shadow), edit, known.get(edit.base) if edit.base else None)
        for edit in unsent
    )


def common_base(versions: Iterable[Version], head: Version, other: Version) -> Version | None:
    """The version of greatest seq that both know; versions without a seq do not count."""
    shared = (v for v in versions if v.seq and v.dot in head.knows and v.dot in other.knows)
    return max(shared, key=lambda v: v.seq, default=None)


def mark(kind: str, id: str, leaves: Iterable[Version]) -> int:
    """A record's share of the digest: 128 bits over kind, id and the leaves' dots and stamps."""
    stamps = sorted((leaf.dot, leaf.eff) for leaf in leaves)
    return _share("\n".join([kind, id, *(f"{dot} {eff}" for dot, eff in stamps)]))


def mark_of_one(kind: str, id: str, dot: str, eff: int) -> int:
    """The mark of a record whose only leaf has this dot and stamp."""
    return _share(f"{kind}\n{id}\n{dot} {eff}")


def _share(text: str) -> int:
    from hashlib import sha256

    return int.from_bytes(sha256(text.encode()).digest()[:16], "big")


def digest_hex(total: int) -> str:
    """The digest of a workspace: the sum of its records' marks modulo 2^128, 32 hex digits."""
    return f"{total % DIGEST_MODULUS:032x}"
