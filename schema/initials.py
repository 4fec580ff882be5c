"""The first letters of Chinese words by their sound: `cpsmsdg` for 产品说明书定稿, where pypinyin is installed."""

from __future__ import annotations

from functools import cache

_LONGEST = 80


@cache
def known() -> bool:
    """Whether the sounds are there to be asked for; does not load them."""
    from importlib.util import find_spec

    try:
        return find_spec("pypinyin") is not None
    except ValueError:
        return False


def initials(text: str) -> str:
    """The initials of a title in lower case, ASCII letters and digits as they are, all else left out.

    Where a character has several sounds the words around it decide. ImportError without pypinyin.
    """
    from pypinyin import Style, lazy_pinyin

    sounds = lazy_pinyin(text[:_LONGEST], style=Style.FIRST_LETTER)
    return "".join(
        letter for letter in "".join(sounds).lower() if letter.isascii() and letter.isalnum()
    )
