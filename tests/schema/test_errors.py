"""Errors that a person can be told."""

import pickle

import pytest

from schema import errors
from schema.errors import DuijieError, FieldError, NotFound, QueryError, UsageError


def tree() -> list[type[DuijieError]]:
    return [
        found
        for found in vars(errors).values()
        if isinstance(found, type) and issubclass(found, DuijieError)
    ]


def test_an_error_reads_as_its_sentence_and_the_way_out_on_one_line() -> None:
    assert str(NotFound("No task ends in 1234.", "Give more characters.")) == (
        "No task ends in 1234. Give more characters."
    )


def test_chinese_puts_no_space_after_a_full_stop() -> None:
    assert str(NotFound("没有这项任务。", "请多写几位。")) == "没有这项任务。请多写几位。"


def test_an_error_without_a_way_out_ends_with_its_sentence() -> None:
    assert str(NotFound("No such task.")) == "No such task."


@pytest.mark.parametrize("kind", tree())
def test_wrong_usage_ends_a_command_with_2_and_all_else_with_1(kind: type[DuijieError]) -> None:
    assert kind.exit_code == (2 if issubclass(kind, UsageError) else 1)


def test_a_query_error_is_wrong_usage() -> None:
    assert QueryError("a", "b").exit_code == 2


def test_a_field_error_names_its_field() -> None:
    error = FieldError("due", "This is not a date.", "Write fri.")
    assert (error.field, str(error)) == ("due", "This is not a date. Write fri.")


def test_errors_cross_threads_and_processes_whole() -> None:
    error = pickle.loads(pickle.dumps(FieldError("due", "This is not a date.", "Write fri.")))
    assert (error.field, error.sentence, error.way_out) == (
        "due",
        "This is not a date.",
        "Write fri.",
    )
