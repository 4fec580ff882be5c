from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

import pytest

from schema.records import KINDS
from schema.rights import (
    LAYERED,
    ROLE_WORDS,
    ROLES,
    may_decide,
    may_settle,
    may_write,
    moved_between,
    needs_layer,
    projects_asked,
    projects_of,
)
from schema.rules.roles import Roles

ALONE = {"comment", "signoff"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("own", [True, False])
def test_a_viewer_writes_only_own_comments_and_sign_offs(kind: str, own: bool) -> None:
    assert may_write("viewer", kind, own=own) == (own and kind in ALONE)


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"policy", "calendar", "person", "signoff"}))
@pytest.mark.parametrize("own", [True, False])
def test_a_liaison_writes_papers(kind: str, own: bool) -> None:
    assert may_write("liaison", kind, own=own)


@pytest.mark.parametrize("kind", ["policy", "calendar"])
def test_only_a_coordinator_writes_rules(kind: str) -> None:
    written = [role for role in ROLES if may_write(role, kind, own=True)]
    assert written == ["coordinator"]


def test_a_liaison_writes_the_own_person_and_a_coordinator_any() -> None:
    assert may_write("liaison", "person", own=True)
    assert not may_write("liaison", "person", own=False)
    assert may_write("coordinator", "person", own=False)


@pytest.mark.parametrize("role", ROLES)
def test_nobody_signs_for_another(role: str) -> None:
    assert may_write(role, "signoff", own=True)
    assert not may_write(role, "signoff", own=False)


def test_a_role_that_does_not_exist_may_nothing() -> None:
    assert not may_write("", "task", own=True)
    assert not may_write("owner", "comment", own=True)
    assert not may_settle("owner", losers_own=True, head_own=True, equals_head=True)


@pytest.mark.parametrize("losers_own", [True, False])
@pytest.mark.parametrize("head_own", [True, False])
@pytest.mark.parametrize("equals_head", [True, False])
def test_who_may_settle(losers_own: bool, head_own: bool, equals_head: bool) -> None:
    settled = {
        role: may_settle(role, losers_own=losers_own, head_own=head_own, equals_head=equals_head)
        for role in ROLES
    }
    own = losers_own and (head_own or equals_head)
    assert settled == {"viewer": own, "liaison": own, "coordinator": True}


def test_every_role_has_a_word() -> None:
    assert set(ROLE_WORDS) == set(ROLES)


# What needs the decision layer (S000-07, S001-27)

P, Q = "p", "q"
FIRST = {"part": "first", "department": "市场部", "of": P}
URGENT = {"type": "emergency"}


@pytest.mark.row("S000-07", "S000-22")
@pytest.mark.parametrize(
    ("kind", "before", "after", "needed"),
    [
        ("duty", None, FIRST, True),
        ("duty", FIRST, None, True),
        ("duty", {**FIRST, "part": "leads"}, FIRST, True),
        ("duty", FIRST, {**FIRST, "part": "leads"}, True),
        ("duty", FIRST, {**FIRST, "scope": "受理"}, True),
        ("duty", FIRST, dict(FIRST), False),
        ("duty", None, {"part": "leads"}, False),
        ("seat", None, {"layer": "decision", "of": P}, True),
        ("seat", {"layer": "decision", "of": P}, {"layer": "decision", "of": Q}, True),
        ("seat", {"layer": "decision"}, {"layer": "execution"}, True),
        ("seat", {"layer": "decision"}, {"layer": "decision", "present": "yes"}, False),
        ("seat", None, {"layer": "execution"}, False),
        ("meeting", None, {"type": "emergency"}, True),
        ("meeting", {"type": "topic"}, {"type": "emergency"}, True),
        ("meeting", {"type": "emergency"}, {"type": "emergency", "summary": "改期"}, False),
        ("meeting", {"type": "emergency"}, None, True),
        ("meeting", None, {"type": "weekly"}, False),
        ("resource", {"what": "场地"}, {"what": "场地", "outcome": "granted"}, True),
        ("resource", {"outcome": "granted"}, {"outcome": "granted", "given": "1"}, False),
        ("resource", {"outcome": "granted"}, {"outcome": "refused"}, True),
        ("resource", {"what": "场地"}, {"what": "展位"}, False),
        ("resource", {"outcome": "granted", "of": P}, {"outcome": "granted", "of": Q}, True),
        ("resource", {"outcome": "granted"}, {"outcome": "granted", "amount": "500"}, True),
        ("resource", {"of": P, "outcome": "granted"}, {"of": Q}, True),
        ("meeting", {"type": "emergency", "project": P}, {"type": "emergency"}, True),
        ("meeting", {**URGENT, "state": "closed"}, {**URGENT, "state": "minuted"}, False),
        ("meeting", {**URGENT, "state": "noticed"}, {**URGENT, "state": "cancelled"}, True),
        ("meeting", {**URGENT, "state": "draft"}, {**URGENT, "state": "noticed"}, True),
        ("task", None, {"part": "first", "layer": "decision", "type": "emergency"}, False),
    ],
)
def test_what_needs_the_decision_layer(
    kind: str, before: dict[str, Any] | None, after: dict[str, Any] | None, needed: bool
) -> None:
    assert needs_layer(kind, before, after) is needed


