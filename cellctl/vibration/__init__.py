"""Listening to machines: numbers of one window of a vibration signal, and what is normal for them."""

from cellctl.vibration.limits import Baseline, Limits
from cellctl.vibration.machine import Machine
from cellctl.vibration.time_domain import FEATURES, FEWEST, describe_window, fault_of

__all__ = ["FEATURES", "FEWEST", "Baseline", "Limits", "Machine", "describe_window", "fault_of"]
