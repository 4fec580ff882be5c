"""The agent: keeps a replica and its hub in step, once or for as long as it is let.

One agent at a time per home; a second asks the first to sync and waits. It never stands in
the way of editing: without a network, or shut out, the outbox keeps everything.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import signal
import sqlite3
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec

from schema.errors import Busy, DuijieError, Offline, Refused
from schema.wording import _
from syncd.address import checked
from syncd.exchange import Ended, Exchange, refused_session
from syncd.store.connection import FileLock
from syncd.store.replica import Replica
from syncd.store.standing import note_reached
from syncd.talk import POLL, Talk, connected, is_refused, passing, reason

if TYPE_CHECKING:
    from syncd.home import Home

FIRST_DELAY = 0.25
LONGEST_DELAY = 10.0
LONG_SESSION = 2.0
TURN = 1.0
GLANCE = 0.2  # longer than somebody holds the lock to see whether it is free


class AgentState(msgspec.Struct, frozen=True):
    """What is true about syncing now; `since` when it is connected or not, in microseconds.

    `settled`: all that can be sent was taken and everything the hub had is here. `error` says
    why the last connection ended, in the reader's language; "" when there was no trouble.
    `another`: some other program syncs this home, and this one waits.
    """

    connected: bool = False
    since: int = 0
    error: str = ""
    settled: bool = False
    another: bool = False


class Agent:
    """Syncs one replica with one hub, all of it in the thread that opened the replica.

    `lock` is what only one agent of a home may hold. With an `invitation` the first
    connection redeems it for the token.
    """

    def __init__(
        self,
        replica: Replica,
        url: str,
        token: str,
        lock: FileLock,
        *,
        invitation: str | None = None,
    ) -> None:
        self.replica = replica
        self.url = checked(url)
        self.state = AgentState(since=replica.clock.now())
        self._token = token
        self._invitation = invitation
        self._lock = lock
        self._on_change: Callable[[AgentState], None] = lambda _state: None
        self._woken = asyncio.Event()
        self._alive = 0.0
        self._asked = 0
        self._have = 0

    # -- what others call

    async def run_once(self, timeout: float = 10.0) -> None:  # noqa: ASYNC109
        """One full exchange; Offline after `timeout` seconds without hearing from the hub.

        Beside another agent this asks it to sync, and waits until it has.
        """
        self._alive = time.monotonic()
        while not self._lock.acquire(0):
            if await self._other_synced(timeout):
                return
        try:
            await self._until_settled(timeout)
        finally:
            self._lock.release()

    async def watch(self, on_change: Callable[[AgentState], None]) -> None:
        """Stay in step until cancelled, connecting again for ever; `on_change` hears each state.

        Busy beside another agent; Ended when the hub says that trying again is no use.
        """
        self._on_change = on_change
        if not self._lock.acquire(GLANCE):
            busy = Busy(
                _("Another program is syncing this home already."),
                _("Nothing else need sync it; end that program first."),
            )
            self._tell(connected=False, settled=False, error=busy.sentence, another=True)
            raise busy
        self._tell(connected=False, settled=False, error="", another=False)
        try:
            await self._for_ever()
        finally:
            self._tell(connected=False, settled=False)
            self._lock.release()

    def woken(self) -> None:
        """Something was saved: send it now. Called in the agent's own loop."""
        self._woken.set()

    # -- once

    async def _until_settled(self, patience: float) -> None:
        delay = FIRST_DELAY
        moved, stood = self._alive, self._stands()
        while True:
            try:
                await self._session(once=patience)
            except ssl.SSLCertVerificationError as error:
                raise self._offline(error) from None
            except passing() as error:
                if (stands := self._stands()) != stood:
                    moved, stood = self._alive, stands
                left = moved + patience - time.monotonic()
                if left <= 0:
                    raise self._offline(error) from None
                await asyncio.sleep(min(left, delay * random.uniform(0.5, 1)))
                delay = min(delay * 2, 1.0)
            else:
                return

    async def _other_synced(self, patience: float) -> bool:
        """Ask the other agent to sync; False when it has ended meanwhile."""
        replica = self.replica
        with replica.write():
            asked = replica.number("sync_asked") + 1
            replica.set_meta(sync_asked=asked)
        moved, stood = time.monotonic(), self._stands()
        while replica.number("sync_done") < asked:
            if (stands := self._stands()) != stood:
                moved, stood = time.monotonic(), stands
            if time.monotonic() - moved > patience:
                raise Offline(
                    _("The program that syncs this home has not reached the hub."),
                    _("Your edits are kept; sync again later."),
                )
            if self._lock.acquire(0):
                self._lock.release()
                return False
            await self._commit_elsewhere(TURN)
        return True

    def _stands(self) -> tuple[int, int, int]:
        """What moves when syncing gets anywhere."""
        return self.replica.seq, self.replica.unsent(), self._have

    async def _commit_elsewhere(self, longest: float) -> bool:
        """Wait until another connection commits to the replica; False after so many seconds."""
        limit = time.monotonic() + longest
        heard = self.replica.db.data_version()
        while time.monotonic() < limit:
            await asyncio.sleep(POLL)
            if self.replica.db.data_version() != heard:
                return True
        return False

    # -- for ever

    async def _for_ever(self) -> None:
        failures = 0
        while True:
            began = time.monotonic()
            try:
                await self._session()
            except Ended as error:
                self._tell(connected=False, settled=False, error=str(error))
                if error.code != "replaced":
                    raise
            except passing() as error:
                self._tell(connected=False, settled=False, error=self._why(error))
            except DuijieError as error:
                self._tell(connected=False, settled=False, error=str(error))
            except Exception as error:
                why = _("Something unforeseen went wrong: {what}.", what=repr(error))
                self._tell(connected=False, settled=False, error=why)
            failures = 0 if time.monotonic() - began > LONG_SESSION else failures + 1
            await self._rest(min(LONGEST_DELAY, FIRST_DELAY * 2**failures))

    async def _rest(self, longest: float) -> None:
        """Wait before connecting again; less when another process asks for a sync."""
        limit = time.monotonic() + longest * random.uniform(0.5, 1)
        while (left := limit - time.monotonic()) > 0:
            if self.replica.number("sync_asked") > self._asked:
                return
            await self._commit_elsewhere(left)

    # -- one session

    async def _session(self, once: float | None = None) -> None:
        """One connection, from the handshake to its end; see Talk for `once`."""
        self._asked = self.replica.number("sync_asked")
        try:
            ws = await connected(self.url, self._authorization())
        except passing() as error:
            if is_refused(error):
                raise self._turned_away() from None
            raise
        self._invitation = None
        talk = Talk(
            self.replica,
            ws,
            woken=self._woken,
            asked=self._asked,
            once=once,
            told=self._told,
        )
        try:
            async with ws:
                await talk.hold()
        except Ended as ended:
            if ended.code == "revoked":
                self._note_revoked()
            raise
        finally:
            self._alive = talk.alive
            self._asked = talk.asked
            self._have = talk.exchange.have

    def _authorization(self) -> str:
        if self._invitation is None:
            return f"Bearer {self._token}"
        return f"Invite {self._invitation} {hashlib.sha256(self._token.encode()).hexdigest()}"

    def _turned_away(self) -> DuijieError:
        if self._invitation is not None:
            return Refused(
                _("The hub does not take this code."),
                _("A code works once, within 72 hours: ask for a new invitation."),
            )
        self._note_revoked()
        return refused_session("revoked")

    def _note_revoked(self) -> None:
        with self.replica.write():
            self.replica.set_meta(revoked=1)

    # -- what is said of it

    def _told(self, exchange: Exchange) -> None:
        if not exchange.welcomed:
            return
        if self.replica.meta("revoked"):
            with self.replica.write():
                self.replica.set_meta(revoked=None)
        alarm = _("This replica does not add up to what the hub holds.") if exchange.alarm else ""
        self._tell(connected=True, settled=exchange.settled, error=alarm)

    def _tell(self, **news: Any) -> None:
        if news["connected"] != self.state.connected:
            news["since"] = self.replica.clock.now()
        state = msgspec.structs.replace(self.state, **news)
        if state != self.state:
            self.state = state
            self._note(state)
            self._on_change(state)

    def _note(self, state: AgentState) -> None:
        """Keep whether the hub is reached, for a `status` beside this agent."""
        if state.settled or (state.error and not state.connected and not state.another):
            with suppress(DuijieError, sqlite3.Error):
                note_reached(self.replica, state.connected)

    def _offline(self, error: BaseException) -> Offline:
        return Offline(self._why(error), _("Your edits are kept; sync again later."))

    def _why(self, error: BaseException) -> str:
        return _("{url} could not be reached: {why}.", url=self.url, why=reason(error))


