"""What waits for a person as a replica finds it, what others changed, and the lights."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from schema.rules.owed.table import owed
from schema.rules.world import Paper, World
from syncd.store.replica import Replica
from syncd.store.rows import NEW_RECORD_SQL, lifted_row
from syncd.store.today import waiting
from tests.schema.owed.test_properties import MOMENTS, NAMES, papers

_encode = msgspec.json.Encoder(order="deterministic").encode


def put(replica: Replica, papers: Iterable[Paper]) -> None:
    """The papers as rows, as if they had come in pages."""
    with replica.write() as conn:
        conn.execute("DELETE FROM records")
        conn.executemany(NEW_RECORD_SQL, [row(n, each) for n, each in enumerate(papers, 1)])


def row(seq: int, paper: Paper) -> tuple[object, ...]:
    body = _encode(paper.body)
    return (
        paper.kind,
        paper.id,
        paper.dot,
        paper.dot,
        None,
        1,
        paper.author,
        paper.at,
        paper.at,
        seq,
        0,
        b"",
        body.decode(),
        seq,
        paper.number or None,
        paper.accepted,
        None,
        0,
        paper.conflicts,
        *lifted_row(paper.kind, body, deleted=False),
    )


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replica]:
    replica = Replica(tmp_path_factory.mktemp("today") / "replica.db", synchronous="OFF")
    yield replica
    replica.close()


@given(papers(), MOMENTS, st.sampled_from(NAMES))
@settings(
    max_examples=150,
    deadline=None,
    # To make such a world small takes minutes; the first that fails tells enough.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_narrowed_to_a_person_nothing_is_lost_and_nothing_added(
    held: Replica, papers: list[Paper], now: int, person: str
) -> None:
    put(held, papers)
    lines, beyond = waiting(held.conn, now, person)
    whole = owed(World.of(papers, now=now))
    wanted = [line for line in whole if person in line.to]
    assert {line.identity: line for line in lines} == {line.identity: line for line in wanted}
    assert beyond == 0
