"""The actions that are alive: those whose keys would do something where the focus is now."""

from __future__ import annotations

from typing import NamedTuple

from textual.dom import DOMNode
from textual.screen import Screen

from schema.wording import _
from tui.actions import ACTIONS, Action, key_words


class Live(NamedTuple):
    """An action, the keys bound to it now, and the node it is to be done on."""

    action: Action
    keys: tuple[str, ...]
    node: DOMNode
    call: str

    @property
    def words(self) -> str:
        return _(self.action.words)

    @property
    def help(self) -> str:
        return _(self.action.help)

    @property
    def key(self) -> str:
        """The key that is shown where there is room for one."""
        usual = self.action.keys.split(",")
        if not self.keys:
            return ""
        if usual[0] in self.keys and len(self.action.display) == 1:
            return self.action.display
        first = next((key for key in usual if key in self.keys), self.keys[0])
        return key_words(first)

    @property
    def all_keys(self) -> str:
        """All its keys, but for the full-width twins."""
        usual = [key for key in self.action.keys.split(",") if key in self.keys]
        ordered = [*usual, *(key for key in self.keys if key not in usual)]
        shown = [words for key in ordered if (words := key_words(key)).isascii()]
        return "  ".join(dict.fromkeys(filter(None, [self.key, *shown])))


def live_actions(screen: Screen[object]) -> list[Live]:
    """The live actions of what has the focus, in the order of the table, and the app's that have no key."""
    found: dict[str, tuple[list[str], DOMNode, str]] = {}
    for key, (node, binding, enabled, _tip) in screen.active_bindings.items():
        if binding.id in ACTIONS and enabled:
            found.setdefault(binding.id, ([], node, binding.action))[0].append(key)
    for id, action in ACTIONS.items():
        if not action.keys and id.startswith("app.") and screen.app.check_action(action.method, ()):
            found.setdefault(id, ([], screen.app, action.method))
    return [
        Live(action, tuple(found[id][0]), *found[id][1:])
        for id, action in ACTIONS.items()
        if id in found
    ]
