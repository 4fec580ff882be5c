"""What somebody has chosen: `config.toml` in the home.

Nothing here is fatal: what cannot be read or used is a sentence in `faults`, and the rest holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from msgspec import Struct
from textual.keys import Keys, _character_to_key

from schema.wording import LANGUAGES, _
from tui.actions import ACTIONS, DIGITS, key_words
from tui.palette import TABLES

_TYPED_FOR_OTHERS = {"ctrl+h": "Backspace", "ctrl+i": "Tab", "ctrl+j": "Enter", "ctrl+m": "Enter"}
_MODIFIERS = {"ctrl", "shift", "alt", "meta", "super", "hyper"}


class Settings(Struct, frozen=True):
    """The file `config.toml`: "" where it names nothing; `keys` by action id, as Textual names them."""

    lang: str = ""
    theme: str = ""
    keys: Mapping[str, str] = {}
    faults: tuple[str, ...] = ()


def read_settings(path: Path) -> Settings:
    """The settings of a file; none where there is no file."""
    if not path.exists():
        return Settings()
    import tomllib

    from syncd.command import file_error

    try:
        said = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        return Settings(faults=(file_error(error),))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        why = str(error) if isinstance(error, tomllib.TOMLDecodeError) else _("it is not UTF-8")
        return Settings(faults=(_("{path} cannot be read: {why}", path=path, why=why),))
    faults: list[str] = []
    lang = _one_of(said, "lang", LANGUAGES, faults)
    theme = _one_of(said, "theme", list(TABLES), faults)
    keys = said.get("keys", {})
    if not isinstance(keys, dict):
        faults.append(_("config.toml: {name} is a table of its own.", name="[keys]"))
        keys = {}
    faults += [
        _("config.toml: there is no setting {name}.", name=name)
        for name in said
        if name not in ("lang", "theme", "keys")
    ]
    fitting, wrong = _fitting(keys)
    return Settings(lang, theme, fitting, (*faults, *wrong))


def _one_of(
    said: Mapping[str, Any], name: str, words: list[str] | tuple[str, ...], faults: list[str]
) -> str:
    value = said.get(name, "")
    if isinstance(value, str) and value in ("", *words):
        return value
    faults.append(
        _("config.toml: {name} is one of: {words}.", name=name, words=_(", ").join(words))
    )
    return ""


# -- keys


def _fitting(asked: Mapping[str, Any]) -> tuple[dict[str, str], list[str]]:
    """The keys that can be bound, and why the others cannot; each action whole or not at all."""
    keymap: dict[str, str] = {}
    faults: list[str] = []
    for id, value in asked.items():
        try:
            keymap[id] = ",".join(_keys(id, value))
        except ValueError as error:
            faults.append(f"config.toml: {error}")
    for id in list(keymap):
        other = next(_clashes(id, keymap), None)
        if other is not None:
            key, taken = key_words(other[0]), other[1]
            del keymap[id]
            faults.append(
                "config.toml: "
                + _(
                    "{key} is the key of {other} already, not of {id}.", key=key, other=taken, id=id
                )
            )
    return keymap, faults


def _keys(id: str, value: object) -> Iterator[str]:
    """The keys of an action as Textual names them; ValueError says why one cannot be."""
    if id not in ACTIONS and id not in DIGITS:
        raise ValueError(_("there is no action {id}; docs/keys.md lists them.", id=id))
    texts = value.split(",") if isinstance(value, str) and value != "," else [value]
    for text in texts:
        key = named(text) if isinstance(text, str) else None
        if key is None:
            raise ValueError(_("{id}: there is no key {key}.", id=id, key=text))
        if key in _TYPED_FOR_OTHERS:
            why = _("{id}: terminals send {key} for {other}.", id=id, key=text, other=_TYPED_FOR_OTHERS[key])  # fmt: skip
            raise ValueError(why)
        if id in ACTIONS and ACTIONS[id].priority and "+" not in key and key in _characters():
            raise ValueError(_("{id}: {key} would be taken from what is typed.", id=id, key=text))
        yield key


def named(text: str) -> str | None:
    """A key as Textual names it, from `F5`, `^R`, `ctrl+r`, `?` or its own name; None where it is none."""
    text = text.strip() or text
    if text.startswith("^") and len(text) > 1:
        text = f"ctrl+{text[1:]}"
    if len(text) == 1:
        return _character_to_key(text) if text.isprintable() else None
    lower = text.lower()
    *before, last = lower.split("+")
    if not set(before) <= _MODIFIERS or not last:
        return None
    if len(last) == 1:
        last = _character_to_key(last)
    return "+".join([*before, last]) if last in _known() else None


@cache
def _characters() -> frozenset[str]:
    """The names of keys that type something."""
    return frozenset(_character_to_key(chr(code)) for code in range(0x20, 0x7F)) | {"space"}


@cache
def _known() -> frozenset[str]:
    return _characters() | {key.value for key in Keys if "+" not in key.value}


def _clashes(id: str, keymap: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The keys of an action that another has too which can be alive at the same time."""
    mine = set(_of(id, keymap))
    for other in (*ACTIONS, *DIGITS):
        if other != id and _meet(id, other):
            for key in mine & set(_of(other, keymap)):
                yield key, other


def _of(id: str, keymap: Mapping[str, str]) -> list[str]:
    keys = keymap.get(id) or (DIGITS[id] if id in DIGITS else ACTIONS[id].keys)
    return [named(key) or key for key in keys.split(",")]


def _meet(one: str, other: str) -> bool:
    """Whether two actions can be alive at once: views take turns, all else is everywhere."""
    groups = {one.partition(".")[0], other.partition(".")[0]}
    return len(groups) == 1 or bool(groups & {"app", "tab", "list"})


# -- what was switched
