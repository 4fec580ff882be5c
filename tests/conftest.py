"""What many tests share: a wired hub, the command `duijie`, and English between them."""

from __future__ import annotations

import atexit
import io
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

from schema import wording
from tests.wiring import Wired

# A worker of the tests is told a width of its own, which no program in a pty is to inherit.
for _name in ("COLUMNS", "LINES"):
    os.environ.pop(_name, None)

# Hundreds of programs are started by the tests. Where the environment keeps Python from writing
# bytecode each of them would compile all of its modules again, so that is kept for this run.
if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
    os.environ["PYTHONPYCACHEPREFIX"] = _compiled = tempfile.mkdtemp(prefix="duijie-bytecode-")
    atexit.register(shutil.rmtree, _compiled, ignore_errors=True)

# What takes longest begins first, so that the workers end together.
LONGEST = ("simulator", "processes", "terminal", "app")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> int:
        folder = item.path.parent.name
        return LONGEST.index(folder) if folder in LONGEST else len(LONGEST)

    items.sort(key=place)


class ByFixture(LoadScopeScheduling):  # type: ignore[misc]
    """Gives a worker one test after the other, but a module of the simulator whole: it is simulated once."""

    def _split_scope(self, nodeid: str) -> str:
        module, _, _test = nodeid.partition("::")
        return module if "/simulator/" in module else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByFixture:
    return ByFixture(config, log)


class Result(NamedTuple):
    """What a command gave back."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What stands on stdout, read as JSON."""
        return json.loads(self.out)

    @property
    def id(self) -> str:
        """The id that `add` printed."""
        return self.out.strip()


class Duijie:
    """Runs `duijie` in this process, in a home of its own unless told another."""

    def __init__(
        self, home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.home = home
        self._capsys = capsys
        self._monkeypatch = monkeypatch

    def __call__(
        self, *words: str, home: Path | None = None, lang: str = "en", stdin: str = ""
    ) -> Result:
        from tui.cli.main import main

        self._capsys.readouterr()
        typed = io.TextIOWrapper(io.BytesIO(stdin.encode()), "utf-8")
        with self._monkeypatch.context() as patched:
            patched.setattr("sys.stdin", typed)
            code = main(["--home", str(home or self.home), "--lang", lang, *words])
        out, err = self._capsys.readouterr()
        return Result(code, out, err)

    def ok(
        self, *words: str, home: Path | None = None, lang: str = "en", stdin: str = ""
    ) -> Result:
        """The same, where it must not fail."""
        result = self(*words, home=home, lang=lang, stdin=stdin)
        assert result.code == 0, result.err
        return result


@pytest.fixture(autouse=True)
def english_between_tests(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("DUIJIE_HOME", "DUIJIE_LANG"):
        monkeypatch.delenv(name, raising=False)
    wording.use("en")
    yield
    wording.use("en")


@pytest.fixture
def duijie(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Duijie:
    """The command in an empty home."""
    return Duijie(tmp_path / "home", capsys, monkeypatch)


@pytest.fixture
def alone(duijie: Duijie) -> Duijie:
    """The command in a workspace of one's own: 张三 of 研发部."""
    duijie.ok("init", "--name", "张三", "--department", "研发部")
    return duijie


@pytest.fixture
def wired(tmp_path: Path) -> Iterator[Wired]:
    """A hub and replicas in one process."""
    hub = Wired(tmp_path)
    yield hub
    hub.close()


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The homes of the played story, by name; copy one before writing to it."""
    from tests.played import MEMBERS, Play

    play = Play(tmp_path_factory.mktemp("played"))
    play.whole()
    play.close()
    return {name: play.wired.home(name) for name in MEMBERS}
