"""docs/protocol.md is true: its session is replayed against a hub, its bytes are computed anew."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from schema import wire
from schema.records import canonical
from schema.version import Knows
from syncd.clock import Clock
from syncd.hub import Hub
from syncd.session import Desk, HubSession, SessionEnd
from syncd.store.hub import HubStore
from syncd.store.members import Members, digest

PAGE = Path(__file__).parents[2] / "docs" / "protocol.md"
BLOCKS = re.findall(r"^```(\w+) (.+)\n((?:.*\n)*?)```$", PAGE.read_text("utf-8"), re.MULTILINE)
FRAMES = [(how, line) for word, how, text in BLOCKS if word == "json" for line in text.splitlines()]
MEMBERS = [("9b1c6a5de0f24783", "李雷", "研发部"), ("0a4f7e6b8c2d1953", "韩梅梅", "市场部")]
EDIT_AGE = 4_000_000


def said(name: str) -> str:
    """The text block of this name."""
    (text,) = [text for word, how, text in BLOCKS if (word, how) == ("text", name)]
    return str(text).removesuffix("\n")


class Still(Clock):
    """A hub's clock that stands where the session of the page begins, and is moved by hand."""

    at = 1_795_000_000_000_000

    def now(self) -> int:
        return self.at


@pytest.fixture
def clock() -> Still:
    return Still()


@pytest.fixture
def desk(tmp_path: Path, clock: Still) -> Iterator[Desk]:
    store = HubStore(tmp_path / "hub.db")
    with store.write() as conn:
        store.set_state("workspace", "5f3a9c0e7d214b68")
        store.set_state("epoch", "c41f0be29a7733d0")
        for id, name, department in MEMBERS:
            conn.execute(
                "INSERT INTO members VALUES (?, ?, ?, 'liaison', 0, NULL)", (id, name, department)
            )
            conn.execute(
                "INSERT INTO devices VALUES (?, ?, ?, 0, NULL, NULL)", (name, id, digest(name))
            )
    hub = Hub(store, clock, kinds={"task": 1, "comment": 1})
    yield Desk(hub, Members(store))
    store.close()


def answers(session: HubSession, frame: str) -> list[Any]:
    """Everything that comes back for a frame, pages after acks."""
    try:
        heard = session.receive(frame.encode())
    except SessionEnd as end:
        heard = [wire.encode(wire.Refuse(end.code, end.detail))]
    while (page := session.next_page()) is not None:
        heard.append(page)
    return [json.loads(data) for data in heard]


def test_the_session_goes_as_the_page_says(desk: Desk, clock: Still) -> None:
    """An edit reaches the hub four seconds after it was made, by the hub's clock."""
    ours, theirs = (desk.open(name, lambda: None) for _id, name, _department in MEMBERS)
    waiting: list[Any] = []
    for how, line in FRAMES:
        frame = json.loads(line)
        if frame["type"] == "push":
            clock.at = frame["acts"][0][0]["at"] + EDIT_AGE
        match how:
            case "says":
                assert waiting == [], "the hub said more than the page has it say"
                waiting = answers(ours, line)
            case "meanwhile":
                assert {each["type"] for each in answers(theirs, line)} <= {"welcome", "ack"}
            case "hears":
                assert waiting.pop(0) == frame
    assert waiting == []


def test_every_type_of_frame_is_shown() -> None:
    shown = {json.loads(line)["type"] for _how, line in FRAMES}
    known = {struct.__struct_config__.tag for struct in wire.Frame.__subclasses__()}
    assert shown == known


@pytest.mark.parametrize(("how", "line"), FRAMES)
def test_every_frame_is_read_and_written_without_loss(how: str, line: str) -> None:
    read = wire.from_hub if how == "hears" else wire.to_hub
    frame = read(line.encode())
    assert json.loads(wire.encode(frame)) == json.loads(line)


