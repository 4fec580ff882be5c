"""How this replica stands to its hub: one state, the first that holds, and the facts beside it.

`status` says it, and the app's bottom line says it at all times (look: Sync line).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal

from msgspec import Struct

from schema.dates import local
from schema.wording import N_, _, n_

CLOCK_LIMIT = 120_000_000
SECOND = 1_000_000
MINUTE = 60 * SECOND

State = Literal[
    "revoked",
    "mending",
    "readonly",
    "older",
    "offline",
    "refused",
    "settle",
    "clock",
    "another",
    "unsent",
    "alone",
    "step",
]
Link = Literal["up", "down", "idle"]

WORDS: dict[State, str] = {
    "revoked": N_("Shut out"),
    "mending": N_("Mending"),
    "readonly": N_("Hub read-only"),
    "older": N_("Hub older"),
    "offline": N_("Offline"),
    "refused": N_("Refused"),
    "settle": N_("To settle"),
    "clock": N_("Clock off"),
    "another": N_("Synced elsewhere"),
    "unsent": N_("Unsent"),
    "alone": N_("Alone"),
    "step": N_("In step"),
}
TONES: dict[State, str] = {
    "revoked": "red",
    "mending": "yellow",
    "readonly": "yellow",
    "older": "yellow",
    "offline": "yellow",
    "refused": "red",
    "settle": "red",
    "clock": "yellow",
    "another": "muted",
    "unsent": "yellow",
    "alone": "muted",
    "step": "green",
}


class Standing(Struct, frozen=True, gc=False, kw_only=True):
    """What is known of a replica and its hub; times in microseconds, `records` counts what is here.

    `link` is `up` while a session is open, `down` where the last attempt did not reach the hub,
    `idle` when nothing keeps a session and the last exchange ended well. `reason` is the newest refusal in
    words, `older` says that edits wait for a newer hub, `another` that another program syncs.
    """

    joined: bool
    link: Link = "idle"
    revoked: bool = False
    mending: bool = False
    readonly: bool = False
    older: bool = False
    another: bool = False
    seq: int = 0
    records: int = 0
    unsent: int = 0
    oldest: int | None = None
    refused: int = 0
    reason: str = ""
    conflicts: int = 0
    offset: int | None = None
    last_sync: int | None = None


class Truth(Struct, frozen=True):
    """The state, its word, the shade of that word, and the facts in the order they may be dropped from the right."""

    state: State
    word: str
    tone: str
    facts: tuple[str, ...]


def truth(standing: Standing, *, now: int, zone: str) -> Truth:
    """What to say of a replica at `now` (microseconds), its times in the workspace's `zone`."""
    state = _state(standing)
    facts = [fact for fact in _facts(state, standing, now, zone) if fact]
    return Truth(state, _(WORDS[state]), TONES[state], tuple(dict.fromkeys(facts)))


def _state(s: Standing) -> State:
    if s.revoked:
        return "revoked"
    if s.mending:
        return "mending"
    if s.readonly:
        return "readonly"
    if s.older:
        return "older"
    if s.joined and s.link == "down":
        return "offline"
    if s.refused:
        return "refused"
    if s.conflicts:
        return "settle"
    if abs(s.offset or 0) > CLOCK_LIMIT:
        return "clock"
    if s.another:
        return "another"
    if s.joined and s.link == "idle" and s.unsent:
        return "unsent"
    return "step" if s.joined else "alone"


