"""The envelope spectrum, whitened first: impacts show by their rate, whatever structure they ring.

Every spectral line of the band is divided by its own size (cepstrum pre-whitening: P. Borghesani et al., Mechanical
Systems and Signal Processing 36 (2013) 370). What is regular, such as shaft and gear, loses its weight, resonances are
flattened, and no band has to be chosen. The squared size of the analytic signal is the envelope; all this is the
kernel's. Here its power is averaged over windows in a row, so that a weak rate rises out of the noise.

Impacts of a bearing pass whitening because its elements slip: no two gaps are alike, by half a percent or more.
Impacts without any scatter are a comb of steady tones, and go the way of a gear's.
"""

from __future__ import annotations

from collections import deque
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cellctl.kernels import WindowAnalyser
from cellctl.kernels.vibration import Analysis, segment_starts

BAND = 0.025, 0.475
"""The band that is used, as a share of the sampling rate: no drift, no anti-aliasing filter."""
LONGEST = 10
"""Windows that are averaged at most."""


class Envelope(NamedTuple):
    """Power of the envelope of one window by frequency.

    Attributes:
        power: shape (n,), float64; line k lies at k · step_hz. Without a unit: the window was whitened.
        step_hz: distance of two lines.
        independent: how many independent spectra the average over segments is worth.
    """

    power: npt.NDArray[np.float64]
    step_hz: float
    independent: float


class EnvelopeSpectrum(NamedTuple):
    """Mean power of the envelope over some windows.

    Attributes:
        power: shape (n,), float64; line k lies at k · step_hz.
        step_hz: distance of two lines.
        degrees: in noise a line is spread as the mean of so many exponential values.
    """

    power: npt.NDArray[np.float64]
    step_hz: float
    degrees: float


def envelope_of(analysis: Analysis, analyser: WindowAnalyser) -> Envelope:
    """The envelope of an analysed window, up to the width of its band: beyond, a squared envelope has no lines."""
    lines = int((BAND[1] - BAND[0]) * analyser.segment)
    power = np.square(analysis.envelope[:lines], dtype=np.float64)
    return Envelope(power, analyser.bin_hz, _independent(analyser.samples, analyser.segment))


class EnvelopeMean:
    """The mean over the last windows of one recording, `LONGEST` at most."""

    def __init__(self) -> None:
        self._row: deque[Envelope] = deque(maxlen=LONGEST)
        self._origin = ""

    def reset(self) -> None:
        """Begin anew: a window is missing, or nothing is known of it."""
        self._row.clear()

    def add(self, envelope: Envelope, origin: str) -> EnvelopeSpectrum:
        """The mean with this window; another recording, rate or length begins anew."""
        like = self._row[-1] if self._row else envelope
        if origin != self._origin or (like.step_hz, like.power.size) != (envelope.step_hz, envelope.power.size):
            self._row.clear()
        self._origin = origin
        self._row.append(envelope)
        power = np.mean([it.power for it in self._row], axis=0)
        return EnvelopeSpectrum(power, envelope.step_hz, sum(it.independent for it in self._row))


@lru_cache(maxsize=64)
def _independent(samples: int, segment: int) -> float:
    """Independent spectra that segments under Hann's window are worth, which overlap (Welch 1967, of the power)."""
    starts = segment_starts(samples, segment)
    hann = np.hanning(segment + 1)[:-1]
    apart = starts[:, None] - starts[None, :]
    like = [float(hann[gap:] @ hann[: segment - gap] / (hann @ hann)) for gap in np.abs(apart).ravel()]
    return len(starts) ** 2 / float(np.square(like).sum())
