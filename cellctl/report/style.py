"""How charts look: grey where all is normal, one colour for what is not, and nothing that only colour tells.

matplotlib is imported here and in the files of charts alone, so that nothing else of cellctl waits for it.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

INK, GREY, LIGHT, PALE = "#2f3336", "#7d8388", "#c9cdd0", "#eceeef"
WRONG = "#b3261e"
"""For what a person should look at; always with another mark, because paper is grey."""
ON_TOP: dict[str, Any] = {"boxstyle": "square,pad=0.05", "facecolor": "white", "edgecolor": "none", "alpha": 0.8}
"""Under words, so that what lies below does not run through them."""
WIDTH_IN = 8.0
MARGIN_IN = 0.75
"""Left of every chart, so that all metres of a page lie below each other."""

STYLE: dict[str, Any] = {
    "font.family": ["DejaVu Sans"],
    "font.size": 9,
    "text.color": INK,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.titlesize": 9,
    "axes.titlelocation": "left",
    "axes.titley": 1.0,  # said, so that matplotlib does not measure every label to find it
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.linewidth": 0.7,
    "xtick.color": INK,
    "ytick.color": INK,
    "hatch.color": LIGHT,
    "hatch.linewidth": 0.6,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "svg.fonttype": "none",
    "svg.hashsalt": "cellctl",
    "path.simplify": True,
}
FONTS = "'DejaVu Sans', 'Segoe UI', Helvetica, Arial, 'Noto Sans CJK SC', 'Microsoft YaHei', sans-serif"
"""Put in place of the one font that the widths were measured with, for readers that do not have it."""


def styled() -> AbstractContextManager[None]:
    """Draw with this style, whatever else the process does with matplotlib."""
    settings: dict[Any, Any] = {**mpl.rcParamsDefault, **STYLE, "backend": "agg"}
    return mpl.rc_context(settings)


def stacked(panels: int, panel_in: float, *, legend_in: float = 0.35) -> tuple[Figure, list[Axes]]:
    """Panels one below the other over one axis of metres, with room for a legend at the foot."""
    foot, gap, head = 0.5 + legend_in, 0.34, 0.3
    height = head + panels * panel_in + (panels - 1) * gap + foot
    figure = Figure(figsize=(WIDTH_IN, height))
    axes = []
    for number in range(panels):
        bottom = height - head - (number + 1) * panel_in - number * gap
        box = (MARGIN_IN / WIDTH_IN, bottom / height, 1.0 - (MARGIN_IN + 0.25) / WIDTH_IN, panel_in / height)
        axes.append(figure.add_axes(box))
    return figure, axes


def legend(figure: Figure, axes: Axes, columns: int = 4) -> None:
    """All marks of one panel, explained at the foot."""
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc="lower center", ncols=columns, handlelength=1.8, columnspacing=1.4,
                  borderaxespad=0.1)  # fmt: skip


def same_metres(axes: Sequence[Axes], low: float, high: float, label: str) -> None:
    """One range for all panels; the axis is named under the last."""
    margin = 0.01 * max(high - low, 1e-9)
    for each in axes:
        each.set_xlim(low - margin, high + margin)
        each.tick_params(labelbottom=each is axes[-1])
    axes[-1].set_xlabel(label)


def svg(figure: Figure) -> bytes:
    """The figure as SVG: the same bytes for the same figure, without anything about who drew it and when."""
    buffer = io.StringIO()
    nothing: Any = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    canvas: Any = FigureCanvasSVG(figure)
    with warnings.catch_warnings():  # words stay words in the file: the reader's font has the glyphs
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        canvas.print_svg(buffer, metadata=nothing)
    return buffer.getvalue().replace("'DejaVu Sans'", FONTS).encode()
