"""How long a text is, counted as the guides count it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

# Han with its iteration mark and zero, then kana, bopomofo and hangul: one each.
_ONE_EACH = (
    "\u3005\u3007\u3021-\u3029\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
    "\u3041-\u3096\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9f\u3105-\u312f\u31a0-\u31bf\uac00-\ud7a3"
)
_MARKS = "\u0300-\u036f"


@cache
def _zi() -> Callable[[str], list[str]]:
    # Compiling these ranges takes longer than importing the rest.
    run = rf"[^\W_{_ONE_EACH}]"
    return re.compile(rf"[{_ONE_EACH}]|{run}(?:{run}|[{_MARKS}])*").findall


def count_zi(text: str) -> int:
    """How many 字 a text has: each Han character, and each run of Latin letters and digits, is one.

    Punctuation, spaces and symbols count nothing (S003-33: `Q3` is one 字).
    """
    return len(_zi()(text))
