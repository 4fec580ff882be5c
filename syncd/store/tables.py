"""The tables of both files and the named steps that make them.

Steps run in order, each in its own transaction with its record, through sqlite-utils.
`user_version` repeats how many there are, so that opening a finished file costs one pragma.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database as Tables

    from syncd.store.connection import Database

_VERSION_COLUMNS = """
    kind TEXT NOT NULL, id TEXT NOT NULL, dot TEXT NOT NULL, knows TEXT NOT NULL, base TEXT,
    rev INTEGER NOT NULL, author TEXT NOT NULL, at INTEGER NOT NULL, eff INTEGER NOT NULL,
    vseq INTEGER NOT NULL, deleted INTEGER NOT NULL, content BLOB NOT NULL, body TEXT
"""

REPLICA_TABLES = f"""
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;

CREATE TABLE records ({_VERSION_COLUMNS},
    seq INTEGER, number TEXT, accepted INTEGER, mark BLOB,
    unsent INTEGER NOT NULL DEFAULT 0, conflicts INTEGER NOT NULL DEFAULT 0,
    title TEXT, state TEXT, project TEXT, department TEXT, owner TEXT, start TEXT, due TEXT,
    priority INTEGER,
    PRIMARY KEY (kind, id));
CREATE INDEX records_state ON records (kind, state, due, id);
CREATE INDEX records_conflicts ON records (conflicts) WHERE conflicts > 0;
CREATE INDEX records_number ON records (number) WHERE number IS NOT NULL;

CREATE TABLE versions ({_VERSION_COLUMNS}, beside INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (kind, id, dot));
CREATE INDEX versions_beside ON versions (id, kind) WHERE beside;
CREATE INDEX versions_bodiless ON versions (id, kind) WHERE body IS NULL;
CREATE VIEW leaves AS SELECT * FROM versions WHERE beside;

CREATE TABLE mine (n INTEGER PRIMARY KEY, act INTEGER NOT NULL, kind TEXT NOT NULL,
    id TEXT NOT NULL, before TEXT);
CREATE INDEX mine_record ON mine (id, n);
CREATE INDEX mine_act ON mine (act);
CREATE TABLE acts (act INTEGER PRIMARY KEY, step INTEGER NOT NULL, at INTEGER NOT NULL,
    undoes INTEGER);
CREATE INDEX acts_step ON acts (step);

CREATE TABLE outbox (n INTEGER PRIMARY KEY, act INTEGER NOT NULL, kind TEXT NOT NULL,
    id TEXT NOT NULL, made INTEGER NOT NULL, edit BLOB NOT NULL);
CREATE INDEX outbox_record ON outbox (id, n);
CREATE TABLE refused (n INTEGER PRIMARY KEY, act INTEGER NOT NULL, kind TEXT NOT NULL,
    id TEXT NOT NULL, dot TEXT NOT NULL, title TEXT, reason TEXT NOT NULL, base TEXT,
    deleted INTEGER NOT NULL, body TEXT NOT NULL);
CREATE TABLE notices (number INTEGER PRIMARY KEY, made INTEGER NOT NULL, kind TEXT NOT NULL,
    id TEXT NOT NULL, dot TEXT NOT NULL, what TEXT NOT NULL);
