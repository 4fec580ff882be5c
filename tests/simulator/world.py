"""The world of one run: replicas and a hub on real files, and a network, clocks and crashes that are not.

Everything random comes from one seed, and one thread does everything, so a run can be had again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from zlib import crc32

from schema import wire
from schema.errors import ProtocolError
from schema.records import KINDS
from schema.wire import Ack, Refuse
from syncd.exchange import Ended, Exchange, Stalled
from syncd.hub import Hub
from syncd.session import Desk, SessionEnd
from syncd.store.hub import HubStore
from syncd.store.members import Members, digest
from tests.simulator.clock import Time, WrongClock
from tests.simulator.faults import Crash, Fuse, Rates
from tests.simulator.invariants import Violation, settled_is_settled
from tests.simulator.network import Line, Told
from tests.simulator.seat import Seat, copy_blank, drawn_offset

NEWER = "comment"
RECONNECT = 10.0


class World:
    """Seats, hub, lines and time; every method is something that happens."""

    def __init__(self, random: Random, folder: Path, blank: Path) -> None:
        self.random = random
        self.folder = folder
        self.blank = blank
        self.time = Time()
        self.rates = Rates.drawn(random)
        self.garbled = self.rates.garbled
        self.counts: Counter[str] = Counter()
        self.trace: list[str] = []
        self.lines: list[Line] = []
        self.answers: list[tuple[str, Ack]] = []
        self.hub_clock = WrongClock(self.time, drawn_offset(random))
        self.hub_fuse = Fuse()
        self.hub_kinds = {name: kind.version for name, kind in KINDS.items()}
        self.hub_crashed = False
        self.hub_up_at = 0.0
        self.desk: Desk | None = None
        copy_blank(
            blank / "hub.db",
            folder / "hub.db",
            ("UPDATE state SET value = ? WHERE key = 'workspace'", random.randbytes(8).hex()),
            ("UPDATE state SET value = ? WHERE key = 'epoch'", random.randbytes(8).hex()),
        )
        self.store = self._open_store()
        self.seats = [self._seat(*who) for who in self._cast()]
        if random.random() < 0.3:
            for seat in self.seats:
                seat.kinds[NEWER] += 1
        else:
            self.hub_kinds[NEWER] += 1
        self.start_hub()

    def say(self, text: str) -> None:
        """Write a line of the trace."""
        self.trace.append(f"{self.time.us} {text}")

    def count(self, what: str) -> None:
        self.counts[what] += 1

    def _cast(self) -> list[tuple[str, str, str]]:
        cast = [("a", "甲", "liaison"), ("b", "乙", "liaison"), ("c", "丙", "coordinator")]
        fourth = self.random.choice((None, "viewer", "viewer", "device", "coordinator"))
        match fourth:
            case "device":
                cast.append(("a2", "甲", "liaison"))
            case "viewer" | "coordinator":
                cast.append(("d", "丁", fourth))
        return cast

    def _seat(self, label: str, name: str, role: str) -> Seat:
        members = Members(self.store)
        now = self.hub_clock.now()
        again = name if label == "a2" else None
        code = members.invite(name=name, department="研发部", role=role, now=now, member=again)
        device = members.redeem(code, digest(f"token of {label}"), now)
        assert device is not None
        return Seat(
            label,
            name,
            role,
            device,
            path=self.folder / f"{label}.db",
            blank=self.blank / "replica.db",
            time=self.time,
            random=self.random,
        )

    # -- the hub

    def _open_store(self) -> HubStore:
        return HubStore(self.folder / "hub.db", synchronous="OFF", crash_point=self.hub_fuse)

    def start_hub(self) -> None:
        hub = Hub(self.store, self.hub_clock, kinds=self.hub_kinds)
        self.desk = Desk(hub, Members(self.store))

    def crash_hub(self) -> None:
        """The hub is gone for a while; some connections seem to stand on."""
        self.say("hub crashes")
        self.count("hub crashes")
        self.hub_fuse.left = 0
        self.hub_fuse.changed = self.hub_crashed = True
        self.store.db.abandon()
        self.store = self._open_store()
        self.desk = None
        self.hub_up_at = self.time.seconds + self.random.choice((0.1, 2.0, 15.0))
        for line in self.lines:
            line.session = None
            line.up.clear()
            if self.random.random() < 0.5:
                self._noticed(line)

    def upgrade_hub(self) -> None:
        """The hub comes back with the newer kinds."""
        newest = {kind: max(seat.kinds[kind] for seat in self.seats) for kind in self.hub_kinds}
        self.hub_kinds = {kind: max(n, self.hub_kinds[kind]) for kind, n in newest.items()}
        self.count("upgrades")
        self.crash_hub()

    # -- lines

    def connect(self, seat: Seat) -> None:
        if self.desk is None:
            seat.retry_at = self.time.seconds + self.random.uniform(0.2, RECONNECT)
            return
        line = Line(seat.label)
        line.session = self.desk.open(seat.device, line.wake)
        self.lines.append(line)
        seat.line = line
        seat.exchange = Exchange(seat.replica, seat.kinds)
        line.up.extend(seat.exchange.start())
        seat.owed = self.store.seq
        self.say(f"{seat.label} connects")

    def hang_up(self, seat: Seat, why: str) -> None:
        """The agent has done with a connection and will try another; the hub may not notice."""
        line = seat.line
        seat.line = seat.exchange = None
        seat.retry_at = self.time.seconds + self.random.uniform(0.2, RECONNECT)
        self.say(f"{seat.label} hangs up: {why}")
        if line is not None:
            line.client = False
            line.down.clear()
            if self.random.random() < 0.5:
                line.close_hub_side()
        self._forget_lines()

    def cut(self, line: Line) -> None:
        """The line is dead; either end may take a while to notice."""
        self.count("cuts")
        if line.client and self.random.random() < 0.6:
            self.hang_up(self.seat(line.seat), "cut")
            return
        if line.session is not None and self.random.random() < 0.5:
            line.session.close()
        line.session = None
        line.up.clear()
        line.down.clear()
        self._forget_lines()

    def _noticed(self, line: Line) -> None:
        if line.client:
            self.hang_up(self.seat(line.seat), "closed")

    def _forget_lines(self) -> None:
        self.lines = [line for line in self.lines if not line.gone]

    def seat(self, label: str) -> Seat:
        return next(seat for seat in self.seats if seat.label == label)

    # -- frames

    def _drawn(self, queue: Sequence[object]) -> tuple[int, bool] | None:
        """Which frame comes next, and whether it stays to come again; None: it is lost."""
        place = 0
        if len(queue) > 1 and self.random.random() < self.rates.overtaken:
            self.count("overtaken frames")
            place = self.random.randrange(1, len(queue))
        if self.random.random() < self.rates.lost:
            self.count("lost frames")
            return None
        doubled = self.random.random() < self.rates.doubled
        self.counts["doubled frames"] += doubled
        return place, doubled

    def deliver_up(self, line: Line) -> None:
        """One frame arrives at the hub, or does not."""
        drawn = self._drawn(line.up)
        if drawn is None:
            line.up.popleft()
            return
        place, doubled = drawn
        data = line.up[place]
        if not doubled:
            del line.up[place]
        session = line.session
        if session is None or self.desk is None:
            return
        self.say(f"{line.seat} up {_gist(data)}")
        before = self.store.seq
        try:
            answers = session.receive(data)
        except SessionEnd as end:
            self._end(line, end)
        except Crash:
            self.crash_hub()
        else:
            line.down.extend(Told(answer) for answer in answers)
            self._note(session.replica, answers)
            if self.store.seq != before:
                self.desk.publish()
        self._forget_lines()

    def _note(self, replica: str, answers: Sequence[bytes]) -> None:
        for answer in answers:
            if answer.startswith(b'{"type":"ack"'):
                frame = wire.from_hub(answer)
                assert isinstance(frame, Ack)
                self.answers.append((replica, frame))

    def _end(self, line: Line, end: SessionEnd) -> None:
        self._excuse(end.code, str(end))
        self.say(f"{line.seat} is refused: {end.code} {end.detail}")
        self.count(f"sessions ended ({end.code})")
        line.close_hub_side()
        line.down.append(Told(wire.encode(Refuse(end.code, end.detail))))

    def _excuse(self, code: str, why: str) -> None:
        """A session may end for a newer one, or where frames were lost, doubled or overtaken."""
        if code != "replaced" and not (code == "protocol" and self.garbled):
            raise Violation("A session of an honest replica is not refused.", why)

    def read_page(self, line: Line) -> None:
        """The hub reads the next page for a session that was woken, if there is one."""
        session = line.session
        if session is None:
            line.woken = False
            return
        if session.ended:
            self._end(line, SessionEnd("replaced"))
            line.woken = False
            return
        since = session.cursor
        page = session.next_page()
        if page is None or since is None or session.cursor is None:
            line.woken = False
            return
        line.down.append(Told(page, since, session.cursor, self.store.seq))

    def deliver_down(self, line: Line) -> None:
        """One frame arrives at a replica, or does not."""
        drawn = self._drawn(line.down)
        if drawn is None:
            line.down.popleft()
            return
        place, doubled = drawn
        told = line.down[place]
        if not doubled:
            del line.down[place]
        seat = self.seat(line.seat)
        if seat.line is not line or seat.exchange is None:
            return
        self.say(f"{seat.label} down {_gist(told.data)}")
        taken = told.to >= 0 and seat.replica.seq == told.since
        try:
            frames = seat.exchange.receive(told.data)
        except Crash as crash:
            if taken and crash.point == "commit":
                seat.read_at = max(seat.read_at, told.read_at)
            self.crash(seat)
        except Stalled:
            self.hang_up(seat, "disorder")
        except (Ended, ProtocolError) as error:
            self._excuse(error.code if isinstance(error, Ended) else "protocol", str(error))
            self.hang_up(seat, type(error).__name__)
        else:
            if taken:
                seat.read_at = max(seat.read_at, told.read_at)
            line.up.extend(frames)
            if seat.exchange.settled and not self.garbled:
                settled_is_settled(seat.label, seat.replica, seat.exchange, seat.owed)

    def ask_proof(self, seat: Seat) -> None:
        """Somebody wants to know that all is in step as of now."""
        if seat.line is not None and seat.exchange is not None and seat.exchange.following:
            seat.line.up.extend(seat.exchange.ask_proof())
            seat.owed = self.store.seq
            self.say(f"{seat.label} asks for a proof")

    # -- replicas

    def crash(self, seat: Seat) -> None:
        """The replica's process is gone; it comes back from its file."""
        self.count("replica crashes")
        self.hang_up(seat, "crash")
        seat.retry_at += self.random.choice((0.0, 0.0, 15.0))
        seat.fuse.left = 0
        seat.fuse.changed = True
        seat.crash()
        if seat.replica.id != seat.id:
            raise Violation("A file keeps its replica id.", f"{seat.id} became {seat.replica.id}")

    def crash_hand(self, seat: Seat) -> None:
        """The process that a person saves with is gone; that may be the agent's too."""
        if not seat.two_processes:
            self.crash(seat)
            return
        self.count("replica crashes")
        seat.fuse.left = 0
        seat.fuse.changed = True
        seat.crash_hand()
        self.wake(seat)

    def wake(self, seat: Seat) -> None:
        """Something was saved: the agent sends it if it can."""
        if seat.line is not None and seat.exchange is not None:
            seat.line.up.extend(seat.exchange.wake())

    def pass_time(self, seconds: float) -> None:
        """Time goes by, and agents and hub do what is due."""
        self.time.pass_by(seconds)
        if self.desk is None and self.time.seconds >= self.hub_up_at:
            self.start_hub()
        for seat in self.seats:
            if seat.exchange is None:
                if seat.online and self.time.seconds >= seat.retry_at:
                    self.connect(seat)
                continue
            try:
                frames = seat.exchange.tick()
            except Stalled:
                self.hang_up(seat, "silence")
            else:
                if seat.line is not None:
                    seat.line.up.extend(frames)

    def set_role(self, seat: Seat, role: str) -> None:
        """A coordinator gives a member another role."""
        self.store.conn.execute("UPDATE members SET role = ? WHERE name = ?", (role, seat.name))
        for each in self.seats:
            if each.name == seat.name:
                each.role = role

    def roles(self) -> Mapping[str, str]:
        return {seat.name: seat.role for seat in self.seats}

    def close(self) -> None:
        for seat in self.seats:
            seat.close()
        self.store.close()


def _gist(data: bytes) -> str:
    """What a frame is, short, and a number that changes with any byte of it."""
    return f"{data[9:18].decode(errors='replace')} {len(data)} {crc32(data):08x}"
