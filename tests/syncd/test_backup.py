"""What a copy of a hub is."""

from __future__ import annotations

import pytest

from schema.ids import new_id
from schema.records import encode
from syncd.backup import copy_hub
from syncd.exchange import Ended
from syncd.folder import HubFolder
from syncd.store.hub import HubStore
from syncd.store.rows import Change
from tests.wiring import Wired


def test_a_copy_that_is_served_again_says_that_it_is_another_incarnation(wired: Wired) -> None:
    replica = wired.join("a")
    copy, _beside = copy_hub(HubFolder(wired.folder), wired.folder / "copy.db")
    id = new_id(wired.clock.now())
    replica.save([Change("task", id, encode({"title": "after the copy", "state": "todo"}))])
    wired.sync("a")
    assert replica.unsent() == 0
    store = HubStore(copy)
    try:
        assert store.state("workspace") == wired.store.state("workspace")
        assert store.state("epoch") != wired.store.state("epoch")
        wired.hub.store = wired.desk.members.store = store
        wired.desk.members.conn = store.conn
        with pytest.raises(Ended) as ended:
            wired.sync("a")
        assert ended.value.code == "epoch"
        assert replica.record("task", id) is not None
    finally:
        wired.hub.store = wired.desk.members.store = wired.store
        store.close()


def test_a_hub_that_is_behind_its_replica_is_not_synced_with(wired: Wired) -> None:
    replica = wired.join("a")
    replica.save([Change("task", new_id(1), encode({"title": "taken", "state": "todo"}))])
    wired.sync("a")
    with wired.store.write():
        wired.store.set_state("seq", 0)
    with pytest.raises(Ended) as ended:
        wired.sync("a")
    assert ended.value.code == "epoch"
