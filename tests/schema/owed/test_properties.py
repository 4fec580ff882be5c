"""What holds in any workspace at any moment, whatever the papers say."""

from __future__ import annotations

import random
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from schema.ids import derived_id
from schema.rules.owed.table import RULES, Line, owed
from schema.rules.world import Open, Paper, World, Write
from tests.schema.owed.room import Room, identities, us

IDS = {
    kind: [derived_id("test", kind, str(n)) for n in range(3)]
    for kind in (
        "project",
        "blocker",
        "task",
        "milestone",
        "request",
        "topic",
        "lesson",
        "report",
        "meeting",
        "seat",
        "comment",
    )
}
NAMES = ["*经理", "*工程师", "*主管", "*总监", "小王"]
DEPARTMENTS = ["市场部", "研发部", "财务部", "市场", "没有"]
ODD: list[Any] = [[], {}, ["x"], 5, True, {"a": [None]}, "2026-02-31", "x" * 30]
DAYS = [
    *(f"2026-11-{day}" for day in range(12, 28)),
    "2026-11-18T12:00",
    "9999-12-31",
    "1000-01-01",
]
STATES = {
    "project": ["running", "running", "running", "draft", "closed"],
    "blocker": ["open", "coordinating", "resolved", "resolved", "verified", "verified", "closed"],
    "task": ["todo", "doing", "doing", "review", "done", "done", "dropped"],
    "acceptance": ["submitted", "submitted", "draft"],
    "report": ["submitted", "draft"],
    "lesson": ["draft", "shared", "retired"],
    "meeting": ["draft", "cancelled"],
    "milestone": ["open", "reached"],
    "request": ["draft", "sent", "accepted"],
}
TYPES = {
    "comment": ["answer", "announcement", "comment"],
    "acceptance": ["blocker", "blocker", "verdict"],
    "report": ["feedback"],
    "meeting": ["emergency", "weekly"],
}
POINTS = {
    ("progress", "of"): ["task"],
    ("comment", "of"): ["blocker", "task"],
    ("acceptance", "of"): ["blocker"],
    ("report", "of"): ["blocker"],
    ("lesson", "of"): ["blocker", "report"],
    ("signoff", "of"): ["blocker", "task", "comment", "seat"],
    ("seat", "of"): ["project", "blocker"],
    ("task", "source"): ["blocker", "blocker", "topic", "lesson"],
    ("dependency", "before"): ["task", "milestone", "request", "blocker"],
    ("dependency", "after"): ["task", "milestone", "request"],
}
WORDS: dict[str, list[Any]] = {
    "result": ["solved", "partly", "unsolved"],
    "meaning": ["receipt", "feedback"],
    "says": ["late", "doing"],
    "layer": ["decision", "execution"],
    "role": ["liaison", "decider"],
    "round": [1, 1, 2],
    "lag": [0, 2, -3],
    "smart": [dict.fromkeys("smart", "x"), {"s": "x"}],
    "effect": [[{"how_much": "2"}]],
    "first_said": [{"phenomenon": "x"}],
    "away": [{"from": "2026-11-17", "until": "2026-11-20", "deputy": name} for name in NAMES],
    "left": ["2026-11-17"],
    "key": ["warn", "answer", "late.emergency", "weekly.progress", "zone"],
    "amount": ["0", "5", "48", "-1"],
    "value": ["wed 10:00", "Europe/Berlin", "nonsense"],
    "year": [2026],
    "off": [["2026-11-18"]],
    "aliases": [["市场"]],
    "member": ["m1"],
    "decides": [True],
}
TEXTS = {"essence", "delay_cause", "need", "rule", "title", "phenomenon", "text"}
PEOPLE = {"owner", "person", "head", "superior", "successor", "name"}
PLACES = {"department", "lead", "initiator", "rule_department", "parent"}

