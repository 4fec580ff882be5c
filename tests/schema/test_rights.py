from __future__ import annotations

import pytest

from schema.records import KINDS
from schema.rights import ROLE_WORDS, ROLES, may_settle, may_write

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
