"""The stage: a hub and the people around it as real processes, in a folder of their own."""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple

import msgspec

from schema.errors import DuijieError
from schema.rights import Role
from schema.safe_text import safe_text
from schema.wording import _, current

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
    nothing is started any more.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
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
        except subprocess.TimeoutExpired as error:
            raise _failed(words, _("it did not end")) from error
        if ended.returncode != code:
            raise _failed(
                words, ended.stderr.strip() or _("exit code {code}", code=ended.returncode)
            )
        return Done(ended.returncode, ended.stdout, ended.stderr)

    def _still_wanted(self) -> None:
        """StageError where the stage was left while it was being set."""
        if self.left:
            raise StageError(_("The example was left before it was ready."))

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
                [sys.executable, "-m", "syncd.cli", *words],
                cwd=self.folder,
                env=self._environ,
                stdin=subprocess.DEVNULL,
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
        if daemon.stdout is not None:
            daemon.stdout.close()

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
