"""Which metres belong to which lot and recipe."""

from __future__ import annotations

from typing import ClassVar

from cellctl.model.message import Egress, Message

ENDED = "the run ended"
WENT_BACK = "the encoder went back"
"""Two reasons with a meaning: after the first nothing follows, after the second the table may begin elsewhere."""


class Interval(Message, frozen=True, kw_only=True):
    """A stretch of material `[from_mm, to_mm)` of one lot and recipe, in the coordinate of `WebRef.s_mm`.

    Attributes:
        from_mm: where it begins: where the one before ended.
        to_mm: where it ends.
        lot: that ran.
        product: whose recipe held; empty for a cell without recipes.
        splice: a splice was passing; such material is in no lot's count of good metres.
        reason: what ended it, in words.
    """

    egress: ClassVar[Egress] = Egress.FEATURES

    from_mm: float
    to_mm: float
    lot: str
    product: str
    splice: bool
    reason: str
