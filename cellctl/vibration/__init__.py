"""Listening to machines: numbers of one window of a vibration signal, and what is normal for them."""

from cellctl.vibration.limits import Baseline, Limits
from cellctl.vibration.machine import Machine
from cellctl.vibration.time_domain import FEATURES, describe_window, fault_of

__all__ = ["FEATURES", "Baseline", "Limits", "Machine", "describe_window", "fault_of"]