CREATE TABLE drafts (form TEXT PRIMARY KEY, saved INTEGER NOT NULL, body TEXT NOT NULL);
"""

# What is found by whose turn it is, beside lists. A partial index is used where its condition is
# written word for word; these are false for most records, which then cost one comparison.
UNFINISHED = "stage < 2"
STANDING = "kind IN ('blocker', 'milestone', 'request')"
MARKED = """(kind = 'comment' AND instr(body, '"type":"announcement"')
    OR kind = 'meeting' AND instr(body, '"type":"emergency"')
    OR kind = 'progress' AND instr(body, '"says":"late"')
    OR kind = 'lesson' AND instr(body, '"rule":')
    OR kind = 'task' AND stage < 2 AND instr(body, '"delay_cause":'))"""

# What sorts by due: a due comes in no order, so that such an index costs each new record most.
_SORTING = {
    "board_departments": """records (department, stage, due_at, rank, id, project)
        WHERE stage IS NOT NULL""",
    "board_projects": """records (project, stage, due_at, rank, id, department)
        WHERE stage IS NOT NULL""",
    "records_due": """records (due_at, id, kind, state, project, deleted)
        WHERE due_at IS NOT NULL AND deleted = 0""",
    "tasks_owned": f"""records (owner, due_at, department, id)
        WHERE deleted = 0 AND {UNFINISHED}""",
    "records_news": "records (seq, author) WHERE seq IS NOT NULL",
}
_OWED = f"""
CREATE INDEX records_standing ON records (kind, state, project, department)
    WHERE deleted = 0 AND {STANDING};
CREATE INDEX records_marked ON records (kind, project, due_at, of) WHERE deleted = 0 AND {MARKED}
"""
_MAKE_SORTING = [f"CREATE INDEX IF NOT EXISTS {name} ON {on}" for name, on in _SORTING.items()]

_SORT_KEYS = f"""
ALTER TABLE records ADD COLUMN due_at TEXT;
ALTER TABLE records ADD COLUMN rank INTEGER NOT NULL DEFAULT 9;
ALTER TABLE records ADD COLUMN of TEXT;
ALTER TABLE records ADD COLUMN before TEXT;
ALTER TABLE records ADD COLUMN after TEXT;
ALTER TABLE records ADD COLUMN source TEXT;
ALTER TABLE records ADD COLUMN stage INTEGER;

UPDATE records SET due_at = lifted(body, 'due_at') WHERE due IS NOT NULL;
UPDATE records SET rank = lifted(body, 'rank') WHERE priority IS NOT NULL;
UPDATE records SET of = lifted(body, 'of') WHERE instr(body, '"of":');
UPDATE records SET before = lifted(body, 'before') WHERE instr(body, '"before":');
UPDATE records SET after = lifted(body, 'after') WHERE instr(body, '"after":');
UPDATE records SET source = lifted(body, 'source') WHERE instr(body, '"source":');
UPDATE records SET stage =
    CASE state WHEN 'todo' THEN 0 WHEN 'doing' THEN 1 WHEN 'review' THEN 2 WHEN 'done' THEN 3 END
    WHERE kind = 'task' AND deleted = 0;

