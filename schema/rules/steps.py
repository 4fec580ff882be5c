"""The six steps of a blocker: what each move needs, and the papers of a step begun from what is known (S004)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from schema.records.kind import Body
from schema.rules.policy import DEFAULT, Policy
from schema.rules.zi import count_zi
from schema.wording import N_, _

LETTERS = ("s", "m", "a", "r", "t")
TOPICS = (N_("Source of the problem"), N_("Goal of the solution"), N_("Feasible options"))
FIRST_SAID = ("phenomenon", "effect", "essence")
CONCLUDED = ("solved", "partly")
_LINE = 80


def move_faults(
    blocker: Body, state: str, *, tasks: Iterable[Body], acceptances: Iterable[Body], why: str = ""
) -> list[str]:
    """What is missing for a blocker, as it stands, to become `state`: sentences, none where it may.

    `tasks` come from it, `acceptances` are of it, undeleted bodies; `why` is what is said where
    nothing was done: it stands in for a task.
    """
    if state == blocker.get("state"):
        return []
    said = bool(why.strip())
    if state == "resolved" and not (said or any(task.get("state") == "done" for task in tasks)):
        return [_("Resolved needs a task of it that is done, or a word why none was needed.")]
    if state == "closed" and not said and blocker.get("state") != "verified":
        return [_("Closing what was not verified needs a word why.")]
    if state == "verified":
        result = conclusion(blocker, acceptances)
        if result is None:
            return [_("Verified needs a submitted verification of round {n}.", n=round_of(blocker))]
        if result not in CONCLUDED:
            return [
                _(
                    "The verification of round {n} says unsolved: open it again.",
                    n=round_of(blocker),
                )
            ]
    return []


def round_of(blocker: Body) -> int:
    """The round that a blocker is in; the first where it says none."""
    value = blocker.get("round")
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 1


def conclusion(blocker: Body, acceptances: Iterable[Body]) -> str | None:
    """What this round's verification says: solved, partly or unsolved; None before it is submitted.

    Where several do, the worst counts: what one side found unsolved is not solved.
    """
    order = ("unsolved", "partly", "solved")
    found = {
        each.get("result")
        for each in acceptances
        if each.get("type") == "blocker"
        and each.get("state") == "submitted"
        and round_of(each) == round_of(blocker)
    }
    return next((result for result in order if result in found), None)


# -- bodies after a step


def answered(blocker: Body, before: Body | None = None) -> dict[str, Any]:
    """The blocker with what was first said copied, once; verification compares with it (S004-14).

    `before` is what it said until then, where that is another.
    """
    body, first = dict(blocker), blocker if before is None else before
    if not body.get("first_said"):
        said = {name: first[name] for name in FIRST_SAID if first.get(name)}
        if said:
            body["first_said"] = said
    return body


def reopened(blocker: Body) -> dict[str, Any]:
    """The blocker open again at step 1 of the next round (S004-16); what was first said stays.

    Essence, target and options are to be found anew; the old ones stand in the history.
    """
    body = answered(blocker)
    for name in ("essence", "target", "options", "verify_on"):
        body.pop(name, None)
    return {**body, "state": "open", "round": round_of(blocker) + 1}


# -- papers begun


def verification_lines(blocker: Body) -> list[dict[str, str]]:
    """The lines of a verification: phenomenon, each effect and root, as they were first said (S004-14)."""
    said = blocker.get("first_said")
    said = said if isinstance(said, dict) and said else blocker
    effects = said.get("effect")
    rows = effects if isinstance(effects, list | tuple) else ()
    texts = [
        (_("Phenomenon"), said.get("phenomenon")),
        *((_("Effect"), row.get("how_much")) for row in rows if isinstance(row, dict)),
        (_("Root"), said.get("essence")),
    ]
    return [
        {"standard": one_line(_("{label}: {text}", label=label, text=text))}
        for label, text in texts
        if isinstance(text, str) and text.strip()
    ]


def verification(blocker: Body, id: str) -> dict[str, Any]:
    """A verification of this blocker's round, to be judged line by line; saved, it counts."""
    return _filled(
        title=one_line(_("Verification: {title}", title=_title(blocker))),
        state="submitted",
        type="blocker",
        of=id,
        project=blocker.get("project"),
        round=round_of(blocker),
        lines=verification_lines(blocker),
    )


