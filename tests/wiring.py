"""A hub and replicas wired together in one process: the same code as over a socket, without one."""

from __future__ import annotations

import secrets
from pathlib import Path

from schema.wire import MemberLine
from syncd.clock import Clock
from syncd.exchange import Exchange
from syncd.hub import Hub
from syncd.session import Desk
from syncd.store.hub import HubStore
from syncd.store.members import Members, digest
from syncd.store.replica import Replica

ROUNDS = 1000


class Wired:
    """One hub and the homes of its members, each in a folder that `duijie --home` takes."""

    def __init__(self, folder: Path, clock: Clock | None = None) -> None:
        self.folder = folder
        self.clock = clock or Clock()
        self.store = HubStore(folder / "hub.db")
        self.hub = Hub(self.store, self.clock)
        self.members = Members(self.store, folder / "revoked")
        self.desk = Desk(self.hub, self.members)
        self.replicas: dict[str, Replica] = {}
        self._devices: dict[str, str] = {}

    def home(self, name: str) -> Path:
        """The folder of a member's home."""
        return self.folder / f"home-{name}"

    def join(self, name: str, role: str = "liaison", department: str = "研发部") -> Replica:
        """A new member with a replica that has had its first exchange."""
        token = secrets.token_urlsafe(32)
        code = self.members.invite(name=name, department=department, role=role, now=self.hub.now())
        device = self.members.redeem(code, digest(token), self.hub.now())
        assert device is not None
        self.home(name).mkdir(mode=0o700, exist_ok=True)
        (self.home(name) / "token").write_text(token)
        known = self.home(name) / "replica.db"
        replica = Replica(known, self.clock)
        with replica.write():
            replica.set_meta(hub="ws://127.0.0.1:1")
        self.replicas[name] = replica
        self._devices[name] = device
        self.sync(name)
        return replica

    def standing(self, name: str) -> MemberLine:
        """Whom the hub takes a member for."""
        return self.members.standing(self._devices[name])

    def sync(self, *names: str) -> Exchange:
        """A full exchange of each member named in turn; of all, twice over, where none is named."""
        exchange: Exchange | None = None
        for name in names or [*self.replicas, *self.replicas]:
            exchange = self._sync(name)
        assert exchange is not None
        return exchange

    def _sync(self, name: str) -> Exchange:
        session = self.desk.open(self._devices[name], lambda: None)
        exchange = Exchange(self.replicas[name])
        frames = exchange.start()
        for _round in range(ROUNDS):
            answers: list[bytes] = []
            for frame in frames:
                answers += session.receive(frame)
            while page := session.next_page():
                answers.append(page)
            frames = [sent for answer in answers for sent in exchange.receive(answer)]
            if not frames and exchange.settled:
                break
        session.close()
        return exchange

    def close(self) -> None:
        for replica in self.replicas.values():
            replica.close()
        self.store.close()


def take_pages_only(wired: Wired, name: str) -> None:
    """Let a replica hear the hub without sending anything: the line broke off after the pull."""
    from schema import wire

    replica = wired.replicas[name]
    to, rows, proof = wired.store.page(replica.seq)
    cursor = f"{wired.store.state('epoch')}.{to}"
    page = wire.Page(
        since=replica.seq, to=to, cursor=cursor, time=wired.hub.now(), rows=rows, proof=proof
    )
    heard = wire.from_hub(wire.encode(page))
    assert isinstance(heard, wire.Page)
    replica.take_page(heard, {})
