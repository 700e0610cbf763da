"""Positions on a moving web: metres of material, never seconds."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Side(StrEnum):
    """Which edge of the coated lane, seen in the direction of travel; `NONE` for the coated area."""

    LEFT = "left"
    RIGHT = "right"
    NONE = "none"


class WebRef(msgspec.Struct, frozen=True):
    """A place on the product.

    Attributes:
        s_mm: length of web that had passed the blade when this material was coated, mm.
        y_mm: distance from the left rim of the camera's field, mm.
        side: nearest coated edge, where the object belongs to one.
        camera: the device that saw it.
    """

    s_mm: float
    y_mm: float
    side: Side
    camera: str


class WebSpan(msgspec.Struct, frozen=True):
    """A stretch of material `[from_mm, to_mm)` in the coordinate of `WebRef.s_mm`."""

    from_mm: float
    to_mm: float

    @property
    def length_m(self) -> float:
        """Length of the stretch, m."""
        return max(0.0, self.to_mm - self.from_mm) / 1000.0

    def clipped(self, from_mm: float) -> WebSpan:
        """The part of the stretch at or after `from_mm`."""
        return WebSpan(max(self.from_mm, from_mm), max(self.to_mm, from_mm))
