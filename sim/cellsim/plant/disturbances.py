"""What disturbs the line, each switchable; the defaults are the quiet line with a wandering viscosity alone."""

from __future__ import annotations

from dataclasses import dataclass, field

from cellsim.plant.causes import RandomCauses


@dataclass(frozen=True)
class SlurryDisturbances:
    """Of the slurry.

    Attributes:
        viscosity_sigma: standard deviation of its wander (Ornstein-Uhlenbeck), relative.
        viscosity_tau_s: correlation time of the wander.
        reaches_film: whether viscosity and solids change the film; without it they change defect rates alone.
        solids_per_h: rise of the solids by evaporation, w/w per hour, until the next batch.
        batch_s: shortest and longest life of a batch, uniform; None keeps one batch.
        batch_viscosity: standard deviation of a batch's viscosity, relative.
        batch_solids: standard deviation of a batch's solids, w/w.
    """

    viscosity_sigma: float = 0.04
    viscosity_tau_s: float = 900.0
    reaches_film: bool = False
    solids_per_h: float = 0.0
    batch_s: tuple[float, float] | None = None
    batch_viscosity: float = 0.0
    batch_solids: float = 0.0


@dataclass(frozen=True)
class Slowdown:
    """The web slows down and speeds up again, over and over.

    Attributes:
        every_s: from one to the next.
        to_m_s: speed in between.
        hold_s: how long it stays there.
        ramp_s: how long each ramp takes.
    """

    every_s: float
    to_m_s: float
    hold_s: float
    ramp_s: float


@dataclass(frozen=True)
class Disturbances:
    """All of them.

    Attributes:
        slurry: viscosity, solids, batches.
        causes: episodes and bursts of chance.
        pool_mm: amplitude of the pool level's swing, period 20-60 s.
        runout_um: run-out of the backing roll, amplitude on the gap.
        ripple: of the feed pump, relative amplitude on the feed pressure.
        wear_um_per_m: the lip wears by this much per metre of web; the gap grows with it.
        worn_um: wear when the line starts; the gap was set with it, so it weighs on the edges alone.
        foil_lots: whether foil lots differ in thickness (±2 %), which the film gauge cannot tell from coating.
        splice_m: shortest and longest coil, uniform; None for an endless one.
        slowdown: changes of the web speed, None for a constant one.
        persistent_streaks: a particle stays at the lip for a while (mean 20-120 s) until a purge may free it; else a
            streak is over after its own 0.2-2 m.
        exhaust: share of the exhaust air that the blower still moves (a stuck damper).
    """

    slurry: SlurryDisturbances = field(default_factory=SlurryDisturbances)
    causes: RandomCauses = field(default_factory=RandomCauses)
    pool_mm: float = 0.0
    runout_um: float = 0.0
    ripple: float = 0.0
    wear_um_per_m: float = 0.0
    worn_um: float = 0.0
    foil_lots: bool = False
    splice_m: tuple[float, float] | None = None
    slowdown: Slowdown | None = None
    persistent_streaks: bool = False
    exhaust: float = 1.0
