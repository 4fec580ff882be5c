"""Keys in the order in which they were typed, however many of them arrive at once."""

from __future__ import annotations

from collections import deque

from textual import events
from textual.dom import DOMNode
from textual.driver import Driver

from tui.saying import Saying

Typed = events.Key | events.Paste


class Keyboard(Saying):
    """An app that does one key after another.

    A widget does the keys it knows itself, such as letters, from its own queue; the others come
    back to the app through the queues of all that is around it, and only then are their actions
    run. Keys that arrive together, as over a slow line, would overtake each other on these ways.
    So a key is handed on once the one before it was done, which is found out by sending a word
    after it on the same way.
    """

    def __init__(self, driver: type[Driver]) -> None:
        super().__init__(driver_class=driver)
        self._under_way: Typed | None = None
        self._held: deque[Typed] = deque()

    async def on_event(self, event: events.Event) -> None:
        if not isinstance(event, Typed) or event.is_forwarded:
            await super().on_event(event)
        elif self._under_way is None:
            self._under_way = event
            await self._hand_on(event)
        elif self._ends(event) and any(self._ends(each) for each in self._held):
            self.exit()
        else:
            self._held.append(event)

    def _ends(self, event: Typed) -> bool:
        """Whether it is the key that ends the app; pressed twice it waits for nothing."""
        key = event.key if isinstance(event, events.Key) else ""
        bound = self._bindings.key_to_bindings.get(key, ())
        return any(binding.action == "quit" for binding in bound)

    async def _hand_on(self, event: Typed) -> None:
        try:
            await super().on_event(event)
        finally:
            self._follow(event, (self.focused or self.screen) if event.is_forwarded else self)

    def _follow(self, event: Typed, node: DOMNode) -> None:
        """Go after a key to where it was handed to, and on as far as it went."""
        on_its_way: DOMNode | None = node
        while isinstance(on_its_way, DOMNode) and on_its_way is not self:
            if on_its_way.call_later(self._heard, event, on_its_way):
                return
            on_its_way = on_its_way.parent
        self.call_later(self._done)

    def _heard(self, event: Typed, node: DOMNode) -> None:
        """The node has heard the key; it went further unless it was stopped there."""
        parent = node.parent
        self._follow(event, self if event._stop_propagation or parent is None else parent)

    async def _done(self) -> None:
        """The key was done, here at the latest; the next one has its turn."""
        self._under_way = self._held.popleft() if self._held else None
        if self._under_way is not None:
            await self._hand_on(self._under_way)
