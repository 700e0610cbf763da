"""From a regulator's configuration to its law: one answer for all of its set-points."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

from cellctl.config.resolved import Characteristic, Setpoint
from cellctl.config.resolved.regulator import Regulator
from cellctl.loop.adjust.laws import Aim, DoubleEwma, Ewma, Law, PulseAndWait, Sample, SimcPi, SmithPredictor
from cellctl.loop.adjust.laws.qp import Solve, solve
from cellctl.loop.adjust.predictive import SeveralInputs


class Decider(Protocol):
    """Where the set-points should be, by what was measured and what made it."""

    @property
    def fallbacks(self) -> int:
        """Decisions so far that took an older plan because there was no time for a new one."""
        ...

    def decide(
        self,
        measured: float,
        delayed: Sequence[float],
        in_force: Sequence[float],
        limited: Sequence[float] = (),
        *,
        frozen: bool,
    ) -> tuple[float, ...]:
        """The targets, in the order of the regulator's inputs; the values in force when frozen."""
        ...

    def hand_over(self, in_force: Sequence[float]) -> None:
        """Go on from these values without a jump."""
        ...


class OneInput:
    """A law of one set-point."""

    fallbacks = 0

    def __init__(self, law: Law) -> None:
        self._law = law

    def decide(
        self,
        measured: float,
        delayed: Sequence[float],
        in_force: Sequence[float],
        limited: Sequence[float] = (),  # noqa: ARG002  # one set-point has an envelope only
        *,
        frozen: bool,
    ) -> tuple[float, ...]:
        """The target of the one set-point."""
        return (self._law.update(Sample(measured, delayed[0], in_force[0]), frozen=frozen),)

    def hand_over(self, in_force: Sequence[float]) -> None:
        """Go on from this value."""
        self._law.hand_over(in_force[0])


def make_decider(
    regulator: Regulator, setpoints: Sequence[Setpoint], held: Characteristic, speed_m_s: float, solver: Solve = solve
) -> Decider:
    """The law that a regulator names, with its numbers; `speed_m_s` is the recipe's, `solver` is for `mpc`."""
    if regulator.law == "mpc":
        return SeveralInputs(regulator, setpoints, held, speed_m_s, solver)
    put = regulator.inputs[0]
    aim = Aim(target=held.target, recipe=setpoints[0].recipe, gain=put.gain)
    return OneInput(_law(regulator, aim))


def _law(it: Regulator, aim: Aim) -> Law:
    dead_s, tau_s, every_s = it.dead_s, it.disturbance_s, it.every_s
    match it.law:
        case "double_ewma":
            return DoubleEwma(
                aim, dead_samples=math.ceil(dead_s / every_s), weight=it.weight, drift_weight=it.trend_weight,
                period_s=every_s, disturbance_s=tau_s,
            )  # fmt: skip
        case "pi":
            return SimcPi(aim, dead_s=dead_s, period_s=every_s, lag_s=it.inputs[0].lag_s, disturbance_s=tau_s)
        case "smith":
            return SmithPredictor(aim, dead_s=dead_s, disturbance_s=tau_s, period_s=every_s)
        case "pulse_and_wait":
            return PulseAndWait(
                aim, dead_s=dead_s, disturbance_s=tau_s, period_s=every_s,
                weight=it.weight, resolution=it.dead_band / abs(aim.gain) / 4.0,
            )  # fmt: skip
        case _:
            return Ewma(
                aim, dead_s=dead_s, disturbance_s=tau_s, weight=it.weight, period_s=every_s, mean_s=it.lasting_s
            )
