"""Conflicts and refused edits from the command line."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Duijie, Result
from tests.wiring import Wired


class Office:
    """Two liaisons, a coordinator, and one task that all of them hold."""

    def __init__(self, wired: Wired, duijie: Duijie) -> None:
        self.wired = wired
        self.duijie = duijie
        for name, role in (("甲", "liaison"), ("乙", "liaison"), ("丙", "coordinator")):
            wired.join(name, role)
        self.task = self("甲", "add", "task", "title=说明书", "priority=3", "note=n").id
        wired.sync()

    def __call__(self, who: str, *words: str, lang: str = "en") -> Result:
        return self.duijie.ok(*words, home=self.wired.home(who), lang=lang)

    def fails(self, who: str, *words: str) -> Result:
        result = self.duijie(*words, home=self.wired.home(who))
        assert result.code != 0
        assert result.err
        return result

    def quarrel(self, first: str, second: str) -> None:
        """甲 and 乙 change the task without knowing of each other; 乙 syncs later and wins."""
        self("甲", "set", self.task, *first.split())
        self("乙", "set", self.task, *second.split())
        self.wired.sync()

    def conflicts(self, who: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self(who, "conflicts", "--json").json
        return found

    def body(self, who: str) -> dict[str, Any]:
        held: dict[str, Any] = self(who, "show", self.task, "--json").json["body"]
        return held


@pytest.fixture
def office(wired: Wired, duijie: Duijie) -> Office:
    return Office(wired, duijie)


# -- seeing a conflict


def test_no_conflicts_is_a_sentence(office: Office) -> None:
    assert office.conflicts("丙") == []
    assert office("丙", "conflicts").err.strip() == "No conflicts."
    assert office("丙", "conflicts", lang="zh").err.strip() == "没有待裁的冲突。"


def test_a_conflict_has_the_keys_of_the_contract(office: Office) -> None:
    office.quarrel("title=甲 priority=1", "title=乙 note=m")
    (conflict,) = office.conflicts("丙")
    assert list(conflict) == [
        "id", "kind", "record", "title", "state", "owner", "opened", "differs", "overlaps",
        "why", "base", "head", "others",
    ]  # fmt: skip
    assert conflict["id"].startswith(f"{office.task}@")
    assert (conflict["kind"], conflict["record"]) == ("task", office.task)
    assert (conflict["title"], conflict["state"]) == ("乙", "open")
    assert sorted(conflict["differs"]) == ["note", "priority", "title"]
    assert conflict["overlaps"] == ["title"]
    assert conflict["head"]["author"] == "乙"
    (other,) = conflict["others"]
    assert (other["author"], other["body"]["title"]) == ("甲", "甲")
    assert conflict["base"]["body"]["title"] == "说明书"
    assert conflict["head"]["eff"] > other["eff"] > conflict["base"]["eff"]
    opened = datetime.fromisoformat(conflict["opened"]).timestamp()
    assert abs(opened - conflict["head"]["eff"] / 1e6) < 0.001


def test_everybody_sees_the_same_conflict(office: Office) -> None:
    office.quarrel("title=甲", "title=乙")
    first, second, third = (office.conflicts(name) for name in "甲乙丙")
    assert first == second == third


def test_the_base_is_theirs_and_not_ones_own_earlier_save(office: Office) -> None:
    office("甲", "set", office.task, "title=甲1")
    office.quarrel("title=甲2", "title=乙")
    (conflict,) = office.conflicts("丙")
    assert conflict["base"]["body"]["title"] == "说明书"


def test_why_names_both_stamps_in_the_zone(office: Office) -> None:
    office.quarrel("title=甲", "title=乙")
    why = office.conflicts("丙")[0]["why"]
    head = office.conflicts("丙")[0]["head"]["eff"]
    hour = datetime.fromtimestamp(head / 1e6).astimezone().utctimetuple().tm_hour
    assert f"{(hour + 8) % 24:02}:" in why
    assert "later" in why


def test_why_is_translated(office: Office) -> None:
    office.quarrel("title=甲", "title=乙")
    assert "改动较晚" in office("丙", "conflicts", "--json", lang="zh").json[0]["why"]
    out = office("丙", "conflicts", lang="zh").out
    assert "两边都改" in out
    assert "任务名称" in out


def test_a_deletion_never_beats_an_edit_it_did_not_know(office: Office) -> None:
    office("甲", "set", office.task, "title=甲")
    office("乙", "rm", office.task)
    office.wired.sync()
    (conflict,) = office.conflicts("丙")
    assert "deletion" in conflict["why"]
    assert conflict["others"][0]["body"] is None
    assert conflict["overlaps"] == ["deleted"]
    assert office.body("丙")["title"] == "甲"


def test_the_owner_is_of_the_initiating_department(office: Office) -> None:
    project = office("甲", "add", "project", "title=p", "initiator=产品部").id
    office("甲", "set", office.task, f"project={project}")
    office.wired.sync()
    office.quarrel("title=甲", "title=乙")
    assert office.conflicts("乙")[0]["owner"] == "产品部"
    office("丙", "add", "department", "name=产品部", "head=老王")
    office.wired.sync()
    assert office.conflicts("乙")[0]["owner"] == "老王"
    office("丙", "add", "person", "name=李经理", "department=产品部", "decides=yes")
    office.wired.sync()
    assert office.conflicts("乙")[0]["owner"] == "李经理"


def test_without_a_project_any_coordinator_owns_it(office: Office) -> None:
    office.quarrel("title=甲", "title=乙")
    assert office.conflicts("乙")[0]["owner"] is None


# -- settling


def settle(office: Office, *words: str, who: str = "丙") -> dict[str, Any]:
    office(who, "resolve", office.task[-6:], *words)
    assert office.conflicts(who) == []
    office.wired.sync()
    assert [office.conflicts(name) for name in "甲乙丙"] == [[], [], []]
    bodies = [office(name, "show", office.task, "--json").json for name in "甲乙丙"]
    assert bodies[0] == bodies[1] == bodies[2]
    record: dict[str, Any] = bodies[0]
    return record


def test_keep_head_settles(office: Office) -> None:
    office.quarrel("title=甲 priority=1", "title=乙")
    record = settle(office, "--keep", "head")
    assert (record["body"]["title"], record["body"]["priority"]) == ("乙", 3)


def test_keep_other_settles(office: Office) -> None:
    office.quarrel("title=甲 priority=1", "title=乙 note=m")
    record = settle(office, "--keep", "other")
    assert (record["body"]["title"], record["body"]["note"]) == ("甲", "n")


def test_both_are_taken_where_nothing_overlaps(office: Office) -> None:
    office.quarrel("priority=1", "title=乙 note=m")
    body = settle(office)["body"]
    assert (body["title"], body["priority"], body["note"]) == ("乙", 1, "m")


def test_fields_are_chosen_by_side_or_value(office: Office) -> None:
    office.quarrel("title=甲 priority=1 note=1", "title=乙 priority=2 note=2")
    body = settle(office, "title=other", "priority=head", "note=both")["body"]
    assert (body["title"], body["priority"], body["note"]) == ("甲", 2, "both")


def test_fields_left_out_take_the_side_that_changed_them(office: Office) -> None:
    office.quarrel("title=甲 priority=1", "title=乙 note=m")
    body = settle(office, "title=other")["body"]
    assert (body["title"], body["priority"], body["note"]) == ("甲", 1, "m")


def test_an_unnamed_overlap_is_wrong_usage_and_changes_nothing(office: Office) -> None:
    office.quarrel("title=甲 priority=1", "title=乙")
    for words in ((), ("priority=head",)):
        result = office.fails("丙", "resolve", office.task, *words)
        assert result.code == 2
        assert "title" in result.err
        assert "priority" not in result.err
    assert len(office.conflicts("丙")) == 1


def test_keep_other_on_a_deletion_deletes(office: Office) -> None:
    office("甲", "set", office.task, "title=甲")
    office("乙", "rm", office.task)
    office.wired.sync()
    assert office.fails("丙", "resolve", office.task).code == 2
    assert settle(office, "--keep", "other")["deleted"] is True


def test_keep_head_on_a_deletion_keeps_the_edit(office: Office) -> None:
    office("甲", "set", office.task, "title=甲")
    office("乙", "rm", office.task)
    office.wired.sync()
    record = settle(office, "--keep", "head")
    assert (record["deleted"], record["body"]["title"]) == (False, "甲")


def test_several_conflicts_of_one_record_are_named_apart(office: Office) -> None:
    office("甲", "set", office.task, "title=甲")
    office("乙", "set", office.task, "note=乙")
    office("丙", "set", office.task, "priority=1")
    office.wired.sync()
    found = office.conflicts("丙")
    assert len(found) == 2
    result = office.fails("丙", "resolve", office.task)
    assert all(each["id"] in result.err for each in found)
    office("丙", "resolve", found[0]["id"])
    office("丙", "resolve", found[1]["id"])
    office.wired.sync()
    body = office.body("甲")
    assert (body["title"], body["note"], body["priority"]) == ("甲", "乙", 1)
    assert office.conflicts("甲") == []


def test_a_settled_conflict_is_gone(office: Office) -> None:
    office.quarrel("title=甲", "title=乙")
    office("丙", "resolve", office.task, "--keep", "head")
    assert office.fails("丙", "resolve", office.task, "--keep", "other").code == 1
    assert office("丙", "status", "--json").json["conflicts"] == 0


@pytest.mark.parametrize("sent", [False, True])
def test_undo_of_a_ruling_that_kept_the_head_leaves_older_steps_alone(
    office: Office, sent: bool
) -> None:
    mine = office("丙", "add", "task", "title=mine").id
    office.quarrel("title=甲", "title=乙")
    office("丙", "resolve", office.task, "--keep", "head")
    if sent:
        office.wired.sync()
    before = office("丙", "show", office.task, "--json").json
    undone = office("丙", "undo").err
    assert "乙: the ruling kept what is shown" in undone
    assert "not listed again" in undone
    assert office("丙", "show", office.task, "--json").json == before
    assert office.conflicts("丙") == []
    assert office("丙", "show", mine, "--json").json["deleted"] is False
    office("丙", "undo")
    assert office("丙", "show", mine, "--json").json["deleted"] is True


def test_undo_takes_a_settlement_back_that_changed_something(office: Office) -> None:
    office.quarrel("title=甲", "title=乙")
    office("丙", "resolve", office.task, "--keep", "other")
    undone = office("丙", "undo")
    assert office.body("丙")["title"] == "乙"
    assert "Task name 乙 <- 甲" in undone.err
    assert "not listed again" in undone.err
    assert f"duijie log {office.task[-6:]}" in undone.err


def test_undo_of_a_plain_edit_says_nothing_of_rulings(office: Office) -> None:
    office("甲", "set", office.task, "title=neu")
    assert "ruling" not in office("甲", "undo").err


def test_a_settlement_says_what_was_taken_and_what_is_left(office: Office) -> None:
    office.quarrel("title=甲 priority=1", "title=乙 note=m")
    told = office("丙", "resolve", office.task, "title=other").err
    assert "Task name from the other" in told
    assert "Note from the head" in told
    assert "0 conflicts left" in told
    assert "settled   Task name" in office("丙", "log", office.task).out
    assert "裁定   任务名称" in office("丙", "log", office.task, lang="zh").out


def test_an_author_whose_deletion_lost_is_told_so(office: Office) -> None:
    from syncd.store.notices import take_notices
    from tui.cli.news import _sentence

    office("乙", "rm", office.task)
    office("甲", "set", office.task, "title=甲")
    office.wired.sync()
    (notice,) = take_notices(office.wired.replicas["乙"])
    assert _sentence(notice).startswith("T-001 甲: you deleted it, 甲 edited it")


def test_the_sides_of_a_conflict_are_aligned(office: Office) -> None:
    office.quarrel("title=甲", "title=乙")
    out = office("丙", "conflicts", lang="zh").out
    assert "任务名称（title）" in out
    assert "现行     乙   乙" in out


def test_discarding_nothing_says_so(office: Office) -> None:
    assert "nothing to do" in office("甲", "refused", "--discard").err


def test_a_refused_rule_is_named_by_its_key(office: Office) -> None:
    office("甲", "add", "policy", "key=warn", "amount=3")
    office.wired.sync()
    assert refused(office)[0]["title"] == "warn"
    from syncd.store.refusals import take_refusals

    assert len(take_refusals(office.wired.replicas["甲"])) == 1
    assert take_refusals(office.wired.replicas["甲"]) == []


def test_keep_and_fields_exclude_each_other(office: Office) -> None:
    office.quarrel("title=甲", "title=乙")
    assert office.fails("丙", "resolve", office.task, "title=head", "--keep", "head").code == 2


def test_an_unsent_edit_comes_before_settling(office: Office) -> None:
    office.quarrel("title=甲", "title=乙")
    office("丙", "set", office.task, "note=x")
    assert office.fails("丙", "resolve", office.task, "--keep", "head").code == 1


def test_an_edit_on_top_of_an_own_settlement_comes_before_settling_on(office: Office) -> None:
    for who in "甲乙丙":
        office(who, "set", office.task, f"title={who}")
    office.wired.sync()
    first, second = (each["id"] for each in office.conflicts("丙"))
    office("丙", "resolve", first, "--keep", "other")
    office("丙", "set", office.task, "note=x")
    refused = office.fails("丙", "resolve", second, "--keep", "other")
    assert "Sync first" in refused.err
    office.wired.sync()
    office("丙", "resolve", second, "--keep", "other")
    office.wired.sync()
    assert office.conflicts("甲") == []


def test_an_own_settlement_does_not_keep_from_settling_the_next_loser(office: Office) -> None:
    for who in "甲乙丙":
        office(who, "set", office.task, f"title={who}")
    office.wired.sync()
    for each in office.conflicts("丙"):
        office("丙", "resolve", each["id"], "--keep", "head")
    office.wired.sync()
    assert office.conflicts("甲") == []
    assert refused(office, "丙") == []


def test_settling_between_others_warns_who_is_no_coordinator(office: Office) -> None:
    office.quarrel("title=甲", "title=乙")
    result = office("甲", "resolve", office.task, "--keep", "other")
    assert "coordinator" in result.err


@pytest.mark.parametrize(
    "words", [["title=other"], ["title=head"], ["--keep", "head"], ["title=neu"]]
)
@pytest.mark.parametrize("who", ["甲", "乙", "丙"])
def test_the_hint_at_home_is_what_the_hub_does(office: Office, who: str, words: list[str]) -> None:
    office.quarrel("title=甲 note=m", "title=乙")
    result = office(who, "resolve", office.task, *words)
    hinted = "hub will refuse" in result.err
    assert ("Settled" in result.err) is not hinted
    office.wired.sync()
    assert [edit["reason"] for edit in refused(office, who)] == ["rights settle"] * hinted


@pytest.mark.parametrize(
    ("first", "taken"), [(["--keep", "head"], True), (["--keep", "other"], False)]
)
def test_an_unsent_settlement_of_ones_own_is_the_head_of_the_next_where_the_hub_takes_it(
    office: Office, first: list[str], taken: bool
) -> None:
    office.wired.join("丁")
    office("甲", "set", office.task, "title=甲")
    office("乙", "set", office.task, "title=乙")
    office.wired.sync()
    second_loser(office)
    one, other = (each["id"] for each in office.conflicts("甲"))
    assert ("hub will refuse" in office("甲", "resolve", one, *first).err) is not taken
    assert ("hub will refuse" in office("甲", "resolve", other, "--keep", "other").err) is not taken
    office.wired.sync()
    assert (refused(office) == []) is taken
    assert (office.conflicts("丙") == []) is taken


def second_loser(office: Office) -> None:
    """甲 edits on top of the head while 丁 does: both losers of the record are 甲's."""
    office("甲", "set", office.task, "title=甲2")
    office("丁", "set", office.task, "title=丁")
    office.wired.sync()
    losers = [each["others"][0]["author"] for each in office.conflicts("甲")]
    assert losers == ["甲", "甲"]


