"""The foil: coils, their splices, and lots that differ in thickness."""

from __future__ import annotations

import zlib
from bisect import bisect_right

import numpy as np

FOIL_G_M2 = 40.5
"""Aluminium foil of 15 µm."""
_LOT_SHARE = 0.02
_FLAG_BEFORE_MM = 500.0
_FLAG_BEHIND_MM = 3000.0
"""The splice flag stands while the splice is between these distances before and behind the blade."""
_FIRST_LOT = 0x0F01_1001


class Foil:
    """Coils one after the other.

    Args:
        lots: whether lots differ in thickness.
        coil_m: shortest and longest coil, None for an endless one.
        seed: of the scenario.
    """

    def __init__(self, *, lots: bool, coil_m: tuple[float, float] | None, seed: int) -> None:
        self._lots, self._coil_m, self._seed = lots, coil_m, seed
        self._rng = np.random.default_rng([seed, 0xF011])
        self.splices_mm: list[float] = []
        self._deviations = [self._deviation()]

    def deviation_g_m2(self, s_mm: float) -> float:
        """Deviation of the foil's own weight at a material position."""
        return FOIL_G_M2 * self._deviations[self._coil(s_mm)]

    def lot(self, s_mm: float) -> int:
        """Hash of the lot's id at a material position, 32 bit."""
        number = self._coil(s_mm)
        return _FIRST_LOT if number == 0 else zlib.crc32(f"foil {self._seed} {number}".encode())

    def splice_passes(self, encoder_mm: float) -> bool:
        """Whether a splice is at the blade or just behind it."""
        number = self._coil(encoder_mm + _FLAG_BEFORE_MM)
        return number > 0 and encoder_mm - self.splices_mm[number - 1] < _FLAG_BEHIND_MM

    def _coil(self, s_mm: float) -> int:
        if self._coil_m is None:
            return 0
        while not self.splices_mm or self.splices_mm[-1] <= s_mm:
            last = self.splices_mm[-1] if self.splices_mm else 0.0
            self.splices_mm.append(last + 1000.0 * float(self._rng.uniform(*self._coil_m)))
            self._deviations.append(self._deviation())
        return bisect_right(self.splices_mm, s_mm)

    def _deviation(self) -> float:
        return float(self._rng.uniform(-_LOT_SHARE, _LOT_SHARE)) if self._lots else 0.0
