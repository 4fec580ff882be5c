"""`serve` as a process: what it prints, whom it answers, what it leaves on disk."""

from __future__ import annotations

import asyncio
import signal
import stat
from pathlib import Path

import pytest
import trustme

from syncd.folder import HubFolder
from syncd.home import Home
from tests.processes.stage import Stage, point_at, staged, stands


def files(folder: Path) -> dict[str, int]:
    """Every file below a folder with its rights."""
    return {
        path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*") if path.is_file()
    }


async def test_it_prints_its_address_and_nothing_else_and_keeps_it(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        url = await stage.serve()
        assert url == f"ws://127.0.0.1:{stage.port}" == HubFolder(stage.hub).address
        invited = await stage.run(
            *("syncd.cli", "invite", stage.hub, "--name", "李雷"),
            *("--department", "研发部", "--role", "viewer"),
        )
        assert invited.startswith(f"duijie join {url} ")
        second = await stage.start("syncd.cli", "serve", stage.hub, "--port", 0)
        assert await second.wait() == 1
        assert second.stderr.count("\n") == 1
        assert "being served already" in second.stderr
        assert stage.serving is not None
        assert await stage.serving.end(signal.SIGTERM) == 0
        assert stage.serving.lines.empty()
        (first, *_more) = stage.serving.stderr.splitlines()
        assert first.endswith(f" INFO serving {stage.hub} at {url}")
        assert "listening" not in stage.serving.stderr
        assert HubFolder(stage.hub).address == url


async def test_beside_it_every_command_works_and_its_log_is_a_line_an_event(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.serve()
        home = await stage.join("甲")
        assert '"name": "甲"' in await stage.run("syncd.cli", "members", stage.hub, "--json")
        assert '"serving": true' in await stage.run("syncd.cli", "status", stage.hub, "--json")
        await stage.run("syncd.cli", "backup", stage.hub, tmp_path / "copy.db")
        await stage.run("syncd.cli", "revoke", stage.hub, "甲")
        refused = await stage.start("tests.processes.worker", "sync", home.path)
        assert await refused.wait() == 1
        assert refused.stderr == (
            "This device may no longer sync; your edits stay here. "
            "Ask whoever keeps the hub for a new invitation.\n"
        )
        assert stage.serving is not None
        await stage.serving.end(signal.SIGTERM)
        for line in stage.serving.stderr.splitlines():
            assert line.split()[2] in ("INFO", "ERROR"), line


async def test_whatever_the_umask_folders_and_files_are_their_owners_alone(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.umask = 0
    try:
        await stage.run("syncd.cli", "init", stage.hub)
        await stage.serve()
        url, code = HubFolder(stage.hub).address, stage.invite("甲")
        home = Home(tmp_path / "甲")
        await stage.run("tests.processes.worker", "join", home.path, url, code)
        watching = await stage.watch(home)
        await watching.hears("settled")
        await stage.run("syncd.cli", "revoke", stage.hub, "甲")
        await stage.run("syncd.cli", "backup", stage.hub, tmp_path / "copy.db")
        found = files(tmp_path)
    finally:
        await asyncio.gather(*(program.end() for program in stage.started))
    assert {"hub.db", "revoked", "address", "token", "replica.db", "agent.lock"} <= set(found)
    assert {name: mode for name, mode in found.items() if mode != 0o600} == {}
    for folder in (stage.hub, home.path):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_staying_in_step_ends_with_0_when_it_is_told_to(
    tmp_path: Path, how: signal.Signals
) -> None:
    async with staged(tmp_path) as stage:
        await stage.serve()
        home = await stage.join("甲")
        staying = await stage.start("tests.processes.worker", "stay", home.path)
        await staying.hears("AgentState(connected=True")
        second = await stage.start("tests.processes.worker", "stay", home.path)
        assert await second.wait() == 1
        assert "syncing this home already" in second.stderr
        assert await staying.end(how) == 0
        assert staying.stderr == ""


async def test_over_tls_only_who_trusts_the_certificate_comes_in(tmp_path: Path) -> None:
    ca = trustme.CA()
    certificate = ca.issue_cert("localhost")
    key, chain, trusted = (tmp_path / name for name in ("key.pem", "chain.pem", "ca.pem"))
    certificate.private_key_pem.write_to_path(str(key))
    certificate.cert_chain_pems[0].write_to_path(str(chain))
    ca.cert_pem.write_to_path(str(trusted))
    async with staged(tmp_path) as stage:
        url = await stage.serve(
            *("--tls-cert", str(chain)), *("--tls-key", str(key)), *("--host", "localhost")
        )
        assert url == f"wss://localhost:{stage.port}"
        home = Home(tmp_path / "甲")
        join = ("tests.processes.worker", "join", home.path, url, stage.invite("甲"))
        refused = await stage.start(*join)
        assert await refused.wait() == 1
        assert "certificate is not trusted" in refused.stderr
        assert not home.exists()
        stage.environ["SSL_CERT_FILE"] = str(trusted)
        await stage.run(*join)
        assert stands(home)[3] == 0
        point_at(home, f"wss://127.0.0.1:{stage.port}")
        elsewhere = await stage.start("tests.processes.worker", "sync", home.path)
        assert await elsewhere.wait() == 1
        assert "certificate is not trusted" in elsewhere.stderr
