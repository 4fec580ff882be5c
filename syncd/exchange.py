"""The replica's side of a session: frames in, frames out, no socket.

After connecting: hello, welcome, the outbox, pull, proof, then live. An ack is a result and a
seq, never state; state comes only in pages. What was heard on an older connection is void, so
results live in this object and nowhere else.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Mapping

from schema import wire
from schema.errors import DuijieError, ProtocolError
from schema.records import KINDS
from schema.wire import (
    UNKNOWN,
    WAITING,
    Ack,
    Ask,
    Hello,
    History,
    Page,
    Pull,
    Refuse,
    Versions,
    Welcome,
)
from schema.wording import _
from syncd.store.replica import CursorGap, Replica
from syncd.store.rows import Results

PUSH_BYTES = 360 << 10
ASK_EDITS = wire.ASK_EDITS
WINDOW = 3
QUIET = 20.0
BODIES = 8
FIRST_BYTES = 32 << 10
SLOWEST = 8_000


class Stalled(Exception):
    """The other side has been silent for too long; connect anew."""


class Ended(DuijieError):
    """The hub ended this session for a reason that connecting again does not mend."""

    def __init__(self, code: str, sentence: str, way_out: str) -> None:
        super().__init__(sentence, way_out)
        self.code = code


class Exchange:
    """One connection's conversation over one replica.

    Give `receive` every frame, call `wake` after a save and `tick` now and then; each returns
    frames to send in order. `settled` says that the replica has sent all it can and has
    everything the hub had; `have` is the greatest number that the hub had judged at the welcome.
    """

    def __init__(self, replica: Replica, kinds: Mapping[str, int] | None = None) -> None:
        self.replica = replica
        self.clock = replica.clock
        self.kinds = dict(kinds or {name: kind.version for name, kind in KINDS.items()})
        self.welcomed = False
        self.following = False
        self.settled = False
        self.alarm = ""
        self.have = 0
        self.waiting: set[int] = set()
        self._hub_kinds: dict[str, int] = {}
        self._asked = 0
        self._sent = 0
        self._known: set[int] = set()
        self._flying: deque[set[int]] = deque()
        self._sizes: deque[int] = deque()
        self._push_bytes = min(FIRST_BYTES, PUSH_BYTES)
        self._results: dict[int, tuple[str, int | None, str | None]] = {}
        self._due: deque[tuple[int, int]] = deque()
        self._late: dict[int, tuple[str, int | None, str | None]] = {}
        self._mended = False
        self._fetching = False
        self._proof_owed = True
        self._fences = 0
        self._astray = False  # whether an edit waits that nothing holds: it came out of order
        self._said_hello = 0
        self._heard_at = self._moved_at = self.clock.monotonic()
        self._pulled_at: float | None = None

    def start(self) -> list[bytes]:
        """The first frames."""
        self._said_hello = self.clock.now()
        self._heard_at = self.clock.monotonic()
        cursor = self.replica.meta("cursor") or None
        return [wire.encode(Hello(self.replica.id, self.kinds, cursor))]

    def receive(self, data: bytes) -> list[bytes]:
        """Take one frame in; Ended, ProtocolError or Stalled end the session."""
        frame = wire.from_hub(data)
        self._heard_at = self.clock.monotonic()
        self._pulled_at = None
        match frame:
            case Welcome():
                return self._welcome(frame)
            case Ack(results=results):
                return self._ack(results)
            case Page():
                return self._page(frame)
            case Versions():
                return self._bodies(frame)
            case Refuse(code=code):
                raise refused_session(code)

    def wake(self) -> list[bytes]:
        """Something may have been saved: send what is new."""
        if not self.following:
            return []
        frames = self._push()
        if frames:
            self.settled = False
        return frames

    def ask_proof(self) -> list[bytes]:
        """Be settled again only by what the hub holds after this call.

        An empty question goes first: a page that was on its way comes before its answer.
        """
        if not self.following:
            return []
        self.settled = False
        self._proof_owed = True
        self._fences += 1
        return [wire.encode(Ask([])), self._pull()]

    def moved(self) -> None:
        """Bytes came or went: a slow line is not a dead one."""
        self._moved_at = self.clock.monotonic()

    def tick(self) -> list[bytes]:
        """Keep time: Stalled after 20 s without a byte where an answer is due.

        What was sent may be buffered on the way, so it is given its time on a slow line. A
        session that has been quiet as long asks for a proof, and has 20 s more.
        """
        now = self.clock.monotonic()
        if now - self._heard_at < QUIET:
            return []
        still = now - max(self._heard_at, self._moved_at)
        if self._is_owed():
            if still >= QUIET + sum(self._sizes) / SLOWEST:
                raise Stalled
            return []
        if self._pulled_at is None:
            self._pulled_at = now
            return [self._pull()]
        if still >= QUIET and now - self._pulled_at >= QUIET:
            raise Stalled
        return []

    # -- the steps

    def _welcome(self, welcome: Welcome) -> list[bytes]:
        if self.welcomed:
            raise ProtocolError("A second welcome.", "")
        replica = self.replica
        known = replica.meta("workspace")
        if known and known != welcome.workspace:
            raise refused_session("workspace")
        if replica.meta("epoch") and (
            replica.meta("epoch") != welcome.epoch or welcome.seq < replica.seq
        ):
            raise refused_session("epoch")
        now = self.clock.now()
        offset = welcome.time + (now - self._said_hello) // 2 - now
        member = welcome.member
        with replica.write():
            replica.set_meta(
                workspace=welcome.workspace,
                epoch=welcome.epoch,
                member=member.id,
                name=member.name,
                department=member.department,
                role=member.role,
                offset=offset,
                heard=max(replica.number("heard"), welcome.time),
                readonly=int(welcome.readonly),
                older=",".join(
                    kind for kind, n in self.kinds.items() if n > welcome.kinds.get(kind, 0)
                ),
            )
        self.welcomed = True
        self.have = welcome.have
        self._hub_kinds = welcome.kinds
        return self._ask(welcome.have) or self._advance()

    def _ask(self, have: int) -> list[bytes]:
        """Open the outbox with numbers and hashes of what the hub may have judged already."""
        edits = [
            (n, hashlib.sha256(data).hexdigest()) for n, data in self.replica.outbox_upto(have)
        ]
        frames = [
            wire.encode(Ask(edits[first : first + ASK_EDITS]))
            for first in range(0, len(edits), ASK_EDITS)
        ]
        self._asked = len(frames)
        return frames

    def _ack(self, results: list[tuple[int, str, int | None, str | None]]) -> list[bytes]:
        if not results and self._fences:
            self._fences -= 1
            return []
        answered = {n for n, *_rest in results}
        for n, result, seq, reason in results:
            if result == WAITING:
                self.waiting.add(n)
                self._astray |= not self._hub_is_older()
            elif result != UNKNOWN and n not in self._results:
                self._known.add(n)
                self._results[n] = (result, seq, reason)
                if seq is not None:
                    self._due.append((seq, n))
        if self._asked:
            self._asked -= 1
        elif self._flying and self._flying[0] <= answered:
            self._flying.popleft()
            self._sizes.popleft()
            self._push_bytes = min(2 * self._push_bytes, PUSH_BYTES)
        if self.following:
            self._pass(self.replica.seq)
        return self._advance()

    def _is_owed(self) -> bool:
        """Whether this session cannot come to rest without another frame."""
        due = self._flying or self._fences or self._fetching
        return not self.following or self._astray or bool(due)

    def _hub_is_older(self) -> bool:
        return any(n > self._hub_kinds.get(kind, 0) for kind, n in self.kinds.items())

    def _advance(self) -> list[bytes]:
        if not self.welcomed or self._asked:
            return []
        frames = self._push()
        if not frames and not self._flying and not self.following:
            self.following = True
            frames.append(self._pull())
        return frames

    def _push(self) -> list[bytes]:
        """As many frames of the outbox as the window takes.

        They begin small and grow with every answer, so that a slow line gets somewhere too.
        """
        frames: list[bytes] = []
        while len(self._flying) < WINDOW:
            lines = self.replica.outbox_after(self._sent, self._push_bytes)
            if not lines:
                break
            self._sent = lines[-1][0]
            acts: dict[int, list[tuple[int, bytes]]] = {}
            held: set[int] = set()
            for n, act, kind, _id, data in lines:
                if self.kinds.get(kind, 1) > self._hub_kinds.get(kind, 0):
                    held.add(act)
                acts.setdefault(act, []).append((n, data))
            numbers: set[int] = set()
            parts: list[bytes] = []
            for act, edits in acts.items():
                own = {n for n, _data in edits}
                if act in held:
                    self.waiting |= own
                elif not own <= self._known:
                    numbers |= own
                    parts.append(b"[" + b",".join(data for _n, data in edits) + b"]")
            if parts:
                self._flying.append(numbers)
                frames.append(b'{"type":"push","acts":[' + b",".join(parts) + b"]}")
                self._sizes.append(len(frames[-1]))
        return frames

    def _pull(self) -> bytes:
        return wire.encode(Pull(self.replica.meta("cursor") or None))

    def _page(self, page: Page) -> list[bytes]:
        due = self._take_due(page.to)
        try:
            gone = self.replica.take_page(page, due, self._late)
        except CursorGap:
            self._due.extendleft((due[n][1] or 0, n) for n in reversed(due))
            return [self._pull()]
        self._let_go(due, gone)
        if page.proof is None:
            return []
        self._proof_owed = self._fences > 0
        match self.replica.meta("proof"):
            case "doubted":
                self._proof_owed = True
                return [self._pull()]
            case "broken":
                return self._mend()
        self.alarm = ""
        return self._fetch()

    def _fetch(self) -> list[bytes]:
        """Ask for bodies of leaves that a page had no room for, a few at a time."""
        if self._fetching:
            return []
        wanted = self.replica.bodiless(BODIES)
        self._fetching = wanted is not None
        self._settle()
        return [wire.encode(History(*wanted))] if wanted else []

    def _bodies(self, told: Versions) -> list[bytes]:
        self._fetching = False
        if self.replica.take_bodies(told):
            return self._fetch()
        self._settle()
        return []

    def _mend(self) -> list[bytes]:
        """Read everything again; a replica that still differs says so until somebody looks."""
        if self._mended:
            self.alarm = "proof"
            self._settle()
            return []
        self._mended = self._proof_owed = True
        self.replica.start_over()
        return [self._pull()]

    def _settle(self) -> None:
        if not self._flying and not self._proof_owed and not self._fetching:
            self.settled = self.replica.unsent() == len(self.waiting)

    # -- results that wait for the cursor

    def _take_due(self, seq: int) -> dict[int, tuple[str, int | None, str | None]]:
        due = {}
        while self._due and self._due[0][0] <= seq:
            _seq, n = self._due.popleft()
            due[n] = self._results[n]
        return due

    def _let_go(self, due: Results, gone: set[int]) -> None:
        """Keep what is due and must wait for its record with a later page."""
        for n in gone:
            self._results.pop(n, None)
            self._late.pop(n, None)
        self._late.update({n: result for n, result in due.items() if n not in gone})

    def _pass(self, seq: int) -> None:
        due = self._take_due(seq)
        if due:
            self._let_go(due, self.replica.pass_results(due))
            self._settle()


def refused_session(code: str) -> Ended:
    """Why the hub ended a session, as a sentence with the way out."""
    match code:
        case "revoked":
            return Ended(
                code,
                _("This device may no longer sync; your edits stay here."),
                _("Ask whoever keeps the hub for a new invitation."),
            )
        case "workspace":
            return Ended(
                code,
                _("That hub holds another workspace."),
                _("Check the address, or use another --home for it."),
            )
        case "epoch":
            return Ended(
                code,
                _("The hub was put back from a copy; nothing is exchanged with it."),
                _("Keep this replica as it is and tell whoever keeps the hub."),
            )
        case "replica":
            return Ended(
                code,
                _("This replica belongs to another member of the hub."),
                _("Join with a home of your own: duijie --home DIR join URL CODE."),
            )
        case "copied":
            return Ended(
                code,
                _("The hub knows other edits under this replica's numbers: the file was copied."),
                _("Keep one of the copies, and start the other with a new --home."),
            )
        case "replaced":
            return Ended(
                code,
                _("Another session of this replica has taken over."),
                _("Let only one program sync this home."),
            )
        case _:
            return Ended(
                code,
                _("The hub did not understand this replica ({code}).", code=code),
                _("Check that both sides run the same version of duijie."),
            )
