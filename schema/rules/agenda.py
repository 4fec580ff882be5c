"""What is pointed out about a meeting ahead and never refused: its length, agenda, material and people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from schema.records.bodies import due_at
from schema.records.kind import Body
from schema.rules.policy import DEFAULT, Policy
from schema.safe_text import safe_text
from schema.wording import _
from schema.workdays import Calendar

_OVER = ("closed", "minuted", "confirmed", "cancelled")
_OPEN = ("", "planned", "running")
# The rows of the policy for the least and the most that a type of meeting lasts, "" for none.
_LENGTHS = {
    "topic": ("topic.minutes.least", "topic.minutes.most"),
    "weekly": ("", "weekly.meeting"),
    "sync": ("", "sync.minutes"),
    "alignment": ("", "meeting.minutes.most"),
    "emergency": ("", "meeting.minutes.most"),
}
_FIXED = ("topic", "weekly", "sync", "retro")  # types whose topics the guides name themselves
_OTHERS = ("meeting.minutes.least", "meeting.minutes.most")


def meeting_hints(
    meeting: Body,
    topics: Iterable[Body],
    seats: Iterable[Body],
    *,
    calendar: Calendar,
    policy: Policy = DEFAULT,
) -> list[str]:
    """A sentence for each thing in which a meeting that is ahead is not as the guides advise.

    `topics` and `seats` are of it, undeleted bodies.
    """
    if meeting.get("state") in _OVER:
        return []
    topics = list(topics)
    return [
        *_length(meeting, policy),
        *_agenda(meeting, topics, policy),
        *_material(meeting, calendar, policy),
        *_people(seats, policy),
        *_criteria(meeting, topics),
    ]


def _length(meeting: Body, policy: Policy) -> Iterator[str]:
    """As long as the policy advises for its type (S001-09, S004-08)."""
    minutes = _whole(meeting.get("minutes"))
    if minutes is None:
        return
    low, high = _LENGTHS.get(str(meeting.get("type")), _OTHERS)
    least, most = policy.count(low) if low else 0, policy.count(high)
    if least <= minutes <= most:
        return
    if low:
        yield _(
            "The meeting lasts {n} minutes; {least} to {most} are advised.",
            n=minutes,
            least=least,
            most=most,
        )
    else:
        yield _("The meeting lasts {n} minutes; at most {most} are advised.", n=minutes, most=most)


def _agenda(meeting: Body, topics: Sequence[Body], policy: Policy) -> Iterator[str]:
    """Its topics fit into it, opening and closing included, where it says none those of the policy (S001-38)."""
    length = _whole(meeting.get("minutes"))
    planned = [_whole(each.get("minutes")) or 0 for each in topics]
    if length is None or not any(planned):
        return
    around = [_whole(meeting.get(name)) for name in ("opening", "closing")]
    opening, closing = (
        policy.count(name) if said is None else said
        for name, said in zip(("opening", "closing"), around, strict=True)
    )
    total = sum(planned) + opening + closing
    if total > length:
        yield _(
            "The agenda takes {total} minutes with opening {opening} and closing {closing}; the meeting has {length}.",
            total=total,
            opening=opening,
            closing=closing,
            length=length,
        )


def _material(meeting: Body, calendar: Calendar, policy: Policy) -> Iterator[str]:
    """Material comes as long before as the policy advises (S001-12)."""
    start, due = (_day(meeting.get(name)) for name in ("start", "material_due"))
    rule = policy.rule("material")
    if start and due and due > rule.before(start, calendar):
        yield _(
            "Material comes on {due}; {long} before the meeting is advised.",
            due=due,
            long=rule.words,
        )


def _people(seats: Iterable[Body], policy: Policy) -> Iterator[str]:
    """No more people than the policy advises; those who get the minutes do not count (S001-29)."""
    coming = {each.get("person") for each in seats if each.get("role") != "cc"} - {None, ""}
    most = policy.count("meeting.people")
    if len(coming) > most:
        yield _(
            "{n} people take part; at most {most} are advised, others can get the minutes.",
            n=len(coming),
            most=most,
        )


def _criteria(meeting: Body, topics: Sequence[Body]) -> Iterator[str]:
    """Every topic says by what it is decided (S001-30)."""
    if meeting.get("type") in _FIXED:
        return
    for each in topics:
        title, criterion = each.get("title"), each.get("criterion")
        if not criterion and (each.get("state") or "") in _OPEN and isinstance(title, str):
            yield _(
                "Topic {title}: nothing says by which criterion it is decided.",
                title=safe_text(title),
            )


def _day(value: object) -> date | None:
    key = due_at(value) if isinstance(value, str) else None
    return None if key is None else date.fromisoformat(key[:10])


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