@pytest.mark.parametrize(("how", "line"), [each for each in FRAMES if "body" in each[1]])
def test_every_body_is_canonical(how: str, line: str) -> None:
    frame = wire.from_hub(line.encode()) if how == "hears" else wire.to_hub(line.encode())
    bodies: list[msgspec.Raw | msgspec.UnsetType] = []
    match frame:
        case wire.Push(acts=acts):
            bodies = [wire.edit_of(edit).body for act in acts for edit in act]
        case wire.Page(rows=rows):
            bodies = [leaf.body for row in rows for leaf in (*row.leaves, *row.bases)]
        case wire.Versions(versions=versions):
            bodies = [version.body for version in versions]
    for body in bodies:
        assert isinstance(body, msgspec.Raw)
        assert canonical(bytes(body))


def pushed(n: int) -> bytes:
    """The bytes of our edit of this number, cut out of its frame."""
    (line,) = [
        line
        for how, line in FRAMES
        if how == "says" and f'"acts":[[{{"n":{n},"kind":"task"' in line
    ]
    return str(line)[line.index('[[{"n"') + 2 : -len("]]}")].encode()


def test_the_hash_is_over_the_edits_own_bytes() -> None:
    assert hashlib.sha256(pushed(2)).hexdigest() == said("edit hash")
    (ask,) = [json.loads(line) for _how, line in FRAMES if '"ask"' in line]
    assert ask["edits"][0] == [2, said("edit hash")]


def test_an_invitation_is_shown_with_the_tokens_hash() -> None:
    text = PAGE.read_text("utf-8")
    (token,) = re.findall(r"For the token `(.*)`:", text)
    assert f"w4te {hashlib.sha256(token.encode()).hexdigest()}\n" in text


def test_the_content_is_over_the_body() -> None:
    edit = pushed(2)
    body = edit[edit.index(b'"body":') + len(b'"body":') : -1]
    assert hashlib.sha256(body).digest()[:16].hex() == said("content")


def test_the_mark_and_the_digest_are_computed_as_the_page_says() -> None:
    share = int.from_bytes(hashlib.sha256(said("mark of").encode()).digest()[:16], "big")
    assert f"{share:032x}" == said("mark")
    pages = [json.loads(line) for _how, line in FRAMES if line.startswith('{"type":"page"')]
    (page,) = [page for page in pages if page["to"] == 3]
    (row,) = page["rows"]
    leaves = sorted((leaf["dot"], leaf["eff"]) for leaf in row["leaves"])
    lines = [row["kind"], row["id"], *(f"{dot} {eff}" for dot, eff in leaves)]
    assert "\n".join(lines) == said("mark of")
    assert page["proof"]["digest"] == f"{share % (1 << 128):032x}"


def test_the_derived_id_is_computed_as_the_page_says() -> None:
    named = "\x1f".join(unicodedata.normalize("NFC", part) for part in ("department", "研发部"))
    raw = bytearray(hashlib.sha256(named.encode()).digest()[:16])
    raw[6] = raw[6] & 0x0F | 0x80
    raw[8] = raw[8] & 0x3F | 0x80
    text = raw.hex()
    parts = (text[:8], text[8:12], text[12:16], text[16:20], text[20:])
    assert "-".join(parts) == said("derived id")


def test_the_example_of_knows_is_in_its_one_form() -> None:
    (example,) = re.findall(r"^    (k7bq2ynd4e:4 .*)$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert str(Knows.parse(example)) == example


def test_codes_results_and_limits_are_all_named() -> None:
    text = PAGE.read_text("utf-8")
    for word in (
        *(wire.TAKEN, wire.KNOWN, wire.REFUSED, wire.WAITING, wire.UNKNOWN),
        *("protocol", "revoked", "replica", "copied", "epoch", "replaced"),
        *(
            "rights write",
            "rights settle",
            "rights layer",
            "rights signed",
            "size",
            "act",
            "crowded",
        ),
    ):
        assert f"`{word}`" in text
    assert wire.SUBPROTOCOL in text
    limits = wire.Limits()
    assert (limits.frame, limits.body, limits.act, limits.edits) == (
        1 << 20,
        64 << 10,
        256 << 10,
        200,
    )
    for said_so in ("1 MiB", "64 KiB", "256 KiB", "200 edits"):
        assert said_so in text
