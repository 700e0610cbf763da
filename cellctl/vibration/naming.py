"""Which line of a bearing stands out of an envelope spectrum, if one does.

Under noise alone a line's power over the local mean has an exponential distribution, so −ln of the chance to be as
high is that ratio. The strength of a candidate is the sum of it over the harmonics, each capped at half of what is
needed, at one common error of the speed: the one within the tolerance that fits best. So no single tone names a
bearing: at least two harmonics have to stand out, and at the same speed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cellctl.vibration.bearing import Line
from cellctl.vibration.envelope import EnvelopeSpectrum

HARMONICS = 3
TOLERANCE = 0.015
"""Share by which a line may lie beside where it is computed: slip of the elements and error of the speed."""
NEEDED = 20.0
"""Strength from which a line is named. Chance of three exponential values with this sum: 4.6e-7, times the hundred or
so places that are looked at in a window of one second; `tests/unit/vibration/test_naming.py` counts it on noise."""
SURROUNDINGS = 0.75
"""Half width of the surroundings of a line, turns of the shaft."""


class Finding(NamedTuple):
    """A line that stands out.

    Attributes:
        line: which one.
        frequency_hz: where it was found.
        harmonics: how many of its first harmonics stand out, chance below 1 % each.
        above_db: how far the strongest of them is above the median of its surroundings.
        strength: see the module; at least `NEEDED`.
    """

    line: Line
    frequency_hz: float
    harmonics: int
    above_db: float
    strength: float

    def __str__(self) -> str:
        return (
            f"{self.line.part} of bearing: {self.line.name} {self.frequency_hz:.1f} Hz, {self.harmonics} harmonics, "
            f"{self.above_db:.0f} dB above its surroundings"
        )


def name_line(spectrum: EnvelopeSpectrum, candidates: Sequence[Line], shaft_hz: float) -> Finding | None:
    """The candidate that stands out most; None when none does, which does not mean that the bearing is sound.

    Args:
        spectrum: of one window; has to reach beyond the last harmonic of every candidate (see `reaches`).
        candidates: the lines of the bearing.
        shaft_hz: turns of the shaft per second.
    """
    found = [_fit(spectrum, line, shaft_hz) for line in candidates]
    strong = [it for it in found if it.strength >= NEEDED]
    return max(strong, key=lambda it: (it.strength, it.harmonics, it.above_db), default=None)


def reaches(seconds: float, rate_hz: float, candidates: Sequence[Line], shaft_hz: float) -> bool:
    """Whether a window shows the lines: 16 turns tell them apart, and the third harmonic is within the spectrum."""
    return seconds * shaft_hz >= 16.0 and rate_hz >= 12.0 * max(line.order for line in candidates) * shaft_hz


def _fit(spectrum: EnvelopeSpectrum, line: Line, shaft_hz: float) -> Finding:
    """The best common speed for the harmonics of one line."""
    numbers = np.arange(1, HARMONICS + 1)
    expected = line.order * shaft_hz / spectrum.step_hz
    half = max(1, int(np.ceil(2.0 * TOLERANCE * expected * HARMONICS)))
    scales = 1.0 + TOLERANCE * np.linspace(-1.0, 1.0, 2 * half + 1)
    places = np.rint(np.outer(scales, numbers) * expected).astype(np.intp)
    reach = max(8, round(SURROUNDINGS * shaft_hz / spectrum.step_hz))
    around = np.array([_median(spectrum.power, round(number * expected), reach) for number in numbers])
    ratio = spectrum.power[places] / around
    unlikely = ratio * np.log(2.0)  # the median of an exponential distribution is ln 2 times its mean
    capped = np.minimum(unlikely, NEEDED / 2.0).sum(axis=1)
    best = int(np.lexsort((unlikely.sum(axis=1), capped))[-1])
    return Finding(
        line=line,
        frequency_hz=float(scales[best] * expected * spectrum.step_hz),
        harmonics=int((unlikely[best] > np.log(100.0)).sum()),
        above_db=float(10.0 * np.log10(max(ratio[best].max(), 1e-30))),
        strength=float(capped[best]),
    )


def _median(power: npt.NDArray[np.float64], centre: int, reach: int) -> float:
    """Median of the surroundings of a place; above zero, also where nothing is."""
    return max(float(np.median(power[max(1, centre - reach) : centre + reach + 1])), 1e-300)
