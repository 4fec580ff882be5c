"""`demo`: the story, or a stage to look around on, by real programs on this machine."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
from argparse import Namespace
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from types import FrameType

import msgspec

from schema import dates
from schema.errors import UsageError
from schema.rights import ROLE_WORDS
from schema.safe_text import safe_text
from schema.wording import _, choose, current
from syncd.parser import Parser
from tui.demo.progress import Progress
from tui.demo.stage import Player, Stage
from tui.demo.story import PLAYERS, Ending, Story
from tui.demo.telling import Telling, typed

ZONE = "Asia/Shanghai"


class Stopped(BaseException):
    """Somebody asked the demonstration to end."""

    def __init__(self, number: int) -> None:
        self.number = number


def main(words: Sequence[str], *, ascii: bool = False) -> int:
    """Play the story, or set the stage and show it: in the app, or without a terminal until a signal.

    128 and its number where a signal ends the story.
    """
    said = _parser().parse_args(words)
    first = _player(said.player)
    if said.keep and not said.script:
        raise UsageError(_("--keep goes with --script."), _("Write duijie demo --script --keep."))
    stage = Stage(Path(tempfile.mkdtemp(prefix="duijie-demo-")), quick=not said.script)
    keep = False
    code: int | None = None
    try:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _stop)
        if said.script:
            _play(stage, said)
            keep = said.keep
        elif _on_terminal():
            from tui.terminal import quiet

            with quiet(sys.stdin.fileno()):
                _set(stage, first)
            code = _show(stage, first, ascii=ascii)
        else:
            _set(stage, first)
            stage.wait()
    except Stopped as stopped:
        return 128 + stopped.number if said.script else 0
    finally:
        stage.close(keep=keep)
    if code is not None:
        print(
            _(
                "The hub and the homes of the demonstration are deleted, with all that is named above."
            )
        )
    return code or 0


def _parser() -> Parser:
    parser = Parser(
        prog="duijie demo",
        description=_("A throw-away hub, two liaisons and a coordinator, with a conflict waiting."),
    )
    parser.add_argument("--as", dest="player", metavar="NAME", help=_("whose home is named first"))
    parser.add_argument("--script", action="store_true", help=_("play the whole story, then end"))
    parser.add_argument("--keep", action="store_true", help=_("leave the hub and the homes"))
    return parser


def _player(name: str | None) -> Player:
    """Who is meant, with or without the star of a post that has no name yet."""
    if name is None:
        return PLAYERS[0]
    for player in PLAYERS:
        if name.strip().lstrip("*＊") == player.name.lstrip("*"):
            return player
    raise UsageError(
        _("Nobody in the demonstration is called {name}.", name=safe_text(name)[:40]),
        _("There are: {names}.", names=_(", ").join(each.name for each in PLAYERS)),
    )


def _stop(number: int, _frame: FrameType | None) -> None:
    raise Stopped(number)


def _play(stage: Stage, said: Namespace) -> None:
    telling = Telling(sys.stdout, os.environ)
    ending = Story(stage, telling, _today()).whole()
    telling.gap()
    if not said.keep:
        telling.say(_("Hub and homes are removed now; `duijie demo --script --keep` leaves them."))
        return
    _say_kept(stage, telling)
    telling.gap()
    telling.plain(_last_line(stage, ending))


def _say_kept(stage: Stage, telling: Telling) -> None:
    telling.say(
        _("Hub and homes are left in {folder}. Nothing runs there any more.", folder=stage.folder)
    )
    telling.say(_("To serve the hub again, at the address that the homes know:"))
    port = stage.url.rpartition(":")[2]
    telling.plain(
        f"   {typed([*_program('duijie-syncd', 'syncd.cli'), 'serve', str(stage.hub), '--port', port])}"
    )
    telling.say(_("To settle the conflict that is still open:"))
    telling.plain(f"   {_command(stage, PLAYERS[0], 'resolve', 'T-002', '--keep', 'head')}")


def _last_line(stage: Stage, ending: Ending) -> str:
    said = {"hub": str(stage.hub), "homes": ending.homes, "settled": ending.settled}
    return msgspec.json.encode(said).decode()


def _show(stage: Stage, player: Player, *, ascii: bool) -> int:
    from syncd.home import Home
    from tui.beginning import EXAMPLE_NOTE
    from tui.running import run

    return run(Home(stage.home(player)), ascii=ascii, lang=current(), note=EXAMPLE_NOTE)


def _set(stage: Stage, first: Player) -> None:
    def say(far: str) -> None:
        print(f"\r{far}\x1b[K" if shown else "", end="", file=sys.stderr, flush=True)

    shown = sys.stderr.isatty()
    story = Story(stage, Progress(say), _today())
    story.founding()
    story.apart()
    story.together()
    stage.hand_over(PLAYERS)
    say("")
    _say_waiting(stage, Telling(sys.stdout, os.environ), first)


def _say_waiting(stage: Stage, telling: Telling, first: Player) -> None:
    telling.title(
        _("The stage is set"),
        _("Two conflicts wait, the hub is up. Try each command in another terminal."),
    )
    telling.figures(
        [],
        [
            [_("folder"), str(stage.folder)],
            [_("port"), stage.url.rpartition(":")[2]],
            [_("hub"), stage.url],
        ],
    )
    for player in (first, *(each for each in PLAYERS if each != first)):
        telling.gap()
        telling.person(player.name, player.department, _(ROLE_WORDS[player.role]))
        for words in _worth_trying(player):
            telling.plain(f"   {_command(stage, player, *words)}")
    telling.gap()
    if _on_terminal():
        telling.say(
            _(
                "The app shows {name}'s home; when you quit it, everything is removed.",
                name=first.name,
            )
        )
    else:
        telling.say(_("Ctrl-C ends the hub and removes everything."))


def _on_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _worth_trying(player: Player) -> list[list[str]]:
    settle = [["resolve", "T-001", "due=other"]] if player.role == "coordinator" else []
    return [["board"], ["conflicts"], *settle, ["sync"], ["status"]]


def _command(stage: Stage, player: Player, *words: str) -> str:
    """A command that can be copied as it stands, and answers in the language spoken here."""
    language = [] if choose(None, os.environ) == current() else ["--lang", current()]
    home = ["--home", str(stage.home(player))]
    return typed([*_program("duijie", "tui.cli.main"), *language, *home, *words])


def _program(name: str, module: str) -> list[str]:
    """How a program is called from here."""
    if shutil.which(name):
        return [name]
    beside = Path(sys.executable).parent / name
    if not beside.exists():
        return [sys.executable, "-m", module]
    here = Path.cwd()
    return [str(beside.relative_to(here) if beside.is_relative_to(here) else beside)]


def _today() -> date:
    return dates.today(datetime.now(UTC), ZONE)
