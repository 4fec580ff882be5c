"""A person's home: one folder with one workspace, joined to one hub or to none."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import json

from schema.errors import NotFound, NotJoined, Refused, StoreError, UsageError
from schema.records import encode, new_body, own_id, problems
from schema.rights import may_write
from schema.safe_text import clean
from schema.wording import _
from syncd.address import checked
from syncd.folder import private_folder
from syncd.store.connection import FileLock, private_umask
from syncd.store.replica import Replica
from syncd.store.rows import Change

if TYPE_CHECKING:
    from syncd.agent import Agent


class Home:
    """The folder of a replica: `replica.db`, `token`, `config.toml`, and `agent.lock`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.database = path / "replica.db"
        self.token_file = path / "token"
        self.config = path / "config.toml"

    @classmethod
    def find(cls, explicit: str | None, environ: Mapping[str, str]) -> Home:
        """The home that is meant: `--home`, else $DUIJIE_HOME, else the platform's data folder."""
        named = explicit or environ.get("DUIJIE_HOME")
        if named:
            return cls(Path(named).expanduser())
        from platformdirs import user_data_dir

        return cls(Path(user_data_dir("duijie", appauthor=False)))

    def exists(self) -> bool:
        """Whether there is a workspace here."""
        return self.database.exists()

    def begun(self) -> bool:
        """Whether a workspace was begun here, to the end; where it was not, it can simply be begun again.

        Brings the file up to date, and raises what is wrong with it.
        """
        if not self.exists():
            return False
        replica = self.open_replica()
        try:
            return _begun(replica)
        finally:
            replica.close()

    def open_replica(self, readonly: bool = False) -> Replica:
        """The replica, for one thread; NotFound where there is no workspace yet."""
        if not self.exists():
            raise NotFound(
                _("There is no workspace in {path} yet.", path=self.path),
                _("Begin with `duijie join URL CODE`, or alone with `duijie init`."),
            )
        private_umask()
        return Replica(self.database, readonly=readonly)

    # -- the token

    def token(self) -> str:
        """The secret that the hub knows this home by; NotJoined where there is none."""
        try:
            return self.token_file.read_text("ascii").strip()
        except FileNotFoundError:
            raise _not_joined() from None
        except (OSError, UnicodeDecodeError):
            raise StoreError(
                _("{path} cannot be read.", path=self.token_file),
                _("Ask for a new invitation, and join again."),
            ) from None

    def write_token(self, token: str) -> None:
        """Keep a token, whole or not at all, for its owner's eyes alone."""
        fresh = self.path / f"token.{os.urandom(4).hex()}"
        fd = os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        try:
            os.write(fd, f"{token}\n".encode())
            os.fsync(fd)
        finally:
            os.close(fd)
        os.replace(fresh, self.token_file)

    # -- beginning

    def init(self, name: str, department: str) -> None:
        """Begin a workspace of one's own; Refused where there is one, FieldError for a bad name."""
        name, department = clean(name, lines=False), clean(department, lines=False)
        for kind, value in (("department", department), ("person", name)):
            for problem in problems(kind, {"name": value}):
                raise problem
        replica = self._begin()
        try:
            if _begun(replica):
                raise Refused(
                    _("There is a workspace in {path} already.", path=self.path),
                    _("Use it, or name another folder with --home."),
                )
            with replica.write():
                replica.set_meta(name=name, department=department, role="coordinator")
            introduce(replica)
        finally:
            replica.close()

    def join(self, url: str, code: str) -> None:
        """Become a member of a hub, and exchange everything with it.

        On a joined home this only changes the address, unless the hub has shut it out. The
        token is kept before it is shown to the hub, so that after a crash the same code joins
        again. Whatever was saved here before is carried along.
        """
        url = checked(url)
        fresh = not self.exists()
        replica = self._begin()
        try:
            shut_out = replica.meta("revoked") or not self.token_file.exists()
            if replica.meta("hub") and not (code and shut_out):
                with replica.write():
                    replica.set_meta(hub=url)
            else:
                asyncio.run(self._join(replica, url, code))
        finally:
            unused = fresh and not replica.meta("workspace")
            replica.close()
            if unused:
                self._remove_replica()

    async def _join(self, replica: Replica, url: str, code: str) -> None:
        if not code:
            raise UsageError(
                _("To join a hub takes an invitation's code."),
                _("Ask whoever keeps the hub for one."),
            )
        await self._come_in(replica, url, code)
        introduce(replica)
        with replica.write():
            replica.set_meta(hub=url)
        await self.agent(replica).run_once()

    async def _come_in(self, replica: Replica, url: str, code: str) -> None:
        """The first exchange.

        A token that is here already may be known to the hub, from a time when joining was cut
        off; or be of no use there any more.
        """
        from syncd.agent import Agent
        from syncd.exchange import Ended

        lock = self._agent_lock()
        if self.token_file.exists():
            try:
                return await Agent(replica, url, self.token(), lock).run_once()
            except Ended as ended:
                if ended.code != "revoked":
                    raise
            with suppress(Refused):
                return await Agent(replica, url, self.token(), lock, invitation=code).run_once()
        from secrets import token_urlsafe

        self.write_token(token_urlsafe(32))
        return await Agent(replica, url, self.token(), lock, invitation=code).run_once()

    def _begin(self) -> Replica:
        private_folder(self.path)
        return Replica(self.database)

    def _remove_replica(self) -> None:
        """Leave no workspace behind where joining came to nothing."""
        for end in ("", "-wal", "-shm", ".lock"):
            self.database.with_name(self.database.name + end).unlink(missing_ok=True)

    # -- the agent

    def agent(self, replica: Replica) -> Agent:
        """The agent of this home; NotJoined where it belongs to no hub."""
        from syncd.agent import Agent

        url = replica.meta("hub")
        if not url:
            raise _not_joined()
        return Agent(replica, url, self.token(), self._agent_lock())

    def _agent_lock(self) -> FileLock:
        return FileLock(self.path / "agent.lock")


def _begun(replica: Replica) -> bool:
    """Whether anything was saved here, or taken from a hub."""
    return replica.number("next") > 1 or bool(replica.meta("workspace"))


def introduce(replica: Replica) -> None:
    """Save the records of the replica's own department and person, where they are missing.

    Both have ids made from their names, so that two members of a department who do so at once
    say the same thing. A person record written before its person joined is told the member.
    """
    name, department = replica.meta("name"), replica.meta("department")
    member = replica.meta("member")
    bodies = [
        ("department", new_body("department", {"name": department}, department=None)),
        ("person", new_body("person", {"name": name, "member": member}, department=department)),
    ]
    changes = list[Change]()
    for kind, body in bodies:
        id = own_id(kind, body)
        if id is None or not may_write(replica.meta("role"), kind, own=True):
            continue
        record = replica.record(kind, id)
        if record is None:
            changes.append(Change(kind, id, encode(body)))
        elif kind == "person" and member and record.shown.body and not record.shown.deleted:
            known = json.decode(record.shown.body)
            if known.get("member") != member:
                changes.append(Change(kind, id, encode({**known, "member": member})))
    if changes:
        replica.save(changes)


def _not_joined() -> NotJoined:
    return NotJoined(
        _("This workspace belongs to no hub."), _("Join one with `duijie join URL CODE`.")
    )
