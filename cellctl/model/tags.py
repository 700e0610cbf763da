"""Values of plant tags as they travel through the cell."""

from __future__ import annotations

import msgspec

from cellctl.clock import NS_PER_S
from cellctl.model.message import Message
from cellctl.model.quality import Ne107, Quality


class TagValue(msgspec.Struct, frozen=True, omit_defaults=True):
    """One value with everything that is needed to trust it or not.

    Attributes:
        tag: `<device>.<name>`.
        value: in `unit`.
        unit: as the tag table states it.
        quality: OPC UA status code.
        status: NAMUR NE 107 signal.
        t_ns: source time: when the device answered with it.
        text: of a tag that holds a text; its value is NaN.
    """

    tag: str
    value: float
    unit: str
    quality: Quality
    status: Ne107
    t_ns: int
    text: str = ""

    def age_s(self, now_ns: int) -> float:
        """How long ago the device answered with it."""
        return (now_ns - self.t_ns) / NS_PER_S


class Reading(Message, frozen=True, kw_only=True):
    """The latest values of one device; `stamp` is the time of its last answer.

    Attributes:
        device: device name.
        values: one entry per polled tag.
    """

    device: str
    values: tuple[TagValue, ...]

    def get(self, tag: str) -> TagValue | None:
        """The value of `tag` (`<device>.<name>`), if this reading holds it."""
        return next((value for value in self.values if value.tag == tag), None)
