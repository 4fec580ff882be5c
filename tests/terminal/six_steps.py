"""Who plays the six steps of a blocker (S004): the lead's liaison with keys, the others by command."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

from schema.records import KINDS
from syncd.agent import sync_once
from syncd.home import Home
from tests.terminal.bent import Dial
from tests.terminal.terminal import Terminal
from tui.cli.main import main
from tui.views.fields import slots_of

LEAD, MARKET, OPERATIONS = "财务主管", "市场经理", "运营专员"
OF = {LEAD: "财务部", MARKET: "市场部", OPERATIONS: "运营部"}
ROLES = {LEAD: "liaison", MARKET: "liaison", OPERATIONS: "viewer"}
STUCK = "Q3活动数据未按时提交"


class Story:
    """The homes, the time, and the terminal of the lead's liaison."""

    def __init__(self, homes: Mapping[str, Home], dial: Dial, terminal: Terminal) -> None:
        self.homes = homes
        self.dial = dial
        self.terminal = terminal

    # -- with keys

    def keys(self, *keys: str) -> None:
        """Press keys, or type what begins with a quote."""
        for key in keys:
            if key.startswith("'"):
                self.terminal.type(key[1:])
            else:
                self.terminal.press(key)

    def fill(self, kind: str, focused: str, texts: Mapping[str, str]) -> None:
        """Write into fields of a new paper, from the focused one on, in the place of what they hold."""
        of = KINDS[kind]
        order = [slot.key for slot in slots_of(of) if slot.path[0] not in of.later]
        for field, text in texts.items():
            steps = order.index(field) - order.index(focused)
            self.keys(*["tab"] * steps, "ctrl+u", f"'{text}")
            focused = field

    def back(self, *wanted: str) -> None:
        """Leave a page for what is then on screen."""
        self.keys("escape")
        self.terminal.wait(*wanted)

    def today(self, *wanted: str) -> None:
        """To Today, where this waits."""
        self.keys("1")
        self.terminal.wait("第 4", *wanted)

    def save(self, *wanted: str) -> None:
        """Save, and come to what is then on screen."""
        self.keys("f4")
        self.terminal.wait(*wanted)

    def settle(self, verb: str, *wanted: str) -> None:
        """Open what settles a line of Today, and come to what is then on screen."""
        terminal = self.terminal
        terminal.wait("轮到我", f" {verb}  ")
        verbs = [row[3:].split(" ", 1)[0] for row in terminal.rows[6:27:3]]
        self.keys("home", *["down"] * verbs.index(verb))
        terminal.wait(f" ▐ {verb}  ")
        self.keys("enter")
        terminal.wait(*wanted)

    def at(self, wall: str, *wanted: str) -> None:
        """It becomes a later time, and what that brings is on screen."""
        self.dial.set(wall)
        day, _t, hour = wall.partition("T")
        self.terminal.wait(f"{day[5:]}  {hour}", *wanted)

    # -- the others, and what is saved

    def runs(self, who: str, *words: str) -> str:
        """What a command says that somebody runs, and what is to be exchanged is."""
        out, err = io.StringIO(), io.StringIO()
        home = self.homes[who]
        if who != LEAD:
            sync_once(home)
        with redirect_stdout(out), redirect_stderr(err):
            code = main(["--home", str(home.path), "--lang", "zh", *words])
        assert code == 0, err.getvalue()
        if who != LEAD:
            sync_once(home)
        return out.getvalue().strip()

    def found(self, kind: str, *query: str) -> list[dict[str, Any]]:
        """The records of a kind that the lead's liaison has."""
        listed: list[dict[str, Any]] = json.loads(self.runs(LEAD, "list", kind, *query, "--json"))
        return listed

    def id(self, kind: str, title: str) -> str:
        """The id of a record by its title."""
        return next(str(e["id"]) for e in self.found(kind) if e["body"].get("title") == title)

    @property
    def blocker(self) -> dict[str, Any]:
        """The blocker as it is saved."""
        shown: dict[str, Any] = json.loads(
            self.runs(LEAD, "show", self.id("blocker", STUCK), "--json")
        )
        return shown
