"""The command `duijie`: which command was meant, and nothing else, so that it starts at once."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper

from schema.errors import DuijieError, UsageError
from schema.wording import N_, _

# Each command: where it is, what follows it in the help, and what it does.
COMMANDS = {
    "init": (
        "joining:init",
        "--name N --department D",
        N_("a workspace of one's own, no hub needed"),
    ),
    "join": ("joining:join", "URL [CODE]", N_("become a member of a hub")),
    "sync": ("joining:sync", "[--watch [--notify]]", N_("exchange everything with the hub")),
    "status": ("views:status", "[--line]", N_("how this replica stands")),
    "add": ("records:add", "KIND FIELD=VALUE...", N_("make a record; prints its id")),
    "set": (
        "records:set_",
        "ID... FIELD=VALUE...",
        N_("change fields, or restore a deleted record"),
    ),
    "rm": ("records:rm", "ID...", N_("delete records")),
    "show": ("records:show", "ID", N_("one record")),
    "log": ("records:log", "ID", N_("the versions of a record")),
    "undo": ("records:undo", "", N_("take back this home's last step")),
    "list": ("listing:list_", "KIND [QUERY]", N_("the records that a filter finds")),
    "find": ("finding:find", "TEXT", N_("search over everything")),
    "board": ("views:board", "[QUERY]", N_("the task board, a lane a department")),
    "blockers": ("views:blockers", "[QUERY]", N_("the blockers by time left to answer")),
    "deadlines": ("views:deadlines", "[QUERY]", N_("everything with a date that runs")),
    "delay": (
        "delay:delay",
        "ID [DUE] cause=... need=...",
        N_("a task is late: why, and what moves along"),
    ),
    "paper": ("paper:paper", "ID [NAME]", N_("a document as Markdown")),
    "today": ("today:today", "[--as PERSON]", N_("whose turn it is")),
    "policy": ("policy:policy", "", N_("the policy, and who changed what")),
    "calendar": (
        "policy:calendar",
        "[YEAR]",
        N_("days off and make-up days, a year at a time"),
    ),
    "load": ("loading:load", "FILE.jsonl [--dry-run]", N_("take records in, one a line")),
    "dump": ("listing:dump", "[KIND]", N_("give records out, one a line")),
    "conflicts": ("settle:conflicts", "", N_("the open conflicts")),
    "resolve": (
        "settle:resolve",
        "CONFLICT [--keep head|other | FIELD=head|other|VALUE...]",
        N_("settle a conflict"),
    ),
    "refused": ("settle:refused", "[--discard|--mend] [DOT...]", N_("the edits the hub refused")),
    "demo": ("demo:main", "[--as NAME] [--script]", N_("a throw-away hub with an example")),
    "home": ("joining:home", "", N_("where the files are")),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run `duijie` with these words; the exit code is 0, 1 for failed and 2 for wrong usage."""
    from syncd.command import run

    return run(_main, sys.argv[1:] if argv is None else argv)


def _main(words: list[str]) -> int:
    from tui.cli.shell import read_options

    if isinstance(sys.stdout, TextIOWrapper) and not sys.stdout.isatty():
        # What goes into a file or a pipe is UTF-8, whatever the terminal speaks.
        sys.stdout.reconfigure(encoding="utf-8")
    if words == ["--version"]:
        from importlib.metadata import version

        print(f"duijie {version('duijie')}")
        return 0
    shell, rest = read_options(words)
    if shell is None:
        print(usage())
        return 0
    if not rest:
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            print(usage())
            return 0
        import gc

        # Nothing that is made before the first screen is garbage; the app turns it on again.
        gc.disable()
        from tui.running import run as run_app

        return run_app(shell.home(), ascii=shell.ascii, lang=shell.lang)
    command = rest[0]
    if command not in COMMANDS:
        raise _unknown(command)
    _options_first(rest[1:])
    if command == "demo":
        from tui.cli import demo

        return demo.main(rest[1:], ascii=shell.ascii)
    module, name = COMMANDS[command][0].split(":")
    try:
        return int(getattr(import_module(f"tui.cli.{module}"), name)(shell, rest[1:]))
    except DuijieError as error:
        if "\n" not in error.sentence:
            raise
        # A list of what is wrong keeps its lines.
        shell.hint("\n".join(filter(None, [error.sentence, error.way_out])))
        return error.exit_code


def _options_first(words: Sequence[str]) -> None:
    """A UsageError where an option of `duijie` stands behind the command."""
    for word in words:
        if word == "--":
            return
        option = word.partition("=")[0]
        if option in ("--home", "--lang", "--ascii"):
            raise UsageError(
                _("{option} stands before the command.", option=option),
                _("Write duijie {option} ... COMMAND.", option=option),
            )


def usage() -> str:
    """The help: every command with what follows it and what it does."""
    from tui.width import pad

    lines = [
        _("usage: duijie [--home DIR] [--lang zh|en] [--ascii] COMMAND ..."),
        "",
        *(
            f"  {pad(f'{name} {rest}'.rstrip(), 34)}  {_(help)}"
            for name, (_where, rest, help) in COMMANDS.items()
        ),
        "",
        _("`duijie COMMAND --help` says more of a command; the options above stand before it."),
    ]
    return "\n".join(lines)


def _unknown(command: str) -> UsageError:
    from difflib import get_close_matches

    from schema.safe_text import safe_text

    near = get_close_matches(command, COMMANDS, n=1)
    return UsageError(
        _("There is no command {name}.", name=safe_text(command)[:40]),
        _("Did you mean {near}?", near=near[0]) if near else _("`duijie --help` lists them."),
    )


if __name__ == "__main__":
    sys.exit(main())
