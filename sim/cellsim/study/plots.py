"""Plots of the studies: grey, with colour only for what must not be, or for what the cell itself did."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt  # the backend is chosen first
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cellsim.study.rows import Row

GREY, LIGHT, DARK, CELL, WRONG = "#8a8f94", "#d5d8db", "#3d4246", "#1f6f8b", "#b5482f"
STYLE: Any = {
    "font.size": 9,
    "axes.edgecolor": GREY,
    "axes.labelcolor": DARK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "xtick.color": DARK,
    "ytick.color": DARK,
    "svg.hashsalt": "cellctl",
    "savefig.bbox": "tight",
}
Draw = Callable[[Axes, Sequence[Row]], None]


def draw_all(folder: Path, rows: Sequence[Row]) -> list[Path]:
    """Draw every plot that the rows are enough for, as SVG and PNG; returns the SVG files."""
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    with mpl.rc_context(STYLE):
        for name, (studies, draw) in PLOTS.items():
            chosen = [row for row in rows if row.study in studies]
            if chosen:
                found.append(_save(folder / name, draw, chosen))
    return found


def _save(path: Path, draw: Draw, rows: Sequence[Row]) -> Path:
    figure: Figure
    figure, axes = plt.subplots(figsize=(6.0, 3.2))
    draw(axes, rows)
    figure.savefig(path.with_suffix(".svg"), metadata={"Date": None}, bbox_inches="tight")
    figure.savefig(path.with_suffix(".png"), dpi=120, bbox_inches="tight")
    plt.close(figure)
    return path.with_suffix(".svg")


def _point(axes: Axes, x: float, row: Row, colour: str, marker: str = "o") -> None:
    """A figure with its interval."""
    low, high = row.ci95 if row.ci95 is not None else (row.value, row.value)
    bars = [[max(0.0, row.value - low)], [max(0.0, high - row.value)]]
    axes.errorbar([x], [row.value], yerr=bars, color=colour, marker=marker, markersize=5, capsize=2, linewidth=1.2)


def _line(axes: Axes, value: float, text: str) -> None:
    axes.axhline(value, color=DARK, linewidth=0.8, linestyle=(0, (4, 3)))
    place = (1.01, value)
    axes.annotate(text, place, xycoords=("axes fraction", "data"), ha="left", va="center", color=DARK, fontsize=8)


def _sham(axes: Axes, rows: Sequence[Row]) -> None:
    """EFFECTIVE and PROVEN although nothing moved, per stratum and rate."""
    kept = [row for row in rows if "classifier" not in row.case]
    strata = list(dict.fromkeys(row.case["stratum"] for row in kept))
    for place, stratum in enumerate(strata):
        for row in (row for row in kept if row.case["stratum"] == stratum):
            shift = {0.2: -0.24, 0.3: 0.0, 0.5: 0.24}.get(row.case["rate_per_m"], 0.0)
            if row.control:
                _point(axes, place + shift, row, WRONG, "x")
            elif row.figure.startswith("PROVEN"):
                _point(axes, place + shift + 0.06, row, CELL, "s")
            else:
                _point(axes, place + shift - 0.06, row, GREY)
    _line(axes, 0.10, "EFFECTIVE, fault\npersists: at most 10 %")
    _line(axes, 0.03, "PROVEN: at most 3 %")
    axes.set_xticks(range(len(strata)), [stratum.replace(", ", ",\n") for stratum in strata])
    axes.set_ylabel("share of sham corrections")
    axes.set_title("Actuator disconnected: EFFECTIVE (grey), PROVEN (blue), naive baseline (red)", fontsize=9)


def _power(axes: Axes, rows: Sequence[Row]) -> None:
    """EFFECTIVE when the rate truly fell."""
    labels = []
    for place, row in enumerate(rows):
        _point(axes, place, row, WRONG if row.control else CELL if row.case["ratio"] < 0.2 else GREY)
        far = "\n40 m" + (", no wait" if row.control else "") if row.case["camera_m"] > 10.0 else ""
        labels.append(f"{row.case['rate_per_m']:g}/m\nto {row.case['ratio']:.0%}{far}")
    _line(axes, 0.80, "at least 80 %")
    _line(axes, 0.97, "at least 97 %\n(efficacy 0.9)")
    axes.set_xticks(range(len(rows)), labels, fontsize=7)
    axes.set_ylim(0.0, 1.05)
    axes.set_ylabel("share EFFECTIVE")


def _recurrence(axes: Axes, rows: Sequence[Row]) -> None:
    """R over life and rate; marker: released or kept."""
    for row in (row for row in rows if not row.control):
        shift = {0.2: -0.2, 0.3: 0.0, 0.5: 0.2}.get(row.case["rate_per_m"], 0.0)
        place = {60.0: 0, 300.0: 1, 600.0: 2}[row.case["life_s"]]
        released = row.case["correction"] == "released"
        _point(axes, place + shift + (0.03 if released else -0.03), row, CELL if released else GREY)
    axes.set_xticks(range(3), ["60 s", "300 s", "600 s"])
    axes.set_xlabel("mean life of the fault (each: 0.2, 0.3, 0.5 per metre)")
    axes.set_ylabel("recurrence reduction R")
    axes.set_title("With release (blue), corrections that stay (grey)", fontsize=9)


_BARS = {
    "recurrence reduction R": ("the cell", CELL),
    "R of an oracle with the same dead time": ("oracle,\nsame dead\ntime", GREY),
    "R of an oracle that needs no detection": ("oracle,\nno detection", GREY),
    "R of a constant offset without a loop": ("constant offset,\nno loop", LIGHT),
    "recurrence reduction R, sure classifier": ("the cell, sure\nclassifier", GREY),
}


def _headline(axes: Axes, rows: Sequence[Row]) -> None:
    """The cell beside what it is held against."""
    bars = [row for row in rows if row.figure in _BARS]
    labels = []
    for place, row in enumerate(bars):
        label, colour = ("actuator\ndisconnected", WRONG) if row.control else _BARS[row.figure]
        labels.append(label)
        axes.bar([place], [row.value], color=colour, width=0.6)
        _point(axes, place, row, DARK, "")
    _line(axes, 0.76, "at least 0.76 (95 % bound)")
    axes.set_xticks(range(len(bars)), labels, fontsize=7)
    axes.set_ylabel("recurrence reduction R")


def _control(axes: Axes, rows: Sequence[Row]) -> None:
    """Variance over the bound, per law."""
    labels = []
    for place, row in enumerate(rows):
        _point(axes, place, row, WRONG if row.control else CELL)
        labels.append(f"{row.case.get('loop', '')} {row.case.get('law', '')}, {row.case.get('tau_s', 0):g} s")
    _line(axes, 1.0, "the smallest variance\nthe dead time allows")
    axes.set_xticks(range(len(rows)), labels, fontsize=6, rotation=90)
    axes.set_yscale("log")
    axes.set_ylabel("film variance / bound")


PLOTS: dict[str, tuple[frozenset[str], Draw]] = {
    "headline": (frozenset({"headline"}), _headline),
    "sham": (frozenset({"sham"}), _sham),
    "power": (frozenset({"power"}), _power),
    "recurrence": (frozenset({"recurrence"}), _recurrence),
    "control": (frozenset({"control"}), _control),
}
"""File name → the studies it needs and how it is drawn."""
