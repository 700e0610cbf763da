"""A regulator with several set-points: the predictive law, its model made from the configuration."""

from __future__ import annotations

import math
from collections.abc import Sequence

from cellctl.config.resolved import Characteristic, Setpoint
from cellctl.config.resolved.regulator import Regulator, RegulatorInput
from cellctl.loop.adjust.laws.mpc import PredictiveLaw, Source, VectorSample
from cellctl.loop.adjust.laws.mpc_model import MpcInput, MpcModel
from cellctl.loop.adjust.laws.mpc_problem import MpcCosts
from cellctl.loop.adjust.laws.qp import Solve, solve

RAMP_SHARE = 0.8
"""Share of the period that a ramp may take: the guard takes no move while another one runs."""


class SeveralInputs:
    """The predictive law of one regulator.

    The held characteristic is kept below target + tolerance softly; the limits and the envelopes are hard.

    Args:
        regulator: its configuration.
        setpoints: envelopes, in the order of its inputs.
        held: the characteristic.
        speed_m_s: web speed of the recipe, at which the dead times of the prediction hold; what was in force when a
            measured piece was made is found by metres, at any speed.
        solver: solves its problems.
    """

    def __init__(
        self,
        regulator: Regulator,
        setpoints: Sequence[Setpoint],
        held: Characteristic,
        speed_m_s: float,
        solver: Solve = solve,
    ) -> None:
        pairs = zip(regulator.inputs, setpoints, strict=True)
        model = MpcModel(
            inputs=tuple(_input(put, point, regulator, held, speed_m_s) for put, point in pairs),
            target=held.target,
            at_most=held.target + held.tolerance,
            limits=tuple(limit.at_most for limit in regulator.limits),
            neighbours=regulator.neighbours or math.inf,
            coupling=regulator.coupling,
        )
        self.fallbacks = 0
        self.law = PredictiveLaw(
            model, MpcCosts(tolerance=held.tolerance), period_s=regulator.every_s,
            disturbance_s=regulator.disturbance_s, weight=regulator.weight, solver=solver,
        )  # fmt: skip

    def decide(
        self,
        measured: float,
        delayed: Sequence[float],
        in_force: Sequence[float],
        limited: Sequence[float] = (),
        *,
        frozen: bool,
    ) -> tuple[float, ...]:
        """The first move of the plan."""
        sample = VectorSample(measured, tuple(delayed), tuple(in_force), tuple(limited))
        targets = self.law.update(sample, frozen=frozen)
        if not frozen and self.law.source is not Source.SOLVED:
            self.fallbacks += 1
        return targets

    def hand_over(self, in_force: Sequence[float]) -> None:
        """Go on from these values."""
        self.law.hand_over(tuple(in_force))


def _input(
    put: RegulatorInput, point: Setpoint, regulator: Regulator, held: Characteristic, speed_m_s: float
) -> MpcInput:
    way_s = (held.station_m - put.acts_at_m) / speed_m_s
    return MpcInput(
        recipe=point.recipe,
        low=point.lowest,
        high=point.highest,
        rate=min(point.per_event, RAMP_SHARE * point.slew_per_s * regulator.every_s),
        gain=put.gain,
        acts_after=math.ceil(put.delay_s / regulator.every_s),  # late rather than early: more is still to come
        seen_after=round(way_s / regulator.every_s),
        lag=put.lag_s / regulator.every_s,
        limit_gains=tuple(limit.gains.get(put.tag, 0.0) for limit in regulator.limits),
    )
