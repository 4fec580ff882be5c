"""Declaring a delay: a small form over a task, and the question what becomes of what it pushes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding, BindingType

from schema.dates import day_of, today
from schema.errors import DuijieError
from schema.rules.slipping import Pushed
from schema.wording import N_, _, n_
from syncd.store.replica import Replica
from syncd.store.rows import Change
from tui.acts import decoded
from tui.cli.text import WEEKDAYS, table
from tui.screens.dialog import Ask
from tui.slipping import FIELDS, apart, declared, missing, not_later, pen_hint, pushes
from tui.views.canvas import Note
from tui.views.form import Form
from tui.views.record import RecordPage
from tui.views.saving import save
from tui.widgets.choices import Choice
from tui.width import cut

if TYPE_CHECKING:
    from tui.app import DuijieApp

SHOWN = 8
CELLS = 68
STAY, OWN, ALL = "stay", "own", "all"
LIVE = ("save", "leave", "next", "previous", "theirs", "drop", "editor", "explain", "history")


class DelayForm(Form):
    """The fields of a declaration; `moving` is what goes along with it."""

    moving: Sequence[Pushed] = ()

    def faults(self) -> dict[str, list[DuijieError]]:
        found = super().faults()
        for fault in missing(self.merged()):
            if fault.field not in found or self.texts.get(fault.field) is None:
                found[fault.field] = [fault]
        due = self.merged().get("due")
        if due != self.body.get("due") and (early := not_later(self.body, due)):
            found.setdefault("due", []).append(early)
        return found

    def _edited(
        self, pen: Replica, values: Mapping[str, Any], shown: Mapping[str, Any], *, deleted: bool
    ) -> list[Change]:
        (change,) = super()._edited(pen, values, dict(shown), deleted=deleted)
        return declared(pen, change.id, decoded(change.body), moving=self.moving)


class DelayPage(RecordPage):
    """New date, cause, need and type of a task's delay, saved as one act with what goes along."""

    form_type: ClassVar[type[Form]] = DelayForm
    help = (
        N_("A delay says why and what would help; a new date may stand beside it."),
        N_("The old date stays in the changes of date of the task."),
        N_("What waits for the task is shown before it is saved, and moved only where you say so."),
    )
    DEFAULT_CSS = """
    DelayPage Beside { display: none; }
    """

    def __init__(self, id: str) -> None:
        super().__init__("task", id, only=FIELDS, field="due")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action in LIVE and super().check_action(action, parameters)

    def _drafted(self) -> str:
        return f"delay/{self.record_id}"

    def head(self) -> Sequence[Note]:
        heading = _("Declare a delay")
        notes = [
            (heading, role) if role == "heading" else (text, role) for text, role in super().head()
        ]
        if notes and notes[-1] == ("", "text"):
            notes.pop()
        notes.append((_("Cause and need are both needed; the old date stays on record."), "muted"))
        notes.append((_("A new date such as +5wd counts from today."), "muted"))
        day = today(self.workspace.moment(), self.workspace.setting.zone)
        hint = pen_hint(self.workspace.conn, self.form.body, day)
        if hint:
            notes.append((hint, "yellow"))
        return [*notes, ("", "text")]

    @property
    def called(self) -> str:
        return _("Declare a delay")

    def to_beside(self, *, comment: bool = False) -> None:
        """Nothing stands beside: the fields come round."""
        self.pane.rest()
        self.pane.lines.focus()

    async def _save(self) -> None:
        self.pane.settle()
        self.reread()
        assert isinstance(self.form, DelayForm)
        self.form.moving = ()
        if self.form.dirty and not self.pane.canvas.blocking():
            found = self._pushes()
            if found:
                moving = await ask_pushed(self.duijie, found)
                if moving is None:
                    return
                self.form.moving = moving
        if await save(self.duijie, self.form, self.pane, self.reread, untouched=False):
            self.form.forget_all()
            await self.draft.drop()
            self._end_page()

    def _pushes(self) -> list[Pushed]:
        due = self.form.merged().get("due")
        if not isinstance(due, str) or due == self.form.body.get("due"):
            return []
        return pushes(self.workspace.conn, self.record_id, due)


class AskPushed(Ask):
    """What a new date pushes, and whether it goes along; `+` takes the first offer to move."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("plus,＋", "move", show=False)]

    def __init__(self, app: DuijieApp, found: Sequence[Pushed]) -> None:
        conn = app.workspace.conn
        self._own, self._others = apart(conn, found)
        self._department = app.workspace.setting.department
        n = len(found)
        super().__init__(
            app.shades,
            lambda: n_("The new date pushes {n} record.", "The new date pushes {n} records.", n),
            self._offered,
            words=lambda: "\n".join(pushed_lines(found)),
        )

    def _offered(self) -> list[Choice]:
        own, others = len(self._own), len(self._others)
        choices = [Choice(STAY, _("Save it; their dates stay"))]
        if own:
            words = n_(
                "Move the {n} task of {department} too",
                "Move the {n} tasks of {department} too",
                own,
                department=self._department or _("no department"),
            )
            choices.append(Choice(OWN, words, right="+"))
        if others:
            words = n_(
                "Move {n} task, and tell its owner",
                "Move all {n} tasks, and tell the owners elsewhere",
                own + others,
            )
            choices.append(Choice(ALL, words, right="" if own else "+"))
        return choices

    def moving(self, answer: str) -> list[Pushed]:
        """What an answer lets go along."""
        chosen = {STAY: [], OWN: self._own, ALL: [*self._own, *self._others]}
        return list(chosen[answer])

    def action_move(self) -> None:
        if self._own or self._others:
            self.dismiss(OWN if self._own else ALL)


async def ask_pushed(app: DuijieApp, found: Sequence[Pushed]) -> list[Pushed] | None:
    """What is moved along of what is pushed; None where nothing is to be saved yet. Runs in a worker."""
    question = AskPushed(app, found)
    answer = await app.push_screen_wait(question)
    return None if answer is None else question.moving(answer)


def pushed_lines(found: Sequence[Pushed], cells: int = CELLS, most: int = SHOWN) -> list[str]:
    """What is pushed, a line each: what the program may move, then what it only says."""
    moved = [each for each in found if each.movable]
    only_said = [each for each in found if not each.movable]
    shown = [*moved, *only_said][:most]
    lines = list(table([_cells(each) for each in shown], columns=cells, mark="›", wide=1))
    place = next((n for n, each in enumerate(shown) if not each.movable), None)
    if place is not None:
        lines.insert(place, _("To be moved by hand, the program does not:"))
    if len(found) > len(shown):
        n = len(found) - len(shown)
        lines.append(n_("and {n} more", "and {n} more", n))
    return lines


def _cells(each: Pushed) -> tuple[str, ...]:
    paper = each.paper
    return (
        paper.number,
        paper.text("title") or _("(no title)"),
        cut(paper.text("department") or paper.text("initiator"), 10),
        f"{short(each.due_was or each.start_was)} › {short(each.due or each.start, weekday=True)}",
    )


def short(stored: str, *, weekday: bool = False) -> str:
    """A stored date without its year, with its hour or, where it has none, its weekday."""
    rest = stored[11:] or (_(WEEKDAYS[day_of(stored).weekday()]) if weekday and stored else "")
    return " ".join(filter(None, [stored[5:10], rest]))
