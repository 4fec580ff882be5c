"""The kinds of paper: one line each.

Where the Struct of each is, not the Struct: it is made when its fields are first asked for.
"""

from __future__ import annotations

from schema.errors import UsageError
from schema.records.kind import AUTHOR, Kind
from schema.records.needs import both_or_neither, needed, needed_when, serial_in_pattern
from schema.wording import N_, _, chinese, current

KINDS: dict[str, Kind] = {
    each.name: each
    for each in (
        Kind.of(
            "department", "people:Department", N_("Department"), derived=("name",), called="name"
        ),
        Kind.of("person", "people:Person", N_("Person"), derived=("name",), called="name"),
        Kind.of(
            "project",
            "plan:Project",
            N_("Project"),
            moves={
                "draft": ("agreed", "dropped"),
                "agreed": ("running", "dropped"),
                "running": ("accepting", "dropped"),
                "accepting": ("closed", "running", "dropped"),
                "closed": ("running", "dropped"),
                "dropped": ("draft",),
            },
            finished=("closed", "dropped"),
        ),
        Kind.of(
            "milestone",
            "plan:Milestone",
            N_("Milestone"),
            moves={
                "open": ("reached", "dropped"),
                "reached": ("open",),
                "dropped": ("open",),
            },
            finished=("reached", "dropped"),
        ),
        Kind.of(
            "task",
            "tasks:Task",
            N_("Task"),
            moves={
                "todo": ("doing", "review", "done", "dropped"),
                "doing": ("todo", "review", "done", "dropped"),
                "review": ("doing", "done", "dropped"),
                "done": ("doing",),
                "dropped": ("todo",),
            },
            number="T-{serial}",
            finished=("done", "dropped"),
            needs=(both_or_neither("delay_cause", "need"),),
            later=("delay_cause", "need", "delay_type", "plan"),
        ),
        Kind.of(
            "progress",
            "tasks:Progress",
            N_("Progress"),
            title_optional=True,
            called="did",
            needs=(needed_when("says", "late", "delay_cause", "need"),),
        ),
        Kind.of(
            "dependency",
            "plan:Dependency",
            N_("Dependency"),
            derived=("before", "after"),
            called="condition",
        ),
        Kind.of("comment", "tasks:Comment", N_("Comment"), title_optional=True, called="text"),
        Kind.of(
            "policy",
            "people:Policy",
            N_("Policy"),
            derived=("key",),
            called="key",
            needs=(serial_in_pattern,),
        ),
        Kind.of(
            "request",
            "requests:Request",
            N_("Request"),
            number="XLX-{year}-{serial}",
            finished=("closed", "dropped"),
            delivered=("accepted", "confirmed"),
        ),
        Kind.of(
            "blocker",
            "blockers:Blocker",
            N_("Blocker"),
            moves={
                "open": ("coordinating", "resolved", "closed"),
                "coordinating": ("resolved", "open", "closed"),
                "resolved": ("verified", "coordinating", "open", "closed"),
                "verified": ("closed", "open"),
                "closed": ("open",),
            },
            number="B-{serial}",
            finished=("closed",),
            delivered=("verified",),
            later=("round", "first_said"),
        ),
        Kind.of("seat", "people:Seat", N_("Seat"), title_optional=True, called="person"),
        Kind.of(
            "duty",
            "plan:Duty",
            N_("Duty"),
            title_optional=True,
            called="scope",
            finished=("retired",),
        ),
        Kind.of("risk", "plan:Risk", N_("Risk"), finished=("closed",)),
        Kind.of("resource", "plan:Resource", N_("Resource"), finished=("given", "dropped")),
        Kind.of(
            "meeting",
            "meetings:Meeting",
            N_("Meeting"),
            moves={
                "draft": ("noticed", "running", "cancelled"),
                "noticed": ("draft", "running", "cancelled"),
                "running": ("closed", "cancelled"),
                "closed": ("minuted", "running"),
                "minuted": ("confirmed", "closed"),
                "confirmed": ("minuted",),
                "cancelled": ("draft",),
            },
            number="M-{serial}",
            finished=("confirmed", "cancelled"),
            needs=(needed("gate"),),
        ),
        Kind.of("topic", "meetings:Topic", N_("Topic"), finished=("decided", "shelved", "parked")),
        Kind.of(
            "report",
            "review:Report",
            N_("Report"),
            derived=("project", "department", "week"),
            derived_when=("type", "weekly"),
            finished=("submitted",),
            needs=(needed_when("type", "weekly", "week"),),
        ),
        Kind.of("acceptance", "review:Acceptance", N_("Acceptance"), finished=("submitted",)),
        Kind.of("lesson", "review:Lesson", N_("Lesson"), finished=("retired",)),
        Kind.of(
            "signoff",
            "review:Signoff",
            N_("Sign-off"),
            derived=("of", "of_dot|baseline", AUTHOR, "department", "meaning"),
            immutable=True,
            called="text",
            needs=(
                needed("meaning"),
                needed_when("meaning", "object", "text"),
                needed_when("meaning", "feedback", "text"),
            ),
        ),
        Kind.of(
            "calendar",
            "people:Calendar",
            N_("Calendar"),
            derived=("year",),
            called="region",
        ),
    )
}


def kind(name: str) -> Kind:
    """The kind of this name or label; a UsageError names the nearest where there is none."""
    found = KINDS.get(name)
    if found is not None:
        return found
    from difflib import get_close_matches

    from schema.safe_text import safe_text

    folded = name.strip().lower()
    named = {
        word: each
        for each in KINDS.values()
        for word in (chinese(each.label), each.label.lower(), each.name)
    }
    if folded in named:
        return named[folded]
    near = get_close_matches(folded[:40], named, n=1)
    raise UsageError(
        _("There is no kind of paper called {name}.", name=safe_text(name)[:40]),
        _("Did you mean {near}?", near=kind_words(named[near[0]]))
        if near
        else _("The kinds are: {kinds}.", kinds=_(", ").join(map(kind_words, KINDS.values()))),
    )


def kind_words(kind: Kind) -> str:
    """A kind as a sentence names it: its name, before it its label where that is another language."""
    if current() == "en":
        return kind.name
    return _("{word} ({token})", word=_(kind.label), token=kind.name)
