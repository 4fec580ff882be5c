"""The windows on long lists, held against lists that Python sorts and counts by itself."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schema.calendar_data import shipped
from schema.errors import QueryError
from schema.ids import uuid7
from schema.records import encode
from schema.records.stages import STAGES
from schema.rules.lights import Shown, shown
from schema.version import Dot, Knows, Version, content_of
from syncd.clock import Clock
from syncd.store.board import Card, board
from syncd.store.found import FoundBoard
from syncd.store.replica import Replica
from syncd.store.rows import NEW_RECORD_SQL, Change, lifted_row, version_row
from syncd.store.windows import BoardWindow, ListWindow
from tests.schema.test_workdays import calls

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
ZONE = "Asia/Shanghai"
PROJECTS = {
    name: uuid7(1_790_000_000_000 + place, bytes([place] * 10))
    for place, name in enumerate(("b", "a", "closed", "dropped", "deleted", "missing"))
}
ENDED = {PROJECTS["closed"], PROJECTS["dropped"]}
By = Literal["department", "project"]


class Task(NamedTuple):
    id: str
    body: dict[str, Any]
    deleted: bool = False
    conflicts: int = 0


@pytest.fixture(scope="module")
def conn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    replica = Replica(tmp_path_factory.mktemp("windows") / "replica.db", synchronous="OFF")
    yield replica.conn
    replica.close()


def row(kind: str, task: Task) -> tuple[object, ...]:
    body = encode(task.body)
    version = Version(
        dot=Dot("abcdefghij", 1),
        knows=Knows.parse("abcdefghij:1"),
        base=None,
        rev=1,
        author="x",
        at=1,
        eff=1,
        seq=1,
        deleted=task.deleted,
        content=content_of(body, task.deleted),
        body=body,
    )
    return (
        *version_row(kind, task.id, version),
        *(1, None, 1, bytes(16), 0, task.conflicts),
        *lifted_row(kind, body, task.deleted),
    )


def fill(conn: sqlite3.Connection, tasks: Sequence[Task], warn: int | None = None) -> None:
    conn.execute("BEGIN")
    conn.execute("DELETE FROM records")
    for name, id in PROJECTS.items():
        if name != "missing":
            state = name if name in ("closed", "dropped") else "running"
            state = "closed" if name == "deleted" else state
            project = Task(id, {"title": name, "state": state}, deleted=name == "deleted")
            conn.execute(NEW_RECORD_SQL, row("project", project))
    department = Task("00000000-0000-8000-8000-000000000001", {"name": "甲", "title": "甲中心"})
    conn.execute(NEW_RECORD_SQL, row("department", department))
    if warn is not None:
        policy = {"key": "warn", "amount": str(warn)}
        conn.execute(
            NEW_RECORD_SQL, row("policy", Task("00000000-0000-8000-8000-000000000002", policy))
        )
    conn.executemany(NEW_RECORD_SQL, [row("task", task) for task in tasks])
    conn.execute("COMMIT")


def us(now: datetime) -> int:
    return (now - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


# -- what Python makes of the same tasks


def light(task: Task, now: datetime, warn: int) -> Shown:
    return shown("task", task.body, now=now, zone=ZONE, calendar=shipped(), warn=warn)


def order(task: Task) -> tuple[object, ...]:
    due = task.body.get("due", "")
    try:
        day = date.fromisoformat(due[:10])
    except ValueError:
        day, due = date.max, ""
    return day, due[11:] or "24:00", task.body.get("priority", 9), task.id


def cells(tasks: Sequence[Task], by: By, project: str = "") -> dict[str, dict[str, list[Task]]]:
    """The board's tasks by lane and state, in order."""
    lanes: dict[str, dict[str, list[Task]]] = {}
    for task in sorted(tasks, key=order):
        of = task.body.get("project", "")
        stays = of == project if project else of not in ENDED
        if stays and not task.deleted and task.body["state"] in STAGES:
            lane = lanes.setdefault(task.body.get(by, ""), {state: [] for state in STAGES})
            lane[task.body["state"]].append(task)
    return lanes


