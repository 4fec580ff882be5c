"""Why the hub refused an edit, in words: its codes are for programs."""

from __future__ import annotations

from schema.safe_text import safe_text
from schema.wording import _


def refusal_words(reason: str) -> str:
    """A reason code such as `rights write` as half a sentence."""
    word, _space, detail = reason.partition(" ")
    match word:
        case "rights":
            if detail == "settle":
                return _("no right to settle this conflict")
            if detail == "layer":
                return _("only the decision layer of its project may do this")
            if detail == "signed":
                return _(
                    "what is signed is not changed; take it back, or sign a newer version or with another meaning"
                )
            return _("no right to write this")
        case "size":
            return _("too large for one step")
        case "text":
            return _("forbidden characters: {what}", what=safe_text(detail))
        case "form":
            return _("the hub cannot read it: {what}", what=safe_text(detail))
        case "crowded":
            return _("too many open conflicts on this record; settle some first")
        case "act":
            return _("refused together with another edit of its step")
    return safe_text(reason)
