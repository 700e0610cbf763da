"""Physics of the coater: pure and steppable, no wall clock inside, seeded."""

from cellsim.plant.blade import Blade
from cellsim.plant.coater import Coater, CoaterSettings, Step
from cellsim.plant.edge_dam import EdgeDam, deficit_for_rate
from cellsim.plant.field import DefectField, Point
from cellsim.plant.film import FilmGauge, film_weight
from cellsim.plant.schedule import Episode, Pattern, Planned, Schedule

__all__ = [
    "Blade",
    "Coater",
    "CoaterSettings",
    "DefectField",
    "EdgeDam",
    "Episode",
    "FilmGauge",
    "Pattern",
    "Planned",
    "Point",
    "Schedule",
    "Step",
    "deficit_for_rate",
    "film_weight",
]
