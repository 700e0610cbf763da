"""Messages whose content is too large to travel: it lies in the frame pool, and the message says where."""

from __future__ import annotations

import msgspec

from cellctl.model.message import Message


class SlotRef(msgspec.Struct, frozen=True):
    """Names one slot of a frame pool; stale or torn content shows as another generation or CRC-32C."""

    pool: str
    index: int
    generation: int
    crc: int


class Pooled(Message, frozen=True, kw_only=True):
    """A message of a device whose content a reader borrows.

    Attributes:
        slot: where the content is.
        received_ns: when the driver had the last of it, ns.
        origin: where it was read from, a file's name; empty for a device that measures.
        fault: why the content is not what the device saw, in words; what has one cannot be judged.
    """

    slot: SlotRef
    received_ns: int
    origin: str = ""
    fault: str = ""
