"""The hub decides: what becomes of every edit that a replica pushes.

Deciding reads where the records stand and gives results and new standings; the store keeps
them. One frame is one transaction, one act is taken whole or refused whole, and an edit asked
about twice gets its first result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from schema import wire
from schema.records import KINDS
from schema.wire import UNKNOWN
from syncd.clock import Clock
from syncd.decided import Known
from syncd.sitting import Copied as Copied
from syncd.sitting import Sender as Sender
from syncd.sitting import Sitting
from syncd.store.hub import HubStore, Result

_NOTHING = Known(-1, None, None)


class Hub:
    """Judges edits over one store. `stand` is asked in each transaction whom a device speaks for."""

    def __init__(
        self,
        store: HubStore,
        clock: Clock,
        *,
        kinds: Mapping[str, int] | None = None,
    ) -> None:
        self.store = store
        self.clock = clock
        self.kinds = dict(kinds or {name: kind.version for name, kind in KINDS.items()})
        self._known = _NOTHING

    def now(self) -> int:
        """The hub's time: never below a stamp it gave."""
        return max(self.clock.now(), int(self.store.state("eff")))

    def push(
        self,
        stand: Callable[[], Sender],
        acts: Sequence[Sequence[msgspec.Raw]],
    ) -> list[Result]:
        """Judge acts in order and keep what was decided before returning the results.

        `stand` gives the sender as of this transaction; what it raises ends the push.
        Copied: a number of this replica is known with other bytes.
        """
        read = [[(wire.edit_of(raw), bytes(raw)) for raw in act] for act in acts]
        # Handed over, for it changes with the records: a push that fails leaves nothing of it.
        known, self._known = self._known, _NOTHING
        with self.store.write():
            sitting = Sitting(self.store, self.kinds, stand(), self.now(), known)
            sitting.look_up((edit.kind, edit.id) for act in read for edit, _raw in act)
            results = [result for act in read for result in sitting.judge(act)]
            sitting.keep()
        self._known = sitting.known
        return results

    def asked(self, replica: str, edits: Sequence[tuple[int, str]]) -> list[Result]:
        """The first results of edits named by number and hash; `unknown` where there is none."""
        results = []
        for n, hash in edits:
            judged = self.store.judged(replica, n)
            if judged is None:
                results.append(Result(n, UNKNOWN, None, None))
            elif judged[1].hex() != hash:
                raise Copied(n)
            else:
                results.append(judged[0])
        return results
