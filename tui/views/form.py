"""What a form holds: the record as it stands, what was typed over it, and how the two meet."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from schema.errors import DuijieError, FieldError, IllegalMove, Refused
from schema.ids import new_id
from schema.records import Kind, new_body, own_id, problems
from schema.rules.moves import check_move
from schema.wording import _
from syncd.store.replica import Replica
from syncd.store.rows import Change
from tui.acts import body_of, checked
from tui.cli.values import Reader
from tui.views.fields import (
    Slot,
    put_at,
    read,
    slots_of,
    text_of,
    value_at,
    without_names,
    worded,
)

Body = dict[str, Any]


class _Read(NamedTuple):
    """A text that was read: what the field held then, its value or what is wrong, and what to say."""

    text: str
    stands: Any
    value: Any
    wrong: DuijieError | None
    hints: list[str]


class Form:
    """A record's fields while they are edited.

    `body` is what the record says now, `texts` what was typed by the field's key, `was` what each
    of those fields held when it was first typed into. `id` is "" for a record to be made.
    """

    def __init__(
        self,
        kind: Kind,
        id: str,
        body: Body,
        reader: Callable[[], Reader],
        *,
        only: tuple[str, ...] = (),
    ) -> None:
        self.kind = kind
        self.id = id
        self.body = body
        self.deleted = False
        self.texts: dict[str, str] = {}
        self.was: dict[str, Any] = {}
        self._reader = reader
        self._slots = [slot for slot in slots_of(kind) if not only or slot.path[0] in only]
        self._by_key = {slot.key: slot for slot in self._slots}
        self._read: dict[str, _Read] = {}

    @property
    def conn(self) -> sqlite3.Connection:
        """What its words are read from."""
        return self._reader().replica.conn

    @property
    def new(self) -> bool:
        return not self.id

    @property
    def slots(self) -> list[Slot]:
        """Its fields; of a record to be made without those that say nothing of it yet."""
        if not self.new:
            return self._slots
        hidden = self.kind.later - self.body.keys() - {key.partition(".")[0] for key in self.texts}
        return [slot for slot in self._slots if slot.path[0] not in hidden]

    @property
    def dirty(self) -> bool:
        """Whether saving would change anything."""
        return bool(self.texts)

    def slot(self, key: str) -> Slot | None:
        return self._by_key.get(key)

    def fixed(self, slot: Slot) -> bool:
        """Whether a field names the record and stays as it is."""
        return slot.spec.immutable and not self.new

    # -- texts and values

    def _text_of(self, slot: Slot, value: Any) -> str:
        return text_of(self.conn, slot, value)

    def text(self, slot: Slot) -> str:
        """What the field's editor holds."""
        if slot.key in self.texts:
            return _spoken(slot, self.texts[slot.key])
        return self._text_of(slot, value_at(self.body, slot.path))

    def type(self, slot: Slot, text: str) -> bool:
        """Somebody typed; whether anything is otherwise now."""
        if text == self.text(slot):
            return False
        stands = value_at(self.body, slot.path)
        if text == self._text_of(slot, stands):
            self.forget(slot.key)
            return True
        self.was.setdefault(slot.key, stands)
        self.texts[slot.key] = _kept(slot, text)
        return True

    def forget(self, key: str) -> None:
        """Take a field as the record says it."""
        self.texts.pop(key, None)
        self.was.pop(key, None)

    def forget_all(self) -> None:
        """Take every field as the record says it."""
        self.texts.clear()
        self.was.clear()

    def retell(self) -> None:
        """The language is another: what was typed of words says itself in it, what is wrong too."""
        for key, kept in self._read.items():
            slot = self._by_key[key]
            if kept.wrong is None and self.texts.get(key) == kept.text and worded(slot):
                self.texts[key] = _kept(slot, self._text_of(slot, kept.value))
        self._read.clear()

    def value(self, slot: Slot) -> Any:
        """The field's value; DuijieError where what was typed cannot be read."""
        stands = value_at(self.body, slot.path)
        if slot.key not in self.texts:
            return stands
        text = self.texts[slot.key]
        kept = self._read.get(slot.key)
        if kept is None or kept[:2] != (text, stands):
            value, wrong, reader = None, None, self._reader()
            try:
                value = read(reader, slot, text, stands)
            except DuijieError as error:
                wrong = error
            kept = self._read[slot.key] = _Read(text, stands, value, wrong, reader.hints)
        if kept.wrong is not None:
            raise kept.wrong
        return kept.value

    def remarks(self, slot: Slot) -> list[str]:
        """What is to be known of what was typed, such as a name that nobody has yet."""
        kept = self._read.get(slot.key) if slot.key in self.texts else None
        return kept.hints if kept is not None else []

    def new_names(self) -> list[str]:
        """What was typed of names that nobody has yet, each said once."""
        said = (hint for key in self.texts for hint in self.remarks(self._by_key[key]))
        return list(dict.fromkeys(said))

    def said(self, fault: DuijieError) -> str:
        """What is wrong as a form says it: fields and words by their labels alone."""
        return without_names(self.kind.fields, str(fault))

    def merged(self) -> Body:
        """The body with all that can be read of what was typed."""
        body = dict(self.body)
        for key in self.texts:
            slot = self._by_key[key]
            try:
                put_at(body, slot.path, self.value(slot))
            except DuijieError:
                continue
        return body

    def faults(self) -> dict[str, list[DuijieError]]:
        """What is wrong, by the key of the first field that it is about."""
        found: dict[str, list[DuijieError]] = {}
        unread = set()
        for key in self.texts:
            try:
                self.value(self._by_key[key])
            except DuijieError as error:
                found.setdefault(key, []).append(error)
                unread.add(key)
        base = None if self.new else self.body
        before = {} if base is None else base
        try:
            check_move(self.kind, before.get("state") or None, self.merged().get("state") or None)
        except IllegalMove as error:
            if "state" in self.texts and "state" not in unread:
                found.setdefault("state", []).append(error)
                unread.add("state")
        for fault in problems(self.kind, self.merged(), base=base):
            if fault.field not in unread:
                found.setdefault(self._place(fault), []).append(fault)
        return found

    def blocking(self, faults: Mapping[str, list[DuijieError]]) -> dict[str, list[DuijieError]]:
        """Of what is wrong, what was not wrong on the record already."""
        if self.new:
            return {key: list(found) for key, found in faults.items()}
        before = {(each.field, each.sentence) for each in problems(self.kind, self.body)}
        left = {
            key: [
                each
                for each in found
                if key in self.texts
                or not isinstance(each, FieldError)
                or (each.field, each.sentence) not in before
            ]
            for key, found in faults.items()
        }
        return {key: found for key, found in left.items() if found}

    def _place(self, fault: FieldError) -> str:
        """The key of the field that a fault is shown at: of a row, the cell that was typed into."""
        within = [slot.key for slot in self.slots if slot.path[0] == fault.field]
        typed = [key for key in within if key in self.texts]
        return next(iter([*typed, *within]), fault.field)

    # -- the record moved

    def stands(self, body: Body) -> list[str]:
        """The record says this now; gives the keys of the fields that moved."""
        moved = [
            slot.key
            for slot in self.slots
            if value_at(body, slot.path) != value_at(self.body, slot.path)
        ]
        self.body = body
        for key in list(self.texts):
            slot = self._by_key[key]
            if self.text(slot) == self._text_of(slot, value_at(body, slot.path)):
                self.forget(key)
        return moved

    def theirs(self) -> dict[str, Any]:
        """The fields changed here and by somebody else meanwhile, with what they say now."""
        return {
            key: value_at(self.body, self._by_key[key].path)
            for key in self.texts
            if value_at(self.body, self._by_key[key].path) != self.was.get(key)
        }

    # -- drafts

    def draft(self) -> dict[str, Any]:
        """What is put down so that it can be taken up again."""
        return {"texts": dict(self.texts), "was": dict(self.was)}

    def take_up(self, draft: Mapping[str, Any]) -> bool:
        """Show a draft again; whether it holds anything that the record does not say."""
        texts, was = draft.get("texts"), draft.get("was")
        for key, text in texts.items() if isinstance(texts, dict) else ():
            slot = self._by_key.get(key)
            if slot is None or not isinstance(text, str) or self.fixed(slot):
                continue
            if _spoken(slot, text) != self._text_of(slot, value_at(self.body, slot.path)):
                self.texts[key] = text
                self.was[key] = was.get(key) if isinstance(was, dict) else None
        return self.dirty

    # -- saving

    def plan(self, department: str, now: int) -> Callable[[Replica], list[Change]]:
        """The act that saves what was typed; the values are read now, the record when it is saved.

        Refused where a field that was typed into moved after this was asked for, or the record was
        deleted or restored.
        """
        values = {key: self.value(self._by_key[key]) for key in self.texts}
        if self.new:
            return lambda pen: self._made(pen, values, department, now)
        shown, deleted = self.body, self.deleted
        return lambda pen: self._edited(pen, values, shown, deleted=deleted)

    def _made(
        self, pen: Replica, values: Mapping[str, Any], department: str, now: int
    ) -> list[Change]:
        body = dict(self.body)
        for key, value in values.items():
            put_at(body, self._by_key[key].path, value)
        made = new_body(self.kind, body, department=None)
        own = own_id(self.kind, made, pen.meta("name"))
        if own is not None:
            held = pen.record(self.kind.name, own)
            if held is not None and not held.shown.deleted:
                raise Refused(
                    _("There is a {kind} of this name already.", kind=_(self.kind.label)),
                    _("Open it and change it there, or give this one another name."),
                )
        self.made = own or new_id(now)
        return [Change(self.kind.name, self.made, checked(self.kind, made))]

    def _edited(
        self, pen: Replica, values: Mapping[str, Any], shown: Body, *, deleted: bool
    ) -> list[Change]:
        record = pen.record(self.kind.name, self.id)
        before = body_of(record) if record is not None else {}
        moved = [
            self._by_key[key]
            for key in values
            if value_at(before, self._by_key[key].path) != value_at(shown, self._by_key[key].path)
        ]
        if record is None or moved or record.shown.deleted != deleted:
            raise Refused(
                _("It was changed by somebody else this very moment; nothing is saved yet."),
                _("Look at what it says now and save again."),
            )
        after = dict(before)
        for key, value in values.items():
            put_at(after, self._by_key[key].path, value)
        check_move(self.kind, before.get("state") or None, after.get("state") or None)
        return [Change(self.kind.name, self.id, checked(self.kind, after, before))]


def _kept(slot: Slot, text: str) -> str:
    """A typed text as it is kept: a word by its token, so that it outlives the language."""
    return next((token for token, label in slot.spec.words if text == _(label)), text)


def _spoken(slot: Slot, text: str) -> str:
    labels = dict(slot.spec.words)
    return _(labels[text]) if text in labels else text
