"""Which line of a bearing stands out of an envelope spectrum, if one does.

Under noise alone a line's power over the local mean is spread as the mean of k exponential values, where k counts the
independent spectra that were averaged (a gamma distribution), and −ln of the chance to be as high is again an
exponential value. The strength of a candidate is the sum of it over the harmonics, each capped at half of what is
needed, at one common error of the speed: the one that fits best. So no single tone names a bearing: at least two
harmonics have to stand out, and at the same speed. Speeds a little beyond the tolerance are looked at too: what
fits best there is another line, of which this one sees the flank.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import lgamma
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cellctl.vibration.bearing import Line
from cellctl.vibration.envelope import EnvelopeSpectrum
from cellctl.vibration.time_domain import segment_of

HARMONICS = 3
TOLERANCE = 0.015
"""Share by which a line may lie beside where it is computed: slip of the elements and error of the speed."""
NEEDED = 24.0
"""Strength from which a line is named. Three exponential values have this sum with a chance of 1.2e-8; times the places
that are looked at (some forty for windows of one second), noise is named once in weeks of such windows."""
FLANK = 2.0
"""Lines beyond the tolerance that are looked at: as far as Hann's window spreads a tone."""
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
        spectrum: of one window or some; has to reach beyond the last harmonic of every candidate (see `reaches`).
        candidates: the lines of the bearing.
        shaft_hz: turns of the shaft per second.
    """
    found = [_fit(spectrum, line, shaft_hz) for line in candidates]
    strong = [it for it in found if it.strength >= NEEDED]
    return max(strong, key=lambda it: (it.strength, it.harmonics, it.above_db), default=None)


def reaches(samples: int, rate_hz: float, candidates: Sequence[Line], shaft_hz: float) -> bool:
    """Whether a window shows the lines: told apart by 16 turns at once, and with the third harmonic in the spectrum."""
    turns = segment_of(samples) / rate_hz * shaft_hz
    return turns >= 16.0 and rate_hz >= 12.0 * max(line.order for line in candidates) * shaft_hz


def _fit(spectrum: EnvelopeSpectrum, line: Line, shaft_hz: float) -> Finding:
    """The best common speed for the harmonics of one line; without any strength where that is not within tolerance."""
    numbers = np.arange(1, HARMONICS + 1)
    expected = line.order * shaft_hz / spectrum.step_hz
    widest = TOLERANCE + FLANK / expected
    half = int(np.ceil(2.0 * widest * expected * HARMONICS))
    scales = 1.0 + widest * np.linspace(-1.0, 1.0, 2 * half + 1)
    places = np.rint(np.outer(scales, numbers) * expected).astype(np.intp)
    reach = max(8, round(SURROUNDINGS * shaft_hz / spectrum.step_hz))
    around = np.array([_median(spectrum.power, round(number * expected), reach) for number in numbers])
    ratio = spectrum.power[places] / around
    unlikely = _unlikely(ratio, spectrum.degrees)
    capped = np.minimum(unlikely, NEEDED / 2.0).sum(axis=1)
    best = int(np.lexsort((unlikely.sum(axis=1), capped))[-1])
    return Finding(
        line=line,
        frequency_hz=float(scales[best] * expected * spectrum.step_hz),
        harmonics=int((unlikely[best] > np.log(100.0)).sum()),
        above_db=float(10.0 * np.log10(max(ratio[best].max(), 1e-30))),
        strength=float(capped[best]) if abs(scales[best] - 1.0) <= TOLERANCE else 0.0,
    )


def _unlikely(ratio: npt.NDArray[np.float64], degrees: float) -> npt.NDArray[np.float64]:
    """−ln of the chance that the mean of so many exponential values is as high, by its ratio to their median.

    Between whole numbers of them it is nearly straight.
    """
    whole = int(degrees)
    share = degrees - whole
    return (1.0 - share) * _unlikely_of_whole(ratio, whole) + share * _unlikely_of_whole(ratio, whole + 1)


def _unlikely_of_whole(ratio: npt.NDArray[np.float64], degrees: int) -> npt.NDArray[np.float64]:
    """The same for a whole number of them.

    For k of them and their sum x: x − ln Σ x^i / i!, i = 0 … k − 1. The median of x is k − 1/3 + 8 / (405 k) to 2e-3,
    and ln 2 for one.
    """
    middle = np.log(2.0) if degrees == 1 else degrees - 1.0 / 3.0 + 8.0 / (405.0 * degrees)
    total = np.maximum(ratio * middle, 1e-6)
    term = series = np.ones_like(total)
    # Divided by the largest power, so that nothing leaves the range of float64.
    for i in range(degrees - 1, 0, -1):
        term = term * i / total
        series = series + term
    log_largest = (degrees - 1) * np.log(total) - lgamma(degrees)
    return np.asarray(np.maximum(total - log_largest - np.log(series), 0.0))


def _median(power: npt.NDArray[np.float64], centre: int, reach: int) -> float:
    """Median of the surroundings of a place; above zero, also where nothing is."""
    return max(float(np.median(power[max(1, centre - reach) : centre + reach + 1])), 1e-300)
