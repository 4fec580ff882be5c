"""The documents: one line each, with what it is called, of which kind it is, and what it reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches

from msgspec import Struct

from schema.errors import UsageError
from schema.papers import blockers, meetings, people, plans, tasks
from schema.papers.foot import foot
from schema.papers.markdown import Block, markdown
from schema.papers.material import Material, Read
from schema.papers.material import title as title_of
from schema.records.registry import kind as kind_named
from schema.records.registry import kind_words
from schema.safe_text import safe_text
from schema.wording import N_, _, chinese, current

Template = Callable[[Material], Iterator[Block]]


class Document(Struct, frozen=True, kw_only=True):
    """A document compiled from records.

    `name` is what scripts type, `title` an English source string; `reads` says by kind of the
    record what is read around it; `plain` is the one of its kind that is meant where none is named.
    """

    name: str
    title: str
    reads: Mapping[str, tuple[Read, ...]]
    template: Template
    plain: bool = False

    @property
    def words(self) -> str:
        """What people call it, in the language read: its token, and its title where that is another."""
        if current() == "en":
            return self.name
        return _("{word} ({token})", word=_(self.title), token=self.name)

    def heading(self, material: Material) -> str:
        """Its title and that of its record."""
        record = material.record
        called = title_of(record) or material.called(record.id)
        if record.deleted:
            called = _("{name} (deleted)", name=called)
        return _("{kind}: {text}", kind=_(self.title), text=called)

    def markdown(self, material: Material) -> str:
        """The document in the language read, as Markdown that ends with a line break."""
        return markdown(self.heading(material), self.template(material), foot(material))


DOCUMENTS: dict[str, Document] = {
    each.name: each
    for each in (
        Document(
            name="goal-statement",
            title=N_("Goal statement"),
            reads={"project": plans.GOAL_STATEMENT_READS},
            template=plans.goal_statement,
        ),
        Document(
            name="role-table",
            title=N_("Role table"),
            reads={"project": plans.ROLE_TABLE_READS},
            template=plans.role_table,
        ),
        Document(
            name="plan",
            title=N_("Cooperation plan"),
            reads={"project": plans.PLAN_READS},
            template=plans.plan,
        ),
        Document(
            name="tracking",
            title=N_("Task tracking"),
            reads={"project": tasks.PROJECT_READS, "blocker": tasks.BLOCKER_READS},
            template=tasks.tracking,
        ),
        Document(
            name="problem",
            title=N_("Problem statement"),
            reads={"blocker": blockers.PROBLEM_READS},
            template=blockers.problem,
            plain=True,
        ),
        Document(
            name="feedback",
            title=N_("Feedback and improvement"),
            reads={"blocker": blockers.FEEDBACK_READS},
            template=blockers.feedback,
        ),
        Document(
            name="notice",
            title=N_("Notice and agenda"),
            reads={"meeting": meetings.NOTICE_READS},
            template=meetings.notice,
        ),
        Document(
            name="minutes",
            title=N_("Minutes of the meeting"),
            reads={"meeting": meetings.MINUTES_READS},
            template=meetings.minutes,
        ),
        Document(
            name="resolutions",
            title=N_("Resolutions and tasks"),
            reads={"meeting": meetings.RESOLUTIONS_READS},
            template=meetings.resolutions,
        ),
        Document(
            name="duties",
            title=N_("Duties of a department"),
            reads={"department": people.DUTIES_READS},
            template=people.duties,
        ),
    )
}


def documents_of(kind: str) -> list[Document]:
    """The documents that records of a kind have."""
    return [each for each in DOCUMENTS.values() if kind in each.reads]


def document(kind: str, name: str = "") -> Document:
    """The document of this name or title for records of a kind; without a name the plain or only one.

    UsageError where there is none, with those that there are.
    """
    there = documents_of(kind)
    if not there:
        kinds = dict.fromkeys(each for known in DOCUMENTS.values() for each in known.reads)
        words = kind_words(kind_named(kind)) if _known(kind) else safe_text(kind)[:40]
        raise UsageError(
            _("No document is compiled from this kind: {kind}.", kind=words),
            _(
                "There are documents of: {kinds}.",
                kinds=_(", ").join(kind_words(kind_named(each)) for each in kinds),
            ),
        )
    if not name:
        plain = there if len(there) == 1 else [each for each in there if each.plain]
        if plain:
            return plain[0]
        raise UsageError(
            _("It has several documents: {names}.", names=_listed(there)),
            _("Write duijie paper ID {name}.", name=there[0].name),
        )
    wanted = name.strip().casefold()
    called = {
        said.casefold(): each
        for each in there
        for said in (chinese(each.title), each.title, each.name)
    }
    if wanted in called:
        return called[wanted]
    near = get_close_matches(wanted[:40], called, n=1)
    raise UsageError(
        _("It has no document called {name}.", name=safe_text(name)[:40]),
        _("Did you mean {near}?", near=called[near[0]].words)
        if near
        else _("It has: {names}.", names=_listed(there)),
    )


def _known(kind: str) -> bool:
    from schema.records.registry import KINDS

    return kind in KINDS


def _listed(documents: list[Document]) -> str:
    return _(", ").join(each.words for each in documents)
