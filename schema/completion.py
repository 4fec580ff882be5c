"""What may come next in a filter: names of fields, their words, people, flags.

What is typed is compared with names and labels of both languages; what is put in is what the
filter language reads in the language spoken now.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from schema.query import FLAGS, SYNONYMS
from schema.records import KINDS, Kind
from schema.records.fields import FieldSpec
from schema.wording import N_, _, chinese, current

LIMIT = 20
FLAG_HELP = {
    "late": N_("past the due date and not finished"),
    "mine": N_("of which I am the owner"),
    "waiting": N_("waiting to be accepted"),
    "conflict": N_("with a conflict to settle"),
    "unsent": N_("not yet heard by the hub"),
    "deleted": N_("deleted, and nothing else"),
}
_ENVELOPE = (
    FieldSpec(name="number", type="number", label=N_("Number")),
    FieldSpec(name="kind", type="kind", label=N_("Kind")),
    FieldSpec(name="author", type="person", label=N_("Last edited by")),
    FieldSpec(name="id", type="id", label=N_("Id")),
)
_FIRST = ("state", "owner", "department", "due", "priority", "project", "title")
_DATES = (
    ("today", N_("today")),
    ("tomorrow", N_("tomorrow")),
    ("+3d", N_("three days from now")),
    ("+2wd", N_("two working days from now")),
)

_QUOTES = '"“”＂'
_NAME = r"[^\W\d]\w*"
_OPERATORS = "<＜《〈>＞》〉≤≥:：=＝"
_MINUS = ("-", "－")


class Suggestion(NamedTuple):
    """A text to put in place of `text[start:end]`; `label` and `help` say what it is."""

    insert: str
    label: str
    help: str
    start: int
    end: int

    def put(self, text: str) -> tuple[str, int]:
        """The filter with this in its place, and where the cursor stands then."""
        return text[: self.start] + self.insert + text[self.end :], self.start + len(self.insert)


class _Choice(NamedTuple):
    """A suggestion before it has a place; `known_as` are the texts that somebody may begin to type."""

    insert: str
    label: str
    help: str
    known_as: tuple[str, ...]


def complete(
    text: str,
    cursor: int,
    kind: Kind | None,
    *,
    values: Callable[[str], Sequence[str]],
    limit: int = LIMIT,
) -> list[Suggestion]:
    """What may stand at the cursor of a filter over a kind, or over all; the likeliest first, never raises.

    `values` gives what records hold in a field, such as the names of people; it is asked for
    fields that have no words of their own.
    """
    cursor = max(0, min(cursor, len(text)))
    start = _last_part(text[:cursor], "")
    if text[start:cursor].startswith(_MINUS):
        start += 1
    among = [kind] if kind else list(KINDS.values())
    specs = _specs(among)
    named = re.fullmatch(rf"({_NAME})[{_OPERATORS}]+(.*)", text[start:cursor], re.DOTALL)
    choices: Iterable[_Choice]
    if named is None:
        if set(text[start:cursor]) & set(_QUOTES):
            return []
        end, colon = _name_end(text, cursor)
        choices = _names(specs, colon, _aliases(among))
    else:
        start += named.start(2)
        earlier = _last_part(named[2], ",，")
        chosen = {_unquoted(each) for each in re.split("[,，]", named[2][:earlier])}
        start += earlier
        rest = re.match(rf"[^\s,，{_QUOTES}]*[{_QUOTES}]?", text[cursor:])
        end = cursor + (rest.end() if rest else 0)
        own = _own_name(named[1], specs, _aliases(among))
        if own == "sort":
            start += text[start:cursor].startswith((*_MINUS, "+"))
            choices = _names(specs, "", _aliases(among), sorting=True)
        else:
            choices = _words(own, specs, among, values)
        choices = (each for each in choices if _unquoted(each.insert) not in chosen)
    typed = _unquoted(text[start:cursor]).lower()
    ranked = sorted(
        ((rank, choice) for choice in choices if (rank := _nearness(choice, typed)) is not None),
        key=lambda each: each[0],
    )
    return [
        Suggestion(choice.insert, choice.label, choice.help, start, end)
        for _rank, choice in ranked[:limit]
    ]


def _last_part(text: str, separators: str) -> int:
    """Where the part begins that a text ends with, quotes heeded: behind the last space or separator."""
    quoted, start = False, 0
    for place, char in enumerate(text):
        if char in _QUOTES:
            quoted = not quoted
        elif not quoted and (char in separators if separators else char.isspace()):
            start = place + 1
    return start


def _name_end(text: str, cursor: int) -> tuple[int, str]:
    """Where the name ends that the cursor is in, and the colon that it still needs."""
    end = cursor
    while end < len(text) and (text[end].isalnum() or text[end] == "_"):
        end += 1
    if text[end : end + 1] and text[end] in ":：=＝":
        return end + 1, ":"
    return end, "" if text[end : end + 1] and text[end] in _OPERATORS else ":"


def _nearness(choice: _Choice, typed: str) -> int | None:
    """0 where the choice begins as typed, 1 where it holds that, None where it does not."""
    known = [each.lower() for each in choice.known_as]
    if any(each.startswith(typed) for each in known):
        return 0
    return 1 if any(typed in each for each in known) else None


def _unquoted(text: str) -> str:
    return re.sub(f"[{_QUOTES}]", "", text).strip()


def _quoted(text: str) -> str:
    """A value as one word of a filter; "" where it cannot be written as one."""
    if set(text) & set(_QUOTES):
        return ""
    return f'"{text}"' if re.search(r"[\s,，]", text) or text.startswith(_MINUS) else text


# -- names of fields


def _specs(among: Sequence[Kind]) -> list[FieldSpec]:
    """The fields that a filter over these kinds may name, the usual ones first, one of each name."""
    found = {spec.name: spec for each in reversed(among) for spec in each.fields}
    first = [found.pop(name) for name in _FIRST if name in found]
    return [*first, *found.values(), *_ENVELOPE]


def _aliases(among: Sequence[Kind]) -> dict[str, str]:
    """The labels that the filter language reads, each with its field."""
    return {_(spec.label).lower(): spec.name for each in among for spec in each.fields}


def _names(
    specs: Iterable[FieldSpec], colon: str, aliases: Mapping[str, str], *, sorting: bool = False
) -> Iterator[_Choice]:
    if not sorting:
        yield _Choice(f"is{colon}", "is:", " ".join(FLAGS), ("is",))
    for spec in specs:
        label = _(spec.label)
        synonyms = [word for word, name in SYNONYMS.items() if name == spec.name]
        known_as = (spec.name, label, chinese(spec.label), *synonyms)
        readable = re.fullmatch(_NAME, label) and aliases.get(label.lower()) == spec.name
        said = label.lower() if readable and current() == "zh" else spec.name
        yield _Choice(f"{said}{colon}", label, _(spec.help), known_as)
    if not sorting:
        yield _Choice(f"sort{colon}", "sort:", _("the order; sort:-due the other way"), ("sort",))


def _own_name(name: str, specs: Sequence[FieldSpec], aliases: Mapping[str, str]) -> str:
    """The field that a name or label means; "" for none."""
    own = aliases.get(name, name.lower())
    names = {spec.name for spec in specs} | {"is", "sort"}
    return own if own in names else SYNONYMS.get(own, "")


# -- words of a field


def _words(
    own: str,
    specs: Sequence[FieldSpec],
    among: Sequence[Kind],
    values: Callable[[str], Sequence[str]],
) -> Iterator[_Choice]:
    if own == "is":
        for flag in FLAGS:
            yield _Choice(flag, flag, _(FLAG_HELP[flag]), (flag, _(FLAG_HELP[flag])))
        return
    spec = next((spec for spec in specs if spec.name == own), None)
    if spec is None:
        return
    match spec.type:
        case "word":
            yield from _tokens(own, among)
        case "kind":
            for each in KINDS.values():
                label = _(each.label)
                yield _Choice(each.name, label, "", (each.name, label, chinese(each.label)))
        case "bool":
            for token, label in (("yes", _("yes")), ("no", _("no"))):
                yield _Choice(token, label, "", (token, label))
        case "date" | "when":
            for token, label in _DATES:
                yield _Choice(token, _(label), "", (token, _(label)))
        case _:
            if spec.type == "person":
                yield _Choice("me", _("me"), "", ("me", _("me")))
            for value in values(own):
                if value and (insert := _quoted(value)):
                    yield _Choice(insert, value, "", (value,))
    if own != "state" and spec.type not in ("bool", "kind", "id"):
        yield _Choice("none", _("(empty)"), "", ("none", _("(empty)")))


def _tokens(own: str, among: Sequence[Kind]) -> Iterator[_Choice]:
    read = {
        _(label): token for each in among for spec in each.fields for token, label in spec.words
    }
    tokens = {
        token: label
        for each in reversed(among)
        if own in each.by_name
        for token, label in each.by_name[own].words
    }
    for token, label in tokens.items():
        word = _(label)
        said = _quoted(word) if current() == "zh" and read[word] == token else ""
        yield _Choice(said or token, word, "", (token, word, chinese(label)))
