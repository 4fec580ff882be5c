"""The stage as the app looks at it: two conflicts waiting, the hub up, gone when it is left."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

from tui.demo.progress import Progress
from tui.demo.stage import Player, Stage
from tui.demo.story import PLAYERS, Story


class Scene:
    """A stage in a folder of its own; `set` takes some seconds and may run in any thread."""

    def __init__(self) -> None:
        self.stage = Stage(Path(tempfile.mkdtemp(prefix="duijie-demo-")), quick=True)

    def set(self, today: date, say: Callable[[str], None]) -> None:
        """Play the story up to its conflicts, `say` how far it is; StageError where it could not be."""
        story = Story(self.stage, Progress(say), today)
        story.founding()
        story.apart()
        story.together()
        self.stage.hand_over(PLAYERS)

    def home(self, player: Player) -> Path:
        """The folder of somebody's home."""
        return self.stage.home(player)

    def leave(self) -> None:
        """Start nothing any more: whoever sets the stage is to stop."""
        self.stage.left = True

    def close(self) -> None:
        """End the hub and remove everything; in the main thread, once nobody sets the stage."""
        self.stage.close(keep=False)
