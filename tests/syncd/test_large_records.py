"""Records that are too large for a page, and records with too many losers."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from schema import wire
from schema.errors import Refused
from schema.ids import new_id
from schema.records import encode
from schema.version import Dot, Knows
from syncd.sitting import LEAVES_LIMIT
from syncd.store.conflicts import conflicts
from syncd.store.replica import Replica
from syncd.store.rows import Change
from tests.wiring import Wired

LONG = "页面加载不超过两秒" * 180


def body(title: str, size: int = 12) -> bytes:
    return encode({"title": title, "state": "todo", "standard": [LONG[:400]] * size})


def quarrel(wired: Wired, id: str, names: list[str], size: int) -> None:
    """Everybody edits one record without knowing of the others."""
    for name in names:
        wired.replicas[name].save([Change("task", id, body(name, size))])
    for name in names:
        wired.sync(name)


@pytest.fixture
def id(wired: Wired) -> str:
    owner = wired.join("owner", "coordinator")
    id = new_id(wired.clock.now())
    owner.save([Change("task", id, body("first"))])
    wired.sync("owner")
    return id


def bodies(replica: Replica, id: str) -> list[bool]:
    record = replica.record("task", id)
    assert record is not None
    return [leaf.body is not None for leaf in record.shadow]


def test_what_a_page_has_no_room_for_is_asked_for_after_it(wired: Wired, id: str) -> None:
    names = [f"m{n}" for n in range(18)]
    for name in names:
        wired.join(name)
    quarrel(wired, id, names, 40)
    late = wired.join("late")
    _to, rows, _proof = wired.store.page(0)
    left_out = [leaf for row in rows for leaf in row.leaves if leaf.content]
    assert left_out, "the record was meant to be too large"
    assert len(wire.encode(wire.Page(since=0, to=1, cursor="", time=1, rows=rows))) < (1 << 20)
    assert bodies(late, id) == [True] * len(names)
    assert len(conflicts(late)) == len(names) - 1
    assert late.bodiless(1) is None


def test_a_record_holds_so_many_losers_and_no_more(wired: Wired, id: str, tmp_path: Path) -> None:
    first = wired.store.history("task", id)[0]
    session = wired.desk.open(wired._devices["owner"], lambda: None)
    results = []
    for n in range(LEAVES_LIMIT + 2):
        replica = "".join("abcdefghij"[int(digit)] for digit in f"{n:010d}")
        session.replica, session.kinds = replica, {}
        knows = Knows({first.dot.replica: first.dot.n, replica: 1}, frozenset())
        edit = wire.Edit(
            n=1,
            kind="task",
            id=id,
            knows=str(knows),
            base=str(first.dot),
            rev=2,
            at=n,
            body=msgspec.Raw(body(f"t{n}", 1)),
        )
        data = wire.encode(wire.Push([[msgspec.Raw(wire.encode_edit(edit))]]))
        (answer,) = session.receive(data)
        ack = wire.from_hub(answer)
        assert isinstance(ack, wire.Ack)
        results.append(ack.results[0])
    assert [result[1] for result in results] == ["taken"] * LEAVES_LIMIT + ["refused"] * 2
    assert results[-1][3] == "crowded"


def test_an_edit_that_knows_too_much_is_refused(wired: Wired, id: str) -> None:
    session = wired.desk.open(wired._devices["owner"], lambda: None)
    session.replica, session.kinds = "aaaaaaaaaa", {}
    less = " ".join(f"!aaaaaaaaaa:{n}" for n in range(1, 1300))
    edit = wire.Edit(
        n=2000,
        kind="task",
        id=new_id(1),
        knows=f"aaaaaaaaaa:2000 {less}",
        rev=1,
        at=1,
        body=msgspec.Raw(body("t", 1)),
    )
    (answer,) = session.receive(wire.encode(wire.Push([[msgspec.Raw(wire.encode_edit(edit))]])))
    ack = wire.from_hub(answer)
    assert isinstance(ack, wire.Ack)
    assert ack.results[0][1:] == ("refused", ack.results[0][2], "form knows")


def test_long_knowledge_is_not_kept_in_memory() -> None:
    from schema.version import _parse_short

    long = " ".join(f"{'abcdefghij'[n // 10]}{'abcdefghij'[n % 10]}aaaaaaaa:1" for n in range(60))
    before = _parse_short.cache_info().currsize
    assert Dot("abaaaaaaaa", 1) in Knows.parse(long)
    assert _parse_short.cache_info().currsize == before


def test_an_edit_that_would_know_too_much_is_not_made(
    wired: Wired, id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("m1", "m2"):
        wired.join(name).save([Change("task", id, body(name))])
        wired.sync(name)
    wired.sync()
    owner = wired.replicas["owner"]
    monkeypatch.setattr("syncd.store.minting.KNOWS_LIMIT", 30)
    with pytest.raises(Refused):
        owner.save([Change("task", id, body("one more"))])
    assert owner.unsent() == 0
    assert owner.record("task", id) is not None


def test_what_leaves_know_counts_in_a_page(wired: Wired, id: str) -> None:
    long = " ".join(f"{chr(97 + n // 26)}{chr(97 + n % 26)}aaaaaaaa:1" for n in range(600))
    with wired.store.write() as conn:
        for n in range(60):
            at = wired.store.seq + 1 + n
            conn.execute(
                """INSERT INTO versions SELECT ?, kind, ?, 'bbbbbbbbbb', ?, ?, base, rev, author,
                at, eff, deleted, content, hash, body, result, reason FROM versions WHERE seq = 1""",
                (at, new_id(n + 1), n + 1, long),
            )
            conn.execute(
                """INSERT INTO records SELECT kind, id, seq, seq, 1, NULL, 1, author, x'00'
                FROM versions WHERE seq = ?""",
                (at,),
            )
        wired.store.set_state("seq", at)
    _to, rows, proof = wired.store.page(0)
    assert proof is None
    assert len(wire.encode(wire.Page(since=0, to=1, cursor="", time=1, rows=rows))) < 300_000


def test_a_clock_beyond_all_stamps_is_no_reason_to_refuse(
    wired: Wired, id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = wired.replicas["owner"]
    real = owner.clock.now()
    monkeypatch.setattr(owner.clock, "now", lambda: 1 << 54)
    owner.save([Change("task", id, body("from the year 2540"))])
    monkeypatch.setattr(owner.clock, "now", lambda: real)
    wired.sync("owner")
    assert owner.unsent() == 0
    assert owner.conn.execute("SELECT count(*) FROM refused").fetchone() == (0,)
