"""Objects on the web: what the plant makes, the camera sees and the truth file lists."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cellctl.model.web import Side
from cellsim.render.field import COLUMN_MM, LEFT_EDGE_MM, RIGHT_EDGE_MM

DEFECTS = ("coat_edge_spur", "streak", "agglomerate")
"""True defects."""
HARMLESS = ("dust", "blotch")
"""What a classifier must learn to pass over: dust specks and faint texture blotches."""


@dataclass(frozen=True)
class WebObject:
    """One object, in material coordinates.

    Attributes:
        defect: one of `DEFECTS` or `HARMLESS`.
        side: the coated edge it belongs to, or none.
        from_mm: material position of its first line.
        length_mm: extent along the web.
        y_mm: centre across the web, mm from the left rim of the field.
        width_mm: extent across the web; for a spur its reach beyond the coated edge.
        seed: decides everything else about its looks.
    """

    defect: str
    side: Side
    from_mm: float
    length_mm: float
    y_mm: float
    width_mm: float
    seed: int

    @property
    def to_mm(self) -> float:
        """Material position behind its last line."""
        return self.from_mm + self.length_mm

    @property
    def centre_mm(self) -> float:
        """Material position of its middle."""
        return self.from_mm + self.length_mm / 2


_SIZES: dict[str, tuple[tuple[float, float], tuple[float, float]]] = {
    # (length along the web, width across it), mm; uniform except the streak's length, which is log-uniform
    "coat_edge_spur": ((2.0, 12.0), (1.0, 4.0)),
    "streak": ((200.0, 2000.0), (0.6, 1.5)),
    "agglomerate": ((0.8, 3.0), (0.8, 3.0)),
    "dust": ((0.1, 0.4), (0.3, 0.6)),
    "blotch": ((5.0, 20.0), (6.0, 30.0)),
}
_MARGIN_MM = 12.0
"""Objects in the coated area keep this distance from the coated edges, mm."""


def draw_object(
    defect: str, s_mm: float, rng: np.random.Generator, *, side: Side = Side.NONE, y_mm: float | None = None
) -> WebObject:
    """Draw an object of random size; a streak begins at `s_mm`, everything else is centred on it.

    Args:
        defect: one of `DEFECTS` or `HARMLESS`.
        s_mm: material position.
        rng: source of its size, place and looks.
        side: the coated edge of a spur (drawn when none is given); ignored for other classes.
        y_mm: centre across the web; drawn when not given, decided by the side for spurs.
    """
    lengths, widths = _SIZES[defect]
    length_mm = float(rng.uniform(*lengths))
    width_mm = float(rng.uniform(*widths))
    random_y_mm = float(rng.uniform(LEFT_EDGE_MM + _MARGIN_MM, RIGHT_EDGE_MM - _MARGIN_MM))
    left = bool(rng.random() < 0.5)
    seed = int(rng.integers(1 << 62))
    if defect == "coat_edge_spur":
        if side is Side.NONE:
            side = Side.LEFT if left else Side.RIGHT
        y_mm = LEFT_EDGE_MM - width_mm / 2 if side is Side.LEFT else RIGHT_EDGE_MM + width_mm / 2
    elif defect == "streak":
        side, length_mm = Side.NONE, float(np.exp(rng.uniform(*np.log(lengths))))
    elif defect == "agglomerate":
        side, length_mm = Side.NONE, float(np.clip(width_mm * rng.uniform(0.75, 1.35), *lengths))
    else:
        side = Side.NONE
    y_mm = random_y_mm if y_mm is None else y_mm
    from_mm = s_mm if defect == "streak" else s_mm - length_mm / 2
    return WebObject(defect, side, from_mm, length_mm, y_mm, max(width_mm, COLUMN_MM), seed)
