"""The hub's side of a session: frames in, frames out, no socket.

One desk serves all sessions. Each reads its pages from the file at its own cursor when woken:
one path for catching up, living along and slow readers, and no queue per client.
"""

from __future__ import annotations

from collections.abc import Callable

from schema import wire
from schema.errors import ProtocolError
from schema.version import REPLICA_ID
from schema.wire import Ack, Ask, Hello, History, Page, Pull, Push, Versions, Welcome, leaf_of
from syncd.hub import Copied, Hub, Sender
from syncd.store.hub import Result
from syncd.store.members import Members, Revoked

PAGES_KEPT = 8


class SessionEnd(Exception):
    """This session is over: `code` is a word of the protocol, `detail` an English line."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail


class Desk:
    """What the sessions of a hub share: the hub, its members, and pages just read."""

    def __init__(self, hub: Hub, members: Members) -> None:
        self.hub = hub
        self.members = members
        self.sessions: dict[str, HubSession] = {}
        self._pages: dict[int, tuple[bytes, int]] = {}
        self._pages_seq = -1
        self.opened = 0

    def open(self, device: str, wake: Callable[[], None]) -> HubSession:
        """A session for a device; `wake` is called when there may be a page to send."""
        return HubSession(self, device, wake)

    def publish(self) -> None:
        """Wake every session that follows."""
        for session in list(self.sessions.values()):
            session.wake()

    def page(self, since: int) -> tuple[bytes, int]:
        """The bytes of the page after a seq and the seq it reaches; read once for all."""
        store = self.hub.store
        seq = store.seq
        if seq != self._pages_seq or len(self._pages) > PAGES_KEPT:
            self._pages.clear()
            self._pages_seq = seq
        found = self._pages.get(since)
        if found is None:
            to, rows, proof = store.page(since)
            page = Page(
                since=since,
                to=to,
                cursor=f"{store.state('epoch')}.{to}",
                time=self.hub.now(),
                rows=rows,
                proof=proof,
            )
            found = self._pages[since] = (wire.encode(page), to)
        return found


class HubSession:
    """One connection's conversation, from hello to its end."""

    def __init__(self, desk: Desk, device: str, wake: Callable[[], None]) -> None:
        self.desk = desk
        self.hub = desk.hub
        self.device = device
        self.wake = wake
        self.replica = ""
        self.kinds: dict[str, int] = {}
        self.cursor: int | None = None
        self.owes_page = False
        self.ended = False
        desk.opened += 1
        self.opened = desk.opened

    def receive(self, data: bytes) -> list[bytes]:
        """Answer one frame; SessionEnd where the session cannot go on."""
        if self.ended:
            raise SessionEnd("replaced", "a newer session of this replica is open")
        try:
            return self._answer(wire.to_hub(data))
        except ProtocolError as error:
            raise SessionEnd("protocol", str(error)) from None
        except Revoked:
            raise SessionEnd("revoked", "this device may no longer sync") from None
        except Copied as error:
            raise SessionEnd("copied", f"edit {error} of this replica is known otherwise") from None

    def _answer(self, frame: wire.ToHub) -> list[bytes]:
        if isinstance(frame, Hello):
            return [self._hello(frame)]
        if not self.replica:
            raise SessionEnd("protocol", "hello comes first")
        self.desk.members.standing(self.device)
        match frame:
            case Push(acts=acts):
                results = self.hub.push(self._sender, acts)
                return [_ack(results)]
            case Ask(edits=edits):
                return [_ack(self.hub.asked(self.replica, edits))]
            case Pull(cursor=cursor):
                self.cursor = self._read_cursor(cursor)
                self.owes_page = True
                self.wake()
                return []
            case History():
                return [self._history(frame)]

    def _hello(self, hello: Hello) -> bytes:
        if self.replica:
            raise SessionEnd("protocol", "hello comes once")
        if not REPLICA_ID.match(hello.replica):
            raise SessionEnd("protocol", "not a replica's name")
        newer = self.desk.sessions.get(hello.replica)
        if newer is not None and newer.opened > self.opened:
            raise SessionEnd("replaced", "this hello comes late: a newer session is open")
        member = self.desk.members.standing(self.device)
        store = self.hub.store
        known = store.replica(hello.replica)
        if known is None or known[0] != self.device:
            if known is not None and self.desk.members.member_of(known[0]) != member.id:
                raise SessionEnd("replica", "this replica belongs to another member")
            have, eff = (known[1], known[2]) if known else (0, 0)
            with store.write():
                store.seen_replica(hello.replica, self.device, have, eff)
        have = known[1] if known else 0
        self.replica = hello.replica
        self.kinds = hello.kinds
        old = self.desk.sessions.pop(self.replica, None)
        if old is not None:
            old.ended = True
            old.wake()
        self.desk.sessions[self.replica] = self
        return wire.encode(
            Welcome(
                workspace=store.state("workspace"),
                epoch=store.state("epoch"),
                seq=store.seq,
                time=self.hub.now(),
                have=have,
                member=member,
                kinds=self.hub.kinds,
            )
        )

    def _sender(self) -> Sender:
        member = self.desk.members.standing(self.device)
        return Sender(self.device, member.name, member.role, self.replica, self.kinds)

    def _read_cursor(self, cursor: str | None) -> int:
        if cursor is None:
            return 0
        epoch, _, seq = cursor.rpartition(".")
        store = self.hub.store
        if epoch != store.state("epoch") or not seq.isascii() or not seq.isdigit():
            raise SessionEnd("epoch", "this cursor is of another hub")
        if int(seq) > store.seq:
            raise SessionEnd("epoch", "this cursor is ahead of the hub")
        return int(seq)

    def _history(self, asked: History) -> bytes:
        wanted = set(asked.dots)
        versions = [
            leaf_of(version)
            for version in self.hub.store.history(asked.kind, asked.id)
            if not wanted or str(version.dot) in wanted
        ]
        while True:
            frame = wire.encode(Versions(asked.kind, asked.id, versions))
            if len(frame) <= wire.FRAME_LIMIT:
                return frame
            del versions[: max(1, len(versions) // 8)]

    def next_page(self) -> bytes | None:
        """The next page at this session's cursor, or None when it has all or asked for none."""
        if self.ended or self.cursor is None:
            return None
        if self.cursor == self.hub.store.seq and not self.owes_page:
            return None
        data, to = self.desk.page(self.cursor)
        self.cursor = to
        self.owes_page = False
        return data

    def close(self) -> None:
        """The connection is gone."""
        self.ended = True
        if self.desk.sessions.get(self.replica) is self:
            del self.desk.sessions[self.replica]


def _ack(results: list[Result]) -> bytes:
    return wire.encode(Ack([(r.n, r.result, r.seq, r.reason) for r in results]))
