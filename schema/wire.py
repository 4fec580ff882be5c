"""The words on the wire: one JSON object a frame, bodies embedded raw.

`docs/protocol.md` gives the same frames in prose with examples that a test replays.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from schema.errors import ProtocolError
from schema.version import DELETED, N_LIMIT, Dot, Knows, Version, content_of
from schema.wording import _

SUBPROTOCOL = "duijie.v1"
FRAME_LIMIT = 1 << 20
PAGE_LIMIT = 256 << 10
RECORD_LIMIT = 768 << 10
BODY_LIMIT = 64 << 10
ACT_EDITS = 200
ASK_EDITS = 5_000
HISTORY_DOTS = 64
ACT_BYTES = 256 << 10

TAKEN, KNOWN, REFUSED, WAITING, UNKNOWN = "taken", "known", "refused", "waiting", "unknown"


class Frame(msgspec.Struct, frozen=True, gc=False, tag_field="type"):
    """What every frame is: an object whose `type` says which."""


Name = Annotated[str, msgspec.Meta(max_length=64)]
Number = Annotated[int, msgspec.Meta(gt=0, lt=N_LIMIT)]


class Edit(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One edit as the replica minted it; these bytes never change.

    `n` is its number on the replica of the session. `knows` and `base` are text as in
    `schema.version`; `at`, `offset` and `heard` are microseconds.
    """

    n: Number
    kind: Name
    id: Name
    knows: str
    base: Name | None = None
    rev: int
    at: int
    offset: int = 0
    heard: int = 0
    deleted: bool = False
    body: msgspec.Raw


