"""A bare socket against a real hub: what it forges counts for nothing, what it may not read it never hears."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from schema.ids import derived_id, new_id
from schema.records import encode
from schema.wire import BODY_LIMIT
from syncd.clock import Clock
from syncd.store.members import digest
from tests.processes.raw import Raw
from tests.processes.stage import Stage, staged

CANARY = "只有成员能看到的标题"
MINE, THEIRS = "aaaaaaaaaa", "bbbbbbbbbb"
HOUR = 3_600_000_000


def now() -> int:
    return Clock().now()


def edit(n: int, *, replica: str = MINE, kind: str = "task", **more: Any) -> dict[str, Any]:
    body = more.pop("body", {"title": f"任务{n}", "state": "todo"})
    made = {
        "n": n,
        "kind": kind,
        "id": new_id(now()),
        "knows": f"{replica}:{n}",
        "base": None,
        "rev": 1,
        "at": now(),
        "body": json.loads(encode(body)),
    }
    return made | more


class Den:
    """A real hub with a member who has written something, and intruders to come."""

    def __init__(self, stage: Stage, token: str, task: str) -> None:
        self.stage = stage
        self.token = token
        self.task = task
        self.open: list[Raw] = []

    async def connect(self, authorization: str = "", **headers: str) -> Raw:
        raw = await Raw.connect(self.stage.port, authorization or f"Bearer {self.token}", **headers)
        self.open.append(raw)
        return raw

    async def member(self, name: str, role: str = "liaison") -> tuple[Raw, str]:
        """A connection of a new member, and their token."""
        token = secrets.token_urlsafe(32)
        said = f"Invite {self.stage.invite(name, role)} {digest(token).hex()}"
        raw = await self.connect(said)
        assert raw.status == 101
        return raw, token


@pytest.fixture
async def den(tmp_path: Path) -> AsyncIterator[Den]:
    async with _den(tmp_path) as found:
        yield found


@asynccontextmanager
async def _den(folder: Path) -> AsyncIterator[Den]:
    async with staged(folder) as stage:
        await stage.serve()
        den = Den(stage, "", "")
        try:
            author, den.token = await den.member("韩梅梅")
            await author.hello(THEIRS)
            said = edit(1, replica=THEIRS, body={"title": CANARY, "state": "todo"})
            den.task = said["id"]
            assert await author.push(said) == [[1, "taken", 1, None]]
            yield den
        finally:
            for raw in den.open:
                await raw.close()


# -- forging


async def test_what_a_client_says_of_itself_beside_its_edit_counts_for_nothing(den: Den) -> None:
    raw, _token = await den.member("李雷")
    forged: dict[str, Any] = {
        "author": "韩梅梅",
        "member": "韩梅梅",
        "name": "韩梅梅",
        "role": "coordinator",
        "device": "00000000",
        "replica": THEIRS,
        "dot": f"{THEIRS}:2",
        "seq": 999,
        "number": "T-999",
        "eff": now() + 1000 * HOUR,
        "accepted": 1,
        "mark": "ff",
        "content": "00",
        "result": "taken",
        "was": f"{THEIRS}:1",
    }
    welcome = await raw.hello(MINE, forged)
    assert (welcome["member"]["name"], welcome["member"]["role"]) == ("李雷", "liaison")
    for n, (field, value) in enumerate(forged.items(), 1):
        (result,) = await raw.push(edit(n) | {field: value}, more={field: value})
        assert result == [n, "taken", n + 1, None], field
    (result,) = await raw.push(forged | edit(100), more=forged)
    assert result[1] == "taken"
    rows = await raw.pull()
    mine = [row for row in rows if row["id"] != den.task]
    assert len(mine) == len(forged) + 1
    assert len({row["number"] for row in rows}) == len(rows)
    assert "T-999" not in {row["number"] for row in rows}
    for row in mine:
        (leaf,) = row["leaves"]
        assert leaf["author"] == "李雷"
        assert leaf["dot"].startswith(f"{MINE}:")
        assert leaf["eff"] <= now()
        assert row["accepted"] > now() - HOUR
        assert row["seq"] == leaf["seq"] < 999


async def test_a_clock_is_believed_no_further_than_the_hubs_own(den: Den) -> None:
    raw, _token = await den.member("李雷")
    await raw.hello(MINE)
    far = now() + 1000 * HOUR
    lies: list[dict[str, Any]] = [
        {"at": far},
        {"offset": 1000 * HOUR},
        {"heard": far},
        {"at": far, "heard": far},
    ]
    for n, more in enumerate(lies, 1):
        (result,) = await raw.push(edit(n, **more))
        assert result[1] == "taken"
    assert max(row["leaves"][0]["eff"] for row in await raw.pull()) <= now()


TOO_MUCH: list[tuple[dict[str, Any], str]] = [
    (
        {"kind": "policy", "body": {"key": "warn"}, "id": derived_id("policy", "warn")},
        "rights write",
    ),
    (
        {"kind": "person", "body": {"name": "韩梅梅"}, "id": derived_id("person", "韩梅梅")},
        "rights write",
    ),
    ({"kind": "person", "body": {"name": "李雷"}}, "form id"),
    ({"id": "task"}, "form id"),
    ({"id": "../../etc/passwd"}, "form id"),
    ({"knows": f"{MINE}:N {THEIRS}:1"}, "form knows"),
    ({"knows": f"{THEIRS}:1"}, "form knows"),
    ({"knows": f"{MINE}:999"}, "form knows"),
    ({"knows": f"{MINE}:N !{MINE}:N"}, "form knows"),
    ({"knows": ""}, "form knows"),
    ({"base": f"{THEIRS}:1"}, "form knows"),
    ({"rev": 0}, "form stamp"),
    ({"at": 1 << 60}, "form stamp"),
    ({"heard": -1}, "form stamp"),
    ({"body": {"title": "\x1b[2J"}}, "text"),
    ({"body": {"title": "x" * BODY_LIMIT}}, "size"),
    ({"body": {"title": 1}}, "form"),
]


async def test_an_edit_that_claims_too_much_is_refused(den: Den) -> None:
    raw, _token = await den.member("李雷")
    await raw.hello(MINE)
    for n, (more, reason) in enumerate(TOO_MUCH, 1):
        claims = dict(more)
        if "knows" in claims:
            claims["knows"] = claims["knows"].replace(":N", f":{n}")
        ((number, result, seq, said),) = await raw.push(edit(n, **claims))
        assert (number, result, seq) == (n, "refused", n + 1), more
        assert said.startswith(reason), more
    assert [row["id"] for row in await raw.pull()] == [den.task]


async def test_knowing_what_was_never_made_does_not_make_the_next_edit_history(den: Den) -> None:
    """A vector that reaches ahead would let one member swallow another's edits to come."""
    raw, _token = await den.member("李雷")
    await raw.hello(MINE)
    ahead = edit(1, id=den.task, knows=f"{MINE}:1 {THEIRS}:9", base=f"{THEIRS}:1", rev=2)
    assert (await raw.push(ahead))[0][1:] == ["refused", 2, "form knows"]
    author = await den.connect()
    await author.hello(THEIRS)
    following = edit(
        2, replica=THEIRS, id=den.task, base=f"{THEIRS}:1", rev=2, body={"title": "后来的"}
    )
    assert (await author.push(following))[0][1] == "taken"
    (row,) = await author.pull()
    assert [leaf["body"]["title"] for leaf in row["leaves"]] == ["后来的"]


