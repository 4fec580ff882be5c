"""The words in the reader's language: English source strings, Chinese from the catalogue beside this module.

English loads nothing; the catalogue is read when Chinese is first chosen.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache

from schema.errors import UsageError

LANGUAGES = ("zh", "en")

_catalogue: dict[str, str] | None = None


def _(source: str, /, **values: object) -> str:
    """The string in the current language, its `{placeholders}` filled where values are given."""
    text = source if _catalogue is None else _catalogue.get(source, source)
    return text.format(**values) if values else text


def n_(singular: str, plural: str, n: int, /, **values: object) -> str:
    """The string that fits the number `n`, which fills the placeholder `{n}`."""
    if _catalogue is None:
        text = singular if n == 1 else plural
    else:
        text = _catalogue.get(singular, plural)
    return text.format(n=n, **values)


def N_(source: str, /) -> str:
    """Marks a string that is translated later, where it is shown."""
    return source


def chinese(source: str, /) -> str:
    """The string in Chinese, whatever language is spoken: for what people type."""
    return _read("zh").get(source, source)


def choose(lang: str | None, environ: Mapping[str, str]) -> str:
    """The language to speak, `zh` or `en`: `--lang`, else $DUIJIE_LANG, else the locale; an unknown `--lang` is a UsageError."""
    if lang is not None:
        return _known(lang)
    if wanted := asked(environ):
        return wanted
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environ.get(name):
            return "zh" if environ[name].lower().startswith("zh") else "en"
    return "en"


def asked(environ: Mapping[str, str]) -> str:
    """The language that $DUIJIE_LANG names, "" where it names none."""
    wanted = environ.get("DUIJIE_LANG", "").lower()
    return next((language for language in LANGUAGES if wanted.startswith(language)), "")


def use(lang: str) -> None:
    """Speaks this language from now on, in the whole process."""
    global _catalogue
    _catalogue = _read(lang) if _known(lang) != "en" else None


def current() -> str:
    """The language spoken now, `zh` or `en`."""
    return "en" if _catalogue is None else "zh"


def _known(lang: str) -> str:
    if lang not in LANGUAGES:
        raise UsageError(
            _("There is no language called {lang}.", lang=ascii(lang)),
            _("Write --lang zh or --lang en."),
        )
    return lang


@cache
def _read(lang: str) -> dict[str, str]:
    """Source strings and what they are in this language in turn, each ended by a unit separator.

    No parser is imported for it: every Chinese command would pay, `gettext` ten times this.
    """
    path = os.path.join(os.path.dirname(__file__), "locales", f"{lang}.words")
    with open(path, "rb") as file:
        words = file.read().decode().split("\x1f\n")
    return dict(zip(words[::2], words[1::2], strict=False))