# -- refused edits


def refused(office: Office, who: str = "甲") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = office(who, "refused", "--json").json
    return found


def refuse(office: Office) -> None:
    """甲, who is no coordinator, settles between others: the hub refuses."""
    office.quarrel("title=甲", "title=乙")
    office("甲", "resolve", office.task, "title=neu")
    office.wired.sync()


def test_a_refused_edit_is_listed_whole(office: Office) -> None:
    assert refused(office) == []
    assert office("甲", "refused").err.strip() == "No edit was refused."
    refuse(office)
    (edit,) = refused(office)
    assert list(edit) == ["dot", "kind", "id", "title", "reason", "body"]
    assert (edit["id"], edit["reason"], edit["body"]["title"]) == (
        office.task,
        "rights settle",
        "neu",
    )
    assert "no right" in office("甲", "refused").out
    assert len(office.conflicts("甲")) == 1


def test_a_refused_edit_is_told_by_the_log(office: Office) -> None:
    refuse(office)
    states = [line["state"] for line in office("甲", "log", office.task, "--json").json]
    assert sorted(states) == ["head", "loser", "past", "refused"]


def test_discard_forgets(office: Office) -> None:
    refuse(office)
    (edit,) = refused(office)
    assert office.fails("甲", "refused", "--discard", "nothing:1").code == 1
    office("甲", "refused", "--discard", edit["dot"])
    assert refused(office) == []
    assert office.body("甲")["title"] == "乙"


