"""The small charts: the test of one correction, the Pareto of defects, and the stages of the reaction."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cellctl.errors import Translate, text
from cellctl.model import CurvePoint
from cellctl.report.numbers import milliseconds
from cellctl.report.stages import Stage
from cellctl.report.style import GREY, INK, LIGHT, MARGIN_IN, WIDTH_IN, WRONG, svg

LETTER_IN = 0.085
"""Width of a letter of a class's name, in."""


def draw_test(curve: Sequence[CurvePoint], expect: float, bound: float, say: Translate) -> bytes:
    """The sequential test: it rises with every metre without an object, falls with each, and ends at a bound."""
    figure, axes = _one(2.1)
    metres, ratios = [curve[0].metres], [curve[0].llr]
    for before, point in pairwise(curve):
        fallen = (point.events - before.events) * math.log(expect)
        if fallen:  # the point is kept after its event: show the fall as the vertical line that it is
            metres.append(point.metres)
            ratios.append(point.llr - fallen)
        metres.append(point.metres)
        ratios.append(point.llr)
    axes.plot(metres, ratios, color=INK, linewidth=1.2)
    axes.plot(metres[-1:], ratios[-1:], "o", color=INK if ratios[-1] >= bound else WRONG, markersize=5)
    for level, words, above in (
        (bound, text("it helped").said(say), True),
        (-bound, text("it did not help").said(say), False),
    ):
        axes.axhline(level, color=GREY, linewidth=0.9, linestyle=(0, (6, 3)))
        axes.annotate(words, (0.0, level), (3, 2 if above else -2), xycoords=("axes fraction", "data"),
                      textcoords="offset points", va="bottom" if above else "top", fontsize=8)  # fmt: skip
    axes.axhline(0.0, color=LIGHT, linewidth=0.7)
    axes.set_ylim(min(-1.35 * bound, 1.1 * min(ratios)), max(1.35 * bound, 1.1 * max(ratios)))
    axes.set_xlim(0.0, max(1.02 * metres[-1], 1e-3))
    axes.set_xlabel(text("inspected material made after the move, m").said(say))
    axes.set_ylabel(text("log-likelihood ratio").said(say))
    return svg(figure)


def draw_pareto(counts: Sequence[tuple[str, int]], say: Translate) -> bytes:
    """Objects per class, most frequent first, and the share of the classes so far."""
    figure, axes = _one(0.55 + 0.3 * len(counts))
    total, so_far = sum(count for _, count in counts), 0
    for row, (_, count) in enumerate(counts):
        so_far += count
        axes.barh(row, count, color=LIGHT, edgecolor=GREY, linewidth=0.7, height=0.7)
        words = text("{count}, together {share} %", count=count, share=f"{100 * so_far / total:.0f}").said(say)
        axes.annotate(words, (count, row), (4, 0), textcoords="offset points", va="center", fontsize=8)
    axes.set_yticks(range(len(counts)), [name for name, _ in counts])
    axes.set_ylim(len(counts) - 0.4, -0.6)
    axes.set_xlim(0, 1.3 * counts[0][1])
    axes.set_xlabel(text("objects").said(say))
    left_in = max(1.6, 0.3 + LETTER_IN * max(len(name) for name, _ in counts))
    place = axes.get_position()
    axes.set_position((left_in / WIDTH_IN, place.y0, 1 - (left_in + 0.25) / WIDTH_IN, place.height))
    return svg(figure)


def draw_stages(stages: Sequence[Stage], deadline_ns: float, say: Translate) -> bytes:
    """The median of each stage after the one before, with its longest as a line."""
    figure, axes = _one(0.6 + 0.3 * len(stages))
    begin = farthest = 0.0
    for place, stage in enumerate(stages):
        width = stage.median_ns / 1e6
        axes.barh(place, width, left=begin, color=LIGHT, edgecolor=INK, linewidth=0.7, height=0.6)
        longest = begin + stage.longest_ns / 1e6
        axes.plot([begin + width, longest], [place, place], color=INK, linewidth=0.9)
        axes.plot([longest], [place], "|", color=INK, markersize=7)
        axes.annotate(milliseconds(stage.median_ns), (longest, place), (6, 0), textcoords="offset points",
                      va="center", fontsize=8)  # fmt: skip
        begin, farthest = begin + width, max(farthest, longest)
    axes.set_xlim(0.0, 1.15 * max(farthest, 1.0))
    if 0.0 < deadline_ns / 1e6 < 1.15 * farthest:
        axes.axvline(deadline_ns / 1e6, color=INK, linewidth=0.9, linestyle=(0, (6, 3)))
        axes.annotate(text("deadline of the first increment").said(say), (deadline_ns / 1e6, -0.6), (3, 0),
                      textcoords="offset points", va="top", fontsize=8)  # fmt: skip
    axes.set_yticks(range(len(stages)), [stage.name.said(say) for stage in stages])
    axes.set_ylim(len(stages) - 0.4, -0.6)
    axes.set_xlabel(text("after exposure, ms").said(say))
    axes.set_position((2.35 / WIDTH_IN, axes.get_position().y0, 1 - 2.6 / WIDTH_IN, axes.get_position().height))
    return svg(figure)


def _one(panel_in: float) -> tuple[Figure, Axes]:
    height = panel_in + 0.65
    figure = Figure(figsize=(WIDTH_IN, height))
    box = (MARGIN_IN / WIDTH_IN, 0.5 / height, 1.0 - (MARGIN_IN + 0.25) / WIDTH_IN, panel_in / height)
    return figure, figure.add_axes(box)
