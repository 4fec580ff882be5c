from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from schema import wire
from schema.errors import NothingToDo, Refused
from schema.ids import uuid7
from schema.leaves import digest_hex
from schema.records import encode
from schema.version import REV_LIMIT, Dot
from schema.wire import Leaf, Page, edit_of
from syncd.clock import Clock
from syncd.exchange import Exchange
from syncd.hub import Hub, Sender
from syncd.session import Desk
from syncd.store import paging
from syncd.store.hub import HubStore
from syncd.store.members import Members, digest
from syncd.store.notices import take_notices
from syncd.store.replica import CursorGap, Replica
from syncd.store.rows import Change, Record

SECOND = 1_000_000
NOW = 1_790_000_000 * SECOND
TASK, OTHER = (uuid7(NOW // 1000, bytes([n] * 10)) for n in (1, 2))
ROLES = {"甲": "liaison", "乙": "liaison", "丙": "coordinator", "丁": "viewer"}


class Now(Clock):
    def __init__(self) -> None:
        self.us = NOW

    def now(self) -> int:
        self.us += 1
        return self.us


class Seat:
    """A replica and how it hears of the hub: judged and paged when a test says so."""

    def __init__(self, name: str, bench: Bench) -> None:
        self.name = name
        self.bench = bench
        self.path = bench.folder / f"{name}.db"
        self.heard: dict[int, tuple[str, int | None, str | None]] = {}
        self.replica = self.open()
        with self.replica.write():
            self.replica.set_meta(name=name)

    def open(self) -> Replica:
        return Replica(self.path, self.bench.clock, synchronous="OFF")

    def save(self, values: Mapping[str, Any], id: str = TASK, **rest: Any) -> Dot:
        """Save a task with other values in some of its fields."""
        record = self.replica.record("task", id)
        body = msgspec.json.decode(record.shown.body or b"{}") if record else {}
        (dot,) = self.replica.save([Change("task", id, encode({**body, **values}), **rest)])
        return dot

    def delete(self) -> None:
        body = self.task.shown.body
        assert body is not None
        self.replica.save([Change("task", TASK, body, deleted=True)])

    def settle(self, values: Mapping[str, Any], *losers: Dot) -> Dot:
        return self.save(values, settles=losers or tuple(v.dot for v in self.task.losers))

    def push(self) -> None:
        """The hub judges the whole outbox; what it answers is heard with the next page."""
        acts: dict[int, list[msgspec.Raw]] = {}
        for _n, act, _kind, _id, data in self.replica.outbox_after(0, 1 << 40):
            acts.setdefault(act, []).append(msgspec.Raw(data))
        sender = Sender(self.name, self.name, ROLES[self.name], self.replica.id, {})
        results = self.bench.hub.push(lambda: sender, list(acts.values()))
        self.heard = {r.n: (r.result, r.seq, r.reason) for r in results}

    def pull(self) -> None:
        """Take pages until there are no more."""
        while True:
            page = self.bench.page(self.replica.seq)
            due = {n: r for n, r in self.heard.items() if (r[1] or 0) <= page.to}
            self.replica.take_page(page, due)
            if page.proof is not None:
                return

    def sync(self) -> None:
        self.push()
        self.pull()

    @property
    def task(self) -> Record:
        record = self.replica.record("task", TASK)
        assert record is not None
        return record

    @property
    def shown(self) -> dict[str, Any]:
        """What a person sees of the task."""
        found: dict[str, Any] = msgspec.json.decode(self.task.shown.body or b"{}")
        return found

    @property
    def outbox(self) -> list[int]:
        return [n for n, *_rest in self.replica.outbox_after(0, 1 << 40)]

    @property
    def told(self) -> list[str]:
        return [notice.what for notice in take_notices(self.replica)]

    @property
    def refused(self) -> list[tuple[int, str]]:
        return self.replica.conn.execute("SELECT n, reason FROM refused ORDER BY n").fetchall()


class Bench:
    """A hub and seats at it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = Now()
        self.hub = Hub(HubStore(folder / "hub.db", synchronous="OFF"), self.clock)
        self.seats: dict[str, Seat] = {}

    def __getitem__(self, name: str) -> Seat:
        if name not in self.seats:
            self.seats[name] = Seat(name, self)
        return self.seats[name]

    def page(self, since: int) -> Page:
        store = self.hub.store
        to, rows, proof = store.page(since)
        epoch = store.state("epoch")
        return Page(
            since=since, to=to, cursor=f"{epoch}.{to}", time=self.hub.now(), rows=rows, proof=proof
        )

    def close(self) -> None:
        for seat in self.seats.values():
            seat.replica.close()
        self.hub.store.close()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.close()


@pytest.fixture
def a(bench: Bench) -> Seat:
    return bench["甲"]


@pytest.fixture
def b(bench: Bench) -> Seat:
    return bench["乙"]


@pytest.fixture
def c(bench: Bench) -> Seat:
    return bench["丙"]


@pytest.fixture
def shared(a: Seat, b: Seat, c: Seat) -> None:
    """A task of 甲 that everybody has heard of."""
    a.save({"title": "初稿", "state": "todo"})
    for seat in (a, b, c):
        seat.sync()


# -- saving


def test_a_save_that_changes_nothing_makes_no_edit(a: Seat) -> None:
    a.save({"title": "初稿"})
    with pytest.raises(NothingToDo):
        a.save({"title": "初稿"})
    assert a.outbox == [1]


def test_only_the_changes_of_an_act_are_edits(a: Seat) -> None:
    a.save({"title": "初稿"})
    body = encode({"title": "初稿"})
    dots = a.replica.save([Change("task", TASK, body), Change("task", OTHER, body)])
    assert dots == [Dot(a.replica.id, 2)]


def test_deleting_what_is_missing_is_nothing_to_do(a: Seat) -> None:
    with pytest.raises(NothingToDo):
        a.replica.save([Change("task", TASK, b"{}", deleted=True)])


@pytest.mark.usefixtures("shared")
def test_undeleting_is_an_edit_that_knows_the_deletion(a: Seat, b: Seat) -> None:
    a.delete()
    a.sync()
    b.pull()
    assert b.task.shown.deleted
    b.save({"title": "终稿"})
    b.sync()
    a.pull()
    assert a.shown["title"] == "终稿"
    assert not a.task.losers


def test_a_field_of_a_newer_client_survives_an_edit(a: Seat, b: Seat) -> None:
    a.save({"title": "初稿", "of_tomorrow": {"kept": [1, True]}})
    a.sync()
    b.pull()
    b.save({"title": "终稿"})
    b.sync()
    a.pull()
    assert a.shown == {"title": "终稿", "of_tomorrow": {"kept": [1, True]}}


def test_a_body_above_its_limit_is_not_saved(a: Seat) -> None:
    with pytest.raises(Refused):
        a.save({"note": "长" * wire.BODY_LIMIT})
    assert a.outbox == []
    assert a.replica.record("task", TASK) is None


def test_an_act_holds_two_hundred_edits_and_a_load_is_many_acts(a: Seat) -> None:
    changes = [Change("task", uuid7(n, bytes(10)), encode({"title": "一"})) for n in range(1, 202)]
    with pytest.raises(Refused):
        a.replica.save(changes)
    assert len(a.replica.save(changes, many=True)) == 201
    assert len({act for _n, act, *_rest in a.replica.outbox_after(0, 1 << 40)}) == 201


@pytest.mark.usefixtures("shared")
def test_the_revision_counts_up_and_stays_where_the_hub_takes_it(a: Seat) -> None:
    a.save({"title": "二"})
    assert a.task.shown.rev == 2
    a.replica.conn.execute("UPDATE records SET rev = ?", (REV_LIMIT - 1,))
    a.save({"title": "三"})
    assert a.task.shown.rev == REV_LIMIT - 1


# -- the outbox


def test_an_edit_is_kept_byte_for_byte_and_numbers_go_on(a: Seat) -> None:
    a.save({"title": "一"})
    before = a.replica.outbox_after(0, 1 << 40)
    name = a.replica.id
    a.replica.close()
    a.replica = a.open()
    assert a.replica.outbox_after(0, 1 << 40) == before
    assert a.save({"title": "二"}) == Dot(name, 2)


def test_numbers_go_on_when_the_outbox_is_empty(a: Seat) -> None:
    a.save({"title": "一"})
    a.sync()
    assert a.outbox == []
    assert a.save({"title": "二"}).n == 2


@pytest.mark.parametrize(("point", "kept"), [("begin", []), ("commit", [1])])
def test_a_save_is_there_whole_or_not_at_all(a: Seat, point: str, kept: list[int]) -> None:
    class Gone(Exception):
        pass

    def crash(here: str) -> None:
        if here == point:
            raise Gone

    a.replica.close()
    crashing = Replica(a.path, a.bench.clock, synchronous="OFF", crash_point=crash)
    with pytest.raises(Gone):
        crashing.save([Change("task", TASK, encode({"title": "一"}))])
    crashing.db.abandon()
    a.replica = a.open()
    assert a.outbox == kept
    assert (a.replica.record("task", TASK) is not None) == bool(kept)


# -- pages and what is shown


@pytest.mark.usefixtures("shared")
def test_a_page_moves_no_shown_version_that_has_unsent_edits(a: Seat, b: Seat) -> None:
    mine = a.save({"title": "甲"})
    theirs = b.save({"title": "乙"})
    b.sync()
    a.pull()
    assert a.task.shown.dot == mine
    assert [leaf.dot for leaf in a.task.shadow] == [theirs]
    a.save({"state": "doing"})
    assert a.task.shown.base == mine
    assert theirs not in a.task.shown.knows


@pytest.mark.usefixtures("shared")
def test_a_page_is_taken_only_at_its_cursor(a: Seat, b: Seat) -> None:
    b.save({"title": "乙"})
    b.sync()
    old = a.bench.page(0)
    with pytest.raises(CursorGap):
        a.replica.take_page(old, {})
    assert a.shown["title"] == "初稿"
    assert a.replica.seq == 1


@pytest.mark.usefixtures("shared")
def test_an_own_edit_that_lost_is_told_and_the_head_is_shown(a: Seat, b: Seat) -> None:
    mine = a.save({"title": "甲"})
    b.save({"title": "乙"})
    a.sync()
    b.sync()
    a.pull()
    assert a.shown["title"] == "乙"
    assert [loser.dot for loser in a.task.losers] == [mine]
    assert a.told == ["lost"]
    assert a.told == []


@pytest.mark.usefixtures("shared")
def test_the_next_edit_leaves_an_own_loser_open(a: Seat, b: Seat) -> None:
    mine = a.save({"title": "甲"})
    b.save({"title": "乙"})
    a.sync()
    b.sync()
    a.pull()
    later = a.save({"state": "doing"})
    assert mine not in a.task.shown.knows
    assert f"!{mine}" in str(a.task.shown.knows)
    a.sync()
    assert [leaf.dot for leaf in a.task.shadow] == [later, mine]


@pytest.mark.usefixtures("shared")
def test_equal_contents_are_no_conflict_and_the_next_edit_knows_both(a: Seat, b: Seat) -> None:
    a.save({"title": "终稿"})
    b.save({"title": "终稿"})
    a.sync()
    b.sync()
    a.pull()
    assert len(a.task.shadow) == 2
    assert not a.task.losers
    last = a.save({"title": "定稿"})
    a.sync()
    assert [leaf.dot for leaf in a.task.shadow] == [last]


@pytest.mark.usefixtures("shared")
def test_an_edit_that_somebody_went_past_unseen_is_told(a: Seat, b: Seat) -> None:
    a.save({"title": "甲"})
    a.push()
    b.pull()
    b.save({"title": "乙"})
    b.sync()
    a.pull()
    assert a.shown["title"] == "乙"
    assert not a.task.losers
    assert a.told == ["overtaken"]


@pytest.mark.usefixtures("shared")
def test_an_own_edit_that_stands_is_not_told(a: Seat) -> None:
    a.save({"title": "甲"})
    a.sync()
    assert a.told == []


@pytest.mark.usefixtures("shared")
def test_a_conflict_is_foretold(a: Seat, b: Seat) -> None:
    mine = a.save({"title": "甲"})
    assert [leaf.dot for leaf in a.replica.foretold(a.task)] == [mine]
    theirs = b.save({"title": "乙"})
    b.sync()
    a.pull()
    assert {leaf.dot for leaf in a.replica.foretold(a.task)} == {mine, theirs}


# -- results


@pytest.mark.usefixtures("shared")
def test_an_answer_without_its_page_changes_nothing(a: Seat) -> None:
    a.save({"title": "甲"})
    a.push()
    assert a.outbox == [2]
    assert a.replica.pass_results(a.heard) == set()
    assert a.outbox == [2]


@pytest.mark.usefixtures("shared")
def test_an_edit_stays_until_its_record_has_come(a: Seat, b: Seat) -> None:
    mine = a.save({"title": "甲"})
    a.push()
    before = a.bench.page(a.replica.seq)
    b.pull()
    b.save({"state": "done"})
    b.save({"title": "另"}, OTHER)
    b.push()
    # The task has moved behind the answer: this page passes the answer and has nothing of it.
    early = msgspec.structs.replace(before, rows=[], proof=None)
    assert a.replica.take_page(early, a.heard) == set()
    assert a.replica.seq == 2
    assert (a.task.shown.dot, a.outbox) == (mine, [2])
    a.pull()
    assert (a.shown["state"], a.outbox) == ("done", [])


@pytest.mark.usefixtures("shared")
def test_an_edit_does_not_go_before_the_one_below_it(a: Seat) -> None:
    a.save({"title": "二"})
    last = a.save({"title": "三"})
    a.push()
    del a.heard[2]
    a.pull()
    assert (a.task.shown.dot, a.outbox) == (last, [2, 3])
    a.push()
    assert a.replica.pass_results(a.heard) == {2, 3}
    assert (a.task.shown.dot, a.outbox) == (last, [])


def test_a_refused_act_moves_to_the_list_and_the_shadow_is_shown(bench: Bench, a: Seat) -> None:
    a.save({"title": "初稿"})
    a.sync()
    viewer = bench["丁"]
    viewer.pull()
    viewer.replica.save(
        [
            Change("task", TASK, encode({"title": "丁"})),
            Change("task", OTHER, encode({"title": "新"})),
        ]
    )
    assert viewer.shown["title"] == "丁"
    viewer.sync()
    assert viewer.shown["title"] == "初稿"
    assert viewer.replica.record("task", OTHER) is None
    assert viewer.refused == [(1, "rights write"), (2, "act")]
    assert viewer.outbox == []


def test_what_is_refused_stays_below_what_was_built_on_it(bench: Bench, a: Seat) -> None:
    a.save({"title": "初稿"})
    a.sync()
    viewer = bench["丁"]
    viewer.pull()
    viewer.save({"title": "丁"})
    viewer.push()
    later = viewer.save({"state": "doing"})
    viewer.pull()
    assert viewer.task.shown.dot == later
    assert viewer.outbox == [2]
    assert viewer.refused == [(1, "rights write")]


# -- settling


@pytest.fixture
def conflict(a: Seat, b: Seat, c: Seat, shared: None) -> None:
    """甲's edit lost to 乙's, and everybody has heard of both."""
    a.save({"title": "甲"})
    b.save({"title": "乙"})
    for seat in (a, b, a, c):
        seat.sync()


@pytest.mark.usefixtures("conflict")
def test_a_settlement_closes_the_conflict_everywhere(a: Seat, b: Seat, c: Seat) -> None:
    c.settle({"title": "丙"})
    for seat in (c, a, b):
        seat.sync()
        assert (seat.shown["title"], seat.task.losers) == ("丙", ())


@pytest.mark.usefixtures("conflict")
def test_settling_for_the_head_is_an_edit_though_nothing_changes(c: Seat) -> None:
    c.settle({"title": "乙"})
    c.sync()
    assert (c.shown["title"], c.task.losers) == ("乙", ())


@pytest.mark.usefixtures("conflict")
def test_a_conflict_that_is_not_open_is_not_settled(a: Seat, c: Seat) -> None:
    with pytest.raises(Refused):
        c.settle({"title": "丙"}, Dot(a.replica.id, 1))
    (loser,) = c.task.losers
    c.settle({"title": "丙"}, loser.dot)
    with pytest.raises(Refused):
        c.settle({"title": "丁"}, loser.dot)


@pytest.mark.usefixtures("conflict")
def test_nothing_is_settled_over_an_unsent_edit(c: Seat) -> None:
    c.save({"state": "doing"})
    with pytest.raises(Refused):
        c.settle({"title": "丙"})


@pytest.mark.usefixtures("conflict")
def test_two_losers_are_settled_one_after_the_other_before_syncing(
    bench: Bench, a: Seat, b: Seat, c: Seat
) -> None:
    late = bench["丁"]
    ROLES["丁"] = "liaison"
    try:
        late.replica.take_page(_only(bench, 1), {})
        late.save({"title": "丁"})
        late.sync()
    finally:
        ROLES["丁"] = "viewer"
    c.pull()
    first, second = c.task.losers
    c.settle({"title": "丙"}, first.dot)
    c.settle({"title": "丙丙"}, second.dot)
    c.sync()
    assert [leaf.dot.replica for leaf in c.task.shadow] == [c.replica.id]


def _only(bench: Bench, to: int) -> Page:
    """The first version of the task, as a page that ends there."""
    page = bench.page(0)
    (row,) = [row for row in page.rows if row.id == TASK]
    first = wire.leaf_of(bench.hub.store.history("task", TASK)[0])
    row = msgspec.structs.replace(row, seq=to, leaves=[first], bases=[])
    return msgspec.structs.replace(page, to=to, rows=[row], proof=None)


# -- losers without bodies, proofs


@pytest.mark.usefixtures("conflict")
def test_a_base_comes_with_its_body_though_it_was_a_loser_without_one(
    bench: Bench, b: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = bench["丁"]
    monkeypatch.setattr(paging, "RECORD_LIMIT", 1)
    new.pull()
    (loser,) = new.task.losers
    assert loser.body is None
    row = bench.page(0).rows[-1]
    history = {version.dot: version for version in bench.hub.store.history("task", TASK)}
    based = msgspec.structs.replace(
        row, seq=9, leaves=row.leaves[:1], bases=[wire.leaf_of(history[loser.dot])]
    )
    page = Page(since=new.replica.seq, to=9, cursor="x.9", time=NOW, rows=[based])
    new.replica.take_page(page, {})
    stored = new.replica.conn.execute(
        "SELECT body FROM versions WHERE dot = ?", (str(loser.dot),)
    ).fetchone()
    assert stored[0] is not None


@pytest.mark.usefixtures("conflict")
def test_a_loser_told_without_its_body_keeps_the_one_that_is_here(
    bench: Bench, a: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "RECORD_LIMIT", 1)
    bench["乙"].save({"state": "doing"})
    bench["乙"].sync()
    left_out = bench.page(0).rows[-1].leaves[-1]
    assert isinstance(left_out, Leaf)
    assert left_out.body is msgspec.UNSET
    a.pull()
    (loser,) = a.task.losers
    assert loser.body == encode({"title": "甲", "state": "todo"})


@pytest.mark.usefixtures("shared")
def test_a_proof_is_held_doubted_or_broken(a: Seat) -> None:
    assert a.replica.meta("proof") == "held"
    page = a.bench.page(a.replica.seq)
    assert page.proof is not None
    wrong = msgspec.structs.replace(page.proof, digest="0" * 32)
    for said in ("doubted", "broken"):
        a.replica.take_page(msgspec.structs.replace(page, proof=wrong), {})
        assert a.replica.meta("proof") == said


@pytest.mark.usefixtures("conflict")
def test_starting_over_hears_all_again_and_forgets_nothing(a: Seat) -> None:
    unsent = a.save({"state": "doing"})
    a.replica.start_over()
    assert a.replica.seq == 0
    a.pull()
    assert a.task.shown.dot == unsent
    assert a.replica.meta("proof") == "held"
    assert a.outbox == [unsent.n]


# -- whole conversations


def _talk(seat: Seat) -> Exchange:
    """One session from hello until neither side has anything to say."""
    members = Members(seat.bench.hub.store)
    if not list(members.all()):
        code = members.invite(name="甲", department="研发部", role="liaison", now=NOW)
        assert members.redeem(code, digest("token"), NOW)
    device = next(iter(members.all())).device
    session = Desk(seat.bench.hub, members).open(device, lambda: None)
    exchange = Exchange(seat.replica)
    frames = exchange.start()
    while frames:
        answers = [answer for frame in frames for answer in session.receive(frame)]
        while (page := session.next_page()) is not None:
            answers.append(page)
        frames = [frame for answer in answers for frame in exchange.receive(answer)]
    return exchange


def test_a_conversation_ends_settled(a: Seat) -> None:
    a.save({"title": "一"})
    assert _talk(a).settled
    assert a.outbox == []
    assert a.task.number == "T-001"


def test_a_replica_that_lacks_a_record_hears_it_again(a: Seat) -> None:
    a.save({"title": "一"})
    a.save({"title": "二"}, OTHER)
    _talk(a)
    whole = (a.replica.meta("digest"), a.replica.meta("count"))
    conn = a.replica.conn
    (mark,) = conn.execute("SELECT mark FROM records WHERE id = ?", (OTHER,)).fetchone()
    conn.execute("DELETE FROM records WHERE id = ?", (OTHER,))
    left = int(whole[0], 16) - int.from_bytes(mark, "big")
    with a.replica.write():
        a.replica.set_meta(digest=digest_hex(left), count=1)
    exchange = _talk(a)
    assert (exchange.alarm, exchange.settled) == ("", True)
    assert (a.replica.meta("digest"), a.replica.meta("count")) == whole
    assert a.replica.record("task", OTHER) is not None


def test_a_replica_that_cannot_be_mended_says_so(a: Seat) -> None:
    a.save({"title": "一"})
    _talk(a)
    with a.replica.write():
        a.replica.set_meta(count=7)
    assert _talk(a).alarm == "proof"


def test_a_broken_proof_is_believed_when_it_comes_twice(a: Seat) -> None:
    a.save({"title": "一"})
    exchange = _talk(a)
    page = a.bench.page(a.replica.seq)
    assert page.proof is not None
    wrong = msgspec.structs.replace(page.proof, digest="0" * 32)
    late = wire.encode(msgspec.structs.replace(page, proof=wrong))
    (question,) = exchange.receive(late)
    assert question == wire.encode(wire.Pull(a.replica.meta("cursor")))
    assert a.replica.seq > 0
    exchange.receive(wire.encode(page))
    assert (exchange.settled, a.replica.meta("proof")) == (True, "held")
    exchange.receive(late)
    exchange.receive(late)
    assert a.replica.seq == 0


def test_an_edit_carries_the_clock_as_it_was(a: Seat) -> None:
    with a.replica.write():
        a.replica.set_meta(offset=-5, heard=7)
    a.save({"title": "一"})
    edit = edit_of(a.replica.outbox_after(0, 1 << 40)[0][4])
    assert (edit.offset, edit.heard, edit.at) == (-5, 7, a.task.shown.at)
