"""What comes next for a blocker, and the paper that one key begins for it (S004-02)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from schema.ids import new_id
from schema.records import KINDS, encode, kind, new_body
from schema.rules.answers import unclear
from schema.rules.steps import feedback_sheet, one_line, solution, topic_meeting, verification
from schema.rules.world import Open, Write
from schema.wording import N_, _
from syncd.store.reading import policy_of
from syncd.store.replica import Replica
from syncd.store.rows import Change
from syncd.store.steps import Around, Pointing, around
from tui.acts import body_of, checked

_LINE = 60


class Convene(NamedTuple):
    """The topic meeting on it, with its three topics."""


class Move(NamedTuple):
    """The blocker put into a state."""

    state: str


Begin = Write | Open | Convene | Move


class Next(NamedTuple):
    """What one key begins: `words` in the keys row (a source string), and `why` it is next."""

    words: str
    why: str
    begin: Begin


def next_step(at: Around, step: int, *, is_answered: bool, department: str) -> Next | None:
    """What is next for a blocker at a step of six; None where an answer is all that is awaited.

    `department` is the reader's own: feedback is given by each for itself.
    """
    state = at.body.get("state")
    if state == "resolved":
        return _verify(at)
    if state in ("verified", "closed"):
        return _feed_back(at, department, closed=state == "closed")
    if step == 1:
        missing = unclear(at.body)
        specs = KINDS["blocker"].by_name
        fields = _(", ").join(_(specs[name].label) for name in missing)
        return Next(
            N_("Clarify"),
            _("Not said yet: {fields}", fields=fields),
            Open("blocker", at.id, missing[0] if missing else "essence"),
        )
    if step == 2 and not _led(at):
        lead = _text(at.body.get("lead"))
        body = {"of": at.id, "department": lead, "role": "liaison", **_project(at)}
        return Next(
            N_("Name someone"),
            _("Nobody of the lead department is named for it"),
            Write("seat", {name: value for name, value in body.items() if value}),
        )
    if step == 2 and not is_answered:
        return None
    return _co_create(at)


def _led(at: Around) -> bool:
    lead = at.body.get("lead")
    return bool(at.body.get("owner")) or any(
        each.text("department") == lead and each.text("person") for each in at.seats
    )


def _co_create(at: Around) -> Next:
    tasks = at.tasks_of_round
    done = [each for each in tasks if each.text("state") == "done"]
    if tasks and len(done) == len(tasks):
        return Next(N_("Resolved"), _("All its tasks are done: is it resolved?"), Move("resolved"))
    meeting = _open_meeting(at)
    if tasks:
        why = _(
            "{done} of {n} tasks done; a plan that does not work is met about again",
            done=len(done),
            n=len(tasks),
        )
    elif meeting is not None:
        why = _("The topic meeting is called; what it decides becomes tasks (^T)")
    else:
        why = _("Meet on root, target and options, 30 to 60 minutes; then make tasks (^T)")
    if meeting is not None:
        return Next(N_("The meeting"), why, Open("meeting", meeting.id))
    return Next(N_("Topic meeting"), why, Convene())


def _open_meeting(at: Around) -> Pointing | None:
    """The newest topic meeting that is still to be held."""
    ahead = ("draft", "noticed", "running")
    found = [
        each
        for each in at.meetings
        if each.text("type") == "topic"
        and each.text("state") in ahead
        and at.id in (each.body.get("about") or ())
    ]
    return found[-1] if found else None


def _verify(at: Around) -> Next:
    result = at.result
    if result == "unsolved":
        return Next(
            N_("Open again"),
            _("Verified as unsolved: it begins again at step 1"),
            Move("open"),
        )
    newest = at.verifications[-1] if at.verifications else None
    if newest is not None and newest.text("result") == "partly":
        followed = [each for each in at.tasks_of_round if each.said > newest.said]
        if not followed:
            return Next(
                N_("Follow up"),
                _("Partly solved, and no task follows what is left"),
                Write("task", solution(at.body, at.id)),
            )
        if any(each.text("state") != "done" for each in followed):
            return Next(
                N_("Follow up"),
                _("Partly solved; what follows is not done yet"),
                Open("task", followed[-1].id),
            )
    elif result in ("solved", "partly"):
        return Next(
            N_("Verified"), _("Verified as solved, but still called resolved"), Move("verified")
        )
    draft = _draft(at.acceptances, "blocker")
    day = _text(at.body.get("verify_on"))
    why = _("Compare with what was first said; what it says moves the blocker")
    if day:
        why = _("{why}. Verify on {day}", why=why, day=day)
    if draft is not None:
        return Next(N_("Verify"), why, Open("acceptance", draft.id, "lines"))
    return Next(N_("Verify"), why, Write("acceptance", verification(at.body, at.id)))


def _feed_back(at: Around, department: str, *, closed: bool) -> Next | None:
    missing = at.feedback_missing
    if department in missing and not closed:
        given = {"of": at.id, "of_dot": at.dot, "meaning": "feedback", "department": department}
        return Next(
            N_("Give feedback"),
            _("Your department has not said how it went"),
            Write("signoff", {**given, **_project(at)}),
        )
    sheet = next((each for each in at.sheets if each.text("state") == "submitted"), None)
    if sheet is None:
        if closed and not at.sheets:
            return None
        if missing:
            why = _(
                "Sum up what was said; not heard from yet: {names}", names=_(", ").join(missing)
            )
        else:
            why = _("Sum up what the departments said")
        if at.sheets:
            return Next(N_("Feedback sheet"), why, Open("report", at.sheets[-1].id))
        said = [(each.author, each.body) for each in at.signoffs]
        begun = feedback_sheet(at.body, at.id, said, whole=not missing)
        return Next(N_("Feedback sheet"), why, Write("report", begun))
    shared = [each for each in at.lessons if each.text("state") == "shared"]
    if not shared:
        drafts = [each for each in at.lessons if each.text("state") != "retired"]
        shares = {"of": sheet.id, "type": "improve", "state": "shared", **_project(at)}
        return Next(
            N_("Share a lesson"),
            _("The feedback sheet is in, and nothing is shared from it"),
            Open("lesson", drafts[-1].id, "state") if drafts else Write("lesson", shares),
        )
    for each in shared:
        if each.text("rule") and not any(made.text("source") == each.id for made in at.revisions):
            rule = each.text("rule")
            task = {
                "title": one_line(rule, _LINE),
                "source": each.id,
                "department": each.text("rule_department"),
                **_project(at),
            }
            return Next(
                N_("Revise the rule"),
                _("A rule has a gap and no task revises it: {rule}", rule=rule),
                Write("task", {name: value for name, value in task.items() if value}),
            )
    if closed:
        return None
    if missing:
        return Next(
            N_("Record"),
            _("Not heard from yet: {names}", names=_(", ").join(missing)),
            Open("blocker", at.id),
        )
    return Next(N_("Close"), _("All is fed back: it can be closed"), Move("closed"))


def _draft(papers: Sequence[Pointing], type: str) -> Pointing | None:
    drafts = [
        each for each in papers if each.text("type") == type and each.text("state") != "submitted"
    ]
    return drafts[-1] if drafts else None


# -- papers begun


def convened(replica: Replica, id: str, meeting: str) -> list[Change]:
    """The topic meeting on a blocker and its three topics, as one act; `meeting` is the id it has."""
    at = around(replica.conn, id)
    if at is None:
        return []
    held, topics = topic_meeting(at.body, id, meeting, policy_of(replica.conn))
    made: list[tuple[str, str, dict[str, Any]]] = [("meeting", meeting, held)]
    made += [("topic", new_id(replica.clock.now()), topic) for topic in topics]
    return [
        Change(name, each, checked(kind(name), new_body(name, body, department=None)))
        for name, each, body in made
    ]


def spoken(replica: Replica, id: str, text: str) -> Change:
    """A word on a blocker: a comment of its own."""
    record = replica.record("blocker", id)
    project = body_of(record).get("project") if record is not None else None
    values = {"of": id, "text": text, "project": project}
    body = new_body("comment", values, department=None)
    return Change("comment", new_id(replica.clock.now()), encode(body))


def _project(at: Around) -> dict[str, object]:
    project = at.body.get("project")
    return {"project": project} if project else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
