"""The foot of a document: from what it was compiled and when, so that two versions are told apart (S002-04)."""

from __future__ import annotations

from collections.abc import Iterator

from schema.papers.material import Material, Source
from schema.records.registry import KINDS
from schema.wording import _, n_

LISTED = 40
"""How many numbers of a kind are named; the rest are counted."""
_MARK = 8


def foot(material: Material) -> Iterator[str]:
    """The sentences of the foot."""
    yield _("Compiled from: {records}.", records=_("; ").join(_kinds(material)))
    at = f"{material.at(material.now)} {material.zone}"
    if material.joined:
        yield _(
            "As of {at}; seq {seq}; version {version}.",
            at=at,
            seq=material.seq,
            version=version(material),
        )
    else:
        yield _("As of {at}; version {version}.", at=at, version=version(material))
    yield _sent(material)
    torn = [each for each in material.sources if each.conflicts and not each.deleted]
    if torn:
        names = _(", ").join(each.number or _(KINDS[each.kind].label) for each in torn[:LISTED])
        n = len(torn)
        yield n_(
            "{n} record has a conflict to settle: {names}.",
            "{n} records have a conflict to settle: {names}.",
            n,
            names=names,
        )


def version(material: Material) -> str:
    """A mark of the versions read: the same where every record is at the same edit, else another."""
    # Loading OpenSSL takes longer than compiling a short document.
    from hashlib import sha256

    said = "\n".join(f"{each.kind} {each.id} {each.dot}" for each in material.sources)
    return sha256(said.encode()).hexdigest()[:_MARK]


def _sent(material: Material) -> str:
    if not material.joined:
        return _("Kept on this machine alone: there is no hub.")
    n = sum(each.unsent for each in material.sources)
    if not n:
        return _("The hub has all of it.")
    return n_("{n} record has unsent changes.", "{n} records have unsent changes.", n)


def _kinds(material: Material) -> Iterator[str]:
    found: dict[str, list[Source]] = {}
    for each in material.sources:
        if each.kind in KINDS and not each.deleted:
            found.setdefault(each.kind, []).append(each)
    for kind, sources in found.items():
        yield f"{_(KINDS[kind].label)} {_counted(sources)}"


def _counted(sources: list[Source]) -> str:
    numbers = sorted((each.number for each in sources if each.number), key=_serially)
    if not numbers:
        return str(len(sources))
    rest = len(sources) - len(numbers[:LISTED])
    listed = _(", ").join(numbers[:LISTED])
    return _("{numbers} and {n} more", numbers=listed, n=rest) if rest else listed


def _serially(number: str) -> tuple[int, str]:
    """Past 999 a number grows, so that the longer one comes later."""
    return len(number), number
