"""The laws under study, as the product has them, and two that must be caught."""

from __future__ import annotations

import math

from cellctl.loop.adjust.laws import (
    Aim,
    Ewma,
    Law,
    MpcCosts,
    MpcInput,
    MpcModel,
    PredictiveLaw,
    PulseAndWait,
    Sample,
    SimcPi,
    SmithPredictor,
    VectorSample,
    kalman_weight,
)
from cellsim.study.control_plant import ACTUATOR_S, GAIN, SIGMA, Decide, World

AIM = Aim(target=0.0, recipe=0.0, gain=GAIN)
EWMA_WEIGHT = 0.5
ENVELOPE = 15.0
"""The blade's envelope about the recipe, per cent; the predictive law plans inside it."""
SLEW_PER_S = 2.0
"""The blade's largest slew, per cent per second."""


def ewma(world: World) -> Decide:
    """Delay-compensated EWMA."""
    return _scalar(Ewma(AIM, dead_s=world.theta_s, disturbance_s=world.tau_s, weight=EWMA_WEIGHT))


def pulse(world: World) -> Decide:
    """Pulse-and-wait."""
    return _scalar(_pulse(world, None))


def mpc(world: World) -> Decide:
    """Predictive law with one set-point inside its envelope and slew."""
    one = MpcInput(
        0.0, -ENVELOPE, ENVELOPE, SLEW_PER_S * world.period_s, GAIN, seen_after=world.delay - 1
    )  # the sample after a decision would see its film if the web had no length
    law = PredictiveLaw(
        MpcModel((one,), target=0.0),
        MpcCosts(SIGMA, move=1e-3),
        period_s=world.period_s,
        disturbance_s=world.tau_s,
        weight=_weight(world),
    )

    def decide(sample: Sample, disturbance: float) -> float:  # noqa: ARG001 - it does not know the truth
        return law.update(VectorSample(sample.measurement, (sample.delayed,), (sample.in_force,)))[0]

    return decide


def pi(world: World) -> Decide:
    """SIMC PI."""
    return _scalar(
        SimcPi(AIM, dead_s=world.theta_s, period_s=world.period_s, lag_s=ACTUATOR_S, disturbance_s=world.tau_s)
    )


def smith(world: World) -> Decide:
    """Smith predictor with its robust filter of 0.3 θ."""
    return _scalar(
        SmithPredictor(AIM, dead_s=world.theta_s, disturbance_s=world.tau_s, period_s=world.period_s, lag_s=ACTUATOR_S)
    )


def ewma_without_prediction(world: World) -> Decide:
    """Control: g = 1, as if a disturbance stayed for ever."""
    return _scalar(Ewma(AIM, dead_s=world.theta_s, disturbance_s=math.inf, weight=EWMA_WEIGHT))


def pulse_without_prediction(world: World) -> Decide:
    """Control: g = 1."""
    return _scalar(_pulse(world, 1.0))


def oracle(world: World) -> Decide:  # noqa: ARG001 - it needs no model
    """Control: looks at the disturbance of the film that is being made, which no gauge can."""

    def decide(sample: Sample, disturbance: float) -> float:  # noqa: ARG001 - it needs no gauge
        return -disturbance / GAIN

    return decide


def _pulse(world: World, prediction: float | None) -> PulseAndWait:
    return PulseAndWait(
        AIM,
        dead_s=world.theta_s,
        disturbance_s=world.tau_s,
        period_s=world.period_s,
        weight=_weight(world),
        prediction=prediction,
    )


def _weight(world: World) -> float:
    return kalman_weight(world.noise_of_sample, SIGMA, period_s=world.period_s, disturbance_s=world.tau_s)


def _scalar(law: Law) -> Decide:
    def decide(sample: Sample, disturbance: float) -> float:  # noqa: ARG001 - it does not know the truth
        return law.update(sample)

    return decide