DAYS = [(NOON.date() + timedelta(days=n)).isoformat() for n in range(-5, 6)]
DUES = st.one_of(
    st.sampled_from(DAYS),
    st.builds("{}T{}".format, st.sampled_from(DAYS), st.sampled_from(["00:00", "12:00", "17:30"])),
    st.sampled_from(["2026-02-31", "1000-01-01", "2999-12-31", ""]),
)
BODIES: st.SearchStrategy[Mapping[str, Any]] = st.fixed_dictionaries(
    {"state": st.sampled_from([*STAGES, *STAGES, "dropped"])},
    optional={
        "due": DUES,
        "department": st.sampled_from(["甲", "乙", "A"]),
        "project": st.sampled_from(list(PROJECTS.values())),
        "priority": st.integers(1, 4),
        "owner": st.sampled_from(["张三", "李四"]),
    },
)
TASKS = st.lists(
    st.builds(
        lambda n, body, deleted, conflicts: Task(
            uuid7(1_790_000_000_000 + n % 7, n.to_bytes(10, "big")),
            {"title": f"t{n}", **body},
            deleted,
            conflicts,
        ),
        st.integers(0, 10_000),
        BODIES,
        st.sampled_from([False] * 5 + [True]),
        st.sampled_from([0, 0, 0, 1, 2]),
    ),
    max_size=40,
    unique_by=lambda task: task.id,
)
NOWS = st.builds(
    lambda minutes, us: NOON + timedelta(minutes=minutes, microseconds=us),
    st.one_of(st.sampled_from([0, -720, 330]), st.integers(-3000, 3000)),
    st.sampled_from([0, 0, 1, 30_000_000]),
)
PROPERTY = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


# -- the board


@PROPERTY
@given(
    tasks=TASKS,
    now=NOWS,
    warn=st.sampled_from([None, 0, 5]),
    by=st.sampled_from(["department", "project"]),
    project=st.sampled_from(["", "", PROJECTS["a"], PROJECTS["closed"]]),
)
def test_the_board_counts_lights_and_finds_what_python_does(
    conn: sqlite3.Connection,
    tasks: list[Task],
    now: datetime,
    warn: int | None,
    by: By,
    project: str,
) -> None:
    fill(conn, tasks, warn)
    window = BoardWindow(conn, by=by, project=project, now=us(now))
    expected = cells(tasks, by, project)
    assert {lane.key: lane.counts for lane in window.lanes} == {
        key: tuple(len(lane[state]) for state in STAGES) for key, lane in expected.items()
    }
    for lane in window.lanes:
        there = [task for state in STAGES for task in expected[lane.key][state]]
        lit = Counter(light(task, now, 2 if warn is None else warn).light for task in there)
        assert lane.lights == {name: lit[name] for name in ("red", "yellow", "green")}
        assert lane.conflicts == sum(task.conflicts for task in there)
    for key, states in expected.items():
        for state, there in states.items():
            ids = [task.id for task in there]
            windows = [window.cards(key, state, first, 3) for first in range(0, len(ids) + 1, 3)]
            cards = [card for cards in windows for card in cards]
            assert [card.id for card in cards] == ids
            assert [card.shown for card in cards] == [
                light(task, now, 2 if warn is None else warn) for task in there
            ]
            assert [window.place(id) for id in ids] == [(key, state, n) for n in range(len(ids))]
            assert [window.at(key, state, n) for n in range(len(ids) + 1)] == [*ids, None]
    on_the_board = {
        task.id for lane in expected.values() for each in lane.values() for task in each
    }
    assert all(window.place(task.id) is None for task in tasks if task.id not in on_the_board)


@PROPERTY
@given(tasks=TASKS)
def test_the_command_shows_the_lanes_of_the_window(
    conn: sqlite3.Connection, tasks: list[Task]
) -> None:
    fill(conn, tasks)
    for text in ("", "owner:张三", "is:deleted", "state:done", f"project:{PROJECTS['closed']}"):
        window = BoardWindow(conn, by="department", text=text, now=us(NOON))
        lanes = board(conn, now=us(NOON), text=text)
        assert [(lane.department, lane.label) for lane in lanes] == [
            (lane.key, lane.label) for lane in window.lanes
        ]
        assert [lane.cards for lane in lanes] == [_all(window, lane.key) for lane in window.lanes]