def _facts(state: State, s: Standing, now: int, zone: str) -> list[str]:
    unsent = n_("{n} unsent", "{n} unsent", s.unsent) if s.unsent else _("0 unsent")
    waited = now - s.oldest if s.unsent and s.oldest is not None else 0
    oldest = _("oldest {ago}", ago=ago(waited)) if waited >= MINUTE else ""
    last = _("last sync {time}", time=at(s.last_sync, now, zone)) if s.last_sync else ""
    clock = _clock(s.offset)
    refused = _refused(s)
    conflicts = n_("{n} conflict", "{n} conflicts", s.conflicts) if s.conflicts else ""
    seq = _("seq {seq}", seq=s.seq) if s.joined else ""
    others = [refused, conflicts]
    match state:
        case "revoked":
            return [_("this device may no longer sync"), unsent, *others, last]
        case "mending":
            return [_("comparing with the hub"), unsent, *others, last]
        case "readonly":
            return [_("the hub takes no edits now"), unsent, oldest, *others, last]
        case "older":
            return [_("edits wait for a newer hub"), unsent, oldest, *others, last, clock]
        case "offline":
            return [unsent, oldest, last, *others, clock]
        case "unsent":
            return [unsent, oldest, last, clock]
        case "refused":
            return [refused, conflicts, seq, unsent, clock if _off(s) else ""]
        case "settle":
            return [conflicts, seq, unsent, clock if _off(s) else ""]
        case "clock":
            return [_clock_off(s.offset or 0), _("set this machine's clock"), seq, unsent]
        case "another":
            return [_("another program syncs this home"), seq, unsent, last, clock]
        case "alone":
            records = n_("{n} record", "{n} records", s.records)
            return [_("not joined to a hub"), records, _("duijie join URL CODE")]
    return [_("with the hub") if s.link == "up" else last, seq, unsent, clock]


def _refused(s: Standing) -> str:
    if not s.refused:
        return ""
    if s.reason:
        return _("{n} refused: {why}", n=s.refused, why=s.reason)
    return _("{n} refused", n=s.refused)


def _off(s: Standing) -> bool:
    return abs(s.offset or 0) > CLOCK_LIMIT


def _clock(offset: int | None) -> str:
    """How far this machine's clock is ahead, from two seconds on; the offset is the hub's time less the clock's."""
    if offset is None or abs(offset) < 2 * SECOND:
        return ""
    return _("clock {seconds} s", seconds=f"{round(-offset / SECOND):+}")


def clock_words(offset: int | None) -> str:
    """How this machine's clock stands to the hub's, whichever way; "" where nothing is known."""
    if offset is None:
        return ""
    return _clock_off(offset) if abs(offset) >= MINUTE else _clock(offset) or _("with the hub")


def _clock_off(offset: int) -> str:
    span = span_words(abs(offset))
    return _("clock {span} behind", span=span) if offset > 0 else _("clock {span} ahead", span=span)


def ago(us: int) -> str:
    """A span of time as `2 h ago`."""
    if us < 60_000_000:
        return _("just now")
    return _("{span} ago", span=span_words(us))


def span_words(us: int) -> str:
    """A span of time in its largest unit."""
    minutes = us // 60_000_000
    if minutes < 60:
        return _("{n} min", n=max(minutes, 1))
    if minutes < 48 * 60:
        return _("{n} h", n=minutes // 60)
    return n_("{n} day", "{n} days", minutes // (24 * 60))


def at(us: int, now: int, zone: str) -> str:
    """An instant on the wall of the zone: the hour today, else the day too."""
    moment, today = _wall(us, zone), _wall(now, zone)
    if moment.date() == today.date():
        return f"{moment:%H:%M}"
    if moment.year == today.year:
        return f"{moment:%m-%d %H:%M}"
    return f"{moment:%Y-%m-%d %H:%M}"


def at_second(us: int, beside: int, zone: str) -> str:
    """An instant to the second, or as fine as tells it from the one beside it."""
    moment, other = _wall(us, zone), _wall(beside, zone)
    form = "%m-%d %H:%M:%S" if moment.year == other.year else "%Y-%m-%d %H:%M:%S"
    if moment.replace(microsecond=0) == other.replace(microsecond=0):
        form += ".%f"
    return moment.strftime(form)


def _wall(us: int, zone: str) -> datetime:
    return local(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us), zone)
