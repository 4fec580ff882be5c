"""Keys in the order in which they were typed, however many of them arrive at once."""

from __future__ import annotations

from collections import deque
from time import monotonic

from textual import events
from textual.dom import DOMNode
from textual.driver import Driver
from textual.screen import Screen
from textual.worker import Worker

from tui.saying import Saying

Typed = events.Key | events.Paste

LOOK = 0.005  # seconds between two looks at whether what a key opened is there
PATIENCE = 0.3  # seconds that the next key waits for it at most


class Keyboard(Saying):
    """An app that does one key after another.

    A widget does the keys it knows itself, such as letters, from its own queue; the others come
    back to the app through the queues of all that is around it, and only then are their actions
    run. Keys that arrive together, as over a slow line, would overtake each other on these ways.
    So a key is handed on once the one before it was done, which is found out by sending a word
    after it on the same way; and once what an action opens is there, for the next keys are meant
    for that.
    """

    def __init__(self, driver: type[Driver]) -> None:
        super().__init__(driver_class=driver)
        self._under_way: Typed | None = None
        self._held: deque[Typed] = deque()
        self._begun_on: Screen[object] | None = None
        self._begun_with: set[Worker[object]] = set()

    async def on_event(self, event: events.Event) -> None:
        if not isinstance(event, Typed) or event.is_forwarded:
            await super().on_event(event)
        elif self._under_way is None:
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
        self._under_way = event
        self._begun_on, self._begun_with = self.screen, set(self.workers)
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
        # It came back here: behind it in this queue its action was run, behind that what it left to do.
        self.call_later(self.call_later, self._acted, event, monotonic() + PATIENCE)

    def _heard(self, event: Typed, node: DOMNode) -> None:
        """The node has heard the key; it went further unless it was stopped there.

        What comes to a screen goes on to the app: Textual stops it there after that.
        """
        if event._stop_propagation and node.parent is not self:
            self.call_later(self._next)
        else:
            self._follow(event, node.parent or self)

    async def _acted(self, event: Typed, until: float) -> None:
        """The key was done but for what it opens, which the next one waits for."""
        if event is not self._under_way:
            return
        if self._held and monotonic() < until and self._on_its_way():
            self.set_timer(LOOK, lambda: self._acted(event, until))
        else:
            await self._next()

    def _on_its_way(self) -> bool:
        """Whether something is still to be done that the key led to."""
        screen = self.screen
        if screen._callbacks or screen._layout_required:
            return True
        if not all(node._message_queue.empty() for node in screen.walk_children(with_self=True)):
            return True
        return screen is self._begun_on and any(
            worker.is_running for worker in self.workers if worker not in self._begun_with
        )

    async def _next(self) -> None:
        """The next key has its turn."""
        self._under_way = None
        if self._held:
            await self._hand_on(self._held.popleft())
