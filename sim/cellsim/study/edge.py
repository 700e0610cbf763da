"""One coated edge along the web: where faults are, and which points of the field come to be."""

from __future__ import annotations

import bisect
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from cellsim.plant.edge_dam import KAPPA, EdgeDam, deficit_for_rate
from cellsim.plant.field import CHUNK_MM, Candidate, DefectField

TOP = 25.0
"""Cap of the edge model: no fault raises the rate above so many times λ0."""

__all__ = ["KAPPA", "TOP", "Edge", "Fault", "cured_by_deficit", "cured_by_ratio", "draw_faults", "field_of"]


class Fault(NamedTuple):
    """A stretch of web, metres, with a raised rate; `rate_per_m` of z, the steps of load above the recipe."""

    from_m: float
    to_m: float
    rate_per_m: Callable[[float], float]


def cured_by_deficit(deficit: float, normal_per_m: float) -> Callable[[float], float]:
    """The rate of the plant's edge dam with a hidden deficit: how much a step helps follows from it."""
    dam = EdgeDam(normal_per_m, TOP)
    return lambda steps: dam.rate_per_m(deficit, 20.0 * (1.0 + 0.05 * steps))


def cured_by_ratio(rate_per_m: float, ratio: float) -> Callable[[float], float]:
    """A rate that one step multiplies by a stated ratio: for the test's power, not for the plant."""
    return lambda steps: rate_per_m * ratio ** min(1.0, max(0.0, steps))


def deficit_of(rate_per_m: float, normal_per_m: float) -> float:
    """The deficit that gives a rate at the recipe's load."""
    return deficit_for_rate(rate_per_m, normal_per_m)


class Edge:
    """The true rate along one edge.

    Args:
        normal_per_m: λ0.
        faults: in order, not overlapping.
    """

    def __init__(self, normal_per_m: float, faults: tuple[Fault, ...]) -> None:
        self.normal_per_m = normal_per_m
        self.faults = faults
        self._starts = [fault.from_m for fault in faults]

    def fault(self, s_m: float) -> Fault | None:
        """The fault at a place, if there is one."""
        number = bisect.bisect_right(self._starts, s_m) - 1
        if number < 0 or s_m >= self.faults[number].to_m:
            return None
        return self.faults[number]

    def rate_per_m(self, s_m: float, steps: float) -> float:
        """The true rate at a place that was coated with so many steps of load."""
        fault = self.fault(s_m)
        return fault.rate_per_m(steps) if fault is not None else self.normal_per_m


def field_of(seed: int, stream: int, ceiling_per_m: float, length_m: float) -> Iterator[Candidate]:
    """All candidates of a field over the web, in order."""
    field = DefectField(seed, stream, ceiling_per_m)
    for chunk in range(int(length_m * 1000.0 / CHUNK_MM) + 1):
        yield from field.chunk(chunk)


def draw_faults(
    rng: np.random.Generator,
    length_m: float,
    *,
    gap_m: float,
    life_m: float,
    rate: Callable[[np.random.Generator], Callable[[float], float]],
) -> tuple[Fault, ...]:
    """Faults with exponential gaps and lives that begin before `length_m`."""
    faults = []
    at_m = float(rng.exponential(gap_m))
    while at_m < length_m:
        to_m = at_m + float(rng.exponential(life_m))
        faults.append(Fault(at_m, to_m, rate(rng)))
        at_m = to_m + float(rng.exponential(gap_m))
    return tuple(faults)
