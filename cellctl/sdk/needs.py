"""What a driver needs beyond the files that it was configured with; everything else is closed to its process."""

from __future__ import annotations

from enum import StrEnum
from typing import Any


class Need(StrEnum):
    """A right that a driver asks for by the class attribute `needs: ClassVar[frozenset[Need]]`.

    A processing plugin has none and can ask for none: what it needs of the outside comes as messages.
    """

    NETWORK = "network"
    """Sockets of IPv4 and IPv6."""
    DEVICE_FILES = "device files"
    """What lies under /dev: a serial line, USB, video."""


def needs_of(driver: type[Any]) -> frozenset[Need]:
    """What a driver declares; nothing unless it says so."""
    return frozenset(getattr(driver, "needs", frozenset()))
