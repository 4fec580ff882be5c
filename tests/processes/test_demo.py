"""`duijie demo`: the whole story, played by real processes."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from schema import wording
from schema.records import check_bytes, encode, problems
from schema.wording import _
from tui.demo.examples import MEETING, examples, moved, weeks
from tui.demo.telling import folded, typed
from tui.width import width

TIMEOUT = 120
FRIDAY = 4
CLI = [sys.executable, "-m", "tui.cli.main"]


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    before = wording.current()
    yield
    wording.use(before)


def environ(tmp_path: Path, lang: str = "en") -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DUIJIE_")}
    return kept | {"TMPDIR": str(tmp_path), "DUIJIE_LANG": lang, "PYTHONUTF8": "1"}


def duijie(*words: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*CLI, *words],
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=TIMEOUT,
    )


def as_json(home: str, *words: str, env: dict[str, str]) -> Any:
    said = duijie("--home", home, *words, "--json", env=env)
    assert (said.returncode, said.stderr) == (0, "")
    return json.loads(said.stdout)


def processes_in(folder: Path) -> list[int]:
    """Every process that names the folder in its command line."""
    listed = subprocess.run(
        ["ps", "-Ao", "pid=,args="], capture_output=True, text=True, timeout=TIMEOUT, check=True
    )
    return [int(line.split()[0]) for line in listed.stdout.splitlines() if str(folder) in line]


@pytest.mark.parametrize("lang", wording.LANGUAGES)
def test_the_story_ends_with_three_equal_homes_that_say_what_its_last_line_says(
    lang: str, tmp_path: Path
) -> None:
    env = environ(tmp_path, lang)
    told = duijie("demo", "--script", "--keep", env=env)
    assert told.returncode == 0, told.stderr
    assert "Traceback" not in told.stdout + told.stderr
    said = json.loads(told.stdout.rstrip("\n").rpartition("\n")[2])
    assert list(said) == ["hub", "homes", "settled"]
    hub = Path(said["hub"])
    assert hub.parent.parent == tmp_path
    assert (hub / "hub.db").exists()
    assert processes_in(tmp_path) == []

    assert len(said["homes"]) == 3
    for home in said["homes"]:
        status = as_json(home["home"], "status", env=env)
        assert {name: status[name] for name in ("seq", "count", "digest")} == {
            name: home[name] for name in ("seq", "count", "digest")
        }
        assert (status["unsent"], status["refused"], status["conflicts"]) == (0, 0, 1)
    assert len({(home["seq"], home["count"], home["digest"]) for home in said["homes"]}) == 1

    for home in said["homes"]:
        (left,) = as_json(home["home"], "conflicts", env=env)
        assert left["id"] != said["settled"]
        assert left["head"]["body"]["title"] == "技术可行性报告细化"
        assert left["others"][0] == left["others"][0] | {"author": "*主管", "body": None}
        board = as_json(home["home"], "board", env=env)
        assert [card["number"] for card in board if card["conflicts"]] == ["T-002"]
        (settled,) = [card for card in board if card["number"] == "T-001"]
        assert settled["author"] == "*经理"
        assert said["settled"].startswith(settled["id"])
        assert settled["body"]["version"] == "V1.3"
        assert date.fromisoformat(settled["body"]["due"]).weekday() == FRIDAY
        assert settled["body"]["note"] == "接口参数评审后才能定稿"

    wording.use(lang)
    flagged = [line for line in told.stdout.splitlines() if line.endswith(f"   {_('conflict')}")]
    assert [re.findall(r"T-\d+", line) for line in flagged] == [["T-001"], ["T-002"], ["T-002"]]
    assert _("no right to write this") in told.stdout
    assert _("deleted") in told.stdout


def test_nothing_is_left_of_a_story_that_is_not_kept(tmp_path: Path) -> None:
    told = duijie("demo", "--script", env=environ(tmp_path))
    assert told.returncode == 0, told.stderr
    assert list(tmp_path.iterdir()) == []
    assert processes_in(tmp_path) == []


def test_the_stage_stays_until_a_signal_and_then_nothing_is_left(tmp_path: Path) -> None:
    env = environ(tmp_path)
    with subprocess.Popen(
        [*CLI, "demo", "--as", "工程师"],
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        try:
            assert process.stdout is not None
            said = []
            for line in process.stdout:
                said.append(line.strip())
                if "Ctrl-C" in line:
                    break
            (folder,) = tmp_path.iterdir()
            assert any(str(folder) in line for line in said)
            homes = [
                line.split()[line.split().index("--home") + 1] for line in said if "--home" in line
            ]
            assert homes[0] == str(folder / "engineer")
            assert set(homes) == {
                str(folder / name) for name in ("engineer", "coordinator", "product")
            }
            assert len(as_json(homes[0], "conflicts", env=env)) == 2
            assert duijie("--home", homes[0], "sync", env=env).returncode == 0
            for home in homes:
                undone = duijie("--home", home, "undo", env=env)
                assert (undone.returncode, undone.stderr.strip()) == (
                    1,
                    "There is nothing to take back.",
                )
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=TIMEOUT)
        finally:
            process.kill()
    assert process.returncode == 0
    assert "Traceback" not in out + err
    assert list(tmp_path.iterdir()) == []
    assert processes_in(tmp_path) == []


def test_a_story_that_is_stopped_leaves_nothing(tmp_path: Path) -> None:
    with subprocess.Popen(
        [*CLI, "demo", "--script", "--keep"],
        env=environ(tmp_path),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if "listening ws://" in line:
                    break
            process.terminate()
            process.communicate(timeout=TIMEOUT)
        finally:
            process.kill()
    assert process.returncode == 128 + signal.SIGTERM
    assert list(tmp_path.iterdir()) == []
    assert processes_in(tmp_path) == []


@pytest.mark.parametrize(
    "words",
    [["--as", "nobody"], ["--keep"], ["--script", "more"]],
    ids=lambda words: " ".join(words),
)
def test_wrong_words_end_with_2_and_one_sentence(words: list[str], tmp_path: Path) -> None:
    told = duijie("demo", *words, env=environ(tmp_path))
    assert (told.returncode, told.stdout) == (2, "")
    assert len(told.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", range(7))
def test_the_examples_keep_their_weekdays_and_distances_and_lie_around_today(place: int) -> None:
    today = date(2026, 11, 16) + timedelta(days=place)
    made = examples(today)
    by = weeks(today)
    assert (by.days % 7, MEETING + by) == (0, date(2026, 11, 16))
    due = [each.body["due"] for each in made if each.kind == "task"][:3]
    assert due == [moved(day, by) for day in ("2024-05-22", "2024-05-25", "2024-05-28")]
    ids = [each.id for each in made]
    assert len(set(ids)) == len(ids)
    assert ids == [each.id for each in examples(today + timedelta(days=400))]
    for each in made:
        assert problems(each.kind, each.body) == []
        assert check_bytes(each.kind, encode(each.body)) is None
        assert "2024-0" not in encode(each.body | {"tags": []}).decode()


def test_commands_are_written_as_a_shell_reads_them() -> None:
    words = ["invite", "hub", "--name", "*经理", "note=它's", "title=两 字", "a=（终稿）"]
    assert typed(words) == "invite hub --name '*经理' 'note=它'\\''s' 'title=两 字' a=（终稿）"


@pytest.mark.parametrize("cells", [12, 20, 33])
def test_prose_is_folded_by_cells_and_loses_nothing(cells: int) -> None:
    text = (
        "中枢（hub）只在各份副本之间传递消息，没有它也照样干活。invite prints a line, then it ends."
    )
    lines = list(folded(text, cells))
    assert all(width(line) <= cells for line in lines)
    assert not any(line[0] in "，。）" for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
