"""`duijie-syncd`: what it prints, where, and what it ends with."""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import stat
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from schema import wording
from schema.errors import Busy
from schema.ids import derived_id
from syncd import command, serving
from syncd.cli import act
from syncd.command import run
from syncd.folder import HubFolder
from syncd.parser import Parser
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
        (["--name", "李雷", "--department", "x", "--role", "root"], "There is no role root."),
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
    code, out, err = do("revoke", hub, "李雷")
    assert (code, out) == (0, f"{before['device']}\n")
    assert err == (
        f"李雷 (研发部) is shut out, with device {before['device']}. Edits that were not sent stay "
        f"with them; `duijie-syncd invite {hub} --for 李雷` lets them back in.\n"
    )
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
        assert do("backup", hub, copy) == (
            0,
            "",
            (
                f"The hub is copied to {copy}. Keep {copy}.revoked with it: it lists the devices "
                "that are shut out, so that an old copy lets none of them in.\n"
            ),
        )
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
    (tmp_path / "there.revoked").write_text("kept")
    code, _out, err = do("backup", hub, there)
    assert code == 1
    assert err.startswith(f"{there} exists already")
    assert there.read_text() == "kept" == (tmp_path / "there.revoked").read_text()
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "outside")
    assert do("backup", hub, link)[0] == 1
    assert not (tmp_path / "outside").exists()
    (tmp_path / "half.revoked").write_text("kept")
    code, _out, err = do("backup", hub, tmp_path / "half")
    assert code == 1
    assert err.startswith(f"{tmp_path / 'half.revoked'} exists already")
    assert not (tmp_path / "half").exists()
    code, _out, err = do("backup", hub, tmp_path / "none" / "copy")
    assert code == 1
    assert err.startswith(f"{tmp_path / 'none' / 'copy'} cannot be used")


@pytest.mark.parametrize("words", [["serve"], ["init"], ["members"]])
def test_a_file_as_the_folder_says_how_a_backup_is_used(
    hub: Path, do: Do, tmp_path: Path, words: list[str]
) -> None:
    copy = tmp_path / "copy.db"
    do("backup", hub, copy)
    said = (
        f"{copy} is a file, not the folder of a hub. To use a backup, copy it as DIR/hub.db and "
        f"{copy}.revoked as DIR/revoked; then serve DIR.\n"
    )
    assert do(*words, copy) == (1, "", said)
    assert "不是中枢的文件夹" in do("--lang", "zh", *words, copy)[2]
    again = tmp_path / "again"
    again.mkdir()
    copy.rename(again / "hub.db")
    (tmp_path / "copy.db.revoked").rename(again / "revoked")
    assert (
        json.loads(do("status", again, "--json")[1])["digest"]
        == json.loads(do("status", hub, "--json")[1])["digest"]
    )


# -- what people read