def test_mend_makes_the_change_anew_on_what_is_shown(office: Office) -> None:
    refuse(office)
    office("丙", "set", office.task, "note=newer")
    office.wired.sync()
    office("甲", "refused", "--mend")
    assert refused(office) == []
    record = office("甲", "show", office.task, "--json").json
    assert record["unsent"] is True
    assert (record["body"]["title"], record["body"]["note"]) == ("neu", "newer")
    office.wired.sync()
    assert office.body("丙")["title"] == "neu"


def test_mend_of_what_is_there_already_forgets(office: Office) -> None:
    refuse(office)
    office("丙", "set", office.task, "title=neu")
    office.wired.sync()
    office("甲", "refused", "--mend")
    assert refused(office) == []
    assert office("甲", "show", office.task, "--json").json["unsent"] is False


def test_a_refused_new_record_can_be_mended(wired: Wired, duijie: Duijie, tmp_path: Path) -> None:
    wired.join("看客", role="viewer")
    home = wired.home("看客")
    id = duijie.ok("add", "task", "title=x", home=home).id
    wired.sync()
    assert duijie("show", id, home=home).code == 1
    (edit,) = duijie.ok("refused", "--json", home=home).json
    assert (edit["kind"], edit["title"], edit["reason"]) == ("task", "x", "rights write")
    duijie.ok("refused", "--mend", edit["dot"], home=home)
    assert duijie.ok("show", id, "--json", home=home).json["body"]["title"] == "x"


def test_discard_and_mend_exclude_each_other(office: Office) -> None:
    assert office.fails("甲", "refused", "--discard", "--mend").code == 2
