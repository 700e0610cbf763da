"""What a scenario says about the coater."""

from __future__ import annotations

from dataclasses import dataclass, field

from cellsim.plant.disturbances import Disturbances
from cellsim.plant.edge_dam import EdgeDam
from cellsim.plant.schedule import Schedule


@dataclass(frozen=True)
class CoaterSettings:
    """The coater of one scenario.

    Attributes:
        seed: of everything random.
        speed_m_s: of the web, nominal.
        edge: model of the edge dams.
        background_per_m: normal rate per class, over all its sides, of all but the edge spurs, 1/m.
        schedule: episodes and planned objects.
        disturbances: what else happens to the line.
        cap: highest rate of the classes with upsets, as a multiple of their normal rate.
        drying: whether the oven's web is followed; without it all dry rates stand at the recipe.
    """

    seed: int
    speed_m_s: float
    edge: EdgeDam
    background_per_m: dict[str, float] = field(default_factory=dict)
    schedule: Schedule = field(default_factory=Schedule)
    disturbances: Disturbances = field(default_factory=Disturbances)
    cap: float = 25.0
    drying: bool = True