@PROPERTY
@given(tasks=TASKS, by=st.sampled_from(["department", "project"]))
def test_what_a_filter_found_is_held_as_the_board_it_makes(
    conn: sqlite3.Connection, tasks: list[Task], by: By
) -> None:
    fill(conn, tasks)
    for text in ("owner:张三", "is:deleted", "state:done", "is:conflict", "project:b"):
        window = BoardWindow(conn, by=by, text=text, now=us(NOON))
        found = FoundBoard(conn, by=by, text=text, now=us(NOON))
        assert found.lanes == window.lanes
        for lane in window.lanes:
            for state, n in zip(STAGES, lane.counts, strict=True):
                cards = window.cards(lane.key, state, 0, 100)
                assert [
                    *found.cards(lane.key, state, 0, 2),
                    *found.cards(lane.key, state, 2, 98),
                ] == cards
                assert [found.at(lane.key, state, place) for place in range(n + 1)] == [
                    *(card.id for card in cards),
                    None,
                ]
                assert [found.place(card.id) for card in cards] == [
                    (lane.key, state, place) for place in range(n)
                ]
        assert all(found.place(task.id) == window.place(task.id) for task in tasks)


def test_what_a_filter_found_is_counted_without_a_call_for_each(conn: sqlite3.Connection) -> None:
    late = {"title": "x", "state": "doing", "due": "2026-11-20"}
    fill(conn, [Task(uuid7(1_790_000_000_000 + n, bytes(10)), late) for n in range(400)])
    found = FoundBoard(conn, by="department", text="is:late", now=us(NOON))
    assert [lane.lights["red"] for lane in found.lanes] == [400]
    found.refresh(us(NOON))
    assert calls(lambda: found.refresh(us(NOON))) < 4_000


def _all(window: BoardWindow, lane: str) -> list[Card]:
    return [card for state in STAGES for card in window.cards(lane, state, 0, 100)]


def test_lanes_are_called_what_people_call_them_and_none_comes_last(
    conn: sqlite3.Connection,
) -> None:
    fill(
        conn,
        [
            Task(f"01a00000-0000-7000-8000-00000000000{n}", {"title": "t", "state": "todo", **more})
            for n, more in enumerate(
                [
                    {},
                    {"department": "甲", "project": PROJECTS["b"]},
                    {"department": "乙", "project": PROJECTS["a"]},
                    {"project": PROJECTS["missing"]},
                ]
            )
        ],
    )
    lanes = BoardWindow(conn, by="department", now=us(NOON)).lanes
    assert [(lane.key, lane.label) for lane in lanes] == [("乙", "乙"), ("甲", "甲中心"), ("", "")]
    lanes = BoardWindow(conn, by="project", now=us(NOON)).lanes
    missing = PROJECTS["missing"]
    assert [(lane.key, lane.label) for lane in lanes] == [
        (missing, missing[-6:]),
        (PROJECTS["a"], "a"),
        (PROJECTS["b"], "b"),
        ("", ""),
    ]


def test_a_filter_that_cannot_be_read_is_refused(conn: sqlite3.Connection) -> None:
    with pytest.raises(QueryError):
        BoardWindow(conn, by="department", text="ownr:x", now=us(NOON))
    with pytest.raises(QueryError):
        ListWindow(conn, kind="task", text="ownr:x", now=us(NOON))