class Record(NamedTuple):
    kind: str
    id: str
    body: dict[str, Any]


AWAY = {"from": "2026-11-18", "until": "2026-11-20", "deputy": "李四"}
ROLES_OF = Roles.under(
    [
        Record("seat", "1", {"of": P, "person": "张三", "layer": "decision"}),
        Record("seat", "2", {"of": P, "person": "王五", "layer": "execution"}),
        Record("seat", "3", {"of": Q, "person": "王五", "layer": "decision"}),
        Record("person", "4", {"name": "张三", "away": AWAY}),
    ]
)


@pytest.mark.row("S000-07", "S001-14")
@pytest.mark.parametrize(
    ("member", "projects", "day", "may"),
    [
        ("张三", {P}, 20, True),
        ("张三", {Q}, 20, False),
        ("王五", {P}, 20, False),
        ("王五", {P, Q}, 20, False),
        ("王五", {Q}, 20, True),
        ("李四", {P}, 20, True),
        ("李四", {P}, 21, False),
        ("李四", {Q}, 20, False),
        ("张三", set(), 20, False),
        ("", {P}, 20, False),
    ],
)
def test_who_acts_for_the_decision_layer(
    member: str, projects: set[str], day: int, may: bool
) -> None:
    today = date(2026, 11, day)
    assert may_decide("liaison", member, frozenset(projects), ROLES_OF, today) is may
    assert may_decide("coordinator", member, frozenset(projects), ROLES_OF, today)


def test_a_paper_is_of_its_own_project_and_of_that_of_what_it_belongs_to() -> None:
    held: dict[str, tuple[str, dict[str, Any]]] = {
        P: ("project", {}),
        "b": ("blocker", {"project": Q}),
        "r": ("request", {}),
    }
    assert projects_of({"of": P}, held.get) == {P}
    assert projects_of({"of": "b"}, held.get) == {Q}
    assert projects_of({"of": "b", "project": P}, held.get) == {P, Q}
    assert projects_of({"of": "r"}, held.get) == set()
    assert projects_of({"of": "nowhere", "project": P}, held.get) == {P, "nowhere"}
    assert projects_of({"of": 7, "project": None}, held.get) == set()
    assert projects_of(None, held.get) == set()


def test_what_was_decided_outside_every_project_is_asked_of_nobody_who_sits() -> None:
    held: dict[str, tuple[str, dict[str, Any]]] = {P: ("project", {})}
    nowhere, here = {"outcome": "granted"}, {"outcome": "granted", "of": P}
    assert projects_asked("resource", (nowhere, here), held.get) == {"", P}
    assert projects_asked("resource", ({}, here), held.get) == {P}
    assert projects_asked("resource", (None, here), held.get) == {P}
    assert not may_decide("liaison", "张三", frozenset({"", P}), ROLES_OF, date(2026, 11, 20))


@pytest.mark.parametrize(
    ("kind", "before", "after", "moved"),
    [
        ("request", {"project": P}, {"project": Q}, {P, Q}),
        ("task", {}, {"project": Q}, {"", Q}),
        ("blocker", {"project": P}, {"project": P, "title": "x"}, set()),
        ("meeting", None, {"project": P}, set()),
        ("project", {"project": P}, {"project": Q}, set()),
        ("comment", {"project": P}, {"project": Q}, set()),
    ],
)
def test_what_moves_between_projects(
    kind: str, before: dict[str, Any] | None, after: dict[str, Any] | None, moved: set[str]
) -> None:
    assert moved_between(kind, before, after) == moved


def test_the_table_names_kinds_and_fields_that_there_are() -> None:
    for name, rules in LAYERED.items():
        fields = KINDS[name].by_name
        for rule in rules:
            assert {rule.field, *rule.guarded} <= set(fields)
            assert set(rule.words) <= {token for token, _label in fields[rule.field].words}
            states = {token for name in rule.guarded for token, _label in fields[name].words}
            assert set(rule.alike) <= states
