"""Features of vibration over the windows, with their limits."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from matplotlib.axes import Axes

from cellctl.errors import Translate, text
from cellctl.report.numbers import value
from cellctl.report.style import GREY, INK, ON_TOP, WRONG, same_metres, stacked, svg


class Panel(msgspec.Struct, frozen=True):
    """One feature of one sensor: (window, value), its limit, and the windows that could not be judged."""

    title: str
    unit: str
    points: tuple[tuple[int, float], ...]
    limit: float | None
    unjudged: tuple[int, ...]


def draw_windows(panels: Sequence[Panel], say: Translate) -> bytes:
    """One panel per feature, over the same windows."""
    figure, axes = stacked(len(panels), 0.95, legend_in=0.0)
    places = [at for panel in panels for at in (*(at for at, _ in panel.points), *panel.unjudged)]
    for panel, each in zip(panels, axes, strict=True):
        _panel(panel, each, say)
    same_metres(axes, min(places), max(places), text("window, by its number").said(say))
    return svg(figure)


def _panel(panel: Panel, axes: Axes, say: Translate) -> None:
    axes.set_title(panel.title)
    axes.set_ylabel(panel.unit)
    limit = panel.limit if panel.limit is not None else float("inf")
    for points, marker, colour in (
        ([it for it in panel.points if it[1] <= limit], ".", INK),
        ([it for it in panel.points if it[1] > limit], "x", WRONG),
    ):
        if points:
            axes.plot(*zip(*points, strict=True), marker, color=colour, markersize=4, linestyle="none")
    top = 1.15 * max([it for _, it in panel.points] + ([panel.limit] if panel.limit is not None else []), default=1.0)
    axes.set_ylim(-0.12 * top, top)
    axes.plot(panel.unjudged, [-0.06 * top] * len(panel.unjudged), "|", color=GREY, markersize=5, linestyle="none")
    if panel.limit is not None:
        axes.axhline(panel.limit, color=INK, linewidth=0.8, linestyle=(0, (6, 3)))
        words = text("limit {limit}", limit=value(panel.limit, panel.unit)).said(say)
        axes.annotate(words, (1.0, panel.limit), (0, 2), xycoords=("axes fraction", "data"),
                      textcoords="offset points", ha="right", fontsize=8,
                      bbox=ON_TOP, zorder=5)  # fmt: skip
