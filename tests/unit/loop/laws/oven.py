"""Zones 2–8 of a drying oven for the tests: sensitivities of residual solvent, shared air, a limit on solvent in it."""

from __future__ import annotations

from typing import Any

import numpy as np

from cellctl.loop.adjust.laws import MpcCosts, MpcInput, MpcModel, PredictiveLaw, VectorSample
from cellctl.loop.adjust.laws.mpc_state import MpcState

RECIPE_C = (95.0, 105.0, 110.0, 115.0, 120.0, 120.0, 115.0)
RESIDUAL_PER_5_C = (-0.09, -0.11, -0.12, -0.13, -0.13, -0.15, -0.16)  # g/m²
PERIOD_S = 30.0
SPAN_C, RATE_C = 10.0, 1.5
TARGET, SPEC = 0.34, 0.6  # g/m²
LEL_PERCENT, LEL_PER_C = 15.0, 0.3


def model(**more):
    zones = zip(RECIPE_C, RESIDUAL_PER_5_C, (2, 2, 1, 1, 1, 1, 0), strict=True)
    inputs = tuple(
        MpcInput(
            recipe, recipe - SPAN_C, recipe + SPAN_C, RATE_C, effect / 5.0,
            acts_after=0, seen_after=web, lag=3.0, limit_gains=(LEL_PER_C,),
        ) for recipe, effect, web in zones
    )  # fmt: skip
    settings: dict[str, Any] = {"at_most": SPEC, "limits": (25.0,), "neighbours": 15.0, "coupling": 0.07}
    return MpcModel(inputs, TARGET, **(settings | more))


def law(plan_of=None, disturbance_s=float("inf"), **more):
    return PredictiveLaw(plan_of or model(), MpcCosts(0.1), period_s=PERIOD_S, disturbance_s=disturbance_s, **more)


class Oven:
    """The plant, which is the model here, with a law at its set-points."""

    def __init__(self, controller, plant=None):
        self.law, self.model = controller, plant or model()
        self.state = MpcState(self.model, 1)
        self.history = [RECIPE_C] * 8
        self.residual, self.lel = [], []

    @property
    def setpoints(self):
        return np.array(self.history[8:])

    def run(self, samples, residual=0.0, lel=0.0, frozen=False):
        for _ in range(samples):
            self.state.advance(np.array(self.history[-1]) - RECIPE_C)
            held, near = self.state.free()
            self.residual.append(TARGET + float(held[0]) + residual)
            self.lel.append(LEL_PERCENT + float(near[0][0]) + lel)
            delayed = tuple(self.history[-1 - each.seen_after][zone] for zone, each in enumerate(self.model.inputs))
            sample = VectorSample(self.residual[-1], delayed, self.history[-1], (self.lel[-1],))
            self.history.append(self.law.update(sample, frozen=frozen))
        return self