# What is mostly said, and what is now and then.
FIELDS = {
    "person": ("department", "superior successor away left member decides"),
    "department": ("", "parent aliases"),
    "project": ("state initiator", "departments title"),
    "seat": ("of department person role", "layer"),
    "blocker": (
        "state lead",
        "departments attributed owner project essence effect round verify_on first_said",
    ),
    "task": ("state department due", "source owner project start delay_cause need smart title"),
    "progress": ("of day", "says delay_cause need"),
    "dependency": ("before after", "lag"),
    "comment": ("of type", "about departments project"),
    "acceptance": ("of type state result", "round"),
    "report": ("of type state", ""),
    "lesson": ("of state", "rule rule_department"),
    "signoff": ("of meaning", "department"),
    "meeting": ("type about", "state"),
    "milestone": ("state due department", "project"),
    "request": ("state due initiator", "start"),
    "topic": ("title", ""),
    "policy": ("key amount", "value"),
    "calendar": ("year off", ""),
}
OFTEN = ["blocker"] * 5 + ["task"] * 6 + ["acceptance", "report", "comment", "progress"] * 2


def values(kind: str, field: str) -> st.SearchStrategy[Any]:
    """Mostly what such a field holds, now and then what no client of ours would write."""
    if field in TEXTS:
        found: st.SearchStrategy[Any] = st.just("x")
    elif field in PEOPLE:
        found = st.sampled_from(NAMES)
    elif field == "project":
        found = st.sampled_from(IDS["project"])
    elif (kind, field) in POINTS:
        found = st.sampled_from([id for each in POINTS[kind, field] for id in IDS[each][:2]])
    elif field in PLACES:
        found = st.sampled_from(DEPARTMENTS)
    elif field in ("departments", "attributed"):
        found = st.lists(st.sampled_from(DEPARTMENTS), max_size=2)
    elif field == "about":
        found = st.lists(st.sampled_from([*NAMES, *IDS["task"]]), max_size=2)
    elif field in ("due", "start", "day", "verify_on"):
        found = st.sampled_from(DAYS)
    elif field in ("state", "type"):
        found = st.sampled_from((STATES if field == "state" else TYPES)[kind])
    else:
        found = st.sampled_from(WORDS[field])
    return st.integers(0, 24).flatmap(lambda n: st.sampled_from(ODD) if n == 24 else found)


