"""Defect rate over metres: what came, when the cell moved, what the test counted, and when the move was taken back."""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.axes import Axes

from cellctl.errors import Translate, text
from cellctl.report.numbers import rate
from cellctl.report.rates import Move, RatePanel
from cellctl.report.style import GREY, INK, LIGHT, ON_TOP, PALE, WRONG, legend, same_metres, stacked, svg

NEAR = 0.03
"""Share of the width within which a second number would lie on the first."""
ROOM = 1.25
"""Above the highest rate, for the numbers of the moves."""


def draw_rates(panels: Sequence[RatePanel], low: float, high: float, say: Translate, *, advised: bool = False) -> bytes:
    """One panel per class and edge, over the same metres `low` … `high`; `advised` moves were not made."""
    figure, axes = stacked(len(panels), 1.25, legend_in=0.55)
    for panel, each in zip(panels, axes, strict=True):
        _panel(panel, each, high - low, say, advised=advised)
    same_metres(axes, low, high, text("material, m").said(say))
    explain = _advised_legend if advised else _legend if any(panel.moves for panel in panels) else _seen_legend
    explain(axes[0], say)
    legend(figure, axes[0])
    return svg(figure)


def _panel(panel: RatePanel, axes: Axes, width: float, say: Translate, *, advised: bool) -> None:
    highest = max([it for it in (*panel.rates, panel.alarm) if math.isfinite(it)], default=0.0)
    top = ROOM * highest if highest > 0.0 else 1.0
    axes.set_ylim(-0.14 * top, top)
    axes.set_title(subject(panel.defect, panel.side, say))
    axes.set_ylabel(text("objects /m").said(say))
    axes.stairs(panel.rates, panel.edges_m, fill=True, color=LIGHT, alpha=0.7, zorder=1)
    axes.stairs(panel.rates, panel.edges_m, color=INK, linewidth=0.9, zorder=3)
    if math.isfinite(panel.alarm):
        axes.axhline(panel.alarm, color=INK, linewidth=0.8, linestyle=(0, (6, 3)), zorder=2)
        axes.annotate(text("alarm {rate}", rate=rate(panel.alarm)).said(say), (1.0, panel.alarm), (0, 2),
                      xycoords=("axes fraction", "data"), textcoords="offset points", ha="right", fontsize=8,
                      zorder=5, bbox=ON_TOP)  # fmt: skip
    axes.plot(panel.counted_m, [-0.07 * top] * len(panel.counted_m), "|", color=INK, markersize=5, zorder=3)
    axes.plot(panel.unsure_m, [-0.07 * top] * len(panel.unsure_m), ".", color=GREY, markersize=3, zorder=3)
    labelled = -math.inf
    for move in panel.moves:
        labelled = _move(move, axes, width, labelled, advised=advised)


def _move(move: Move, axes: Axes, width: float, labelled: float, *, advised: bool) -> float:
    """Draw one correction; returns where the last number stands."""
    top = axes.get_ylim()[1]
    if move.tested_m is not None:
        axes.axvspan(*move.tested_m, facecolor=PALE, edgecolor=GREY, hatch="////", linewidth=0.3, zorder=0)
    if move.watched_m is not None:
        axes.axvspan(*move.watched_m, facecolor="none", edgecolor=GREY, hatch="....", linewidth=0.3, zorder=0)
    if move.released_m is not None:
        axes.axvline(move.released_m, color=INK, linewidth=0.9, linestyle=(0, (1, 1.5)), zorder=4)
    if move.at_m is None:
        return labelled
    style = (0, (4, 2)) if advised else "solid"
    axes.axvline(move.at_m, color=INK if move.helped else WRONG, linewidth=1.1, linestyle=style, zorder=4)
    if move.helped and move.at_m - labelled < NEAR * width:
        return labelled
    axes.annotate(f"{move.number}" if move.helped else f"{move.number} ×", (move.at_m, top), (3, -1),
                  textcoords="offset points", va="top", fontsize=8, zorder=5, bbox=ON_TOP,
                  color=INK if move.helped else WRONG)  # fmt: skip
    return move.at_m


def _seen_legend(axes: Axes, say: Translate) -> list[float]:
    """Every mark once, drawn with nothing, so that the legend is the same whatever happened."""
    nowhere = [math.nan]
    axes.plot(nowhere, nowhere, color=INK, linewidth=0.9, label=text("rate of the objects that count").said(say))
    axes.plot(nowhere, nowhere, "|", color=INK, markersize=6, linestyle="none", label=text("object").said(say))
    axes.plot(nowhere, nowhere, ".", color=GREY, linestyle="none", label=text("unsure object").said(say))
    return nowhere


def _advised_legend(axes: Axes, say: Translate) -> None:
    nowhere = _seen_legend(axes, say)
    axes.plot(
        nowhere, nowhere, color=INK, linewidth=1.1, linestyle=(0, (4, 2)), label=text("advice, by number").said(say)
    )


def _legend(axes: Axes, say: Translate) -> None:
    nowhere = _seen_legend(axes, say)
    axes.plot(nowhere, nowhere, color=INK, linewidth=1.1, label=text("move in force, by number").said(say))
    axes.plot(nowhere, nowhere, color=WRONG, linewidth=1.1, label=text("× move that did not help").said(say))
    axes.plot(nowhere, nowhere, color=INK, linestyle=(0, (1, 1.5)), label=text("taken back").said(say))
    axes.fill_between(nowhere, nowhere, facecolor=PALE, edgecolor=GREY, hatch="////", label=text("tested").said(say))
    axes.fill_between(
        nowhere, nowhere, facecolor="none", edgecolor=GREY, hatch="....", label=text("watched after it").said(say)
    )


def subject(defect: str, side: str, say: Translate) -> str:
    """A class, and its coated edge when it has one."""
    edges = {"left": text("{defect}, left edge", defect=defect), "right": text("{defect}, right edge", defect=defect)}
    return edges[side].said(say) if side in edges else defect
