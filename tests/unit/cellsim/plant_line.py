"""A coater on the bench, and how to let it run."""

from __future__ import annotations

from cellsim.plant import (
    IN_CONTROL_PER_M,
    Coater,
    CoaterSettings,
    Disturbances,
    EdgeDam,
    Episode,
    Made,
    Schedule,
    Setpoints,
    SlurryDisturbances,
)

RECIPE = Setpoints.recipe()
EDGE = EdgeDam(normal_per_m=0.01, cap=25)
STILL = Disturbances(slurry=SlurryDisturbances(viscosity_sigma=0.0))


def coater(
    *episodes: Episode,
    seed: int = 1,
    disturbances: Disturbances = STILL,
    background: dict[str, float] | None = None,
    drying: bool = False,
) -> Coater:
    rates = IN_CONTROL_PER_M if background is None else background
    return Coater(
        CoaterSettings(seed, 1.0, EDGE, dict(rates), Schedule(episodes), disturbances=disturbances, drying=drying)
    )


def run(line: Coater, seconds: float, setpoints: Setpoints = RECIPE, step_s: float = 0.1) -> list[Made]:
    made: list[Made] = []
    for _ in range(round(seconds / step_s)):
        made.extend(line.advance(step_s, setpoints).made)
    return made
