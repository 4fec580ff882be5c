from __future__ import annotations

from collections.abc import Iterator

import pytest

from schema.errors import IllegalMove
from schema.records import KINDS
from schema.rules.moves import check_move
from schema.wording import use

LEGAL = {
    "task": "todo>doing,review,done,dropped doing>todo,review,done,dropped review>doing,done,dropped done>doing dropped>todo",
    "project": "draft>agreed,dropped agreed>running,dropped running>accepting,dropped accepting>closed,running,dropped closed>running,dropped dropped>draft",
    "milestone": "open>reached,dropped reached>open dropped>open",
    "blocker": "open>coordinating,resolved,closed coordinating>resolved,open,closed resolved>verified,coordinating,open,closed verified>closed,open closed>open",
    "meeting": "draft>noticed,running,cancelled noticed>draft,running,cancelled running>closed,cancelled closed>minuted,running minuted>confirmed,closed confirmed>minuted cancelled>draft",
}


def is_legal(kind: str, old: str, new: str) -> bool:
    try:
        check_move(kind, old, new)
    except IllegalMove:
        return False
    return True


@pytest.fixture
def chinese() -> Iterator[None]:
    use("zh")
    yield
    use("en")


@pytest.mark.parametrize("kind", LEGAL)
def test_exactly_the_moves_of_the_table_are_legal(kind: str) -> None:
    table = {
        (old, new)
        for part in LEGAL[kind].split()
        for old, _, after in [part.partition(">")]
        for new in after.split(",")
    }
    states = KINDS[kind].states
    moved = {
        (old, new) for old in states for new in states if old != new and is_legal(kind, old, new)
    }
    assert moved == table


@pytest.mark.parametrize("kind", LEGAL)
def test_a_save_that_moves_nothing_is_legal_in_every_state(kind: str) -> None:
    assert all(is_legal(kind, state, state) for state in KINDS[kind].states)


def test_a_request_moves_freely_between_its_states() -> None:
    states = KINDS["request"].states
    assert all(is_legal("request", old, new) for old in states for new in states)


def test_an_illegal_move_lists_the_legal_ones_with_their_tokens() -> None:
    with pytest.raises(IllegalMove) as told:
        check_move("task", "done", "dropped")
    assert told.value.sentence == "Task: from done (done) it cannot become dropped (dropped)."
    assert told.value.way_out == "It can become: in progress (doing)."


@pytest.mark.usefixtures("chinese")
def test_an_illegal_move_says_so_in_chinese() -> None:
    with pytest.raises(IllegalMove) as told:
        check_move("task", "review", "todo")
    assert told.value.sentence == "任务不能从「待验收（review）」改为「未开始（todo）」。"
    assert told.value.way_out == "可以改为：进行中（doing）、已完成（done）、已取消（dropped）。"


@pytest.mark.parametrize("new", ["finished", "", None, "DONE", "\x1b[31m"])
def test_a_state_that_is_none_of_the_words_is_illegal(new: str | None) -> None:
    with pytest.raises(IllegalMove) as told:
        check_move("task", "todo", new)
    assert "done (done)" in told.value.way_out
    assert "\x1b" not in str(told.value)


@pytest.mark.parametrize("old", [None, "", "paused"])
def test_a_new_record_or_an_unknown_state_may_become_any(old: str | None) -> None:
    check_move("task", old, "review")


def test_kinds_without_states_have_nothing_to_refuse() -> None:
    check_move("comment", None, None)