async def test_who_settles_without_the_right_is_refused(den: Den) -> None:
    one, _token = await den.member("李雷")
    await one.hello(MINE)
    rival = edit(1, id=den.task, body={"title": "另一种说法", "state": "todo"})
    assert (await one.push(rival))[0][1] == "taken"
    third, _token = await den.member("赵六")
    await third.hello("cccccccccc")
    settling = edit(
        1,
        replica="cccccccccc",
        id=den.task,
        knows=f"{MINE}:1 {THEIRS}:1 cccccccccc:1",
        base=f"{THEIRS}:1",
        rev=2,
    )
    assert (await third.push(settling))[0][1:] == ["refused", 3, "rights settle"]
    (row,) = await third.pull()
    assert len(row["leaves"]) == 2


async def test_another_kind_waits_and_stores_nothing(den: Den) -> None:
    raw, _token = await den.member("李雷")
    await raw.hello(MINE)
    assert await raw.push(edit(1, kind="secret")) == [[1, "waiting", None, None]]
    assert [row["id"] for row in await raw.pull()] == [den.task]


async def test_an_edit_without_a_proper_number_ends_the_session(den: Den) -> None:
    _raw, token = await den.member("李雷")
    for n in (0, -1, 1 << 53, 1 << 64, 1.5, "1", None):
        for frame in (
            {"type": "push", "acts": [[edit(1) | {"n": n}]]},
            {"type": "ask", "edits": [[n, "00"]]},
        ):
            raw = await den.connect(f"Bearer {token}")
            await raw.hello(MINE)
            await raw.say(frame)
            assert (await raw.hear())["code"] == "protocol", n
            assert await raw.hear() == {"close": 4000}


async def test_a_number_used_for_other_bytes_ends_the_session(den: Den) -> None:
    raw, _token = await den.member("李雷")
    await raw.hello(MINE)
    await raw.push(edit(1))
    await raw.say({"type": "push", "acts": [[edit(1)]]})
    assert (await raw.hear())["code"] == "copied"


async def test_another_members_replica_cannot_be_taken_over(den: Den) -> None:
    raw, _token = await den.member("李雷")
    assert (await raw.hello(THEIRS))["code"] == "replica"
    assert await raw.hear() == {"close": 4000}


async def test_a_replica_of_another_form_is_refused(den: Den) -> None:
    for replica in ("", "short", "A" * 10, "a" * 11, "aaaaaaaaa!", "../../../x"):
        raw = await den.connect()
        assert (await raw.hello(replica))["code"] == "protocol", replica


