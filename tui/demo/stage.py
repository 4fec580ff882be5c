"""The stage: a hub and the people around it as real processes, in a folder of their own."""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import IO, Any, NamedTuple

import msgspec

from schema.errors import DuijieError
from schema.rights import Role
from schema.safe_text import safe_text
from schema.wording import _, current
from syncd.home import Home

PATIENCE = 60.0
_READY = "listening "
_ROOMS = Path(__file__).resolve().parents[2]


class StageError(DuijieError):
    """A program on the stage did something else than its part."""


class Player(NamedTuple):
    """Somebody with a home; `home` is its folder's name on the stage."""

    name: str
    department: str
    role: Role
    home: str


class Done(NamedTuple):
    """What a program said, and how it ended."""

    code: int
    out: str
    err: str


class Stage:
    """A folder with `hub` and the homes in it, and the daemon while it runs.

    Every program is started here and has ended, or is ended by `close`. Once it is `left`,
    nothing is started any more. A `quick` stage has one actor run the commands that end.
    """

    def __init__(self, folder: Path, *, quick: bool = False) -> None:
        self.folder = folder
        self.quick = quick
        self._actor: subprocess.Popen[bytes] | None = None
        self.hub = folder / "hub"
        self.url = ""
        self.left = False
        self._daemon: subprocess.Popen[str] | None = None
        self._environ = {
            name: value for name, value in os.environ.items() if not name.startswith("DUIJIE_")
        }
        paths = [str(_ROOMS), os.environ.get("PYTHONPATH", "")]
        self._environ |= {
            "DUIJIE_LANG": current(),
            "PYTHONUTF8": "1",
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        }

    def home(self, player: Player) -> Path:
        """The folder of somebody's home."""
        return self.folder / player.home

    # -- programs that end

    def duijie(self, player: Player, words: Sequence[str], *, code: int = 0) -> Done:
        """Run `duijie` as somebody; StageError where it ends with another code."""
        where = ["--home", str(self.home(player))]
        return self._run(["duijie", *words], ["tui.cli.main", *where, *words], code)

    def syncd(self, words: Sequence[str]) -> Done:
        """Run `duijie-syncd`."""
        return self._run(["duijie-syncd", *words], ["syncd.cli", *words], 0)

    def json(self, player: Player, words: Sequence[str]) -> Any:
        """What `duijie … --json` gives."""
        return msgspec.json.decode(self.duijie(player, [*words, "--json"]).out)

    def _run(self, words: Sequence[str], module: Sequence[str], code: int) -> Done:
        """Run a module; `words` are what it is called where it fails."""
        self._still_wanted()
        try:
            done = self._act(module) if self.quick else self._start(module)
        except (subprocess.TimeoutExpired, TimeoutError) as error:
            raise _failed(words, _("it did not end")) from error
        if done.code != code:
            raise _failed(words, done.err.strip() or _("exit code {code}", code=done.code))
        return done

    def _start(self, module: Sequence[str]) -> Done:
        """Run a module as a program of its own."""
        ended = subprocess.run(
            [sys.executable, "-m", *module],
            cwd=self.folder,
            env=self._environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=PATIENCE,
        )
        return Done(ended.returncode, ended.stdout, ended.stderr)

    def _act(self, module: Sequence[str]) -> Done:
        """Have the actor run a module."""
        if self._actor is None:
            self._actor = subprocess.Popen(
                [sys.executable, "-m", "tui.demo.actor"],
                cwd=self.folder,
                env=self._environ,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                # Ctrl-C is for the demonstration, which then ends the actor in order.
                start_new_session=True,
            )
        orders, answers = self._actor.stdin, self._actor.stdout
        assert orders is not None
        assert answers is not None
        try:
            orders.write(msgspec.json.encode(module) + b"\n")
            orders.flush()
        except BrokenPipeError:
            raise StageError(_("The example was left before it was ready.")) from None
        if not select.select([answers], [], [], PATIENCE)[0]:
            raise TimeoutError
        line = answers.readline()
        if not line:
            raise StageError(_("The example was left before it was ready."))
        return Done(*msgspec.json.decode(line, type=tuple[int, str, str]))

    def _still_wanted(self) -> None:
        """StageError where the stage was left while it was being set."""
        if self.left:
            raise StageError(_("The example was left before it was ready."))

    def dismiss(self) -> None:
        """Let the actor go, in the middle of a command if need be."""
        actor, self._actor = self._actor, None
        if actor is None:
            return
        actor.kill()
        actor.wait()
        for stream in (actor.stdin, actor.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()

    def hand_over(self, players: Sequence[Player]) -> None:
        """Let the actor go and leave the homes to who looks: undo does not reach into the story."""
        from syncd.store.undoing import pass_over_all

        self.dismiss()
        for player in players:
            with closing(Home(self.home(player)).open_replica()) as replica:
                pass_over_all(replica)

    # -- the daemon

    @property
    def serving(self) -> bool:
        """Whether the hub is up."""
        return self._daemon is not None

    def serve(self, port: int = 0) -> str:
        """Start the hub and return the line it says when ready."""
        self._still_wanted()
        words = ["serve", str(self.hub), "--port", str(port)]
        with (self.folder / "serve.log").open("a", encoding="utf-8") as log:
            self._daemon = subprocess.Popen(
                [sys.executable, "-m", "tui.demo.hub", str(self.folder), *words],
                cwd=self.folder,
                env=self._environ,
                # Held by nobody else: when it ends, the hub knows that it is alone.
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                encoding="utf-8",
                # Ctrl-C is for the demonstration, which then ends the hub in order.
                start_new_session=True,
            )
        line = _first_line(self._daemon.stdout)
        if not line.startswith(_READY):
            self.stop()
            raise _failed(
                ["duijie-syncd", *words],
                (self.folder / "serve.log").read_text("utf-8").strip()[-400:],
            )
        self.url = line.removeprefix(_READY)
        return line

    def stop(self) -> None:
        """Take the hub away, as a lost network or a restart would."""
        daemon, self._daemon = self._daemon, None
        if daemon is None:
            return
        daemon.terminate()
        try:
            daemon.wait(PATIENCE / 4)
        except subprocess.TimeoutExpired:
            daemon.kill()
            daemon.wait()
        for stream in (daemon.stdin, daemon.stdout):
            if stream is not None:
                stream.close()

    def wait(self) -> None:
        """Stay while the hub is up; StageError when it ends by itself."""
        if self._daemon is not None:
            code = self._daemon.wait()
            raise _failed(["duijie-syncd", "serve"], _("exit code {code}", code=code))

    # -- the end

    def close(self, *, keep: bool) -> None:
        """End the daemon and, unless they are kept, remove all files; nothing interrupts this."""
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, signal.SIG_IGN)
        self.dismiss()
        self.stop()
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)


def _first_line(stream: IO[str] | None) -> str:
    """The line a program says when it is ready; "" where it ended or says nothing."""
    if stream is None or not select.select([stream], [], [], PATIENCE)[0]:
        return ""
    return stream.readline().rstrip()


def _failed(words: Sequence[str], why: str) -> StageError:
    return StageError(
        _("{command} failed: {why}", command=" ".join(words[:2]), why=safe_text(why, lines=True))
    )
