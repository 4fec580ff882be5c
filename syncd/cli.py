"""`duijie-syncd`: everything that whoever keeps a hub does with it, beside a running `serve`."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from schema.errors import Busy, NotFound, UsageError, joined
from schema.rights import ROLES
from schema.safe_text import clean, safe_text, shell_word
from schema.wording import N_, _, n_
from syncd.clock import Clock
from syncd.command import run
from syncd.folder import HubFolder
from syncd.parser import Parser
from syncd.store.connection import private_umask

if TYPE_CHECKING:
    from syncd.store.hub import HubStore
    from syncd.store.members import Device, Shut

LOCK_WAIT = 1.0


class Command(NamedTuple):
    """A subcommand: what it is for, its arguments, and what it does."""

    name: str
    help: str
    arguments: Callable[[Parser], None]
    act: Callable[[HubFolder, Namespace], int]


def main() -> None:
    """The entry point of `duijie-syncd`."""
    sys.exit(run(act, sys.argv[1:]))


def act(argv: list[str]) -> int:
    """Parse and do one command; the language is chosen already."""
    said = _parser().parse_args(argv)
    private_umask()
    command: Command = said.command
    return command.act(HubFolder(Path(said.dir)), said)


def _parser() -> Parser:
    parser = Parser(prog="duijie-syncd", description=_("Keeps the hub of a duijie workspace."))
    parser.add_argument("--lang", metavar="zh|en", help=_("the language to speak"))
    each = parser.add_subparsers(metavar=_("COMMAND"), required=True)
    for command in COMMANDS:
        sub = each.add_parser(command.name, help=_(command.help), description=_(command.help))
        sub.add_argument("dir", metavar="DIR", help=_("the folder of the hub"))
        command.arguments(sub)
        sub.set_defaults(command=command)
    return parser


# -- the commands


def _init(folder: HubFolder, _said: Namespace) -> int:
    folder.make()
    print(folder.path.absolute())
    return 0


def _serve_arguments(parser: Parser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help=_("the address to listen on"))
    parser.add_argument("--port", type=int, default=8765, help=_("0 takes any free one"))
    parser.add_argument("--tls-cert", metavar="FILE", help=_("the certificate chain, PEM"))
    parser.add_argument("--tls-key", metavar="FILE", help=_("its key, PEM"))
    parser.add_argument(
        "--behind-proxy",
        action="store_true",
        help=_("TLS ends at a proxy that sets X-Forwarded-For"),
    )
    parser.add_argument(
        "--per-address",
        type=int,
        default=512,
        metavar="N",
        help=_("connections an address may hold"),
    )


def _serve(folder: HubFolder, said: Namespace) -> int:
    import asyncio

    from syncd import serving
    from syncd.server import Caps, Daemon

    if bool(said.tls_cert) != bool(said.tls_key):
        raise UsageError(
            _("A certificate and its key belong together."),
            _("Give both --tls-cert and --tls-key."),
        )
    if not 0 <= said.port < 1 << 16:
        raise UsageError(_("There is no port {port}.", port=said.port), _("Ports are 0 to 65535."))
    serving.check_bind(said.host, tls=bool(said.tls_cert), behind_proxy=said.behind_proxy)
    tls = serving.tls_context(Path(said.tls_cert), Path(said.tls_key)) if said.tls_cert else None
    folder.open(readonly=True).close()
    if not folder.serving.acquire(LOCK_WAIT):
        raise Busy(
            _("{path} is being served already.", path=folder.path),
            _("Only one serve at a time can keep a hub."),
        )
    serving.log_to_stderr()
    serving.allow_many_connections()

    def ready(url: str) -> None:
        folder.write_address(url)
        print(f"listening {url}", flush=True)

    try:
        daemon = Daemon(
            folder, caps=Caps(connections=said.per_address), behind_proxy=said.behind_proxy
        )
        asyncio.run(serving.serve_until_stopped(daemon, said.host, said.port, tls, ready))
    finally:
        folder.serving.release()
    return 0


def _invite_arguments(parser: Parser) -> None:
    parser.add_argument("--name", help=_("the full name of who is invited"))
    parser.add_argument("--department", help=_("the department they speak for"))
    parser.add_argument("--role", metavar="|".join(ROLES), help=_("what they may write"))
    parser.add_argument(
        "--for", dest="member", metavar="MEMBER", help=_("another device for a member")
    )
    parser.add_argument("--url", help=_("the address to print instead of the hub's own"))


def _invite(folder: HubFolder, said: Namespace) -> int:
    from syncd.address import checked
    from syncd.store.members import check_role

    if said.role is not None:
        check_role(said.role)
    with _open(folder) as store:
        url = checked(said.url) if said.url else folder.address
        if not url:
            raise NotFound(
                _("The hub has no address yet."), _("Start `duijie-syncd serve`, or give --url.")
            )
        members = folder.members(store)
        if said.member is not None:
            member = clean(said.member, lines=False)
            asked = {"name": "", "department": "", "role": ROLES[0], "member": member}
        else:
            asked = _person(said)
        code = members.invite(now=Clock().now(), **asked)
    print(f"duijie join {url} {code}")
    return 0


def _person(said: Namespace) -> dict[str, str]:
    """Who is invited, as the records about them will have it."""
    from schema.records import problems

    missing = [each for each in ("name", "department", "role") if not getattr(said, each)]
    if missing:
        raise UsageError(
            _("An invitation needs {options}.", options=", ".join(f"--{each}" for each in missing)),
            _("Or name a member who gets another device with --for."),
        )
    name = clean(said.name, lines=False)
    department = clean(said.department, lines=False)
    for kind, value in (("person", name), ("department", department)):
        for problem in problems(kind, {"name": value}):
            raise problem
    return {"name": name, "department": department, "role": said.role}


def _json_argument(parser: Parser) -> None:
    parser.add_argument("--json", action="store_true", help=_("as JSON, for programs"))


def _members(folder: HubFolder, said: Namespace) -> int:
    from syncd.listing import member_lines, zone_of

    with _open(folder, readonly=True) as store:
        devices = list(folder.members(store).all())
        zone = zone_of(store)
    if said.json:
        print(json.dumps([_member_json(device) for device in devices], ensure_ascii=False))
    elif devices:
        print("\n".join(member_lines(devices, zone)))
    else:
        _tell(
            _("Nobody has joined this hub yet."),
            _("`duijie-syncd invite {dir}` invites somebody.", dir=shell_word(str(folder.path))),
        )
    return 0


def _member_json(device: Device) -> dict[str, str | None]:
    return {
        "name": device.name,
        "department": device.department,
        "role": device.role,
        "device": device.device,
        "made": _time(device.made),
        "seen": _time(device.seen),
        "revoked": _time(device.revoked),
    }


def _revoke_arguments(parser: Parser) -> None:
    parser.add_argument("name", metavar="NAME", help=_("the member"))
    parser.add_argument("--device", metavar="ID", help=_("one device only"))


def _revoke(folder: HubFolder, said: Namespace) -> int:
    name = clean(said.name, lines=False)
    with _open(folder) as store:
        shut = folder.members(store).revoke(name, Clock().now(), said.device)
    for device in shut.devices:
        print(device)
    _tell_revoked(folder, name, said.device, shut)
    if shut.last_coordinator:
        _tell(
            _("No coordinator is left: nobody settles conflicts between others or sets the rules."),
            _("Invite one with --role coordinator, or let this one back in."),
        )
    return 0


def _tell_revoked(folder: HubFolder, name: str, device: str | None, shut: Shut) -> None:
    """Who is out now, and how they could come back."""
    if not (shut.devices or shut.member):
        if shut.invitations:
            _tell(
                n_(
                    "The open invitation of {name} is cancelled.",
                    "{n} open invitations of {name} are cancelled.",
                    shut.invitations,
                    name=name,
                )
            )
        elif device is not None:
            _tell(
                _("Device {device} of {name} was shut out already.", device=device, name=name),
                _("Nothing was changed."),
            )
        else:
            _tell(_("{name} was shut out already.", name=name), _("Nothing was changed."))
        return
    who = {"name": name, "department": shut.department, "devices": _(", ").join(shut.devices)}
    if device is not None:
        said = _("Device {devices} of {name} ({department}) is shut out.", **who)
    elif shut.devices:
        said = n_(
            "{name} ({department}) is shut out, with device {devices}.",
            "{name} ({department}) is shut out, with {n} devices: {devices}.",
            len(shut.devices),
            **who,
        )
    else:
        said = _("{name} ({department}) is shut out.", name=name, department=shut.department)
    _tell(
        said,
        _(
            "Edits that were not sent stay with them; `duijie-syncd invite {dir} --for {name}` "
            "lets them back in.",
            dir=shell_word(str(folder.path)),
            name=shell_word(name),
        ),
    )


def _status(folder: HubFolder, said: Namespace) -> int:
    from syncd.listing import status_lines

    with _open(folder, readonly=True) as store:
        proof = store.proof()
        devices = list(folder.members(store).all())
        shown: dict[str, object] = {
            "workspace": store.state("workspace"),
            "epoch": proof.epoch,
            "seq": proof.seq,
            "count": proof.count,
            "digest": proof.digest,
            "members": len({device.name for device in devices if device.revoked is None}),
            "devices": sum(device.revoked is None for device in devices),
            "address": folder.address or None,
            "serving": _is_served(folder),
        }
    if said.json:
        print(json.dumps(shown, ensure_ascii=False))
    else:
        print("\n".join(status_lines(shown)))
    return 0


def _backup_arguments(parser: Parser) -> None:
    parser.add_argument("file", metavar="FILE", help=_("a file that does not exist yet"))


def _backup(folder: HubFolder, said: Namespace) -> int:
    from syncd.backup import copy_hub

    folder.open(readonly=True).close()
    copy, beside = copy_hub(folder, Path(said.file))
    _tell(
        _("The hub is copied to {path}.", path=copy),
        _(
            "Keep {beside} with it: it lists the devices that are shut out, so that an old copy "
            "lets none of them in.",
            beside=beside,
        ),
    )
    return 0


COMMANDS = (
    Command("init", N_("make a hub in a new folder"), lambda _parser: None, _init),
    Command("serve", N_("serve the hub until stopped"), _serve_arguments, _serve),
    Command("invite", N_("make an invitation: one use, 72 hours"), _invite_arguments, _invite),
    Command("members", N_("list members and their devices"), _json_argument, _members),
    Command("revoke", N_("shut a member or a device out"), _revoke_arguments, _revoke),
    Command("status", N_("tell where the hub stands"), _json_argument, _status),
    Command("backup", N_("copy the hub safely while it runs"), _backup_arguments, _backup),
)


# -- what they share


@contextmanager
def _open(folder: HubFolder, *, readonly: bool = False) -> Iterator[HubStore]:
    store = folder.open(readonly=readonly)
    try:
        yield store
    finally:
        store.close()


def _tell(*sentences: str) -> None:
    """A line on stderr."""
    print(safe_text(joined(*sentences)), file=sys.stderr)


def _is_served(folder: HubFolder) -> bool:
    if folder.serving.acquire(0):
        folder.serving.release()
        return False
    return True


def _time(microseconds: int | None) -> str | None:
    """RFC 3339 UTC."""
    if microseconds is None:
        return None
    return datetime.fromtimestamp(microseconds / 1e6, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


if __name__ == "__main__":
    main()
