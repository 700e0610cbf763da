"""Defect classes of the coater: where each arises, on which sides, and what raises or lowers its rate.

`λ = λ0·exp(Σ b·z + c·z²)` with the deviations z of the moment. A burr of the foil comes from
the slitter, and is absent.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from cellctl.model.web import Side
from cellsim.plant.constants import OVEN_ENTRY_MM, OVEN_EXIT_MM, RECIPE_GAP_UM, ZONE_MM

BOTH = (Side.LEFT, Side.RIGHT)
NOWHERE = (Side.NONE,)
SPUR = "coat_edge_spur"
STREAK = "streak"
AGGLOMERATE = "agglomerate"
CRATER = "crater"
CRACK = "crack"


class Deviations(NamedTuple):
    """How far the process is off its recipe, in the units of the table.

    Attributes:
        load: of the blade, per +5 %; of the side where the defect belongs to one, else the mean.
        speed: of the web, per +5 %.
        viscosity: of the slurry, per +10 %.
        early: dry rate that the material saw in zones 1-3, per +10 %.
        mid: likewise in zones 4-6.
        late: over-drying; +1 where the residual solvent is half the recipe's, -1 where it is twice.
        film: wet film thickness, per +5 %.
        wear: of the blade, per 35 µm (1000 km).
        gap_over_film: (G/h) over its recipe value.
    """

    load: float = 0.0
    speed: float = 0.0
    viscosity: float = 0.0
    early: float = 0.0
    mid: float = 0.0
    late: float = 0.0
    film: float = 0.0
    wear: float = 0.0
    gap_over_film: float = 1.0


class Effects(NamedTuple):
    """Change of ln λ per unit of each deviation (signs are physical, sizes are choices of this line)."""

    load: float = 0.0
    speed: float = 0.0
    viscosity: float = 0.0
    early: float = 0.0
    mid: float = 0.0
    late: float = 0.0
    film: float = 0.0
    wear: float = 0.0
    late_squared: float = 0.0
    shape: float = 0.0

    def of(self, z: Deviations) -> float:
        """Sum of all terms."""
        linear = (
            self.load * z.load
            + self.speed * z.speed
            + self.viscosity * z.viscosity
            + self.early * z.early
            + self.mid * z.mid
            + self.late * z.late
            + self.film * z.film
            + self.wear * z.wear
        )
        return linear + self.late_squared * z.late * z.late + self.shape * math.log(z.gap_over_film)


class DefectClass(NamedTuple):
    """One class.

    Attributes:
        stream: number of its field; a class with sides also takes the next one.
        sides: where it arises.
        born_mm: it comes to be when its material is this far behind the blade (0: at the blade).
        effects: on its rate.
        fixable: whether an actuator of the line can lower its rate.
    """

    stream: int
    effects: Effects
    sides: tuple[Side, ...] = NOWHERE
    born_mm: float = 0.0
    fixable: bool = True


_AFTER_ZONE_3 = OVEN_ENTRY_MM + 3 * ZONE_MM
_AFTER_ZONE_6 = OVEN_ENTRY_MM + 6 * ZONE_MM

CLASSES: dict[str, DefectClass] = {
    # The load's own effect on spurs is in the edge dam's model, which takes the place of a log-linear term.
    SPUR: DefectClass(1, Effects(speed=0.20, viscosity=0.15, wear=1.0), BOTH),
    STREAK: DefectClass(3, Effects(load=0.15, viscosity=0.05)),
    AGGLOMERATE: DefectClass(4, Effects(viscosity=0.10), fixable=False),
    "dust": DefectClass(5, Effects(), fixable=False),
    "blotch": DefectClass(6, Effects(), fixable=False),
    "heavy_edge": DefectClass(8, Effects(load=-0.20, speed=-0.05, viscosity=-0.10, shape=0.5), BOTH),
    "pinhole": DefectClass(10, Effects(load=-0.05, speed=0.25, viscosity=0.20)),
    CRATER: DefectClass(11, Effects(early=0.35, mid=0.10, film=0.1), born_mm=_AFTER_ZONE_3),
    CRACK: DefectClass(12, Effects(early=0.10, mid=0.40, late=0.10, film=0.3), born_mm=_AFTER_ZONE_6),
    "delamination": DefectClass(13, Effects(early=0.05, mid=0.30, late_squared=0.2), born_mm=OVEN_EXIT_MM),
    "bare_foil": DefectClass(14, Effects(load=0.25, speed=0.10, viscosity=0.10)),
    "metal_particle": DefectClass(15, Effects(), fixable=False),
}
"""All classes; `dust` and `blotch` are harmless."""

DEFECT_NAMES = tuple(name for name in CLASSES if name not in {"dust", "blotch"})

IN_CONTROL_PER_M: dict[str, float] = {
    AGGLOMERATE: 0.0032,
    STREAK: 0.0025,
    "pinhole": 0.0010,
    CRATER: 0.0011,
    "heavy_edge": 0.0001,
    "bare_foil": 0.0009,
    CRACK: 0.0006,
    "delamination": 0.0002,
    "metal_particle": 0.0004,
}
"""Rates in control of all classes but the edge spur, over all sides, 1/m: 0.010 in sum, in the proportions
28 agglomerate, 22 streak, 18 pinhole and crater, 8 bare foil, 5 crack, 2 delamination, 4 other. The edge spur has its
own rate per side."""


def gap_over_film(gap_um: float, wet_um: float, recipe_wet_um: float) -> float:
    """(G/h) relative to the recipe, for the height of the heavy edge `h_edge/h = (G/h)^½` (Dobroth and Erwin 1986)."""
    return (gap_um / wet_um) / (RECIPE_GAP_UM / recipe_wet_um)
