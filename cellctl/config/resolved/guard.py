"""What the guard is told before the first proposal."""

from __future__ import annotations

import msgspec


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
        drift: largest net distance from the recipe value.
        resolution: value of the least significant bit on the wire; in-force tolerance is half of it.
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


class GuardRules(msgspec.Struct, frozen=True):
    """Everything the guard needs to know before the first proposal.

    Attributes:
        setpoints: one entry per guarded set-point.
        safe_state: `recipe` (ramp to the recipe) or `hold` (stay where it is).
        proposal_age_s: a proposal older than this when it arrives is refused.
        evidence_age_s: exposure of the deciding object may be no older than this.
        input_age_s: plant values older than this are not Good enough to act on.
        loops: loop or regulator with authority to write → the tags that it may move.
        state_age_s: when the cell's state is older than this, nothing more is accepted and the set-points go to the
            safe state.
        recipes: product → its set-points, of a cell that makes several; `setpoints` are those that it starts with.
    """

    setpoints: tuple[Setpoint, ...]
    safe_state: str
    proposal_age_s: float
    evidence_age_s: float
    input_age_s: float
    loops: dict[str, tuple[str, ...]]
    state_age_s: float = 1.0
    recipes: dict[str, tuple[Setpoint, ...]] = {}

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
