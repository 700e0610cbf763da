"""Listening to machines: numbers of one window of a vibration signal, and what is normal for them."""

from cellctl.vibration.analysers import Analysers, Heard
from cellctl.vibration.bearing import Geometry, Line, cage_order, lines
from cellctl.vibration.envelope import EnvelopeMean, EnvelopeSpectrum
from cellctl.vibration.limits import Baseline, Limits
from cellctl.vibration.machine import Machine
from cellctl.vibration.naming import Finding, name_line, reaches
from cellctl.vibration.time_domain import FEATURES, FEWEST, metres_per_s2, velocity_band

__all__ = [
    "FEATURES",
    "FEWEST",
    "Analysers",
    "Baseline",
    "EnvelopeMean",
    "EnvelopeSpectrum",
    "Finding",
    "Geometry",
    "Heard",
    "Limits",
    "Line",
    "Machine",
    "cage_order",
    "lines",
    "metres_per_s2",
    "name_line",
    "reaches",
    "velocity_band",
]