class Leaf(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """One version as the hub tells it; `body` is left out only of what is too large to send."""

    dot: str
    knows: str
    base: str | None = None
    rev: int
    author: str
    at: int
    eff: int
    seq: int
    deleted: bool = False
    body: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    content: str = ""


class Row(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """A record as the hub holds it: its leaves, the head first, and the bases of its losers."""

    kind: str
    id: str
    seq: int
    accepted: int
    number: str | None = None
    leaves: list[Leaf]
    bases: list[Leaf] = []


class Proof(msgspec.Struct, frozen=True, gc=False):
    """What a replica must arrive at: read in the same transaction as its page."""

    epoch: str
    seq: int
    count: int
    digest: str


class Limits(msgspec.Struct, frozen=True, gc=False):
    """Sizes the hub keeps, in bytes; `edits` is a count."""

    frame: int = FRAME_LIMIT
    body: int = BODY_LIMIT
    act: int = ACT_BYTES
    edits: int = ACT_EDITS


class MemberLine(msgspec.Struct, frozen=True, gc=False):
    """Who the hub takes the session for."""

    id: str
    name: str
    department: str
    role: str


class Hello(Frame, frozen=True, tag="hello"):
    """The first frame of a replica: who it is, where it stands, which kinds it writes."""

    replica: Name
    kinds: dict[Name, int]
    cursor: Name | None = None


class Welcome(Frame, frozen=True, tag="welcome", kw_only=True):
    """The hub's answer: `time` is its clock, `have` the greatest number it holds of this replica."""

    workspace: str
    epoch: str
    seq: int
    time: int
    have: int
    member: MemberLine
    kinds: dict[str, int]
    limits: Limits = Limits()
    readonly: bool = False


class Ask(Frame, frozen=True, tag="ask"):
    """The opening of an outbox: numbers and hashes of edits that the hub may have judged."""

    edits: Annotated[list[tuple[Number, str]], msgspec.Meta(max_length=ASK_EDITS)]


class Push(Frame, frozen=True, tag="push"):
    """Acts in the order of the outbox, each a list of edits."""

    acts: list[list[msgspec.Raw]]


class Ack(Frame, frozen=True, tag="ack"):
    """A result an edit: number, result, seq (null where nothing was stored), reason or null."""

    results: list[tuple[int, str, int | None, str | None]]


class Pull(Frame, frozen=True, tag="pull"):
    """Asks for pages from a cursor on, null for the beginning."""

    cursor: str | None = None


class Page(Frame, frozen=True, tag="page", kw_only=True):
    """Changed records in seq order, from one seq to another; `time` is the hub's clock."""

    since: int
    to: int
    cursor: str
    time: int
    rows: list[Row]
    proof: Proof | None = None


class History(Frame, frozen=True, tag="history"):
    """Asks for the versions of one record: those with these dots, or where none is named all."""

    kind: Name
    id: Name
    dots: Annotated[list[Name], msgspec.Meta(max_length=HISTORY_DOTS)] = []


class Versions(Frame, frozen=True, tag="versions"):
    """The versions of one record in seq order; the oldest are left out above the frame's size."""

    kind: str
    id: str
    versions: list[Leaf]


class Refuse(Frame, frozen=True, tag="refuse"):
    """Ends a session: `code` is a word for programs, `detail` an English line for logs."""

    code: str
    detail: str = ""


ToHub = Hello | Ask | Push | Pull | History
FromHub = Welcome | Ack | Page | Versions | Refuse

_encoder = msgspec.json.Encoder()
_to_hub: msgspec.json.Decoder[ToHub] = msgspec.json.Decoder(ToHub)
_from_hub: msgspec.json.Decoder[FromHub] = msgspec.json.Decoder(FromHub)
_edit = msgspec.json.Decoder(Edit)


def encode(frame: Frame) -> bytes:
    """The bytes of a frame."""
    return _encoder.encode(frame)


def encode_edit(edit: Edit) -> bytes:
    """The bytes of an edit, minted once and sent the same every time."""
    return _encoder.encode(edit)


def to_hub(data: bytes) -> ToHub:
    """Read a frame that a replica sent; ProtocolError for anything else."""
    try:
        return _to_hub.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _not_ours(error) from None


def from_hub(data: bytes) -> FromHub:
    """Read a frame that a hub sent; ProtocolError for anything else."""
    try:
        return _from_hub.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _not_ours(error) from None


def edit_of(data: msgspec.Raw | bytes) -> Edit:
    """Read one edit; ProtocolError where it is none."""
    try:
        return _edit.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _not_ours(error) from None


def _not_ours(error: Exception) -> ProtocolError:
    return ProtocolError(
        _("The other side sent something that is not our protocol: {what}.", what=str(error)),
        _("Check the address and that both sides run the same version of duijie."),
    )


def version_of(leaf: Leaf) -> Version:
    """A leaf as a version; ProtocolError where its dots cannot be read."""
    try:
        body = None if leaf.body is msgspec.UNSET else bytes(leaf.body)
        if leaf.deleted:
            content = DELETED
        elif body is None:
            content = bytes.fromhex(leaf.content)
        else:
            content = content_of(body, False)
        return Version(
            dot=Dot.parse(leaf.dot),
            knows=Knows.parse(leaf.knows),
            base=Dot.parse(leaf.base) if leaf.base else None,
            rev=leaf.rev,
            author=leaf.author,
            at=leaf.at,
            eff=leaf.eff,
            seq=leaf.seq,
            deleted=leaf.deleted,
            content=content,
            body=body,
        )
    except ValueError as error:
        raise _not_ours(error) from None


def leaf_of(version: Version, *, with_body: bool = True) -> Leaf:
    """A version as the hub tells it."""
    shown: dict[str, Any] = {}
    if with_body and version.body is not None:
        shown["body"] = msgspec.Raw(version.body)
    else:
        shown["content"] = version.content.hex() if not version.deleted else ""
    return Leaf(
        dot=str(version.dot),
        knows=str(version.knows),
        base=str(version.base) if version.base else None,
        rev=version.rev,
        author=version.author,
        at=version.at,
        eff=version.eff,
        seq=version.seq,
        deleted=version.deleted,
        **shown,
    )
