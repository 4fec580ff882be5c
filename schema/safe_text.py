"""Text that cannot drive a terminal: cleaned where it enters, checked at the hub, marked where it is shown."""

from __future__ import annotations

import re

# Controls, bidi marks, invisible characters, line separators, tags, surrogates and non-characters. The joiners
# U+200C and U+200D and the variation selectors stay, for emoji and scripts that need them.
_UNSEEN = (
    r"\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    r"\ud800-\udfff\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f"
)
_DANGEROUS = re.compile(rf"[\x00-\x1f{_UNSEEN}]")

# Compiled when first used, for a quick start.
_BREAKS = r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]"
_FORBIDDEN = r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]"
_TRAILING = r"[^\S\n]+(?=\n)"
_BLANK = rf"[\s\u034f\u115f\u1160\u200c\u200d\u2800\u3164\uffa0\ufe00-\ufe0f{_UNSEEN}]+"

# Deleting these bytes from a body tells at four times the speed of a regex whether it has any: controls, and
# the first byte of C1 and of an escape.
_SUSPECT = bytes([*range(9), *range(11, 32), 0x5C, 0x7F, 0xC2])
_SUSPICIOUS = r"[\x00-\x08\x0b-\x1f\x7f-\x9f\\](?:(?<=\\)(?:u([0-9A-Fa-f]{4})(?:\\u([Dd][C-Fc-f][0-9A-Fa-f]{2}))?|[\"\\/bfnrtu]))?"
_SHORT_ESCAPES = {"\\b": 0x08, "\\f": 0x0C, "\\r": 0x0D}


def safe_text(text: str, *, lines: bool = False) -> str:
    """The text with a visible ASCII mark (`^[`, `<U+202E>`) for everything that could drive or deceive a terminal.

    A tab becomes a space; so does a newline, unless `lines`. Marked text comes back unchanged.
    """
    if _DANGEROUS.search(text) is None:
        return text
    return _DANGEROUS.sub(_mark_in_lines if lines else _mark, text)


def clean(text: str, *, lines: bool) -> str:
    """The text as an edit may hold it: NFC, no controls, no lone surrogates, no spaces at the end of a line.

    Every kind of line break becomes a newline; without `lines`, newlines and tabs become spaces.
    """
    if text.isascii() and text.isprintable():
        return text.strip()
    from unicodedata import normalize

    text = normalize("NFC", re.sub(_FORBIDDEN, "", re.sub(_BREAKS, "\n", text)))
    if not lines:
        return text.replace("\n", " ").replace("\t", " ").strip()
    return re.sub(_TRAILING, "", text).strip()


def blank(text: str) -> bool:
    """Whether a reader sees nothing of the text: spaces, joiners and other invisible characters alone."""
    return not re.sub(_BLANK, "", text)


def shell_word(text: str) -> str:
    """The text as a POSIX shell reads one word, quoted only where it must be; for a line to copy."""
    if re.fullmatch(r"[\w@%+=:,./][\w@%+=:,./-]*", text):
        return text
    return "'" + text.replace("'", "'\"'\"'") + "'"


def refusal(body: bytes) -> str | None:
    """Why the hub refuses these JSON bytes of a body, naming the code point (in English, for the wire), or None.

    Forbidden are controls other than newline and tab, DEL, C1 and lone surrogates, raw or escaped, and bytes
    that are not UTF-8, which a raw part of a decoded frame may hold.
    """
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return "not UTF-8"
    if len(body.translate(None, _SUSPECT)) == len(body):
        return None
    for found in re.finditer(_SUSPICIOUS, text):
        reason = _reason(found)
        if reason is not None:
            return reason
    return None


def _mark(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code in (0x09, 0x0A):
        return " "
    if code < 0x20 or code == 0x7F:
        return f"^{chr(code ^ 0x40)}"
    return f"<U+{code:04X}>"


def _mark_in_lines(found: re.Match[str]) -> str:
    return "\n" if found[0] == "\n" else _mark(found)


def _reason(found: re.Match[str]) -> str | None:
    if found[1] is not None:
        code = int(found[1], 16)
        if found[2] is not None:
            second = int(found[2], 16)
            if 0xD800 <= code <= 0xDBFF:
                return None
            code = second if _allowed(code) else code
    elif found[0][0] == "\\":
        code = _SHORT_ESCAPES.get(found[0], 0x20)
    else:
        code = ord(found[0])
    if _allowed(code):
        return None
    kind = "lone surrogate" if code >= 0xD800 else "control character"
    return f"{kind} U+{code:04X}"


def _allowed(code: int) -> bool:
    if code < 0x20:
        return code in (0x09, 0x0A)
    return not (0x7F <= code <= 0x9F or 0xD800 <= code <= 0xDFFF)
