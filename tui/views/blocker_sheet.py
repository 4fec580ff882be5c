"""One blocker in full, as lines: its steps, what is next, the clock, what it says and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from schema.rules.answers import LEVELS, STEPS
from schema.rules.truth import at
from schema.wording import N_, _
from syncd.store.blockers import Detail, Step
from syncd.store.reckoning import Reckoning
from syncd.store.steps import Around
from tui.next_step import Next
from tui.palette import Marks
from tui.views.blocker_rows import answer_words
from tui.views.step_lines import LABELS as STEP_LABELS
from tui.views.step_lines import effects, first_said, next_lines, outcome_lines
from tui.widgets.countdown import card_countdown
from tui.widgets.sheet import Line, Piece, RuleOf, folded, labelled
from tui.width import cut, width

DONE = Marks().done
LABELS = (
    N_("Why stuck"),
    N_("Frees it"),
    N_("Phenomenon"),
    N_("Essence"),
    N_("Effect"),
    N_("Cause"),
)


class Seen(NamedTuple):
    """A blocker as it was read: what points at it, what is next, and how the moment reckons.

    `labels` are the shown names of departments; `joined` whether there is a hub.
    """

    told: Detail
    around: Around
    next: Next | None
    by: Reckoning
    labels: Mapping[str, str]
    joined: bool


def sheet_lines(seen: Seen, now: int, cells: int) -> list[Line]:
    """All of a blocker in so many cells; `now` in microseconds."""
    told, around, zone = seen.told, seen.around, seen.by.moment.zone
    stuck = told.stuck
    value = max(10, 1 + max(width(_(label)) for label in (*LABELS, *STEP_LABELS)))
    awaited = stuck.asked if not stuck.answered else ()
    lines: list[Line] = [
        *_head(seen, cells),
        [],
        *_step_lines(told.steps, cells, now, zone),
        [],
        *_and_blank(next_lines(seen.next, awaited, value, cells)),
        *_clock(told, now, zone, value, cells),
        *_said(seen, value, cells),
        *outcome_lines(around, seen.by, seen.labels, value, cells),
        *_held(told, seen.by.today, value, cells),
        *_talk(told, now, zone, value, cells),
    ]
    return lines


def _and_blank(lines: list[Line]) -> list[Line]:
    return [*lines, []] if lines else []


def _head(seen: Seen, cells: int) -> list[Line]:
    stuck, round = seen.told.stuck, seen.around.round
    facts = [
        _("raised by {department}", department=stuck.raised_by) if stuck.raised_by else "",
        _("answers: {departments}", departments=_(", ").join(stuck.asked) or _("nobody yet")),
        _("level: {level}", level=_(LEVELS[stuck.shown.level])) if stuck.shown.level else "",
        _("round {n}", n=round) if round > 1 else "",
    ]
    number = stuck.number or (_("no number") if seen.joined else "")
    return [
        [Piece(0, stuck.title, bold=True), Piece(cells, number, "faint", right=True)],
        [Piece(0, "   ".join(filter(None, facts)), "muted")],
    ]


def _said(seen: Seen, x: int, cells: int) -> list[Line]:
    """What it says, and what was first said where that is something else."""
    told, body = seen.told, seen.around.body
    texts = (
        ("", told.why),
        ("", told.unblock),
        ("phenomenon", told.phenomenon),
        ("essence", told.essence),
        ("effect", effects(told.effect)),
        ("", _(", ").join(told.attributed)),
    )
    lines: list[Line] = []
    for label, (field, text) in zip(LABELS, texts, strict=True):
        if text:
            lines += labelled(_(label), folded(x, text, cells - x))
        lines += first_said(body, field, text, x, cells)
    return lines


def _held(told: Detail, day: date, x: int, cells: int) -> list[Line]:
    lines: list[Line] = [[]] if told.held else []
    for place, each in enumerate(told.held):
        urgent = each.shown.light if each.shown.light in ("red", "yellow") else "muted"
        left = card_countdown(each.shown, each.due, day)
        lines.append(
            [
                Piece(0, "" if place else _("Stuck"), "faint"),
                Piece(x, each.number.rpartition("-")[2], "faint"),
                Piece(x + 4, each.title),
                Piece(cells, left, urgent or "muted", right=True),
            ]
        )
    return lines


def _talk(told: Detail, now: int, zone: str, x: int, cells: int) -> list[Line]:
    lines: list[Line] = [[]] if told.talk else []
    for place, word_of in enumerate(told.talk):
        said = folded(x + 16, word_of.text, cells - x - 16)
        head_line: list[Piece | RuleOf] = [
            Piece(0, "" if place else _("Said"), "faint"),
            Piece(x, at(word_of.at, now, zone)[-5:], "faint"),
            Piece(x + 7, cut(word_of.author, 8), "muted"),
        ]
        lines += [[*head_line, *said[0]], *said[1:]]
    return lines


def _clock(told: Detail, now: int, zone: str, x: int, cells: int) -> list[Line]:
    clock = told.clock
    if clock is None or told.stuck.answered or told.stuck.state != "open":
        return []
    share = min(max((now - clock.began) / max(clock.ends - clock.began, 1), 0), 1)
    used = round((cells - x) * share)
    light = told.stuck.shown.light or "muted"
    until = _("until {time}", time=at(clock.ends, now, zone))
    return [
        [
            Piece(0, _("Answer"), "faint"),
            Piece(x, answer_words(told.stuck, now), light, bold=True),
            Piece(cells, until, "muted", right=True),
        ],
        [RuleOf(x, used, light, heavy=True), RuleOf(x + used, cells - x - used)],
        *folded(x, told.why_clock, cells - x, "faint"),
        [],
    ]


def _step_lines(steps: Sequence[Step], cells: int, now: int, zone: str) -> list[Line]:
    """The six steps as equal bars, under them their names, and when they were done."""
    size = cells // len(STEPS)
    bars: list[Piece | RuleOf] = []
    names: list[Piece | RuleOf] = []
    times: list[Piece | RuleOf] = []
    for step in steps:
        x = (step.step - 1) * size
        role = "muted" if step.done else "accent" if step.now else "line"
        bars.append(RuleOf(x, size - 1, role, heavy=step.done or step.now))
        if step.done:
            names.append(Piece(x, cut(f"{DONE} {_(step.label)}", size - 1), "muted"))
        else:
            role = "text" if step.now else "faint"
            words = cut(f"{step.step} {_(step.label)}", size - 1)
            names.append(Piece(x, words, role, bold=step.now))
        if step.done and step.done_at is not None:
            times.append(Piece(x, at(step.done_at, now, zone), "faint"))
        elif step.now:
            times.append(Piece(x, _("now"), "accent"))
    return [bars, names, times]
