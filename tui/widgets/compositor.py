"""Putting the screen together so that what lies over two panes keeps its wide characters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from textual._compositor import Compositor
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets._toast import Toast

_NOTHING = Strip([], 0)


class WholeToasts(Compositor):
    """Draws each line of a toast in one piece.

    Textual cuts whatever it draws at the edges of all that lies below, and a wide character that
    such an edge would halve becomes two blanks.
    """

    def _toasts(self) -> Iterator[tuple[Widget, Region]]:
        for widget, (region, clip) in self.visible_widgets.items():
            if isinstance(widget, Toast) and clip.contains_region(region):
                yield widget, region

    def _render_chops(
        self, crop: Region, is_rendered_line: Callable[[int], bool]
    ) -> Sequence[Mapping[int, Strip]]:
        drawn = super()._render_chops(crop, is_rendered_line)
        toasts = list(self._toasts())
        if not toasts:
            return drawn
        lines = [dict(line) for line in drawn]
        for toast, region in toasts:
            strips = toast.render_lines(region.size.region)
            for y, strip in zip(region.line_range, strips, strict=True):
                if is_rendered_line(y):
                    under = {x: _NOTHING for x in lines[y] if x in region.column_range}
                    lines[y] |= under | {region.x: strip}
        return lines
