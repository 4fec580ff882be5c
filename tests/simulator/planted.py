"""Bugs to be planted into a copy of the product, to show that the simulator finds each of them.

Each is a few lines of product code as somebody might write it in good faith. The simulator is
not told which one it runs on.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

REPOSITORY = Path(__file__).parents[2]
PACKAGES = ("schema", "syncd")
LONGEST = 5


class Bug(NamedTuple):
    """A patch: `old` occurs once in `file` and becomes `new`."""

    name: str
    file: str
    old: str
    new: str


BUGS = (
    Bug(
        "the cursor moves before the rows",
        "syncd/store/replica.py",
        "                raise CursorGap\n",
        "                raise CursorGap\n"
        "            self.set_meta(seq=page.to, cursor=page.cursor)\n"
        "        with self.write():\n",
    ),
    Bug(
        "a commit is left to the next transaction, and the answer is not",
        "syncd/store/connection.py",
        '                self.conn.execute("BEGIN IMMEDIATE")\n'
        "                yield self.conn\n"
        '                self.conn.execute("COMMIT")\n',
        "                if self.conn.in_transaction:\n"
        '                    self.conn.execute("COMMIT")\n'
        '                self.conn.execute("BEGIN IMMEDIATE")\n'
        "                yield self.conn\n",
    ),
    Bug(
        "a page moves what is shown under unsent work",
        "syncd/store/taking.py",
        "                shown, unsent = self._still_unsent(record, leaves, results)\n",
        "                shown, unsent = self._still_unsent(record, leaves, results)\n"
        "                shown = leaves[0]\n",
    ),
    Bug(
        "an edit is made on what the hub said last, not on what is shown",
        "syncd/store/minting.py",
        "        bases = [record.shown]\n",
        "        bases = [record.shadow[0] if record.shadow else record.shown]\n",
    ),
    Bug(
        "a dot is counted from the outbox",
        "syncd/store/minting.py",
        '        self.n = replica.number("next")\n',
        '        last = self.conn.execute("SELECT max(n) FROM outbox").fetchone()[0]\n'
        "        self.n = (last or 0) + 1\n",
    ),
    Bug(
        "an edit is written when it is sent",
        "syncd/exchange.py",
        "                acts.setdefault(act, []).append((n, data))\n",
        "                data = data[:-1] + b',\"sent\":%d}' % self._said_hello\n"
        "                acts.setdefault(act, []).append((n, data))\n",
    ),
    Bug(
        "the excepted dots are forgotten",
        "schema/version.py",
        "    return Knows(vector, less)\n",
        "    return Knows(vector, frozenset())\n",
    ),
    Bug(
        "a settlement closes losers that it does not name",
        "syncd/store/minting.py",
        "            bases += self._settled(record, change.settles)\n",
        "            bases += self._settled(record, change.settles) and record.losers\n",
    ),
    Bug(
        "an edit of the head leaves the head's twins open",
        "syncd/store/minting.py",
        "            bases += twins(record.shadow)\n",
        "            bases += []\n",
    ),
    Bug(
        "a result is not repeated",
        "syncd/sitting.py",
        "                found[edit.n] = judged[0]\n",
        "                found[edit.n] = Result(edit.n, KNOWN, judged[0].seq, None)\n",
    ),
    Bug(
        "a refused edit is taken out of its act",
        "syncd/sitting.py",
        "                self._put_back(before)\n"
        "                return self._refuse(act, {edit.n: reason})\n",
        "                self._refuse([(edit, raw)], {edit.n: reason})\n",
    ),
    Bug(
        "an edit is judged from a base that was refused",
        "syncd/sitting.py",
        "            if result != REFUSED:\n                return version\n",
        "            return version\n",
    ),
    Bug(
        "an ack empties the outbox before the page has come",
        "syncd/store/taking.py",
        "        return any(dot in leaf.knows for leaf in self.replica.other_leaves(*key))\n",
        "        return True\n",
    ),
    Bug(
        "a refused edit is dropped",
        "syncd/store/taking.py",
        '                self._refuse(n, reason or "act")\n',
        "                pass\n",
    ),
    Bug(
        "a page is taken at any cursor",
        "syncd/store/replica.py",
        "            if page.since != self.seq:\n",
        "            if page.since > self.seq:\n",
    ),
    Bug(
        "a stamp is what the clock says",
        "schema/stamps.py",
        "    low = max(before, min(heard, now), *made_on, 0) + 1\n",
        "    low = before + 1\n",
    ),
    Bug(
        "a later deletion wins over an edit",
        "schema/leaves.py",
        "    return (not leaf.deleted, leaf.eff, leaf.dot)\n",
        "    return (True, leaf.eff, leaf.dot)\n",
    ),
    Bug(
        "a serial is not counted on",
        "syncd/sitting.py",
        "        self._serials[series] = serial + 1\n",
        "",
    ),
    Bug(
        "the digest forgets to leave out what a record was",
        "syncd/sitting.py",
        "        self.marks += share - (held.mark if held else 0)\n",
        "        self.marks += share\n",
    ),
)


def plant(bug: Bug | None, root: Path) -> None:
    """Copy the packages below `root`, with the bug in them; ValueError where it fits no more."""
    for package in PACKAGES:
        shutil.copytree(
            REPOSITORY / package, root / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    if bug is None:
        return
    path = root / bug.file
    text = path.read_text()
    if text.count(bug.old) != 1 or bug.old == bug.new:
        raise ValueError(f"{bug.name}: its line occurs {text.count(bug.old)} times in {bug.file}")
    if max(bug.old.count("\n"), bug.new.count("\n")) > LONGEST:
        raise ValueError(f"{bug.name} is too long")
    path.write_text(text.replace(bug.old, bug.new))


def hunt(root: Path, *, seeds: int, first: int = 0) -> str:
    """Run the simulator on a copy until a sentence does not hold; "" when all of them do."""
    path = os.pathsep.join([str(root), str(REPOSITORY)])
    command = [sys.executable, "-m", "tests.simulator", "--jobs", "1", "--until"]
    command += ["--seeds", str(seeds), "--first", str(first), "--product", str(root)]
    done = subprocess.run(
        command,
        cwd=root,
        env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode not in (0, 1) or done.stderr:
        raise RuntimeError(done.stderr)
    return done.stdout.splitlines()[-1] if done.returncode else ""
