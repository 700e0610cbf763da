"""The part of a scenario that says what disturbs the line; everything but the viscosity is off unless it is written."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from cellctl.config.checking.validation import Section
from cellctl.units import Fraction, Metres, MetresPerSecond, Millimetres, Seconds
from cellsim.plant.causes import RandomCauses
from cellsim.plant.disturbances import Disturbances, Slowdown, SlurryDisturbances

Share = Annotated[Fraction, Field(ge=0, le=1)]
Duration = Annotated[Seconds, Field(gt=0)]
Small = Annotated[Millimetres, Field(ge=0, le=50)]
_HOUR_S = 3600.0


class ViscositySection(Section):
    """A slow wander; `film` says whether it reaches the film's thickness or defect rates alone."""

    sigma: Share = 0.04
    tau: Duration = 900.0
    film: bool = False


class SolidsSection(Section):
    """Evaporation from the slurry raises the mass fraction of its solids by `rise` an hour."""

    rise: Share = 0.003


class BatchSection(Section):
    """Batches of slurry last from `shortest` to `longest` and differ in viscosity and solids (standard deviations)."""

    shortest: Duration = 2 * _HOUR_S
    longest: Duration = 4 * _HOUR_S
    viscosity: Share = 0.10
    solids: Share = 0.003


class FoilSection(Section):
    """Coils from `shortest` to `longest`, spliced; lots differ in thickness by up to ±2 %."""

    shortest: Annotated[Metres, Field(gt=0)] = 3000.0
    longest: Annotated[Metres, Field(gt=0)] = 6000.0


class WearSection(Section):
    """The lip wears by `per_1000_km` and has worn by `now` when the line starts."""

    per_1000_km: Small = 0.035
    now: Small = 0.0


class SlowdownSection(Section):
    """Every so often the web slows down `to` a speed, stays there, and speeds up again; each ramp takes `over`."""

    every: Duration = _HOUR_S
    to: Annotated[MetresPerSecond, Field(ge=0.1, le=1.67)] = 0.33
    hold: Annotated[Seconds, Field(alias="for", ge=0)] = 60.0
    over: Duration = 30.0

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.hold + 2 * self.over >= self.every:
            raise ValueError("expected `every` to be longer than `for` and two times `over`")
        return self


class ChanceSection(Section):
    """Hidden causes by chance: mean time in control between two of a kind (none where not written).

    They last `mean` on average (exponential); their deficit is uniform from `weakest` to `strongest`.
    """

    spurs: Duration | None = None
    craters: Duration | None = None
    cracks: Duration | None = None
    mean: Duration = 300.0
    weakest: Annotated[float, Field(ge=0, le=3)] = 1.28
    strongest: Annotated[float, Field(ge=0, le=3)] = 1.52


class BurstSection(Section):
    """Bursts of agglomerates, which no actuator can mend: mean time between two, how long, how strong."""

    every: Duration = 2 * _HOUR_S
    shortest: Duration = 60.0
    longest: Duration = 600.0
    weakest: Annotated[float, Field(ge=1, le=1000)] = 10.0
    strongest: Annotated[float, Field(ge=1, le=1000)] = 25.0


class DisturbancesSection(Section):
    """What happens to the line; a part that is not written does not happen."""

    viscosity: ViscositySection = ViscositySection()
    solids: SolidsSection | None = None
    batches: BatchSection | None = None
    pool_swing: Small = 0.0
    roll_runout: Small = 0.0
    pump_ripple: Share = 0.0
    wear: WearSection | None = None
    foil: FoilSection | None = None
    slowdowns: SlowdownSection | None = None
    episodes: ChanceSection = ChanceSection()
    bursts: BurstSection | None = None
    streaks: Literal["short", "persistent"] = "short"
    exhaust: Annotated[Fraction, Field(gt=0, le=1)] = 1.0

    def plan(self) -> Disturbances:
        """What the physics needs to know."""
        wear, foil, slow = self.wear, self.foil, self.slowdowns
        return Disturbances(
            slurry=self._slurry(),
            causes=self._causes(),
            pool_mm=self.pool_swing,
            runout_um=1000.0 * self.roll_runout,
            ripple=self.pump_ripple,
            wear_um_per_m=1000.0 * wear.per_1000_km / 1e6 if wear else 0.0,
            worn_um=1000.0 * wear.now if wear else 0.0,
            foil_lots=foil is not None,
            splice_m=(foil.shortest, foil.longest) if foil else None,
            slowdown=Slowdown(slow.every, slow.to, slow.hold, slow.over) if slow else None,
            persistent_streaks=self.streaks == "persistent",
            exhaust=self.exhaust,
        )

    def _slurry(self) -> SlurryDisturbances:
        batch = self.batches
        return SlurryDisturbances(
            viscosity_sigma=self.viscosity.sigma,
            viscosity_tau_s=self.viscosity.tau,
            reaches_film=self.viscosity.film,
            solids_per_h=self.solids.rise if self.solids else 0.0,
            batch_s=(batch.shortest, batch.longest) if batch else None,
            batch_viscosity=batch.viscosity if batch else 0.0,
            batch_solids=batch.solids if batch else 0.0,
        )

    def _causes(self) -> RandomCauses:
        chance, burst = self.episodes, self.bursts or BurstSection()
        return RandomCauses(
            spur_per_h=_per_hour(chance.spurs),
            crater_per_h=_per_hour(chance.craters),
            crack_per_h=_per_hour(chance.cracks),
            mean_s=chance.mean,
            deficit=(chance.weakest, chance.strongest),
            burst_per_h=_per_hour(burst.every if self.bursts else None),
            burst_s=(burst.shortest, burst.longest),
            burst_factor=(burst.weakest, burst.strongest),
        )


def _per_hour(every_s: float | None) -> float:
    return 0.0 if every_s is None else _HOUR_S / every_s
