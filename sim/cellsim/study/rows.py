"""What a study hands back: one row per figure, with its interval and the line that it must keep."""

from __future__ import annotations

import math
from typing import Any

import msgspec

Interval = tuple[float, float]


class Line(msgspec.Struct, frozen=True):
    """What a figure must keep, and which end of its interval is held against it.

    Attributes:
        most: the figure may not be above it.
        least: the figure may not be below it.
        by_interval: the unfavourable end of the interval is judged, not the figure itself.
    """

    most: float | None = None
    least: float | None = None
    by_interval: bool = False

    def __str__(self) -> str:
        parts = [] if self.least is None else [f"≥ {self.least:g}"]
        parts += [] if self.most is None else [f"≤ {self.most:g}"]
        return " and ".join(parts) + (" (95 % bound)" if self.by_interval else "")

    def holds(self, value: float, ci95: Interval | None) -> bool:
        """Whether a figure keeps the line; NaN never does."""
        low, high = ci95 if self.by_interval and ci95 is not None else (value, value)
        return (self.least is None or low >= self.least) and (self.most is None or high <= self.most)


class Row(msgspec.Struct, frozen=True):
    """One figure.

    Attributes:
        study: which study.
        case: what was varied, name → value.
        figure: what was measured, in words.
        value: the figure.
        n: number of independent cases behind it.
        ci95: its 95 % interval, where it has one.
        must: the line it must keep; None for a figure that is only printed.
        control: a negative control: it must *not* keep its line.
        note: what a reader needs to know beside it.
    """

    study: str
    case: dict[str, Any]
    figure: str
    value: float
    n: int
    ci95: Interval | None = None
    must: Line | None = None
    control: bool = False
    note: str = ""

    @property
    def keeps(self) -> bool | None:
        """Whether the figure keeps its line; None without one."""
        return None if self.must is None else self.must.holds(self.value, self.ci95)

    @property
    def passes(self) -> bool:
        """Whether the row is as it has to be: a line is kept, a control fails its own.

        A control without a figure shows nothing, so it does not pass.
        """
        if self.control and not math.isfinite(self.value):
            return False
        return self.must is None or self.keeps is not self.control

    def to_builtins(self) -> dict[str, Any]:
        """As it is written to study.json."""
        row: dict[str, Any] = {
            "study": self.study,
            **self.case,
            "figure": self.figure,
            "value": self.value,
            "n": self.n,
        }
        row["ci95"] = list(self.ci95) if self.ci95 is not None else None
        row["must"] = str(self.must) if self.must is not None else None
        row["holds"] = self.keeps
        if self.control:
            row |= {"control": True, "fails": self.keeps is False}
        return row | ({"note": self.note} if self.note else {})
