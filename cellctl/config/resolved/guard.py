"""What the guard is told before the first proposal."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class DriftOver(StrEnum):
    """What a drift budget counts."""

    RECIPE = "recipe"
    """The net distance from the recipe's value."""
    LOT = "lot"
    """The net change since the lot began."""
    RUNNING = "running"
    """The largest net change within so many hours of running."""


class Setpoint(msgspec.Struct, frozen=True):
    """The guard's rules for one set-point, in the tag's unit.

    Attributes:
        tag: `<device>.<name>`.
        unit: unit of all values below.
        recipe: value of the recipe.
        minimum: lowest value allowed.
        maximum: highest value allowed.
        slew_per_s: fastest change of a ramp, unit per second.
        per_event: largest distance of one move.
        drift: largest net change that `drift_over` counts.
        resolution: value of the least significant bit on the wire; in-force tolerance is half of it.
        drift_over: what the drift budget counts.
        drift_window_s: running time over which `DriftOver.RUNNING` counts, s.
        cool_down_s: running time from the end of a move to the next step, s.
        tries: steps that may begin within `tries_window_s`; 0: any number.
        tries_window_s: running time, s.
        safe: value of the safe state; None: it stays where it is.
    """

    tag: str
    unit: str
    recipe: float
    minimum: float
    maximum: float
    slew_per_s: float
    per_event: float
    drift: float
    resolution: float
    drift_over: DriftOver = DriftOver.RECIPE
    drift_window_s: float = 0.0
    cool_down_s: float = 0.0
    tries: int = 0
    tries_window_s: float = 0.0
    safe: float | None = None

    @property
    def lowest(self) -> float:
        """The lowest value that a move away from the recipe may ask for, whatever has been used of the budgets."""
        return max(self.minimum, self.recipe - self.drift) if self.drift_over is DriftOver.RECIPE else self.minimum

    @property
    def highest(self) -> float:
        """The highest value that a move away from the recipe may ask for, whatever has been used of the budgets."""
        return min(self.maximum, self.recipe + self.drift) if self.drift_over is DriftOver.RECIPE else self.maximum


class GuardRules(msgspec.Struct, frozen=True):
    """Everything the guard needs to know before the first proposal.

    Attributes:
        setpoints: one entry per guarded set-point.
        proposal_age_s: a proposal older than this when it arrives is refused.
        evidence_age_s: exposure of the deciding object may be no older than this.
        input_age_s: plant values older than this are not Good enough to act on.
        loops: loop or regulator with authority to write → the tags that it may move.
        state_age_s: when the cell's state is older than this, nothing more is accepted and the set-points go to the
            safe state.
        recipes: product → its set-points, of a cell that makes several; `setpoints` are those that it starts with.
        trip: so many breaches of the envelope trip a loop.
        trip_within_s: when they come within this time.
    """

    setpoints: tuple[Setpoint, ...]
    proposal_age_s: float
    evidence_age_s: float
    input_age_s: float
    loops: dict[str, tuple[str, ...]]
    state_age_s: float = 1.0
    recipes: dict[str, tuple[Setpoint, ...]] = {}
    trip: int = 3
    trip_within_s: float = 60.0

    def table(self, product: str) -> tuple[Setpoint, ...]:
        """The set-points while that product is made; none for a product that nobody configured."""
        return self.recipes.get(product, ()) if product and self.recipes else self.setpoints

    def with_product(self, product: str) -> GuardRules:
        """The same rules with that product's set-points."""
        return msgspec.structs.replace(self, setpoints=self.table(product))

    def of_device(self, device: str) -> GuardRules:
        """The same rules for the set-points of one device."""
        mine = f"{device}."

        def own(points: tuple[Setpoint, ...]) -> tuple[Setpoint, ...]:
            return tuple(point for point in points if point.tag.startswith(mine))

        recipes = {product: own(points) for product, points in self.recipes.items()}
        return msgspec.structs.replace(self, setpoints=own(self.setpoints), recipes=recipes)
