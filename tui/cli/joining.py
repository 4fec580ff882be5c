"""Belonging to a hub: init, join, sync, home."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

from schema.errors import Offline
from schema.rights import ROLE_WORDS
from schema.safe_text import safe_text
from schema.wording import _, n_
from syncd.home import Home
from syncd.store.connection import FileLock
from syncd.store.replica import Replica
from syncd.store.standing import note_reached
from tui.cli.news import Watcher, tell_news
from tui.cli.shell import Shell


def init(shell: Shell, words: Sequence[str]) -> int:
    """`init --name N --department D`: a workspace of one's own."""
    parser = shell.parser("init", _("Begin a workspace of one's own; no hub is needed."))
    parser.add_argument("--name", required=True, metavar="N", help=_("your name"))
    parser.add_argument("--department", required=True, metavar="D", help=_("your department"))
    said = parser.parse_args(words)
    home = shell.home()
    home.init(said.name, said.department)
    shell.hint(
        _(
            "A workspace of your own in {path}. Joining a hub later takes everything along.",
            path=home.path,
        )
    )
    return 0


def join(shell: Shell, words: Sequence[str]) -> int:
    """`join URL [CODE]`: become a member, or change the address of the hub one belongs to."""
    parser = shell.parser(
        "join", _("Become a member of a hub; on a joined home, change its address.")
    )
    parser.add_argument("url", metavar="URL", help=_("such as wss://hub.example.com:8765"))
    parser.add_argument("code", nargs="?", metavar="CODE", help=_("from the invitation"))
    said = parser.parse_args(words)
    home = shell.home()
    before = _hub(home)
    code = (said.code or ("" if before else _ask_code())).strip()
    try:
        home.join(said.url, code)
    except Offline as error:
        raise Offline(
            error.sentence, _("The code is not used up: run the same line again.")
        ) from error
    with shell.replica() as replica:
        note_reached(replica, True)
        if before:
            _say_address(shell, before, replica.meta("hub"), code)
            return 0
        role = replica.meta("role")
        shell.hint(
            _(
                "You are {name}, {department}, {role}.",
                name=replica.meta("name"),
                department=replica.meta("department"),
                role=_(ROLE_WORDS[role]) if role in ROLE_WORDS else role,
            )
        )
        tell_news(shell, replica)
        return _left(shell, replica)


def _say_address(shell: Shell, before: str, now: str, code: str) -> None:
    if now == before:
        shell.hint(_("This home belongs to {url} already; nothing was changed.", url=now))
    else:
        shell.hint(_("The hub's address is {url} now.", url=now))
    if code:
        shell.hint(_("The code was not used."))


def _hub(home: Home) -> str:
    """The hub that this home belongs to and that lets it in; "" where there is none."""
    if not home.exists():
        return ""
    replica = home.open_replica(True)
    try:
        return "" if replica.meta("revoked") else replica.meta("hub")
    finally:
        replica.close()


def _ask_code() -> str:
    if sys.stdin.isatty():
        print(_("Code of the invitation: "), end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip()


def sync(shell: Shell, words: Sequence[str]) -> int:
    """`sync [--watch [--notify]]`: one full exchange, or staying in step until ended."""
    parser = shell.parser(
        "sync", _("Exchange everything with the hub; exit 0 when nothing is left.")
    )
    parser.add_argument("--watch", action="store_true", help=_("stay in step until ended"))
    parser.add_argument("--notify", action="store_true", help=_("with --watch: desktop notices"))
    said = parser.parse_args(words)
    if said.notify and not said.watch:
        parser.error(_("--notify needs --watch"))
    if said.watch:
        return _watch(shell, notify=said.notify)
    from syncd.agent import sync_once

    with shell.replica(readonly=True) as replica:
        unsent, seq = replica.unsent(), replica.seq
    try:
        sync_once(shell.home())
    except Offline:
        with shell.replica() as replica:
            note_reached(replica, False)
        raise
    with shell.replica() as replica:
        note_reached(replica, True)
        _say_exchanged(shell, replica, unsent, seq)
        tell_news(shell, replica)
        return _left(shell, replica)


def _say_exchanged(shell: Shell, replica: Replica, unsent: int, seq: int) -> None:
    """How much went and came; the hub counts what it takes from here in the same row."""
    sent = max(unsent - replica.unsent(), 0)
    received = max(replica.seq - seq - sent, 0)
    if replica.unsent() or replica.meta("proof") == "broken":
        shell.hint(_("{sent} sent, {received} received.", sent=sent, received=received))
    else:
        shell.hint(
            _(
                "{sent} sent, {received} received; in step with the hub.",
                sent=sent,
                received=received,
            )
        )


def _left(shell: Shell, replica: Replica) -> int:
    """0 when nothing is left unsent and both sides add up, else 1 with the reason."""
    unsent = replica.unsent()
    if unsent and replica.meta("older"):
        shell.hint(
            n_(
                "{n} edit waits for a newer hub.",
                "{n} edits wait for a newer hub.",
                unsent,
            )
        )
    elif unsent:
        shell.hint(n_("{n} edit is still unsent.", "{n} edits are still unsent.", unsent))
    if replica.meta("proof") == "broken":
        shell.hint(_("This replica does not add up to what the hub holds."))
        return 1
    return 1 if unsent else 0


def _watch(shell: Shell, *, notify: bool) -> int:
    from syncd.agent import sync_for_ever

    watcher = Watcher(shell, notify=notify)
    with watcher:
        sync_for_ever(shell.home(), watcher.changed)
    return 0


def agent_runs(home: Home) -> bool:
    """Whether some program keeps this home in step."""
    path = home.path / "agent.lock"
    if not path.exists():
        return False
    lock = FileLock(path)
    if lock.acquire(0):
        lock.release()
        return False
    return True


def home(shell: Shell, words: Sequence[str]) -> int:
    """`home [--json]`: the folder of this home; its files on stderr."""
    parser = shell.parser("home", _("Where the files of this home are."))
    parser.add_argument("--json", action="store_true", help=_("as JSON"))
    said = parser.parse_args(words)
    found = shell.home()
    path = found.path.absolute()
    files = {"replica": found.database, "token": found.token_file, "config": found.config}
    if said.json:
        shell.print_json(
            json.dumps(
                {"home": str(path), **{name: str(each.absolute()) for name, each in files.items()}},
                ensure_ascii=False,
            )
        )
        return 0
    print(safe_text(str(path)))
    if not found.exists():
        shell.hint(_("There is no workspace here yet: `duijie join URL CODE`, or `duijie init`."))
    for each in files.values():
        if each.exists():
            shell.hint(str(each.absolute()))
    return 0
