"""What a replica says of the decision layer before the hub does."""

from __future__ import annotations

from typing import Any

import pytest

from schema.ids import new_id
from schema.records import encode
from syncd.store.layers import lacks_layer
from syncd.store.replica import Replica
from syncd.store.rows import Change
from tests.wiring import Wired


def put(replica: Replica, kind: str, body: dict[str, Any], id: str = "") -> str:
    id = id or new_id(replica.clock.now())
    replica.save([Change(kind, id, encode(body))])
    return id


@pytest.fixture
def replica(wired: Wired) -> Replica:
    """A replica that holds its own seat in the decision layer of a project."""
    return wired.join("甲")


def lacks(replica: Replica, kind: str, id: str, body: dict[str, Any], **more: Any) -> bool:
    return lacks_layer(replica, Change(kind, id, encode(body), **more), "liaison", "甲")


def seated(replica: Replica) -> tuple[str, str]:
    mine = put(replica, "project", {"title": "新品上市"})
    other = put(replica, "project", {"title": "展会"})
    put(replica, "seat", {"of": mine, "person": "甲", "layer": "decision"})
    return mine, other


def test_a_paper_with_a_decision_below_it_is_not_moved_into_another_project(
    replica: Replica,
) -> None:
    mine, other = seated(replica)
    asked = {"title": "做样册", "project": mine}
    request = put(replica, "request", asked)
    moved = {**asked, "project": other}
    assert not lacks(replica, "request", request, moved)
    put(replica, "duty", {"of": request, "part": "first", "department": "市场部"})
    assert lacks(replica, "request", request, moved)
    assert lacks(replica, "request", request, moved, deleted=True)
    assert not lacks(replica, "request", request, {**asked, "title": "样册"})
    put(replica, "request", moved, request)
    assert lacks(replica, "request", request, moved)


def test_a_decision_is_not_moved_into_another_project(replica: Replica) -> None:
    mine, other = seated(replica)
    ruled = {"title": "展厅", "of": mine, "what": "展厅", "outcome": "granted"}
    assert not lacks(replica, "resource", new_id(replica.clock.now()), ruled)
    resource = put(replica, "resource", ruled)
    assert lacks(replica, "resource", resource, {**ruled, "of": other})
    nowhere = put(replica, "resource", {**ruled, "of": ""})
    assert lacks(replica, "resource", nowhere, ruled)
