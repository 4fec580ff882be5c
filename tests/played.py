"""The demonstration's story up to its conflicts, played in one process: the same homes every time.

The coordinator's home holds both conflicts and a step of its own that waits; the engineer's holds
the edit that the hub refused.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

from schema.errors import NothingToDo
from schema.ids import derived_id
from schema.records import encode, new_body
from syncd.clock import Clock
from syncd.store.replica import Replica
from syncd.store.rows import Change
from tests.wiring import Wired
from tui.acts import body_of
from tui.demo.examples import MEETING, Example, examples, moved, weeks

COORDINATOR, ENGINEER, PRODUCT = "*经理", "*工程师", "*主管"
MEMBERS = {
    COORDINATOR: ("coordinator", "市场部"),
    ENGINEER: ("liaison", "研发部"),
    PRODUCT: ("liaison", "产品部"),
}
NOW = datetime(2026, 11, 18, 6, 5, tzinfo=UTC)  # Wednesday, 14:05 in Shanghai
STEP = 5 * 60 * 1_000_000


class FrozenClock(Clock):
    """A clock that goes on only when it is told to."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = int(at.timestamp() * 1_000_000)

    def now(self) -> int:
        return self.at

    def pass_(self, microseconds: int = STEP) -> None:
        """Let some time go by."""
        self.at += microseconds

    @property
    def today(self) -> date:
        """The day in Shanghai, where the examples live."""
        return datetime.fromtimestamp(self.at / 1_000_000 + 8 * 3600, UTC).date()


class Play:
    """The story's people at one hub, and what each does.

    `now` is when the played story ends and the homes are looked at.
    """

    def __init__(self, folder: Path, now: datetime = NOW) -> None:
        self._now = now
        self.clock = FrozenClock(now)
        self.today = self.clock.today
        self.by = weeks(self.today)
        self.clock.pass_(-40 * STEP)
        letters = random.Random(1)
        with patch("secrets.choice", letters.choice):
            self.wired = Wired(folder, self.clock)
            for name, (role, department) in MEMBERS.items():
                self.wired.join(name, role, department)
        self.tasks = {
            str(each.body["title"]): each for each in examples(self.today) if each.kind == "task"
        }

    def whole(self) -> None:
        """All of it, up to the conflicts."""
        self.load()
        self.apart()
        self.together()
        self.clock.at = int(self._now.timestamp() * 1_000_000)

    def load(self) -> None:
        """The coordinator takes the examples in, and everybody gets them."""
        changes = [Change(each.kind, each.id, encode(each.body)) for each in self._examples()]
        self._replica(COORDINATOR).save(changes, many=True)
        self._sync()

    def _examples(self) -> Sequence[Example]:
        return examples(self.today)

    def apart(self) -> None:
        """Both liaisons work without the hub: on the same task, and one on what the other deletes."""
        day = moved(MEETING.isoformat(), self.by)
        core, report = self._task("核心功能清单（终稿）"), self._task("可行性")
        self._set(
            ENGINEER, "task", core, due=moved("2024-05-31", self.by), note="接口参数评审后才能定稿"
        )
        self._set(ENGINEER, "task", report, state="doing")
        said = {"of": report, "day": day, "did": "已列出各功能的开发难度", "says": "doing"}
        self._set(ENGINEER, "progress", "0193d5a0-0000-7000-8000-000000000001", **said)
        self._set(ENGINEER, "policy", derived_id("policy", "warn"), amount="5")
        self._set(PRODUCT, "task", core, due=moved("2024-05-30", self.by), version="V1.3")
        self._delete(PRODUCT, "task", report)

    def together(self) -> None:
        """All is exchanged; the coordinator then goes on offline."""
        self._sync()
        self._sync()
        self._set(COORDINATOR, "task", self._task("渠道铺货"), note="各区域仓库的容量待核")

    def close(self) -> None:
        self.wired.close()

    # -- what the parts share

    def _replica(self, name: str) -> Replica:
        return self.wired.replicas[name]

    def _sync(self) -> None:
        for name in self.wired.replicas:
            self.clock.pass_()
            self.wired.sync(name)

    def _task(self, words: str) -> str:
        return next(each.id for title, each in self.tasks.items() if words in title)

    def _set(self, name: str, kind: str, id: str, **fields: Any) -> None:
        self.clock.pass_()
        replica = self._replica(name)
        record = replica.record(kind, id)
        body = body_of(record) if record else new_body(kind, {}, department=None)
        with suppress(NothingToDo):
            replica.save([Change(kind, id, encode({**body, **fields}))])

    def _delete(self, name: str, kind: str, id: str) -> None:
        self.clock.pass_()
        replica = self._replica(name)
        record = replica.record(kind, id)
        assert record is not None
        assert record.shown.body is not None
        replica.save([Change(kind, id, record.shown.body, deleted=True)])


def copied(home: Path, to: Path) -> Path:
    """A home of one's own to change."""
    shutil.copytree(home, to)
    return to
