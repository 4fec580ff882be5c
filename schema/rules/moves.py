"""Which state may follow which."""

from __future__ import annotations

from schema.errors import IllegalMove
from schema.records.checks import named_words
from schema.records.kind import Kind
from schema.records.registry import kind as kind_named
from schema.safe_text import safe_text
from schema.wording import _


def check_move(kind: Kind | str, old_state: str | None, new_state: str | None) -> None:
    """Raises IllegalMove, naming the legal ones, where `new_state` cannot follow `old_state`.

    Both are of the version that is edited, never of the head. A new record has no old state, and
    an old state that this kind does not know was written by a newer client: both may become any.
    """
    kind = kind_named(kind) if isinstance(kind, str) else kind
    if not kind.states or new_state == old_state:
        return
    legal = kind.states
    if kind.moves and old_state in kind.states:
        legal = kind.moves.get(old_state, ())
    if new_state in legal:
        return
    spec = kind.by_name["state"]
    way_out = _("It can become: {words}.", words=named_words(spec, legal)) if legal else ""
    if not new_state:
        raise IllegalMove(_("{label} is needed.", label=_(spec.label)), way_out)
    if old_state not in kind.states or new_state not in kind.states:
        sentence = _(
            "{label} cannot be {value}.", label=_(spec.label), value=safe_text(new_state)[:40]
        )
        raise IllegalMove(sentence, way_out)
    raise IllegalMove(
        _(
            "{kind}: from {old} it cannot become {new}.",
            kind=_(kind.label),
            old=named_words(spec, (old_state,)),
            new=named_words(spec, (new_state,)),
        ),
        way_out,
    )
