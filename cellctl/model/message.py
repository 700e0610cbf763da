"""What every message between plugins carries: source, sequence, stamp, trace and an egress label."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

import msgspec


class Egress(StrEnum):
    """Whether a message's content may leave the cell; decided by type, not by value."""

    CELL_ONLY = "cell-only"
    """Stays in the cell: pixels, raw samples, plant values."""
    FEATURES = "features"
    """Feature vectors, confidences and verdicts: may leave the cell."""


class Stamp(msgspec.Struct, frozen=True):
    """When something happened: `t_ns` on the named clock, give or take `uncertainty_ns`."""

    t_ns: int
    clock: str = "monotonic"
    uncertainty_ns: int = 0


class Message(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The base of all messages; `source` and `sequence` are filled by the host when it sends.

    Attributes:
        source: name of the plugin or device that sent it.
        sequence: counts up by one per source and port.
        stamp: when the content came to be (not when it was sent).
        trace: follows one product event through the cell (the frame id where a frame began it).
    """

    egress: ClassVar[Egress] = Egress.CELL_ONLY
    version: ClassVar[int] = 1

    source: str = ""
    sequence: int = 0
    stamp: Stamp
    trace: int = 0
