"""A film behind a dead time, for comparing laws: first-order actuator, Gauss–Markov disturbance, noisy gauge.

`film(t) = K·x(t) + d(t)`, `x′ = (u − x)/τ_a`, d an Ornstein–Uhlenbeck process of standard deviation σ and correlation
time τ; the gauge says `film(t − θ) + noise` at every point, and a law is given the mean of the points since its last
sample, as the product's regulators average. All in per cent of the film and of the set-point.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol

import msgspec
import numpy as np
import numpy.typing as npt

from cellctl.loop.adjust.laws import Sample, prediction_gain

Array = npt.NDArray[np.float64]

GAIN = -0.35
"""K: film per blade load, both in per cent (exponent of the loaded blade)."""
ACTUATOR_S = 0.3
"""τ_a of a pneumatic blade."""
SIGMA = 2.0
"""Standard deviation of the disturbance, per cent."""
DURATION_S = 15_000.0


class World(msgspec.Struct, frozen=True):
    """One loop: its dead time, its rhythm, and how fast its disturbance is.

    Args:
        theta_s: dead time, seconds.
        tau_s: correlation time of the disturbance, seconds.
        period_s: between samples, seconds.
        fine: points of the film between two samples, each read by the gauge.
        noise: standard deviation of one reading, per cent.
    """

    theta_s: float
    tau_s: float
    period_s: float
    fine: int = 1
    noise: float = 0.3

    def __post_init__(self) -> None:
        """Refuse worlds in which the readings of one sample are of film that two decisions have made."""
        if self.fine > 1 and self.delay * self.fine - self.dead_points != self.fine - 1:
            raise ValueError(f"expected a dead time one point longer than whole samples, got {self}")

    @property
    def dead_points(self) -> int:
        """Points of film between making and reading."""
        return round(self.theta_s * self.fine / self.period_s)

    @property
    def samples(self) -> int:
        """Samples of one run."""
        return round(DURATION_S / self.period_s)

    @property
    def delay(self) -> int:
        """Whole samples between a decision and the first sample that sees film made with it."""
        return -(-self.dead_points // self.fine)

    @property
    def noise_of_sample(self) -> float:
        """Standard deviation of the mean of one sample's readings, per cent."""
        return self.noise / math.sqrt(self.fine)


class Decide(Protocol):
    """A law in the study; `disturbance` is the truth, which only the forbidden one looks at."""

    def __call__(self, sample: Sample, disturbance: float) -> float:
        """The next set-point, a deviation from the recipe."""
        ...


class Run(msgspec.Struct, frozen=True):
    """What came of one run; the first tenth is left out.

    Args:
        variance: of the film, relative to the disturbance's.
        ideal: what the minimum-variance law would have left of the same disturbance with a perfect gauge, likewise.
        film: every point of it, per cent.
        setpoint: by sample, per cent.
    """

    variance: float
    ideal: float
    film: Array
    setpoint: Array


def draw(world: World, seed: int) -> tuple[Array, Array]:
    """Disturbance at every point and noise of every sample; the same for every law with the same rhythm."""
    rng = np.random.default_rng([seed, round(world.theta_s * 10), round(world.tau_s)])
    kept = math.exp(-world.period_s / world.fine / world.tau_s)
    steps = rng.normal(scale=SIGMA * math.sqrt(1.0 - kept**2), size=world.samples * world.fine)
    value = rng.normal(scale=SIGMA)
    walk = []
    for step in steps.tolist():
        walk.append(value)
        value = kept * value + step
    return np.array(walk), rng.normal(scale=world.noise_of_sample, size=world.samples)


def simulate(world: World, decide: Decide, seed: int) -> Run:
    """One run of a law.

    A decision is in force at once and until the next sample. Sample k reads the film of the interval that began
    `delay` samples ago: its mean, or with one point a sample its very beginning, which the decision before made.
    """
    disturbance, noise = draw(world, seed)
    fade = _fade(world)
    seen, whole = float(fade.mean()), math.exp(-world.period_s / ACTUATOR_S)
    by_interval = disturbance.reshape(-1, world.fine)
    added, truth, noisy = by_interval.mean(axis=1).tolist(), by_interval[:, 0].tolist(), noise.tolist()
    delay, back = world.delay, 1 if world.fine > 1 else 0
    applied, starts, now = [0.0] * (delay + 1), [0.0] * (delay + 1), 0.0
    for k in range(world.samples):
        made = applied[k + 1]
        film = GAIN * (made + (starts[k + 1] - made) * seen) + (added[k - delay] if k >= delay else 0.0)
        move = decide(Sample(film + noisy[k], applied[k + back], applied[-1]), truth[k])
        applied.append(move)
        starts.append(now)
        now = move + (now - move) * whole
    made_film = _film(disturbance, fade, np.array(applied[delay + 1 :]), np.array(starts[delay + 1 :]))
    return Run(_share(made_film), _share(_unpredictable(world, disturbance)), made_film, np.array(applied[delay + 1 :]))


def _fade(world: World) -> Array:
    """What is left of the set-point before at each point after a decision."""
    return np.asarray(np.exp(-np.arange(world.fine) * world.period_s / world.fine / ACTUATOR_S))


def _film(disturbance: Array, fade: Array, applied: Array, starts: Array) -> Array:
    stood = applied[:, None] + (starts - applied)[:, None] * fade
    return np.asarray(GAIN * stood.ravel() + disturbance)


def _unpredictable(world: World, disturbance: Array) -> Array:
    """What no law can know one dead time ahead: `d(t) − exp(−θ/τ)·d(t − θ)`, of variance `(1 − exp(−2θ/τ))·σ²`."""
    points = world.dead_points
    rest = disturbance.copy()
    rest[points:] -= prediction_gain(world.tau_s, world.theta_s) * disturbance[:-points]
    return rest


def _share(film: Array) -> float:
    """Variance after the first tenth, relative to the disturbance's."""
    return float(np.mean(film[len(film) // 10 :] ** 2)) / SIGMA**2


LawOf = Callable[[World], Decide]
"""Makes a fresh law for a run."""
