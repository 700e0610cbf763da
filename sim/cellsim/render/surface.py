"""Precomputed light, texture and noise: a block is then a few additions of bytes.

Drawing Gaussian noise costs 18 to 29 ms per block of 1 MiB; a slice of a bank of it costs a copy.
All sums are modulo 256 and exact, because the final grey values stay well inside 0…255.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cellsim.render.field import COLUMNS, ROWS

COAT_GREY = 70.0
FOIL_GREY = 200.0
"""Grey values under full light."""

_FALL_OFF = 0.25
"""Loss of light at the rim of the field (cos⁴ law)."""
_TEXTURE_ROWS = 1575
"""The texture repeats after this many lines: odd, so that it never locks to the blocks, and quick to transform."""
_NOISE_SIGMA = 2.6
_TEXTURE_SIGMA = 1.2
_LIMIT = 14
"""Noise and texture are cut at this many grey values."""
_BANK = 3 * ROWS * COLUMNS

Bytes = npt.NDArray[np.uint8]
Signed = npt.NDArray[np.int8]
Floats = npt.NDArray[np.float32]


class Surface:
    """Light falling on the web, texture of the coating and noise of the sensor.

    Args:
        rng: decides all of it.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self.light: Floats = (_vignetting() * (1.0 + 0.006 * rng.standard_normal(COLUMNS))).astype(np.float32)
        self._texture = _texture(rng)
        noise = rng.standard_normal(_BANK, dtype=np.float32) * np.float32(_NOISE_SIGMA)
        self._noise: Signed = np.clip(np.rint(noise), -_LIMIT, _LIMIT).astype(np.int8)
        self._period_s, self._phase = rng.uniform(40.0, 90.0), rng.uniform(0, 2 * np.pi)

    def texture(self, first_row: int) -> Bytes:
        """Texture of the block that begins at a material line, shape (ROWS, COLUMNS), as wrapped bytes."""
        start = first_row % _TEXTURE_ROWS
        return self._texture[start : start + ROWS]

    def noise(self, draw: float) -> Signed:
        """One block of sensor noise (flat) from the bank; `draw` in [0, 1) picks where it begins."""
        start = int(draw * (_BANK - ROWS * COLUMNS))
        return self._noise[start : start + ROWS * COLUMNS]

    def brightness(self, t_s: float) -> float:
        """Slow drift of the lamp: ±1.5 % over a minute or so, and 2 % less per 1000 h."""
        return float(1.0 + 0.015 * np.sin(2 * np.pi * t_s / self._period_s + self._phase) - t_s * 5.6e-9)


def _vignetting() -> npt.NDArray[np.float64]:
    """Relative light per column: cos⁴ of the view angle, `1 - _FALL_OFF` at the rims."""
    steepest = np.tan(np.arccos((1.0 - _FALL_OFF) ** 0.25))
    place = np.linspace(-1.0, 1.0, COLUMNS)
    return np.asarray(np.cos(np.arctan(place * steepest)) ** 4)


def _texture(rng: np.random.Generator) -> Bytes:
    """Periodic texture of the coating (clouds of some millimetres), with one block appended for slicing."""
    spectrum = np.fft.rfft2(rng.standard_normal((_TEXTURE_ROWS, COLUMNS), dtype=np.float32))
    along = np.fft.fftfreq(_TEXTURE_ROWS)[:, None]
    across = np.fft.rfftfreq(COLUMNS)[None, :]
    spectrum *= (np.exp(-((along * 120.0) ** 2)) * np.exp(-((across * 24.0) ** 2))).astype(np.float32)
    clouds = np.fft.irfft2(spectrum, (_TEXTURE_ROWS, COLUMNS))
    scaled = np.clip(np.rint(clouds * (_TEXTURE_SIGMA / clouds.std())), -_LIMIT, _LIMIT).astype(np.int8)
    return np.concatenate([scaled, scaled[:ROWS]]).view(np.uint8)
