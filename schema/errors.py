"""The typed error tree: each error carries a sentence for the person and the way out of it.

The sentences are already in the reader's language, so that one place can turn any error into a toast or a
line on stderr.
"""

from __future__ import annotations

_FULL_STOPS = ("。", "！", "？")


def joined(*sentences: str) -> str:
    """Sentences on one line, with a space between them where the language has one."""
    line = ""
    for sentence in filter(None, sentences):
        space = " " if line and not line.endswith(_FULL_STOPS) else ""
        line = f"{line}{space}{sentence}"
    return line


class DuijieError(Exception):
    """Something a person can be told; `exit_code` is what a command ends with."""

    exit_code = 1

    def __init__(self, sentence: str, way_out: str = "") -> None:
        super().__init__(sentence, way_out)
        self.sentence = sentence
        self.way_out = way_out

    def __str__(self) -> str:
        return joined(self.sentence, self.way_out)


class UsageError(DuijieError):
    """A command was written in a way that cannot be understood."""

    exit_code = 2


class QueryError(UsageError):
    """A filter was written in a way that cannot be understood."""


class FieldError(DuijieError):
    """A value does not fit its field; `field` is the field's name in the record."""

    def __init__(self, field: str, sentence: str, way_out: str = "") -> None:
        super().__init__(sentence, way_out)
        self.args = (field, sentence, way_out)
        self.field = field


class DateError(DuijieError):
    """A text is not a date, an hour or a zone."""


class NotFound(DuijieError):
    """No record, member or file goes by this name."""


class Ambiguous(DuijieError):
    """More than one record goes by this name."""


class IllegalMove(DuijieError):
    """A state cannot follow the one the record is in."""


class NothingToDo(DuijieError):
    """The act would change nothing."""


class Offline(DuijieError):
    """The hub could not be reached."""


class NotJoined(DuijieError):
    """The replica belongs to no hub yet."""


class Refused(DuijieError):
    """The hub or a rule turned the act down."""


class Busy(DuijieError):
    """Another process holds what is needed."""


class StoreError(DuijieError):
    """The file on disk could not be read or written."""


class ProtocolError(DuijieError):
    """The other side said something that the wire does not allow."""
