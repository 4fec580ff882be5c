"""The hub of the stage: `duijie-syncd serve` that ends with whoever set the stage.

Its stdin is a pipe that only they hold. When it ends while the hub is up they are gone, killed
perhaps, and nobody else would end the hub and remove the folder.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from syncd import cli
from syncd.command import run


def serve(folder: Path, words: Sequence[str]) -> int:
    """Serve until stopped, or until the pipe ends: then the folder is removed too."""
    left = threading.Event()

    def watch() -> None:
        sys.stdin.buffer.read()
        left.set()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()
    code = run(cli.act, words)
    if left.is_set():
        shutil.rmtree(folder, ignore_errors=True)
    return code


if __name__ == "__main__":
    sys.stdout.flush()
    code = serve(Path(sys.argv[1]), sys.argv[2:])
    sys.stdout.flush()
    # The watching thread may still hold stdin; waiting for it would be for ever.
    os._exit(code)
