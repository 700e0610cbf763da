"""What we ship to test plugins and to measure hosts: virtual clock, one-plugin harness, lateness probe."""

from cellctl.testing.clock import VirtualClock
from cellctl.testing.harness import Harness

__all__ = ["Harness", "VirtualClock"]
