"""Members, devices and invitations: who may come in."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from schema.errors import NotFound, UsageError
from syncd.store.hub import HubStore
from syncd.store.members import INVITATION_LIFE, Members, Revoked, Shut, digest

NOW = 1_800_000_000_000_000


@pytest.fixture
def members(tmp_path: Path) -> Iterator[Members]:
    store = HubStore(tmp_path / "hub.db")
    yield Members(store, tmp_path / "revoked")
    store.close()


def invited(members: Members, name: str = "李雷", role: str = "liaison") -> str:
    return members.invite(name=name, department="研发部", role=role, now=NOW)


def come_in(members: Members, name: str = "李雷", token: str = "") -> str:
    device = members.redeem(invited(members, name), digest(token or name), NOW)
    assert device is not None
    return device


def test_a_code_makes_one_device_with_the_role_it_was_given(members: Members) -> None:
    device = members.redeem(invited(members, role="viewer"), digest("token"), NOW)
    assert device is not None
    assert members.authenticate("token") == device
    member = members.standing(device)
    assert (member.name, member.department, member.role) == ("李雷", "研发部", "viewer")


def test_the_same_code_and_token_get_the_same_answer_for_72_hours(members: Members) -> None:
    code = invited(members)
    device = members.redeem(code, digest("token"), NOW)
    assert members.redeem(code, digest("token"), NOW + INVITATION_LIFE) == device
    assert members.redeem(code, digest("token"), NOW + INVITATION_LIFE + 1) is None
    assert members.redeem(code, digest("other"), NOW) is None


def test_a_code_out_of_date_unknown_or_without_a_whole_hash_is_nothing(members: Members) -> None:
    code = invited(members)
    assert members.redeem(code, digest("token"), NOW + INVITATION_LIFE + 1) is None
    assert members.redeem("aaaa-aaaa-aaaa-aaaa", digest("token"), NOW) is None
    assert members.redeem(code, digest("token")[:31], NOW) is None
    assert members.redeem(code, digest("token"), NOW) is not None


def test_of_fifty_at_once_one_wins(tmp_path: Path) -> None:
    store = HubStore(tmp_path / "hub.db")
    code = invited(Members(store))
    start = threading.Barrier(50)
    won: list[str] = []

    def redeem(number: int) -> None:
        mine = HubStore(tmp_path / "hub.db")
        start.wait()
        if members := Members(mine).redeem(code, digest(f"token {number}"), NOW):
            won.append(members)
        mine.close()

    threads = [threading.Thread(target=redeem, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(won) == 1
    assert [device.device for device in Members(store).all()] == won
    store.close()


def test_two_invitations_of_one_name_make_one_member(members: Members) -> None:
    first, second = invited(members), invited(members)
    assert members.redeem(first, digest("one"), NOW)
    assert members.redeem(second, digest("two"), NOW) is None


def test_a_token_that_is_known_redeems_nothing_more(members: Members) -> None:
    come_in(members, token="token")
    assert members.redeem(invited(members, "韩梅梅"), digest("token"), NOW) is None


def test_a_member_gets_another_device_by_name_with_the_role_they_have(members: Members) -> None:
    first = come_in(members)
    code = members.invite(name="", department="", role="coordinator", now=NOW, member="李雷")
    second = members.redeem(code, digest("laptop"), NOW)
    assert second is not None
    assert members.standing(second) == members.standing(first)
    assert members.redeem(code, digest("another laptop"), NOW) is None
    with pytest.raises(NotFound):
        members.invite(name="", department="", role="viewer", now=NOW, member="nobody")


def test_an_unknown_role_and_a_name_that_is_taken_are_wrong_usage(members: Members) -> None:
    with pytest.raises(UsageError):
        invited(members, role="root")
    come_in(members)
    with pytest.raises(UsageError):
        invited(members)


def test_a_revoked_member_is_out_with_every_device_and_every_code(members: Members) -> None:
    code = invited(members)
    first = members.redeem(code, digest("one"), NOW)
    assert first is not None
    again = members.invite(name="", department="", role="viewer", now=NOW, member="李雷")
    assert members.revoke("李雷", NOW).devices == [first]
    assert members.authenticate("one") is None
    with pytest.raises(Revoked):
        members.standing(first)
    assert members.redeem(code, digest("one"), NOW) is None
    assert members.redeem(again, digest("two"), NOW) is None


def test_a_new_invitation_lets_a_revoked_member_in_again_on_a_new_device(members: Members) -> None:
    old = come_in(members)
    members.revoke("李雷", NOW)
    code = members.invite(name="", department="", role="viewer", now=NOW, member="李雷")
    new = members.redeem(code, digest("new"), NOW)
    assert new is not None
    assert members.standing(new).name == "李雷"
    with pytest.raises(Revoked):
        members.standing(old)


def test_one_device_can_be_revoked_alone(members: Members) -> None:
    first = come_in(members)
    code = members.invite(name="", department="", role="viewer", now=NOW, member="李雷")
    second = members.redeem(code, digest("laptop"), NOW)
    assert second is not None
    assert members.revoke("李雷", NOW, second).devices == [second]
    assert members.standing(first)
    with pytest.raises(Revoked):
        members.standing(second)


def test_revoking_again_changes_nothing_and_the_first_time_stays(members: Members) -> None:
    device = come_in(members)
    assert members.revoke("李雷", NOW) == Shut("研发部", [device], 0, True, False)
    assert members.revoke("李雷", NOW + 1) == Shut("研发部", [], 0, False, False)
    assert [each.revoked for each in members.all()] == [NOW]
    assert members.revoke("李雷", NOW + 2, device) == Shut("研发部", [], 0, False, False)
    with pytest.raises(NotFound, match="no device none"):
        members.revoke("李雷", NOW, "none")


def test_the_last_coordinator_is_told_from_the_others(members: Members) -> None:
    for name in ("甲", "乙"):
        code = invited(members, name, "coordinator")
        assert members.redeem(code, digest(name), NOW)
    come_in(members)
    assert not members.revoke("李雷", NOW).last_coordinator
    assert not members.revoke("甲", NOW).last_coordinator
    (device,) = (each.device for each in members.all() if each.name == "乙")
    assert members.revoke("乙", NOW, device).last_coordinator
    assert not members.revoke("乙", NOW).last_coordinator


def test_who_is_known_is_not_invited_as_if_new(members: Members) -> None:
    come_in(members, "Li Lei")
    with pytest.raises(UsageError, match=r"is a member already.* --for 'Li Lei'"):
        invited(members, "Li Lei")
    members.revoke("Li Lei", NOW)
    with pytest.raises(UsageError, match=r"was shut out.* --for 'Li Lei'"):
        invited(members, "Li Lei")


def test_who_was_invited_but_never_came_can_be_shut_out(members: Members) -> None:
    code = invited(members)
    shut = members.revoke("李雷", NOW)
    assert (shut.devices, shut.invitations, shut.member) == ([], 1, False)
    assert members.redeem(code, digest("token"), NOW) is None
    with pytest.raises(NotFound):
        members.revoke("李雷", NOW)


def test_the_list_beside_the_file_shuts_out_again(members: Members, tmp_path: Path) -> None:
    device = come_in(members)
    members.revoke("李雷", NOW)
    with members.store.write() as conn:
        conn.execute("UPDATE devices SET revoked = NULL")
        conn.execute("UPDATE members SET revoked = NULL")
    assert members.standing(device)
    members.keep_revoked(NOW)
    with pytest.raises(Revoked):
        members.standing(device)


def test_no_file_holds_a_token_or_a_code(members: Members, tmp_path: Path) -> None:
    code = invited(members)
    assert members.redeem(code, digest("a-token-of-256-bits"), NOW)
    members.revoke("李雷", NOW)
    for file in tmp_path.iterdir():
        data = file.read_bytes()
        assert code.encode() not in data
        assert b"a-token-of-256-bits" not in data