@pytest.fixture
def east(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine an hour ahead of UTC."""
    monkeypatch.setenv("TZ", "XXX-1")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def member(hub: Path, do: Do, name: str, role: str, *tokens: str) -> None:
    """Somebody who came in with as many devices as there are tokens."""
    person = ("--name", name, "--department", "研发部", "--role", role)
    for place, token in enumerate(tokens):
        come_in(hub, do("invite", hub, *(("--for", name) if place else person))[1], token)


@pytest.mark.usefixtures("east")
def test_members_are_a_table_for_people(hub: Path, do: Do) -> None:
    assert do("members", hub) == (
        0,
        "",
        f"Nobody has joined this hub yet. `duijie-syncd invite {hub}` invites somebody.\n",
    )
    assert "还没有人加入" in do("--lang", "zh", "members", hub)[2]
    member(hub, do, "李雷", "liaison", "one", "two")
    member(hub, do, "Ann", "coordinator", "three")
    store = HubStore(hub / "hub.db")
    ann, first, second = Members(store).all()
    Members(store).seen(first.device, 1_795_000_000_000_000)
    Members(store).revoke("李雷", 1_795_000_060_000_000, second.device)
    store.close()
    code, out, err = do("members", hub)
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "Full name   Department   Role          Device     Last here",
        f"Ann         研发部       coordinator   {ann.device}   never came",
        f"李雷        研发部       liaison       {first.device}   2026-11-18 12:06+01:00",
        f"                                       {second.device}   revoked 2026-11-18 12:07+01:00",
    ]
    head, _ann, line, _more = do("--lang", "zh", "members", hub)[1].splitlines()
    assert head.split() == ["姓名", "部门", "角色", "设备", "上次连接"]
    assert line.split()[2] == "对接人"


@pytest.mark.usefixtures("east")
@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b'{"key":"zone","value":"Asia/Shanghai"}', "2026-11-18 19:06+08:00"),
        (b'{"key":"zone","value":"Nowhere/Town"}', "2026-11-18 12:06+01:00"),
        (b'{"key":"zone"}', "2026-11-18 12:06+01:00"),
        (None, "2026-11-18 12:06+01:00"),
    ],
)
def test_times_are_the_workspaces_where_its_policy_names_a_zone(
    hub: Path, do: Do, monkeypatch: pytest.MonkeyPatch, body: bytes | None, shown: str
) -> None:
    member(hub, do, "李雷", "liaison", "one")
    store = HubStore(hub / "hub.db")
    Members(store).seen(next(Members(store).all()).device, 1_795_000_000_000_000)
    store.close()
    asked = []

    def body_of_head(_store: HubStore, kind: str, id: str) -> bytes | None:
        asked.append((kind, id))
        return body

    monkeypatch.setattr(HubStore, "body_of_head", body_of_head)
    assert do("members", hub)[1].splitlines()[1].endswith(shown)
    assert asked == [("policy", derived_id("policy", "zone"))]


def test_status_shows_the_address_only_while_it_is_served(hub: Path, do: Do) -> None:
    out = do("status", hub)[1]
    assert "ws://" not in out
    assert "Served now   no\n" in out
    folder = HubFolder(hub)
    assert folder.serving.acquire(0)
    lines = do("--lang", "zh", "status", hub)[1].splitlines()
    folder.serving.release()
    assert [line.split()[0] for line in lines] == [
        *("工作区", "世代", "序号", "条数", "摘要", "成员数", "设备数", "地址", "正在服务"),
    ]
    assert lines[-2:] == ["地址       ws://127.0.0.1:8765", "正在服务   是"]


def test_revoke_says_who_is_out_and_how_they_come_back(hub: Path, do: Do) -> None:
    member(hub, do, "Li Lei", "coordinator", "one", "two")
    member(hub, do, "Ann", "coordinator", "three")
    ann, first, second = (each["device"] for each in json.loads(do("members", hub, "--json")[1]))
    back = (
        "Edits that were not sent stay with them; "
        f"`duijie-syncd invite {hub} --for 'Li Lei'` lets them back in.\n"
    )
    assert do("revoke", hub, "Li Lei", "--device", first) == (
        0,
        f"{first}\n",
        f"Device {first} of Li Lei (研发部) is shut out. {back}",
    )
    assert do("revoke", hub, "Li Lei", "--device", first) == (
        0,
        "",
        f"Device {first} of Li Lei was shut out already. Nothing was changed.\n",
    )
    assert do("revoke", hub, "Li Lei", "--device", "none") == (
        1,
        "",
        "Li Lei has no device none. `duijie-syncd members` lists them.\n",
    )
    assert do("revoke", hub, " Li Lei ") == (
        0,
        f"{second}\n",
        f"Li Lei (研发部) is shut out, with device {second}. {back}",
    )
    assert do("revoke", hub, "Li Lei") == (
        0,
        "",
        "Li Lei was shut out already. Nothing was changed.\n",
    )
    come_in(hub, do("invite", hub, "--for", "Li Lei")[1], "four")
    assert do("revoke", hub, "Li Lei")[1] not in ("", f"{first}\n", f"{second}\n")
    code, out, err = do("--lang", "zh", "revoke", hub, "Ann")
    assert (code, out) == (0, f"{ann}\n")
    who, warning = err.splitlines()
    assert who.startswith(f"Ann（研发部）已停用，连同 1 台设备：{ann}。")
    assert warning.startswith("已经没有协调人")
    assert do("--lang", "zh", "revoke", hub, "Ann")[2] == "Ann 早已停用。没有任何改动。\n"


def test_revoke_cancels_the_invitation_of_somebody_who_never_came(hub: Path, do: Do) -> None:
    do("invite", hub, "--name", "Ann", "--department", "x", "--role", "viewer")
    assert do("revoke", hub, "Ann") == (0, "", "The open invitation of Ann is cancelled.\n")


def test_who_is_known_is_invited_with_for(hub: Path, do: Do) -> None:
    member(hub, do, "Lee", "viewer", "one")
    person = ("--name", "Lee", "--department", "x", "--role", "viewer")
    assert "use --for Lee instead" in do("invite", hub, *person)[2]
    do("revoke", hub, "Lee")
    assert do("invite", hub, *person) == (
        2,
        "",
        (
            "Lee is known here and was shut out. "
            "To let them back in, use --for Lee instead of --name.\n"
        ),
    )
    assert "请用 --for Lee 代替 --name" in do("--lang", "zh", "invite", hub, *person)[2]
    come_in(hub, do("invite", hub, "--for", "Lee")[1], "two")


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "There is no role boss. Roles are: viewer, liaison, coordinator.\n"),
        (
            "zh",
            "没有 boss 这个角色。角色有：viewer（查看者）、liaison（对接人）、coordinator（协调人）。\n",
        ),
    ],
)
def test_an_unknown_role_is_named_with_those_there_are(
    hub: Path, do: Do, lang: str, said: str
) -> None:
    assert do("--lang", lang, "invite", hub, "--role", "boss") == (2, "", said)
    assert do("--lang", lang, "invite", hub, "--for", "x", "--role", "boss") == (2, "", said)


@pytest.mark.usefixtures("east")
def test_a_line_of_the_log_has_the_local_time_with_its_offset() -> None:
    record = logging.LogRecord("duijie", logging.INFO, "", 0, "a\nb", None, None)
    record.created = 1_795_000_000.5
    assert serving.OneLine(serving.LOG_LINE).format(record) == (
        "2026-11-18 12:06:40.500+01:00 INFO a b"
    )


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
        (
            FileNotFoundError(2, "No such file", "/x"),
            1,
            "/x cannot be used: there is no such file or folder.\n",
        ),
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
        "import sys, syncd.parser; "
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
