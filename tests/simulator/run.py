"""One run: a seed chooses who is there, what goes wrong and what people do, step by step."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import NamedTuple

from schema.version import Dot
from schema.wire import REFUSED, UNKNOWN, WAITING
from tests.simulator import invariants as must
from tests.simulator.bending import bent
from tests.simulator.clock import YEAR
from tests.simulator.faults import Rates
from tests.simulator.files import HubFile, ReplicaFile, read_hub, read_replica
from tests.simulator.invariants import Answer, Violation, Watched
from tests.simulator.model import Judgement, Model
from tests.simulator.people import People
from tests.simulator.seat import Seat, make_blanks
from tests.simulator.world import World

NOTICED = 45.0
DRAINED = 30.0
FORETOLD = 0.1
STEPS = (80, 140, 170, 200, 200, 230, 260, 400)

_EMPTY = ReplicaFile({}, {}, {}, {}, {}, set())


class Report(NamedTuple):
    """What came of a seed; `violation` names the step and the sentence, or is empty."""

    seed: int
    steps: int
    counts: Counter[str]
    trace: list[str]
    violation: str


def simulate(seed: int, blank: Path, *, steps: int | None = None) -> Report:
    """Run one seed over copies of the files in `blank`."""
    random = Random(seed)
    folder = Path(tempfile.mkdtemp(dir=blank))
    try:
        with bent(random):
            run = Run(random, folder, blank)
            violation = run.to_the_end(steps or random.choice(STEPS))
            run.world.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return Report(seed, run.steps, run.world.counts, run.world.trace, violation)


def blanks() -> Path:
    """A new folder with the blank files, in memory where there is such a place."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="duijie-", dir=memory if memory.is_dir() else None))
    make_blanks(folder)
    return folder