DROP INDEX records_state;
CREATE INDEX records_of ON records (of, kind) WHERE of IS NOT NULL;
CREATE INDEX records_before ON records (before) WHERE before IS NOT NULL;
CREATE INDEX records_after ON records (after) WHERE after IS NOT NULL;
CREATE INDEX records_source ON records (source) WHERE source IS NOT NULL;
CREATE INDEX records_deleted ON records (id, kind) WHERE deleted = 1;
{";".join(_MAKE_SORTING)};
"""

HUB_TABLES = """
CREATE TABLE state (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;

CREATE TABLE versions (seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL,
    replica TEXT NOT NULL, n INTEGER NOT NULL, knows TEXT NOT NULL, base TEXT,
    rev INTEGER NOT NULL, author TEXT NOT NULL, at INTEGER NOT NULL, eff INTEGER NOT NULL,
    deleted INTEGER NOT NULL, content BLOB NOT NULL, hash BLOB NOT NULL, body BLOB,
    result TEXT NOT NULL, reason TEXT);
CREATE UNIQUE INDEX versions_dot ON versions (replica, n);
CREATE INDEX versions_record ON versions (id, seq);

CREATE TABLE records (kind TEXT NOT NULL, id TEXT NOT NULL, seq INTEGER NOT NULL,
    head INTEGER NOT NULL, leaves INTEGER NOT NULL, number TEXT, accepted INTEGER NOT NULL,
    author TEXT NOT NULL, mark BLOB NOT NULL, PRIMARY KEY (kind, id));
CREATE UNIQUE INDEX records_seq ON records (seq);
CREATE TABLE leaves (kind TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL,
    PRIMARY KEY (kind, id, version)) WITHOUT ROWID;
CREATE TABLE numbers (series TEXT PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE members (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, department TEXT NOT NULL,
    role TEXT NOT NULL, made INTEGER NOT NULL, revoked INTEGER);
CREATE TABLE devices (id TEXT PRIMARY KEY, member TEXT NOT NULL, token BLOB NOT NULL UNIQUE,
    made INTEGER NOT NULL, seen INTEGER, revoked INTEGER);
CREATE TABLE invitations (code BLOB PRIMARY KEY, member TEXT, name TEXT NOT NULL,
    department TEXT NOT NULL, role TEXT NOT NULL, expires INTEGER NOT NULL, device TEXT,
    token BLOB);
CREATE TABLE replicas (id TEXT PRIMARY KEY, device TEXT NOT NULL, have INTEGER NOT NULL,
    eff INTEGER NOT NULL) WITHOUT ROWID;
"""


def _statements(script: str) -> list[str]:
    return [text.strip() for text in script.split(";") if text.strip()]


def _run(script: str) -> Callable[[Tables], None]:
    def step(db: Tables) -> None:
        for statement in _statements(script):
            db.conn.execute(statement)

    return step


def _sort_keys(db: Tables) -> None:
    """Columns that sort and join without reading bodies, filled as `lift` fills them."""
    from schema.records import lift

    def lifted(body: str, column: str) -> str | int | None:
        value: str | int | None = getattr(lift(body.encode()), column)
        return value

    db.conn.create_function("lifted", 2, lifted, deterministic=True)
    _run(_SORT_KEYS)(db)


def _owed(db: Tables) -> None:
    """By whom, by what is marked in a body, and by when the hub took it."""
    _run(_OWED)(db)
    make_sorting(db.conn)


_REPLICA_STEPS = [
    ("first_tables", _run(REPLICA_TABLES)),
    ("sort_keys", _sort_keys),
    ("owed", _owed),
]
_HUB_STEPS = [("first_tables", _run(HUB_TABLES))]
REPLICA_VERSION = len(_REPLICA_STEPS)
HUB_VERSION = len(_HUB_STEPS)


def migrate_replica(db: Database) -> None:
    """Bring a replica's file to today's tables; called inside the writers' lock."""
    _apply(db, "duijie.replica", _REPLICA_STEPS)


def migrate_hub(db: Database) -> None:
    """Bring a hub's file to today's tables; called inside the writers' lock."""
    _apply(db, "duijie.hub", _HUB_STEPS)


def drop_sorting(conn: sqlite3.Connection) -> None:
    """Do without what sorts by due, for as long as very many records come; lists only get slower."""
    for name in _SORTING:
        conn.execute(f"DROP INDEX IF EXISTS {name}")


def make_sorting(conn: sqlite3.Connection) -> None:
    """Make what sorts by due where it is missing; made at once, it costs a fifth."""
    for statement in _MAKE_SORTING:
        conn.execute(statement)


def using(conn: sqlite3.Connection, index: str) -> str:
    """`INDEXED BY` this index where it is there: what sorts by due is not during a first sync."""
    there = conn.execute(
        "SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = ?", (index,)
    ).fetchone()
    return f"INDEXED BY {index}" if there else ""


def _apply(db: Database, name: str, steps: list[tuple[str, Callable[[Tables], None]]]) -> None:
    from sqlite_utils import Database as Tables
    from sqlite_utils.migrations import Migrations

    migrations = Migrations(name)
    for step_name, step in steps:
        migrations(name=step_name)(step)
    migrations.apply(Tables(db.conn, execute_plugins=False))
    db.conn.execute(f"PRAGMA user_version={len(steps)}")
