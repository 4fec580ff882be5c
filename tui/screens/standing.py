"""What the truth line says, in full: every fact, what it means, and what can be done about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from schema.rules.refusals import refusal_words
from schema.rules.truth import WORDS, Standing, State, ago, at, clock_words
from schema.wording import N_, _, n_
from syncd.store.refusals import discard, refused_edits
from tui.mending import plan_mending
from tui.screens.dialog import Ask, Dialog
from tui.widgets.choices import Choice, Choices
from tui.widgets.lines import Lines
from tui.widgets.rows import Held
from tui.widgets.sheet import Line, Piece, Sheet, folded

if TYPE_CHECKING:
    from syncd.store.replica import Replica
    from tui.app import DuijieApp

ADVICE: dict[State, str] = {
    "revoked": N_(
        "The hub has shut out this device. Nothing here is lost: ask whoever keeps the hub for a "
        "new invitation, and join again."
    ),
    "mending": N_(
        "This copy and the hub did not add up. They are compared and mended now, by themselves; "
        "go on working."
    ),
    "readonly": N_(
        "The hub takes no edits now; its disk may be full. Yours wait here and go out later. "
        "Tell whoever keeps the hub."
    ),
    "older": N_(
        "Some edits are of a kind that the hub does not know yet. They wait until it is updated; "
        "everything else goes on."
    ),
    "offline": N_(
        "The hub is not reached. Go on working: your edits wait here, and go out when it answers."
    ),
    "refused": N_(
        "The hub turned down the edits below. To mend one is to make its change anew on what is "
        "shown now; to discard it is to forget it."
    ),
    "settle": N_(
        "Two people changed one record without knowing of each other. Both versions are kept "
        "until somebody settles it."
    ),
    "clock": N_(
        "This machine's clock is more than two minutes off. Set it: until then countdowns are "
        "wrong, and others wonder about the hours of your edits."
    ),
    "another": N_(
        "Another program syncs this home: a second window, or `duijie sync --watch`. This one "
        "takes over when that ends."
    ),
    "unsent": N_("Edits wait here and nothing has sent them yet; they go out by themselves."),
    "alone": N_(
        "This home belongs to no hub. Everything works; joining one takes along what is here."
    ),
    "step": N_("Everything from here is at the hub, and everything from there is here."),
}
LABEL = 12
MOST_EDITS = 5
JOIN, CONFLICTS, EDIT = "join", "conflicts", "edit:"


class StandingPanel(Dialog[str]):
    """The facts behind the truth line; gives `join` or `conflicts` where that was picked."""

    DEFAULT_CSS = """
    StandingPanel > .panel { width: 84; }
    StandingPanel Sheet { margin-top: 1; }
    StandingPanel .foot { color: $shade-muted; height: 1; margin-top: 1; }
    """

    def __init__(self, app: DuijieApp) -> None:
        super().__init__(app.shades)
        self._duijie = app
        self._head = Static("", markup=False, classes="heading")
        self._sheet = Sheet(app.shades)
        self._source = Choices(Held([], []))
        self._list = Lines(self._source, app.shades, ground="panel")
        self._foot = Static("", markup=False, classes="foot")

    def compose(self) -> ComposeResult:
        with Vertical(classes="panel"):
            yield self._head
            yield self._sheet
            yield self._list
            yield self._foot

    def on_mount(self) -> None:
        self.retell()
        self._list.focus()
        self.set_interval(1.0, self.retell)

    def on_resize(self) -> None:
        self.call_after_refresh(self.retell)

    def retell(self) -> None:
        """Say it as it is now."""
        workspace = self._duijie.workspace
        stands, truth = workspace.standing(), workspace.truth()
        self.shades = self._duijie.shades
        self._sheet.shades = self._list.shades = self.shades
        self._head.update(_("Syncing"))
        room = min(84, self.app.size.width * 96 // 100) - 4
        lines: list[Line] = [
            [Piece(0, truth.word, truth.tone, bold=True)],
            *folded(0, _(ADVICE[truth.state]), room, "muted"),
            [],
            *self._facts(stands, room),
        ]
        self._sheet.styles.height = len(lines)
        self._sheet.show(lines)
        choices = self._choices(stands)
        self._source.window = Held(choices, [choice.key for choice in choices])
        self._list.display = bool(choices)
        self._list.styles.height = max(min(len(choices), MOST_EDITS + 1), 1)
        self._list.reread()
        self._foot.update(_("Enter does it   Esc back") if choices else _("Esc back"))

    def _facts(self, stands: Standing, room: int) -> list[Line]:
        workspace = self._duijie.workspace
        now, zone = workspace.now(), workspace.setting.zone
        state = workspace.agent_state
        waits = ""
        if stands.unsent and stands.oldest is not None:
            waits = _("oldest {ago}", ago=ago(max(now - stands.oldest, 0)))
        told = [
            (_("Hub"), workspace.replica.meta("hub") or _("not joined to a hub")),
            (_("Last sync"), at(stands.last_sync, now, zone) if stands.last_sync else ""),
            (_("Trouble"), state.error if state is not None else ""),
            (_("Records"), n_("{n} record", "{n} records", stands.records)),
            (_("Seq"), str(stands.seq) if stands.joined else ""),
            (_(WORDS["unsent"]), "   ".join(filter(None, [str(stands.unsent), waits]))),
            (_("Refused"), str(stands.refused) if stands.refused else ""),
            (_("Conflicts"), str(stands.conflicts) if stands.conflicts else ""),
            (_("Clock"), clock_words(stands.offset) if stands.joined else ""),
        ]
        lines: list[Line] = []
        for label, value in told:
            if value:
                first, *rest = folded(LABEL, value, room - LABEL)
                lines += [[Piece(0, label, "faint"), *first], *rest]
        return lines

    def _choices(self, stands: Standing) -> list[Choice]:
        choices = []
        if stands.refused:
            choices = [
                Choice(
                    EDIT + edit.dot,
                    edit.title or edit.id[-6:],
                    refusal_words(edit.reason),
                    _("deletion") if edit.deleted else "",
                )
                for edit in refused_edits(self._duijie.workspace.replica)
            ]
        if stands.conflicts:
            choices.append(Choice(CONFLICTS, _("Go to the conflicts"), right="9"))
        if stands.revoked or not stands.joined:
            choices.append(Choice(JOIN, _("Join a hub"), _("with an invitation's code")))
        return choices

    @on(Lines.Opened)
    async def _picked(self, message: Lines.Opened) -> None:
        if not message.key.startswith(EDIT):
            self.dismiss(message.key)
            return
        dot = message.key.removeprefix(EDIT)
        edits = [each for each in refused_edits(self._duijie.workspace.replica) if each.dot == dot]
        if edits:
            question = Ask(
                self.shades,
                edits[0].title or edits[0].id[-6:],
                lambda: [
                    Choice("mend", _("Mend"), _("make the change anew on what is shown now")),
                    Choice("discard", _("Discard"), _("the log of the record keeps what it said")),
                    Choice("leave", _("Leave it")),
                ],
                words=lambda: refusal_words(edits[0].reason),
            )
            self.app.push_screen(question, lambda what: self._do(what, dot))

    async def _do(self, what: str | None, dot: str) -> None:
        duijie = self._duijie
        if what == "mend":
            if await duijie.attempt(duijie.workspace.act(lambda pen: plan_mending(pen, [dot]))):
                duijie.say(_("Mended; it is sent again."))
        elif what == "discard":

            def gone(pen: Replica) -> None:
                discard(pen, refused_edits(pen, [dot]))

            await duijie.attempt(duijie.workspace.write(gone))
        duijie.reread()
        self.retell()
