"""Vibration of a roller's bearing, 25.6 kHz on three axes: unbalance, damaged races, chatter, noise.

A damaged race gives an impulse each time a rolling element passes it; the housing answers with its resonance. Chatter
grows by itself above a critical speed up to a limit. Two generators with the same seed give the same samples, however
they are cut into blocks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

RATE_HZ = 25_600
AXES = 3
_SLIP = 0.01
"""Rolling elements slip: standard deviation of the time between two impulses, relative."""
_RING_TIMES = 6.0
"""A ringing is followed for this many of its time constants."""


@dataclass(frozen=True)
class Bearing:
    """Geometry of a rolling bearing.

    Attributes:
        elements: number of rolling elements.
        ratio: d/D·cos φ, diameter of an element over the pitch diameter times the cosine of the contact angle.
    """

    elements: int = 9
    ratio: float = 7.94 / 39.04

    def outer_hz(self, shaft_hz: float) -> float:
        """How often elements pass a place on the outer race: `n·f/2·(1-r)`."""
        return self.elements * shaft_hz / 2 * (1 - self.ratio)

    def inner_hz(self, shaft_hz: float) -> float:
        """How often elements pass a place on the inner race: `n·f/2·(1+r)`."""
        return self.elements * shaft_hz / 2 * (1 + self.ratio)


@dataclass(frozen=True)
class Chatter:
    """A self-excited vibration.

    Attributes:
        hz: its frequency.
        damping: ζ0 of the structure; `ζ = ζ0·(1 - v/v_c)`.
        critical_m_s: v_c, above which it grows.
        limit_m_s2: amplitude that it ends at.
        seed_m_s2: amplitude from which it grows, left by noise; what remains of it below the critical speed.
    """

    hz: float = 150.0
    damping: float = 0.01
    critical_m_s: float = 1.2
    limit_m_s2: float = 8.0
    seed_m_s2: float = 0.02


@dataclass(frozen=True)
class VibrationSettings:
    """What vibrates.

    Attributes:
        shaft_hz: turns of the roller.
        bearing: its geometry.
        outer_m_s2: height of the ringing after an impulse of the outer race, 0 for a sound one.
        inner_m_s2: likewise of the inner race; it passes through the load zone once per turn.
        resonance_hz: of the housing.
        damping: ζ of the resonance.
        unbalance_m_s2: amplitude at the shaft's frequency.
        noise_m_s2: standard deviation of the broadband noise per axis.
        chatter: None for a line that cannot chatter.
        axes: share of the common signals on each axis.
    """

    shaft_hz: float = 29.95
    bearing: Bearing = field(default_factory=Bearing)
    outer_m_s2: float = 0.0
    inner_m_s2: float = 0.0
    resonance_hz: float = 3000.0
    damping: float = 0.03
    unbalance_m_s2: float = 0.5
    noise_m_s2: float = 0.3
    chatter: Chatter | None = None
    axes: tuple[float, float, float] = (1.0, 0.7, 0.3)


class Vibration:
    """One sensor on one bearing.

    Args:
        settings: what vibrates.
        seed: of noise and slip.
    """

    def __init__(self, settings: VibrationSettings, seed: int) -> None:
        self._set = settings
        self._noise = np.random.default_rng([seed, 0x71B, 0])
        self._ring = _ringing(settings.resonance_hz, settings.damping)
        self._races = [
            _Race(settings.bearing.outer_hz(settings.shaft_hz), settings.outer_m_s2, 0.0, [seed, 0x71B, 1]),
            _Race(
                settings.bearing.inner_hz(settings.shaft_hz), settings.inner_m_s2, settings.shaft_hz, [seed, 0x71B, 2]
            ),
        ]
        self._tail = np.zeros(self._ring.size)
        self._sample = 0
        self._chatter = _Growth(settings.chatter) if settings.chatter else None

    def block(self, samples: int, speed_m_s: float = 1.0) -> Floats:
        """The next samples, m/s².

        Args:
            samples: how many.
            speed_m_s: of the web, for the chatter.

        Returns:
            Acceleration, shape (samples, 3).
        """
        times = (self._sample + np.arange(samples)) / RATE_HZ
        common = self._set.unbalance_m_s2 * np.sin(2 * np.pi * self._set.shaft_hz * times)
        common += self._impacts(samples)
        if self._chatter is not None:
            common += self._chatter.block(times, speed_m_s)
        self._sample += samples
        noise = self._set.noise_m_s2 * self._noise.standard_normal((samples, AXES))
        out: Floats = common[:, None] * np.array(self._set.axes) + noise
        return out

    def _impacts(self, samples: int) -> Floats:
        """Ringings of all impulses of this block, and what is left of earlier ones."""
        length = self._ring.size
        out = np.zeros(samples + length)
        kept = min(out.size, self._tail.size)
        out[:kept] = self._tail[:kept]
        for race in self._races:
            places, heights = race.until(self._sample, self._sample + samples)
            if places.size:
                np.add.at(out, places[:, None] + np.arange(length), heights[:, None] * self._ring)
        self._tail = out[samples:]
        return out[:samples]


class _Race:
    """Impulses of one damaged race."""

    def __init__(self, hz: float, height: float, load_zone_hz: float, key: list[int]) -> None:
        self._hz, self._height, self._load_zone_hz = hz, height, load_zone_hz
        self._rng = np.random.default_rng(key)
        self._next_s = 0.0 if height > 0 else math.inf

    def until(self, start: int, end: int) -> tuple[npt.NDArray[np.int64], Floats]:
        """Samples, counted from `start`, and heights of the impulses before sample `end`."""
        found = []
        while self._next_s * RATE_HZ < end:
            found.append(self._next_s)
            self._next_s += (1.0 + _SLIP * float(self._rng.standard_normal())) / self._hz
        times = np.array(found)
        heights = np.full(times.size, self._height)
        if self._load_zone_hz:
            heights *= 0.5 * (1.0 + np.cos(2 * np.pi * self._load_zone_hz * times))
        return np.floor(times * RATE_HZ).astype(np.int64) - start, heights


class _Growth:
    """Chatter: its amplitude grows or decays exponentially and saturates (logistic in the square)."""

    def __init__(self, chatter: Chatter) -> None:
        self._set = chatter
        self._amplitude = chatter.seed_m_s2

    def block(self, times: Floats, speed_m_s: float) -> Floats:
        chatter = self._set
        omega = 2 * np.pi * chatter.hz
        growth = omega * chatter.damping * (speed_m_s / chatter.critical_m_s - 1.0)
        after = (np.arange(times.size) + 1) / RATE_HZ
        start, limit = self._amplitude, chatter.limit_m_s2
        if growth > 0:
            swell = (limit / start) ** 2 - 1.0
            amplitude = limit / np.sqrt(1.0 + swell * np.exp(-2.0 * growth * after))
        else:
            amplitude = np.maximum(chatter.seed_m_s2, start * np.exp(growth * after))
        if amplitude.size:
            self._amplitude = float(amplitude[-1])
        out: Floats = amplitude * np.sin(omega * times)
        return out


def _ringing(hz: float, damping: float) -> Floats:
    """Answer of a damped resonance to an impulse, peak near 1."""
    decay = 2 * np.pi * hz * damping
    times = np.arange(math.ceil(_RING_TIMES / decay * RATE_HZ)) / RATE_HZ
    out: Floats = np.exp(-decay * times) * np.sin(2 * np.pi * hz * math.sqrt(1 - damping * damping) * times)
    return out
