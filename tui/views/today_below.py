"""What stands under both lists of Today: the lights of the departments, and what came since one looked last."""

from __future__ import annotations

from collections.abc import Sequence

from schema.rules.truth import at
from schema.wording import _, n_
from syncd.store.lights import Light
from syncd.store.news import Changes, News
from tui.cli.today import what_changed
from tui.widgets.countdown import LIGHTS
from tui.widgets.sheet import Line, Piece
from tui.width import cut, width
from tui.workspace import Workspace

NAME = 16  # cells of a department's name


def light_lines(all_lit: Sequence[Light], cells: int, *, brief: bool) -> list[Line]:
    """The red and yellow departments a line each with why, the green ones together."""
    # What names no department is said only where something is wrong with it.
    lit = [each for each in all_lit if each.department or each.light != "green"]
    if not lit:
        return []
    x = 2 if brief else 3
    heading = _("Lights")
    count = n_("{n} department", "{n} departments", len(lit))
    lines: list[Line] = [
        [Piece(x, heading, bold=True), Piece(x + width(heading) + 2, count, "muted")]
    ]
    words = max(width(_(word)) for word in LIGHTS.values())
    room = cells - x - 2
    urgent = [each for each in lit if each.light in ("red", "yellow")]
    names = [cut(each.label or _("no department"), NAME) for each in urgent]
    begin = x + words + 2
    after = begin + max([8, *map(width, names)]) + 2
    for each, name in zip(urgent, names, strict=True):
        lines.append(
            [
                Piece(x, _(LIGHTS[each.light]), each.light),
                Piece(begin, name),
                Piece(after, cut(each.why, room - after + x), "muted"),
            ]
        )
    green = [each.label for each in lit if each.light == "green"]
    if green:
        told = cut("  ".join(green), room - words - 2)
        lines.append([Piece(x, _(LIGHTS["green"]), "green"), Piece(x + words + 2, told, "muted")])
    return lines


def news_lines(news: Changes, cells: int, workspace: Workspace) -> list[Line]:
    """What others changed, the newest first, under a blank and a heading; none where nothing came."""
    if not news.total:
        return []
    heading = _("Since you looked last")
    n, shown = news.total, len(news.newest)
    count = (
        n_("{n} change", "{n} changes", n)
        if n == shown
        else _("{n} changes, {shown} shown", n=n, shown=shown)
    )
    head: Line = [Piece(3, heading, bold=True), Piece(5 + width(heading), count, "muted")]
    return [[], head, *(_news_line(each, cells - 6, workspace) for each in news.newest)]


def _news_line(news: News, cells: int, workspace: Workspace) -> Line:
    when = at(news.at, workspace.now(), workspace.setting.zone)
    return [
        Piece(3, cut(when, 11), "faint"),
        Piece(15, cut(news.department, 8), "muted"),
        Piece(25, cut(news.author, 12), "faint"),
        Piece(39, cut(news.title or news.number, 28)),
        Piece(69, cut(what_changed(news), cells - 66), "muted"),
    ]
