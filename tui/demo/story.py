"""The story: three people, a hub that goes away twice, two conflicts, one result."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import msgspec

from schema.ids import derived_id
from schema.wording import _
from tui.demo.examples import examples, moved, weeks
from tui.demo.stage import Done, Player, Stage, StageError
from tui.demo.telling import Telling

COORDINATOR = Player("*经理", "市场部", "coordinator", "coordinator")
ENGINEER = Player("*工程师", "研发部", "liaison", "engineer")
PRODUCT = Player("*主管", "产品部", "liaison", "product")
PLAYERS = (COORDINATOR, ENGINEER, PRODUCT)

_FILE = "examples.jsonl"
_LIST, _REPORT = "T-001", "T-002"


class Ending(NamedTuple):
    """How it ended: the conflict that was settled, and of each home what its `status` says."""

    settled: str
    homes: list[dict[str, Any]]


class Story:
    """The parts of the story in their order, each told while it happens."""

    def __init__(self, stage: Stage, telling: Telling, today: date) -> None:
        self.stage = stage
        self.telling = telling
        self.today = today
        self.by = weeks(today)

    def whole(self) -> Ending:
        """All of it."""
        self.opening()
        self.founding()
        self.apart()
        self.together()
        self.looking()
        settled = self.settling()
        return self.ending(settled)

    def opening(self) -> None:
        """What is about to be seen."""
        self.telling.title(
            _("duijie: work across departments, with or without a network"),
            _(
                "One hub and three people, each with the whole workspace in a file of their own. "
                "Every command below runs for real, on this machine. The records are the worked "
                "examples of two office guides, moved by whole weeks so that they lie around today."
            ),
        )

    # -- 1

    def founding(self) -> None:
        """The hub, the coordinator with the examples, then the liaisons."""
        self.telling.act(
            1,
            _("Three people and a hub"),
            _("The hub carries news between the copies. Nobody needs it in order to work."),
        )
        self._syncd("init", "hub", quiet=True)
        self._serve()
        self._join(COORDINATOR)
        self._write_examples()
        self._do(COORDINATOR, "load", _FILE)
        self._do(COORDINATOR, "sync")
        self._join(ENGINEER)
        self._join(PRODUCT)
        self.telling.gap()
        self._do(ENGINEER, "board")
        self.telling.gap()

    def _join(self, player: Player) -> None:
        asked = ["--name", player.name, "--department", player.department, "--role", player.role]
        invited = self._syncd("invite", "hub", *asked)
        self._do(player, *invited.out.split()[1:])

    def _write_examples(self) -> None:
        encode = msgspec.json.Encoder().encode
        with (self.stage.folder / _FILE).open("wb") as file:
            for each in examples(self.today):
                file.write(encode(each._asdict()) + b"\n")

    # -- 2

    def apart(self) -> None:
        """Without the hub: the same task edited twice, one deleted and edited, others besides."""
        self.telling.act(
            2,
            _("The network is gone"),
            _(
                "The hub is stopped now. Both liaisons go on; neither knows what the other does. "
                "Both change task {list}. One deletes task {report}, on which the other works. "
                "And one changes a rule that only coordinators may change.",
                list=_LIST,
                report=_REPORT,
            ),
        )
        self.stage.stop()
        friday, thursday = (moved(day, self.by) for day in ("2024-05-24", "2024-05-23"))
        monday = moved("2024-05-20", self.by)
        self._do(ENGINEER, "set", _LIST, f"due={friday}", "note=接口参数评审后才能定稿")
        self._do(
            ENGINEER,
            "set",
            _REPORT,
            "state=doing",
            "delay_cause=人力不足",
            "need=增加1名开发工程师",
        )
        self._do(
            ENGINEER,
            "add",
            "progress",
            f"of={_REPORT}",
            f"day={monday}",
            "did=已列出各功能的开发难度",
            "says=doing",
        )
        self._do(ENGINEER, "set", derived_id("policy", "warn")[-6:], "amount=5")
        self._do(ENGINEER, "status", "--line")
        self.telling.gap()
        self._do(PRODUCT, "set", _LIST, f"due={thursday}", "version=V1.3", "state=review")
        self._do(PRODUCT, "rm", _REPORT)
        self._do(PRODUCT, "set", self._request(), "risk=设计稿晚到会推迟开发完成")
        self._do(PRODUCT, "status", "--line")
        self.telling.gap()

    def _request(self) -> str:
        found = self.stage.json(PRODUCT, ["list", "request"])
        return str(found[0]["number"])

    # -- 3

    def together(self) -> None:
        """The hub is back: everything is exchanged, and one edit is refused."""
        self.telling.act(
            3,
            _("The hub is back"),
            _(
                "What waited is sent in order; what others did comes back. Nothing is lost on the "
                "way: an edit that its author had no right to make returns to the author, whole, "
                "with the reason."
            ),
        )
        self._serve_again()
        self._do(ENGINEER, "sync")
        self._do(PRODUCT, "sync")
        self._do(COORDINATOR, "sync")
        self._do(ENGINEER, "sync")
        self.telling.gap()
        self._do(ENGINEER, "refused")
        self._do(ENGINEER, "refused", "--discard")
        self.telling.gap()

    # -- 4

    def looking(self) -> None:
        """The same board for everybody, with the flags; both versions and the reason."""
        self.telling.act(
            4,
            _("One board, two flags"),
            _(
                "All three see the same board. Where two people edited without knowing of each "
                "other, the later edit is shown, the record is flagged and the other version is "
                "kept beside it."
            ),
        )
        said = self._do(COORDINATOR, "board").out
        self._expect(
            all(self.stage.duijie(each, ["board"]).out == said for each in PLAYERS),
            _("the boards differ"),
        )
        self.telling.gap()
        self._do(COORDINATOR, "conflicts")
        self._expect(len(self._conflicts(COORDINATOR)) == 2, _("there are not two conflicts"))
        self.telling.gap()

    # -- 5

    def settling(self) -> str:
        """The coordinator, offline again, takes fields from both; returns the conflict's id."""
        self.telling.act(
            5,
            _("Settled on a train"),
            _(
                "The hub is stopped again. The coordinator does not choose a winner but takes "
                "fields from both: the date from one, version and state from the other. Fields "
                "that only one side changed need no word."
            ),
        )
        self.stage.stop()
        listed = next(
            each
            for each in self._conflicts(COORDINATOR)
            if each["differs"] and not self._deletes(each)
        )
        self._do(COORDINATOR, "resolve", _LIST, "due=other")
        self._do(COORDINATOR, "show", _LIST)
        self._do(COORDINATOR, "status", "--line")
        self.telling.gap()
        return str(listed["id"])

    # -- 6

    def ending(self, settled: str) -> Ending:
        """Everybody syncs; the histories and the figures agree."""
        self.telling.act(
            6,
            _("Three copies, one result"),
            _(
                "The ruling reaches everybody, and the history names each step. The deletion that "
                "somebody else's work outlived still waits for its ruling: a flag goes only when "
                "a person takes it away."
            ),
        )
        self._serve_again()
        for each in PLAYERS:
            self._do(each, "sync")
        self.telling.gap()
        self._do(ENGINEER, "log", _LIST)
        self.telling.gap()
        self._do(PRODUCT, "conflicts")
        self.telling.gap()
        homes = [self._status(each) for each in PLAYERS]
        self._expect(
            len({(each["seq"], each["count"], each["digest"]) for each in homes}) == 1,
            _("the copies differ"),
        )
        self._expect(
            settled not in [each["id"] for player in PLAYERS for each in self._conflicts(player)],
            _("the conflict is still open"),
        )
        self.telling.figures(
            [_("who"), _("seq"), _("records"), _("digest")],
            [
                [player.name, str(each["seq"]), str(each["count"]), each["digest"]]
                for player, each in zip(PLAYERS, homes, strict=True)
            ],
        )
        self.telling.say(_("The same figures in all three: nothing lost, nobody overruled unseen."))
        self.stage.stop()
        return Ending(settled, homes)

    def _status(self, player: Player) -> dict[str, Any]:
        said = self.stage.json(player, ["status"])
        home = {"home": str(self.stage.home(player))}
        return home | {name: said[name] for name in ("seq", "count", "digest")}

    # -- what the parts share

    def _do(self, player: Player, *words: str) -> Done:
        self.telling.command(player.name, ["duijie", *words])
        done = self.stage.duijie(player, words)
        self.telling.output(done.out, done.err)
        return done

    def _syncd(self, *words: str, quiet: bool = False) -> Done:
        self.telling.command(_("hub"), ["duijie-syncd", *words])
        done = self.stage.syncd(words)
        if not quiet:
            self.telling.output(done.out)
        return done

    def _serve(self, port: int = 0) -> None:
        self.telling.command(_("hub"), ["duijie-syncd", "serve", "hub", "--port", str(port)])
        self.telling.output(self.stage.serve(port))

    def _serve_again(self) -> None:
        """Serve at the port that the homes know, or tell them the new one where it is taken."""
        port = int(self.stage.url.rpartition(":")[2])
        try:
            self._serve(port)
        except StageError:
            self._serve()
            for each in PLAYERS:
                self._do(each, "join", self.stage.url)

    def _conflicts(self, player: Player) -> Sequence[dict[str, Any]]:
        found: list[dict[str, Any]] = self.stage.json(player, ["conflicts"])
        return found

    @staticmethod
    def _deletes(conflict: dict[str, Any]) -> bool:
        return any(side["body"] is None for side in (conflict["head"], *conflict["others"]))

    @staticmethod
    def _expect(true: bool, otherwise: str) -> None:
        if not true:
            raise StageError(_("The story went wrong: {why}.", why=otherwise))