def test_a_window_sees_what_another_connection_saved(tmp_path: Path) -> None:
    replica = Replica(tmp_path / "replica.db")
    reader = Replica(tmp_path / "replica.db", readonly=True)
    now = Clock().now()
    window = BoardWindow(reader.conn, by="department", now=now)
    rows = ListWindow(reader.conn, kind="task", text="", now=now)
    assert (window.lanes, rows.count) == ([], 0)
    id = uuid7(now // 1000, bytes(10))
    replica.save([Change("task", id, encode({"title": "a", "state": "todo"}))])
    window.refresh(now)
    rows.refresh(now)
    assert window.place(id) == ("", "todo", 0)
    assert (rows.count, rows.place(id)) == (1, 0)
    replica.save([Change("task", id, encode({"title": "a", "state": "doing"}))])
    window.refresh(now)
    assert window.place(id) == ("", "doing", 0)
    assert [lane.counts for lane in window.lanes] == [(0, 1, 0, 0)]
    replica.save([Change("task", id, encode({"title": "a", "state": "doing"}), deleted=True)])
    window.refresh(now)
    rows.refresh(now)
    assert (window.lanes, window.place(id)) == ([], None)
    assert (rows.count, rows.place(id)) == (0, None)
    reader.close()
    replica.close()


# -- plain lists


@PROPERTY
@given(tasks=TASKS, now=NOWS)
def test_a_list_is_what_python_lists(
    conn: sqlite3.Connection, tasks: list[Task], now: datetime
) -> None:
    fill(conn, tasks)
    by_id = sorted(tasks, key=lambda task: task.id)
    live = [task for task in by_id if not task.deleted]
    deleted_project = Task(PROJECTS["deleted"], {"title": "deleted"}, deleted=True)
    trash = [task for task in by_id if task.deleted]
    wanted: list[tuple[str | None, str, list[Task]]] = [
        ("task", "", live),
        ("task", "is:deleted", trash),
        (None, "is:deleted", sorted([*trash, deleted_project], key=lambda task: task.id)),
        ("task", "state:doing", [task for task in live if task.body["state"] == "doing"]),
        ("task", "sort:title", sorted(live, key=lambda task: (task.body["title"], task.id))),
    ]
    for kind, text, there in wanted:
        window = ListWindow(conn, kind=kind, text=text, now=us(now))
        assert window.count == len(there)
        rows = [row for first in range(0, len(there) + 1, 7) for row in window.rows(first, 7)]
        assert [(row.id, row.title, row.deleted) for row in rows] == [
            (task.id, task.body["title"], task.deleted) for task in there
        ]
        lit = [None if task.deleted else light(task, now, 2).light for task in there]
        assert [row.light for row in rows] == lit
        assert [window.place(task.id) for task in there] == list(range(len(there)))
        assert [window.at(n) for n in range(len(there) + 1)] == [*(t.id for t in there), None]
        others = {task.id for task in tasks} - {task.id for task in there}
        assert all(window.place(id) is None for id in others)


def test_a_paper_without_a_title_is_listed_by_its_first_line(conn: sqlite3.Connection) -> None:
    fill(conn, [])
    id = "01a00000-0000-7000-8000-000000000001"
    conn.execute(NEW_RECORD_SQL, row("comment", Task(id, {"text": "ja\nnein"})))
    (listed,) = ListWindow(conn, kind="comment", text="", now=us(NOON)).rows(0, 40)
    assert (listed.kind, listed.title, listed.light) == ("comment", "ja", None)


# -- what they cost


def plan(conn: sqlite3.Connection, sql: str, parameters: Sequence[object]) -> list[str]:
    return [line[3] for line in conn.execute(f"EXPLAIN QUERY PLAN {sql}", parameters)]


@pytest.mark.parametrize("by", ["department", "project"])
def test_an_index_alone_answers_the_counts(conn: sqlite3.Connection, by: By) -> None:
    fill(conn, [])
    for project, way in (
        ("", f"SCAN records USING COVERING INDEX board_{by}s"),
        (PROJECTS["a"], "SEARCH records USING COVERING INDEX board_projects"),
    ):
        counting = BoardWindow(conn, by=by, project=project, now=us(NOON)).counting()
        assert plan(conn, *counting)[0].startswith(way)
    first = plan(conn, *ListWindow(conn, kind="task", text="", now=us(NOON)).counting())[0]
    assert first.startswith("SEARCH records USING COVERING INDEX")


def steps(conn: sqlite3.Connection, window: BoardWindow | ListWindow, first: int) -> int:
    """How many steps SQLite takes for a window of 40, in tens."""
    taken = 0

    def count() -> int:
        nonlocal taken
        taken += 1
        return 0

    conn.set_progress_handler(count, 10)
    try:
        if isinstance(window, BoardWindow):
            assert len(window.cards("", "todo", first, 40)) == 40
        else:
            assert len(window.rows(first, 40)) == 40
    finally:
        conn.set_progress_handler(None, 0)
    return taken


def test_a_window_of_many_costs_what_one_of_few_does(conn: sqlite3.Connection) -> None:
    took: dict[int, list[int]] = {}
    for count in (60, 6000):
        tasks = [
            Task(
                uuid7(1_790_000_000_000, n.to_bytes(10, "big")),
                {"title": "t", "state": "todo", "due": DAYS[n % 11], "project": PROJECTS["a"]},
            )
            for n in range(count)
        ]
        fill(conn, tasks)
        took[count] = [
            steps(conn, window, first)
            for window in (
                BoardWindow(conn, by="department", now=us(NOON)),
                ListWindow(conn, kind="task", text="", now=us(NOON)),
            )
            for first in (0, count - 40)
        ]
    few, many = took[60], took[6000]
    assert many[0] < few[0] * 1.2
    assert many[2] < few[2] * 1.2
    # What a window far down passes over it does not read: a few steps of an index each.
    assert max(many[1] - many[0], many[3] - many[2]) < 6000 * 3
