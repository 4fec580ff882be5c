"""Writing a text in the editor that the environment names."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from schema.wording import _

if TYPE_CHECKING:
    from tui.app import DuijieApp


def written(app: DuijieApp, text: str) -> str | None:
    """The text as it was left in $VISUAL or $EDITOR; None, and said why, where that failed."""
    named = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    try:
        command = shlex.split(named) or ["vi"]
    except ValueError:
        command = [named]
    with tempfile.TemporaryDirectory(prefix="duijie-") as folder:
        path = Path(folder, "text.txt")
        path.write_text(text, "utf-8")
        try:
            with app.suspend():
                done = subprocess.run([*command, str(path)], check=False)
        except SuspendNotSupported:
            app.say(_("This terminal cannot be given to another program."), wrong=True)
            return None
        except OSError as error:
            app.say(
                _(
                    "{editor} cannot be started: {why}.",
                    editor=command[0],
                    why=error.strerror or "",
                ),
                wrong=True,
            )
            return None
        if done.returncode:
            app.say(_("The editor ended with an error; nothing was taken over."), wrong=True)
            return None
        return path.read_text("utf-8", errors="replace").removesuffix("\n")
