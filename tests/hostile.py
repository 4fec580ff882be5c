"""Records as an old or hostile client could have sent them: every text drives a terminal if it can.

They are put into the replica's file past every check, for what is shown must not depend on them.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from schema.records import KINDS, FieldSpec, Kind
from syncd.home import Home
from syncd.store.rows import Change

ATTACK = "".join(
    (
        "\u0301\u0308",  # combining marks with nothing to stand on
        "[/b] [abc] [@click=app.quit]x[/] ",  # Textual's markup
        "[red]y[/red] \\[ ",  # Rich's
        "\x1b]52;c;ZHVpamll\x07",  # puts something on the clipboard
        "\x1b]0;taken\x1b\\\x1b]8;;https://evil.example\x07link\x1b]8;;\x07",
        "\x1b[2J\x1b[31;5m\x1b[999;1H\x1b[?1049l\x1b[?25h\x1b[6n\x1bP+q544e\x1b\\\x1bc",
        "\x9b31m\x9d0;taken\x9c\x90q\x9c\x85\x84",  # the same in C1
        "\x00\x07\x08\x7f\x0b\x0c\x1a",
        "\r\n\ttail\r",
        "\u202e\u2066\u2067\u200e\u200f\u061c\u2069",  # writing from right to left
        "\u200b\ufeff\u00ad\u2028\u2029\U000e0041",  # what is not seen
    )
)
# The same in little, for the fields of which there are many.
BARB = "\u0301[/b][@click=app.quit]x\x1b]52;c;ZQ==\x07\x1b[2J\x1bc\x9b31m\x9d0;taken\x9c\u202e\x00\r\u200b"
LONG = "长" * 120 + "W" * 120 + "e\u0301" * 30
RECORD_ID = "0193d5a0-0000-7000-8000-{:012x}"


class Written(NamedTuple):
    """A hostile record, and the marks that its fields carry: mark to the name of its field."""

    kind: str
    id: str
    body: dict[str, Any]
    marks: Mapping[str, str]


def records(*, everywhere: bool = False) -> Iterator[Written]:
    """One record of each kind with an attack in each text; `everywhere` in dates and words too."""
    ids = {
        name: RECORD_ID.format(place + (100 if everywhere else 0))
        for place, name in enumerate(KINDS)
    }
    for place, kind in enumerate(KINDS.values()):
        yield _record(kind, place, ids, everywhere)


def _record(kind: Kind, place: int, ids: Mapping[str, str], everywhere: bool) -> Written:
    marks: dict[str, str] = {}
    body = {}
    for spec in kind.fields:
        mark = f"q{place}{'x' if everywhere else 'z'}{len(marks)}q"
        marks[mark] = f"{kind.name}.{spec.name}"
        body[spec.name] = _value(spec, mark, ids, everywhere)
    body["\x1b]0;taken\x07[/b]"] = f"{ATTACK} a field of a later version"
    return Written(kind.name, ids[kind.name], body, marks)


def _value(spec: FieldSpec, mark: str, ids: Mapping[str, str], everywhere: bool) -> Any:
    """A value that the field's type may hold; KeyError where a type is new and has no attack yet."""
    if spec.type == "list":
        assert isinstance(spec.item, FieldSpec)
        return [_value(spec.item, mark, ids, everywhere) for _each in range(2)]
    if spec.type in ("row", "rows"):
        row = {cell.name: _value(cell, mark, ids, everywhere) for cell in spec.cells}
        return row if spec.type == "row" else [row]
    barb = f"{mark} {BARB}"
    # One kind has it all; a page of the others stays short enough to be seen whole.
    whole = mark.startswith(f"q{list(KINDS).index('task')}") and spec.name in ("title", "note")
    line = f"{mark} {ATTACK} {LONG}" if whole else barb
    texts = {"line": line, "text": f"{line}\n{BARB}", "dept": barb, "person": barb}
    plain = {
        "word": spec.words[0][0] if spec.words else "",
        "date": "2026-11-20",
        "when": "2026-11-20T17:00",
        "month": "2026-11",
        "num": "1.5",
        "ref": ids[spec.kinds[0]] if spec.kinds else ids["task"],
    }
    other = {"int": spec.low or 1, "bool": True}
    return {**texts, **(dict.fromkeys(plain, barb) if everywhere else plain), **other}[spec.type]


def home(folder: Path) -> Home:
    """A home of a member of a hostile name, with one hostile record of each kind, and one worse."""
    made = Home(folder)
    made.init("张三", "研发部")
    replica = made.open_replica()
    written = [*records(), *records(everywhere=True)]
    changes = [Change(each.kind, each.id, _bytes(each.body)) for each in written]
    replica.save(changes, many=True)
    with replica.write() as conn:
        conn.execute(
            "UPDATE records SET number = ?, author = ? WHERE number IS NULL", (ATTACK,) * 2
        )
        conn.execute("UPDATE versions SET author = ?", (ATTACK,))
        conn.execute(
            "INSERT INTO refused VALUES (1, 1, 'task', ?, ?, ?, ?, NULL, 0, ?)",
            (
                written[0].id,
                f"{replica.id}:1",
                ATTACK,
                f"rights {ATTACK}",
                _bytes(written[4].body).decode(),
            ),
        )
        replica.set_meta(name=f"张三{ATTACK}", department=ATTACK, hub="ws://127.0.0.1:1")
    replica.close()
    made.write_token("token")
    return made


def poisoned(clean: Path, folder: Path) -> Path:
    """A copy of a home in which every line that anybody wrote, in any version, drives a terminal if it can."""
    replica = Home(Path(shutil.copytree(clean, folder))).open_replica()
    with replica.write() as conn:
        for table in ("records", "versions"):
            found = conn.execute(f"SELECT rowid, kind, body FROM {table}").fetchall()
            for place, kind, body in found:
                if body is not None:
                    barbed = _bytes(_barbed(KINDS[kind], json.loads(body))).decode()
                    conn.execute(f"UPDATE {table} SET body = ? WHERE rowid = ?", (barbed, place))
        for column, barb in (("title", ATTACK), ("department", BARB), ("owner", BARB)):
            conn.execute(
                f"UPDATE records SET {column} = {column} || ? WHERE {column} > ''", (barb,)
            )
        conn.execute("UPDATE records SET number = number || ?, author = author || ?", (BARB,) * 2)
        conn.execute("UPDATE versions SET author = author || ?", (BARB,))
        conn.execute("UPDATE refused SET title = title || ?, reason = reason || ?", (ATTACK,) * 2)
    replica.close()
    return folder


def _barbed(kind: Kind, body: dict[str, Any]) -> dict[str, Any]:
    """A body with a barb behind every text that its writer was free in."""
    free = {"line": ATTACK, "text": ATTACK, "dept": BARB, "person": BARB}
    barbs = {spec.name: free[spec.type] for spec in kind.fields if spec.type in free}
    return {
        name: f"{value} {barbs[name]}" if name in barbs and isinstance(value, str) else value
        for name, value in body.items()
    }


def _bytes(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, sort_keys=True).encode()
