"""Real processes, killed, cut and drained: nothing saved is lost and nothing is taken twice."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from pathlib import Path

from syncd.home import Home
from tests.processes.stage import WAIT, Program, Stage, point_at, staged, stands
from tests.processes.tap import Tap, tapped

# More of them: DUIJIE_KILLS=100 pytest tests/processes/test_killing.py
CLIENT_KILLS = int(os.environ.get("DUIJIE_KILLS", "4"))
HUB_KILLS = int(os.environ.get("DUIJIE_KILLS", "2"))


async def three(stage: Stage, *, url: str = "") -> list[Home]:
    homes = list(await asyncio.gather(*(stage.join(name) for name in ("甲", "乙", "丙"))))
    if url:
        for home in homes:
            point_at(home, url)
    return homes


async def all_equal(stage: Stage, homes: list[Home], saved: set[str]) -> None:
    """Everybody syncs and ends the same; every saved task is at the hub once, without a conflict."""
    for _round in range(2):
        await asyncio.gather(*(stage.sync(home) for home in homes))
    stood = {stands(home) for home in homes}
    assert len(stood) == 1, stood
    assert stood.pop()[3] == 0
    store = stage.store()
    try:
        taken = store.conn.execute(
            "SELECT id, count(*) FROM versions WHERE kind = 'task' GROUP BY id"
        ).fetchall()
        assert dict(taken) == dict.fromkeys(saved, 1)
        assert store.conn.execute(
            "SELECT count(DISTINCT number), max(leaves) FROM records WHERE kind = 'task'"
        ).fetchone() == (len(saved), 1)
    finally:
        store.close()


async def between_frame_and_ack(tap: Tap, program: Program, *, after_commit: bool) -> bool:
    """Save, and come back at the moment when the frame has passed and no ack has."""
    tap.again()
    tap.hold_acks = True
    await program.save("甲", "乙", "丙")
    await asyncio.wait_for((tap.acked if after_commit else tap.pushed).wait(), WAIT)
    return tap.pushed.is_set()


async def test_a_client_killed_between_frame_and_ack_loses_and_doubles_nothing(
    tmp_path: Path,
) -> None:
    async with staged(tmp_path) as stage, tapped(await stage.serve()) as tap:
        homes = await three(stage)
        point_at(homes[0], tap.url)
        saved: set[str] = set()
        between = 0
        for kill in range(CLIENT_KILLS):
            program = await stage.watch(homes[0])
            await program.hears("settled")
            between += await between_frame_and_ack(tap, program, after_commit=kill % 2 == 1)
            await program.end(signal.SIGKILL)
            saved |= set(program.saved)
            tap.hold_acks = False
            tap.cut()
        assert 2 * between >= CLIENT_KILLS
        point_at(homes[0], f"ws://127.0.0.1:{stage.port}")
        await all_equal(stage, homes, saved)
        assert len(saved) >= CLIENT_KILLS


async def test_a_hub_killed_between_frame_and_ack_loses_and_doubles_nothing(
    tmp_path: Path,
) -> None:
    async with staged(tmp_path) as stage, tapped(await stage.serve()) as tap:
        homes = await three(stage, url=tap.url)
        programs = [await stage.watch(home) for home in homes]
        for program in programs:
            await program.hears("settled")
        between = 0
        for kill in range(HUB_KILLS):
            between += await between_frame_and_ack(
                tap, programs[kill % 3], after_commit=kill % 2 == 1
            )
            assert stage.serving is not None
            await stage.serving.end(signal.SIGKILL)
            tap.hold_acks = False
            tap.cut()
            for program in programs:
                program.forget()
            await stage.serve()
            for program in programs:
                await program.hears("settled")
        assert 2 * between >= HUB_KILLS
        saved = {id for program in programs for id in program.saved}
        assert len(saved) == 3 * HUB_KILLS
        for program in programs:
            await program.end(signal.SIGTERM)
        await all_equal(stage, homes, saved)


async def test_a_line_that_cuts_and_delays_only_delays(tmp_path: Path) -> None:
    dice = random.Random(7)
    async with staged(tmp_path) as stage, tapped(await stage.serve()) as tap:
        homes = await three(stage, url=tap.url)
        programs = [await stage.watch(home) for home in homes]
        for program in programs:
            await program.hears("settled")
        tap.delay = 0.01
        for round in range(8):
            program = dice.choice(programs)
            titles = [f"{round}-{n}" for n in range(dice.randint(1, 4))]
            await program.save(*titles)
            for _title in titles:
                await program.hears("saved")
            await asyncio.sleep(dice.random() / 5)
            if round % 2:
                tap.cut()
        tap.delay = 0
        for program in programs:
            await program.end(signal.SIGKILL)
        point = f"ws://127.0.0.1:{stage.port}"
        for home in homes:
            point_at(home, point)
        saved = {id for program in programs for id in program.saved}
        assert len(saved) >= 8
        await all_equal(stage, homes, saved)


async def test_sigterm_drains_and_ends_with_0(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.serve()
        homes = await three(stage)
        program = await stage.watch(homes[0])
        await program.hears("settled")
        await program.save(*(f"任务{n}" for n in range(200)))
        await program.hears("saved")
        assert stage.serving is not None
        assert await stage.serving.end(signal.SIGTERM) == 0
        assert "Traceback" not in stage.serving.stderr
        assert "stopping" in stage.serving.stderr
        while len(program.saved) < 200:
            await program.hears("saved")
        program.forget()
        await stage.serve()
        await program.hears("settled")
        assert await program.end(signal.SIGKILL) == -signal.SIGKILL
        await all_equal(stage, homes, set(program.saved))


async def test_sigint_ends_with_0_too(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.serve()
        assert stage.serving is not None
        assert await stage.serving.end(signal.SIGINT) == 0


async def test_a_save_is_with_the_others_within_a_second(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.serve()
        homes = await three(stage)
        programs = [await stage.watch(home) for home in homes[:2]]
        for program in programs:
            await program.hears("settled")
        reading = homes[1].open_replica(readonly=True)
        try:
            await programs[0].save("马上到")
            id = (await programs[0].hears("saved ")).split()[1]
            async with asyncio.timeout(1):
                while reading.record("task", id) is None:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
        finally:
            reading.close()


async def test_two_syncs_at_once_on_one_home_both_end_well(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.serve()
        home = await stage.join("甲")
        sync = ("tests.processes.worker", "sync", home.path)
        await asyncio.gather(*(stage.run(*sync) for _each in range(3)))
        watching = await stage.watch(home)
        await watching.hears("settled")
        await watching.save("边看边存")
        await watching.hears("saved")
        await asyncio.gather(*(stage.run(*sync) for _each in range(2)))
        assert stands(home)[3] == 0