class AgentThread:
    """An agent in a thread of its own, with its own loop and its own connection to the replica.

    `on_change` is called in that thread. While another process syncs the home, this one says
    so and waits for its turn.
    """

    def __init__(self, home: Home, on_change: Callable[[AgentState], None]) -> None:
        self._home = home
        self._on_change = on_change
        self._thread = threading.Thread(target=self._run, name="agent", daemon=True)
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._agent: Agent | None = None

    def start(self) -> None:
        """Begin to sync; returns at once."""
        self._thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """End the session tidily; what is unsent stays in the outbox."""
        if not self._thread.is_alive():
            return
        self._ready.wait(timeout)
        if self._task is not None:
            self._call(self._task.cancel)
        self._thread.join(timeout)

    def woken(self) -> None:
        """Something was saved: send it now. Called from any thread."""
        if self._agent is not None:
            self._call(self._agent.woken)

    def _call(self, what: Callable[[], object]) -> None:
        with suppress(RuntimeError):
            if self._loop is not None:
                self._loop.call_soon_threadsafe(what)

    def _run(self) -> None:
        with suppress(asyncio.CancelledError):
            asyncio.run(self._main())

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        self._ready.set()
        try:
            replica = self._home.open_replica()
        except DuijieError as error:
            self._on_change(AgentState(error=str(error)))
            return
        try:
            await self._keep_in_step(replica)
        finally:
            replica.close()

    async def _keep_in_step(self, replica: Replica) -> None:
        """Sync for as long as the hub lets this home in, and again when it has joined anew."""
        while True:
            try:
                self._agent = self._home.agent(replica)
                await self._take_turns(self._agent)
            except Ended:
                pass
            except DuijieError as error:
                self._on_change(AgentState(since=replica.clock.now(), error=str(error)))
            belongs = _belongs(replica)
            while _belongs(replica) == belongs:  # noqa: ASYNC110
                await asyncio.sleep(TURN / 2)

    async def _take_turns(self, agent: Agent) -> None:
        while True:
            try:
                await agent.watch(self._on_change)
            except Busy:
                await asyncio.sleep(TURN)


def _belongs(replica: Replica) -> tuple[str, str]:
    return replica.meta("hub"), replica.meta("revoked")


def sync_once(home: Home, timeout: float = 10.0) -> None:
    """One full exchange of a home, for a command."""
    replica = home.open_replica()
    try:
        asyncio.run(home.agent(replica).run_once(timeout))
    finally:
        replica.close()


def sync_for_ever(home: Home, on_change: Callable[[AgentState], None]) -> None:
    """Stay in step until SIGTERM or SIGINT, for a command; returns after either."""

    async def watch(replica: Replica) -> None:
        task = asyncio.ensure_future(home.agent(replica).watch(on_change))
        for each in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(each, task.cancel)
        with suppress(asyncio.CancelledError):
            await task

    replica = home.open_replica()
    try:
        asyncio.run(watch(replica))
    finally:
        replica.close()
