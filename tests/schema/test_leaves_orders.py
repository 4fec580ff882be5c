"""Random histories of one record, met in every order of arrival.

True knowledge is kept beside the versions as plain sets of dots, so that vectors and exceptions
are judged by something that is neither.
"""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from schema.leaves import Leaves, losers, mark, meet, ordered, rank, twins
from schema.version import DELETED, Dot, Knows, Version, content_of, made_on

REPLICAS = ("aaaaaaaaaa", "bbbbbbbbbb", "cccccccccc", "dddddddddd")
ORDERS = 8


class History(NamedTuple):
    """The versions of one record in the order they were saved, and what each truly knows."""

    versions: tuple[Version, ...]
    known: dict[Dot, frozenset[Dot]]


class Doing(NamedTuple):
    """One thing that happens: somebody saves, or a version arrives somewhere."""

    saves: bool
    replica: int
    says: int
    settles: int
    clock: int
    which: int


DOINGS = st.builds(
    Doing,
    saves=st.booleans(),
    replica=st.integers(0, 3),
    says=st.integers(0, 3),
    settles=st.one_of(st.just(0), st.integers(0, 7)),
    clock=st.sampled_from((0, 0, 1, 5, 10**9)),
    which=st.integers(0, 10**6),
)


class Making:
    """Replicas that save and hear of each other's versions, parents first or not."""

    def __init__(self) -> None:
        self.versions: list[Version] = []
        self.known: dict[Dot, frozenset[Dot]] = {}
        self.leaves: dict[str, Leaves] = dict.fromkeys(REPLICAS, ())
        self.own: dict[str, list[Dot]] = {replica: [] for replica in REPLICAS}

    def do(self, doing: Doing) -> None:
        replica = REPLICAS[doing.replica]
        if doing.saves:
            self._save(replica, doing)
        elif self.versions:
            version = self.versions[doing.which % len(self.versions)]
            self.leaves[replica] = meet(self.leaves[replica], version)

    def _save(self, replica: str, doing: Doing) -> None:
        leaves = self.leaves[replica]
        named = [loser for i, loser in enumerate(losers(leaves)) if doing.settles >> i & 1]
        bases = [*leaves[:1], *twins(leaves), *named]
        own = self.own[replica]
        # Numbers leave gaps: the replica edits other records too.
        dot = Dot(replica, (own[-1].n if own else 0) + 1 + doing.which % 3)
        body = b'{"title":"%d"}' % doing.says
        deleted = bool(leaves) and doing.says == 3
        version = Version(
            dot=dot,
            knows=made_on(dot, bases, own),
            base=leaves[0].dot if leaves else None,
            rev=1 + max((base.rev for base in bases), default=0),
            author=replica,
            at=0,
            eff=1 + max((v.eff for v in self.versions if self._knows(bases, v)), default=0)
            + doing.clock,
            seq=len(self.versions) + 1,
            deleted=deleted,
            content=content_of(body, deleted),
            body=body,
        )  # fmt: skip
        self.known[dot] = frozenset([dot]).union(*(self.known[base.dot] for base in bases))
        self.versions.append(version)
        own.append(dot)
        self.leaves[replica] = meet(leaves, version)

    def _knows(self, bases: list[Version], version: Version) -> bool:
        return any(version.dot in self.known[base.dot] for base in bases)


def _history(doings: list[Doing]) -> History:
    making = Making()
    for doing in doings:
        making.do(doing)
    return History(tuple(making.versions), making.known)


HISTORIES = st.lists(DOINGS, min_size=8, max_size=40).map(_history).filter(lambda h: h.versions)


def _met(versions: list[Version]) -> Leaves:
    leaves: Leaves = ()
    for version in versions:
        leaves = meet(leaves, version)
    return leaves


def _true_leaves(history: History) -> Leaves:
    """The versions that no other truly knows."""
    below = {
        dot for version in history.versions for dot in history.known[version.dot] - {version.dot}
    }
    return ordered(version for version in history.versions if version.dot not in below)


@settings(max_examples=300, deadline=None)
@given(HISTORIES, st.integers(0, 2**32))
def test_every_order_gives_the_same_leaves_head_and_conflicts(history: History, seed: int) -> None:
    random = Random(seed)
    due = _true_leaves(history)
    for _order in range(ORDERS):
        versions = list(history.versions)
        random.shuffle(versions)
        leaves = _met(versions)
        assert leaves == due
        assert leaves[0] == max(due, key=rank)
        assert losers(leaves) == losers(due)
        assert mark("task", "x", leaves) == mark("task", "x", reversed(due))


@settings(max_examples=120, deadline=None)
@given(HISTORIES)
def test_children_before_parents_give_the_same(history: History) -> None:
    assert _met([*reversed(history.versions)]) == _true_leaves(history)


@settings(max_examples=120, deadline=None)
@given(HISTORIES)
def test_vectors_and_exceptions_say_exactly_what_was_known(history: History) -> None:
    for version in history.versions:
        said = {other.dot for other in history.versions if other.dot in version.knows}
        assert said == history.known[version.dot]
        assert Knows.parse(str(version.knows)) == version.knows


@settings(max_examples=120, deadline=None)
@given(HISTORIES, st.integers(0, 2**32))
def test_a_version_that_comes_again_changes_nothing(history: History, seed: int) -> None:
    random = Random(seed)
    leaves = _met(list(history.versions))
    for version in random.sample(history.versions, len(history.versions)):
        assert meet(leaves, version) is leaves


@settings(max_examples=120, deadline=None)
@given(HISTORIES, st.integers(0, 2**32))
def test_the_leaves_of_two_halves_meet_as_the_whole_does(history: History, seed: int) -> None:
    random = Random(seed)
    some = [version for version in history.versions if random.random() < 0.5]
    rest = [version for version in history.versions if version not in some]
    leaves = _met(some)
    for leaf in _met(rest):
        leaves = meet(leaves, leaf)
    assert leaves == _true_leaves(history)


@settings(max_examples=120, deadline=None)
@given(HISTORIES)
def test_no_leaf_knows_another_and_each_conflict_says_something_else(history: History) -> None:
    leaves = _true_leaves(history)
    for leaf in leaves:
        assert [other for other in leaves if other.dot in leaf.knows] == [leaf]
    assert all(loser.content != leaves[0].content for loser in losers(leaves))
    parts = [leaves[0], *losers(leaves), *twins(leaves)]
    assert sorted(parts, key=rank, reverse=True) == [*leaves]
    if leaves[0].deleted:
        assert all(leaf.content == DELETED for leaf in leaves)
        assert not losers(leaves)


@settings(max_examples=80, deadline=None)
@given(HISTORIES)
def test_settling_every_loser_leaves_one_version(history: History) -> None:
    leaves = _true_leaves(history)
    dot = Dot("eeeeeeeeee", 1)
    settled = Version(
        dot=dot,
        knows=made_on(dot, leaves, []),
        base=leaves[0].dot,
        rev=99,
        author="e",
        at=0,
        eff=10**12,
        content=leaves[0].content,
    )
    assert meet(leaves, settled) == (settled,)
