"""`duijie-syncd`: what it prints, where, and what it ends with."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from schema import wording
from schema.errors import Busy
from syncd import command
from syncd.cli import act
from syncd.command import Parser, run
from syncd.folder import HubFolder
from syncd.store.hub import HubStore
from syncd.store.members import Members, digest

Said = tuple[int, str, str]
Do = Callable[..., Said]


@pytest.fixture(autouse=True)
def english_again(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "DUIJIE_LANG"):
        monkeypatch.delenv(name, raising=False)
    mask = os.umask(0o077)
    os.umask(mask)
    before = wording.current()
    yield
    os.umask(mask)
    wording.use(before)


@pytest.fixture
def do(capsys: pytest.CaptureFixture[str]) -> Do:
    def said(*words: object) -> Said:
        code = run(act, [str(word) for word in words])
        out, err = capsys.readouterr()
        return code, out, err

    return said


@pytest.fixture
def hub(tmp_path: Path, do: Do) -> Path:
    assert do("init", tmp_path / "hub")[0] == 0
    HubFolder(tmp_path / "hub").write_address("ws://127.0.0.1:8765")
    return tmp_path / "hub"


def come_in(hub: Path, line: str, token: str) -> None:
    store = HubStore(hub / "hub.db")
    assert Members(store).redeem(line.split()[3], digest(token), 1_000_000)
    store.close()


# -- the commands


def test_init_makes_a_private_hub_once(tmp_path: Path, do: Do) -> None:
    os.umask(0)
    hub = tmp_path / "hub"
    assert do("init", hub) == (0, f"{hub}\n", "")
    assert stat.S_IMODE(hub.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in hub.iterdir()} == {0o600}
    code, out, err = do("init", hub)
    assert (code, out) == (1, "")
    assert "already" in err


@pytest.mark.parametrize("words", [["invite"], ["members"], ["revoke", "a"], ["status"], ["serve"]])
def test_without_a_hub_every_command_says_how_to_make_one(
    tmp_path: Path, do: Do, words: list[str]
) -> None:
    name, *more = words
    code, out, err = do(name, tmp_path, *more)
    assert (code, out) == (1, "")
    assert err == f"There is no hub in {tmp_path}. `duijie-syncd init` makes one.\n"
    assert list(tmp_path.iterdir()) == []


def test_invite_prints_the_line_that_joins(hub: Path, do: Do) -> None:
    person = ("--name", "李雷", "--department", "研发部", "--role", "liaison")
    code, out, err = do("invite", hub, *person)
    assert (code, err) == (0, "")
    words = out.split()
    assert words[:3] == ["duijie", "join", "ws://127.0.0.1:8765"]
    come_in(hub, out, "token")
    assert do("invite", hub, *person)[0] == 2
    code, out, err = do("invite", hub, "--for", "李雷", "--url", "wss://hub.example.com/")
    assert (code, err) == (0, "")
    assert out.startswith("duijie join wss://hub.example.com ")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--name", "李雷", "--role", "liaison"], "--department"),
        ([], "--name, --department, --role"),
        (["--name", "李雷", "--department", "x", "--role", "root"], "invalid choice: 'root'"),
        (["--for", "李雷", "--url", "http://x"], "not the address of a hub"),
        (["--for", "李雷", "--url", "ws://hub.example.com"], "not encrypted"),
    ],
)
def test_invite_says_what_is_wrong_with_it(hub: Path, do: Do, words: list[str], says: str) -> None:
    code, out, err = do("invite", hub, *words)
    assert (code, out) == (2, "")
    assert says in err


def test_invite_refuses_a_name_that_no_record_can_hold(hub: Path, do: Do) -> None:
    code, out, _err = do(
        "invite", hub, "--name", "\x1b\x07", "--department", "研发部", "--role", "viewer"
    )
    assert (code, out) == (1, "")


def test_a_hub_that_was_never_served_has_no_address_to_invite_to(tmp_path: Path, do: Do) -> None:
    do("init", tmp_path)
    code, out, err = do("invite", tmp_path, "--name", "a", "--department", "b", "--role", "viewer")
    assert (code, out) == (1, "")
    assert "--url" in err
    assert do("members", tmp_path, "--json") == (0, "[]\n", "")


def test_members_are_listed_and_shut_out(hub: Path, do: Do) -> None:
    line = do("invite", hub, "--name", "李雷", "--department", "研发部", "--role", "liaison")[1]
    come_in(hub, line, "token")
    (before,) = json.loads(do("members", hub, "--json")[1])
    assert list(before) == ["name", "department", "role", "device", "made", "seen", "revoked"]
    assert (before["name"], before["seen"], before["revoked"]) == ("李雷", None, None)
    assert before["made"] == "1970-01-01T00:00:01Z"
    assert do("revoke", hub, "李雷", "--device", "none")[0] == 1
    assert do("revoke", hub, "李雷") == (0, f"{before['device']}\n", "")
    (after,) = json.loads(do("members", hub, "--json")[1])
    assert after["revoked"].endswith("Z")
    assert "revoked " in do("members", hub)[1]
    assert do("revoke", hub, "韩梅梅") == (
        1,
        "",
        "There is no member 韩梅梅. `duijie-syncd members` lists them.\n",
    )


def test_status_tells_where_the_hub_stands(hub: Path, do: Do) -> None:
    status = json.loads(do("status", hub, "--json")[1])
    assert list(status) == [
        "workspace",
        "epoch",
        "seq",
        "count",
        "digest",
        "members",
        "devices",
        "address",
        "serving",
    ]
    assert status["seq"] == 0
    assert status["address"] == "ws://127.0.0.1:8765"
    assert status["serving"] is False
    folder = HubFolder(hub)
    assert folder.serving.acquire(0)
    assert json.loads(do("status", hub, "--json")[1])["serving"] is True
    folder.serving.release()
    assert "serving: false" in do("status", hub)[1]


def test_a_hub_is_served_once(hub: Path, do: Do) -> None:
    folder = HubFolder(hub)
    assert folder.serving.acquire(0)
    code, out, err = do("serve", hub, "--port", 0)
    folder.serving.release()
    assert (code, out) == (1, "")
    assert "is being served already" in err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--host", "0.0.0.0"], "nothing would be encrypted"),
        (["--host", "hub.example.com"], "nothing would be encrypted"),
        (["--tls-cert", "cert.pem"], "belong together"),
        (["--tls-cert", "none", "--tls-key", "none"], "cannot be used"),
        (["--port", "65536"], "no port 65536"),
        (["--port", "x"], "invalid int value"),
    ],
)
def test_serve_says_what_is_wrong_with_it(hub: Path, do: Do, words: list[str], says: str) -> None:
    code, out, err = do("serve", hub, *words)
    assert (code, out) == (2, "")
    assert says in err
    assert err.count("\n") == 1


def test_a_backup_is_a_hub_of_one_moment_with_the_list_of_the_revoked(
    hub: Path, do: Do, tmp_path: Path
) -> None:
    line = do("invite", hub, "--name", "李雷", "--department", "研发部", "--role", "liaison")[1]
    come_in(hub, line, "token")
    do("revoke", hub, "李雷")
    store = HubStore(hub / "hub.db")
    try:
        copy = tmp_path / "copy.db"
        os.umask(0)
        assert do("backup", hub, copy) == (0, "", "")
    finally:
        store.close()
    assert sorted(path.name for path in tmp_path.glob("copy*")) == ["copy.db", "copy.db.revoked"]
    for path in tmp_path.glob("copy*"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (tmp_path / "copy.db.revoked").read_bytes() == (hub / "revoked").read_bytes()
    conn = sqlite3.connect(copy)
    assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert conn.execute("SELECT name FROM members").fetchall() == [("李雷",)]
    conn.close()


def test_a_backup_overwrites_nothing_and_follows_no_link(hub: Path, do: Do, tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.write_text("kept")
    assert do("backup", hub, there)[0] == 1
    assert there.read_text() == "kept"
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "outside")
    assert do("backup", hub, link)[0] == 1
    assert not (tmp_path / "outside").exists()
    (tmp_path / "half.revoked").write_text("kept")
    assert do("backup", hub, tmp_path / "half")[0] == 1
    assert not (tmp_path / "half").exists()
    assert not (tmp_path / "there.revoked").exists()
    assert do("backup", hub, tmp_path / "none" / "copy")[0] == 1


# -- words and errors


def test_every_command_helps_in_both_languages(do: Do) -> None:
    for name in ("init", "serve", "invite", "members", "revoke", "status", "backup"):
        code, out, err = do("--lang", "zh", name, "--help")
        assert (code, err) == (0, "")
        assert out.startswith(f"用法：duijie-syncd {name} ")
        assert "显示这段帮助并退出" in out
        assert do("--lang", "en", name, "--help")[1].startswith(f"usage: duijie-syncd {name} ")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "缺少参数：命令。"),
        (["zz"], "不能是 'zz'"),
        (["init"], "缺少参数：DIR。"),
        (["init", "x", "y"], "多余的参数：y。"),
        (["serve", "x", "--port"], "需要一个值"),
        (["serve", "x", "--behind-proxy=1"], "不需要 '1' 这个值"),
    ],
)
def test_wrong_usage_is_one_chinese_sentence(do: Do, words: list[str], says: str) -> None:
    code, out, err = do("--lang", "zh", *words)
    assert (code, out) == (2, "")
    assert says in err
    assert err.count("\n") == 1


def test_options_are_never_abbreviated(do: Do, hub: Path) -> None:
    assert do("members", hub, "--js")[0] == 2


def test_the_language_is_the_options_then_the_variables(
    do: Do, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUIJIE_LANG", "zh")
    assert "缺少参数" in do()[2]
    assert "are required" in do("--lang=en")[2]
    assert do("--lang", "fr") == (
        2,
        "",
        "没有叫 'fr' 的语言。请写 --lang zh 或 --lang en。\n",
    )


def test_what_nobody_foresaw_is_a_sentence_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_argv: list[str]) -> int:
        raise ZeroDivisionError("by\x1b[2J zero\nnow")

    monkeypatch.delenv("DUIJIE_TRACEBACK", raising=False)
    assert run(fails, []) == 1
    assert capsys.readouterr().err == (
        "Something unforeseen went wrong: ZeroDivisionError: by^[[2J zero now.\n"
    )
    monkeypatch.setenv("DUIJIE_TRACEBACK", "1")
    with pytest.raises(ZeroDivisionError):
        run(fails, [])


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (KeyboardInterrupt(), 130, ""),
        (SystemExit(3), 3, ""),
        (SystemExit(None), 0, ""),
        (SystemExit("words"), 1, ""),
        (Busy("Taken.", "Wait."), 1, "Taken. Wait.\n"),
        (FileNotFoundError(2, "No such file", "/x"), 1, "/x cannot be used: No such file.\n"),
        (OSError("odd"), 1, "The system said: odd.\n"),
    ],
)
def test_each_error_ends_with_its_code_and_one_line(
    capsys: pytest.CaptureFixture[str], error: BaseException, code: int, says: str
) -> None:
    def fails(_argv: list[str]) -> int:
        raise error

    assert run(fails, []) == code
    assert capsys.readouterr().err == says


def test_a_reader_that_went_away_is_no_trouble(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as pipe:
        monkeypatch.setattr(sys, "stdout", pipe)

        def talks(_argv: list[str]) -> int:
            print("x" * 100_000)
            return 0

        assert run(talks, []) == command.READER_GONE
    assert capfd.readouterr().err == ""


def test_the_shared_module_loads_no_network(tmp_path: Path) -> None:
    import subprocess

    program = (
        "import sys, syncd.command; "
        "print([m for m in ('asyncio', 'websockets', 'sqlite3', 'msgspec') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=10
    )
    assert done.stdout.strip() == "[]"


def test_a_parser_names_itself_and_the_way_out() -> None:
    parser = Parser(prog="duijie list")
    with pytest.raises(Exception, match="`duijie list --help` shows how"):
        parser.parse_args(["--what"])
