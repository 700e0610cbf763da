"""Listening to machines: numbers of one window of a vibration signal, and what is normal for them."""

from cellctl.vibration.bearing import Geometry, Line, cage_order, lines
from cellctl.vibration.envelope import EnvelopeSpectrum, envelope_spectrum
from cellctl.vibration.limits import Baseline, Limits
from cellctl.vibration.machine import Machine
from cellctl.vibration.naming import Finding, name_line, reaches
from cellctl.vibration.time_domain import FEATURES, FEWEST, describe_window, fault_of

__all__ = [
    "FEATURES",
    "FEWEST",
    "Baseline",
    "EnvelopeSpectrum",
    "Finding",
    "Geometry",
    "Limits",
    "Line",
    "Machine",
    "cage_order",
    "describe_window",
    "envelope_spectrum",
    "fault_of",
    "lines",
    "name_line",
    "reaches",
]
