"""One call of the kernel per window: everything that is wanted of a window comes from one analysis of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cellctl.kernels import WindowAnalyser
from cellctl.vibration.envelope import BAND, Envelope, envelope_of
from cellctl.vibration.time_domain import FEWEST, describe_window, fault_of, metres_per_s2, velocity_band

KEPT = 4
"""Analysers that are kept: a machine has windows of one length, and the last one of each recording is shorter."""


class Heard(NamedTuple):
    """What is known of one window.

    Attributes:
        values: feature → value; empty where there is a fault.
        envelope: of its impacts; None where none is wanted, or where there is a fault.
        fault: why the window cannot be judged, in words.
    """

    values: dict[str, float]
    envelope: Envelope | None
    fault: str


class Analysers:
    """Analyses the windows of one machine, and keeps the kernel's tables for the next window of the same kind.

    Args:
        envelope: whether the envelope is wanted.
    """

    def __init__(self, *, envelope: bool) -> None:
        self._envelope = envelope
        self._kept: dict[tuple[int, float, str], WindowAnalyser] = {}

    def hear(self, samples: npt.NDArray[np.float32], rate_hz: float, unit: str) -> Heard:
        """Features and envelope of one window, or why there are none.

        Args:
            samples: shape (n,), float32, any length.
            rate_hz: samples per second.
            unit: of the samples.
        """
        analyser = self._analyser(samples.size, rate_hz, unit) if samples.size >= FEWEST else None
        analysis = analyser.analyse(samples) if analyser else None
        fault = fault_of(samples, analysis)
        if fault or analyser is None or analysis is None:
            return Heard({}, None, fault)
        envelope = envelope_of(analysis, analyser) if self._envelope else None
        return Heard(describe_window(analysis, samples.size / rate_hz), envelope, "")

    def _analyser(self, samples: int, rate_hz: float, unit: str) -> WindowAnalyser:
        key = samples, rate_hz, unit
        if key not in self._kept:
            while len(self._kept) >= KEPT:
                del self._kept[next(iter(self._kept))]
            per_unit = metres_per_s2(unit)
            self._kept[key] = WindowAnalyser(
                samples,
                rate_hz,
                velocity_hz=velocity_band(samples, rate_hz) if per_unit else None,
                envelope_hz=(BAND[0] * rate_hz, BAND[1] * rate_hz) if self._envelope else None,
                whiten=True,
                metres_per_s2=per_unit or 1.0,
            )
        return self._kept[key]
