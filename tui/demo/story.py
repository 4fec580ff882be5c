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
_LIST, _REPORT, _BLOCKER = "T-001", "T-002", "B-001"
_REVIEW = "评审会"


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
        settled = self.looking()
        self.settling()
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
            _(
                "The hub only carries news between the copies; nobody needs it in order to work. "
                "`invite` prints the `join` line that the invited person runs."
            ),
        )
        self._syncd("init", "hub")
        self._serve()
        self._join(COORDINATOR)
        self._write_examples()
        self._do(COORDINATOR, "load", _FILE)
        self._do(COORDINATOR, "sync")
        self._join(ENGINEER)
        self._join(PRODUCT)
        self.telling.gap()
        self._look(ENGINEER, "board", _REVIEW)
        self.telling.gap()

    def _join(self, player: Player) -> None:
        asked = ["--name", player.name, "--department", player.department, "--role", player.role]
        invited = self._syncd("invite", "hub", *asked)
        self._do(player, *invited.out.split()[1:])

    def _write_examples(self) -> None:
        """The examples as a file, without the people who introduce themselves by joining."""
        introduced = {derived_id("person", player.name) for player in PLAYERS}
        encode = msgspec.json.Encoder().encode
        with (self.stage.folder / _FILE).open("wb") as file:
            for each in examples(self.today):
                if each.id not in introduced:
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
        if self.telling.heard:
            self.stage.stop()
        friday, thursday = (moved(day, self.by) for day in ("2024-05-31", "2024-05-30"))
        monday = moved("2024-05-20", self.by)
        self._do(ENGINEER, "set", _LIST, f"due={friday}", "note=接口参数评审后才能定稿")
        self._do(ENGINEER, "set", _REPORT, "state=doing")
        self._do(
            ENGINEER,
            "add",
            "progress",
            f"of={_REPORT}",
            f"day={monday}",
            "did=已列出各功能的开发难度",
            "says=doing",
        )
        self._do(ENGINEER, "set", _BLOCKER, "state=coordinating", "target=本周增加1名开发工程师")
        self._look(ENGINEER, "list", "policy", "预警")
        self._do(ENGINEER, "set", derived_id("policy", "warn")[-6:], "amount=5")
        self._look(ENGINEER, "status", "--line")
        self.telling.gap()
        self._do(PRODUCT, "set", _LIST, f"due={thursday}", "version=V1.3")
        self._do(PRODUCT, "rm", _REPORT)
        self._do(PRODUCT, "set", self._request(), "risk=设计稿晚到会推迟开发完成")
        self._look(PRODUCT, "status", "--line")
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
        if not self.stage.serving:
            self._serve_again()
        self._do(ENGINEER, "sync")
        self._do(PRODUCT, "sync")
        self._do(COORDINATOR, "sync")
        self._look(COORDINATOR, "status", "--line")
        self._do(ENGINEER, "sync")
        self.telling.gap()
        self._look(ENGINEER, "refused")
        self._do(ENGINEER, "refused", "--discard")
        self.telling.gap()

    # -- 4

    def looking(self) -> str:
        """The same board for everybody, with the flags, both versions and the reason.

        Returns the id of the conflict in which nothing is deleted.
        """
        self.telling.act(
            4,
            _("One board, two flags"),
            _(
                "All three see the same board. Where two people edited without knowing of each "
                "other, the later edit is shown, and an edit always before a deletion. The record "
                "is flagged, and the other version is kept beside it, whole."
            ),
        )
        self._do(COORDINATOR, "board", "is:conflict")
        boards = {self.stage.duijie(each, ["board"]).out for each in PLAYERS}
        self._expect(len(boards) == 1, _("the boards differ"))
        self.telling.gap()
        self._do(COORDINATOR, "conflicts")
        found = self._conflicts(COORDINATOR)
        self._expect(len(found) == 2, _("there are not two conflicts"))
        self.telling.gap()
        return next(str(each["id"]) for each in found if each["others"][0]["body"] is not None)

    # -- 5

    def settling(self) -> None:
        """The coordinator, offline again, takes fields from both."""
        self.telling.act(
            5,
            _("Settled on a train"),
            _(
                "The hub is stopped again. The coordinator need not choose a winner: the date is "
                "taken from one, the version from the other. Where only one side changed a field, "
                "nothing need be said."
            ),
        )
        self.stage.stop()
        self._do(COORDINATOR, "resolve", _LIST, "due=other")
        self._do(COORDINATOR, "show", _LIST)
        self._do(COORDINATOR, "status", "--line")
        self.telling.gap()

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
        self._do(PRODUCT, "board", "is:conflict")
        self.telling.gap()
        homes = [self._status(each) for each in PLAYERS]
        self._expect(
            len({(each["seq"], each["count"], each["digest"]) for each in homes}) == 1,
            _("the copies differ"),
        )
        self._expect(
            settled not in [each["id"] for each in self._conflicts(ENGINEER)],
            _("the conflict is still open"),
        )
        self.telling.figures(
            [_("Person"), _("Seq"), _("Records"), _("Digest")],
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

    def _look(self, player: Player, *words: str) -> None:
        """A command that changes nothing; where nobody hears the story it is not played."""
        if self.telling.heard:
            self._do(player, *words)

    def _syncd(self, *words: str) -> Done:
        self.telling.command(_("hub"), ["duijie-syncd", *words])
        return self.stage.syncd(words)

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
    def _expect(true: bool, otherwise: str) -> None:
        if not true:
            raise StageError(_("The story went wrong: {why}.", why=otherwise))
