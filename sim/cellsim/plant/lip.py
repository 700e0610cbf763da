"""Particles at the lip of the blade: each draws a streak until it goes by itself, or until a purge frees it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cellsim.render.web_object import WebObject

_MEAN_S = (20.0, 120.0)
_FREED = (0.6, 0.8)
"""A purge frees a particle with a chance in this range, a property of the particle."""
LIFT_UM = 75.0
"""The blade lifts by this much during a purge."""
_KEY = 0x11B


class _Particle:
    def __init__(self, thing: WebObject, rng: np.random.Generator) -> None:
        self.thing = thing
        self._rng = rng
        self._chance = float(rng.uniform(*_FREED))

    def is_freed(self) -> bool:
        return bool(self._rng.random() < self._chance)


class Lip:
    """The particles that hang at the lip now."""

    def __init__(self) -> None:
        self._particles: list[_Particle] = []

    def catch(self, streak: WebObject, speed_m_s: float) -> WebObject:
        """A particle is caught; returns its streak with the length that it has if nobody does anything."""
        rng = np.random.default_rng([streak.seed, _KEY])
        life_s = float(rng.exponential(rng.uniform(*_MEAN_S)))
        streak = replace(streak, length_mm=max(streak.length_mm, life_s * speed_m_s * 1000.0))
        self._particles.append(_Particle(streak, rng))
        return streak

    def purge(self, encoder_mm: float) -> tuple[WebObject, ...]:
        """The blade lifts once; returns the streaks that end here, cut to the length that they have."""
        self._particles = [p for p in self._particles if p.thing.to_mm > encoder_mm]
        freed = [particle for particle in self._particles if particle.is_freed()]
        self._particles = [particle for particle in self._particles if particle not in freed]
        return tuple(replace(p.thing, length_mm=max(0.0, encoder_mm - p.thing.from_mm)) for p in freed)

    def streaks(self, encoder_mm: float) -> int:
        """How many streaks are being drawn now."""
        return sum(particle.thing.to_mm > encoder_mm for particle in self._particles)