def bodies(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    mostly, sometimes = FIELDS[kind]
    return st.fixed_dictionaries(
        {name: values(kind, name) for name in mostly.split()},
        optional={name: values(kind, name) for name in sometimes.split()},
    )


STRAY: list[tuple[str, Any]] = [
    *((name, "研发部") for name in ("initiator", "lead", "department")),
    *(("project", id) for id in IDS["project"]),
    *(("state", state) for state in ("accepted", "reached", "closed", "later")),
    ("about", [""]),
    ("owner", "没有这个人"),
    ("type", "announcement"),
    ("delay_cause", "x"),
    ("need", "x"),
]


@st.composite
def bent(draw: st.DrawFn, id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Now and then a body with a field less, with one that is another kind's, or naming itself."""
    match draw(st.integers(0, 11)):
        case 0 if body:
            gone = draw(st.sampled_from(sorted(body)))
            return {name: value for name, value in body.items() if name != gone}
        case 1:
            return {**body, **dict([draw(st.sampled_from(STRAY))])}
        case 2:
            pointing = ("of", "source", "before", "after", "project")
            return {**body, draw(st.sampled_from(pointing)): id}
    return body


@st.composite
def papers(draw: st.DrawFn) -> list[Paper]:
    """A small workspace: papers that point at each other more often than not."""
    found: dict[tuple[str, str], Paper] = {}
    kinds = draw(st.lists(st.sampled_from([*OFTEN, *sorted(FIELDS)]), min_size=4, max_size=18))

    def put(kind: str, id: str, body: dict[str, Any]) -> None:
        at = us("2026-11-16T09:00") + draw(st.integers(0, 48)) * 3_600_000_000
        found[kind, id] = Paper(
            kind=kind,
            id=id,
            body=body,
            author=draw(st.sampled_from(NAMES)),
            at=at,
            accepted=draw(st.sampled_from([at, at, at, None])),
            dot=f"aaaaaaaa:{len(found) + 1}",
            conflicts=draw(st.sampled_from([0] * 19 + [1])),
        )

    # Often everybody is in a department with a head; then hardly anything falls to others.
    staffed = draw(st.sampled_from([3, 3, 1, 0]))
    for name, head in zip(DEPARTMENTS[:staffed], NAMES, strict=False):
        put("department", derived_id("department", name), {"name": name, "head": head})
        put("person", derived_id("person", head), {"name": head, "department": name})
    for name in NAMES[3:]:
        # Who speaks for a department and decides for none.
        if department := draw(st.sampled_from(["", *DEPARTMENTS[:3]])):
            body = {"name": name, "department": department, "member": "m1"}
            put("person", derived_id("person", name), body)
    for place, kind in enumerate([*kinds, "project"]):
        choice = IDS[kind][:2] if kind in IDS else [derived_id("test", kind, str(place))]
        body = draw(bodies(kind))
        if kind in ("department", "person"):
            body["name"] = draw(st.sampled_from(DEPARTMENTS if kind == "department" else NAMES))
            choice = [derived_id(kind, body["name"])]
        id = draw(st.sampled_from(choice))
        put(kind, id, draw(bent(id, body)))
    return list(found.values())


MOMENTS = st.sampled_from(
    [
        us(wall)
        for wall in (
            "2026-11-18T10:00",
            "2026-11-19T00:00",
            "2026-11-20T16:59",
            "2026-11-21T10:00",
            "2026-12-01T10:00",
        )
    ]
)


def lines(papers: list[Paper], now: int) -> list[Line]:
    return owed(World.of(papers, now=now))


@given(papers(), MOMENTS)
@settings(max_examples=150, deadline=None)
def test_a_line_is_there_once_and_its_paper_is_too(papers: list[Paper], now: int) -> None:
    found = lines(papers, now)
    assert len(set(identities(found))) == len(found)
    there = {(paper.kind, paper.id) for paper in papers}
    assert {(line.kind, line.id) for line in found} <= there
    assert all(len(set(line.to)) == len(line.to) for line in found)


@given(papers(), MOMENTS, st.randoms(use_true_random=False))
@settings(max_examples=80, deadline=None)
def test_the_order_of_the_papers_makes_no_difference(
    papers: list[Paper], now: int, chance: random.Random
) -> None:
    mixed = list(papers)
    chance.shuffle(mixed)
    assert lines(mixed, now) == lines(papers, now)


@given(papers(), MOMENTS, st.data())
@settings(max_examples=150, deadline=None)
def test_doing_what_a_line_says_makes_it_go(
    papers: list[Paper], now: int, data: st.DataObject
) -> None:
    found = [line for line in lines(papers, now) if line.to]
    if not found:
        return
    line = data.draw(st.sampled_from(found))
    room = Room()
    room.now = now + 1
    room.papers = {paper.id: paper for paper in papers}
    do(room, line)
    assert line.identity not in identities(room.lines())


def test_every_rule_can_be_done() -> None:
    assert {rule.name for rule in RULES} == set(DONE)


DONE: dict[str, dict[str, Any]] = {
    "answer": {"text": "x"},
    "clarify": {
        "lead": "市场部",
        "essence": "x",
        "effect": [{"how_much": "2"}],
        "attributed": ["市场部"],
    },
    "lead": {},
    "cocreate": {"title": "x", "state": "todo"},
    "resolve": {"state": "resolved"},
    "smart": {"smart": dict.fromkeys("smart", "x")},
    "daily": {"did": "x"},
    "due": {"state": "done"},
    "explain": {"delay_cause": "x", "need": "y"},
    "warn": {},
    "remind": {"text": "x"},
    "emergency": {"title": "x"},
    "replan": {"start": "9999-12-31", "due": "9999-12-31"},
    "verify": {"result": "solved", "state": "submitted"},
    "conclude": {"state": "verified"},
    "restart": {"state": "open", "round": 9},
    "follow": {"title": "x", "state": "todo"},
    "feedback": {"text": "x"},
    "sheet": {"state": "submitted"},
    "lesson": {"state": "shared"},
    "revise": {"state": "todo"},
    "weekly": {"did": "x"},
    "receipt": {},
    "settle": {},
}


def do(room: Room, line: Line) -> None:
    """What the line says, as the first who is asked would."""
    paper = room.papers[line.id]
    if line.rule == "settle":
        room.papers[line.id] = msgspec.structs.replace(paper, conflicts=0)
    elif line.verb == "Unsent":
        room.take(paper)
    elif line.rule == "lead" and isinstance(line.step, Open):
        room.follow(line, lead="市场部", owner="谁都行")
    elif line.rule == "lead" and isinstance(line.step, Write):
        room.follow(line, person=line.step.body.get("person", "谁都行"))
    else:
        room.follow(line, **DONE[line.rule])