class Run:
    """A world, the people in it, and what is checked after every step."""

    def __init__(self, random: Random, folder: Path, blank: Path) -> None:
        self.random = random
        self.orders = Random(random.random())
        self.world = World(random, folder, blank)
        self.model = Model()
        self.people = People(self.world, self.model)
        self.last_eff: dict[str, int] = {}
        self.files: dict[str, ReplicaFile] = {seat.label: _EMPTY for seat in self.world.seats}
        self.hub_seq = 0
        self.doings, self.weights = self._drawn_doings()
        self.steps = 0

    def to_the_end(self, steps: int) -> str:
        """Go so many steps and come to rest; returns what does not hold, or nothing."""
        try:
            for _step in range(steps):
                self.steps += 1
                self.step()
            self.quiesce()
        except Violation as found:
            return f"step {self.steps}: {found}"
        except Exception as error:
            return f"step {self.steps}: Nothing raises what nobody expects. But: {error!r}."
        return ""

    def _drawn_doings(self) -> tuple[list[Callable[[], None]], list[float]]:
        """What happens in this run and how often: each seed has its own mixture."""
        random = self.random
        rarely = random.choice((0.0, 0.5, 1.0, 2.0))
        doings = {
            self._work: random.choice((15, 25, 40)),
            self._deliver: random.choice((30, 50, 80)),
            self._come_and_go: random.choice((1, 4, 8)),
            self._wait: random.choice((1, 3, 6)),
            self._ask_proof: random.choice((0, 1, 3)),
            self._cut: rarely * random.choice((0, 1, 2)),
            self._crash_replica: rarely * random.choice((0, 1, 2)),
            self._crash_hub: rarely * random.choice((0, 0.5, 1)),
            self._light_fuse: rarely * random.choice((0, 2, 4)),
            self._bend_clock: random.choice((0, 0.5, 2)),
            self._upgrade: 0.7,
            self._change_role: random.choice((0, 0, 1)),
        }
        return list(doings), [float(weight) for weight in doings.values()]

    # -- steps

    def step(self) -> None:
        """One thing happens, a moment passes, and everything that changed is checked."""
        (doing,) = self.random.choices(self.doings, self.weights)
        doing()
        self.world.pass_time(self.random.uniform(0.0, 0.5))
        self.check()

    def _seat(self) -> Seat:
        return self.random.choice(self.world.seats)

    def _work(self) -> None:
        self.people.do_something(self._seat())

    def _deliver(self) -> None:
        """A few frames arrive, on one line or on several."""
        for _frame in range(self.random.randint(1, 6)):
            self._deliver_one()

    def _deliver_one(self) -> None:
        """One frame arrives somewhere, and what it did is looked at before the next."""
        self._move_one()
        self.check()

    def _move_one(self) -> None:
        world = self.world
        ready = [line for line in world.lines if line.up or line.down or line.woken]
        if not ready:
            return
        line = self.random.choice(ready)
        if self.random.random() < world.rates.cut:
            world.cut(line)
        elif line.woken and (not line.down or self.random.random() < 0.3):
            world.read_page(line)
        elif line.up and (not line.down or self.random.random() < 0.5):
            world.deliver_up(line)
        elif line.down:
            world.deliver_down(line)

    def _come_and_go(self) -> None:
        seat = self._seat()
        seat.online = not seat.online
        self.world.say(f"{seat.label} goes {'online' if seat.online else 'offline'}")
        if not seat.online and seat.line is not None:
            self.world.hang_up(seat, "offline")
        seat.retry_at = 0.0

    def _wait(self) -> None:
        for _turn in range(4):
            self._deliver_one()
            self.world.pass_time(self.random.choice((1.0, 5.0, 11.0)))

    def _ask_proof(self) -> None:
        self.world.ask_proof(self._seat())

    def _cut(self) -> None:
        if self.world.lines:
            self.world.cut(self.random.choice(self.world.lines))

    def _crash_replica(self) -> None:
        self.world.crash(self._seat())

    def _crash_hub(self) -> None:
        self.world.crash_hub()

    def _light_fuse(self) -> None:
        fuses = [self.world.hub_fuse, *(seat.fuse for seat in self.world.seats)]
        self.random.choice(fuses).left = self.random.randint(1, 6)

    def _bend_clock(self) -> None:
        clocks = [self.world.hub_clock, *(seat.clock for seat in self.world.seats)]
        clock = self.random.choice(clocks)
        clock.ahead += self.random.choice((-YEAR, YEAR, -clock.ahead, 3_600_000_000))
        self.world.count("clocks bent")

    def _upgrade(self) -> None:
        if any(seat.kinds[kind] > n for kind, n in self.world.hub_kinds.items()
               for seat in self.world.seats):  # fmt: skip
            self.world.upgrade_hub()

    def _change_role(self) -> None:
        seats = [seat for seat in self.world.seats if seat.role != "viewer"]
        seat = self.random.choice(seats)
        self.world.count("roles changed")
        self.world.set_role(seat, "coordinator" if seat.role == "liaison" else "liaison")

    # -- the end

    def quiesce(self) -> None:
        """No more faults and no more edits: the queues must drain and everybody must agree."""
        world = self.world
        world.rates = Rates()
        for fuse in (world.hub_fuse, *(seat.fuse for seat in world.seats)):
            fuse.left = 0
        if any(world.hub_kinds[kind] < n for seat in world.seats for kind, n in seat.kinds.items()):
            world.upgrade_hub()
        for seat in world.seats:
            seat.online = True
        end = world.time.seconds + NOTICED + DRAINED
        while world.time.seconds < end and not self._all_done():
            world.pass_time(0.5)
            self._deliver_all()
        must.no_queue_is_stuck(self._watched())
        must.agents_come_to_rest({s.label: s.exchange for s in world.seats})
        hub = read_hub(world.store.conn, 0)
        must.everyone_ends_the_same(self.model, hub, self._watched())
        for seat in world.seats:
            must.losers_come_with_their_base(self.model, hub, seat.label, seat.replica.conn)
        for saved in self.model.saved.values():
            must.knows_what_it_was_made_on(self.model, saved)

    def _all_done(self) -> bool:
        """Whether every replica has sent all and stands, proven, where the hub stands."""
        seq = str(self.world.store.seq)
        return all(
            not file.outbox and file.meta.get("seq") == seq and file.meta.get("proof") == "held"
            for file in self.files.values()
        ) and all(seat.exchange and seat.exchange.settled for seat in self.world.seats)

    def _deliver_all(self) -> None:
        for _frame in range(1000):
            if not any(line.up or line.down or line.woken for line in self.world.lines):
                return
            self._deliver_one()
        raise Violation("A conversation comes to an end.", "1000 frames and no end")

    def _watched(self) -> list[Watched]:
        files = self.files
        return [
            Watched(seat.label, seat.id, files[seat.label], files[seat.label], seat.read_at)
            for seat in self.world.seats
        ]

    # -- checking

    def check(self) -> None:
        """Look at every file that changed since the last look."""
        world = self.world
        if world.hub_crashed:
            world.hub_crashed = False
            must.hub_keeps_what_it_said(self.model, read_hub(world.store.conn, 0))
        self._check_minted()
        answers = self._answers()
        for dot, answer in answers:
            must.answered_the_same(self.model, dot, answer)
            world.counts["waits"] += answer[0] == WAITING
        if world.hub_fuse.changed:
            world.hub_fuse.changed = False
            self._check_hub(read_hub(world.store.conn, self.hub_seq))
        for dot, answer in answers:
            if answer[0] not in (WAITING, UNKNOWN):
                must.ack_means_durable(self.model, dot, answer)
        for seat in world.seats:
            if seat.fuse.changed:
                seat.fuse.changed = False
                self._check_replica(seat)

    def _check_minted(self) -> None:
        """Note the bytes of new edits before anything is made of them."""
        for seat in self.world.seats:
            for dot in self.people.loose[seat.label]:
                if dot not in self.model.bytes:
                    row = seat.replica.conn.execute(
                        "SELECT edit FROM outbox WHERE n = ?", (dot.n,)
                    ).fetchone()
                    if row is None:
                        raise Violation("I1 Nothing saved is ever lost.", f"{dot} was not kept")
                    self.model.bytes[dot] = row[0]

    def _check_hub(self, hub: HubFile) -> None:
        model, roles = self.model, self.world.roles()
        touched = set()
        for line in hub.lines:
            must.results_stand_for_edits(model, line)
            model.judged[line.dot] = Judgement(line.result, line.seq, line.reason)
            self.hub_seq = line.seq
        must.acts_are_whole(model, hub.lines)
        for line in hub.lines:
            must.refusals_have_a_reason(model, line, roles[line.author])
            if line.result == REFUSED:
                self.world.count("refusals")
                continue
            must.stamps_follow_knowledge(model, line, self.last_eff)
            self.last_eff[line.dot.replica] = line.eff
            model.versions[line.dot] = must.version_of_line(model, line)
            model.take(line.dot)
            touched.add(line.key)
            self.world.counts["deletes"] += line.deleted
            self.world.counts["settlements"] += model.saved[line.dot].settles
        for key in sorted(touched):
            self._check_record(hub, key)
        if touched:
            must.digest_adds_up(model, hub)
            must.numbers_differ(hub)

    def _check_record(self, hub: HubFile, key: tuple[str, str]) -> None:
        model, standing = self.model, hub.records[key]
        must.no_missed_conflict(model, key, standing)
        must.no_false_conflict(model, key, standing)
        must.one_winner(model, key, standing, self.orders)
        model.states[key].append((standing.seq, frozenset(standing.leaves.items())))
        before = model.heads.get(key)
        if before is not None and before not in model.saved[standing.head].known:
            self.world.count("changed heads")
        model.heads[key] = standing.head
        self.world.counts["conflicts"] += len(model.losers(standing.leaves)) > 0

    def _answers(self) -> list[tuple[Dot, Answer]]:
        """What the hub answered in this step, edit by edit."""
        frames, self.world.answers = self.world.answers, []
        return [
            (Dot(replica, n), (result, seq, reason))
            for replica, ack in frames
            for n, result, seq, reason in ack.results
        ]

    def _check_replica(self, seat: Seat) -> None:
        before, now = self.files[seat.label], read_replica(seat.replica.conn)
        self.files[seat.label] = now
        watched = Watched(seat.label, seat.id, before, now, seat.read_at)
        must.bytes_never_change(self.model, watched)
        must.nothing_saved_is_lost(self.model, watched, self.people.loose[seat.label])
        must.cursor_never_skips(self.model, watched)
        must.shown_stays_under_unsent_work(self.model, watched)
        must.authors_are_told(self.model, watched)
        must.proofs_hold(watched)
        if self.orders.random() < FORETOLD:
            self._check_foretold(seat, watched)

    def _check_foretold(self, seat: Seat, watched: Watched) -> None:
        for key, shown in watched.now.shown.items():
            record = seat.replica.record(*key) if shown.unsent else None
            if record is not None:
                foretold = [leaf.dot for leaf in seat.replica.foretold(record)]
                must.conflicts_are_foretold(self.model, watched, key, foretold)