def topic_meeting(
    blocker: Body, id: str, meeting: str, policy: Policy = DEFAULT
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The topic meeting on a blocker and its three topics, root, target and options (S004-08).

    `id` is the blocker's, `meeting` the one that the meeting will have. It lasts as long as the
    policy lets it, opening and closing included.
    """
    whole = policy.count("topic.minutes.most")
    opening, closing = policy.count("opening"), policy.count("closing")
    each = max(1, (whole - opening - closing) // len(TOPICS))
    held = _filled(
        title=one_line(_("Topic meeting: {title}", title=_title(blocker))),
        state="draft",
        type="topic",
        gate="complex",
        goal=_line(blocker.get("unblock")),
        about=[id],
        project=blocker.get("project"),
        departments=_departments(blocker),
        minutes=max(whole, policy.count("topic.minutes.least")),
        opening=opening,
        closing=closing,
    )
    options = blocker.get("options")
    contents = (
        blocker.get("essence") or blocker.get("phenomenon"),
        blocker.get("target"),
        "\n".join(map(str, options)) if isinstance(options, list | tuple) else "",
    )
    topics = [
        _filled(
            title=_(label),
            state="planned",
            of=meeting,
            project=blocker.get("project"),
            order=place,
            content=content if isinstance(content, str) else "",
            department=blocker.get("lead"),
            owner=blocker.get("owner"),
            minutes=each,
        )
        for place, (label, content) in enumerate(zip(TOPICS, contents, strict=True), 1)
    ]
    return held, topics


def solution(blocker: Body, id: str) -> dict[str, Any]:
    """A task that solves a blocker: what it is for is known, the other letters are asked for (S004-10)."""
    relevant = _line(blocker.get("target")) or _line(blocker.get("unblock"))
    return _filled(
        source=id,
        project=blocker.get("project"),
        department=blocker.get("lead"),
        smart={"r": relevant} if relevant else None,
    )


def feedback_sheet(
    blocker: Body, id: str, signoffs: Sequence[tuple[str, Body]], *, whole: bool
) -> dict[str, Any]:
    """The 反馈与改进记录表 of a blocker, from each department's feedback (S004-15, S004-17).

    `signoffs` are author and body of the sign-offs of the blocker, in the order they came; a draft
    until they are `whole`, so that whoever is missing is not left out.
    """
    said = [
        (author, body)
        for author, body in signoffs
        if body.get("meaning") == "feedback" and isinstance(body.get("text"), str) and body["text"]
    ]
    lines = [
        one_line(_("{who}: {text}", who=body.get("department") or author, text=body["text"]))
        for author, body in said
    ]
    return _filled(
        title=one_line(_("Feedback: {title}", title=_title(blocker))),
        state="submitted" if whole else "draft",
        type="feedback",
        of=id,
        project=blocker.get("project"),
        department=blocker.get("lead"),
        did=lines,
        attendees=list(dict.fromkeys(author for author, _body in said)),
    )


def feedback_missing(blocker: Body, signoffs: Iterable[Body]) -> list[str]:
    """The departments touched that have not given feedback (S004-15)."""
    given = {each.get("department") for each in signoffs if each.get("meaning") == "feedback"}
    return [name for name in _departments(blocker) if name not in given]


def smart_missing(task: Body) -> list[str]:
    """The letters of SMART that a task does not fill (S004-09, S001-32)."""
    said = task.get("smart")
    cells: Mapping[str, Any] = said if isinstance(said, dict) else {}
    return [letter for letter in LETTERS if not str(cells.get(letter) or "").strip()]


def one_line(text: str, limit: int = _LINE) -> str:
    """A text as one line of at most so many 字, cut with a mark where it is longer."""
    line = " ".join(text.split())
    if count_zi(line) <= limit and len(line) <= 8 * limit:
        return line
    low, high = 0, min(len(line), 8 * limit - 1)
    while low < high:
        middle = (low + high + 1) // 2
        if count_zi(line[:middle]) <= limit:
            low = middle
        else:
            high = middle - 1
    return f"{line[:low].rstrip()}›"


def _departments(blocker: Body) -> list[str]:
    """The departments that a blocker touches, the lead first."""
    found: list[object] = [blocker.get("lead")]
    for name in ("attributed", "departments"):
        value = blocker.get(name)
        found += value if isinstance(value, list | tuple) else []
    return list(dict.fromkeys(each for each in found if isinstance(each, str) and each))


def _title(blocker: Body) -> str:
    return _line(blocker.get("title"))


def _line(text: object) -> str:
    return one_line(text) if isinstance(text, str) else ""


def _filled(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, "", [], ())}