async def test_a_viewer_writes_nothing_but_a_comment(den: Den) -> None:
    raw, _token = await den.member("王五", "viewer")
    await raw.hello(MINE, {"role": "coordinator"})
    deleting = edit(
        2, id=den.task, knows=f"{MINE}:2 {THEIRS}:1", base=f"{THEIRS}:1", rev=2, deleted=True
    )
    person = edit(3, kind="person", id=derived_id("person", "王五"), body={"name": "王五"})
    comment = edit(4, kind="comment", body={"text": "看过了", "type": "comment"})
    results = await raw.push(edit(1), deleting, person, comment)
    assert [each[1] for each in results] == ["refused", "refused", "refused", "taken"]


# -- reading


async def silent(raw: Raw) -> None:
    """It hears nothing of the record, whatever it asks."""
    heard = await raw.rest()
    for secret in (CANARY, json.dumps(CANARY).strip('"'), THEIRS):
        assert secret.encode() not in heard


async def test_who_is_unknown_hears_nothing_of_any_record(den: Den) -> None:
    for authorization in (
        "Bearer " + "x" * 43,
        "Bearer ",
        "Basic OjE=",
        "Invite aaaa-aaaa-aaaa-aaaa " + "0" * 64,
        "bearer x",
    ):
        raw = await den.connect(authorization)
        assert raw.status == 401
        await raw.say({"type": "hello", "replica": MINE, "kinds": {}})
        await raw.say({"type": "pull", "cursor": None})
        await silent(raw)


async def test_who_shows_a_token_from_a_web_page_hears_nothing_of_any_record(den: Den) -> None:
    raw = await den.connect(Origin="https://evil.example")
    assert raw.status == 403
    await silent(raw)


async def test_who_says_no_hello_hears_nothing_of_any_record(den: Den) -> None:
    raw = await den.connect()
    assert raw.status == 101
    await raw.say({"type": "pull", "cursor": None})
    await silent(raw)


async def test_who_was_revoked_hears_nothing_more_of_any_record(den: Den) -> None:
    raw, token = await den.member("李雷")
    await raw.hello(MINE)
    await den.stage.run("syncd.cli", "revoke", den.stage.hub, "李雷")
    async with asyncio.timeout(5):
        assert (await raw.hear())["code"] == "revoked"
        assert await raw.hear() == {"close": 4401}
    again = await den.connect(f"Bearer {token}")
    assert again.status == 401
    await silent(again)
    await silent(raw)


async def test_fifty_at_once_with_one_code_make_one_member(den: Den) -> None:
    code = den.stage.invite("李雷")
    raws = await asyncio.gather(
        *(den.connect(f"Invite {code} {digest(str(n)).hex()}") for n in range(50))
    )
    assert sorted(raw.status for raw in raws) == [101, *[401] * 49]


async def test_three_hundred_half_open_connections_keep_no_member_out(den: Den) -> None:
    half = await asyncio.gather(
        *(asyncio.open_connection("127.0.0.1", den.stage.port) for _each in range(300))
    )
    try:
        for _reader, writer in half:
            writer.write(b"GET / HTTP/1.1\r\n")
        async with asyncio.timeout(3):
            raw = await den.connect()
            await raw.hello(THEIRS)
            assert len(await raw.pull()) == 1
    finally:
        for _reader, writer in half:
            writer.close()
        await asyncio.gather(
            *(writer.wait_closed() for _reader, writer in half), return_exceptions=True
        )


# -- what is left behind


async def test_tokens_and_codes_are_in_no_log_no_argument_and_no_other_file(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.serve()
        code = stage.invite("李雷")
        home = tmp_path / "甲"
        url = f"ws://127.0.0.1:{stage.port}"
        await stage.run("tests.processes.worker", "join", home, url, code)
        token = (home / "token").read_text().strip()
        watching = await stage.start("tests.processes.worker", "watch", home)
        await watching.hears("settled")
        for program in (stage.serving, watching):
            assert program is not None
            shown = shown_of(program.process.pid)
            assert token.encode() not in shown
            assert code.encode() not in shown
        refused = await Raw.connect(stage.port, f"Bearer {token}x")
        assert refused.status == 401
        await refused.close()
        await stage.run("syncd.cli", "revoke", stage.hub, "李雷")
        assert await watching.wait() == 1
        assert stage.serving is not None
        await stage.serving.end()
        logged = stage.serving.stderr + watching.stderr
        assert "revoked" in logged
        for secret in (token, code, digest(token).hex()):
            assert secret not in logged
            assert holding(tmp_path, secret) == (["token"] if secret == token else [])


def shown_of(pid: int) -> bytes:
    """What every other user of the machine can see of a process."""
    return b"".join(Path(f"/proc/{pid}/{what}").read_bytes() for what in ("cmdline", "environ"))


def holding(folder: Path, secret: str) -> list[str]:
    """The files that hold a text."""
    return [
        path.name
        for path in folder.rglob("*")
        if path.is_file() and secret.encode() in path.read_bytes()
    ]
