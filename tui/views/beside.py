"""What stands beside a record's form: its progress, what it waits for and holds up, what is said of it."""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from textual.geometry import Region

from schema.records import KINDS, kind
from schema.rules.lights import shown
from schema.rules.truth import at
from schema.wording import _
from syncd.store.relations import (
    Related,
    Remark,
    blocked_by,
    held_up_by,
    made_from,
    of_project,
    remarks,
    remarks_count,
    waits_for,
)
from tui.cli.text import word
from tui.ink import Ink
from tui.widgets.countdown import card_countdown, wall_of
from tui.widgets.lines import Key, Look, Step
from tui.widgets.sheet import Line, Piece, RuleOf
from tui.width import cut, fold, width
from tui.workspace import Workspace

MOST = 12  # remarks and related records of each sort that are shown
LABEL = 6
LINKED = ("task", "milestone", "request", "blocker")  # what others may wait for
WAITING = ("task", "milestone", "request")


class Item(NamedTuple):
    """Some lines; those with a record open it, those with an action do it, headings do nothing."""

    key: Key
    lines: Sequence[Line]
    record: tuple[str, str] | None = None
    action: str = ""
    link: str = ""

    @property
    def stands(self) -> bool:
        """Whether the cursor may stand on it."""
        return bool(self.record or self.action)


class BesideSource:
    """The items on the lines of a canvas."""

    def __init__(self, read: Callable[[int], Sequence[Item]]) -> None:
        self._read = read
        self._items: Sequence[Item] = ()
        self._tops: list[int] = []
        self.cells = 0
        self.height = 0

    def fit(self, cells: int, lines: int) -> None:
        if cells != self.cells:
            self.cells = cells
            self.read()

    def read(self) -> None:
        self._items = self._read(self.cells - 2 * 2) if self.cells else ()
        self._tops, y = [], 0
        for item in self._items:
            self._tops.append(y)
            y += len(item.lines)
        self.height = y

    def item(self, key: Key | None) -> Item | None:
        return next((each for each in self._items if each.key == key), None)

    def _at(self, y: int) -> tuple[Item, int] | None:
        place = bisect_right(self._tops, y) - 1
        if not 0 <= y < self.height or place < 0:
            return None
        return self._items[place], y - self._tops[place]

    def draw(self, y: int, ink: Ink, look: Look) -> None:
        found = self._at(y)
        if found is None:
            return
        item, part = found
        here = item.stands and item.key == look.cursor
        filled = any(isinstance(each, Piece) and each.text for each in item.lines[part])
        if here and look.focused and filled:
            ink.fill(0, ink.cells, "cursor")
            ink.stripe(0, "accent", focus=True)
        for piece in item.lines[part]:
            if isinstance(piece, RuleOf):
                ink.rule(2 + piece.x, piece.cells, piece.role, heavy=piece.heavy)
            elif piece.right:
                ink.put_right(2 + piece.x, piece.text, piece.role, bold=piece.bold)
            else:
                role = "muted" if here and look.focused and piece.role == "faint" else piece.role
                ink.put(
                    2 + piece.x, piece.text, role, bold=piece.bold, size=ink.cells - 4 - piece.x
                )

    def at(self, x: int, y: int) -> Key | None:
        found = self._at(y)
        return found[0].key if found and found[0].stands else None

    def where(self, key: Key) -> Region | None:
        for item, top in zip(self._items, self._tops, strict=True):
            if item.key == key:
                return Region(0, top, max(self.cells, 1), len(item.lines))
        return None

    def step(self, key: Key | None, step: Step, lines: int) -> Key | None:
        keys = [item.key for item in self._items if item.stands]
        if not keys:
            return None
        if key not in keys or step == "first":
            return keys[0]
        moves = {"up": -1, "down": 1, "page_up": -5, "page_down": 5, "last": len(keys)}
        place = keys.index(key) + moves.get(step, 0)
        return keys[max(0, min(place, len(keys) - 1))]


def items(workspace: Workspace, kind_name: str, id: str, cells: int) -> list[Item]:
    """All that stands beside a record, in so many cells."""
    conn = workspace.conn
    found: list[Item] = []
    told = remarks(conn, "progress", id, limit=MOST)
    if told or kind_name == "task":
        n = remarks_count(conn, "progress", id)
        found.append(_heading("progress", _("Progress"), _("one line a day"), n))
        found += [_progress(workspace, each, cells) for each in told]
        if not told:
            words = _("Nothing yet; ^T writes a line")
            found.append(Item("no-progress", [[Piece(0, words, "faint")], []], action="progress"))
        found += _more(n - len(told), "progress")
    found += _linked(workspace, kind_name, id, cells)
    said = remarks(conn, "comment", id, limit=MOST)
    n = remarks_count(conn, "comment", id)
    found.append(_heading("comments", _("Comments"), "", n))
    found += [_comment(workspace, each, cells) for each in said]
    if not said:
        found.append(Item("no-comment", [[Piece(0, _("Nothing said yet"), "faint")], []]))
    found += _more(n - len(said), "comments")
    return found


