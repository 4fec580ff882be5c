"""A home: where it is, how it begins, and how it joins."""

from __future__ import annotations

import asyncio
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from msgspec.json import decode

from schema.errors import FieldError, NotFound, NotJoined, Refused, UsageError
from schema.ids import derived_id
from schema.records import encode
from syncd.exchange import Ended
from syncd.home import Home
from syncd.server import Daemon
from syncd.store.members import digest
from syncd.store.replica import Replica
from syncd.store.rows import Change
from tests.syncd.rig import WAIT, BentClock, served, task


@contextmanager
def opened(home: Home) -> Iterator[Replica]:
    replica = home.open_replica()
    try:
        yield replica
    finally:
        replica.close()


def invited(daemon: Daemon, name: str = "李雷", role: str = "liaison") -> str:
    return daemon.members.invite(name=name, department="研发部", role=role, now=daemon.clock.now())


async def join(home: Home, url: str, code: str) -> None:
    await asyncio.wait_for(asyncio.to_thread(home.join, url, code), WAIT)


# -- where it is


def test_the_option_wins_over_the_variable_and_the_variable_over_the_platform(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    environ = {"DUIJIE_HOME": "/elsewhere"}
    assert Home.find("/here", environ).path == Path("/here")
    assert Home.find(None, environ).path == Path("/elsewhere")
    assert Home.find(None, {"DUIJIE_HOME": ""}).path.name == "duijie"
    assert Home.find("~/work", {}).path == Path.home() / "work"


def test_nothing_is_made_by_looking(tmp_path: Path) -> None:
    home = Home(tmp_path / "none")
    assert not home.exists()
    with pytest.raises(NotFound):
        home.open_replica()
    with pytest.raises(NotJoined):
        home.token()
    assert not home.path.exists()


# -- alone


def test_a_workspace_of_ones_own_begins_with_department_and_person(tmp_path: Path) -> None:
    home = Home(tmp_path / "a")
    home.init("  李雷 ", "研发部")
    assert home.exists()
    with opened(home) as replica:
        assert replica.meta("name") == "李雷"
        assert replica.meta("role") == "coordinator"
        assert replica.record("department", derived_id("department", "研发部"))
        person = replica.record("person", derived_id("person", "李雷"))
        assert person is not None
        assert person.shown.author == "李雷"
        acts = replica.conn.execute("SELECT DISTINCT act FROM outbox").fetchall()
        assert len(acts) == 1
        with pytest.raises(NotJoined):
            home.agent(replica)


def test_a_workspace_is_not_begun_twice(tmp_path: Path) -> None:
    home = Home(tmp_path / "a")
    home.init("李雷", "研发部")
    with pytest.raises(Refused):
        home.init("韩梅梅", "市场部")
    with opened(home) as replica:
        assert replica.meta("name") == "李雷"


@pytest.mark.parametrize(
    ("name", "department"), [("", "研发部"), ("李雷", " \x1b"), ("李" * 200, "部")]
)
def test_a_workspace_needs_a_name_that_can_be_written(
    tmp_path: Path, name: str, department: str
) -> None:
    home = Home(tmp_path / "a")
    with pytest.raises(FieldError):
        home.init(name, department)
    assert not home.exists()


def test_folder_and_files_are_their_owners_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        home = Home(tmp_path / "deep" / "a")
        home.init("李雷", "研发部")
        os.umask(0)
        home.write_token("secret")
        with opened(home):
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in home.path.iterdir()}
    finally:
        os.umask(before)
    assert stat.S_IMODE(home.path.stat().st_mode) == 0o700
    assert set(modes.values()) == {0o600}
    assert home.token() == "secret"


# -- joining


async def test_joining_makes_a_member_with_department_and_person(tmp_path: Path) -> None:
    async with served(tmp_path / "hub") as daemon:
        home = Home(tmp_path / "a")
        await join(home, daemon.url, invited(daemon))
        with opened(home) as replica:
            assert replica.meta("hub") == daemon.url
            assert (replica.meta("name"), replica.meta("role")) == ("李雷", "liaison")
            assert replica.unsent() == 0
            person = replica.record("person", derived_id("person", "李雷"))
            assert person is not None
            assert person.shown.body is not None
            assert replica.meta("member").encode() in person.shown.body
            assert replica.record("department", derived_id("department", "研发部"))
        assert stat.S_IMODE(home.token_file.stat().st_mode) == 0o600
        assert daemon.members.authenticate(home.token())


async def test_what_was_saved_alone_is_carried_along(tmp_path: Path) -> None:
    async with served(tmp_path / "hub") as daemon:
        home = Home(tmp_path / "a")
        home.init("李雷", "研发部")
        with opened(home) as replica:
            replica.save([task("加入之前写的")])
        await join(home, daemon.url, invited(daemon))
        assert int(daemon.store.state("count")) == 3
        with opened(home) as replica:
            assert replica.unsent() == 0
            assert replica.meta("role") == "liaison"


