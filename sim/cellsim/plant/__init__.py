"""Physics of the coater: pure and steppable, no wall clock inside, seeded."""

from cellsim.plant.blade import Blade
from cellsim.plant.causes import RandomCauses
from cellsim.plant.coater import Coater, Made, Step
from cellsim.plant.coater_settings import CoaterSettings
from cellsim.plant.defects import CLASSES, DEFECT_NAMES, IN_CONTROL_PER_M
from cellsim.plant.disturbances import Disturbances, Slowdown, SlurryDisturbances
from cellsim.plant.edge_dam import EdgeDam, deficit_for_rate
from cellsim.plant.field import Candidate, DefectField
from cellsim.plant.film import FilmGauge, film_weight
from cellsim.plant.schedule import Episode, Pattern, Planned, Schedule
from cellsim.plant.setpoints import Setpoints

__all__ = [
    "CLASSES",
    "DEFECT_NAMES",
    "IN_CONTROL_PER_M",
    "Blade",
    "Candidate",
    "Coater",
    "CoaterSettings",
    "DefectField",
    "Disturbances",
    "EdgeDam",
    "Episode",
    "FilmGauge",
    "Made",
    "Pattern",
    "Planned",
    "RandomCauses",
    "Schedule",
    "Setpoints",
    "Slowdown",
    "SlurryDisturbances",
    "Step",
    "deficit_for_rate",
    "film_weight",
]
