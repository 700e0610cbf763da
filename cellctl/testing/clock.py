"""The clock of tests: the one that lockstep runs by, found here by plugin developers."""

from cellctl.clock import VIRTUAL_EPOCH as EPOCH
from cellctl.clock import VirtualClock

__all__ = ["EPOCH", "VirtualClock"]