async def test_who_began_alone_is_a_member_once_joined(tmp_path: Path) -> None:
    async with served(tmp_path / "hub") as daemon:
        home = Home(tmp_path / "a")
        home.init("李雷", "研发部")
        with opened(home) as replica:
            id = derived_id("person", "李雷")
            known = replica.record("person", id)
            assert known is not None
            body = decode(known.shown.body or b"")
            assert "member" not in body
            replica.save([Change("person", id, encode({**body, "phone": "8001"}))])
        await join(home, daemon.url, invited(daemon))
        other = Home(tmp_path / "b")
        await join(other, daemon.url, invited(daemon, "韩梅梅"))
        with opened(home) as replica:
            member = replica.meta("member")
        assert member
        for each in (home, other):
            with opened(each) as replica:
                said = replica.record("person", id)
                assert said is not None
                body = decode(said.shown.body or b"")
                assert (body["member"], body["phone"]) == (member, "8001")
                assert replica.unsent() == 0


async def test_a_viewer_joins_without_writing_anything(tmp_path: Path) -> None:
    async with served(tmp_path / "hub") as daemon:
        home = Home(tmp_path / "a")
        await join(home, daemon.url, invited(daemon, role="viewer"))
        assert daemon.store.seq == 0
        with opened(home) as replica:
            assert replica.conn.execute("SELECT count(*) FROM refused").fetchone() == (0,)


async def test_two_of_one_department_who_join_at_once_make_no_conflict(tmp_path: Path) -> None:
    async with served(tmp_path / "hub") as daemon:
        homes = [Home(tmp_path / name) for name in "甲乙丙丁"]
        await asyncio.gather(
            *(join(home, daemon.url, invited(daemon, home.path.name)) for home in homes)
        )
        assert int(daemon.store.state("count")) == 5
        for home in homes:
            with opened(home) as replica:
                assert replica.conn.execute("SELECT sum(conflicts) FROM records").fetchone()[0] == 0


async def test_joining_again_only_changes_the_address(tmp_path: Path) -> None:
    async with served(tmp_path / "hub") as daemon:
        home = Home(tmp_path / "a")
        await join(home, daemon.url, invited(daemon))
        token = home.token()
    home.join("wss://hub.example.com", "")
    assert home.token() == token
    with opened(home) as replica:
        assert replica.meta("hub") == "wss://hub.example.com"


async def test_a_wrong_code_leaves_no_workspace_and_keeps_what_was_there(tmp_path: Path) -> None:
    async with served(tmp_path / "hub") as daemon:
        home = Home(tmp_path / "a")
        with pytest.raises(Refused):
            await join(home, daemon.url, "aaaa-aaaa-aaaa-aaaa")
        assert not home.exists()
        with pytest.raises(UsageError):
            await join(home, daemon.url, "")
        alone = Home(tmp_path / "b")
        alone.init("李雷", "研发部")
        with pytest.raises(Refused):
            await join(alone, daemon.url, "aaaa-aaaa-aaaa-aaaa")
        assert alone.exists()
        with opened(alone) as replica:
            assert replica.meta("hub") == ""
            assert replica.unsent() == 2
        await join(home, daemon.url, invited(daemon))
        assert home.exists()


async def test_after_a_crash_before_the_code_was_redeemed_the_same_token_is_shown(
    tmp_path: Path,
) -> None:
    async with served(tmp_path / "hub") as daemon:
        home = Home(tmp_path / "a")
        home.path.mkdir()
        home.write_token("made-before-the-crash")
        await join(home, daemon.url, invited(daemon))
        assert home.token() == "made-before-the-crash"


async def test_after_a_crash_past_redeeming_the_same_code_joins_even_when_it_is_out_of_date(
    tmp_path: Path,
) -> None:
    clock = BentClock()
    async with served(tmp_path / "hub", clock=clock) as daemon:
        home = Home(tmp_path / "a")
        home.path.mkdir()
        home.write_token("made-before-the-crash")
        code = invited(daemon)
        assert daemon.members.redeem(code, digest("made-before-the-crash"), clock.now())
        clock.ahead += 100 * 3600
        await join(home, daemon.url, code)
        assert home.token() == "made-before-the-crash"
        with opened(home) as replica:
            assert replica.meta("hub") == daemon.url


async def test_who_was_shut_out_comes_back_with_a_new_code_and_everything_unsent(
    tmp_path: Path,
) -> None:
    async with served(tmp_path / "hub") as daemon:
        home = Home(tmp_path / "a")
        await join(home, daemon.url, invited(daemon))
        token = home.token()
        daemon.members.revoke("李雷", daemon.clock.now())
        with opened(home) as replica:
            replica.save([task("停用期间写的")])
            with pytest.raises(Ended):
                await home.agent(replica).run_once()
        code = daemon.members.invite(
            name="", department="", role="viewer", now=daemon.clock.now(), member="李雷"
        )
        await join(home, daemon.url, code)
        assert home.token() != token
        with opened(home) as replica:
            assert replica.unsent() == 0
            assert replica.meta("revoked") == ""


async def test_the_hub_is_shown_the_hash_of_the_token_and_never_the_token(tmp_path: Path) -> None:
    async with served(tmp_path / "hub") as daemon:
        said: list[str] = []
        admit = daemon._device

        def listen(request: object, crowded: bool) -> str | None:
            said.extend(request.headers.get_all("Authorization"))  # type: ignore[attr-defined]
            return admit(request, crowded)  # type: ignore[arg-type]

        daemon._device = listen  # type: ignore[method-assign]
        home = Home(tmp_path / "a")
        code = invited(daemon)
        await join(home, daemon.url, code)
        hash = hashlib.sha256(home.token().encode()).hexdigest()
        assert said[0] == f"Invite {code} {hash}"
        assert not any(each.startswith("Invite") for each in said[1:])
