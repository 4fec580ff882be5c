"""Files of an older version, brought to today's tables when they are opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from schema import wire
from schema.ids import new_id
from schema.records import encode
from syncd.clock import Clock
from syncd.store import tables
from syncd.store.connection import Database
from syncd.store.replica import Replica
from syncd.store.rows import Change
from syncd.store.windows import BoardWindow
from tests.wiring import Wired, take_pages_only

OF_THE_FIRST_STEP = """kind, id, dot, knows, base, rev, author, at, eff, vseq, deleted, content, body,
    seq, number, accepted, mark, unsent, conflicts, title, state, project, department, owner,
    start, due, priority"""
BODIES = (
    ("project", {"title": "p", "state": "running", "due": "2026-12-31"}),
    ("task", {"title": "a", "state": "todo", "due": "2026-11-27", "priority": 2}),
    ("task", {"title": "b", "state": "doing", "due": "2026-11-27T17:00", "department": "研发部"}),
    ("task", {"title": "c", "state": "dropped", "due": "2026-02-31"}),
    ("task", {"title": "d", "state": "done", "note": '"of":"x"'}),
    ("task", {"title": "e", "state": "todo", "source": "x"}),
    ("comment", {"of": "x", "text": "ja"}),
    ("dependency", {"before": "x", "after": "y"}),
)


def first_step(db: Database) -> None:
    tables._apply(db, "duijie.replica", tables._REPLICA_STEPS[:1])


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A file as the first step made and filled it; `today` beside it has the same records."""
    today = Replica(tmp_path / "today.db", synchronous="OFF")
    today.save([Change(kind, new_id(Clock().now()), encode(dict(body))) for kind, body in BODIES])
    today.close()
    path = tmp_path / "old.db"
    with Database(path, migrate=first_step, schema_version=1) as db:
        assert db.user_version == 1
        db.conn.execute("ATTACH ? AS today", (str(today.db.path),))
        with db.write() as conn:
            conn.execute(
                f"""INSERT INTO main.records ({OF_THE_FIRST_STEP})
                SELECT {OF_THE_FIRST_STEP} FROM today.records"""
            )
            conn.execute("INSERT INTO main.meta SELECT key, value FROM today.meta")
        db.conn.execute("DETACH today")
    return path


def whole(replica: Replica) -> tuple[list[object], set[object]]:
    """Every record with its columns by name, and everything that the tables are made of."""
    cursor = replica.conn.execute("SELECT * FROM records ORDER BY kind, id")
    names = [column[0] for column in cursor.description]
    records: list[object] = [dict(zip(names, row, strict=True)) for row in cursor]
    made = replica.conn.execute(
        "SELECT type, name FROM sqlite_schema WHERE type IN ('table', 'index')"
    )
    return records, set(made)


@pytest.mark.parametrize("readonly", [False, True])
def test_an_old_replica_is_brought_up_to_date_when_it_is_opened(old: Path, readonly: bool) -> None:
    upgraded = Replica(old, readonly=readonly)
    today = Replica(old.with_name("today.db"))
    try:
        assert upgraded.db.user_version == tables.REPLICA_VERSION
        assert whole(upgraded) == whole(today)
        assert whole(today)[0]
    finally:
        upgraded.close()
        today.close()


def test_what_the_second_step_lifts_is_there(old: Path) -> None:
    upgraded = Replica(old)
    rows = upgraded.conn.execute(
        "SELECT due_at, rank, of, before, after, source, stage FROM records WHERE NOT deleted ORDER BY kind, title"
    ).fetchall()
    upgraded.close()
    assert rows == [
        (None, 9, "x", None, None, None, None),
        (None, 9, None, "x", "y", None, None),
        ("2026-12-31T24:00", 9, None, None, None, None, None),
        ("2026-11-27T24:00", 2, None, None, None, None, 0),
        ("2026-11-27T17:00", 9, None, None, None, None, 1),
        (None, 9, None, None, None, None, None),
        (None, 9, None, None, None, None, 3),
        (None, 9, None, None, None, "x", 0),
    ]


def sorting(replica: Replica) -> set[str]:
    """Which of the indexes that sort by due are there."""
    names = {name for (name,) in replica.conn.execute("SELECT name FROM sqlite_schema")}
    return names & set(tables._SORTING)


def test_a_first_sync_of_many_pages_sorts_at_its_end(wired: Wired) -> None:
    note = "x" * 5000
    a = wired.join("甲")
    a.save(
        [
            Change(
                "task",
                new_id(Clock().now()),
                encode({"title": f"t{n}", "state": "todo", "note": note}),
            )
            for n in range(120)
        ],
        many=True,
    )
    wired.sync("甲")
    fresh = Replica(wired.folder / "fresh.db", synchronous="OFF")
    seen: list[set[str]] = []
    while not fresh.meta("proof"):
        to, rows, proof = wired.store.page(fresh.seq)
        page = wire.Page(since=fresh.seq, to=to, cursor=f"e.{to}", time=1, rows=rows, proof=proof)
        heard = wire.from_hub(wire.encode(page))
        assert isinstance(heard, wire.Page)
        fresh.take_page(heard, {})
        seen.append(sorting(fresh))
        there = tables.using(fresh.conn, "records_due")
        assert there == ("INDEXED BY records_due" if seen[-1] else "")
        (lane,) = BoardWindow(fresh.conn, by="department", now=1).lanes
        assert lane.counts == (fresh.number("count"), 0, 0, 0)
    fresh.close()
    assert len(seen) > 2
    assert seen == [set()] * (len(seen) - 1) + [set(tables._SORTING)]
    # What comes later, in however many pages, finds them there.
    assert sorting(a) == set(tables._SORTING)
    a.start_over()
    take_pages_only(wired, "甲")
    assert sorting(a) == set(tables._SORTING)
