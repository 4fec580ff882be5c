"""An argument parser in the reader's language, for both commands."""

from __future__ import annotations

import argparse
from typing import Any, NoReturn

from schema.errors import UsageError
from schema.wording import N_, _

# The words of argparse's own that a person can meet.
ARGPARSE_WORDS = (
    N_("usage: "),
    N_("positional arguments"),
    N_("options"),
    N_("show this help message and exit"),
    N_("unknown parser %(parser_name)r (choices: %(choices)s)"),
    N_("unrecognized arguments: %s"),
    N_("not allowed with argument %s"),
    N_("ignored explicit argument %r"),
    N_("the following arguments are required: %s"),
    N_("one of the arguments %s is required"),
    N_("expected one argument"),
    N_("expected at most one argument"),
    N_("expected at least one argument"),
    N_("expected %s argument"),
    N_("expected %s arguments"),
    N_("ambiguous option: %(option)s could match %(matches)s"),
    N_("invalid %(type)s value: %(value)r"),
    N_("invalid choice: %(value)r (choose from %(choices)s)"),
    N_("argument %(argument_name)s: %(message)s"),
)

# argparse takes its words from two names of its module, bound to the process's own catalogue.
vars(argparse).update(_=_, ngettext=lambda one, many, n: _(one if n == 1 else many))


class Parser(argparse.ArgumentParser):
    """An argument parser that speaks the reader's language and raises UsageError.

    Options are never abbreviated: a script must not change its meaning when one is added.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("allow_abbrev", False)
        super().__init__(*args, **options)

    def parse_known_intermixed_args(self, *args: Any, **options: Any) -> Any:
        """As argparse does, which takes the first seven letters of its usage for `usage: `."""
        kept = self.usage
        if kept is None:
            self.usage = self.format_usage().removeprefix(_("usage: ")).rstrip("\n")
        try:
            return super().parse_known_intermixed_args(*args, **options)
        finally:
            self.usage = kept

    def error(self, message: str) -> NoReturn:
        """Wrong usage, as the one sentence that `run` prints."""
        raise UsageError(
            _("{command}: {what}.", command=self.prog, what=message),
            _("`{command} --help` shows how.", command=self.prog),
        )
