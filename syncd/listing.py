"""What `duijie-syncd` lists for people: members and where the hub stands, aligned, times local."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from schema.dates import known_zone
from schema.ids import derived_id
from schema.rights import ROLE_WORDS
from schema.safe_text import safe_text
from schema.width import pad, width
from schema.wording import N_, _

if TYPE_CHECKING:
    from syncd.store.hub import HubStore
    from syncd.store.members import Device

GAP = "   "
STATUS_LABELS = {
    "workspace": N_("Workspace"),
    "epoch": N_("Epoch"),
    "seq": N_("Seq"),
    "count": N_("Records"),
    "digest": N_("Digest"),
    "members": N_("Members"),
    "devices": N_("Devices"),
    "address": N_("Address"),
    "serving": N_("Served now"),
}


def zone_of(store: HubStore) -> tzinfo | None:
    """The workspace's zone, where its policy names one that this machine knows."""
    body = store.body_of_head("policy", derived_id("policy", "zone"))
    zone = json.loads(body).get("value") if body else None
    return ZoneInfo(zone) if isinstance(zone, str) and zone and known_zone(zone) else None


def member_lines(devices: Sequence[Device], zone: tzinfo | None) -> Iterator[str]:
    """A table with a line a device; a member's further devices stand below the first.

    Without a zone the times are the machine's.
    """
    rows = [(_("Full name"), _("Department"), _("Role"), _("Device"), _("Last here"))]
    before = None
    for each in devices:
        who = (each.name, each.department, _(ROLE_WORDS.get(each.role, each.role)))
        rows.append(
            (*(who if each.name != before else ("", "", "")), each.device, _here(each, zone))
        )
        before = each.name
    return _table(rows)


def status_lines(shown: Mapping[str, object]) -> Iterator[str]:
    """A label and a value a line; an address where nobody listens is left out."""
    return _table(
        [
            (_(STATUS_LABELS[key]), _value(value))
            for key, value in shown.items()
            if key != "address" or shown["serving"]
        ]
    )


def _here(device: Device, zone: tzinfo | None) -> str:
    if device.revoked is not None:
        return _("revoked {time}", time=_local(device.revoked, zone))
    return _("never came") if device.seen is None else _local(device.seen, zone)


def _local(us: int, zone: tzinfo | None) -> str:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)
    return moment.astimezone(zone).isoformat(" ", "minutes")


def _value(value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    safe = [[safe_text(cell) for cell in row] for row in rows]
    widths = [max(map(width, column)) for column in zip(*safe, strict=True)]
    for row in safe:
        yield GAP.join(map(pad, row, widths)).rstrip()
