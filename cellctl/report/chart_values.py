"""Set-points and measured values over metres."""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.axes import Axes

from cellctl.errors import Translate, text
from cellctl.model import Kind
from cellctl.report.style import GREY, INK, LIGHT, PALE, WRONG, legend, same_metres, stacked, svg
from cellctl.report.traces import Measured, Trace

MARKS: dict[str, tuple[str, str, bool]] = {
    Kind.STEP: ("^", INK, True),
    Kind.RELEASE: ("D", INK, False),
    Kind.ROLLBACK: ("v", WRONG, True),
    Kind.RETURN: ("<", GREY, False),
}
"""Kind of move → marker, colour, filled."""


def draw_setpoints(traces: Sequence[Trace], low: float, high: float, axis: str, say: Translate) -> bytes:
    """One panel per set-point: what was asked for, what was in force, and how far it might go."""
    figure, axes = stacked(len(traces), 0.95, legend_in=0.4)
    for trace, each in zip(traces, axes, strict=True):
        _setpoint(trace, each)
    same_metres(axes, low, high, axis)
    legend(figure, _legend_of(axes[0], say), columns=4)
    return svg(figure)


def draw_measured(values: Sequence[Measured], low: float, high: float, axis: str, say: Translate) -> bytes:
    """One panel per value; a characteristic with its target and tolerance."""
    has_target = any(it.characteristic is not None for it in values)
    figure, axes = stacked(len(values), 0.95, legend_in=0.2 if has_target else 0.0)
    for value, each in zip(values, axes, strict=True):
        _measured(value, each)
    same_metres(axes, low, high, axis)
    if has_target:
        nowhere = [math.nan]
        axes[0].plot(nowhere, nowhere, color=INK, linewidth=0.9, label=text("measured").said(say))
        axes[0].plot(nowhere, nowhere, color=GREY, linewidth=0.9, linestyle=(0, (6, 3)), label=text("target").said(say))
        axes[0].fill_between(nowhere, nowhere, facecolor=PALE, edgecolor=LIGHT, label=text("tolerance").said(say))
        legend(figure, axes[0])
    return svg(figure)


def _setpoint(trace: Trace, axes: Axes) -> None:
    point = trace.setpoint
    room = 0.08 * (point.maximum - point.minimum) or 1.0
    axes.set_ylim(point.minimum - room, point.maximum + room)
    axes.set_title(point.tag)
    axes.set_ylabel(point.unit)
    for limit in (point.minimum, point.maximum):
        axes.axhline(limit, color=GREY, linewidth=0.8, zorder=1)
    axes.axhline(point.recipe, color=GREY, linewidth=0.8, linestyle=(0, (1, 2)), zorder=1)
    if trace.in_force:
        axes.step(*zip(*trace.in_force, strict=True), where="post", color=INK, linewidth=1.1, zorder=3)
    for kind, (marker, colour, filled) in MARKS.items():
        points = [(at_m, target) for at_m, target, of in trace.asked if of == kind]
        if points:
            axes.plot(*zip(*points, strict=True), marker, color=colour, markersize=4.5, linestyle="none", zorder=4,
                      markerfacecolor=colour if filled else "white")  # fmt: skip
    if trace.refused:
        axes.plot(*zip(*trace.refused, strict=True), "x", color=WRONG, markersize=6, linestyle="none", zorder=5)


def _legend_of(axes: Axes, say: Translate) -> Axes:
    nowhere = [math.nan]
    axes.plot(nowhere, nowhere, color=INK, linewidth=1.1, label=text("in force").said(say))
    axes.plot(nowhere, nowhere, color=GREY, linewidth=0.8, label=text("limits of the envelope").said(say))
    axes.plot(nowhere, nowhere, color=GREY, linewidth=0.8, linestyle=(0, (1, 2)), label=text("recipe").said(say))
    words = {
        Kind.STEP: text("correction asked for"),
        Kind.RELEASE: text("taken back"),
        Kind.ROLLBACK: text("rolled back"),
        Kind.RETURN: text("end of a pulse"),
    }
    for kind, (marker, colour, filled) in MARKS.items():
        axes.plot(nowhere, nowhere, marker, color=colour, markersize=4.5, linestyle="none",
                  markerfacecolor=colour if filled else "white", label=words[Kind(kind)].said(say))  # fmt: skip
    axes.plot(nowhere, nowhere, "x", color=WRONG, linestyle="none", label=text("refused or not confirmed").said(say))
    return axes


def _measured(value: Measured, axes: Axes) -> None:
    axes.plot(*zip(*value.points, strict=True), color=INK, linewidth=0.9, zorder=3)
    axes.set_ylabel(value.unit)
    it = value.characteristic
    axes.set_title(value.tag if it is None else f"{it.name} ({it.tag})")
    if it is not None:
        axes.axhspan(it.target - it.tolerance, it.target + it.tolerance, facecolor=PALE, edgecolor=LIGHT, zorder=0)
        axes.axhline(it.target, color=GREY, linewidth=0.9, linestyle=(0, (6, 3)), zorder=1)
