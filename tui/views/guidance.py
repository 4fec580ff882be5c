"""What a form says beside and below its fields, and what it offers while one types."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from schema.dates import local
from schema.errors import DuijieError
from schema.records import KINDS
from schema.rules.hints import day_off_hints
from schema.rules.lights import Shown, shown
from schema.rules.vague import checkable_fields, vague_words
from schema.rules.zi import count_zi
from schema.wording import N_, _, n_
from syncd.store.relations import offered_names, offered_records
from tui.cli.text import dated, day_left
from tui.views.canvas import Hint, Note
from tui.views.fields import CHOICES, DATES, Slot, told
from tui.views.form import Form
from tui.widgets.choices import Choice
from tui.widgets.countdown import countdown
from tui.workspace import Workspace

USUAL = (80, 2_000)  # limits that are only named while one types


class Guidance:
    """The hints, notes, words and offers of a form's fields.

    `conflicts` are the fields in conflict, `accepted` is when the hub first took the record.
    """

    def __init__(self, workspace: Workspace, form: Form, *, ascii: bool) -> None:
        self._workspace = workspace
        self._form = form
        self.ascii = ascii
        self.conflicts: frozenset[str] = frozenset()
        self.accepted: int | None = None

    def hint(self, slot: Slot, held: bool) -> Hint:
        spec = slot.spec
        if slot.path[0] in self.conflicts:
            return Hint(_("conflict, Alt+9") if held else _("conflict, 9"), "accent")
        try:
            value = self._form.value(slot)
        except DuijieError:
            return Hint(_("cannot be read"), "yellow") if not held else Hint("")
        if not held and slot.key in self._form.texts and not self._form.new:
            return Hint(_("not saved"), "yellow")
        if self._form.fixed(slot):
            return Hint(_("stays as it is") if held else "")
        if spec.type in CHOICES:
            return Hint("‹ ›" if held and not self.ascii else "< >" if held else "")
        if spec.type in DATES and isinstance(value, str):
            return self._date_hint(slot, value, held)
        if isinstance(value, list) and (held or len(value) > 1):
            return Hint(n_("{n} item", "{n} items", len(value)))
        counted = spec.limit and spec.type in ("line", "text") and isinstance(value, str)
        if counted and spec.limit and (held or spec.limit not in USUAL):
            count = count_zi(value)
            role = "yellow" if count > spec.limit else "faint"
            return Hint(_("{count}/{limit} words", count=count, limit=spec.limit), role)
        if held and spec.unit:
            return Hint(_(spec.unit))
        if held and spec.type == "int" and spec.low is not None and spec.high is not None:
            return Hint(f"{spec.low} - {spec.high}")
        return Hint("")

    def _date_hint(self, slot: Slot, value: str, held: bool) -> Hint:
        if held and slot.key in self._form.texts:
            told = value[5:].replace("T", " ") if len(value) > 10 else dated(value)[2:]
            typed = self._form.texts[slot.key].strip()
            since = _("from today") if typed.startswith(("+", "＋")) else ""
            return Hint("  ".join(filter(None, [f"= {told}", since])), "green")
        if slot.path == ("due",) and self._form.texts.get("due") is None:
            light = light_of(self._workspace, self._form, self.accepted)
            if light.light:
                role = light.light if light.light != "green" else "faint"
                return Hint(countdown(light, value, self._workspace), role)
        if slot.spec.type == "month":
            return Hint("")
        today = local(self._workspace.moment(), self._workspace.setting.zone).date()
        with suppress(ValueError):
            day = today.fromisoformat(value[:10])
            left = self._workspace.calendar.workdays_between(today, day)
            if day >= today:
                return Hint(_("{n} wd left", n=left) if left else day_left(value, today))
        return Hint("")

    def notes(self, slot: Slot) -> Sequence[Note]:
        found = [(each, "yellow") for each in self._form.remarks(slot)]
        found += [(each, "yellow") for each in self._days_off(slot)]
        if slot.path[0] in checkable_fields(self._form.kind.name):
            vague = vague_words(self._form.text(slot))
            if vague:
                words = _(", ").join(vague)
                told_vague = _(
                    '"{words}" cannot be checked; write a date or a number.', words=words
                )
                found.append((told_vague, "yellow"))
        theirs = self._form.theirs()
        if slot.key in theirs:
            value = told(self._workspace.conn, slot, theirs[slot.key])
            found.append((_("Theirs now: {value}   ^R takes it", value=value), "yellow"))
        return found

    def _days_off(self, slot: Slot) -> Sequence[str]:
        """What is to be known of a date that was typed: nobody works then, or the year is not published."""
        if slot.key not in self._form.texts or slot.spec.type not in ("date", "when"):
            return ()
        try:
            value = self._form.value(slot)
        except DuijieError:
            return ()
        if len(slot.path) > 1 or not isinstance(value, str):
            return ()
        return day_off_hints(self._form.kind, {slot.path[0]: value}, self._workspace.calendar)

    def words(self, slot: Slot) -> Sequence[str]:
        """What may be chosen: of a state, where it may go from here."""
        return [_(label) for _token, label in self._choices(slot)]

    def _choices(self, slot: Slot) -> Sequence[tuple[str, str]]:
        """The tokens that may be chosen, and their labels as source strings."""
        if slot.spec.type == "bool":
            return (("true", N_("yes")), ("false", N_("no")))
        stands = self._form.body.get("state")
        kind = self._form.kind
        if slot.path != ("state",) or self._form.new or not kind.moves:
            return slot.spec.words
        if stands not in kind.states:
            return slot.spec.words
        legal = {stands, *kind.moves.get(stands, ())}
        return [each for each in slot.spec.words if each[0] in legal]

    def near(self, slot: Slot, text: str) -> Sequence[str]:
        """The words in which a text stands, in either language or as the token; best first."""
        typed = text.strip().lower()
        near = [
            _(label)
            for token, label in self._choices(slot)
            if typed in _(label).lower() or typed in label.lower() or token.startswith(typed)
        ]
        return sorted(near, key=lambda word: not word.lower().startswith(typed))

    def offer(self, slot: Slot, text: str) -> Sequence[Choice]:
        """What may be meant by a line; a name that nobody has may stay as it is typed."""
        spec = slot.item
        conn = self._workspace.conn
        if slot.spec.type in CHOICES:
            return [Choice(each, each) for each in self.near(slot, text)]
        if spec.type in ("dept", "person"):
            of = "department" if spec.type == "dept" else "person"
            named = offered_names(conn, of, text)
            offers = [
                Choice(name, title or name, name if title and title != name else "")
                for name, title in named
            ]
            if named and not any(text in each for each in named):
                offers.append(Choice("", text, _("as it is typed")))
            return offers
        if spec.type == "ref":
            kinds = [name for name in spec.kinds if name in KINDS]
            return record_choices(self._workspace, kinds, text)
        return []


def light_of(workspace: Workspace, form: Form, accepted: int | None) -> Shown:
    """How a record stands against its date, as it was last saved."""
    said = workspace.setting
    return shown(
        form.kind,
        form.body,
        now=workspace.moment(),
        zone=said.zone,
        calendar=workspace.calendar,
        warn=said.warn,
        accepted=accepted,
    )


def record_choices(
    workspace: Workspace, kinds: Sequence[str], text: str, *, limit: int = 8
) -> list[Choice]:
    """Records of some kinds to pick by number or title; of any kind where none is named."""
    return [
        Choice(
            each.id,
            " ".join(filter(None, [each.number or each.id[-6:], each.title])),
            right=_(KINDS[each.kind].label),
        )
        for each in offered_records(workspace.conn, kinds, text, limit=limit)
    ]