def _heading(key: str, text: str, words: str, n: int = 0) -> Item:
    line: list[Piece | RuleOf] = [Piece(0, text, bold=True)]

    rest = "  ".join(filter(None, [str(n) if n else "", words]))
    return Item(f"{key}:", [[*line, Piece(width(text) + 2, rest, "muted")]])


def _more(n: int, key: str) -> list[Item]:
    if n <= 0:
        return []
    return [Item(f"{key}+", [[Piece(0, _("and {n} older ones", n=n), "faint")], []])]


def _head_line(workspace: Workspace, remark: Remark) -> Line:
    when = at(remark.at, workspace.now(), workspace.setting.zone)

    return [Piece(0, when, "faint"), Piece(width(when) + 3, remark.author, "faint")]


def _labelled(label: str, text: object, cells: int, role: str = "text") -> list[Line]:
    if not isinstance(text, str) or not text:
        return []
    lines = fold(text, cells - LABEL)
    return [
        [Piece(0, label if not place else "", "faint"), Piece(LABEL, line, role)]
        for place, line in enumerate(lines)
    ]


def _progress(workspace: Workspace, remark: Remark, cells: int) -> Item:
    body = remark.body
    late = body.get("says") == "late"
    lines: list[Line] = [_head_line(workspace, remark)]
    lines += _labelled(_("did"), body.get("did"), cells)
    lines += _labelled(_("next"), body.get("next"), cells, "muted")
    if late:
        lines += _labelled(_("late"), body.get("delay_cause"), cells, "red")
        lines += _labelled(_("needs"), body.get("need"), cells, "yellow")
    elif isinstance(body.get("says"), str) and not body.get("did"):
        lines += _labelled(_("says"), word(kind("progress"), "says", body["says"]), cells)
    return Item(remark.id, [*lines, []], ("progress", remark.id))


def _comment(workspace: Workspace, remark: Remark, cells: int) -> Item:
    text = remark.body.get("text")
    lines: list[Line] = [_head_line(workspace, remark)]
    lines += [[Piece(0, line)] for line in fold(text if isinstance(text, str) else "", cells)]
    return Item(remark.id, [*lines, []], ("comment", remark.id))


def _linked(workspace: Workspace, kind_name: str, id: str, cells: int) -> list[Item]:
    """What it waits for, what waits for it, its blockers, and the work of a project."""
    conn = workspace.conn
    found: list[Item] = []
    listed: set[tuple[str, str]] = set()
    for key, label, rows in _sorts(conn, kind_name, id):
        # A blocker may be waited for and come from the same paper: it is named once.
        fresh = [each for each in rows if (each.kind, each.id) not in listed]
        listed |= {(each.kind, each.id) for each in fresh}
        for place, each in enumerate(fresh):
            line = _related(workspace, label if not place else "", each, cells)
            link = key if key in ("waits", "holds") else ""
            found.append(Item(f"{key}:{each.id}", [line], (each.kind, each.id), link=link))
    if kind_name in WAITING:
        words = _("Add what this waits for")
        adding: Line = [Piece(0, "+", "accent"), Piece(LABEL, words, "faint")]
        found.append(Item("link", [adding], action="link"))
    if not found:
        return []
    last = found[-1]
    found[-1] = last._replace(lines=[*last.lines, []])
    words = _("Work") if kind_name == "project" else _("Linked")
    return [_heading("linked", words, ""), *found]


def _sorts(
    conn: sqlite3.Connection, kind_name: str, id: str
) -> Iterable[tuple[str, str, Sequence[Related]]]:
    if kind_name == "project":
        yield "tasks", _("tasks"), of_project(conn, id, limit=MOST)
        return
    if kind_name in WAITING:
        yield "waits", _("waits"), waits_for(conn, id, limit=MOST)
    if kind_name in LINKED:
        yield "holds", _("holds"), held_up_by(conn, id, limit=MOST)
        yield "stuck", _("stuck"), blocked_by(conn, id, limit=MOST)
        yield "made", _("tasks"), made_from(conn, id, limit=MOST)


def _related(workspace: Workspace, label: str, each: Related, cells: int) -> Line:
    said = workspace.setting
    body = {"due": each.due, "state": each.state}
    told = shown(
        KINDS[each.kind],
        body,
        now=workspace.moment(),
        zone=said.zone,
        calendar=workspace.calendar,
        warn=said.warn,
    )
    state = word(KINDS[each.kind], "state", each.state)
    right = card_countdown(told, each.due, wall_of(workspace).date()) or (
        _("deleted") if each.deleted else state
    )
    number = each.number.rpartition("-")[2] if each.kind == "task" else each.number
    urgent = told.light if told.light in ("red", "yellow") else "muted"

    title = " ".join(filter(None, [number, each.title or _("(no title)")]))
    room = cells - LABEL - width(right) - 2
    return [
        Piece(0, label, "faint"),
        Piece(LABEL, cut(title, max(room, 4))),
        Piece(cells, right, urgent or "muted", right=True),
    ]
