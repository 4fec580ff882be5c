"""Members, their devices and invitations, in the hub's file and one append-only list beside it.

A token is made by the client; only its SHA-256 is kept. Revocations are also written outside
the database, so that an old copy of it lets nobody back in.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from schema.errors import NotFound, UsageError
from schema.rights import ROLE_WORDS, ROLES
from schema.safe_text import shell_word
from schema.wire import MemberLine
from schema.wording import _
from syncd.store.hub import HubStore

INVITATION_LIFE = 72 * 3600 * 1_000_000
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"


class Revoked(Exception):
    """A device that may no longer sync."""


class Device(NamedTuple):
    """One line of `members`: a device of a member, times in microseconds."""

    name: str
    department: str
    role: str
    device: str
    made: int
    seen: int | None
    revoked: int | None


class Shut(NamedTuple):
    """What a revocation did, as against what was so already."""

    department: str
    devices: list[str]  # that could come in until now
    invitations: int  # that were open
    member: bool  # whether the member could be let in until now
    last_coordinator: bool


def check_role(role: str) -> None:
    """UsageError for a role that does not exist."""
    if role not in ROLES:
        words = [
            each if word == each else _("{role} ({word})", role=each, word=word)
            for each, word in ((each, _(ROLE_WORDS[each])) for each in ROLES)
        ]
        raise UsageError(
            _("There is no role {role}.", role=role),
            _("Roles are: {roles}.", roles=_(", ").join(words)),
        )


def digest(secret: str) -> bytes:
    """What the hub keeps of a token or a code."""
    return hashlib.sha256(secret.encode()).digest()


class Members:
    """Who may come in, over the hub's store; `revoked` is the list beside the file."""

    def __init__(self, store: HubStore, revoked: Path | None = None) -> None:
        self.store = store
        self.conn = store.conn
        self.revoked = revoked

    def invite(
        self, *, name: str, department: str, role: str, now: int, member: str | None = None
    ) -> str:
        """Make an invitation and return its code: one use, 72 hours, a fixed role.

        `member` names an existing member who gets another device. UsageError for a role that
        does not exist or a name that is taken.
        """
        check_role(role)
        code = "-".join("".join(secrets.choice(_ALPHABET) for _i in range(4)) for _j in range(4))
        with self.store.write() as conn:
            if member is not None:
                row = conn.execute(
                    "SELECT id, name, department, role FROM members WHERE name = ?", (member,)
                ).fetchone()
                if row is None:
                    raise self._nobody(member)
                target, name, department, role = row
            else:
                target = None
                known = conn.execute(
                    "SELECT revoked FROM members WHERE name = ?", (name,)
                ).fetchone()
                if known is not None:
                    raise _known(name, revoked=known[0] is not None)
            conn.execute(
                "INSERT INTO invitations VALUES (?, ?, ?, ?, ?, ?, NULL, NULL)",
                (digest(code), target, name, department, role, now + INVITATION_LIFE),
            )
        return code

    def redeem(self, code: str, token: bytes, now: int) -> str | None:
        """Turn a code into a device; the same code and token hash again within 72 h get the same.

        None for a code that is unknown, used by another token, cancelled or out of date, and
        for a token that belongs to a device already.
        """
        with self.store.write() as conn:
            row = conn.execute(
                """SELECT member, name, department, role, expires, device, token FROM invitations
                WHERE code = ?""",
                (digest(code),),
            ).fetchone()
            if row is None or now > row[4] or len(token) != 32:
                return None
            known = conn.execute(
                "SELECT id, revoked FROM devices WHERE token = ?", (token,)
            ).fetchone()
            if row[5] is not None or known is not None:
                again = known is not None and known == (row[5], None)
                return str(row[5]) if again and hmac.compare_digest(row[6], token) else None
            member = row[0]
            if member is None:
                taken = conn.execute("SELECT 1 FROM members WHERE name = ?", (row[1],)).fetchone()
                if taken:
                    return None
                member = secrets.token_hex(8)
                conn.execute(
                    "INSERT INTO members VALUES (?, ?, ?, ?, ?, NULL)",
                    (member, row[1], row[2], row[3], now),
                )
            conn.execute("UPDATE members SET revoked = NULL WHERE id = ?", (member,))
            device = secrets.token_hex(4)
            conn.execute(
                "INSERT INTO devices VALUES (?, ?, ?, ?, NULL, NULL)", (device, member, token, now)
            )
            conn.execute(
                "UPDATE invitations SET device = ?, token = ? WHERE code = ?",
                (device, token, digest(code)),
            )
            return device

    def authenticate(self, token: str) -> str | None:
        """The device that a token belongs to; None for an unknown or revoked one."""
        hashed = digest(token)
        row = self.conn.execute(
            "SELECT id, token FROM devices WHERE token = ? AND revoked IS NULL", (hashed,)
        ).fetchone()
        return str(row[0]) if row and hmac.compare_digest(row[1], hashed) else None

    def standing(self, device: str) -> MemberLine:
        """Whom a device speaks for now; Revoked when it may not."""
        row = self.conn.execute(
            """SELECT m.id, m.name, m.department, m.role FROM devices d
            JOIN members m ON m.id = d.member
            WHERE d.id = ? AND d.revoked IS NULL AND m.revoked IS NULL""",
            (device,),
        ).fetchone()
        if row is None:
            raise Revoked(device)
        return MemberLine(*row)

    def member_of(self, device: str) -> str | None:
        """The member that a device belongs to, revoked or not."""
        row = self.conn.execute("SELECT member FROM devices WHERE id = ?", (device,)).fetchone()
        return str(row[0]) if row else None

    def seen(self, device: str, now: int) -> None:
        """Note when a device last came."""
        with self.store.write() as conn:
            conn.execute("UPDATE devices SET seen = ? WHERE id = ?", (now, device))

    def revoke(self, name: str, now: int, device: str | None = None) -> Shut:
        """Shut out a member, or one device; NotFound when there is none.

        A member's open invitations end too, and with them somebody who never came; a new
        invitation for the member opens the door again.
        """
        rows = self.conn.execute(
            """SELECT d.id, d.revoked FROM devices d JOIN members m ON m.id = d.member
            WHERE m.name = ?1 AND (?2 IS NULL OR d.id = ?2)""",
            (name, device),
        ).fetchall()
        self._write_down([str(row[0]) for row in rows], now)
        with self.store.write() as conn:
            coordinators = self._coordinators()
            known = conn.execute(
                "SELECT department, revoked FROM members WHERE name = ?", (name,)
            ).fetchone()
            self._shut([str(row[0]) for row in rows], now)
            ended = 0
            if device is None:
                conn.execute(
                    "UPDATE members SET revoked = ? WHERE name = ? AND revoked IS NULL", (now, name)
                )
                ended = conn.execute(
                    "DELETE FROM invitations WHERE name = ? AND device IS NULL", (name,)
                ).rowcount
            last = coordinators > 0 and self._coordinators() == 0
        if not rows and not ended:
            raise self._nobody(name) if known is None else _no_device(name, device or "")
        return Shut(
            department=known[0] if known else "",
            devices=[str(id) for id, revoked in rows if revoked is None],
            invitations=ended,
            member=device is None and known is not None and known[1] is None,
            last_coordinator=last,
        )

    def _coordinators(self) -> int:
        """How many coordinators can come in."""
        row = self.conn.execute(
            """SELECT count(DISTINCT m.id) FROM members m JOIN devices d ON d.member = m.id
            WHERE m.role = 'coordinator' AND m.revoked IS NULL AND d.revoked IS NULL"""
        ).fetchone()
        return int(row[0])

    def _shut(self, devices: list[str], now: int) -> None:
        self.conn.executemany(
            "UPDATE devices SET revoked = ? WHERE id = ? AND revoked IS NULL",
            [(now, device) for device in devices],
        )

    def _write_down(self, devices: list[str], now: int) -> None:
        if self.revoked is None or not devices:
            return
        fd = os.open(self.revoked, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            os.write(fd, "".join(f"{device} {now}\n" for device in devices).encode())
            os.fsync(fd)
        finally:
            os.close(fd)

    def keep_revoked(self, now: int) -> None:
        """Shut out again whoever the list beside the file names."""
        if self.revoked is None or not self.revoked.exists():
            return
        devices = [line.split()[0] for line in self.revoked.read_text().splitlines() if line]
        with self.store.write():
            self._shut(devices, now)

    def all(self) -> Iterator[Device]:
        """Every device of every member, by name."""
        for row in self.conn.execute(
            """SELECT m.name, m.department, m.role, d.id, d.made, d.seen, d.revoked
            FROM members m JOIN devices d ON d.member = m.id ORDER BY m.name, d.made"""
        ):
            yield Device(*row)

    def _nobody(self, name: str) -> NotFound:
        return NotFound(
            _("There is no member {name}.", name=name), _("`duijie-syncd members` lists them.")
        )


def _known(name: str, *, revoked: bool) -> UsageError:
    """Why somebody cannot be invited as if new, and what to write instead."""
    quoted = shell_word(name)
    if revoked:
        return UsageError(
            _("{name} is known here and was shut out.", name=name),
            _("To let them back in, use --for {name} instead of --name.", name=quoted),
        )
    return UsageError(
        _("{name} is a member already.", name=name),
        _("For another device of theirs, use --for {name} instead of --name.", name=quoted),
    )


def _no_device(name: str, device: str) -> NotFound:
    return NotFound(
        _("{name} has no device {device}.", name=name, device=device),
        _("`duijie-syncd members` lists them."),
    )
